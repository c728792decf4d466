"""What watched downloads met on this machine, as goshim's journal has it."""

from __future__ import annotations

from dataclasses import dataclass

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts.host import UnreadableError

DAYS = 30
_DAY_NS = 86400 * 10**9


@dataclass(frozen=True)
class Incident:
    """A file or address that a download failed of: its class (`lock`, `network` …), how long ago, and how it ended."""

    kind: str
    path: str
    days_ago: float
    won: bool


def incidents(look: Look) -> tuple[Incident, ...]:
    """Those of the last 30 days, oldest first. Unknown where the journal can't be read."""
    from datetime import datetime

    from goshim.watch import journal

    try:
        data = look.host.read(journal.locate({"HOME": look(basics.home)}))
    except UnreadableError as error:
        raise UnknownError(str(error)) from None
    now_ns = look.host.now_ns()
    found = []
    for record in journal.parse(data or b""):
        try:
            taken = datetime.fromisoformat(record["time"].removesuffix("Z") + "+00:00")
        except ValueError:
            continue
        ago = (now_ns - taken.timestamp() * 1e9) / _DAY_NS
        if ago <= DAYS:
            found.append(Incident(record["class"], record["path"], ago, record["won"]))
    return tuple(found)


def lost_locks(look: Look) -> tuple[Incident, ...]:
    """The files that stayed locked until goshim gave up."""
    return tuple(each for each in look(incidents) if each.kind == "lock" and not each.won)
