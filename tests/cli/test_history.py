from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from goshim.base import resources
from goshim.cli.history import _day, _line
from goshim.watch import journal
from tests.tables import for_each

TOP = os.path.dirname(resources.PACKAGE)
TODAY = time.strftime("%Y-%m-%d", time.gmtime())
YESTERDAY = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))


def record(path: str = "/m/a.zip", when: str = f"{TODAY}T08:09:10Z", **more: object) -> dict:
    made = {"class": "lock", "sign": "file-held", "path": path, "verb": "build", "attempts": 3, "waited_s": 1.25}
    return {"time": when, **made, "won": True, **more}


@pytest.fixture
def history(tmp_path):
    """Runs `goshim history` for a home whose journal has these lines."""

    def run(*arguments: str, lines: list[object] = ()) -> bytes:
        path = journal.locate({"HOME": str(tmp_path)})
        if lines:
            os.makedirs(os.path.dirname(path))
            with open(path, "w", encoding="ascii") as file:
                file.writelines(json.dumps(line) + "\n" for line in lines)
        environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": TOP}
        words = [
            sys.executable,
            "-c",
            "import sys; from goshim.cli import main; sys.exit(main())",
            "history",
            *arguments,
        ]
        done = subprocess.run(words, env=environment, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")
        return done.stdout

    return run


def test_incidents_are_told_day_by_day_oldest_first(history, tmp_path):
    days = [record("/a", f"{YESTERDAY}T23:59:59Z", won=False), record("/b"), record(f"{tmp_path}/c", won=False)]
    first, a, second, b, c = history(lines=days).decode().splitlines()
    assert (first, second) == (f"{YESTERDAY}: 0 won, 1 lost", f"{TODAY}: 1 won, 1 lost")
    assert a.split() == ["23:59:59", "lock", "lost", "waited", "1.25", "s", "failed", "3", "times", "/a"]
    assert b.split()[2] == "won"
    assert c.endswith(" ~/c")


def test_as_json_they_are_as_in_the_journal(history):
    days = [record("/a", f"{YESTERDAY}T23:59:59Z"), record("/b", won=False)]
    assert json.loads(history("--json", lines=days)) == {"schema": 1, "incidents": days}


def test_without_incidents_that_is_said(history):
    assert history() == b"no incidents: every watched download went well the first time, or none has run\n"
    assert json.loads(history("--json")) == {"schema": 1, "incidents": []}


def test_whatever_the_journal_holds_can_be_told(history):
    odd = [
        record("/short", attempts="x", waited_s="y"), record("/null", attempts=None, waited_s=None),
        record("/list", attempts=[], waited_s={}), {"time": TODAY, "class": "x", "path": "/bare", "won": True},
        record("/bytes\udcff"), record("/long", sign="\x1b[31m", **{"class": "c" * 100}),
    ]  # fmt: skip
    said = history(lines=odd)
    for name in (b"/short", b"/null", b"/list", b"/bare", b"/bytes", b"/long"):
        assert name in said


@for_each("more", [{"path": "/\x1b[31m"}, {"class": "\x1b[31m"}, {"time": f"{TODAY}T\x1b[31mZ"}])
def test_nothing_in_a_journal_can_do_anything_to_a_terminal(more):
    assert _line({**record(), **more}).isprintable()


def test_a_path_is_shortened_by_the_home_it_is_in_and_no_other(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    assert _line(record("/home/me/x")).endswith("  ~/x")
    assert _line(record("/home/meer/x")).endswith("  /home/meer/x")
    monkeypatch.delenv("HOME")
    assert _line(record("/home/me/x")).endswith("  /home/me/x")


def test_a_day_counts_what_was_won_and_lost():
    assert _day("2026-01-02", [record(), record(), record(won=False)])[0] == "2026-01-02: 2 won, 1 lost"
