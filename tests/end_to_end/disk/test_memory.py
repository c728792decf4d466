"""Whatever go says while it fights a disk, the supervisor stays small and keeps up."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.disk.failing_disk import AT_ONCE_S, DOWNLOAD, PATIENCE
from tests.end_to_end.machine import make_toolchain

TALKS = """#!/bin/bash
[[ "$1 $2" == "mod download" ]] || exit 0
echo run >>"$HOME/runs"
[[ $(wc -l <"$HOME/runs") -lt 3 ]] || exit 0
{talk} | head -c 30000000 >&2
echo >&2
at=$GOMODCACHE/cache/download/example.com/m/@v
echo "go: rename $at/v1.0.0.zip1.tmp $at/v1.0.0.zip: permission denied" >&2
exit 1
"""


@pytest.mark.parametrize(
    "talk", [f"yes 'go: {'example.com/m ' * 4}'", "tr '\\0' x </dev/zero"], ids=["lines", "one line"]
)
def test_whatever_go_says_the_supervisor_stays_small_and_keeps_up(real, talk):
    make_toolchain(real.tools, TALKS.format(talk=talk).encode())
    real.env["PATH"] = f"{real.bin}:{real.tools}/bin:/usr/bin:/bin"
    (real.root / "cache/cache/download/example.com/m/@v").mkdir(parents=True)
    environment = real.with_env({**PATIENCE, "GOMODCACHE": real.root / "cache"})
    nothing = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([real.launcher, *DOWNLOAD], env=environment, cwd=real.work, **nothing)
    peak_kb, until = 0, time.monotonic() + AT_ONCE_S
    while process.poll() is None and time.monotonic() < until:
        peak_kb = max(peak_kb, supervisor_peak_kb(process.pid))
        time.sleep(0.01)
    process.kill()
    assert 1000 < peak_kb <= 25_000
    assert process.wait() == 0  # or else it took too long
    assert (real.home / "runs").read_text() == "run\n" * 3


def supervisor_peak_kb(process):
    """The most memory that the supervisor, this process or one below it, has had so far; 0 if there is none."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if b"watch" in words and any(word.endswith(b"boot.py") for word in words):
            return int(re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)[1])
        below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (OSError, TypeError):  # it has just ended
        return 0
    return max(map(supervisor_peak_kb, below), default=0)
