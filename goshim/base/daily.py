"""What goshim says of its own faults: once a day, as the launcher does, whose file in the store this shares."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping

from goshim.base import store as stores
from goshim.base.terminal import say


def warn(environment: Mapping[str, str], fault: str) -> None:
    """Tell that go runs without goshim, and why."""
    store, today = stores.of(environment), time.strftime("%Y-%m-%d").encode("ascii")
    if store.read("warned") != today:
        text = f"goshim: {fault}; go runs without it. Mend: goshim install. End: goshim off. (Said once a day.)"
        with contextlib.suppress(OSError):
            say(f"{text}\n")
        store.write("warned", today)
