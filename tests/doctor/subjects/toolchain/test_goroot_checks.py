"""Checks of GOROOT, the variable and the directory."""

from __future__ import annotations

import subprocess

import pytest

from goshim.base import resources
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Look
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.toolchain import facts as toolchains
from goshim.doctor.subjects.toolchain import goroot_checks as goroot
from tests.doctor.described import look_at
from tests.doctor.subjects.toolchain.test_checks import LOCAL_GO, PATH, says, with_distribution, with_launcher
from tests.machine import HOME, FolderMachine

ENV_FILE = f"{HOME}/.config/go/env"
OLD = "/usr/lib/go-1.19"


@pytest.fixture
def local(machine: FolderMachine) -> FolderMachine:
    """A machine with go1.27.3 in /usr/local/go, and Debian's 1.19 behind it."""
    machine.toolchain("/usr/local/go")
    with_distribution(machine)
    return machine


def judged(check, machine: FolderMachine, commands: dict[str, object] | None = None, **variables: str) -> Verdict:
    look = look_at(machine, {"PATH": PATH, **variables}, commands=says("go1.27.3") if commands is None else commands)
    return judge(check, look)


# goroot-mismatch


@pytest.mark.parametrize("variables", [{}, {"GOROOT": ""}, {"GOROOT": "/usr/local/go"}])
def test_no_goroot_or_the_right_one_is_well(local: FolderMachine, variables):
    assert judged(goroot.goroot_mismatch, local, **variables).status == "ok"


def test_a_patched_tree_of_the_same_version_is_well(local: FolderMachine):
    local.toolchain("/opt/go-patched")
    assert judged(goroot.goroot_mismatch, local, GOROOT="/opt/go-patched").status == "ok"


def test_a_builders_remark_in_version_is_no_other_version(local: FolderMachine):
    local.write("/usr/local/go/VERSION", "go1.27.3 (Red Hat 1.27.3-1.el10)\n")
    commands = {f"{LOCAL_GO} version": b"go version go1.27.3 (Red Hat 1.27.3-1.el10) linux/amd64\n"}
    assert judged(goroot.goroot_mismatch, local, commands, GOROOT="/usr/local/go").status == "ok"
    assert judged(goroot.toolchain_overlaid, local, commands).status == "ok"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (OLD, f"GOROOT={OLD}: of go1.19.8, and go is go1.27.3"),
        ("/nowhere", "GOROOT=/nowhere: no toolchain there (no pkg/tool)"),
        ("C:\\Program Files\\Go", "GOROOT=C:\\Program Files\\Go: a Windows path"),
        ("go", "GOROOT=go: a relative path, of which go can find nothing"),
        ("/usr/local/go\r", "GOROOT='/usr/local/go\\r': no toolchain there (no pkg/tool)"),
    ],
)
def test_a_goroot_that_go_cannot_work_with_is_told_with_its_fault(local: FolderMachine, value, words):
    verdict = judged(goroot.goroot_mismatch, local, GOROOT=value)
    assert (verdict.status, verdict.summary) == ("fail", words)
    assert verdict.evidence[-1] == f"{LOCAL_GO} is go1.27.3, its own root /usr/local/go"
    assert verdict.remedies[0].command == "unset GOROOT"


def test_the_line_that_sets_it_is_commented_out(local: FolderMachine):
    local.write(f"{HOME}/.bashrc", f'alias ll=ls\nexport GOROOT="{OLD}"\n')
    verdict = judged(goroot.goroot_mismatch, local, GOROOT=OLD)
    assert verdict.evidence[0] == f'{HOME}/.bashrc:2: export GOROOT="{OLD}"'
    (edit,) = verdict.remedies[0].edits
    assert (edit.line, edit.new) == (2, f': # export GOROOT="{OLD}"')


@pytest.mark.parametrize(
    "text",
    [
        f"export GOROOT={OLD} GOPATH=$HOME/go\n",
        f"if true; then export GOROOT={OLD}; fi\n",
    ],
)
def test_a_line_that_does_more_is_left_to_its_owner(local: FolderMachine, text):
    local.write(f"{HOME}/.bashrc", text)
    remedy = judged(goroot.goroot_mismatch, local, GOROOT=OLD).remedies[0]
    assert remedy.edits == ()
    assert f"{HOME}/.bashrc:1" in remedy.text


def test_a_goroot_that_windows_brings_is_told_as_such(local: FolderMachine):
    local.become_wsl()
    verdict = judged(goroot.goroot_mismatch, local, GOROOT="C:\\Program Files\\Go", WSLENV="GOROOT:USERPROFILE/p")
    assert verdict.status == "fail"
    assert verdict.evidence[0] == "WSLENV, entry GOROOT"
    assert "WSLENV" in verdict.remedies[1].text


