"""Words and statements of shells, safe to evaluate whatever is in them. Give them raw text, never printable text."""

from __future__ import annotations

import re
from collections.abc import Callable

from goshim.base.encoding import to_bytes

_PLAIN = re.compile(r"[A-Za-z0-9_./:,=+@%-]+\Z")
_LITERAL = frozenset(range(32, 127)) - frozenset(b"'\\")  # what stands for itself in both kinds of quotes
_POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"  # each of these ends a string there


def quoted(text: str) -> str:
    r"""A word that bash reads as exactly these bytes, itself in ASCII: plain, `'…'` or `$'\ooo…'`."""
    raw = to_bytes(text)
    if _PLAIN.match(text) and text.isascii():
        return text
    if all(byte in _LITERAL or byte == ord("\\") for byte in raw):
        return f"'{text}'"
    return "$'" + "".join(chr(byte) if byte in _LITERAL else f"\\{byte:03o}" for byte in raw) + "'"


def bash(name: str, value: str | None) -> str:
    """For bash and zsh."""
    return f"unset {name}" if value is None else f"export {name}={quoted(value)}"


def fish(name: str, value: str | None) -> str:
    """For fish, where PATH is a list and bytes that are no text are written by number."""
    if value is None:
        return f"set -e {name}"
    words = value.split(":") if name == "PATH" else [value]
    return " ".join([f"set -gx {name}", *(_fish_word(word) for word in words)])


def powershell(name: str, value: str | None) -> str:
    """For PowerShell, where every kind of single quote ends a string and two stand for one."""
    if value is None:
        return f"Remove-Item -ErrorAction Ignore -LiteralPath 'Env:{name}'"
    return f"$env:{name} = {powershell_word(value)}"


def powershell_word(text: str) -> str:
    """A text as one word of PowerShell's."""
    return "'" + "".join(each * 2 if each in _POWERSHELL_QUOTES else each for each in text) + "'"


STATEMENTS: dict[str, Callable[[str, str | None], str]] = {"bash": bash, "fish": fish, "powershell": powershell}


def _fish_word(text: str) -> str:
    if text.isprintable():
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "".join(f"\\x{byte:02x}" if not chr(byte).isalnum() or byte > 127 else chr(byte) for byte in to_bytes(text))  # noqa: PLR2004 - ASCII
