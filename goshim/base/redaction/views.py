"""A text as a program would read it: without shell quotes, escapes decoded. Each place leads back to the source."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable

Span = tuple[int, int]
"""Where something begins and ends in a text."""

_ESCAPES = re.compile(
    r"\\(?:\r?\n[ \t]*|x[0-9A-Fa-f]{1,2}|u[0-9A-Fa-f]{4}|u\{[0-9A-Fa-f]{1,6}\}|U[0-9A-Fa-f]{8}|[0-7]{1,3}|[\s\S])"
    r"|\$?[\"'`]|\n"
)
_PERCENT = re.compile(r"%[0-9A-Fa-f]{2}")
_ENDS_WORD = frozenset(" \t\r\n,;:)]}&|<>")
_BEFORE_WORD = frozenset(" \t\r\n=,([{;|&<>")
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "\0": "\n", **dict.fromkeys("\"'`", "\ufffd")}
"""What stands for a decoded character: a quote that was escaped bounds nothing, a NUL parts entries."""
_LAST_CODE = 0x10FFFF


class View:
    """A reading of a text. `text` is what is read; `source` says where a part of it stands in what it was made from."""

    def __init__(self) -> None:
        """Begin empty."""
        self._parts: list[str] = []
        self._starts: list[int] = []  # of each part, here
        self._sources: list[int] = []  # and in the source,
        self._widths: list[int] = []  # with its length there: another one where it was decoded
        self._length = 0
        self.text = ""

    def add(self, part: str, source: int, width: int) -> None:
        """Append a part that takes `width` characters of the source: as many as it has, or it is one character."""
        if part:
            self._parts.append(part)
            self._starts.append(self._length)
            self._sources.append(source)
            self._widths.append(width)
            self._length += len(part)

    def finish(self) -> View:
        """Make `text`."""
        self.text = "".join(self._parts)
        return self

    def source(self, span: Span) -> Span:
        """Where a part that is not empty comes from."""
        first = bisect_right(self._starts, span[0]) - 1
        last = bisect_right(self._starts, span[1] - 1) - 1
        start = self._sources[first] + (span[0] - self._starts[first] if self._is_plain(first) else 0)
        end = self._sources[last] + (span[1] - self._starts[last] if self._is_plain(last) else self._widths[last])
        return start, end

    def sources(self, spans: Iterable[Span]) -> list[Span]:
        """The same for several."""
        return [self.source(span) for span in spans]

    def _is_plain(self, index: int) -> bool:
        return len(self._parts[index]) == self._widths[index]


def unquoted(text: str) -> View | None:
    r"""The text without quotes inside of words and with escapes decoded; None where it has none.

    `"https://me:"'S'"@host"` reads as `"https://me:S@host"`, `\u0070`, `\x70` and `\160` as `p`; a line that ends in a
    backslash goes on in the next. Quotes around a whole word stay: they bound a value.
    """
    if not any(each in text for each in "\\\"'`"):
        return None
    view, done, state, outer = View(), 0, "", ""
    for found in _ESCAPES.finditer(text):
        start, end = found.span()
        token = found[0]
        view.add(text[done:start], done, start - done)
        done = end
        if token[0] == "\\":
            view.add(_decoded(token), start, end - start)
        elif token == "\n":
            view.add(token, start, 1)
            state = outer = ""
        elif not state:
            state = token[-1]
            if start == 0 or text[start - 1] in _BEFORE_WORD or _follows_key(text, start):
                outer = state
                view.add(state, start, end - start)
        elif token[-1] != state:
            view.add(token, start, end - start)
        else:
            view.add("$" * (len(token) - 1), start, len(token) - 1)
            state = ""
            if outer and (end == len(text) or text[end] in _ENDS_WORD):
                view.add(outer, end - 1, 1)
                outer = ""
    view.add(text[done:], done, len(text) - done)
    return view.finish()


def percent_decoded(text: str) -> View | None:
    """The text with `%40` and the like decoded; None where there is nothing of the kind."""
    if "%" not in text:
        return None
    view, done = View(), 0
    for found in _PERCENT.finditer(text):
        start, end = found.span()
        view.add(text[done:start], done, start - done)
        view.add(chr(int(found[0][1:], 16)), start, 3)
        done = end
    view.add(text[done:], done, len(text) - done)
    return view.finish() if done else None


def _decoded(escape: str) -> str:
    mark, rest = escape[1], escape[2:].strip("{}")
    if escape.rstrip(" \t").endswith("\n"):
        return ""
    if mark in "xuU" and rest:
        code = int(rest, 16)
    elif mark in "01234567":
        code = int(escape[1:], 8)
    else:
        return _CONTROLS.get(mark, mark)
    letter = chr(code) if code <= _LAST_CODE else ""
    return _CONTROLS.get(letter, letter)


def _follows_key(text: str, at: int) -> bool:
    """Whether the quote at `at` opens a value of JSON: after `"key":`."""
    return text[at - 1] == ":" and at > 1 and text[at - 2] in "\"'"
