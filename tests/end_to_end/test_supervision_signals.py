"""What is sent to a watched call reaches go, once, and the call ends, stops and goes on as go does."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest

from tests.end_to_end.generated_modules import modules, write_project
from tests.end_to_end.module_proxy import Break, ModuleProxy
from tests.end_to_end.supervised import (
    DOWNLOAD,
    PATIENT_S,
    Supervised,
    clean_signals,
    is_gone,
    state,
    until,
)

ENDING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT]
OF_USERS = [signal.SIGUSR1, signal.SIGUSR2]  # which do nothing to go
COUNTING = """
for number in {numbers}:
    signal.signal(number, lambda number, _: tell("got", number))
signal.signal(signal.SIGALRM, lambda *_: sys.exit(7))
tell("ready")
await_file("go on")
sys.exit(7)
"""
WAITING = "tell('ready'); await_file('never')"


@pytest.fixture
def user(tmp_path, installed_launcher, dump_go):
    return Supervised(tmp_path / "m", installed_launcher, dump_go)


# While go runs.


@pytest.mark.parametrize("number", ENDING + OF_USERS)
def test_a_signal_to_the_call_alone_reaches_go_once_and_go_decides_what_becomes_of_it(user, number):
    other = signal.SIGUSR1 if number != signal.SIGUSR1 else signal.SIGTERM
    user.becomes(COUNTING.format(numbers=[int(number), int(other)]))
    with user.started() as process:
        user.until_told("ready")
        process.send_signal(number)
        user.until_told("got")
        process.send_signal(other)  # comes after any second of the first
        user.until_told("got", 2)
        user.let("go on")
        assert process.wait(timeout=PATIENT_S) == 7
    assert [words[1] for words in user.told() if words[0] == "got"] == [str(int(number)), str(int(other))]
    assert (len(user.starts()), state(user.starts()[0])) == (1, "")


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_that_ends_go_ends_the_call_the_same_way(user, number):
    user.becomes(WAITING)
    with user.started() as process:
        user.until_told("ready")
        process.send_signal(number)
        assert (process.wait(timeout=PATIENT_S), process.stderr.read()) == (-number, b"")
        assert [state(number) for number in user.starts()] == [""]


def test_a_call_that_was_asked_to_end_is_not_tried_again_whatever_go_says(user):
    text = "signal.signal(15, lambda *_: fail_for(0)); tell('ready'); await_file('never')"
    user.becomes(text)
    with user.started() as process:
        user.until_told("ready")
        process.terminate()
        assert process.wait(timeout=PATIENT_S) == 1
        assert b"goshim" not in process.stderr.read()
    assert len(user.starts()) == 1


@pytest.mark.parametrize("number", OF_USERS)
def test_a_signal_that_does_nothing_to_go_does_not_stop_it_from_being_tried_again(user, number):
    user.becomes(f"signal.signal({number}, lambda *_: tell('got')); tell('ready'); await_file('go on'); fail_for(0)")
    with user.started() as process:
        user.until_told("ready")
        process.send_signal(number)
        user.until_told("got")
        user.let("go on")
        process.wait(timeout=PATIENT_S)
    assert len(user.starts()) > 1


def test_to_stop_and_to_continue_the_call_alone_does_so_to_both(user):
    user.becomes(WAITING)
    # A process group whose parent is in no other session than itself can't be stopped by this: so the kernel wants it.
    with user.started(prepare=lambda: os.setpgid(0, 0)) as process:
        go = int(user.until_told("start")[1])
        user.until_told("ready")
        for _ in range(3):
            process.send_signal(signal.SIGTSTP)
            _, code = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(code)
            assert os.WSTOPSIG(code) == signal.SIGTSTP
            until(lambda: state(go) == "T")
            process.send_signal(signal.SIGCONT)
            until(lambda: state(go) == "S" == state(process.pid))
        process.terminate()
        assert process.wait(timeout=PATIENT_S) == -signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGQUIT])
def test_the_real_go_ends_as_without_goshim(real, embedded_go, tmp_path, number):
    needed = modules(1)
    write_project(real.work, needed)
    ends = []
    with ModuleProxy(needed, [Break("stall", times=9)]) as proxy:
        env = real.with_env({"GOPROXY": proxy.url, "GOMODCACHE": tmp_path / "modules", "GONOSUMDB": "example.com"})
        for program in (embedded_go, real.launcher):
            before = proxy.count()
            with subprocess.Popen(
                [program, *DOWNLOAD],
                env=env,
                cwd=real.work,
                stderr=subprocess.PIPE,
                preexec_fn=clean_signals,  # noqa: PLW1509 - the threads here are the proxy's, which hold no lock of ours
            ) as process:
                until(lambda before=before: proxy.count() > before)
                process.send_signal(number)
                err = process.communicate(timeout=PATIENT_S)[1]
            ends.append((process.returncode, err[:60].splitlines()[:1]))
    assert ends[1] == ends[0]


# While nothing runs.


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_a_call_that_waits(user, number):
    with user.waiting() as process:
        process.send_signal(number)
        assert process.wait(timeout=5) == -number
        assert process.stderr.read() == b""


@pytest.mark.parametrize("number", OF_USERS)
def test_what_does_nothing_to_go_does_nothing_to_a_call_that_waits(user, number):
    with user.waiting() as process:
        process.send_signal(number)
        time.sleep(0.2)
        process.terminate()
        assert process.wait(timeout=5) == -signal.SIGTERM


def test_a_call_that_waits_can_be_stopped_and_continued(user):
    with user.waiting(prepare=lambda: os.setpgid(0, 0)) as process:
        for _ in range(3):
            process.send_signal(signal.SIGTSTP)
            _, code = os.waitpid(process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(code)
            assert os.WSTOPSIG(code) == signal.SIGTSTP
            process.send_signal(signal.SIGCONT)
            until(lambda: state(process.pid) == "S")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=5) == -signal.SIGINT
    assert len(user.starts()) == 1


def test_a_call_that_judges_what_go_said_can_be_ended(user):
    user.becomes("say(b'main.go:12:3: this is no error that anybody knows\\n' * 200_000); sys.exit(9)")
    with user.started() as process:
        process.stderr.read(50 * 200_000)
        until(lambda: state(user.starts()[0]) == "")
        process.terminate()
        assert process.wait(timeout=5) in (-signal.SIGTERM, 9)


# Those that end calls which take too long.


@pytest.mark.parametrize("go", [WAITING, "fail_for(20)"], ids=["runs", "waits"])
def test_timeout_ends_it_in_time(user, program, go):
    user.becomes(go)
    start = time.monotonic()
    with user.started(program("timeout"), "1", user.launcher, *DOWNLOAD) as process:
        assert process.wait(timeout=PATIENT_S) == 124
        assert time.monotonic() - start < 4
        until(lambda: all(is_gone(number) for number in user.starts()))


def test_a_killed_call_takes_go_along(user):
    user.becomes(WAITING)
    with user.started() as process:
        user.until_told("ready")
        process.kill()
        until(lambda: is_gone(user.starts()[0]))


def test_a_call_killed_by_timeout_takes_go_along(user, program):
    user.becomes(WAITING)
    with user.started(program("timeout"), "--foreground", "-s", "KILL", "1", user.launcher, *DOWNLOAD) as process:
        assert process.wait(timeout=PATIENT_S) in (137, -signal.SIGKILL)
        until(lambda: is_gone(user.starts()[0]))
