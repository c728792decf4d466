"""What every command of goshim's is."""

from __future__ import annotations

from plumbum import cli

from goshim.errors import UsageError


class Command(cli.Application):
    """A command with --help and --version, and no other switch that it did not ask for."""

    SUBCOMMAND_HELPMSG = False


Command.unbind_switches("--completions", "--help-all")


class Group(Command):
    """A command that holds others: alone it shows its help."""

    def main(self, *words: str) -> int:
        """Tell a word that names no command. Raises UsageError."""
        if words:
            from difflib import get_close_matches

            nearest = get_close_matches(words[0], self._subcommands, 1)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            raise UsageError(f"no command {words[0]}{hint}\n  allowed: {', '.join(sorted(self._subcommands))}")
        if not self.nested_command:
            self.help()
        return 0
