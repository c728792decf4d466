"""Editors' settings: of a file with all that a person set, only what chooses a go."""

from __future__ import annotations

import json
import re
from typing import Any

from goshim.base.encoding import to_text
from goshim.base.terminal import printable
from goshim.facts.host import Host, UnreadableError

KEYS = (
    ("go.goroot",),
    ("go.alternateTools", "go"),
    ("go.toolsEnvVars", "GOROOT"),
    ("go.toolsEnvVars", "PATH"),
    ("terminal.integrated.env.linux", "GOROOT"),
    ("terminal.integrated.env.linux", "PATH"),
)

_BYTE_ORDER_MARK = "\ufeff"
# A string, a comment, or a comma before a closing bracket. One without an end goes on to the end of the text, so that
# nothing is looked at again from its next character.
_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\Z)'
_COMMENT = re.compile(rf"({_STRING})|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_LAST_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.DOTALL)


def settings(_host: Host, path: str) -> list[list[str]]:
    """Pairs of a key of VS Code's, its parts joined by a slash, and its value. Raises UnreadableError."""
    data = Host({}, "/").read(path)  # past the host: what else stands there is nobody's business
    try:
        values = parse(to_text(data or b"{}"))
    except (ValueError, RecursionError):
        raise UnreadableError(f"{printable(path)} is not JSON with comments, as settings are") from None
    found = [("/".join(key), _at(values, key)) for key in KEYS]
    return [[key, value] for key, value in found if isinstance(value, str) and value]


def parse(text: str) -> Any:
    """What JSON with comments and commas before a closing bracket says. Raises ValueError."""
    bare = _COMMENT.sub(_string_or_blank, text.removeprefix(_BYTE_ORDER_MARK))
    bare = _LAST_COMMA.sub(_string_or_blank, bare)
    return json.loads(bare, strict=False) if bare.strip() else {}


def _string_or_blank(found: re.Match[str]) -> str:
    return found[1] or " "


def _at(values: Any, key: tuple[str, ...]) -> Any:
    for part in key:
        values = values.get(part) if isinstance(values, dict) else None
    return values
