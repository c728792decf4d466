"""A directory in which goshim keeps things of its own: whether it is safe to use, and making it.

It is ours alone: nobody else owns it or may write to it, nobody else could have put it where it is by a link, and it
is not in a checkout, whose files others wrote and whose directories CI publishes as caches. Goshim leaves nothing in
the home of another user.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from typing import NamedTuple

from goshim.base.encoding import to_bytes, to_text

CHECKOUT_MARKS = (".git", ".hg", "go.mod", "go.work")
MARKS = (*CHECKOUT_MARKS, ".goshim.toml")
OTHERS_MAY_WRITE = 0o022
_OWN_MODE = 0o700
_USUAL_MODE = 0o755  # of the directories above it, less the umask
MOST_LINKS = 40  # that one path may lead through, as for Linux (path_resolution(7))


class Fault(NamedTuple):
    """Why a directory is not used: the kind, the path at fault, and its owner's number, -1 where nobody's.

    The kinds: `relative`; `home` (HOME is another user's), `no-home` (HOME is not there), `root-home` (root would make
    directories in what may become a user's home), `checkout`, `link` (somebody else could have put it there), `above`
    (the nearest directory that is there is another user's), `is-link`, `no-directory`, `owner`, `mode`, `unreadable`.
    """

    kind: str
    path: str
    owner: int = -1


def fault(directory: str, home: str) -> Fault | None:
    """What keeps goshim from using a directory, None if nothing does. Nothing is made; it need not be there yet.

    `home` is what HOME says, of which nothing is asked where the directory does not lie below it.
    """
    if not directory.startswith("/"):
        return Fault("relative", directory)
    try:
        return _home_fault(directory, home) or _way_fault(directory) or _own_fault(directory)
    except (OSError, ValueError):
        return Fault("unreadable", directory)


def make(directory: str, home: str) -> bool:
    """Have a directory that may be used, with what is missing above it. Says whether it is there."""
    if fault(directory, home):
        return False
    try:
        make_above(directory)
        if not os.path.lexists(to_bytes(directory)):
            os.mkdir(to_bytes(directory), _OWN_MODE)
    except FileExistsError:  # another call was faster
        return fault(directory, home) is None
    except (OSError, ValueError):
        return False
    return True


def make_above(path: str) -> None:
    """Make the directories above a path that are missing, for others to enter as far as the umask lets them.

    Nobody else may write to them, whatever the umask. Raises OSError.
    """
    above = os.path.dirname(to_bytes(path).rstrip(b"/"))
    if not os.path.isdir(above):
        make_above(to_text(above))
        try:
            os.mkdir(above, _USUAL_MODE)
        except FileExistsError:
            if not os.path.isdir(above):
                raise


def is_roots_alone(directory: str) -> bool:
    """Whether a directory of root's is surely not the home of a user to be. Raises OSError.

    It is so in the home of root's account, below directories that are closed to all others, and in those for temporary
    files, which are sticky.
    """
    home = account_home()
    if home.startswith("/") and is_below(directory, home):
        return True
    if os.stat(to_bytes(directory)).st_mode & OTHERS_MAY_WRITE:
        return False
    return any(mode & stat.S_ISVTX for mode in _modes_upward(directory)) or is_closed(directory)


def is_closed(directory: str) -> bool:
    """Whether no other user but root can enter a directory, which need not be there yet, or one above it."""
    return any(not mode & (stat.S_IXGRP | stat.S_IXOTH) for mode in _modes_upward(directory))


def _modes_upward(directory: str) -> Iterator[int]:
    at = os.path.realpath(to_bytes(directory))
    while at != b"/":
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            yield os.stat(at).st_mode
        at = os.path.dirname(at)


def is_below(path: str, directory: str) -> bool:
    """Whether a path is, by its name, in a directory or is that directory."""
    return f"{path.rstrip('/')}/".startswith(f"{directory.rstrip('/')}/")


def _home_fault(directory: str, home: str) -> Fault | None:
    if not home.startswith("/") or not is_below(directory, home):
        return None
    if not os.path.isdir(to_bytes(home)):
        return Fault("no-home", home)
    owner = os.stat(to_bytes(home)).st_uid
    return None if _is_trusted(owner) else Fault("home", home, owner)


def _way_fault(directory: str) -> Fault | None:
    """What is wrong above the directory: the names it is reached by, and where they lead."""
    above = os.path.dirname(directory.rstrip("/"))
    if found := _planted_link(above):
        return found
    real = to_text(os.path.realpath(to_bytes(above)))
    for name in dict.fromkeys((above, real)):
        if found := _checkout(name):
            return found
    return _unsafe_to_make(directory, real)


def _planted_link(path: str) -> Fault | None:
    """A link on the way that belongs to another user, or lies where others can put links that we made elsewhere."""
    at, left, links = b"", to_bytes(path).split(b"/")[::-1], 0
    while left:
        step = left.pop()
        if step in (b"", b"."):
            continue
        if step == b"..":
            at = os.path.dirname(at) if at else at
            continue
        parent, at = at or b"/", at.rstrip(b"/") + b"/" + step
        try:
            status = os.lstat(at)
        except (FileNotFoundError, NotADirectoryError):
            return None  # nothing more on this way
        if not stat.S_ISLNK(status.st_mode):
            continue
        links += 1
        around = os.stat(parent)
        is_open = around.st_mode & stat.S_IWOTH and not around.st_mode & stat.S_ISVTX
        if links > MOST_LINKS or is_open or not (_is_trusted(status.st_uid) and _is_trusted(around.st_uid)):
            return Fault("link", to_text(at), status.st_uid)
        link = os.readlink(at)
        at = b"" if link.startswith(b"/") else parent
        left += link.split(b"/")[::-1]
    return None


def _checkout(path: str) -> Fault | None:
    """A checkout in which a path lies; the account's own home, and what is above that, is none."""
    at = path.rstrip("/")
    while at:
        if any(os.path.exists(to_bytes(f"{at}/{mark}")) for mark in MARKS) and not _is_of_account(at):
            return Fault("checkout", at)
        at = at.rpartition("/")[0]
    return None


def _is_of_account(directory: str) -> bool:
    home = account_home()
    if not home.startswith("/"):
        return False
    reals = (to_text(os.path.realpath(to_bytes(path))) for path in (home, directory))
    return is_below(home, directory) or is_below(*reals)


def _unsafe_to_make(directory: str, above: str) -> Fault | None:
    """What is wrong with making what is missing. `above` is the real path of the directory above."""
    nearest = above
    while not os.path.isdir(to_bytes(nearest)) and nearest != "/":
        nearest = os.path.dirname(nearest)
    status = os.stat(to_bytes(nearest))
    if not _is_trusted(status.st_uid):
        return None if os.path.isdir(to_bytes(directory)) and os.geteuid() else Fault("above", nearest, status.st_uid)
    if nearest != above and not os.geteuid() and not is_roots_alone(nearest):
        return Fault("root-home", nearest, status.st_uid)
    return None


def _own_fault(directory: str) -> Fault | None:
    try:
        status = os.lstat(to_bytes(directory))
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(status.st_mode):
        return Fault("is-link", directory, status.st_uid)
    if not stat.S_ISDIR(status.st_mode):
        return Fault("no-directory", directory, status.st_uid)
    if status.st_uid != os.geteuid():
        return Fault("owner", directory, status.st_uid)
    return Fault("mode", directory, status.st_uid) if status.st_mode & OTHERS_MAY_WRITE else None


def _is_trusted(owner: int) -> bool:
    return owner in (0, os.geteuid())


def account_home() -> str:
    """The home of the account that we run as, by the database of users; empty where the account has none."""
    import pwd

    try:
        return pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return ""
