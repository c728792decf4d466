"""What to do where a file is refused for good: a sentence or two, with the command.

Each of these looks at the machine and says only what is so now. A command holds the exact path, every link followed;
for a path that a terminal can't show exactly there is none.
"""

from __future__ import annotations

import os
import stat
from shlex import quote

from goshim.base.terminal import printable

_ROOM_BYTES, _ROOM_FILES = 1 << 30, 1000  # with less of both free, a download can fill what is left


def full(path: str, point: str) -> str:
    """No space was left on the mount at `point`."""
    asks = _command("df -h", point, "shows how much there is")
    if not _is_full(path):
        return f"there was no space left for {printable(path)}, and there is now: run it again.{asks}"
    return (
        f"{printable(point)} is full, so {printable(path)} could not be written. `go clean -cache` frees what go can"
        f" build again, `go clean -modcache` what it can download again.{asks}"
    )


def over_quota(path: str) -> str:
    """The user may write no more there."""
    text = f"your disk quota is used up where {printable(path)} lies."
    return f"{text} `go clean -cache -modcache` frees what go can get again."


def read_only(path: str, point: str, *, in_cache: bool) -> str:
    """The mount at `point` could not be written."""
    if not _is_read_only(path):
        return (
            f"go could not write {printable(path)}: its file system was read-only then, and is not now. Run it again."
        )
    text = f"{printable(path)} is on a file system that is mounted read-only ({printable(point)})."
    if in_cache:
        return f"{text} `go env -w GOMODCACHE=DIRECTORY` keeps modules in a directory that can be written."
    if point == "/":
        return f"{text} After a disk error Linux does that: `dmesg | tail` shows it."
    return text + _command("sudo mount -o remount,rw", point, "makes it writable")


def not_ours(there: str, cache: str, *, may_be_given: bool) -> str:
    """The user may not write `there`; `cache` is the module cache if that is in it, else empty.

    Ownership is only offered where `may_be_given`.
    """
    there, me = os.path.realpath(there), os.geteuid()
    status = _status(there)
    if status is None or os.access(there, os.W_OK):
        text = f"no file can be made in {printable(there)}, though its mode and owner allow it."
        return text + _command("lsattr -d", there, "shows an attribute that forbids it; a security policy can, too")
    if status.st_uid == me:
        text = f"{printable(there)} is not writable, though it belongs to {_name_of(me)}."
        return text + _command("chmod u+w", there, "makes it writable")
    text = f"{printable(there)} belongs to {_name_of(status.st_uid)}, and {_name_of(me)} may not write there."
    if not may_be_given or stat.S_ISLNK(status.st_mode):
        return text
    flags, given = ("-hR", os.path.realpath(cache)) if cache else ("-h", there)
    return text + _command(f"sudo chown {flags} {me}:{os.getegid()}", given, "makes it yours")


def not_made(directory: str, cache: str, *, may_be_given: bool) -> str:
    """The module cache is missing, and so is the permission to make it in `directory`."""
    directory, me = os.path.realpath(directory), os.geteuid()
    status = _status(directory)
    owner = _name_of(status.st_uid) if status else "another user"
    text = f"{printable(directory)} belongs to {owner}, and {_name_of(me)} may not make {printable(cache)} there."
    text = f"{text} `go env -w GOMODCACHE=DIRECTORY` takes another directory."
    if not may_be_given or status is None or status.st_uid == me:
        return text
    return text + _command(f"sudo install -d -o {me} -g {os.getegid()}", os.path.realpath(cache), "makes it yours")


def _command(words: str, path: str, does: str) -> str:
    """A sentence with a command for a path; empty where the path holds what a terminal can't show exactly."""
    return f" `{words} {quote(path)}` {does}." if path.isprintable() and path.startswith("/") else ""


def _is_full(path: str) -> bool:
    there = _file_system(path)
    if there is None:
        return False
    return there.f_bavail * there.f_frsize < _ROOM_BYTES or (there.f_files > 0 and there.f_favail < _ROOM_FILES)


def _is_read_only(path: str) -> bool:
    there = _file_system(path)
    return there is not None and bool(there.f_flag & os.ST_RDONLY)


def _file_system(path: str) -> os.statvfs_result | None:
    """What statvfs(3) says of the path, or of what there is of it."""
    path = os.path.realpath(path)
    while not os.path.exists(path) and path != "/":
        path = os.path.dirname(path)
    try:
        return os.statvfs(path)
    except OSError:
        return None


def _status(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except OSError:
        return None


def _name_of(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
