from __future__ import annotations

import pytest

from goshim.doctor.engine.look import UnknownError
from goshim.doctor.subjects.certificates import facts as certificates
from tests.doctor.authorities import BUNDLE, LOCAL, debian, look_at_certificates, pem
from tests.doctor.described import look_at
from tests.machine import HOME, LAUNCHER


def count(store):
    return len(store.fingerprints)


def test_go_reads_the_systems_files_where_no_variable_is_set(machine):
    look = look_at_certificates(debian(machine))
    assert count(look(certificates.trusted)) == 2
    assert look(certificates.trusted).places == (BUNDLE,)


def test_the_variable_for_the_file_leaves_the_directories_trusted(machine):
    machine.write("/corp.pem", pem("Corp"))
    look = look_at_certificates(debian(machine), {"SSL_CERT_FILE": "/corp.pem"})
    assert look(certificates.trusted).places == ("/corp.pem", "/etc/ssl/certs")
    assert count(look(certificates.trusted)) == 3
    assert count(look(certificates.system)) == 2


def test_both_variables_leave_what_they_name(machine):
    machine.write("/corp.pem", pem("Corp"))
    machine.write("/more/other.pem", pem("Other"))
    look = look_at_certificates(debian(machine), {"SSL_CERT_FILE": "/corp.pem", "SSL_CERT_DIR": "/gone::/more"})
    assert look(certificates.trusted).places == ("/corp.pem", "/more")


def test_a_relative_name_is_read_from_the_working_directory(machine):
    machine.write(f"{HOME}/project/corp.pem", pem("Corp"))
    look = look_at_certificates(machine, {"SSL_CERT_FILE": "corp.pem", "SSL_CERT_DIR": "/none"})
    assert look(certificates.trusted).places == (f"{HOME}/project/corp.pem",)


def test_what_goshim_changes_for_go_counts_where_its_launcher_is_first(machine):
    debian(machine)
    machine.write("/corp.pem", pem("Corp"))
    machine.program("/goshim/bin/go", LAUNCHER)
    machine.toolchain("/usr/local/go")
    machine.write(f"{HOME}/.config/goshim/config.toml", '[env]\nSSL_CERT_FILE = "/corp.pem"\n')
    paths = {"with": "/goshim/bin:/usr/local/go/bin", "without": "/usr/local/go/bin"}
    files = {
        name: look_at_certificates(machine, {"PATH": path})(certificates.named_file) for name, path in paths.items()
    }
    assert files == {"with": "/corp.pem", "without": ""}


def test_a_config_with_an_error_leaves_the_variables_as_they_are(machine):
    machine.program("/goshim/bin/go", LAUNCHER)
    machine.write(f"{HOME}/.config/goshim/config.toml", "[env\n")
    look = look_at_certificates(machine, {"PATH": "/goshim/bin", "SSL_CERT_FILE": "/a"})
    assert look(certificates.named_file) == "/a"


def test_the_public_authorities_are_known_apart_where_debian_keeps_them(machine):
    assert len(look_at_certificates(debian(machine, "Corp"))(certificates.vendor)) == 2
    assert look_at(machine, probes={"certificates.store": []})(certificates.vendor) == frozenset()


def test_certificates_that_cannot_be_read_are_unknown(machine):
    with pytest.raises(UnknownError, match="can't be read"):
        look_at(machine, probes={"certificates.store": OSError("no answer")})(certificates.trusted)


@pytest.mark.parametrize(
    ("directory", "program", "expected"),
    [
        (None, "/usr/sbin/update-ca-certificates", (LOCAL, "update-ca-certificates")),
        (
            "/etc/pki/ca-trust/source",
            "/usr/bin/update-ca-trust",
            ("/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
        ),
        (
            "/etc/ca-certificates/trust-source",
            "/usr/bin/update-ca-trust",
            ("/etc/ca-certificates/trust-source/anchors", "update-ca-trust"),
        ),
        ("/etc/pki/trust", "/usr/sbin/update-ca-certificates", ("/etc/pki/trust/anchors", "update-ca-certificates")),
    ],
)
def test_each_family_of_distributions_has_its_way(machine, directory, program, expected):
    if directory:
        machine.directory(directory)
    machine.program(program)
    way = look_at(machine)(certificates.way)
    assert way is not None
    assert (way.folder, way.command) == expected


def test_without_the_program_there_is_no_way(machine):
    machine.directory("/etc/pki/ca-trust/source")
    assert look_at(machine)(certificates.way) is None


@pytest.mark.parametrize(
    ("manager", "words"), [("apt-get", "apt-get install"), ("dnf", "dnf install"), ("apk", "apk add")]
)
def test_the_package_is_installed_by_the_manager_that_is_there(machine, manager, words):
    machine.program(f"/usr/bin/{manager}")
    assert look_at(machine)(certificates.package) == f"{words} ca-certificates"
