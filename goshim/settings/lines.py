"""On which line of a TOML file a key stands, and of how many parts keys are made.

The parsers of the standard library and of pydantic do not report lines, and the former takes minutes to parse a key of
thousands of parts. The tokenizer reads any text, valid or not, in time linear in its length: each alternative of its
pattern begins with another character and takes the rest of the text where an end is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

Key = tuple[str, ...]

_TOKEN = re.compile(
    r'''"""(?:[^"\\]+|\\[\s\S]|"{1,2}(?!"))*(?:"{3,5}|\\?\Z)'''
    r"""|'''(?:[^']+|'{1,2}(?!'))*(?:'{3,5}|\Z)"""
    r"""|"(?:[^"\\\n]+|\\.)*(?:"|\\?(?=\n)|\\?\Z)"""
    r"""|'[^'\n]*'?"""
    r"""|\#[^\n]*|[\[\]{}=.\n]|[^\s\[\]{}=."'\#]+"""
)

_PUNCTUATION = frozenset("[]{}=\n")


def key_lines(text: str) -> dict[Key, int]:
    """The line, from 1, of each key and table of a TOML text; keys within inline tables count as one."""
    found: dict[Key, int] = {}
    for key, line in _keys(text):
        for length in range(1, len(key) + 1):  # a key, and the tables around it that nothing has named before
            found.setdefault(key[:length], line)
    return found


def longest_key(text: str) -> tuple[int, int]:
    """The number of parts of the longest dotted key anywhere in a text, and its line, from 1."""
    longest, longest_line = 0, 1
    line, parts, is_after_dot = 1, 0, False
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token == ".":
            is_after_dot = True
        else:
            parts = 0 if token in _PUNCTUATION else parts + 1 if is_after_dot else 1
            is_after_dot = False
        if parts > longest:
            longest, longest_line = parts, line
        line += token.count("\n")
    return longest, longest_line


def line_of(key: Key, lines: dict[Key, int]) -> int:
    """The line of a key, or of the nearest thing around it that has one; 1 without any."""
    while key and key not in lines:
        key = key[:-1]
    return lines.get(key, 1)


def _keys(text: str) -> Iterator[tuple[Key, int]]:
    table: Key = ()
    parts: list[str] = []
    line, depth, in_value, in_header = 1, 0, False, False
    for found in _TOKEN.finditer(text):
        token = found[0]
        if in_value:
            depth += (token in "[{") - (token in "]}")
            in_value = token != "\n" or depth > 0
        elif token == "=":
            yield (*table, *parts), line
            parts, in_value = [], True
        elif token == "[":
            in_header = True
        elif token == "]" and in_header:
            table, parts, in_header = tuple(parts), [], False
            yield table, line
        elif token not in ".]\n" and not token.startswith("#"):
            parts.append(token.strip("\"'"))
        line += token.count("\n")
