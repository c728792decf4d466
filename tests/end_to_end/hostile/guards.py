"""The guards, and how goshim is without one: an input is hostile only if it does harm where its guard is gone.

A guard is one place in the source. A test removes it from a copy of the package, and fails if the place has moved.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

from tests.end_to_end.machine import CHECKOUT


class Removal(NamedTuple):
    """What stands in a file of the checkout, and what stands there without the guard."""

    path: str
    guarded: str
    unguarded: str


REFUSAL = Removal("goshim/boot.py", "        return _refusal(project, error)\n", "        raise\n")
GUARDS: dict[str, tuple[Removal, ...]] = {
    "what needs trust is ignored": (
        Removal(
            "goshim/settings/trust.py",
            'return self.standing == "free" or (trusted and self.standing == "trust")',
            "return True",
        ),
    ),
    "a fault under a project file ends the call": (
        REFUSAL,
        Removal(
            "goshim/facts/host.py",
            "except OSError as error:  # files of the kernel can be regular by their mode, and refuse to be read",
            "except ZeroDivisionError as error:",
        ),
    ),
    "goshim has little time": (Removal("goshim/boot.py", "    _limit_resources()\n", ""),),
    "goshim has little memory": (
        Removal("goshim/boot.py", "resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_LIMIT_BYTES, hard))", "pass"),
    ),
}


def copy_of_package(place: Path, removals: tuple[Removal, ...] = ()) -> Path:
    """A copy of goshim below `place`, without these guards. Gives the path of its boot.py."""
    for name in ("goshim", "bin", "config"):
        shutil.copytree(CHECKOUT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for removal in removals:
        file = place / removal.path
        text = file.read_text()
        assert text.count(removal.guarded) == 1, f"{removal.path} has no such guard any more: {removal.guarded}"
        file.write_text(text.replace(removal.guarded, removal.unguarded))
    return place / "goshim/boot.py"
