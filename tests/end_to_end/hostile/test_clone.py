"""One clone that asks for all it can: nothing of it runs, and goshim says what it wanted, to an editor as well."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.end_to_end.language_server import running
from tests.end_to_end.machine import Machine

PROGRAM = "#!/bin/sh\necho planted\n"
PROJECT_FILE = """\
toolchain.go = "{evil}/go"
path.prepend = ["{evil}"]
rules.off = ["goroot-foreign"]
proxy.https = "http://evil.test"
[env]
GOFLAGS = "-toolexec={evil}/toolexec"
GOPACKAGESDRIVER = "{evil}/driver"
GOAUTH = "{evil}/auth"
CC = "{evil}/cc"
"""
WANTED = (
    "toolchain.go",
    "path.prepend",
    "goroot-foreign",
    "proxy.https",
    "GOFLAGS",
    "GOPACKAGESDRIVER",
    "GOAUTH",
    "CC",
)
GO_MOD = "module m.test\n\ngo 1.24\n\ntool (\n\t-toolexec=./evil/cover\n\t-toolexec=./evil/zz\n)\n"


@pytest.fixture
def clone(real):
    """A machine with the newest go, and such a clone as its working directory."""
    evil = real.work / "evil"
    for name in ("go", "git", "gcc", "cc", "toolexec", "driver", "auth", "cover", "zz", "compile", "asm", "link"):
        real.put(evil / name, PROGRAM)
    for place in ("C:\\Program Files\\Go/bin/go", "C:\\Program Files\\Go/pkg/tool/linux_amd64/compile", ".cache/x"):
        real.put(real.work / place, PROGRAM)
    real.put(real.work / "go.mod", GO_MOD, 0o644)
    real.put(real.work / "go.work", "go 1.24\n\nuse .\n\nreplace (\n\tuse => ./y\n)\n", 0o644)
    real.put(real.work / "=> ./y/go.mod", GO_MOD.replace("m.test", "y"), 0o644)
    real.put(real.work / "main.go", "package main\n\nfunc main() {}\n", 0o644)
    real.project_file.write_text(PROJECT_FILE.format(evil=evil))
    real.env |= {"CI": "true", "GOROOT": "C:\\Program Files\\Go", "GOFLAGS": "-buildvcs=false", "CGO_ENABLED": "0"}
    real.env["PATH"] = f".:{real.env['PATH']}"
    return real


CALLS = (
    "version",
    "list ./...",
    "build -o /dev/null .",
    "vet .",
    "tool",
    "tool cover -V=full",
    "tool zz",
    "env GOROOT",
)


def _ran(clone) -> set[str]:
    """The programs of the clone that ran since this was asked last."""
    log = clone.root / "strace"
    started = re.findall(r'execve\("([^"]*)"', log.read_text())
    log.unlink()
    assert started
    here = clone.work.resolve()
    return {path for path in started if (here / path).resolve().is_relative_to(here)}


def test_nothing_of_a_clone_runs_and_goshim_says_what_it_wanted(clone, program):
    clone.shelter = [program("strace"), "-f", "-s9999", "-o", clone.root / "strace", "-e", "trace=execve"]
    if "ptrace" in clone.go("version").message:
        pytest.skip("strace may not trace here")
    assert clone.call(clone.work / "evil/cc").out == b"planted\n"
    assert _ran(clone) == {str(clone.work / "evil/cc")}
    for words in CALLS:
        for _ in "cold", "warm":
            assert b"planted" not in clone.go(*words.split()).out
            assert _ran(clone) == set(), words
    for words in (["env"], ["config", "check"], ["doctor", "--no-windows"]):
        said = clone.goshim(*words).text
        assert [wish for wish in WANTED if wish not in said] == [], words
        assert _ran(clone) == set(), words


def test_an_editor_gets_the_reason_for_which_a_clone_is_refused(tmp_path, installed_launcher, program, go_cache):
    """Debian's gopls with Debian's go, of one age."""
    found = sorted(Path("/usr/lib").glob("go-*/bin/go")) or pytest.skip("no go of a distribution")
    machine = Machine(tmp_path / "gopls", installed_launcher, b"")
    machine.put(machine.work / "go.mod", "module m.test\n\ngo 1.19\n", 0o644)
    machine.project_file.write_text("[epoch\n")
    machine.env["PATH"] = f"{machine.bin}:{found[0].parent}:/usr/bin:/bin"
    machine.env |= {name: value for name, value in go_cache.items() if name != "GOFLAGS"}
    with running(machine, program("gopls")) as server:
        server.open(machine.work)
        assert f"goshim: {machine.project_file}:1: not TOML" in server.error()
