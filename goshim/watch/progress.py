"""The line on a terminal that tells what is waited for; it is gone when the wait is over."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from goshim.watch.supervisor import Supervisor

SHOW_EVERY_S = 0.25
_ERASE = "\r\x1b[K"


class Progress:
    """Waits, and tells meanwhile, where stderr is a terminal that can take a line back."""

    def __init__(self, supervisor: Supervisor, *, shown: bool) -> None:
        """Wait by `supervisor`."""
        self._supervisor = supervisor
        self._shown = shown and os.isatty(2) and os.environ.get("TERM", "") not in ("", "dumb")

    def wait(self, seconds: float, text: Callable[[float], str]) -> None:
        """Wait; `text` is asked for the line, given the seconds that are left."""
        end = time.monotonic() + seconds
        if not self._shown:
            self._supervisor.wait(seconds)
            return
        self._supervisor.before_stop = self._erase
        try:
            while (left_s := end - time.monotonic()) > 0:
                width = os.get_terminal_size(2).columns or 80
                line = text(left_s)
                self._supervisor.say(_ERASE + (line if len(line) < width - 4 else line[: max(width - 6, 0)] + "…"))
                self._supervisor.wait(min(left_s, SHOW_EVERY_S))
        finally:
            self._erase()
            self._supervisor.before_stop = lambda: None

    def _erase(self) -> None:
        self._supervisor.say(_ERASE)
