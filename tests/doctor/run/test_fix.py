"""Mending: what is the user's own, shown first, whole or not at all, with a way back."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from goshim.base.encoding import to_bytes
from goshim.doctor.engine.finding import Edit, Finding, Remedy
from goshim.doctor.machine.origins import Origin
from goshim.doctor.run import fix

TEXT = "# my start file\nexport A=1  # why\nexport GOROOT='C:\\Go'\n\nexport B=2\n"
OLD = "export GOROOT='C:\\Go'"
NEW = f": # {OLD}"


def finding(*edits: Edit, check: str = "goroot-mismatch") -> Finding:
    return Finding(check, "toolchain", "warn", "said", remedies=(Remedy("comment it out", edits=edits),))


@pytest.fixture
def start_file(tmp_path: Path) -> Path:
    path = tmp_path / ".bashrc"
    path.write_text(TEXT)
    return path


def only_repair(*findings: Finding) -> fix.Repair:
    repairs, refused = fix.plan(findings)
    assert refused == []
    (repair,) = repairs
    return repair


def refusal(*findings: Finding) -> str:
    repairs, refused = fix.plan(findings)
    assert repairs == []
    (reason,) = refused
    return reason


def test_the_diff_is_shown_before_anything_is_written(start_file: Path):
    repair = only_repair(finding(Edit(str(start_file), 3, OLD, NEW)))
    assert repair.checks == ("goroot-mismatch",)
    assert repair.diff.split("\n") == [
        f"--- {start_file}", f"+++ {start_file}", "@@ -3 +3 @@", f"-{OLD}", f"+{NEW}",
    ]  # fmt: skip
    assert os.listdir(start_file.parent) == [".bashrc"]
    assert start_file.read_text() == TEXT


def test_the_line_is_mended_all_else_stays_and_a_backup_is_beside_it(start_file: Path):
    start_file.chmod(0o640)
    os.utime(start_file, (1, 1))
    backup = Path(only_repair(finding(Edit(str(start_file), 3, OLD, NEW))).make())
    assert start_file.read_text() == TEXT.replace(OLD, NEW)
    assert backup.read_text() == TEXT
    assert backup.name.startswith(".bashrc.before-goshim-2")
    assert sorted(os.listdir(start_file.parent)) == sorted([".bashrc", backup.name])
    assert {stat.S_IMODE(path.stat().st_mode) for path in (start_file, backup)} == {0o640}


def test_the_backup_undoes_it(start_file: Path):
    backup = only_repair(finding(Edit(str(start_file), 3, OLD, NEW))).make()
    os.replace(backup, start_file)
    assert start_file.read_text() == TEXT
    assert only_repair(finding(Edit(str(start_file), 3, OLD, NEW))).before == TEXT.encode()


def test_a_second_plan_finds_nothing(start_file: Path):
    edits = finding(Edit(str(start_file), 3, OLD, NEW), Edit(str(start_file), 5, "export B=2", None))
    only_repair(edits).make()
    assert fix.plan([edits]) == ([], [])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("name", ["the file", "the backup"])
def test_roots_mending_leaves_owner_and_group(start_file: Path, monkeypatch, name):
    monkeypatch.setattr(fix, "OF_ROOT", (str(start_file),))
    os.chown(start_file, 1234, 4321)
    start_file.chmod(0o4755)
    backup = only_repair(finding(Edit(str(start_file), 3, OLD, NEW))).make()
    status = os.stat(start_file if name == "the file" else backup)
    assert (status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode)) == (1234, 4321, 0o4755)


@pytest.mark.parametrize(
    ("before", "edit", "after"),
    [
        (b"a\r\nb\r\nc\r\n", Edit("", 2, "b", "# b"), b"a\r\n# b\r\nc\r\n"),
        (b"a\r\nb\r\nc\r\n", Edit("", 2, "b\r", "# b\r"), b"a\r\n# b\r\nc\r\n"),
        (b"a\r\nb\r\nc\r\n", Edit("", 2, "b\r", "b"), b"a\r\nb\nc\r\n"),
        (b"a\r\nb\r\nc\r\n", Edit("", 2, "b", None), b"a\r\nc\r\n"),
        (b"a\nb", Edit("", 2, "b", "B"), b"a\nB"),
        (b"a\nb\n", Edit("", 1, "a", None), b"b\n"),
        (b"\xff\n\x00\xfe\n", Edit("", 2, "\x00\udcfe", "x\udcfe"), b"\xff\nx\xfe\n"),
        (b"\xef\xbb\xbfA=1\n", Edit("", 1, "\ufeffA=1", "A=1"), b"A=1\n"),
        (b"a\x0cb\x1cc\nd\n", Edit("", 2, "d", "D"), b"a\x0cb\x1cc\nD\n"),
    ],
)
def test_all_other_bytes_survive(tmp_path: Path, before, edit, after):
    path = tmp_path / "file"
    path.write_bytes(before)
    only_repair(finding(Edit(str(path), edit.line, edit.old, edit.new))).make()
    assert path.read_bytes() == after


@pytest.mark.parametrize(
    "edit",
    [Edit("", 3, "export GOROOT=other", NEW), Edit("", 2, OLD, NEW), Edit("", 99, OLD, NEW), Edit("", 0, OLD, NEW)],
    ids=str,
)
def test_a_line_that_is_another_by_now_is_left(start_file: Path, edit):
    assert fix.plan([finding(Edit(str(start_file), edit.line, edit.old, edit.new))]) == ([], [])


def test_of_two_edits_of_a_line_the_first_is_made(start_file: Path):
    one = finding(Edit(str(start_file), 3, OLD, NEW))
    two = finding(
        Edit(str(start_file), 3, OLD, "export GOROOT=/x"),
        Edit(str(start_file), 2, "export A=1  # why", None),
        check="other",
    )
    repair = only_repair(one, two)
    assert repair.after.decode() == TEXT.replace(OLD, NEW).replace("export A=1  # why\n", "")
    assert repair.checks == ("goroot-mismatch", "other")


def test_edits_of_many_files_are_a_repair_each(tmp_path: Path):
    paths = [tmp_path / name for name in ("a", "b\udcff")]
    for path in paths:
        Path(os.fsdecode(to_bytes(str(path)))).write_text("x\n")
    repairs, refused = fix.plan([finding(*(Edit(str(path), 1, "x", "y") for path in paths))])
    assert ([repair.path for repair in repairs], refused) == (list(map(str, paths)), [])
    assert [os.path.basename(repair.make())[:2] for repair in repairs] == ["a.", "b\udcff"]
    assert all("\udcff" not in repair.diff for repair in repairs)


def test_a_link_stays_one_and_its_target_is_mended(start_file: Path, tmp_path: Path):
    target = tmp_path / "dotfiles/bashrc"
    target.parent.mkdir()
    start_file.rename(target)
    start_file.symlink_to("dotfiles/bashrc")
    repair = only_repair(finding(Edit(str(start_file), 3, OLD, NEW), Edit(str(target), 5, "export B=2", None)))
    backup = repair.make()
    assert os.readlink(start_file) == "dotfiles/bashrc"
    assert start_file.read_text() == TEXT.replace(OLD, NEW).replace("export B=2\n", "")
    assert os.path.dirname(backup) == str(target.parent)


def test_a_file_that_changed_since_the_diff_was_shown_is_left(start_file: Path):
    repair = only_repair(finding(Edit(str(start_file), 3, OLD, NEW)))
    start_file.write_text(f"{TEXT}export C=3\n")
    with pytest.raises(OSError, match="it has changed meanwhile"):
        repair.make()
    assert start_file.read_text() == f"{TEXT}export C=3\n"
    assert os.listdir(start_file.parent) == [".bashrc"]


def test_what_cannot_be_put_in_place_leaves_no_torn_file(start_file: Path, monkeypatch):
    def fail(*_paths: bytes) -> None:
        raise OSError(28, "No space left on device")

    repair = only_repair(finding(Edit(str(start_file), 3, OLD, NEW)))
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        repair.make()
    assert start_file.read_text() == TEXT
    assert not [name for name in os.listdir(start_file.parent) if name.endswith(".torn")]


def test_another_users_file_is_refused(start_file: Path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: start_file.stat().st_uid + 1)
    assert refusal(finding(Edit(str(start_file), 3, OLD, NEW))) == f"{start_file}: it belongs to another user"


@pytest.mark.parametrize("user", [0, 1000])
def test_a_file_of_the_system_is_refused_and_the_command_told(monkeypatch, user):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    line = Path("/etc/passwd").read_text().split("\n")[0]
    reason = "/etc/passwd: it is the system's; the command told mends it"
    assert refusal(finding(Edit("/etc/passwd", 1, line, "x"))) == reason


def test_wsl_conf_is_for_root_alone(start_file: Path, monkeypatch):
    monkeypatch.setattr(fix, "OF_ROOT", (str(start_file),))
    edit = finding(Edit(str(start_file), 3, OLD, NEW))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert "only root may mend it: sudo goshim doctor --fix" in refusal(edit)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert only_repair(edit).path == str(start_file)


def test_of_etc_root_mends_wsl_conf_and_nothing_else():
    assert fix.OF_ROOT == ("/etc/wsl.conf",)


def test_what_is_no_file_of_one_name_is_refused(start_file: Path, tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "linked").write_text(TEXT)
    os.link(tmp_path / "linked", tmp_path / "other-name")
    reasons = {
        "fifo": "not a regular file", ".": "not a regular file", "loop": "too many levels of symbolic links",
        "gone": "no such file or directory", "linked": "it has other names (hard links), which would keep the old text",
    }  # fmt: skip
    for name, reason in reasons.items():
        path = os.path.normpath(tmp_path / name)
        assert refusal(finding(Edit(str(path), 3, OLD, NEW))) == f"{path}: {reason}"


@pytest.mark.parametrize(("mode", "of_directory"), [(0o000, 0o700), (0o400, 0o700), (0o600, 0o500)])
def test_what_is_kept_from_being_written_is_refused(tmp_path: Path, monkeypatch, mode, of_directory):
    path = tmp_path / "directory/file"
    path.parent.mkdir()
    path.write_text(TEXT)
    path.chmod(mode)
    path.parent.chmod(of_directory)
    if not os.geteuid():  # root may do anything; as its user would see it
        monkeypatch.setattr(os, "access", lambda place, kind: (os.stat(place).st_mode >> 6) & kind == kind)
    assert str(path) in refusal(finding(Edit(str(path), 3, OLD, NEW)))
    path.parent.chmod(0o700)


@pytest.mark.parametrize(
    "line",
    ["export HTTP_PROXY=http://me:hunter2@proxy", "export A_TOKEN='hunter2'", "machine x login me password hunter2"],
)
def test_no_secret_is_in_the_diff(tmp_path: Path, line):
    path = tmp_path / "file"
    path.write_text(f"{line}\n{OLD}\n{line}\n")
    repair = only_repair(finding(Edit(str(path), 2, OLD, NEW), Edit(str(path), 3, line, f"# {line}")))
    assert "hunter2" not in repair.diff
    assert "***" in repair.diff
    repair.make()
    assert path.read_text() == f"{line}\n{NEW}\n# {line}\n"


def test_what_a_file_holds_is_seen_in_the_diff_and_not_obeyed(tmp_path: Path):
    path = tmp_path / "file"
    path.write_bytes(b"a\nGOROOT=\x1b[2J\t\xff\r\n")
    diff = only_repair(finding(Edit(str(path), 2, "GOROOT=\x1b[2J\t\udcff\r", None))).diff
    assert "-GOROOT=\\x1b[2J\t\\udcff\\r" in diff
    assert all(each.isprintable() or each in "\n\t" for each in diff)


SET = "export GOROOT=/none"
FISH_SET = "set -gx GOROOT /none"
IN_IF = f"if [ -d /usr ]; then\n    {SET}\nfi\n"
IN_FUNCTION = f"go_env() {{\n\t{SET}\n}}\n"
FISH_IF = f"if test -d /usr\n    {FISH_SET}\nend\n"
FISH_FUNCTION = f"function go_env\n    {FISH_SET}\nend\n"


def line_out_of(path: Path, text: str) -> Finding:
    """What takes the line out that sets GOROOT, as the checks have it."""
    path.write_text(text)
    number, line = next((at, each) for at, each in enumerate(text.split("\n"), 1) if each.strip() in (SET, FISH_SET))
    return finding(Origin(str(path), number, line).commented_out())


def needs(shell: str) -> None:
    if shutil.which(shell, path="/usr/bin:/bin") is None:
        pytest.skip(f"there is no {shell}")


@pytest.mark.parametrize(
    ("shell", "name", "text"),
    [
        ("bash", ".bashrc", IN_IF),
        ("bash", ".profile", IN_FUNCTION),
        ("sh", ".profile", IN_IF),
        ("zsh", ".zshrc", IN_IF),
        ("zsh", ".zprofile", IN_FUNCTION),
        ("fish", "config.fish", FISH_IF),
        ("fish", "go.fish", FISH_FUNCTION),
    ],
)
def test_a_block_whose_only_line_is_taken_out_is_still_read_and_run_by_its_shell(tmp_path: Path, shell, name, text):
    needs(shell)
    path = tmp_path / name
    asked = line_out_of(path, text)
    only_repair(asked).make()
    calls = "go_env\n" if "go_env" in text else ""
    script = f'{path.read_text()}{calls}echo "<$GOROOT>"\n'
    done = subprocess.run(
        [shell, "/dev/stdin"], input=script, capture_output=True, text=True, check=False, env={"HOME": str(tmp_path)}
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "<>\n", "")
    assert fix.plan([asked]) == ([], [])


@pytest.mark.parametrize("name", [".bashrc", ".zshrc", "go.sh"])
@pytest.mark.parametrize(
    "text",
    [
        f"[ -d /opt ] &&\n{SET}\necho b\n",
        f"[ -d /opt ] || # why\n\n# a comment\n  {SET}\necho b\n",
        f"echo a |\n{SET}\n",
        f"echo a \\\n{SET}\n",
    ],
)
def test_a_line_that_is_half_a_command_is_left(tmp_path: Path, name, text):
    path = tmp_path / name
    asked = line_out_of(path, text)
    assert refusal(asked).endswith("it is of one command with a line next to it; the command told mends it")
    assert path.read_text() == text


def test_a_line_that_goes_on_in_the_next_is_left(start_file: Path):
    start_file.write_text("export GOROOT=/a\\\nb\n")
    edit = Origin(str(start_file), 1, "export GOROOT=/a\\").commented_out()
    assert f"{start_file}:1: it is of one command" in refusal(finding(edit))


@pytest.mark.parametrize("has_shell", [True, False])
@pytest.mark.parametrize("name", [".bashrc", ".zshrc"])
@pytest.mark.parametrize(
    "text",
    [
        f"cat <<EOF >x\na\n{SET}\nEOF\n",
        f'cat <<-"E"\n\t{SET}\n\tE\n',
        f"cat <<A; cat <<\\B\na\nA\n{SET}\nB\n",
    ],
)
def test_a_line_of_a_here_document_is_left_with_a_shell_to_ask_or_without(
    tmp_path: Path, monkeypatch, name, text, has_shell
):
    if not has_shell:
        monkeypatch.setattr(fix, "_SHELLS_PATH", "/nonexistent")
    assert "part of a here-document" in refusal(line_out_of(tmp_path / name, text))


@pytest.mark.parametrize(
    ("shell", "name", "line"), [("bash", ".bashrc", SET), ("zsh", ".zshrc", SET), ("fish", "config.fish", FISH_SET)]
)
def test_a_line_of_a_quoted_text_is_left(tmp_path: Path, shell, name, line):
    needs(shell)
    assert "of a quoted text" in refusal(line_out_of(tmp_path / name, f"echo '\n{line}\n'\n"))


def test_lines_after_a_here_document_or_a_shift_of_bits_are_mended(start_file: Path):
    asked = line_out_of(start_file, f"cat <<<EOF\na=$((1<<2))\ncat <<EOF\na\nEOF\n{SET}\n")
    assert only_repair(asked).after.decode().endswith(f"EOF\n: # {SET}\n")


def test_of_a_file_the_lines_that_can_be_mended_are(start_file: Path):
    start_file.write_text(f"true &&\n{SET}\n{SET}\n")
    repairs, refused = fix.plan([finding(*(Origin(str(start_file), at, SET).commented_out() for at in (2, 3)))])
    assert [repair.after.decode() for repair in repairs] == [f"true &&\n{SET}\n: # {SET}\n"]
    assert [reason.partition(": ")[0] for reason in refused] == [f"{start_file}:2"]


@pytest.mark.parametrize("is_linked", [False, True])
def test_what_the_shell_could_not_read_any_more_is_refused(tmp_path: Path, is_linked):
    path = tmp_path / ".bashrc"
    path.write_text(IN_IF)
    if is_linked:
        path.rename(tmp_path / "kept")
        path.symlink_to("kept")
    edit = Edit(str(path), 2, f"    {SET}", f"#     {SET}")
    assert refusal(finding(edit)).endswith(": its shell could not read it then; the command told mends it")
    assert path.read_text() == IN_IF


def test_a_file_that_its_shell_cannot_read_as_it_is_may_be_mended(start_file: Path):
    asked = line_out_of(start_file, f"{SET}\nif true; then\n")
    assert only_repair(asked).after.decode() == f": # {SET}\nif true; then\n"


def test_a_line_of_a_quoted_text_is_left_where_the_shell_cannot_judge_the_file(tmp_path: Path, monkeypatch):
    broken = f'# it\'s\nHELP="usage:\n{SET}\n"\nif true; then\n'
    assert "of a quoted text" in refusal(line_out_of(tmp_path / ".bashrc", broken))
    monkeypatch.setattr(fix, "_SHELLS_PATH", "/nonexistent")
    assert "of a quoted text" in refusal(line_out_of(tmp_path / ".zshrc", f"HELP='usage:\n{SET}\n'\n"))


INSIDE = {'MOTD="a\nGOROOT=/none\nb"\n': "of a quoted text", "FLAGS=a \\\nGOROOT=/none\n": "with a line next to it"}


def test_a_line_inside_of_another_is_left_in_files_of_systemd_and_pam(tmp_path: Path):
    (tmp_path / "environment.d").mkdir()
    for path in (tmp_path / "environment.d/10-a.conf", tmp_path / ".pam_environment"):
        for text, why in INSIDE.items():
            path.write_text(text)
            assert why in refusal(finding(Edit(str(path), 2, "GOROOT=/none", "# GOROOT=/none"))), (path, text)


def test_asking_a_shell_runs_nothing(start_file: Path, tmp_path: Path, monkeypatch):
    (tmp_path / "env").write_text(f"touch {tmp_path}/ran\n")
    for name in ("BASH_ENV", "ENV"):
        monkeypatch.setenv(name, f"{tmp_path}/env")
    monkeypatch.setenv("ZDOTDIR", str(tmp_path))
    (tmp_path / ".zshenv").write_text(f"touch {tmp_path}/ran\n")
    for name in (".bashrc", ".zshrc", "config.fish"):
        only_repair(line_out_of(tmp_path / name, f"touch {tmp_path}/ran\n{FISH_SET if name[0] != '.' else SET}\n"))
    assert not (tmp_path / "ran").exists()


# What others need.


@pytest.mark.parametrize(
    "use",
    [
        'rm -rf "$GOROOT"/*', 'export PATH="${GOROOT}/bin:$PATH"', "f() { ls ${GOROOT:-x}; }", "echo ${#GOROOT}",
        "echo ${(q)GOROOT}", "test $GOROOT; # why",
    ],
)  # fmt: skip
def test_a_line_is_left_whose_variable_another_line_uses(start_file: Path, use):
    text = f"{SET}\n{use}\n"
    reason = "other lines use $GOROOT; the command told mends it"
    assert refusal(line_out_of(start_file, text)) == f"{start_file}:1: {reason}"
    assert start_file.read_text() == text


@pytest.mark.parametrize(
    "use", ["# $GOROOT", "  : # export PATH=$GOROOT/bin:$PATH", "echo $GOROOTS", "echo GOROOT", "echo $$"]
)
def test_a_line_is_taken_out_whose_variable_no_other_uses(start_file: Path, use):
    assert only_repair(line_out_of(start_file, f"{SET}\n{use}\n")).after.decode() == f": # {SET}\n{use}\n"


@pytest.mark.parametrize("is_linked", [False, True])
def test_a_use_in_another_start_file_counts_as_well(start_file: Path, tmp_path: Path, is_linked):
    asked = line_out_of(start_file, f"{SET}\n")
    others = [tmp_path / name for name in (".profile", ".zshrc", ".pam_environment")]
    others[0].write_text("PATH=$GOROOT/bin:$PATH\n")
    if is_linked:
        others[0].rename(tmp_path / "kept")
        others[0].symlink_to("kept")
    os.mkfifo(others[1])
    repairs, refused = fix.plan([asked], map(str, others))
    assert (repairs, len(refused)) == ([], 1)
    others[0].write_text("true\n")
    assert len(fix.plan([asked], map(str, others))[0]) == 1


def test_a_line_of_a_start_file_without_a_shell_is_left_as_well(tmp_path: Path):
    path = tmp_path / "go.conf"
    path.write_text("GOROOT=/none\nGOBIN=${GOROOT}/bin\n")
    asked = finding(Edit(str(path), 1, "GOROOT=/none", "# GOROOT=/none"))
    assert fix.plan([asked], [str(path)])[0] == []


def test_what_is_no_variable_of_the_shell_may_go(tmp_path: Path, start_file: Path):
    kept = tmp_path / "env"  # of go env -w
    kept.write_text("GOROOT=/none\n")
    start_file.write_text("export PATH=$GOROOT/bin:$PATH\n")
    asked = finding(Edit(str(kept), 1, "GOROOT=/none", None))
    assert len(fix.plan([asked], [str(start_file)])[0]) == 1


def test_a_line_that_is_corrected_still_sets_what_others_use(start_file: Path):
    start_file.write_text(f"{SET}\necho $GOROOT\n")
    assert only_repair(finding(Edit(str(start_file), 1, SET, "export GOROOT=/x"))).edits[0].new == "export GOROOT=/x"


def test_of_two_remedies_for_a_line_one_mends_the_finding_and_no_other(start_file: Path):
    correct, take_out = (Remedy(new, edits=(Edit(str(start_file), 3, OLD, new),)) for new in ("GOROOT=/x", NEW))
    both = Finding("tls-ca", "network", "warn", "said", remedies=(correct, take_out))
    other = Finding("other", "network", "warn", "said", remedies=(take_out,))
    repairs, _ = fix.plan([both, other])
    assert [fix.is_made(both, each, repairs) for each in both.remedies] == [True, True]
    assert [fix.is_mended(each, repairs) for each in (both, other)] == [True, False]
