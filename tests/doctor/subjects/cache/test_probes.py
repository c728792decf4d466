from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.subjects.cache import leftover_checks as module_cache
from goshim.doctor.subjects.cache import probes as caches
from goshim.doctor.subjects.cache.disk_probes import name_of
from tests.watch.holding import HOLD, LOCK, WAIT
from tests.watch.made import end, in_child, python, until

HOST = DoctorHost({}, "/")
NOBODY = 65534
DOWNLOADS = "cache/download/example.com/!azure/m/@v"


@pytest.fixture
def cache(tmp_path):
    (tmp_path / DOWNLOADS).mkdir(parents=True)
    return tmp_path


def make(cache: Path, name: str, days_old: float = 0.0, text: str = "") -> Path:
    path = cache / DOWNLOADS / name
    path.write_text(text)
    os.utime(path, (time.time() - days_old * 86400,) * 2)
    return path


def test_what_is_unfinished_for_over_a_day_is_counted(cache):
    make(cache, "v1.0.0.info377680066.tmp", 2, "12345")
    make(cache, "v1.0.0.zip605986897.tmp", 1.1, "678")
    make(cache, "v1.0.0.partial", 2)
    make(cache, "v1.0.0.lock", 9)
    assert caches.leftovers(HOST, str(cache)) == {
        "tmp": 2,
        "bytes": 8,
        "partial": ["example.com/!azure/m/@v/v1.0.0.partial"],
        "partials": 1,
        "locks": 1,
        "directories": 5,
        "cut": False,
    }


@pytest.mark.parametrize("name", ["v1.0.0.zip605986897.tmp", "v1.0.0.partial", "v1.0.0.zip", "v1.0.0.tmp.zip"])
def test_what_a_go_at_work_may_need_or_is_whole_is_not(cache, name):
    make(cache, name, 2 if name.endswith("zip") else 0.5)
    found = caches.leftovers(HOST, str(cache))
    assert (found["tmp"], found["partials"]) == (0, 0)


def test_of_many_that_are_unfinished_some_are_named(cache):
    for number in range(9):
        make(cache, f"v1.{number}.0.partial", 2)
    found = caches.leftovers(HOST, str(cache))
    assert (found["partials"], len(found["partial"])) == (9, 5)


def test_a_look_that_takes_too_long_ends_and_says_so(cache, monkeypatch):
    monkeypatch.setattr(caches, "LIMIT_S", 0.0)
    make(cache, "v1.0.0.partial", 2)
    assert caches.leftovers(HOST, str(cache))["cut"]
    assert caches.foreign(HOST, json.dumps([[str(cache), 2]]))["cut"]


def test_a_cache_that_is_not_there_has_nothing(tmp_path):
    found = caches.leftovers(HOST, str(tmp_path / "none"))
    assert (found["directories"], found["cut"]) == (0, False)


