"""A file of the user's is replaced at once or not at all, and nothing that others write to it meanwhile is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from goshim.base import edited_file, resources
from goshim.base.edited_file import edit

CHECKOUT = Path(resources.PACKAGE).parent
ADD = """
import sys; sys.path.insert(0, sys.argv[1])
from goshim.base.edited_file import edit
for number in range(20):
    edit(sys.argv[2], lambda text: (text or b"") + f"{sys.argv[3]} {number}\\n".encode(), lambda text: True)
"""


def append(text: bytes):
    return lambda before: (before or b"") + text


def never(_):
    return False


def test_several_that_edit_at_once_lose_no_line(tmp_path):
    path = tmp_path / "file"
    command = [sys.executable, "-I", "-c", ADD, CHECKOUT, path]
    running = [subprocess.Popen([*command, str(number)]) for number in range(4)]
    assert [each.wait(60) for each in running] == [0] * 4
    assert sorted(path.read_text().splitlines()) == sorted(f"{a} {b}" for a in range(4) for b in range(20))
    assert os.listdir(tmp_path) == ["file"]


def test_what_others_append_meanwhile_is_seen(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"one\n")
    seen = []

    def change(before):
        seen.append(before)
        if len(seen) == 1:
            path.write_bytes(before + b"two\n")
        return before + b"ours\n"

    assert edit(str(path), change, never)
    assert (path.read_bytes(), seen) == (b"one\ntwo\nours\n", [b"one\n", b"one\ntwo\n"])
    assert (tmp_path / "file.before-goshim").read_bytes() == b"one\ntwo\n"


def test_a_file_that_never_stays_the_same_is_left_to_who_writes_it(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"")

    def change(before):
        path.write_bytes(before + b"x")
        return before + b"ours"

    with pytest.raises(OSError, match="keeps changing"):
        edit(str(path), change, never)
    assert set(path.read_bytes()) == set(b"x")


def test_a_backup_is_never_overwritten(tmp_path):
    path, backup = tmp_path / "file", tmp_path / "file.before-goshim"
    path.write_bytes(b"one\n")
    backup.write_bytes(b"older\n")
    (tmp_path / "file.before-goshim.2").symlink_to(tmp_path / "victim")
    (tmp_path / "file.before-goshim-20261122-120000").write_bytes(b"by doctor\n")
    edit(str(path), append(b"ours\n"), never)
    assert backup.read_bytes() == b"older\n"
    assert (tmp_path / "file.before-goshim.3").read_bytes() == b"one\n"
    assert not (tmp_path / "victim").exists()
    path.write_bytes(b"one\n")
    edit(str(path), append(b"ours\n"), never)
    assert not (tmp_path / "file.before-goshim.4").exists()
    path.write_bytes(b"one\n")
    assert edited_file.drop_backups(str(path)) == [str(backup)]
    assert (tmp_path / "file.before-goshim-20261122-120000").exists()


def test_a_backup_is_as_private_as_the_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"secret")
    path.chmod(0o600)
    edit(str(path), append(b"ours\n"), never)
    assert (tmp_path / "file.before-goshim").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("kind", ["FIFO", "link to a FIFO", "directory"])
def test_what_is_not_a_regular_file_is_not_replaced(tmp_path, kind):
    path = tmp_path / "file"
    if kind == "FIFO":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    else:
        os.mkfifo(tmp_path / "fifo")
        path.symlink_to("fifo")
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(OSError, match=r"not a regular file|directory"):
        edit(str(path), append(b"ours"), never)
    assert sorted(os.listdir(tmp_path)) == before
    assert not path.is_file()


def test_a_file_with_another_name_or_that_may_not_be_written_is_left_alone(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"one\n")
    os.link(path, tmp_path / "other")
    with pytest.raises(OSError, match="hard links"):
        edit(str(path), append(b"ours\n"), never)
    (tmp_path / "other").unlink()
    path.chmod(0o444)
    if os.geteuid():  # root may write to any file
        with pytest.raises(OSError, match="kept from being written to"):
            edit(str(path), append(b"ours\n"), never)
        assert path.read_bytes() == b"one\n"
        assert os.listdir(tmp_path) == ["file"]
