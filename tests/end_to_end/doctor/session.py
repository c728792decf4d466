"""A shell session of someone with a machine of their own: what is wrong there, and what the told commands do."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from tests.end_to_end.doctor.windows import HANGS
from tests.end_to_end.machine import CHECKOUT, COMMAND, LIMIT_S, Result, make_toolchain

FAILED = 99  # the exit code of a session in which a command failed that should not


@dataclass(frozen=True)
class State:
    """Something that is wrong, made for real: files below the home, and lines of the shell before doctor is asked.

    In both, @NAME@ stands for a place of the session. `sheds` are the capabilities that root does without.
    """

    check: str
    shell: str = ""
    files: dict = field(default_factory=dict)
    sheds: str = ""


class Session:
    """`bin` holds goshim and a sudo for root, `tools` what a test puts there; the home is empty but for `work`."""

    def __init__(self, root, go):
        self.root = root
        self.home, self.bin, self.tools = root / "home", root / "bin", root / "tools"
        self.work = self.home / "work"
        for each in (self.work, self.bin, self.tools, self.home / ".config/go/telemetry"):
            each.mkdir(parents=True)
        (self.home / ".config/go/telemetry/mode").write_text("off")
        self.goshim = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT))]
        self._program("goshim", f'exec {shlex.join(self.goshim)} "$@"')
        self._program("sudo", 'exec "$@"')
        self.places = {"HOME": self.home, "ROOT": root, "TOOLS": self.tools, "GO": go, "PYTHON": sys.executable}
        path = f"{self.bin}:{go.parent}:{self.tools}:/usr/sbin:/usr/bin:/sbin:/bin"
        self.env = {"HOME": str(self.home), "PATH": path, "LANG": "C.UTF-8", "USER": "root", "SHELL": "/bin/bash"}
        self.given = []
        self.prefix = []

    def make(self, state):
        """Bring the state about."""
        for name, content in state.files.items():
            place = self.home / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content if isinstance(content, bytes) else self.filled(content).encode())
        self.given = [self.filled(state.shell)] if state.shell else []
        if state.sheds and not os.geteuid():
            setpriv = shutil.which("setpriv") or pytest.skip("setpriv is not installed")
            self.prefix = [setpriv, f"--bounding-set={state.sheds}", f"--inh-caps={state.sheds}"]

    def filled(self, text):
        """A text with the places of this session in it."""
        for name, place in self.places.items():
            text = text.replace(f"@{name}@", str(place))
        return text

    def run(self, *lines, login=True, given=True, **more):
        """Run lines in a new shell, which has read ~/.profile and made what is given."""
        start = '[ ! -e "$HOME/.profile" ] || . "$HOME/.profile"' if login else ""
        script = "\n".join([start, *(self.given if given else ()), *lines])
        done = subprocess.run(
            [*self.prefix, "/bin/bash", "--noprofile", "--norc", "-c", script],
            env=self.env,
            cwd=self.work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
            **more,
        )
        return Result(done.stdout, done.stderr, done.returncode)

    def with_env(self, env):
        """The environment of a command, with this added."""
        return {**self.env, **env}

    def starts(self):
        """The processes that a Terminal has to end: none is left here."""
        return []

    def becomes_slow(self):
        """Put a go first on PATH that never answers, whatever it is told."""
        make_toolchain(self.root / "slow", f"#!/bin/bash\n{HANGS}\n".encode())
        self.env["PATH"] = f"{self.root}/slow/bin:{self.env['PATH']}"

    def finding(self, check, *before, **more):
        """What doctor finds by a check after these commands, each of which must succeed."""
        steps = [f"{{\n{each}\n}} >&2 || exit {FAILED}" for each in before]
        done = self.run(*steps, f"goshim doctor --json --only {check}", **more)
        assert done.code in (0, 1), (before, done.message)
        (found,) = json.loads(done.out)["findings"]
        return found

    def snapshot(self):
        """The files of the home, but for what goshim and go keep for themselves."""
        found = {}
        for directory, names, files in os.walk(self.home):
            names[:] = [name for name in names if name not in (".cache", ".git", "pkg", "telemetry")]
            for name in files:
                path = os.path.join(directory, name)
                with open(path, "rb") as file:
                    found[path] = file.read()
        return found

    def _program(self, name, line):
        place = self.bin / name
        place.write_text(f"#!/bin/bash\n{line}\n")
        place.chmod(0o755)
