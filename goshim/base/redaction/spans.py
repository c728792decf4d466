"""The core of the family: where the secrets of a text are. All else about secrets is made of this."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from goshim.base.redaction import addresses, assignments, phrases, tokens, values
from goshim.base.redaction.views import Span, View, percent_decoded, unquoted

_MOST_PASSES = 5
MASK = "***"


def redacted(name: str, text: str) -> tuple[str, list[str]]:
    """The text, which stands under a name (empty for none), with MASK for each secret; and the secrets.

    A line feed in a secret stays, so that line numbers do. Where one secret was cut out, another may come to light: it
    is looked for again until none is left, and what has no end is masked as a whole.
    """
    secrets: list[str] = []
    for _ in range(_MOST_PASSES):
        found = find(name, text)
        if not found:
            return text, secrets
        secrets += [text[start:end] for start, end in found]
        text = _cut(text, found)
    return (text, secrets) if not find(name, text) else (MASK, [*secrets, text])


def find(name: str, text: str) -> list[Span]:
    """Where the secrets of a text are, in order: each one is part of a line, none is empty or a mask."""
    found = [*_in(text), *values.find(name, text)]
    if name:
        found += addresses.without_scheme(text)
    if view := unquoted(text):
        found += view.sources(_in_view(view))
        if "\\" in view.text and (inner := unquoted(view.text)):  # JSON in JSON
            found += view.sources(inner.sources(_in_view(inner)))
    if view := percent_decoded(text):
        found += view.sources([*addresses.in_text(view.text), *tokens.find(view.text)])
    return [part for span in _joined(found) for part in _lines_of(text, span)]


def _in(text: str) -> list[Span]:
    found = [*tokens.find(text), *addresses.in_text(text), *assignments.find(text), *phrases.find(text)]
    return [span for span in found if span[0] < span[1]]


def _in_view(view: View) -> list[Span]:
    return _in(view.text)


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """The same places in order, those that overlap or touch made one."""
    begin = end = -1
    for start, stop in sorted(spans):
        if start > end:
            if begin >= 0:
                yield begin, end
            begin, end = start, stop
        else:
            end = max(end, stop)
    if begin >= 0:
        yield begin, end


def _lines_of(text: str, span: Span) -> Iterator[Span]:
    """The parts of a place, line by line, that are not masked already."""
    start = span[0]
    for line in text[span[0] : span[1]].split("\n"):
        end = start + len(line)
        bare = line.rstrip("\r")
        if bare.strip("*"):
            yield start, start + len(bare)
        start = end + 1


def _cut(text: str, spans: Iterable[Span]) -> str:
    parts, done = [], 0
    for start, end in spans:
        parts += [text[done:start], MASK]
        done = end
    return "".join([*parts, text[done:]])
