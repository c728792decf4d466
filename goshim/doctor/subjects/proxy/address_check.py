"""The check of proxies' addresses."""

from __future__ import annotations

import re

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, fail, info, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.formats.go_url import PROXY_SCHEMES, Address, parse_proxy
from goshim.doctor.machine import basics, origins
from goshim.doctor.subjects.proxy import facts as proxies
from goshim.doctor.subjects.proxy.facts import Variable

_GREATEST_PORT = 65535
_URLS = proxies.NAMES[:4]


@check("proxy-url", "network")
def proxy_url(look: Look) -> Verdict:
    r"""Whether each proxy variable is an address that go can read.

    go says nothing of a proxy that it can't read: it goes direct, or takes the scheme for a host and fails with
    `lookup http: no such host`.

    Ran with go 1.27.3: a carriage return at the end, or a blank in front: direct. A blank behind, quotes, `\` `#` `/`
    `?` in user or password: a host named `http`, or `"http`. A `%` there that begins no escape: direct. `socks4://`,
    `socks://`, `ftp://`: plain HTTP is spoken to that port. Understood are http, https, socks5 and socks5h, and
    `host:port` without a scheme (golang.org/x/net/http/httpproxy, parseProxy; net/http/transport.go).
    """
    found = [
        (each, trouble)
        for each in look(proxies.variables)
        if each.name in _URLS and (trouble := _why_wrong(each.address, each.value))
    ]
    if not found:
        return ok("each proxy that is set is an address go can read", *(e.shown for e in proxies.read_by_go(look)))
    evidence = [f"{each.shown}: {trouble}" for each, trouble in found]
    summary = f"{', '.join(each.name for each, _ in found)}: no address that go can read"
    after = look(proxies.after_goshim)
    left = [name for name in _URLS if name in after and _why_wrong(parse_proxy(after[name]), after[name])]
    if not left:
        return info(f"{summary}; goshim mends it at each call", *evidence)
    remedies = tuple(_rewrite(look, each) for each, _ in found)
    stops = any(each.name == "HTTPS_PROXY" or not after.get("HTTPS_PROXY") for each, _ in found if _stops(each))
    return (fail if stops else warn)(summary, *evidence, remedies=remedies)


def _why_wrong(address: Address | None, value: str) -> str:
    if address is None:
        return "go can't read it, and goes direct without a word"
    if not address.host:
        return f"it names no host: go tries port {address.port or 80} of this machine"
    if _is_misread(address.host, value):
        return f"go takes {printable(address.host)} for the proxy's host" + _encode_hint(value)
    if address.port > _GREATEST_PORT:
        return f"there is no port {address.port}"
    if address.scheme not in PROXY_SCHEMES:
        return f"go does not know {address.scheme}://, and speaks plain HTTP to it"
    return ""


def _is_misread(host: str, value: str) -> bool:
    before = value.partition("://")[0]
    return (
        ("://" in value and host == before)
        or host in ("http", "https", "DIRECT", "PROXY")
        or not re.fullmatch(r"[A-Za-z0-9_.:%-]+", host)
    )


def _encode_hint(value: str) -> str:
    userinfo = value.partition("//")[2].rpartition("@")[0]
    written = {"\\": "%5C", "#": "%23", "/": "%2F", "?": "%3F", " ": "%20"}
    found = [f"{mark} as {code}" for mark, code in written.items() if mark in userinfo]
    return f": in user and password write {', '.join(found)}" if found else ""


def _stops(variable: Variable) -> bool:
    """Whether what go makes of a value can't work at all, and is for https, as all of go's downloads are."""
    address = variable.address
    return address is not None and address.scheme in PROXY_SCHEMES and variable.name.lower() == "https_proxy"


def _rewrite(look: Look, variable: Variable) -> Remedy:
    """How to write a value so that go reads it."""
    tidy = variable.tidy
    if tidy == variable.value or _why_wrong(parse_proxy(tidy), tidy):
        return Remedy(
            "write it as http://host:port, a user and password in percent-encoding",
            f"export {variable.name}=http://USER:PASSWORD@HOST:PORT",
        )
    return Remedy(
        "strip what is around the address", f"export {variable.name}={quoted(tidy)}", edits=_edits(look, variable)
    )


def _edits(look: Look, variable: Variable) -> tuple[Edit, ...]:
    """The lines of the user's own start files, with the value as it should be."""
    home = look(basics.machine).home
    lines = origins.alone(look, variable.name)
    return tuple(line.corrected(variable.tidy) for line in lines if home and line.path.startswith(f"{home}/"))
