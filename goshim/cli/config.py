"""`goshim config`: what is set and where, a file to begin with, a check, the schema."""

from __future__ import annotations

import json
import os
from typing import Any

from plumbum import cli

from goshim import PROJECT_FILE, rules
from goshim.base import resources
from goshim.base.errors import UsageError
from goshim.base.redaction import redact, redact_parsed, redact_value
from goshim.base.terminal import printable
from goshim.cli.command import Command, Group
from goshim.cli.session import Session, write, write_json, write_lines
from goshim.settings import foreign, layers
from goshim.settings.file import ConfigFile
from goshim.settings.model import leaves


class Config(Group):
    """Show and check settings: config show, init, check, schema."""


@Config.subcommand("show")
class Show(Command):
    """Show every setting in force here."""

    origin = cli.Flag("--origin", help="with the file and line, or the variable, that each comes from")
    as_json = cli.Flag("--json", help="as JSON, with origins")

    def main(self) -> int:
        """Print each setting."""
        session = Session.here()
        origins = layers.origins(session.loaded, session.environment)
        rows: dict[str, dict[str, Any]] = {}
        for key, _, value in leaves(session.loaded.settings):
            if isinstance(value, dict):
                for name, text in value.items():
                    rows[f"env.{name}"] = {
                        "value": redact_value(name, text),
                        "origin": origins.get((*key, name), "default"),
                    }
            else:
                rows[".".join(key)] = {
                    "value": redact_parsed(".".join(key), value),
                    "origin": origins.get(key, "default"),
                }
        if self.as_json:
            write_json({"settings": rows, "notes": [redact(note) for note in session.loaded.notes]})
            return 0
        lines = [
            f"{name} = {toml(row['value'])}" + (f"  # {row['origin']}" if self.origin else "")
            for name, row in rows.items()
        ]
        lines += [f"# {redact(note)}" for note in session.loaded.notes]
        write_lines(lines, {r"(?m)^[\w.]+(?= = )": "bold", r"(?m)  # .*$": "dim", r"(?m)^# .*$": "yellow"})
        return 0


@Config.subcommand("init")
class Init(Command):
    """Write a .goshim.toml with every setting, commented out, into the working directory."""

    def main(self) -> int:
        """Write it, unless there is one."""
        with open(resources.path("config/defaults.toml"), encoding="utf-8") as file:
            lines = [
                f"# {line}" if line and not line.startswith(("#", "[")) else line for line in file.read().split("\n")
            ]
        path = os.path.join(Session.here().directory, PROJECT_FILE)
        try:
            with open(path, "x", encoding="utf-8") as file:
                file.write("\n".join(lines))
        except FileExistsError:
            raise UsageError(f"{printable(path)}: exists already; it is left unchanged") from None
        except OSError as error:
            raise UsageError(f"{printable(path)}: {error.strerror}") from None
        write(f"written: {printable(path)}")
        return 0


@Config.subcommand("check")
class Check(Command):
    """Check the config files in force here, or FILE; exit 2 at an error or an unknown key."""

    strict = cli.Flag("--strict", help="exit 1 where keys of a project file are ignored, for want of trust or for good")

    def main(self, file: str = "") -> int:
        """Report what is wrong with each file."""
        session = Session.here()
        files = (_single(session, file),) if file else layers.read(session.host, session.project)
        unknown, ignored = [], []
        for each in files:
            values = each.values()
            notes = each.notes(values)
            unknown += each.unknown(values)
            if each.needs_trust:
                without_effect = foreign.ignored(files, each, foreign.trusted(session.host, (each,)))
                notes += without_effect
                ignored += without_effect
            write_lines([redact(note) for note in notes] or [f"{printable(each.path)}: ok"])
        if not file:
            notes = [note for note in session.loaded.notes if note.startswith(("unknown variable", "GOSHIM_"))]
            notes += rules.notes(session.loaded.settings)
            unknown += notes
            for note in notes or ([] if files else ["no config file is in force here"]):
                write_lines([redact(note)])
        if unknown:
            return UsageError.exit_code
        return int(bool(self.strict and ignored))


@Config.subcommand("schema")
class Schema(Command):
    """Print the JSON schema of a config file, for editors."""

    def main(self) -> int:
        """Print it."""
        with open(resources.path("config/settings.schema.json"), encoding="utf-8") as file:
            write(file.read().rstrip("\n"))
        return 0


def toml(value: Any) -> str:
    """A setting's value as a config file has it."""
    return json.dumps(value, ensure_ascii=False)


def _single(session: Session, file: str) -> ConfigFile:
    path = os.path.normpath(os.path.join(session.directory, file))
    found = ConfigFile.read(session.host, path)
    if found is None:
        raise UsageError(f"{printable(path)}: no such file")
    return found
