"""`goshim which`: the real go, and every other one that was looked at."""

from __future__ import annotations

from plumbum import cli

from goshim.base.errors import NoGoError
from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import Session, describe, write_exact, write_json, write_lines
from goshim.toolchain import Candidate, Search, Toolchain


class Which(Command):
    """Show which go runs here."""

    every = cli.Flag("--all", help="every candidate, and why it is used or skipped")
    as_json = cli.Flag("--json", help="as JSON, with GOROOT, version and where it was found")

    def main(self) -> int:
        """Search, and print what was found: the path of go byte by byte, unless stdout is a terminal."""
        search = Session.here().search
        if self.every:
            return self._all(search)
        toolchain = search.choose()
        if self.as_json:
            write_json(describe(search, toolchain))
        else:
            write_exact([toolchain.go])
        return 0

    def _all(self, search: Search) -> int:
        rows = []
        is_found = False
        for each in search.candidates():
            is_taken = isinstance(each, Toolchain) and not is_found
            is_found = is_found or is_taken
            rows.append({**_row(search, each, is_taken=is_taken), "taken": is_taken})
        if self.as_json:
            write_json({"candidates": rows})
        else:
            told = [("*" if row["taken"] else " ", printable(str(row["path"])), row["verdict"]) for row in rows]
            width = max((len(path) for _, path, _ in told), default=0)
            lines = [f"{mark} {path:<{width}}  {verdict}" for mark, path, verdict in told] or ["no go anywhere"]
            write_lines(lines, {r"(?m)^\*.*$": "bold green", r"(?m)^  .*$": "dim"})
        return 0 if is_found else NoGoError.exit_code


def _row(search: Search, each: Toolchain | Candidate, *, is_taken: bool) -> dict[str, str]:
    if isinstance(each, Candidate):
        return {"path": each.path, "verdict": each.verdict}
    what = search.version(each.goroot) if each.goroot else "another manager's shim"
    verdict = f"taken: first from {each.source}" if is_taken else f"from {each.source}, behind the one taken"
    return {"path": each.go, "verdict": f"{verdict} ({what or 'version unknown'})"}
