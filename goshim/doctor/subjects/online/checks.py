"""What the way to the module proxies is like. Nothing here is asked without --network."""

from __future__ import annotations

from shlex import quote
from time import gmtime, strftime

from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import STATUSES, Remedy, Verdict, fail, info, ok, skip, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics
from goshim.doctor.subjects.certificates import facts as certificates
from goshim.doctor.subjects.certificates import remedies as certificate_remedies
from goshim.doctor.subjects.certificates.facts import Certificate
from goshim.doctor.subjects.online import facts as online
from goshim.doctor.subjects.online.facts import Fetch

_SLOW_MS = 3000
_OFF_S = 60
_HALF_A_SECOND = 0.5  # a Date header tells whole seconds
_OUT_OF_TIME = ("certificate is not yet valid", "certificate has expired")
_PASSWORD, _FORBIDDEN, _SERVER_ERROR, _TOO_MANY = 407, 403, 500, 429


@check("proxy-reachable", "network", needs="network")
def proxy_reachable(look: Look) -> Verdict:
    """Each module proxy of GOPROXY, asked for something small in the way that go would ask, and what that takes.

    go downloads modules, and newer toolchains, from there. After any error but 404 and 410 it goes on to the next entry
    of GOPROXY only behind a `|`, not behind a comma, and it asks nothing a second time.

    The way is go's: `HTTPS_PROXY` or `HTTP_PROXY` but for what `NO_PROXY` excepts, as goshim's launcher leaves them, a
    connection, CONNECT through the HTTP proxy, TLS, one GET. Go knows no other password for an HTTP proxy than a user
    and password in its address (net/http, transport.go, proxyAuth): a proxy that wants NTLM or Negotiate needs a
    program between that speaks it.
    """
    findings = [_reached(look, each, is_first=not number) for number, each in enumerate(look(online.fetches))]
    worst = min(findings, key=lambda each: STATUSES.index(each.status))
    others = [each for each in findings if each is not worst]
    evidence = [*worst.evidence, *(line for each in others for line in (each.summary, *each.evidence))]
    remedies = {each.command or each.text: each for finding in findings for each in finding.remedies}
    return Verdict(worst.status, worst.summary, tuple(evidence), tuple(remedies.values()))


def _reached(look: Look, fetch: Fetch, *, is_first: bool) -> Verdict:
    target = fetch.target
    named = printable(target.place)
    through = f" through {printable(target.via_place)}, of {target.variable}" if target.via else ""
    took = ", ".join(f"{step} {time_ms:.0f} ms" for step, time_ms in fetch.times_ms.items())
    evidence = tuple(filter(None, (took,)))
    bad = fail if is_first and not target.yields else warn
    if fetch.kind == "untried":
        return skip(f"{named}{through}: {fetch.error}")
    if fetch.kind == "certificate":
        return info(f"{named}{through} answers; tls-inspection tells why go does not trust its certificate", *evidence)
    if fetch.kind == "timeout" and fetch.step == "first byte":
        return warn(f"{named}{through} is connected to, and says nothing: {fetch.error}", *evidence)
    if fetch.kind:
        words = _WORDS.get((fetch.step, fetch.kind), f"{fetch.step}: {fetch.error}")
        first = printable(target.via_place) if target.via else named
        return bad(
            f"{named} can't be reached{through}: {words.format(first=first, error=printable(fetch.error))}",
            *evidence,
            remedies=_ways_out(look, fetch),
        )
    return _answered(fetch, f"{named}{through}", evidence, is_first=is_first)


_WORDS = {
    ("lookup", "lookup"): "no name server knows {first} ({error})",
    ("lookup", "timeout"): "no name server has told where {first} is ({error}); dns tells more",
    ("connect", "refused"): "{first} refuses the connection: nothing listens there",
    ("connect", "timeout"): "{first} does not take the connection ({error}): a firewall drops it, or it is not there",
    ("tunnel", "timeout"): "{first} takes the connection, and does not lead on ({error})",
    ("tunnel", "reset"): "{first} ends the connection when it is asked to lead on",
    ("tunnel", "refusal"): "{first} refuses to lead on: {error}",
    ("first byte", "refusal"): "{first} refuses: {error}",
    ("tls", "reset"): "the connection is ended in the TLS handshake; mtu tells whether the ClientHello is too large",
    ("tls", "timeout"): "the TLS handshake stalls ({error}); mtu tells whether the ClientHello is too large",
    ("tls", "tls"): "what answers can't agree on TLS ({error})",
}


