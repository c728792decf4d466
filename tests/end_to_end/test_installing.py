"""The launcher's place, and the start files that put it first on PATH: written once, and exactly undone."""

from __future__ import annotations

import os
import re
import stat
import sys
from pathlib import Path

import pytest

from goshim.base import own_directory
from goshim.launcher.install import install as install_into
from goshim.launcher.install import uninstall as uninstall_from
from goshim.plan import seal
from goshim.plan.seal import TOKENS_MODE
from tests.end_to_end.machine import CHECKOUT, COMMAND, with_baked

BLOCK = "# >>> goshim >>>"
ORIGINALS = {
    "plain": b"alias x=y\n",
    "no last newline": b"alias x=y",
    "empty": b"",
    "only newlines": b"\n\n",
    "no text": b"# \xff\xfe\r\nalias x=y\r\n",
    "a block of others": b"# >>> conda >>>\nx=1\n# <<< conda <<<\n",
}


def ours(machine):
    return machine.home / ".local/share/goshim/bin/go"


def files(machine):
    """Every file in the home, by bytes, mode and where it links to; less what is stored."""
    found = {}
    for path in sorted(machine.home.rglob("*")):
        if path.is_file() and ".cache" not in path.parts:
            link = os.readlink(path) if path.is_symlink() else None
            found[str(path.relative_to(machine.home))] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode), link)
    return found


def token(launcher):
    """The token that a launcher's text holds."""
    return re.search(rb"token=([0-9a-f]{32}) tokens=''", launcher)[1]


def install(machine, *more, **options):
    done = machine.goshim("install", *more, **options)
    assert (done.err, done.code) == (b"", 0)
    return done


def uninstall(machine, *more, **options):
    done = machine.goshim("uninstall", *more, **options)
    assert (done.err, done.code) == (b"", 0)
    return done


def test_install_places_a_real_file_and_tells_the_one_line(machine):
    done = install(machine)
    assert ours(machine).is_file()
    assert not ours(machine).is_symlink()
    assert stat.S_IMODE(ours(machine).stat().st_mode) == 0o700
    line = done.text.splitlines()[-1].strip()
    shown = machine.call("/bin/sh", "-c", f"{line}\n{line}\ncommand -v go; echo $PATH")
    assert shown.text.splitlines() == [str(ours(machine)), f"{ours(machine).parent}:{machine.env['PATH']}"]
    assert machine.call(ours(machine), "exit", "6").code == 6
    assert list(files(machine)) == [".local/share/goshim/bin/go"]
    uninstall(machine)
    assert files(machine) == {}
    assert not ours(machine).parent.exists()
    uninstall(machine)


@pytest.mark.parametrize("name", ["with space", "it's", 'a"b', "$HOME", "ü", "a;b&c", "back\\slash"])
def test_a_launcher_works_and_goes_first_from_any_directory(machine, program, name):
    place = machine.root / name
    machine.put(machine.config, f'[toolchain]\ngo = "{machine.tools}/bin/go"\n')  # login shells set PATH anew
    before = files(machine)
    install(machine, "--dir", place, "--start-file", env={"SHELL": "/bin/bash"})
    (machine.home / ".config/fish").mkdir(parents=True)
    install(machine, "--dir", place, "--start-file", env={"SHELL": "/usr/bin/fish"})
    for shell in (["bash", "-lc"], ["fish", "-c"]):
        done = machine.call(program(shell[0]), *shell[1:], "go exit 6")
        assert (done.out, done.err, done.code) == (b"", b"", 6)
        assert f"{place}/go" in machine.call(shell[0], *shell[1:], "command -v go").text
    uninstall(machine, "--dir", place)
    assert files(machine) == before


@pytest.mark.parametrize("place", ["a:b", "a\nb"])
def test_a_directory_that_path_cannot_hold_is_refused(machine, place):
    done = machine.goshim("install", "--dir", place)
    assert (done.out, done.code, b"Traceback" in done.err) == (b"", 2, False)


