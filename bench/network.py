"""How many runs of continuous integration come through a bad network, bare and through goshim."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.scanner import BARE, INSTALL, SHIM, NoScannerError

RUNS, ONE_IN = 20, 60


def measure(go: str, runs: int = RUNS) -> dict[str, dict[str, int]]:
    """Runs of `go test ./...` on a new machine, while the proxy breaks one transfer in ONE_IN: how many succeeded.

    Raises NoScannerError.
    """
    try:
        from tests.end_to_end.ci_runs import ci_runs
    except ImportError as error:
        raise NoScannerError(f"{error}; make test installs what it needs") from None
    with tempfile.TemporaryDirectory(prefix="goshim-bench-") as name:
        at = Path(name).resolve()
        path = f"{os.path.dirname(go)}:/usr/local/bin:/usr/bin:/bin"
        environment = {"PATH": path, "LANG": "C.UTF-8", "GOCACHE": f"{at}/build", "HOME": name}
        subprocess.run(
            [sys.executable, "-c", INSTALL, "install", "--dir", f"{at}/bin"],
            env={**environment, "PYTHONPATH": str(Path(__file__).resolve().parent.parent)},
            check=True,
            capture_output=True,
        )
        commands = {BARE: go, SHIM: f"{at}/bin/go"}
        return {
            how: {
                "runs": runs,
                "succeeded": sum(
                    run.code == 0
                    for run in ci_runs([command], at / how.replace(" ", "-"), environment, range(runs), one_in=ONE_IN)
                ),
            }
            for how, command in commands.items()
        }


def report(measured: dict[str, dict[str, int]]) -> None:
    """Print it as a line."""
    told = ", ".join(f"{how} {each['succeeded']} of {each['runs']}" for how, each in measured.items())
    print(f"\ngo test ./... in CI, one transfer in {ONE_IN} broken: came through {told}")
