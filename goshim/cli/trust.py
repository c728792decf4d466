"""`goshim trust` and `goshim untrust`: whether what a project file asks for counts."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from plumbum import cli

from goshim import PROJECT_FILE
from goshim.base import own_directory
from goshim.base.errors import UsageError
from goshim.base.redaction import redact_parsed
from goshim.base.terminal import printable, visible
from goshim.call import context
from goshim.cli.command import Command
from goshim.cli.session import Session, write
from goshim.facts.host import UnreadableError
from goshim.settings import changes, foreign, layers, trust_records
from goshim.settings.file import ConfigFile, dotted
from goshim.settings.trust import RULES_OFF, Request
from goshim.settings.trust_records import Record

_STYLES = {r"(?m)^  [\w.]+(?= = )": "bold", r"(?m)^\+.*$": "green", r"(?m)^-.*$": "red", r"(?m)^      .*$": "dim"}


class Trust(Command):
    """Trust the .goshim.toml of a project, after a look at what it asks for.

    What a project file asks for that could do harm has no effect until you trust the file. The trust is for its path
    and its bytes: after any change goshim asks again. DIR is the project, by default the working directory.

    Examples: goshim trust · goshim trust --yes ~/src/app · goshim trust --list
    """

    yes = cli.Flag("--yes", help="do not ask")
    is_list = cli.Flag("--list", help="list the trusted files, and forget those that no longer exist")
    is_show = cli.Flag("--show", help="only show what the file asks for, and whether it is trusted")

    def main(self, directory: str = "") -> int:
        """Show what the file asks for, ask, and record the answer."""
        if sum((self.yes, self.is_list, self.is_show)) > 1:
            raise UsageError("--yes, --list and --show exclude one another")
        session = Session.here()
        if self.is_list:
            if directory:
                raise UsageError(f"--list takes no directory, and got {printable(directory)}")
            return _list(session)
        files = _files(session, directory)
        file = foreign.project_file(files)
        assert file is not None  # noqa: S101 - _files saw to it
        asked = foreign.requests(files, file)
        verdict = trust_records.judge(session.host, file.path, file.data)
        write(f"{printable(file.path)}\n" + "\n".join(_described(file, asked)), _STYLES)
        if verdict.record and verdict.has_changed:
            write("\n".join(_changed(session, file, verdict.record)), _STYLES)
        if self.is_show or verdict.is_trusted:
            write(_status(verdict))
            return 0
        if not verdict.record and not any(each.standing == "trust" for each in asked):
            write("nothing in it needs trust; all that counts is in force already")
            return 0
        if not self.yes and not _is_agreed():
            write("not trusted; nothing has changed")
            return 1
        _record(session, file)
        return 0


class Untrust(Command):
    """Withdraw the trust in the .goshim.toml of a project: only what needs no trust counts from then on.

    DIR is the project, by default the working directory; its file need not exist any more.

    Examples: goshim untrust · goshim untrust ~/src/app
    """

    def main(self, directory: str = "") -> int:
        """Remove the record."""
        session = Session.here()
        here = _absolute(session, directory)
        project = context.project(session.environment, here)
        real = trust_records.real_path(
            session.host, f"{here if project == context.NO_PROJECT else project}/{PROJECT_FILE}"
        )
        place = trust_records.location(session.host)
        try:
            was_trusted = bool(place) and trust_records.remove(place, real)
        except OSError as error:
            raise UsageError(f"{printable(place)}: {error.strerror}\n  the file is still trusted") from None
        write(f"{printable(real)} is no longer trusted" if was_trusted else f"{printable(real)} was not trusted")
        if trust_records.is_granted(session.host, real):
            write(f"{trust_records.VARIABLE} still says to trust it, in this environment")
        return 0


def _list(session: Session) -> int:
    place = trust_records.location(session.host)
    gone = trust_records.prune(place) if place else []
    kept = trust_records.records(place) if place else ()
    rows = [f"{printable(each.path)}  {_state(session, each)}" for each in kept]
    rows += [f"{printable(path)}  forgotten: it does not exist any more" for path in gone]
    write("\n".join(rows) or "no project file is trusted")
    return 0


def _state(session: Session, record: Record) -> str:
    try:
        data = session.host.read(record.path)
    except UnreadableError as error:
        return str(error).removeprefix(f"{printable(record.path)}: ")
    is_same = data is not None and trust_records.sha256(data) == record.sha256
    return f"trusted on {record.trusted[:10]}" + ("" if is_same else ", and changed since: go does not run there")


def _files(session: Session, directory: str) -> tuple[ConfigFile, ...]:
    """The config files in force in a directory, one of them a project's. Raises ConfigError, UsageError."""
    here = _absolute(session, directory)
    project = context.project(session.environment, here)
    if project == context.NO_PROJECT:
        raise UsageError(
            f"{printable(here)}: no {PROJECT_FILE} there, nor above it\n"
            "  the search ends before your home, / and any sticky directory such as /tmp; goshim config init writes one"
        )
    return layers.read(session.host, project)


