"""Tokens that are known by their shape: rows of config/secrets.toml, of which each names its vendor and a source."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import NamedTuple

from goshim.base.redaction.token_prefixes import PREFIXES
from goshim.base.redaction.views import Span
from goshim.base.resources import load_rows

_REST = re.compile(r"[\w.-]*")
_HASH = re.compile(r"h1:[A-Za-z0-9+/]{43}=")  # of go.sum: any letters may be in it


def find(text: str) -> list[Span]:
    """Where such tokens are. Nothing is read, and no pattern is compiled, unless a prefix of one is in the text."""
    if not any(prefix in text and _first(text, prefix) >= 0 for prefix in PREFIXES):
        return []
    if "h1:" in text:
        text = _HASH.sub(lambda found: " " * len(found[0]), text)
    return [span for shape in _shapes() for span in _of_shape(text, shape)]


class _Shape(NamedTuple):
    prefixes: tuple[str, ...]
    run: re.Pattern[str]
    least: int
    has_digit: bool
    keeps_prefix: bool


@functools.cache
def _shapes() -> tuple[_Shape, ...]:
    return tuple(
        _Shape(
            tuple(row["prefixes"]),
            re.compile(f"[{row['characters']}]*"),
            int(row["least"]),
            bool(row.get("digit")),
            bool(row.get("keep_prefix")),
        )
        for row in load_rows("secrets.toml", "token")
    )


def _of_shape(text: str, shape: _Shape) -> Iterator[Span]:
    for prefix in shape.prefixes:
        at = _first(text, prefix) if prefix in text else -1
        while at >= 0:
            start = at + len(prefix)
            end = _end(shape.run, text, start)
            if end - start >= shape.least and (not shape.has_digit or any(map(str.isdigit, text[start:end]))):
                end = _end(_REST, text, end)
                yield (start if shape.keeps_prefix else at), end
            at = _first(text, prefix, end)


def _first(text: str, prefix: str, begin: int = 0) -> int:
    """Where a prefix first stands that no letter or digit precedes; -1 if nowhere."""
    at = text.find(prefix, begin)
    while at > 0 and text[at - 1].isascii() and text[at - 1].isalnum():
        at = text.find(prefix, at + len(prefix))
    return at


def _end(run: re.Pattern[str], text: str, start: int) -> int:
    found = run.match(text, start)
    return found.end() if found else start
