"""Where a variable comes from: the lines of start files that set it, and WSLENV.

How a process that wsl.exe starts gets its environment, in this order: the registry's DefaultEnvironment, autoProxy,
WSLENV, then the shell's start files, which have the last word (microsoft/WSL src/linux/init/config.cpp,
ConfigCreateEnvironmentBlock; WSL's init does not read /etc/environment, PAM and systemd do).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from goshim.doctor.facts import basics
from goshim.doctor.finding import Edit
from goshim.doctor.look import Look
from goshim.facts.host import UnreadableError
from goshim.secrets import mask, printable, shown

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
# One question a file, for all variables that any check asks for; other lines of a start file are nobody's business.
_NAMES = (
    r"PATH|GO[A-Z0-9]+|CGO_\w+|CC|CXX|GCCGO|\w+_(?:proxy|PROXY)|SOURCE_DATE_EPOCH|SSL_CERT_\w+|WSLENV|TMPDIR|LANG"
    r"|LC_\w+"
)
_ASSIGNED = rf"^[^#]*\b(?:{_NAMES})\b|^[^#]*\b(?:fish_add_path|path\+?=\()"
_SETS_PATH = r"|^[^#]*\bfish_add_path\s|^\s*(?:typeset\s+-U\s+)?path\+?=\("  # fish; zsh, where path is PATH's list

_SHELLS = (
    ("fish", re.compile(r".*\.fish")),
    ("zsh", re.compile(r"\.zsh.*|\.z(?:profile|login|logout)|z(?:shenv|shrc|profile|login|logout)|.*\.zsh")),
    ("bash", re.compile(r"\.?profile|\.bash.*|bash\.bashrc|bash(?:rc|_profile|_login|_logout|_aliases)|.*\.(?:ba)?sh")),
)


@dataclass(frozen=True)
class Origin:
    """A line that sets a variable; `line` counts from 1. Of WSLENV the path is empty and `text` its entry."""

    path: str
    line: int
    text: str

    @property
    def place(self) -> str:
        """Where it is, as a person reads it."""
        return f"{self.path}:{self.line}" if self.path else f"WSLENV, entry {self.text}"

    def commented_out(self) -> Edit:
        """The edit that takes the line out of force, and leaves it to be read.

        Of sh and its like an empty command stays: `if …; then` with nothing but a comment up to its `fi` is an error.
        """
        new = f"# {self.text}"
        if shell_of(self.path) in ("bash", "zsh"):
            rest = self.text.lstrip(" \t")
            new = f"{self.text[: len(self.text) - len(rest)]}: # {rest}"
        return Edit(self.path, self.line, self.text, new)


def shell_of(path: str) -> str:
    """The shell whose start file this is, by its name: bash (for sh as well), zsh or fish; empty if of none."""
    name = path.rpartition("/")[2]
    return next((shell for shell, names in _SHELLS if names.fullmatch(name)), "")


def start_lines(look: Look) -> tuple[Origin, ...]:
    """The lines of start files that name a variable which matters to go, in the order of the files."""
    home = look(basics.machine).home
    patterns = [home + each[1:] if each.startswith("~") else each for each in _FILES if home or each[0] == "/"]
    paths = [path for each in patterns for path in (look.host.glob(each) if "*" in each else (each,))]
    return tuple(line for path in paths for line in _lines(look, path))


def of(look: Look, name: str) -> tuple[Origin, ...]:
    """What sets a variable of this name: entries of WSLENV, then lines of start files."""
    sets = re.compile(
        rf"^\s*(?:[^#]*[\s;&({{])?{re.escape(name)}\+?="  # sh, /etc/environment, environment.d
        rf"|^[^#]*\bset\s+(?:-\S+\s+)*{re.escape(name)}\s"  # fish
        rf"|^SETUVAR\s+(?:--\S+\s+)*{re.escape(name)}:"  # its universal variables
        rf"|^\s*{re.escape(name)}\s+(?:DEFAULT|OVERRIDE)="  # pam_env
        rf"|^[^#]*\bsetenv\s+{re.escape(name)}\b" + (_SETS_PATH if name == "PATH" else "")
    )
    return from_windows(look, name) + tuple(each for each in look(start_lines) if sets.search(each.text))


def alone(look: Look, name: str) -> tuple[Origin, ...]:
    """The lines of start files that do nothing but give this variable a value: they can be taken out."""
    sets = re.compile(
        rf"\s*(?:export\s+)?{re.escape(name)}=(?:\"[^\"`$();]*\"|'[^']*'|[^\s\"'`$();&|#]*)\s*;?\s*"
        rf"|\s*set\s+-g?xg?\s+{re.escape(name)}\s+[^;()#]*"
    )
    return tuple(each for each in of(look, name) if each.path and sets.fullmatch(each.text))


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
        f"{each.place}: {printable(mask(name, each.text.strip()) or '')}" if each.path else f"{name}: by {each.place}"
        for each in of(look, name)
    )
    return (value, *found)


def _lines(look: Look, path: str) -> tuple[Origin, ...]:
    try:
        return tuple(Origin(path, number, text) for number, text in look.host.lines(path, _ASSIGNED))
    except UnreadableError:
        return ()
