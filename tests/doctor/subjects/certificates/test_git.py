"""What git is told about TLS."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from goshim.doctor.subjects.certificates import git as git_tls
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine


def test_gits_settings_are_found_with_their_places_and_scopes(machine):
    machine.write("/etc/gitconfig", "[http]\n\tsslCAInfo = /etc/old.pem\n")
    machine.write(
        f"{HOME}/.gitconfig",
        '[user]\n\tname = Me\n\tsslCAInfo = /not-of-http\n[http]\n\tsslcainfo = "~/corp.pem"\n'
        '[http "https://git.corp/"]\n\tsslCAPath = /certs\n[imap]\n\tsslCAInfo = /no\n',
    )
    found = look_at(machine)(git_tls.authorities)
    assert [(each.name.lower(), each.value, each.scope, each.place) for each in found] == [
        ("http.sslcainfo", f"{HOME}/corp.pem", "", f"{HOME}/.gitconfig:5"),
        ("http.sslcapath", "/certs", "https://git.corp/", f"{HOME}/.gitconfig:7"),
    ]


def test_the_repositorys_config_wins_and_the_environment_over_all(machine):
    machine.write(f"{HOME}/.config/git/config", "[http] sslCAInfo = /user.pem\n")
    machine.write(f"{HOME}/project/.git/config", "[http]\nsslCAInfo = C:\\\\certs\\\\corp.pem\n")
    [setting] = look_at(machine)(git_tls.authorities)
    assert setting.value == "C:\\certs\\corp.pem"
    [setting] = look_at(machine, {"GIT_SSL_CAINFO": "/env.pem"})(git_tls.authorities)
    assert (setting.name, setting.value, setting.place) == ("GIT_SSL_CAINFO", "/env.pem", "the environment")


@pytest.mark.skipif(not shutil.which("git"), reason="no git to compare with")
@pytest.mark.parametrize(
    "text",
    [
        "/corp.pem # mine",
        '"/corp.pem" ; mine',
        '"/my certs/corp;1.pem";mine',
        '/a"b # c"d#e',
        '/a\\"b',
        "C:\\\\certs\\\\corp.pem",
        "/with blanks/corp.pem\t ",
        '"/blanks at the end  "  ',
        "~/corp.pem # mine",
        "/corp.pem\r",
    ],
)
def test_a_value_is_what_the_real_git_reads(machine: FolderMachine, tmp_path: Path, text: str):
    machine.write(f"{HOME}/.gitconfig", f"[http]\n\tsslCAInfo = {text}\n")
    (tmp_path / "config").write_bytes(machine.at(f"{HOME}/.gitconfig").read_bytes())
    words = ["git", "config", "--file", str(tmp_path / "config"), "--path", "http.sslCAInfo"]
    told = subprocess.run(words, env={"HOME": HOME}, capture_output=True, text=True, check=True).stdout
    assert [f"{each.value}\n" for each in look_at(machine)(git_tls.authorities)] == [told]


@pytest.mark.parametrize("text", ["/certs/\\\n corp.pem", '"/open', "\\q", "~root/corp.pem", "%(prefix)/corp.pem"])
def test_of_a_value_that_the_line_does_not_tell_nothing_is_said(machine: FolderMachine, text: str):
    machine.write("/etc/gitconfig", "[http]\n\tsslCAInfo = /overridden.pem\n")
    machine.write(f"{HOME}/.gitconfig", f"[http]\n\tsslCAInfo = {text}\n")
    assert look_at(machine)(git_tls.authorities) == ()


def test_a_section_of_any_name_ends_the_one_before(machine: FolderMachine):
    machine.write(f"{HOME}/.gitconfig", "[http]\n[send-mail]\n\tsslCAInfo = /not-of-http\n")
    assert look_at(machine)(git_tls.authorities) == ()


def test_nothing_else_of_gits_config_is_recorded(machine):
    machine.write(f"{HOME}/.gitconfig", "[user]\n\tname = Secret Me\n[http]\n\tsslCAInfo = /a\n")
    look = look_at(machine)
    look(git_tls.authorities)
    assert "Secret" not in str(look.host.answers)


def test_the_last_word_on_verification_counts_for_each_address(machine):
    machine.write("/etc/gitconfig", "[http]\n\tsslVerify = false\n")
    machine.write(f"{HOME}/.gitconfig", '[http "https://git.corp/"]\n\tsslVerify = no\n[http]\n\tsslverify = true\n')
    found = look_at(machine)(git_tls.verification)
    assert {(each.value, each.scope, each.place) for each in found} == {
        ("true", "", f"{HOME}/.gitconfig:4"),
        ("no", "https://git.corp/", f"{HOME}/.gitconfig:2"),
    }
