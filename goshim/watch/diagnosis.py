"""What an attempt failed of: one kind, the finding that decided, all that failed, and whether to try again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from goshim.watch import signs
from goshim.watch.call import Call
from goshim.watch.gate import Gate
from goshim.watch.signs import Finding, Sign
from goshim.watch.supervisor import Ended

MOST_LINES = 2000  # of errors; a module that fails has one or two

_ROUTES = ("/proc/net/route", "/proc/net/ipv6_route")
# Signs that no answer came. Where one came there is a way, if only a proxy's on this machine.
_WITHOUT_A_ROUTE = frozenset(
    {"handshake-timeout", "no-such-host", "could-not-resolve", "dns-temporary", "timeout", "no-route"}
)
_WHEN_OFFLINE = "there is no route out of this machine: it is offline. Connect it, then run the command again."


class Diagnosis(NamedTuple):
    """`again` is whether the attempt can be repeated; if not, `remedy` may say what to do, in words for a person."""

    kind: str
    again: bool
    finding: Finding | None = None
    findings: tuple[Finding, ...] = ()
    remedy: str = ""
    retry_after_s: float = 0.0

    @property
    def sign(self) -> Sign:
        """The sign that decided. Only what has one is tried again."""
        assert self.finding is not None  # noqa: S101
        return self.finding.sign

    @property
    def subjects(self) -> frozenset[str]:
        """All that failed."""
        return frozenset(finding.subject for finding in self.findings)

    @property
    def what(self) -> str:
        """The file, address or line that failed, without what is secret in it."""
        return (self.finding.path or self.finding.subject) if self.finding else ""


UNKNOWN = Diagnosis("unknown", again=False)


def diagnose(ended: Ended, call: Call, gate: Gate, known: Iterable[Sign]) -> Diagnosis:
    """Judge a failed attempt by what it wrote."""
    findings = signs.judge(_both_ends(signs.error_lines(_texts(ended, call))), known)
    verdicts = gate.judge_all([finding for finding in findings if finding.path])
    for finding, verdict in verdicts.items():
        if verdict.remedy:
            return Diagnosis("permanent", again=False, finding=finding, findings=tuple(findings), remedy=verdict.remedy)
    tried = [each for each in findings if each.sign.kind != "lock" or (each in verdicts and verdicts[each].again)]
    decisive = signs.decisive(tried)
    if decisive is None:
        return UNKNOWN
    kind = decisive.sign.kind
    found = Diagnosis(kind, again=kind != "permanent", finding=decisive, findings=tuple(tried))
    if kind == "permanent":
        return found._replace(remedy=_words(decisive))
    if decisive.sign.id in _WITHOUT_A_ROUTE and not _is_loopback(decisive.host) and is_offline():
        return found._replace(again=False, remedy=_WHEN_OFFLINE)
    if kind == "network":
        return found._replace(retry_after_s=signs.retry_after_s(_both_ends(_texts(ended, call))) or 0.0)
    return found


def is_offline() -> bool:
    """Whether no route leads out of this machine (proc(5), /proc/net/route); False where that can't be told."""
    try:
        for path in _ROUTES:
            with open(path, encoding="ascii") as file:
                for line in file:
                    fields = line.split()
                    if fields and fields[0] not in ("Iface", "lo") and fields[-1] != "lo":
                        return False
    except OSError:
        return False
    return True


def _both_ends(lines: Iterable[str]) -> Iterator[str]:
    """The first and the last error lines: to judge one takes 0.4 ms, and go ends where it finds the worst."""
    rest = iter(lines)
    yield from islice(rest, MOST_LINES // 2)
    yield from deque(rest, MOST_LINES // 2)


def _texts(ended: Ended, call: Call) -> Iterator[str]:
    yield from ended.stderr.lines()
    if call.prints_json:
        yield from signs.json_texts(ended.stdout_lines())


def _words(finding: Finding) -> str:
    if not finding.sign.words:
        return ""
    text = finding.sign.words.replace("{host}", finding.host).replace("{path}", finding.path)
    lag_s = signs.lag_s(finding.line)
    return f"{text} It is at least {_time(lag_s)} behind." if lag_s else text


def _time(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _is_loopback(host: str) -> bool:
    name = host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] if ":" in host else host
    return name == "localhost" or name.startswith("127.") or name == "::1"
