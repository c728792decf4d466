"""The directories that go works in, and which of their names it can't work with.

Tried with go 1.21 and 1.27: forty names as project, and the odd ones among them as GOMODCACHE, GOPATH, GOCACHE,
GOTMPDIR, GOBIN and HOME. Blanks, quotes, `$`, `@`, `:` (but for GOPATH and HOME), a leading `-`, Chinese characters and
most control characters work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts.mounts import is_windows_path

WITH_CGO = "cgo is used"
INSTALLING = "go install is called"
LIMITS = ("", INSTALLING, WITH_CGO)
"""Where a name does harm, the widest first: at each build, or only there."""

_CACHES = ("GOMODCACHE", "GOCACHE")


@dataclass(frozen=True)
class Directory:
    """A directory, and which of go's it is."""

    role: str
    path: str


@dataclass(frozen=True)
class Fault:
    """What go can't do in a directory, in words, and where (one of LIMITS)."""

    directory: Directory
    words: str
    limit: str = ""


def used(look: Look) -> tuple[Directory, ...]:
    """The project (the module, or outside one the working directory), the caches, and where go installs and works."""
    caches = {"module cache": _path(look, basics.cache), "build cache": _path(look, basics.build_cache)}
    named = {name: basics.go_setting(look, name) for name in ("GOBIN", "GOTMPDIR")}
    named["TMPDIR"] = look(basics.variables).get("TMPDIR", "")
    found = {"project": look(basics.module) or look.host.directory, **caches, **named}
    return tuple(Directory(role, path) for role, path in found.items() if path)


def faults(look: Look) -> tuple[Fault, ...]:
    """What go can't work with, the project's first."""
    return (*(fault for directory in look(used) for fault in _judge(directory)), *_of_gopath(look), *_relative(look))


def _path(look: Look, fact: Callable[[Look], str]) -> str:
    try:
        return look(fact)
    except UnknownError:
        return ""


def _judge(directory: Directory) -> Iterator[Fault]:
    path = directory.path
    is_text = not any("\ud800" <= letter <= "\udfff" for letter in path)
    if directory.role in ("project", "module cache"):
        if "\n" in path or "\r" in path:
            yield Fault(directory, "a line end in it: go says `invalid package directory`")
        elif not is_text:
            yield Fault(
                directory, "not UTF-8: a package with cgo does not compile (`invalid UTF-8 encoding`)", WITH_CGO
            )
        elif "\ufeff" in path:
            yield Fault(
                directory, "a byte order mark in it: a package with cgo does not compile (`invalid BOM`)", WITH_CGO
            )
        elif any("\x80" <= letter <= "\x9f" for letter in path):
            yield Fault(directory, "a C1 control character in it: a package with cgo does not compile", WITH_CGO)
    elif directory.role != "GOBIN":
        if "\n" in path:
            yield Fault(directory, "a line feed in it breaks the compiler's importcfg: `unknown directive`")
        elif not is_text:
            yield Fault(directory, "not UTF-8: go vet, which go test runs, finds nothing there")


def _of_gopath(look: Look) -> Iterator[Fault]:
    """A relative entry of GOPATH ends every call: cmd/go/main.go. A colon in a directory's name makes one."""
    value = basics.go_setting(look, "GOPATH")
    if not value and ":" in look(basics.variables).get("HOME", ""):
        home = Directory("HOME", look(basics.variables)["HOME"])
        yield Fault(home, "a colon parts the GOPATH that go derives from it: go install finds no place", INSTALLING)
    bad = [entry for entry in value.split(":") if entry and not entry.startswith("/")]
    if not bad or is_windows_path(value):  # the check windows-values tells of those
        return
    words = "a path that is not absolute ends every call"
    if bad[0].startswith("~"):
        words = "go does not expand ~, which ends every call"
    elif ":" in value:
        words = "go takes a colon for the end of an entry, and the next is not absolute, which ends every call"
    yield Fault(Directory("GOPATH", value), words)


def _relative(look: Look) -> Iterator[Fault]:
    for name in _CACHES:
        value = basics.go_setting(look, name)
        if value and not value.startswith("/") and not is_windows_path(value):
            yield Fault(Directory(name, value), "not an absolute path, which go refuses")
