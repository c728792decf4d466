"""Probes of a launcher that is really installed."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from goshim import __version__
from goshim.base import resources
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.subjects.shim import probes as goshim
from goshim.facts.host import UnreadableError
from goshim.launcher import install
from goshim.plan import seal

GO = shutil.which("go", path="/usr/bin:/usr/local/bin") or next(
    (path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), ""
)
needs_go = pytest.mark.skipif(not GO, reason="no go to compare with")


def host(home: Path, **variables: str) -> DoctorHost:
    return DoctorHost({"HOME": str(home), "PATH": os.defpath, **variables}, str(home))


@pytest.fixture
def launcher(isolated: Path) -> str:
    return install.install(str(isolated / "bin"), "")


def test_a_launcher_just_installed_is_current_and_what_it_calls_is_there(isolated: Path, launcher: str):
    found = goshim.launcher(host(isolated), launcher)
    assert found | {"bash": "", "goshim": ""} == {
        "bash": "",
        "has_bash": True,
        "python": sys.executable,
        "has_python": True,
        "boot": resources.BOOT,
        "has_boot": True,
        "is_current": True,
        "goshim": "",
        "version": __version__,
        "can_seal": True,
    }


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        (f"python={sys.executable}", "python=/gone/python", "has_python"),
        (f"boot={resources.BOOT}", "boot=/gone/goshim/boot.py", "has_boot"),
        ("#!/bin/bash", "#!/gone/bash", "has_bash"),
        ('warm "$@"', 'warm  "$@"', "is_current"),
        ("local +x python=", "local +x Python=", "is_current"),
    ],
)
def test_what_a_launcher_lacks_is_seen(isolated: Path, launcher: str, old: str, new: str, key: str):
    path = Path(launcher)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert not goshim.launcher(host(isolated), launcher)[key]


def test_a_launcher_whose_goshim_is_gone_can_not_be_compared(isolated: Path, launcher: str):
    path = Path(launcher)
    path.write_text(path.read_text(encoding="utf-8").replace(resources.BOOT, "/gone/goshim/boot.py"), encoding="utf-8")
    found = goshim.launcher(host(isolated), launcher)
    assert (found["is_current"], found["version"]) == (None, "")


def test_a_launcher_that_can_not_be_read_is_told(isolated: Path):
    with pytest.raises(UnreadableError, match="can't be read"):
        goshim.launcher(host(isolated), str(isolated))


def test_a_store_is_described_and_its_plans_are_counted(isolated: Path):
    store = isolated / "cache" / "goshim"
    (store / "plans" / "src").mkdir(parents=True)
    (store / "settings").mkdir()
    store.chmod(0o700)
    for name in ("plans/src/@1", "plans/@2", "settings/x.json"):
        (store / name).write_bytes(b"12345")
    found = goshim.store(host(isolated), str(store))
    assert found | {"above": ""} == {
        "kind": "d",
        "mode": 0o700,
        "owner": os.geteuid(),
        "user": os.geteuid(),
        "is_writable": True,
        "plans": 2,
        "size_bytes": 10,
        "above": "",
        "fault": None,
    }


def test_the_token_of_a_launcher_is_no_part_of_the_answer(isolated: Path):
    path = install.install(str(isolated / "bin"), "")
    found = goshim.launcher(host(isolated), path)
    assert (found["can_seal"], found["is_current"]) == (True, True)
    assert seal.of(path)
    assert seal.of(path) not in repr(found)
    (isolated / "bin/go").write_bytes(install.launcher(""))
    assert not goshim.launcher(host(isolated), path)["can_seal"]


def test_a_store_that_is_not_there_is_not_made(isolated: Path):
    found = goshim.store(host(isolated), str(isolated / "cache" / "goshim"))
    assert (found["kind"], found["above"], found["is_writable"]) == ("", str(isolated), True)
    assert list(isolated.iterdir()) == []


@pytest.mark.parametrize(("make", "kind"), [("symlink_to", "l"), ("write_text", "-")])
def test_a_store_that_is_no_directory_is_seen(isolated: Path, make: str, kind: str):
    getattr(isolated / "goshim", make)("/tmp")
    assert goshim.store(host(isolated), str(isolated / "goshim"))["kind"] == kind


@needs_go
def test_the_overhead_is_measured_and_leaves_what_a_call_leaves(isolated: Path, launcher: str):
    before = host(isolated, PATH=f"{isolated}/bin:{os.path.dirname(GO)}:{os.defpath}")
    pairs = goshim.overhead(before, json.dumps([launcher, GO]))
    assert goshim.FEWEST_PAIRS <= len(pairs) <= goshim.PAIRS
    assert all(through > 0 < bare for through, bare in pairs)
    left = {path.relative_to(isolated).parts[0] for path in isolated.rglob("*")}
    assert left <= {"bin", ".cache", ".config", "go"}


@pytest.mark.parametrize(
    ("script", "reason"),
    [("exit 3", "fails here with exit code 3"), ("sleep 60", "no answer within"), (None, "no such file")],
)
def test_a_go_that_does_not_answer_is_told(
    isolated: Path, monkeypatch: pytest.MonkeyPatch, script: str | None, reason: str
):
    monkeypatch.setattr(goshim, "CALL_LIMIT_S", 0.3)
    go = isolated / "go"
    if script:
        go.write_text(
            f"#!/bin/sh\nexec {script}\n" if "sleep" in script else f"#!/bin/sh\n{script}\n", encoding="utf-8"
        )
        go.chmod(0o755)
    with pytest.raises(UnreadableError, match=reason):
        goshim.overhead(host(isolated), json.dumps([str(go), str(go)]))
