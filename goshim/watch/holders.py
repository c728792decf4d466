"""Who holds a file open or locked, as far as /proc tells. What another machine or Windows does can't be seen in it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from goshim.base.encoding import to_text
from goshim.base.redaction import redact
from goshim.base.terminal import printable

_LONGEST_COMMAND = 60


class Process(NamedTuple):
    """A process that we can see; number 0 is one in another container."""

    number: int

    @property
    def words(self) -> str:
        """What a person knows it by: `process 42 (go mod download)`."""
        if not self.number:
            return "a process in another container"
        command = command_of(self.number)
        return f"process {self.number} ({command})" if command else f"process {self.number}"


class AwaitedLock(NamedTuple):
    """A lock that a process waits for: its file (empty if unknown), and who has it."""

    path: str
    holder: Process | None


def command_of(number: int) -> str:
    """The command line of a process, short; empty if it is gone."""
    try:
        with open(f"/proc/{number}/cmdline", "rb") as file:
            words = to_text(file.read()).rstrip("\0").split("\0")
    except OSError:
        return ""
    if not words[0]:
        return ""
    text = printable(redact(" ".join([os.path.basename(words[0]), *words[1:]])))
    return text if len(text) <= _LONGEST_COMMAND else text[: _LONGEST_COMMAND - 1] + "…"


def users_of(path: str) -> list[Process]:
    """Other processes that have the file open, of those we may look at."""
    try:
        wanted = os.stat(path)
    except OSError:
        return []
    others = [int(name) for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    return [Process(each) for each in others if any(os.path.samestat(status, wanted) for _, status in _files(each))]


def awaited_lock(numbers: list[int]) -> AwaitedLock | None:
    """The lock that one of these processes waits for (proc(5), /proc/locks)."""
    try:
        with open("/proc/locks", encoding="ascii") as file:
            lines = [line.split() for line in file]
    except OSError:
        return None
    waiting = {str(number) for number in numbers}
    for fields in lines:
        if fields[1] == "->" and fields[5] in waiting:
            held = next((each for each in lines if each[1] != "->" and each[0] == fields[0]), None)
            holder = Process(max(int(held[4]), 0)) if held else None
            return AwaitedLock(_path_of(int(fields[5]), int(fields[6].rpartition(":")[2])), holder)
    return None


def _path_of(number: int, inode: int) -> str:
    return next((path for path, status in _files(number) if status.st_ino == inode), "")


def _files(number: int) -> Iterator[tuple[str, os.stat_result]]:
    """The regular files that a process has open, by the names the kernel knows."""
    directory = f"/proc/{number}/fd"
    try:
        names = os.listdir(directory)
    except OSError:
        return
    for path in (f"{directory}/{name}" for name in names):
        with contextlib.suppress(OSError):  # it was closed meanwhile
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode):
                yield os.readlink(path), status
