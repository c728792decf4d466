from __future__ import annotations

import json
import os

import pytest

from goshim.doctor.formats import x509
from goshim.doctor.subjects.certificates import probes as certificates
from tests.doctor.authorities import BUNDLE, LOCAL, authority, debian, der, pem
from tests.machine import FolderMachine


def store(machine: FolderMachine, files: list[str], directories: list[str]) -> list[tuple[str, str, int]]:
    rows = certificates.store(machine.host(), json.dumps([files, directories]))
    return [(row["path"], row["error"], len(row["fingerprints"])) for row in rows]


def test_the_first_file_that_can_be_read_ends_the_search(machine):
    machine.write("/b", pem("Corp"))
    machine.write("/c", pem("Other"))
    assert store(machine, ["/a", "/b", "/c"], []) == [("/a", "no such file or directory", 0), ("/b", "", 1)]


def test_a_file_without_a_certificate_ends_it_as_well(machine):
    machine.write("/a", "")
    machine.write("/b", pem("Corp"))
    assert store(machine, ["/a", "/b"], []) == [("/a", "", 0)]


def test_a_directory_that_stands_for_the_file_is_an_error_as_for_go(machine):
    machine.directory("/a")
    machine.write("/b", pem("Corp"))
    assert store(machine, ["/a", "/b"], []) == [("/a", "is a directory", 0), ("/b", "", 1)]


def test_what_an_earlier_place_has_is_not_counted_again(machine):
    debian(machine)
    machine.write("/etc/ssl/certs/more.pem", pem("Corp"))
    assert store(machine, [BUNDLE], ["/etc/ssl/certs", "/etc/pki/tls/certs"]) == [
        (BUNDLE, "", 2),
        ("/etc/ssl/certs", "", 1),
        ("/etc/pki/tls/certs", "no such file or directory", 0),
    ]


def test_a_link_to_a_neighbour_is_not_followed_as_by_go(machine):
    machine.directory("/certs")
    os.symlink("gone.pem", machine.at("/certs/1234abcd.0"))
    machine.link("/certs/linked.pem", "/elsewhere.crt")
    machine.write("/elsewhere.crt", pem("Corp"))
    assert store(machine, [], ["/certs"]) == [("/certs", "", 1)]


def test_der_in_the_bundle_harms_none_of_its_neighbours(machine):
    machine.write("/b", pem("Corp") + der("Other") + b"\n" + pem("Third"))
    assert store(machine, ["/b"], []) == [("/b", "", 2)]


def test_a_pipe_and_a_huge_file_are_errors_and_end_at_once(machine, monkeypatch):
    monkeypatch.setattr(certificates, "LIMIT_BYTES", 100)
    os.mkfifo(machine.at("/pipe"))
    machine.write("/huge", pem("Corp"))
    assert [error for _, error, _ in store(machine, ["/pipe", "/huge"], [])] == ["not a regular file", "over 100 bytes"]


def test_files_of_a_folder_are_told_with_their_paths_also_below_it(machine):
    machine.write(f"{LOCAL}/corp.crt", der("Corp"))
    machine.write(f"{LOCAL}/below/other.pem", pem("Other"))
    rows = certificates.folder(machine.host(), LOCAL)
    told = [(row["path"], row["kind"], row["error"], [each["subject"] for each in row["certificates"]]) for row in rows]
    assert told == [
        (f"{LOCAL}/below/other.pem", "PEM", "", ["O=Other"]),
        (f"{LOCAL}/corp.crt", "DER", "", ["O=Corp"]),
    ]
    assert certificates.folder(machine.host(), "/nowhere") == []


def test_a_file_that_is_not_there_has_its_reason(machine):
    assert certificates.file(machine.host(), "/gone")["error"] == "no such file or directory"


def test_of_a_whole_bundle_few_are_described_and_all_counted(machine):
    one = authority("Corp")
    machine.write("/b", b"".join(one.issue_cert(f"{n}.example").cert_chain_pems[0].bytes() for n in range(12)))
    found = certificates.file(machine.host(), "/b")
    assert (found["count"], len(found["certificates"])) == (12, 10)


@pytest.mark.skipif(not os.path.exists(BUNDLE), reason="no bundle is installed here")
def test_what_is_loaded_for_a_connection_is_what_the_store_counts(machine):
    host = FolderMachine.host(machine)
    host._root = ""
    rows = certificates.store(host, json.dumps([[BUNDLE], ["/etc/ssl/certs"]]))
    count = sum(len(row["fingerprints"]) for row in rows)
    loaded = certificates.load(host, [BUNDLE], ["/etc/ssl/certs"])
    assert len(loaded) == count
    assert (
        len(certificates.load(host, [BUNDLE], ["/etc/ssl/certs"], frozenset({x509.fingerprint(loaded[0])})))
        == count - 1
    )
