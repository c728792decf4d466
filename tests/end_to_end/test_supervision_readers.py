"""Where what a watched call says is read slowly, by nobody any more, or can't be written, it is as with bare go."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import termios
import time

import pytest

from tests.end_to_end.supervised import DOWNLOAD, Supervised, is_gone, read_until, state, until

FULL_B = 1 << 16  # bytes in a pipe


@pytest.fixture
def user(tmp_path, installed_launcher, dump_go):
    return Supervised(tmp_path / "m", installed_launcher, dump_go)


@pytest.mark.parametrize("kind", ["pipe", "unblocked pipe", "socket"])
def test_a_reader_that_takes_its_time_gets_every_byte(user, kind):
    user.becomes("for number in range(40_000): say(b'%d ' % number)")
    if kind == "socket":
        ours, theirs = (end.detach() for end in socket.socketpair())
    else:
        ours, theirs = os.pipe()
    os.set_blocking(theirs, kind == "pipe")
    with user.started(stderr=theirs) as process:
        os.close(theirs)
        seen = read_until(ours, b"^0 1 2 ")
        time.sleep(0.3)  # all that can be full is full
        while chunk := os.read(ours, 1000):
            seen += chunk
        assert process.wait(timeout=60) == 0
    os.close(ours)
    assert seen == b"".join(b"%d " % number for number in range(40_000))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("amount", [10 * FULL_B, FULL_B + FULL_B // 2], ids=["writes", "has ended"])
def test_a_call_whose_stderr_nobody_reads_can_be_ended(user, number, amount):
    user.becomes(f"tell('ready'); say(b'x' * {amount})")
    reading, writing = os.pipe()
    with user.started(stderr=writing) as process:
        os.close(writing)
        user.until_told("ready")
        until(lambda: is_full(reading))
        if amount < 2 * FULL_B:
            until(lambda: is_gone(user.starts()[0]))
        process.send_signal(number)
        assert process.wait(timeout=5) in ((-number,) if amount > 2 * FULL_B else (-number, 0))
    os.close(reading)


def test_a_signal_that_comes_after_gos_end_does_not_make_it_run_again(user):
    user.becomes(f"tell('ready'); say(b'x' * {FULL_B + 4 * 4096}); sys.exit(3)")
    reading, writing = os.pipe()
    with user.started(stderr=writing) as process:
        os.close(writing)
        until(lambda: is_full(reading))
        until(lambda: user.starts() and is_gone(user.starts()[0]))
        os.read(reading, 4096)  # it goes on for as much, sees that go has ended, and can't write the rest
        until(lambda: state(user.starts()[0]) == "")
        process.terminate()
        said = read_until(reading, b"nothing", 5)
        assert (process.wait(timeout=5) in (-signal.SIGTERM, 3), len(user.starts())) == (True, 1)
        assert b"goshim" not in said
    os.close(reading)


def is_full(pipe):
    """Whether a pipe holds as much as it can."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), "little") == FULL_B


# Readers that are gone, files that are closed.


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@pytest.mark.parametrize("amount", [1, 1 << 20])
def test_where_the_reader_is_gone_it_ends_as_bare_go_does(user, name, amount):
    user.becomes(f"say(b'x' * {amount}, {1 if name == 'stdout' else 2})")

    def ended(program):
        reading, writing = os.pipe()
        os.close(reading)
        with user.started(program, *DOWNLOAD, **{name: writing}) as process:
            os.close(writing)
            out, err = process.communicate(timeout=60)
        return out, err, process.returncode

    assert ended(user.launcher) == ended(user.real_go)
    assert ended(user.launcher)[2] == -signal.SIGPIPE
    until(lambda: all(is_gone(number) for number in user.starts()))


def test_where_the_reader_of_json_is_gone_it_ends_as_bare_go_does(user):
    user.becomes("say(b'{}' * 100_000, 1)")
    reading, writing = os.pipe()
    os.close(reading)
    with user.started(user.launcher, *DOWNLOAD, "-json", stdout=writing) as process:
        os.close(writing)
        assert (process.communicate(timeout=60)[1], process.returncode) == (b"", -signal.SIGPIPE)


def test_where_nobody_reads_stderr_the_real_go_ends_as_without_goshim(real, embedded_go):
    codes = []
    for program in (embedded_go, real.launcher):
        reading, writing = os.pipe()
        os.close(reading)
        command = [program, "mod", "download", "-unknown"]
        with subprocess.Popen(command, env=real.with_env(None), cwd=real.work, stderr=writing) as process:
            os.close(writing)
            codes.append(process.wait(timeout=60))
    assert codes == [-signal.SIGPIPE] * 2


def test_a_full_disk_below_stderr_is_no_concern_of_the_exit_code(user):
    user.becomes("os.write(1, b'out')\ntry: os.write(2, b'words')\nexcept OSError: pass\nsys.exit(3)")
    with open("/dev/full", "wb") as full, user.started(stderr=full) as process:
        assert (process.communicate(timeout=60)[0], process.returncode) == (b"out", 3)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("temperature", ["cold", "warm"])
def test_closed_files_are_no_obstacle(user, program, closed, temperature):
    text = "fine = [os.fstat(number) for number in range(3)]\nsay(b'words'); say(b'out', 1); tell('end')\nsys.exit(5)"
    user.becomes(text)
    if temperature == "warm":
        user.go(*DOWNLOAD)
        user.log.unlink()
    done = user.call(program("bash"), "-c", f'"$@" {closed}; echo "code $?" >"$OUT"', "-", user.launcher, *DOWNLOAD,
                     env={"OUT": user.root / "code"})  # fmt: skip
    assert (user.root / "code").read_text() == "code 5\n"
    assert user.until_told("end")
    outputs = closed.replace("2>&-", "2")
    assert (done.out, done.err) == (b"" if ">&-" in outputs else b"out", b"" if "2" in outputs else b"words")
