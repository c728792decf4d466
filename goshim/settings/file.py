"""One config file: read, parsed, checked, and what its user should be told."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from goshim import PROJECT_FILE, __version__
from goshim.base.errors import ConfigError
from goshim.base.redaction import redact_parsed
from goshim.base.resources import enable_site_packages, parse_toml, upgrade_command
from goshim.base.terminal import printable, visible
from goshim.facts import home
from goshim.facts.host import Host, UnreadableError
from goshim.settings.lines import Key, key_lines, line_of, longest_key
from goshim.settings.model import Settings, leaves

PROJECT_LIMIT_BYTES = 1 << 16
"""The size up to which a project file is read: parsing as much takes 0.2 s at worst."""

MOST_PARTS = 20
"""Of a key. The parser of the standard library takes time quadratic in them."""

MOST_HINTS = 20
"""Unknown keys and variables that are reported one by one, each with the nearest real name."""

_WAY_OUT = "fix or remove it; GOSHIM=off runs go without goshim"
_BYTE_ORDER_MARK = "\ufeff"  # editors of Windows write one
_LONGEST_SHOWN = 60
_LONGEST_HINTED = 60
_PLACE = re.compile(r" \(at line (\d+), column \d+\)\Z| \(at end of document\)\Z")


@dataclass(frozen=True)
class ConfigFile:
    """A config file as it stands. Parsed are these very bytes, whatever becomes of the file."""

    path: str
    data: bytes
    checkout: str = ""
    """Where a user's file came with a checkout: the directory."""
    ignored: str = ""
    """Why nothing of it is read, or empty."""

    @classmethod
    def of_user(cls, host: Host, path: str) -> ConfigFile | None:
        """The user's own file, as `read`; it says less where HOME is not the user's own."""
        found = home.user_file(host, path)
        if found.ignored:
            return cls(path, f"# {found.ignored}\n".encode("utf-8", "replace"), ignored=found.ignored)
        file = cls.read(host, path)
        return _bounded(replace(file, checkout=found.checkout)) if file else None

    @classmethod
    def read(cls, host: Host, path: str) -> ConfigFile | None:
        """The file at path, None where nothing is. Raises ConfigError where something else is."""
        try:
            data = host.read(path)
        except UnreadableError as error:
            raise ConfigError(f"{error}\n  a config is a text file in TOML; {_WAY_OUT}") from None
        if data is None:
            return None
        return _bounded(cls(path, data))

    @property
    def is_project(self) -> bool:
        """Whether it is the file of a project."""
        return self.path.endswith(f"/{PROJECT_FILE}")

    @property
    def needs_trust(self) -> bool:
        """Whether it came with a project, and so perhaps from a stranger: alone it may only say what is harmless."""
        return self.is_project or bool(self.checkout)

    def values(self) -> dict[str, Any]:
        """What the file says, of the right types and in bounds; keys nobody knows are in it too. Raises ConfigError."""
        values = self._parsed()
        self._require_version(values.get("min_version"))
        enable_site_packages()
        from goshim.settings import parse

        try:
            parse.check(values)
        except parse.InvalidValueError as error:
            value: Any = values
            for part in error.key:
                value = value[part]
            raise ConfigError(
                f"{self.at(error.key)} = {shown(error.key[-1], value)}: not allowed\n  allowed: {error}; {_WAY_OUT}"
            ) from None
        return values

    def at(self, key: Key) -> str:
        """Where a key stands, and its name: `file:line: section.key`."""
        return f"{self.place(self.line(key))}: {dotted(key)}"

    def place(self, line: int) -> str:
        """`file:line`, fit to be printed."""
        return f"{printable(self.path)}:{line}"

    def line(self, key: Key) -> int:
        """The line, from 1, on which a key of this file stands."""
        return line_of(key, self._lines)

    @cached_property
    def _lines(self) -> dict[Key, int]:
        return key_lines(self._text)

    @property
    def _text(self) -> str:
        return self.data.decode().removeprefix(_BYTE_ORDER_MARK)

    def notes(self, values: dict[str, Any]) -> list[str]:
        """What the user should know of the file: where it is from, if that matters, and its unknown keys."""
        return [*self.standing, *self.unknown(values)]

    @property
    def standing(self) -> list[str]:
        """Why a file of the user's says less than others, a line; nothing if it does not."""
        place = printable(self.path)
        if self.ignored:
            return [f"{place}: ignored, because {self.ignored}"]
        if self.checkout:
            return [f"{place}: counts as a project file, because HOME lies in the checkout {printable(self.checkout)}"]
        return []

    def unknown(self, values: dict[str, Any]) -> list[str]:
        """A note for each key that no setting has. It is ignored, because a newer goshim may know it."""
        known = {key for key, _, _ in leaves(Settings())}
        sections = {key[0] for key in known if len(key) > 1}
        unknown: list[Key] = []
        for name, value in values.items():
            if name in sections:
                unknown += [(name, inner) for inner in value if (name, inner) not in known]
            elif (name,) not in known:
                unknown.append((name,))
        names = [dotted(key) for key in known] + sorted(sections)
        notes = [f"{self.at(key)}: unknown key, ignored{nearest(dotted(key), names)}" for key in unknown[:MOST_HINTS]]
        if len(unknown) > MOST_HINTS:
            notes.append(f"{printable(self.path)}: {len(unknown) - MOST_HINTS} more unknown keys, ignored")
        return notes

    def _parsed(self) -> dict[str, Any]:
        try:
            text = self._text
        except UnicodeDecodeError as error:
            line = self.data[: error.start].count(b"\n") + 1
            raise ConfigError(f"{self.place(line)}: not UTF-8\n  save it as UTF-8, or {_WAY_OUT}") from None
        parts, line = longest_key(text)
        if parts > MOST_PARTS:
            raise ConfigError(
                f"{self.place(line)}: a key of {parts} parts\n  allowed: at most {MOST_PARTS} parts; {_WAY_OUT}"
            )
        try:
            return parse_toml(text)
        except RecursionError:
            raise ConfigError(f"{self.place(1)}: nested too deep\n  {_WAY_OUT}") from None
        except ValueError as error:
            found = _PLACE.search(str(error))
            message = visible(str(error)[: found.start()] if found else str(error), "")
            line = int(found[1]) if found and found[1] else text.count("\n") + 1
            raise ConfigError(f"{self.place(line)}: not TOML: {message}\n  {_WAY_OUT}") from None

    def _require_version(self, wanted: Any) -> None:
        if not isinstance(wanted, str) or not wanted.replace(".", "").isdecimal():
            return  # its type is checked with all others
        require_version(wanted, self.at(("min_version",)))


