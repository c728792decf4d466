"""What install and uninstall do with start files that users, tools and other versions change in between."""

from __future__ import annotations

import os
import shutil

import pytest

BEGIN, END = "# >>> goshim >>>", "# <<< goshim <<<"
CONDA = "\n# >>> conda initialize >>>\nexport CONDA=1\n# <<< conda initialize <<<\n"
NVM = '\nexport NVM_DIR="$HOME/.nvm"\n[ -s "$NVM_DIR/nvm.sh" ] && . "$NVM_DIR/nvm.sh"'  # no line break at its end
RUSTUP = '\n. "$HOME/.cargo/env"\n'
FISH = "\nset -gx TOOL 1\n"


def command(machine, *words, code=0, **more):
    done = machine.goshim(*words, **more)
    assert (done.code, b"Traceback" in done.err) == (code, False)
    assert (done.err == b"") == (code == 0)
    return done


def install(machine, **more):
    return command(machine, "install", "--start-file", **more)


def uninstall(machine, **more):
    return command(machine, "uninstall", **more)


def profile(machine, text=None):
    path = machine.home / ".profile"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def home(machine):
    """All files in the home but the launcher and what is stored."""
    found = (path for path in sorted(machine.home.rglob("*")) if path.is_file() or path.is_symlink())
    return [name for name in (str(path.relative_to(machine.home)) for path in found) if ".cache" not in name]


def append(path, text):
    with path.open("a") as file:
        file.write(text)


SHELLS = {  # how a start file is checked, and how a shell is started that reads it
    ".profile": ("sh", ["-n"], ["-lc"]),
    ".bashrc": ("bash", ["-n"], ["-ic"]),
    ".zshrc": ("zsh", ["-f", "-n"], ["-ic"]),
    ".config/fish/config.fish": ("fish", ["-n"], ["-c"]),
}


ENDINGS = {"no line break": "", "line break": "\n", "goes on": " \\\n", "goes on, no": " \\"}
STEPS_OF = {  # to fish a backslash at the very end is an error, with which there is nothing to compare
    f"{name} {title}": (name, ending)
    for name in SHELLS
    for title, ending in ENDINGS.items()
    if not (name.endswith("fish") and ending == " \\")
}


@pytest.mark.parametrize(("name", "ending"), STEPS_OF.values(), ids=STEPS_OF)
def test_after_each_step_a_shell_reads_the_file_and_finds_the_launcher_first(machine, program, name, ending):
    shell, checks, starts = SHELLS[name]
    path = machine.home / name
    first = "set -gx A 1" if name.endswith("fish") else "export A=1"
    machine.put(path, first + ending, mode=0o644)
    env = {"SHELL": f"/bin/{shell}", "TERM": "dumb", "PATH": f"{machine.tools}/bin:/usr/bin:/bin"}
    shutil.rmtree(machine.bin)
    tools = [FISH, FISH.rstrip()] if name.endswith("fish") else [CONDA, NVM, RUSTUP]
    for file in "nvm.sh", "env":
        machine.put(machine.home / {"nvm.sh": ".nvm/nvm.sh", "env": ".cargo/env"}[file], "")
    lines = [first + ending.rstrip("\n")]
    steps = ["install", *tools[:1], "install", *tools[1:], "uninstall", "install", "insert", "install", "uninstall"]
    for step in steps:
        if step == "insert":
            text = path.read_text().replace(END, f"{first}\n{END}")
            path.write_text(text)
            lines.append(first)
        elif step in ("install", "uninstall"):
            install(machine, env=env) if step == "install" else uninstall(machine, env=env)
        else:
            lines += step.removeprefix("\n").split("\n") if path.read_text().endswith("\n") else ["", *step.split("\n")]
            append(path, step)
        checked = machine.call(program(shell), *checks, path)
        assert (checked.err, checked.code) == (b"", 0)
        there = path.read_text().split("\n")
        assert [line for line in there if line in lines and line] == [line for line in lines if line]
        if step == "install":
            line = "command -v go; echo $A"
            shown = machine.call(shell, *starts, line, env=env, start_new_session=True).text.splitlines()
            assert shown[-2:] == [f"{machine.home}/.local/share/goshim/bin/go", "1"]
    assert BEGIN not in path.read_text()


