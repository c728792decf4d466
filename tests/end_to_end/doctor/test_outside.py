"""Doctor without a shim installed, on a machine that is no WSL, in whatever place and environment it is called."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import uuid

import pytest

from tests.end_to_end.doctor.patient import PROBLEMS, SLACK_S, WHOLE_LIMIT_S, Told, remaining_of
from tests.end_to_end.doctor.session import Session
from tests.end_to_end.supervised import Terminal

MOST_MB = 80
DOCTOR = "goshim doctor --json"


@pytest.fixture
def session(tmp_path, embedded_go):
    if "microsoft" in os.uname().release.lower():
        pytest.skip("this machine is WSL itself")
    return Session(tmp_path / "s", embedded_go)


def problems(told, *but):
    """What is wrong, but for some checks."""
    return {check: summary for check, summary in told.problems.items() if check not in but}


def crashes(told):
    """The checks that did."""
    return [check for check, each in told.findings.items() if each["status"] == "crash"]


def test_nothing_is_wrong_where_nothing_is_wrong(session):
    told = Told(session.run(DOCTOR))
    assert told.problems == {}
    assert told.code == 0
    assert {told.status(check) for check in ("launcher-first", "launcher-current", "overhead")} == {"skip"}
    assert {told.status(check) for check in ("interop", "registry-flags", "clock-drift", "wsl-kind")} == {"skip"}


def test_it_leaves_nothing_in_a_home_that_was_empty(session):
    shutil.rmtree(session.home / ".config")
    shutil.rmtree(session.work)
    session.work = session.root
    session.run(DOCTOR)
    found = {path.relative_to(session.home).parts[:2] for path in session.home.rglob("*")}
    assert found <= {(".config",), (".config", "go")}  # where go itself counts its calls


def test_its_memory_stays_within_the_limit(session):
    # a process begins with the peak of the one that starts it, which here is that of all tests
    spawn = (
        "import os, sys; process = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ); "
        "_, status, usage = os.wait4(process, 0); print(status, usage.ru_maxrss // 1024)"
    )
    words = shlex.join([sys.executable, "-I", "-c", spawn, *session.goshim, "doctor"])
    status, peak_mb = session.run(f"{words} | tail -n 1").out.split()
    assert int(status) == 0
    assert int(peak_mb) < MOST_MB


def test_programs_with_names_of_windows_are_not_run(session):
    for name in ("reg.exe", "powershell.exe"):
        place = session.tools / name
        place.write_text(f"#!/bin/sh\necho called >>{session.root}/called\n")
        place.chmod(0o755)
    env = "WSL_INTEROP=/run/WSL/8_interop WSL_DISTRO_NAME=Debian"  # as in a container, or by ssh from WSL
    assert problems(Told(session.run(f"{env} {DOCTOR}"))) == {}
    assert not (session.root / "called").exists()


def test_a_go_that_never_answers_is_not_waited_for(session):
    session.becomes_slow()
    session.env["MARK_OF_TEST"] = mark = uuid.uuid4().hex
    began_s = os.times().elapsed
    told = Told(session.run(DOCTOR))
    assert os.times().elapsed - began_s < WHOLE_LIMIT_S + SLACK_S
    assert crashes(told) == []
    assert remaining_of(mark) == {}


# Odd places.


PLACES = {
    "blanks and a line end": "mkdir -p $'a b\\nc' && cd $'a b\\nc'",
    "no UTF-8": "mkdir -p $'\\xff\\xfe' && cd $'\\xff\\xfe'",
    "a module": "echo module m >go.mod",
    "a go.mod that is none": "printf '\\0\\377' >go.mod",
    "a directory that is gone": "mkdir gone && cd gone && rmdir ../gone",  # of which bash itself warns
    "the root": "cd /",
    "a long path": 'for each in {1..15}; do d=$(printf "%0200d" 0); mkdir $d && cd $d; done',
}


@pytest.mark.parametrize("lines", PLACES.values(), ids=PLACES)
@pytest.mark.parametrize("form", ["", "--json", "--markdown"])
def test_it_works_in_any_directory(session, lines, form):
    done = session.run(lines, f"goshim doctor {form}")
    assert not [line for line in done.message.splitlines() if not line.startswith("shell-init: ")]
    assert done.code in (0, 1)
    assert b"crash" not in done.out


ENVIRONMENTS = {
    "no HOME": "unset HOME",
    "an empty HOME": "export HOME=",
    "a relative HOME": "export HOME=home",
    "a HOME that is not there": "export HOME=@ROOT@/none",
    "no PATH": "unset PATH",
    "an empty PATH": "export PATH=",
    "LANG=C": "export LANG=C",
    "an unknown LC_ALL": "export LC_ALL=xx_YY",
    "no LANG": "unset LANG",
    "bytes that are no text": r"export GOFLAGS=$'\xff' GOPRIVATE=$'\xfe\xff' http_proxy=$'http://\xff'",
    "line ends": r"export GOROOT=$'a\nb' GOPROXY=$'\n' CGO_ENABLED=$'\n' SOURCE_DATE_EPOCH=$'\n'",
    "escapes": r"export GOPROXY=$'\e]0;x\a' GOROOT=$'\e[2J'",
    "nothing": 'exec env -i "$@"',
}


@pytest.mark.parametrize("lines", ENVIRONMENTS.values(), ids=ENVIRONMENTS)
@pytest.mark.parametrize("form", ["", "--json"])
def test_it_works_in_any_environment(session, lines, form):
    call = shlex.join([*session.goshim, "doctor", *form.split()])
    done = session.run(f"set -- {call}", session.filled(lines), '"$@"')
    assert done.code in (0, 1), done.message
    assert not [line for line in done.message.splitlines() if not line.startswith("/bin/bash: ")]
    assert b"crash" not in done.out
    assert b"\x1b" not in done.out
    assert not (session.root / "none/.cache").exists()


def test_of_a_home_that_can_not_be_written_nothing_else_is_wrong(session, root_only, program):
    session.home.chmod(0o555)
    drop = "-dac_override,-dac_read_search"
    session.prefix = [program("setpriv"), f"--bounding-set={drop}", f"--inh-caps={drop}"]
    told = Told(session.run(DOCTOR))
    assert problems(told).keys() == {"cache-writable"}
    assert told.status("cache-writable") == "fail"


@pytest.mark.parametrize("hidden", ["/proc", "/sys", "/run"])
def test_it_works_without_what_the_kernel_tells(session, root_only, program, hidden):
    hide = f'mount -t tmpfs none {hidden} && exec "$@"'
    session.prefix = [program("unshare"), "-m", "/bin/sh", "-c", hide, "sh"]
    done = session.run(DOCTOR)
    if b"mount" in done.err:
        pytest.skip("nothing can be mounted here")
    told = Told(done)
    assert crashes(told) == []
    assert problems(told, "toolchain-found") == {}  # without /proc/self/exe go does not find its GOROOT


# Odd outputs.


def test_a_reader_that_goes_early_is_no_fault(session):
    done = session.run('goshim doctor | head -1; echo "${PIPESTATUS[0]}" >&2')
    assert done.message.split() in (["0"], ["1"], ["141"])
    assert done.text.startswith("goshim ")


@pytest.mark.parametrize("form", ["", "--json", "--markdown", "--list"])
def test_a_full_disk_is_told(session, form):
    done = session.run(f"goshim doctor {form} >/dev/full")
    assert done.code not in (0, 1)
    assert b"no space left" in done.err
    assert b"Traceback" not in done.err


@pytest.mark.parametrize("place", ["/dev/full", "none/record", "."])
def test_a_record_that_can_not_be_written_is_told(session, place):
    done = session.run(f"goshim doctor --save {place}")
    assert done.code == 2
    (line,) = done.message.splitlines()[:1]
    assert line.startswith(f"goshim: {place}: ")


@pytest.mark.parametrize("columns", [20, 40, 400])
@pytest.mark.parametrize("language", ["C", "C.UTF-8"])
def test_any_width_and_locale_of_a_terminal_will_do(session, columns, language):
    env = {"LANG": language, "GOROOT": "/nonexistent/a/long/path", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with Terminal(session, *session.goshim, "doctor", columns=columns, env=env) as terminal:
        shown = terminal.expect(rb"\[ended (-?\d+)\]", 30)
    assert b"[ended 1]" in shown
    assert b"goroot-mismatch" in shown
    assert b"unset GOROOT" in shown
    assert b"Traceback" not in shown


def test_statuses_are_those_that_are_known(session):
    told = Told(session.run(DOCTOR))
    assert {each["status"] for each in told.findings.values()} <= {*PROBLEMS, "info", "skip", "ok"}


@pytest.mark.parametrize("first", [".", ""])
def test_no_command_of_goshims_runs_what_a_clone_brings(session, first):
    """plumbum would have Python run `uname`, found through PATH."""
    program = session.work / "uname"
    program.write_text(f"#!/bin/sh\ntouch {shlex.quote(str(session.work))}/ran\n")
    program.chmod(0o755)
    assert session.run(f"export PATH={first}:$PATH; goshim doctor --list").code == 0
    assert not (session.work / "ran").exists()


@pytest.mark.parametrize("words", ["doctor", "doctor --json", "which --all"])
def test_where_nothing_can_be_told_that_is_told(session, words):
    closed = session.run(f"goshim {words} >&-")
    assert (closed.code, "stdout is closed" in closed.message) == (2, True)
    full = session.run(f"goshim {words} >/dev/full")
    assert (full.code, "stdout: no space left on device" in full.message) == (2, True)
