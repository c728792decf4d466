"""The call itself: the environment and the directory it came with, and the project it is about."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping, Sequence

from goshim import PROJECT_FILE
from goshim.base.encoding import to_bytes, to_text
from goshim.call.arguments import chdir

NO_PROJECT = "-"


def environment() -> dict[str, str]:
    """The environment as the caller gave it. Python adds LC_CTYPE to its own under LANG=C (PEP 538)."""
    try:
        with open("/proc/self/environ", "rb") as file:
            entries = file.read().split(b"\0")
    except OSError:
        entries = [name + b"=" + value for name, value in os.environb.items()]
    pairs = (to_text(entry).partition("=") for entry in entries)
    return {name: value for name, equals, value in pairs if name and equals}


def directory(environment: Mapping[str, str], arguments: Sequence[str] = ()) -> str:
    """The working directory by the name the caller knows it under, or what DIR of go's -C resolves to."""
    here = environment.get("PWD", "")
    if not _is_same(here, ".") or not here.startswith("/"):
        try:
            here = to_text(os.getcwdb())
        except OSError:  # it was deleted
            here = here if here.startswith("/") else "/"
    there = chdir(arguments)
    return to_text(os.path.realpath(to_bytes(os.path.join(here, there)))) if there else here


def project(environment: Mapping[str, str], directory: str) -> str:
    """The nearest directory upward with a project file, before HOME, / and any sticky one, as in bin/go; else `-`."""
    while directory.rstrip("/"):
        try:
            status = os.stat(to_bytes(directory))
            if status.st_mode & stat.S_ISVTX or _is_same(directory, environment.get("HOME", "")):
                return NO_PROJECT
        except OSError:
            pass  # what can't be looked at can't end the search either
        if os.path.lexists(to_bytes(f"{directory}/{PROJECT_FILE}")):
            return directory
        directory = directory.rpartition("/")[0]
    return NO_PROJECT


def _is_same(one: str, other: str) -> bool:
    try:
        return os.path.samefile(to_bytes(one), to_bytes(other))
    except OSError:
        return False
