from __future__ import annotations

import errno
import os
import tempfile

import pytest

from goshim.watch import probe
from tests.watch.made import in_child


def test_a_directory_that_can_be_written_refuses_nothing_and_keeps_nothing(tmp_path):
    for _ in range(3):
        assert probe.refusal(str(tmp_path)) == 0
    assert os.listdir(tmp_path) == []
    assert probe._left == set()


@pytest.mark.parametrize(
    ("directory", "number"), [("absent", errno.ENOENT), ("file", errno.ENOTDIR), ("/proc", errno.ENOENT)]
)
def test_where_no_file_can_be_made_the_reason_is_told(tmp_path, directory, number):
    (tmp_path / "file").write_bytes(b"")
    assert probe.refusal(str(tmp_path / directory)) == number


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, to become somebody else")
@pytest.mark.parametrize(("mode", "number"), [(0o755, errno.EACCES), (0o555, errno.EACCES), (0o777, 0)])
def test_a_directory_of_somebody_else_is_refused(mode, number):
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, mode)
        assert in_child(lambda: probe.refusal(directory), 65534) == number


@pytest.fixture
def held(monkeypatch):
    """Every removal is refused."""

    def unlink(path):
        raise PermissionError(errno.EACCES, "held", path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "unlink", unlink)
        yield patch
    probe.clear()


def test_a_probe_that_isheld_is_removed_when_it_no_longer_is(tmp_path, held):
    assert probe.refusal(str(tmp_path)) == 0
    probe.clear()
    assert len(os.listdir(tmp_path)) == 1
    held.undo()
    probe.clear()
    assert os.listdir(tmp_path) == []


def test_while_one_isheld_another_can_be_made(tmp_path, held):
    assert probe.refusal(str(tmp_path)) == 0
    assert probe.refusal(str(tmp_path)) == 0
    assert len(os.listdir(tmp_path)) == 2


def test_a_link_that_somebody_has_laid_out_is_not_followed(tmp_path, monkeypatch):
    monkeypatch.setattr(probe, "_numbers", iter([7]))
    (tmp_path / f".goshim-{os.getpid()}-7.tmp").symlink_to(tmp_path / "elsewhere")
    assert probe.refusal(str(tmp_path)) == errno.EEXIST
    assert not (tmp_path / "elsewhere").exists()
