"""The data that lies beside the code: config/ and bin/, in a checkout and in an installed wheel alike."""

from __future__ import annotations

import functools
import os
import sys
from typing import Any

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

BOOT = os.path.join(PACKAGE, "boot.py")  # the program that the launcher and plans run


def path(name: str) -> str:
    """The path of `config/…` or `bin/…`: below goshim/_data in a wheel, beside the package in a checkout."""
    installed = os.path.join(PACKAGE, "_data")
    return os.path.join(installed if os.path.isdir(installed) else os.path.dirname(PACKAGE), name)


def parse_toml(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises ValueError, whose message names the line."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        enable_site_packages()
        import tomli as tomllib
    return tomllib.loads(text)


def enable_site_packages() -> None:
    """Make other distributions importable. The launcher starts Python with -S: few calls need any; .pth files cost."""
    if sys.flags.no_site:
        import site

        site.main()


@functools.cache
def load_rows(name: str, table: str) -> tuple[dict[str, str], ...]:
    """The rows `[[table]]` of a file of config/."""
    with open(path(f"config/{name}"), encoding="utf-8") as file:
        return tuple(parse_toml(file.read())[table])


def beside(name: str) -> tuple[str, ...]:
    """Where a file of a distribution could be that is installed in the environment goshim runs in."""
    prefix = os.path.dirname(os.path.dirname(sys.executable))
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return (
        os.path.join(os.path.dirname(PACKAGE), name),
        os.path.join(prefix, "lib", version, "site-packages", name),
    )


def upgrade_command(what: str, python: str = sys.executable) -> str:
    """The command that puts `goshim`, or `goshim[go]`, where the goshim of this Python is, by what put it there."""
    if "/uv/tools/" in python:
        return f"uv tool install --upgrade '{what}'"
    if "/pipx/" in python:
        return f"pipx install --force '{what}'"
    if python.startswith("/usr/bin/python"):  # which a distribution keeps pip from (PEP 668)
        return f"pipx install '{what}'"
    return f"{python} -m pip install --upgrade '{what}'"
