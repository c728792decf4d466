"""What the probes of disks and caches answer on a healthy machine, and machines whose caches lie elsewhere."""

from __future__ import annotations

import json
from typing import Any

from tests.machine import HOME, LAUNCHER, FolderMachine

GIB = 1 << 30
ROOM = {"free_bytes": 50 * GIB, "size_bytes": 252 * GIB, "free_inodes": 15_000_000, "inodes": 16_777_216}
ALLOWED = {"step": "", "error": "", "owner": ""}
NO_LEFTOVERS = {"tmp": 0, "bytes": 0, "partial": [], "partials": 0, "locks": 7, "directories": 12, "cut": False}
SPEED = {"fastest_us": 50, "done": 30, "refused": 0}

CACHE = f"{HOME}/go/pkg/mod"
BUILDS = f"{HOME}/.cache/go-build"
ON_D = "/mnt/d/mod"
JOURNAL = f"{HOME}/.local/state/goshim/journal.jsonl"


def probes(more: dict[str, Any] | None = None) -> dict[str, Any]:
    """The answers of a healthy machine, but for those in `more`."""
    return {
        "disks.space": ROOM,
        "disks.trial": ALLOWED,
        "disks.write_time": SPEED,
        "caches.leftovers": NO_LEFTOVERS,
        "caches.held_locks": [],
        "caches.foreign": {"found": {}, "looked": 9, "cut": False},
        **(more or {}),
    }


def make_home(machine: FolderMachine) -> FolderMachine:
    """Give the machine a home with both caches."""
    for path in (f"{CACHE}/cache/download", BUILDS, f"{HOME}/project", "/tmp", "/var/tmp"):
        machine.directory(path)
    return machine


def make_launcher(machine: FolderMachine, config: str = "") -> dict[str, str]:
    """Install goshim with this config of the user's; gives the PATH on which it is found first."""
    machine.program("/shim/go", LAUNCHER)
    machine.toolchain("/usr/local/go")
    machine.write(f"{HOME}/.config/goshim/config.toml", config)
    return {"PATH": "/shim:/usr/local/go/bin"}


def write_journal(machine: FolderMachine, *records: dict[str, Any]) -> None:
    """Write the journal of incidents."""
    machine.write(JOURNAL, "".join(json.dumps(record) + "\n" for record in records))


def incident(path: str, time: str = "2026-11-17T12:00:00Z", kind: str = "lock", *, won: bool = False) -> dict[str, Any]:
    """An incident; the default was a day before the time that tests take for now."""
    return {"time": time, "class": kind, "path": path, "won": won, "attempts": 3, "waited_s": 60.0}
