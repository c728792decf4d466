"""A machine of its own for each test: a home, a PATH, toolchains, and the launcher as `goshim install` wrote it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import goshim

CHECKOUT = Path(goshim.__file__).resolve().parent.parent
LIMIT_S = 60
COMMAND = "import sys; sys.path.insert(0, {!r}); from goshim.cli import main; sys.exit(main())"

# What bash manages by itself in any script that it runs; a test asks bash that there is no other.
_MANAGED = """
    _ SHLVL PWD OLDPWD IFS OPTIND OPTERR PS4 BASH BASHOPTS BASHPID BASH_ALIASES BASH_ARGC BASH_ARGV BASH_ARGV0
    BASH_CMDS BASH_COMMAND BASH_LINENO BASH_SOURCE BASH_SUBSHELL BASH_VERSINFO BASH_VERSION COMP_WORDBREAKS
    DIRSTACK EPOCHREALTIME EPOCHSECONDS EUID FUNCNAME GROUPS HISTCMD HOSTNAME HOSTTYPE LINENO MACHTYPE OSTYPE
    PIPESTATUS PPID PS1 PS2 RANDOM SECONDS SHELLOPTS SRANDOM UID
"""
MANAGED_BY_BASH = frozenset(_MANAGED.split())


class Result(NamedTuple):
    """What a call gave; a negative code is the signal that it died of."""

    out: bytes
    err: bytes
    code: int

    @property
    def text(self):
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def message(self):
        return self.err.decode("utf-8", "surrogateescape")

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def documents(self):
        """The JSON values on stdout, which follow each other."""
        return documents(self.text)

    @property
    def ours(self):
        """The lines on stderr that begin something goshim says."""
        return [line for line in self.message.splitlines() if line.startswith("goshim: ")]


class Dump(NamedTuple):
    """How the go of dump.go was called."""

    process: int
    parent: int
    directory: bytes
    arguments: list[bytes]
    environment: dict[bytes, bytes]

    @classmethod
    def of(cls, data):
        process, parent, directory, count, rest = data.split(b"\0", 4)
        *arguments, environment = rest.split(b"\0", int(count))
        pairs = (entry.partition(b"=") for entry in environment.split(b"\0") if entry)
        return cls(int(process), int(parent), directory, arguments, {name: value for name, _, value in pairs})


class Machine:
    """`bin` holds the launcher, `tools` the real go behind it; `work`, in the home, is where calls are made."""

    def __init__(self, root, launcher, real):
        self.root = Path(root)
        self.home = self.root / "home"
        self.work = self.home / "work"
        self.bin = self.root / "bin"
        self.tools = self.root / "tools" / "go"
        self.config = self.home / ".config/goshim/config.toml"
        self.project_file = self.work / ".goshim.toml"
        self.store = self.home / ".cache/goshim"
        self.work.mkdir(parents=True)
        self.launcher = self.put(self.bin / "go", launcher)
        make_toolchain(self.tools, real)
        # Used only by tests: a launcher that can do nothing but act on a plan.
        self.warm_launcher = self.put(self.root / "warm" / "go", with_baked(launcher, python="/nonexistent/python"))
        self.package = CHECKOUT / "goshim"
        self.shelter = []  # a command that runs another where nothing but this machine can be written
        self.env = {"HOME": str(self.home), "PATH": f"{self.bin}:{self.tools}/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}

    def put(self, path, content, mode=0o755):
        """A file with its directories."""
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)
        return path

    def call(self, *args, env=None, cwd=None, stdin=b"", limit_s=LIMIT_S, **more):
        """Run a program in this machine; `env` is added to its environment, None there takes a variable away."""
        done = subprocess.run(
            [os.fspath(arg) for arg in (*self.shelter, *args)],
            env=self.with_env(env),
            cwd=cwd or self.work,
            input=stdin,
            capture_output=True,
            timeout=limit_s,
            check=False,
            **more,
        )
        return Result(done.stdout, done.stderr, done.returncode)

    def go(self, *args, **more):
        """A call of go through goshim."""
        return self.call(self.launcher, *args, **more)

    def warm(self, *args, **more):
        """A call of go that a stored plan must answer: where none does, there is a warning on stderr."""
        return self.call(self.warm_launcher, *args, **more)

    def goshim(self, *args, **more):
        """A call of the command goshim."""
        return self.call(sys.executable, "-I", "-c", COMMAND.format(str(self.package.parent)), *args, **more)

    def dump(self, *args, **more):
        """How go is called through goshim."""
        done = self.go(*args, **more)
        assert (done.err, done.code) == (b"", 0)
        return Dump.of(done.out)

    def warm_dump(self, *args, **more):
        """The same, by a stored plan."""
        done = self.warm(*args, **more)
        assert (done.err, done.code) == (b"", 0)
        return Dump.of(done.out)

    def is_warm(self, **more):
        """Whether a stored plan answers this call."""
        (self.store / "warned").unlink(missing_ok=True)
        done = self.warm(**more)
        (self.store / "warned").unlink(missing_ok=True)
        return done.err == b""

    def changes(self, **more):
        """What `goshim env` says that is changed: each variable's last value."""
        done = self.goshim("env", "--json", **more)
        assert (done.err, done.code) == (b"", 0)
        return {each["variable"]: each["after"] for each in done.json["changes"]}

    def plans(self):
        """The stored plans."""
        return sorted(path for path in self.store.rglob("@*") if path.is_file())

    def forget(self):
        """Empty the store."""
        shutil.rmtree(self.store, ignore_errors=True)

    def with_env(self, env):
        """The environment of a call."""
        merged = {os.fsencode(name): value for name, value in self.env.items()}
        merged |= {os.fsencode(name): value for name, value in (env or {}).items()}
        return {name: os.fsencode(value) for name, value in merged.items() if value is not None}


def documents(text):
    """The JSON values that follow each other in a text."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def make_toolchain(root, real, version="go1.27.3"):
    """A directory that is a toolchain to goshim, with any program as its go."""
    root = Path(root)
    (root / "bin").mkdir(parents=True)
    (root / "pkg/tool").mkdir(parents=True)
    (root / "VERSION").write_text(f"{version}\ntime 2026-01-01T00:00:00Z\n")
    if isinstance(real, bytes):
        (root / "bin/go").write_bytes(real)
    else:
        shutil.copyfile(real, root / "bin/go")
    (root / "bin/go").chmod(0o755)
    return root / "bin/go"


def with_baked(launcher, **values):
    """The text of a launcher with other paths baked in."""
    for name, value in values.items():
        found = rb"(\blocal \+x (?:\w+=\S* )*?%s=)\S+" % name.encode()
        match = re.search(found, launcher)
        launcher = launcher[: match.end(1)] + os.fsencode(value) + launcher[match.end() :]
    return launcher


def unmanaged(environment):
    """An environment without what bash manages by itself."""
    return {name: value for name, value in environment.items() if os.fsdecode(name) not in MANAGED_BY_BASH}


def applied(environment, changes):
    """An environment with changes made to it."""
    after = dict(environment)
    for name, value in changes.items():
        after.pop(os.fsencode(name), None)
        if value is not None:
            after[os.fsencode(name)] = value.encode("utf-8", "surrogateescape")
    return after


def default_signals():
    """For preexec_fn: signals as a terminal has them, whatever the test runner does."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
