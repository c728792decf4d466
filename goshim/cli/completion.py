"""`goshim completion`: the words of the command line, for shells to complete."""

from __future__ import annotations

from plumbum import cli

from goshim.base.errors import UsageError
from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import write

SHELLS = ("bash", "zsh", "fish")


class Completion(Command):
    """Print a completion script: goshim completion bash|zsh|fish."""

    def main(self, shell: str) -> int:
        """Print the script for one shell."""
        from goshim.cli.app import Goshim

        if shell not in SHELLS:
            raise UsageError(f"completion {printable(shell)}: no such shell\n  allowed: {', '.join(SHELLS)}")
        write(_fish(_words(Goshim)) if shell == "fish" else _bash(_words(Goshim), for_zsh=shell == "zsh"))
        return 0


def _words(application: type[cli.Application], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], list[str]]:
    """What can follow each command: its own commands and switches."""
    instance = application(" ".join(("goshim", *above)))
    switches = [name for name in instance._switches_by_name if len(name) > 1]  # noqa: SLF001 - plumbum has no other way
    commands = sorted(instance._subcommands) + (list(SHELLS) if above == ("completion",) else [])  # noqa: SLF001
    found = {above: commands + sorted(f"--{name}" for name in switches if name not in ("completions", "help-all"))}
    for name, subcommand in instance._subcommands.items():  # noqa: SLF001
        found |= _words(subcommand.get(), (*above, name))
    return found


def _bash(words: dict[tuple[str, ...], list[str]], *, for_zsh: bool) -> str:
    cases = "\n".join(f"    '{' '.join(above)}') words='{' '.join(found)}' ;;" for above, found in words.items())
    return f"""{"autoload -U +X bashcompinit && bashcompinit" + chr(10) if for_zsh else ""}_goshim() {{
  local words= above="${{COMP_WORDS[*]:1:COMP_CWORD-1}}"
  case "$above" in
{cases}
  esac
  COMPREPLY=($(compgen -W "$words" -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o default -F _goshim goshim"""


def _fish(words: dict[tuple[str, ...], list[str]]) -> str:
    lines = ["function __goshim_above; string join ' ' (commandline -opc)[2..-1]; end"]
    for above, found in words.items():
        lines.append(f"complete -c goshim -n 'test (__goshim_above) = \"{' '.join(above)}\"' -a '{' '.join(found)}'")
    return "\n".join(lines)