def _absolute(session: Session, directory: str) -> str:
    path = os.path.normpath(os.path.join(session.directory, directory))
    if os.path.basename(path) == PROJECT_FILE and not os.path.isdir(path):
        path = os.path.dirname(path)
    if directory and not os.path.isdir(path):
        raise UsageError(f"{printable(path)}: no such directory\n  goshim trust DIR, where DIR is the project")
    return path


def _described(file: ConfigFile, asked: Sequence[Request]) -> list[str]:
    """What a file asks for, by what it takes for it to count."""
    lines = []
    for standing, title in (
        ("trust", "it asks for, and needs your trust for:"),
        ("never", "it asks for, and never gets:"),
        ("free", "it sets, which needs no trust:"),
    ):
        of_kind = [each for each in asked if each.standing == standing]
        lines += [title] if of_kind else []
        for each in of_kind:
            name = "rules.off" if each.key == RULES_OFF else dotted(each.key)
            lines.append(f"  {name} = {_whole(each.value)}  (line {file.line(each.key)})")
            if each.replaced is not None:
                own = redact_parsed(each.key[-1], each.replaced)
                lines.append(f"      in place of {_whole(own)} in your own config")
            if standing != "free":
                lines.append(f"      {'' if each.key == RULES_OFF else 'it '}{each.row.effect}")
    return lines or ["it asks for nothing that goshim knows"]


def _whole(value: Any) -> str:
    """A value as TOML has it, all of it: what is not seen is not agreed to.

    Nothing is masked. The file lies in the clone in plain text, and what looks like a secret can be a command.
    """
    return visible(json.dumps(value, ensure_ascii=False), "")


def _changed(session: Session, file: ConfigFile, record: Record) -> list[str]:
    before = trust_records.text_of(session.host, record)
    if before is None:
        return [f"it has changed since you trusted it on {record.trusted[:10]}; the trusted text is not there any more"]
    lines = changes.diff(before, file) or ["the lines are the same, but for values that look secret or what ends lines"]
    named = changes.keys(file, record)
    return [f"it has changed since you trusted it on {record.trusted[:10]}: {', '.join(named) or 'no key'}", *lines]


def _status(verdict: trust_records.Verdict) -> str:
    if verdict.record and verdict.is_trusted:
        return f"trusted on {verdict.record.trusted[:10]}"
    if verdict.is_trusted:
        return f"trusted by {trust_records.VARIABLE}"
    return "changed since it was trusted: go does not run here" if verdict.record else "not trusted"


def _is_agreed() -> bool:
    if not sys.stdin.isatty():
        raise UsageError("stdin is not a terminal, so goshim cannot ask\n  goshim trust --yes trusts without asking")
    try:
        return input("trust this file? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _record(session: Session, file: ConfigFile) -> None:
    real = trust_records.real_path(session.host, file.path)
    place = trust_records.locate(session.host, real)
    if not place or own_directory.fault(place, session.environment.get("HOME", "")):
        where = printable(trust_records.location(session.host)) or "HOME is not an absolute path, and there"
        raise UsageError(
            f"{where}: no place to record trust, so nothing is trusted\n"
            "  it must be a directory of yours that nobody else can write to, outside the project;"
            f" or set {trust_records.VARIABLE}={printable(real.rpartition('/')[0])}"
        )
    try:
        trust_records.prune(place)
        trust_records.add(place, real, file.data)
    except OSError as error:
        raise UsageError(f"{printable(place)}: {error.strerror}\n  nothing is trusted") from None
    write(f"trusted: {printable(real)}")
