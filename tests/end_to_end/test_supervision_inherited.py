"""Signals that the caller of a watched call ignores, or holds back, are so in go, and no others are."""

from __future__ import annotations

import os
import signal

import pytest

from tests.end_to_end.supervised import DOWNLOAD, PATIENT_S, Supervised, clean_signals, status

WAITING = "tell('ready'); await_file('never')"
SETS = [(), (signal.SIGPIPE,), (signal.SIGXFSZ, signal.SIGQUIT), (signal.SIGINT, signal.SIGHUP, signal.SIGTERM)]
SETS += [(signal.SIGCHLD,), (signal.SIGTSTP, signal.SIGCONT, signal.SIGUSR1), (signal.SIGWINCH, 34, 64)]


@pytest.fixture
def user(tmp_path, installed_launcher, dump_go):
    return Supervised(tmp_path / "m", installed_launcher, dump_go)


def ignoring(*numbers):
    """For a process's start: the caller ignores these."""
    return lambda: [signal.signal(number, signal.SIG_IGN) for number in numbers]


def of_signals(teller, program, prepare):
    """What go sees of signals that are ignored or held back."""
    for name in DOWNLOAD:
        (teller.work / name).unlink(missing_ok=True)
        (teller.work / name).symlink_to("/proc/self/status")
    done = teller.call(program, *DOWNLOAD, preexec_fn=prepare, restore_signals=False)
    assert (done.err, done.code) == (b"", 0)
    return [line for line in done.text.splitlines() if line.startswith(("SigIgn", "SigBlk", "SigPnd"))]


@pytest.mark.parametrize("numbers", SETS, ids=str)
def test_what_the_caller_ignores_is_ignored_in_go_and_nothing_else(teller, numbers):
    def prepare():
        clean_signals()
        ignoring(*numbers)()

    bare = of_signals(teller, teller.tools / "bin/go", prepare)
    assert of_signals(teller, teller.launcher, prepare) == bare
    assert of_signals(teller, teller.warm_launcher, prepare) == bare


# bash itself never starts with SIGCHLD held back.
@pytest.mark.parametrize("numbers", [each for each in SETS if signal.SIGCHLD not in each], ids=str)
def test_what_the_caller_holds_back_is_held_back_in_go_and_nothing_else(teller, numbers):
    def prepare():
        clean_signals()
        signal.pthread_sigmask(signal.SIG_SETMASK, numbers)

    bare = of_signals(teller, teller.tools / "bin/go", prepare)
    assert of_signals(teller, teller.launcher, prepare) == bare
    assert of_signals(teller, teller.warm_launcher, prepare) == bare


def test_a_caller_that_ignores_the_end_of_its_children_gets_gos_exit_code(user):
    user.becomes("say(b'words'); sys.exit(5)")
    with user.started(prepare=ignoring(signal.SIGCHLD)) as process:
        assert (process.communicate(timeout=PATIENT_S)[1], process.returncode) == (b"words", 5)
    assert len(user.starts()) == 1


@pytest.mark.parametrize("state_of_call", ["runs", "waits"])
def test_after_nohup_a_hangup_does_nothing(user, state_of_call):
    prepare = ignoring(signal.SIGHUP)
    if state_of_call == "waits":
        with user.waiting(prepare=prepare) as process:
            ends_by_the_second_of(process, signal.SIGHUP, signal.SIGTERM)
    else:
        user.becomes(WAITING)
        with user.started(prepare=prepare) as process:
            user.until_told("ready")
            for number in (process.pid, *user.starts()):
                assert status(number, "SigIgn") >> (signal.SIGHUP - 1) & 1
            ends_by_the_second_of(process, signal.SIGHUP, signal.SIGTERM)


def ends_by_the_second_of(process, *numbers):
    """Send signals; the last one is what ends the process."""
    for number in numbers:
        process.send_signal(number)
    assert process.wait(timeout=5) == -numbers[-1]


def test_a_call_that_sh_puts_into_the_background_ignores_the_interrupts_of_the_terminal(user, program):
    user.becomes(WAITING)
    script = '"$@" & echo $! >"$0"; wait $!; exit $?'
    with user.started(program("sh"), "-c", script, user.root / "number", user.launcher, *DOWNLOAD) as shell:
        user.until_told("ready")
        number = int((user.root / "number").read_text())
        for sent in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            os.kill(number, sent)
        assert shell.wait(timeout=PATIENT_S) == 128 + signal.SIGTERM
