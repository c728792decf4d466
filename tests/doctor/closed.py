"""A machine that can't be asked anything: whoever reads a file, or starts a program, is found out."""

from __future__ import annotations

import builtins
import contextlib
import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

_DOORS = ("open", "stat", "lstat", "listdir", "scandir", "readlink", "access", "statvfs")


@contextlib.contextmanager
def closed_machine() -> Iterator[list[str]]:
    """While this lasts nothing can be read, and nothing run; gives what was tried, for errors are often caught."""
    tried: list[str] = []

    def refuse(*words: Any, **_more: Any) -> Any:
        tried.append(repr(words))
        raise AssertionError(f"the machine was asked: {words}")

    with pytest.MonkeyPatch.context() as patch:
        for name in _DOORS:
            patch.setattr(os, name, refuse)
        patch.setattr(builtins, "open", refuse)
        patch.setattr(subprocess, "Popen", refuse)
        yield tried
