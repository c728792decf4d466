"""Telling that go stands still, and what it waits for: a lock, an address, a program. A silent download is no stall."""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable, Iterator

from goshim.watch import holders

STALL_S = 10.0
_BUSY = 0.05  # processor seconds a second that count as work, though nothing is read or written
_SYN_SENT = "02"
_ESTABLISHED = "01"


class Watcher:
    """Looks at a tree of processes now and then, and tells each new reason for which it stands still."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Give each reason, a line without its end, to `tell`."""
        self._tell = tell
        self._told = ""
        self._progress: tuple[int, float] = (-1, 0.0)
        self._since_s = self._looked_s = time.monotonic()

    def look(self, process: int) -> bool:
        """Look now. Says whether the tree has done nothing for STALL_S."""
        now, tree = time.monotonic(), family(process)
        counted = [_moved_bytes(each) for each in tree]
        moved, busy_s = sum(each or 0 for each in counted), sum(map(_busy_s, tree))
        before_moved, before_busy_s = self._progress
        works = busy_s - before_busy_s > _BUSY * (now - self._looked_s)
        slept = now - self._looked_s > STALL_S  # we were stopped ourselves
        if None in counted or moved != before_moved or works or slept:  # what can't be read may be anything
            self._since_s = now
        self._progress, self._looked_s = (moved, busy_s), now
        if now - self._since_s < STALL_S:
            return False
        reason = what_for(tree)
        if reason != self._told:
            self._told = reason
            self._tell(f"for {now - self._since_s:.0f} s go has neither read nor written anything: {reason}")
        return True


def family(process: int) -> list[int]:
    """A process and all that descend from it."""
    found = [process]
    for each in found:
        for task in _names(f"/proc/{each}/task"):
            found += map(int, _text(f"/proc/{each}/task/{task}/children").split())
    return found


def what_for(tree: list[int]) -> str:
    """What these processes wait for, in words."""
    if lock := holders.awaited_lock(tree):
        return f"it waits for the lock {lock.path}" + (f", held by {lock.holder.words}" if lock.holder else "")
    connections = [each for number in tree for each in _connections(number)]
    if asking := [address for state, address in connections if state == _SYN_SENT]:
        return f"it waits for a connection to {_list(asking)}"
    if connected := [address for state, address in connections if state == _ESTABLISHED]:
        return f"it waits for an answer from {_list(connected)}, which took the connection and sends nothing"
    if len(tree) > 1:
        return f"it waits for {holders.Process(tree[-1]).words}"
    return "it waits, and not for a lock or a connection that can be seen"


def _list(addresses: list[str]) -> str:
    different = list(dict.fromkeys(addresses))
    return " and ".join(different[:2]) + (f" and {len(different) - 2} more" if len(different) > 2 else "")  # noqa: PLR2004


def _connections(process: int) -> Iterator[tuple[str, str]]:
    """State and remote address of each TCP connection that a process has (proc(5), /proc/net/tcp)."""
    mine = set()
    for name in _names(f"/proc/{process}/fd"):
        try:
            link = os.readlink(f"/proc/{process}/fd/{name}")
        except OSError:
            continue
        if link.startswith("socket:["):
            mine.add(link[8:-1])
    for table in ("tcp", "tcp6"):
        for line in _text(f"/proc/{process}/net/{table}").split("\n")[1:]:
            fields = line.split()
            if len(fields) > 9 and fields[9] in mine and fields[3] in (_SYN_SENT, _ESTABLISHED):  # noqa: PLR2004
                yield fields[3], _address(fields[2])


def _address(field: str) -> str:
    """`127.0.0.1:80` of `0100007F:0050`: words of four bytes in the machine's order."""
    host, _, port = field.partition(":")
    raw = bytes.fromhex(host)
    if sys.byteorder == "little":
        raw = b"".join(raw[at : at + 4][::-1] for at in range(0, len(raw), 4))
    if raw.startswith(b"\0" * 10 + b"\xff\xff"):
        raw = raw[12:]
    if len(raw) == 4:  # noqa: PLR2004
        return f"{socket.inet_ntop(socket.AF_INET, raw)}:{int(port, 16)}"
    return f"[{socket.inet_ntop(socket.AF_INET6, raw)}]:{int(port, 16)}"


def _moved_bytes(process: int) -> int | None:
    """All that it has read and written, pipes and sockets included (proc(5), /proc/PID/io); None if not told."""
    text = _text(f"/proc/{process}/io")
    if not text:
        return None
    pairs = (line.partition(": ") for line in text.split("\n"))
    return sum(int(value) for name, _, value in pairs if name in ("rchar", "wchar", "read_bytes", "write_bytes"))


def _busy_s(process: int) -> float:
    fields = _text(f"/proc/{process}/stat").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if len(fields) > 12 else 0.0  # noqa: PLR2004


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
