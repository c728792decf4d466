"""The order of Go versions, as go itself compares them: internal/gover, Parse and Compare; cmd/go/internal/gover."""

from __future__ import annotations

import re

_VERSION = re.compile(r"(\d+)(?:\.(\d+)(?:\.(\d+)|([a-z]+)(\d*))?)?")
_STAGES = ("", "alpha", "beta", "rc")  # of a release that is not out yet; all of them come before its .0
_RELEASED = len(_STAGES)
_FIRST_WITH_ZERO = (1, 21)  # until then 1.20 was the name of the release itself

Order = tuple[int, int, int, int]


def order(version: str) -> Order | None:
    """What versions are sorted by; None for what is none.

    `go1.27.3`, `1.27` and `go1.24.11-suffix` are versions. 1.27, of the language, is less than 1.27rc1 and 1.27.0.
    """
    found = _VERSION.fullmatch(re.split(r"[ \t-]", version.removeprefix("go"), maxsplit=1)[0])
    if not found:
        return None
    major, minor = int(found[1]), int(found[2] or 0)
    if found[3]:
        return major, minor, _RELEASED, int(found[3])
    if found[4]:
        stage = _STAGES.index(found[4]) if found[4] in _STAGES else 1
        return major, minor, stage, int(found[5] or 0)
    is_release = (major, minor) < _FIRST_WITH_ZERO
    return major, minor, _RELEASED if is_release else 0, 0


def minor(version: str) -> int | None:
    """27 of go1.27.3; None for what is no version of Go 1."""
    found = order(version)
    return found[1] if found and found[0] == 1 else None


def is_language(version: str) -> bool:
    """Whether it names a version of the language and no release, as 1.27 does."""
    found = order(version)
    return found is not None and found[2:] == (0, 0)