def test_install_replaces_no_go_that_is_not_goshims(machine):
    done = machine.goshim("install", "--dir", machine.tools / "bin")
    assert (done.code, b"not goshim's" in done.err or b"already" in done.err) == (2, True)
    assert machine.goshim("uninstall", "--dir", machine.tools / "bin").code == 2
    assert machine.go("exit", "3").code == 3
    (machine.root / "d").mkdir()
    (machine.root / "d/go").symlink_to("nothing")
    assert machine.goshim("install", "--dir", machine.root / "d").code == 2
    machine.put(machine.root / "file", "")
    assert machine.goshim("install", "--dir", machine.root / "file").code == 2


def test_install_again_is_an_upgrade_in_place(machine):
    install(machine)
    before = ours(machine).read_bytes()
    assert machine.call(ours(machine)).code == 0
    assert machine.plans()
    ours(machine).write_bytes(before.replace(b"# Variables", b"# Older variables"))
    install(machine)
    assert not machine.plans()
    assert ours(machine).read_bytes() == before
    ours(machine).chmod(0o755)  # others may have read the token
    install(machine)
    again = ours(machine).read_bytes()
    assert (token(again) == token(before), again.replace(token(again), token(before))) == (False, before)
    assert [path.name for path in ours(machine).parent.iterdir()] == ["go"]


@pytest.mark.parametrize("kind", ORIGINALS)
def test_uninstall_gives_start_files_back_byte_for_byte(machine, kind):
    for name in (".profile", ".bashrc", ".zshrc", ".bash_profile", ".config/fish/config.fish"):
        machine.put(machine.home / name, ORIGINALS[kind], mode=0o640)
    before = files(machine)
    install(machine, "--start-file")
    once = files(machine)
    for name, (content, mode, _) in before.items():
        assert once[name][0].startswith(content)
        assert (once[name][0].count(BLOCK.encode()), once[name][1]) == (1, mode)
        if content:
            assert once[f"{name}.before-goshim"][0] == content
    install(machine, "--start-file")
    assert files(machine) == once
    uninstall(machine)
    assert files(machine) == before


def test_start_files_that_were_not_there_are_gone_again(machine):
    install(machine, "--start-file", env={"SHELL": "/bin/zsh"})
    assert {".profile", ".zshrc"} <= set(files(machine))
    uninstall(machine, env={"SHELL": "/bin/zsh"})
    assert files(machine) == {}


def test_what_a_user_wrote_after_the_block_stays(machine):
    profile = machine.put(machine.home / ".profile", "one\n", mode=0o644)
    install(machine, "--start-file")
    with profile.open("a") as file:
        file.write("two")
    uninstall(machine)
    assert profile.read_text() == "one\ntwo"


def test_a_block_is_moved_to_where_the_launcher_is_now(machine):
    install(machine, "--start-file")
    install(machine, "--start-file", "--dir", machine.root / "elsewhere")
    text = (machine.home / ".profile").read_text()
    assert text.count(BLOCK) == 1
    assert f"{machine.root}/elsewhere" in text


def test_a_start_file_that_is_a_link_stays_one(machine):
    kept = machine.put(machine.home / "dotfiles/profile", "one", mode=0o600)
    (machine.home / ".profile").symlink_to("dotfiles/profile")
    before = files(machine)
    install(machine, "--start-file")
    assert (machine.home / ".profile").is_symlink()
    assert BLOCK in kept.read_text()
    uninstall(machine)
    assert files(machine) == before


def test_a_read_only_start_file_keeps_its_mode(machine):
    machine.put(machine.home / ".profile", "one\n", mode=0o444)
    before = files(machine)
    install(machine, "--start-file")
    assert files(machine)[".profile"][1] == 0o444
    uninstall(machine)
    assert files(machine) == before


@pytest.mark.parametrize("kind", ["directory", "link to nowhere"])
def test_a_start_file_that_cannot_be_written_is_told_and_nothing_is_lost(machine, kind):
    if kind == "directory":
        (machine.home / ".profile").mkdir()
    else:
        (machine.home / ".profile").symlink_to(machine.put(machine.root / "file", "") / "profile")
    done = machine.goshim("install", "--start-file")
    assert (done.code, b"Traceback" in done.err, b".profile" in done.err or b"profile" in done.err) == (2, False, True)


