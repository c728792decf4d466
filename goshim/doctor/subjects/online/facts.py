"""What the network says: module proxies asked as go would, name servers, a large ClientHello. Only with --network."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats.go_url import Address, parse
from goshim.doctor.formats.proxy_choice import proxy_for
from goshim.doctor.machine import basics, go_values, networking
from goshim.doctor.subjects.certificates import facts as certificates
from goshim.doctor.subjects.certificates.facts import DIRECTORIES, FILES, Certificate

TUNNEL = "10.255.255.254"
"""The name server that WSL's DNS tunnelling, on by default, writes into /etc/resolv.conf."""

_USUAL = "https://proxy.golang.org"
_WELL_KNOWN = ("proxy.golang.org", "goproxy.cn", "goproxy.io")
_KNOWN_PATH = "/golang.org/x/text/@v/list"
_MOST_SERVERS = 3  # net/dnsconfig_unix.go and resolv.conf(5) alike
_WAIT_S = 5  # for one server, unless `options timeout:` says otherwise: the same two
_DNS_PORT = 53


@dataclass(frozen=True)
class Target:
    """A module proxy. `via` is the HTTP proxy by which go asks it, of the variable `variable`; empty for none.

    `yields` tells whether go goes on to the next entry of GOPROXY after any error.
    """

    entry: str
    url: str
    via: str
    variable: str
    yields: bool

    @property
    def address(self) -> Address:
        """Of the module proxy."""
        return parse(self.url)

    @property
    def place(self) -> str:
        """The module proxy's host, with its port where that is not the usual one."""
        usual = {"https": 443, "http": 80}.get(self.address.scheme)
        return self.address.host if self.address.port == usual else f"{self.address.host}:{self.address.port}"

    @property
    def via_place(self) -> str:
        """The HTTP proxy's host and port, without a password."""
        return self.via.rpartition("@")[2].rpartition("/")[2] if self.via else ""


@dataclass(frozen=True)
class Fetch:
    """How a request went. `step` is where it ended: lookup, connect, tunnel, tls, first byte, or done.

    `kind` is empty for an answer, whatever its status; else lookup, refused, timeout, reset, refusal (the HTTP proxy's,
    with `status`), certificate, tls, network, address, or untried. `trust` is of online/probes.py, fetch.
    """

    target: Target
    step: str
    kind: str
    error: str
    times_ms: Mapping[str, float]
    status: int
    headers: Mapping[str, str]
    certificate: Certificate | None
    trust: str
    sent_ns: int
    received_ns: int


@dataclass(frozen=True)
class Greeting:
    """What came of a ClientHello: of `size_bytes`, 0 if it was not sent; `kind` is empty where a byte came back."""

    size_bytes: int
    kind: str
    error: str
    step: str
    time_ms: float
    mtu_bytes: int


@dataclass(frozen=True)
class NameServer:
    """What a name server said. `error` is why nothing was heard, `code` a code of RFC 1035 that means no answer."""

    address: str
    time_ms: float
    code: str
    answers: int
    error: str


def targets(look: Look) -> tuple[Target, ...]:
    """The module proxies of GOPROXY that are asked by http or https: cmd/go/internal/modfetch/proxy.go, proxyList."""
    value = go_values.find(look, "GOPROXY")
    text = go_values.after_goshim(look, value) if value else ""
    variables = look(basics.environment)
    found = []
    for entry, end in re.findall(r"([^,|]+)([,|]?)", text or _USUAL):
        name = entry.strip()
        if name in ("direct", "off"):
            break
        if any(sign in name for sign in ".:/") and ":/" not in name and not name.startswith("/"):
            name = f"https://{name}"
        try:
            address = parse(name)
        except ValueError:
            continue  # goproxy-syntax tells of it
        if address.scheme in ("http", "https") and address.host:
            url = name.rstrip("/") + _KNOWN_PATH if address.host in _WELL_KNOWN else name
            found.append(Target(name, url, *proxy_for(variables, address), end == "|"))
    return tuple(found)


def fetches(look: Look) -> tuple[Fetch, ...]:
    """How a small request to each of them goes. Unknown where GOPROXY names none."""
    asked = _some_targets(look)
    file, directories = look(certificates.named_file), look(certificates.named_directories)
    subject = {
        "files": [file] if file else list(FILES),
        "directories": [each for each in directories if each] or list(DIRECTORIES),
        "own": sorted(look(own)),
        "targets": [{"url": each.url, "via": each.via} for each in asked],
    }
    rows = _measured(look, "network.fetch", subject)
    return tuple(_fetch(target, row) for target, row in zip(asked, rows, strict=True))


