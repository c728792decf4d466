"""A go that notes each call: which process it was, whose child, where, with which words. It can be refused files.

    go = RecordedGo(root / "recorded", embedded_go)
    go.called_by(user, "run", ".") == [("below", "list -deps -buildvcs=false -- ."), ("itself", "run .")]

A call is go "itself" where the launcher became it, and "below" where what the launcher became is its parent.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from tests.end_to_end.machine import make_toolchain

_SCRIPT = """#!/bin/bash
# another go, which notes how it was called
place={place}
mapfile -d '' -t parent </proc/$PPID/cmdline
printf '%s\\t%s\\t%s\\t%s\\t%s\\n' $$ $PPID "$PWD" "$*" "${{parent[*]:0:7}}" >>"$place/calls"
mapfile -t faults <"$place/faults"
if ((${{#faults[@]}})); then
  echo >>"$place/runs"
  mapfile -t runs <"$place/runs"
  ((${{#runs[@]}} > faults[0])) || exec {strace} -f -qq -o "$place/trace.${{#runs[@]}}" "${{faults[@]:1}}" {go} "$@"
fi
{instead}
exec {go} "$@"
"""
_CALLS = {"rename": "?rename,?renameat,?renameat2", "open": "?open,openat", "flock": "flock"}


class Called(NamedTuple):
    """One call."""

    process: int
    parent: int
    directory: str
    words: str
    parent_words: str


class RecordedGo:
    """A toolchain at `place`, whose go notes its calls and becomes `go`; `instead` is bash that comes before that."""

    def __init__(self, place, go, strace="", instead=""):
        self.place = Path(place)
        script = _SCRIPT.format(place=place, go=go, strace=strace, instead=instead)
        self.path = make_toolchain(self.place, script.encode())
        self.forget()
        self.heal()

    @property
    def calls(self):
        """The calls so far, in their order."""
        lines = (self.place / "calls").read_text("utf-8", "surrogateescape").splitlines()
        found = [line.split("\t") for line in lines]
        return [Called(int(process), int(parent), *others) for process, parent, *others in found]

    @property
    def words(self):
        """What each call so far was."""
        return [call.words for call in self.calls]

    def forget(self):
        """Note calls from now on."""
        (self.place / "calls").write_text("")

    def refuse(self, *paths, call="rename", error="EACCES", runs=1):
        """Let a system call fail on any of some paths in the next runs of go."""
        words = [word for path in paths for word in ("-P", os.fspath(path))]
        events = [f"trace={_CALLS[call]}", f"inject={_CALLS[call]}:error={error}"]
        words += [word for event in events for word in ("-e", event)]
        (self.place / "runs").write_text("")
        (self.place / "faults").write_text("\n".join(map(str, [runs, *words])) + "\n")

    def heal(self):
        """Refuse nothing any longer."""
        (self.place / "faults").write_text("")

    @property
    def refused(self):
        """The system calls that were made to fail, as strace shows them."""
        traces = (path.read_text("utf-8", "replace") for path in sorted(self.place.glob("trace.*")))
        return [line for trace in traces for line in trace.splitlines() if line.endswith("(INJECTED)")]

    def called_by(self, user, *words, env=None, **more):
        """What a call of go through goshim leads to: for each run of this go how it was started, and its words."""
        self.forget()
        note = user.root / "launched"
        done = user.call("/bin/sh", "-c", 'echo $$ >"$0"; exec "$@"', note, user.launcher, *words, env=env, **more)
        assert b"go runs without it" not in done.err
        launched = int(note.read_text())
        return [(_manner(call, launched), call.words) for call in self.calls]


def _manner(call, launched):
    if call.process == launched:
        return "itself"
    return "below" if call.parent == launched and "boot.py watch" in call.parent_words else "elsewhere"
