"""`goshim`: the command that holds the others."""

from __future__ import annotations

from goshim import __version__
from goshim.cli.command import Group


class Goshim(Group):
    """The real go in a clean environment: what goshim does to a call of go, and how to set it up."""

    PROGNAME = "goshim"
    VERSION = __version__


for _name in (
    "doctor",
    "env",
    "exec",
    "which",
    "install",
    "uninstall",
    "off",
    "on",
    "config",
    "trust",
    "untrust",
    "history",
    "cache",
    "completion",
):
    _module = {"uninstall": "install", "on": "off", "exec": "execute", "untrust": "trust"}.get(_name, _name)
    Goshim.subcommand(_name, f"goshim.cli.{_module}.{_name.capitalize()}")
