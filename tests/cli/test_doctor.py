"""`goshim doctor`: its options, its exit codes, and what it leaves behind."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from goshim import cli
from goshim.base import resources
from goshim.cli import doctor as command
from goshim.cli.session import Session
from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine.check import Check, check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look

TOP = os.path.dirname(resources.PACKAGE)
MAIN = "import sys; from goshim.cli import main; sys.exit(main())"
WITH = "import goshim.cli.doctor, tests.cli.test_doctor as here; goshim.cli.doctor.CHECKS = (here.{},)"
LINE = "export GOROOT='C:\\Go'"


class Done(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def telling(name: str, verdict: Verdict, section: str = "path") -> Check:
    def judge(_look: Look) -> Verdict:
        """Look at nothing.

        It matters.
        """
        return verdict

    return check(name, section)(judge)


WELL = telling("all-well", ok("well"))
KNOWN = telling("worth-knowing", info("known"))
SKIPPED = telling("not-here", skip("this is not WSL"), "wsl")
WARNING = telling("a-warning", warn("warned", remedies=(Remedy("do it", "true\nfalse", "sudo"),)))
FAILING = telling("a-failure", fail("failed"), "clock")
CRASHING = telling("a-crash", None)
arrows = telling("arrows", warn("a → b · …"))


@check("flag", "environment")
def flag(look: Look) -> Verdict:
    """Whether FLAG is set."""
    value = look.host.environment.get("FLAG")
    return warn("the flag is set", f"FLAG={value}") if value else ok("the flag is not set")


@pytest.fixture
def doctor(monkeypatch, tmp_path, capfd):
    """Runs `goshim doctor` with these checks, for a caller with these variables and this on its terminal."""

    def run(*words: str, checks: tuple[Check, ...] = (WELL,), typed: str | None = None, **variables: str) -> Done:
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", **variables}
        monkeypatch.setattr(command, "CHECKS", checks)
        monkeypatch.setattr(Session, "here", lambda: Session(environment, str(tmp_path)))
        monkeypatch.setattr(sys, "argv", ["goshim", "doctor", *words])
        terminal = io.StringIO(typed)
        monkeypatch.setattr(terminal, "isatty", lambda: typed is not None, raising=False)
        monkeypatch.setattr(sys, "stdin", terminal)
        capfd.readouterr()
        code = cli.main()
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Done(code, out, err)

    return run


def as_users_do(*words: str, home: Path, prelude: str = "", **more: Any) -> subprocess.Popen[bytes]:
    """Start `goshim doctor` as a program of its own."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": TOP, "LANG": "C.UTF-8"}
    words = (sys.executable, "-c", f"{prelude}\n{MAIN}", "doctor", *words)
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
    return subprocess.Popen(words, env={**environment, **pipes.pop("env", {})}, cwd=home, **pipes)


# Exit codes.


