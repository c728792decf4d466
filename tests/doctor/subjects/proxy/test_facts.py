"""The variables of HTTP proxies: where each comes from."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.look import Look
from goshim.doctor.machine import networking, registry
from goshim.doctor.subjects.proxy import facts as proxies
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import TEXT, answer, lxss
from tests.machine import HOME, FolderMachine

PROXY = "http://proxy:8080"


def with_wslconfig(machine: FolderMachine, text: str, variables: dict[str, str]) -> Look:
    profile = answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (TEXT, "C:\\Users\\me")}, "/v", "USERPROFILE")
    machine.write("/mnt/c/Users/me/.wslconfig", text)
    told: dict[str, Any] = {**lxss(), **profile}
    return look_at(machine, {**make_interop(machine), **variables}, commands=told)


def places(look: Look) -> dict[str, str]:
    return {each.name: each.place for each in look(proxies.variables)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("[wsl2]\nautoProxy=false\n", False),
        ("[wsl2]\nautoProxy = TRUE\n", True),
        ("[experimental]\nautoProxy=false\n", False),
        ("[wsl2]\nautoProxy=maybe\n", None),
    ],
)
def test_wslconfig_tells_whether_windows_proxy_is_handed_over(machine: FolderMachine, text, expected):
    assert with_wslconfig(machine, text, {})(proxies.auto_proxy) is expected


def test_where_that_is_turned_off_no_variable_is_said_to_be_from_it(machine: FolderMachine):
    both = {"HTTPS_PROXY": PROXY, "https_proxy": PROXY}
    assert "autoProxy" in places(with_wslconfig(machine, "", both))["HTTPS_PROXY"]
    assert "autoProxy" not in places(with_wslconfig(machine, "[wsl2]\nautoProxy=false\n", both))["HTTPS_PROXY"]


def test_a_line_that_sets_one_case_leaves_the_other_to_windows(machine: FolderMachine):
    machine.become_wsl()
    machine.write(f"{HOME}/.bashrc", "export https_proxy=http://mine:1\n")
    found = places(look_at(machine, {"https_proxy": "http://mine:1", "HTTP_PROXY": PROXY, "http_proxy": PROXY}))
    assert found["https_proxy"] == f"{HOME}/.bashrc:1"
    assert "autoProxy" in found["HTTP_PROXY"]


def test_a_line_with_another_value_is_not_the_source(machine: FolderMachine):
    machine.write(f"{HOME}/.bashrc", "export https_proxy=http://old:1\n")
    assert ".bashrc" not in places(look_at(machine, {"https_proxy": PROXY}))["https_proxy"]


def test_go_reads_upper_case_first_and_the_lower_where_that_is_empty(machine: FolderMachine):
    look = look_at(machine, {"HTTP_PROXY": "", "http_proxy": "a:1", "HTTPS_PROXY": "b:1", "https_proxy": "c:1"})
    assert [each.name for each in look(proxies.read_by_go)] == ["http_proxy", "HTTPS_PROXY"]


def test_wslconfig_tells_the_networking_mode_where_wslinfo_is_not_there(machine: FolderMachine):
    assert with_wslconfig(machine, "[wsl2]\nnetworkingMode=Mirrored\n", {})(networking.mode) == "mirrored"
