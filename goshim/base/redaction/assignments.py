r"""Values in a text that stand under a name: `NAME=value`, `"NAME": "value"`, `set -gx NAME value`, `--name value`.

A value is read as shells, JSON, TOML and .env files have it: in quotes, in several pieces, over several lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property

from goshim.base.redaction import names, values
from goshim.base.redaction.views import Span, unquoted

_FAR = 4096
_NEAR = 256
_QUOTES = ('\\"', '"', "'", "`")

_NAMED = re.compile(
    r"(?<![\w.?&-])(?P<name>[\w.-]{1,200})(?:\\?[\"'])?[ \t]{0,8}(?:[:+?]?=(?!>)|:(?=[ \t]{0,8}\\?[\"']))[ \t]{0,8}"
    r"|\bset(?:x|env)?[ \t]{1,8}(?:-[\w-]{1,40}[ \t]{1,8}){0,8}(?P<of_set>\w{1,200})[ \t]{1,8}"
    r"|(?<![\w.-])(?P<of_yaml>[\w.-]{1,200}):[ \t]{1,8}(?=\S+[ \t\r]{0,8}(?:$|\\[nr]))"
    r"|(?<![\w-])--?(?P<option>[A-Za-z][\w.-]{1,60})[ \t]{1,8}(?!-)"
    r"|\bSETUVAR[ \t]{1,8}(?:--\S{1,40}[ \t]{1,8}){0,8}(?P<of_fish>\w{1,200}):"
    r"|(?<!\w)(?P<of_pam>\w{1,200})[ \t]{1,20}(?:DEFAULT|OVERRIDE)=",
    re.MULTILINE,
)
_REGISTRY = re.compile(r"^ {4}(\S.{0,200}?) {4}(REG_[A-Z_]{1,20}) {4}([^\r\n]+)", re.MULTILINE)
_HINTS = (
    "token", "secret", "key", "auth", "pat", "pass", "pw", "jwt", "sas", "otp", "cookie", "cred",
    "proxy", "goprivate", "insecure", "nosumdb", "gocacheprog", "autoconfigurl", "wsl_pac_url",
)  # fmt: skip
_UNQUOTED = re.compile(r"[^\s\"'`\\$]+")
_BEGINS_ENTRY = re.compile(r"\\0\w{1,200}=")  # in a list of the registry
_QUOTE = re.compile(r"\\?\"|['`]")
_LINE_FEED = re.compile(r"\n")
_ADDS = re.compile(r"\s(?:-[a-zA-Z]*[ap][a-zA-Z]*|--append|--prepend)\s")
_BLANKS = re.compile(r"[ \t]*")
_NAME = re.compile(r"\w+")
_PARENTHESES = re.compile(r"[()]")
_HEREDOC = re.compile(r"<<<[ \t]{0,8}|<<-?[ \t]{0,8}[\"'\\]?(\w{1,80})[\"']?")
_OF_LINKER = re.compile(r"-X[ =]{1,4}[\"']?[\w./~-]{0,200}\Z")
_SHORT = frozenset({"key", "auth", "pat", "pass", "cred", "creds", "cookie"})
_JOINS = frozenset("'\"\\$`./:@%+-_~#!^*?")


def find(text: str) -> list[Span]:
    """Where the secrets are that a text gives to names."""
    lower = text.lower()
    if not any(each in text for each in "=: \t") or not any(hint in lower for hint in _HINTS):
        return []
    found: list[Span] = []
    lines = _Lines(text)
    done = 0
    for each in _NAMED.finditer(text):
        if each.start() < done:
            continue
        kind = each.lastgroup or ""
        name = each[kind]
        if not (known := _known_as(text, name, each.start(kind), kind)):
            continue
        is_more = _is_command(known) and (
            "+=" in each[0] or _adds(kind, each[0], text[each.end() :][:1])
        )  # to its arguments
        for start, end in _extents(lines, each.start(), each.end(), kind, known):
            found += [(start, end)] if is_more and start < end else _spans(known, text, start, end)
            done = max(done, end)
    if "REG_" in text:
        found += _of_registry(text)
    return found + (list(_of_heredocs(lines)) if "<<" in text else [])


def _is_command(name: str) -> bool:
    """Whether the value under this name is a command, whose arguments are secret."""
    return names.kind_of(name) in (names.AUTH, names.PROGRAM)


def _adds(kind: str, statement: str, first: str) -> bool:
    """Whether a `set` of fish adds to what a variable has."""
    return kind == "of_set" and (first == "$" or _ADDS.search(statement) is not None)


def _known_as(text: str, name: str, start: int, kind: str) -> str:
    """The name by which the value is judged; empty if values of that name are shown."""
    bare = name.rpartition(".")[2].lstrip("-")
    if bare in _SHORT and (kind == "option" or _OF_LINKER.search(text, max(0, start - _NEAR), start)):
        return bare.upper()
    if kind == "option" and (len(name) < 3 or names.kind_of(name) != names.SECRET):  # noqa: PLR2004 - -p, -u
        return ""
    return name if names.kind_of(name) else ""


def _spans(name: str, text: str, start: int, end: int) -> list[Span]:
    """The secrets of the value that a text has there, in its own quotes."""
    if names.kind_of(name) == names.SECRET:
        return [(start, end)]
    written = text[start:end]
    view = unquoted(written)
    found = values.find(name, view.text) if view else values.find(name, written)
    found = view.sources([span for span in found if span[0] < span[1]]) if view else found
    return [(start + begin, start + stop) for begin, stop in found]


class _Lines:
    """A text, and where its lines and quotes are, looked up once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _ends(self) -> list[int]:
        return [found.start() for found in _LINE_FEED.finditer(self.text)]

    @cached_property
    def _quotes(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {quote: [] for quote in _QUOTES}
        for each in _QUOTE.finditer(self.text):
            found[each[0]].append(each.start())
        return found

    def end(self, at: int) -> int:
        """Where the line ends that `at` is in."""
        index = bisect_left(self._ends, at)
        return self._ends[index] if index < len(self._ends) else len(self.text)

    def open_quote(self, at: int) -> str:
        """The quotes that are open there, as far as the line tells."""
        index = bisect_left(self._ends, at) - 1
        begin = self._ends[index] if index >= 0 else 0
        last = {
            places[end - 1]: quote
            for quote, places in self._quotes.items()
            if ((end := bisect_left(places, at)) - bisect_left(places, begin)) % 2
        }
        return last[max(last)] if last else ""


def _extents(lines: _Lines, begin: int, start: int, kind: str, name: str) -> Iterator[Span]:
    """Where the words of a value lie, which begins at `start`; its name begins at `begin`."""
    text, line = lines.text, lines.end(start)
    if kind == "of_fish":
        yield start, line
    elif kind == "of_pam":
        yield _word(lines, start)[0] if text.startswith(_QUOTES, start) else (start, line)
    elif kind == "of_set":
        words = list(_words(lines, start, line))
        joined = _is_command(name) and len(words) > 1  # fish joins the words with blanks
        yield from [(start, words[-1][1])] if joined else words
    else:
        yield _extent(lines, begin, start, line, name)


def _words(lines: _Lines, start: int, line: int) -> Iterator[Span]:
    """The words from `start` to the end of a command of fish."""
    text, end = lines.text, start
    while end < line and text[end] not in "\n;#)&|":
        word, stop = _word(lines, end)
        is_last = text[stop - 1 : stop] == ";"
        yield word[0], word[1] - (is_last and word[1] == stop)
        blanks = _BLANKS.match(text, max(stop, end + 1))
        end = line if is_last or not blanks else blanks.end()


def _extent(lines: _Lines, begin: int, start: int, line: int, name: str) -> Span:
    text = lines.text
    for quote in ('"""', "'''"):
        if text.startswith(quote, start):
            closing = text.find(quote, start + 3)
            return start + 3, len(text) if closing < 0 else closing
    if (quote := lines.open_quote(begin)) and not text.startswith(quote, start):
        return start, _closing(text, quote, start, line)
    if _is_command(name) and not text.startswith(_QUOTES, start):
        return start, line  # in go's own file a value goes to the end of the line
    return _word(lines, start)[0]


def _word(lines: _Lines, start: int) -> tuple[Span, int]:
    """The word that begins there, in one or several pieces, and its end; of one quoted as a whole the inside."""
    text, at, first = lines.text, start, start
    inside: Span | None = None
    while at < len(text):
        if quote := next((each for each in _QUOTES if text.startswith(each, at)), ""):
            closing = _closing(text, quote, at + len(quote), _limit(lines, at, is_first=at == first))
            inside = (at + len(quote), closing) if at == first else None
            at = closing + len(quote) if text.startswith(quote, closing) else closing
            if at >= len(text) or not (text[at].isalnum() or text[at] in _JOINS):
                break
            inside = None
        elif text.startswith("$(", at):
            at = _after_parentheses(lines, at + 2)
        elif text[at] == "$" and text[at + 1 : at + 2] in ("'", '"'):
            at, first = at + 1, at + 1 if at == first else first
        elif text[at] == "$":
            at += 1
        elif text[at] == "\\" and not _BEGINS_ENTRY.match(text, at):
            at = min(at + (3 if text.startswith("\\\r\n", at) else 2), len(text))
        elif found := _UNQUOTED.match(text, at):
            at = found.end()
        else:
            break
    return inside or (start, at), at


def _limit(lines: _Lines, at: int, *, is_first: bool) -> int:
    """How far quotes reach that open there: a whole value over several lines, if they close at all; else the line."""
    closing = lines.text.find(lines.text[at], at + 1, at + _FAR) if is_first and lines.text[at] in "\"'" else -1
    return max(lines.end(at), closing + 1)


def _closing(text: str, quote: str, start: int, end: int) -> int:
    """Where the quotes end that are open at `start`, at the latest at `end`."""
    at = text.find(quote, start, end)
    while quote == '"' and at > 0 and _is_escaped(text, at, start):
        at = text.find(quote, at + 1, end)
    return end if at < 0 else at


def _is_escaped(text: str, at: int, start: int) -> bool:
    backslashes = 0
    while at - backslashes > start and text[at - backslashes - 1] == "\\":
        backslashes += 1
    return backslashes % 2 == 1


def _after_parentheses(lines: _Lines, at: int) -> int:
    depth = 1
    for found in _PARENTHESES.finditer(lines.text, at, at + _FAR):
        depth += 1 if found[0] == "(" else -1
        if not depth:
            return found.end()
    return lines.end(at)


def _of_registry(text: str) -> list[Span]:
    """Of the lines of `reg.exe query`; of a list each entry stands under its own name."""
    found: list[Span] = []
    for line in _REGISTRY.finditer(text):
        name, kind, value = line.groups()
        start = line.start(3)
        if "MULTI" in kind:
            for entry in value.split("\\0"):
                inner, sign, text_of = entry.partition("=")
                at = start + len(inner) + len(sign)
                found += [(at + begin, at + end) for begin, end in values.find(inner.strip(), text_of)] if sign else []
                start += len(entry) + 2
        else:
            found += [(start + begin, start + end) for begin, end in values.find(name.strip(), value)]
    return found


def _of_heredocs(lines: _Lines) -> Iterator[Span]:
    """The lines of a here-document, or the word of a here-string, that is read into a name of a secret."""
    text, done = lines.text, 0
    for found in _HEREDOC.finditer(text):
        if found.start() < done:
            continue
        before = text[max(0, found.start() - _NEAR) : found.start()].rpartition("\n")[2]
        if not any(map(names.is_secret_name, _NAME.findall(before))):
            continue
        if found[1] is None:
            span, _ = _word(lines, found.end())
        else:
            start = lines.end(found.end()) + 1
            end = re.compile(rf"^[ \t]*{found[1]}[ \t\r]*$", re.MULTILINE).search(text, start)
            span = start, end.start() if end else len(text)
        done = span[1]
        yield span
