"""`goshim install` and `goshim uninstall`: the launcher's place, and the start files that put it first on PATH."""

from __future__ import annotations

import os

from plumbum import cli

from goshim import start_files
from goshim.cli.command import Command
from goshim.cli.session import Session, write
from goshim.errors import GoshimError, UsageError
from goshim.install import DEFAULT_DIRECTORY, install, uninstall


class Install(Command):
    """Place the launcher, a file named go, and tell the line for the start file that puts it first on PATH."""

    directory = cli.SwitchAttr("--dir", str, argname="DIR", help=f"where to put it; else ~/{DEFAULT_DIRECTORY}")
    start_file = cli.Flag(
        "--start-file", help="write it into the start files: ~/.profile, and those of bash, zsh and fish"
    )

    def main(self) -> int:
        """Write what was asked for, and tell it."""
        session = Session.here()
        directory = place(session, self.directory)
        if self.start_file and not session.machine.home:
            raise UsageError("--start-file: HOME is not set to an absolute path, so there are no start files to write")
        path = install(directory, _last_resort(session))
        session.store.clear()
        write(f"installed {path}")
        if self.start_file:
            for each in start_files.all_of(session.machine.home, directory, session.environment):
                write(f"{'written' if start_files.add(each) else 'as it was'}: {each.path}")
            write("it counts from the next login on; for this shell:")
        else:
            write("put it first on PATH, in ~/.profile and your shell's start file (or: goshim install --start-file):")
        is_fish = session.environment.get("SHELL", "").endswith("/fish")
        write("  " + (start_files.fish_line if is_fish else start_files.posix_line)(directory))
        return 0


class Uninstall(Command):
    """Remove the launcher, what install wrote into start files, and stored plans."""

    directory = cli.SwitchAttr("--dir", str, argname="DIR", help=f"where it is; else ~/{DEFAULT_DIRECTORY}")

    def main(self) -> int:
        """Remove what there is, and tell it."""
        session = Session.here()
        directory = place(session, self.directory)
        removed = [uninstall(directory)]
        if session.machine.home:
            found = start_files.all_of(session.machine.home, directory, session.environment)
            removed += [each.path if start_files.remove(each) else None for each in found]
        session.store.clear()
        for path in filter(None, removed):
            write(f"removed from {path}" if not path.endswith("/go") else f"removed {path}")
        if not any(removed):
            write(f"nothing to remove in {directory}, nor in start files")
        return 0


def place(session: Session, directory: str | None) -> str:
    """The launcher's directory as an absolute path. Raises UsageError where PATH could not hold it."""
    if directory is None:
        if not session.machine.home:
            raise UsageError("HOME is not set to an absolute path\n  name a directory: goshim install --dir DIR")
        directory = f"{session.machine.home.rstrip('/')}/{DEFAULT_DIRECTORY}"
    directory = os.path.normpath(os.path.join(session.directory, directory))
    if ":" in directory or "\n" in directory:
        raise UsageError(f"{directory!r}: PATH can't hold a directory with a colon or a line break in its name")
    return directory


def _last_resort(session: Session) -> str:
    """A go that is there now, for the day when PATH has none: the embedded one if there is one."""
    embedded = session.search.embedded()
    try:
        return embedded or session.search.choose().go
    except GoshimError:
        return ""
