"""A clone that was made to run a program through what is fetched before a call: nothing of it runs."""

from __future__ import annotations

import subprocess

import pytest

PROGRAM = '#!/bin/sh\necho "$0 $*" >>{}\nexit 1\n'
TOOLS = "tool (\n\t-f={{.Stale}}/NAME\n\t-toolexec=./x/NAME\n\t-export/NAME\n\t-C=/tmp/NAME\n)\n"
GO_WORK = "go 1.24\n\nuse .\n\nreplace (\n\tuse => ./y\n)\n"
FILES = {
    "a block of go.work, for a tool of go's own": ("cover", {"go.work": GO_WORK, "=> ./y/go.mod": TOOLS}),
    "a block of go.work": ("zz", {"go.work": GO_WORK, "=> ./y/go.mod": TOOLS}),
    "go.mod": ("zz", {"go.mod": f"module m\n\ngo 1.24\n\n{TOOLS}"}),
    "go.mod, in quotes": ("zz", {"go.mod": 'module m\n\ngo 1.24\n\ntool "-export/zz"\ntool "-toolexec=./x/zz"\n'}),
    "go.mod, by a name of go's own": ("vet", {"go.mod": f"module m\n\ngo 1.24\n\n{TOOLS}"}),
}


@pytest.fixture
def clone(user):
    """A user's clone with a program in it, and the words with which it was run."""
    user.ran = user.root / "ran"
    user.put(user.work / "go.mod", "module m\n\ngo 1.24\n", 0o644)
    user.put(user.work / "main.go", "package main\n\nfunc main() {}\n", 0o644)
    for name in ("cover", "vet", "zz"):
        user.put(user.work / "x" / name, PROGRAM.format(user.ran))
    return user


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("how", ["name", "flag"])
def test_no_word_of_a_clone_is_a_flag_to_go(clone, kind, how):
    name, files = FILES[kind]
    for path, text in files.items():
        head = "module y\n\ngo 1.24\n\n" if path.startswith("=>") else ""
        clone.put(clone.work / path, head + text.replace("NAME", name), 0o644)
    words = ("tool", name, "-V=full") if how == "flag" else ("tool", name)
    clone.go(*words)
    assert not clone.ran.exists()
    assert clone.recorded.words == [" ".join(words)]


@pytest.mark.parametrize("words", [("generate", "./..."), ("test", "./..."), ("run", "."), ("test", "main.go")])
def test_git_runs_nothing_that_it_would_not_run_for_the_call_itself(clone, words):
    git = ["git", "-C", clone.work]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "config", "core.fsmonitor", clone.work / "x/zz"], check=True)
    clone.env["GOFLAGS"] += " -buildvcs=auto"
    clone.bare(*words)
    by_bare = clone.ran.read_text().count("\n") if clone.ran.exists() else 0
    clone.ran.unlink(missing_ok=True)
    clone.go(*words)
    by_shim = clone.ran.read_text().count("\n") if clone.ran.exists() else 0
    assert by_shim == by_bare
    assert len(clone.recorded.words) == 2
