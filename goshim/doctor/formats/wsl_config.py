"""How WSL reads its config files, quirks included.

The grammar is that of microsoft/WSL src/shared/configfile/configfile.cpp, for wsl.conf and .wslconfig alike. One
difference matters most: of wsl.conf nothing is read behind the first line that is none (issue 41590;
src/linux/init/WslDistributionConfig.cpp parses without CFG_SKIP_INVALID_LINES), of .wslconfig only that line is passed
over.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from goshim.doctor.formats.wsl_keys import canonical

BYTE_ORDER_MARK = "\ufeff"

_SECTION = re.compile(r"\[([A-Za-z][A-Za-z0-9]*)?(?:(\])[ \t]*)?", re.ASCII)
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9]*)[ \t]*(?:(=)[ \t]*)?", re.ASCII)
_BLANKS = re.compile(r"[ \t]*")
_INTEGER = re.compile(r"\s*[+-]?(?:0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)", re.ASCII)
_INTEGERS = range(-(2**31), 2**31)
_ESCAPED = {"\\": "\\", '"': '"', "b": "\b", "n": "\n", "t": "\t", "\n": ""}
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Entry:
    """A key and its value. Lines count from 1; `raw` is the whole line without its end, `lines` how many it takes.

    `key` is `section.key` as WSL sees it. `is_read` is False behind a line at which WSL stopped.
    """

    line: int
    key: str
    value: str
    raw: str
    lines: int = 1
    is_read: bool = True

    @property
    def name(self) -> str:
        """The key, as it is compared."""
        return self.key.lower()


@dataclass(frozen=True)
class Fault:
    """A line that is neither section, key, comment nor empty, and what WSL expects there."""

    line: int
    raw: str
    expected: str


@dataclass(frozen=True)
class Config:
    """A file as it was parsed. `has_crlf`: whether any of its lines ends as on Windows."""

    path: str
    text: str
    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    has_crlf: bool = False

    @property
    def values(self) -> Mapping[str, str]:
        """What counts, by `section.key` in lower case, aliases under the name they stand for: the first of each."""
        found: dict[str, str] = {}
        for entry in self.entries:
            if entry.is_read:
                found.setdefault(canonical(entry.name), entry.value)
        return found

    def truth(self, name: str) -> bool | None:
        """What a boolean key is set to; None where it is not, or not to a boolean."""
        return boolean(self.values.get(name.lower(), ""))


def boolean(value: str) -> bool | None:
    """What WSL takes for a boolean: true, false, 1 or 0, in any case, and nothing else."""
    return _BOOLEANS.get(value.lower())


def integer(value: str) -> int | None:
    """What WSL takes for an integer: strtol(3) with base 0, so `0x1F` and the octal `022` too, within 32 bits."""
    if not _INTEGER.fullmatch(value):
        return None
    digits = value.strip().lstrip("+-")
    base = 16 if digits[:2].lower() == "0x" else 8 if digits[:1] == "0" else 10
    number = int(digits, base) * (-1 if value.strip().startswith("-") else 1)
    return number if number in _INTEGERS else None


def parse(path: str, text: str, *, stops: bool) -> Config:
    """Read a text; with `stops`, entries behind the first fault are marked as not read."""
    parser = _Parser(text)
    parser.run()
    read = parser.entries_before_fault if stops else len(parser.entries)
    entries = tuple(replace(entry, is_read=number < read) for number, entry in enumerate(parser.entries))
    return Config(path, text, entries, tuple(parser.faults), "\r\n" in text)


class _FaultError(Exception):
    """What is expected where something else was found."""


class _Parser:
    """Goes through a text once. Its section and key are kept as WSL's are, as one buffer and a length."""

    def __init__(self, text: str) -> None:
        self.entries: list[Entry] = []
        self.faults: list[Fault] = []
        self._before_fault = 0
        self._text = text
        self._line_ends = [found.start() for found in re.finditer("\n", text)]  # counted once: a text may be all lines
        self._at = 0
        self._buffer = ""
        self._section_length = 0

    @property
    def entries_before_fault(self) -> int:
        """How many entries WSL has read where it stops at the first fault."""
        return self._before_fault if self.faults else len(self.entries)

    def run(self) -> None:
        while self._at < len(self._text):
            self._skip_blanks()
            start = self._at
            try:
                self._read_item()
            except _FaultError as fault:
                if not self.faults:
                    self._before_fault = len(self.entries)
                self.faults.append(Fault(self._line(start), self._raw(start), str(fault)))
                self._skip_line()

    def _read_item(self) -> None:
        first = self._text[self._at : self._at + 1]
        if first in ("\r", "\n"):
            self._at += 1
        elif first == "#":
            self._skip_line()
        elif first == "[":
            self._read_section()
        elif first.isascii() and first.isalpha():
            self._read_key()
        elif first:
            raise _FaultError("a section, a key or a comment")

    def _read_section(self) -> None:
        found = _SECTION.match(self._text, self._at)
        name = found[1] if found else None
        if found is None or name is None:
            raise _FaultError("a letter after [")
        self._buffer = name  # also where the line is no section after all: keys below it then have a mangled name
        self._at = found.end()
        if not found[2]:
            raise _FaultError("letters and digits, then ]")
        if self._text[self._at : self._at + 1] not in ("", "\r", "\n", "#"):
            raise _FaultError("nothing after ] but a comment")
        self._section_length = len(name)

    def _read_key(self) -> None:
        start = self._at
        found = _KEY.match(self._text, start)
        if found is None or not found[2]:
            raise _FaultError("= after a key of letters and digits")
        section = self._buffer[: self._section_length].ljust(self._section_length, "\0")
        self._buffer = f"{section}.{found[1]}" if section else found[1]
        self._at = found.end()
        value = self._read_value()
        key = self._buffer.partition("\0")[0]  # as C sees it
        lines = self._line(self._at) - self._line(start) + 1
        self.entries.append(Entry(self._line(start), key, value, self._raw(start), lines))

    def _read_value(self) -> str:
        text = ""
        kept = 0  # the length without blanks at the end
        is_quoted = False
        while (letter := self._text[self._at : self._at + 1]) not in ("", "\r", "\n"):
            if letter == "#" and not is_quoted:
                break
            self._at += 1
            if letter == '"':
                is_quoted = not is_quoted
            elif letter == "\\":
                text += self._read_escaped()
            else:
                text += letter
            if letter not in (" ", "\t"):
                kept = len(text)
        if is_quoted:
            raise _FaultError('a second " on the same line')
        return text[:kept]

    def _read_escaped(self) -> str:
        letter = self._text[self._at : self._at + 1]
        if letter not in _ESCAPED:
            raise _FaultError('\\, ", b, n, t or the end of the line after \\')
        self._at += 1
        return _ESCAPED[letter]

    def _skip_blanks(self) -> None:
        if found := _BLANKS.match(self._text, self._at):
            self._at = found.end()

    def _skip_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _line(self, at: int) -> int:
        return bisect.bisect_left(self._line_ends, at) + 1

    def _raw(self, at: int) -> str:
        number = self._line(at)
        begin = self._line_ends[number - 2] + 1 if number > 1 else 0
        end = self._line_ends[number - 1] if number <= len(self._line_ends) else len(self._text)
        return self._text[begin:end].removesuffix("\r")
