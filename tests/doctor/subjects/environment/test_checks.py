"""Checks of what comes from Windows, of the directories that variables name, of the go env file and the locale."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from goshim.base.encoding import to_bytes
from goshim.doctor.engine.finding import Edit, Verdict
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.environment import checks as environment
from goshim.doctor.subjects.environment import go_env_check as go_env_file
from goshim.doctor.subjects.environment import locale_check as locale
from goshim.facts.host import UnreadableError
from tests.doctor.described import look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

ENV_FILE = f"{HOME}/.config/go/env"
WITH_GOSHIM = {"PATH": "/opt/goshim:/usr/local/go/bin"}


@pytest.fixture
def wsl(machine: FolderMachine) -> FolderMachine:
    machine.become_wsl()
    return machine


@pytest.fixture
def shimmed(wsl: FolderMachine) -> FolderMachine:
    wsl.toolchain("/usr/local/go")
    wsl.program("/opt/goshim/go", LAUNCHER)
    return wsl


def verdict(check: Any, machine: FolderMachine, variables: dict[str, str] | None = None, **told: Any) -> Verdict:
    return judge(check, look_at(machine, variables, **told))


def test_a_wslenv_without_variables_of_go_is_well(wsl: FolderMachine):
    for value in ("", "WT_SESSION:WT_PROFILE_ID:", "USERPROFILE/pu:GOPATH/w", "gopath/l"):
        assert verdict(environment.wslenv_imports, wsl, {"WSLENV": value}).status == "ok"
    assert verdict(environment.wslenv_imports, wsl).status == "ok"


def test_outside_wsl_nothing_comes_by_wslenv(machine: FolderMachine):
    assert verdict(environment.wslenv_imports, machine, {"WSLENV": "GOROOT", "GOROOT": "C:\\Go"}).status == "skip"


@pytest.mark.parametrize(
    ("entry", "value"),
    [
        ("GOROOT", "C:\\Program Files\\Go"),
        ("GOROOT/p", "/mnt/c/Program Files/Go"),
        ("PATH/l", "/mnt/c/Windows:/mnt/c/Windows/System32:/usr/bin"),
    ],
)
def test_a_goroot_or_path_of_windows_is_wrong_in_any_form(wsl: FolderMachine, entry: str, value: str):
    name = entry.partition("/")[0]
    found = verdict(environment.wslenv_imports, wsl, {"WSLENV": f"WT_SESSION:{entry}", name: value})
    assert found.status == "warn"
    assert found.remedies[0].where == "powershell"
    assert f"'^{name}(/|$)'" in found.remedies[0].command


def test_a_goroot_that_goshim_drops_at_each_call_is_no_problem(shimmed: FolderMachine):
    variables = {**WITH_GOSHIM, "WSLENV": "GOROOT", "GOROOT": "C:\\Program Files\\Go"}
    assert verdict(environment.wslenv_imports, shimmed, variables).status == "info"


def test_a_goroot_that_a_start_file_has_set_since_is_no_problem(wsl: FolderMachine):
    wsl.write(f"{HOME}/.profile", "export GOROOT=/usr/local/go\n")
    found = verdict(environment.wslenv_imports, wsl, {"WSLENV": "GOROOT", "GOROOT": "/usr/local/go"})
    assert found.status == "info"
    assert f"{HOME}/.profile:1 sets it, too, and later" in found.evidence[0]


@pytest.mark.parametrize(
    ("entry", "variables", "words"),
    [
        ("CGO_ENABLED", {"CGO_ENABLED": "0"}, "CGO_ENABLED: 0"),
        ("CGO_ENABLED", {"CGO_ENABLED": ""}, "arrived empty"),
        ("GOROOT", {}, "not set here"),
        ("GOPROXY/p", {}, "dropped by WSL"),
        ("GOPATH/x", {}, "unknown flag"),
        ("HTTPS_PROXY", {"HTTPS_PROXY": "http://me:geheim@proxy:80"}, "me:***@proxy"),
    ],
)
def test_what_wslenv_brings_is_told(wsl: FolderMachine, entry: str, variables: dict[str, str], words: str):
    found = verdict(environment.wslenv_imports, wsl, {"WSLENV": entry, **variables})
    assert found.status == "info"
    assert words in found.evidence[0]


def test_a_wslenv_that_a_start_file_sets_tells_nothing_of_windows(wsl: FolderMachine):
    wsl.write(f"{HOME}/.bashrc", "export WSLENV=PATH/l\n")
    found = verdict(environment.wslenv_imports, wsl, {"WSLENV": "PATH/l", "PATH": "/mnt/c/Windows:/usr/bin"})
    assert found.status == "info"


def test_values_of_linux_are_well(wsl: FolderMachine):
    wsl.write(ENV_FILE, "GOPATH=/home/me/go\n")
    assert verdict(environment.windows_values, wsl, {"GOCACHE": "/var/cache/go"}).status == "ok"


@pytest.mark.parametrize(
    ("name", "status"),
    [("GOPATH", "fail"), ("GOWORK", "fail"), ("GOCACHE", "fail"), ("TMPDIR", "fail"), ("GOBIN", "warn")],
)
def test_a_windows_path_is_a_problem_by_what_it_ends(machine: FolderMachine, name: str, status: str):
    machine.write(f"{HOME}/.profile", f"export {name}='C:\\go'\n")
    found = verdict(environment.windows_values, machine, {name: "C:\\go"})
    assert found.status == status
    assert found.evidence[0] == f"{name}=C:\\go"
    assert found.remedies[0].command == f"unset {name}"
    line = f"export {name}='C:\\go'"
    assert found.remedies[0].edits == (Edit(f"{HOME}/.profile", 1, line, f": # {line}"),)


def test_a_windows_path_is_found_where_there_is_no_go_env_file(machine: FolderMachine):
    variables = {"GOENV": "off", "GOPATH": "C:\\go"}
    assert verdict(environment.windows_values, machine, variables).status == "fail"


def test_a_windows_path_that_goshim_translates_is_no_problem(shimmed: FolderMachine):
    assert verdict(environment.windows_values, shimmed, {**WITH_GOSHIM, "GOPATH": "C:\\go"}).status == "info"


def test_a_windows_path_in_the_go_env_file_is_mended_by_nobody_else(shimmed: FolderMachine):
    shimmed.write(ENV_FILE, "GOFLAGS=\nGOPATH=C:\\Users\\me\\go\nTMPDIR=C:\\x\n")
    found = verdict(environment.windows_values, shimmed, WITH_GOSHIM)
    assert found.status == "fail"
    assert found.evidence == (f"{ENV_FILE}:2: GOPATH=C:\\Users\\me\\go",)
    assert found.remedies[0].edits == (Edit(ENV_FILE, 2, "GOPATH=C:\\Users\\me\\go", "# GOPATH=C:\\Users\\me\\go"),)
    assert verdict(environment.windows_values, shimmed, {**WITH_GOSHIM, "GOPATH": "/home/me/go"}).status == "ok"


@pytest.mark.parametrize("name", ["hello world", "张三/项目", 'it\'s "quoted"', "a:b", "-x", "a@b", "a\tb"])
def test_unusual_names_that_go_can_work_with_are_well(machine: FolderMachine, name: str):
    directory = machine.directory(f"{HOME}/{name}")
    machine.write(f"{directory}/go.mod", "module m\n")
    assert (
        verdict(environment.illegal_directory, machine, {"GOMODCACHE": f"/m/{name}"}, directory=directory).status
        == "ok"
    )


def test_blanks_and_chinese_characters_are_said_to_be_fine(machine: FolderMachine):
    found = verdict(environment.illegal_directory, machine, directory=f"{HOME}/张三 1")
    assert "blanks and letters of any script are fine" in found.evidence[0]


@pytest.mark.parametrize("name", ["a\nb", "a\r"])
def test_a_line_end_in_the_name_of_a_project_or_module_cache_fails(machine: FolderMachine, name: str):
    found = verdict(environment.illegal_directory, machine, directory=f"{HOME}/{name}/sub")
    assert found.status == "fail"
    assert found.remedies[0].command.startswith(f"mv $'{HOME}/a\\01")
    found = verdict(environment.illegal_directory, machine, {"GOMODCACHE": f"/m/{name}"})
    assert found.status == "fail"
    assert found.remedies[0].command == "unset GOMODCACHE"


@pytest.mark.parametrize("name", ["\udcd5\udcc5", "\ufeffa", "a\u0085"])
def test_a_name_that_cgo_can_t_work_with_matters_with_cgo(machine: FolderMachine, name: str):
    machine.program("/usr/bin/gcc")
    variables = {"PATH": "/usr/bin"}
    assert verdict(environment.illegal_directory, machine, variables, directory=f"{HOME}/{name}").status == "warn"
    assert verdict(environment.illegal_directory, machine, {}, directory=f"{HOME}/{name}").status == "info"


@pytest.mark.parametrize(
    "variables",
    [
        {"GOPATH": "/home/me/a:b"},
        {"GOPATH": "~/go"},
        {"GOPATH": "go"},
        {"GOMODCACHE": "mod"},
        {"GOCACHE": "off"},
        {"GOCACHE": "/c/a\nb"},
        {"TMPDIR": "/t/\udcff"},
    ],
)
def test_what_go_refuses_fails(machine: FolderMachine, variables: dict[str, str]):
    found = verdict(environment.illegal_directory, machine, variables)
    assert found.status == "fail"
    assert found.remedies[0].command == f"unset {next(iter(variables))}"


def test_a_gopath_of_two_directories_is_well(machine: FolderMachine):
    assert verdict(environment.illegal_directory, machine, {"GOPATH": "/home/me/go:/opt/go:"}).status == "ok"


def test_a_colon_in_home_matters_to_go_install(machine: FolderMachine):
    found = verdict(environment.illegal_directory, machine, {"HOME": "/home/a:b"})
    assert (found.status, found.remedies[0].command) == ("warn", 'export GOPATH="$(mktemp -d /var/tmp/go-XXXXXX)"')
    assert verdict(environment.illegal_directory, machine, {"HOME": "/home/a:b", "GOPATH": "/go"}).status == "ok"


def test_a_name_in_the_go_env_file_is_taken_out_there(machine: FolderMachine):
    machine.write(ENV_FILE, "GOPATH=a\n")
    remedy = verdict(environment.illegal_directory, machine).remedies[0]
    assert remedy.command == f"sed -i 's/^GOPATH=/# &/' {ENV_FILE}"


@pytest.mark.parametrize(
    ("check", "value"), [(environment.windows_values, "C:\\go"), (environment.illegal_directory, "a")]
)
def test_a_go_env_file_that_is_a_link_stays_one(machine: FolderMachine, check: Any, value: str):
    machine.write(f"{HOME}/dotfiles/env", f"GOPATH=/before\nGOPATH={value}\n")
    machine.link(ENV_FILE, f"{HOME}/dotfiles/env")
    remedy = verdict(check, machine).remedies[0]
    assert remedy.command == f"sed -i 's/^GOPATH=/# &/' {HOME}/dotfiles/env"
    subprocess.run(["sh", "-c", remedy.command.replace(HOME, str(machine.at(HOME)))], check=True)
    assert machine.at(ENV_FILE).is_symlink()
    assert machine.at(f"{HOME}/dotfiles/env").read_text().split() == ["#", "GOPATH=/before", "#", f"GOPATH={value}"]
    assert [(edit.path, edit.line) for edit in remedy.edits] == [(ENV_FILE, 1), (ENV_FILE, 2)]


def test_a_well_formed_go_env_file_is_well(machine: FolderMachine):
    assert verdict(go_env_file.go_env_file, machine).status == "ok"
    machine.write(ENV_FILE, "# mine\nGOPRIVATE=corp.example\n\nGOFLAGS=-mod=mod -x\nGOBIN=/a b")
    assert verdict(go_env_file.go_env_file, machine).summary == "go env -w set 3 variables, all well-formed"


def test_a_go_env_file_that_is_switched_off_is_skipped_or_well(machine: FolderMachine):
    assert verdict(go_env_file.go_env_file, machine, {"GOENV": "off"}).status == "skip"


def test_line_ends_of_windows_are_mended_in_one_command(machine: FolderMachine):
    machine.write(ENV_FILE, b"\xef\xbb\xbfGOPROXY=direct\r\nGOPRIVATE=corp.example\r\n")
    found = verdict(go_env_file.go_env_file, machine)
    assert found.status == "warn"
    assert found.remedies[0].command == rf"sed -i '1s/^\xef\xbb\xbf//;s/\r$//' {ENV_FILE}"
    assert found.remedies[0].edits == (
        Edit(ENV_FILE, 1, "\ufeffGOPROXY=direct\r", "GOPROXY=direct"),
        Edit(ENV_FILE, 2, "GOPRIVATE=corp.example\r", "GOPRIVATE=corp.example"),
    )


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbfGOPROXY=direct\r\nGOBIN=/b\r\n", b"\xef\xbb\xbfGOPROXY=off\n", b"GOBIN=/\r\n"]
)
@pytest.mark.parametrize("path", [ENV_FILE, "/dotfiles/go-env"])
def test_the_command_that_mends_a_go_env_file_does(machine: FolderMachine, path: str, data: bytes):
    machine.write(path, data)
    if path != ENV_FILE:
        machine.link(ENV_FILE, path)
    command = verdict(go_env_file.go_env_file, machine).remedies[0].command
    subprocess.run(["sh", "-c", command.replace(path, str(machine.at(path)))], check=True)
    assert verdict(go_env_file.go_env_file, machine).status == "ok"
    assert machine.at(ENV_FILE).is_symlink() == (path != ENV_FILE)


@pytest.mark.parametrize("name", ["GOOS", "GO111MODULE", "GOTOOLCHAIN"])
def test_a_carriage_return_that_ends_every_build_fails(machine: FolderMachine, name: str):
    machine.write(ENV_FILE, f"{name}=x\r\n")
    assert verdict(go_env_file.go_env_file, machine).status == "fail"
    assert verdict(go_env_file.go_env_file, machine, {name: "linux"}).status == "warn"


def test_a_carriage_return_that_go_takes_for_a_blank_does_no_harm(machine: FolderMachine):
    machine.write(ENV_FILE, "GOFLAGS=-mod=mod\r\nGOPROXY=direct\r\n")
    assert verdict(go_env_file.go_env_file, machine).status == "info"


def test_a_line_that_go_passes_over_is_told_with_what_was_meant(machine: FolderMachine):
    machine.write(ENV_FILE, 'export GOPRIVATE="corp.example"\nHTTP_PROXY=http://me:geheim@proxy\n')
    found = verdict(go_env_file.go_env_file, machine)
    assert found.status == "warn"
    assert "geheim" not in repr(found.evidence)
    assert [edit.new for edit in found.remedies[0].edits] == [
        "GOPRIVATE=corp.example",
        "# HTTP_PROXY=http://me:geheim@proxy",
    ]


def test_a_go_env_file_that_can_t_be_read_is_told(machine: FolderMachine):
    machine.directory(ENV_FILE)
    found = verdict(go_env_file.go_env_file, machine)
    assert found.status == "warn"
    assert found.remedies[0].command == f"ls -ld {ENV_FILE}"


def charsets(**known: str | None) -> dict[str, Any]:
    return {"probes": {"locales.charsets": {"C.UTF-8": "UTF-8", **known}}}


def test_without_a_locale_nothing_is_asked(machine: FolderMachine):
    assert verdict(locale.locale, machine, {"LC_ALL": ""}).status == "ok"


def test_an_installed_locale_is_well(machine: FolderMachine):
    told = charsets(de_DE="UTF-8")
    assert verdict(locale.locale, machine, {"LANG": "de_DE"}, **told).status == "ok"


def test_an_lc_all_that_is_not_installed_makes_bash_warn(machine: FolderMachine):
    machine.write(f"{HOME}/.bashrc", "export LC_ALL=en_US.UTF-8\n")
    machine.directory("/etc/apt")
    found = verdict(locale.locale, machine, {"LC_ALL": "en_US.UTF-8"}, **charsets(**{"en_US.UTF-8": None}))
    assert found.status == "warn"
    assert found.evidence == ("LC_ALL=en_US.UTF-8", f"{HOME}/.bashrc:1: export LC_ALL=en_US.UTF-8")
    assert [each.command for each in found.remedies] == [
        "export LC_ALL=C.UTF-8",
        "sudo apt-get install -y locales && sudo localedef -i en_US -f UTF-8 en_US.UTF-8",
    ]


@pytest.mark.parametrize("name", ["LANG", "LC_TIME"])
def test_another_locale_that_is_not_installed_is_worth_knowing(machine: FolderMachine, name: str):
    found = verdict(locale.locale, machine, {name: "en_US.UTF-8"}, **charsets(**{"en_US.UTF-8": None}))
    assert found.status == "info"


def test_a_character_set_that_is_not_utf_8_is_worth_knowing(machine: FolderMachine):
    found = verdict(locale.locale, machine, {"LANG": "zh_CN.GBK"}, **charsets(**{"zh_CN.GBK": "GBK"}))
    assert found.status == "info"
    assert "GBK" in found.summary


def test_locales_that_can_t_be_asked_for_are_skipped(machine: FolderMachine):
    told = {"probes": {"locales.charsets": UnreadableError("the C library can't be asked for locales")}}
    found = verdict(locale.locale, machine, {"LANG": "de_DE"}, **told)
    assert found == Verdict("skip", "the C library can't be asked for locales")


def test_bash_warns_of_an_lc_all_that_is_not_installed_and_of_no_other(tmp_path: Path):
    """What the check rests on."""
    script = tmp_path / "script"
    script.write_text("#!/bin/bash -p\ntrue\n")
    script.chmod(0o755)
    bare = {"PATH": os.environ["PATH"]}
    words = {
        name: subprocess.run([script], env={**bare, name: "xx_XX"}, stderr=-1, check=True).stderr
        for name in ("LC_ALL", "LANG", "LC_CTYPE")
    }
    assert b"cannot change locale" in words["LC_ALL"]
    assert not words["LANG"] + words["LC_CTYPE"]


def test_names_that_are_no_text_are_printed_as_such(machine: FolderMachine):
    found = verdict(environment.illegal_directory, machine, {"TMPDIR": "/t/\udcff"})
    assert to_bytes(found.evidence[0]).isascii()
