"""What has changed between a record and now: findings, and the facts behind them."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from goshim.base.encoding import to_text
from goshim.doctor.engine.finding import Finding, legible
from goshim.doctor.engine.record import Answers, question, redacted
from goshim.doctor.run.examine import Examination
from goshim.facts.host import Answer, Question, UnreadableError

# A figure that was measured is another each time, and no change for that.
_FIGURE = re.compile(
    r"(?:less than )?(?:[-+]|(?<!\d))\d+(?:\.\d+)? ?"
    r"(?:(?:ms|µs|s|KB|MiB|GiB|times|ago|days?|hours?|minutes|plans?|files?)\b|%)"
)
_MOST_LINES = 12
_LONGEST = 120


@dataclass(frozen=True)
class Difference:
    """A check whose finding is another: `new` and `gone` are problems, `changed` whatever else was told otherwise."""

    kind: str
    before: Finding | None
    after: Finding | None
    facts: tuple[str, ...]

    @property
    def check(self) -> str:
        """The check's id."""
        return (self.after or self.before).check  # type: ignore[union-attr]

    def as_json(self) -> dict[str, Any]:
        """The difference as a report in JSON has it."""
        return {
            "check": self.check,
            "change": self.kind,
            "before": self.before and self.before.as_json(),
            "after": self.after and self.after.as_json(),
            "facts": list(self.facts),
        }


def compare(before: Examination, after: Examination, then: Answers, now: Answers) -> tuple[Difference, ...]:
    """The differences in the order of the checks. `then` and `now` are the answers of two records."""
    old = {finding.check: finding for finding in before.findings}
    new = {finding.check: finding for finding in after.findings}
    found = []
    for check in {**old, **new}:
        one, other = old.get(check), new.get(check)
        if _told(one) != _told(other):
            questions = before.causes.get(check, frozenset()) | after.causes.get(check, frozenset())
            recorded = {question(*each) for each in questions}
            facts = tuple(map(legible, _facts(recorded, then, now)))
            found.append(Difference(_kind(one, other), one, other, facts))
    return tuple(found)


def _told(finding: Finding | None) -> tuple[Any, ...]:
    if finding is None:
        return ()
    return finding.status, *(_FIGURE.sub("", text) for text in (finding.summary, *finding.evidence))


def _kind(before: Finding | None, after: Finding | None) -> str:
    was, is_now = (finding is not None and finding.is_problem for finding in (before, after))
    return "changed" if was == is_now else "new" if is_now else "gone"


def _facts(questions: set[Question], then: Answers, now: Answers) -> tuple[str, ...]:
    absent = object()
    lines: list[str] = []
    for kind, subject in sorted(questions):
        before, after = (answers.get((kind, subject), absent) for answers in (then, now))
        if before is absent or after is absent or _same(before, after):
            continue
        # once more: an older goshim, or somebody's hand, may have left more in a record
        lines += _told_fact(kind, subject, redacted(kind, subject, before), redacted(kind, subject, after))
    return tuple(lines)


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, UnreadableError) or isinstance(after, UnreadableError):
        return str(before) == str(after)
    if isinstance(before, Mapping) and isinstance(after, Mapping) and "began_ns" in before:
        return all(before.get(name) == after.get(name) for name in ("code", "output", "error"))
    return bool(before == after)


def _told_fact(kind: str, subject: str, before: Answer | UnreadableError, after: Answer | UnreadableError) -> list[str]:
    name = _named(kind, subject)
    if _is_output(before) and _is_output(after) and before["code"] == after["code"]:
        before, after = before["output"], after["output"]
    if isinstance(before, bytes) and isinstance(after, bytes):
        return [f"{name}:", *_changed(to_text(before).split("\n"), to_text(after).split("\n"))]
    if kind == "variable" and subject == "PATH":
        return [f"{name}:", *_changed(str(before or "").split(":"), str(after or "").split(":"))]
    if _has_lines(kind, subject) and isinstance(before, Sequence) and isinstance(after, Sequence):
        return [f"{name}:", *_changed(_lines(before), _lines(after))]
    return [f"{name}: {_value(before)} → {_value(after)}"]


def _has_lines(kind: str, subject: str) -> bool:
    return kind in ("lines", "names", "glob", "entries") or (
        kind == "probe" and json.loads(subject)[0] == "start_files.lines"
    )


def _is_output(answer: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether it is that of a command which has ended, and not the reason why it did not."""
    return isinstance(answer, Mapping) and answer.get("code") is not None and "began_ns" in answer


def _changed(before: list[str], after: list[str]) -> list[str]:
    """The lines that are gone and those that are new, the first of them."""
    told = list(difflib.unified_diff(before, after, n=0, lineterm=""))[2:]
    lines = [f"  {line[0]} {line[1:]}"[:_LONGEST] for line in told if line[0] in "+-"]
    more = [f"  … and {len(lines) - _MOST_LINES} lines more"] if len(lines) > _MOST_LINES else []
    return [*lines[:_MOST_LINES], *more]


def _lines(answer: Sequence[Any]) -> list[str]:
    return [each if isinstance(each, str) else f"line {each[0]}: {each[1]}" for each in answer]


def _named(kind: str, subject: str) -> str:
    if kind == "command":
        return " ".join(json.loads(subject)[0])
    if kind == "probe" and _has_lines(kind, subject):
        return str(json.loads(subject)[1])
    if kind == "probe":
        return " ".join(json.loads(subject)).rstrip()
    if kind == "lines":
        return str(json.loads(subject)[0])
    words_of = {"variable": "", "read": "", "names": "variables named ", "is_directory": "directory "}
    return f"{words_of.get(kind, f'{kind} ')}{subject}".strip() or kind


def _value(answer: Answer | UnreadableError) -> str:
    if isinstance(answer, UnreadableError):
        return "unreadable"
    if answer is None:
        return "nothing"
    if answer == "":
        return "(empty)"
    if isinstance(answer, bytes):
        return to_text(answer).strip()[:_LONGEST]
    if isinstance(answer, dict) and "began_ns" in answer:
        code, output, error = (answer[name] for name in ("code", "output", "error"))
        return error or f"exit code {code}, {to_text(output).strip()[:_LONGEST]}"
    return str(answer)[:_LONGEST]
