"""Lists of module patterns (GOPRIVATE and its kin) as Go reads them: golang.org/x/mod/module, MatchPrefixPatterns."""

from __future__ import annotations

import functools
import re

_NEVER_IN_A_PATH = {  # by what a pattern holds: module paths have none of it (golang.org/x/mod/module, CheckPath)
    "://": "it begins with a scheme, and a module path has none",
    '"': "the quotes are part of it",
    "'": "the quotes are part of it",
    ";": "patterns are parted by commas",
    ":": "a module path has no colon, so no port and no user",
    "@": "a module path has no user",
    "^": "it is a glob, not a regular expression",
    "$": "`$` stands for itself",
    "(": "it is a glob, not a regular expression",
    "|": "it is a glob, not a regular expression",
    "{": "it is a glob, in which braces stand for themselves",
    "...": "`...` stands for itself here; the pattern without it covers all below",
}
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_ADDRESS = re.compile(  # [scheme://][user@]host[:port][/path], user@host:path
    r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@]*@)?(?P<dot>\.(?=\w))?(?P<host>[A-Za-z0-9*?][A-Za-z0-9.*?-]*)"
    r"(?::\d*(?![^/]|//))?(?:(?:/|:(?!/))(?P<path>.*))??"
)
_STAR = "[^/]*?"
_PUBLIC = (
    "github.com/someone/something",
    "gitlab.com/someone/something",
    "bitbucket.org/someone/something",
    "golang.org/x/something",
    "google.golang.org/something",
    "gopkg.in/something.v1",
    "go.uber.org/something",
    "k8s.io/something",
)
# Names that no public name server answers for: RFC 2606, 6761, 6762, 8375, ICANN's `.internal`, and by custom.
_PRIVATE_ENDS = (
    ".corp",
    ".home",
    ".home.arpa",
    ".internal",
    ".intra",
    ".intranet",
    ".invalid",
    ".lan",
    ".local",
    ".localdomain",
    ".private",
    ".test",
)


def split(patterns: str) -> tuple[str, ...]:
    """The patterns of a list as go splits it, those passed over left out."""
    return tuple(each for part in patterns.split(",") if (each := part.removesuffix("/")))


def covers(patterns: str, module: str) -> bool:
    """Whether a pattern of the list matches a module path, or what begins it."""
    for pattern in split(patterns):
        elements = module.split("/")
        length = pattern.count("/") + 1
        if len(elements) >= length and _matches(pattern, "/".join(elements[:length])):
            return True
    return False


def why_dead(pattern: str) -> str:
    """Why a pattern matches no module path there can be; empty where it can."""
    if pattern != pattern.strip():
        return "the blank or carriage return is part of it"
    if any(map(str.isspace, pattern)):
        return "the blank is part of it"
    for mark, reason in _NEVER_IN_A_PATH.items():
        if mark in pattern:
            return reason
    if re.search(r"\\\w", pattern):
        return "elements of a path are parted by /, and a backslash makes the next character plain"
    host = pattern.partition("/")[0]
    if host.startswith("."):
        return "no module path begins with a dot; `*.` covers subdomains"
    if re.search("[A-Z]", host) and "[" not in host:
        return "the host of a module path is in lower case"
    if _pieces(pattern) is None:
        return "it is no glob that can be read: a bracket is not closed"
    return ""


def as_meant(pattern: str) -> str:
    """What a dead pattern was meant to be, by why_dead; one that can match as it is. Empty where that can't be told.

    Scheme, user, port and what stands for all below are left out; the host is put in lower case, and `.x` as `*.x`. Of
    a repository's address it is two patterns: with `.git`, which a module path may have at its end, and without.
    """
    if not why_dead(pattern):
        return pattern
    found = _ADDRESS.fullmatch(pattern.rstrip("/").removesuffix("/...").rstrip("/"))
    if not found or not re.search(r"[.*?]", found["host"]):  # no module is fetched from a host without a dot: CheckPath
        return ""
    parts = [("*." if found["dot"] else "") + found["host"].lower(), found["path"]]
    plain = "/".join(filter(None, parts))
    if why_dead(plain):
        return ""
    without = plain.removesuffix(".git") if found["path"] else plain
    return plain if without == plain else f"{without},{plain}"


def takes_public(pattern: str) -> str:
    """A public module path of some large host that a pattern covers whole; empty where it covers none."""
    return next((module for module in _PUBLIC if covers(pattern, module)), "")


def is_host(pattern: str) -> bool:
    """Whether a pattern is the plain name of a host, which covers that host and no other."""
    return _HOST.fullmatch(pattern) is not None


def looks_private(module: str) -> bool:
    """Whether the host of a module path is one that no public name server knows."""
    host = module.partition("/")[0]
    return host.endswith(_PRIVATE_ENDS)


def _matches(pattern: str, text: str) -> bool:
    """Each piece is taken where it is found first, as by Go: no star is tried anew for those behind it."""
    if not (pieces := _pieces(pattern)):
        return False
    at = 0
    for piece in pieces[:-1]:
        found = piece.match(text, at)
        if not found:
            return False
        at = found.end()
    return pieces[-1].fullmatch(text, at) is not None


@functools.cache
def _pieces(pattern: str) -> list[re.Pattern[str]] | None:
    """A glob of Go's path.Match, parted before each star; None for a malformed one, which matches nothing."""
    pieces = [""]
    for found in re.finditer(r"\\(.)|\[(\^?)((?:\\.|[^\]\\])+)\]|(.)", pattern, re.DOTALL):
        plain, caret, characters, single = found.groups()
        if characters:
            inner = re.sub(r"(?<!\\)([\[&~|])", r"\\\1", characters)
            pieces[-1] += f"[{'^' if caret else ''}{inner}]"
        elif single in ("[", "\\"):
            return None
        elif single == "*":
            pieces += [] if pieces[-1] == _STAR else [_STAR]
        else:
            pieces[-1] += "[^/]" if single == "?" else re.escape(plain or single)
    try:
        return [re.compile(piece) for piece in pieces]
    except re.error:
        return None
