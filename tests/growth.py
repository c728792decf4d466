"""How the time that something takes grows with its input, measured against itself: a busy machine is no fault."""

from __future__ import annotations

import time
from collections.abc import Callable

FACTOR = 4
SLACK = 3  # quadratic growth would take FACTOR times as long as linear growth does
LEAST_S = 0.02


def is_linear(work: Callable[[str], object], unit: str, beginning: str = "", size: int = 20_000) -> bool:
    """Whether `work` takes about FACTOR times as long for FACTOR times as many units behind the beginning.

    Whatever else runs may disturb a measurement: of a few, one must do.
    """
    short, long = (beginning + unit * (count // len(unit)) for count in (size, FACTOR * size))
    return any(_seconds(work, long) <= max(FACTOR * SLACK * _seconds(work, short), LEAST_S) for _ in range(3))


def _seconds(work: Callable[[str], object], text: str) -> float:
    began_s = time.process_time()
    work(text)
    return time.process_time() - began_s
