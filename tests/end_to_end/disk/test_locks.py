"""Where a file is locked goshim waits, for as long as it is set to, and for nothing else."""

from __future__ import annotations

import re
import time

import pytest

from tests.end_to_end.disk.failing_disk import (
    AT_ONCE_S,
    DOWNLOAD,
    FATAL,
    FIRST,
    LAST,
    LOCKS,
    MIDDLE,
    NAMES,
    PATIENCE,
    WARNED_OF,
    WOULD_WAIT_LONG,
    last_word,
    repaired,
    told,
)


@pytest.mark.parametrize("cell", FATAL, ids=str)
def test_a_lock_that_ends_costs_one_line_and_leaves_a_cache_like_any_other(disk, undisturbed, cell):
    number = FATAL.index(cell)
    error, runs = list(LOCKS)[number % len(LOCKS)], 1 + number % 2
    disk.break_(cell, error, runs)
    done = disk.shim(*DOWNLOAD)
    assert (done.out, done.code) == (b"", 0), done.message
    assert disk.go.failed
    assert disk.go.runs == ["mod download"] * (runs + 1)
    assert told(done)[0] == 1
    assert repaired(disk, undisturbed)


@pytest.mark.parametrize(
    ("names", "error"), [((FIRST,), "EIO"), ((FIRST, LAST), "EBUSY"), (NAMES, "EACCES")], ids=["first", "two", "all"]
)
def test_it_matters_not_which_modules_or_how_many_are_locked(disk, undisturbed, names, error):
    disk.break_(FATAL[0], error, runs=1, names=names)
    done = disk.shim(*DOWNLOAD)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert len(disk.go.failed) == len(names)
    assert repaired(disk, undisturbed)


def test_a_word_of_go_is_not_repeated_by_each_attempt(disk):
    disk.break_(FATAL[0], "EACCES", runs=3)
    done = disk.shim(*DOWNLOAD)
    assert done.code == 0
    assert sum(line.startswith("go: rename ") for line in done.message.splitlines()) <= 1
    assert len(disk.go.runs) == 4


def test_warnings_beside_a_lock_hide_it_not(disk, undisturbed):
    disk.go.fail([("rename", "EACCES")], [disk.place(MIDDLE, suffix) for suffix in (".info", ".mod", ".zip")], 1)
    done = disk.shim(*DOWNLOAD)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert repaired(disk, undisturbed)


@pytest.mark.parametrize("cell", WARNED_OF, ids=str)
def test_a_mere_warning_is_never_retried(disk, cell):
    disk.break_(cell, "EACCES")
    done = disk.shim(*DOWNLOAD)
    assert (done.out, last_word(done), done.code) == (b"", disk.says(cell, "EACCES"), 0)
    assert (disk.go.runs, told(done)[0]) == (["mod download"], 0)


@pytest.mark.parametrize("place", [".lock", ".partial"])
def test_a_file_that_is_just_being_deleted_is_tried_once_more(disk, undisturbed, place):
    cell = next(each for each in FATAL if each[:2] == ("open", place))
    disk.break_(cell, "ENOENT", runs=1)
    done = disk.shim(*DOWNLOAD)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert repaired(disk, undisturbed)
    disk.empty()
    disk.break_(cell, "ENOENT")
    assert disk.shim(*DOWNLOAD).code == 1
    assert len(disk.go.runs) == 2


@pytest.mark.parametrize("error", ["EINVAL", "EPERM", "ENOSYS", "ENOLCK"])
def test_what_is_no_sign_of_a_lock_is_not_retried(disk, error):
    disk.go.fail([("flock", error)], [disk.place(MIDDLE, ".lock")])
    done = disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S)
    assert (done.out, done.code, disk.go.runs) == (b"", 1, ["mod download"])


