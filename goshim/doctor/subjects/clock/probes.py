"""Clocks: Windows' against this one, who else sets this one, and files that it has not come to yet."""

from __future__ import annotations

import contextlib
import os
import re
import select
import stat
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from goshim.base.encoding import to_bytes, to_text
from goshim.base.terminal import printable
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.facts.host import Host, UnreadableError

LIMIT_S = 4.5
"""For all of it, the start of powershell.exe too: a little less than a check has."""

SAMPLES = 5
AHEAD_S = 60
"""A file is told from here on: what is less ahead is over before anyone has read of it, and drives differ a little."""

MOST_ENTRIES = 4096
TOLD_ENTRIES = 3
TIME_ERROR = 5  # what adjtimex(2) says of a clock that nobody keeps

_GRACE_S = 0.2
_LONGEST_BYTES = 1 << 16
_LONGEST_SHOWN = 80
# It answers each line with the time. Without `-InputFormat None` PowerShell reads its input itself, for $input
# (PowerShell/PowerShell src/Microsoft.PowerShell.ConsoleHost/host/msh/Executor.cs and Serialization.cs).
_ANSWERING = (
    "while ($null -ne [Console]::In.ReadLine()) "
    "{ [Console]::Out.WriteLine([DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()) }"
)
_OPTIONS = ("-NoLogo", "-NoProfile", "-NonInteractive", "-InputFormat", "None", "-Command", _ANSWERING)
_TIME = re.compile(rb"\W*(\d{9,14})\W*")
_DAEMONS = {"systemd-timesyn": "systemd-timesyncd", "chronyd": "chronyd", "ntpd": "ntpd", "ntp-daemon": "ntpd-rs"}
_UNIT = re.compile(r"([^/\s]+\.service)\s*\Z")


def windows(host: DoctorHost, powershell: str) -> list[list[int]]:
    """Windows' clock, asked up to SAMPLES times through one powershell.exe.

    Each sample is our wall clock before it was asked (nanoseconds), how long the answer took (nanoseconds), and the
    answer (milliseconds). Raises UnreadableError where there is none.
    """
    ends_s = time.monotonic() + LIMIT_S
    samples: list[list[int]] = []
    with _running(host, powershell) as process:
        answers = _Answers(process, ends_s)
        try:
            while len(samples) < SAMPLES:
                asked_ns, began_ns = time.time_ns(), time.monotonic_ns()
                answer_ms = answers.ask()
                samples.append([asked_ns, time.monotonic_ns() - began_ns, answer_ms])
        except UnreadableError:
            if not samples:
                raise
    return samples


class _Answers:
    """What a powershell.exe says, line by line, until a moment of the monotonic clock."""

    def __init__(self, process: subprocess.Popen[bytes], ends_s: float) -> None:
        assert process.stdin  # noqa: S101
        assert process.stdout  # noqa: S101
        self._input, self._output = process.stdin.fileno(), process.stdout.fileno()
        self._ends_s = ends_s
        self._pending = b""
        self._rubbish = b""

    def ask(self) -> int:
        """The time it answers, in milliseconds; lines of anything else before that are passed over."""
        with contextlib.suppress(BrokenPipeError):  # it has ended: what it said first tells why
            os.write(self._input, b"\n")
        while True:
            line = self._line().replace(b"\0", b"")
            if found := _TIME.fullmatch(line):
                return int(found[1])
            self._rubbish = self._rubbish or line.strip()

    def _line(self) -> bytes:
        while b"\n" not in self._pending:
            wait_s = self._ends_s - time.monotonic()
            if wait_s <= 0 or not select.select([self._output], [], [], wait_s)[0]:
                raise self._no_time(f"within {LIMIT_S:g} s")
            data = os.read(self._output, 4096)
            self._pending += data
            if not data or len(self._pending) > _LONGEST_BYTES:
                self._rubbish = self._rubbish or self._pending.strip()
                raise self._no_time("before it ended" if not data else "but rubbish")
        line, _, self._pending = self._pending.partition(b"\n")
        return line

    def _no_time(self, when: str) -> UnreadableError:
        said = self._rubbish.decode("utf-8", "replace")[:_LONGEST_SHOWN]
        return UnreadableError(
            f"powershell.exe told no time {when}" + (f"; it said: {printable(said)}" if said else "")
        )


