"""Checks run side by side; none can keep the others, or goshim, from ending."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from goshim.doctor.engine.check import NEEDS, SECTIONS, Check, check
from goshim.doctor.engine.finding import Verdict, ok, warn
from goshim.doctor.engine.look import Look, Options, UnknownError
from goshim.doctor.run import examine
from goshim.doctor.run.examine import Examination
from tests.doctor.described import look_at
from tests.machine import LINUX_RELEASE, WSL1_RELEASE, WSL2_RELEASE, FolderMachine
from tests.tables import for_each

SMALL_S = 0.4


def made(name: str, judge: Callable[[Look], Verdict], needs: str = "") -> Check:
    return check(name, "path", needs=needs)(judge)


def well(_look: Look) -> Verdict:
    return ok("all is well")


@pytest.fixture
def hang():
    """A check that hangs until the test is over."""
    over = threading.Event()

    def judge(_look: Look) -> Verdict:
        over.wait(60)
        return ok("too late")

    yield judge
    over.set()


def examined(machine: FolderMachine, *checks: Check, **more: object) -> dict[str, tuple[str, str]]:
    findings = Examination(look_at(machine, **more), checks).findings
    assert [each.check for each in findings] == [each.id for each in checks]
    return {each.check: (each.status, each.summary) for each in findings}


def test_findings_are_in_the_order_of_the_checks(machine: FolderMachine):
    def slow(_look: Look) -> Verdict:
        time.sleep(0.05)
        return ok("at last")

    names = [f"check-{number}" for number in range(30)]
    found = examined(machine, *(made(name, slow if number % 7 == 0 else well) for number, name in enumerate(names)))
    assert {status for status, _ in found.values()} == {"ok"}


def test_a_check_that_raises_is_a_crash_and_the_others_go_on(machine: FolderMachine):
    found = examined(machine, made("bad", lambda _: 1 / 0), made("good", well))
    assert found["bad"] == ("crash", "a fault of goshim's own: ZeroDivisionError: division by zero")
    assert found["good"] == ("ok", "all is well")


@pytest.mark.parametrize("verdict", [None, "ok", Verdict("ok", None), Verdict("ok", "", (b"bytes",))], ids=repr)
def test_a_verdict_that_is_none_is_a_crash_of_that_check_alone(machine: FolderMachine, verdict):
    found = examined(machine, made("bad", lambda _: verdict), made("good", well))
    assert found["bad"][0] == "crash"
    assert found["good"][0] == "ok"


def test_a_check_that_cannot_know_is_skipped_with_its_reason(machine: FolderMachine):
    def unknown(look: Look) -> Verdict:
        raise UnknownError("nobody knows")

    def unreadable(look: Look) -> Verdict:
        look.host.entries("/secret\0")
        return ok("")

    found = examined(machine, made("unknown", unknown), made("unreadable", unreadable))
    assert found["unknown"] == ("skip", "nobody knows")
    assert found["unreadable"] == ("skip", r"'/secret\x00': no such name can be")


def test_a_check_that_hangs_is_skipped_and_the_others_are_told(machine: FolderMachine, hang, monkeypatch):
    monkeypatch.setattr(examine, "CHECK_LIMIT_S", SMALL_S)
    hanging = [made(f"hangs-{number}", hang) for number in range(2 * examine.WORKERS)]
    began_s = time.monotonic()
    found = examined(machine, *hanging, made("good", well))
    assert time.monotonic() - began_s < 20 * SMALL_S
    assert found.pop("good") == ("ok", "all is well")
    assert set(found.values()) == {("skip", "no answer within 0.4 s")}


def test_those_who_wait_for_a_fact_that_hangs_are_skipped_as_well(machine: FolderMachine, hang, monkeypatch):
    monkeypatch.setattr(examine, "CHECK_LIMIT_S", SMALL_S)
    waiting = [made(f"waits-{number}", lambda look: look(hang)) for number in range(3)]
    found = examined(machine, *waiting, made("good", well))
    assert found.pop("good")[0] == "ok"
    assert {status for status, _ in found.values()} == {"skip"}


def test_all_together_have_a_limit(machine: FolderMachine, hang, monkeypatch):
    monkeypatch.setattr(examine, "WHOLE_LIMIT_S", SMALL_S)
    monkeypatch.setattr(examine, "WORKERS", 1)
    began_s = time.monotonic()
    found = examined(machine, made("first", well), made("hangs", hang), made("never-begun", well))
    assert time.monotonic() - began_s < 20 * SMALL_S
    assert found["first"][0] == "ok"
    assert {found["hangs"], found["never-begun"]} == {("skip", "no answer before all checks' 0.4 s were over")}


def test_a_late_answer_changes_nothing(machine: FolderMachine, monkeypatch):
    monkeypatch.setattr(examine, "CHECK_LIMIT_S", 0.1)
    over = threading.Event()

    def late(look: Look) -> Verdict:
        time.sleep(0.3)
        look.host.exists("/late")
        over.set()
        return warn("late")

    examination = Examination(look_at(machine), [made("late", late)])
    assert examination.findings[0].status == "skip"
    assert over.wait(20)
    time.sleep(0.05)
    assert examination.findings[0].status == "skip"
    assert examination.causes == {}


def test_none_is_asked_of_no_machine(machine: FolderMachine):
    assert Examination(look_at(machine), ()).findings == ()


def test_each_finding_has_the_questions_it_was_judged_by(machine: FolderMachine):
    def both(look: Look) -> Verdict:
        look.host.exists("/b")
        return ok(look(fact))

    def fact(look: Look) -> str:
        return look.host.text("/a")

    examination = Examination(look_at(machine), [made("one", both), made("two", lambda look: ok(look(fact)))])
    assert examination.causes == {"one": {("exists", "/b"), ("read", "/a")}, "two": {("read", "/a")}}


@pytest.mark.parametrize(
    ("release", "network", "given"),
    [
        (LINUX_RELEASE, False, {""}),
        (WSL1_RELEASE, False, {"", "wsl"}),
        (WSL2_RELEASE, False, {"", "wsl", "wsl2"}),
        (LINUX_RELEASE, True, {"", "network"}),
    ],
)
def test_a_check_runs_only_where_it_makes_sense(machine: FolderMachine, release, network, given):
    if release == LINUX_RELEASE:
        machine.write("/proc/sys/kernel/osrelease", release)
    else:
        machine.become_wsl(release=release)
    checks = [made(f"needs-{need}", well, need) for need in NEEDS]
    found = examined(machine, *checks, options=Options(network=network))
    for need, reason in NEEDS.items():
        assert found[f"needs-{need}"] == (("ok", "all is well") if need in given else ("skip", reason))


def test_what_matters_is_told_with_a_problem_and_not_where_all_is_well(machine: FolderMachine):
    def judge(look: Look) -> Verdict:
        """Look at a thing.

        It matters
        a lot.

        Source: elsewhere.
        """
        return look(verdict)

    def verdict(look: Look) -> Verdict:
        return Verdict(look.host.environment.get("STATUS", ""), "said")

    of = made("x", judge)
    assert (of.summary, of.why) == ("Look at a thing.", "It matters a lot.")
    for status, detail in {"warn": "It matters a lot.", "info": "It matters a lot.", "ok": "", "skip": ""}.items():
        assert Examination(look_at(machine, {"STATUS": status}), [of]).findings[0].detail == detail


@for_each("section, needs", [("moon", ""), (SECTIONS[0], "moon")])
def test_a_check_of_no_section_or_with_an_unknown_need_is_a_bug(section, needs):
    with pytest.raises(ValueError, match="moon"):
        check("x", section, needs=needs)
