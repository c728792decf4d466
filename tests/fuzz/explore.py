"""Runs a target on mutated inputs, and looks at exceptions, at the growth of time, and at memory."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Iterator
from typing import NamedTuple

from tests.fuzz.mutate import mutated, pump
from tests.fuzz.targets import TARGETS, Target

GROWTH = 3.0  # of the time where the input doubles: linear is 2, quadratic 4
SHORTEST_S = 0.01  # what takes less cannot be compared
MEMORY_BYTES = 1 << 14
MEMORY_FLOOR_BYTES = 12 << 20  # what reading a file may set aside
MOST_BYTES_PER_BYTE = 400
"""Of memory at the peak, for each byte of input, above the floor: a Python object of a byte has about 60."""

_ALL_SEEDS = tuple(seed for target in TARGETS for seed in target.seeds)


class Failure(NamedTuple):
    """What a target did wrong, and with which input."""

    target: str
    what: str
    data: bytes

    def __str__(self) -> str:
        """As a report: what is needed to try it again."""
        shown = repr(self.data if len(self.data) < 600 else self.data[:300] + b" ... " + self.data[-300:])
        return f"{self.target}: {self.what}\n  {len(self.data)} bytes: {shown}"


def explore(target: Target, chance: random.Random, rounds: int) -> Iterator[Failure]:
    """Try `rounds` mutated inputs; one in eight is also made to grow."""
    for number in range(rounds):
        seed = target.seeds[number % len(target.seeds)]
        data = seed if number < len(target.seeds) else mutated(seed, _ALL_SEEDS, chance)
        if what := _raised(target, data):
            yield Failure(target.name, what, data)
        elif number % 8 == 0:
            yield from _grown(target, *pump(data, chance))


def _raised(target: Target, data: bytes) -> str:
    try:
        target.parse(data)
    except target.raises:
        return ""
    except Exception as error:  # noqa: BLE001 - this is what is looked for
        return f"raised {type(error).__name__}: {error}"
    return ""


def _grown(target: Target, head: bytes, piece: bytes, tail: bytes) -> Iterator[Failure]:
    """Repeat a piece: 16 KB of it for the memory, then as often as takes long enough to compare with twice that."""

    def repeated(count: int) -> bytes:
        return head + piece * count + tail

    data = repeated(MEMORY_BYTES // len(piece))
    tracemalloc.start()
    what = _raised(target, data)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    if peak_bytes > MEMORY_FLOOR_BYTES + MOST_BYTES_PER_BYTE * len(data):
        what = f"takes {peak_bytes >> 20} MB of memory"
    if what:
        yield Failure(target.name, what, data)
        return
    count = 256
    while (once_s := _best_s(target, repeated(count))) < SHORTEST_S:
        count *= 2
        if count * len(piece) > target.limit_bytes // 2:
            return
    if all(_best_s(target, repeated(2 * count)) > GROWTH * once_s for _ in range(2)):
        once_s = _best_s(target, repeated(count))
        if _best_s(target, repeated(2 * count)) > GROWTH * once_s:
            what = f"time grows by more than {GROWTH} where the input doubles, from {once_s:.3f} s"
            yield Failure(target.name, what, repeated(2 * count))


def _best_s(target: Target, data: bytes) -> float:
    best_s = float("inf")
    for _ in range(2):
        started = time.process_time()
        _raised(target, data)
        best_s = min(best_s, time.process_time() - started)
    return best_s
