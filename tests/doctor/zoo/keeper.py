"""A machine described by a folder and by tables, whose record says nothing of the machine that it was described on."""

from __future__ import annotations

import os
import tempfile
import zlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine import record
from goshim.doctor.engine.look import Look
from goshim.doctor.run import report
from goshim.doctor.run.examine import Examination
from goshim.facts.mounts import MountTable
from tests.doctor.described import INSTALLATION, NOW_NS, DescribedHost
from tests.machine import HOME, FolderMachine

HERE = Path(__file__).parent
NATIVE_NS, WINDOWS_NS = 3_000, 1_000_000
USER = 1000

_DAY_NS = 86_400 * 10**9
_OPEN = ("/tmp", "/var/tmp", HOME, "/mnt/c/Users", "/mnt/d", "/d")


@dataclass
class Described:
    """A machine to be filled: its folder, the caller's environment, what its commands and probes answer."""

    machine: FolderMachine
    variables: dict[str, str] = field(default_factory=dict)
    directory: str = f"{HOME}/project"
    commands: dict[str, Any] = field(default_factory=dict)
    probes: dict[str, Any] = field(default_factory=dict)

    def path(self, *entries: str) -> None:
        """Put these in front of PATH."""
        self.variables["PATH"] = ":".join([*entries, *filter(None, [self.variables.get("PATH")])])

    def append(self, path: str, line: str) -> None:
        """Add a line to a file."""
        old = self.machine.at(path).read_text(encoding="utf-8") if self.machine.at(path).exists() else ""
        self.machine.write(path, f"{old}{line}\n")

    def record(self) -> record.Record:
        """The record of it as `goshim doctor --save` takes it: after all checks, and after the report."""
        probes = {"lookups.cost": self._lookups(), **self.probes}
        host = _Host(self.variables, self.directory, self.machine.root, commands=self.commands, probes=probes)
        look = Look(host)
        report.make(Examination(look, CHECKS), "", NOW_NS)
        return replace(record.of(host, look.options), goshim=str(INSTALLATION["version"]))

    def _lookups(self) -> dict[str, Any]:
        table = MountTable(self.machine.at("/proc/self/mountinfo").read_text(encoding="utf-8"))
        entries = [entry for entry in self.variables.get("PATH", "").split(":") if entry.startswith("/")]
        taken = [[entry, WINDOWS_NS if table.on_windows(entry) else NATIVE_NS] for entry in entries]
        return {"taken": taken, "left": 0}


class _Host(DescribedHost):
    """Tells of files what is the same wherever the folder lies, and who may write them as on a user's machine."""

    def _status(self, subject: str) -> dict[str, Any] | None:
        found = super()._status(subject)
        if found is None:
            return None
        target = self._link(subject)
        size = 4096 if found["kind"] == "d" else len(target.encode()) if target else found["size_bytes"]
        is_open = found["kind"] == "d" or found["mode"] & 0o100
        mode = 0o777 if target else 0o755 if is_open else 0o644
        owner = USER if subject.startswith(_OPEN) else 0
        same = {"mode": mode, "owner": owner, "group": owner, "size_bytes": size, "changed_ns": NOW_NS - _DAY_NS}
        return {**found, **same, "device": 2096, "inode": zlib.crc32(subject.encode())}

    def _mount(self, subject: str) -> str:
        table = self.text("/proc/self/mountinfo")
        owner = MountTable(table).owner(subject)
        points = {fields[4]: fields[0] for line in table.split("\n") if len(fields := line.split(" ")) > 4}
        return points[owner.point] if owner else ""

    def _writable(self, subject: str) -> bool:
        return os.path.exists(self._at(subject)) and f"{subject}/".startswith(tuple(f"{each}/" for each in _OPEN))


def place(name: str) -> Path:
    """Where the record of a machine is kept."""
    return HERE / f"{name}.json"


def described(name: str) -> str:
    """The record of a machine as its description is now."""
    from tests.doctor.zoo.machines import MACHINES

    with tempfile.TemporaryDirectory() as folder:
        machine = Described(FolderMachine(Path(os.path.realpath(folder))))
        MACHINES[name](machine)
        return machine.record().to_json()
