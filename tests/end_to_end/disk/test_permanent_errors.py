"""What no waiting mends is told at once, with what to do: a full disk, a read-only one, someone else's directory."""

from __future__ import annotations

import os
import re

import pytest

from tests.end_to_end.disk.failing_disk import (
    AT_ONCE_S,
    DOWNLOAD,
    FATAL,
    FIRST,
    LAST,
    MIDDLE,
    NAMES,
    PERMANENT,
    WOULD_WAIT_LONG,
    gives_up,
    last_word,
)
from tests.end_to_end.generated_modules import modules, publish


@pytest.mark.parametrize("cell", FATAL, ids=str)
def test_what_no_waiting_mends_is_told_at_once_with_what_to_do(disk, cell):
    error = list(PERMANENT)[FATAL.index(cell) % len(PERMANENT)]
    disk.break_(cell, error)
    done = disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S)
    gives_up(disk, done, disk.machine.work if cell.place == "go.mod" else disk.cache.root)
    assert disk.says(cell, error) in re.sub(r"\d+(?=\.tmp)", "*", done.message)


def test_a_lock_beside_a_full_disk_is_not_waited_for(disk):
    disk.go.fail(
        [("rename", "EACCES"), ("truncate", "ENOSPC")], [disk.place(FIRST, ".zip"), disk.place(LAST, ".ziphash")]
    )
    gives_up(disk, disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S), disk.cache.root)


@pytest.fixture
def powerless(disk, program):
    """The disk, for calls that the modes of files hold for, root's too."""
    if not os.geteuid():
        disk.machine.shelter = [program("setpriv"), "--bounding-set=-dac_override,-dac_read_search,-fowner,-chown"]
    return disk


def someone_elses(path):
    """Let it belong to someone else, as what sudo go made does; whoever is not root can only make it look so."""
    path.chmod(0o555)
    if not os.geteuid():
        os.chown(path, 1, 1)
        path.chmod(0o755)


@pytest.mark.parametrize("which", ["an empty cache", "one module's entry", "where the cache is to be"])
def test_without_permission_nothing_is_waited_for(powerless, which):
    cache, entry = powerless.cache.root, powerless.place(MIDDLE, ".")
    env = {}
    if which == "an empty cache":
        cache.mkdir()
        someone_elses(cache)
    elif which == "one module's entry":
        entry.mkdir(parents=True)
        someone_elses(entry)
    else:
        cache.mkdir()
        someone_elses(cache)
        env["GOMODCACHE"] = str(cache / "deep/below")
    bare = powerless.bare(*DOWNLOAD, env=env)
    assert (bare.out, bare.code) == (b"", 1)
    assert last_word(bare).endswith(": permission denied")
    powerless.go.heal()
    done = powerless.shim(*DOWNLOAD, env={**WOULD_WAIT_LONG, **env}, limit_s=AT_ONCE_S)
    gives_up(powerless, done, cache)


MOUNTS = {
    "read-only": ('mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"', "read-only file system"),
    "full": ('mount -t tmpfs -o size=100k none "$0"', "no space left on device"),
}


@pytest.mark.usefixtures("root_only")
@pytest.mark.parametrize("kind", MOUNTS)
def test_a_disk_that_is_full_or_read_only_is_told_at_once(disk, program, kind, tmp_path):
    script, error = MOUNTS[kind]
    disk.cache.root.mkdir()
    many = publish(tmp_path / "large", modules(len(NAMES), filler=80_000))
    many.project(disk.machine.work)
    disk.settings |= many.settings
    disk.machine.shelter = [program("unshare"), "-m", "bash", "-pc", f'{script} && exec "$@"', disk.cache.root]
    if disk.machine.call(program("true")).code:
        pytest.skip("no mount namespace to be had here")
    bare = disk.bare(*DOWNLOAD)
    assert (bare.out, bare.code) == (b"", 1)
    assert f": {error}\n" in bare.message
    disk.go.heal()
    gives_up(disk, disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S), disk.cache.root)
