"""A child process that dies with its parent, and signals read from a descriptor: what Linux has and Python has not."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import stat
import sys

from goshim.base.encoding import to_bytes
from goshim.base.terminal import printable, visible
from goshim.watch.call import Call

# What a parent or a terminal sends to end, stop or wake a call, as far as go itself would react to it.
FORWARDED = (
    signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2,
    signal.SIGTSTP, signal.SIGCONT,
)  # fmt: skip

# Those of them that end go. USR1 and USR2 do nothing to it (runtime/sigtab_linux_generic.go: only _SigNotify).
ENDING = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM)
_OF_USERS = (signal.SIGUSR1, signal.SIGUSR2)

# si_code SI_KERNEL: by a key on the terminal, which sends them to the whole process group. The end of a terminal does
# not: of SIGHUP only the session's first process may know (drivers/tty/tty_jobctrl.c, tty_signal_session_leader).
_SENT_BY_KERNEL = 0x80
_OF_KEYS = (signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP)
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_SIGINFO_BYTES = 128
_SIGSET_BYTES = 128

_libc = ctypes.CDLL(None, use_errno=True)


class Received:
    """A signal that came: its number, and whether the terminal sent it to the child as well."""

    def __init__(self, siginfo: bytes) -> None:
        """Read struct signalfd_siginfo (signalfd(2))."""
        self.number = int.from_bytes(siginfo[0:4], sys.byteorder)
        code = int.from_bytes(siginfo[8:12], sys.byteorder, signed=True)
        self.reached_all = code == _SENT_BY_KERNEL and self.number in _OF_KEYS


class Signals:
    """The signals that end, stop and wake us, held back and read from `descriptor`; what was ignored stays so."""

    def __init__(self) -> None:
        """Make the descriptor. Raises OSError."""
        self._held = [signal.SIGCHLD, *(each for each in FORWARDED if signal.getsignal(each) != signal.SIG_IGN)]
        self._sigchld = signal.getsignal(signal.SIGCHLD)
        self._before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
        mask = bytearray(_SIGSET_BYTES)
        for number in self._held:
            mask[(number - 1) // 8] |= 1 << (number - 1) % 8
        flags = os.O_CLOEXEC | os.O_NONBLOCK  # SFD_CLOEXEC and SFD_NONBLOCK are the same bits
        self.descriptor = _libc.signalfd(-1, bytes(mask), flags)
        if self.descriptor < 0:
            raise OSError(ctypes.get_errno(), "signalfd")

    def hold(self) -> None:
        """Hold them back from now on."""
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # where it is ignored there is no exit code
        for number in _OF_USERS:  # those that come while none are held back; blocked ones are read all the same
            signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_BLOCK, self._held)

    def read(self) -> list[Received]:
        """What came since."""
        try:
            data = os.read(self.descriptor, 16 * _SIGINFO_BYTES)
        except BlockingIOError:
            return []
        return [Received(data[at : at + _SIGINFO_BYTES]) for at in range(0, len(data), _SIGINFO_BYTES)]

    def release(self) -> None:
        """Let them through again, as they were."""
        signal.signal(signal.SIGCHLD, self._sigchld or signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._before)


def not_blocking(descriptor: int) -> int:
    """Another descriptor for the same terminal or pipe, writes to which never block; for what is neither, itself."""
    if os.isatty(descriptor) or stat.S_ISFIFO(os.fstat(descriptor).st_mode):
        with contextlib.suppress(OSError):
            flags = os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
            return os.open(f"/proc/self/fd/{descriptor}", flags)
    return descriptor


def stop_ourselves() -> None:
    """Stop as the terminal's key does, until somebody continues us."""
    _let_happen(signal.SIGTSTP)


def die_by(number: int) -> None:
    """End by a signal, so that who waits for us sees what go would have shown; without a core file of our own."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)  # where cores go to a program the limit does not count
    _let_happen(number)
    os._exit(128 + number)  # it was none that ends a process


def _let_happen(number: int) -> None:
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
    signal.pthread_sigmask(signal.SIG_BLOCK, [number])


def become_go(call: Call) -> None:
    """Become the real go, as if nothing had been watched. Raises OSError."""
    program, arguments, environment = call.exec_parts()
    restore_signals(call.ignored)
    os.execve(program, arguments, environment)


def start(call: Call, signals: Signals, stdout: int | None, stderr: int) -> int:
    """Start the call's go with these descriptors (None: ours) and signals as they were; its process number.

    If we are killed it is killed as well. One that can't be run ends with exit code 126, as a shell's would.
    """
    program, arguments, environment = call.attempt_parts()
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(128 + signal.SIGKILL)
        restore_signals(call.ignored)
        signals.release()
        if call.is_silent:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        elif stdout is not None:
            os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        if call.enter:
            os.chdir(to_bytes(call.enter))
        os.execve(program, arguments, environment)
    except OSError as error:
        os.write(2, visible(f"goshim: {printable(call.go)}: {error.strerror}\n").encode())
    finally:
        os._exit(126)


def restore_signals(ignored: int) -> None:
    """Give the signals that Python or we ignore the state they came in; `ignored` is SigIgn of proc(5)."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ, *_OF_USERS):
        was_ignored = ignored >> (number - 1) & 1
        signal.signal(number, signal.SIG_IGN if was_ignored else signal.SIG_DFL)
