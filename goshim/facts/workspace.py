"""The modules of a workspace, as go.work lists them: go.dev/ref/mod#go-work-file-use."""

from __future__ import annotations

import os
import re

_USE = re.compile(r"^[ \t]*use[ \t]*(?:\(([^)]*)\)|([^(\s].*))$", re.MULTILINE)
_COMMENT = re.compile(r"//.*")


def used(text: str) -> list[str]:
    """The directories that a go.work uses, as it writes them."""
    found = _USE.findall(_COMMENT.sub("", text))
    return [line.strip().strip('"`') for block, one in found for line in (block or one).split("\n") if line.strip()]


def members(directory: str, text: str) -> list[str]:
    """The same as absolute paths, for a go.work that lies in `directory`."""
    return [os.path.normpath(os.path.join(directory, each)) for each in used(text)]
