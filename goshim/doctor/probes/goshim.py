"""What the goshim that looks says of itself, and of where it looks."""

from __future__ import annotations

import sys
from typing import Any

from goshim import __version__, calls, data
from goshim.facts.host import Host


def installation(_host: Host, _subject: str) -> dict[str, Any]:
    """Its version, the Python that runs it, its boot.py, where an embedded go would be."""
    return {
        "version": __version__,
        "python": sys.executable,
        "boot": data.BOOT,
        "embedded": list(data.beside("go/bin/go")),
    }


def project(host: Host, _subject: str) -> str | None:
    """The directory of the project file."""
    found = calls.project(host.environment, host.directory)
    return None if found == calls.NO_PROJECT else found
