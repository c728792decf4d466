from __future__ import annotations

import os
import subprocess
import sys

import pytest

from goshim import data
from goshim.prefetch import _build_flags, _names_a_version, module_root
from tests.watch.made import make_call, settings_words

FETCH = "list -deps -test ./..."


@pytest.fixture
def tree(tmp_path):
    for directory in ("work/m/deep", "work/n", "bare", "both"):
        (tmp_path / directory).mkdir(parents=True)
    for name in ("work/go.work", "work/m/go.mod", "both/go.mod", "both/go.work"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("directory", "root"),
    [
        ("work/m/deep", "work/m"),
        ("work/m", "work/m"),
        ("work/n", "work"),
        ("work", "work"),
        ("both", "both"),
        ("bare", None),
    ],
)
def test_the_module_is_that_of_the_nearest_go_mod_or_else_the_workspace(tree, monkeypatch, directory, root):
    monkeypatch.chdir(tree / directory)
    assert module_root(make_call("test", directory=tree / directory)) == (f"{tree}/{root}" if root else None)
    monkeypatch.chdir(tree)
    assert module_root(make_call("-C", directory, "test", directory=tree)) == (f"{tree}/{root}" if root else None)


@pytest.mark.parametrize(
    ("arguments", "flags"),
    [
        (["test"], []),
        (["test", "./..."], []),
        (["test", "-tags", "a,b", "./..."], ["-tags=a,b"]),
        (["test", "-tags=a", "--mod=vendor", "-modfile", "x.mod", "-overlay=o.json"],
         ["-tags=a", "-mod=vendor", "-modfile=x.mod", "-overlay=o.json"]),
        (["test", "-v", "-race", "-tags=a", "-count=1", "./..."], ["-tags=a"]),
        (["test", "./...", "-tags=a"], ["-tags=a"]),
        (["run", "-tags=a", ".", "-tags=b"], ["-tags=a"]),
        (["test", "-args", "-tags=a"], []),
        (["test", "-run", "TestX", "-tags", "a", "./..."], ["-tags=a"]),
        (["test", "-timeout", "30s", "-tags=a"], ["-tags=a"]),
        (["-C", "d", "test", "-tags=a"], ["-tags=a"]),
        (["test", "-C", "d", "-tags=a"], ["-tags=a"]),
    ],
    ids=" ".join,
)  # fmt: skip
def test_flags_that_decide_what_is_needed_are_those_of_the_call(arguments, flags):
    assert list(_build_flags(arguments)) == flags


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["run", "example.com/a@v1.0.0"], True),
        (["run", "-v", "example.com/a@latest", "x"], True),
        (["run", "."], False),
        (["run", "./cmd", "me@example.com"], False),
        (["test", "a@v1"], False),
        (["run", "-ldflags=-X m.v=a@b", "."], False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_program_of_another_module_has_nothing_to_do_with_this_one(tmp_path, arguments, names):
    assert _names_a_version(make_call(*arguments, directory=tmp_path)) is names


class Machine:
    """A home with a module, and a go that keeps what it is called with and does what it is told."""

    def __init__(self, folder) -> None:
        self.folder, self.module = folder, folder / "home/w/m"
        self.module.mkdir(parents=True)
        (self.module / "go.mod").write_text("module m\n")
        (folder / "home/go/pkg/mod/cache/download").mkdir(parents=True)
        self.tell_go("")

    def tell_go(self, script: str) -> None:
        path = self.folder / "go"
        path.write_text(f'#!/bin/sh\necho "$*" >>{self.folder}/calls\n[ "$1" != list ] || {{ {script or ":"}; }}\n')
        path.chmod(0o755)

    def call(self, *arguments: str, **variables: str) -> list[str]:
        """What go was called with."""
        words = [sys.executable, "-I", "-S", "-X", "utf8", data.BOOT, "watch", "prefetch", settings_words(), "0"]
        environment = {"HOME": str(self.folder / "home"), "PATH": "/usr/bin:/bin", "GOSHIM_DEBUG": "1", **variables}
        done = subprocess.run(
            [*words, self.folder / "go", *arguments], cwd=self.module, env=environment, capture_output=True, check=False
        )
        assert done.stderr == b""
        calls = self.folder / "calls"
        said = calls.read_text().splitlines()
        calls.unlink()
        return said


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_what_is_needed_is_fetched_once_and_again_when_a_file_has_changed(machine):
    assert machine.call("test", "./...") == [FETCH, "test ./..."]
    assert machine.call("test", "./...") == ["test ./..."]
    (machine.module / "go.sum").write_text("x\n")
    assert machine.call("run", ".") == [FETCH, "run ."]
    assert machine.call("test") == ["test"]
    assert machine.call("test", GOOS="windows") == [FETCH, "test"]
    (machine.folder / "home/go/pkg/mod/cache/download").rmdir()
    assert machine.call("test") == [FETCH, "test"]


def test_a_workspace_above_counts_as_well(machine):
    machine.call("test")
    work = machine.module.parent / "go.work"
    work.write_text("use ./m\n")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]


