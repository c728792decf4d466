"""What go mod download comes to on a drive that a virus scanner is at work on, bare and through goshim.

Also what watching costs where nothing disturbs. usage: python -m bench.scanner [--runs N] [--cell-limit SECONDS]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.measure import Figure, Subject, by_turns
from goshim.base import resources

CHANCES = (0.01, 0.05, 0.2, 0.5)
HELD_S = (0.1, 0.5, 2.0)
SCANNED_MODULES, MANY_MODULES = 60, 500
FILLER = 4000  # bytes of a module beside its code
RUNS, ROUNDS = 20, 10
CELL_LIMIT_S, RUN_LIMIT_S = 1200.0, 300.0

BARE, SHIM = "bare go", "goshim"
_DOWNLOAD = ("mod", "download")
_CHECKOUT = Path(__file__).resolve().parent.parent
INSTALL = "import sys; from goshim.cli import main; sys.exit(main())"


class NoScannerError(RuntimeError):
    """A scanned directory can't be had here; the text says what it would need."""


@dataclass(frozen=True)
class Outcome:
    """Some runs of a command, each with an empty module cache: how many came through, and the median of all, in ms."""

    runs: int
    succeeded: int
    median_ms: float

    @classmethod
    def of(cls, runs: Sequence[tuple[bool, float]]) -> Outcome:
        """The outcome of runs: whether each succeeded, and its milliseconds."""
        times_ms = [taken_ms for _, taken_ms in runs]
        return cls(len(runs), sum(ok for ok, _ in runs), round(statistics.median(times_ms), 1))


