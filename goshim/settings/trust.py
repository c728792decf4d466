"""What a project file may say. It comes with a clone, so what could harm is left out until the file is trusted."""

from __future__ import annotations

import re
from typing import Any

from goshim.settings.model import Settings, leaves

Key = tuple[str, ...]

# Turning these off could send private names or traffic elsewhere, run what lies in the working directory, or undo what
# the user's own config says.
SAFETY_RULES = frozenset(
    {"path-unsafe", "path-extra", "private-syntax", "go-env"}
    | {"proxy-url", "proxy-case", "proxy-https-missing", "proxy-setting", "no-proxy-syntax"}
)

FREE_SECTIONS = frozenset({"cgo", "epoch", "module_cache", "retry", "rules", "min_version"})
FREE_KEYS = frozenset({("path", "windows"), ("proxy", "mode")})
_MOST_PATIENT = {
    "lock_budget_s": 300,
    "network_budget_s": 300,
    "network_tries": 10,
    "first_wait_s": 60,
    "max_wait_s": 60,
}
_FREE_VARIABLES = frozenset(
    [
        "GOOS",
        "GOARCH",
        "GO386",
        "GOAMD64",
        "GOARM",
        "GOARM64",
        "GOMIPS",
        "GOMIPS64",
        "GOPPC64",
        "GORISCV64",
        "GOWASM",
        "GOEXPERIMENT",
    ]
)
_FREE_VALUE = re.compile(r"[a-z0-9.,_]+\Z")


def split(values: dict[str, Any]) -> tuple[dict[str, Any], list[Key]]:
    """The part of a project file that needs no trust, and the keys that do."""
    free: dict[str, Any] = {}
    withheld: list[Key] = []
    for key, value in _flat(values):
        if key == ("rules", "off") and not value:
            continue  # a project adds to what the user turned off, and takes nothing from it
        if _is_free(key, value):
            _put(free, key, value)
        elif key == ("rules", "off"):
            if kept := [rule for rule in value if rule not in SAFETY_RULES]:
                _put(free, key, kept)
            withheld.append(key)
        else:
            withheld.append(key)
    return free, withheld


def keys(values: dict[str, Any]) -> list[Key]:
    """The known keys of a config file, each variable of env on its own."""
    return [key for key, _ in _flat(values)]


def _is_free(key: Key, value: Any) -> bool:
    if key == ("rules", "off"):
        return SAFETY_RULES.isdisjoint(value)
    if key[0] == "retry" and key[1] in _MOST_PATIENT:
        return bool(value <= _MOST_PATIENT[key[1]])
    if key[0] == "env":
        return key[1] in _FREE_VARIABLES and _FREE_VALUE.match(value) is not None
    return key[0] in FREE_SECTIONS or key in FREE_KEYS


def _flat(values: dict[str, Any]) -> list[tuple[Key, Any]]:
    """Each known key with its value, and each variable of env on its own."""
    found: list[tuple[Key, Any]] = []
    for key, _, _ in leaves(Settings()):
        value: Any = values
        for part in key:
            value = value.get(part) if isinstance(value, dict) else None
        if key == ("env",):
            found += [((*key, name), text) for name, text in (value or {}).items()]
        elif value is not None:
            found.append((key, value))
    return found


def _put(values: dict[str, Any], key: Key, value: Any) -> None:
    for part in key[:-1]:
        values = values.setdefault(part, {})
    values[key[-1]] = value
