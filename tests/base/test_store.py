from __future__ import annotations

import os
import resource
import time

import pytest

from goshim.base.store import KEEP_S, KEEP_TORN_S, SWEEP_EVERY_S, Store, locate
from tests.tables import for_each


@pytest.fixture
def directory(tmp_path):
    return str(tmp_path / "cache" / "goshim")


@for_each(
    "environment, path",
    [
        ({"HOME": "/home/me"}, "/home/me/.cache/goshim"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": "/cache"}, "/cache/goshim"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": ""}, "/home/me/.cache/goshim"),
        ({"HOME": "/home/me", "XDG_CACHE_HOME": ".cache"}, "/home/me/.cache/goshim"),
        ({"HOME": "me"}, None),
        ({"HOME": "."}, None),
        ({"XDG_CACHE_HOME": "cache"}, None),
    ],
)
def test_the_store_is_absolute_or_none(environment, path):
    assert locate(environment) == path


def test_the_store_is_made_for_its_owner_alone(directory):
    assert Store(directory).write("a", b"x")
    assert os.stat(directory).st_mode & 0o777 == 0o700
    assert os.stat(f"{directory}/a").st_mode & 0o777 == 0o600


def test_what_was_written_last_is_read(directory):
    store = Store(directory)
    assert store.read("plans/home/me/@1-0-0.a") is None
    assert store.write("plans/home/me/@1-0-0.a", b"one")
    assert store.write("plans/home/me/@1-0-0.a", b"two\0\xff")
    assert Store(directory).read("plans/home/me/@1-0-0.a") == b"two\0\xff"
    assert os.listdir(f"{directory}/plans/home/me") == ["@1-0-0.a"]


def linked(directory):
    os.makedirs(f"{directory}-real", 0o700)
    os.symlink(f"{directory}-real", directory)


def writable_by_group(directory):
    os.makedirs(directory)
    os.chmod(directory, 0o770)


def writable_by_others(directory):
    os.makedirs(directory)
    os.chmod(directory, 0o707)


def a_file(directory):
    os.makedirs(os.path.dirname(directory))
    with open(directory, "wb"):
        pass


def below_a_file(directory):
    with open(os.path.dirname(directory), "wb"):
        pass


def of_somebody_else(directory):
    if os.geteuid() != 0:
        pytest.skip("only root can give a directory away")
    os.makedirs(directory, 0o700)
    os.chown(directory, 12345, 12345)


@pytest.mark.parametrize(
    "make", [linked, writable_by_group, writable_by_others, a_file, below_a_file, of_somebody_else]
)
def test_a_directory_that_is_not_ours_alone_is_not_used_and_nothing_is_raised(directory, make):
    make(directory)
    store = Store(directory)
    assert store.directory is None
    assert not store.write("a", b"x")
    assert store.read("a") is None
    store.keep_newest("a", 1)
    store.sweep()
    assert not os.path.exists(f"{directory}/a")


@for_each("path", [None, "", "/proc/goshim", "/dev/null/goshim", "/\0", "/" + "x" * 300])
def test_a_directory_that_cant_be_is_never_raised(path):
    assert Store(path).directory is None


def test_a_store_without_a_directory_leaves_the_working_directory_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "main.go").write_text("package main\n", encoding="utf-8")
    store = Store(None)
    store.keep_newest("main", 0)
    store.sweep()
    assert not store.write("main.go", b"")
    assert store.read("main.go") is None
    assert (tmp_path / "main.go").read_text(encoding="utf-8") == "package main\n"


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", "file/below", "x" * 5000])
def test_a_name_that_cant_be_is_never_raised(directory, name):
    store = Store(directory)
    store.write("file", b"x")
    assert not store.write(name, b"x")
    assert store.read(name) is None


def test_a_full_disk_leaves_what_was_there(directory):
    store = Store(directory)
    store.write("a", b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        written = store.write("a", b"x" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not written
    assert store.read("a") == b"old"
    assert os.listdir(directory) == ["a"]


def test_a_reader_that_opened_the_old_file_keeps_it(directory):
    store = Store(directory)
    store.write("a", b"old")
    with open(f"{directory}/a", "rb") as file:
        store.write("a", b"new")
        assert file.read() == b"old"


def test_a_directory_in_the_place_of_a_file_is_never_raised(directory):
    os.makedirs(f"{directory}/a/b", 0o700)
    assert not Store(directory).write("a", b"x")
    assert Store(directory).read("a") is None
    assert os.listdir(directory) == ["a"]


def test_the_newest_are_kept(directory):
    store = Store(directory)
    for age in range(6):
        store.write(f"plans/@1.{age}", b"")
        os.utime(f"{directory}/plans/@1.{age}", (1000 - age, 1000 - age))
    store.write("plans/@2.x", b"")
    os.utime(f"{directory}/plans/@2.x", (1, 1))
    store.keep_newest("plans/@1.", 2)
    assert sorted(os.listdir(f"{directory}/plans")) == ["@1.0", "@1.1", "@2.x"]
    store.keep_newest("absent/@1.", 2)


def test_all_of_it_can_be_removed(directory):
    store = Store(directory)
    store.write("plans/a", b"x")
    store.clear()
    assert not os.path.exists(directory)
    Store(None).clear()


def age(path, seconds):
    os.utime(path, (time.time() - seconds, time.time() - seconds))


def test_what_was_not_written_for_a_month_is_swept(directory):
    store = Store(directory)
    for name in ("plans/home/old", "plans/home/new", "plans/gone/old", "settings/.1-2.torn", "settings/.3-4.torn"):
        store.write(name, b"")
    for name in ("plans/home/old", "plans/gone/old"):
        age(f"{directory}/{name}", KEEP_S + 60)
    age(f"{directory}/plans/home/new", KEEP_S - 60)
    age(f"{directory}/settings/.1-2.torn", KEEP_TORN_S + 60)
    age(f"{directory}/settings/.3-4.torn", KEEP_TORN_S - 60)
    store.sweep()
    left = {
        os.path.relpath(os.path.join(top, name), directory) for top, _, names in os.walk(directory) for name in names
    }
    assert left == {"plans/home/new", "settings/.3-4.torn", "swept"}
    assert not os.path.exists(f"{directory}/plans/gone")


def test_it_is_swept_once_a_day(directory):
    store = Store(directory)
    store.sweep()
    store.write("old", b"")
    age(f"{directory}/old", KEEP_S + 60)
    store.sweep()
    assert store.read("old") == b""
    age(f"{directory}/swept", SWEEP_EVERY_S + 60)
    store.sweep()
    assert store.read("old") is None


def test_the_sweep_follows_no_link_out_of_the_store(directory, tmp_path):
    store = Store(directory)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_bytes(b"x")
    age(tmp_path / "mine" / "file", KEEP_S + 60)
    store.write("a", b"")
    os.symlink(tmp_path / "mine", f"{directory}/link")
    store.sweep()
    assert (tmp_path / "mine" / "file").exists()
