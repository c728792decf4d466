"""`goshim off` and `goshim on`: the one switch, for terminals, editors and builds alike."""

from __future__ import annotations

import os

from goshim.base import atomic_file, own_directory
from goshim.base.errors import UsageError
from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import Session, write
from goshim.launcher.install import SYSTEM_OFF_FILE, off_file, require_own_home


class Off(Command):
    """Turn goshim off: every go call, editors' too, runs the next go with its environment untouched."""

    def main(self) -> int:
        """Write the off file."""
        home = Session.here().environment.get("HOME", "")
        path = off_file(home)
        require_own_home(home, "GOSHIM=off turns it off, for one shell")
        try:
            own_directory.make_above(path)
            atomic_file.put(path, b"goshim is off while this file exists; goshim on removes it\n", 0o644)
        except OSError as error:
            raise UsageError(
                f"{printable(path)}: {error.strerror}\n  GOSHIM=off turns it off as well, for one shell"
            ) from None
        write(f"goshim is off ({printable(path)}); to turn it on again: goshim on")
        return 0


class On(Command):
    """Turn goshim on again."""

    def main(self) -> int:
        """Remove the off file."""
        path = off_file(Session.here().environment.get("HOME", ""))
        try:
            if os.path.lexists(path):
                os.unlink(path)
        except OSError as error:
            raise UsageError(f"{printable(path)}: {error.strerror}") from None
        if os.path.exists(SYSTEM_OFF_FILE):
            raise UsageError(f"still off for the whole system: {SYSTEM_OFF_FILE}\n  sudo rm {SYSTEM_OFF_FILE}")
        write("goshim is on" + (", but GOSHIM=off is set in this shell" if os.environ.get("GOSHIM") == "off" else ""))
        return 0
