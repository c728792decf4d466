"""What goshim itself does to calls of go, on the machine that is looked at."""

from __future__ import annotations

import pytest

from goshim.doctor.machine import basics
from tests.doctor.described import WHOLE, look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

GO = "/usr/local/go"
PATH = f"/opt/goshim:{GO}/bin:/usr/bin"
STALE = {"PATH": PATH, "GOROOT": "/gone"}


@pytest.fixture
def shimmed(machine: FolderMachine) -> FolderMachine:
    """A machine with goshim's launcher, and a go behind it."""
    machine.program("/opt/goshim/go", LAUNCHER)
    machine.toolchain(GO)
    return machine


def test_go_gets_what_goshim_makes_of_the_environment(shimmed: FolderMachine):
    look = look_at(shimmed, STALE)
    assert look(basics.is_acting)
    assert look(basics.mended) == {"GOROOT"}
    assert "GOROOT" not in look(basics.environment)
    assert look(basics.environment)["PATH"] == PATH


@pytest.mark.parametrize("variables", [{"GOSHIM": "off"}, {"PATH": f"{GO}/bin:/opt/goshim"}])
def test_where_goshim_does_not_act_go_gets_the_environment_as_it_is(shimmed: FolderMachine, variables: dict[str, str]):
    look = look_at(shimmed, {**STALE, **variables})
    assert not look(basics.is_acting)
    assert look(basics.mended) == frozenset()
    assert look(basics.environment) == look(basics.variables)


@pytest.mark.parametrize("gone", ["has_bash", "has_python", "has_boot"])
def test_a_launcher_that_is_broken_does_not_act(shimmed: FolderMachine, gone: str):
    look = look_at(shimmed, STALE, probes={"goshim.launcher": {**WHOLE, gone: False}})
    assert not look(basics.is_acting)
    assert look(basics.mended) == frozenset()


def test_a_launcher_that_can_not_be_read_does_not_act(shimmed: FolderMachine):
    look = look_at(shimmed, STALE, probes={"goshim.launcher": PermissionError(13, "permission denied")})
    assert not look(basics.is_acting)


def test_with_a_config_that_has_an_error_nothing_is_changed(shimmed: FolderMachine):
    shimmed.write(f"{HOME}/.config/goshim/config.toml", "[cgo]\nenabled = 7\n")
    assert look_at(shimmed, STALE)(basics.mended) == frozenset()


def test_the_embedded_go_is_that_of_the_goshim_that_looked(machine: FolderMachine):
    machine.program("/opt/goshim/go", LAUNCHER)
    machine.toolchain("/there/go")
    installed = {"version": "0.3.0", "python": "/p", "boot": "/b", "embedded": ["/there/go/bin/go"]}
    look = look_at(machine, {"PATH": "/opt/goshim"}, probes={"goshim.installation": installed})
    assert look(basics.plan).toolchain.go == look(basics.toolchain).go == "/there/go/bin/go"


@pytest.mark.parametrize("path", ["/etc/goshim/off", f"{HOME}/.config/goshim/off"])
def test_an_off_file_turns_it_off(machine: FolderMachine, path: str):
    machine.write(path, "")
    assert look_at(machine)(basics.off) == path


def test_a_variable_turns_it_off_if_it_says_just_that(machine: FolderMachine):
    assert look_at(machine, {"GOSHIM": "off"})(basics.off) == "GOSHIM=off"
    assert look_at(machine, {"GOSHIM": "0"})(basics.off) == ""
