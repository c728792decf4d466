"""Changes and answers without secrets, as they may be shown. What is another thing then must not be stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from goshim.base.redaction import redact, redact_value, secrets_in
from goshim.facts.host import Answer, Question
from goshim.rules.rule import Change

_SHORTEST = 4
"""Of a secret that is looked for elsewhere: fewer characters are in any text."""


def without_secrets(change: Change) -> Change:
    """The change with its values and its reason redacted.

    What is secret of the value before is masked in the value after too, where nothing else may tell that it is secret:
    `https://TOKEN@github.com/org` becomes `TOKEN@github.com/org`.
    """
    known = secrets_in(change.variable, change.before or "")
    secrets = sorted({each.strip() for each in known}, key=len, reverse=True)

    def masked(text: str) -> str:
        for secret in secrets:
            if len(secret) >= _SHORTEST:
                text = text.replace(secret, "***")
        return text

    return replace(
        change,
        before=change.before and redact_value(change.variable, change.before),
        after=change.after and masked(redact_value(change.variable, change.after)),
        reason=masked(redact(change.reason)),
    )


def redacted_answers(answers: Mapping[Question, Answer]) -> dict[Question, Answer]:
    """What a machine answered, the values of its variables redacted: a digest of the others would tell a password."""
    return {
        (kind, subject): redact_value(subject, answer) if kind == "variable" and isinstance(answer, str) else answer
        for (kind, subject), answer in answers.items()
    }
