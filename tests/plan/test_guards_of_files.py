"""A stored plan acts while the files it depends on are as they were, and on each change it does not."""

from __future__ import annotations

import os
import shutil

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from goshim.base.encoding import to_text
from goshim.base.redaction import is_clean
from goshim.facts.host import Host
from goshim.plan.render import UnrenderableError
from tests.machine import ELF, LAUNCHER
from tests.plan.asked import Asked


@given(st.binary(max_size=60).map(lambda data: data.replace(b"\0", b"")), st.sampled_from(["C", "C.UTF-8"]))
def test_a_file_of_any_bytes_is_known_again(tmp_path_factory, data, locale):
    assume(is_clean("file", to_text(data)))
    path = tmp_path_factory.getbasetemp() / "file"
    path.write_bytes(data)
    asked = Asked("/", {"LC_ALL": locale}).ask("read", path)
    assert asked.holds()
    path.write_bytes(data + b"\n")
    assert not asked.holds()
    path.write_bytes(data[:-1] if data else b"\0")
    assert not asked.holds()


def edit_with_old_times(path):
    times = os.stat(path)
    path.write_text("b = 2\n", encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def replace_by_an_older(path):
    other = path.with_name("other")
    other.write_text("b = 2\n", encoding="utf-8")
    os.utime(other, (1, 1))
    os.replace(other, path)


def replace_by_directory(path):
    path.unlink()
    path.mkdir()


def replace_by_fifo(path):
    path.unlink()
    os.mkfifo(path)


def append_nul(path):
    with open(path, "ab") as file:
        file.write(b"\0more")


def turn_link(path):
    other = path.with_name("other")
    other.write_text("b = 2\n", encoding="utf-8")
    path.unlink()
    path.symlink_to(other)


def delete(path):
    path.unlink()


@pytest.mark.parametrize(
    "change",
    [edit_with_old_times, replace_by_an_older, replace_by_directory, replace_by_fifo, append_nul, turn_link, delete],
)
def test_a_file_that_is_no_longer_the_same_is_seen(tmp_path, change):
    path = tmp_path / "file"
    path.write_text("a = 1\n", encoding="utf-8")
    asked = Asked(tmp_path).ask("read", path)
    assert asked.holds()
    change(path)
    assert not asked.holds()


def test_a_file_that_was_only_touched_or_copied_is_the_same(tmp_path):
    path = tmp_path / "file"
    path.write_text("a = 1\n", encoding="utf-8")
    asked = Asked(tmp_path).ask("read", path)
    os.utime(path, (1, 1))
    shutil.copy(path, tmp_path / "copy")
    os.replace(tmp_path / "copy", path)
    assert asked.holds()


def make_file(path):
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"")


def make_dangling(path):
    path.parent.mkdir(exist_ok=True)
    path.symlink_to("/absent")


def make_directory(path):
    path.mkdir(parents=True)


@pytest.mark.parametrize("make", [make_file, make_dangling, make_directory])
def test_a_file_that_appears_where_none_was_is_seen(tmp_path, make):
    path = tmp_path / "new" / "file"
    asked = Asked(tmp_path).ask("read", path)
    assert asked.holds()
    make(path)
    assert not asked.holds()


@pytest.mark.parametrize("kind", ["exists", "is_directory", "runnable"])
def test_what_appears_and_disappears_is_seen(tmp_path, kind):
    path = tmp_path / "x y"
    absent = Asked(tmp_path).ask(kind, path)
    assert absent.holds()
    if kind == "runnable":
        path.write_bytes(ELF)
        path.chmod(0o755)
    else:
        path.mkdir()
    assert not absent.holds()
    present = Asked(tmp_path).ask(kind, path)
    assert present.holds()
    path.unlink() if kind == "runnable" else path.rmdir()
    assert not present.holds()


def test_a_program_that_may_no_longer_be_executed_is_seen(tmp_path):
    path = tmp_path / "go"
    path.write_bytes(ELF)
    path.chmod(0o755)
    asked = Asked(tmp_path).ask("runnable", path)
    path.chmod(0o644)
    assert not asked.holds()
    forbidden = Asked(tmp_path).ask("runnable", path)
    assert forbidden.holds()
    path.chmod(0o755)
    assert not forbidden.holds()


def test_a_directory_in_the_place_of_a_program_is_seen(tmp_path):
    path = tmp_path / "go"
    path.mkdir()
    asked = Asked(tmp_path).ask("runnable", path)
    assert asked.holds()
    path.rmdir()
    path.write_bytes(ELF)
    path.chmod(0o755)
    assert not asked.holds()


