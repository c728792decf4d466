"""`goshim doctor`: what is wrong with this machine for who develops in Go, why it matters, and what mends it."""

from __future__ import annotations

import contextlib
import io
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any

from plumbum import cli

from goshim import __version__
from goshim.base.errors import GoshimError, UsageError
from goshim.base.store import Store
from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import Session, require_stdout, write, write_json
from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine import record
from goshim.doctor.engine.check import Check
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.look import Look, Options
from goshim.doctor.machine import origins
from goshim.doctor.run import compare, fix, report
from goshim.doctor.run.examine import Examination, within
from goshim.doctor.run.report import Report
from goshim.settings import layers

SPINNER_AFTER_S = 0.5
SETTINGS_LIMIT_S = 2.0
_NARROWEST = 20


class Doctor(Command):
    """Tell what is wrong with this machine for go, why it matters, and the exact command that mends it."""

    as_json = cli.Flag("--json", help="the report as JSON")
    as_markdown = cli.Flag("--markdown", help="the report as Markdown, for a bug report")
    is_list = cli.Flag("--list", help="only list the checks")
    quiet = cli.Flag("--quiet", help="only show problems")
    strict = cli.Flag("--strict", help="exit 1 at warnings, too")
    only = cli.SwitchAttr("--only", str, list=True, argname="ID", help="only this check; may be repeated")
    network = cli.Flag("--network", help="ask the network as well: module proxy, certificates, name servers")
    no_windows = cli.Flag("--no-windows", help="run no Windows program (also: doctor.windows = false)")
    save = cli.SwitchAttr(
        "--save", str, argname="FILE", help="save a record of this machine (secrets removed); - for stdout"
    )
    load = cli.SwitchAttr("--load", str, argname="FILE", help="examine the machine that FILE is the record of")
    compare = cli.SwitchAttr("--compare", str, argname="FILE", help="show what has changed since FILE was saved")
    fix = cli.Flag("--fix", help="mend what is your own and can be undone: shows a diff, and asks")
    dry_run = cli.Flag("--dry-run", help="with --fix: only show the diff")
    yes = cli.Flag("--yes", help="with --fix: don't ask")

    def main(self, *words: str) -> int:
        """Examine, report, and mend if that was asked for."""
        self._refuse_contradictions(words)
        checks = chosen([*self.only, *words]) if self.only else CHECKS
        if self.is_list:
            _list(checks, as_json=self.as_json)
            return 0
        before = record.load(self.compare) if self.compare else None
        look = self._look()
        with _spinning():
            try:
                examination = Examination(look, checks)
                told = report.make(examination, self._version, look.host.now_ns())
            finally:
                look.host.end_commands()
        if self.save:
            record.save(record.of(look.host, look.options), self.save)
        if before:
            self._show_differences(before, examination, checks)
        elif self.fix:
            return self._mend(told, look)
        elif not (self.save and record.is_stdout(self.save)):
            self._show(told)
        return told.exit_code(strict=self.strict)

    def _refuse_contradictions(self, words: Sequence[str]) -> None:
        if words and not self.only:
            raise UsageError(
                f"{printable(words[0])}: what is that?\n  a check is chosen by --only {printable(words[0])}"
            )
        forms = {"--json": self.as_json, "--markdown": self.as_markdown, "--fix": self.fix, "--compare": self.compare}
        asked = [name for name, is_asked in forms.items() if is_asked]
        if len(asked) > 1 and asked != ["--json", "--compare"]:
            raise UsageError(f"{' and '.join(asked)} exclude one another")
        if (self.dry_run or self.yes) and not self.fix:
            raise UsageError("--dry-run and --yes say how to mend: they go with --fix")
        if self.dry_run and self.yes:
            raise UsageError("--dry-run and --yes exclude one another")
        if self.load and (self.fix or self.compare or self.save):
            raise UsageError("--load looks at a record, and can't be with --fix, --compare or --save")

    def _look(self) -> Look:
        if self.load:
            loaded = record.load(self.load)
            self._version = loaded.goshim
            return Look(loaded.host(), loaded.options)
        self._version = __version__
        session = Session.here()
        options = Options(windows=not self.no_windows and _may_ask_windows(session), network=self.network)
        return Look(DoctorHost(session.environment, session.directory), options)

    def _show(self, told: Report) -> None:
        if self.as_json:
            write_json(told.as_json())
        elif self.as_markdown:
            write(told.as_markdown())
        else:
            from goshim.doctor.run import terminal as shown

            shown.show(_console(), told, quiet=self.quiet)

    def _show_differences(self, loaded: record.Record, after: Examination, checks: Sequence[Check]) -> None:
        before = Examination(Look(loaded.host(), loaded.options), checks)
        now = record.of(after.look.host, after.look.options)
        differences = compare.compare(before, after, loaded.answers, now.answers)
        since = report.make(before, loaded.goshim, loaded.taken_ns).taken
        if self.as_json:
            write_json({"since": since, "differences": [each.as_json() for each in differences]})
            return
        from goshim.doctor.run import terminal as shown

        shown.show_differences(_console(), differences, since)

    def _mend(self, told: Report, look: Look) -> int:
        repairs, refused = fix.plan(told.findings, look(origins.paths))
        for repair in repairs:
            write(f"{', '.join(repair.checks)}: {printable(repair.path)}\n{repair.diff}")
        for reason in refused:
            write(f"left as it is: {reason}")
        _tell_what_is_not_mended(told, repairs)
        if not repairs:
            write("nothing that goshim may mend")
        elif self.dry_run:
            write("nothing is written: --dry-run")
        elif self.yes or _is_agreed():
            for repair in repairs:
                backup = _made(repair)
                write(f"mended {printable(repair.path)}\n  undo it: cp -p {_word(backup)} {_word(repair.path)}")
            write("what start files set counts from the next login on")
            told = told.without(_mended(told, look, repairs))
        else:
            write("nothing is written")
        return told.exit_code(strict=self.strict) or int(bool(refused))


