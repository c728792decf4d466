"""What is secret of a value, by the name that it stands under."""

from __future__ import annotations

import re

from goshim.base.redaction import addresses, names
from goshim.base.redaction.views import Span

_WORD = re.compile(r"\s*(?:\"(?:[^\"\\]|\\[\s\S])*\"|'[^']*'|(?:(?!\$\{?IFS)\S)+)")
_BUILT_IN = re.compile(r"\s*(?:off|netrc|git(?:\s+[^\s;]+)?)\s*(?=;|\Z)")
"""Authentication that go has itself, without secrets: cmd/go/internal/auth/auth.go, runGoAuth."""


def find(name: str, value: str) -> list[Span]:
    """Where the secrets of a value are that a variable, key or option of this name has."""
    match names.kind_of(name):
        case names.SECRET:
            return [(0, len(value))]
        case names.PROXY:
            return addresses.of_one(value)
        case names.ADDRESSES:
            return addresses.of_list(value)
        case names.PATTERNS:
            return addresses.of_patterns(value)
        case names.WINDOWS:
            return addresses.of_windows(value)
        case names.AUTH:
            return _of_auth(value)
        case names.PROGRAM:
            return _arguments(value, 0)
        case _:
            return []


def _of_auth(value: str) -> list[Span]:
    """The arguments of the first command that is not go's own, and all that follows: a secret may have semicolons."""
    at = 0
    while found := _BUILT_IN.match(value, at):
        at = found.end() + 1
        if at > len(value):
            return []
    return _arguments(value, at)


def _arguments(value: str, at: int) -> list[Span]:
    """All behind the first word."""
    word = _WORD.match(value, at)
    start = word.end() if word else len(value)
    rest = value[start:].lstrip()
    start = len(value) - len(rest)
    end = start + len(rest.rstrip())
    return [] if start == end or (rest.startswith(("***", ";")) and not rest.strip("*; ")) else [(start, end)]