def test_a_link_that_is_turned_to_another_go_is_seen(tmp_path):
    for version in ("go1.26", "go1.27"):
        (tmp_path / version / "bin").mkdir(parents=True)
        (tmp_path / version / "bin" / "go").write_bytes(ELF)
    (tmp_path / "go").symlink_to("go1.26")
    asked = Asked(tmp_path).ask("real", tmp_path / "go" / "bin" / "go")
    assert asked.holds()
    (tmp_path / "go").unlink()
    (tmp_path / "go").symlink_to("go1.27")
    assert not asked.holds()
    shutil.rmtree(tmp_path / "go1.26")
    assert not asked.holds()


@pytest.mark.parametrize(
    ("before", "after"),
    [(LAUNCHER, ELF), (ELF, LAUNCHER), (LAUNCHER, b"#!/bin/sh\n"), (ELF, b"#!/bin/sh\n"), (ELF, b"")],
)
def test_a_program_that_became_another_kind_is_seen(tmp_path, before, after):
    path = tmp_path / "go"
    path.write_bytes(before)
    asked = Asked(tmp_path).ask("format", path)
    assert asked.holds()
    path.write_bytes(after)
    assert not asked.holds()


def test_a_newer_launcher_is_still_one(tmp_path):
    path = tmp_path / "go"
    path.write_bytes(LAUNCHER)
    asked = Asked(tmp_path).ask("format", path)
    path.write_bytes(b"#!/opt/bash -p\n# goshim launcher 2\necho new\n")
    assert asked.holds()


def make_sdk(path, name):
    (path / "s dk" / name / "bin").mkdir(parents=True)
    (path / "s dk" / name / "bin" / "go").write_bytes(ELF)


@pytest.mark.parametrize("names", [[], ["go1"], ["go1", "go 2", "go[3]", "go$4", "go'5"]])
def test_a_pattern_that_finds_more_or_less_is_seen(tmp_path, names):
    for name in names:
        make_sdk(tmp_path, name)
    asked = Asked(tmp_path).ask("glob", f"{tmp_path}/s dk/go*/bin/go")
    assert asked.holds()
    make_sdk(tmp_path, "rust")
    assert asked.holds()
    make_sdk(tmp_path, "go9")
    assert not asked.holds()
    shutil.rmtree(tmp_path / "s dk" / "go9")
    assert asked.holds()
    if names:
        os.rename(tmp_path / "s dk" / names[0], tmp_path / "s dk" / "go8")
        assert not asked.holds()


def test_a_pattern_that_finds_a_link_to_nothing_holds_while_it_does(tmp_path):
    (tmp_path / "go1" / "bin").mkdir(parents=True)
    (tmp_path / "go1" / "bin" / "go").symlink_to("/absent")
    asked = Asked(tmp_path).ask("glob", f"{tmp_path}/go*/bin/go")
    assert asked.holds()


def test_a_nearer_directory_is_seen(tmp_path):
    deep = tmp_path / "a" / "b c" / "d"
    deep.mkdir(parents=True)
    asked = Asked(deep).ask("above", ".git")
    assert asked.holds()
    (tmp_path / "a" / ".git").write_text("gitdir: x\n", encoding="utf-8")
    assert not asked.holds()
    found = Asked(deep).ask("above", ".git")
    assert found.holds()
    assert found.holds(directory=tmp_path / "a" / "b c")
    assert not found.holds(directory=tmp_path)
    (tmp_path / "a" / "b c" / ".git").symlink_to("/absent")
    assert not found.holds()
    (tmp_path / "a" / "b c" / ".git").unlink()
    assert found.holds()
    (tmp_path / "a" / ".git").unlink()
    assert not found.holds()


def test_at_the_root_the_search_ends():
    assert Asked("/").ask("above", "no-such-name-anywhere").holds()
    assert Asked("/").ask("above", "usr").holds()


def test_a_plan_ends_when_a_file_goes_to_another_user_and_there_is_none_for_anothers(tmp_path, monkeypatch):
    if os.geteuid():
        pytest.skip("only root can give a file away")
    (tmp_path / "config").write_bytes(b"")
    asked = Asked(tmp_path).ask("owner", tmp_path / "config")
    assert asked.holds()
    os.chown(tmp_path / "config", 12345, 12345)
    assert not asked.holds()
    with pytest.raises(UnrenderableError):
        Asked(tmp_path).ask("owner", tmp_path / "config").holds()
    for owner in ("root", ""):  # as it is for users that are not root
        monkeypatch.setattr(Host, "_owner", lambda _self, _path, owner=owner: owner)
        asked = Asked(tmp_path).ask("owner", tmp_path / "config")
        assert asked.holds()
        os.chown(tmp_path / "config", os.geteuid(), -1)
        assert not asked.holds()
        os.chown(tmp_path / "config", 12345, -1)