def _bounded(file: ConfigFile) -> ConfigFile:
    if file.needs_trust and len(file.data) > PROJECT_LIMIT_BYTES:
        raise ConfigError(
            f"{printable(file.path)}: {len(file.data)} bytes long\n"
            f"  allowed: a project file of at most {PROJECT_LIMIT_BYTES >> 10} KB; {_WAY_OUT}"
        )
    return file


def require_version(wanted: str, place: str) -> None:
    """See that this goshim is not older than a config wants. Raises ConfigError, which names the place."""
    if _version(wanted) > _version(__version__):
        raise ConfigError(
            f"{place}: needs goshim {wanted} or newer, and this is {__version__}\n"
            f"  upgrade with: {upgrade_command('goshim')}"
        )


def dotted(key: Key) -> str:
    """A key as one writes it."""
    return ".".join(part and printable(part) for part in key)


def shown(name: str, value: Any) -> str:
    """A value for an error message: as TOML has it, short, and without a password."""
    try:
        text = printable(json.dumps(redact_parsed(name, value), ensure_ascii=False, default=str))
    except RecursionError:
        text = "a table nested too deep"
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint at the known name that was perhaps meant, or nothing."""
    from difflib import get_close_matches

    found = get_close_matches(name, known, 1) if len(name) <= _LONGEST_HINTED else []
    return f"; did you mean {found[0]}?" if found else ""


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part[:9]) for part in text.split(".") if part)
