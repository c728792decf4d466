"""Windows' side: whether it can be reached, and by which socket."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.look import Look, Options, UnknownError
from goshim.doctor.machine import windows
from tests.doctor.described import look_at, make_interop
from tests.machine import EXT4, HOME, WSL1_RELEASE, FolderMachine, drive

HANDLER = "/proc/sys/fs/binfmt_misc/WSLInterop"


def reachable(machine: FolderMachine, **variables: str) -> Look:
    return look_at(machine, {**make_interop(machine), **variables})


def test_windows_can_be_reached_where_handler_and_socket_are_there(machine: FolderMachine):
    assert reachable(machine)(windows.interop) == ""
    assert reachable(machine)(windows.system32) == "/mnt/c/Windows/System32"


@pytest.mark.parametrize(
    ("is_mounted", "reason"),
    [(False, "its drive C is not mounted"), (True, "its drive C is mounted, and there is no /mnt/c/Windows/System32")],
)
def test_a_drive_that_is_not_mounted_and_one_without_windows_are_told_apart(machine: FolderMachine, is_mounted, reason):
    variables = make_interop(machine)
    machine.at("/mnt/c/Windows/System32").rmdir()
    if not is_mounted:
        machine.become_wsl(f"{EXT4}\n")
    with pytest.raises(UnknownError) as raised:
        look_at(machine, variables)(windows.system32)
    assert str(raised.value) == f"Windows can't be asked: {reason}"


def test_the_handler_may_have_its_other_name(machine: FolderMachine):
    look = reachable(machine)
    machine.at(HANDLER).rename(machine.at(f"{HANDLER}-late"))
    assert look(windows.interop) == ""


def test_without_a_handler_and_with_a_disabled_one_windows_can_not_be_reached(machine: FolderMachine):
    make_interop(machine)
    machine.write(HANDLER, "disabled\ninterpreter /init\n")
    assert "disabled" in look_at(machine)(windows.interop)
    machine.at(HANDLER).unlink()
    assert "no handler" in look_at(machine)(windows.interop)


@pytest.mark.parametrize("named", ["", "/run/WSL/8_interop"])
def test_the_socket_of_a_parent_stands_in_for_one_that_is_unset_or_gone(machine: FolderMachine, named: str):
    make_interop(machine)
    machine.at("/run/WSL/8_interop").unlink()
    machine.write("/proc/self/stat", "99 (go (shim) S 50 99 99 0")
    machine.write("/proc/50/stat", "50 (bash) S 40 50 50 0")
    machine.write("/proc/40/stat", "40 (Relay(41)) S 1 40 40 0")
    machine.write("/run/WSL/1_interop", b"")
    assert look_at(machine, {"WSL_INTEROP": named})(windows.interop_socket) == "/run/WSL/1_interop"
    machine.write("/run/WSL/40_interop", b"")
    machine.write("/run/WSL/41_interop", b"")
    look = look_at(machine, {"WSL_INTEROP": named})
    assert look(windows.interop_socket) == "/run/WSL/40_interop"
    assert look(windows.interop) == ""


def test_a_loop_of_parents_ends(machine: FolderMachine):
    make_interop(machine)
    machine.write("/proc/self/stat", "99 (a) S 50 0")
    machine.write("/proc/50/stat", "50 (a) S 50 0")
    assert look_at(machine)(windows.interop_socket) == ""


def test_without_a_socket_the_reason_tells_which_one_was_looked_for(machine: FolderMachine):
    make_interop(machine)
    machine.at("/run/WSL/8_interop").unlink()
    assert "not set, as under sudo" in look_at(machine)(windows.interop)
    assert "/run/WSL/8_interop, which is not there" in look_at(machine, {"WSL_INTEROP": "/run/WSL/8_interop"})(
        windows.interop
    )


def test_wsl1_needs_no_socket(machine: FolderMachine):
    make_interop(machine)
    machine.become_wsl(release=WSL1_RELEASE)
    machine.at("/run/WSL/8_interop").unlink()
    assert look_at(machine)(windows.interop) == ""


@pytest.mark.parametrize("reason", ["not WSL", "--no-windows", "drive C"])
def test_windows_that_is_not_there_is_unknown_with_the_reason(machine: FolderMachine, reason: str):
    options = Options(windows=reason != "--no-windows")
    if reason != "not WSL":
        make_interop(machine)
    if reason == "drive C":
        machine.become_wsl(f"{EXT4}\n{drive('d')}\n")
    with pytest.raises(UnknownError, match=reason):
        look_at(machine, {"WSL_INTEROP": "/run/WSL/8_interop"}, options=options)(windows.system32)


def versioned(machine: FolderMachine, told: object) -> Look:
    machine.become_wsl()
    machine.program("/bin/wslinfo")
    return look_at(machine, commands={"/bin/wslinfo --version -n": told})


def test_the_version_is_what_wslinfo_says(machine: FolderMachine):
    assert versioned(machine, b"2.6.1.0")(windows.version) == "2.6.1.0"


@pytest.mark.parametrize("told", [1, b"", b"Invalid command line argument: --version", "no answer within 2 s"])
def test_an_answer_that_is_no_version_is_none(machine: FolderMachine, told: object):
    with pytest.raises(UnknownError, match="wslinfo --version"):
        versioned(machine, told)(windows.version)


def test_wsl_without_wslinfo_is_too_old_to_tell(machine: FolderMachine):
    machine.become_wsl()
    with pytest.raises(UnknownError, match="too old"):
        look_at(machine)(windows.version)


def test_what_go_uses_on_a_windows_drive_is_told(machine: FolderMachine):
    machine.become_wsl()
    machine.write("/mnt/d/src/app/go.mod", "module app\n")
    machine.directory("/mnt/d/src/app/cmd")
    look = look_at(machine, {"GOMODCACHE": "/mnt/c/mod"}, "/mnt/d/src/app/cmd")
    assert [(use.what, use.path, use.mount.letter) for use in look(windows.uses)] == [
        ("the project", "/mnt/d/src/app", "D"),
        ("the module cache", "/mnt/c/mod", "C"),
    ]
    assert look_at(machine, {}, f"{HOME}/project")(windows.uses) == ()


def test_drives_are_told_in_the_order_of_their_letters(machine: FolderMachine):
    machine.become_wsl(f"{EXT4}\n{drive('d', '/d')}\n{drive('c')}\n")
    assert [mount.point for mount in look_at(machine)(windows.drives)] == ["/mnt/c", "/d"]