@pytest.mark.parametrize(
    ("checks", "code", "strict_code"),
    [
        ((WELL, KNOWN, SKIPPED), 0, 0),
        ((WELL, WARNING), 0, 1),
        ((WELL, FAILING), 1, 1),
        ((WELL, CRASHING), 1, 1),
    ],
    ids=["well", "warn", "fail", "crash"],
)
@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"], ["--quiet"]], ids=str)
def test_the_exit_code_tells_whether_go_works(doctor, checks, code, strict_code, form):
    assert doctor(*form, checks=checks).code == code
    done = doctor("--strict", *form, checks=checks)
    assert (done.code, done.err) == (strict_code, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--no-such-option"], "Unknown switch"),
        (["path"], "path: what is that?\n  a check is chosen by --only path"),
        (["pa\x1bth"], r"'pa\x1bth': what is that?"),
        (["--json", "--markdown"], "--json and --markdown exclude one another"),
        (["--json", "--fix"], "--json and --fix exclude one another"),
        (["--markdown", "--fix"], "--markdown and --fix exclude one another"),
        (["--markdown", "--compare", "x"], "--markdown and --compare exclude one another"),
        (["--fix", "--compare", "x"], "--fix and --compare exclude one another"),
        (["--load", "x", "--fix"], "--load looks at a record"),
        (["--load", "x", "--save", "y"], "--load looks at a record"),
        (["--load", "x", "--compare", "y"], "--load looks at a record"),
        (["--dry-run"], "they go with --fix"),
        (["--yes"], "they go with --fix"),
        (["--fix", "--yes", "--dry-run"], "--dry-run and --yes exclude one another"),
        (["--save"], "--save"),
        (["--load", "/no/such/file"], "/no/such/file: no such file or directory\n  allowed: a file that goshim doctor"),
        (["--compare", "/no/such/file"], "/no/such/file: no such file or directory"),
        (["--save", "/no/such/directory/file"], "no such file or directory\n  allowed: a new file"),
        (["--only", ""], "--only names no check"),
        (["--only", ","], "--only names no check"),
    ],
    ids=" ".join,
)
def test_a_command_line_that_makes_no_sense_is_told_in_one_message(doctor, words, said):
    done = doctor(*words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("goshim: ")
    assert said in done.err
    assert done.err.count("\n") <= 3


def test_a_record_to_compare_with_is_read_before_the_machine_is_looked_at(doctor):
    looked = []
    spy = check("spy", "path")(lambda look: looked.append(look) or ok(""))
    assert doctor("--compare", "/no/such/file", checks=(spy,)).code == 2
    assert looked == []


# Choosing.

THREE = (WELL, KNOWN, WARNING)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["--only", "all-well"], ["all-well"]),
        (["--only", "a-warning", "--only", "all-well"], ["all-well", "a-warning"]),
        (["--only", "a-warning,all-well"], ["all-well", "a-warning"]),
        (["--only", "a-warning", "all-well"], ["all-well", "a-warning"]),
        (["--only=worth-knowing,"], ["worth-knowing"]),
        (["--only", "all-well,all-well"], ["all-well"]),
        ([], ["all-well", "worth-knowing", "a-warning"]),
    ],
    ids=" ".join,
)
def test_checks_are_chosen_by_their_ids_and_told_in_their_order(doctor, words, ids):
    assert [each["check"] for each in doctor("--json", *words, checks=THREE).json["findings"]] == ids


@pytest.mark.parametrize(
    ("name", "nearest"),
    [("all-wel", "all-well"), ("ALL-WELL", "all-well"), ("warning", "a-warning"), ("knowing", "worth-knowing")],
)
def test_an_unknown_id_is_told_with_the_nearest(doctor, name, nearest):
    done = doctor("--only", f"a-warning,{name}", checks=THREE)
    assert done.code == 2
    assert done.err == f"goshim: no check {name}; did you mean {nearest}?\n  goshim doctor --list shows them all\n"


def test_the_list_has_each_check_with_its_summary(doctor):
    text = doctor("--list", checks=(*THREE, SKIPPED)).out
    assert text.splitlines() == [
        "path", "  all-well       Look at nothing.", "  worth-knowing  Look at nothing.",
        "  a-warning      Look at nothing.", "wsl", "  not-here       Look at nothing.",
    ]  # fmt: skip
    row = {"check": "not-here", "section": "wsl", "summary": "Look at nothing."}
    assert doctor("--list", "--json", "--only", "not-here", checks=(WELL, SKIPPED)).json == {
        "schema": 1,
        "checks": [row],
    }


def test_a_list_looks_at_nothing(doctor):
    spy = check("spy", "path")(lambda _look: 1 / 0)
    assert doctor("--list", "--strict", checks=(spy,)).code == 0


# Reports.


def test_json_is_one_document_with_its_schema_first(doctor):
    values = doctor("--json", checks=(WELL, FAILING)).json
    assert list(values) == ["schema", "goshim", "taken", "host", "summary", "findings"]
    assert values["schema"] == 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", values["taken"])
    assert values["summary"]["problems"] == ["a-failure"]


def test_text_in_a_pipe_has_no_colour_and_each_check_on_a_line(doctor):
    done = doctor(checks=(*THREE, FAILING))
    assert "\x1b" not in done.out
    for each in (*THREE, FAILING):
        assert re.search(rf"(?m)^  \w+ +{each.id} ", done.out)
    assert done.out.splitlines()[-2:] == ["  fail  a-failure: failed", "  warn  a-warning: warned"]


def test_quiet_shows_problems_only(doctor):
    out = doctor("--quiet", checks=THREE).out
    assert "all-well" not in out
    assert "a-warning" in out


