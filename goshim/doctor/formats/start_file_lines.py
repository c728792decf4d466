"""What a line of a start file sets, as its shell would read it: no more than can be told without running anything."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CUT = "…"
"""Stands for what else is on a line: nobody's business, and often a secret."""

_NAMES = (
    r"PATH|GO[A-Z0-9]+|CGO_\w+|CC|CXX|GCCGO|\w+_(?:proxy|PROXY)|SOURCE_DATE_EPOCH|SSL_CERT_\w+|WSLENV|TMPDIR|LANG"
    r"|LC_\w+"
)
_PIECE = r"'[^']*'|\"(?:[^\"\\]|\\.)*\"|\$?\([^()]*\)|`[^`]*`|\\.|[^ \t'\"\\;&|()<>`]"
_WORD = rf"(?!#)(?:{_PIECE})+"
_BEFORE = rf"(?<![^\s;&({{{CUT}])"
_ENDS = " \t\r;&|)<>"
_SHELL_FILE = re.compile(
    rf"{_BEFORE}(?:export|declare|typeset)[ \t]+(?:-\w+[ \t]+)*(?P<quoted>'(?:{_NAMES})=[^']*'"
    rf"|\"(?:{_NAMES})=(?:[^\"\\]|\\.)*\")|"
    rf"(?:\bexport\s+)?{_BEFORE}(?P<name>{_NAMES})(?P<more>\+?)=(?P<value>(?:{_PIECE})*)"
    rf"|{_BEFORE}set(?:env)?\s+(?:-\S+\s+)*(?P<of_fish>{_NAMES})[ \t]+(?P<word>{_WORD})(?P<words>(?:[ \t]+{_WORD})*)"
    rf"|(?:\bfish_add_path\b|{_BEFORE}(?:typeset\s+-U\s+)?path\+?=\()(?:[ \t]*{_WORD})*\)?"  # zsh's list
)
_PLAIN_FILE = re.compile(
    rf"\s*(?P<name>{_NAMES})=(?P<value>.*)"  # /etc/environment, environment.d
    rf"|\s*(?P<of_pam>{_NAMES})\s+(?:DEFAULT|OVERRIDE)=.*"
    rf"|SETUVAR\s+(?:--\S+\s+)*(?P<universal>{_NAMES}):.*"  # fish's universal variables
)
# Up to a comment: a `#` within a word or in quotes begins none.
_CODE = re.compile(r"(?:'[^']*'|\"(?:[^\"\\]|\\.)*\"|\\.#*|(?<=[^\s;&|()<>])#|[^#])*")
_PARTS = re.compile(r"'([^']*)'|\"((?:[^\"\\]|\\.)*)\"|([^'\"]+)")
_SHELLS = (
    ("fish", re.compile(r".*\.fish")),
    ("zsh", re.compile(r"\.zsh.*|\.z(?:profile|login|logout)|z(?:shenv|shrc|profile|login|logout)|.*\.zsh")),
    ("bash", re.compile(r"\.?profile|\.bash.*|bash\.bashrc|bash(?:rc|_profile|_login|_logout|_aliases)|.*\.(?:ba)?sh")),
)


def shell_of(path: str) -> str:
    """The shell whose start file this is, by its name: bash (for sh as well), zsh or fish; empty if of none."""
    name = path.rpartition("/")[2]
    return next((shell for shell, names in _SHELLS if names.fullmatch(name)), "")


@dataclass(frozen=True)
class Assignment:
    """A variable that a line sets. `begin` and `end` are where it stands, `start` where its value begins.

    `word` is the value as written; None where it is no single word. `start` is -1 where the value is no word of its
    own, as in `export "NAME=value"`. `is_plain`: no shell's.
    """

    name: str
    begin: int
    start: int
    end: int
    word: str | None
    is_plain: bool = False

    def value(self, home: str) -> str | None:
        """The text that it gives the variable; None where that must be expanded by more than HOME."""
        if self.word is None:
            return None
        return _of_plain_file(self.word) if self.is_plain else _of_shell(self.word, home)


@functools.lru_cache(maxsize=512)
def find(line: str, shell: str) -> tuple[Assignment, ...]:
    """What a line of a start file of this shell (empty: of none) sets of what matters to go, in its order."""
    if not shell and (found := _PLAIN_FILE.fullmatch(line)):
        name = found["name"] or found["of_pam"] or found["universal"]
        return (Assignment(name, 0, found.start("value"), len(line), found["value"], is_plain=True),)
    code = line.rstrip("\r") if shell == "fish" else line
    return tuple(_assignments(code))


def alone(line: str, shell: str) -> Assignment | None:
    """The one thing that a line sets, where it does nothing else."""
    found = find(line, shell)
    is_alone = len(found) == 1 and found[0].start > 0 and not any(_gaps(line, [(found[0].begin, found[0].end)]))
    return found[0] if is_alone else None


def kept(line: str, shell: str) -> str:
    """A line with CUT for all that is no assignment; empty where nothing else is on it."""
    spans = [(each.begin, each.end) for each in find(line, shell)]
    gaps = _gaps(line, spans)
    if not spans or not any(gaps):
        return line if spans else ""
    told = [line[begin:end] + ("" if line[end : end + 1] in _ENDS else CUT) for begin, end in spans]
    pieces = zip((f" {CUT} " if gap else " " for gap in gaps), [*told, ""], strict=True)
    return "".join(map("".join, pieces)).strip().replace(f"{CUT} {CUT}", CUT)


def _gaps(line: str, spans: Iterable[tuple[int, int]]) -> list[bool]:
    """Before, between and behind spans of a line, whether something is there."""
    edges = [0, *(edge for span in spans for edge in span), len(line)]
    return [line[begin:end].strip() not in ("", ";") for begin, end in zip(edges[::2], edges[1::2], strict=True)]


def _assignments(code: str) -> Iterator[Assignment]:
    before_comment = _CODE.match(code)
    for found in _SHELL_FILE.finditer(code, 0, before_comment.end() if before_comment else 0):
        if text := found["quoted"]:
            name, _, rest = text[1:].partition("=")
            word = text[0] + rest if code[found.end() : found.end() + 1] in _ENDS else None
            yield Assignment(name, found.start(), -1, found.end(), word)
            continue
        start, end = found.span("value" if found["name"] else "word")
        is_whole = start >= 0 and not (found["more"] or found["words"]) and code[end : end + 1] in _ENDS
        name, word = found["name"] or found["of_fish"] or "PATH", code[start:end] if is_whole else None
        yield Assignment(name, found.start(), start, found.end(), word)


def _of_plain_file(word: str) -> str | None:
    text = word.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    return None if re.search(r"[$\\\"'#@{]", text) else text


def _of_shell(word: str, home: str) -> str | None:
    found: list[str] = []
    for part in _PARTS.finditer(word):
        literal, quoted, bare = (text or "" for text in part.groups())
        text = quoted or bare
        if bare and home and not found:
            text = re.sub(r"(?:^|(?<=:))~(?=[/:]|$)", lambda _: home, text)
        if home:
            text = re.sub(r"\$(?:HOME\b|\{HOME\})", lambda _: home, text)
        if re.search(rf"[$`{CUT}]|\\[\"\\]", text) or (bare and re.search(r"[\\()]|(?:^|:)~", text)):
            return None
        found.append(literal or text)
    return "".join(found)
