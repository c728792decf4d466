"""Files that others read, or that a signal may leave half written: put in place at once or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time

from goshim.base.encoding import to_bytes

TORN = ".torn"
"""How the names end of what a writer leaves that is killed."""


def put(path: str, data: bytes, mode: int = 0o600) -> None:
    """Write a file under a name that a user chose: as `write`, but in the place of a regular file, or of nothing, only.

    A link, which would be replaced, or a FIFO may have been put there by somebody else, such as with a clone. Raises
    OSError.
    """
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISREG(os.lstat(to_bytes(path)).st_mode):
            raise FileExistsError(errno.EEXIST, "not a regular file", path)
    write(path, data, mode)


def write(path: str, data: bytes, mode: int = 0o600, like: os.stat_result | None = None) -> None:
    """Write a file whole, whoever else writes or dies, with this mode whatever the umask. Raises OSError.

    It has owner, group and mode of `like`, if that is given, as far as the user may give them away and the disk knows
    of such.
    """
    target = to_bytes(path)
    if like:
        mode = stat.S_IMODE(like.st_mode)
    torn = os.path.join(os.path.dirname(target), b".goshim-%d-%d" % (os.getpid(), time.monotonic_ns()) + TORN.encode())
    try:
        with open(os.open(torn, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with contextlib.suppress(OSError):
                if like:
                    os.fchown(file.fileno(), like.st_uid if os.geteuid() == 0 else -1, like.st_gid)
            with contextlib.suppress(OSError):
                os.fchmod(file.fileno(), mode)
            file.write(data)
        os.replace(torn, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(torn)
        raise
