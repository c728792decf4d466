"""Whatever ends a look early: nothing of it is left behind, on the disk, among the processes, on the terminal."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import termios
import time
import uuid

import pytest

from tests.end_to_end.doctor.patient import remaining_of
from tests.end_to_end.doctor.session import Session
from tests.end_to_end.doctor.windows import left
from tests.end_to_end.injection import SYSTEM_CALLS
from tests.end_to_end.supervised import Terminal, clean_signals, until

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
PROBES = ".goshim-probe-*"
END_LIMIT_S = 5


@pytest.fixture
def session(tmp_path, embedded_go):
    made = Session(tmp_path / "s", embedded_go)
    made.env["MARK_OF_TEST"] = made.mark = uuid.uuid4().hex
    made.env["GOMODCACHE"] = str(made.home / "modules")
    (made.home / "modules").mkdir()
    return made


@contextlib.contextmanager
def looking(session, *words, by=()):
    """A look that goes on."""
    with subprocess.Popen(
        [*by, *session.goshim, "doctor", *words],
        env=session.env,
        cwd=session.work,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=clean_signals,  # noqa: PLW1509 - no threads here
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def go_runs(session):
    """Whether the go that never answers was started."""
    return any("bash" in program for program in left(session.mark).values())


def probes(session):
    """The directories that probes have made and not removed."""
    return list(session.root.rglob(PROBES))


def ended(session, process, number):
    """A look has ended as a signal ends it, in a moment and without a word, and left nothing."""
    began_s = time.monotonic()
    _, said = process.communicate(timeout=END_LIMIT_S)
    assert time.monotonic() - began_s < END_LIMIT_S
    assert process.returncode in (CODES[number], -number)
    assert not [line for line in said.splitlines() if b"strace: " not in line]
    assert remaining_of(session.mark) == {}
    assert probes(session) == []


@pytest.mark.parametrize("number", CODES)
def test_a_signal_ends_a_look_that_waits_for_a_program(session, number):
    session.becomes_slow()
    with looking(session) as process:
        until(lambda: go_runs(session))
        process.send_signal(number)
        ended(session, process, number)


@pytest.mark.parametrize("number", CODES)
def test_a_signal_in_the_middle_of_a_probe_leaves_none_of_its_files(session, program, number):
    slow = f"inject={SYSTEM_CALLS['rename']}:delay_enter=100000"  # each rename takes 0.1 s
    strace = [program("strace"), "-f", "-qq", "-o", "/dev/null", "-e", f"trace={SYSTEM_CALLS['rename']}", "-e", slow]
    with looking(session, by=strace) as tracer:
        until(lambda: probes(session))
        children = f"/proc/{tracer.pid}/task/{tracer.pid}/children"
        with open(children) as file:
            os.kill(int(file.read().split()[0]), number)
        ended(session, tracer, number)


@pytest.mark.parametrize("wait_s", [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4])
@pytest.mark.parametrize("number", CODES)
def test_a_signal_at_any_moment_leaves_nothing(session, number, wait_s):
    with looking(session) as process:
        time.sleep(wait_s)
        process.send_signal(number)
        process.communicate(timeout=END_LIMIT_S)
    assert process.returncode in (0, CODES[number], -number)  # 0 where it had ended before
    assert remaining_of(session.mark) == {}
    assert probes(session) == []


def test_signals_that_are_ignored_stay_ignored(session):
    command = f"trap '' HUP; exec {session.bin}/goshim doctor --json"
    process = subprocess.Popen(
        ["/bin/bash", "-c", command],
        env=session.env,
        cwd=session.work,
        stdout=subprocess.PIPE,
        preexec_fn=clean_signals,  # noqa: PLW1509 - no threads here
    )
    for _ in range(5):
        time.sleep(0.05)
        process.send_signal(signal.SIGHUP)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_ctrl_c_leaves_the_terminal_as_it_was(session):
    session.becomes_slow()
    with Terminal(session, *session.goshim, "doctor") as terminal:
        terminal.expect(rb"looking at the machine")
        terminal.type(b"\x03")
        shown = terminal.expect(rb"\[ended (-?\d+)\]")
        assert b"[ended 130]" in shown or b"[ended -2]" in shown
        assert termios.tcgetattr(terminal.master) == terminal.settings
        seen = terminal.seen
    assert seen.count(b"\x1b[?25l") == seen.count(b"\x1b[?25h")  # the cursor is there again
    assert b"Traceback" not in seen
    assert remaining_of(session.mark) == {}
    assert probes(session) == []


def test_a_look_that_is_not_interrupted_leaves_the_terminal_as_it_was(session):
    session.becomes_slow()
    with Terminal(session, *session.goshim, "doctor", "--only", "toolchain-found") as terminal:
        shown = terminal.expect(rb"\[ended (\d+)\]", 30)
        assert termios.tcgetattr(terminal.master) == terminal.settings
    assert b"[ended 0]" in shown
    assert shown.count(b"\x1b[?25l") == shown.count(b"\x1b[?25h") > 0


def test_a_closed_window_ends_a_look(session):
    session.becomes_slow()
    with Terminal(session, *session.goshim, "doctor", job=False) as terminal:
        until(lambda: go_runs(session))
        terminal.hang_up()
        terminal.leader.wait(END_LIMIT_S)
    assert remaining_of(session.mark) == {}
    assert probes(session) == []
