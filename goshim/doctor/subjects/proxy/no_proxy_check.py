"""The check of the exceptions from a proxy."""

from __future__ import annotations

import re

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.subjects.proxy import facts as proxies
from goshim.doctor.subjects.proxy.facts import Variable
from goshim.facts import Facts
from goshim.rules import proxy as rules
from goshim.settings.model import Settings

_LOCAL = "<local>"


@check("no-proxy-syntax", "network")
def no_proxy_syntax(look: Look) -> Verdict:
    """Whether each entry of NO_PROXY is one that go understands.

    go takes any entry and matches nothing with one that it does not understand: the host inside the company is then
    asked for through the proxy, which does not know it.

    Windows' way of writing exceptions is not Go's: entries parted by `;`, `10.*`, `<local>`. Go has hosts and domains
    with a dot or `*.` in front, addresses, networks (`10.0.0.0/8`) and `*`, each with a port if need be, parted by
    commas (golang.org/x/net/http/httpproxy, config.init).
    """
    after = look(proxies.after_goshim)
    found = proxies.named(look, "NO_PROXY", "no_proxy")[:1]
    if not found or not look(proxies.read_by_go):
        return ok("no exceptions from a proxy that could be misread")
    wrong = _misread(found[0].value)
    if not wrong:
        return ok("each exception from the proxy is one that go understands", found[0].shown)
    evidence = [found[0].shown, *(f"{printable(entry)}: {reason}" for entry, reason in wrong)]
    entries = ", ".join(printable(entry) for entry, _ in wrong)
    if not _misread(proxies.first(after, proxies.PAIRS[2])):
        return info(f"{found[0].name} is written as on Windows; goshim mends it at each call", *evidence)
    if all(entry == _LOCAL for entry, _ in wrong):
        return info(f"{found[0].name} has {_LOCAL}, with which go matches nothing", *evidence)
    return warn(
        f"entries of {found[0].name} match nothing: {entries}", *evidence, remedies=_exceptions_in_go(look, found[0])
    )


def _misread(value: str) -> list[tuple[str, str]]:
    """The entries of a NO_PROXY that match nothing, each with the reason."""
    entries = [part.strip().lower() for part in value.split(",")]
    return [(entry, reason) for entry in entries if entry and (reason := _why_unmatched(entry))]


def _why_unmatched(entry: str) -> str:
    if entry == _LOCAL:
        return "Windows' word for hosts without a dot; Go has none"
    if ";" in entry:
        return "entries are parted by commas"
    if "://" in entry:
        return "an entry has no scheme"
    if re.search(r"[\s\"']", entry):
        return "a blank or quote is part of it; entries are parted by commas"
    if "/" in entry:
        return "" if _is_network(entry) else "no network: it takes an address and the number of bits, as 10.0.0.0/8"
    if "*" in entry.removeprefix("*." if entry != "*." else "") and entry != "*":
        return "`*` stands for something only alone, or first before a dot; a network is written 10.0.0.0/8"
    return "a part of an address; a network is written 10.0.0.0/8" if re.fullmatch(r"(?:\d+\.){1,3}", entry) else ""


def _is_network(entry: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False
    return entry.rpartition("/")[2].isdigit()


def _exceptions_in_go(look: Look, variable: Variable) -> tuple[Remedy, ...]:
    """The list as go reads it, worked out by goshim's own rule."""
    facts = Facts({"NO_PROXY": variable.value}, "wsl2")
    changed = [after for name, after, _ in rules.no_proxy_syntax.apply(facts, Settings()) if name == "NO_PROXY"]
    if not changed or not changed[0] or _misread(changed[0]):
        return (Remedy("write hosts, .domains and networks such as 10.0.0.0/8, parted by commas"),)
    command = f'export NO_PROXY={quoted(changed[0])}; export no_proxy="$NO_PROXY"'
    line = variable.line
    where = f"{line.place}" if line else "a start file, such as ~/.profile"
    return (Remedy(f"write it as Go does, in {where}", command),)
