"""The modules of a workspace, as go.work lists them: go.dev/ref/mod#go-work-file-use."""

from __future__ import annotations

import os
import re

from goshim.facts.host import Host

_OPERANDS = r"^[ \t]*{}(?:[ \t]*\(([^)]*)\)[ \t\r]*|[ \t]+([^(\s].*))$"
_COMMENT = re.compile(r"//.*")


def used(text: str, directive: str = "use") -> list[str]:
    """The directories that a go.work uses, as it writes them; or the tools of a go.mod by its directive `tool`."""
    found = re.findall(_OPERANDS.format(directive), _COMMENT.sub("", text), re.MULTILINE)
    return [line.strip().strip('"`') for block, one in found for line in (block or one).split("\n") if line.strip()]


def members(directory: str, text: str) -> list[str]:
    """The same as absolute paths, for a go.work that lies in `directory`."""
    return [os.path.normpath(os.path.join(directory, each)) for each in used(text)]


def directories(host: Host, named: str) -> list[str]:
    """The directory of the go.work in force, then those of its modules; none without one. `named` is GOWORK's value."""
    directory = os.path.dirname(named) if named.startswith("/") else host.above("go.work")
    if named == "off" or not directory:
        return []
    file = named if named.startswith("/") else f"{directory}/go.work"
    return [directory, *members(directory, host.text(file))]