def own(look: Look) -> frozenset[str]:
    """The fingerprints of the trusted certificates that are no public authority's, as far as that can be told."""
    trusted, public = look(certificates.trusted).fingerprints, look(certificates.vendor)
    if public:
        return trusted - public
    return trusted & {each.fingerprint for file in look(certificates.placed) for each in file.certificates}


def greetings(look: Look) -> tuple[Greeting, Greeting, Greeting]:
    """What becomes of a small ClientHello, a large one, and a large one in small packets, to the first module proxy."""
    first = next((each for each in _some_targets(look) if each.address.scheme == "https"), None)
    if first is None:
        raise UnknownError("no module proxy of GOPROXY is asked by https")
    small, large, large_in_parts = _measured(look, "network.hello", {"url": first.url, "via": first.via})
    return _greeting(small), _greeting(large), _greeting(large_in_parts)


def name_servers(look: Look) -> tuple[NameServer, ...]:
    """What each name server that go asks says when it is asked for the host that go looks up first."""
    servers = [line.split()[1] for line in _resolver_lines(look, "nameserver")][:_MOST_SERVERS]
    subject = {
        "servers": servers or ["127.0.0.1"],
        "port": _DNS_PORT,
        "name": look(looked_up),
        "tcp": "use-vc" in look(resolver_options),
    }
    rows = _measured(look, "name_servers.ask", subject)
    return tuple(NameServer(row["server"], row["ms"], row["code"], row["answers"], row["error"]) for row in rows)


def looked_up(look: Look) -> str:
    """The name that go looks up first: that of the HTTP proxy where there is one, else of the module proxy."""
    return next(iter(look(names)), parse(_USUAL).host)


def names(look: Look) -> tuple[str, ...]:
    """The names that go has to look up at name servers: no addresses, nothing of loopback or of /etc/hosts."""
    asked = [(each.via, each.address) for each in look(targets)]
    if not asked:  # then git asks many hosts, by the same way
        asked = [(proxy_for(look(basics.environment), parse(_USUAL))[0], parse(_USUAL))]
    hosts = [parse(via).host if via else address.host for via, address in asked]
    return tuple(each for each in hosts if re.search("[a-z]", each.rpartition(".")[2]) and not _is_known(look, each))


def _is_known(look: Look, host: str) -> bool:
    is_in_file = rf"(?i)^[^#]*\s{re.escape(host)}(?:\s|$)"
    return networking.is_loopback(host) or ":" in host or bool(look.host.lines("/etc/hosts", is_in_file))


def resolver_options(look: Look) -> frozenset[str]:
    """The words after `options` in /etc/resolv.conf."""
    return frozenset(word for line in _resolver_lines(look, "options") for word in line.split()[1:])


def resolver_wait_s(look: Look) -> int:
    """How long a name server that says nothing is waited for."""
    told = [word[8:] for word in look(resolver_options) if re.fullmatch(r"timeout:\d{1,3}", word)]
    return max(1, int(told[0])) if told else _WAIT_S


def interface(look: Look) -> str:
    """The interface of the default route, by proc_net_route(5); empty without one."""
    lines = look.host.text("/proc/net/route").split("\n")[1:]
    return next((line.split()[0] for line in lines if line.split()[1:2] == ["00000000"]), "")


def _resolver_lines(look: Look, word: str) -> list[str]:
    lines = look.host.text("/etc/resolv.conf").split("\n")
    return [line for line in lines if len(line.split()) > 1 and line.split()[0] == word]


def _some_targets(look: Look) -> tuple[Target, ...]:
    if not look.options.network:
        raise UnknownError("the network is asked only with --network")
    if not (found := look(targets)):
        raise UnknownError("GOPROXY names no module proxy that is asked over the network")
    return found


def _measured(look: Look, probe: str, subject: Mapping[str, Any]) -> Any:
    if not look.options.network:
        raise UnknownError("the network is asked only with --network")
    return look.host.probe(probe, json.dumps(subject))


def _fetch(target: Target, row: Any) -> Fetch:
    certificate = Certificate(**row["leaf"]) if row["leaf"] else None
    return Fetch(
        target,
        row["step"],
        row["kind"],
        row["error"],
        row["times_ms"],
        row.get("status", 0),
        row.get("headers", {}),
        certificate,
        row["trust"],
        row.get("sent_ns", 0),
        row.get("received_ns", 0),
    )


def _greeting(row: Any) -> Greeting:
    time_ms = row["times_ms"].get("tls", 0)
    return Greeting(row.get("bytes", 0), row["kind"], row["error"], row["step"], time_ms, row.get("mtu", 0))
