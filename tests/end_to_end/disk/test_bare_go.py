"""What bare go makes of a disk that fails: without goshim each of these faults costs the download."""

from __future__ import annotations

import pytest

from tests.end_to_end.disk.failing_disk import (
    DOWNLOAD,
    ERRORS,
    FATAL,
    MIDDLE,
    NEVER,
    PASSED_OVER,
    WARNED_OF,
    last_word,
    repaired,
)


@pytest.mark.parametrize("cell", FATAL, ids=str)
def test_bare_go_gives_up_at_once_and_another_run_mends_all(disk, undisturbed, cell):
    for error in ERRORS:
        disk.empty()
        disk.break_(cell, error)
        done = disk.bare(*DOWNLOAD)
        assert (done.out, last_word(done), done.code) == (b"", disk.says(cell, error), 1)
        assert disk.go.failed
    disk.go.heal()
    assert disk.bare(*DOWNLOAD) == (b"", b"", 0)
    assert repaired(disk, undisturbed)


@pytest.mark.parametrize("cell", WARNED_OF, ids=str)
def test_bare_go_only_warns_where_it_can_do_without_the_file(disk, undisturbed, cell):
    for error in ERRORS:
        disk.empty()
        disk.break_(cell, error)
        done = disk.bare(*DOWNLOAD)
        assert (done.out, last_word(done), done.code) == (b"", disk.says(cell, error) if error != "EROFS" else "", 0)
        assert disk.go.failed
    missing = {str(disk.cache.root / name) for name in undisturbed.keys() - disk.cache.content().keys()}
    assert missing - {str(disk.place(MIDDLE, "list"))} == {str(disk.place(MIDDLE, cell.place))}


@pytest.mark.parametrize("cell", PASSED_OVER, ids=str)
def test_bare_go_says_nothing_where_a_file_is_a_mere_convenience(disk, cell):
    for error in ERRORS:
        disk.empty()
        disk.break_(cell, error)
        assert disk.bare(*DOWNLOAD) == (b"", b"", 0)
        assert disk.go.failed


def test_bare_go_never_calls_fsync_so_no_disk_can_fail_it_there(disk):
    disk.go.fail([("fsync", "EIO")], [disk.place(MIDDLE, cell.place) for cell in NEVER])
    assert disk.bare(*DOWNLOAD) == (b"", b"", 0)
    assert disk.go.failed == []
