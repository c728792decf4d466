"""Time as it is here: against Windows' clock, who keeps it, what lies in the future, and SOURCE_DATE_EPOCH."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, windows
from goshim.doctor.subjects.clock.probes import AHEAD_S as AHEAD_S  # noqa: PLC0414 - what a check may ask of a probe

EPOCH = "SOURCE_DATE_EPOCH"

_WINDOWS_STEP_S = 0.016  # .NET's clock may stand still for so long
_POWERSHELL = "WindowsPowerShell/v1.0/powershell.exe"
_IMPLICIT_SYNC = "/sys/module/hv_utils/parameters/timesync_implicit"
_TIMESYNCD = "/etc/systemd/system/systemd-timesyncd.service"


@dataclass(frozen=True)
class Drift:
    """How far this clock is behind Windows' (seconds; negative: ahead of it), and by how much that may be wrong."""

    behind_s: float
    error_s: float

    @property
    def certain_s(self) -> float:
        """How far the clocks are apart at least, whichever way."""
        return max(0.0, abs(self.behind_s) - self.error_s)


@dataclass(frozen=True)
class Daemon:
    """A running program that sets the clock by the network; `unit` is empty where systemd did not start it."""

    name: str
    process: int
    unit: str


@dataclass(frozen=True)
class Ahead:
    """Entries of a directory that were changed later than now: how many, and the latest with seconds ahead."""

    what: str
    directory: str
    count: int
    latest: tuple[tuple[str, int], ...]


def drift(look: Look) -> Drift:
    """The clock here against Windows', by the sample that took the least time. Unknown where Windows can't be asked."""
    path = f"{look(windows.system32)}/{_POWERSHELL}"
    samples: Any = look.host.probe("clock.windows", path)
    asked_ns, took_ns, answer_ms = min(samples, key=lambda sample: sample[1])
    behind_s = answer_ms / 1e3 - (asked_ns + took_ns / 2) / 1e9
    return Drift(behind_s, took_ns / 2e9 + _WINDOWS_STEP_S)


def is_synchronised_implicitly(look: Look) -> bool:
    """Whether the kernel follows Windows' clock as WSL has it do from 2.1.1 on."""
    return look.host.text(_IMPLICIT_SYNC).strip() in ("Y", "1")


def daemons(look: Look) -> tuple[Daemon, ...]:
    """The programs that set the clock by the network here."""
    found: Any = look.host.probe("clock.daemons", "/proc")
    return tuple(Daemon(**each) for each in found)


def is_kept(look: Look) -> bool:
    """Whether the kernel says that somebody keeps its clock right: a daemon, or the host of a container."""
    return bool(look.host.probe("clock.kept"))


def timesyncd_overrides(look: Look) -> tuple[str, ...]:
    """The files that change what systemd-timesyncd's own unit says, such as that it is not for WSL."""
    whole = (_TIMESYNCD,) if look.host.exists(_TIMESYNCD) else ()
    return whole + look.host.glob(f"{_TIMESYNCD}.d/*.conf")


def ahead(look: Look) -> tuple[Ahead, ...]:
    """The places looked at for entries that were changed later than now, in the project and in go's caches."""
    places = [place for fact in (_project, _module_cache, _build_cache) for place in _known(look, fact)]
    if not places:
        raise UnknownError("there is neither a module nor a cache of go's to look at")
    found: list[Ahead] = []
    for what, directory in places:
        told: Any = look.host.probe("clock.ahead", directory)
        found.append(Ahead(what, directory, told["count"], tuple((name, seconds) for name, seconds in told["latest"])))
    return tuple(found)


def _project(look: Look) -> tuple[tuple[str, str], ...]:
    directory = look(basics.module)
    return (("project", directory), ("project", f"{directory.rstrip('/')}/testdata")) if directory else ()


def _module_cache(look: Look) -> tuple[tuple[str, str], ...]:
    return (("module cache", f"{look(basics.cache)}/cache/download"),)


def _build_cache(look: Look) -> tuple[tuple[str, str], ...]:
    return (("build cache", look(basics.build_cache)),)


def _known(look: Look, places: Callable[[Look], tuple[tuple[str, str], ...]]) -> tuple[tuple[str, str], ...]:
    try:
        return look(places)
    except UnknownError:
        return ()


def expiry_path(look: Look) -> str:
    """The file in which `go clean -testcache` notes from when on test results count. Unknown without a build cache."""
    return f"{look(basics.build_cache)}/testexpire.txt"


def expiry_ns(look: Look) -> int:
    """What that file says, as go reads it (cmd/go/internal/test/test.go, runTest); 0 where it says nothing."""
    text = look.host.text(look(expiry_path))
    digits = text.removesuffix("\n")
    return int(digits) if digits != text and digits.isascii() and digits.isdigit() else 0


def now_ns(look: Look) -> int:
    """The wall clock when the machine was looked at."""
    return look.host.now_ns()


def toolchain_made_ns(look: Look) -> int:
    """When the toolchain was made, which its VERSION tells from Go 1.21 on; 0 where it does not."""
    from datetime import datetime

    for line in look.host.text(f"{look(basics.toolchain).goroot}/VERSION").split("\n"):
        if line.startswith("time "):
            try:
                made = datetime.fromisoformat(line[5:].strip().replace("Z", "+00:00"))
            except ValueError:
                return 0
            return round(made.timestamp()) * 10**9
    return 0


def epoch(look: Look) -> str | None:
    """SOURCE_DATE_EPOCH as a call of go from here has it: goshim may set or drop it."""
    return look(basics.environment).get(EPOCH)
