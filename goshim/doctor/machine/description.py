"""What machine this is, in the words its owner has for it."""

from __future__ import annotations

import re

from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts.wsl import read_line

_NAMED = re.compile(r'^PRETTY_NAME="?([^"\n]*)"?$', re.MULTILINE)


def system(look: Look) -> str:
    """The distribution by os-release(5), and whether it is under WSL."""
    text = look.host.text("/etc/os-release") or look.host.text("/usr/lib/os-release")
    named = _NAMED.search(text)
    kind = {"wsl1": " on WSL1", "wsl2": " on WSL2"}.get(look(basics.machine).wsl, "")
    return (named[1] if named else "Linux") + kind


def kernel(look: Look) -> str:
    """The kernel's release."""
    return read_line(look.host, "/proc/sys/kernel/osrelease")


def go(look: Look) -> str:
    """The version of the go that is run here; empty where there is none, or it is another manager's shim."""
    try:
        toolchain = look(basics.toolchain)
    except UnknownError:
        return ""
    return look(basics.search).version(toolchain.goroot)
