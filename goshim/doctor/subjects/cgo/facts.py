"""Whether cgo is on for go here, what decides it, and the C compiler that go would run.

Go's own rule (cmd/go/internal/cfg/cfg.go, defaultContext): CGO_ENABLED, where it is exactly 0 or 1; else off for a
cross build, or for a toolchain that was built so; else, since 1.20, off where CC is empty in the environment and the
default compiler is not on PATH; else on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from goshim.base.resources import load_rows
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics

_FIRST_WITH_DEFAULT_OFF = (1, 20)
_BUILT_WITH = "src/internal/buildcfg/zbootstrap.go"
_OF_DISTRIBUTION = re.compile(r"/usr/bin/(?:gcc|clang|cc)(?:-\d+)?")
_BUILT_WITH_CC = "src/cmd/go/internal/cfg/zdefaultcc.go"


@dataclass(frozen=True)
class Compiler:
    """The C compiler: its words, where they are named (empty: go's own default), and the program, empty for none."""

    words: str
    named_in: str
    program: str

    @property
    def name(self) -> str:
        """The program as it is named."""
        return _first_word(self.words)


@dataclass(frozen=True)
class Cgo:
    """Whether cgo is on, and why.

    `decided_by` is goshim, environment, file, cross, toolchain, compiler (there is none) or default. `ignored` has the
    values that go takes no notice of, by where they stand.
    """

    is_on: bool
    decided_by: str
    ignored: tuple[tuple[str, str], ...] = ()


def compiler(look: Look) -> Compiler:
    """The C compiler that go would run: CC, of the environment or of the go env file, else what go was built with."""
    named = look(basics.variables).get("CC", ""), look(basics.go_variables).get("CC", "")
    words, place = (named[0], "environment") if named[0] else (named[1], "file") if named[1] else ("", "")
    words = words or _default_compiler(look)
    return Compiler(words, place, _find(look, _first_word(words)))


def state(look: Look) -> Cgo:
    """Whether cgo is on for go as it is called here, goshim's changes counted where its launcher is first."""
    changed = [change for change in look(basics.changes) if change.variable == "CGO_ENABLED"]
    environment = look(basics.variables).get("CGO_ENABLED", "")
    file = look(basics.go_variables).get("CGO_ENABLED", "")
    read = [("environment", environment)] if environment else [("file", file)]  # the file is asked only then
    ignored = tuple((place, value) for place, value in read if value and value not in ("0", "1"))
    if changed and changed[-1].after in ("0", "1"):
        return Cgo(changed[-1].after == "1", "goshim", ignored)
    if changed:
        environment = ""
    if environment or file:
        decisive, place = (environment, "environment") if environment else (file, "file")
        if decisive in ("0", "1"):
            return Cgo(decisive == "1", place, ignored)
    return Cgo(*_default(look), ignored)


def rule(look: Look) -> str:
    """The rule of goshim's that decides CGO_ENABLED here; empty for none."""
    return next((each.rule for each in reversed(look(basics.changes)) if each.variable == "CGO_ENABLED"), "")


def has_headers(look: Look) -> bool:
    """Whether the C library's headers are where a distribution's own compiler looks; true for any other compiler."""
    if not _OF_DISTRIBUTION.fullmatch(look(compiler).program):
        return True
    return look.host.exists("/usr/include/stdlib.h")


def get_compiler(look: Look) -> str:
    """The command by which this distribution installs a C compiler with headers; empty where that is unknown."""
    text = look.host.text("/etc/os-release") or look.host.text("/usr/lib/os-release")
    names = " ".join(re.findall(r'^ID(?:_LIKE)?="?([^"\n]*)', text, re.MULTILINE)).split()
    commands = {row["id"]: row["command"] for row in load_rows("cgo-modules.toml", "compiler")}
    return next((commands[name] for name in names if name in commands), "")


def _default(look: Look) -> tuple[bool, str]:
    goroot, version = _toolchain(look)
    if _is_cross(look, goroot):
        return False, "cross"
    built = look.host.lines(f"{goroot}/{_BUILT_WITH}", r"^const DefaultCGO_ENABLED\b") if goroot else ()
    if any(re.search(r"""["`]0["`]""", text) for _, text in built):
        return False, "toolchain"
    release = tuple(int(number) for number in re.findall(r"\d+", version)[:2])
    if release and release < _FIRST_WITH_DEFAULT_OFF:
        return True, "default"
    if not look(basics.variables).get("CC") and not _find(look, _default_compiler(look)):
        return False, "compiler"
    return True, "default"


def _is_cross(look: Look, goroot: str) -> bool:
    system, processor = basics.go_setting(look, "GOOS") or "linux", basics.go_setting(look, "GOARCH")
    tools = look.host.glob(f"{goroot}/pkg/tool/linux_*") if goroot and processor else ()
    return system != "linux" or (len(tools) == 1 and not tools[0].endswith(f"linux_{processor}"))


def _toolchain(look: Look) -> tuple[str, str]:
    """GOROOT and version; both empty where no toolchain is known, which is then taken for a new one."""
    try:
        goroot = look(basics.toolchain).goroot
    except UnknownError:
        return "", ""
    return goroot, look(basics.search).version(goroot)


def _default_compiler(look: Look) -> str:
    goroot, _ = _toolchain(look)
    returned = look.host.lines(f"{goroot}/{_BUILT_WITH_CC}", r'^\treturn "[^"+]+"$') if goroot else ()
    return returned[-1][1].split('"')[1] if returned else "gcc"


def _first_word(words: str) -> str:
    """As cmd/internal/quoted, Split: quotes only around a whole word."""
    stripped = words.strip()
    if stripped[:1] in ("'", '"'):
        return stripped[1:].partition(stripped[0])[0]
    return (stripped.split() or [""])[0]


def _find(look: Look, name: str) -> str:
    """The program that go finds by this name (os/exec, LookPath); entries on Windows drives are asked last."""
    if "/" in name:
        path = name if name.startswith("/") else f"{look.host.directory}/{name}"
        return name if look.host.runnable(path) else ""
    mounts = look(basics.machine).mounts
    entries = [entry.rstrip("/") for entry in look(basics.path_entries) if entry.startswith("/")]
    entries.sort(key=mounts.on_windows)
    return next((f"{entry}/{name}" for entry in entries if name and look.host.runnable(f"{entry}/{name}")), "")
