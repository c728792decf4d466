"""Addresses as Go reads them: net/url, Parse, and golang.org/x/net/http/httpproxy, parseProxy.

What Go makes of a malformed address decides whether it stops, goes direct without a word, or asks a host that nobody
meant; so the same steps are taken here, with the same words where it stops.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})[^%]{0,2}")
_NO_USERINFO = re.compile(r"[^A-Za-z0-9._:~!$&'()*+,;=%@-]")
_NO_HOST = re.compile(r"[\x00-\x7f](?<![A-Za-z0-9!\"$&'()*+,.:;<=>\[\]_~%-])")
_ESCAPED_ASCII = re.compile(r"%(?!25)[0-7][0-9A-Fa-f]")
_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}

PROXY_SCHEMES = tuple(_PORTS)
"""What Go can speak to a proxy: net/http/transport.go; to one of any other scheme it speaks plain HTTP (ran)."""


@dataclass(frozen=True)
class Address:
    """An address in its parts. `host` is without brackets, `port` 0 where neither it nor its scheme tells one."""

    scheme: str
    userinfo: str
    host: str
    port: int
    path: str


def parse(text: str) -> Address:
    """The address. Raises ValueError, with the words that go has for it."""
    whole = text.partition("#")[0]
    if _CONTROL.search(whole):
        raise ValueError("net/url: invalid control character in URL")
    if whole.startswith(":"):
        raise ValueError("missing protocol scheme")
    found = _SCHEME.match(whole)
    scheme = found[1].lower() if found else ""
    rest = (whole[found.end() :] if found else whole).partition("?")[0]
    if not rest.startswith("/"):
        if scheme:
            return Address(scheme, "", "", 0, "")  # what Go calls opaque
        if ":" in rest.partition("/")[0]:
            raise ValueError("first path segment in URL cannot contain colon")
    userinfo = host = port = ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        rest = slash + path
        userinfo, _, place = authority.rpartition("@")
        host, port = _host(place)
        if _NO_USERINFO.search(userinfo):
            raise ValueError("net/url: invalid userinfo")
    for part in (userinfo, rest):
        if bad := _BAD_ESCAPE.search(part):
            raise ValueError(f'invalid URL escape "{bad[0]}"')
    return Address(scheme, userinfo, host, int(port) if port else _PORTS.get(scheme, 0), rest)


def parse_proxy(value: str) -> Address | None:
    """The proxy that Go takes a value for; None if it goes direct, for what it can't read it passes over in silence."""
    try:
        first = parse(value)
    except ValueError:
        first = None
    if first and first.scheme and first.host:
        return first
    try:
        return parse(f"http://{value}")
    except ValueError:
        return first


def _host(text: str) -> tuple[str, str]:
    if text.startswith("["):
        literal, bracket, after = text[1:].rpartition("]")
        if not bracket:
            raise ValueError("missing ']' in host")
        text = literal
    elif "[" in text:
        raise ValueError("invalid IP-literal")
    else:
        text, colon, port = text.partition(":")
        after = colon + port
    if not re.fullmatch(r"(?::[0-9]*)?", after):
        raise ValueError("invalid port after host")  # go tells it; it may be half of a password that has a slash
    if bad := _BAD_ESCAPE.search(text) or _ESCAPED_ASCII.search(text):
        raise ValueError(f'invalid URL escape "{bad[0]}"')
    if wrong := _NO_HOST.search(text):
        raise ValueError(f'invalid character "{wrong[0]}" in host name')
    return text, after[1:]
