"""A go that does what a test wrote for it, and ways to look at the processes of a watched call."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.end_to_end.machine import Machine

DOWNLOAD = ("mod", "download")
PATIENT_S = 20  # for what is to happen at once, on a machine that is busy

# What stands before a test's own text. Signals are as go was given them, but for those that Python takes for itself.
_PROLOGUE = """#!{python} -IS
import os, signal, sys, time

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGPIPE, signal.SIG_DFL)

def tell(*words):
    with open({log!r}, "a") as log:
        log.write(" ".join(map(str, words)) + "\\n")

def say(data, file=2):
    while data:
        data = data[os.write(file, data):]

def await_file(name):
    while not os.path.exists(os.path.join({root!r}, name)):
        time.sleep(0.005)

def fail_for(seconds):
    say(b"go: example.com/a@v1.0.0: reading http://127.0.0.1:1/a.zip: 429 Too Many Requests\\n")
    say(b"\\tserver response: Retry-After: %d\\n" % seconds)
    sys.exit(1)

tell("start", os.getpid())
"""

# What a shell does for a command that is typed in: a group of its own, which has the terminal until it ends or stops.
_SHELL = """
import os, signal, sys
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if not job:
    os.setpgid(0, 0)
    os.tcsetpgrp(0, os.getpid())
    for number in (signal.SIGTTOU, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    os.execv(sys.argv[1], sys.argv[1:])
while True:
    status = os.waitpid(job, os.WUNTRACED)[1]
    os.tcsetpgrp(0, os.getpid())
    if not os.WIFSTOPPED(status):
        break
    print("[stopped %d]" % os.WSTOPSIG(status), flush=True)
    sys.stdin.readline()
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)
print("[ended %d]" % os.waitstatus_to_exitcode(status), flush=True)
"""


class Supervised(Machine):
    """A machine whose go is a text of the test's, with `tell`, `say`, `await_file` and `fail_for` at hand."""

    def __init__(self, root, launcher, real):
        super().__init__(root, launcher, real)
        self.log = self.root / "log"
        self.real_go = self.tools / "bin/go"

    def becomes(self, text):
        """Make go do this. Its first word in the log is `start`."""
        prologue = _PROLOGUE.format(python=sys.executable, log=str(self.log), root=str(self.root))
        self.put(self.real_go, prologue + text)

    def told(self):
        """What go told so far: words of a line."""
        return [line.split() for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def starts(self):
        """The process numbers of go, one for each time it was run."""
        return [int(words[1]) for words in self.told() if words[0] == "start"]

    def until_told(self, word, count=1):
        """Wait until go told a line that begins with this word, so many times; the last of these lines."""
        until(lambda: sum(words[0] == word for words in self.told()) >= count)
        return [words for words in self.told() if words[0] == word][-1]

    def let(self, name):
        """Make a file for which go waits."""
        self.put(self.root / name, "")

    @contextlib.contextmanager
    def started(self, *command, env=None, prepare=lambda: None, **files):
        """A process of a call that goes on meanwhile, with signals as a terminal gives them; killed if it remains."""

        def prepared():
            clean_signals()
            prepare()

        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **files}
        words = [os.fspath(word) for word in (command or (self.launcher, *DOWNLOAD))]
        with subprocess.Popen(
            words,
            env=self.with_env(env),
            cwd=self.work,
            preexec_fn=prepared,  # noqa: PLW1509 - no threads here
            **pipes,
        ) as process:
            try:
                yield process
            finally:
                process.kill()
                for number in self.starts():
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(number, signal.SIGKILL)

    @contextlib.contextmanager
    def waiting(self, **more):
        """A call whose go failed, and that waits for its second attempt, for 20 s."""
        self.becomes("fail_for(20)")
        with self.started(**more) as process:
            assert b"\ngoshim: " in read_until(process.stderr.fileno(), rb"goshim: .*\n")
            until(lambda: state(self.starts()[0]) == "")
            assert process.poll() is None
            yield process


def clean_signals():
    """No signal ignored, none held back."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def until(condition, limit_s=PATIENT_S):
    """Wait for a condition, and fail where it does not come true."""
    end = time.monotonic() + limit_s
    while not (value := condition()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.005)
    return value


def state(number):
    """The letter of a process's state, as in ps; empty if there is none of this number."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return ""


def is_gone(number):
    """Whether a process has ended, be it that nobody asked how."""
    return state(number) in ("", "Z", "X")


def status(number, name):
    """A line of /proc/PID/status, as a number in base 16."""
    return int(re.search(rf"(?m)^{name}:\t(\w+)", Path(f"/proc/{number}/status").read_text())[1], 16)


def busy_s(number):
    """The processor time that a process has used."""
    fields = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def read_until(file, expected, limit_s=PATIENT_S):
    """What comes from a descriptor until a pattern is seen, nothing more comes, or the time is over."""
    seen, end = b"", time.monotonic() + limit_s
    while not re.search(expected, seen) and select.select([file], [], [], max(end - time.monotonic(), 0))[0]:
        if not (chunk := os.read(file, 1 << 16)):
            break
        seen += chunk
    return seen


class Terminal:
    """A terminal, and a command on it as a shell runs it, or as the session's first process, `leader`."""

    def __init__(self, machine, *command, job=True, columns=80, env=None):
        """Run a command on it; that of a job shows its end at last, `[ended 0]`, and each stop, `[stopped 20]`."""
        try:
            self.master, slave = pty.openpty()
        except OSError:
            pytest.skip("no terminals to be had here")
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.settings = termios.tcgetattr(slave)

        def prepare():
            clean_signals()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        self.leader = subprocess.Popen(
            [*([sys.executable, "-ISc", _SHELL] if job else []), *map(os.fspath, command)],
            env=machine.with_env({"TERM": "xterm", **(env or {})}),
            cwd=machine.work,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=prepare,  # noqa: PLW1509 - no threads here
        )
        os.close(slave)
        self.seen = b""
        self._machine, self._at = machine, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in (*self._machine.starts(), self.leader.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.leader.wait()
        self.hang_up()

    def hang_up(self):
        """Close it, as a window is closed."""
        if self.master >= 0:
            os.close(self.master)
        self.master = -1

    def type(self, keys):
        """Press keys."""
        os.write(self.master, keys)

    def expect(self, pattern, limit_s=PATIENT_S):
        """What is shown from the last such call on, up to and with what matches a pattern."""
        end = time.monotonic() + limit_s
        while not (found := re.compile(pattern).search(self.seen, self._at)):
            assert select.select([self.master], [], [], max(end - time.monotonic(), 0))[0], self.seen
            self.seen += os.read(self.master, 1 << 16)
        begin, self._at = self._at, found.end()
        return self.seen[begin : self._at]

    @property
    def group(self):
        """The process group that has the terminal: its number is that of the call."""
        return os.tcgetpgrp(self.master)
