"""Certificates out of files, as crypto/x509 and encoding/pem of Go find them there, and the little DER that names one.

Hand-written, for the ssl module describes only certificates of authorities, and takes 7 ms to import.
"""

from __future__ import annotations

import binascii
import calendar
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

# A block begins and ends on lines of its own; one with headers, or of another type, is no certificate for Go
# (encoding/pem, Decode; crypto/x509, AppendCertsFromPEM).
_PEM = re.compile(
    rb"^-----BEGIN CERTIFICATE-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*)^-----END CERTIFICATE-----[ \t]*\r?$", re.MULTILINE
)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_UTF_16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"  # 1.2.840.113549.1.7.2, RFC 2315
_MARKS = {b"PKCS7-": "PKCS7", b"PKCS #7": "PKCS7", b"TRUSTED CERT": "TRUSTED", b"CERTIFICATE-": "damaged"}
# basicConstraints (2.5.29.19), critical or not, with cA true.
_AUTHORITY = re.compile(rb"\x06\x03\x55\x1d\x13(?:\x01\x01\xff)?\x04.\x30.\x01\x01\xff", re.DOTALL)
_NAMES = {b"\x55\x04\x03": "CN", b"\x55\x04\x0a": "O"}
_ENCODINGS = {0x1E: "utf-16-be", 0x14: "latin-1"}  # BMPString, TeletexString; the rest is ASCII or UTF-8

_SEQUENCE, _UTC_TIME, _VERSION = 0x30, 0x17, 0xA0
_LONG = 0x80  # a length that is told in the bytes that follow


@dataclass(frozen=True)
class Certificate:
    """What is told of a certificate; times are in seconds since 1970."""

    fingerprint: str
    subject: str
    issuer: str
    begins_s: int
    ends_s: int
    is_authority: bool


def in_pem(data: bytes) -> list[bytes]:
    """The certificates, as DER, that Go loads from a file's bytes."""
    found = []
    for body in _PEM.findall(data):
        try:
            der = binascii.a2b_base64(body)
        except binascii.Error:
            continue
        if is_der(der):
            found.append(der)
    return found


def is_der(data: bytes) -> bool:
    """Whether these bytes are one whole DER sequence, as a certificate is."""
    try:
        return data[0] == _SEQUENCE and _bounds(data, 0)[1] == len(data)
    except IndexError:
        return False


def read(data: bytes) -> tuple[str, list[bytes]]:
    """What a file's bytes are, and the certificates, as DER, that are in them, though Go may not find them.

    Go loads those of `PEM` alone. The rest is `DER`, `UTF-16`, `BOM` (PEM behind a byte order mark), `PKCS7`,
    `PKCS7-DER`, `TRUSTED` (OpenSSL's own kind of PEM), `damaged`, `empty`, or `other`.
    """
    if found := in_pem(data):
        return "PEM", found
    if not data.strip():
        return "empty", []
    if encoding := _UTF_16.get(data[:2]):
        found = in_pem(data[2:].decode(encoding, "replace").encode())
        return ("UTF-16", found) if found else ("other", [])
    if data.startswith(_BYTE_ORDER_MARK) and (found := in_pem(data[3:])):
        return "BOM", found
    if _SIGNED_DATA in data[:32]:
        return "PKCS7-DER", []
    if is_der(data) and describe(data):
        return "DER", [data]
    return next((kind for mark, kind in _MARKS.items() if b"-----BEGIN " + mark in data), "other"), []


def fingerprint(der: bytes) -> str:
    """The first 16 digits of a certificate's SHA-256."""
    return hashlib.sha256(der).hexdigest()[:16]


def describe(der: bytes) -> Certificate | None:
    """What a certificate says of itself; None where these bytes are none (RFC 5280, 4.1)."""
    try:
        (_, whole), *_ = _parts(der)
        (_, signed), *_ = _parts(whole)
        fields = list(_parts(signed))
        is_first_version = fields[0][0] != _VERSION  # which knows no extensions, and is an authority's by its place
        _serial, _algorithm, issuer, validity, subject, *_ = fields if is_first_version else fields[1:]
        begins_s, ends_s = (_time_s(tag, text) for tag, text in _parts(validity[1]))
        is_authority = is_first_version or _AUTHORITY.search(signed) is not None
        return Certificate(fingerprint(der), _name(subject[1]), _name(issuer[1]), begins_s, ends_s, is_authority)
    except (ValueError, IndexError, OverflowError):
        return None


def _bounds(data: bytes, at: int) -> tuple[int, int]:
    """Where the content of the value at `at` begins and ends. Raises IndexError."""
    length, at = data[at + 1], at + 2
    if length & _LONG:
        size = length & ~_LONG
        if at + size > len(data):
            raise IndexError
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return at, at + length


def _parts(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The values, one behind the other, with their tags. Raises IndexError."""
    at = 0
    while at < len(data):
        begin, end = _bounds(data, at)
        if end > len(data):
            raise IndexError
        yield data[at], data[begin:end]
        at = end


def _name(data: bytes) -> str:
    told = []
    for _, each in _parts(data):
        for _, pair in _parts(each):
            (_, kind), (tag, text) = _parts(pair)
            if kind in _NAMES:
                told.append(f"{_NAMES[kind]}={text.decode(_ENCODINGS.get(tag, 'utf-8'), 'replace')}")
    return ", ".join(sorted(told))  # CN comes first then


def _time_s(tag: int, text: bytes) -> int:
    digits = text.decode("ascii").removesuffix("Z")
    if tag == _UTC_TIME:  # RFC 5280, 4.1.2.5.1
        digits = ("20" if digits < "50" else "19") + digits
    year, *rest = int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, 14, 2))
    return calendar.timegm((year, *rest, 0, 0, 0))
