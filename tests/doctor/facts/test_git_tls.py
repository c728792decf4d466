"""What git is told about TLS."""

from __future__ import annotations

from goshim.doctor.facts import git_tls
from tests.doctor.described import look_at
from tests.machine import HOME


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
