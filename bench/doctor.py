"""What `goshim doctor` takes: time beside goshim's own start, and memory."""

from __future__ import annotations

import os
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.measure import Figure, Subject, by_turns

ROUNDS = 20

_GOSHIM = [sys.executable, "-c", "import sys; from goshim.cli import main; sys.exit(min(main(), 1) * 0)"]


def measure(go: str) -> dict[str, Any]:
    """The figures of `goshim --version` and of a whole `goshim doctor`, and the latter's peak in MB."""
    with tempfile.TemporaryDirectory(prefix="goshim-bench-") as name:
        home = os.path.realpath(name)
        path = f"{os.path.dirname(go)}:/usr/local/bin:/usr/bin:/bin"
        environment = {"HOME": home, "PATH": path, "LANG": "C.UTF-8", "PYTHONPATH": str(Path(__file__).parents[1])}
        subjects = [
            Subject(" ".join(["goshim", *words]), [*_GOSHIM, *words], [environment], home)
            for words in (["--version"], ["doctor"])
        ]
        figures = by_turns(subjects, ROUNDS)
        peak_mb = _peak_mb([*_GOSHIM, "doctor"], environment)
        os.chdir("/")
    return {"figures_ms": {name: asdict(figure) for name, figure in figures.items()}, "peak_mb": peak_mb}


def report(measured: dict[str, Any]) -> None:
    """Print it."""
    print("\nDoctor, all checks, without Windows and the network")
    for name, values in measured["figures_ms"].items():
        figure = Figure(**values)
        print(f"  {name:<16} {figure.median_ms:8.2f} ms  ({figure.lower_ms:.2f} to {figure.upper_ms:.2f})")
    print(f"  at its peak      {measured['peak_mb']:8.1f} MB")


def _peak_mb(command: list[str], environment: dict[str, str]) -> float:
    silent = [(os.POSIX_SPAWN_OPEN, number, "/dev/null", os.O_RDWR, 0) for number in (0, 1, 2)]
    process = os.posix_spawn(command[0], command, environment, file_actions=silent)
    _, _, usage = os.wait4(process, 0)
    return round(usage.ru_maxrss / 1024, 1)
