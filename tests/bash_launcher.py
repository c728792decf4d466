"""The launcher's own functions, and bash to try a text in as the launcher would."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from goshim.base import resources

LAUNCHER = Path(resources.path("bin/go"))
FUNCTIONS = LAUNCHER.read_text(encoding="utf-8").partition('\nwarm "$@"\n')[0]
BASH = "/bin/bash"


def run_bash(
    script: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None, cwd: str | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a script as the launcher is run: privileged, its functions defined, and nothing but this environment."""
    return subprocess.run(
        [BASH, "-pc", f"{FUNCTIONS}\n{script}", "go", *arguments],
        env=dict(environment or {}),
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