@dataclass(frozen=True)
class Bench:
    """Both ways to run go, and a project that needs `modules`."""

    programs: Mapping[str, str]
    environment: Mapping[str, str]
    project: str

    def run(self, how: str, cache: Path, limit_s: float) -> tuple[bool, float]:
        """Download all into a module cache; gives whether that worked, and milliseconds."""
        start = time.perf_counter()
        try:
            done = subprocess.run(
                [self.programs[how], *_DOWNLOAD],
                env={**self.environment, "GOMODCACHE": str(cache)},
                cwd=self.project,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=limit_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return False, limit_s * 1000
        return done.returncode == 0, (time.perf_counter() - start) * 1000

    def is_whole(self, cache: Path) -> bool:
        """Whether go finds every module in a cache as it should be."""
        environment = {**self.environment, "GOMODCACHE": str(cache)}
        command = [self.programs[BARE], "mod", "verify"]
        done = subprocess.run(command, env=environment, cwd=self.project, capture_output=True, check=False)
        return done.stdout == b"all modules verified\n"


@contextmanager
def bench(go: str, modules: int) -> Iterator[tuple[Bench, Path]]:
    """A bench with as many modules to download, and a directory for their caches. Raises NoScannerError."""
    try:
        from tests.end_to_end import generated_modules
        from tests.end_to_end.scanner import remove_tree
    except ImportError as error:
        raise NoScannerError(f"{error}; make test installs what it needs") from None
    home = Path(tempfile.mkdtemp(prefix="goshim-bench-")).resolve()
    try:
        published = generated_modules.publish(home / "proxy", generated_modules.modules(modules, FILLER))
        published.project(home / "work")
        environment = {
            "HOME": str(home),
            "PATH": f"{home}/bin:{os.path.dirname(go)}:/usr/local/bin:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            **published.settings,
        }
        subprocess.run(
            [sys.executable, "-c", INSTALL, "install", "--dir", f"{home}/bin"],
            env={**environment, "PYTHONPATH": str(_CHECKOUT)},
            check=True,
            capture_output=True,
        )
        yield Bench({BARE: go, SHIM: f"{home}/bin/go"}, environment, f"{home}/work"), home
    finally:
        os.chdir("/")
        remove_tree(home)


def scanned(
    go: str,
    *,
    chances: Sequence[float] = CHANCES,
    held_s: Sequence[float] = HELD_S,
    runs: int = RUNS,
    cell_limit_s: float = CELL_LIMIT_S,
) -> dict[str, Any]:
    """Each chance of a file to be held for each time, on SCANNED_MODULES modules; and the same drive undisturbed.

    A cell ends early when it has taken `cell_limit_s`. A run is a success if go finds the cache whole afterwards.
    Raises NoScannerError.
    """
    with bench(go, SCANNED_MODULES) as (made, home):
        return {
            "modules": SCANNED_MODULES,
            "undisturbed": _cell(made, home, 0, 0, runs, cell_limit_s),
            "cells": [_cell(made, home, chance, each, runs, cell_limit_s) for chance in chances for each in held_s],
        }


def _cell(made: Bench, home: Path, chance: float, held_s: float, runs: int, limit_s: float) -> dict[str, Any]:  # noqa: PLR0913, PLR0917
    from tests.end_to_end.scanner import Holding, Scanner, UnavailableError, remove_tree

    taken: dict[str, list[tuple[bool, float]]] = {BARE: [], SHIM: []}
    patient = Bench(made.programs, {**made.environment, "GOSHIM_RETRY__LOCKS": "always"}, made.project)
    until = time.monotonic() + limit_s
    try:
        with Scanner(home / f"scanned-{chance}-{held_s}", Holding(chance, held_s)) as drive:
            for turn in range(runs):
                if turn and time.monotonic() > until:
                    break
                for how, outcomes in taken.items():
                    name = f"{how.replace(' ', '-')}-{turn}"  # what is held depends on it
                    worked, taken_ms = patient.run(how, drive.point / name, RUN_LIMIT_S)
                    outcomes.append((worked and made.is_whole(drive.backing / name), taken_ms))
                    remove_tree(drive.backing / name)
    except UnavailableError as error:
        raise NoScannerError(str(error)) from None
    outcomes_by_name = {how: asdict(Outcome.of(each)) for how, each in taken.items()}
    return {"chance": chance, "held_s": held_s, **outcomes_by_name}


def undisturbed(go: str, modules: int = MANY_MODULES, rounds: int = ROUNDS) -> dict[str, Figure]:
    """A download of many modules on a disk where nothing is held, by turns. Raises NoScannerError."""
    with bench(go, modules) as (made, home):
        from tests.end_to_end.scanner import remove_tree

        return _by_turns(made, home / "cache", rounds, lambda: remove_tree(home / "cache"))


def nothing_to_do(go: str, rounds: int = 100) -> dict[str, Figure]:
    """A download for which all is there, by turns. Raises NoScannerError."""
    with bench(go, SCANNED_MODULES) as (made, home):
        made.run(BARE, home / "cache", RUN_LIMIT_S)
        return _by_turns(made, home / "cache", rounds, lambda: None)


def _by_turns(made: Bench, cache: Path, rounds: int, before: Callable[[], None]) -> dict[str, Figure]:
    environment = {**made.environment, "GOMODCACHE": str(cache)}
    subjects = [
        Subject(how, [program, *_DOWNLOAD], [environment], made.project, before)
        for how, program in made.programs.items()
    ]
    return by_turns(subjects, rounds)


def measure(go: str, runs: int = RUNS, cell_limit_s: float = CELL_LIMIT_S) -> dict[str, Any]:
    """All of it, for JSON. Raises NoScannerError."""
    many = {how: asdict(figure) for how, figure in undisturbed(go).items()}
    idle = {how: asdict(figure) for how, figure in nothing_to_do(go).items()}
    return {
        "download_ms": {"modules": MANY_MODULES, **many, "ratio": _ratio(many)},
        "nothing_to_do_ms": {**idle, "over_bare_ms": round(idle[SHIM]["median_ms"] - idle[BARE]["median_ms"], 3)},
        "scanned": scanned(go, runs=runs, cell_limit_s=cell_limit_s),
    }


def _ratio(figures: Mapping[str, Mapping[str, float]]) -> float:
    return round(figures[SHIM]["median_ms"] / figures[BARE]["median_ms"], 3)


def report(measured: Mapping[str, Any]) -> None:
    """Print it as tables."""
    many, idle, drive = measured["download_ms"], measured["nothing_to_do_ms"], measured["scanned"]
    print(f"\nWatched downloads: go mod download of {many['modules']} modules, and of none that is missing")
    for name, figures, over in (
        ("all to fetch", many, f"{many['ratio']:.3f} times"),
        ("nothing to do", idle, f"{idle['over_bare_ms']:+.2f} ms"),
    ):
        bare_ms, shim_ms = figures[BARE]["median_ms"], figures[SHIM]["median_ms"]
        print(f"  {name:<14} bare {bare_ms:9.2f} ms   goshim {shim_ms:9.2f} ms   {over}")
    calm_ms = drive["undisturbed"][SHIM]["median_ms"]
    print(
        f"\nUnder a virus scanner: {drive['modules']} modules; undisturbed on the same drive: goshim {calm_ms:.0f} ms"
    )
    print("  files held      bare go                goshim                  to undisturbed")
    for cell in drive["cells"]:
        held = f"{cell['chance']:.0%} for {cell['held_s']:g} s"
        print(f"  {held:<14}{_told(cell[BARE])}  {_told(cell[SHIM])}  {cell[SHIM]['median_ms'] / calm_ms:8.1f} times")


def _told(outcome: Mapping[str, float]) -> str:
    return f"{outcome['succeeded']:3} of {outcome['runs']:<3} {outcome['median_ms']:8.0f} ms"


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.scanner")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each command a cell")
    parser.add_argument("--cell-limit", type=float, default=CELL_LIMIT_S, help="seconds after which a cell ends early")
    parser.add_argument("--json", type=Path, help="where the figures go")
    options = parser.parse_args()
    go = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), None) or shutil.which("go")
    if not go:
        sys.exit("bench: no go here; install goshim[go]")
    target = options.json and options.json.absolute()
    measured = measure(os.path.realpath(go), options.runs, options.cell_limit)
    report(measured)
    if target:
        target.write_text(json.dumps(measured, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
