"""The report as a person reads it: sections, a line a check, under a problem all there is to know. Colour by rich."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Console
from rich.text import Text

from goshim.base.terminal import visible
from goshim.doctor.engine.finding import PLACES, Finding
from goshim.doctor.run.compare import Difference
from goshim.doctor.run.report import Report

STYLES = {"fail": "bold red", "crash": "bold red", "warn": "bold yellow", "info": "cyan", "skip": "dim", "ok": "green"}
_ID_WIDTH = 26
_NARROW = 72
_MOST_PAGES = 3
_INDENT = 8


def show(console: Console, report: Report, *, quiet: bool) -> None:
    """Print the report; with `quiet` only the problems."""
    if not quiet:
        about = f"goshim {report.goshim} · {report.system} · {report.kernel} · {report.go or 'no go'} · {report.taken}"
        _line(console, _text(visible(about, ""), "bold"))
    for name, findings in report.sections():
        told = [finding for finding in findings if finding.is_problem] if quiet else findings
        if told:
            _line(console, _text(f"\n{name}", "bold"))
        for told_together in _together(told):
            _finding(console, *told_together)
    _summary(console, report)


def show_differences(console: Console, differences: Sequence[Difference], since: str) -> None:
    """Print what has changed since a record."""
    if not differences:
        _line(console, _text(f"nothing has changed since {since}"))
        return
    _line(console, _text(f"changed since {since}", "bold"))
    for each in differences:
        _line(console, _text(f"\n{each.kind}: {each.check}", "bold"))
        for sign, finding in (("was", each.before), ("is", each.after)):
            if finding:
                lead = Text.assemble(f"{sign:>4} ", (f"{finding.status:<6}", STYLES[finding.status]))
                _line(console, _text(finding.summary), indent=2, lead=lead)
        for fact in each.facts:
            _line(console, _text(visible(fact, "")), indent=7)


def _together(findings: Sequence[Finding]) -> Iterator[tuple[Finding, ...]]:
    """Each finding alone, but those that were skipped for one reason: on a machine without WSL they are many."""
    for _, group in groupby(findings, lambda each: each.summary if each.status == "skip" else each.check):
        yield tuple(group)


def _finding(console: Console, finding: Finding, *others: Finding) -> None:
    if others:
        names = ", ".join(each.check for each in (finding, *others))
        _line(console, _text(f"{finding.summary}: {names}", "dim"), indent=2, lead=_status(finding))
        return
    if console.is_terminal and console.width < _NARROW:
        _line(console, _text(finding.check), indent=2, lead=_status(finding))
        _line(console, _text(finding.summary), indent=_INDENT)
    else:
        summary = _text(finding.summary, "dim" if finding.status == "skip" else "")
        _line(console, summary, indent=2, lead=_status(finding).append(f"{finding.check:<{_ID_WIDTH}} "))
    if finding.status not in ("ok", "skip"):
        for evidence in finding.evidence:
            _line(console, _text(evidence), indent=_INDENT)
    if finding.is_problem:
        _explained(console, finding)


def _explained(console: Console, finding: Finding) -> None:
    if finding.detail:
        _line(console, _text(finding.detail), indent=_INDENT, lead=_text("why: ", "dim"))
    for remedy in finding.remedies:
        where = f" ({PLACES[remedy.where]})" if remedy.command else ""
        _line(console, Text.assemble((f"to mend it{where}: ", "dim"), visible(remedy.text)), indent=_INDENT)
        for command in remedy.command.split("\n") if remedy.command else ():
            # never wrapped: it is to be copied
            console.print(Text.assemble(" " * (_INDENT + 4), (visible(command), "bold")), soft_wrap=True)
    pages = [finding.docs, *(f"docs/folklore.md#{each}" for each in finding.folklore[:_MOST_PAGES])]
    # nor are these: a link that is broken is none
    console.print(_text(f"{' ' * _INDENT}more: {', '.join(pages)}", "dim"), soft_wrap=True)


def _summary(console: Console, report: Report) -> None:
    counted = [_text(f"{count} {status}", STYLES[status]) for status, count in report.counts.items()]
    _line(console, _text("\n").append_text(_text(", ").join(counted)))
    for finding in report.problems:
        _line(console, _text(f"{finding.check}: {finding.summary}"), indent=2, lead=_status(finding))


def _status(finding: Finding) -> Text:
    return _text(f"{finding.status:<6}", STYLES[finding.status])


def _text(text: str = "", style: str = "") -> Text:
    """A text for the console, of which nothing does anything to a terminal."""
    return Text(visible(text), style)


def _line(console: Console, text: Text, *, indent: int = 0, lead: Text | None = None) -> None:
    """Print `lead` and a text, which on a terminal is wrapped into the column where it begins."""
    lead = lead or _text()
    column = indent + len(lead)
    lines = text.wrap(console, max(console.width - column, 20)) if console.is_terminal else [text]
    for number, line in enumerate(lines or [text]):
        console.print(Text.assemble(" " * (column if number else indent), "" if number else lead, line), soft_wrap=True)
