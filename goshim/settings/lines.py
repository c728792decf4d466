"""On which line of a TOML file a key stands. The parsers of the standard library and of pydantic do not tell."""

from __future__ import annotations

import re

Key = tuple[str, ...]

_TOKEN = re.compile(
    r'''"""(?:\\[\s\S]|(?!""")[\s\S])*"{3,5}|"(?:\\.|[^"\\\n])*"'''
    r"""|'''(?:(?!''')[\s\S])*'{3,5}|'[^'\n]*'"""
    r"""|\#[^\n]*|[\[\]{}=.\n]|[^\s\[\]{}=."'\#]+"""
)


def key_lines(text: str) -> dict[Key, int]:
    """The line, from 1, of each key and table of a valid TOML text; keys within inline tables are not told apart."""
    found: dict[Key, int] = {}
    table: Key = ()
    parts: list[str] = []
    line, depth, in_value, in_header = 1, 0, False, False
    for token in _TOKEN.findall(text):
        if in_value:
            depth += (token in "[{") - (token in "]}")
            in_value = token != "\n" or depth > 0
        elif token == "=":
            _note(found, (*table, *parts), line)
            parts, in_value = [], True
        elif token == "[":
            in_header = True
        elif token == "]" and in_header:
            table, parts, in_header = tuple(parts), [], False
            _note(found, table, line)
        elif token not in ".]\n" and not token.startswith("#"):
            parts.append(token.strip("\"'"))
        line += token.count("\n")
    return found


def _note(found: dict[Key, int], key: Key, line: int) -> None:
    """Note a key, and the tables around it that nothing has named before."""
    for length in range(1, len(key) + 1):
        found.setdefault(key[:length], line)


def line_of(key: Key, lines: dict[Key, int]) -> int:
    """The line of a key, or of the nearest thing around it that has one; 1 without any."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)
