"""What is below HTTP: name servers, and the size of packets. Nothing here is asked without --network."""

from __future__ import annotations

from shlex import quote

from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics
from goshim.doctor.subjects.online import facts as online
from goshim.doctor.subjects.online.facts import TUNNEL, Greeting, NameServer

_SLOW_MS = 1000
_SMALLER_MTU_BYTES = 1280  # what every IPv6 path carries, and what VPNs leave of 1500


@check("dns", "network", needs="network")
def dns(look: Look) -> Verdict:
    """Each name server of /etc/resolv.conf, asked for the host that go looks up first, with the time that it takes.

    go asks the servers in their order. For one that says nothing it waits 5 s, at each lookup of each call, before it
    asks the next.

    The host is that of the HTTP proxy if there is one, else of the module proxy. Three servers at most count, and
    `options timeout:` and `use-vc` do, for go as for the C library (net/dnsconfig_unix.go). WSL's DNS tunnelling, on by
    default, is the server 10.255.255.254: it hands the question to Windows. It is known to be slow or silent with some
    VPNs (microsoft/WSL issues 10520 and 41595).
    """
    servers = look(online.name_servers)
    told = [_told(each) for each in servers]
    first, *others = servers
    if all(each.error for each in servers):
        if not look(online.names):
            return info("no name server answers, and go asks none: its proxies are addresses, or in /etc/hosts", *told)
        return fail("no name server answers", *told, remedies=_other_server(look, servers))
    if first.error.startswith("no answer"):
        wait_s = look(online.resolver_wait_s)
        summary = (
            f"{printable(first.address)}, the first name server, says nothing: each lookup waits {wait_s} s for it"
        )
        return warn(summary, *told, remedies=_other_server(look, servers))
    if first.error:
        return info(f"{printable(first.address)}, the first name server, is passed over: {first.error}", *told)
    if all(each.code not in ("", "NXDOMAIN") for each in servers if not each.error):
        return warn(f"no name server has an answer for {printable(look(online.looked_up))}", *told)
    if first.time_ms > _SLOW_MS:
        summary = f"{printable(first.address)}, the first name server, takes {first.time_ms:.0f} ms"
        return warn(summary, *told, remedies=_other_server(look, servers))
    silent = [each for each in others if each.error]
    if silent:
        return info(f"the first name server answers, {len(silent)} further do not", *told)
    return ok(f"{printable(first.address)} answers after {first.time_ms:.0f} ms", *told[1:])


def _told(server: NameServer) -> str:
    name = printable(server.address) + (" (WSL's DNS tunnel)" if server.address == TUNNEL else "")
    if server.error:
        return f"{name}: {server.error}"
    return f"{name}: {server.code or f'{server.answers} addresses'} after {server.time_ms:.0f} ms"


def _other_server(look: Look, servers: tuple[NameServer, ...]) -> tuple[Remedy, ...]:
    if any(each.address == TUNNEL and each.error for each in servers) or look(basics.machine).wsl == "wsl2":
        return (
            Remedy("restart WSL, which writes /etc/resolv.conf anew", "wsl.exe --shutdown", "powershell"),
            Remedy(
                "if that does not help: ask without Windows between, in [wsl2] of .wslconfig",
                "dnsTunneling=false",
                "file",
            ),
        )
    good = next((each.address for each in servers if not each.error), "")
    text = f"name {printable(good)} first there" if good else "name a server that answers there"
    return (Remedy(text, "sudoedit /etc/resolv.conf", "sudo"),)


@check("mtu", "network", needs="network")
def mtu(look: Look) -> Verdict:
    """Whether a ClientHello as large as Go's gets through to the first module proxy, and packets as large as the MTU.

    From Go 1.24 on a ClientHello carries a post-quantum key and takes 1.5 KB, more than one packet. Some proxies and
    firewalls can't take that: go hangs for 10 s with `TLS handshake timeout`, or sees the connection reset, where curl
    works.

    Three are sent at once: a small one, one of 1531 bytes, which is what Go 1.27 sends, and the same in packets of 1000
    bytes. If only the last two differ, large packets are lost on the way: the MTU here is larger than a VPN's or
    tunnel's, and nobody tells (microsoft/WSL issue 4698). If only the first gets through, something reads the
    ClientHello and does not expect a second packet (golang/go issue 80573, https://tldr.fail).
    """
    small, large, in_parts = look(online.greetings)
    if small.kind:
        return skip(f"no TLS connection to the first module proxy at all ({small.error}): proxy-reachable tells why")
    told = (_greeted("small", small), _greeted("large", large), _greeted("large, in small packets", in_parts))
    if not large.kind:
        size = f", in packets of up to {large.mtu_bytes} bytes" if large.mtu_bytes else ""
        return ok(f"a ClientHello of {large.size_bytes} bytes gets through{size}")
    if large.step != "tls":
        return skip(f"the second connection to the first module proxy failed ({large.error})")
    if in_parts.kind:
        return warn(
            f"a ClientHello of {large.size_bytes} bytes does not get through ({large.error}), one of"
            f" {small.size_bytes} does: a box on the way can't take two packets",
            *told,
            remedies=(
                Remedy("leave the post-quantum key out, with Go 1.24 or later", "export GODEBUG=tlsmlkem=0"),
                Remedy("the same with Go 1.23", "export GODEBUG=tlskyber=0"),
                Remedy("tell who runs the network: https://tldr.fail"),
            ),
        )
    if large.kind != "timeout":
        return info(f"a ClientHello of {large.size_bytes} bytes was answered in small packets alone, this time", *told)
    interface = look(online.interface) or "eth0"
    smaller = f"sudo ip link set dev {quote(interface)} mtu {_SMALLER_MTU_BYTES}"
    return warn(
        f"large packets are lost on the way: the MTU of {interface}, {large.mtu_bytes} bytes, is too large for it",
        *told,
        remedies=(
            Remedy("make it smaller, until the next start", smaller, "sudo"),
            Remedy("or have the kernel find the size", "sudo sysctl -w net.ipv4.tcp_mtu_probing=1", "sudo"),
        ),
    )


def _greeted(name: str, greeting: Greeting) -> str:
    result = greeting.error if greeting.kind else f"answered after {greeting.time_ms:.0f} ms"
    return f"{name}: {greeting.size_bytes} bytes, {result}"
