"""What brings a certificate to where Go and git look for it."""

from __future__ import annotations

import re
from shlex import quote

from goshim.doctor.engine.finding import Remedy
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics, origins
from goshim.doctor.subjects.certificates import facts as certificates
from goshim.doctor.subjects.certificates.facts import LOCAL, Way
from goshim.facts.mounts import is_windows_path

# What a file of each kind is to Go, and the command that makes PEM of it.
_KINDS = {
    "PEM": ("", "sudo cp {old} {new}"),
    "DER": ("is DER, and Go reads only PEM", "sudo openssl x509 -inform DER -in {old} -out {new}"),
    "BOM": ("is PEM behind a byte order mark, which Go does not find", "tail -c +4 {old} | sudo tee {new} >/dev/null"),
    "UTF-16": ("is UTF-16, and PEM is ASCII", "iconv -f UTF-16 -t UTF-8 {old} | sudo tee {new} >/dev/null"),
    "PKCS7": ("is PKCS #7, and Go reads only PEM", "sudo openssl pkcs7 -print_certs -in {old} -out {new}"),
    "PKCS7-DER": (
        "is PKCS #7, and Go reads only PEM",
        "sudo openssl pkcs7 -inform DER -print_certs -in {old} -out {new}",
    ),
    "TRUSTED": (
        "is a TRUSTED CERTIFICATE of OpenSSL's, which Go passes over",
        "sudo openssl x509 -in {old} -out {new}",
    ),
    "damaged": ("is damaged PEM", ""),
    "empty": ("is empty", ""),
    "other": ("holds no certificate", ""),
}
_ANY_KIND = ("update-ca-trust",)  # p11-kit's programs take DER as well as PEM, whatever the file's name


def wrong_with(kind: str) -> str:
    """What is wrong with a file of this kind, as Go sees it; empty where nothing is."""
    return _KINDS[kind][0]


def is_convertible(kind: str) -> bool:
    """Whether PEM can be made of a file of this kind."""
    return bool(_KINDS[kind][1])


def take_in(look: Look, path: str, kind: str) -> tuple[Remedy, ...]:
    """How the certificates of a file get into the system's store, from which Go and git read; empty for no way."""
    if not is_convertible(kind):
        return ()
    way = look(certificates.way)
    if way is None:
        return install(look)
    kind = "PEM" if way.command in _ANY_KIND and kind == "DER" else kind
    is_there = path.startswith(f"{way.folder}/") and (way.command in _ANY_KIND or path.endswith(".crt"))
    if is_there:
        return (_in_place(path, kind, way),)
    name = re.sub(r"(?i)\.(?:crt|cer|pem|der|p7[bc])$", "", path.rpartition("/")[2]) + ".crt"
    new = quote(f"{way.folder}/{name}")
    command = _KINDS[kind][1]
    text = "put it into the system's store, from which go, git and curl read"
    return (Remedy(text, f"{command.format(old=quote(path), new=new)} && sudo {way.command}", "sudo"),)


def install(look: Look) -> tuple[Remedy, ...]:
    """The package that brings the public authorities, and the program that adds others."""
    words = look(certificates.package)
    return (Remedy("install the public certificates", f"sudo {words}", "sudo"),) if words else ()


def bundle_anew(look: Look) -> tuple[Remedy, ...]:
    """Make the system's bundle again of what is in its folders, or install it."""
    way = look(certificates.way)
    if way is None or not (look(certificates.vendor) or way.folder != LOCAL):
        return install(look)
    command = "update-ca-certificates --fresh" if way.folder == LOCAL else way.command
    return (Remedy("make the system's bundle again", f"sudo {command}", "sudo"),)


def set_right(look: Look, name: str, value: str) -> Remedy:
    """Give a variable its right value, in this shell and in the start file's lines that set it."""
    edits = tuple(each.corrected(value) for each in origins.alone(look, name))
    return Remedy(f"give {name} its right value{_for_good(look, name)}", f"export {name}={quote(value)}", edits=edits)


def unset(look: Look, name: str) -> Remedy:
    """Take a variable away, in this shell and in the start file's lines that set it."""
    edits = tuple(each.commented_out() for each in origins.alone(look, name))
    return Remedy(f"do without {name}{_for_good(look, name)}", f"unset {name}", edits=edits)


def right_value(look: Look, value: str) -> str:
    """What a path was meant to be: without blanks and quotes around it, a Windows path and ~ translated; or empty."""
    value = value.strip(" \t\r\n\"'")
    if is_windows_path(value):
        return look(basics.mounts).from_windows(value) or ""
    if value.startswith("~/"):
        return look(basics.machine).expand(value)
    return value


def _in_place(path: str, kind: str, way: Way) -> Remedy:
    if kind == "PEM":
        return Remedy("take in what is in the folder", f"sudo {way.command}", "sudo")
    old, new = quote(path), quote(f"{path}.new")
    convert = _KINDS[kind][1].format(old=old, new=new)
    return Remedy("make PEM of it, in place", f"{convert} && sudo mv {new} {old} && sudo {way.command}", "sudo")


def _for_good(look: Look, name: str) -> str:
    places = [each.place for each in origins.of(look, name)]
    return f" (for good: {', '.join(places)})" if places else ""
