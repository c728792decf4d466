"""The network as it is laid out here: WSL's networking mode, the default gateway, what listens on loopback."""

from __future__ import annotations

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, wslconfig
from goshim.facts.host import UnreadableError

MODES = frozenset({"nat", "bridged", "mirrored", "consomme", "virtioproxy", "none"})

# A line of proc_net_tcp(5) that listens: state 0A, no peer. Only such are recorded; who is connected to whom is not.
_LISTENS = r"^\s*\d+: [0-9A-F]+:[0-9A-F]{4} 0+:0000 0A "
_MIRROR = "/sys/class/net/loopback0"  # the interface that mirrored mode adds: microsoft/WSL issue 10650
_WSLINFO = "/bin/wslinfo"
_WSLINFO_LIMIT_S = 2.0
_IS_GATEWAY = 2  # RTF_GATEWAY, linux/route.h
_MAPPED = "0000000000000000FFFF0000"  # ::ffff:0:0/96, how a dual-stack listener on an IPv4 address is written


def mode(look: Look) -> str:
    """WSL's networking mode: one of MODES, or wsl1; empty outside WSL. Unknown where nothing tells.

    `wslinfo` answers from inside, without Windows (microsoft/WSL src/linux/init, and issue 10650 for the interface).
    """
    if look(basics.machine).wsl == "wsl1":
        return "wsl1"
    if look.host.exists(_MIRROR):
        return "mirrored"
    if not look(basics.machine).wsl:
        return ""
    if look.host.runnable(_WSLINFO):
        done = look.host.command((_WSLINFO, "--networking-mode", "-n"), limit_s=_WSLINFO_LIMIT_S)
        told = done.output.decode("ascii", "replace").strip().lower()
        if done.code == 0 and told in MODES:
            return told
    told = configured(look, "networkingmode").lower()
    if told in MODES:
        return told
    raise UnknownError("WSL's networking mode can't be told from here: there is no wslinfo that answers")


def configured(look: Look, key: str) -> str:
    """A key of .wslconfig's [wsl2], or of [experimental] where it once was; empty where unset, or not to be read."""
    try:
        values = look(wslconfig.values)
    except (UnknownError, UnreadableError):
        return ""
    return values.get(f"wsl2.{key}") or values.get(f"experimental.{key}", "")


def gateway(look: Look) -> str:
    """The address of the default gateway, by proc_net_route(5); empty where there is none.

    In NAT mode that is Windows: MicrosoftDocs/WSL, networking.md. The name server of /etc/resolv.conf is not, since DNS
    tunnelling is on by default.
    """
    found = []
    for line in look.host.text("/proc/net/route").split("\n")[1:]:
        fields = line.split()
        if len(fields) >= 8 and fields[1] == fields[7] == "00000000" and int(fields[3], 16) & _IS_GATEWAY:  # noqa: PLR2004
            found.append((int(fields[6]), _dotted(fields[2])))
    return min(found, default=(0, ""))[1]


def listening(look: Look) -> frozenset[tuple[str, int]]:
    """Where something of this Linux listens that loopback reaches: addresses, `::` and `0.0.0.0` among them, and ports.

    Unknown where the kernel does not tell.
    """
    found = set()
    if not look.host.exists("/proc/net/tcp"):
        raise UnknownError("/proc/net/tcp, which tells what listens here, is not there")
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        for _, line in look.host.lines(path, _LISTENS):
            address, _, port = line.split()[1].partition(":")
            if place := _place(address):
                found.add((place, int(port, 16)))
    return frozenset(found)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine's own loopback, by its text alone."""
    host = host.lower().rstrip(".")
    octets = host.split(".")
    is_ipv4 = len(octets) == 4 and octets[0] == "127" and all(map(str.isdigit, octets))  # noqa: PLR2004
    return host in ("localhost", "::1", "0:0:0:0:0:0:0:1") or host.endswith(".localhost") or is_ipv4


def is_listened(look: Look, host: str, port: int) -> bool:
    """Whether something of this Linux listens on a port of a loopback host."""
    places = {place for place, number in look(listening) if number == port}
    if ":" in host:
        return bool(places & {"::", "::1"})
    if host.lower().rstrip(".").endswith("localhost"):
        return bool(places & {"::", "::1", "0.0.0.0", "127.0.0.1"})  # noqa: S104 - what others listen on
    return bool(places & {"::", "0.0.0.0", host})  # noqa: S104


def _place(address: str) -> str:
    """An address of proc_net_tcp(5) as it is usually written; empty where loopback does not reach it."""
    if len(address) == 8:  # noqa: PLR2004
        dotted = _dotted(address)
    elif address.startswith(_MAPPED):
        dotted = _dotted(address[len(_MAPPED) :])
    else:
        return {"0" * 32: "::", "0" * 24 + "01000000": "::1"}.get(address, "")
    return dotted if dotted.startswith("127.") or dotted == "0.0.0.0" else ""  # noqa: S104


def _dotted(word: str) -> str:
    """An IPv4 address from the word that the kernel prints, lowest byte last."""
    return ".".join(str(byte) for byte in reversed(bytes.fromhex(word)))
