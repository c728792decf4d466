from __future__ import annotations

import fcntl
import os
import subprocess
import sys

import pytest

from goshim.watch import holders
from goshim.watch.holders import Process, awaited_lock, command_of, users_of
from tests.tables import for_each
from tests.watch.holding import HOLD, LOCK, WAIT
from tests.watch.made import end, python, until


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "a file.lock"
    path.write_bytes(b"")
    return str(path)


def test_who_has_a_file_open_is_told_by_number_and_command(file):
    child = python(HOLD, file, "--mark")
    try:
        assert users_of(file) == [Process(child.pid)]
        words = Process(child.pid).words
        assert words.startswith(f"process {child.pid} ({os.path.basename(sys.executable)} -I -S -c import sys")
    finally:
        end(child)


def test_a_file_that_only_we_have_open_has_no_user(file):
    with open(file, "rb"):
        assert users_of(file) == []
    assert users_of(f"{file}.absent") == []


def test_another_file_of_the_same_text_has_no_user(file, tmp_path):
    child = python(HOLD, file)
    try:
        os.link(file, tmp_path / "other name")
        (tmp_path / "other").write_bytes(b"")
        assert users_of(str(tmp_path / "other")) == []
        assert users_of(str(tmp_path / "other name")) == [Process(child.pid)]
    finally:
        end(child)


@pytest.mark.parametrize("way", ["flock", "lockf"])
def test_a_lock_that_is_waited_for_is_told_with_its_file_and_holder(file, way):
    with open(file, "a", encoding="ascii") as mine:
        (fcntl.flock if way == "flock" else fcntl.lockf)(mine, fcntl.LOCK_EX)
        child = python(WAIT, file, way)
        try:
            lock = until(lambda: awaited_lock([child.pid]))
            assert lock is not None
            assert (lock.path, lock.holder) == (file, Process(os.getpid()))
            assert awaited_lock([1]) is None
            assert awaited_lock([1, child.pid, 2]) == lock
        finally:
            end(child)


@pytest.mark.parametrize("how", [fcntl.LOCK_SH, fcntl.LOCK_EX])
def test_a_lock_between_two_others_is_told(file, how):
    holder = python(LOCK, file, how)
    waiter = python(WAIT, file, "flock")
    try:
        lock = until(lambda: awaited_lock([waiter.pid]))
        assert lock is not None
        assert (lock.path, lock.holder) == (file, Process(holder.pid))
    finally:
        end(waiter, holder)


LOCKF = LOCK.replace("flock(", "lockf(")


@pytest.mark.parametrize("first", ["the one", "the other"])
def test_of_two_kinds_of_locks_on_a_file_the_one_that_is_waited_for_is_told(file, first):
    children = [python(each, file, fcntl.LOCK_EX) for each in ((LOCK, LOCKF) if first == "the one" else (LOCKF, LOCK))]
    waiter = python(WAIT, file, "flock")
    try:
        lock = until(lambda: awaited_lock([waiter.pid]))
        assert lock is not None
        assert lock.holder == Process(children[first != "the one"].pid)
    finally:
        end(waiter, *children)


def test_nobody_waits_for_a_lock_that_is_only_held(file):
    child = python(LOCK, file, fcntl.LOCK_EX)
    try:
        assert awaited_lock([child.pid]) is None
        assert awaited_lock([]) is None
    finally:
        end(child)


def test_a_process_in_another_container_has_no_number():
    assert Process(0).words == "a process in another container"


def test_a_process_that_is_gone_is_a_number_alone():
    child = subprocess.Popen(["/bin/true"])
    child.wait()
    assert command_of(child.pid) == ""
    assert Process(child.pid).words == f"process {child.pid}"


def test_a_process_that_nobody_has_waited_for_yet_is_a_number_alone():
    child = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert Process(child.pid).words == f"process {child.pid}"
    child.wait()


def run_as(*words: str) -> subprocess.Popen[bytes]:
    """A process with this command line."""
    child = subprocess.Popen([*words], executable="/bin/cat", stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    until(lambda: words[-1].encode("utf-8", "surrogateescape") in command_line(child.pid))
    return child


def command_line(number: int) -> bytes:
    with open(f"/proc/{number}/cmdline", "rb") as file:
        return file.read()


def end_cat(child: subprocess.Popen[bytes]) -> None:
    child.communicate()


@for_each(
    "words, command",
    [
        (["/usr/local/go/bin/go", "-"], "go -"),
        (["go", "-", "-"], "go - -"),
        (["go", "-", "x" * 100], "go - " + "x" * 54 + "\u2026"),
    ],
)
def test_a_command_is_told_short_and_without_its_directory(words, command):
    child = run_as(*words)
    try:
        assert command_of(child.pid) == command
        assert len(command) <= holders._LONGEST_COMMAND
    finally:
        end_cat(child)


@for_each("odd", ["\x1b[31mred", "a\nb", "\udcff"])
def test_a_command_can_do_nothing_to_a_terminal(odd):
    child = run_as("go", "-", odd)
    try:
        assert command_of(child.pid).isprintable()
    finally:
        end_cat(child)


@for_each("secret", ["https://me:hunter2@host/x", "https://host/x?token=hunter2", "ghp_hunter2hunter2hunter2"])
def test_a_password_on_a_command_line_is_not_told(secret):
    child = run_as("git", "-", secret)
    try:
        assert "hunter2" not in Process(child.pid).words
    finally:
        end_cat(child)
