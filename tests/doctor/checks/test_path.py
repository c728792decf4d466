"""Checks of PATH."""

from __future__ import annotations

from goshim.doctor.checks import path
from goshim.doctor.examine import judge
from tests.doctor.described import look_at
from tests.machine import FolderMachine


def test_a_path_of_absolute_directories_is_well(machine: FolderMachine):
    assert judge(path.unsafe, look_at(machine, {"PATH": "/usr/bin:/bin"})).status == "ok"


def test_each_entry_that_means_the_working_directory_is_told_by_its_place(machine: FolderMachine):
    verdict = judge(path.unsafe, look_at(machine, {"PATH": "/usr/bin::bin"}))
    assert verdict.status == "warn"
    assert verdict.evidence == ("entry 2: (empty)", "entry 3: bin")
    assert verdict.remedies[0].command == "export PATH=/usr/bin"
