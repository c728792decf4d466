"""The commands, a module each: parse, call, print."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

from goshim.base.errors import GoshimError, UsageError
from goshim.base.terminal import printable, say


def main() -> int:
    """Run `goshim …`, as the console script does. Gives the exit code; never shows a traceback unasked."""
    with _unwinding() as ended_by:
        try:
            return _run()
        except (Exception, KeyboardInterrupt, SystemExit) as error:
            if ended_by:  # then it is no matter what the way out was: Python makes a RuntimeError of it in __set_name__
                return 128 + ended_by[0]
            if isinstance(error, Exception):
                return _told(error)
            raise


def _run() -> int:
    _look_up_no_program()
    from goshim.cli.app import Goshim

    _, code = Goshim.run([sys.argv[0], *sys.argv[1:]], exit=False)
    if sys.stdout:
        sys.stdout.flush()
    return int(code)


@contextlib.contextmanager
def _unwinding() -> Iterator[list[int]]:
    """Have signals that end a command unwind it, so that what it began is put away. Gives those that came."""
    received: list[int] = []

    def unwind(number: int, _frame: Any) -> None:
        received.append(number)
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        raise SystemExit(128 + number)

    ends = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {
        number: signal.signal(number, unwind) for number in ends if signal.getsignal(number) is not signal.SIG_IGN
    }
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(error: Exception) -> int:
    """Say what went wrong. Gives the exit code. Raises the error itself where GOSHIM_DEBUG asks for a traceback."""
    if isinstance(error, GoshimError):
        return _said(str(error), error.exit_code)
    if isinstance(error, BrokenPipeError):
        _close_stdout()
        return 0
    if os.environ.get("GOSHIM_DEBUG"):
        raise error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO) and not error.filename:
        _close_stdout()
        return _said(f"stdout: {(error.strerror or '').lower()}", UsageError.exit_code)
    fault = f"{type(error).__name__}: {printable(str(error))}"
    return _said(f"{fault}\n  a fault of goshim's own; GOSHIM_DEBUG=1 shows where", 125)


def _close_stdout() -> None:
    """What is left of it goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _look_up_no_program() -> None:
    """Keep plumbum from running `uname`, found through PATH, where a clone can bring one.

    It asks for the system's name when it is imported, and Python then for the processor's, with `uname -p`
    (platform.py, uname_result): that answer is given here.
    """
    import platform

    platform.uname().__dict__["processor"] = ""


def _said(message: str, code: int) -> int:
    from goshim.base.redaction import redact

    say(f"goshim: {redact(message)}\n")
    return code
