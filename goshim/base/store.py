"""The store of what can be worked out again: plans and parsed settings. Deleting any of it changes nothing but time.

Its directory is sticky. Bash has no builtin that reads a mode, but it can ask for that bit, and whoever opens the
directory to others (`chmod 777`) clears it. Where others may write to a sticky directory all the same, they can't
rename or remove what is ours. Plans ask for the bit where the file system keeps it.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections.abc import Iterator, Mapping

from goshim.base import atomic_file, own_directory
from goshim.base.encoding import to_bytes, to_text
from goshim.base.own_directory import OTHERS_MAY_WRITE

KEEP_S = 30 * 86400
KEEP_TORN_S = 3600
SWEEP_EVERY_S = 86400
_MODE = 0o1700


def locate(environment: Mapping[str, str]) -> str | None:
    """`$XDG_CACHE_HOME/goshim`, or `~/.cache/goshim`; None unless absolute, since a clone could bring a `.cache/`."""
    base = environment.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        base = (environment.get("HOME") or ".") + "/.cache"
    return f"{base}/goshim" if base.startswith("/") else None


def of(environment: Mapping[str, str]) -> Store:
    """The store for calls with this environment; one that keeps nothing where there is no safe place for it."""
    return Store(locate(environment), environment.get("HOME", ""))


class Store:
    """A directory that is nobody's but ours. No fault of it is ever raised: it only makes calls slower."""

    def __init__(self, directory: str | None, home: str = "") -> None:
        """Use `directory`, made for us alone where it is missing; None keeps nothing. `home` is what HOME says."""
        self.directory = directory if directory and own_directory.make(directory, home) else None
        self.is_sticky = bool(self.directory) and _is_sticky(self.directory or "")

    def read(self, name: str) -> bytes | None:
        """What was last written under a name; None for nothing."""
        try:
            path = self._path(name)
            file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(file, "rb") as stream:
                status = os.fstat(file)
                return stream.read() if stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() else None
        except (OSError, ValueError):
            return None

    def write(self, name: str, data: bytes) -> bool:
        """Put data under a name, whole or not at all, whoever else writes or dies. Says whether it is there."""
        try:
            atomic_file.write(to_text(self._path(name, make=True)), data)
        except (OSError, ValueError):
            return False
        return True

    def _path(self, name: str, *, make: bool = False) -> bytes:
        """The path of a name, whose directories are ours alone and no links. Raises OSError."""
        if not self.directory:
            raise FileNotFoundError(name)
        path = to_bytes(self.directory)
        *directories, last = filter(None, to_bytes(name).split(b"/"))
        for each in directories:
            path = os.path.join(path, each)
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(path, 0o700)
            status = os.lstat(path)
            if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & OTHERS_MAY_WRITE:
                raise NotADirectoryError(to_text(path))
        return os.path.join(path, last)

    def keep_newest(self, prefix: str, count: int) -> None:
        """Remove the oldest of the files whose names begin with prefix, until count are left."""
        try:
            directory, start = os.path.split(to_text(self._path(prefix)))
            with os.scandir(directory) as entries:
                found = list(_changed(entries, start))
        except (OSError, ValueError):
            return
        for _, path in sorted(found, reverse=True)[count:]:
            _remove(path)

    def clear(self) -> None:
        """Remove all of it."""
        if self.directory:
            import shutil

            shutil.rmtree(self.directory, ignore_errors=True)

    def sweep(self) -> None:
        """Remove, at most once a day, what has not been written for a month, and what dead writers left."""
        now = time.time()
        if not self.directory or now - _changed_s(os.path.join(self.directory, "swept")) < SWEEP_EVERY_S:
            return
        self.write("swept", b"")
        for directory, _, names in os.walk(self.directory, topdown=False):
            for name in names:
                path = os.path.join(directory, name)
                if now - _changed_s(path) > (KEEP_TORN_S if name.endswith(atomic_file.TORN) else KEEP_S):
                    _remove(path)
            if directory != self.directory:
                try:
                    os.rmdir(directory)
                except OSError:
                    continue  # not empty


def _is_sticky(directory: str) -> bool:
    """Whether it has the mode that a store has, which it is given; some file systems keep no such mode."""
    try:
        if stat.S_IMODE(os.lstat(directory).st_mode) != _MODE:
            os.chmod(directory, _MODE)
        return bool(os.lstat(directory).st_mode & stat.S_ISVTX)
    except OSError:
        return False


def _changed(entries: Iterator[os.DirEntry[str]], start: str) -> Iterator[tuple[int, str]]:
    for entry in entries:
        if entry.name.startswith(start):
            yield entry.stat(follow_symlinks=False).st_mtime_ns, entry.path


def _changed_s(path: str) -> float:
    try:
        return os.lstat(path).st_mtime
    except OSError:
        return 0.0


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return
