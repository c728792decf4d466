"""A machine whose goshim is whole, and one whose goshim lacks a guard."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.end_to_end.hostile.guards import GUARDS, copy_of_package, without
from tests.end_to_end.machine import Machine, with_baked

MakeMachine = Callable[..., Machine]


@pytest.fixture
def make_machine(tmp_path, installed_launcher, dump_go) -> MakeMachine:
    """Give the name of a guard to have a machine without it, or nothing for goshim as it is."""

    def make(guard: str = "") -> Machine:
        place = tmp_path / (guard.replace(" ", "-") or "whole")
        removals = GUARDS[guard] if guard else ()
        boot = copy_of_package(place / "package", removals)
        launcher = installed_launcher.decode()
        for removal in removals:
            if removal.path == "bin/go":
                launcher = without(launcher, removal)
        machine = Machine(place / "machine", with_baked(launcher.encode(), boot=boot), dump_go)
        machine.package = boot.parent
        return machine

    return make
