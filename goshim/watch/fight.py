"""Trying again: how often, after how long, what is told of it, and what the journal keeps.

The schedule is tenacity's. Budgets count waiting only, and begin anew when an attempt got further: when something that
failed before no longer did. Each thing counts for that once, so that a fight has an end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from tenacity import RetryCallState, Retrying, retry_if_result, wait_random_exponential

from goshim.base.terminal import printable
from goshim.facts.home import user_file
from goshim.facts.host import Host
from goshim.watch import answers, gate, journal, probe, signs, words
from goshim.watch.call import Call
from goshim.watch.diagnosis import Diagnosis, diagnose
from goshim.watch.progress import Progress
from goshim.watch.relay import Unseen
from goshim.watch.signs import Sign
from goshim.watch.supervisor import Ended, Look, Supervisor

OWN_SIGNS = ".config/goshim/signs.toml"
MOST_RESTARTS = 50  # of budgets: a fault that looks new each time has an end, too
NETWORK_WAITS = 10  # times the first wait for a lock: servers recover in seconds, scanners in tenths


class Attempt(NamedTuple):
    """An attempt that ended, what it failed of, and whether it came further than the one before."""

    ended: Ended
    diagnosis: Diagnosis | None
    got_further: bool = False

    @property
    def again(self) -> bool:
        """Whether another attempt may help."""
        return self.diagnosis is not None and self.diagnosis.again

    @property
    def kind(self) -> str:
        """What it failed of; empty for an attempt that went well, or was ended by a signal."""
        return self.diagnosis.kind if self.diagnosis else ""


class Fight:
    """All attempts of one call, from the first, which failed."""

    def __init__(self, supervisor: Supervisor, call: Call, ended: Ended, look: Look) -> None:
        """Begin with an attempt that ended badly; run others by `supervisor`."""
        self._supervisor = supervisor
        self._call = call
        self.last = Attempt(ended, None)
        self._signs = _signs(supervisor, call)
        self._look = look
        self._gate = gate.Gate(call)
        self._unseen = Unseen()
        self._incidents = journal.Incidents(call.verb)
        self._attempts = 0
        self._waited_s = 0.0
        self._spent_s: dict[str, float] = defaultdict(float)
        self._tried: dict[str, int] = defaultdict(int)
        self._counted: set[str] = set()
        self._answered: set[str] = set()
        self._told: set[str] = set()
        self._restarts = 0
        self._gave_up = False

    def go_on(self) -> None:
        """Try until it goes well or there is no reason to try; `last` is the last attempt then."""
        if not self._call.is_silent:
            self._unseen.note(self.last.ended.stderr.chunks())
        self.last = self._judge(self.last.ended, None)
        while self.last.again and not self._gave_up:
            self._retrying(self.last)(self._from(self.last))
        self._conclude()

    def _retrying(self, since: Attempt) -> Retrying:
        """Attempts for as long as they fail of the same and come no further."""

        def is_stuck(attempt: Attempt) -> bool:
            return attempt.again and attempt.kind == since.kind and (attempt is since or not attempt.got_further)

        return Retrying(
            retry=retry_if_result(is_stuck),
            wait=self._wait_s,
            stop=self._is_spent,
            sleep=self._sleep,
            retry_error_callback=self._give_up,
        )

    def _from(self, attempt: Attempt) -> Callable[[], Attempt]:
        """A function that gives the attempt that there was, then those it makes."""
        there_was = [attempt]
        return lambda: there_was.pop() if there_was else self._run()

    def _run(self) -> Attempt:
        before = self.last
        probe.clear()
        relay = None if self._call.is_silent else self._unseen
        self.last = Attempt(self._supervisor.run(self._call, relay=relay, look=self._look), None)
        before.ended.close()
        self.last = self._judge(self.last.ended, before)
        return self.last

    def _judge(self, ended: Ended, before: Attempt | None) -> Attempt:
        self._attempts += 1
        if ended.code <= 0 or self._supervisor.forwarded:
            return Attempt(ended, None)
        found = diagnose(ended, self._call, self._gate, self._signs)
        self._answered |= answers.hosts(found)
        known = before.diagnosis.subjects if before and before.diagnosis else frozenset()
        through = known - found.subjects - self._counted if self._restarts < MOST_RESTARTS else frozenset()
        self._counted |= through
        if through:
            self._restarts += 1
            self._spent_s.clear()
            self._tried.clear()
        elif before and before.diagnosis and self._is_shut_out(before.diagnosis, found):
            found = found._replace(again=False, remedy=words.OF_A_HANDSHAKE)
        self._tried[found.kind] += 1
        if found.finding:
            self._tried[found.sign.id] += 1
        self._incidents.add(found)
        return Attempt(ended, found, bool(through))

    def _is_shut_out(self, before: Diagnosis, found: Diagnosis) -> bool:
        """Whether one host ended both attempts in the handshake, and gave this call nothing."""
        host, finding = answers.unanswered(found), found.finding
        if finding is None or not host or host != answers.unanswered(before) or host in self._answered:
            return False
        return not answers.came(finding, self._gate.cache, self._call.started_s)

    def _wait_s(self, state: RetryCallState) -> float:
        diagnosis = self._found
        sign, setting = diagnosis.sign, self._call.seconds
        longest_s = setting("max_wait_s")
        first_s = setting("first_wait_s") * (1 if diagnosis.kind == "lock" else NETWORK_WAITS)
        asked_s = max(diagnosis.retry_after_s, sign.wait_s or 0.0)
        jittered_s = wait_random_exponential(multiplier=first_s, max=longest_s)(state)
        return max(asked_s, min(jittered_s, self._left_s(diagnosis)))

    def _is_spent(self, state: RetryCallState) -> bool:
        diagnosis = self._found
        sign, left_s = diagnosis.sign, self._left_s(diagnosis)
        if left_s <= 0 or state.upcoming_sleep > left_s:
            return True
        if sign.tries is not None and self._tried[sign.id] > sign.tries:
            return True
        return diagnosis.kind != "lock" and self._tried[diagnosis.kind] >= int(self._call.seconds("network_tries"))

    def _left_s(self, diagnosis: Diagnosis) -> float:
        name = "lock_budget_s" if diagnosis.kind == "lock" else "network_budget_s"
        return self._call.seconds(name) - self._spent_s[diagnosis.kind]

    def _sleep(self, seconds: float) -> None:
        """Wait; of each kind of incident one line tells, however many there are."""
        diagnosis = self._found
        if diagnosis.kind not in self._told and self._call.is_told:
            self._supervisor.say(words.retrying(diagnosis, self._gate, self._left_s(diagnosis)))
        self._told.add(diagnosis.kind)
        progress = Progress(self._supervisor, shown=self._call.is_told)
        progress.wait(seconds, lambda left_s: words.waiting(diagnosis, self._attempts + 1, left_s, self._waited_s))
        self._waited_s += seconds
        self._spent_s[diagnosis.kind] += seconds
        self._incidents.waited(seconds)

    def _give_up(self, _: RetryCallState) -> Attempt:
        self._gave_up = True
        return self.last

    @property
    def _found(self) -> Diagnosis:
        """What the last attempt failed of: tenacity asks only after one that did."""
        assert self.last.diagnosis is not None  # noqa: S101
        return self.last.diagnosis

    def _conclude(self) -> None:
        probe.clear()
        lost = self.last.diagnosis
        if lost and not lost.again and not lost.remedy and self._attempts == 1:
            return  # an error of the user's, of which go has said all
        journal.add(self._call.environment, self._incidents.records(won=self.last.ended.code == 0))
        if lost and self._call.is_told:
            self._supervisor.say(words.lost(lost, self._call, self._gate, self._attempts, self._waited_s))


def _signs(supervisor: Supervisor, call: Call) -> tuple[Sign, ...]:
    """What tells errors apart: goshim's rows, and the user's."""
    home = call.environment.get("HOME", "")
    path = f"{home.rstrip('/')}/{OWN_SIGNS}"
    try:
        host = Host(call.environment, call.directory)
        if home.startswith("/") and host.exists(path) and (reason := user_file(host, path).refusal):
            raise ValueError(reason)  # noqa: TRY301 - shown below, as any other fault of this file
        own = host.read(path) if home.startswith("/") else None
        return signs.load((own or b"").decode("utf-8"))
    except (OSError, ValueError) as error:
        fault = printable(str(error).removeprefix(f"{printable(path)}: "))
        if call.is_told:
            supervisor.say(f"goshim: {printable(path)}: {fault}; it is ignored\n")
        return signs.load()