def test_markdown_is_a_report_to_paste(doctor):
    out = doctor("--markdown", checks=THREE).out
    assert out.startswith("### goshim doctor\n\n")
    assert "| warn | a-warning | warned |\n" in out
    assert "  ```\n  true\n  false\n  ```\n" in out


# Records.


def test_a_record_tells_later_and_elsewhere_what_is_told_now(doctor, tmp_path):
    path = str(tmp_path / "record")
    now = doctor("--json", "--save", path, checks=(flag, SKIPPED), FLAG="1")
    later = doctor("--json", "--load", path, checks=(flag, SKIPPED), FLAG="2", HOME="/elsewhere")
    assert now.json["findings"][0]["evidence"] == ["FLAG=1"]
    assert later == now


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]], ids=str)
def test_a_record_that_says_nothing_leaves_all_unknown(doctor, tmp_path, form):
    about = {"schema": 1, "goshim": "9\x1b[2J", "taken_ns": 1, "directory": "/", "windows": True, "network": False}
    (tmp_path / "record").write_text(json.dumps({**about, "answers": []}))
    done = doctor("--load", str(tmp_path / "record"), *form, checks=CHECKS)
    assert done.code == 0
    assert "\x1b" not in done.out
    assert "ok " not in done.out


def test_what_changed_since_a_record_is_told_with_the_fact_behind_it(doctor, tmp_path):
    path = str(tmp_path / "record")
    doctor("--save", path, checks=(flag, WELL))
    assert doctor("--compare", path, checks=(flag, WELL)).out.startswith("nothing has changed since 20")
    done = doctor("--compare", path, checks=(flag, WELL), FLAG="1")
    assert done.out.splitlines()[1:] == [
        "", "new: flag", "   was ok    the flag is not set", "    is warn  the flag is set", "       FLAG: nothing → 1",
    ]  # fmt: skip
    found = doctor("--compare", path, "--json", checks=(flag, WELL), FLAG="1").json
    assert (found["schema"], [each["change"] for each in found["differences"]]) == (1, ["new"])
    assert found["differences"][0]["facts"] == ["FLAG: nothing → 1"]
    assert doctor("--compare", path, "--strict", checks=(flag, WELL), FLAG="1").code == 1


@pytest.mark.parametrize("name", ["-", "/dev/stdout"])
def test_a_record_can_go_to_stdout_and_is_alone_there(doctor, tmp_path, name):
    done = doctor("--save", name, checks=(flag,), FLAG="1")
    (tmp_path / "record").write_text(done.out)
    assert "the flag is set" in doctor("--load", str(tmp_path / "record"), checks=(flag,)).out


@pytest.mark.parametrize("kind", ["link", "link to nothing", "fifo", "directory"])
def test_a_record_is_written_through_nothing_that_a_clone_can_bring(doctor, tmp_path, kind):
    path, target = tmp_path / "doctor.json", tmp_path / "target"
    target.write_text("mine")
    makers = {"fifo": os.mkfifo, "directory": os.mkdir}
    makers.get(kind, lambda path: os.symlink("target" if kind == "link" else "nothing", path))(path)
    done = doctor("--save", str(path), checks=(flag,))
    assert (done.code, done.out) == (2, "")
    assert "not a regular file\n  allowed: a new file, a regular file to replace, or - for stdout" in done.err
    assert (target.read_text(), sorted(os.listdir(tmp_path))) == ("mine", ["doctor.json", "target"])


def test_a_record_can_be_compared_with_and_replaced_at_once(doctor, tmp_path):
    path = str(tmp_path / "record")
    doctor("--save", path, checks=(flag,))
    assert "new: flag" in doctor("--compare", path, "--save", path, checks=(flag,), FLAG="1").out
    assert "nothing has changed" in doctor("--compare", path, checks=(flag,), FLAG="1").out


# Mending.


@pytest.fixture
def start_file(tmp_path):
    path = tmp_path / ".bashrc"
    path.write_text(f"# mine\n{LINE}\n")
    return path


def mending(path: Path | str, line: int = 2, old: str = LINE) -> Check:
    @check("goroot-persisted", "toolchain")
    def judge(look: Look) -> Verdict:
        if not look.host.lines(str(path), f"^{re.escape(old)}"):
            return ok("mended")
        remedy = Remedy("comment it out", "sed …", "file", (Edit(str(path), line, old, f"# {old}"),))
        return warn("it is there", remedies=(remedy, Remedy("or so", "sudo so", "sudo")))

    return judge