START = {
    "sh login": (["sh", "-lc"], "/bin/sh"),
    "bash login": (["bash", "-lc"], "/bin/bash"),
    "bash interactive": (["bash", "-ic"], "/bin/bash"),
    "zsh interactive": (["zsh", "-ic"], "/bin/zsh"),
    "fish": (["fish", "-c"], "/usr/bin/fish"),
    "fish login": (["fish", "-lc"], "/usr/bin/fish"),
}


@pytest.mark.parametrize("kind", START)
@pytest.mark.parametrize("inherited", ["absent", "behind", "first"])
def test_a_shell_that_starts_has_the_launcher_first(machine, program, kind, inherited):
    (command, shell) = START[kind]
    program(command[0])
    machine.put(machine.home / ".bashrc", "# a user's own\n", mode=0o644)
    install(machine, "--start-file", env={"SHELL": shell})
    place = str(ours(machine).parent)
    usual = f"{machine.tools}/bin:/usr/bin:/bin"
    path = {"absent": usual, "behind": f"{usual}:{place}", "first": f"{place}:{usual}"}[inherited]
    env = {"PATH": path, "SHELL": shell, "TERM": "dumb"}
    for line in ("command -v go", f"{command[0]} {command[1]} 'command -v go'"):  # and a shell in it
        shown = machine.call(*command, line, env=env, start_new_session=True)
        assert shown.text.splitlines()[-1:] == [str(ours(machine))]


@pytest.mark.parametrize("files_there", [[".bash_profile"], [".bash_login"], [".profile", ".bash_profile"], []])
def test_a_login_bash_finds_the_launcher_whichever_start_file_it_reads(machine, files_there):
    for name in files_there:
        machine.put(machine.home / name, "# mine\n", mode=0o644)
    install(machine, "--start-file", env={"SHELL": "/bin/bash"})
    assert machine.call("bash", "-lc", "command -v go").text == f"{ours(machine)}\n"


def test_zsh_with_a_directory_of_its_own_and_fish_with_one_are_served(machine, program):
    env = {"ZDOTDIR": machine.home / "z", "XDG_CONFIG_HOME": machine.home / "c", "SHELL": "/bin/zsh"}
    (machine.home / "c/fish").mkdir(parents=True)
    install(machine, "--start-file", env=env)
    for shell, flags in (("zsh", ["-ic"]), ("fish", ["-c"])):
        shown = machine.call(program(shell), *flags, "command -v go", env=env, start_new_session=True)
        assert shown.text.splitlines()[-1:] == [str(ours(machine))]
    uninstall(machine, env=env)
    assert files(machine) == {}


def test_a_start_file_read_twice_or_in_a_strict_shell_does_no_harm(machine):
    install(machine, "--start-file")
    script = 'set -eu; . "$HOME/.profile"; . "$HOME/.profile"; echo "$PATH"'
    wanted = f"{ours(machine).parent}:{machine.env['PATH']}\n"
    assert machine.call("/bin/sh", "-c", script) == (wanted.encode(), b"", 0)


@pytest.mark.parametrize("words", [["install"], ["install", "--start-file"], ["uninstall"]])
@pytest.mark.parametrize("home", [None, "", "relative"])
def test_without_a_home_it_is_told_and_nothing_is_written(sheltered, words, home):
    done = sheltered.goshim(*words, env={"HOME": home})
    assert (done.out, done.code, b"Traceback" in done.err) == (b"", 2, False)
    assert b"--dir" in done.err
    assert list(sheltered.work.iterdir()) == []


def test_start_files_without_a_home_are_not_written_into_the_root(sheltered):
    place = sheltered.root / "elsewhere"
    done = sheltered.goshim("install", "--start-file", "--dir", place, env={"HOME": None})
    assert (done.code, b"Traceback" in done.err) == (2, False)
    assert (b"HOME" in done.err, b"/.profile" in done.err) == (True, False)


def test_uninstall_removes_stored_plans(machine):
    machine.go()
    assert machine.plans()
    uninstall(machine)
    assert not machine.plans()


