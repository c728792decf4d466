"""The variables of HTTP proxies, and GOPROXY."""

from __future__ import annotations

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings

_AROUND = " \t\r\n\v\f\"'"
_PAIRS = (("HTTP_PROXY", "http_proxy"), ("HTTPS_PROXY", "https_proxy"), ("NO_PROXY", "no_proxy"))
_OCTETS = 4


@rule("proxy-url", "HTTP_PROXY http_proxy HTTPS_PROXY https_proxy GOPROXY", "everywhere")
def proxy_url(facts: Facts, settings: Settings) -> Effects:
    """Blanks, a carriage return and quotes around the value are stripped.

    With quotes go takes the proxy for a host named `"http`, with a carriage return it goes direct without a word.
    """
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "GOPROXY"):
        if before := facts.variables.get(name):
            yield name, before.strip(_AROUND) or None, "blanks, quotes or a carriage return around the value"


@rule("proxy-https-missing", "HTTPS_PROXY https_proxy", "WSL")
def proxy_https_missing(facts: Facts, settings: Settings) -> Effects:
    """With WSL_PAC_URL set and only the http proxy known, https gets the same one.

    WSL does so itself from 2.9.4 on (microsoft/WSL pull request 40950, issues 40945 and 12469).
    """
    http = _first(facts, "HTTP_PROXY", "http_proxy")
    if facts.variables.get("WSL_PAC_URL") and http and not _first(facts, "HTTPS_PROXY", "https_proxy"):
        for name in ("HTTPS_PROXY", "https_proxy"):
            yield name, http, "a proxy by PAC, of which WSL told only the http one"


@rule("proxy-case", " ".join(name for pair in _PAIRS for name in pair), "WSL")
def proxy_case(facts: Facts, settings: Settings) -> Effects:
    """Upper and lower case get the same value: that of the upper, which go reads first.

    Go reads HTTPS_PROXY before https_proxy (golang.org/x/net/http/httpproxy); curl, and git through it, reads only
    http_proxy in lower case. Two values mean two routes for one download.
    """
    for upper, lower in _PAIRS:
        if value := _first(facts, upper, lower):
            for name in (upper, lower):
                yield name, value, f"{upper} and {lower} agree; go reads {upper} first"


@rule("no-proxy-syntax", "NO_PROXY no_proxy", "WSL, or when set")
def no_proxy_syntax(facts: Facts, settings: Settings) -> Effects:
    """Windows' way of writing exceptions becomes Go's: `;`, `10.*`, `<local>`; `proxy.no_proxy` is added.

    Go accepts those and matches nothing with them (golang.org/x/net/http/httpproxy): `;` becomes `,`, `10.*` becomes
    `10.0.0.0/8`, `<local>` has no counterpart and is dropped.
    """
    added = settings.proxy.no_proxy
    for name in ("NO_PROXY", "no_proxy"):
        before = facts.variables.get(name)
        if before and facts.wsl:
            parts = [_as_network(part.strip()) for part in before.replace(";", ",").split(",")]
            kept = [part for part in parts if part and part != "<local>"]
            if kept != [part.strip() for part in before.split(",")]:
                before = ",".join(kept) or None
                yield name, before, "Windows' syntax, of which go matches nothing"
        if added:
            parts = before.split(",") if before else []
            yield name, ",".join(parts + [part for part in added if part not in parts]), "proxy.no_proxy"


@rule("proxy-setting", "HTTP_PROXY http_proxy HTTPS_PROXY https_proxy NO_PROXY no_proxy", "when set")
def proxy_setting(facts: Facts, settings: Settings) -> Effects:
    """`proxy.http` and `proxy.https` replace what was inherited; `proxy.mode` = "drop" removes it."""
    if settings.proxy.mode == "drop":
        for pair in _PAIRS[:2]:
            for name in pair:
                yield name, None, "proxy.mode"
    for pair, value in zip(_PAIRS, (settings.proxy.http, settings.proxy.https), strict=False):
        for name in pair if value else ():
            yield name, value, "proxy.http" if name in _PAIRS[0] else "proxy.https"


def _first(facts: Facts, *names: str) -> str:
    return next((value for name in names if (value := facts.variables.get(name))), "")


def _as_network(part: str) -> str:
    """`10.*` and the like as CIDR; anything else as it is."""
    octets = part.split(".")
    fixed = [octet for octet in octets if octet.isascii() and octet.isdigit() and len(octet) <= 3 and int(octet) <= 255]  # noqa: PLR2004
    stars = octets[len(fixed) :]
    if not fixed or not stars or len(octets) > _OCTETS or octets[: len(fixed)] != fixed or set(stars) != {"*"}:
        return part
    return ".".join(fixed + ["0"] * (_OCTETS - len(fixed))) + f"/{8 * len(fixed)}"
