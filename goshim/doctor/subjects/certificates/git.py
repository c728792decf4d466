"""What git is told about TLS, by its variables and config files. git is not run: a clone's config may name programs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics
from goshim.facts.host import UnreadableError

_LINES = r"(?i)^\s*\[|\bssl(?:CAInfo|CAPath|Verify)\s*="
_SETTING = re.compile(r"(?i)^\s*(?:\[[^\]]*\]\s*)?ssl(CAInfo|CAPath|Verify)\s*=(.*)$")
_SECTION = re.compile(r'(?i)^\s*\[\s*([\w.-]+)\s*(?:"(.*)"\s*)?\]')
_ESCAPED = {'"': '"', "\\": "\\", "t": "\t", "n": "\n", "b": "\b"}
_BY_VARIABLE = {"GIT_SSL_CAINFO": "http.sslcainfo", "GIT_SSL_CAPATH": "http.sslcapath"}


@dataclass(frozen=True)
class Setting:
    """A setting of section http. `scope` is the address for which alone it holds, empty for all.

    `line`, counted from 1, is whole in `text`; of a variable both are empty, and the path too. `is_told` is false where
    the value can't be told from the line.
    """

    name: str
    value: str
    path: str = ""
    line: int = 0
    text: str = ""
    scope: str = ""
    is_told: bool = True

    @property
    def place(self) -> str:
        """Where it is set, as a person reads it."""
        return f"{self.path}:{self.line}" if self.path else "the environment"


def authorities(look: Look) -> tuple[Setting, ...]:
    """Where git is told to find certificates: the variables first, for they win (http.c, set_from_env)."""
    variables = look(basics.environment)
    set_here = [Setting(name, variables[name]) for name in _BY_VARIABLE if variables.get(name)]
    overridden = {_BY_VARIABLE[each.name] for each in set_here} | {"http.sslverify"}
    return (*set_here, *(each for each in look(settings) if each.name.lower() not in overridden))


def verification(look: Look) -> tuple[Setting, ...]:
    """The lines of config files that say whether git verifies a server's certificate."""
    return tuple(each for each in look(settings) if each.name.lower() == "http.sslverify")


def settings(look: Look) -> tuple[Setting, ...]:
    """What config files say, the last word on each (git-config(1)), where that can be told.

    Only these lines of them are read: of a value that goes on in the next line nothing is said.
    """
    found = [setting for path in _files(look) for setting in _read(look, path)]
    last = {(each.name.lower(), each.scope): each for each in found}
    return tuple(each for each in last.values() if each.is_told)


def _files(look: Look) -> list[str]:
    variables, home = look(basics.environment), look(basics.machine).home
    base = variables.get("XDG_CONFIG_HOME") or (f"{home}/.config" if home else "")
    repository = look.host.above(".git")
    files = ["/etc/gitconfig", f"{base}/git/config" if base else "", f"{home}/.gitconfig" if home else ""]
    return [path for path in (*files, f"{repository.rstrip('/')}/.git/config" if repository else "") if path]


def _read(look: Look, path: str) -> list[Setting]:
    found, section, scope = [], "", ""
    try:
        lines = look.host.lines(path, _LINES)
    except UnreadableError:
        return []
    for number, text in lines:
        if header := _SECTION.match(text):
            section, scope = header[1].lower(), header[2] or ""
        if section == "http" and (setting := _SETTING.match(text)):
            value = _expanded(_value(setting[2]), look(basics.machine).home)
            found.append(Setting(f"http.ssl{setting[1]}", value or "", path, number, text, scope, value is not None))
    return found


def _value(text: str) -> str | None:
    """A value as git reads it: config.c, parse_value. None for what git refuses, and what the line does not end."""
    value, kept, is_quoted = "", 0, False
    letters = iter(text.strip())
    for letter in letters:
        if letter in "#;" and not is_quoted:
            break
        if letter == '"':
            is_quoted = not is_quoted
        elif letter != "\\":
            value += letter
        elif plain := _ESCAPED.get(next(letters, "")):
            value += plain
        else:
            return None
        kept = len(value) if is_quoted or not letter.isspace() else kept
    return None if is_quoted else value[:kept]


def _expanded(value: str | None, home: str) -> str | None:
    if value and value.startswith("~/") and home:
        return f"{home}{value[1:]}"
    return None if value and value.startswith(("~", "%(prefix)/")) else value  # whose home, and where git is, who knows
