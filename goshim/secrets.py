"""What must never be printed or stored: passwords in addresses, and values that are secret by their name."""

from __future__ import annotations

import re

# `user:password` of an address, which may hold an @ itself; without a scheme only where there is a password.
USERINFO = re.compile(r"(?<=://)[^/\s\"']+(?=@)|(?:^|(?<=[\s\"'=,;|]))[^/\s\"'=,;|@:]+:[^/\s\"'=,;|]+(?=@)")

_SECRET_WORD = "token|secret|passw|credential|api_?key|private_?key"
_SECRET_NAME = re.compile(_SECRET_WORD, re.IGNORECASE)
_SECRET_LINE = re.compile(rf"(?:{_SECRET_WORD})\w*[\"']?\s*=", re.IGNORECASE)


def shown(name: str, value: str | None) -> str:
    """A variable's value as a person may see it: quoted like a Python string where it is no plain text."""
    masked = mask(name, value)
    if masked is None:
        return "unset"
    return masked if masked.isprintable() and masked.strip() == masked != "" else ascii(masked)


def mask(name: str, value: str | None) -> str | None:
    """The value without what is secret in it: `http://me:***@host` tells that there is a password, and not which."""
    if value is None or not _SECRET_NAME.search(name):
        return value and USERINFO.sub(_mask_userinfo, value)
    return "***"


def holds_secret(text: str) -> bool:
    """Whether a text, such as that of a config file, is better kept nowhere else."""
    return USERINFO.search(text) is not None or _SECRET_LINE.search(text) is not None


def _mask_userinfo(found: re.Match[str]) -> str:
    user, colon, _ = found[0].partition(":")
    return f"{user}:***" if colon else "***"
