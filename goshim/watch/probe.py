"""Asking a directory whether we may write into it, by writing into it: on a Windows drive mode bits tell nothing."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os

_numbers = itertools.count()
_left: set[str] = set()


def refusal(directory: str) -> int:
    """The error number with which a new file is refused; 0 if it can be made. That its removal is, is no matter."""
    path = os.path.join(directory, f".goshim-{os.getpid()}-{next(_numbers)}.tmp")  # the last one may still be held
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except OSError as error:
        return error.errno or errno.EIO
    _left.add(path)
    clear()
    return 0


def clear() -> None:
    """Remove what we made; what is held stays for the next time."""
    for path in list(_left):
        with contextlib.suppress(OSError):
            os.unlink(path)
            _left.discard(path)