def test_a_dry_run_shows_the_diff_and_writes_nothing(doctor, start_file):
    done = doctor("--fix", "--dry-run", checks=(mending(start_file),))
    assert done.code == 0
    assert f"goroot-persisted: {start_file}\n--- {start_file}\n+++ {start_file}\n" in done.out
    assert f"\n-{LINE}\n+# {LINE}\n" in done.out
    assert "goroot-persisted: or so, by hand (sudo):\n  sudo so\n" in done.out
    assert done.out.endswith("nothing is written: --dry-run\n")
    assert list(start_file.parent.glob(".bashrc*")) == [start_file]


@pytest.mark.parametrize("typed", ["y\n", "YES\n"])
def test_it_writes_when_that_is_agreed_and_tells_how_to_undo_it(doctor, start_file, typed):
    done = doctor("--fix", checks=(mending(start_file),), typed=typed)
    assert done.code == 0
    assert start_file.read_text() == f"# mine\n# {LINE}\n"
    undo = re.search(r"(?m)^  undo it: (.*)$", done.out)
    assert undo
    subprocess.run(["/bin/sh", "-c", undo[1]], check=True)
    assert start_file.read_text() == f"# mine\n{LINE}\n"


@pytest.mark.parametrize("typed", ["n\n", "\n", "", "yeah\n", None])
def test_without_a_yes_nothing_is_written(doctor, start_file, typed):
    done = doctor("--fix", checks=(mending(start_file),), typed=typed)
    assert done.code == 0
    assert done.out.endswith("nothing is written\n")
    assert ("nobody is there to be asked; --yes writes without asking\n" in done.out) == (typed is None)
    assert list(start_file.parent.glob(".bashrc*")) == [start_file]


def test_what_is_mended_is_gone_and_stays_so(doctor, start_file):
    assert "mended " in doctor("--fix", "--yes", checks=(mending(start_file),)).out
    written = {path: path.read_bytes() for path in start_file.parent.glob(".bashrc*")}
    done = doctor("--fix", "--yes", checks=(mending(start_file),))
    assert (done.code, done.out) == (0, "nothing that goshim may mend\n")
    assert {path: path.read_bytes() for path in start_file.parent.glob(".bashrc*")} == written
    assert doctor("--strict", checks=(mending(start_file),)).code == 0


def test_what_may_not_be_mended_is_refused_and_the_command_told(doctor):
    line = Path("/etc/passwd").read_text().split("\n")[0]
    before = Path("/etc/passwd").read_bytes()
    done = doctor("--fix", "--yes", checks=(mending("/etc/passwd", 1, line),))
    assert done.code == 1
    assert "left as it is: /etc/passwd: it is the system's; the command told mends it\n" in done.out
    assert "goroot-persisted: comment it out, by hand (file):\n  sed …\n" in done.out
    assert Path("/etc/passwd").read_bytes() == before


def test_a_line_is_left_whose_variable_another_start_file_uses(doctor, start_file):
    (start_file.parent / ".profile").write_text("rm -rf $GOROOT/*\n")
    done = doctor("--fix", "--yes", checks=(mending(start_file),))
    assert done.code == 1
    assert f"left as it is: {start_file}:2: other lines use $GOROOT; the command told mends it\n" in done.out
    assert "goroot-persisted: comment it out, by hand (file):\n  sed …\n" in done.out
    assert start_file.read_text() == f"# mine\n{LINE}\n"


def test_of_two_remedies_for_a_line_the_other_is_not_told_to_be_left(doctor, start_file):
    ways = tuple(Remedy(new, "sed …", "file", (Edit(str(start_file), 2, LINE, new),)) for new in ("# a", "# b"))
    done = doctor("--fix", "--yes", "--strict", checks=(telling("tls-ca", warn("there", remedies=ways)),))
    assert (done.code, start_file.read_text()) == (0, "# mine\n# a\n")
    assert "by hand" not in done.out


def test_a_finding_of_which_a_part_was_mended_stays_and_its_command_is_told(doctor, start_file):
    line = Path("/etc/passwd").read_text().split("\n")[0]
    here, elsewhere = Edit(str(start_file), 2, LINE, f"# {LINE}"), Edit("/etc/passwd", 1, line, None)
    remedy = Remedy("comment both out", "sed …", "file", (here, elsewhere))
    done = doctor("--fix", "--yes", checks=(telling("goroot-persisted", fail("there", remedies=(remedy,))),))
    assert done.code == 1
    assert f"mended {start_file}\n" in done.out
    assert "goroot-persisted: comment both out, by hand (file):\n  sed …\n" in done.out


