"""The real go on a disk that fails: strace makes its system calls fail, for chosen paths, in its first runs or in all.

strace counts occurrences for each process by itself, so a fault that passes can't be told to it. Here a fault lasts for
a number of runs: a script in the place of go counts the runs of downloading commands, and traces no more of them than
it is told to.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.end_to_end.machine import make_toolchain

# The names in strace of what go calls, in any of its versions; ? is for those that this processor may not have.
SYSTEM_CALLS = {
    "rename": "?rename,?renameat,?renameat2",
    "open": "?open,openat",
    "unlink": "?unlink,unlinkat",
    "mkdir": "?mkdir,mkdirat",
    "write": "write,pwrite64",
    "truncate": "ftruncate",
    "flock": "flock",
    "fsync": "fsync,fdatasync",
}

_GO = """#!/bin/bash
# the real go, whose first runs of a downloading command go wrong
real={real} place={place}
case "${{1-}} ${{2-}}" in
  "mod download" | "mod tidy" | "mod vendor" | "build "* | "vet "* | "install "* | "get "* | "list "* | "test "*) ;;
  *) exec "$real" "$@" ;;
esac
echo "$*" >>"$place/runs"
number=$(wc -l <"$place/runs")
mapfile -t words <"$place/faults"
[[ $number -le ${{words[0]}} ]] || exec "$real" "$@"
exec {strace} -f -qq -o "$place/trace.$number" "${{words[@]:1}}" "$real" "$@"
"""


class FailingGo:
    """The go of a machine from now on; `strace` is the path of that program. At first nothing fails."""

    def __init__(self, machine, go, strace):
        self.place = machine.root / "failing"
        self.place.mkdir()
        script = _GO.format(real=go, place=self.place, strace=strace)
        self.path = make_toolchain(machine.tools, script.encode())
        machine.env["PATH"] = f"{machine.bin}:{self.path.parent}:/usr/bin:/bin"
        self.heal()

    def fail(self, faults, paths, runs=None):
        """Let calls fail on any of some paths (one of the two, where it takes two), in the next `runs`, or in all.

        A fault is a key of SYSTEM_CALLS and the name of an errno.
        """
        names = [SYSTEM_CALLS[call] for call, _ in faults]
        inject = [f"inject={name}:error={error}" for name, (_, error) in zip(names, faults, strict=True)]
        events = [f"trace={','.join(names)}", *inject]
        words = [word for path in paths for word in ("-P", os.fspath(path))]
        words += [word for event in events for word in ("-e", event)]
        self._set(runs, words)

    def heal(self):
        """Let nothing fail, and count runs from now on."""
        self._set(0, [])

    @property
    def runs(self):
        """The downloading commands that were run: the arguments of each, as a line."""
        return (self.place / "runs").read_text().splitlines()

    @property
    def failed(self):
        """The calls that were made to fail, as strace shows them."""
        traces = (path.read_text("utf-8", "replace") for path in sorted(self.place.glob("trace.*")))
        return [line for trace in traces for line in trace.splitlines() if line.endswith("(INJECTED)")]

    def _set(self, runs, words):
        for path in self.place.glob("trace.*"):
            path.unlink()
        (self.place / "runs").write_text("")
        (self.place / "faults").write_text("\n".join(map(str, [10**9 if runs is None else runs, *words])) + "\n")


class ModuleCache:
    """Where go keeps what of a module cache; `name` and `version` are a module's."""

    def __init__(self, root):
        self.root = Path(root)

    def entry(self, name, version, suffix):
        """A file beside a module's zip: with the suffix .zip, .lock, .partial and so on, or `list`."""
        suffix = suffix if not suffix.startswith(".") else version + suffix
        return self.root / "cache/download" / name / "@v" / suffix

    def tree(self, name, version):
        """The directory of its source."""
        return self.root / f"{name}@{version}"

    def content(self):
        """Each file and directory with its mode and bytes; not what go leaves behind, and never looks at again."""
        found = {}
        for path in self.root.rglob("*"):
            name = str(path.relative_to(self.root))
            if re.search(r"\.(lock|tmp)$|^cache/lock$", name):
                continue
            found[name] = (oct(path.stat().st_mode), None if path.is_dir() else path.read_bytes())
        return found
