from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from goshim.base import daily, resources

TOP = os.path.dirname(resources.PACKAGE)


@pytest.fixture
def home(tmp_path):
    return {"HOME": str(tmp_path)}


def test_a_fault_is_told_once_a_day(home, capfd, monkeypatch):
    daily.warn(home, "broken")
    said = capfd.readouterr().err
    assert said.startswith("goshim: broken; go runs without it.")
    assert said.endswith("(Said once a day.)\n")
    assert said.count("\n") == 1
    daily.warn(home, "another")
    assert capfd.readouterr().err == ""
    tomorrow = time.strftime("%Y-%m-%d", time.localtime(time.time() + 86400))
    monkeypatch.setattr(time, "strftime", lambda _: tomorrow)
    daily.warn(home, "another")
    assert "another" in capfd.readouterr().err


def test_the_launcher_has_said_it_too(home, capfd, tmp_path):
    store = tmp_path / ".cache/goshim"
    store.mkdir(parents=True, mode=0o700)
    (store / "warned").write_text(time.strftime("%Y-%m-%d"))
    daily.warn(home, "broken")
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "relative"}, {"HOME": "/proc"}])
def test_where_nothing_can_be_kept_it_is_told_each_time(environment, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        daily.warn(environment, "broken")
        assert "broken" in capfd.readouterr().err
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("stderr", ["closed", "/dev/full"])
def test_who_cant_be_told_is_no_fault(home, stderr):
    script = (
        "import os, sys; sys.path.append(sys.argv[1]); from goshim.base import daily; daily.warn({}, 'x'); os._exit(0)"
    )
    redirected = "2>&-" if stderr == "closed" else f"2>{stderr}"
    words = ["/bin/sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-I", "-S", "-c", script, TOP]
    assert subprocess.run(words, env=home, check=False).returncode == 0
