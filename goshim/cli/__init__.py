"""The commands, a module each: parse, call, print."""

from __future__ import annotations

import errno
import os
import sys

from goshim.errors import GoshimError, UsageError


def main() -> int:
    """Run `goshim …`, as the console script does. Gives the exit code; never shows a traceback unasked."""
    try:
        _look_up_no_program()
        from goshim.cli.app import Goshim

        _, code = Goshim.run([sys.argv[0], *sys.argv[1:]], exit=False)
        if sys.stdout:
            sys.stdout.flush()
    except GoshimError as error:
        return _said(str(error), error.exit_code)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if os.environ.get("GOSHIM_DEBUG"):
            raise
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EIO) and not error.filename:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # what is left of it goes nowhere
            return _said(f"stdout: {(error.strerror or '').lower()}", UsageError.exit_code)
        return _said(f"{type(error).__name__}: {error}\n  a fault of goshim's own; GOSHIM_DEBUG=1 shows where", 125)
    return code


def _look_up_no_program() -> None:
    """Keep plumbum from running `uname`, found through PATH, where a clone can bring one.

    It asks for the system's name when it is imported, and Python then for the processor's, with `uname -p`
    (platform.py, uname_result): that answer is given here.
    """
    import platform

    platform.uname().__dict__["processor"] = ""


def _said(message: str, code: int) -> int:
    if sys.stderr is None:
        return code
    sys.stderr.buffer.write(f"goshim: {message}\n".encode("utf-8", "surrogateescape"))
    return code
