"""What is made of the clocks' answers."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.look import UnknownError
from goshim.doctor.subjects.clock import facts as clock
from tests.doctor.described import NOW_NS, look_at, make_interop
from tests.machine import HOME, FolderMachine

POWERSHELL = "/mnt/c/Windows/System32/WindowsPowerShell/v1.0/powershell.exe"


def test_the_sample_that_took_the_least_time_counts_and_half_of_it_is_the_error(machine: FolderMachine):
    quick = [NOW_NS, 20_000_000, NOW_NS // 10**6 + 7010]
    slow = [NOW_NS, 3_000_000_000, NOW_NS // 10**6]
    variables = make_interop(machine)
    look = look_at(machine, variables, probes={f"clock.windows {POWERSHELL}": [slow, quick, slow]})
    found = look(clock.drift)
    assert found.behind_s == pytest.approx(7, abs=1e-3)
    assert found.error_s == pytest.approx(0.026)
    assert found.certain_s == pytest.approx(6.974, abs=1e-3)


def test_a_difference_smaller_than_its_error_is_none():
    assert clock.Drift(-1.5, 1.6).certain_s == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1795000000000000000\n", NOW_NS), ("1795000000000000000", 0), ("", 0), ("soon\n", 0), ("-5\n", 0)],
)
def test_the_expiry_of_test_results_is_read_as_go_reads_it(machine: FolderMachine, text: str, expected: int):
    machine.write(f"{HOME}/.cache/go-build/testexpire.txt", text)
    assert look_at(machine)(clock.expiry_ns) == expected


@pytest.mark.parametrize(
    ("version", "expected_s"),
    [
        ("go1.27.3\ntime 2026-11-05T22:28:54Z\n", 1793917734),
        ("go1.19.8\n", 0),
        ("go1.27.3\ntime soon\n", 0),
    ],
)
def test_a_toolchain_tells_when_it_was_made(machine: FolderMachine, version: str, expected_s: int):
    go = machine.toolchain("/usr/local/go")
    machine.write("/usr/local/go/VERSION", version)
    look = look_at(machine, {"PATH": go.removesuffix("/go")})
    assert look(clock.toolchain_made_ns) == expected_s * 10**9


def test_project_and_caches_are_looked_at_for_what_lies_in_the_future(machine: FolderMachine):
    machine.write(f"{HOME}/project/go.mod", "module x\n")
    look = look_at(machine, probes={"clock.ahead": {"count": 0, "latest": []}})
    assert [(each.what, each.directory) for each in look(clock.ahead)] == [
        ("project", f"{HOME}/project"),
        ("project", f"{HOME}/project/testdata"),
        ("module cache", f"{HOME}/go/pkg/mod/cache/download"),
        ("build cache", f"{HOME}/.cache/go-build"),
    ]


def test_without_a_project_and_a_home_there_is_nothing_to_look_at(machine: FolderMachine):
    with pytest.raises(UnknownError, match="neither a module nor a cache"):
        look_at(machine, {"HOME": ""})(clock.ahead)


def test_a_changed_unit_of_timesyncd_is_found(machine: FolderMachine):
    override = "/etc/systemd/system/systemd-timesyncd.service.d/wsl.conf"
    machine.write(override, "[Unit]\nConditionVirtualization=\n")
    assert look_at(machine)(clock.timesyncd_overrides) == (override,)


def test_the_epoch_is_what_the_launcher_makes_of_it(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    machine.program(f"{HOME}/bin/go", b"#!/bin/bash -p\n# goshim launcher\n")
    machine.write(f"{HOME}/.config/goshim/config.toml", "[epoch]\nsource = 86400\n")
    path = {"PATH": f"{HOME}/bin:/usr/local/go/bin"}
    assert look_at(machine, path)(clock.epoch) == "86400"
    assert look_at(machine, {**path, "SOURCE_DATE_EPOCH": "5"})(clock.epoch) == "5"
    assert look_at(machine, {"PATH": "/usr/local/go/bin"})(clock.epoch) is None
