"""Whether the certificates that Go needs arrive where it looks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote
from time import gmtime, strftime

from goshim.base.redaction import shown
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import STATUSES, Remedy, Verdict, ok
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics, origins
from goshim.doctor.subjects.certificates import facts as certificates
from goshim.doctor.subjects.certificates import git as git_tls
from goshim.doctor.subjects.certificates import remedies as remedy
from goshim.doctor.subjects.certificates.facts import LOCAL, Certificate, File
from goshim.doctor.subjects.certificates.git import Setting
from goshim.facts.mounts import is_windows_path

_LIKE_A_CERTIFICATE = (".crt", ".cer", ".pem", ".der", ".p7b", ".p7c")
_NO_FETCH = "git fetches nothing by https"
_FEW = 10  # certificates; the public authorities are over a hundred


@dataclass(frozen=True)
class Trouble:
    """One way in which a certificate does not arrive."""

    status: str
    summary: str
    evidence: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()


@check("tls-ca", "network")
def tls_ca(look: Look) -> Verdict:
    """The certificates that Go trusts, and those of your own that do not arrive there.

    Where a proxy looks into TLS, each download fails with `x509: certificate signed by unknown authority` until the
    proxy's authority is among them. Go reads PEM only, says nothing of a file that it can't use, and takes none from
    Windows.

    Go loads the first file that it can read of `/etc/ssl/certs/ca-certificates.crt`, `/etc/pki/tls/certs/ca-bundle.crt`
    and four more, and then each file in `/etc/ssl/certs` and `/etc/pki/tls/certs`. `SSL_CERT_FILE` takes the place of
    the files, `SSL_CERT_DIR` that of the directories; so with only `SSL_CERT_FILE` set, the authorities of the
    directories stay trusted (crypto/x509, root.go and root_linux.go).

    What keeps a certificate from arriving:

    - DER content in a file named `.crt`: `update-ca-certificates` counts it as added, links it and appends its bytes to
      the bundle; Go and OpenSSL pass them over (only `openssl rehash` warns).
    - A file named `.pem` or `.cer` in `/usr/local/share/ca-certificates`: only `*.crt` is taken.
    - A file that is in place, and `update-ca-certificates` (on Fedora `update-ca-trust`) was not run.
    - PEM behind a byte order mark, or in UTF-16, as Windows' programs write it; PKCS #7; `TRUSTED CERTIFICATE`.
    - `SSL_CERT_FILE` or `SSL_CERT_DIR` that name nothing: a Windows path, a carriage return at the end, quotes.

    git has settings of its own: `http.sslCAInfo`, `GIT_SSL_CAINFO`, `GIT_SSL_CAPATH`, else the system's bundle; it does
    not read `SSL_CERT_FILE` (git, http.c). The remedy for both is the system's store.
    """
    parts = (_file_variable, _directory_variable, _nothing, _hidden, _placed, _expired, _bundle, _git)
    troubles = sorted((each for part in parts for each in part(look)), key=lambda each: STATUSES.index(each.status))
    trusted = look(certificates.trusted)
    told = f"go trusts {_count(trusted.fingerprints)}, from {' and '.join(map(printable, trusted.places))}"
    if not troubles:
        return ok(told, *_arrived(look))
    worst, *others = troubles
    evidence = [*worst.evidence, *(line for each in others for line in (each.summary, *each.evidence))]
    remedies = {each.command: each for trouble in troubles for each in trouble.remedies}
    if trusted.fingerprints:
        evidence.append(told)
    return Verdict(worst.status, worst.summary, tuple(dict.fromkeys(evidence)), tuple(remedies.values()))


def _file_variable(look: Look) -> Iterator[Trouble]:
    value = look(certificates.named_file)
    if not value:
        return
    source = look(certificates.trusted).sources[0]
    evidence = (_origin(look, "SSL_CERT_FILE", value),)
    if source.fingerprints:
        if not value.startswith("/"):
            summary = f"SSL_CERT_FILE is relative: go finds it only from {printable(look(certificates.directory))}"
            yield Trouble("warn", summary, evidence, (remedy.set_right(look, "SSL_CERT_FILE", source.path),))
        return
    right = remedy.right_value(look, value)
    found = certificates.file(look, right) if right else None
    if right != value:
        reason = _why(value, right)
    elif source.error:
        reason = "names nothing" if source.is_missing else f"can't be read: {source.error}"
    else:
        reason = f"names a file that {remedy.wrong_with(found.kind) if found else 'holds no certificate'}"
    remedies: tuple[Remedy, ...] = (remedy.unset(look, "SSL_CERT_FILE"),)
    if found and found.kind == "PEM":
        remedies = (remedy.set_right(look, "SSL_CERT_FILE", right), *remedies)
    elif found and not found.error:
        remedies = (*remedy.take_in(look, right, found.kind), *remedies)
    yield Trouble(_status(look), f"SSL_CERT_FILE {reason}; go says nothing of that", evidence, remedies)


def _directory_variable(look: Look) -> Iterator[Trouble]:
    value = ":".join(look(certificates.named_directories))
    if not value:
        return
    named = {each.path: each for each in look(certificates.trusted).sources[-len(value.split(":")) :]}
    evidence = (_origin(look, "SSL_CERT_DIR", value),)
    right = value if is_windows_path(value) else value.replace(";", ":")
    right = remedy.right_value(look, right)
    if right != value:
        reason = "is parted by semicolons, as on Windows" if ";" in value else _why(value, right)
        remedies = (*((remedy.set_right(look, "SSL_CERT_DIR", right),) if right else ()),)
        yield Trouble(
            _status(look), f"SSL_CERT_DIR {reason}", evidence, (*remedies, remedy.unset(look, "SSL_CERT_DIR"))
        )
        return
    for each in named.values():
        if each.error and not each.is_missing:
            summary = f"SSL_CERT_DIR names {printable(each.path)}, which can't be read: {each.error}"
            yield Trouble(_status(look), summary, evidence, (remedy.unset(look, "SSL_CERT_DIR"),))
    if all(each.is_missing for each in named.values()):
        yield Trouble("info", "SSL_CERT_DIR names no directory that is there", evidence)


def _nothing(look: Look) -> Iterator[Trouble]:
    """No certificate at all, and no variable that explains it."""
    if look(certificates.trusted).fingerprints:
        return
    evidence = tuple(
        f"{printable(each.path)}: {each.error or 'no certificate in it'}"
        for each in look(certificates.trusted).sources
        if not each.is_missing
    )
    if look(certificates.system).fingerprints:
        remedies = _unset_all(look)
    elif closed := [each.path for each in look(certificates.system).sources if each.error == "permission denied"]:
        remedies = (_open_up(closed),)
    else:
        remedies = remedy.bundle_anew(look)
    yield Trouble("fail", "go trusts no certificate at all: no download by https can succeed", evidence, remedies)


def _hidden(look: Look) -> Iterator[Trouble]:
    """The variables leave none of the system's certificates."""
    trusted, system = look(certificates.trusted).fingerprints, look(certificates.system).fingerprints
    if trusted and system and not trusted & system:
        names = look(certificates.named)
        summary = f"{' and '.join(names)} leave go none of the system's {_count(system)}"
        evidence = tuple(_origin(look, name, look(basics.environment)[name]) for name in names)
        yield Trouble("warn", summary, evidence, _unset_all(look))


