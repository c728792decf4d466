from __future__ import annotations

import pytest

from goshim.facts import go_env_file
from goshim.facts.mounts import MountTable
from tests.machine import HOME


@pytest.mark.parametrize(
    ("variables", "path"),
    [
        pytest.param({}, f"{HOME}/.config/go/env", id="default"),
        pytest.param({"XDG_CONFIG_HOME": "/cfg"}, "/cfg/go/env", id="XDG"),
        pytest.param({"XDG_CONFIG_HOME": ""}, f"{HOME}/.config/go/env", id="XDG empty"),
        pytest.param({"XDG_CONFIG_HOME": "cfg"}, None, id="XDG relative"),
        pytest.param({"GOENV": "/etc/go/env", "XDG_CONFIG_HOME": "/cfg"}, "/etc/go/env", id="GOENV"),
        pytest.param({"GOENV": "off"}, None, id="GOENV=off"),
        pytest.param({"GOENV": ""}, f"{HOME}/.config/go/env", id="GOENV empty"),
        pytest.param({"HOME": ""}, None, id="no HOME"),
        pytest.param({"HOME": "me"}, None, id="HOME relative"),
    ],
)
def test_the_file_is_the_one_that_go_reads(machine, variables, path):
    assert go_env_file.location(machine.host(variables).environment, MountTable()) == path


@pytest.mark.parametrize(
    ("text", "values"),
    [
        pytest.param("GOFLAGS=-mod=mod\nGOPRIVATE=a.b\n", {"GOFLAGS": "-mod=mod", "GOPRIVATE": "a.b"}, id="plain"),
        pytest.param("CC=\n", {"CC": ""}, id="empty value"),
        pytest.param("CC=gcc\nCC=clang\n", {"CC": "clang"}, id="a later line wins"),
        pytest.param("# CC=gcc\n CC=gcc\ncc=gcc\nCC\n=x\n\n", {}, id="lines that go passes over"),
        pytest.param("CC=gcc\r\n", {"CC": "gcc\r"}, id="Windows line ends stay, as in go"),
        pytest.param("\ufeffCC=gcc\nAR=ar", {"AR": "ar"}, id="a byte order mark hides the first line, as in go"),
    ],
)
def test_the_file_is_read_as_go_reads_it(machine, text, values):
    machine.write(f"{HOME}/.config/go/env", text)
    assert go_env_file.read(machine.host(), MountTable()) == values


def test_bytes_that_are_no_text_survive(machine):
    machine.write(f"{HOME}/.config/go/env", b"CC=/opt/\xff/gcc\n")
    assert go_env_file.read(machine.host(), MountTable()) == {"CC": "/opt/\udcff/gcc"}


def test_a_file_that_is_absent_or_none_says_nothing(machine):
    assert go_env_file.read(machine.host(), MountTable()) == {}
    machine.directory(f"{HOME}/.config/go/env")
    assert go_env_file.read(machine.host(), MountTable()) == {}
    assert go_env_file.read(machine.host({"GOENV": "off"}), MountTable()) == {}
