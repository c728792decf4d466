"""Checks of WSL itself."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.check import Check
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Options
from goshim.doctor.machine import registry
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.wsl import checks as wsl
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import TEXT, answer, asked, lxss
from tests.machine import EXT4, LINUX_RELEASE, WSL1_RELEASE, WSL2_RELEASE, FolderMachine, drive

HANDLER = "/proc/sys/fs/binfmt_misc/WSLInterop"
ON_DRIVE = "/mnt/c/src/app"


def check_here(machine: FolderMachine, check: Check, *, directory: str = "/home/me/project", **told: Any) -> Verdict:
    variables = {**make_interop(machine), **told.pop("variables", {})}
    if mounts := told.pop("mounts", ""):
        machine.write("/proc/self/mountinfo", mounts)
    return judge(check, look_at(machine, variables, directory, **told))


# What kind.


def with_wslinfo(machine: FolderMachine, mode: bytes = b"nat") -> dict[str, Any]:
    machine.program("/bin/wslinfo")
    return {"/bin/wslinfo --version -n": b"2.6.1.0", "/bin/wslinfo --networking-mode -n": mode}


@pytest.mark.parametrize("mode", ["nat", "mirrored"])
def test_wsl2_is_told_with_its_version_and_its_network(machine: FolderMachine, mode: str):
    verdict = check_here(machine, wsl.wsl_kind, commands=with_wslinfo(machine, mode.encode()))
    assert (verdict.status, verdict.summary) == ("ok", "WSL2")
    assert verdict.evidence == (
        f"kernel {WSL2_RELEASE}",
        "distribution Debian",
        "WSL 2.6.1.0",
        f"network {mode}",
    )


def test_an_older_wsl2_is_no_fault(machine: FolderMachine):
    verdict = check_here(machine, wsl.wsl_kind)
    assert verdict.status == "ok"
    assert verdict.evidence == (f"kernel {WSL2_RELEASE}", "distribution Debian")


def test_wsl1_is_told_with_what_it_means(machine: FolderMachine):
    machine.become_wsl(release=WSL1_RELEASE)
    verdict = judge(wsl.wsl_kind, look_at(machine, {"WSL_DISTRO_NAME": "Debian"}))
    assert verdict.status == "info"
    assert "scanners hold open" in verdict.summary
    assert verdict.remedies[0].command == "wsl.exe --set-version Debian 2"


def test_a_container_on_wsl2_is_not_wsl(machine: FolderMachine):
    machine.write("/proc/sys/kernel/osrelease", WSL2_RELEASE)
    machine.write("/.dockerenv", "")
    verdict = judge(wsl.wsl_kind, look_at(machine))
    assert verdict.status == "info"
    assert "not WSL" in verdict.summary


def test_a_kernel_of_ones_own_is_told(machine: FolderMachine):
    machine.become_wsl(release="6.12.0-mine")
    machine.directory("/mnt/wsl")
    verdict = judge(wsl.wsl_kind, look_at(machine))
    assert (verdict.status, verdict.summary) == ("info", "WSL2, with a kernel of one's own")
    profile = answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (TEXT, "C:\\Users\\me")}, "/v", "USERPROFILE")
    machine.write("/mnt/c/Users/me/.wslconfig", "[wsl2]\nkernel = C:\\\\k\n")
    verdict = check_here(machine, wsl.wsl_kind, commands={**lxss(), **profile})
    assert (verdict.status, verdict.evidence[-1]) == ("info", "wsl2.kernel = C:\\k")


@pytest.mark.parametrize(
    "check", [wsl.wsl_kind, wsl.automount_metadata, wsl.interop, wsl.virtiofs], ids=lambda check: check.id
)
def test_plain_linux_is_not_wsl(machine: FolderMachine, check: Check):
    machine.write("/proc/sys/kernel/osrelease", LINUX_RELEASE)
    verdict = judge(check, look_at(machine))
    assert verdict.status == "skip"
    assert verdict.summary.startswith("this is not WSL")


# Drives.


def c_with(options: str) -> str:
    return f"{EXT4}\n{drive('c').replace('gid=1000;', f'gid=1000;{options};')}\n"


def test_drives_that_go_does_not_work_on_are_nobodys_business(machine: FolderMachine):
    assert check_here(machine, wsl.automount_metadata).status == "ok"


def test_a_project_on_a_drive_without_metadata_is_told(machine: FolderMachine):
    verdict = check_here(machine, wsl.automount_metadata, directory=ON_DRIVE)
    assert verdict.status == "info"
    assert verdict.evidence == (f"the project is {ON_DRIVE}: no metadata, permissions are not kept",)
    assert verdict.remedies[0].command == (
        "printf '\\n[automount]\\noptions = \"metadata\"\\n' | sudo tee -a /etc/wsl.conf"
    )
    assert verdict.remedies[1].command == "wsl.exe --terminate Debian"


def test_a_cache_on_a_drive_counts_too(machine: FolderMachine):
    verdict = check_here(machine, wsl.automount_metadata, variables={"GOMODCACHE": "/mnt/c/mod"})
    assert verdict.summary == "the module cache is on a Windows drive that keeps no Linux permissions"


def test_masks_are_octal_and_taken_away(machine: FolderMachine):
    verdict = check_here(
        machine, wsl.automount_metadata, directory=ON_DRIVE, mounts=c_with("metadata;umask=22;fmask=11")
    )
    assert verdict.status == "ok"
    assert verdict.evidence[0].endswith(
        "permissions are kept; umask=22,fmask=11 gives files without a stored mode 0744, directories 0755"
    )


def test_wsl1_shows_its_options_in_another_place(machine: FolderMachine):
    machine.become_wsl(
        f"{EXT4}\n481 23 0:153 / /mnt/c rw,noatime - drvfs C:\\134 rw,uid=1000,umask=22,metadata,case=off\n",
        WSL1_RELEASE,
    )
    verdict = judge(wsl.automount_metadata, look_at(machine, {}, ON_DRIVE))
    assert verdict.status == "ok"
    assert verdict.evidence[0].endswith("umask=22 gives files without a stored mode 0755, directories 0755")


@pytest.mark.parametrize(
    ("conf", "remedies"),
    [
        ("[automount]\noptions = umask=22\n", ["in /etc/wsl.conf:2, add metadata to the options", "then restart"]),
        ("[automount]\noptions = metadata,umask=22\n", ["then restart"]),
    ],
)
def test_the_remedy_fits_what_wsl_conf_has(machine: FolderMachine, conf: str, remedies: list[str]):
    machine.write("/etc/wsl.conf", conf)
    verdict = check_here(machine, wsl.automount_metadata, directory=ON_DRIVE)
    assert [
        text for remedy, text in zip(verdict.remedies, remedies, strict=True) if remedy.text.startswith(text)
    ] == remedies


VIRTIOFS = f"{EXT4}\n12 34 0:60 / /mnt/c rw,noatime - virtiofs drvfsC0 rw\n"


def test_what_virtiofs_does_not_show_is_not_guessed(machine: FolderMachine):
    verdict = check_here(machine, wsl.automount_metadata, directory=ON_DRIVE, mounts=VIRTIOFS)
    assert verdict.status == "info"
    assert "does not show" in verdict.summary
    assert verdict.remedies == ()


def test_drives_by_virtiofs_are_told(machine: FolderMachine):
    verdict = check_here(machine, wsl.virtiofs, mounts=VIRTIOFS)
    assert (verdict.status, verdict.evidence) == ("info", ("/mnt/c: virtiofs, drvfsC0",))
    verdict = check_here(machine, wsl.virtiofs, mounts=f"{EXT4}\n{drive('c')}\n")
    assert (verdict.status, verdict.evidence) == ("ok", ("/mnt/c: 9p, C:\\",))


# Windows programs.


def test_windows_programs_that_can_be_run_are_well(machine: FolderMachine):
    machine.program("/mnt/c/Windows/System32/reg.exe")
    assert check_here(machine, wsl.interop, commands=lxss()).status == "ok"
    assert check_here(machine, wsl.interop, options=Options(windows=False)).status == "ok"


def test_the_other_name_of_the_handler_is_as_good(machine: FolderMachine):
    machine.write(f"{HANDLER}-late", "enabled\n")
    variables = make_interop(machine)
    machine.at(HANDLER).unlink()
    assert judge(wsl.interop, look_at(machine, variables)).status == "ok"


def test_a_windows_program_that_is_slow_is_told_and_no_alarm(machine: FolderMachine):
    machine.program("/mnt/c/Windows/System32/reg.exe")
    silent = {asked(registry.LXSS, "/s"): "no answer within 4.5 s"}
    verdict = check_here(machine, wsl.interop, commands=silent)
    assert verdict.status == "info"
    assert "the registry can't be read: reg.exe: no answer within 4.5 s" in verdict.evidence


def test_a_windows_program_that_is_refused_is_told(machine: FolderMachine):
    machine.program("/mnt/c/Windows/System32/reg.exe")
    refused = {asked(registry.LXSS, "/s"): "exec format error"}
    verdict = check_here(machine, wsl.interop, commands=refused)
    assert (verdict.status, verdict.summary) == ("warn", "Windows programs can't be run: exec format error")


def without_handler(machine: FolderMachine, **variables: str) -> Verdict:
    variables = {**make_interop(machine), **variables}
    machine.at(HANDLER).unlink()
    return judge(wsl.interop, look_at(machine, variables))


def test_a_handler_that_is_gone_is_registered_again(machine: FolderMachine):
    verdict = without_handler(machine)
    assert verdict.status == "warn"
    assert verdict.remedies[0].command == (
        "echo :WSLInterop:M::MZ::/init:PF | sudo tee /proc/sys/fs/binfmt_misc/register"
    )


def test_interop_that_wsl_conf_turns_off_is_as_wanted(machine: FolderMachine):
    machine.write("/etc/wsl.conf", "[interop]\nenabled = false\n")
    assert without_handler(machine).status == "info"


def test_a_disabled_handler_is_enabled(machine: FolderMachine):
    variables = make_interop(machine)
    machine.write(HANDLER, "disabled\n")
    verdict = judge(wsl.interop, look_at(machine, variables))
    assert (verdict.status, verdict.remedies[0].command) == ("warn", f"echo 1 | sudo tee {HANDLER}")


def test_under_sudo_and_cron_windows_is_not_missed(machine: FolderMachine):
    make_interop(machine)
    machine.at("/run/WSL/8_interop").unlink()
    assert judge(wsl.interop, look_at(machine)).status == "info"


def test_a_stale_socket_is_told_and_a_living_one_named(machine: FolderMachine):
    make_interop(machine)
    machine.write("/run/WSL/12_interop", b"")
    stale = {"WSL_INTEROP": "/run/WSL/7_interop"}
    verdict = judge(wsl.interop, look_at(machine, stale))
    assert (verdict.status, verdict.remedies[0].command) == ("warn", "export WSL_INTEROP=/run/WSL/12_interop")
    machine.write("/run/WSL/1_interop", b"")
    verdict = judge(wsl.interop, look_at(machine, stale))
    assert (verdict.status, verdict.remedies[0].command) == ("info", "export WSL_INTEROP=/run/WSL/1_interop")
