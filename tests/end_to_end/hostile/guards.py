"""The guards, and how goshim is without one: an input is hostile only if it does harm where its guard is gone.

A guard is one place in the source, or one in the launcher and one in Python. A test removes it from a copy of the
package, and fails if the place has moved.
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
    "a project file has limits": (
        Removal("goshim/settings/file.py", "PROJECT_LIMIT_BYTES = 1 << 16", "PROJECT_LIMIT_BYTES = 1 << 40"),
        Removal("goshim/settings/file.py", "MOST_PARTS = 20", "MOST_PARTS = 1 << 40"),
        Removal("goshim/settings/file.py", "MOST_HINTS = 20", "MOST_HINTS = 1 << 40"),
    ),
    "a plan ends with the token": (Removal("bin/go", """[[ $text != *$'\\n# '"$token"$'\\n' ]] || eval""", "eval"),),
    "no store in a checkout": (
        Removal("bin/go", '[[ $store == /* ]] && ! is_in_checkout "${store%/*}" || store=\n', ":\n"),
        Removal("goshim/base/own_directory.py", "        if found := _checkout(name):\n            return found\n", ""),
    ),
    "a program has an absolute place": (
        Removal("goshim/facts/host.py", '            if at == "/proc":\n', "            if not at:\n"),
    ),
    "a secret is stored nowhere": (
        Removal(
            "goshim/base/redaction/__init__.py",
            "    if not value or (name and kind_of(name)):\n        return not value\n",
            "    return True\n",
        ),
    ),
    "only visible characters are printed": (
        Removal(
            "goshim/base/terminal.py",
            '    return "".join(each if each in layout or _is_seen(each) else _escaped(each) for each in text)\n',
            "    return text\n",
        ),
    ),
}


def copy_of_package(place: Path, removals: tuple[Removal, ...] = ()) -> Path:
    """A copy of goshim below `place`, without these guards. Gives the path of its boot.py."""
    for name in ("goshim", "bin", "config"):
        shutil.copytree(CHECKOUT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
    for removal in removals:
        file = place / removal.path
        file.write_text(without(file.read_text(), removal))
    return place / "goshim/boot.py"


def without(text: str, removal: Removal) -> str:
    """The text of a file without a guard."""
    assert text.count(removal.guarded) == 1, f"{removal.path} has no such guard any more: {removal.guarded}"
    return text.replace(removal.guarded, removal.unguarded)