def test_links_out_of_the_cache_are_not_followed(cache, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    make_there = other / "v1.0.0.tmp"
    make_there.write_text("")
    os.utime(make_there, (0, 0))
    (cache / DOWNLOADS / "link").symlink_to(other)
    assert caches.leftovers(HOST, str(cache))["tmp"] == 0


def test_who_holds_a_lock_in_the_cache_is_told(cache):
    lock = make(cache, "v1.0.0.lock")
    child = python(LOCK, lock, fcntl.LOCK_EX)
    try:
        (found,) = caches.held_locks(HOST, str(cache))
        assert (found["path"], found["process"], found["stopped"]) == (str(lock), child.pid, False)
        assert found["who"].startswith(f"process {child.pid} (python")
        assert 0 <= found["runs_s"] < 60
        child.send_signal(signal.SIGSTOP)
        assert until(lambda: caches.held_locks(HOST, str(cache))[0]["stopped"])
    finally:
        end(child)


def test_who_only_waits_for_a_lock_does_not_hold_it(cache):
    lock = make(cache, "v1.0.0.lock")
    holder = python(LOCK, lock, fcntl.LOCK_EX)
    waiter = python(WAIT, lock, "flock")
    try:
        assert [found["process"] for found in caches.held_locks(HOST, str(cache))] == [holder.pid]
    finally:
        end(waiter, holder)


def test_a_file_that_is_only_open_and_a_lock_elsewhere_are_not_told(cache, tmp_path_factory):
    (tmp_path_factory.mktemp("elsewhere") / "lock").write_text("")
    other = tmp_path_factory.mktemp("elsewhere") / "lock"
    other.write_text("")
    children = [python(HOLD, make(cache, "v1.0.0.lock")), python(LOCK, other, fcntl.LOCK_EX)]
    try:
        assert caches.held_locks(HOST, str(cache)) == []
    finally:
        end(*children)


def test_a_cache_behind_a_link_is_known_by_its_real_name(cache, tmp_path_factory):
    link = tmp_path_factory.mktemp("link") / "cache"
    link.symlink_to(cache)
    child = python(LOCK, make(cache, "v1.0.0.lock"), fcntl.LOCK_EX)
    try:
        assert len(caches.held_locks(HOST, str(link))) == 1
    finally:
        end(child)


# Whose it is: for another user, so as root.


@pytest.fixture
def roots():
    """A directory of root's that others can look into."""
    if os.geteuid():
        pytest.skip("needs root, to become another user")
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


def as_nobody(*asked: tuple[Path, int]) -> dict:
    subject = json.dumps([(str(path), depth) for path, depth in asked])
    return in_child(lambda: caches.foreign(HOST, subject), NOBODY)


def make_owned(path: Path, owner: int = NOBODY, mode: int = 0o755) -> Path:
    path.mkdir()
    os.chown(path, owner, owner)
    path.chmod(mode)
    return path


def test_what_belongs_to_another_and_is_closed_is_told_by_its_top(roots):
    cache = make_owned(roots / "mod")
    make_owned(cache / "ours")
    make_owned(cache / "closed", owner=0)
    make_owned(cache / "closed" / "below", owner=0)
    (cache / "file").write_text("")
    found = as_nobody((cache, 3))
    closed = sorted([f"{cache / 'closed'}: root", f"{cache / 'file'}: root"])
    assert sorted(found["found"][str(cache)]["first"]) == closed
    assert (found["found"][str(cache)]["count"], found["looked"], found["cut"]) == (2, 4, False)


def test_what_was_taken_back_is_ours_again(roots):
    cache = make_owned(roots / "mod", owner=0)
    make_owned(cache / "example.com", owner=0)
    (told,) = as_nobody((cache, 2))["found"]
    command = module_cache.taking(told).removeprefix("sudo ")
    subprocess.run(command, shell=True, check=True, env={**os.environ, "USER": name_of(NOBODY)})
    assert as_nobody((cache, 2))["found"] == {}


def test_a_cache_that_is_shared_on_purpose_is_nobodys_fault(roots):
    cache = make_owned(roots / "shared", owner=0, mode=0o1777)
    make_owned(cache / "github.com", owner=0, mode=0o777)
    make_owned(cache / "example.com@v1.0.0", owner=0, mode=0o555)
    (cache / "link").symlink_to("/root")
    assert as_nobody((cache, 2))["found"] == {}


def test_a_look_goes_no_deeper_than_it_is_asked_to(roots):
    cache = make_owned(roots / "mod")
    make_owned(make_owned(cache / "one") / "two", owner=0)
    assert as_nobody((cache, 1))["found"] == {}
    assert list(as_nobody((cache, 2), (roots / "none", 2))["found"]) == [str(cache)]


def test_all_is_open_to_root(roots):
    make_owned(roots / "closed")
    if os.geteuid() == 0:
        assert caches.foreign(HOST, json.dumps([[str(roots), 2]]))["found"] == {}