@pytest.mark.parametrize("original", [b"export A=1", b"export A=1\n", b"", None, b"x=1\r\ny=2", b"a\0b\n", b"# \xff"])
def test_what_a_tool_appends_after_the_block_is_a_line_of_its_own(machine, original):
    if original is not None:
        profile(machine, original)
    install(machine)
    append(profile(machine), "export PATH=/opt/x/bin:$PATH\n")
    uninstall(machine)
    separated = original + b"\n" if original and not original.endswith(b"\n") else original or b""
    assert profile(machine).read_bytes() == separated + b"export PATH=/opt/x/bin:$PATH\n"


OPEN = {
    "single quotes": ("echo a\necho 'b\n", ".bashrc"),
    "double quotes": ('x="b', ".profile"),
    "a here-document": ("cat >/dev/null <<EOF\ntext\n", ".profile"),
    "an if": ("if true; then\n", ".bashrc"),
    "a list": ("true &&\n", ".zshrc"),
    "quotes of zsh": ("x='", ".zshrc"),
    "an if of fish": ("if true\n", ".config/fish/config.fish"),
}


@pytest.mark.parametrize("case", OPEN)
def test_a_file_that_ends_inside_something_is_not_written(machine, program, case):
    text, name = OPEN[case]
    program({"zshrc": "zsh", "fish": "fish"}.get(name.rpartition(".")[2], "bash"))
    path = machine.put(machine.home / name, text, mode=0o644)
    other = machine.put(machine.home / ".bash_profile", "# mine\n", mode=0o644)
    done = command(machine, "install", "--start-file", code=2)
    assert path.read_text() == text
    assert f"{path}: not changed" in done.message
    assert "by hand" in done.message
    assert BEGIN in other.read_text()  # the others are written all the same
    assert f"{name}.before-goshim" not in home(machine)
    uninstall(machine)
    assert (path.read_text(), other.read_text()) == (text, "# mine\n")


def test_an_error_further_up_is_reported_and_the_file_is_written(machine):
    profile(machine, "x=1)\n")
    done = install(machine)
    assert f"bash -n {profile(machine)}" in done.text
    uninstall(machine)
    assert profile(machine).read_text() == "x=1)\n"


def test_a_block_that_is_all_there_is_in_an_if_is_not_taken_out_of_it(machine):
    install(machine)
    text = f"if true; then\n{profile(machine).read_text()}fi\n"
    profile(machine, text)
    done = command(machine, "uninstall", code=2)
    assert profile(machine).read_text() == text
    assert f"{profile(machine)}: goshim's block is still there" in done.message


def test_uninstall_finds_blocks_that_install_would_no_longer_write(machine):
    (machine.home / "z").mkdir()
    machine.put(machine.home / ".bash_login", "# mine\n", mode=0o644)
    before = home(machine)
    env = {"ZDOTDIR": machine.home / "z", "XDG_CONFIG_HOME": machine.home / "c"}
    install(machine, env={**env, "SHELL": "/bin/zsh"})
    install(machine, env={**env, "SHELL": "/bin/fish"})
    install(machine, env={"SHELL": "/bin/fish"})
    install(machine, env={"SHELL": "/bin/bash"})
    written = {"z/.zshrc", "c/fish/config.fish", ".config/fish/config.fish", ".bashrc", ".profile"}
    assert written <= set(home(machine))
    uninstall(machine, env={"SHELL": "/bin/sh"})
    assert home(machine) == before