def test_a_lock_that_never_ends_is_told_in_full_when_the_time_is_up(disk):
    disk.break_(FATAL[0], "EACCES")
    start = time.monotonic()
    done = disk.shim(*DOWNLOAD, env={**PATIENCE, "GOSHIM_RETRY__LOCK_BUDGET_S": "0.3"})
    assert time.monotonic() - start < AT_ONCE_S
    assert (done.out, done.code) == (b"", 1)
    attempts = len(disk.go.runs)
    assert attempts > 3
    times, text = told(done)
    assert times <= 2  # that it waits, and that it was in vain
    paragraph = text[text.rindex("goshim: ") :]
    assert str(disk.place(MIDDLE, ".zip")) in paragraph
    assert re.search(r"\block", paragraph)
    assert re.search(rf"\b{attempts} (attempts|tries|times)\b", paragraph)
    assert re.search(r"\b\d+(\.\d+)? ?s\b", paragraph)
    assert re.search(r"\bGOMODCACHE\b|\block_budget_s\b", paragraph)  # what to do about it


@pytest.mark.parametrize("how", [{"GOSHIM_RETRY__LOCK_BUDGET_S": "0"}, {"GOSHIM_RETRY__LOCKS": "never"}])
def test_who_wants_no_retry_gets_none(disk, how):
    disk.break_(FATAL[0], "EACCES")
    done = disk.shim(*DOWNLOAD, env={**WOULD_WAIT_LONG, **how}, limit_s=AT_ONCE_S)
    assert (done.out, done.code, disk.go.runs) == (b"", 1, ["mod download"])
    assert disk.says(FATAL[0], "EACCES") in re.sub(r"\d+(?=\.tmp)", "*", done.message)


def test_on_a_file_system_that_knows_no_such_locks_nothing_is_retried(disk):
    disk.break_(FATAL[0], "EACCES")
    done = disk.shim(*DOWNLOAD, env={**WOULD_WAIT_LONG, "GOSHIM_RETRY__LOCKS": None}, limit_s=AT_ONCE_S)
    assert (done.out, done.code, disk.go.runs) == (b"", 1, ["mod download"])


@pytest.mark.parametrize("how", ["argument", "GOFLAGS"])
def test_with_json_stdout_is_that_of_the_last_attempt(disk, undisturbed, how):
    command, env = (DOWNLOAD, {"GOFLAGS": "-json"}) if how == "GOFLAGS" else ((*DOWNLOAD, "-json"), {})
    disk.break_(FATAL[0], "EACCES", runs=2)
    done = disk.shim(*command, env={**PATIENCE, **env})
    assert (done.code, told(done)[0]) == (0, 1), done.message
    assert len(disk.go.runs) == 3
    assert [each["Path"] for each in done.documents if "Error" not in each] == NAMES
    disk.go.heal()
    assert done.out == disk.bare(*command, env=env).out
    assert repaired(disk, undisturbed)


def test_with_json_a_lost_fight_still_gives_the_error_in_json(disk):
    disk.break_(FATAL[0], "EACCES")
    done = disk.shim(*DOWNLOAD, "-json", env={**PATIENCE, "GOSHIM_RETRY__LOCK_BUDGET_S": "0.1"})
    assert done.code == 1
    errors = {each["Path"]: each.get("Error") for each in done.documents}
    assert [name for name, error in errors.items() if error] == [MIDDLE]
    assert len(errors) == len(NAMES)
    assert told(done)[0] in (1, 2)


@pytest.mark.parametrize("call", [("build", "-o", "/dev/null", "."), ("vet", "."), ("mod", "vendor")], ids=" ".join)
def test_where_locks_are_to_be_expected_other_commands_that_download_are_retried_too(disk, call):
    disk.break_(FATAL[0], "EACCES", runs=1)
    assert disk.bare(*call).code == 1
    disk.empty()
    disk.break_(FATAL[0], "EACCES", runs=1)
    done = disk.shim(*call)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert disk.go.runs == [" ".join(call)] * 2
