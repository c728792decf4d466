from __future__ import annotations

import os
import select
import signal
import time

import pytest

from goshim.watch import process
from goshim.watch.process import Received, Signals
from tests.tables import for_each
from tests.watch.made import in_child, make_call, until

SHOWS_SIGNALS = "grep -E '^Sig(Ign|Blk)' /proc/self/status"


def go(tmp_path, script: str) -> str:
    """A program in the place of go."""
    path = tmp_path / "go"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def output(call) -> tuple[bytes, int]:
    """What a child wrote, and how it ended; in a process of our own, for signals are held back in it."""

    def run() -> tuple[bytes, int]:
        reading, writing = os.pipe()
        child = process.start(call, Signals(), writing, writing)
        os.close(writing)
        with open(reading, "rb") as file:
            data = file.read()
        return data, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    return in_child(run)


def masks(text: bytes) -> dict[str, set[int]]:
    """The signals of some lines of /proc/self/status; not those that glibc's posix_spawn ignores for itself."""
    found = {}
    for line in text.decode().splitlines():
        name, _, mask = line.partition(":")
        found[name] = {number for number in signal.valid_signals() if int(mask, 16) >> (number - 1) & 1}
    return found


def test_the_child_has_the_arguments_the_environment_and_the_end_of_its_own(tmp_path):
    program = go(tmp_path, 'printf "<%s>" "$@" "$A"; exit 7')
    call = make_call("a b", "", "*", go=program, directory=tmp_path, environment={"A": "x\udcff"})
    assert output(call) == (b"<a b><><*><x\xff>", 7)


def test_a_silent_child_runs_where_it_shall_and_its_stdout_is_nowhere(tmp_path):
    call = make_call(go=go(tmp_path, "echo out; pwd >&2"), directory=tmp_path).instead(["list"], "/proc")
    assert output(call) == (b"/proc\n", 0)


@pytest.mark.parametrize("program", ["/absent/go", "/etc/passwd", "/"])
def test_what_cant_be_run_ends_with_126_and_a_word(tmp_path, program):
    said, code = output(make_call(go=program, directory=tmp_path))
    assert code == 126
    assert said.startswith(f"goshim: {program}: ".encode())


def test_the_child_blocks_and_ignores_nothing_of_ours(tmp_path):
    said, _ = output(make_call(go=go(tmp_path, SHOWS_SIGNALS), directory=tmp_path))
    assert masks(said) == {"SigBlk": set(), "SigIgn": set()}


def test_what_the_caller_ignores_the_child_ignores(tmp_path):
    call = make_call("-E", "^Sig(Ign|Blk)", "/proc/self/status", go="/bin/grep", directory=tmp_path)
    call.ignored = 1 << signal.SIGPIPE - 1

    def run():
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        return output(call)

    said, _ = in_child(run)
    assert masks(said) == {"SigBlk": {signal.SIGUSR1}, "SigIgn": {signal.SIGHUP, signal.SIGPIPE}}


def test_to_become_go_is_to_be_it_with_its_signals(tmp_path):
    call = make_call(go=go(tmp_path, f"{SHOWS_SIGNALS}; echo $$; exit 3"), directory=tmp_path)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writing, 1)
        process.become_go(call)
    os.close(writing)
    with open(reading, "rb") as file:
        *shown, number = file.read().splitlines()
    assert int(number) == child
    assert masks(b"\n".join(shown)) == {"SigBlk": set(), "SigIgn": set()}
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3


def is_gone(number: int) -> bool:
    try:
        with open(f"/proc/{number}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_a_child_dies_with_its_parent(tmp_path):
    call = make_call(go="/bin/sleep", directory=tmp_path)
    call.arguments = ["60"]
    reading, writing = os.pipe()
    parent = os.fork()
    if not parent:
        child = process.start(call, Signals(), None, 2)
        os.write(writing, b"%d\n" % child)
        time.sleep(60)
    os.close(writing)
    with open(reading, "rb") as file:
        child = int(file.readline())
    assert until(lambda: os.readlink(f"/proc/{child}/exe").endswith("sleep"))
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    assert until(lambda: is_gone(child))


@for_each("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE, 9])
def test_to_die_by_a_signal_looks_like_it_from_outside_and_leaves_no_core(number):
    child = os.fork()
    if not child:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Signals().hold()
        process.die_by(number)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == number
    assert not os.WCOREDUMP(status)


def test_a_signal_that_ends_nothing_ends_with_its_number_all_the_same():
    child = os.fork()
    if not child:
        process.die_by(signal.SIGCHLD)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 128 + signal.SIGCHLD


def stop_and_go_on():
    """What became of a process that stopped itself, as its parent sees it."""
    child = os.fork()
    if not child:
        Signals().hold()
        process.stop_ourselves()
        os._exit(5)
    _, status = os.waitpid(child, os.WUNTRACED)
    stopped = os.WIFSTOPPED(status) and os.WSTOPSIG(status)
    os.kill(child, signal.SIGCONT)
    return stopped, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_to_stop_ourselves_lasts_until_somebody_continues_us():
    def run():
        os.setpgid(0, 0)  # with a parent in the session, else the kernel ignores the stop
        return stop_and_go_on()

    assert in_child(run) == (signal.SIGTSTP, 5)


def received(*numbers: int, ignore: tuple[int, ...] = ()) -> list[tuple[int, bool]]:
    """What is read of these signals."""

    def run():
        for each in ignore:
            signal.signal(each, signal.SIG_IGN)
        signals = Signals()
        signals.hold()
        for number in numbers:
            os.kill(os.getpid(), number)
        select.select([signals.descriptor], [], [], 0.3 if ignore else 5)
        found = [(each.number, each.reached_all) for each in signals.read()]
        assert signals.read() == []
        return found

    return in_child(run)


def test_signals_are_held_back_and_read():
    assert sorted(received(signal.SIGINT, signal.SIGTERM)) == [(signal.SIGINT, False), (signal.SIGTERM, False)]
    for number in process.FORWARDED:
        assert received(number) == [(number, False)]


def test_what_was_ignored_stays_ignored():
    assert received(signal.SIGINT, ignore=(signal.SIGINT,)) == []


def test_a_key_on_the_terminal_is_told_from_a_kill():
    key = (2).to_bytes(4, "little") + bytes(4) + (0x80).to_bytes(4, "little") + bytes(116)
    kill = (2).to_bytes(4, "little") + bytes(124)
    assert [(each.number, each.reached_all) for each in (Received(key), Received(kill))] == [(2, True), (2, False)]


def test_when_signals_are_let_through_again_they_are_as_before():
    def run():
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
        signals = Signals()
        signals.hold()
        signals.release()
        return before, signal.pthread_sigmask(signal.SIG_BLOCK, [])

    before, after = in_child(run)
    assert after == before | {signal.SIGUSR1}
