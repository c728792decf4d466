"""A file is there whole, or as it was before."""

from __future__ import annotations

import os
import resource
import signal
import stat

import pytest

from goshim.base import atomic_file


@pytest.mark.parametrize("mode", [0o600, 0o755, 0o444])
def test_it_has_the_mode_whatever_the_umask(tmp_path, mode):
    path = tmp_path / "file"
    before = os.umask(0o077)
    try:
        atomic_file.write(str(path), b"text", mode)
    finally:
        os.umask(before)
    assert path.read_bytes() == b"text"
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_it_can_be_like_another(tmp_path):
    (tmp_path / "other").write_bytes(b"")
    (tmp_path / "other").chmod(0o640)
    atomic_file.write(str(tmp_path / "file"), b"text", like=(tmp_path / "other").stat())
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640


def test_who_reads_the_old_one_goes_on_reading_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    with open(path, "rb") as reader:
        atomic_file.write(str(path), b"after")
        assert reader.read() == b"before"
    assert path.read_bytes() == b"after"


def test_names_of_any_bytes_and_of_any_length(tmp_path):
    name = "\udcff\n" + "x" * 253
    atomic_file.write(f"{tmp_path}/{name}", b"text")
    assert os.listdir(os.fsencode(tmp_path)) == [b"\xff\n" + b"x" * 253]


def test_a_disk_that_takes_no_more_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            atomic_file.write(str(path), b"after" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["file"]


def test_where_it_cannot_be_put_in_place_nothing_is_left(tmp_path):
    (tmp_path / "file").mkdir()
    with pytest.raises(IsADirectoryError):
        atomic_file.write(str(tmp_path / "file"), b"text")
    assert os.listdir(tmp_path) == ["file"]


def _link(path):
    (path.parent / "target").write_bytes(b"before")
    path.symlink_to("target")


def _link_to_nothing(path):
    path.symlink_to("nothing")


def _fifo(path):
    os.mkfifo(path)


def _directory(path):
    path.mkdir()


@pytest.mark.parametrize("plant", [_link, _link_to_nothing, _fifo, _directory])
def test_nothing_but_a_regular_file_is_replaced_under_a_name_of_the_users(tmp_path, plant):
    path = tmp_path / "file"
    plant(path)
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(OSError, match="not a regular file"):
        atomic_file.put(str(path), b"text")
    assert sorted(os.listdir(tmp_path)) == before
    assert not (tmp_path / "target").exists() or (tmp_path / "target").read_bytes() == b"before"


def test_a_regular_file_is_replaced_and_its_other_names_keep_what_was_there(tmp_path):
    (tmp_path / "file").write_bytes(b"before")
    os.link(tmp_path / "file", tmp_path / "other")
    atomic_file.put(str(tmp_path / "file"), b"after")
    assert [(tmp_path / name).read_bytes() for name in ("file", "other")] == [b"after", b"before"]
