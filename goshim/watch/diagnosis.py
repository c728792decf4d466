"""What an attempt failed of: one kind, the finding that decided, all that failed, and whether to try again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from goshim.base.terminal import printable
from goshim.watch import signs
from goshim.watch.call import Call
from goshim.watch.gate import Gate
from goshim.watch.signs import Finding, Sign
from goshim.watch.supervisor import Ended

MOST_CHARACTERS = 1 << 18  # of errors: two for each of 500 modules; to judge as many takes 0.5 s
MOST_BETWEEN = 1 << 21  # of those between the first and the last, where only permanent signs are looked for: 2 s
_SHORTEST = 128  # what a line counts for at least: each sign has a price of its own

_ROUTES = ("/proc/net/route", "/proc/net/ipv6_route")
# Signs that no answer came. Where one came there is a way, if only a proxy's on this machine.
_WITHOUT_A_ROUTE = frozenset(
    {"handshake-timeout", "no-such-host", "could-not-resolve", "dns-temporary", "timeout", "no-route"}
)
_WHEN_TOO_MUCH = (
    "go tells of more errors than goshim reads before it tries again: one of them may be of those that no retry mends."
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
        return self.finding.what if self.finding else ""


UNKNOWN = Diagnosis("unknown", again=False)


def diagnose(ended: Ended, call: Call, gate: Gate, known: Sequence[Sign]) -> Diagnosis:
    """Judge a failed attempt by what it wrote."""
    first, last, is_all = _ends(signs.error_lines(_texts(ended, call)))
    findings = list(signs.judge([*first, *last], known))
    found = _decide(findings, ended, call, gate)
    if is_all or not found.again:
        return found
    permanent = [sign for sign in known if sign.kind == "permanent"]
    seen: set[int] = set()
    size = 0
    for line in islice(signs.error_lines(_texts(ended, call)), len(first), None):
        if hash(line) in seen:
            continue
        seen.add(hash(line))
        size += max(len(line), _SHORTEST)
        if size > MOST_BETWEEN:
            return found._replace(again=False, remedy=_WHEN_TOO_MUCH)
        if hidden := next(signs.judge([line], permanent), None):
            return _decide([*findings, hidden], ended, call, gate)
    return found


def _decide(findings: list[Finding], ended: Ended, call: Call, gate: Gate) -> Diagnosis:
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
        return found._replace(remedy=_words(decisive, gate))
    if decisive.sign.id in _WITHOUT_A_ROUTE and not _is_loopback(decisive.host) and is_offline():
        return found._replace(again=False, remedy=_WHEN_OFFLINE)
    if kind == "network":
        first, last, _ = _ends(_texts(ended, call))
        failed = {each.line for each in findings if each.sign.kind == "network"}
        return found._replace(retry_after_s=signs.retry_after_s([*first, *last], failed) or 0.0)
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


def _ends(lines: Iterable[str]) -> tuple[list[str], deque[str], bool]:
    """The first and the last lines, and whether these are all: go ends where it finds the worst."""
    first: list[str] = []
    last: deque[str] = deque()
    first_size = last_size = 0
    is_all = True
    for line in lines:
        size = max(len(line), _SHORTEST)
        if first_size < MOST_CHARACTERS // 2:
            first.append(line)
            first_size += size
            continue
        last.append(line)
        last_size += size
        while last_size > MOST_CHARACTERS // 2:
            last_size -= max(len(last.popleft()), _SHORTEST)
            is_all = False
    return first, last, is_all


def _texts(ended: Ended, call: Call) -> Iterator[str]:
    yield from ended.stderr.lines()
    if call.keeps_stdout:
        yield from signs.json_texts(ended.stdout_lines())


def _words(finding: Finding, gate: Gate) -> str:
    if finding.sign.is_about_files and not gate.knows(finding):
        return ""  # a server may say as well that a disk is full
    text = finding.sign.words.replace("{host}", printable(finding.host)).replace("{path}", printable(finding.path))
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