def test_a_backup_is_as_private_as_the_start_file(machine):
    profile = machine.home / ".profile"
    profile.write_text("export TOKEN=abc\n")
    profile.chmod(0o600)
    assert machine.goshim("install", "--start-file").code == 0
    modes = {path.name: path.stat().st_mode & 0o777 for path in machine.home.glob(".profile*")}
    assert modes == {".profile": 0o600, ".profile.before-goshim": 0o600}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_install_makes_is_for_nobody_else_to_write_whatever_the_umask(machine, umask):
    script = f'umask {umask:o}; exec "$@"'
    words = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), "install"]
    assert machine.call("/bin/sh", "-c", script, "sh", *words).code == 0
    assert machine.call("/bin/sh", "-c", script, "sh", ours(machine), "exit", "6").code == 6
    made = [machine.home / name for name in (".local", ".cache")]
    modes = {path: path.stat().st_mode for top in made for path in (top, *top.rglob("*"))}
    assert [path for path, mode in modes.items() if mode & 0o022] == []
    assert stat.S_IMODE(modes[ours(machine)]) == 0o700
    assert stat.S_IMODE(modes[machine.store]) == 0o1700


@pytest.mark.usefixtures("root_only")
@pytest.mark.parametrize("command", ["install", "off"])
def test_root_writes_nothing_into_the_home_of_another_user(machine, command):
    os.chown(machine.home, 12345, 12345)
    done = machine.goshim(command)
    assert (done.out, done.code) == (b"", 2)
    assert b"belongs to user 12345, and this is root" in done.err
    assert sorted(path.name for path in machine.home.iterdir()) == ["work"]


@pytest.mark.usefixtures("root_only")
def test_a_launcher_that_users_share_holds_no_token_and_the_plans_of_each_user_have_one(machine):
    tokens = machine.root / "tokens"
    tokens.mkdir()
    tokens.chmod(TOKENS_MODE)
    launcher = with_baked(machine.launcher.read_bytes(), token="''", tokens=tokens)
    machine.put(machine.launcher, launcher)
    machine.put(machine.warm_launcher, with_baked(launcher, python="/nonexistent/python"))
    assert machine.go("exit", "6").code == 6
    assert machine.warm("exit", "6") == (b"", b"", 6)
    (own,) = tokens.iterdir()
    assert (own.name, own.stat().st_mode & 0o777) == ("0", 0o600)
    (plan,) = machine.plans()
    assert plan.read_bytes().endswith(b"\n# " + own.read_bytes())
    os.chown(own, 12345, 12345)
    assert not machine.is_warm()
    own.unlink()
    assert not machine.is_warm()  # the plan has the token of before
    assert machine.go("exit", "6").code == 6
    assert machine.is_warm()


@pytest.mark.usefixtures("root_only")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize(("directory", "mode"), [("home/x", 0o700), ("shared/x", 0o755)])
def test_a_launcher_of_roots_outside_of_home_can_be_run_by_all(monkeypatch, tmp_path, umask, directory, mode):
    monkeypatch.setattr(seal, "TOKENS", str(tmp_path / "lib/goshim/tokens"))
    monkeypatch.setattr(own_directory, "is_closed", lambda _: False)  # as pytest's own directories are
    (tmp_path / "home").mkdir()
    before = os.umask(umask)
    try:
        path = Path(install_into(str(tmp_path / directory), "", str(tmp_path / "home")))
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    is_shared = mode == 0o755
    assert bool(seal.directory(str(path))) is is_shared
    assert (tmp_path / "lib").exists() is is_shared
    if is_shared:
        made = [tmp_path / "shared", tmp_path / "shared/x", tmp_path / "lib", tmp_path / "lib/goshim"]
        assert {stat.S_IMODE(each.stat().st_mode) for each in made} == {0o755}
        assert stat.S_IMODE((tmp_path / "lib/goshim/tokens").stat().st_mode) == TOKENS_MODE
    assert uninstall_from(str(path.parent)) == str(path)
    assert not (tmp_path / "lib/goshim").exists()
