"""The syntax that go.mod and go.work share: golang.org/x/mod/modfile/read.go.

A line is a directive, a word and its arguments, or `word (` begins a block: a directive on each line up to `)`. Which
directives there are, and which arguments they take, is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

LIMIT_CHARACTERS = 1 << 20
"""Longer files are not parsed. The largest go.mod files that people write have a tenth of this."""

_VERB = re.compile(r"[a-z]+")
# Most lines: no comment, quote or bracket, and nothing that a terminal would not print. Blanks divide their words.
_SIMPLE = re.compile(r"[ \t\r\w.@:=<>+~-]*(?:/(?![/*])[ \t\r\w.@:=<>+~-]*)*")
# The next word of a line, behind blanks. An identifier ends before a blank, a bracket and each kind of comment; quotes
# may stand in it. No alternative begins as another does, so nothing is read twice.
_WORD = re.compile(
    r"[ \t\r]*(?:(?P<comment>//|/\*)"
    r"|(?P<word>[()\[\]{},]|\"[^\"\\]*(?:\\.[^\"\\]*)*\"|`[^`]*`)"
    r"|(?P<identifier>(?![\"`])(?:[^\s()\[\]{},/]+|/)[^\s()\[\]{},/]*(?:/(?![/*])[^\s()\[\]{},/]*)*)"
    r"|(?P<fault>.)"
    r"|$)"
)
_QUOTES = ('"', "`")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")  # go takes such a byte for U+FFFD, which is part of an identifier

_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\\"])|([0-3][0-7]{2})|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.|$))", re.DOTALL
)
_CONTROLS = dict(zip('abfnrtv\\"', '\a\b\f\n\r\t\v\\"', strict=True))
_SURROGATES = range(0xD800, 0xE000)
_LAST_CHARACTER = 0x10FFFF


class MalformedError(ValueError):
    """The text is one that each go refuses. The message names the line and the fault, as go does."""


class TooLargeError(MalformedError):
    """The text is longer than LIMIT_CHARACTERS. What go says of it is not known."""


class Directive(NamedTuple):
    """A directive. `arguments` are words as they stand in the file, quotes included: `value` takes those off.

    `remark` is the comment at the end of the line, from its `//` on; `line` is counted from 1.
    """

    verb: str
    arguments: tuple[str, ...]
    line: int
    remark: str = ""


def directives(text: str) -> Iterator[Directive]:
    """The directives of a go.mod or go.work, those in a block with the block's verb. Raises MalformedError.

    Takes time in proportion to the text, whatever is in it. What precedes a fault is given before the error is raised.
    """
    if len(text) > LIMIT_CHARACTERS:
        raise TooLargeError(f"over {LIMIT_CHARACTERS >> 20} MiB")
    block, opened = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        words, remark = _words(line, number) if line else ([], "")
        if not words:
            continue
        if block:
            if words[0] == ")":
                _refuse_more(words[1:], number)
                block = ""
            else:
                yield Directive(block, tuple(words), number, remark)
            continue
        verb = words[0]
        if not _VERB.fullmatch(verb):
            raise MalformedError(f"line {number}: unknown directive: {_printable(verb)}")
        if words[-1] == "(":
            _refuse_more(words[1:-1], number, "unknown block type")
            block, opened = verb, number
        elif words[1:] != ["(", ")"]:
            yield Directive(verb, tuple(words[1:]), number, remark)
    if block:
        raise MalformedError(f"the block that begins in line {opened} has no end")


def value(word: str) -> str | None:
    r"""What a word stands for: itself, or the text in its quotes. None for one that go refuses, such as `"\q"`.

    A raw string is its text, as go.dev/ref/mod#go-mod-file-lexical has it, though each go up to 1.27 refuses one
    (rule.go, parseString).
    """
    if word.startswith("`"):
        return word[1:-1]
    if not word.startswith('"'):
        return None if {'"', "'", "`"} & set(word) else word
    try:
        return _ESCAPE.sub(_unescaped, word[1:-1])
    except MalformedError:
        return None


def values(text: str, verb: str) -> Iterator[str]:
    """What each directive of this verb names that has one argument, such as `use` or `tool`. Raises MalformedError."""
    for each in directives(text):
        if each.verb == verb and len(each.arguments) == 1 and (named := value(each.arguments[0])):
            yield named


def _words(line: str, number: int) -> tuple[list[str], str]:
    """The words of a line, and the comment behind them. Raises MalformedError."""
    if _SIMPLE.fullmatch(line):
        return line.split(), ""
    words: list[str] = []
    at = 0
    while found := _WORD.match(line, at):
        at, kind = found.end(), found.lastgroup
        if kind is None:
            break
        if kind == "comment":
            if found[kind] == "//":
                return words, line[found.start(kind) :].rstrip("\r")
            raise MalformedError(f"line {number}: mod files must use // comments (not /* */ comments)")
        word = found[kind]
        if kind == "fault" and word in _QUOTES:
            raise MalformedError(f"line {number}: a string without an end")
        if kind != "word":
            _refuse_odd(word, number)
        words.append(word)
    return words, ""


def _refuse_odd(word: str, number: int) -> None:
    if word.isprintable() and not word.isspace():
        return
    for character in _NOT_UTF8.sub("", word):
        if not character.isprintable() or character.isspace():
            raise MalformedError(f"line {number}: unexpected input character {character!a}")


def _refuse_more(words: list[str], number: int, fault: str = "expected newline after closing paren") -> None:
    if words:
        raise MalformedError(f"line {number}: {fault}: {_printable(words[0])}")


def _printable(word: str) -> str:
    return word if word.isprintable() else ascii(word)


def _unescaped(found: re.Match[str]) -> str:
    """What an escape of Go stands for: strconv.Unquote. Raises MalformedError."""
    control, octal, byte, short, long, _ = found.groups()
    if control:
        return _CONTROLS[control]
    if octal or byte:
        code = int(octal, 8) if octal else int(byte, 16)
        return chr(code) if code < 0x80 else chr(0xDC00 + code)  # noqa: PLR2004 - a byte, as surrogateescape has it
    code = int(short or long or "-1", 16)
    if code in _SURROGATES or not 0 <= code <= _LAST_CHARACTER:
        raise MalformedError("no character")
    return chr(code)
