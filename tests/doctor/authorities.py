"""Authorities, the files that their certificates come in, and machines that trust some of them."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.look import Look, Options
from tests.doctor.described import DescribedHost
from tests.machine import HOME, FolderMachine

BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
LOCAL = "/usr/local/share/ca-certificates"
MOZILLA = "/usr/share/ca-certificates/mozilla"
PAST_ALL_NS = 40_000_000_000 * 10**9  # trustme's certificates end with the year 2999
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@cache
def authority(name: str) -> trustme.CA:
    """An authority of this name; there is one of each."""
    return trustme.CA(organization_name=name)


def pem(name: str) -> bytes:
    return authority(name).cert_pem.bytes()


def der(name: str) -> bytes:
    return x509.load_pem_x509_certificate(pem(name)).public_bytes(Encoding.DER)


def in_utf_16(name: str) -> bytes:
    return b"\xff\xfe" + pem(name).decode().encode("utf-16-le")


def debian(machine: FolderMachine, *more: str) -> FolderMachine:
    """Make it a machine of Debian's that trusts two public authorities, and these."""
    public = ("Public One", "Public Two")
    machine.write(BUNDLE, b"".join(pem(name) for name in (*public, *more)))
    for name in public:
        machine.write(f"{MOZILLA}/{name.replace(' ', '_')}.crt", pem(name))
        machine.link(f"/etc/ssl/certs/{name.replace(' ', '_')}.pem", f"{MOZILLA}/{name.replace(' ', '_')}.crt")
    machine.directory(LOCAL)
    machine.program("/usr/sbin/update-ca-certificates")
    return machine


class _Probing(DescribedHost):
    """Reads certificates out of the folder for real."""

    def _probe(self, subject: str) -> Any:
        is_ours = json.loads(subject)[0].startswith("certificates.")
        return DoctorHost._probe(self, subject) if is_ours else super()._probe(subject)


def look_at_certificates(
    machine: FolderMachine, variables: dict[str, str] | None = None, *, options: Options | None = None, **told: Any
) -> Look:
    """A look at the machine whose certificates are read; the rest is as for `look_at`."""
    host = _Probing({"HOME": HOME, **(variables or {})}, f"{HOME}/project", machine.root, **told)
    return Look(host, options)