@pytest.mark.parametrize(("tools", "status"), [("linux_amd64", "warn"), ("windows_amd64", "fail")])
def test_a_linux_toolchain_on_a_windows_drive_is_slow_and_a_windows_one_of_no_use(local, tools, status):
    local.become_wsl()
    local.toolchain("/mnt/c/Go")
    local.directory(f"/mnt/c/Go/pkg/tool/{tools}")
    assert judged(goroot.goroot_mismatch, local, GOROOT="/mnt/c/Go").status == status


def test_a_goroot_that_goshim_unsets_is_no_problem(local: FolderMachine):
    verdict = judged(goroot.goroot_mismatch, local, GOROOT=OLD, PATH=with_launcher(local))
    assert verdict.status == "info"
    assert "goshim unsets it at each call" in verdict.summary


def test_behind_a_shim_a_version_is_not_compared(local: FolderMachine):
    local.program("/opt/shims/go", b"#!/bin/sh\n")
    assert judged(goroot.goroot_mismatch, local, GOROOT=OLD, PATH="/opt/shims").status == "ok"
    assert judged(goroot.goroot_mismatch, local, GOROOT="/nowhere", PATH="/opt/shims").status == "warn"


def test_without_a_go_a_goroot_is_not_judged(machine: FolderMachine):
    assert judged(goroot.goroot_mismatch, machine, GOROOT="/nowhere").status == "skip"


# goroot-symlink-to-windows


def test_a_goroot_on_linux_is_well(local: FolderMachine):
    local.become_wsl()
    verdict = judged(goroot.goroot_symlink_to_windows, local)
    assert verdict.status == "ok"
    assert "AutoMountRoot is no setting of WSL" in verdict.evidence[0]


def test_without_any_go_no_goroot_leads_anywhere(machine: FolderMachine):
    machine.become_wsl()
    assert judged(goroot.goroot_symlink_to_windows, machine).status == "ok"


def test_outside_wsl_there_is_no_windows_to_lead_to(local: FolderMachine):
    assert judged(goroot.goroot_symlink_to_windows, local).status == "skip"


def test_a_link_to_a_windows_go_that_is_not_run_is_worth_knowing(machine: FolderMachine):
    machine.become_wsl()
    with_distribution(machine)
    machine.program("/mnt/c/tools/go/bin/go.exe")
    machine.link("/usr/local/go", "/mnt/c/tools/go")
    verdict = judged(goroot.goroot_symlink_to_windows, machine)
    assert verdict.status == "info"
    assert verdict.evidence == ("/usr/local/go leads to /mnt/c/tools/go",)
    assert verdict.remedies[0].command == "sudo unlink /usr/local/go"


def test_a_go_that_is_run_from_a_windows_drive_is_a_problem_that_the_remedy_mends(machine: FolderMachine):
    machine.become_wsl()
    machine.toolchain("/mnt/c/tools/go")
    machine.link("/usr/local/go", "/mnt/c/tools/go")
    verdict = judged(goroot.goroot_symlink_to_windows, machine)
    assert verdict.status == "warn"
    assert verdict.evidence[0] == "/usr/local/go leads to /mnt/c/tools/go"
    machine.at("/usr/local/go").unlink()
    assert judged(goroot.goroot_symlink_to_windows, machine).status == "ok"


# goroot-persisted


@pytest.mark.parametrize("text", [None, "", "GOPROXY=direct\n", "GOROOT=\n", "# GOROOT=/x\n", " GOROOT=/x\n"])
def test_a_go_env_file_without_goroot_is_well(local: FolderMachine, text):
    if text is not None:
        local.write(ENV_FILE, text)
    assert judged(goroot.goroot_persisted, local).status == "ok"


def test_a_wrong_goroot_in_the_go_env_file_is_taken_out_line_by_line(local: FolderMachine):
    local.write(ENV_FILE, f"GOROOT=/gone\nGOPROXY=direct\nGOROOT={OLD}\n")
    verdict = judged(goroot.goroot_persisted, local)
    assert verdict.status == "fail"
    assert verdict.summary.endswith(f"GOROOT={OLD}: of go1.19.8, and go is go1.27.3")
    assert verdict.remedies[0].command == f"sed -i '/^GOROOT=/d' {ENV_FILE}"
    assert [(edit.line, edit.old, edit.new) for edit in verdict.remedies[0].edits] == [
        (1, "GOROOT=/gone", None),
        (3, f"GOROOT={OLD}", None),
    ]


def test_a_go_env_file_that_is_a_link_stays_one(local: FolderMachine):
    local.write("/home/me/dotfiles/go-env", "GOROOT=/gone\nGOPROXY=direct\n")
    local.link(ENV_FILE, "/home/me/dotfiles/go-env")
    command = judged(goroot.goroot_persisted, local).remedies[0].command
    subprocess.run(["sh", "-c", command.replace("/home/me", str(local.at("/home/me")))], check=True)
    assert local.at(ENV_FILE).is_symlink()
    assert local.at("/home/me/dotfiles/go-env").read_text() == "GOPROXY=direct\n"


def test_a_right_goroot_in_the_go_env_file_is_worth_knowing(local: FolderMachine):
    local.write(ENV_FILE, "GOROOT=/usr/local/go\n")
    assert judged(goroot.goroot_persisted, local).status == "info"


