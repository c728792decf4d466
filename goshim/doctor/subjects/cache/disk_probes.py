"""What a disk takes, allows and has left: asked by writing to it, into a directory that is gone afterwards.

Probes are made in threads that end with the process, whatever they are at, so their `finally` may never run. Hence each
directory of ours is known before it is made, and `clean_up` removes what there is of them when the process ends. What a
killed process left is removed by a later one.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import itertools
import os
import re
import stat
import threading
import time
from collections.abc import Iterator
from typing import Any

from goshim.base.encoding import to_bytes
from goshim.base.terminal import printable
from goshim.facts.host import Host, UnreadableError

PREFIX = ".goshim-probe-"
FILES = 30
LIMIT_S = 0.15  # for one place
STALE_S = 3600

_NAME = re.compile(rf"{re.escape(PREFIX)}([1-9]\d*)-\d+-\d+".encode())
_CONTENT = b"x" * 4096
_TRIES = 10
_BETWEEN_TRIES_S = 0.02  # what a virus scanner holds it holds for some milliseconds
_HANGS_AFTER_S = 0.2

_numbers = itertools.count(1)
_scratches: set[Scratch] = set()
_over = threading.Event()


class Scratch:
    """A new directory below another, for files that live for a moment."""

    def __init__(self, parent: str) -> None:
        """Name it; its name tells whose it is."""
        self._parent = to_bytes(parent)
        name = f"{PREFIX}{os.getpid()}-{next(_numbers)}-{time.time_ns()}"
        self._path = os.path.join(self._parent, name.encode())
        self._lock = threading.RLock()  # held while there may be files; a signal may come in the thread that has it

    def make(self) -> None:
        """Make it, and remove what dead processes left beside it. Raises UnreadableError."""
        _scratches.add(self)
        try:
            with self._lock:
                _stop_if_over()
                os.mkdir(self._path, 0o700)
        except OSError as error:
            _scratches.discard(self)
            raise _unreadable(self._parent, error) from None
        _remove_stale(self._parent)

    def cycle(self) -> tuple[float, str, int]:
        """Make a file, rename it and remove it, as go does with each that it fetches.

        Gives how many seconds it took, and the step that was refused (`create`, `rename` or `remove`; empty for none)
        with its error number.
        """
        name = os.path.join(self._path, str(next(_numbers)).encode())
        step, number = "", 0
        with self._lock:
            _stop_if_over()
            began_s = time.perf_counter()
            try:
                step = "create"
                _write(name + b".tmp")
                step = "rename"
                os.rename(name + b".tmp", name)
                step = "remove"
                os.unlink(name)
                step = ""
            except OSError as error:
                number = error.errno or errno.EIO
            took_s = time.perf_counter() - began_s
        return took_s, step, number

    def remove(self) -> None:
        """Remove it with what is in it, unless the disk hangs, or somebody holds a file of ours for too long."""
        if not self._lock.acquire(timeout=_HANGS_AFTER_S):
            return
        try:
            if _remove(self._path, _TRIES):
                _scratches.discard(self)
        finally:
            self._lock.release()


@contextlib.contextmanager
def scratch(parent: str) -> Iterator[Scratch]:
    """Such a directory, gone afterwards. Raises UnreadableError where it can't be made."""
    made = Scratch(parent)
    made.make()
    try:
        yield made
    finally:
        made.remove()


def clean_up() -> None:
    """Remove what probes have made, and let them make no more. For the end of the process, also by a signal.

    It takes some tenths of a second at most.
    """
    _over.set()
    for made in list(_scratches):
        made.remove()


atexit.register(clean_up)


def write_time(_host: Host, directory: str) -> dict[str, Any]:
    """How long it takes to make, rename and remove a small file in a directory: the fastest of up to FILES.

    The fastest, for what other threads take away is not the disk's. `refused` are those that could not be renamed or
    removed, because somebody held them.
    """
    fastest_s, done, refused = 0.0, 0, 0
    with scratch(directory) as place:
        end_s = time.monotonic() + LIMIT_S
        for _ in range(FILES):
            took_s, step, number = place.cycle()
            if step == "create":
                raise _unreadable(to_bytes(directory), OSError(number, os.strerror(number)))
            if step:
                refused += 1
            else:
                fastest_s = min(took_s, fastest_s) if done else took_s
                done += 1
            if time.monotonic() >= end_s:
                break
    return {"fastest_us": round(fastest_s * 1e6), "done": done, "refused": refused}


def trial(_host: Host, directory: str) -> dict[str, Any]:
    """Which step is refused of making, renaming and removing a file below a directory; `step` is empty for none.

    On a Windows drive mode bits tell nothing, and a full disk or a used-up quota shows only so. `owner` is that of the
    directory; empty if it is ours, or can't be told.
    """
    try:
        with scratch(directory) as place:
            _, step, number = place.cycle()
    except UnreadableError as error:
        step, number = "create", error.errno or 0
        if not number:
            raise
    name = errno.errorcode.get(number, str(number)) if step else ""
    return {"step": step, "error": name, "owner": _owner_of(directory)}


def name_of(user: int) -> str:
    """The name of a user by his number."""
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"


def space(_host: Host, path: str) -> dict[str, int]:
    """What is free, and what there is, where a path lies or would lie; both zero for inodes that are not counted."""
    here = to_bytes(path)
    while not os.path.exists(here) and here.strip(b"/"):
        here = os.path.dirname(here.rstrip(b"/"))
    found = os.statvfs(here or b"/")
    return {
        "free_bytes": found.f_bavail * found.f_frsize,
        "size_bytes": found.f_blocks * found.f_frsize,
        "free_inodes": found.f_favail,
        "inodes": found.f_files,
    }


def _owner_of(directory: str) -> str:
    try:
        owner = os.stat(to_bytes(directory)).st_uid
    except OSError:
        return ""
    return "" if owner == os.geteuid() else name_of(owner)


def _stop_if_over() -> None:
    if _over.is_set():
        raise UnreadableError("goshim is ending")


def _unreadable(path: bytes, error: OSError) -> UnreadableError:
    if isinstance(error, UnreadableError):
        return error
    found = UnreadableError(
        f"{printable(path.decode('utf-8', 'surrogateescape'))}: {(error.strerror or 'refused').lower()}"
    )
    found.errno = error.errno
    return found


def _write(path: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, _CONTENT)
    finally:
        os.close(file)


def _remove(path: bytes, tries: int) -> bool:
    for left in reversed(range(tries)):
        with contextlib.suppress(OSError):
            for name in os.listdir(path):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(path, name))
            os.rmdir(path)
        if not os.path.lexists(path):
            return True
        if left:
            time.sleep(_BETWEEN_TRIES_S)
    return False


def _remove_stale(parent: bytes) -> None:
    """Remove what processes that are gone left here: directories of ours, by their names, older than an hour.

    The hour is for processes of other containers, whose numbers mean nothing here.
    """
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            found = _NAME.fullmatch(name)
            if found and not os.path.exists(f"/proc/{int(found[1])}"):
                path = os.path.join(parent, name)
                status = os.lstat(path)
                is_ours = stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid()
                if is_ours and time.time() - status.st_mtime > STALE_S:
                    _remove(path, 1)