def test_a_fetch_that_fails_is_silent_and_remembered(machine):
    machine.tell_go("echo out; echo go: oops >&2; exit 1")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]


def test_what_a_user_writes_meanwhile_stays(machine):
    (machine.module / "go.work.sum").write_text("before\n")
    machine.tell_go("echo x >go.mod; echo y >>go.sum; echo use . >go.work; echo other >go.work.sum")
    machine.call("test")
    assert (machine.module / "go.mod").read_text() == "x\n"
    assert (machine.module / "go.sum").read_text() == "y\n"
    assert (machine.module / "go.work").exists()
    assert (machine.module / "go.work.sum").read_text() == "other\n"


def test_what_go_list_adds_to_the_sums_of_a_workspace_is_taken_back(machine):
    (machine.module / "go.work").write_text("use .\n")
    (machine.module / "go.work.sum").write_text("before\n")
    machine.tell_go("echo z >>go.work.sum")
    machine.call("test")
    assert (machine.module / "go.work.sum").read_text() == "before\n"


def test_the_sums_of_a_workspace_above_stay_byte_for_byte(machine):
    (machine.module.parent / "go.work").write_text("use ./m\n")
    machine.tell_go("echo z >../go.work.sum")
    machine.call("test")
    assert not (machine.module.parent / "go.work.sum").exists()


def test_nothing_is_written_where_a_module_may_be_updated_by_the_call(machine):
    assert machine.call("test", "-mod=mod")[0] == "list -deps -test -mod=mod -mod=readonly ./..."
    assert machine.call("test", GOFLAGS="-v -mod=mod")[0] == "list -deps -test -mod=readonly ./..."


def test_outside_of_a_module_and_for_a_named_version_nothing_is_fetched(machine):
    assert machine.call("run", "example.com/a@v1.0.0") == ["run example.com/a@v1.0.0"]
    (machine.module / "go.mod").unlink()
    assert machine.call("test") == ["test"]


def test_what_cant_be_kept_in_a_file_is_remembered_all_the_same(machine):
    (machine.module / "go.mod").write_text("module m // ask me@example.com\n")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]


def test_what_another_version_of_goshim_remembers_is_replaced(machine):
    machine.call("test")
    found = [os.path.join(top, name) for top, _, names in os.walk(machine.folder / "home/.cache") for name in names]
    (kept,) = [path for path in found if "/fetched/" in path]
    with open(kept, encoding="ascii") as file:
        text = file.read()
    with open(kept, "w", encoding="ascii") as file:
        file.write(text.replace("__version__", "__older__").replace(".dist-info", "-older.dist-info"))
    machine.call("test")
    with open(kept, encoding="ascii") as file:
        assert file.read() == text
