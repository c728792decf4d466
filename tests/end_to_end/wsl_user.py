"""Someone at work in a machine that looks like WSL, with goshim ahead of the real go on PATH."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.end_to_end.machine import CHECKOUT, COMMAND, LIMIT_S, Result, with_baked
from tests.end_to_end.wsl_machine import Machine, UnavailableError

HELLO = 'package main\n\nfunc main() { println("hello") }\n'
TELL = "package main\n\n//go:generate /usr/bin/env -0\n"


class User:
    """`bin` holds the launcher, `tools` the other programs there are (no C compiler), `work` a module."""

    def __init__(self, machine, root, go, settings):
        self.machine = machine
        self.real = go
        self.root = root
        self.home = root / "home"
        self.work = self.home / "work"
        self.bin = root / "bin"
        self.tools = root / "tools"
        self.config = self.home / ".config/goshim/config.toml"
        for each in (self.work, self.tools, self.config.parent, self.home / ".config/go/telemetry"):
            each.mkdir(parents=True)
        (self.home / ".config/go/telemetry/mode").write_text("off")  # go would start a child of its own now and then
        (self.work / "go.mod").write_text("module example.com/work\n\ngo 1.21\n")
        (self.work / "main.go").write_text(HELLO)
        (self.work / "tell.go").write_text(TELL)
        self.native = [str(self.bin), str(go.parent), str(self.tools)]
        self.env = {**machine.environment(":".join(self.native)), **settings, "HOME": str(self.home)}
        installed = self.goshim("install", "--dir", self.bin)
        assert (installed.err, installed.code) == (b"", 0)
        self.launcher = self.bin / "go"
        # Used only by tests: a launcher that can do nothing but act on a plan.
        self.warm_launcher = root / "warm/go"
        self.warm_launcher.parent.mkdir()
        self.warm_launcher.write_bytes(with_baked(self.launcher.read_bytes(), python="/nonexistent/python"))
        self.warm_launcher.chmod(0o755)

    @property
    def windows(self):
        """The entries of PATH on drive C."""
        return self.machine.entries

    def call(self, *command, env=None):
        """Run a command; `env` is added to the environment, None there takes a variable away."""
        merged = {name: value for name, value in {**self.env, **(env or {})}.items() if value is not None}
        given = {"env": merged, "stdin": subprocess.DEVNULL, "capture_output": True, "timeout": LIMIT_S}
        done = self.machine.run(command, cwd=self.work, **given)
        return Result(done.stdout, done.stderr, done.returncode)

    def go(self, *args, env=None):
        """A call of go through goshim."""
        return self.call(self.launcher, *args, env=env)

    def bare(self, *args, env=None):
        """The same call without goshim."""
        return self.call(self.real, *args, env=env)

    def goshim(self, *args, env=None):
        """A call of the command goshim."""
        return self.call(sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), *args, env=env)

    def received(self, **env):
        """The environment that the real go gets, which it hands on to go generate: the same cold and warm."""
        cold, warm = (self.told(self.launcher, env) for _ in range(2))
        assert warm == cold
        assert self.is_warm("version", env=env)
        return warm

    def told(self, go, env):
        """The environment that a go hands on to go generate, without the directory that it puts first on PATH."""
        done = self.call(go, "generate", "tell.go", env=env)
        assert (done.err, done.code) == (b"", 0)
        pairs = dict(entry.split("=", 1) for entry in done.text.split("\0") if entry)
        own, _, pairs["PATH"] = pairs["PATH"].partition(":")
        assert own == str(self.real.parent)
        return pairs

    def is_warm(self, *args, env=None):
        """Whether a stored plan answers this call."""
        warned = self.home / ".cache/goshim/warned"
        warned.unlink(missing_ok=True)
        done = self.call(self.warm_launcher, *args, env=env)
        warned.unlink(missing_ok=True)
        return done.err == b""

    def trace(self, what, *command, env=None):
        """The system calls of a command and its children, a line each."""
        path = self.root / "trace"
        strace = shutil.which("strace") or pytest.skip("strace is not installed")
        options = ["-f", "-qq", "--seccomp-bpf", "-e", f"trace={what}", "-e", "signal=none", "-o", path]
        done = self.call(strace, *options, *command, env=env)
        assert done.code == 0, done.message
        return path.read_text(errors="surrogateescape").splitlines()


@contextmanager
def running(kind, entries=30, lookup_ms=0):
    """A machine whose look-ups take no time unless told, for tests; they are skipped where none can be made."""
    try:
        with Machine(kind, entries, lookup_ms) as machine:
            yield machine
    except UnavailableError as error:
        pytest.skip(str(error))
