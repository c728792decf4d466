"""Checks of the clock, of file times, and of SOURCE_DATE_EPOCH."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.check import Check
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Options
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.clock import checks as clock
from goshim.facts.host import UnreadableError
from tests.doctor.described import NOW_NS, look_at, make_interop
from tests.machine import HOME, LAUNCHER, WSL1_RELEASE, FolderMachine

NONE_AHEAD = {"count": 0, "latest": []}
TIMESYNCD = {"name": "systemd-timesyncd", "process": 80, "unit": "systemd-timesyncd.service"}
CHRONYD = {"name": "chronyd", "process": 90, "unit": "chrony.service"}
NTPD = {"name": "ntpd", "process": 95, "unit": ""}


def drift(machine: FolderMachine, behind_s: float, took_s: float = 0.02, **probes: Any) -> Verdict:
    """The verdict where Windows answers so."""
    answer_ms = round((NOW_NS / 1e9 + took_s / 2 + behind_s) * 1000)
    sample = [NOW_NS, round(took_s * 1e9), answer_ms]
    probes = {"clock.windows": [sample], "clock.daemons": [], **probes}
    return judge(clock.clock_drift, look_at(machine, make_interop(machine), probes=probes))


@pytest.mark.parametrize(
    ("behind_s", "took_s", "status"),
    [
        (0, 0.02, "ok"),
        (0.9, 0.02, "ok"),
        (-2.9, 4.0, "ok"),
        (3, 0.02, "info"),
        (-3, 0.02, "info"),
        (5.9, 2, "info"),
        (61, 0.02, "warn"),
        (-61, 0.02, "warn"),
        (86400, 0.02, "fail"),
    ],
)
def test_a_drift_is_judged_by_what_of_it_is_certain(
    machine: FolderMachine, behind_s: float, took_s: float, status: str
):
    assert drift(machine, behind_s, took_s).status == status


def test_a_clock_that_is_behind_is_told_with_its_error_and_what_mends_it(machine: FolderMachine):
    verdict = drift(machine, 7200)
    assert verdict.summary == "this clock is 2 hours behind Windows'"
    assert verdict.evidence[0] == "measured: +7200.000 s, exact to 0.026 s"
    assert [each.command for each in verdict.remedies] == [
        "wsl.exe --shutdown",
        "wsl.exe --update",
        "w32tm.exe /resync",
    ]


def test_a_kernel_that_follows_windows_needs_no_update_and_a_rival_is_named(machine: FolderMachine):
    machine.write("/sys/module/hv_utils/parameters/timesync_implicit", "Y\n")
    verdict = drift(machine, -30, **{"clock.daemons": [CHRONYD]})
    assert verdict.summary == "this clock is 30.0 s ahead of Windows'"
    assert verdict.evidence[1:] == ("chronyd runs, process 90, by chrony.service: see time-daemon-conflict",)
    assert "wsl.exe --update" not in [each.command for each in verdict.remedies]


def test_a_rival_that_can_not_be_looked_for_hides_no_drift(machine: FolderMachine):
    assert drift(machine, 30, **{"clock.daemons": UnreadableError("hidden")}).status == "warn"


def test_wsl1_has_windows_clock_and_other_machines_none_of_it(machine: FolderMachine):
    assert judge(clock.clock_drift, look_at(machine)).summary == "this is not WSL"
    machine.become_wsl(release=WSL1_RELEASE)
    assert judge(clock.clock_drift, look_at(machine)).status == "ok"


@pytest.mark.parametrize(
    ("options", "probe", "reason"),
    [
        (Options(windows=False), [], "Windows is not asked"),
        (None, UnreadableError("powershell.exe told no time within 4.5 s"), "powershell.exe told no time within 4.5 s"),
    ],
)
def test_without_an_answer_of_windows_nothing_is_said(
    machine: FolderMachine, options: Options | None, probe: Any, reason: str
):
    look = look_at(machine, make_interop(machine), options=options, probes={"clock.windows": probe})
    verdict = judge(clock.clock_drift, look)
    assert verdict.status == "skip"
    assert reason in verdict.summary


def daemon_conflict(machine: FolderMachine, *found: dict[str, Any], kept: Any = True) -> Verdict:
    """The verdict where these daemons run."""
    return judge(
        clock.time_daemon_conflict, look_at(machine, probes={"clock.daemons": list(found), "clock.kept": kept})
    )


def test_wsl2_is_well_without_a_time_daemon(machine: FolderMachine):
    machine.become_wsl()
    assert daemon_conflict(machine).status == "ok"


def test_each_time_daemon_in_wsl2_is_told_with_the_command_that_ends_it(machine: FolderMachine):
    machine.become_wsl()
    machine.write("/etc/systemd/system/systemd-timesyncd.service.d/wsl.conf", "[Unit]\n")
    verdict = daemon_conflict(machine, TIMESYNCD, NTPD)
    assert verdict.status == "warn"
    assert verdict.summary == "ntpd and systemd-timesyncd run here, and the clock comes from Windows already"
    assert verdict.evidence == (
        "systemd-timesyncd runs, process 80, by systemd-timesyncd.service",
        "ntpd runs, process 95",
        "its unit is changed by /etc/systemd/system/systemd-timesyncd.service.d/wsl.conf",
    )
    assert [each.command for each in verdict.remedies] == [
        "sudo systemctl disable --now systemd-timesyncd.service",
        "sudo kill 95",
    ]


def test_elsewhere_one_time_daemon_is_right_and_two_are_not(machine: FolderMachine):
    assert daemon_conflict(machine, CHRONYD, CHRONYD).status == "ok"
    verdict = daemon_conflict(machine, CHRONYD, CHRONYD, TIMESYNCD)
    assert verdict.status == "warn"
    assert [each.command for each in verdict.remedies] == ["sudo systemctl disable --now systemd-timesyncd.service"]


def test_elsewhere_no_time_daemon_is_worth_a_word_only_if_nobody_keeps_the_clock(machine: FolderMachine):
    assert daemon_conflict(machine).status == "ok"
    assert daemon_conflict(machine, kept=False).status == "info"


def test_a_daemon_in_wsl1_has_no_clock_to_set(machine: FolderMachine):
    machine.become_wsl(release=WSL1_RELEASE)
    assert daemon_conflict(machine, CHRONYD).status == "ok"


@pytest.mark.parametrize(
    ("check", "probe"), [(clock.time_daemon_conflict, "clock.daemons"), (clock.clock_future_files, "clock.ahead")]
)
def test_what_can_not_be_looked_at_is_skipped_with_its_reason(machine: FolderMachine, check: Check, probe: str):
    verdict = judge(check, look_at(machine, probes={probe: UnreadableError("permission denied")}))
    assert (verdict.status, verdict.summary) == ("skip", "permission denied")


def future_files(machine: FolderMachine, variables: dict[str, str] | None = None, **ahead: Any) -> Verdict:
    probes = {"clock.ahead": NONE_AHEAD, **{f"clock.ahead {path}": found for path, found in ahead.items()}}
    return judge(clock.clock_future_files, look_at(machine, variables, probes=probes))


def test_nothing_in_the_future_is_well(machine: FolderMachine):
    machine.write(f"{HOME}/.cache/go-build/testexpire.txt", f"{NOW_NS - 10**9}\n")
    assert future_files(machine).status == "ok"


def test_files_in_the_future_are_listed_by_place(machine: FolderMachine):
    machine.write(f"{HOME}/project/go.mod", "module x\n")
    latest = [["a.go", 7200], ["b.go", 90]]
    verdict = future_files(machine, **{f"{HOME}/project": {"count": 5, "latest": latest}})
    assert (verdict.status, verdict.summary) == ("info", "5 files lie in the future")
    assert verdict.evidence == (f"project, {HOME}/project: a.go by 2 hours, b.go by 90.0 s and 3 more",)


def test_an_expiry_of_test_results_in_the_future_is_told_with_what_ends_it(machine: FolderMachine):
    path = f"{HOME}/.cache/go-build/testexpire.txt"
    machine.write(path, f"{NOW_NS + 3 * 3600 * 10**9}\n")
    verdict = future_files(machine)
    assert verdict.status == "warn"
    assert verdict.evidence == (f"{path} is 3 hours ahead",)
    assert verdict.remedies[0].command == f"rm -- {path} && go clean -testcache"


def test_a_toolchain_from_the_future_proves_that_the_clock_is_behind(machine: FolderMachine):
    go = machine.toolchain("/usr/local/go")
    path = {"PATH": go.removesuffix("/go")}
    assert future_files(machine, path).status == "ok"
    machine.write("/usr/local/go/VERSION", "go1.28\ntime 2026-12-18T15:06:40Z\n")
    verdict = future_files(machine, path)
    assert verdict.status == "warn"
    assert verdict.summary == "this clock is at least 30 days behind: its own Go toolchain is newer than it"
    assert verdict.remedies[0].command == "sudo timedatectl set-ntp true"
    machine.become_wsl()
    assert future_files(machine, path).remedies[0].command == "wsl.exe --shutdown"


@pytest.mark.parametrize("value", [None, "0", "1795000000", "253402300799"])
def test_an_epoch_that_is_unset_or_valid_is_well(machine: FolderMachine, value: str | None):
    variables = {} if value is None else {"SOURCE_DATE_EPOCH": value}
    assert judge(clock.epoch_valid, look_at(machine, variables)).status == "ok"


@pytest.mark.parametrize("value", ["", "now", "-5", "1 ", "1.5", "0x10", "253402300800", "\u0661"])
def test_an_epoch_that_gcc_refuses_is_told(machine: FolderMachine, value: str):
    verdict = judge(clock.epoch_valid, look_at(machine, {"SOURCE_DATE_EPOCH": value}))
    assert verdict.status == "warn"
    assert verdict.remedies[0].command == "unset SOURCE_DATE_EPOCH"
    assert judge(clock.epoch_effect, look_at(machine, {"SOURCE_DATE_EPOCH": value})).status == "skip"


def test_a_line_that_sets_nothing_but_the_bad_value_can_be_commented_out(machine: FolderMachine):
    machine.write(f"{HOME}/.profile", 'export SOURCE_DATE_EPOCH="now"\nexport SOURCE_DATE_EPOCH=now; echo\n')
    verdict = judge(clock.epoch_valid, look_at(machine, {"SOURCE_DATE_EPOCH": "now"}))
    (edit,) = verdict.remedies[1].edits
    assert (edit.line, edit.new) == (1, ': # export SOURCE_DATE_EPOCH="now"')
    assert verdict.evidence[1:] == (f"set in {HOME}/.profile:1", f"set in {HOME}/.profile:2")


def with_launcher(machine: FolderMachine) -> dict[str, str]:
    machine.toolchain("/usr/local/go")
    machine.program(f"{HOME}/bin/go", LAUNCHER)
    return {"PATH": f"{HOME}/bin:/usr/local/go/bin"}


def test_an_epoch_that_the_launcher_drops_is_only_worth_knowing(machine: FolderMachine):
    variables = {**with_launcher(machine), "SOURCE_DATE_EPOCH": ""}
    verdict = judge(clock.epoch_valid, look_at(machine, variables))
    assert verdict.status == "info"
    assert "goshim mends it at each call" in verdict.summary
    assert judge(clock.epoch_effect, look_at(machine, variables)).status == "ok"


def test_what_an_epoch_does_is_told_where_it_is_set(machine: FolderMachine):
    assert judge(clock.epoch_effect, look_at(machine)).status == "ok"
    verdict = judge(clock.epoch_effect, look_at(machine, {"SOURCE_DATE_EPOCH": "86400"}))
    assert verdict.status == "info"
    assert verdict.evidence == ("SOURCE_DATE_EPOCH=86400, 1970-01-02 00:00:00 UTC",)
    assert verdict.remedies[0].command == "go clean -cache"


def test_an_epoch_that_goshim_sets_has_the_same_effect(machine: FolderMachine):
    variables = with_launcher(machine)
    machine.write(f"{HOME}/.config/goshim/config.toml", "[epoch]\nsource = 0\n")
    verdict = judge(clock.epoch_effect, look_at(machine, variables))
    assert verdict.evidence == (
        "SOURCE_DATE_EPOCH=0, 1970-01-01 00:00:00 UTC",
        "set by goshim's launcher: epoch.source",
    )


def test_the_latest_epoch_has_a_date(machine: FolderMachine):
    verdict = judge(clock.epoch_effect, look_at(machine, {"SOURCE_DATE_EPOCH": "253402300799"}))
    assert verdict.evidence[0].endswith(", 9999-12-31 23:59:59 UTC")
