"""Timing commands by turns: whatever slows the machine down for a while then slows each of them alike."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Subject:
    """A command to time. `before` is called, untimed, ahead of each run; `environments` are taken by turns."""

    name: str
    command: Sequence[str]
    environments: Sequence[Mapping[str, str]]
    directory: str
    before: Callable[[], None] = field(default=lambda: None)


@dataclass(frozen=True)
class Figure:
    """Whole-process wall times in milliseconds: the median, and the quartiles as its spread."""

    median_ms: float
    lower_ms: float
    upper_ms: float

    @classmethod
    def of(cls, times_ms: Sequence[float]) -> Figure:
        """The figure for some runs."""
        lower, median, upper = statistics.quantiles(times_ms, n=4)
        return cls(round(median, 3), round(lower, 3), round(upper, 3))


def by_turns(subjects: Sequence[Subject], rounds: int) -> dict[str, Figure]:
    """Run each subject once a round, and give a figure for each. The first three rounds are not counted."""
    times: dict[str, list[float]] = {subject.name: [] for subject in subjects}
    for turn in range(-3, rounds):
        for subject in subjects:
            subject.before()
            taken_ms = run(subject, turn)
            if turn >= 0:
                times[subject.name].append(taken_ms)
    return {name: Figure.of(each) for name, each in times.items()}


def run(subject: Subject, turn: int) -> float:
    """Run a subject once; gives milliseconds. Raises RuntimeError if it fails."""
    environment = subject.environments[turn % len(subject.environments)]
    os.chdir(subject.directory)
    silent = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (0, 1, 2)]
    start = time.perf_counter()
    process = os.posix_spawn(subject.command[0], list(subject.command), environment, file_actions=silent)
    _, status = os.waitpid(process, 0)
    taken = time.perf_counter() - start
    if status:
        raise RuntimeError(
            f"{subject.name}: {' '.join(subject.command)} ended with {os.waitstatus_to_exitcode(status)}"
        )
    return taken * 1000
