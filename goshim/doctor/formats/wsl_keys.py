"""The keys of wsl.conf and .wslconfig that WSL reads, and folklore that it does not: config/wsl-keys.toml."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from goshim.base.resources import parse_toml, path


def known(file: str) -> Mapping[str, Mapping[str, str]]:
    """The keys that WSL reads of `wsl.conf` or `.wslconfig`: rows of config/wsl-keys.toml by `section.key`."""
    rows: Mapping[str, Mapping[str, str]] = _table()[file]
    return rows


def folklore(where: str) -> Mapping[str, Mapping[str, str]]:
    """What advice on the web puts into `wsl.conf` or the `registry`, and WSL has never read, by its name."""
    rows: Mapping[str, Mapping[str, str]] = _table()["folklore"].get(where, {})
    return rows


def find(rows: Mapping[str, Mapping[str, str]], name: str) -> str:
    """The key as a table writes it, for one in any case; empty where the table has none."""
    return next((key for key in rows if key.lower() == name.lower()), "")


def canonical(name: str) -> str:
    """The name that a key in lower case is an alias of, or itself."""
    if not name.startswith("experimental."):  # the one section of aliases: few files have it
        return name
    rows = known(".wslconfig")
    return rows.get(find(rows, name), {}).get("alias_of", name).lower()


@functools.cache
def _table() -> Mapping[str, Any]:
    with open(path("config/wsl-keys.toml"), encoding="utf-8") as file:
        return parse_toml(file.read())
