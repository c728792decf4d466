"""The check of proxies on this machine's own loopback."""

from __future__ import annotations

from collections.abc import Iterable

from goshim.base.shells import quoted
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.formats.go_url import Address
from goshim.doctor.machine import networking
from goshim.doctor.subjects.proxy import facts as proxies
from goshim.doctor.subjects.proxy.facts import Variable

_SEEN_ON_WINDOWS = ("mirrored", "wsl1", "consomme", "virtioproxy")  # modes in which loopback may lead to Windows
_UNSET = "unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy"


@check("proxy-dead-loopback", "network")
def proxy_dead_loopback(look: Look) -> Verdict:
    """Whether something listens where a proxy on 127.0.0.1 or localhost is said to be.

    Every download ends with `proxyconnect tcp: dial tcp 127.0.0.1:…: connect: connection refused`. Under WSL2 in NAT
    mode 127.0.0.1 is Linux alone: the proxy that runs on Windows is not there.

    The web tells that WSL mirrors Windows' localhost proxy. In NAT mode autoProxy drops a proxy on localhost and says
    `A localhost proxy configuration was detected but not mirrored into WSL` (src/windows/service/exe/LxssHttpProxy.cpp;
    microsoft/WSL issues 10753, 12015, 10379), so the one found here is from a start file. Windows is the default
    gateway there, not the name server of /etc/resolv.conf: DNS tunnelling, on by default, writes 10.255.255.254
    (MicrosoftDocs/WSL, networking.md). In mirrored mode Windows' loopback is reached from Linux and can't be seen.
    """
    found = [
        (each, address)
        for each in proxies.read_by_go(look)
        if (address := each.address) and networking.is_loopback(address.host)
    ]
    if not found or "*" in look(proxies.after_goshim).get("NO_PROXY", "").replace(" ", "").split(","):
        return ok("no proxy on this machine's own loopback")
    silent = [(each, at) for each, at in found if not networking.is_listened(look, at.host, at.port)]
    places = [f"{_place(at)}, {each.name}" for each, at in found]
    if not silent:
        return ok(f"something listens on {' and '.join(dict.fromkeys(_place(at) for _, at in found))}", *places)
    mode = look(networking.mode)
    if mode in _SEEN_ON_WINDOWS:
        return skip(f"in {mode} mode {_place(silent[0][1])} may be on Windows, which can't be seen from here")
    evidence = [f"{each.shown}" for each, _ in silent]
    summary = f"nothing listens on {' and '.join(dict.fromkeys(_place(at) for _, at in silent))}, the proxy that is set"
    after = look(proxies.after_goshim)
    if not any(
        proxies.first(after, pair) == each.value for each, _ in silent for pair in proxies.PROXIES if each.name in pair
    ):
        return info(f"{summary}; goshim takes it away at each call", *evidence)
    if mode:
        evidence.append(f"WSL2's networking mode is {mode}: a proxy on Windows is not on this loopback")
    judge = fail if any(each.name.lower() == "https_proxy" for each, _ in silent) else warn
    return judge(summary, *evidence, remedies=tuple(_ways_to_proxy(look, mode, *silent[-1])))


def _ways_to_proxy(look: Look, mode: str, variable: Variable, address: Address) -> Iterable[Remedy]:
    """How to reach a proxy, or do without, the best first."""
    if mode:
        if variable.line:
            yield Remedy(
                f"where Windows' own proxy settings are right, take out {variable.line.place}: WSL's autoProxy hands"
                " those over",
                _UNSET,
            )
        yield Remedy(
            "or put Linux on Windows' own network: in %UserProfile%\\.wslconfig, then wsl.exe --shutdown",
            "[wsl2]\nnetworkingMode=mirrored",
            "file",
        )
        if host := look(networking.gateway):
            yield Remedy(
                "or name Windows by the gateway's address: the proxy there must listen on it (Allow LAN), and Windows'"
                " firewall must let it through",
                f"export {variable.name}={quoted(f'{address.scheme}://{host}:{address.port}')}",
            )
        return
    yield Remedy(f"start the proxy that should listen on {_place(address)}, or go without one", _UNSET)


def _place(address: Address) -> str:
    return f"[{address.host}]:{address.port}" if ":" in address.host else f"{address.host}:{address.port}"
