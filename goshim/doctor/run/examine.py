"""Checks, run side by side, each with a limit: findings, in the order of the checks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from goshim.base.terminal import printable
from goshim.doctor.engine.check import NEEDS, Check
from goshim.doctor.engine.finding import Finding, Verdict, skip
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts.host import Question, UnreadableError

Value = TypeVar("Value")

CHECK_LIMIT_S = 5.0
WHOLE_LIMIT_S = 15.0
WORKERS = 8
"""Most checks wait for a disk or for another program; those that compute are few."""


class Examination:
    """The findings of checks, and what each was judged by."""

    def __init__(self, look: Look, checks: Sequence[Check]) -> None:
        """Run the checks; this takes WHOLE_LIMIT_S at most, whatever the machine does."""
        self.look = look
        self.causes: dict[str, frozenset[Question]] = {}
        self._checks = checks
        self._verdicts: dict[str, Verdict] = {}
        self._waiting = list(reversed(checks))
        self._began_s: dict[str, float] = {}
        self._changed = threading.Condition()
        self._run()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One for each check, without a secret in it."""
        return tuple(self._finding(check, self._verdicts[check.id]) for check in self._checks)

    def _run(self) -> None:
        end_s = time.monotonic() + WHOLE_LIMIT_S
        for _ in range(min(WORKERS, len(self._checks))):
            self._hire()
        with self._changed:
            while len(self._verdicts) < len(self._checks):
                now_s = time.monotonic()
                if now_s >= end_s:
                    break
                for late in self._late(now_s):
                    self._verdicts[late] = skip(f"no answer within {CHECK_LIMIT_S:g} s")
                    self._hire()  # in the place of the one that hangs
                self._changed.wait(min(end_s, *self._limits_s(), now_s + 1) - now_s)
            for check in self._checks:
                self._verdicts.setdefault(check.id, skip(f"no answer before all checks' {WHOLE_LIMIT_S:g} s were over"))

    def _hire(self) -> None:
        # a daemon: what hangs on a dead file system can't be ended, and must not keep goshim from ending
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    return
                check = self._waiting.pop()
                self._began_s[check.id] = time.monotonic()
            with self.look.host.collecting() as asked:
                verdict = judge(check, self.look)
            with self._changed:
                if check.id in self._verdicts:
                    return  # too late, and another works in this one's place
                self.causes[check.id] = frozenset(asked)
                self._verdicts[check.id] = verdict
                self._changed.notify()

    def _late(self, now_s: float) -> list[str]:
        return [
            name
            for name, began_s in self._began_s.items()
            if name not in self._verdicts and now_s >= began_s + CHECK_LIMIT_S
        ]

    def _limits_s(self) -> list[float]:
        return [began_s + CHECK_LIMIT_S for name, began_s in self._began_s.items() if name not in self._verdicts]

    def _finding(self, check: Check, verdict: Verdict) -> Finding:
        try:
            return self._made(check, verdict)
        except Exception as error:  # noqa: BLE001 - a verdict that is none is the check's fault, too
            return self._made(check, _crashed(error))

    def _made(self, check: Check, verdict: Verdict) -> Finding:
        is_telling = verdict.status in ("fail", "warn", "info")
        return Finding(
            check.id,
            check.section,
            verdict.status,
            verdict.summary,
            verdict.detail or (check.why if is_telling else ""),
            verdict.evidence,
            verdict.remedies,
            check.folklore,
        ).fit_to_show()


def judge(check: Check, look: Look) -> Verdict:
    """What a check says of a machine. One that can't know is skipped with its reason; one that raises has crashed."""
    try:
        if not _is_given(check.needs, look):
            return skip(NEEDS[check.needs])
        return check.judge(look)
    except (UnknownError, UnreadableError) as error:
        return skip(str(error))
    except Exception as error:  # noqa: BLE001 - a fault of one check is a finding, and the others go on
        if look.host.is_record:
            return Verdict("crash", f"the record is damaged, or goshim at fault: {type(error).__name__}: {error}")
        return _crashed(error)


def _crashed(error: Exception) -> Verdict:
    return Verdict("crash", f"a fault of goshim's own: {type(error).__name__}: {printable(str(error))}")


def _is_given(need: str, look: Look) -> bool:
    if need == "network":
        return look.options.network
    if need:
        kind = look(basics.machine).wsl
        return kind == "wsl2" if need == "wsl2" else bool(kind)
    return True


def within(limit_s: float, ask: Callable[[], Value]) -> Value:
    """What a function gives, if it does in time. Raises TimeoutError, and what the function raises."""
    answer: Future[Value] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:  # noqa: BLE001 - it is raised where it was asked
            answer.set_exception(error)

    threading.Thread(target=work, daemon=True).start()
    return answer.result(limit_s)
