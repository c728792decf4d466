"""The modules of a workspace, as go.work lists them: go.dev/ref/mod#go-work-file-use."""

from __future__ import annotations

import os
from itertools import islice

from goshim.base.encoding import to_text
from goshim.base.terminal import printable
from goshim.facts import mod_file
from goshim.facts.host import Host, UnreadableError

MOST_MODULES = 500  # each costs several looks at the disk; the largest workspaces that are known have some 200


def members(directory: str, text: str) -> list[str]:
    """The directories that a go.work in `directory` uses, as absolute paths.

    Raises MalformedError for a text that go refuses, UnreadableError for more than MOST_MODULES.
    """
    used = list(islice(mod_file.values(text, "use"), MOST_MODULES + 1))
    if len(used) > MOST_MODULES:
        raise UnreadableError(f"{printable(directory)}/go.work: over {MOST_MODULES} modules")
    return [os.path.normpath(os.path.join(directory, each)) for each in used if "\0" not in each]


def directories(host: Host, named: str) -> list[str]:
    """The directory of the go.work in force, then those of its modules; none without one. `named` is GOWORK's value.

    Raises UnreadableError for a go.work that go refuses, that can't be read, or that uses over MOST_MODULES modules.
    """
    directory = os.path.dirname(named) if named.startswith("/") else host.above("go.work")
    if named == "off" or not directory:
        return []
    file = named if named.startswith("/") else f"{directory.rstrip('/')}/go.work"
    try:
        return [directory, *members(directory, to_text(host.read(file) or b""))]
    except mod_file.MalformedError as error:
        raise UnreadableError(f"{printable(file)}: {error}") from None
