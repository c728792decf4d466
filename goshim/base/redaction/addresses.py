"""Secrets in addresses: user and password, parameters of queries, fragments, and parts of a path that are tokens."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from goshim.base.redaction.names import is_secret_parameter
from goshim.base.redaction.views import Span

_EXAMPLES = frozenset({"user:password", "user:pass", "username:password", "USER:PASSWORD", "user:***"})
"""What texts say that explain an address: http://user:password@host:port."""

_NO_SECRET = frozenset({"git", "hg", "svn"})  # users of ssh:// addresses that everybody has
_NO_PASSWORD = frozenset({"", "x", "x-oauth-basic"})  # what stands behind a token that is given as the user
_LONGEST_USER = 20
_FAR = 200

# The start of an address; go's own messages have `https:/` where a path was cleaned.
_START = re.compile(r"//|(?<=https:)/|(?<=http:)/")
_NEXT = re.compile(r"[,|;=&]\s{0,20}[\"']?[A-Za-z][A-Za-z0-9+.-]{0,20}://")
_END = re.compile(r"[\s\"'`<>]")
_AT = re.compile(
    r"@(?!v\d|v/|latest\b|upgrade\b|patch\b|none\b|master\b|main\b|HEAD\b|sha(?:256|512):|[0-9a-f]{7,64}\b)"
)
_OF_PATH = re.compile(r"[/?#]")
_SIGN = re.compile(r"[?&#]")
_HOST = re.compile(r"@[\w.-]+:\d{1,5}(?!\w)")
_PORT = re.compile(r"\d{0,5}")
_PARAMETER = re.compile(
    r"[?&;#]([\w.%~\[\]-]{1,80})=[\"']?"
    r"((?:(?![,|](?:[A-Za-z][\w+.-]{0,20}://|(?:direct|off)\b))[^&\s\"'`<>#])+)"
)
_USER = re.compile(r"[A-Za-z][a-z]*(?:[._-][A-Za-z][a-z]*){0,3}\d{0,8}")
_WITHOUT_SCHEME = re.compile(
    r"(?:(?<![^\s\"'=,;|])|^)(?!mailto:)([^/\s\"'=,;|@:]{1,200}:[^/\s=,;|]{1,400})@(?!v\d|sha(?:256|512):)(?=[\w\[])"
)
_SCHEME = re.compile(r"[\s\"']*(?:(?:[\w+.-]*:)?//)?")
_AROUND = " \t\r\n\v\f\"'"
_SPECIAL = frozenset({"direct", "off", ""})
_RANDOM = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]{0,100}\d)(?=\d{0,100}[A-Za-z])[A-Za-z0-9]{20,}")


def in_text(text: str) -> list[Span]:
    """Users and passwords of the addresses anywhere in a text, and the values of secret parameters."""
    found = list(_users(text)) if "//" in text or "http" in text else []
    return found + [span for name, span in _parameters(text) if is_secret_parameter(name)]


def without_scheme(value: str) -> list[Span]:
    """The `me:password` of `me:password@host` in a variable's value. In other texts a colon and an @ are too common."""
    if "@" not in value or ":" not in value:
        return []
    spans = (_of_user(value, *found.span(1)) for found in _WITHOUT_SCHEME.finditer(value))
    return [span for span in spans if span]