def test_a_file_that_cannot_be_written_after_all_is_told(doctor, start_file, monkeypatch):
    def full(*_words: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    done = doctor("--fix", "--yes", checks=(mending(start_file),))
    assert done.code == 2
    assert done.err == f"goshim: {start_file}: No space left on device\n  nothing was written there\n"
    assert start_file.read_text() == f"# mine\n{LINE}\n"


# Windows.


@pytest.mark.parametrize(
    ("words", "config", "may"),
    [
        ([], "", True),
        (["--no-windows"], "", False),
        ([], "[doctor]\nwindows = false\n", False),
        ([], "[doctor]\nwindows = 7\n", False),
    ],
)
def test_windows_is_asked_only_where_that_is_allowed(doctor, tmp_path, words, config, may):
    (tmp_path / ".config/goshim").mkdir(parents=True)
    (tmp_path / ".config/goshim/config.toml").write_text(config)
    seen = []
    spy = check("spy", "path")(lambda look: seen.append(look.options.windows) or ok(""))
    assert doctor(*words, checks=(spy,)).code == 0
    assert seen == [may]


# As a program of its own.


def test_this_machine_is_examined_without_a_crash_and_its_record_says_the_same(isolated: Path):
    path = isolated / "record"
    process = as_users_do("--json", "--save", str(path), home=isolated)
    out, err = process.communicate(timeout=60)
    found = json.loads(out)
    assert err == b""
    assert process.returncode in (0, 1)
    assert [each["check"] for each in found["findings"]] == [each.id for each in CHECKS]
    assert [each for each in found["findings"] if each["status"] == "crash"] == []
    replayed = as_users_do("--json", "--load", str(path), home=isolated).communicate(timeout=60)[0]
    assert json.loads(replayed)["findings"] == found["findings"]


def test_a_locale_without_the_signs_it_prints_is_no_fault(isolated: Path):
    process = as_users_do(home=isolated, prelude=WITH.format("arrows"), env={"PYTHONIOENCODING": "ascii"})
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert b"a ? b" in out


@check("slow", "path")
def slow(look: Look) -> Verdict:
    """Run a command that takes its time."""
    home = look.host.environment["HOME"]
    look.host.command(["/bin/sh", "-c", f"echo $$ > '{home}/id'; sleep ${{LAST_S:-60}} & sleep ${{LAST_S:-60}}"])
    return ok("slept")


def wait_for(get: Callable[[], Any], limit_s: float = 30) -> Any:
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        if found := get():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not happen")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)], ids=["TERM", "HUP", "INT"]
)
def test_a_signal_ends_it_and_all_that_it_started(isolated: Path, number, code):
    process = as_users_do(home=isolated, prelude=WITH.format("slow"))
    try:
        id_file = isolated / "id"
        group = int(wait_for(lambda: id_file.exists() and id_file.read_text().strip()))
        process.send_signal(number)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == code
    assert b"Traceback" not in err

    wait_for(lambda: not any(fields[2] == str(group) and fields[0] not in "ZX" for fields in processes()))


def processes() -> list[list[str]]:
    """What proc(5) has of each process after its name: state, parent, group."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            found.append(Path(f"/proc/{name}/stat").read_text(errors="replace").rpartition(")")[2].split())
    return found


def test_a_spinner_turns_on_a_terminal_and_never_in_the_report(isolated: Path):
    master, terminal = pty.openpty()
    process = as_users_do(
        "--json",
        home=isolated,
        prelude=WITH.format("slow"),
        stderr=terminal,
        env={"LAST_S": "2", "TERM": "xterm"},
    )
    os.close(terminal)
    shown = b""

    def read() -> bool:
        nonlocal shown
        if select.select([master], [], [], 0.1)[0]:
            try:
                shown += os.read(master, 4096)
            except OSError:
                return True
        return process.poll() is not None

    try:
        wait_for(read)
    finally:
        process.kill()
    out, _ = process.communicate()
    os.close(master)
    assert b"looking at the machine" in shown
    assert json.loads(out)["findings"][0]["check"] == "slow"
