"""Remedies of the sections clock and goshim, applied to a real home: the finding is gone afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from goshim.base import resources
from goshim.doctor.engine.check import Check
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Look
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.clock import checks as clock
from goshim.doctor.subjects.shim import checks as goshim
from goshim.launcher import install

GO = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), shutil.which("go") or "")


@pytest.fixture
def home(isolated: Path) -> Path:
    install.install(str(isolated / install.DEFAULT_DIRECTORY), "")
    return isolated


def environment(home: Path) -> dict[str, str]:
    entries = [str(home / install.DEFAULT_DIRECTORY), os.path.dirname(GO), "/usr/bin", "/bin"]
    return {"HOME": str(home), "PATH": ":".join(entries)}


def judged(home: Path, check: Check) -> Verdict:
    return judge(check, Look(DoctorHost(environment(home), str(home))))


def apply(home: Path, command: str) -> None:
    subprocess.run(["/bin/bash", "-c", command], env=environment(home), cwd=home, check=True, capture_output=True)


def link(store: Path) -> None:
    store.parent.mkdir()
    store.symlink_to("/tmp")


def share(store: Path) -> None:
    store.mkdir(parents=True)
    store.chmod(0o777)


@pytest.mark.parametrize("spoil", [link, share])
def test_a_store_that_can_not_be_used_can_be_used_again(home: Path, spoil: Callable[[Path], None]):
    spoil(home / ".cache" / "goshim")
    verdict = judged(home, goshim.plan_store)
    assert verdict.status == "warn"
    apply(home, verdict.remedies[0].command)
    assert judged(home, goshim.plan_store).status == "ok"


def test_in_a_checkout_plans_are_kept_elsewhere_and_the_build_cache_stays(home: Path):
    (home / ".git").mkdir()
    verdict = judged(home, goshim.plan_store)
    assert verdict.status == "warn"
    script = f"{verdict.remedies[0].command}; exec env -0"
    done = subprocess.run(["/bin/bash", "-c", script], env=environment(home), cwd=home, check=True, capture_output=True)
    pairs = (entry.partition("=") for entry in done.stdout.decode().split("\0") if entry)
    after = {name: value for name, _, value in pairs}
    assert after["GOCACHE"] == f"{home}/.cache/go-build"
    assert judge(goshim.plan_store, Look(DoctorHost(after, str(home)))).status == "ok"
    shutil.rmtree(after["XDG_CACHE_HOME"])


def test_being_turned_off_for_a_user_ends(home: Path):
    (home / ".config" / "goshim").mkdir(parents=True)
    off = home / install.OFF_FILE
    off.touch()
    assert judged(home, goshim.launcher_first).remedies[0].command == "goshim on"
    off.unlink()
    assert judged(home, goshim.launcher_first).status == "ok"


def test_the_line_for_a_start_file_puts_the_launcher_first(home: Path):
    other = home / "other"
    other.mkdir()
    (other / "go").write_text("#!/bin/sh\n", encoding="utf-8")
    (other / "go").chmod(0o755)
    path = f"{other}:{environment(home)['PATH']}"
    verdict = judge(goshim.launcher_first, Look(DoctorHost({"HOME": str(home), "PATH": path}, str(home))))
    assert verdict.status == "warn"
    line = verdict.remedies[1].command
    mended = subprocess.run(
        ["/bin/sh", "-c", f'{line}; printf %s "$PATH"'], env={"PATH": path}, capture_output=True, text=True, check=True
    ).stdout
    again = judge(goshim.launcher_first, Look(DoctorHost({"HOME": str(home), "PATH": mended}, str(home))))
    assert again.status == "ok"


@pytest.mark.skipif(not GO, reason="no go to clean its cache with")
def test_test_results_count_again_which_go_clean_alone_does_not_reach(home: Path):
    expires = home / ".cache" / "go-build" / "testexpire.txt"
    expires.parent.mkdir(parents=True)
    expires.write_text(f"{time.time_ns() + 3600 * 10**9}\n", encoding="utf-8")
    verdict = judged(home, clock.clock_future_files)
    assert verdict.status == "warn"
    apply(home, "go clean -testcache")
    assert judged(home, clock.clock_future_files).status == "warn"
    apply(home, verdict.remedies[0].command)
    assert judged(home, clock.clock_future_files).status == "ok"
