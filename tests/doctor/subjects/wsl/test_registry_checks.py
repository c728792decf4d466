"""Checks of what the registry says of WSL."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.check import Check
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Options
from goshim.doctor.machine import registry
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.environment import checks as environment_checks
from goshim.doctor.subjects.path import checks as path_checks
from goshim.doctor.subjects.wsl import registry_checks as checks
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import EXPANDABLE, GUID, LIST, REGISTRATION, TEXT, WORD, answer, lxss
from tests.machine import HOME, LAUNCHER, WSL1_RELEASE, FolderMachine

ALL = (
    checks.registry_flags,
    checks.registry_folklore,
    checks.distribution_flags,
    environment_checks.default_environment,
    path_checks.path_origin,
)
WINDOWS_PATH = "/usr/bin:/mnt/c/Windows/System32:/mnt/c/Users/me/AppData/Local/Microsoft/WindowsApps"

MANAGER = answer(registry.LXSS_MANAGER, {"Start": (WORD, "0x3")}, "/s")
SERVICE = answer(registry.WSL_SERVICE, {"Start": (WORD, "0x2")}, "/s")
MACHINE = answer(registry.MACHINE_LXSS, {"NatNetwork": (TEXT, "172.20.0.0/20")}, "/s", below={"DiskMounts": {}})
PROFILE = answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (TEXT, "C:\\Users\\me")}, "/v", "USERPROFILE")
MACHINE_PATH = answer(
    registry.MACHINE_ENVIRONMENT,
    {"Path": (EXPANDABLE, "%SystemRoot%\\system32;C:\\Program Files\\Go\\bin\\;D:\\both"), "GOROOT": (TEXT, "C:\\Go")},
)
USER_PATH = answer(
    registry.USER_ENVIRONMENT,
    {"Path": (EXPANDABLE, "%LOCALAPPDATA%\\Microsoft\\WindowsApps;%TOOLS%\\bin;D:\\Both;;"), "TOOLS": (TEXT, "D:\\t")},
)
HEALTHY = {**lxss(), **MANAGER, **SERVICE, **MACHINE, **PROFILE, **MACHINE_PATH, **USER_PATH}


def check_here(machine: FolderMachine, check: Check, *answers: dict[str, Any], **told: Any) -> Verdict:
    variables = {**make_interop(machine), **told.pop("variables", {})}
    if release := told.pop("release", ""):
        machine.become_wsl(release=release)
    commands = {**HEALTHY, **{words: output for each in answers for words, output in each.items()}}
    return judge(check, look_at(machine, variables, commands=commands, **told))


def given(*pairs: str) -> dict[str, Any]:
    return lxss(DefaultEnvironment=(LIST, "\\0".join(pairs)))


def manager(mask: str) -> dict[str, Any]:
    return answer(registry.LXSS_MANAGER, {"DistributionFlags": (WORD, mask)}, "/s")


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_a_healthy_registry_is_well(machine: FolderMachine, check: Check):
    assert check_here(machine, check, variables={"PATH": WINDOWS_PATH}).status == "ok"


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_without_windows_each_is_skipped_with_the_reason(machine: FolderMachine, check: Check):
    verdict = check_here(machine, check, variables={"PATH": WINDOWS_PATH}, options=Options(windows=False))
    assert verdict.status == "skip"
    assert "--no-windows" in verdict.summary


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
@pytest.mark.parametrize(
    ("told", "reason"), [("no answer within 4.5 s", "no answer"), (b"rubbish\n", "no registry key")]
)
def test_an_answer_that_is_none_is_unknown(machine: FolderMachine, check: Check, told: object, reason: str):
    broken = dict.fromkeys(HEALTHY, told)
    verdict = check_here(machine, check, broken, variables={"PATH": WINDOWS_PATH})
    assert verdict.status == "skip"
    assert reason in verdict.summary


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_outside_wsl_nothing_is_asked(machine: FolderMachine, check: Check):
    assert judge(check, look_at(machine)).summary == "this is not WSL"


# Flags.


def test_flags_are_decoded_bit_by_bit(machine: FolderMachine):
    assert check_here(machine, checks.registry_flags).evidence == (
        "Flags = 0xf",
        "0x1 on   running Windows programs",
        "0x2 on   appending the Windows PATH",
        "0x4 on   mounting Windows drives",
        "0x8 on   being WSL2",
    )


def test_wsl1_has_its_own_healthy_flags(machine: FolderMachine):
    assert check_here(machine, checks.registry_flags, lxss(Flags=(WORD, "0x7")), release=WSL1_RELEASE).status == "ok"


def test_the_advice_to_set_flags_to_1_is_named_as_what_it_does(machine: FolderMachine):
    verdict = check_here(machine, checks.registry_flags, lxss(Flags=(WORD, "0x1")))
    assert verdict.status == "warn"
    assert verdict.summary.startswith("the registry says WSL1 of this distribution, which runs as WSL2")
    assert "0x4 off  mounting Windows drives" in verdict.evidence
    assert "reg" not in "".join(remedy.command for remedy in verdict.remedies)


def test_a_bit_that_is_off_is_only_told(machine: FolderMachine):
    verdict = check_here(machine, checks.registry_flags, lxss(Flags=(WORD, "0xd")))
    assert (verdict.status, verdict.summary) == (
        "info",
        "the registry keeps this WSL from appending the Windows PATH",
    )


def test_what_counts_is_what_is_left_for_all_users(machine: FolderMachine):
    verdict = check_here(machine, checks.registry_flags, manager("0x5"))
    assert verdict.status == "info"
    assert verdict.evidence[0] == "Flags = 0xf, of which DistributionFlags = 0x5 leaves 0xd"


def test_the_format_of_the_files_is_not_the_kind_of_wsl(machine: FolderMachine):
    assert check_here(machine, checks.registry_flags, lxss(Version=(WORD, "0x1"))).status == "ok"


def test_a_registration_without_flags_is_unknown(machine: FolderMachine):
    values = {name: value for name, value in REGISTRATION.items() if name != "Flags"}
    assert check_here(machine, checks.registry_flags, lxss(values)).status == "skip"


@pytest.mark.parametrize(
    ("mask", "status", "says"),
    [
        ("0xf", "ok", "turns nothing off"),
        ("0x7", "ok", "turns nothing off"),
        ("0x6", "info", "turned off for all users: running Windows programs"),
        ("0x1", "info", "appending the Windows PATH, mounting Windows drives"),
    ],
)
def test_the_mask_for_all_users_turns_off_what_it_does_not_have(
    machine: FolderMachine, mask: str, status: str, says: str
):
    verdict = check_here(machine, checks.distribution_flags, manager(mask))
    assert verdict.status == status
    assert says in verdict.summary


# Folklore.


@pytest.mark.parametrize(
    ("told", "name"),
    [
        (answer(registry.LXSS_MANAGER, None, "/s", below={"Parameters": {"DisableCgo": (WORD, "0x1")}}), "DisableCgo"),
        (answer(registry.WSL_SERVICE, {"DisableHostClockSync": (WORD, "0x1")}, "/s"), "DisableHostClockSync"),
        (lxss(InitCommand=(TEXT, "/sbin/init")), "InitCommand"),
        (answer(registry.LXSS, {"AutoMountRoot": (WORD, "0x1")}, "/s", below={GUID: REGISTRATION}), "AutoMountRoot"),
        (answer(registry.MACHINE_LXSS, {}, "/s", below={GUID: {"Flags": (WORD, "0x1")}}), "Flags"),
    ],
)
def test_what_the_web_advises_is_no_setting(machine: FolderMachine, told: dict[str, Any], name: str):
    verdict = check_here(machine, checks.registry_folklore, told)
    assert (verdict.status, verdict.summary) == ("info", f"{name} is set, which is not a WSL setting and does nothing")
    assert verdict.evidence[0].startswith("HKEY_")
    assert verdict.evidence[-1].startswith("source: ")
    assert verdict.remedies == ()


def test_keys_that_are_not_there_hold_no_folklore(machine: FolderMachine):
    missing = [answer(key, None, "/s") for key in (registry.LXSS_MANAGER, registry.WSL_SERVICE, registry.MACHINE_LXSS)]
    assert check_here(machine, checks.registry_folklore, *missing).status == "ok"


def test_flags_of_something_else_are_not_those_of_a_distribution(machine: FolderMachine):
    disk = {f"DiskMounts\\{GUID}": {"Flags": (WORD, "0x1")}}
    assert (
        check_here(machine, checks.registry_folklore, answer(registry.MACHINE_LXSS, {}, "/s", below=disk)).status
        == "ok"
    )


# DefaultEnvironment.


def test_wsls_own_environment_is_well(machine: FolderMachine):
    pairs = ("HOSTTYPE=x86_64", "LANG=en_US.UTF-8", f"PATH={environment_checks._BUILT_IN_PATH}", "TERM=xterm-256color")
    assert check_here(machine, environment_checks.default_environment, given(*pairs)).status == "ok"


@pytest.mark.parametrize("pair", ["GOROOT=C:\\Go", "GOROOT=/mnt/c/Go", "CGO_ENABLED=false", "GOPATH=C:\\go"])
def test_a_variable_that_does_not_fit_is_told(machine: FolderMachine, pair: str):
    name, _, value = pair.partition("=")
    verdict = check_here(machine, environment_checks.default_environment, given(pair), variables={name: value})
    assert verdict.status == "warn"
    assert verdict.evidence == (f"DefaultEnvironment: {pair}",)
    assert verdict.remedies[0].command == f"unset {name}"


def test_what_goshim_mends_is_only_told(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    machine.program(f"{HOME}/bin/go", LAUNCHER)
    variables = {"GOROOT": "C:\\Go", "PATH": f"{HOME}/bin:/usr/local/go/bin"}
    verdict = check_here(machine, environment_checks.default_environment, given("GOROOT=C:\\Go"), variables=variables)
    assert (verdict.status, verdict.summary) == ("info", "the registry gives GOROOT; goshim mends it at each call")


def test_what_a_start_file_has_changed_since_does_no_harm(machine: FolderMachine):
    assert check_here(machine, environment_checks.default_environment, given("GOROOT=C:\\Go")).status == "info"


def test_a_path_with_windows_in_front_is_told(machine: FolderMachine):
    path = "/mnt/c/Windows:/usr/bin:/bin"
    verdict = check_here(
        machine, environment_checks.default_environment, given(f"PATH={path}"), variables={"PATH": f"{path}:/x"}
    )
    assert (verdict.status, verdict.remedies) == ("warn", ())


def test_a_proxy_from_there_is_only_told_and_its_password_is_not(machine: FolderMachine):
    proxy = "http://me:geheim@proxy:8080"
    verdict = check_here(
        machine, environment_checks.default_environment, given(f"http_proxy={proxy}"), variables={"http_proxy": proxy}
    )
    assert verdict.status == "info"
    assert "geheim" not in str(verdict)


# Where PATH comes from.


def path_of(machine: FolderMachine, *entries: str, **told: Any) -> Verdict:
    return check_here(machine, path_checks.path_origin, variables={"PATH": ":".join(entries)}, **told)


def test_each_windows_entry_is_traced_to_its_place(machine: FolderMachine):
    verdict = path_of(
        machine,
        "/usr/bin",
        "/mnt/c/Windows/system32",
        "/mnt/c/Program Files/Go/bin",
        "/mnt/c/Users/me/AppData/Local/Microsoft/WindowsApps",
        "/mnt/d/t/bin",
        "/mnt/d/both/",
    )
    assert verdict.status == "ok"
    assert verdict.evidence == (
        "/mnt/c/Windows/system32: the machine's Path",
        "/mnt/c/Program Files/Go/bin: the machine's Path",
        "/mnt/c/Users/me/AppData/Local/Microsoft/WindowsApps: the user's Path",
        "/mnt/d/t/bin: the user's Path",
        "/mnt/d/both/: the machine's Path and the user's Path",
    )


def test_what_is_in_neither_came_with_the_terminal(machine: FolderMachine):
    verdict = path_of(machine, "/mnt/c/Users/me/VSCode/bin")
    assert verdict.status == "info"
    assert "the terminal or editor that started WSL has added them" in verdict.summary


def test_what_a_start_file_adds_is_traced_to_its_line(machine: FolderMachine):
    machine.write(f"{HOME}/.bashrc", "export PATH=$PATH:/mnt/c/mine/bin\n")
    assert path_of(machine, "/mnt/c/mine/bin").evidence == (f"/mnt/c/mine/bin: {HOME}/.bashrc:1",)


def test_a_variable_that_can_not_be_told_is_not_guessed(machine: FolderMachine):
    told = answer(registry.USER_ENVIRONMENT, {"Path": (EXPANDABLE, "%MYSTERY%\\bin")})
    verdict = check_here(machine, path_checks.path_origin, told, variables={"PATH": "/mnt/c/mystery/bin"})
    assert verdict.status == "info"
    assert verdict.summary.endswith("as far as these can be read")
    assert verdict.evidence[-1] == "the user's Path has %MYSTERY%\\bin, which can't be told from here"


def test_variables_that_name_each_other_end(machine: FolderMachine):
    told = answer(registry.USER_ENVIRONMENT, {"Path": (TEXT, "%A%\\x"), "A": (TEXT, "%B%"), "B": (TEXT, "%A%")})
    assert check_here(machine, path_checks.path_origin, told, variables={"PATH": "/mnt/c/x"}).status == "info"


def test_a_path_without_windows_entries_needs_no_registry(machine: FolderMachine):
    variables = make_interop(machine)
    look = look_at(machine, {**variables, "PATH": "/usr/bin"})
    assert judge(path_checks.path_origin, look).status == "ok"
    assert not any(kind == "command" for kind, _ in look.host.answers)
