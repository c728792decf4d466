"""The certificates that Go trusts here, and those that people put somewhere for that."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats import x509
from goshim.doctor.machine import basics

# crypto/x509, root_linux.go; the same in every Go from 1.19 to 1.27 but for Android's.
FILES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
DIRECTORIES = ("/etc/ssl/certs", "/etc/pki/tls/certs")
VENDOR = "/usr/share/ca-certificates/mozilla"
"""Where Debian's package ca-certificates keeps the public authorities."""

LOCAL = "/usr/local/share/ca-certificates"
_MISSING = "no such file or directory"
_PROGRAM_PLACES = ("/usr/sbin", "/usr/bin", "/sbin", "/bin")


@dataclass(frozen=True)
class Source:
    """A file or directory that Go reads, with the fingerprints of what no earlier source has."""

    path: str
    error: str
    fingerprints: frozenset[str]

    @property
    def is_missing(self) -> bool:
        """Whether nothing is there: Go passes that over without a word."""
        return self.error == _MISSING


@dataclass(frozen=True)
class Store:
    """What Go trusts."""

    sources: tuple[Source, ...]

    @property
    def fingerprints(self) -> frozenset[str]:
        """Those of all certificates."""
        return frozenset().union(*(each.fingerprints for each in self.sources))

    @property
    def places(self) -> tuple[str, ...]:
        """The sources that have what no earlier one has."""
        return tuple(each.path for each in self.sources if each.fingerprints)


Certificate = x509.Certificate
"""A certificate as the probe describes it."""


@dataclass(frozen=True)
class File:
    """A file that should hold certificates. `kind` is what formats/x509.py, read, says; `count` is of all."""

    path: str
    kind: str
    count: int
    certificates: tuple[Certificate, ...]
    error: str


@dataclass(frozen=True)
class Way:
    """How this distribution takes a certificate in: the folder for it, and the command that is run then."""

    folder: str
    command: str


# The folders of each family of distributions, and the program that takes in what is there.
_WAYS = (
    ("/etc/pki/ca-trust/source", "/anchors", "update-ca-trust"),  # Fedora, RHEL
    ("/etc/ca-certificates/trust-source", "/anchors", "update-ca-trust"),  # Arch
    ("/etc/pki/trust", "/anchors", "update-ca-certificates"),  # openSUSE
    ("", LOCAL, "update-ca-certificates"),  # Debian, Ubuntu, Alpine, Gentoo
)


def directory(look: Look) -> str:
    """The working directory, by which relative names are read."""
    return look.host.directory


def now_s(look: Look) -> int:
    """The clock, in seconds since 1970."""
    return look.host.now_ns() // 1_000_000_000


def is_directory(look: Look, path: str) -> bool:
    """Whether what git is told to be a directory is one."""
    return look.host.is_directory(_whole(look, path))


def named(look: Look) -> tuple[str, ...]:
    """The variables for certificates that go obeys and that are set."""
    return tuple(name for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if look(basics.environment).get(name))


def named_file(look: Look) -> str:
    """SSL_CERT_FILE as go gets it; it takes the place of FILES."""
    return look(basics.environment).get("SSL_CERT_FILE", "")


def named_directories(look: Look) -> tuple[str, ...]:
    """The entries of SSL_CERT_DIR as go gets it; they take the place of DIRECTORIES."""
    value = look(basics.environment).get("SSL_CERT_DIR", "")
    return tuple(value.split(":")) if value else ()


def trusted(look: Look) -> Store:
    """What Go loads here, by the variables in force."""
    file, directories = look(named_file), look(named_directories)
    return _store(look, (file,) if file else FILES, directories or DIRECTORIES)


def system(look: Look) -> Store:
    """What Go would load with neither SSL_CERT_FILE nor SSL_CERT_DIR set."""
    return _store(look, FILES, DIRECTORIES)


def vendor(look: Look) -> frozenset[str]:
    """The fingerprints of the public authorities, where the distribution keeps them apart; else empty."""
    return _store(look, (), (VENDOR,)).fingerprints if look.host.is_directory(VENDOR) else frozenset()


def placed(look: Look) -> tuple[File, ...]:
    """The files in the folders into which people put certificates that this machine should trust."""
    folders = [base + below for base, below, _ in _WAYS]
    return tuple(
        _file(row) for folder in folders if look.host.is_directory(folder) for row in _asked(look, "folder", folder)
    )


def file(look: Look, path: str) -> File:
    """What a file is; one that can't be read has an error."""
    return _file(_asked(look, "file", _whole(look, path)))


def bundle(look: Look, path: str) -> Store:
    """What Go, or git, would load from this file alone."""
    return _store(look, (path,), ())


def way(look: Look) -> Way | None:
    """How this machine takes a certificate in; None where the program for it is not installed."""
    for base, below, program in _WAYS:
        if (not base or look.host.is_directory(base)) and _program(look, program):
            return Way(base + below, program)
    return None


def package(look: Look) -> str:
    """The command that installs the public certificates here; empty where the package manager is not known."""
    for manager, words in (
        ("apt-get", "apt-get install ca-certificates"),
        ("dnf", "dnf install ca-certificates"),
        ("zypper", "zypper install ca-certificates ca-certificates-mozilla"),
        ("pacman", "pacman -S ca-certificates"),
        ("apk", "apk add ca-certificates"),
    ):
        if _program(look, manager):
            return words
    return ""


def _store(look: Look, files: tuple[str, ...], directories: tuple[str, ...]) -> Store:
    subject = json.dumps([[_whole(look, each) for each in files], [_whole(look, each) for each in directories if each]])
    rows = _asked(look, "store", subject)
    return Store(tuple(Source(row["path"], row["error"], frozenset(row["fingerprints"])) for row in rows))


def _asked(look: Look, probe: str, subject: str) -> Any:
    try:
        return look.host.probe(f"certificates.{probe}", subject)
    except OSError as error:
        raise UnknownError(f"the certificates can't be read: {error}") from None


def _file(row: Any) -> File:
    certificates = tuple(Certificate(**each) for each in row["certificates"])
    return File(row["path"], row["kind"], row["count"], certificates, row["error"])


def _whole(look: Look, path: str) -> str:
    return path if path.startswith("/") else f"{look.host.directory.rstrip('/')}/{path}"


def _program(look: Look, name: str) -> bool:
    return any(look.host.runnable(f"{place}/{name}") for place in _PROGRAM_PLACES)
