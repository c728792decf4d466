"""A watched call that stands still is told what for, once; one that does anything is not."""

from __future__ import annotations

import fcntl
import os
import signal
import time
from contextlib import ExitStack, contextmanager

import pytest

from tests.end_to_end.supervised import DOWNLOAD, Supervised, Terminal, read_until, state, until

LOCKED = """
import fcntl
tell("ready")
fcntl.flock(os.open({path!r}, os.O_RDWR), fcntl.LOCK_EX)
tell("has it")
"""
SLOW = """
file = os.open("slow", os.O_WRONLY | os.O_CREAT)
while True:
    os.write(file, b"x")
    time.sleep(1)
"""
BUSY = "while True: pass"
OF_A_CHILD = "os.spawnv(os.P_WAIT, '/bin/sleep', ['sleep', '60'])"
MANY_S = 30


@pytest.fixture
def make(tmp_path, installed_launcher, dump_go):
    """Gives machines by name, whose go does what a text says."""

    def made(name, text):
        machine = Supervised(tmp_path / name, installed_launcher, dump_go)
        machine.becomes(text)
        return machine

    return made


@contextmanager
def held(path):
    """A lock on a file, as go takes it."""
    path.parent.mkdir(parents=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_only_a_call_that_does_nothing_is_told_of_and_it_is_told_what_it_waits_for(make, tmp_path):
    lock = tmp_path / "modules/cache/download/example.com/a/@v/v1.0.0.lock"
    text = LOCKED.format(path=str(lock))
    quiet = {"GOSHIM_RETRY__QUIET": "true"}
    with ExitStack() as stack:
        lock_held = stack.enter_context(ExitStack())
        lock_held.enter_context(held(lock))
        start = time.monotonic()
        slow, busy, still = (
            stack.enter_context(make(name, text).started(env=env))
            for name, text, env in [("slow", SLOW, {}), ("busy", BUSY, {}), ("still", text, quiet)]
        )
        locked_user, child_user, stopped_user = make("locked", text), make("child", OF_A_CHILD), make("stopped", text)
        locked, child = (stack.enter_context(user.started()) for user in (locked_user, child_user))
        stopped = stack.enter_context(Terminal(stopped_user, stopped_user.launcher, *DOWNLOAD))
        stopped_user.until_told("ready")
        stopped.type(b"\x1a")
        stopped.expect(rb"\[stopped %d\]" % signal.SIGTSTP)
        shown = read_until(locked.stderr.fileno(), rb"\n", MANY_S)
        assert time.monotonic() - start > 9.5
        assert shown.startswith(b"goshim: ")
        assert f"{lock}" in shown.decode()
        assert f"process {os.getpid()} " in shown.decode()
        assert b"process %d (sleep 60)" % children(child_user)[0] in read_until(child.stderr.fileno(), rb"\n", MANY_S)
        stopped.type(b"\n")
        until(lambda: state(stopped.group) == "S")
        time.sleep(2.5)  # as long as the others may take to be looked at
        for process in (slow, busy, still, locked):
            assert process.poll() is None
            assert not read_until(process.stderr.fileno(), rb"\n", 0)
        stopped.type(b"\x03")
        stopped.expect(rb"\[ended -2\]")
        assert b"goshim" not in stopped.seen
        lock_held.close()
        for process in (locked, still):
            assert (process.wait(timeout=20), process.stderr.read()) == (0, b"")


def children(user):
    """The processes that go started."""
    go = user.starts()[0]
    with open(f"/proc/{go}/task/{go}/children", encoding="ascii") as file:
        return [int(number) for number in file.read().split()]
