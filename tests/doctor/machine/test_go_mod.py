"""go.mod and go.work as facts."""

from __future__ import annotations

import os

import pytest

from goshim.doctor.machine import go_mod
from goshim.doctor.machine.go_mod import Replacement
from goshim.facts.host import UnreadableError
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine
from tests.tables import for_each

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


@for_each("text", ["", "\x00\xff", "require (", "go", "module a b c", ")", "replace =>", '"'])
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


@pytest.mark.parametrize(
    ("go", "flags", "is_vendored"),
    [
        ("go 1.14", "", True),
        ("go 1.21rc2", "-modcacherw '-tags=a b'", True),
        ("go 1.13", "", False),
        ("", "", False),
        ("go 1.13", "-mod=vendor", True),
        ("go 1.21", "-mod=mod", False),
        ("go 1.21", "--mod=readonly", False),
        ("go 1.21", "-mod=mod -mod=vendor", True),
        ("go 1.21", "-mod=vendor '-mod=mod'", False),
        ("go 1.21", "-mod=", True),
    ],
)
def test_go_builds_with_vendor_by_the_go_line_and_the_last_mod_flag(machine: FolderMachine, go, flags, is_vendored):
    machine.write(f"{PROJECT}/go.mod", f"module m\n{go}\n")
    machine.write(f"{PROJECT}/vendor/modules.txt", "")
    assert look_at(machine, {"GOFLAGS": flags})(go_mod.vendored) is is_vendored


def test_without_a_list_of_what_vendor_holds_and_outside_a_module_nothing_is_vendored(machine: FolderMachine):
    assert look_at(machine, {"GOFLAGS": "-mod=vendor"})(go_mod.vendored) is False
    machine.write(f"{PROJECT}/go.mod", "module m\ngo 1.21\n")
    machine.directory(f"{PROJECT}/vendor")
    assert look_at(machine)(go_mod.vendored) is False


@pytest.mark.parametrize(
    ("go", "place", "is_vendored"), [("1.22", HOME, True), ("1.21", HOME, False), ("1.22", PROJECT, False)]
)
def test_in_a_workspace_its_own_vendor_counts_alone(machine: FolderMachine, go, place, is_vendored):
    machine.write(f"{PROJECT}/go.mod", "module m\ngo 1.21\n")
    machine.write(f"{HOME}/go.work", f"go {go}\nuse ./project\n")
    machine.write(f"{place}/vendor/modules.txt", "## workspace\n")
    assert look_at(machine)(go_mod.vendored) is is_vendored


def test_a_go_mod_that_cannot_be_read_is_not_taken_for_an_empty_one(machine: FolderMachine):
    machine.directory(f"{PROJECT}/go.mod")
    with pytest.raises(UnreadableError, match=r"go\.mod"):
        look_at(machine)(go_mod.read)


@for_each(
    "text, words",
    [
        ("\x00\udcff", "line 1: unexpected input character '\\x00'"),
        ("\ufeffmodule m\n", "line 1: unexpected input character '\\ufeff'"),
        ("module m\n=======\n", "line 2: unknown directive: ======="),
        ("module m\n)\n", "line 2: unknown directive: )"),
        ("module m\nrequire (\n", "the block that begins in line 2 has no end"),
        ("", "missing module declaration"),
        ("go 1.24\n", "missing module declaration"),
    ],
)
def test_what_each_go_refuses_is_malformed(text, words):
    assert go_mod.malformed(text, "go.mod").endswith(words)


@for_each(
    "text",
    [
        WHOLE,
        WHOLE.replace("\n", "\r\n"),
        "module m // \udcff\n// \x00\n",
        "module (\n\tm\n)\n",
        "module m\nretract [v1.0.0, v1.1.0] // bad\nretract (\n\t[v1.0.0, v1.1.0]\n) // all\n",
        "module m\nignore ./x\ngodebug default=go1.21\nrequire ( // none\n)",
        "module m//x\nrequire(\n)\n",
    ],
)
def test_what_a_go_takes_is_not_malformed(text):
    assert go_mod.malformed(text, "go.mod") == ""


def test_a_go_work_needs_no_module():
    assert go_mod.malformed("go 1.24\nuse .\n", "go.work") == ""


def make_fifo(machine: FolderMachine) -> None:
    os.mkfifo(machine.at(f"{PROJECT}/go.mod"))


def make_loop(machine: FolderMachine) -> None:
    machine.at(f"{PROJECT}/go.mod").symlink_to("go.mod")


@pytest.mark.parametrize(("make", "is_fatal"), [(make_fifo, True), (make_loop, False)])
def test_what_is_no_file_is_told_as_go_takes_it(machine: FolderMachine, make, is_fatal):
    machine.directory(PROJECT)
    make(machine)
    fault = look_at(machine)(go_mod.fault)
    assert fault is not None
    assert (fault.path, fault.is_fatal) == (f"{PROJECT}/go.mod", is_fatal)


def test_a_go_mod_that_may_not_be_read_is_a_fault(machine: FolderMachine, monkeypatch):
    machine.write(f"{PROJECT}/go.mod", "module m\n")
    look = look_at(machine)

    def refuse(path: str) -> bytes:
        raise UnreadableError(f"{path}: permission denied")

    monkeypatch.setattr(look.host, "_read", refuse)
    fault = look(go_mod.fault)
    assert fault is not None
    assert fault.words == f"go: reading go.mod: {PROJECT}/go.mod: permission denied"


def test_a_go_mod_that_is_too_large_to_look_at_is_no_fault(machine: FolderMachine):
    machine.write(f"{PROJECT}/go.mod", "module m\n" + "// much\n" * 200_000)
    with pytest.raises(UnreadableError, match="over 1 MiB"):
        look_at(machine)(go_mod.fault)


def test_a_gowork_that_is_a_directory_is_a_fault(machine: FolderMachine):
    machine.directory("/srv/work")
    fault = look_at(machine, {"GOWORK": "/srv/work"})(go_mod.fault)
    assert fault is not None
    assert (fault.is_fatal, fault.by_setting) == (True, True)
