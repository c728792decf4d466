"""The journal of incidents: a JSON line each in ~/.local/state/goshim/journal.jsonl. No fault of it is ever raised."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Iterable, Mapping
from typing import Any

from goshim.base import atomic_file, own_directory
from goshim.base.encoding import to_bytes
from goshim.base.redaction import redact
from goshim.watch.diagnosis import Diagnosis

MAX_BYTES = 1 << 20
KEEP_S = 90 * 86400
OF_ONE_CALL = 20  # incidents; a drive that is wholly locked has one for each module
_LOCK_TIMEOUT_S = 2
_LONGEST_VALUE = 2000
_LONGEST_LINE_BYTES = 1 << 16

Record = dict[str, Any]


class Incidents:
    """What failed in the course of one call: each thing once, with how often and how long it did."""

    def __init__(self, verb: str) -> None:
        """Begin with none, for a call of go's `verb`."""
        self._verb = verb
        self._failing: dict[str, Record] = {}
        self._over: list[Record] = []

    def add(self, diagnosis: Diagnosis) -> None:
        """Note what an attempt failed of; what failed before and did not now is over, and won."""
        for subject in self._failing.keys() - diagnosis.subjects:
            won = {**self._failing.pop(subject), "won": True}
            self._over += [won] if len(self._over) < OF_ONE_CALL else []
        for finding in {finding.subject: finding for finding in diagnosis.findings}.values():
            new = {
                "class": finding.sign.kind,
                "sign": finding.sign.id,
                "path": finding.what,
                "verb": self._verb,
                "attempts": 0,
                "waited_s": 0.0,
            }
            self._failing.setdefault(finding.subject, new)["attempts"] += 1

    def waited(self, seconds: float) -> None:
        """Add a wait to all that fails now."""
        for record in self._failing.values():
            record["waited_s"] = round(record["waited_s"] + seconds, 3)

    def records(self, *, won: bool) -> list[Record]:
        """All of them, when the call is over; at most OF_ONE_CALL."""
        return [*self._over, *({**record, "won": won} for record in self._failing.values())][:OF_ONE_CALL]


def locate(environment: Mapping[str, str]) -> str:
    """The journal's path; empty where there is no home."""
    home = environment.get("HOME", "")
    return f"{home.rstrip('/')}/.local/state/goshim/journal.jsonl" if home.startswith("/") else ""


def add(environment: Mapping[str, str], records: Iterable[Record]) -> bool:
    """Append records, each with the time and without passwords. Says whether they are there."""
    from goshim.base.resources import enable_site_packages

    enable_site_packages()
    try:
        from filelock import FileLock, Timeout
    except ImportError:
        return False
    path = locate(environment)
    now = _timestamp(time.time())
    lines = [_line({"time": now, **record}) for record in records]
    if not path or not lines or not own_directory.make(os.path.dirname(path), environment.get("HOME", "")):
        return False
    if not _is_regular(f"{path}.lock"):
        return False
    try:
        with FileLock(f"{path}.lock", timeout=_LOCK_TIMEOUT_S, mode=0o600):
            if not _is_regular(path):
                return False
            _shorten(path, sum(map(len, lines)))  # it is another file then
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            with open(os.open(path, flags, 0o600), "ab") as file:
                if _is_torn(path):
                    file.write(b"\n")
                file.write(b"".join(lines))
    except (OSError, Timeout, NotImplementedError):  # the last by filelock, on a file system that has no flock
        return False
    return True


def read(environment: Mapping[str, str]) -> list[Record]:
    """The records, oldest first, of the last 90 days; lines that are none are passed over."""
    path = locate(environment)
    if not _is_regular(path) or own_directory.fault(os.path.dirname(path), environment.get("HOME", "")):
        return []
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            data = file.read(4 * MAX_BYTES)
    except (OSError, ValueError):
        return []
    return [record for record in parse(data) if record["time"] >= _oldest()]


def parse(data: bytes) -> list[Record]:
    """The records in a journal's bytes, oldest first; lines that are none are passed over."""
    return [record for line in data.split(b"\n") if (record := _record(line))]


def _line(record: Record) -> bytes:
    masked = {
        name: redact(value)[:_LONGEST_VALUE] if isinstance(value, str) else value for name, value in record.items()
    }
    return json.dumps(masked).encode("ascii") + b"\n"


def _record(line: bytes) -> Record | None:
    try:
        record = json.loads(line, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return None
    is_one = isinstance(record, dict) and all(isinstance(record.get(name), str) for name in ("time", "class", "path"))
    return record if is_one and isinstance(record.get("won"), bool) else None


def _no_json(name: str) -> None:
    raise ValueError(name)


def _is_regular(path: str) -> bool:
    """Whether a path is a file, or nothing yet: a link leads elsewhere, and from a FIFO one would read for ever."""
    try:
        return stat.S_ISREG(os.lstat(to_bytes(path)).st_mode)
    except FileNotFoundError:
        return True
    except OSError:
        return False


def _is_torn(path: str) -> bool:
    """Whether a writer died in the middle of a line."""
    with open(path, "rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"


def _shorten(path: str, more_bytes: int) -> None:
    """Make room for more where the journal is full, and drop what is too old."""
    try:
        with open(path, "rb") as file:
            first, size = _record(file.readline(_LONGEST_LINE_BYTES)), os.fstat(file.fileno()).st_size
            is_full = size + more_bytes > MAX_BYTES
            if not is_full and (first is None or first["time"] >= _oldest()):
                return
            file.seek(max(size - MAX_BYTES // 2, 0) if is_full else 0)
            lines = file.read(MAX_BYTES).split(b"\n")
    except FileNotFoundError:
        return
    kept = [line for line in lines if (record := _record(line)) and record["time"] >= _oldest()]
    atomic_file.write(path, b"".join(line + b"\n" for line in kept))


def _oldest() -> str:
    return _timestamp(time.time() - KEEP_S)


def _timestamp(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
