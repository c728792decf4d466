"""Secrets that words announce: headers, `Bearer …`, `curl -u me:…`, netrc files, private keys."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from goshim.base.redaction.views import Span

_SCHEME = r"(?:(?:basic|bearer|token|negotiate|ntlm|digest|apikey)[ \t]{1,8})?"
_HEADER = re.compile(
    rf"(?<![\w-])([\w-]{{1,80}})[\"']?[ \t]{{0,8}}[:=][ \t]{{0,8}}[\"']?{_SCHEME}(?=[^\s\"'`])", re.IGNORECASE
)
_TO_QUOTE = re.compile(r"[^\n\"'`]*")
_HEADERS = frozenset({"private-token", "job-token", "deploy-token", "cookie", "set-cookie"})
_OF_HEADERS = ("token", "key", "auth", "api", "secret")  # in the names of headers that begin with X-
_NOTHING = re.compile(r"(?:[a-z0-9]{1,20}[ \t]{1,8})?\*\*\*|(?:null|true|false)\b", re.IGNORECASE)
_SCHEMED = re.compile(r"\b(basic|bearer|negotiate|token)[ \t]{1,8}([\w.+/=~:-]{8,})", re.IGNORECASE)
_LONG = 20
_USER = re.compile(
    r"(?<=[ \t\"'])(?:-u|-U|--user|--proxy-user)[ \t=]{0,2}"  # of curl
    r"(?:[^\s:\"'/=-][^\s:\"'/]{0,80}:([^\s\"']+)|[\"'][^:\"'\n]{1,80}:([^\"'\n]+))"
)
_PASSWORD = re.compile(
    r"\b(?:(?:mysql|mariadb)\w{0,20}[ \t](?:[^\n;|&]{0,200}?[ \t])?-p"
    r"|sshpass[ \t]{1,8}-p[ \t]{0,8}|login\b[^\n;|&]{0,200}?[ \t]-p[ \t]{0,8})"  # the last of docker and its like
    r"([^\s\"'-][^\s\"']*|\"[^\"\n]+|'[^'\n]+)"
)
_NETRC = re.compile(r"\bpassword[ \t]{1,8}(\S+)([ \t\r]{0,8}$)?", re.MULTILINE)
_BEFORE_PASSWORD = re.compile(r"\b(?:machine|login|user)\b|^[ \t]*\Z")
_NEAR = 300
_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")


def find(text: str) -> list[Span]:
    """Where they are."""
    lower = text.lower()
    found: list[Span] = []
    if any(each in lower for each in ("authorization", "cookie", "-token", "x-")):
        found += _headers(text)
    if any(each in lower for each in ("basic", "bearer", "negotiate", "token")):
        found += [each.span(2) for each in _SCHEMED.finditer(text) if _looks_secret(each[1].lower(), each[2])]
    if any(each in text for each in ("-u", "-U", "--user", "--proxy-user")):
        found += [each.span(each.lastindex or 0) for each in _USER.finditer(text)]
    if any(each in text for each in ("mysql", "mariadb", "sshpass", "login")):
        found += [each.span(1) for each in _PASSWORD.finditer(text)]
    if "password" in text:
        found += _netrc(text)
    return found + (list(_private_keys(text)) if "-----BEGIN" in text else [])


def _headers(text: str) -> Iterator[Span]:
    done = 0
    for found in _HEADER.finditer(text):
        if found.start() < done:
            continue
        name = found[1].lower()
        is_secret = name.endswith("authorization") or name in _HEADERS
        if not is_secret and name.startswith("x-"):
            is_secret = any(each in name for each in _OF_HEADERS)
        if is_secret and not _NOTHING.match(text, found.end()) and (value := _TO_QUOTE.match(text, found.end())):
            done = value.end()
            yield value.span()


def _looks_secret(scheme: str, value: str) -> bool:
    """Whether this is no word of a sentence: `Basic authentication`, `bearer tokens`."""
    if any(each.isdigit() or each.isupper() for each in value[1:]):
        return scheme != "token" or (any(map(str.isdigit, value)) and len(value) >= _LONG)
    return scheme == "bearer" and len(value) >= _LONG


def _netrc(text: str) -> Iterator[Span]:
    """Passwords of a netrc file, in one line or several."""
    for found in _NETRC.finditer(text):
        line = text[max(0, found.start() - _NEAR) : found.start()].rpartition("\n")[2]
        is_alone = not line.strip() and found[2] is not None
        if is_alone or (line.strip() and _BEFORE_PASSWORD.search(line)):
            yield found.span(1)


def _private_keys(text: str) -> Iterator[Span]:
    """All between the first line and the last; to the end of the text where there is no last."""
    ends = [found.start() for found in _KEY_ENDS.finditer(text)]
    done = 0
    for found in _KEY_BEGINS.finditer(text):
        if found.start() < done:
            continue
        index = bisect_left(ends, found.end())
        done = ends[index] if index < len(ends) else len(text)
        if found.end() < done:
            yield found.end(), done