def chosen(ids: Sequence[str]) -> tuple[Check, ...]:
    """The checks of these ids, which may be parted by commas as well. Raises UsageError."""
    known = {check.id: check for check in CHECKS}
    wanted = [name for word in ids for name in word.split(",") if name]
    if not wanted:
        raise UsageError("--only names no check\n  goshim doctor --list shows them all")
    for name in wanted:
        if name not in known:
            from difflib import get_close_matches

            nearest = get_close_matches(name.lower(), known, 1, 0.4)
            hint = f"; did you mean {nearest[0]}?" if nearest else ""
            raise UsageError(f"no check {printable(name)}{hint}\n  goshim doctor --list shows them all")
    return tuple(check for check in CHECKS if check.id in wanted)


def _list(checks: Sequence[Check], *, as_json: bool) -> None:
    if as_json:
        rows = [{"check": check.id, "section": check.section, "summary": check.summary} for check in checks]
        write_json({"checks": rows})
        return
    width = max(len(check.id) for check in checks)
    section = ""
    for check in checks:
        if check.section != section:
            write(check.section, {r".*": "bold"})
            section = check.section
        write(f"  {check.id:<{width}}  {check.summary}")


def _may_ask_windows(session: Session) -> bool:
    """Whether the settings allow it; where they can't be read, nobody knows that they do."""

    def ask() -> bool:
        return layers.load(session.host, Store(None), session.project).settings.doctor.windows  # a look keeps nothing

    try:
        return within(SETTINGS_LIMIT_S, ask)
    except (GoshimError, FutureTimeoutError):
        return False


def _console() -> Any:
    from rich.console import Console

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a locale may have no arrows
    require_stdout()
    console = Console(highlight=False, emoji=False, markup=False)
    console.width = max(console.width, _NARROWEST)
    return console


@contextlib.contextmanager
def _spinning() -> Iterator[None]:
    """A spinner on a terminal, if it takes long; on stderr, for stdout may be a file."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    status = Console(stderr=True).status("looking at the machine …")
    timer = threading.Timer(SPINNER_AFTER_S, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        status.stop()


def _tell_what_is_not_mended(told: Report, repairs: Sequence[fix.Repair]) -> None:
    for finding in told.problems:
        for remedy in finding.remedies:
            if remedy.command and not fix.is_made(finding, remedy, repairs):
                command = remedy.command.replace("\n", "\n  ")
                write(f"{finding.check}: {remedy.text}, by hand ({remedy.where}):\n  {command}")


def _mended(told: Report, look: Look, repairs: Sequence[fix.Repair]) -> set[str]:
    """The checks whose findings the repairs mend; tells of the others what is left."""
    left = fix.left(look, repairs)
    mended = set()
    for finding in told.findings:
        edits = {edit for remedy in finding.remedies for edit in remedy.edits}
        places = dict.fromkeys(place for edit in edits for place in left.get(edit, ()))
        if places:
            write(f"{finding.check}: it is set as well by {', '.join(map(printable, places))}: change that by hand")
        elif fix.is_mended(finding, repairs):
            mended.add(finding.check)
    return mended


def _is_agreed() -> bool:
    if not sys.stdin.isatty():
        write("nobody is there to be asked; --yes writes without asking")
        return False
    try:
        return input("write this? [y/N] ").strip().lower() in ("y", "yes")
    except EOFError:
        return False


def _made(repair: fix.Repair) -> str:
    try:
        return repair.make()
    except OSError as error:
        raise UsageError(f"{printable(repair.path)}: {error.strerror}\n  nothing was written there") from None


def _word(path: str) -> str:
    from goshim.base.shells import quoted

    return quoted(path)
