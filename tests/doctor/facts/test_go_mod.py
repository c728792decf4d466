"""go.mod and go.work as facts."""

from __future__ import annotations

import pytest

from goshim.doctor.facts import go_mod
from goshim.doctor.facts.go_mod import Replacement
from goshim.facts.host import UnreadableError
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine

PROJECT = f"{HOME}/project"

WHOLE = """// Deprecated: no.
module "example.com/m" // the module

go 1.24 // as of 2025
toolchain go1.24.11

require example.com/one v1.2.3
require (
\texample.com/two v0.0.0-20250101000000-abcdefabcdef // indirect
\t`example.com/three/v2` v2.0.0+incompatible // indirect; needed by two
\t// example.com/four v1.0.0
\texample.com/five v1.0.0 // not indirect
)

exclude example.com/one v1.2.2
replace example.com/one => ../one
replace (
\texample.com/two v1.0.0 => "example.com/fork of" v1.0.1
)
tool example.com/one/cmd/x
"""


def test_each_directive_is_read_in_blocks_and_alone_with_quotes_and_comments():
    found = go_mod.parse(WHOLE)
    assert (found.module, found.go, found.toolchain) == ("example.com/m", "1.24", "go1.24.11")
    assert found.requires == (
        ("example.com/one", "v1.2.3"),
        ("example.com/two", "v0.0.0-20250101000000-abcdefabcdef"),
        ("example.com/three/v2", "v2.0.0+incompatible"),
        ("example.com/five", "v1.0.0"),
    )
    assert found.indirect == {"example.com/two", "example.com/three/v2"}
    assert found.replaces == (
        Replacement("example.com/one", "", "../one", ""),
        Replacement("example.com/two", "v1.0.0", "example.com/fork of", "v1.0.1"),
    )


def test_windows_line_ends_are_no_part_of_a_version():
    assert go_mod.parse("module m\r\n\r\ngo 1.24\r\n").go == "1.24"


@pytest.mark.parametrize("text", ["", "\x00\xff", "require (", "go", "module a b c", ")", "replace =>", '"'])
def test_what_is_no_go_mod_says_nothing(text):
    found = go_mod.parse(text)
    assert (found.module, found.go, found.requires) == ("", "", ())


def test_the_nearest_go_mod_upward_is_the_modules(machine: FolderMachine):
    machine.write(f"{PROJECT}/go.mod", "module example.com/m\n")
    found = look_at(machine, directory=f"{PROJECT}/deep/down")(go_mod.read)
    assert found is not None
    assert (found.path, found.module) == (f"{PROJECT}/go.mod", "example.com/m")


def test_outside_a_module_there_is_none(machine: FolderMachine):
    look = look_at(machine)
    assert look(go_mod.read) is None
    assert look(go_mod.governing) is None


@pytest.mark.parametrize(
    ("variables", "governing"),
    [
        ({}, "1.26"),
        ({"GOWORK": "off"}, "1.24"),
        ({"GOWORK": "/elsewhere/go.work"}, "1.25"),
        ({"GOWORK": "/nowhere/go.work"}, "1.24"),
    ],
)
def test_a_workspace_that_is_in_use_governs_and_not_the_module(machine: FolderMachine, variables, governing):
    machine.write(f"{HOME}/go.work", "go 1.26\n\nuse ./project\n")
    machine.write("/elsewhere/go.work", "go 1.25\n")
    machine.write(f"{PROJECT}/go.mod", "module m\n\ngo 1.24\n")
    found = look_at(machine, variables)(go_mod.governing)
    assert found is not None
    assert found.go == governing


def test_a_go_mod_that_cannot_be_read_is_not_taken_for_an_empty_one(machine: FolderMachine):
    machine.directory(f"{PROJECT}/go.mod")
    with pytest.raises(UnreadableError, match=r"go\.mod"):
        look_at(machine)(go_mod.read)
