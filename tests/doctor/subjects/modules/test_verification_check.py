"""Checks of what vouches for a module."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.finding import Edit
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.modules import verification_check as verification
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine

ENV_FILE = f"{HOME}/.config/go/env"


@pytest.mark.parametrize(
    "variables",
    [
        {},
        {"GOSUMDB": "sum.golang.google.cn", "GOPROXY": "https://goproxy.cn,direct"},
        {"GOPRIVATE": "git.corp.example,github.com/org/*"},
        {"GOPROXY": "http://localhost:3000,direct"},
        {"GOVCS": "public:git,private:all"},
        {"GOFLAGS": "-mod=mod -trimpath"},
    ],
)
def test_what_is_usual_weakens_nothing(machine: FolderMachine, variables):
    assert judge(verification.verification_weakened, look_at(machine, variables)).status == "ok"


@pytest.mark.parametrize(
    ("name", "value", "command"),
    [
        ("GOSUMDB", "off", "unset GOSUMDB"),
        ("GONOSUMDB", "*", "unset GONOSUMDB"),
        ("GONOSUMDB", "git.corp.example,github.com", "export GONOSUMDB=git.corp.example"),
        ("GOPRIVATE", "*.com", "unset GOPRIVATE"),
        ("GOINSECURE", "github.com/*", "unset GOINSECURE"),
        ("GOFLAGS", "-mod=mod -insecure", "unset GOFLAGS"),
        ("GOVCS", "*:all", "unset GOVCS"),
        ("GOVCS", "public:git|svn", "unset GOVCS"),
        ("GIT_SSL_NO_VERIFY", "1", "unset GIT_SSL_NO_VERIFY"),
        ("GIT_SSL_NO_VERIFY", "false", "unset GIT_SSL_NO_VERIFY"),
        ("GIT_SSL_NO_VERIFY", "", "unset GIT_SSL_NO_VERIFY"),
        ("GOPROXY", "http://me:pw@proxy.corp.example", "export GOPROXY=https://me:pw@proxy.corp.example"),
        (
            "GOPROXY",
            "https://a.b|http://u:p@art.corp.example:8081/api/go/virt,http://c.d,off",
            "export GOPROXY='https://a.b|https://u:p@art.corp.example:8081/api/go/virt,http://c.d,off'",
        ),
        ("GOPROXY", "http://u:p@a$(id).example", "export GOPROXY='https://u:p@a$(id).example'"),
    ],
)
def test_what_opens_more_than_private_hosts_is_an_alarm(machine: FolderMachine, name, value, command):
    verdict = judge(verification.verification_weakened, look_at(machine, {name: value}))
    assert verdict.status == "warn"
    assert verdict.summary.startswith(name)
    assert command in [each.command for each in verdict.remedies]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GOINSECURE", "git.corp.example"),
        ("GOPROXY", "http://proxy.corp.example,direct"),
        ("GONOSUMCHECK", "1"),
    ],
)
def test_what_opens_little_is_told(machine: FolderMachine, name, value):
    assert judge(verification.verification_weakened, look_at(machine, {name: value})).status == "info"


def test_a_plain_proxy_without_the_checksum_database_is_an_alarm(machine: FolderMachine):
    variables = {"GOPROXY": "http://proxy.corp.example", "GOSUMDB": "off"}
    assert "GOPROXY" in judge(verification.verification_weakened, look_at(machine, variables)).summary


def test_a_list_that_replaces_goprivate_is_judged_in_its_stead(machine: FolderMachine):
    variables = {"GOPRIVATE": "*", "GONOSUMDB": "git.corp.example", "GONOPROXY": "none"}
    assert judge(verification.verification_weakened, look_at(machine, variables)).status == "ok"


def test_it_is_found_in_go_s_own_file_and_undone_there(machine: FolderMachine):
    machine.write(ENV_FILE, "GOSUMDB=off\n")
    verdict = judge(verification.verification_weakened, look_at(machine))
    assert verdict.status == "warn"
    assert f"{ENV_FILE}:1" in verdict.evidence[0]
    assert verdict.remedies[0].command == "go env -u GOSUMDB"
    assert verdict.remedies[0].edits == (Edit(ENV_FILE, 1, "GOSUMDB=off", "# GOSUMDB=off"),)


@pytest.mark.parametrize(
    ("line", "is_edited"),
    [("export GOSUMDB=off", True), ('export GOSUMDB="off"  ', True), ("export GOSUMDB=off GOPROXY=direct", False)],
)
def test_a_start_file_s_line_becomes_a_comment_where_it_sets_nothing_else(machine: FolderMachine, line, is_edited):
    machine.write(f"{HOME}/.bashrc", f"{line}\n")
    remedy = judge(verification.verification_weakened, look_at(machine, {"GOSUMDB": "off"})).remedies[0]
    assert remedy.edits == ((Edit(f"{HOME}/.bashrc", 1, line, f": # {line}"),) if is_edited else ())


def test_it_is_found_in_goshim_s_config(machine: FolderMachine):
    machine.write(f"{HOME}/.config/goshim/config.toml", '[env]\nGOSUMDB = "off"\n')
    verdict = judge(verification.verification_weakened, look_at(machine))
    assert verdict.status == "warn"
    assert "goshim's config" in verdict.evidence[0]
    assert "take it out of [env]" in verdict.remedies[0].text


def test_what_a_distribution_ships_in_its_toolchain_is_no_alarm(machine: FolderMachine):
    machine.toolchain("/usr/lib/golang")
    machine.write("/usr/lib/golang/go.env", "GOPROXY=direct\nGOSUMDB=off\nGOTOOLCHAIN=local\n")
    look = look_at(machine, {"PATH": "/usr/lib/golang/bin"})
    assert judge(verification.verification_weakened, look).status == "info"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("[http]\n\tsslVerify = false\n", "warn"),
        ("[http] sslverify=0\n", "warn"),
        ("[http]\n\tsslVerify = true\n", "ok"),
        ('[http]\n\tsslVerify = "False" ; never\n', "warn"),
        ("[http]\n\tsslVerify =\n", "warn"),
        ('[http]\n\tsslVerify = "true" # not false\n', "ok"),
        ("[http]\n\tproxy = http://proxy\n[user]\n\tname = sslverify\n", "ok"),
        ('[http "https://git.corp.example"]\n\tsslVerify = false\n', "info"),
        ('[http "https://git.corp.example"]\n\tsslCAInfo = /x\n[http]\n\tsslVerify = no # never\n', "warn"),
    ],
)
def test_git_that_verifies_no_certificate_is_found_in_its_config(machine: FolderMachine, text, status):
    machine.write(f"{HOME}/.gitconfig", text)
    assert judge(verification.verification_weakened, look_at(machine)).status == status


@pytest.mark.parametrize("make", ["directory", "unreadable"])
def test_what_cannot_be_read_hides_no_other_finding(machine: FolderMachine, make):
    for path in (f"{HOME}/.gitconfig", ENV_FILE, f"{HOME}/.config/goshim/config.toml"):
        machine.directory(path) if make == "directory" else machine.link(path, "/nowhere")
    variables = {"GOSUMDB": "off", "GOPROXY": "http://a b"}
    assert judge(verification.verification_weakened, look_at(machine, variables)).status == "warn"


def test_nothing_is_ever_advised_that_turns_verification_off(machine: FolderMachine):
    variables = {"GOSUMDB": "off", "GOINSECURE": "*", "GOPRIVATE": "*", "GIT_SSL_NO_VERIFY": "1", "GOVCS": "*:all"}
    commands = " ".join(
        each.command for each in judge(verification.verification_weakened, look_at(machine, variables)).remedies
    )
    assert not any(bad in commands for bad in ("GOSUMDB=off", "GOINSECURE=", "NO_VERIFY=", "sslVerify false", "*"))


def test_a_plain_proxy_of_go_s_own_file_is_changed_there_and_not_by_itself(machine: FolderMachine):
    machine.write(ENV_FILE, "GOPROXY=http://u:p@art.corp.example:8081/api/go/virt,direct\n")
    (remedy,) = judge(verification.verification_weakened, look_at(machine)).remedies
    assert remedy.command == "go env -w GOPROXY=https://u:p@art.corp.example:8081/api/go/virt,direct"
    assert remedy.edits == ()


def test_a_list_is_narrowed_by_an_edit_and_never_taken_away(machine: FolderMachine):
    machine.write(ENV_FILE, "GONOSUMDB=git.corp.example,*\nGOPRIVATE=*\n")
    (remedy,) = judge(verification.verification_weakened, look_at(machine)).remedies
    line = "GONOSUMDB=git.corp.example"
    assert remedy.edits == (Edit(ENV_FILE, 1, f"{line},*", line),)
    machine.write(ENV_FILE, "GONOSUMDB=github.com\nGOPRIVATE=*\n")  # behind which is a wider one
    (remedy,) = judge(verification.verification_weakened, look_at(machine)).remedies
    assert (remedy.command, remedy.edits) == ("go env -u GONOSUMDB", ())