def of_one(value: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The secrets of a value that is one address, with or without a scheme: all up to the last @ is its user.

    No parameter, no fragment and no part of random letters is shown of it either: a proxy needs none.
    """
    end = len(value) if end is None else end
    scheme = _SCHEME.match(value, start, end)
    begin = scheme.end() if scheme else start
    at = value.rfind("@", begin, end)
    found = []
    if at >= 0:
        found = [span] if (span := _of_user(value, begin, at)) else []
    elif span := _unfinished(value, begin, end):
        return [span]
    rest = _OF_PATH.search(value, at + 1 if at >= 0 else begin, end)
    return found + (_of_rest(value, rest.start(), end) if rest else [])


def of_list(value: str, separators: str = ",|") -> list[Span]:
    """The same for a list such as GOPROXY's. A password may have the separators in it: only a new address ends it."""
    found: list[Span] = []
    begin = at = 0
    for each in separators[1:]:
        value = value.replace(each, separators[0])
    for part in value.split(separators[0]):
        if at and _begins_entry(part):
            found += of_one(value, begin, at - 1)
            begin = at
        at += len(part) + 1
    return found + of_one(value, begin, len(value))


def of_patterns(value: str) -> list[Span]:
    """The same for a list of module patterns such as GOPRIVATE's, in which an @ can only end a user."""
    return of_list(value, ",;|") if "@" in value or "//" in value else []


def of_windows(value: str) -> list[Span]:
    """The same for Windows' ProxyServer: `http=me:password@proxy:80;https=…`."""
    found, at = [], 0
    for part in value.split(";"):
        named = part.find("=") + 1 if "//" not in part.partition("=")[0] else 0
        found += of_one(value, at + named, at + len(part))
        at += len(part) + 1
    return found


def _users(text: str) -> Iterator[Span]:
    places = _Places(text)
    done = 0
    for start in _START.finditer(text):
        begin = start.end()
        if begin < done or text.startswith("/", begin):
            continue
        # without a scheme it may as well begin a comment: `//go:generate …`
        is_address = start.start() > 0 and text[start.start() - 1] in ":\"'="
        if span := _user_at(text, begin, places, is_address=is_address):
            yield from [masked] if (masked := _of_user(text, *span)) else []
            done = span[1]


def _user_at(text: str, begin: int, places: _Places, *, is_address: bool) -> Span | None:
    """Where the user, and password, of the address lie whose authority begins at `begin`."""
    end = places.end(begin)
    path = _OF_PATH.search(text, begin, end)
    authority = path.start() if path else end
    at = text.rfind("@", begin, authority)
    colon = text.find(":", begin, authority)
    last = places.last_at(begin, end)
    if at >= 0:
        return begin, max(at, last) if begin < colon < at else at
    if colon <= begin or text.startswith("[", begin):
        return _cut_off(text, begin, authority) if is_address else None
    if not (port := _PORT.fullmatch(text, colon + 1, authority)):
        if last > 0:
            return begin, last
        return _over_blanks(text, begin, colon, places) if is_address else None
    if last > 0 and port.end() > colon + 1 and _HOST.match(text, last):
        return begin, last  # digits and a slash, and then a host with a port: they were the start of a password
    return None


def _over_blanks(text: str, begin: int, colon: int, places: _Places) -> Span | None:
    """The same where a blank or a quote is in the password: up to an @ soon after it in the same line."""
    if text[colon + 1 : colon + 2] in tuple("${<%"):
        return None  # $PORT
    end = places.end(begin)
    line = text.find("\n", end, end + _FAR)
    first = places.first_at(end, line if line >= 0 else end + _FAR)
    if first < 0 or "://" in text[end:first]:
        cut = _cut_off(text, begin, end)
        return (colon + 1, cut[1]) if cut and cut[1] > colon + 1 else None
    last = places.last_at(first, min(places.end(first), first + _FAR))
    return begin, max(first, last)


def _cut_off(text: str, begin: int, end: int) -> Span | None:
    """An authority that ends with the line in a backslash, or in `…`: whether it is a user can't be seen."""
    if text.startswith("…", end - 1) or text[end - 1 : end + 1] == "\\" or text.startswith("\\\n", end - 1):
        return (begin, end - 1) if end - 1 > begin else None
    return None


class _Places:
    """Where addresses end, and the @ that may end a user, looked up in a text once."""

    def __init__(self, text: str) -> None:
        self._length = len(text)
        ends = {found.start() for found in _END.finditer(text)} | {found.start() for found in _NEXT.finditer(text)}
        self._ends = sorted(ends)
        self._ats = [found.start() for found in _AT.finditer(text)]

    def end(self, begin: int) -> int:
        """Where the address that begins there ends at the latest: at a blank, a quote, or before the next address."""
        index = bisect_left(self._ends, begin)
        return self._ends[index] if index < len(self._ends) else self._length

    def first_at(self, begin: int, end: int) -> int:
        """The first @ that is no version's between two places; -1 if there is none."""
        index = bisect_left(self._ats, begin)
        return self._ats[index] if index < len(self._ats) and self._ats[index] < end else -1

    def last_at(self, begin: int, end: int) -> int:
        """The last one."""
        index = bisect_left(self._ats, end) - 1
        return self._ats[index] if index >= 0 and self._ats[index] >= begin else -1


def _of_user(text: str, begin: int, at: int) -> Span | None:
    """What is secret of `me:password`; of a user that looks like a person's name only the password."""
    if text[begin:at] in _EXAMPLES or text[begin:at] in _NO_SECRET or at <= begin:
        return None
    colon = text.find(":", begin, at)
    # `https://TOKEN:x-oauth-basic@github.com`: the user may be what is secret
    is_name = 0 < colon - begin <= _LONGEST_USER and _USER.fullmatch(text, begin, colon)
    return (colon + 1, at) if is_name and text[colon + 1 : at] not in _NO_PASSWORD else (begin, at)


def _unfinished(value: str, begin: int, end: int) -> Span | None:
    """The password of an address without its @: after a colon there is no port."""
    path = _OF_PATH.search(value, begin, end)
    authority = path.start() if path else end
    bare = begin + len(value[begin:authority].rstrip(_AROUND))
    colon = value.find(":", begin, bare)
    if colon < 0 or value.startswith(("[", "$"), begin) or _PORT.fullmatch(value, colon + 1, bare):
        return _cut_off(value, begin, bare)
    rest = begin + len(value[begin:end].rstrip(_AROUND))
    return (colon + 1, rest) if value[colon + 1 : rest].strip("*") else None


def _of_rest(value: str, begin: int, end: int) -> list[Span]:
    """Parameters, fragments and random parts of a path, of the address of a proxy."""
    end = begin + len(value[begin:end].rstrip(_AROUND))
    signs = [found.start() for found in _SIGN.finditer(value, begin, end)]
    found = [each.span() for each in _RANDOM.finditer(value, begin, signs[0] if signs else end)]
    for start, stop in zip(signs, [*signs, end][1:], strict=True):
        equals = value.find("=", start, stop)
        found.append(((start if equals < 0 else equals) + 1, stop))
    return [(start, stop) for start, stop in found if start < stop]


def _parameters(text: str) -> Iterator[tuple[str, Span]]:
    if "=" in text:
        for found in _PARAMETER.finditer(text):
            yield found[1], found.span(2)


def _begins_entry(part: str) -> bool:
    bare = part.strip(_AROUND)
    scheme, colon, _ = bare.partition("://")
    return bare in _SPECIAL or (bool(colon) and scheme.replace("+", "").replace("-", "").replace(".", "").isalnum())
