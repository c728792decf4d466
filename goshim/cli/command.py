"""What every command of goshim's is."""

from __future__ import annotations

from typing import Any

from plumbum import cli
from plumbum.cli.application import ShowHelp, ShowVersion
from plumbum.cli.switches import SwitchError

from goshim.base.errors import UsageError
from goshim.base.terminal import printable, visible


class Command(cli.Application):
    """A command with --help and --version, and no other switch that it did not ask for."""

    SUBCOMMAND_HELPMSG = False

    @classmethod
    def autocomplete(cls, argv: list[str]) -> None:
        """Complete nothing: plumbum would print words where COMP_WORDS is set, whatever was asked for."""

    def _parse_args(self, argv: Any) -> Any:
        return self._refusing(super()._parse_args, argv)

    def _validate_args(self, *parsed: Any) -> Any:
        return self._refusing(super()._validate_args, *parsed)

    def _refusing(self, parse: Any, *words: Any) -> Any:
        """Report a wrong command line in one message on stderr: plumbum's would be on stdout."""
        try:
            return parse(*words)
        except (ShowHelp, ShowVersion):
            raise
        except SwitchError as error:
            reason = visible(str(error), "")
            raise UsageError(f"{reason}\n  {self.PROGNAME} --help shows what is allowed") from None


Command.unbind_switches("--completions", "--help-all")


class Group(Command):
    """A command that holds others: alone it shows its help."""

    def main(self, *words: str) -> int:
        """Refuse a word that names no command. Raises UsageError."""
        if words:
            from difflib import get_close_matches

            nearest = get_close_matches(words[0], self._subcommands, 1)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            raise UsageError(
                f"no command {printable(words[0])}{hint}\n  allowed: {', '.join(sorted(self._subcommands))}"
            )
        if not self.nested_command:
            self.help()
        return 0
