"""What it takes to look for a program in PATH, and which programs are where, as os/exec of Go's looks for them."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import time
from typing import Any

from goshim.base.encoding import to_bytes
from goshim.facts.host import Host

LIMIT_S = 0.4
"""Of each probe: after that the rest is left. A drive of a network that is away answers in seconds."""

_MISSING = "gccgo"  # what go itself looks for at every call, most often in vain
_TIMES = 2  # the first look may wait for a disk, which go's own would not at every call


def cost(host: Host, _subject: str) -> dict[str, Any]:
    """The nanoseconds that a look into each entry of PATH takes, and how many entries were left."""
    entries = [entry for entry in host.environment.get("PATH", "").split(":") if entry.startswith("/")]
    end_s = time.monotonic() + LIMIT_S
    taken: list[list[Any]] = []
    for entry in entries:
        if time.monotonic() >= end_s:
            break
        path = to_bytes(f"{entry}/{_MISSING}")
        taken.append([entry, min(_look_ns(path) for _ in range(_TIMES))])
    return {"taken": taken, "left": len(entries) - len(taken)}


def held(_host: Host, subject: str) -> dict[str, Any]:
    """Which names are executable files in which directories, `[[directory, [name, …]], …]`, and how many were left.

    The subject is the same list, of what to look for.
    """
    asked = json.loads(subject)
    end_s = time.monotonic() + LIMIT_S
    found: list[list[Any]] = []
    for done, (directory, names) in enumerate(asked):
        if time.monotonic() >= end_s:
            return {"found": found, "left": len(asked) - done}
        if here := [name for name in names if _is_executable(to_bytes(f"{directory}/{name}"))]:
            found.append([directory, here])
    return {"found": found, "left": 0}


def _look_ns(path: bytes) -> int:
    began_ns = time.perf_counter_ns()
    with contextlib.suppress(OSError, ValueError):
        os.stat(path)
    return time.perf_counter_ns() - began_ns


def _is_executable(path: bytes) -> bool:
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return False
    return stat.S_ISREG(mode) and os.access(path, os.X_OK)
