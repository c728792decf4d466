"""A file of the user's that goshim edits: replaced whole under a lock, with a copy of what it was before.

It is read again just before it is replaced, so that what another program appends meanwhile is seen. The copy lies
beside it. It is never overwritten and never put back, and goes once the file is again what the copy is.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import stat
import time
from collections.abc import Callable, Iterator

from goshim.base import atomic_file
from goshim.base.encoding import to_bytes, to_text

HAS_OTHER_NAMES = "it has other names (hard links), which would keep the old text"
BACKUP_SUFFIX = ".before-goshim"

_LOCK_LIMIT_S = 10.0
_LOOK_EVERY_S = 0.05
_TRIES = 20


def content(path: str) -> bytes | None:
    """What is in a file; None where there is none. Raises OSError, also where it is not a regular file."""
    try:
        descriptor = os.open(to_bytes(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        return file.read()


def edit(path: str, change: Callable[[bytes | None], bytes | None], is_edited: Callable[[bytes], bool]) -> bool:
    """Replace a file's content by what `change` makes of it, None standing for no file. Says whether it differs.

    `change` is given the content again whenever that has changed meanwhile. A file that `is_edited` says is not yet
    goshim's work is copied before. Raises OSError, and what `change` raises.
    """
    target = os.path.realpath(to_bytes(path))  # a link stays one: dotfiles often lie elsewhere
    with _locked(os.path.dirname(target)):
        for _ in range(_TRIES):
            before = content(path)
            after = change(before)
            if after == before:
                return False
            if content(path) != before:
                continue
            if after is None:
                os.unlink(target)
                return True
            if before is not None:
                _require_writable(target, path)
                if not is_edited(before):
                    _back_up(path, before)
            atomic_file.write(to_text(target), after, 0o644, os.stat(target) if before is not None else None)
            return True
    raise OSError(errno.EBUSY, "another program keeps changing it", path)


def _require_writable(target: bytes, path: str) -> None:
    """See that a file may be replaced: other names of it would keep the old text, and a mode may say to leave it alone.

    Raises OSError.
    """
    if os.stat(target).st_nlink > 1:
        raise OSError(errno.EMLINK, HAS_OTHER_NAMES, path)
    if not os.access(target, os.W_OK):
        raise OSError(errno.EACCES, "it is kept from being written to", path)


def backups(path: str) -> list[str]:
    """The copies of a file: regular files, no links, and none that doctor made."""
    directory, name = os.path.split(path)
    try:
        names = sorted(map(to_text, os.listdir(to_bytes(directory))))
    except OSError:
        return []
    ours = re.compile(re.escape(name + BACKUP_SUFFIX) + r"(?:\.\d+)?")
    found = [f"{directory}/{each}" for each in names if ours.fullmatch(each)]
    return [each for each in found if stat.S_ISREG(os.lstat(to_bytes(each)).st_mode)]


def drop_backups(path: str) -> list[str]:
    """Remove the copies that are what the file is now, or as empty as no file is. Gives those that stay."""
    now = content(path) if os.path.isfile(to_bytes(path)) else b""
    left = []
    for each in backups(path):
        if content(each) == now:
            os.unlink(to_bytes(each))
        else:
            left.append(each)
    return left


def _back_up(path: str, data: bytes) -> None:
    """Copy a file beside itself, under a name that is not taken, unless there is such a copy. Raises OSError."""
    taken = backups(path)
    if any(content(each) == data for each in taken):
        return
    names = [path + BACKUP_SUFFIX, *(f"{path}{BACKUP_SUFFIX}.{number}" for number in range(2, len(taken) + 100))]
    free = next(each for each in names if not os.path.lexists(to_bytes(each)))
    atomic_file.write(free, data, like=os.stat(to_bytes(path)))


@contextlib.contextmanager
def _locked(directory: bytes) -> Iterator[None]:
    """Keep other calls of goshim from changing files in a directory, for at most 10 s if one of them hangs.

    The directory itself is locked, since a lock file would be left in the user's home.
    """
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        end_s = time.monotonic() + _LOCK_LIMIT_S
        while not _is_locked(descriptor) and time.monotonic() < end_s:
            time.sleep(_LOOK_EVERY_S)
        yield
    finally:
        os.close(descriptor)


def _is_locked(descriptor: int) -> bool:
    """Try to lock; a file system without locks counts as locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
