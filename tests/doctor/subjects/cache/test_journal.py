"""The journal of incidents as a fact."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.look import UnknownError
from goshim.doctor.subjects.cache import journal
from goshim.watch import journal as written
from tests.doctor.cached import JOURNAL, incident, write_journal
from tests.doctor.described import look_at
from tests.machine import HOME


def test_it_is_read_where_the_watch_writes_it():
    assert written.locate({"HOME": HOME}) == JOURNAL


def test_the_incidents_of_the_last_month_are_told_with_their_age(machine):
    write_journal(
        machine,
        incident("/old", "2026-10-01T00:00:00Z"),
        incident("/a", "2026-11-16T11:06:40Z", won=True),
        incident("/b", "2026-11-18T11:06:40Z", kind="network"),
    )
    look = look_at(machine)
    assert look(journal.incidents) == (
        journal.Incident("lock", "/a", 2.0, won=True),
        journal.Incident("network", "/b", 0.0, won=False),
    )
    assert look(journal.lost_locks) == ()


def test_lines_that_are_no_records_are_passed_over(machine):
    machine.write(JOURNAL, b"\xff\n{}\n[1\n" + b'{"time": "t", "class": "lock", "path": "/a", "won": false}\n')
    assert look_at(machine)(journal.incidents) == ()


def test_without_a_home_there_is_no_journal(machine):
    with pytest.raises(UnknownError, match="HOME is not set"):
        look_at(machine, {"HOME": ""})(journal.incidents)
