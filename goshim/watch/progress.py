"""The line on a terminal that tells what is waited for; it is gone when the wait is over."""

from __future__ import annotations

import os
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
        if not self._shown:
            self._supervisor.wait(seconds)
            return
        self._supervisor.before_stop = self._erase
        try:
            self._supervisor.wait(seconds, lambda left_s: self._show(text(left_s)), SHOW_EVERY_S)
        finally:
            self._supervisor.before_stop = lambda: None

    def _show(self, line: str) -> None:
        width = os.get_terminal_size(2).columns or 80
        self._supervisor.say(line if len(line) < width - 4 else line[: max(width - 6, 0)] + "…", _ERASE)

    def _erase(self) -> None:
        self._supervisor.say("", _ERASE)
