"""`make fuzz`: as the bounded test, from another beginning each time, until the time is over."""

from __future__ import annotations

import random
import sys
import time

from tests.fuzz.explore import explore
from tests.fuzz.targets import TARGETS

ROUNDS = 200


def main(seconds: float, seed: int) -> int:
    """Explore all targets by turns. Gives the exit code: 1 if any failed."""
    print(f"seed {seed}, {seconds:.0f} s", flush=True)
    chance, until, tried = random.Random(seed), time.monotonic() + seconds, 0
    failed: set[str] = set()
    while time.monotonic() < until and len(failed) < len(TARGETS):
        for target in TARGETS:
            if target.name in failed or time.monotonic() >= until:
                continue
            for failure in explore(target, chance, ROUNDS):
                print(failure, flush=True)
                failed.add(target.name)
                break
            tried += ROUNDS
    print(f"{tried} inputs, {len(failed)} of {len(TARGETS)} targets failed")
    return int(bool(failed))


if __name__ == "__main__":
    given = [float(word) for word in sys.argv[1:]]
    sys.exit(main(given[0] if given else 600, int(given[1]) if len(given) > 1 else time.time_ns() % 1_000_000))