def test_uninstall_removes_a_block_that_0_1_0_wrote(machine):
    for name, text in (".profile", "x=1"), (".bashrc", ""), (".zshrc", "x=1\n"):
        added = f"\n{BEGIN} (the line break before this is goshim's too)" if text == "x=1" else BEGIN
        note = "# Written by goshim install --start-file; goshim uninstall removes it."
        line = """case "$PATH:" in '/d':*) ;; *) PATH='/d':"$PATH"; export PATH ;; esac"""
        machine.put(machine.home / name, f"{text}{added}\n{note}\n{line}\n{END}\n", mode=0o644)
        if text:
            machine.put(machine.home / f"{name}.before-goshim", text, mode=0o644)
    for has_upgrade in False, True:
        if has_upgrade:
            install(machine)
        uninstall(machine)
        assert home(machine) == [".profile", ".zshrc"]
        assert (profile(machine).read_text(), (machine.home / ".zshrc").read_text()) == ("x=1", "x=1\n")


def test_a_damaged_block_costs_no_line_of_others_and_is_reported(machine):
    profile(machine, "one\n")
    install(machine)
    text = profile(machine).read_text().replace(f"{END}\n", "two\n") + "three\n"
    profile(machine, text)
    done = uninstall(machine)
    assert profile(machine).read_text() == "one\ntwo\nthree\n"
    assert "markers was missing" in done.text


def test_lines_that_others_put_into_the_block_stay_and_are_counted(machine):
    profile(machine, "one\n")
    install(machine)
    profile(machine, profile(machine).read_text().replace(END, f"two\n{END}"))
    assert "1 line" in uninstall(machine).text
    assert profile(machine).read_text() == "one\ntwo\n"


def test_an_old_backup_is_neither_overwritten_nor_put_back(machine):
    profile(machine, "first\n")
    install(machine)
    append(profile(machine), "second\n")
    done = uninstall(machine)
    backup = machine.home / ".profile.before-goshim"
    assert f"left: {backup}" in done.text
    for _ in range(2):
        install(machine)
        assert (machine.home / ".profile.before-goshim.2").read_text() == "first\nsecond\n"
        uninstall(machine)
        assert (profile(machine).read_text(), backup.read_text()) == ("first\nsecond\n", "first\n")
        assert home(machine) == [".profile", ".profile.before-goshim"]


LINKS = {  # where ~/.profile leads, whether that is written, and what is left of the target after uninstall
    "a file": ("dotfiles/profile", True, b"x=1"),
    "nothing in a directory": ("dotfiles/none", True, None),
    "nothing in no directory": ("none/profile", False, None),
    "itself": (".profile", False, None),
    "a FIFO": ("fifo", False, None),
}


@pytest.mark.parametrize("case", LINKS)
def test_a_link_stays_a_link_and_what_it_leads_to_is_as_before(machine, case):
    target, is_written, left = LINKS[case]
    machine.put(machine.home / "dotfiles/profile", "x=1", mode=0o640)
    os.mkfifo(machine.home / "fifo")
    profile(machine).symlink_to(target)
    command(machine, "install", "--start-file", code=0 if is_written else 2)
    assert os.readlink(profile(machine)) == target
    assert (machine.home / target).is_file() == is_written
    uninstall(machine)
    assert os.readlink(profile(machine)) == target
    assert ((machine.home / target).read_bytes() if (machine.home / target).is_file() else None) == left
    assert set(home(machine)) == {".profile", "dotfiles/profile"}


def test_one_file_with_two_names_gets_one_block(machine):
    profile(machine, "x=1\n")
    (machine.home / ".bashrc").symlink_to(".profile")
    install(machine)
    assert profile(machine).read_text().count(BEGIN) == 1
    assert "unchanged" in install(machine).text
    uninstall(machine)
    assert profile(machine).read_text() == "x=1\n"


def test_a_directory_for_a_start_file_has_no_block(machine):
    profile(machine).mkdir()
    command(machine, "install", "--start-file", code=2)
    uninstall(machine)
    assert profile(machine).is_dir()
