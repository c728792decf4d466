"""The commands, a module each: parse, call, print."""

from __future__ import annotations

import os
import sys

from goshim.errors import GoshimError


def main() -> int:
    """Run `goshim …`, as the console script does. Gives the exit code; never shows a traceback unasked."""
    try:
        from goshim.cli.app import Goshim

        _, code = Goshim.run([sys.argv[0], *sys.argv[1:]], exit=False)
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
        return _said(f"{type(error).__name__}: {error}\n  a fault of goshim's own; GOSHIM_DEBUG=1 shows where", 125)
    return code


def _said(message: str, code: int) -> int:
    sys.stderr.buffer.write(f"goshim: {message}\n".encode("utf-8", "surrogateescape"))
    return code
