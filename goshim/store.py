"""The store of what can be worked out again: plans and parsed settings. Deleting any of it changes nothing but time."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping

from goshim import whole_file

KEEP_S = 30 * 86400
KEEP_TORN_S = 3600
SWEEP_EVERY_S = 86400


def locate(environment: Mapping[str, str]) -> str | None:
    """`$XDG_CACHE_HOME/goshim`, or `~/.cache/goshim`; None unless absolute, since a clone could bring a `.cache/`."""
    base = environment.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        base = (environment.get("HOME") or ".") + "/.cache"
    return f"{base}/goshim" if base.startswith("/") else None


class Store:
    """A directory that is nobody's but ours. No fault of it is ever raised: it only makes calls slower."""

    def __init__(self, directory: str | None) -> None:
        """Use `directory`, made with mode 0700 where it is missing."""
        self.directory = directory if directory and _is_ours(directory) else None

    def read(self, name: str) -> bytes | None:
        """What was last written under a name; None for nothing."""
        if not self.directory:
            return None
        try:
            with open(os.path.join(self.directory, name), "rb") as file:
                return file.read()
        except (OSError, ValueError):
            return None

    def write(self, name: str, data: bytes) -> bool:
        """Put data under a name, whole or not at all, whoever else writes or dies. Says whether it is there."""
        if not self.directory:
            return False
        path = os.path.join(self.directory, name)
        try:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            whole_file.write(path, data)
        except (OSError, ValueError):
            return False
        return True

    def keep_newest(self, prefix: str, count: int) -> None:
        """Remove the oldest of the files whose names begin with prefix, until count are left."""
        directory, start = os.path.split(os.path.join(self.directory or "", prefix))
        try:
            with os.scandir(directory) as entries:
                found = [(entry.stat().st_mtime_ns, entry.path) for entry in entries if entry.name.startswith(start)]
        except OSError:
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
                if now - _changed_s(path) > (KEEP_TORN_S if name.endswith(whole_file.TORN) else KEEP_S):
                    _remove(path)
            if directory != self.directory:
                try:
                    os.rmdir(directory)
                except OSError:
                    continue  # not empty


def _is_ours(directory: str) -> bool:
    try:
        os.makedirs(os.path.dirname(directory), mode=0o700, exist_ok=True)
        if not os.path.lexists(directory):
            os.makedirs(directory, mode=0o700, exist_ok=True)
        status = os.lstat(directory)
    except (OSError, ValueError):
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


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
