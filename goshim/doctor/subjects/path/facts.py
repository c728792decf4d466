"""The entries of PATH, which of them are Windows', what a look into them costs, and which programs they hold."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts import Facts
from goshim.facts.mounts import MountTable
from goshim.rules import lookups
from goshim.settings.model import Settings

# What a Go developer runs by name, go runs itself, or a Makefile of a Go project does.
NAMES = (
    "go", "gofmt", "gopls", "dlv", "golangci-lint", "git", "make", "gcc", "g++", "cc", "clang", "pkg-config", "protoc",
    "npm", "npx", "node", "python3", "docker", "bash", "sh",
)  # fmt: skip

_PROGRAMS = frozenset({"/usr/bin", "/bin"})  # others are appended by many a start file, such as /usr/sbin
_ALL_ON_WINDOWS = MountTable("1 0 0:1 / / rw - drvfs C:\\134 rw")


@dataclass(frozen=True)
class Entry:
    """An entry of PATH, by its place there, counted from 1."""

    number: int
    path: str
    is_windows: bool


@dataclass(frozen=True)
class Shadow:
    """A program of Linux's, and the file in a Windows entry that is run in its place."""

    name: str
    windows: str
    linux: str


@dataclass(frozen=True)
class Search:
    """What go's own search for programs takes at each call: which, in how many entries in all, and how long.

    `missing` are those that no Linux entry has, `windows_looks` the looks into Windows drives; `left` entries answered
    too late to be measured.
    """

    names: tuple[str, ...]
    missing: tuple[str, ...]
    looks: int
    windows_looks: int
    cost_ns: int
    left: int

    @property
    def cost_ms(self) -> float:
        """The time in milliseconds."""
        return self.cost_ns / 1e6


def entries(look: Look) -> tuple[Entry, ...]:
    """The absolute entries of PATH."""
    return tuple(entry for entry in _entries(look, look(basics.variables)) if entry.path.startswith("/"))


def misplaced(look: Look) -> tuple[Entry, ...]:
    """The Windows entries that stand before the distribution's own programs."""
    first = min((entry.number for entry in look(entries) if _plain(entry.path) in _PROGRAMS), default=0)
    return tuple(entry for entry in look(entries) if entry.is_windows and entry.number < first)


def behind_windows(look: Look) -> tuple[Entry, ...]:
    """The Linux entries that stand behind a Windows one."""
    first = min((entry.number for entry in look(entries) if entry.is_windows), default=len(look(entries)) + 1)
    return tuple(entry for entry in look(entries) if not entry.is_windows and entry.number > first)


def reordered(look: Look) -> str:
    """PATH with what is on Windows drives behind all else, in its order."""
    return ":".join(entry.path for entry in sorted(look(entries), key=lambda entry: entry.is_windows))


def drive_points(look: Look) -> tuple[str, ...]:
    """The mount points under which the Windows entries lie."""
    owners = (look(basics.mounts).owner(entry.path) for entry in look(entries) if entry.is_windows)
    return tuple(dict.fromkeys(owner.point for owner in owners if owner))


def shadows(look: Look) -> tuple[Shadow, ...]:
    """Each program of NAMES that a Windows entry stands before, as an executable file of exactly that name.

    Only the entries that can hide one are looked into, which on most machines is none: each look costs a millisecond.
    Unknown where they are too slow.
    """
    behind = look(behind_windows)
    before = [entry for entry in look(entries) if not entry.is_windows and entry not in behind]
    hidden: dict[str, Entry] = {}
    for name in NAMES if behind else ():
        holder = next((entry for entry in (*before, *behind) if _holds(look, entry, name)), None)
        if holder and holder in behind:
            hidden[name] = holder
    asked = []
    for entry in look(entries):
        names = [name for name, at in hidden.items() if entry.number < at.number]
        if entry.is_windows and names:
            asked.append([_plain(entry.path), names])
    if not asked:
        return ()
    answer: Any = look.host.probe("lookups.held", json.dumps(asked))
    if answer["left"] and not answer["found"]:
        raise UnknownError(f"{answer['left']} Windows entries of PATH were too slow to look into")
    found: dict[str, Shadow] = {}
    for directory, names in answer["found"]:
        for name in names:
            found.setdefault(name, Shadow(name, f"{directory}/{name}", f"{_plain(hidden[name].path)}/{name}"))
    return tuple(found.values())


def search(look: Look) -> Search:
    """What go's search takes with the environment as it is."""
    return _search(look, look(basics.variables))


def search_by_goshim(look: Look) -> Search:
    """What it takes with the environment that goshim's launcher gives to go."""
    return _search(look, look(basics.plan).environment(look(basics.variables)))


def _search(look: Look, variables: Mapping[str, str]) -> Search:
    answer: Any = look.host.probe("lookups.cost")
    known = {entry: int(cost_ns) for entry, cost_ns in answer["taken"]}
    names = _searched(look, variables)
    everywhere = _entries(look, variables)
    looks: list[Entry] = []
    missing: list[str] = []
    for name in names:
        holders = (at for at, each in enumerate(everywhere, 1) if not each.is_windows and _holds(look, each, name))
        at = next(holders, 0)
        looks += everywhere[:at] if at else everywhere
        missing += [] if at else [name]
    return Search(
        names,
        tuple(missing),
        len(looks),
        sum(entry.is_windows for entry in looks),
        sum(known.get(entry.path, 0) for entry in looks),
        answer["left"],
    )


def _searched(look: Look, variables: Mapping[str, str]) -> tuple[str, ...]:
    """The programs that go looks for in PATH at every call.

    The rules that spare it these searches know; they are asked as on a machine where each entry is Windows', and which
    has no such program.
    """
    facts = Facts(
        variables,
        mounts=_ALL_ON_WINDOWS,
        go_version=look(basics.search).version(look(basics.toolchain).goroot),
        go_env_file=look(basics.go_variables),
    )
    rules = {"gccgo": lookups.gccgo_lookup, "gcc": lookups.compiler_lookup}
    return tuple(name for name, rule in rules.items() if any(rule.apply(facts, Settings())))


def _entries(look: Look, variables: Mapping[str, str]) -> list[Entry]:
    table, path = look(basics.machine).mounts, variables.get("PATH", "")
    numbered = enumerate(path.split(":") if path else (), 1)
    return [Entry(number, entry, table.on_windows(entry)) for number, entry in numbered]


def _holds(look: Look, entry: Entry, name: str) -> bool:
    return look.host.runnable(f"{_plain(entry.path)}/{name}")


def _plain(path: str) -> str:
    return path.rstrip("/") or "/"
