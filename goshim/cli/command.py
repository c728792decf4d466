"""What every command of goshim's is."""

from __future__ import annotations

from plumbum import cli


class Command(cli.Application):
    """A command with --help and --version, and no other switch that it did not ask for."""

    SUBCOMMAND_HELPMSG = False


Command.unbind_switches("--completions", "--help-all")
