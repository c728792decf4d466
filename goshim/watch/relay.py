"""What is shown of go's stderr: all of the first attempt as it comes; of later ones the lines that are new."""

from __future__ import annotations

import re
from collections.abc import Iterable

MOST_LINES = 10_000
LONGEST_LINE_BYTES = 1 << 16
_DIFFERS = re.compile(rb"(?<=[a-z])\d{5,}(?=\.tmp\b)|(?<=:)\d{4,5}(?=->)|\(\d+\.\d+s\)")  # temp names, ports, times


class Unseen:
    """Passes on whole lines that were not seen before."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._seen: set[int] = set()
        self._rest = b""

    def note(self, chunks: Iterable[bytes]) -> None:
        """Count what was shown as seen."""
        for chunk in chunks:
            self(chunk)
            if len(self._seen) >= MOST_LINES:
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
        return shown

    def _is_new(self, line: bytes) -> bool:
        key = hash(_DIFFERS.sub(b"", line))
        if key in self._seen:
            return False
        if len(self._seen) < MOST_LINES:
            self._seen.add(key)
        return True
