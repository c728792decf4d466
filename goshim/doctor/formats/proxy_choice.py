"""Which way an address is asked: directly, or by the HTTP proxy that go takes for it."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.doctor.formats.go_url import Address, parse_proxy

_SCHEMES = {"http": ("HTTP_PROXY", "http_proxy"), "https": ("HTTPS_PROXY", "https_proxy")}


def proxy_for(variables: Mapping[str, str], address: Address) -> tuple[str, str]:
    """The proxy by which go asks for an address, and the variable that names it; both empty if it goes there itself.

    golang.org/x/net/http/httpproxy, proxyForURL.
    """
    for name in _SCHEMES.get(address.scheme, ()):
        if not (value := variables.get(name)):
            continue
        proxy = parse_proxy(value)
        if proxy is None or not proxy.host or is_excepted(variables, address):
            return "", ""
        at = f"{proxy.userinfo}@" if proxy.userinfo else ""
        host = f"[{proxy.host}]" if ":" in proxy.host else proxy.host
        return f"{proxy.scheme}://{at}{host}:{proxy.port}", name
    return "", ""


def is_excepted(variables: Mapping[str, str], address: Address) -> bool:
    """Whether go asks this address itself, by NO_PROXY or as it lies on loopback: httpproxy, useProxy."""
    from ipaddress import ip_address

    host = address.host.lower()
    if host == "localhost":
        return True
    try:
        number = ip_address(host)
    except ValueError:
        number = None
    if number and number.is_loopback:
        return True
    entries = [each.strip().lower() for each in _no_proxy(variables).split(",")]
    return "*" in entries or any(_matches(entry, host, address.port, number) for entry in entries if entry)


def _matches(entry: str, host: str, port: int, number: object) -> bool:
    """Whether an entry of NO_PROXY means this host; `number` is the IP address that it is, if it is one."""
    from ipaddress import ip_address, ip_network

    if "/" in entry:
        try:
            return number is not None and number in ip_network(entry, strict=False)
        except (ValueError, TypeError):
            return False
    name, at = _parted(entry)
    if at not in ("", str(port)) or not name:
        return False
    try:
        return number == ip_address(name)
    except ValueError:
        pass
    name = name.removeprefix("*") if name.startswith("*.") else name
    below = name if name.startswith(".") else f".{name}"
    return number is None and (host.endswith(below) or host == name)


def _parted(entry: str) -> tuple[str, str]:
    """Host and port; an IPv6 address has brackets where a port follows it, and only there."""
    if entry.startswith("[") and "]:" in entry:
        name, _, port = entry[1:].partition("]:")
        return name, port
    name, _, port = entry.partition(":")
    return (entry, "") if ":" in port else (name, port)


def _no_proxy(variables: Mapping[str, str]) -> str:
    return variables.get("NO_PROXY") or variables.get("no_proxy", "")
