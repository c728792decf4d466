"""What a finding shows, and what it keeps to itself."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.finding import STATUSES, Edit, Finding, Remedy, legible
from tests.tables import for_each


def found(**more: object) -> Finding:
    return Finding("path-order", "path", "warn", **{"summary": "a summary", **more})


def test_a_remedy_is_told_with_a_place_that_there_is():
    with pytest.raises(ValueError, match="'moon'"):
        Remedy("fly", "fly", "moon")


@for_each("status, is_problem", [*zip(STATUSES, [True, True, True, False, False, False], strict=True)])
def test_what_should_be_acted_upon_is_a_problem(status, is_problem):
    assert Finding("x", "path", status, "").is_problem == is_problem


def test_no_secret_is_in_what_is_shown_and_an_edit_keeps_what_it_needs():
    edit = Edit("/f", 1, "export HTTP_PROXY=http://me:hunter2@proxy", "# export HTTP_PROXY=http://me:hunter2@proxy")
    secret = "http://me:hunter2@proxy:3128"
    shown = found(
        summary=secret, detail=secret, evidence=(secret,), remedies=(Remedy(secret, f"curl {secret}", edits=(edit,)),)
    ).fit_to_show()
    assert "hunter2" not in str(shown.as_json())
    assert shown.evidence == ("http://me:***@proxy:3128",)
    assert shown.remedies[0].edits == (edit,)


@for_each("sign", ["\x1b[2J", "\r", "\b", "\x9b31m", "\u202e", "\udcff", "\0"])
def test_nothing_shown_can_do_anything_to_a_terminal(sign):
    text = f"a{sign}b"
    remedy = Remedy(text, f"first {text}\nsecond {text}")
    shown = found(summary=text, detail=text, evidence=(text,), remedies=(remedy,)).fit_to_show()
    told = shown.remedies[0]
    for each in (shown.summary, shown.detail, *shown.evidence, told.text, *told.command.split("\n")):
        assert each.isprintable()
        each.encode("utf-8")
    assert ascii(sign)[1:-1] in shown.summary
    assert len(told.command.split("\n")) == 2


def test_what_has_no_end_is_cut_and_says_so():
    shown = found(summary="x" * 100_000, evidence=tuple(map(str, range(1000)))).fit_to_show()
    assert shown.summary.endswith("… (100000 characters)")
    assert len(shown.summary) < 5000
    assert shown.evidence[-1] == "… and 960 more"
    assert len(shown.evidence) == 41


def test_a_text_that_any_terminal_can_show_stays_as_it_is():
    assert legible("a → b, é, 中文, /usr/bin ·") == "a → b, é, 中文, /usr/bin ·"


def test_json_has_what_the_design_says():
    shown = found(detail="d", evidence=("e",), remedies=(Remedy("t", "c", "sudo"),), folklore=("claim",)).as_json()
    assert shown == {
        "check": "path-order",
        "section": "path",
        "status": "warn",
        "summary": "a summary",
        "detail": "d",
        "evidence": ["e"],
        "remedies": [{"text": "t", "command": "c", "where": "sudo"}],
        "docs": "docs/checks.md#path-order",
        "folklore": ["docs/folklore.md#claim"],
    }
