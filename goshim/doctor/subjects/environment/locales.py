"""The locale that variables ask for, and whether it is installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics

CATEGORIES = (
    "LC_CTYPE",
    "LC_NUMERIC",
    "LC_TIME",
    "LC_COLLATE",
    "LC_MONETARY",
    "LC_MESSAGES",
    "LC_PAPER",
    "LC_NAME",
    "LC_ADDRESS",
    "LC_TELEPHONE",
    "LC_MEASUREMENT",
    "LC_IDENTIFICATION",
)
FALLBACK = "C.UTF-8"


def asked(look: Look) -> Mapping[str, str]:
    """The variables that choose locales, those that count: LC_ALL alone where it is set, else each other and LANG.

    An empty one counts as unset: locale(7).
    """
    variables = look(basics.variables)
    if everything := variables.get("LC_ALL"):
        return {"LC_ALL": everything}
    return {name: value for name in (*CATEGORIES, "LANG") if (value := variables.get(name))}


def charsets(look: Look) -> Mapping[str, str | None]:
    """The character set of each locale that is asked for, and of FALLBACK; None where it is not installed."""
    names = sorted({*look(asked).values(), FALLBACK})
    found: Any = look.host.probe("locales.charsets", json.dumps(names))
    return found  # type: ignore[no-any-return]


def charset(look: Look) -> str:
    """The character set in force: of LC_ALL, LC_CTYPE or LANG; of the C locale where that is not installed."""
    named = look(asked)
    name = named.get("LC_ALL") or named.get("LC_CTYPE") or named.get("LANG") or ""
    return (look(charsets)[name] if name else None) or "ANSI_X3.4-1968"


def has_apt(look: Look) -> bool:
    """Whether locales come by the package `locales`, as on Debian and its children."""
    return look.host.is_directory("/etc/apt")
