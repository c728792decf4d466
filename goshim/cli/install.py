"""`goshim install` and `goshim uninstall`: the launcher's place, and the start files that put it first on PATH."""

from __future__ import annotations

import os

from plumbum import cli

from goshim.base.errors import GoshimError, UsageError
from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import Session, write, write_exact
from goshim.launcher import start_files
from goshim.launcher.install import DEFAULT_DIRECTORY, install, uninstall
from goshim.launcher.start_block import fish_line, posix_line
from goshim.launcher.start_files import Removal, StartFile


class Install(Command):
    """Install the launcher, a file named go, and print the line for the start file that puts it first on PATH."""

    directory = cli.SwitchAttr("--dir", str, argname="DIR", help=f"where to put it; default: ~/{DEFAULT_DIRECTORY}")
    start_file = cli.Flag(
        "--start-file", help="write the line into the start files: ~/.profile, and those of bash, zsh and fish"
    )

    def main(self) -> int:
        """Write what was asked for, and report it."""
        session = Session.here()
        directory = place(session, self.directory)
        if self.start_file and not session.machine.home:
            raise UsageError("--start-file: HOME is not set to an absolute path, so there are no start files to write")
        path = install(directory, _last_resort(session), session.machine.home)
        session.store.clear()
        write(f"installed {printable(path)}")
        faults = _add(session, directory) if self.start_file else []
        if self.start_file:
            write("start files take effect at your next login; for this shell:")
        else:
            write("put it first on PATH, in ~/.profile and your shell's start file (or: goshim install --start-file):")
        is_fish = session.environment.get("SHELL", "").endswith("/fish")
        write_exact(["  " + (fish_line if is_fish else posix_line)(directory)])
        if faults:
            raise UsageError("\n".join(faults))
        return 0


class Uninstall(Command):
    """Remove the launcher, what install wrote into start files, and stored plans."""

    directory = cli.SwitchAttr("--dir", str, argname="DIR", help=f"where it is; default: ~/{DEFAULT_DIRECTORY}")

    def main(self) -> int:
        """Remove what there is, and report it."""
        session = Session.here()
        directory = place(session, self.directory)
        path = uninstall(directory)
        lines = [f"removed {printable(path)}"] if path else []
        faults: list[str] = []
        for each in start_files.everywhere(session.machine.home, session.environment) if session.machine.home else []:
            try:
                removal = start_files.remove(each)
            except UsageError as error:
                faults.append(str(error))
                continue
            lines += _report(each, removal) if removal else []
        session.store.clear()
        write("\n".join(lines) or f"nothing to remove in {printable(directory)}, nor in start files")
        if faults:
            raise UsageError("\n".join(faults))
        return 0


def place(session: Session, directory: str | None) -> str:
    """The launcher's directory as an absolute path. Raises UsageError where PATH could not hold it."""
    if directory is None:
        if not session.machine.home:
            raise UsageError("HOME is not set to an absolute path\n  name a directory: goshim install --dir DIR")
        directory = f"{session.machine.home.rstrip('/')}/{DEFAULT_DIRECTORY}"
    directory = os.path.normpath(os.path.join(session.directory, directory))
    if ":" in directory or "\n" in directory:
        raise UsageError(
            f"{printable(directory)}: PATH can't hold a directory with a colon or a line break in its name\n"
            "  choose another place: goshim install --dir DIR"
        )
    return directory


def _add(session: Session, directory: str) -> list[str]:
    """Write the start files, and report each. Gives what went wrong with those that could not be written."""
    home = session.machine.home
    files = start_files.chosen(home, session.environment)
    faults = []
    for each in files:
        also = start_files.unusual(home, files) if each.path == f"{home}/.profile" else ()
        try:
            write(f"{'written' if start_files.add(each, directory, also) else 'unchanged'}: {printable(each.path)}")
            if command := start_files.syntax_error(each):
                write(f"  it has a syntax error, before which its shell stops; to see it: {command}")
        except UsageError as error:
            faults.append(str(error))
    return faults


def _report(start_file: StartFile, removal: Removal) -> list[str]:
    """What was removed from a start file, and what is left."""
    path, parts = printable(start_file.path), removal.parts
    lines = []
    if removal.is_deleted:
        lines.append(f"removed {path}, which goshim had created")
    elif parts.blocks:
        lines.append(f"removed goshim's block from {path}")
    if parts.foreign:
        count = "1 line" if parts.foreign == 1 else f"{parts.foreign} lines"
        lines.append(f"  kept in it: {count} in the block that goshim did not write")
    if parts.is_damaged:
        lines.append("  one of the block's markers was missing: only lines that goshim wrote were removed")
    lines += [f"left: {printable(each)}, a copy of {path} from before goshim's block" for each in removal.backups]
    return lines


def _last_resort(session: Session) -> str:
    """A go that is there now, for the day when PATH has none: the embedded one if there is one."""
    embedded = session.search.embedded()
    try:
        return embedded or session.search.choose().go
    except GoshimError:
        return ""
