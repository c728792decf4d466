"""The network as it is laid out here."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.look import UnknownError
from goshim.doctor.machine import networking
from tests.doctor.described import look_at
from tests.machine import WSL1_RELEASE, FolderMachine
from tests.tables import for_each

ASKED = "/bin/wslinfo --networking-mode -n"
HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"


def route(destination: str, gateway: str, metric: int, flags: str = "0003") -> str:
    return f"eth0\t{destination}\t{gateway}\t{flags}\t0\t0\t{metric}\t{destination}\n"


def test_outside_wsl_there_is_no_mode(machine: FolderMachine):
    assert look_at(machine)(networking.mode) == ""


def test_wsl1_has_windows_own_network(machine: FolderMachine):
    machine.become_wsl(release=WSL1_RELEASE)
    assert look_at(machine)(networking.mode) == "wsl1"


@pytest.mark.parametrize("mode", ["nat", "mirrored", "consomme"])
def test_wslinfo_tells_it(machine: FolderMachine, mode):
    machine.become_wsl()
    machine.program("/bin/wslinfo")
    assert look_at(machine, commands={ASKED: f"{mode}\n".encode()})(networking.mode) == mode


def test_the_interface_of_mirrored_mode_tells_it_in_a_container_too(machine: FolderMachine):
    machine.directory("/sys/class/net/loopback0")
    assert look_at(machine)(networking.mode) == "mirrored"


@pytest.mark.parametrize("answer", [b"gibberish\n", 1, "no answer within 2 s"])
def test_it_is_unknown_where_nothing_tells(machine: FolderMachine, answer):
    machine.become_wsl()
    machine.program("/bin/wslinfo")
    with pytest.raises(UnknownError, match="networking mode"):
        look_at(machine, commands={ASKED: answer})(networking.mode)


def test_the_gateway_is_that_of_the_cheapest_default_route(machine: FolderMachine):
    machine.write(
        "/proc/net/route",
        HEAD
        + route("000200C0", "00000000", 0, "0001")
        + route("00000000", "010200C0", 100)
        + route("00000000", "01601CAC", 0),
    )
    assert look_at(machine)(networking.gateway) == "172.28.96.1"


def test_without_a_route_there_is_no_gateway(machine: FolderMachine):
    assert look_at(machine)(networking.gateway) == ""


@for_each(
    "host, is_loopback",
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("127.0.0.1", True),
        ("127.1.2.3", True),
        ("::1", True),
        ("127.0.0.1.nip.io", False),
        ("localhost.corp", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_told_by_the_text(host, is_loopback):
    assert networking.is_loopback(host) is is_loopback
