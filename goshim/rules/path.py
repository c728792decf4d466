"""PATH."""

from __future__ import annotations

import posixpath

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings


@rule("path-windows-last", "PATH", "WSL")
def path_windows_last(facts: Facts, settings: Settings) -> Effects:
    """Entries on Windows drives go behind all others, in their order.

    Each look into such an entry crosses to Windows and costs about a millisecond, and go makes many. Which entries are
    on a Windows drive the mount table tells. WSL itself appends them (microsoft/WSL src/linux/init/config.cpp,
    ConfigAppendToPath); start files and WSLENV bring them to the front. `path.windows` = "drop" removes them, "keep"
    leaves the order alone.
    """
    path = facts.variables.get("PATH")
    if path is None or settings.path.windows == "keep":
        return
    entries = path.split(":")
    windows = [entry for entry in entries if facts.mounts.on_windows(entry)]
    native = [entry for entry in entries if not facts.mounts.on_windows(entry)]
    if settings.path.windows == "drop":
        yield "PATH", ":".join(native), f"{len(windows)} entries on Windows drives dropped"
    else:
        yield "PATH", ":".join(native + windows), f"{len(windows)} entries on Windows drives moved behind the others"


@rule("path-unsafe", "PATH", "WSL")
def path_unsafe(facts: Facts, settings: Settings) -> Effects:
    """Empty and relative entries are dropped, and those below /proc, such as /proc/self/cwd.

    They mean the working directory, so that a clone could bring a `git` or `gcc` of its own. Go refuses a program found
    through an empty or relative one (os/exec, ErrDot) in place of looking further.
    """
    path = facts.variables.get("PATH")
    if not path:
        return
    kept = [entry for entry in path.split(":") if _is_place(entry)]
    dropped = [entry or "(empty)" for entry in path.split(":") if not _is_place(entry)]
    yield "PATH", ":".join(kept), f"dropped what means the working directory: {', '.join(dropped)}"


def _is_place(entry: str) -> bool:
    """Whether an entry names one directory, whoever asks and from wherever."""
    return entry.startswith("/") and posixpath.normpath(f"/{entry.lstrip('/')}").split("/")[1] != "proc"


@rule("path-extra", "PATH", "when set")
def path_extra(facts: Facts, settings: Settings) -> Effects:
    """`path.prepend` goes first and `path.append` last; an entry of theirs that is there already moves."""
    first = [entry for each in settings.path.prepend if (entry := facts.expand(each))]
    last = [entry for each in settings.path.append if (entry := facts.expand(each))]
    last = [entry for entry in last if entry not in first]
    if first or last:
        path = facts.variables.get("PATH")
        between = [entry for entry in (path.split(":") if path else []) if entry not in first + last]
        yield "PATH", ":".join([*dict.fromkeys(first), *between, *dict.fromkeys(last)]), "path.prepend, path.append"
