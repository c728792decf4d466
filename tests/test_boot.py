"""The cold path as the launcher runs it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

import pytest

from goshim.base import resources
from goshim.launcher import install
from goshim.plan import seal

BOOT = os.path.join(resources.PACKAGE, "boot.py")
HEAVY = {
    "pydantic",
    "pydantic_settings",
    "plumbum",
    "rich",
    "json",
    "hashlib",
    "subprocess",
    "typing_extensions",
    "site",
}


class Machine:
    """A home, a toolchain and a PATH of its own, for a cold call."""

    def __init__(self, folder):
        self.folder = folder
        self.go = folder / "go" / "bin" / "go"
        (folder / "go" / "pkg" / "tool").mkdir(parents=True)
        self.go.parent.mkdir()
        shutil.copy("/bin/echo", self.go)
        (folder / "home" / "p").mkdir(parents=True)
        self.environment = {"HOME": str(folder / "home"), "PATH": str(self.go.parent)}
        self.store = folder / "home" / ".cache" / "goshim"
        self.directory = str(folder / "home" / "p")
        self.launcher = folder / "launcher"
        self.launcher.write_bytes(install.launcher("", seal.new()))

    def call(self, *arguments, options=(), project="-", **variables):
        name = f"{self.store}/plans{project}/@1-0-0"
        words = [sys.executable, "-I", "-S", "-X", "utf8", *options, BOOT, self.launcher, name, project, self.directory]
        return subprocess.run(
            [*words, *arguments],
            env={**self.environment, **variables},
            cwd=self.directory,
            capture_output=True,
            check=False,
        )

    def run(self, *arguments, project="-", **variables):
        """What the launcher does with the answer."""
        answer = self.call(*arguments, project=project, **variables)
        assert answer.stderr == b""
        return subprocess.run(
            ["/bin/bash", "-pc", answer.stdout.decode("ascii"), "go", *arguments],
            env={**self.environment, **variables},
            capture_output=True,
            check=False,
        )


@pytest.fixture
def cold(tmp_path):
    return Machine(tmp_path)


def imported(done):
    names = re.findall(rb"^import time:[^|]*\|[^|]*\|\s*(\S+)$", done.stderr, re.MULTILINE)
    return {name.decode().partition(".")[0] for name in names if name != b"package"}


def test_a_cold_call_without_config_imports_nothing_heavy(cold):
    done = cold.call("version", options=("-X", "importtime"))
    assert done.returncode == 0
    assert "goshim" in imported(done)
    assert imported(done) & HEAVY == set()


def test_a_cold_call_with_parsed_settings_in_the_store_imports_no_pydantic(cold):
    config = cold.folder / "home" / ".config" / "goshim" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("[path]\nwindows = 'drop'\n", encoding="utf-8")
    assert "pydantic" in imported(cold.call("version", options=("-X", "importtime")))
    assert (
        imported(cold.call("version", options=("-X", "importtime"))) & {"pydantic", "plumbum", "rich", "subprocess"}
        == set()
    )


def test_the_answer_becomes_the_real_go(cold):
    done = cold.run("build", "a b")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"build a b\n", b"")
    assert cold.call("build").stdout.decode().endswith(f'\nexec {cold.go} "$@"\n')


def test_the_answer_keeps_a_plan_for_the_next_call(cold):
    cold.call("version")
    (plan,) = (cold.store / "plans-").iterdir()
    assert plan.name.startswith("@1-0-0.")
    assert not plan.stat().st_mode & 0o077


def test_a_store_that_cant_be_written_is_no_fault(cold):
    (cold.folder / "home" / ".cache").write_bytes(b"")
    assert cold.run("version").stdout == b"version\n"


def test_a_fault_in_the_config_ends_the_call_with_2_and_one_message(cold):
    (cold.folder / "home" / "p" / ".goshim.toml").write_text("path.windows = 'it''s'\n", encoding="utf-8")
    done = cold.run("version", project=cold.directory)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().startswith(f"goshim: {cold.directory}/.goshim.toml:1: ")
    assert len(done.stderr.splitlines()) == 2


def test_a_project_file_that_is_a_directory_ends_the_call_with_2(cold):
    (cold.folder / "home" / "p" / ".goshim.toml").mkdir()
    done = cold.run("version", project=cold.directory)
    assert (done.returncode, done.stdout) == (2, b"")
    assert b".goshim.toml" in done.stderr


def test_no_go_ends_the_call_with_127(cold):
    shutil.rmtree(cold.go.parent)
    config = cold.folder / "home" / ".config" / "goshim" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("toolchain.go = '/absent/go'\n", encoding="utf-8")
    assert cold.run("version").returncode == 127
    config.write_text(f"toolchain.go = '{cold.folder}'\n", encoding="utf-8")
    assert cold.run("version").returncode == 126


def test_the_changes_are_told_where_the_user_wants_so_and_no_plan_is_kept(cold):
    done = cold.run("version", GOSHIM_VERBOSE="1", CGO_ENABLED="0\r")
    assert done.stdout == b"version\n"
    assert done.stderr.decode().startswith("goshim: CGO_ENABLED: '0\\r' → 0 (cgo-invalid: ")
    assert not (cold.store / "plans-").exists()


def test_without_being_asked_not_a_word_is_said(cold):
    done = cold.run("env", CGO_ENABLED="0\r", GOROOT="C:\\Go", GOSHIM_UNKNOWN="1")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"env\n", b"")


def test_bytes_that_are_no_text_reach_go(cold):
    odd = os.fsencode(cold.folder) + b"/\xff\xe9"
    os.makedirs(odd + b"/bin")
    os.makedirs(odd + b"/pkg/tool")
    shutil.copy("/bin/echo", odd + b"/bin/go")
    done = cold.run("x", PATH=os.fsdecode(odd + b"/bin"))
    assert done.stdout == b"x\n"


def test_a_fault_of_its_own_is_a_reason_for_the_launcher_and_no_traceback(cold):
    name = f"{cold.store}/plans-/@1"
    words = [sys.executable, "-I", "-S", "-X", "utf8", BOOT, "/launcher", name]
    done = subprocess.run(words, env=cold.environment, capture_output=True, check=False)
    assert done.stderr == b""
    assert done.stdout.startswith(b"why=$'")
    shown = subprocess.run(["/bin/bash", "-pc", done.stdout + b'printf %s "$why"'], capture_output=True, check=True)
    assert shown.stdout.startswith(b"ValueError: ")
    debugged = subprocess.run(words, env={**cold.environment, "GOSHIM_DEBUG": "1"}, capture_output=True, check=False)
    assert b"Traceback" in debugged.stderr
