"""What to do where a file is refused for good: a sentence or two, with the command."""

from __future__ import annotations

import os
from shlex import quote

from goshim.secrets import printable


def full(path: str, point: str) -> str:
    """No space is left on the mount at `point`."""
    path, point = printable(path), printable(point)
    return (
        f"{point} is full, so {path} could not be written. `go clean -cache` frees what go can build again,"
        f" `go clean -modcache` what it can fetch again; `df -h {quote(point)}` tells how much there is."
    )


def over_quota(path: str) -> str:
    """The user may write no more there."""
    text = f"your disk quota is used up where {printable(path)} lies."
    return f"{text} `go clean -cache -modcache` frees what go can get again."


def read_only(path: str, point: str, *, in_cache: bool) -> str:
    """The mount at `point` can't be written."""
    path, point = printable(path), printable(point)
    text = f"{path} is on a file system that is mounted read-only ({point})."
    if in_cache:
        return f"{text} `go env -w GOMODCACHE=DIRECTORY` keeps modules in a directory that can be written."
    return f"{text} `sudo mount -o remount,rw {quote(point)}` makes it writable."


def not_ours(there: str, cache: str) -> str:
    """What lies `there` belongs to somebody else; `cache` is the module cache if it is part of that, else empty."""
    me, there = _name_of(os.geteuid()), printable(there)
    if _owner_of(there) == me:
        return f"{there} may not be written, though it belongs to {me}. `chmod u+w {quote(there)}` lets you."
    gives = f"chown -R {me} {quote(cache)}" if cache else f"chown {me} {quote(there)}"
    return f"{there} belongs to {_owner_of(there)}, and {me} may not write there. `sudo {gives}` gives it to you."


def not_made(directory: str, cache: str) -> str:
    """The module cache is missing, and so is the permission to make it in `directory`."""
    me, directory, cache = _name_of(os.geteuid()), printable(directory), printable(cache)
    return (
        f"{directory} belongs to {_owner_of(directory)}, and {me} may not make {cache} there."
        f" `sudo install -d -o {me} {quote(cache)}` makes it yours, `go env -w GOMODCACHE=DIRECTORY` takes another."
    )


def _owner_of(path: str) -> str:
    try:
        return _name_of(os.stat(path).st_uid)
    except OSError:
        return "another user"


def _name_of(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
