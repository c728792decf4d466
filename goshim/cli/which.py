"""`goshim which`: the real go, and every other one that was looked at."""

from __future__ import annotations

from plumbum import cli

from goshim.cli.command import Command
from goshim.cli.session import Session, describe, write, write_json
from goshim.errors import NoGoError
from goshim.toolchain import Candidate, Search, Toolchain


class Which(Command):
    """Show which go is run from here."""

    every = cli.Flag("--all", help="each candidate, and why it is taken or passed over")
    as_json = cli.Flag("--json", help="as JSON, with GOROOT, version and where it was found")

    def main(self) -> int:
        """Search, and print what was found."""
        search = Session.here().search
        if self.every:
            return self._all(search)
        toolchain = search.choose()
        if self.as_json:
            write_json(describe(search, toolchain))
        else:
            write(toolchain.go)
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
            width = max((len(str(row["path"])) for row in rows), default=0)
            lines = [f"{'*' if row['taken'] else ' '} {row['path']:<{width}}  {row['verdict']}" for row in rows]
            write("\n".join(lines) or "no go anywhere", {r"(?m)^\*.*$": "bold green", r"(?m)^  .*$": "dim"})
        return 0 if is_found else NoGoError.exit_code


def _row(search: Search, each: Toolchain | Candidate, *, is_taken: bool) -> dict[str, str]:
    if isinstance(each, Candidate):
        return {"path": each.path, "verdict": each.verdict}
    what = search.version(each.goroot) if each.goroot else "another manager's shim"
    verdict = f"taken: first from {each.source}" if is_taken else f"from {each.source}, behind the one taken"
    return {"path": each.go, "verdict": f"{verdict} ({what or 'version unknown'})"}
