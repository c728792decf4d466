"""Checks of PATH."""

from __future__ import annotations

from goshim.doctor.check import check
from goshim.doctor.facts import basics
from goshim.doctor.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.look import Look


@check("path-unsafe", "path")
def unsafe(look: Look) -> Verdict:
    """Empty and relative entries of PATH, which mean the working directory.

    A clone could bring a `git` or `gcc` of its own. go refuses a program that it finds through such an entry, in place
    of looking further: `cannot run executable found relative to current directory` (os/exec, ErrDot).
    """
    entries = look(basics.path_entries)
    found = [f"entry {number}: {entry or '(empty)'}" for number, entry in enumerate(entries, 1) if entry[:1] != "/"]
    if not found:
        return ok("every entry of PATH is an absolute directory")
    summary = f"{len(found)} entries of PATH mean the working directory"
    if "PATH" in look(basics.mended):
        return info(f"{summary}; goshim drops them at each call", *found)
    return warn(
        summary,
        *found,
        remedies=(
            Remedy("take them out for this shell", "export PATH=" + ":".join(e for e in entries if e[:1] == "/")),
        ),
    )
