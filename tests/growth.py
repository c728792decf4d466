"""How the work of a function grows with its input, whatever else the machine is doing."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_ROUNDS = 3
_SHORTEST_S = 0.005  # below that the clock and the caches decide


def is_linear(work: Callable[[Any], Any], make: Callable[[int], Any], count: int = 2000) -> bool:
    """Whether twice the input takes about twice the processor time: less than three times, where quadratic takes four.

    The input grows until it takes long enough to be measured, or is a million units long.
    """
    while (once_s := _best_s(work, make(count))) < _SHORTEST_S and count < 1_000_000:
        count *= 2
    return once_s < _SHORTEST_S or _best_s(work, make(2 * count)) < 3 * once_s


def _best_s(work: Callable[[Any], Any], data: Any) -> float:
    best_s = float("inf")
    for _ in range(_ROUNDS):
        started = time.process_time()
        work(data)
        best_s = min(best_s, time.process_time() - started)
        if best_s > 1:
            break
    return best_s
