"""On a terminal the keys do to a watched call what they do to go, and what is shown of a wait is gone after it."""

from __future__ import annotations

import os
import re
import signal
import termios
import time

import pytest

from tests.end_to_end.supervised import DOWNLOAD, Supervised, Terminal, is_gone, read_until, state, until

# Interrupts that go counts, and a mark that comes after them.
COUNTING = """
for number in (signal.SIGINT, signal.SIGQUIT):
    signal.signal(number, lambda number, _: tell("got", number))
signal.signal(signal.SIGUSR1, lambda number, _: tell("got", number))
tell("ready")
await_file("go on")
sys.exit(7)
"""
WAITING = "tell('ready'); await_file('go on'); say(b'done'); sys.exit(7)"
LINE = rb"goshim: [^\r]*attempt 2 in "


@pytest.fixture
def user(tmp_path, installed_launcher, dump_go):
    return Supervised(tmp_path / "m", installed_launcher, dump_go)


def fails_once(user, seconds):
    """Make go fail so that it is tried again after so many seconds, and then go well as soon as a file is there."""
    user.becomes(f"""
if not os.path.exists({str(user.root / "second")!r}):
    open({str(user.root / "second")!r}, "w").close()
    fail_for({seconds})
tell("second")
await_file("go on")
say(b"done")
""")


def screen(shown):
    """What is left to see on a terminal: lines, of each what was written over the rest."""
    lines = []
    for line in shown.split(b"\n"):
        left = b""
        for part in line.rstrip(b"\r").split(b"\r"):
            left = part[3:] if part.startswith(b"\x1b[K") else part + left[len(part) :]
        lines.append(left)
    return lines


@pytest.mark.parametrize(("key", "number"), [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)])
def test_a_key_reaches_go_once(user, key, number):
    user.becomes(COUNTING)
    with Terminal(user, user.launcher, *DOWNLOAD) as terminal:
        user.until_told("ready")
        terminal.type(key)
        user.until_told("got")
        os.kill(terminal.group, signal.SIGUSR1)
        user.until_told("got", 2)
        user.let("go on")
        terminal.expect(rb"\[ended 7\]")
    assert [int(words[1]) for words in user.told() if words[0] == "got"] == [number, signal.SIGUSR1]


@pytest.mark.parametrize(("key", "number"), [(b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT)])
@pytest.mark.parametrize("call", ["runs", "waits"])
def test_a_key_ends_the_call_as_it_ends_go_and_the_terminal_is_as_before(user, key, number, call):
    if call == "waits":
        fails_once(user, 20)
    else:
        user.becomes(WAITING)
    with Terminal(user, user.launcher, *DOWNLOAD) as terminal:
        if call == "waits":
            terminal.expect(LINE)
        else:
            user.until_told("ready")
        terminal.type(key)
        terminal.expect(rb"\[ended -%d\]" % number)
        assert termios.tcgetattr(terminal.master) == terminal.settings
    assert all(is_gone(process) for process in user.starts())


def test_a_key_ends_a_call_that_is_the_sessions_first_process(user):
    user.becomes(WAITING)
    with Terminal(user, user.launcher, *DOWNLOAD, job=False) as terminal:
        user.until_told("ready")
        terminal.type(b"\x03")
        assert terminal.leader.wait(timeout=5) == -signal.SIGINT
        assert all(is_gone(process) for process in user.starts())


@pytest.mark.parametrize("job", [True, False], ids=["of a shell", "first process"])
@pytest.mark.parametrize("call", ["runs", "waits"])
def test_when_the_window_is_closed_nothing_goes_on(user, job, call):
    if call == "waits":
        fails_once(user, 20)
    else:
        user.becomes(WAITING)
    with Terminal(user, user.launcher, *DOWNLOAD, job=job) as terminal:
        if call == "waits":
            terminal.expect(LINE)
        else:
            user.until_told("ready")
        group = terminal.group
        terminal.hang_up()
        until(lambda: is_gone(group), 5)
        until(lambda: all(is_gone(process) for process in user.starts()), 5)


@pytest.mark.parametrize("call", ["runs", "waits"])
def test_the_stop_key_stops_all_of_it_until_it_is_brought_back(user, call):
    if call == "waits":
        fails_once(user, 3)
    else:
        user.becomes(WAITING)
    with Terminal(user, user.launcher, *DOWNLOAD) as terminal:
        if call == "waits":
            terminal.expect(LINE)
        else:
            user.until_told("ready")
        terminal.type(b"\x1a")
        terminal.expect(rb"\[stopped %d\]\r\n" % signal.SIGTSTP)
        assert b"attempt" not in b"".join(screen(terminal.seen))
        go = user.starts()[0]
        if call == "runs":
            until(lambda: state(go) == "T")
        terminal.type(b"\n")
        if call == "runs":
            until(lambda: state(go) == "S" == state(terminal.group))
        else:
            user.until_told("second")
        user.let("go on")
        terminal.expect(rb"done\[ended %d\]" % (7 if call == "runs" else 0))


