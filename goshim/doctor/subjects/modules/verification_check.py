"""Checks of what vouches for a module: checksum database, TLS, version control."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from goshim.base.redaction import redact_value
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, info, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.formats import go_url, module_patterns
from goshim.doctor.formats.go_url import Address
from goshim.doctor.machine import basics, go_values, networking
from goshim.doctor.machine import variable_remedies as mend
from goshim.doctor.machine.go_values import Value
from goshim.doctor.subjects.certificates import git as git_tls
from goshim.doctor.subjects.certificates.git import Setting

_OFF = frozenset({"false", "no", "off", "0", ""})
_USUAL_PROGRAMS = frozenset({"git", "hg", "off"})


@dataclass(frozen=True)
class _Opening:
    """A setting that opens something: what is told of it, whether to the world, and what closes it."""

    name: str
    told: str
    is_wide: bool
    remedies: tuple[Remedy, ...] = ()


@check("verification-weakened", "network")
def verification_weakened(look: Look) -> Verdict:
    """Settings that take away what vouches for a module: checksum database, TLS, the choice of programs.

    Whoever answers the first download of a version then decides what code is built: a module proxy, a captive portal,
    a machine in between. go.sum only holds what came first.

    Each is well-known advice against a `checksum mismatch` or an unknown authority, and none heals those. What does: a
    company's own modules belong into GOPRIVATE, its certificate into the system's store (the check `tls-ca`). Where
    these settings name private hosts alone nothing is wrong. `GOSUMDB=off` also ends the download of toolchains, which
    are always verified (cmd/go/internal/modfetch/sumdb.go, useSumDB). GOINSECURE allows http and any certificate for
    direct fetches and leaves the database in force. GIT_SSL_NO_VERIFY counts whatever it is set to, `0`, `false` and
    nothing too (tried with git 2.39.5). No version of go knows GONOSUMCHECK. With `GOFLAGS=-insecure` each `go get`
    ends with `-insecure flag is no longer supported` (tried with go 1.19 and 1.27.3).
    """
    found = [opening for source in _SOURCES for opening in source(look)]
    if not found:
        return ok("nothing weakens how modules are verified")
    evidence = [each.told for each in found]
    wide = [each for each in found if each.is_wide]
    if not wide:
        return info(f"{_names(found)}: verification is limited for some modules", *evidence)
    remedies = tuple(dict.fromkeys(remedy for each in wide for remedy in each.remedies))
    verb = "weakens" if len({each.name for each in wide}) == 1 else "weaken"
    return warn(f"{_names(wide)} {verb} how modules are verified", *evidence, remedies=remedies)


def _checksums(look: Look) -> Iterator[_Opening]:
    value = go_values.find(look, "GOSUMDB")
    if value and value.text == "off":
        is_own = value.source != "GOROOT"  # some distributions ship their go with it
        remedy = mend.undone(value, "let the checksum database vouch for public modules")
        told = f"{value.shown}: no checksum is compared with the one that everybody else gets"
        narrow = Remedy("and say which modules are private", "go env -w GOPRIVATE=HOST/PATH")
        yield _Opening("GOSUMDB", told, is_own, (remedy, narrow))
    for name in ("GOPRIVATE", "GONOSUMDB"):
        if name == "GOPRIVATE" and go_values.find(look, "GONOSUMDB"):
            continue  # which replaces it here
        yield from _patterns(look, name, "are fetched without the checksum database")
    if "GONOSUMCHECK" in look(basics.variables):
        yield _Opening("GONOSUMCHECK", "GONOSUMCHECK is set: no version of go knows it", is_wide=False)


def _transport(look: Look) -> Iterator[_Opening]:
    yield from _patterns(look, "GOINSECURE", "may come by http, or with any certificate", is_told=True)
    flags = go_values.find(look, "GOFLAGS")
    if flags and re.search(r"(?:^|\s)--?insecure(?:\s|=|$)", flags.text):
        remedy = mend.undone(flags, "take -insecure out of GOFLAGS")
        yield _Opening("GOFLAGS", f"{flags.shown}: each `go get` ends with an error", is_wide=True, remedies=(remedy,))
    if proxy := go_values.find(look, "GOPROXY"):
        yield from _plain_proxies(look, proxy)


def _plain_proxies(look: Look, value: Value) -> Iterator[_Opening]:
    database = go_values.find(look, "GOSUMDB")
    is_unverified = database is not None and database.text == "off"
    parts = re.split("([,|])", value.text)  # with what parts them, which counts
    plain = {at: address for at, part in enumerate(parts) if (address := _plain(part.strip()))}
    is_open = {at: bool(address.userinfo) or is_unverified for at, address in plain.items()}
    better = (
        re.sub(r"(?i)\bhttp:", "https:", part, count=1) if is_open.get(at) else part for at, part in enumerate(parts)
    )
    # no edit: whether it has an https address, and at which port, nobody knows here
    remedy = replace(mend.changed(value, "".join(better), "use its https address, where it has one"), edits=())
    for at, address in plain.items():
        reason = "its password is sent in the clear" if address.userinfo else "what it sends may be changed on the way"
        told = f"{redact_value('GOPROXY', parts[at].strip())} ({value.place}) is no https: {reason}"
        yield _Opening("GOPROXY", told, is_open[at], (remedy,) if is_open[at] else ())


def _plain(entry: str) -> Address | None:
    """The address of an entry that goes over the network by plain http."""
    try:
        address = go_url.parse(entry)
    except ValueError:
        return None  # told by goproxy-syntax
    is_plain = address.scheme == "http" and address.host and not networking.is_loopback(address.host)
    return address if is_plain else None


def _patterns(look: Look, name: str, what: str, *, is_told: bool = False) -> Iterator[_Opening]:
    value = go_values.find(look, name)
    if not value:
        return
    wide = [each for each in module_patterns.split(value.text) if module_patterns.takes_public(each)]
    if wide:
        listed = ", ".join(printable(redact_value("GOPRIVATE", each)) for each in wide)
        example = module_patterns.takes_public(wide[0])
        kept = [each for each in module_patterns.split(value.text) if each not in wide]
        words = "name only the hosts, or the part of a host, that are your own"
        remedy = mend.changed(value, ",".join(kept), words) if kept else mend.undone(value, words)
        yield _Opening(
            name,
            f"{value.shown}: with {listed} also modules such as {example} {what}",
            is_wide=True,
            remedies=(remedy,),
        )
    elif is_told:
        yield _Opening(name, f"{value.shown}: modules of these hosts {what}", is_wide=False)


def _programs(look: Look) -> Iterator[_Opening]:
    value = go_values.find(look, "GOVCS")
    for rule in value.text.split(",") if value else ():
        pattern, _, programs = (part.strip() for part in rule.partition(":"))
        more = {each.strip() for each in programs.split("|")} - _USUAL_PROGRAMS - {""}
        if value and more and (pattern == "public" or module_patterns.takes_public(pattern)):
            told = f"{value.shown}: for public modules go also runs {', '.join(sorted(more))}, which are less tested"
            remedy = mend.undone(value, "go back to the default, public:git|hg,private:all")
            yield _Opening("GOVCS", told, is_wide=True, remedies=(remedy,))


def _git(look: Look) -> Iterator[_Opening]:
    if (set_to := look(basics.variables).get("GIT_SSL_NO_VERIFY")) is not None:
        told = f"GIT_SSL_NO_VERIFY={printable(set_to)}: git, and go through it, takes any certificate, from every host"
        remedy = Remedy("have git verify, and give it the company's certificate", "unset GIT_SSL_NO_VERIFY")
        yield _Opening("GIT_SSL_NO_VERIFY", told, is_wide=True, remedies=(remedy,))
    for setting in look(git_tls.verification):
        if setting.value.lower() not in _OFF:
            continue
        told = f"{setting.place}: {printable(setting.text.strip())}: git, and go through it, takes any certificate"
        edits = (
            (Edit(setting.path, setting.line, setting.text, f"# {setting.text}"),) if "[" not in setting.text else ()
        )
        where = "sudo" if setting.path.startswith("/etc/") else "shell"
        command = f"git config --file {quoted(setting.path)} --unset-all {quoted(_key(setting))}"
        remedy = Remedy("have git verify, and give it the company's certificate", command, where, edits)
        yield _Opening("http.sslVerify", told, not setting.scope, (remedy,))


def _key(setting: Setting) -> str:
    return f"http.{setting.scope}.sslVerify" if setting.scope else "http.sslVerify"


def _names(openings: list[_Opening]) -> str:
    return ", ".join(dict.fromkeys(each.name for each in openings))


_SOURCES = (_checksums, _transport, _programs, _git)
