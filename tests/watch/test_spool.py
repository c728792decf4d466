from __future__ import annotations

import itertools
import os
import resource

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.watch.spool import _LONGEST_LINE_BYTES, MEMORY_BYTES, Spool, read_again, split, unlinked_file
from tests.watch.made import in_child


@pytest.fixture
def spool():
    made = Spool()
    yield made
    made.close()


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@given(st.lists(st.binary(max_size=300)))
def test_all_that_is_written_is_read_again_in_order(chunks):
    spool = Spool()
    for chunk in chunks:
        spool.write(chunk)
    for _ in range(2):
        assert b"".join(spool.chunks()) == b"".join(chunks)
    assert spool.size == sum(map(len, chunks))


def test_a_little_is_kept_in_memory_and_opens_nothing(spool):
    before = descriptors()
    spool.write(b"x" * MEMORY_BYTES)
    assert descriptors() == before


def test_more_is_kept_in_a_file_without_a_name(spool, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = descriptors()
    chunks = [bytes([number]) * 50_000 for number in range(20)]
    for chunk in chunks:
        spool.write(chunk)
    assert descriptors() == before + 1
    assert os.listdir(tmp_path) == []
    assert b"".join(spool.chunks()) == b"".join(chunks)
    spool.write(b"more")
    assert b"".join(spool.chunks()) == b"".join(chunks) + b"more"
    spool.close()
    assert descriptors() == before


def test_a_spool_can_be_closed_more_than_once(spool):
    spool.write(b"x" * (MEMORY_BYTES + 1))
    spool.close()
    spool.close()


def on_a_full_disk():
    """What is left of what was written, where a file may have so many bytes and no more; and what is left open."""
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    before, spool = descriptors(), Spool()
    for number in range(10):
        spool.write(bytes([number]) * 60_000)
    left = b"".join(spool.chunks())
    spool.close()
    return left, spool.size, descriptors() - before


def test_on_a_full_disk_the_beginning_is_kept_and_nothing_is_raised():
    left, size, still_open = in_child(on_a_full_disk)
    assert left == b"".join(bytes([number]) * 60_000 for number in range(10))[: len(left)]
    assert len(left) >= 240_000
    assert size == 600_000
    assert still_open == 0


def test_without_a_place_for_files_it_is_kept_all_the_same(monkeypatch):
    flags = os.O_TMPFILE
    real = os.open
    monkeypatch.setattr(os, "open", lambda path, how, *_: real("/absent" if how & flags == flags else path, how))
    spool = Spool()
    spool.write(b"x" * MEMORY_BYTES)
    spool.write(b"yz")
    assert b"".join(spool.chunks()).endswith(b"xyz")
    spool.close()


@pytest.mark.parametrize("directory", ["relative", "/absent", "", "/proc"])
def test_a_directory_for_files_that_is_none_is_no_obstacle(directory, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", directory)
    file = unlinked_file()
    os.write(file, b"x" * 70_000)
    assert b"".join(read_again(file)) == b"x" * 70_000
    assert not os.get_inheritable(file)
    os.close(file)


@given(st.binary(max_size=300), st.lists(st.integers(0, 300)))
def test_lines_are_the_same_however_they_came(data, cuts):
    cuts = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    chunks = [data[start:stop] for start, stop in itertools.pairwise(cuts)]
    *whole, rest = data.split(b"\n")
    expected = [line.decode("utf-8", "replace") for line in (*whole, *filter(None, [rest]))]
    assert list(split(chunks)) == expected


def test_of_an_endless_line_the_beginning_is_judged_and_the_next_line_is_whole():
    chunks = [b"a" * 50_000] * 10 + [b"\nnext\n", b"last"]
    first, *rest = split(chunks)
    assert first == "a" * _LONGEST_LINE_BYTES
    assert rest == ["next", "last"]
