"""How the time that something takes grows with its input, measured against itself: a busy machine is no fault."""

from __future__ import annotations

import time
from collections.abc import Callable

FACTOR = 4
SLACK = 3  # quadratic growth would take FACTOR times as long as linear growth does
LEAST_S = 0.02


def is_linear(work: Callable[[str], object], unit: str, beginning: str = "", size: int = 20_000) -> bool:
    """Whether `work` takes about FACTOR times as long for FACTOR times as many units behind the beginning."""
    short, long = (beginning + unit * (count // len(unit)) for count in (size, FACTOR * size))
    return _least_s(work, long) <= max(FACTOR * SLACK * _least_s(work, short), LEAST_S)


def _least_s(work: Callable[[str], object], text: str) -> float:
    taken = []
    for _ in range(3):
        began_s = time.process_time()
        work(text)
        taken.append(time.process_time() - began_s)
    return min(taken)
