"""The entries of WSLENV that bring what go obeys."""

from __future__ import annotations

import pytest

from goshim.doctor.subjects.environment import wslenv
from tests.doctor.described import look_at
from tests.machine import FolderMachine


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("", []),
        ("GOPATH/l:USERPROFILE/pu:DISPLAY", ["GOPATH"]),
        ("https_proxy:HTTPS_PROXY/u:CGO_ENABLED ", ["https_proxy", "HTTPS_PROXY", "CGO_ENABLED"]),
        ("GOROOT/w:GOPATH/up:gopath:GOSHIM", ["GOPATH"]),
        (":::/p:PATH", ["PATH"]),
    ],
)
def test_only_what_comes_from_windows_and_matters_to_go_counts(machine: FolderMachine, value: str, names: list[str]):
    machine.become_wsl()
    assert [each.name for each in look_at(machine, {"WSLENV": value})(wslenv.entries)] == names