def _placed(look: Look) -> Iterator[Trouble]:
    """Files in the folders for certificates whose content does not arrive."""
    trusted = look(certificates.trusted).fingerprints
    system = look(certificates.system).fingerprints
    for file in look(certificates.placed):
        away = [each for each in file.certificates if each.fingerprint not in trusted]
        if away and all(each.fingerprint in system for each in away):
            if not trusted & system:
                continue  # as said of all of the system's
            names = " and ".join(look(certificates.named))
            summary = f"{_named(away[0])} is in the system's store, and {names} keep go from that"
            yield Trouble("warn", summary, (printable(file.path),), _unset_all(look))
        elif reason := _why_not(look, file, away):
            summary = f"{_named(away[0]) if away else 'a certificate'} does not arrive: {printable(file.path)} {reason}"
            yield Trouble("warn", summary, (), remedy.take_in(look, file.path, file.kind))


def _why_not(look: Look, file: File, away: list[Certificate]) -> str:
    """Why a file that was put into a folder for certificates does not arrive; empty where it need not."""
    in_local = file.path.startswith(f"{LOCAL}/")
    if file.error or file.kind in ("empty", "other") or not file.path.lower().endswith(_LIKE_A_CERTIFICATE):
        return ""
    if (file.certificates and not away) or _is_converted(look, file):
        return ""
    if file.kind != "PEM" and (in_local or file.kind != "DER"):
        return remedy.wrong_with(file.kind)
    way = look(certificates.way)
    if way and not file.path.startswith(f"{way.folder}/"):
        return f"is not in {way.folder}, from which certificates are taken here"
    if not in_local and not any(each.is_authority for each in away):
        return ""  # p11-kit leaves what is no authority out of the bundle
    if in_local and not file.path.endswith(".crt"):
        return "is passed over: only names that end in .crt are taken there"
    return f"was put there, and {way.command if way else 'the program that takes it in'} was not run since"


def _is_converted(look: Look, file: File) -> bool:
    """Whether PEM lies beside a file of which the probe can't see what is in it."""
    beside = f"{file.path.rpartition('.')[0]}.crt"
    return not file.certificates and any(each.path == beside != file.path for each in look(certificates.placed))


def _expired(look: Look) -> Iterator[Trouble]:
    """Certificates of the user's own that have expired, and have no successor of the same name."""
    now_s = look(certificates.now_s)
    own = [(file, each) for file in look(certificates.placed) for each in file.certificates]
    if name := look(certificates.named_file):
        file = certificates.file(look, name)
        own += [(file, each) for each in file.certificates if file.count <= _FEW]
    valid = {each.subject for _, each in own if each.ends_s >= now_s}
    trusted = look(certificates.trusted).fingerprints
    for file, each in own:
        if each.ends_s < now_s and each.fingerprint in trusted and each.subject not in valid:
            summary = f"{_named(each)} has expired on {_day(each.ends_s)}: what it signs is not trusted any more"
            remedies = (Remedy(f"ask its owner for the new one, and put that in place of {printable(file.path)}"),)
            yield Trouble("warn", summary, (printable(file.path),), remedies)


