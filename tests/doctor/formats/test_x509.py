from __future__ import annotations

import glob
import subprocess

import pytest
from cryptography import x509 as reference

from goshim.doctor.formats import x509
from tests.doctor.authorities import BYTE_ORDER_MARK, authority, der, in_utf_16, pem
from tests.tables import for_each

VENDOR = sorted(glob.glob("/usr/share/ca-certificates/mozilla/*.crt"))


def converted(program, words, data):
    return subprocess.run([program("openssl"), *words.split()], input=data, capture_output=True, check=True).stdout


@pytest.fixture
def program():
    import shutil

    return lambda name: shutil.which(name) or pytest.skip(f"{name} is not installed")


@for_each(
    "data, kind, count",
    [
        (pem("Corp"), "PEM", 1),
        (pem("Corp") + b"\nwords between\n" + pem("Other"), "PEM", 2),
        (pem("Corp").replace(b"\n", b"\r\n"), "PEM", 1),
        (pem("Corp").rstrip(b"\n"), "PEM", 1),
        (der("Corp"), "DER", 1),
        (BYTE_ORDER_MARK + pem("Corp"), "BOM", 1),
        (in_utf_16("Corp"), "UTF-16", 1),
        (pem("Corp").replace(b"\n", b""), "damaged", 0),
        (pem("Corp").replace(b"CERTIFICATE-----\nMII", b"CERTIFICATE-----\nName: value\n\nMII"), "damaged", 0),
        (pem("Corp")[:300], "damaged", 0),
        (pem("Corp").replace(b"MII", b"MI", 1), "damaged", 0),
        (pem("Corp").replace(b"MII", b"MIIAMII", 1), "damaged", 0),
        (b" \n", "empty", 0),
        (b"", "empty", 0),
        (b"# what lies here\n", "other", 0),
        (b"\xff\xfea\x00", "other", 0),
        (b"\x30", "other", 0),
        (b"\x30\x82", "other", 0),
        (b"\x30\x03\x02\x01\x01", "other", 0),
    ],
)
def test_a_file_is_told_by_its_content(data, kind, count):
    found, certificates = x509.read(data)
    assert (found, len(certificates)) == (kind, count)
    assert all(each in (der("Corp"), der("Other")) for each in certificates)


def test_kinds_of_openssl_that_go_does_not_read_are_told(program):
    trusted = converted(program, "x509 -trustout -addtrust serverAuth", pem("Corp"))
    assert x509.read(trusted) == ("TRUSTED", [])
    for form, kind in (("PEM", "PKCS7"), ("DER", "PKCS7-DER")):
        many = converted(program, f"crl2pkcs7 -nocrl -certfile /dev/stdin -outform {form}", pem("Corp"))
        assert x509.read(many) == (kind, [])


@pytest.mark.skipif(not VENDOR, reason="the package ca-certificates is not installed as by Debian")
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
def test_every_public_authority_is_described_as_by_another_reader():
    for path in VENDOR:
        with open(path, "rb") as file:
            data = file.read()
        expected = reference.load_pem_x509_certificate(data)
        found = x509.describe(x509.in_pem(data)[0])
        assert found is not None
        assert found.is_authority
        assert found.begins_s == expected.not_valid_before_utc.timestamp()
        assert found.ends_s == expected.not_valid_after_utc.timestamp()
        for name in expected.subject:
            if name.oid.dotted_string in ("2.5.4.3", "2.5.4.10"):
                assert str(name.value) in found.subject


def test_the_certificate_of_a_server_is_no_authoritys():
    leaf = authority("Corp").issue_cert("example.com", common_name="example.com")
    found = x509.describe(x509.in_pem(leaf.cert_chain_pems[0].bytes())[0])
    assert found is not None
    assert not found.is_authority
    assert found.issuer == "O=Corp"
    assert found.subject.startswith("CN=example.com, O=")


@for_each("at", [0, 5, 40, 100, 150])
def test_damaged_der_is_no_certificate_or_another_and_never_an_error(at):
    data = bytearray(der("Corp"))
    for value in range(256):
        data[at] = value
        x509.describe(bytes(data))
    assert x509.describe(bytes(data[:at])) is None
