"""The downloads in a module cache, and copying them: what is complete and what another go may be writing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from goshim.base.errors import UsageError
from goshim.base.terminal import printable
from goshim.facts.module_cache import DOWNLOADS

# Locks and unfinished files of a go at work (cmd/go/internal/modfetch/cache.go); `list` is made anew for what is there.
_UNFINISHED = (".lock", ".tmp", ".partial")


def files(cache: str) -> Iterator[str]:
    """Each complete download of a module cache, by its name below cache/download; a zip before what vouches for it."""
    base = os.path.join(cache, DOWNLOADS)
    for directory, _, names in os.walk(base):
        for name in sorted(names, key=lambda name: (not name.endswith(".zip"), name)):
            path = os.path.join(directory, name)
            if name != "list" and not name.endswith(_UNFINISHED) and os.path.isfile(path):
                yield os.path.relpath(path, base)


def copy(source: str, target: str, name: str) -> bool:
    """Copy one download, whole or not at all, unless it is there. Says whether it was copied. Raises UsageError."""
    wanted = os.path.join(target, DOWNLOADS, name)
    if os.path.lexists(wanted):
        return False
    torn = f"{wanted}.{os.getpid()}.tmp"
    try:
        os.makedirs(os.path.dirname(wanted), exist_ok=True)
        shutil.copyfile(os.path.join(source, DOWNLOADS, name), torn)
        os.replace(torn, wanted)
    except OSError as error:
        if os.path.exists(torn):
            os.unlink(torn)
        raise UsageError(
            f"{printable(str(error.filename))}: {error.strerror}\n  what was copied so far stays; run it again to go on"
        ) from None
    return True
