"""Where the launcher is, what turns it off, and what its config says."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.look import UnknownError
from goshim.doctor.subjects.shim import facts as shim
from tests.doctor.described import look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

USUAL = f"{HOME}/.local/share/goshim/bin/go"


def test_a_launcher_on_path_is_preferred_to_the_one_in_the_usual_place(machine: FolderMachine):
    machine.program(USUAL, LAUNCHER)
    machine.program("/opt/goshim/go", LAUNCHER)
    assert look_at(machine)(shim.installed) == USUAL
    assert look_at(machine, {"PATH": "/usr/bin:/opt/goshim/"})(shim.installed) == "/opt/goshim/go"


def test_another_go_in_the_usual_place_is_no_launcher(machine: FolderMachine):
    machine.program(USUAL)
    with pytest.raises(UnknownError, match="no launcher is installed: goshim install"):
        look_at(machine)(shim.installed)


def test_goshim_is_called_by_name_if_path_has_it_and_else_by_path(machine: FolderMachine):
    machine.program(USUAL, LAUNCHER)
    calls = dict.fromkeys(["bash", "python", "boot", "version"], "")
    calls |= dict.fromkeys(["has_bash", "has_python", "has_boot", "is_current"], True) | {"goshim": "/venv/bin/goshim"}
    told = {"probes": {"goshim.launcher": calls}}
    assert look_at(machine)(shim.command) == "goshim"
    assert look_at(machine, **told)(shim.command) == "/venv/bin/goshim"
    machine.program("/usr/bin/goshim")
    assert look_at(machine, {"PATH": "/usr/bin"}, **told)(shim.command) == "goshim"


def test_an_error_of_a_config_file_is_told_whole(machine: FolderMachine):
    machine.write(f"{HOME}/.config/goshim/config.toml", "[path]\nwindows = 3\n")
    first, _, rest = look_at(machine)(shim.config_fault).partition("\n")
    assert first == f"{HOME}/.config/goshim/config.toml:2: path.windows = 3: not allowed"
    assert "allowed: " in rest


def test_what_needs_trust_is_told_apart_from_what_nobody_knows(machine: FolderMachine):
    machine.write(f"{HOME}/project/.goshim.toml", '[env]\nGOFLAGS = "-x"\n\n[path]\nwindos = "last"\n')
    look = look_at(machine, {"GOSHIM_ZZZ": "1"}, probes={"goshim.project": f"{HOME}/project"})
    assert [note.partition(": needs trust")[0] for note in look(shim.withheld)] == [
        f"{HOME}/project/.goshim.toml:2: env.GOFLAGS",
        f"{HOME}/project/.goshim.toml: to see what it asks for, and trust it: goshim trust",
    ]
    assert look(shim.ignored) == (
        f"{HOME}/project/.goshim.toml:5: path.windos: unknown key, ignored; did you mean path.windows?",
        "unknown variable GOSHIM_ZZZ, ignored",
    )


def test_overhead_is_the_median_of_the_differences(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    machine.program(USUAL, LAUNCHER)
    variables = {"PATH": f"{HOME}/.local/share/goshim/bin:/usr/local/go/bin"}
    pairs = [[7.0, 5.0], [90.0, 4.0], [6.0, 5.0]]
    found = look_at(machine, variables, probes={"goshim.overhead": pairs})(shim.overhead)
    assert (found.launcher_ms, found.go_ms, found.added_ms, found.least_added_ms, found.pairs) == (7, 5, 2, 1, 3)
