"""The findings as a report for programs (JSON) and for bug reports (Markdown); terminal.py has the one for people."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from goshim.doctor.engine.check import SECTIONS
from goshim.doctor.engine.finding import PLACES, STATUSES, Finding, legible
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import description
from goshim.doctor.run.examine import Examination, within

DESCRIPTION_LIMIT_S = 1.0
"""For each of the words about the machine: what they are made of, checks have asked for before."""


@dataclass(frozen=True)
class Report:
    """What was found on which machine, and when. `taken_ns` is in nanoseconds since 1970."""

    goshim: str
    taken_ns: int
    system: str
    kernel: str
    go: str
    findings: tuple[Finding, ...]

    @property
    def taken(self) -> str:
        """The time, as ISO 8601 has it."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.taken_ns // 10**9))

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each status that there is, the most important first."""
        count = Counter(finding.status for finding in self.findings)
        return {status: count[status] for status in STATUSES if count[status]}

    @property
    def problems(self) -> list[Finding]:
        """What should be done something about, the most important first."""
        return sorted(
            (finding for finding in self.findings if finding.is_problem),
            key=lambda finding: STATUSES.index(finding.status),
        )

    def without(self, checks: Collection[str]) -> Report:
        """The same without the findings of some checks."""
        return replace(self, findings=tuple(each for each in self.findings if each.check not in checks))

    def exit_code(self, *, strict: bool) -> int:
        """0 if nothing failed, else 1; a warning fails where that is asked for."""
        failing = ("fail", "crash", "warn") if strict else ("fail", "crash")
        return int(any(finding.status in failing for finding in self.findings))

    def sections(self) -> list[tuple[str, list[Finding]]]:
        """The findings of each section that has some."""
        of = {name: [each for each in self.findings if each.section == name] for name in SECTIONS}
        return [(name, findings) for name, findings in of.items() if findings]

    def as_json(self) -> dict[str, Any]:
        """The report as a program reads it."""
        return {
            "goshim": self.goshim,
            "taken": self.taken,
            "host": {"system": self.system, "kernel": self.kernel, "go": self.go or None},
            "summary": {"counts": self.counts, "problems": [finding.check for finding in self.problems]},
            "findings": [finding.as_json() for finding in self.findings],
        }

    def as_markdown(self) -> str:
        """The report for a bug report: a table of all, then the problems in full."""
        about = f"goshim {self.goshim}, {self.system}, kernel {self.kernel}, {self.go or 'no go'}, {self.taken}"
        lines = ["### goshim doctor", "", _plain(about), "", "| status | check | |", "|---|---|---|"]
        lines += [f"| {each.status} | {each.check} | {_plain(each.summary)} |" for each in self.findings]
        for finding in self.problems:
            lines += ["", f"#### {finding.status}: {finding.check}", "", _plain(finding.summary), ""]
            if finding.evidence:
                lines += [*_fenced(finding.evidence), ""]
            if finding.detail:
                lines += [_plain(finding.detail), ""]
            for remedy in finding.remedies:
                lines += [f"- {_plain(remedy.text)}" + (f" ({PLACES[remedy.where]})" if remedy.command else "")]
                lines += [f"  {line}" for line in _fenced(remedy.command.split("\n"))] if remedy.command else []
        return "\n".join(lines).rstrip()


def make(examination: Examination, goshim: str, taken_ns: int) -> Report:
    """The report of an examination."""
    system, kernel, go = (
        _told(examination.look, fact) for fact in (description.system, description.kernel, description.go)
    )
    return Report(legible(goshim), taken_ns, system, kernel, go, examination.findings)


def _told(look: Look, fact: Callable[[Look], str]) -> str:
    """A fact in words; `unknown` where it can't be had, a damaged record says nonsense, or a disk does not answer."""
    try:
        return legible(within(DESCRIPTION_LIMIT_S, lambda: look(fact)))
    except Exception:  # noqa: BLE001 - the findings tell what is wrong
        return "unknown"


def _plain(text: str) -> str:
    """Text that Markdown takes for text, on one line: what a machine holds may look like a link or a mention."""
    text = " ".join(text.split())
    for sign in "\\`*_[]<>|@#~$&":
        text = text.replace(sign, f"\\{sign}")
    return f"\\{text}" if text[:1] in ("-", "+", "=") else text


def _fenced(lines: Sequence[str]) -> list[str]:
    fence = "```"
    while any(fence in line for line in lines):
        fence += "`"
    return [fence, *lines, fence]