def test_without_a_go_env_file_nothing_is_kept_in_it(local: FolderMachine):
    assert judged(goroot.goroot_persisted, local, GOENV="off").status == "skip"


def test_a_go_env_file_that_cannot_be_read_is_not_taken_for_an_empty_one(local: FolderMachine):
    local.directory(ENV_FILE)
    assert judged(goroot.goroot_persisted, local).status == "skip"


# toolchain-overlaid

ROWS = resources.load_rows("goroot-files.toml", "file")


def has(row: dict[str, str], release: int) -> bool:
    return int(row.get("since", 0)) <= release <= int(row.get("until", 99))


def unpack(machine: FolderMachine, release: int, *, goroot: str = "/usr/local/go") -> dict[str, object]:
    """A release, unpacked over whatever is there: those of its files that only some releases have."""
    machine.toolchain(goroot, f"go1.{release}.1")
    for row in ROWS:
        if has(row, release):
            machine.write(f"{goroot}/{row['path']}", "")
    return says(f"go1.{release}.1", f"{goroot}/bin/go")


@pytest.mark.parametrize("release", range(19, 29))
def test_no_release_by_itself_is_taken_for_two(machine: FolderMachine, release):
    commands = unpack(machine, release)
    verdict = judged(goroot.toolchain_overlaid, machine, commands)
    assert (verdict.status, verdict.summary) == ("ok", f"/usr/local/go is go1.{release}.1 and nothing else")


@pytest.mark.parametrize(("below", "above"), [(low, low + 1) for low in range(20, 27)] + [(19, 28), (26, 21)])
@pytest.mark.parametrize("is_downgrade", [False, True])
def test_any_two_releases_over_each_other_are_found_out(machine: FolderMachine, below, above, is_downgrade):
    first, last = (above, below) if is_downgrade else (below, above)
    unpack(machine, first)
    verdict = judged(goroot.toolchain_overlaid, machine, unpack(machine, last))
    assert verdict.status == "fail"
    assert f"go1.{last}.1.linux-amd64.tar.gz" in verdict.remedies[0].command
    assert verdict.remedies[0].where == "sudo"


def test_two_patch_releases_over_each_other_are_harmless(machine: FolderMachine):
    commands = unpack(machine, 27)
    machine.toolchain("/usr/local/go", "go1.27.9")
    assert judged(goroot.toolchain_overlaid, machine, commands | says("go1.27.9")).status == "ok"


def test_one_file_alone_may_be_somebodys_own(machine: FolderMachine):
    commands = unpack(machine, 27)
    machine.write("/usr/local/go/src/internal/itoa/itoa.go", "")
    assert judged(goroot.toolchain_overlaid, machine, commands).status == "ok"


def test_a_binary_that_contradicts_version_is_of_another_release(local: FolderMachine):
    verdict = judged(goroot.toolchain_overlaid, local, says("go1.26.1"))
    assert verdict.status == "fail"
    assert verdict.evidence == ("/usr/local/go/bin/go is go1.26.1, /usr/local/go/VERSION says go1.27.3",)


def test_in_ones_own_home_no_root_is_needed(machine: FolderMachine):
    root = f"{HOME}/my go"
    unpack(machine, 20, goroot=root)
    commands = unpack(machine, 24, goroot=root)
    (remedy,) = judged(goroot.toolchain_overlaid, machine, commands, PATH=f"{root}/bin").remedies
    assert remedy.where == "shell"
    assert "sudo" not in remedy.command
    assert f"mv '{root}' '{root}.mixed'" in remedy.command


@pytest.mark.parametrize("version", ["devel go1.28-abcdef", ""])
def test_a_development_tree_is_not_judged(machine: FolderMachine, version):
    machine.toolchain("/usr/local/go", version)
    assert judged(goroot.toolchain_overlaid, machine, says("devel go1.28-abcdef")).status == "skip"


def test_a_go_that_does_not_answer_is_not_judged(local: FolderMachine):
    assert judged(goroot.toolchain_overlaid, local, {f"{LOCAL_GO} version": "no answer within 5 s"}).status == "skip"


def test_no_toolchain_of_this_machine_is_taken_for_two():
    look = Look(DoctorHost({"PATH": "/usr/bin:/bin"}, "/"))
    there = [each for each in look(toolchains.installed) if each.goroot and each.version]
    if not there:
        pytest.skip("no toolchain on this machine")
    for each in there:
        look = Look(DoctorHost({"PATH": "/usr/bin:/bin", "GOSHIM_TOOLCHAIN__GO": each.go}, "/"))
        assert judge(goroot.toolchain_overlaid, look).status == "ok"


def test_each_row_of_the_files_is_of_some_releases_only_and_names_its_source():
    for row in ROWS:
        assert set(row) <= {"path", "since", "until", "source"}
        assert row["path"].startswith("src/")
        assert row["source"]
        assert ("since" in row) != ("until" in row)
