"""What a check finds: one finding, with what it was seen by and what mends it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from goshim.base.redaction import redact

STATUSES = ("fail", "crash", "warn", "info", "skip", "ok")
"""The most important first."""

PLACES = {
    "shell": "this shell",
    "sudo": "sudo",
    "powershell": "PowerShell",
    "elevated": "elevated PowerShell",
    "file": "that file",
}
"""Where the command of a remedy is to be run, by the word that JSON has for it."""

_MOST_EVIDENCE = 40
_LONGEST = 4000


@dataclass(frozen=True)
class Edit:
    """One line of a file, as it is and as it should be; `new` is None for a line to be taken out.

    Lines count from 1. `old` is the whole line without its end, and guards the edit: it is made only while the line is
    still that.
    """

    path: str
    line: int
    old: str
    new: str | None


@dataclass(frozen=True)
class Remedy:
    """A way to mend a finding: what it does, the exact command, and where that is to be run (a key of PLACES).

    `edits` are what `--fix` may do in the command's stead: only to files that are the user's own, or as root.
    """

    text: str
    command: str = ""
    where: str = "shell"
    edits: tuple[Edit, ...] = ()

    def __post_init__(self) -> None:
        """Hold `where` to what there is."""
        if self.where not in PLACES:
            raise ValueError(f"a remedy can't be applied in {self.where!r}")


@dataclass(frozen=True)
class Verdict:
    """What a check says. `detail` tells why it matters where that is not the same each time."""

    status: str
    summary: str
    evidence: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    detail: str = ""


def ok(summary: str, *evidence: str) -> Verdict:
    """All is well."""
    return Verdict("ok", summary, evidence)


def info(summary: str, *evidence: str, remedies: tuple[Remedy, ...] = (), detail: str = "") -> Verdict:
    """Nothing is wrong, and it is worth knowing."""
    return Verdict("info", summary, evidence, remedies, detail)


def warn(summary: str, *evidence: str, remedies: tuple[Remedy, ...] = (), detail: str = "") -> Verdict:
    """Something will go wrong in some calls, or is slower than it need be."""
    return Verdict("warn", summary, evidence, remedies, detail)


def fail(summary: str, *evidence: str, remedies: tuple[Remedy, ...] = (), detail: str = "") -> Verdict:
    """Go can't work as it is."""
    return Verdict("fail", summary, evidence, remedies, detail)


def skip(reason: str) -> Verdict:
    """Nothing can be said, for this reason."""
    return Verdict("skip", reason)


@dataclass(frozen=True)
class Finding:
    """The verdict of a check on this machine, without a secret in it."""

    check: str
    section: str
    status: str
    summary: str
    detail: str = ""
    evidence: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    folklore: tuple[str, ...] = ()

    @property
    def is_problem(self) -> bool:
        """Whether something should be done about it."""
        return self.status in ("fail", "crash", "warn")

    @property
    def docs(self) -> str:
        """The page of the check."""
        return f"docs/checks.md#{self.check}"

    def fit_to_show(self) -> Finding:
        """The same without what is secret, could do something to a terminal, or has no end.

        The edits keep all of it: they are never shown as they are.
        """
        evidence = tuple(map(legible, self.evidence[:_MOST_EVIDENCE]))
        if more := len(self.evidence) - len(evidence):
            evidence = (*evidence, f"… and {more} more")
        return replace(
            self,
            summary=legible(self.summary),
            detail=legible(self.detail),
            evidence=evidence,
            remedies=tuple(map(_legible_remedy, self.remedies)),
        )

    def as_json(self) -> dict[str, Any]:
        """The finding as a report in JSON has it."""
        remedies = [{"text": each.text, "command": each.command, "where": each.where} for each in self.remedies]
        return {
            "check": self.check,
            "section": self.section,
            "status": self.status,
            "summary": self.summary,
            "detail": self.detail,
            "evidence": list(self.evidence),
            "remedies": remedies,
            "docs": self.docs,
            "folklore": [f"docs/folklore.md#{each}" for each in self.folklore],
        }


def legible(text: str) -> str:
    """A text as a person may see it: no secret, nothing that could do something to a terminal, and an end."""
    text = redact(text)
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text)} characters)"
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def _legible_remedy(remedy: Remedy) -> Remedy:
    if len(remedy.command) > _LONGEST:  # half a command is worse than none
        return replace(remedy, text=f"{legible(remedy.text)}; the command is too long to be told", command="")
    command = "\n".join(map(legible, remedy.command.split("\n")))
    masked = ", with what is secret in the place of ***" if command.count("***") > remedy.command.count("***") else ""
    return replace(remedy, text=legible(remedy.text) + masked, command=command)
