"""`goshim cache copy`: what a module cache on a Windows drive has, once, for one on Linux's own disk."""

from __future__ import annotations

import os
import sys

from plumbum import cli
from rich.console import Console
from rich.progress import Progress

from goshim.base.errors import UsageError
from goshim.base.terminal import printable
from goshim.cli.command import Command, Group
from goshim.cli.module_cache import copy, files
from goshim.cli.session import Session, write
from goshim.facts import go_env_file
from goshim.facts.module_cache import locate

_NAME_ONE = "name the one to copy: goshim cache copy --from DIR"


class Cache(Group):
    """The module cache: cache copy."""


@Cache.subcommand("copy")
class Copy(Command):
    """Copy the downloads of the module cache in use to ~/go/pkg/mod; what is there already stays."""

    source = cli.SwitchAttr("--from", str, argname="DIR", help="the module cache to copy; else the one go would use")
    target = cli.SwitchAttr("--to", str, argname="DIR", help="the module cache to copy to; else ~/go/pkg/mod")

    def main(self) -> int:
        """Copy, and tell how much."""
        session = Session.here()
        machine = session.machine
        used = locate(machine.variables, go_env_file.read(session.host, machine.mounts), machine.mounts)
        source = os.path.join(session.directory, self.source or used)
        target = os.path.join(session.directory, self.target or (f"{machine.home}/go/pkg/mod" if machine.home else ""))
        if not os.path.isdir(f"{source}/cache/download"):
            raise UsageError(f"{printable(source)}: no module cache (no cache/download in it)\n  {_NAME_ONE}")
        if os.path.realpath(source) == os.path.realpath(target):
            raise UsageError(f"{printable(source)} is the module cache to copy to already\n  {_NAME_ONE}")
        found = list(files(source))
        with Progress(console=Console(file=sys.stderr), disable=not sys.stderr.isatty(), transient=True) as progress:
            copied = [copy(source, target, name) for name in progress.track(found, description="copying")]
        count = f"{sum(copied)} of {len(found)} files"
        write(f"copied {count} from {printable(source)} to {printable(target)}; the others were already there")
        return 0
