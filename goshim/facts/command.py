"""A command that is given little: time, output and memory. What it works on may have been made to take all of them."""

from __future__ import annotations

import contextlib
import os
import resource
import select
import signal
import time
from collections.abc import Mapping
from typing import NamedTuple

MEMORY_BYTES = 1 << 27


class Limits(NamedTuple):
    """What a command may take: seconds, and bytes of output."""

    time_s: float
    output_bytes: int


def output(words: list[bytes], environment: Mapping[bytes, bytes], limits: Limits) -> bytes | None:
    """What a command prints, up to the limit; None if it fails, or takes too long. It is given no input.

    At a limit it is killed with all that it started. Of memory of its own it has MEMORY_BYTES at most.
    """
    import subprocess  # costs 10 ms; few calls come here

    deadline = time.monotonic() + limits.time_s
    try:
        process = subprocess.Popen(
            words,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_bound_memory,  # noqa: PLW1509 - the cold path has one thread
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    with process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            printed, is_all = _read(process.stdout.fileno(), deadline, limits.output_bytes)
            if not is_all:
                return printed
            code = process.wait(max(deadline - time.monotonic(), 0))
        except (subprocess.TimeoutExpired, TimeoutError):
            return None
        finally:
            if process.poll() is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
    return printed if code == 0 else None


def _read(descriptor: int, deadline: float, limit_bytes: int) -> tuple[bytes, bool]:
    """What is printed, and whether that is all of it. Raises TimeoutError."""
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    printed = b""
    while len(printed) <= limit_bytes:
        if not ready.poll(max(deadline - time.monotonic(), 0) * 1000):
            raise TimeoutError
        chunk = os.read(descriptor, limit_bytes)
        if not chunk:
            return printed, True
        printed += chunk
    return printed[:limit_bytes], False


def _bound_memory() -> None:
    """Let this process have only so much memory of its own; files that it maps do not count (getrlimit(2))."""
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
