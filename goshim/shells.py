"""Statements that set or unset one variable, safe to evaluate whatever the value is."""

from __future__ import annotations

from collections.abc import Callable

from goshim.encoding import to_bytes
from goshim.plan.render import quoted

_POWERSHELL_QUOTES = "'\u2018\u2019\u201a\u201b"  # each of these ends a string there


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
