"""What is shown of go's stderr: all of the first attempt as it comes; of later ones the lines that are new."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

MOST_LINES = 10_000
LONGEST_LINE_BYTES = 1 << 16
_DIFFERS = re.compile(rb"(?<=[a-z])\d{5,}(?=\.tmp\b)|(?<=:)\d{4,5}(?=->)|\(\d+\.\d+s\)")  # temp names, ports, times


class Unseen:
    """Passes on whole lines that no attempt before had, or none so often: each error of a compiler has lines of others.

    An attempt ends where it is called without data.
    """

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._seen: Counter[int] = Counter()  # the most that an attempt had of each line
        self._now: Counter[int] = Counter()  # what this attempt had of it so far
        self._rest = b""

    def note(self, chunks: Iterable[bytes]) -> None:
        """Count what an attempt showed as seen."""
        for chunk in chunks:
            self(chunk)
            if len(self._now) >= MOST_LINES:
                break
        self(b"")

    def __call__(self, data: bytes) -> bytes:
        """The new lines that data completes; of no data, the rest."""
        *whole, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE_BYTES:  # it has no end: what there is of it is shown
            rest, self._rest = self._rest, b""
            return b"".join(line + b"\n" for line in whole if self._is_new(line)) + rest
        shown = b"".join(line + b"\n" for line in whole if self._is_new(line))
        if not data and self._rest:
            rest, self._rest = self._rest, b""
            shown += rest if self._is_new(rest) else b""
        if not data:
            self._seen |= self._now
            self._now.clear()
        return shown

    def _is_new(self, line: bytes) -> bool:
        key = hash(_DIFFERS.sub(b"", line))
        if key not in self._now and len(self._seen) + len(self._now) >= MOST_LINES:
            return key not in self._seen
        self._now[key] += 1
        return self._now[key] > self._seen[key]
