"""WSLENV: what it brings over from Windows of the variables that go obeys."""

from __future__ import annotations

import re
from dataclasses import dataclass

from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics
from goshim.facts.mounts import is_windows_path

_OF_GO = re.compile(
    r"PATH|GO(?!SHIM)[A-Z0-9_]+|CGO_\w+|CC|CXX|GCCGO|PKG_CONFIG|(?i:https?_proxy|no_proxy|all_proxy)"
    r"|SOURCE_DATE_EPOCH|SSL_CERT_\w+|TMPDIR|GIT_SSH\w*|LANG|LC_\w+"
)
_NO_PATHS = re.compile(r"CGO_ENABLED|GO(?:PROXY|FLAGS|PRIVATE|NO\w+|SUMDB|TOOLCHAIN|OS|ARCH|111MODULE)|(?i:\w+_proxy)")


@dataclass(frozen=True)
class Entry:
    """An entry of WSLENV; `fault` is what WSL makes of one that brings nothing."""

    text: str
    name: str
    flags: str
    fault: str = ""


def entries(look: Look) -> tuple[Entry, ...]:
    """The entries that name a variable which go obeys, those of the other direction (`/w`) left out.

    microsoft/WSL src/linux/init/util.cpp, UtilParseWslEnv.
    """
    texts = look(basics.variables).get("WSLENV", "").rstrip().split(":")
    found = (_parse(text) for text in texts if _OF_GO.fullmatch(text.partition("/")[0]))
    return tuple(entry for entry in found if "w" not in entry.flags or entry.fault)


def _parse(text: str) -> Entry:
    name, _, flags = text.partition("/")
    fault = ""
    if not set(flags) <= set("pluw"):
        fault = "WSL ignores an entry with an unknown flag"
    elif set(flags) & set("pl") and _NO_PATHS.fullmatch(name):
        fault = "dropped by WSL: with /p and /l only paths come over"
    return Entry(text, name, flags, fault)


def wrong(look: Look) -> tuple[Entry, ...]:
    """Those by which a value came over that can't be right on Linux; none where a start file set another since."""
    return tuple(entry for entry in look(entries) if not entry.fault and _is_of_windows(look, entry.name))


def _is_of_windows(look: Look, name: str) -> bool:
    value = look(basics.variables).get(name, "")
    first = value.split(":")[0]
    if name not in ("GOROOT", "PATH") or not value:
        return False
    return is_windows_path(value) or (first.startswith("/") and look(basics.mounts).on_windows(first))