def _ways_out(look: Look, fetch: Fetch) -> tuple[Remedy, ...]:
    target = fetch.target
    variables = {target.variable.upper(), target.variable.lower()} - {""}
    unset = Remedy("go there directly, if that is allowed here", f"unset {' '.join(sorted(variables))}")
    if fetch.status == _PASSWORD:
        if "basic" in fetch.error.lower():
            named = f"export {target.variable.upper()}=http://USER:PASSWORD@{target.via_place}"
            return (Remedy("give user and password, with %40 for an @ and the like", named),)
        return (Remedy("go can't log in there: run a local proxy that can, such as cntlm or px, and name that"),)
    if fetch.status == _FORBIDDEN:
        text = f"ask who runs {printable(target.via_place)} to allow {printable(target.place)}, or for a module proxy"
        return (Remedy(f"{text} of your own", "go env -w GOPROXY=https://HOST"),)
    if target.via and fetch.step in ("lookup", "connect", "tunnel"):
        return (unset,)
    if not target.via and (fetch.step, fetch.kind) in (("lookup", "lookup"), ("connect", "timeout")):
        text = "if this network has an HTTP proxy, name it"
        return (Remedy(text, "export HTTPS_PROXY=http://HOST:PORT HTTP_PROXY=http://HOST:PORT"),)
    return ()


def _answered(fetch: Fetch, named: str, evidence: tuple[str, ...], *, is_first: bool) -> Verdict:
    known = fetch.target.url != fetch.target.entry
    kind = fetch.headers.get("content-type", "")
    if fetch.status >= _SERVER_ERROR or fetch.status == _TOO_MANY:
        return warn(f"{named} answers with status {fetch.status}", *evidence)
    if known and (kind.startswith("text/html") or fetch.headers.get("location")):
        where = fetch.headers.get("location", "")
        told = (f"Location: {printable(where)}",) if where else (f"Content-Type: {printable(kind)}",)
        summary = f"{named} answers with a web page: that of a login, or of a filter, and no module proxy's"
        return (fail if is_first else warn)(summary, *told, *evidence)
    total_ms = sum(fetch.times_ms.values())
    told_summary = f"{named} answers with status {fetch.status} after {total_ms:.0f} ms"
    if fetch.status in (401, _FORBIDDEN) and not known:
        return info(f"{told_summary}: it may want the password that go takes from ~/.netrc or GOAUTH", *evidence)
    if total_ms > _SLOW_MS:
        return info(f"{told_summary}, which is slow", *evidence)
    return ok(told_summary, *evidence)


@check("tls-inspection", "network", needs="network")
def tls_inspection(look: Look) -> Verdict:
    """Who issued the certificates that the module proxies show, and whether go trusts that authority.

    A company's proxy that looks into TLS shows certificates of its own. Go, git and curl take them only with its
    authority in the system's store; a browser on Windows knows that authority anyhow.

    The certificate is verified by what go would load (see `tls-ca`), with OpenSSL. The way out is always the
    authority's certificate, from who runs the proxy or from Windows' own store; `GOINSECURE`, `GONOSUMDB` and
    `http.sslVerify=false` trust anybody in its stead.
    """
    seen = [each for each in look(online.fetches) if each.trust]
    if not seen:
        return skip("no module proxy has shown a certificate: proxy-reachable tells why")
    findings = [_issued(look, each) for each in seen]
    worst = min(findings, key=lambda each: STATUSES.index(each.status))
    others = [line for each in findings if each is not worst for line in (each.summary, *each.evidence)]
    return Verdict(worst.status, worst.summary, (*worst.evidence, *others), worst.remedies)


def _issued(look: Look, fetch: Fetch) -> Verdict:
    place, certificate = printable(fetch.target.place), fetch.certificate
    issuer = printable(certificate.issuer) if certificate else "nobody knows whom"
    told: tuple[str, ...] = ()
    if certificate:
        dates = f"from {_day(certificate.begins_s)} to {_day(certificate.ends_s)}"
        told = (f"of {printable(certificate.subject) or 'no name'}, by {issuer}, {dates}",)
    is_public = fetch.target.url != fetch.target.entry
    if fetch.trust == "public":
        return ok(f"{place} shows a certificate by {issuer}, a public authority", *told)
    if fetch.trust == "own":
        if _only_go_trusts(look):
            return warn(
                f"{place} shows a certificate by {issuer}, which go trusts by SSL_CERT_FILE alone: git does not",
                *told,
                remedies=certificate_remedies.take_in(look, look(certificates.named_file), "PEM"),
            )
        if is_public:
            return info(f"TLS is looked into here: {place} shows a certificate by {issuer}, which go trusts", *told)
        return ok(f"{place} shows a certificate by {issuer}, an authority that was added here", *told)
    told = (*told, f"not trusted: {printable(fetch.error)}")
    if fetch.error.lower() in _OUT_OF_TIME:
        return fail(f"{place}: {fetch.error}, or this clock is wrong: clock-header tells", *told)
    if "mismatch" in fetch.error.lower():
        return fail(f"{place} answers with somebody else's certificate, by {issuer}", *told)
    return fail(
        f"go does not trust the certificate that {place} shows: it is by {issuer}",
        *told,
        remedies=_get_authority(look, issuer),
    )


def _only_go_trusts(look: Look) -> bool:
    """Whether what is no public authority's comes from SSL_CERT_FILE, which git does not read."""
    added = look(online.own)
    return bool(look(certificates.named_file)) and not added & look(certificates.system).fingerprints


