"""What has changed since a record: the findings, and the facts behind them."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from goshim.doctor.engine import record
from goshim.doctor.engine.check import Check, check
from goshim.doctor.engine.finding import Verdict, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.run.compare import Difference, compare
from goshim.doctor.run.examine import Examination
from tests.doctor.described import look_at
from tests.machine import FolderMachine


@check("flag", "path")
def flag(look: Look) -> Verdict:
    """Whether FLAG is set."""
    value = look.host.environment.get("FLAG")
    return warn("the flag is set", f"FLAG={value}") if value else ok("the flag is not set")


def telling(ask: Any) -> Check:
    """A check that tells what it is answered."""

    def judge(look: Look) -> Verdict:
        return ok("told", str(ask(look.host)))

    return check("telling", "path")(judge)


def differences(before: Look, after: Look, *checks: Check, path: Path | None = None) -> tuple[Difference, ...]:
    """The differences as the command finds them: `before` from a record in a file."""
    Examination(before, checks)
    assert path
    record.save(record.of(before.host, before.options), str(path))
    loaded = record.load(str(path))
    then = Examination(Look(loaded.host(), loaded.options), checks)
    now = Examination(after, checks)
    return compare(then, now, loaded.answers, record.of(after.host, after.options).answers)


@pytest.fixture
def changed(machine: FolderMachine, tmp_path: Path):
    """The differences between two looks at the machine, which is changed in between."""

    def run(*checks: Check, before: dict[str, Any], after: dict[str, Any], files: dict[str, str] | None = None) -> Any:
        first = look_at(machine, **before)
        Examination(first, checks)
        for path, text in (files or {}).items():
            machine.write(path, text)
        return differences(first, look_at(machine, **after), *checks, path=tmp_path / "record")

    return run


@pytest.mark.parametrize(
    ("before", "after", "kind", "fact"),
    [
        ({}, {"FLAG": "1"}, "new", "FLAG: nothing → 1"),
        ({"FLAG": "1"}, {}, "gone", "FLAG: 1 → nothing"),
        ({"FLAG": "1"}, {"FLAG": "2"}, "changed", "FLAG: 1 → 2"),
    ],
)
def test_a_problem_that_is_new_gone_or_another_is_told_with_the_fact_behind_it(changed, before, after, kind, fact):
    (found,) = changed(flag, before={"variables": before}, after={"variables": after})
    assert (found.kind, found.check, found.facts) == (kind, "flag", (fact,))
    assert found.as_json()["change"] == kind
    assert found.as_json()["facts"] == [fact]
    assert found.as_json()["before"]["status"] == found.before.status


def test_what_stayed_is_not_told(changed):
    variables = {"variables": {"FLAG": "1"}}
    assert changed(flag, before=variables, after=variables) == ()


def test_a_check_that_is_chosen_in_one_look_alone_has_no_other_side(machine: FolderMachine):
    one, none = Examination(look_at(machine, {"FLAG": "1"}), [flag]), Examination(look_at(machine), [])
    (found,) = compare(none, one, {}, {})
    assert (found.kind, found.check, found.before) == ("new", "flag", None)
    assert json.dumps(found.as_json()["before"]) == "null"
    assert compare(one, none, {}, {})[0].kind == "gone"


@pytest.mark.parametrize(
    ("before", "after", "is_change"),
    [
        ("took 12.5 ms", "took 480 ms", False),
        ("3 plans, 20 MiB, 4 days ago", "9 plans, 31 MiB, 5 days ago", False),
        ("drift 0.2 s (±0.1 s)", "drift 0.3 s (±0.2 s)", False),
        ("99% full", "98% full", False),
        ("go1.26", "go1.27", True),
        ("3 entries", "4 entries", True),
        ("port 3128", "port 8080", True),
    ],
)
def test_figures_that_are_measured_each_time_are_no_change_by_themselves(changed, before, after, is_change):
    measured = telling(lambda host: host.probe("x.y"))
    found = changed(measured, before={"probes": {"x.y": before}}, after={"probes": {"x.y": after}})
    assert bool(found) == is_change


@pytest.mark.parametrize(
    ("ask", "before", "after", "facts"),
    [
        (
            lambda host: host.probe("x.y", "z"),
            {"probes": {"x.y": {"a": 1}}},
            {"probes": {"x.y": {"a": 2}}},
            ("x.y z: {'a': 1} → {'a': 2}",),
        ),
        (
            lambda host: host.command(["/bin/x", "-v"]).output,
            {"commands": {"/bin/x -v": b"one\n"}},
            {"commands": {"/bin/x -v": (2, b"two\n")}},
            ("/bin/x -v: exit code 0, one → exit code 2, two",),
        ),
        (
            lambda host: host.command(["/bin/x"]).code,
            {"commands": {"/bin/x": b""}},
            {},
            ("/bin/x: exit code 0, → no such file or directory",),
        ),
        (
            lambda host: host.environment.get("PATH"),
            {"variables": {"PATH": "/a:/b:/c"}},
            {"variables": {"PATH": "/a:/c:/d"}},
            ("PATH:", "  - /b", "  + /d"),
        ),
        (
            lambda host: host.names("FLAG"),
            {"variables": {"FLAG_A": ""}},
            {"variables": {"FLAG_B": ""}},
            ("variables named FLAG:", "  - FLAG_A", "  + FLAG_B"),
        ),
    ],
    ids=["probe", "command", "command gone", "PATH", "names"],
)  # fmt: skip
def test_each_kind_of_fact_is_told_by_its_values(changed, ask, before, after, facts):
    (found,) = changed(telling(ask), before=before, after=after)
    assert tuple(" ".join(each.split()) if each[0] != " " else each for each in found.facts) == facts


def test_of_a_file_the_lines_are_told_that_are_gone_or_new(changed, machine: FolderMachine):
    machine.write("/f", "one\ntwo\nthree\n")
    machine.write("/g", "same\n")
    told = telling(lambda host: (host.lines("/g", "same"), host.read("/f")))
    (found,) = changed(told, before={}, after={}, files={"/f": "one\n2\nthree\n"})
    assert found.facts == ("/f:", "  - two", "  + 2")


def test_a_file_that_came_and_one_that_cannot_be_read_any_more_are_told(changed, machine: FolderMachine):
    machine.write("/f", "text")

    def ask(host: Any) -> Any:
        return host.text("/f"), host.exists("/g")

    (found,) = changed(telling(ask), before={}, after={}, files={"/g": ""})
    assert found.facts == ("exists /g: False → True",)


def test_two_large_files_with_nothing_in_common_take_no_time_and_have_an_end(changed, machine: FolderMachine):
    machine.write("/f", "".join(f"a {number}\n" for number in range(20_000)))
    after = "".join(f"b {number} {'x' * 900 if number < 9 else ''}\n" for number in range(20_000))
    told = telling(lambda host: hash(host.read("/f")))
    began_s = time.monotonic()
    (found,) = changed(told, before={}, after={}, files={"/f": after})
    assert time.monotonic() - began_s < 20
    assert len(found.facts) == 14
    assert found.facts[-1] == "  … and 39988 lines more"
    assert max(map(len, found.facts)) <= 120


def test_facts_hold_no_secret_and_nothing_that_does_something_to_a_terminal(machine: FolderMachine):
    told = telling(lambda host: host.probe("x.y"))
    before = Examination(look_at(machine, probes={"x.y": "a"}), [told])
    after = Examination(look_at(machine, probes={"x.y": "b"}), [told])
    question = ("probe", json.dumps(["x.y", ""]))
    # a record that another goshim made, or somebody's hand
    (found,) = compare(before, after, {question: "https://me:hunter2@x"}, {question: "\x1b[2J\ud800"})
    assert found.facts == (r"x.y: https://me:***@x → \x1b[2J\ud800",)
