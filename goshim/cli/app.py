"""`goshim`: the command that holds the others."""

from __future__ import annotations

from goshim import __version__
from goshim.cli.command import Command
from goshim.errors import UsageError


class Goshim(Command):
    """The real go in a clean environment: what goshim does to a call of go, and how to set it up."""

    PROGNAME = "goshim"
    VERSION = __version__

    def main(self, *words: str) -> int:
        """Show the help where no command is named."""
        if words:
            from difflib import get_close_matches

            nearest = get_close_matches(words[0], self._subcommands, 1)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            raise UsageError(f"no command {words[0]}{hint}\n  goshim --help lists them")
        if not self.nested_command:
            self.help()
        return 0


for _name in ("env", "exec", "which", "install", "uninstall", "off", "on", "config", "cache", "completion"):
    _module = {"uninstall": "install", "on": "off", "exec": "execute"}.get(_name, _name)
    Goshim.subcommand(_name, f"goshim.cli.{_module}.{_name.capitalize()}")
