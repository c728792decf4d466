"""Looking at the machine before there are settings."""

from __future__ import annotations

from goshim.facts import Machine, wsl
from goshim.facts.host import Host
from goshim.facts.mounts import MountTable


def look_at(host: Host) -> Machine:
    """What is known before there are settings. The mount table counts only where Windows drives can be."""
    kind = wsl.kind(host)
    table = MountTable(host.text("/proc/self/mountinfo")) if kind else MountTable()
    return Machine(host.environment, kind, table)
