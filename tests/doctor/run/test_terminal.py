"""The report as a person reads it, on terminals of any width and in files."""

from __future__ import annotations

import io
import re

from rich.console import Console

from goshim.doctor.engine.check import SECTIONS
from goshim.doctor.engine.finding import Finding, Remedy
from goshim.doctor.run.compare import Difference
from goshim.doctor.run.report import Report
from goshim.doctor.run.terminal import show, show_differences
from tests.doctor.described import NOW_NS
from tests.tables import for_each

COMMAND = "export PATH=" + ":".join(f"/a/very/long/directory/{number}" for number in range(12))
COMMANDS = f"{COMMAND}\nsudo sh -c 'echo done'"
SUMMARY = "a summary that has so many words that no terminal but the widest of all holds it on a single line"
EVIDENCE = "entry 7: /mnt/c/Program Files/Some Vendor/Some Product/bin, set by /home/me/.bashrc:123, by WSLENV"


def finding(status: str, name: str, section: str = "path", summary: str = SUMMARY) -> Finding:
    remedies = (Remedy(" ".join(["take it out"] * 20), COMMANDS, "sudo"), Remedy("or wait"))
    return Finding(
        name,
        section,
        status,
        summary,
        " ".join(["It matters."] * 20),
        (EVIDENCE, "[bold]seen[/bold] :smile:"),
        remedies,
        ("claim",),
    )


STATUSES = ("ok", "info", "skip", "warn", "fail", "crash")
MANY = tuple(
    finding(status, f"{section.replace(' ', '-')}-{status}", section) for section in SECTIONS for status in STATUSES
)
REPORT = Report("0.3.0", NOW_NS, "Debian GNU/Linux 13 (trixie) on WSL2", "6.6.87.2", "go1.27.3", MANY)


def printed(
    report: Report = REPORT, *, width: int = 80, terminal: bool = True, quiet: bool = False, **more: object
) -> str:
    file = io.StringIO()
    console = Console(
        file=file, width=width, force_terminal=terminal, highlight=False, emoji=False, markup=False, **more
    )
    show(console, report, quiet=quiet)
    return file.getvalue()


def bare(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


WIDTHS = [40, 71, 72, 80, 160]


@for_each("width", WIDTHS)
def test_all_ids_appear_whatever_the_width(width):
    lines = [line.split() for line in bare(printed(width=width)).splitlines()]
    for each in MANY:
        assert any(each.check in words[:2] for words in lines), each.check


@for_each("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal_but_that_of_a_command(width):
    for line in bare(printed(width=width)).splitlines():
        if line.strip() not in COMMANDS.split("\n") and "docs/" not in line:
            assert len(line) <= width


@for_each("width", WIDTHS)
@for_each("terminal", [True, False])
def test_a_command_stands_whole_on_a_line_of_its_own(width, terminal):
    lines = [line.strip() for line in bare(printed(width=width, terminal=terminal)).splitlines()]
    problems = sum(each.is_problem for each in MANY)
    for command in COMMANDS.split("\n"):
        assert lines.count(command) == problems


@for_each("width", WIDTHS)
def test_nothing_is_lost_by_wrapping(width):
    def words(text: str) -> list[str]:
        return bare(text).split()

    assert sorted(words(printed(width=width))) == sorted(words(printed(terminal=False)))


def test_in_a_file_each_thing_is_a_line_that_can_be_searched_for():
    lines = printed(terminal=False, width=40).splitlines()
    assert any(re.fullmatch(f"  warn  path-warn +{SUMMARY}", line) for line in lines)
    assert f"        {EVIDENCE}" in lines


def test_there_is_no_colour_but_on_a_terminal(monkeypatch):
    assert "\x1b[" in printed()
    assert "\x1b" not in printed(terminal=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", printed())


@for_each("terminal", [True, False])
def test_quiet_shows_problems_only(terminal):
    text = bare(printed(quiet=True, terminal=terminal, width=160))
    for each in MANY:
        assert (f" {each.check} " in text) == each.is_problem
    assert "Debian" not in text


def test_quiet_says_nothing_but_the_count_where_all_is_well():
    report = Report("0.3.0", NOW_NS, "", "", "", (finding("ok", "x"), finding("info", "y"), finding("skip", "z")))
    assert printed(report, quiet=True, terminal=False).strip() == "1 info, 1 skip, 1 ok"


def test_the_most_important_is_first_in_the_summary():
    summary = bare(printed(width=160)).rpartition("\n\n")[2].splitlines()
    assert summary[0] == "8 fail, 8 crash, 8 warn, 8 info, 8 skip, 8 ok"
    told = [line.split()[0] for line in summary[1:] if re.match("  (fail|crash|warn) ", line)]
    assert told == ["fail"] * 8 + ["crash"] * 8 + ["warn"] * 8


def test_under_a_problem_stands_why_it_matters_what_mends_it_and_where_to_read_more():
    text = bare(printed(Report("", NOW_NS, "", "", "", (finding("warn", "path-order"),)), terminal=False))
    for part in ("why: It matters.", "to mend it (sudo): take it out", "to mend it: or wait\n", EVIDENCE):
        assert part in text
    assert "more: docs/checks.md#path-order, docs/folklore.md#claim\n" in text


def test_what_is_well_needs_no_explanation():
    text = bare(printed(Report("", NOW_NS, "", "", "", (finding("ok", "x"), finding("info", "y"))), terminal=False))
    assert text.count(EVIDENCE) == 1
    assert "why:" not in text
    assert COMMAND not in text


def test_those_that_were_skipped_for_one_reason_are_one_line():
    skipped = [finding("skip", f"wsl-{number}", "wsl", "this is not WSL") for number in range(9)]
    for terminal in (True, False):
        text = bare(printed(Report("", NOW_NS, "", "", "", tuple(skipped)), terminal=terminal, width=160))
        assert text.count("this is not WSL") == 1
        assert "wsl-0, wsl-1, wsl-2" in text


def test_what_a_machine_holds_is_text_and_no_markup():
    text = printed()
    assert "[bold]seen[/bold] :smile:" in bare(text)


@for_each("terminal", [True, False])
@for_each("width", [40, 160])
def test_differences_are_told_with_both_sides_and_their_facts(terminal, width):
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=terminal, highlight=False, emoji=False, markup=False)
    found = Difference(
        "new", finding("ok", "x", summary="was well"), finding("fail", "x", summary="is ill"), ("A: 1 → 2",)
    )
    gone = Difference("gone", finding("warn", "y", summary="was ill"), None, ())
    show_differences(console, [found, gone], "2026-11-18T15:06:40Z")
    lines = [line.rstrip() for line in bare(file.getvalue()).splitlines()]
    assert lines == [
        "changed since 2026-11-18T15:06:40Z", "", "new: x", "   was ok    was well", "    is fail  is ill",
        "       A: 1 → 2", "", "gone: y", "   was warn  was ill",
    ]  # fmt: skip


def test_where_nothing_has_changed_that_is_said():
    file = io.StringIO()
    show_differences(Console(file=file), [], "2026")
    assert file.getvalue() == "nothing has changed since 2026\n"
