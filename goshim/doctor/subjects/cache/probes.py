"""What lies in go's caches, by looks that end after a tenth of a second however large these are."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import time
from collections.abc import Iterator
from typing import Any

from goshim.base.encoding import to_bytes, to_text
from goshim.doctor.subjects.cache.disk_probes import name_of
from goshim.facts.host import Host
from goshim.facts.module_cache import DOWNLOADS
from goshim.watch.holders import Process

LIMIT_S = 0.1
OLD_S = 86400
_MOST_EXAMPLES = 5
_UNFINISHED = (b".tmp", b".partial")
_HELD = re.compile(r"\d+: [A-Z]\S* +\S+ +\S+ +(\d+) +\S+:(\d+) ")  # proc(5), /proc/locks; who waits has an arrow


def leftovers(_host: Host, cache: str) -> dict[str, Any]:
    """What is unfinished below cache/download for over a day (cmd/go/internal/modfetch/cache.go and fetch.go).

    How many `tmp` files there are with their `bytes`; the first `partial` ones by name, and how many; how many `locks`;
    `directories` that were looked into, and whether there were more (`cut`).
    """
    end_s, oldest_s = time.monotonic() + LIMIT_S, time.time() - OLD_S
    found: dict[str, Any] = {"tmp": 0, "bytes": 0, "partial": [], "partials": 0, "locks": 0, "directories": 0}
    base = to_bytes(os.path.join(cache, DOWNLOADS))
    waiting = [base] if os.path.isdir(base) else []
    while waiting and time.monotonic() < end_s:
        found["directories"] += 1
        for entry in _entries(waiting.pop()):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(entry.path)
            elif entry.name.endswith(b".lock"):
                found["locks"] += 1
            elif entry.name.endswith(_UNFINISHED) and (status := _status(entry)) and status.st_mtime < oldest_s:
                if entry.name.endswith(b".tmp"):
                    found["tmp"] += 1
                    found["bytes"] += status.st_size
                else:
                    found["partials"] += 1
                    found["partial"] += [to_text(entry.path[len(base) + 1 :])]
                    del found["partial"][_MOST_EXAMPLES:]
    return {**found, "cut": bool(waiting)}


def held_locks(_host: Host, cache: str) -> list[dict[str, Any]]:
    """The locks below a cache that are held now: by whom, for how long it runs, and whether it is stopped.

    From the holders that /proc/locks names to the files that they have open: the other way each lock file would have to
    be looked at. Other users' processes, and those of other containers, show nothing.
    """
    with open("/proc/locks", encoding="ascii") as file:
        held = [found for line in file if (found := _HELD.match(line))]
    inodes: dict[int, set[int]] = {}
    for found in held:
        inodes.setdefault(int(found[1]), set()).add(int(found[2]))
    below = os.path.realpath(cache).rstrip("/") + "/"
    return [
        {
            "path": path,
            "process": number,
            "who": Process(number).words,
            "runs_s": _runs_s(number),
            "stopped": _is_stopped(number),
        }
        for number, numbers in inodes.items()
        for path in sorted(set(_open_files(number, below, numbers)))
    ]


def foreign(_host: Host, subject: str) -> dict[str, Any]:
    """What belongs to somebody else and is closed to us, in directories that a JSON list of [path, depth] names.

    A cache that is shared on purpose is open to its group. A module is read-only for its owner too, so of what has a
    version in its name nothing is said.
    """
    end_s = time.monotonic() + LIMIT_S
    found: dict[str, list[str]] = {}
    looked, is_cut = 0, False
    for top, depth in json.loads(subject):
        waiting = [(to_bytes(top), 0)]
        while waiting and not is_cut:
            path, level = waiting.pop()
            with contextlib.suppress(OSError):
                status = os.lstat(path)
                looked += 1
                is_directory = stat.S_ISDIR(status.st_mode)
                if status.st_uid != os.geteuid() and not os.access(path, os.W_OK) and not stat.S_ISLNK(status.st_mode):
                    found.setdefault(top, []).append(f"{to_text(path)}: {name_of(status.st_uid)}")
                elif is_directory and level < depth:
                    waiting += [(entry.path, level + 1) for entry in _entries(path) if b"@" not in entry.name]
            is_cut = time.monotonic() >= end_s
    examples = {top: {"count": len(texts), "first": texts[:_MOST_EXAMPLES]} for top, texts in found.items()}
    return {"found": examples, "looked": looked, "cut": is_cut}


def _entries(directory: bytes) -> Iterator[os.DirEntry[bytes]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except OSError:
        return


def _status(entry: os.DirEntry[bytes]) -> os.stat_result | None:
    try:
        return entry.stat(follow_symlinks=False)
    except OSError:
        return None


def _open_files(number: int, below: str, inodes: set[int]) -> Iterator[str]:
    with contextlib.suppress(OSError):
        for name in os.listdir(f"/proc/{number}/fd"):
            link = f"/proc/{number}/fd/{name}"
            with contextlib.suppress(OSError):
                path = to_text(os.readlink(link.encode()))
                if path.startswith(below) and os.stat(link).st_ino in inodes:
                    yield path


def _runs_s(number: int) -> int:
    """For how many seconds a process runs (proc(5), /proc/PID/stat, starttime); 0 if it is gone."""
    fields = _stat_fields(number)
    with open("/proc/uptime", encoding="ascii") as file:
        uptime_s = float(file.read().split()[0])
    started_s = int(fields[19]) / os.sysconf("SC_CLK_TCK") if len(fields) > 19 else uptime_s  # noqa: PLR2004
    return max(int(uptime_s - started_s), 0)


def _is_stopped(number: int) -> bool:
    return _stat_fields(number)[:1] in (["T"], ["t"])


def _stat_fields(number: int) -> list[str]:
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return []