def test_in_a_shell_that_is_typed_into_a_call_can_be_stopped_listed_and_brought_back(user, program):
    user.becomes(WAITING)
    env = {"PS1": "ready> ", "INPUTRC": "/dev/null", "HISTFILE": "/dev/null"}
    with Terminal(user, program("bash"), "--norc", "--noprofile", "-i", job=False, env=env) as terminal:
        terminal.expect(rb"ready> ")
        terminal.type(b"go mod download\n")
        user.until_told("ready")
        terminal.type(b"\x1a")
        terminal.expect(rb"Stopped .*go mod download\r\n")
        terminal.expect(rb"ready> ")
        terminal.type(b"jobs\n")
        terminal.expect(rb"\[1\]\+  Stopped .*go mod download\r\n")
        go = user.starts()[0]
        until(lambda: state(go) == "T")
        terminal.expect(rb"ready> ")
        terminal.type(b"fg\n")
        until(lambda: state(go) == "S")
        user.let("go on")
        terminal.expect(rb"done.*ready> ")
        terminal.type(b"echo status $?\n")
        terminal.expect(rb"\rstatus 7\r\n")
    assert len(user.starts()) == 1


def test_go_reads_the_terminal(user):
    user.becomes("tell('ready'); say(b'read ' + os.read(0, 100))")
    with Terminal(user, user.launcher, *DOWNLOAD) as terminal:
        user.until_told("ready")
        terminal.type(b"typed\n")
        terminal.expect(rb"read typed\r\n\[ended 0\]")


@pytest.mark.parametrize(  # some pieces leave room in the terminal, for less than a piece
    ("number", "piece"), [*((signal.SIGTERM, piece) for piece in (1000, 3000, 4096, 100_000)), (signal.SIGINT, 3000)]
)
def test_a_call_on_a_terminal_that_is_held_up_can_be_ended(user, number, piece):
    user.becomes(f"while True: tell('part'); say(b'x' * {piece}); time.sleep({piece} / 1e6)")
    with Terminal(user, user.launcher, *DOWNLOAD, job=False) as terminal:
        user.until_told("part")
        count = -1
        while count != (count := len(user.told())):  # until no more is taken
            time.sleep(0.3)
        terminal.leader.send_signal(number)
        assert terminal.leader.wait(timeout=5) == -number


# What is shown of a wait.


def test_a_wait_is_shown_and_nothing_is_left_of_that(user):
    fails_once(user, 2)
    user.let("go on")
    with Terminal(user, user.launcher, *DOWNLOAD) as terminal:
        terminal.expect(LINE)
        terminal.expect(rb"\[ended 0\]")
        lines = screen(terminal.seen)
    assert [line[:8] for line in lines] == [b"go: exam", b"\tserver ", b"goshim: ", b"done[end", b""]
    assert b"attempt" not in b"".join(lines)
    assert len(re.findall(LINE, terminal.seen)) > 2


def test_nothing_of_a_wait_is_left_where_it_is_interrupted(user):
    fails_once(user, 20)
    with Terminal(user, user.launcher, *DOWNLOAD) as terminal:
        terminal.expect(LINE)
        terminal.type(b"\x03")
        terminal.expect(rb"\[ended -2\]")
        assert b"attempt" not in b"".join(screen(terminal.seen))


@pytest.mark.parametrize("columns", [20, 40, 200])
def test_the_line_of_a_wait_is_no_longer_than_the_terminal_is_wide(user, columns):
    fails_once(user, 1)
    user.let("go on")
    with Terminal(user, user.launcher, *DOWNLOAD, columns=columns) as terminal:
        terminal.expect(rb"\[ended 0\]")
    shown = re.findall(rb"\x1b\[K([^\r\n]+)", terminal.seen)
    waits = [line.decode() for line in shown if line.startswith(b"goshim: ")]
    assert waits
    assert max(map(len, waits)) < columns


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"TERM": None}, {"TERM": ""}, {"GOSHIM_RETRY__QUIET": "true"}])
def test_no_line_comes_and_goes_where_the_terminal_can_not_or_it_is_not_wanted(user, env):
    fails_once(user, 1)
    user.let("go on")
    with Terminal(user, user.launcher, *DOWNLOAD, env=env) as terminal:
        terminal.expect(rb"\[ended 0\]")
    assert b"\x1b" not in terminal.seen
    assert terminal.seen.count(b"goshim: ") == (0 if "GOSHIM_RETRY__QUIET" in env else 1)


def test_there_are_no_escape_codes_where_stderr_is_no_terminal(user):
    fails_once(user, 1)
    user.let("go on")
    with user.started(env={"TERM": "xterm"}) as process:
        shown = read_until(process.stderr.fileno(), b"done")
        assert process.wait(timeout=20) == 0
    assert (shown.count(b"goshim: "), shown.count(b"\n"), b"\x1b" in shown, b"\r" in shown) == (1, 3, False, False)
