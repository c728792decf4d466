"""Where a variable comes from: the lines of start files that set it, and WSLENV.

How a process that wsl.exe starts gets its environment, in this order: the registry's DefaultEnvironment, autoProxy,
WSLENV, then the shell's start files, which have the last word (microsoft/WSL src/linux/init/config.cpp,
ConfigCreateEnvironmentBlock; WSL's init does not read /etc/environment, PAM and systemd do).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from shlex import quote
from typing import Any

from goshim.base.redaction import redact, shown
from goshim.base.terminal import printable
from goshim.doctor.engine.finding import Edit
from goshim.doctor.engine.look import Look
from goshim.doctor.formats import start_file_lines
from goshim.doctor.machine import basics
from goshim.facts.host import UnreadableError

_FILES = (
    "/etc/environment",
    "/etc/environment.d/*.conf",
    "/etc/profile",
    "/etc/profile.d/*.sh",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/zsh/zshenv",
    "/etc/zsh/zprofile",
    "/etc/zsh/zshrc",
    "/etc/zshenv",
    "/etc/zprofile",
    "/etc/zshrc",
    "/etc/fish/config.fish",
    "~/.pam_environment",
    "~/.config/environment.d/*.conf",
    "~/.profile",
    "~/.bash_profile",
    "~/.bash_login",
    "~/.bashrc",
    "~/.bash_aliases",
    "~/.zshenv",
    "~/.zprofile",
    "~/.zshrc",
    "~/.zlogin",
    "~/.config/fish/config.fish",
    "~/.config/fish/conf.d/*.fish",
    "~/.config/fish/fish_variables",
)


@dataclass(frozen=True)
class Origin:
    """A line that sets a variable; `line` counts from 1. Of WSLENV the path is empty and `text` its entry.

    `text` is the whole line where that does nothing else, and else has `…` for the rest. `is_sure` says that what it
    sets is the value in force; else that can't be told.
    """

    path: str
    line: int
    text: str
    is_sure: bool = False

    @property
    def place(self) -> str:
        """Where it is, as a person reads it."""
        return f"{self.path}:{self.line}" if self.path else f"WSLENV, entry {self.text}"

    @property
    def words(self) -> str:
        """The same, of what is told to be the source of a value."""
        return self.place if self.is_sure else f"{self.place}, it seems" if self.path else f"Windows, by {self.place}"

    def values(self, name: str, home: str) -> tuple[str | None, ...]:
        """What the line gives a variable, one after the other; None for what can't be told without running it."""
        found = start_file_lines.find(self.text, start_file_lines.shell_of(self.path))
        return tuple(each.value(home) for each in found if each.name == name)

    def commented_out(self) -> Edit:
        """The edit that takes the line out of force, and leaves it to be read.

        Of sh and its like an empty command stays: `if …; then` with nothing but a comment up to its `fi` is an error.
        """
        new = f"# {self.text}"
        if start_file_lines.shell_of(self.path) in ("bash", "zsh"):
            rest = self.text.lstrip(" \t")
            new = f"{self.text[: len(self.text) - len(rest)]}: # {rest}"
        return Edit(self.path, self.line, self.text, new)

    def corrected(self, value: str) -> Edit:
        """The edit that has a line, one of `alone`, set this in place of what it sets."""
        found = start_file_lines.alone(self.text, start_file_lines.shell_of(self.path))
        new = found and f"{self.text[: found.start]}{quote(value)}{self.text[found.end :]}"
        return Edit(self.path, self.line, self.text, new or self.text)


def paths(look: Look) -> tuple[str, ...]:
    """The start files that may be there, in their order."""
    home = look(basics.machine).home
    patterns = [home + each[1:] if each.startswith("~") else each for each in _FILES if home or each[0] == "/"]
    return tuple(path for each in patterns for path in (look.host.glob(each) if "*" in each else (each,)))


def start_lines(look: Look) -> tuple[Origin, ...]:
    """The lines of start files that set a variable which matters to go, in the order of the files."""
    return tuple(line for path in look(paths) for line in _lines(look, path))


def of(look: Look, name: str) -> tuple[Origin, ...]:
    """What set a variable of this name, or may have: entries of WSLENV, then lines of start files.

    A line that gives it another value than it has did not, unless it is PATH, which others add to.
    """
    value, home = look(basics.variables).get(name), look(basics.machine).home
    lines = []
    for line in look(start_lines):
        values = line.values(name, home)
        if values and (name == "PATH" or value is None or {value, None} & set(values)):
            lines.append(replace(line, is_sure=value is not None and set(values) == {value}))
    return from_windows(look, name) + tuple(lines)


def alone(look: Look, name: str) -> tuple[Origin, ...]:
    """The lines of start files that do nothing but give this variable the value it has: they can be taken out."""
    return tuple(
        each
        for each in of(look, name)
        if each.is_sure and start_file_lines.alone(each.text, start_file_lines.shell_of(each.path))
    )


def source(look: Look, name: str) -> Origin | None:
    """What gave a variable its value: the last line that did for sure, else Windows, else the last that may have."""
    found = of(look, name)
    sure, imported = [each for each in found if each.is_sure], [each for each in found if not each.path]
    return next(iter([*sure[-1:], *imported, *found[-1:]]), None)


def from_windows(look: Look, name: str) -> tuple[Origin, ...]:
    """The entries of WSLENV that bring a variable of this name from Windows.

    Names are case-sensitive, entries are parted by colons, `/w` is only for the other way (microsoft/WSL
    src/linux/init/util.cpp, UtilParseWslEnv).
    """
    if not look(basics.machine).wsl:
        return ()
    entries = look(basics.variables).get("WSLENV", "").rstrip().split(":")
    pairs = ((entry.partition("/")) for entry in entries)
    return tuple(
        Origin("", 0, f"{found}{slash}{flags}")
        for found, slash, flags in pairs
        if found == name and set(flags) <= set("plu")
    )


def told(look: Look, name: str) -> tuple[str, ...]:
    """A variable as a person may see it: its value, then what sets it, a line each."""
    value = f"{name}={shown(name, look(basics.variables).get(name))}"
    found = (
        f"{each.place}: {printable(redact(each.text.strip()))}" if each.path else f"{name}: by {each.place}"
        for each in of(look, name)
    )
    return (value, *found)


def _lines(look: Look, path: str) -> tuple[Origin, ...]:
    try:
        found: Any = look.host.probe("start_files.lines", path)
    except UnreadableError:
        return ()
    return tuple(Origin(path, number, text) for number, text in found)
