"""Commands that doctor runs: with a limit to time and output, and none that outlives it."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from goshim.base.encoding import to_bytes

OUTPUT_LIMIT_BYTES = 1 << 20
START_LIMIT_S = 0.5
"""For a program to start when all are to end; from a disk that hangs it may never."""


class Commands:
    """Those that run now."""

    def __init__(self) -> None:
        """Begin with none."""
        self._running: set[subprocess.Popen[bytes]] = set()
        self._starting = 0
        self._started = threading.Condition()
        self._is_over = False

    @contextlib.contextmanager
    def start(
        self, words: Sequence[str], environment: Mapping[str, str], directory: str, **streams: Any
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Start one; what is left of it, and of all it started, is killed at the end of the block. Raises OSError."""
        process = self._begin(words, environment, directory, streams)
        try:
            with process:
                try:
                    yield process
                finally:
                    if process.returncode is None:
                        _kill(process)
        finally:
            self._running.discard(process)

    def end_all(self) -> None:
        """Kill those that run, and those to come."""
        with self._started:
            self._is_over = True
            # one that just starts is not among those that run: nobody would end it if its thread ended with us
            self._started.wait_for(lambda: not self._starting, START_LIMIT_S)
            for process in tuple(self._running):
                _kill(process)

    def _begin(
        self, words: Sequence[str], environment: Mapping[str, str], directory: str, streams: Mapping[str, Any]
    ) -> subprocess.Popen[bytes]:
        with self._started:
            if self._is_over:
                raise OSError(errno.ECANCELED, os.strerror(errno.ECANCELED))
            self._starting += 1
        process = None
        silent = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        try:
            process = subprocess.Popen(
                [to_bytes(word) for word in words],
                env={to_bytes(name): to_bytes(value) for name, value in environment.items()},
                cwd=to_bytes(directory),
                bufsize=0,
                start_new_session=True,  # so that all it starts can be ended with it
                **{**silent, **streams},
            )
        finally:
            with self._started:
                self._starting -= 1
                if process:
                    self._running.add(process)
                    if self._is_over:  # it took longer than is waited for
                        _kill(process)
                self._started.notify_all()
        return process


def read_all(process: subprocess.Popen[bytes], limit_s: float) -> tuple[bytes, bytes]:
    """What a process prints until it ends, the first OUTPUT_LIMIT_BYTES of each. Raises subprocess.TimeoutExpired."""
    end_s = time.monotonic() + limit_s
    kept: dict[Any, bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in kept:
            selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                raise subprocess.TimeoutExpired(process.args, limit_s)
            for ready, _ in selector.select(left_s):
                chunk = os.read(ready.fd, 1 << 16)
                if not chunk:
                    selector.unregister(ready.fileobj)
                kept[ready.fileobj] += chunk[: OUTPUT_LIMIT_BYTES - len(kept[ready.fileobj])]
    process.wait(max(end_s - time.monotonic(), 0))
    output, errors = map(bytes, kept.values())
    return output, errors


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
