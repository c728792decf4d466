"""Checks of HTTP proxies: where they come from, and whether they agree."""

from __future__ import annotations

from goshim.base.redaction import shown
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics
from goshim.doctor.subjects.proxy import facts as proxies
from goshim.doctor.subjects.proxy.facts import Variable


@check("proxy-source", "network")
def proxy_source(look: Look) -> Verdict:
    """Where each proxy variable comes from: Windows, a start file, or what started this shell.

    A proxy that nobody remembers setting is mended only where it is set. A line in a start file wins over what comes
    from Windows, for it runs later.

    The web tells that LxssManager reads Internet Settings from the registry, injects `http_proxy`, and that this beats
    `.bashrc`. What there is, is autoProxy (`.wslconfig`, on by default, WSL2 only): WSL asks WinHTTP for the user's
    proxy (`WinHttpGetProxySettingsEx`, src/windows/service/exe/LxssHttpProxy.cpp) and puts `HTTP_PROXY`, `HTTPS_PROXY`
    and `NO_PROXY`, in both cases, and `WSL_PAC_URL` into the *first* environment; never `ALL_PROXY`. WSLENV comes after
    it, start files last (LxssUserSession.cpp, _SetHttpProxyInfo; MicrosoftDocs/WSL, troubleshooting.md).
    """
    found = look(proxies.variables)
    pac = look(basics.variables).get("WSL_PAC_URL", "") if look(basics.machine).wsl else ""
    evidence = [each.shown for each in found]
    if pac:
        evidence.append(f"WSL_PAC_URL={shown('WSL_PAC_URL', pac)}: Windows, by WSL's autoProxy")
    windows = look(proxies.of_windows)
    if not evidence and windows:
        return info("no proxy is set here, so go connects directly, and Windows' own programs use one", *windows)
    if not evidence:
        return ok("no proxy is set: go connects directly")
    evidence += windows
    names = ", ".join(each.name for each in found) or "WSL_PAC_URL"
    places = list(dict.fromkeys(each.place for each in found))
    return info(f"{names} set in {len(places)} places" if len(places) > 1 else f"{names} set", *evidence)


@check("proxy-conflict", "network")
def proxy_conflict(look: Look) -> Verdict:
    """Whether upper and lower case of a proxy variable say the same, and http the same as https.

    go reads `HTTPS_PROXY` before `https_proxy`; git, through curl, reads the lower case first. Two values are two
    routes for one download: what go gets from the module proxy works, and what it has git fetch does not, or the other
    way round.

    Sources: golang.org/x/net/http/httpproxy, FromEnvironment; curl's manual: `http_proxy` in lower case only, of the
    others the lower case first. A typical case is WSL's autoProxy, which sets both, and a line of `.bashrc` that sets
    only the lower one.
    """
    evidence: list[str] = []
    remedies = []
    differing: list[str] = []
    for pair in proxies.PAIRS:
        both = proxies.named(look, *pair)
        if len(both) > 1 and _meaning(both[0]) != _meaning(both[1]):
            differing += pair
            evidence += [f"go reads {both[0].shown}", f"git and curl read {both[1].shown}"]
            remedies.append(Remedy(f"let {pair[1]} say the same", f'export {pair[1]}="${pair[0]}"'))
    if differing:
        summary = f"{' and '.join(differing[::2])} and the lower case disagree"
        after = look(proxies.after_goshim)
        if all(
            after.get(upper) == after.get(lower) for upper, lower in zip(differing[::2], differing[1::2], strict=True)
        ):
            return info(f"{summary}; goshim makes them agree at each call", *evidence)
        return warn(summary, *evidence, remedies=tuple(remedies))
    return _between_schemes(look)


@check("proxy-pac", "network", needs="wsl")
def proxy_pac(look: Look) -> Verdict:
    """Whether Windows chooses its proxy by a script (PAC), of which go knows nothing.

    Neither go nor git reads `WSL_PAC_URL`. They use the proxy variables or connect directly, and the network lets that
    through or not.

    WSL hands the script's address over and, where WinHTTP names one, a proxy (microsoft/WSL issues 11998, 12469,
    40945). Before WSL 2.9.4 that could be the one for http alone, and all module downloads are https; since then https
    gets the same (pull request 40950).
    """
    address = look(basics.variables).get("WSL_PAC_URL", "")
    if not address:
        return ok("Windows hands over no proxy script")
    after = look(proxies.after_goshim)
    known = [proxies.first(after, pair) for pair in proxies.PROXIES]
    evidence = [f"WSL_PAC_URL={shown('WSL_PAC_URL', address)}", *(each.shown for each in proxies.read_by_go(look))]
    if all(known):
        return info("Windows chooses its proxy by a script; go uses one proxy for all", *evidence)
    if not any(known):
        return info("Windows chooses its proxy by a script, and told none: go connects directly", *evidence)
    if known[1]:
        return info("Windows chooses its proxy by a script, and told the https one, which is what go needs", *evidence)
    return warn(
        "Windows told only the http proxy, and go's downloads are https: they go direct",
        *evidence,
        remedies=(
            Remedy("use the same for https, as WSL 2.9.4 does", 'export HTTPS_PROXY="${HTTP_PROXY:-$http_proxy}"'),
            Remedy("or have WSL do it", "wsl.exe --update", "powershell"),
        ),
    )


def _between_schemes(look: Look) -> Verdict:
    """What to tell where each pair agrees."""
    read = proxies.read_by_go(look)
    names = {each.name.lower(): each for each in read}
    if elsewhere := [] if read else list(proxies.named(look, *proxies.ELSEWHERE)):
        text = f"{elsewhere[0].name} is set: git and curl use it, go does not know it and connects directly"
        return info(text, *(each.shown for each in elsewhere))
    if set(names) == {"http_proxy"}:
        return info("a proxy for http alone: go's downloads are https, and go direct", names["http_proxy"].shown)
    if len(read) > 1 and _meaning(read[0]) != _meaning(read[1]):
        return info(
            "http and https have two different proxies; go's downloads take the second", *(e.shown for e in read)
        )
    return ok("the proxy variables agree" if read else "no proxy is set")


def _meaning(variable: Variable) -> object:
    """What two spellings of the same have in common."""
    if variable.name.upper() == "NO_PROXY":
        return frozenset(part.strip().lower() for part in variable.value.split(",")) - {""}
    address = variable.address
    return address and (address.scheme, address.userinfo, address.host.lower(), address.port)