def _bundle(look: Look) -> Iterator[Trouble]:
    """The system's bundle is empty or closed, while Go finds what it needs in a directory: git and curl do not."""
    bundles = [each for each in look(certificates.system).sources if each.path in certificates.FILES]
    found = [each for each in bundles if not each.is_missing]
    if found and not found[-1].fingerprints and look(certificates.trusted).fingerprints:
        what = f"can't be read: {found[-1].error}" if found[-1].error else "holds no certificate"
        summary = f"{found[-1].path}, which git and curl read, {what}"
        remedies = (_open_up([found[-1].path]),) if found[-1].error else remedy.bundle_anew(look)
        yield Trouble("warn", summary, (), remedies)


def _git(look: Look) -> Iterator[Trouble]:
    """What git is told to trust can't be used, or lacks a certificate that Go has."""
    for setting in look(git_tls.authorities):
        if setting.name.lower().endswith("capath"):
            if not certificates.is_directory(look, setting.value):
                yield _git_trouble(setting, f"names no directory: {_NO_FETCH}")
            continue
        right = remedy.right_value(look, setting.value)
        file = certificates.file(look, right) if right == setting.value else None
        if file is None:
            yield _git_trouble(setting, f"{_why(setting.value, right)}: {_NO_FETCH}")
        elif file.error:
            yield _git_trouble(setting, f"can't be read ({file.error}): {_NO_FETCH}")
        elif file.kind != "PEM":
            yield _git_trouble(setting, f"{remedy.wrong_with(file.kind).replace('Go', 'git')}: {_NO_FETCH}")
        elif lacking := _lacking(look, setting):
            yield _git_trouble(setting, f"lacks {', '.join(map(_named, lacking))}, which go trusts")


def _lacking(look: Look, setting: Setting) -> list[Certificate]:
    if setting.scope:
        return []
    known = certificates.bundle(look, setting.value).fingerprints
    trusted = look(certificates.trusted).fingerprints
    own = {each.fingerprint: each for file in look(certificates.placed) for each in file.certificates}
    return [each for name, each in own.items() if name in trusted and name not in known and each.is_authority]


def _git_trouble(setting: Setting, reason: str) -> Trouble:
    of = f" for {printable(setting.scope)}" if setting.scope else ""
    evidence = (f"{setting.name}={shown(setting.name, setting.value)}{of}: {printable(setting.place)}",)
    if setting.path:
        key = f"http.{setting.scope}.{setting.name[5:]}" if setting.scope else setting.name
        command = f"git config --file {quote(setting.path)} --unset-all {quote(key)}"
        fix = Remedy("let git read the system's store again", command)
    else:
        fix = Remedy("let git read the system's store again", f"unset {setting.name}")
    return Trouble("warn", f"git's {setting.name} {reason}", evidence, (fix,))


def _open_up(paths: list[str]) -> Remedy:
    both = dict.fromkeys(each for path in paths for each in (path.rpartition("/")[0], path))
    return Remedy("let everybody read them", f"sudo chmod a+rX {' '.join(map(quote, both))}", "sudo")


def _unset_all(look: Look) -> tuple[Remedy, ...]:
    return tuple(remedy.unset(look, name) for name in look(certificates.named))


def _status(look: Look) -> str:
    return "warn" if look(certificates.trusted).fingerprints else "fail"


def _why(value: str, right: str) -> str:
    """Why a path is not what it was meant to be."""
    if is_windows_path(value.strip(" \t\r\n\"'")):
        return "is a Windows path" + ("" if right else ", on a drive that is not mounted")
    if value.startswith("~"):
        return "begins with ~, which only a shell expands"
    return "ends in a carriage return" if value.endswith("\r") else "has quotes or blanks around it"


def _origin(look: Look, name: str, value: str) -> str:
    places = ", ".join(each.place for each in origins.of(look, name))
    return f"{name}={shown(name, value)}" + (f": {places}" if places else "")


def _arrived(look: Look) -> list[str]:
    trusted = look(certificates.trusted).fingerprints
    return [
        f"{_named(each)}, until {_day(each.ends_s)}: {printable(file.path)}"
        for file in look(certificates.placed)
        for each in file.certificates
        if each.fingerprint in trusted
    ]


def _named(certificate: Certificate) -> str:
    return printable(certificate.subject) if certificate.subject else f"certificate {certificate.fingerprint}"


def _day(time_s: int) -> str:
    return strftime("%Y-%m-%d", gmtime(time_s))


def _count(fingerprints: frozenset[str]) -> str:
    return f"{len(fingerprints)} certificate{'s' * (len(fingerprints) != 1)}"