def _get_authority(look: Look, issuer: str) -> tuple[Remedy, ...]:
    """From Windows' store, where it is as a rule, to this machine's; elsewhere from whom to have it."""
    way = look(certificates.way)
    if way is None:
        return certificate_remedies.install(look)
    new = f"{way.folder}/company-root.crt"
    windows = look(basics.mounts).from_windows("C:\\Users\\Public\\company-root.cer")
    if not look(basics.machine).wsl or windows is None:
        text = f"get the authority's certificate, as PEM, from who runs this network, and put it into {way.folder}"
        return (Remedy(text, f"sudo cp company-root.crt {new} && sudo {way.command}", "sudo"),)
    parts = dict(part.split("=", 1) for part in issuer.split(", ") if "=" in part)
    name = (parts.get("O") or parts.get("CN") or "COMPANY").replace("'", "''")
    find = f"Get-ChildItem Cert:\\LocalMachine\\Root | Where-Object Subject -like '*{name}*' | Select-Object -First 1"
    convert = f"openssl x509 -inform DER -in {quote(windows)} -out {new}"
    return (
        Remedy(
            "take the authority's certificate out of Windows' store; look at its name before you trust it here",
            f"{find} | Export-Certificate -FilePath C:\\Users\\Public\\company-root.cer",
            "powershell",
        ),
        Remedy("then put it into this machine's, for go and git", f"sudo {convert} && sudo {way.command}", "sudo"),
    )


@check("clock-header", "network", needs="network")
def clock_header(look: Look) -> Verdict:
    """The clock against the Date header of the module proxies, with the time on the way as the error.

    A certificate is valid between two dates. With a clock outside them each TLS connection fails with `x509:
    certificate has expired or is not yet valid`, as after sleep in WSL.

    microsoft/WSL issues 4149 and 10006. A header tells whole seconds, and an answer from a cache its Age: what is
    reported is more than 60 s beyond both. The clock against Windows' own is `clock-drift`.
    """
    offsets = [each for fetch in look(online.fetches) if (each := _offset(fetch))]
    if not offsets:
        return skip("no module proxy has told its time")
    offset_s, error_s, fetch = min(offsets, key=lambda each: each[1])
    place = printable(fetch.target.place)
    way = "behind" if offset_s < 0 else "ahead of"
    told = f"the clock is {_long(abs(offset_s))} {way} {place}'s, give or take {error_s:.1f} s"
    evidence: tuple[str, ...] = (f"Date: {printable(fetch.headers['date'])}", f"here: {_moment(fetch.received_ns)}")
    if fetch.trust == "none":
        evidence = (*evidence, "its certificate is not trusted, so what it says of the time may be wrong")
    if abs(offset_s) - error_s <= _OFF_S:
        return ok(f"the clock agrees with {place}'s, give or take {error_s + abs(offset_s):.1f} s")
    here_s = fetch.received_ns / 1e9
    if _is_valid(fetch.certificate, here_s - offset_s) and not _is_valid(fetch.certificate, here_s):
        return fail(f"{told}: its certificate is not valid by it", *evidence, remedies=_set_clock(look))
    return warn(told, *evidence, remedies=_set_clock(look))


def _is_valid(certificate: Certificate | None, time_s: float) -> bool:
    return certificate is not None and certificate.begins_s <= time_s <= certificate.ends_s


def _offset(fetch: Fetch) -> tuple[float, float, Fetch] | None:
    """How far our clock is ahead, in seconds, and how wrong that may be."""
    from email.utils import parsedate_to_datetime  # costs 10 ms

    try:
        date_s = parsedate_to_datetime(fetch.headers.get("date", "")).timestamp()
        age_s = int(fetch.headers.get("age") or 0)
    except (ValueError, TypeError):
        return None
    middle_s = (fetch.sent_ns + fetch.received_ns) / 2e9
    error_s = (fetch.received_ns - fetch.sent_ns) / 2e9 + _HALF_A_SECOND + (1 if age_s else 0)
    return middle_s - (date_s + age_s + _HALF_A_SECOND), error_s, fetch


def _set_clock(look: Look) -> tuple[Remedy, ...]:
    kind = look(basics.machine).wsl
    if not kind:
        return (Remedy("have the clock set by the network", "sudo timedatectl set-ntp true", "sudo"),)
    windows = Remedy("have Windows ask its time server", "w32tm.exe /resync", "elevated")
    if kind == "wsl1":
        return (windows,)
    text = "restart WSL, which takes the time from Windows; it ends everything that runs in any distribution"
    return (Remedy(text, "wsl.exe --shutdown", "powershell"), windows)


def _day(time_s: int) -> str:
    return strftime("%Y-%m-%d", gmtime(time_s))


def _moment(time_ns: int) -> str:
    return strftime("%a, %d %b %Y %H:%M:%S GMT", gmtime(time_ns // 1_000_000_000))


def _long(time_s: float) -> str:
    for size_s, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if time_s >= 2 * size_s:
            return f"{time_s / size_s:.0f} {name}"
    return f"{time_s:.0f} s"