@contextlib.contextmanager
def _running(host: DoctorHost, powershell: str) -> Iterator[subprocess.Popen[bytes]]:
    directory = os.path.dirname(powershell)  # one that Windows has under a name of its own
    streams: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    try:
        with host.started([powershell, *_OPTIONS], directory=directory, **streams) as process:
            yield process
            _let_end(process)
    except UnreadableError:
        raise
    except OSError as error:
        reason = (error.strerror or "why is not known").lower()
        raise UnreadableError(f"powershell.exe can't be started: {reason}") from None


def _let_end(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which ends it on Windows' side too, and wait a moment for the end of its output."""
    assert process.stdin  # noqa: S101
    assert process.stdout  # noqa: S101
    process.stdin.close()
    ends_s = time.monotonic() + _GRACE_S
    while (wait_s := ends_s - time.monotonic()) > 0:
        if select.select([process.stdout], [], [], wait_s)[0] and not process.stdout.read(4096):
            return


def daemons(_host: Host, processes: str) -> list[dict[str, Any]]:
    """The programs that set the clock by the network, of all processes in `processes`, which is /proc.

    Each has a name, a process id, and its systemd unit or an empty one. Those of a container are left out, they may
    not set the clock; so is a chronyd with -x, which does not.
    """
    try:
        ids = [name for name in os.listdir(processes) if name.isdecimal()]
    except OSError as error:
        raise UnreadableError(f"processes can't be listed: {(error.strerror or 'unreadable').lower()}") from None
    if "1" not in ids:
        raise UnreadableError("processes of other users are hidden from this one (/proc with hidepid)")
    found = (_daemon(f"{processes}/{each}", int(each)) for each in sorted(ids, key=int))
    return [each for each in found if each]


def _daemon(directory: str, process: int) -> dict[str, Any] | None:
    try:
        name = _DAEMONS.get(_read(f"{directory}/comm").strip())
        if name is None:
            return None
        depth = re.search(r"^NSpid:(.*)$", _read(f"{directory}/status"), re.MULTILINE)
        if depth and len(depth[1].split()) > 1:
            return None
        if "-x" in _read(f"{directory}/cmdline").split("\0"):
            return None
        unit = _UNIT.search(_read(f"{directory}/cgroup"))
    except OSError:
        return None  # it has ended
    return {"name": name, "process": process, "unit": unit[1] if unit else ""}


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return to_text(file.read(_LONGEST_BYTES))


def kept(_host: Host, _subject: str) -> bool:
    """Whether the kernel says that somebody keeps its clock right (adjtimex(2), which here only reads)."""
    import ctypes

    buffer = ctypes.create_string_buffer(512)  # a struct timex whose modes, its first member, are 0: change nothing
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    if state < 0:
        raise UnreadableError(f"adjtimex: {os.strerror(ctypes.get_errno()).lower()}")
    return bool(state != TIME_ERROR)


def ahead(_host: Host, directory: str) -> dict[str, Any]:
    """What lies directly in a directory and was changed later than now, by over AHEAD_S.

    How many such entries there are, and the names of the latest, each with how far it is ahead (seconds).
    """
    found: list[tuple[float, str]] = []
    now_s = time.time()
    try:
        with os.scandir(to_bytes(directory)) as entries:
            for _, entry in zip(range(MOST_ENTRIES), entries, strict=False):
                status = entry.stat(follow_symlinks=False)
                if not stat.S_ISLNK(status.st_mode) and status.st_mtime > now_s + AHEAD_S:
                    found.append((status.st_mtime - now_s, to_text(entry.name)))
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise UnreadableError(f"{printable(directory)}: {reason}") from None
    found.sort(reverse=True)
    return {"count": len(found), "latest": [[name, round(seconds)] for seconds, name in found[:TOLD_ENTRIES]]}
