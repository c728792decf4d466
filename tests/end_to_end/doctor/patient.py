"""Someone who asks `goshim doctor` about a machine, and what it told."""

from __future__ import annotations

import contextlib
import os
import signal
import time
import uuid

from tests.end_to_end.doctor.windows import left

PROBLEMS = ("fail", "warn", "crash")
WHOLE_LIMIT_S = 15
SLACK_S = 3  # a machine under load starts and ends processes slowly
_END_LIMIT_S = 3


class Told:
    """What a call of doctor with --json told."""

    def __init__(self, result):
        assert result.code in (0, 1), result.message
        self.result = result
        self.code = result.code
        self.findings = {each["check"]: each for each in result.json["findings"]}

    def status(self, check):
        """The status of a check."""
        return self.findings[check]["status"]

    def summary(self, check):
        """The summary of a check."""
        return self.findings[check]["summary"]

    def text(self, check):
        """Summary and evidence of a check."""
        return "\n".join([self.summary(check), *self.findings[check]["evidence"]])

    @property
    def problems(self):
        """What is wrong: each summary by its check."""
        return {name: each["summary"] for name, each in self.findings.items() if each["status"] in PROBLEMS}


def ask(user, *words, env=None, leaves=False):
    """Have doctor look: what it told. It keeps its time, and nothing that it started runs any longer.

    With `leaves` it may: what got away is ended here.
    """
    mark = uuid.uuid4().hex
    began_s = time.monotonic()
    result = user.goshim("doctor", "--json", *words, env={**(env or {}), "MARK_OF_TEST": mark})
    took_s = time.monotonic() - began_s
    remaining = remaining_of(mark)
    for process in remaining:
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGKILL)
    assert not remaining or leaves, remaining
    assert took_s < WHOLE_LIMIT_S + SLACK_S
    return Told(result)


def remaining_of(mark):
    """The processes that still run with this in their environment, once those that were killed have ended."""
    deadline_s = time.monotonic() + _END_LIMIT_S
    while (remaining := left(mark)) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    return remaining
