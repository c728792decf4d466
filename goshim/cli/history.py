"""`goshim history`: what downloads met on this machine, and how it ended."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import groupby

from plumbum import cli

from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import Session, write, write_json, write_lines
from goshim.watch import journal
from goshim.watch.journal import Record

STYLES = {r"(?m)^\d{4}-\d\d-\d\d.*$": "bold", r"(?<= )won(?= )": "green", r"(?<= )lost(?= )": "red"}


class History(Command):
    """Show the incidents of watched downloads, day by day: what was locked or failed, how long it was waited for."""

    as_json = cli.Flag("--json", help="the same as JSON, oldest first")

    def main(self) -> int:
        """Print what the journal holds."""
        environment = Session.here().environment
        records = journal.read(environment)
        if self.as_json:
            write_json({"incidents": records})
        elif records:
            write_lines((line for day, of_day in groupby(records, _date) for line in _day(day, list(of_day))), STYLES)
        else:
            write("no incidents: every watched download went well the first time, or none has run")
        return 0


def _date(record: Record) -> str:
    return str(record["time"])[:10]


def _day(day: str, records: Sequence[Record]) -> list[str]:
    lost = sum(not record["won"] for record in records)
    return [f"{printable(day)}: {len(records) - lost} won, {lost} lost", *map(_line, records)]


def _line(record: Record) -> str:
    home = os.environ.get("HOME") or "\0"
    path = printable(str(record["path"]))
    path = "~" + path[len(home) :] if path.startswith(f"{home}/") else path
    outcome = "won " if record["won"] else "lost"
    time, kind = printable(str(record["time"])[11:19]), printable(str(record["class"]))
    waited_s, attempts = printable(str(record.get("waited_s"))), printable(str(record.get("attempts")))
    return f"  {time}  {kind:9}  {outcome}  waited {waited_s:>5} s  failed {attempts:>3} times  {path}"
