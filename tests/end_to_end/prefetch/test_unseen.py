"""Nothing is seen of what is fetched before a call: not in its output, nor in its module's files, nor in its code."""

from __future__ import annotations

import os

import pytest

from tests.end_to_end.generated_modules import modules
from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.prefetch.fetching import LIST, LISTS, RUNNING, ZIP, needing, told, with_tool, workspace

FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")
ONLY_LISTS = '[[ "$*" == *"list -deps"* ]] || exit 0'  # what else it would change is its own affair
COUNT = """
	file, _ := os.OpenFile(os.Getenv("RUNS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	file.WriteString("run\\n")
"""
COUNTING_TEST = f"""package main

import (
	"os"
	"testing"
)

func Test(t *testing.T) {{{COUNT}
	if os.Getenv("FAIL") != "" {{
		t.Fatal("read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer")
	}}
}}
"""
COUNTING_PROGRAM = f"""package main

import "os"

//go:generate /bin/sh -c "echo run >>$RUNS; exit $FAIL"

func main() {{{COUNT}
	if os.Getenv("FAIL") != "" {{
		println("go: x.test/y@v1.0.0: read \\"http://x.test/y.zip\\": read: connection reset by peer")
		os.Exit(1)
	}}
}}
"""
ECHO = 'package main\n\nimport (\n\t"io"\n\t"os"\n)\n\nfunc main() { io.Copy(os.Stdout, os.Stdin) }\n'


@pytest.mark.parametrize(("name", "times"), [("test", 0), *((name, 2) for name in RUNNING)])
def test_nothing_is_seen_of_it(user, proxy, name, times):
    needing(user)
    with_tool(user)
    bare = user.bare(*RUNNING[name], env={"GOMODCACHE": user.root / "bare"})
    proxy.forget()
    proxy.breaks = [Break("503", ZIP, times)]
    done = user.go(*RUNNING[name])
    assert told(done) == told(bare)
    assert "go: downloading" not in done.message
    assert user.recorded.words == [LISTS[name]] * (times + 1) + [" ".join(RUNNING[name])]
    again = user.go(*RUNNING[name])
    assert (told(again), again.err) == (told(bare), done.err)


@pytest.mark.parametrize("file", ["main.go", "part00/part00_test.go", "go.mod"])
def test_nor_is_where_the_call_fails_afterwards(user, proxy, file):
    needing(user)
    (user.work / file).write_text("nonsense\n")
    bare = user.bare("test", "./...")
    assert bare.code == 1
    for _ in range(2):
        assert told(user.go("test", "./...")) == told(bare)


def test_what_was_lost_is_told_by_go_alone(user, proxy):
    needing(user)
    proxy.breaks = [Break("503", ZIP, ALWAYS)]
    bare, done = user.bare("test", "./..."), user.go("test", "./...")
    assert told(done) == told(bare)
    assert bare.code == 1
    assert user.recorded.words == [LIST] * 4 + ["test ./..."]


def test_what_is_typed_reaches_the_program(user, proxy):
    needing(user)
    (user.work / "main.go").write_text(ECHO)
    text = os.urandom(300_000)
    assert user.go("run", ".", stdin=text).out == text
    assert user.recorded.words == ["list -deps -buildvcs=false -- .", "run ."]


# Files of the module.


def state(directory):
    """The files that the go command keeps in a directory, with their bytes and times."""
    return {name: (path.read_bytes(), path.stat().st_mtime_ns) for name in FILES if (path := directory / name).exists()}


@pytest.mark.parametrize(
    ("how", "missing"),
    [
        ("plain", "go.sum"),
        ("plain", "requirement"),
        ("GOFLAGS", "go.sum"),
        ("GOFLAGS in quotes", "requirement"),
        ("GOFLAGS of go env -w", "requirement"),
        ("flag", "requirement"),
        ("two words", "go.sum"),
    ],
)
def test_go_mod_and_go_sum_stay_as_they_are(make, how, missing):
    user = make(ONLY_LISTS)
    needing(user)
    if missing == "go.sum":
        (user.work / "go.sum").unlink()
    else:
        text = (user.work / "go.mod").read_text()
        (user.work / "go.mod").write_text(text.replace("\texample.com/m01 v1.0.0\n", ""))
    env, flags = {}, []
    match how:
        case "GOFLAGS":
            env["GOFLAGS"] = "-mod=mod"
        case "GOFLAGS in quotes":
            env["GOFLAGS"] = "'-mod=mod' -modcacherw"
        case "GOFLAGS of go env -w":
            env["GOFLAGS"] = None
            user.put(user.home / ".config/go/env", "GOFLAGS=-mod=mod\n", 0o644)
        case "flag":
            flags = ["-mod=mod"]
        case "two words":
            flags = ["-mod", "mod"]
    before = state(user.work)
    with ModuleProxy(modules(4)) as proxy:
        assert user.go("test", *flags, "./...", env={**env, "GOPROXY": proxy.url}).code == 0
    assert user.recorded.words[0].startswith("list -deps -test")
    assert state(user.work) == before


@pytest.mark.parametrize(
    ("where", "there"), [(".", ""), ("a", "example.com/other v1.0.0/go.mod h1:x=\n"), (".", None), ("a", None)]
)
def test_go_work_sum_stays_as_it_is(make, where, there):
    user = make(ONLY_LISTS)
    workspace(user, root=True)
    for name in "go.sum", "a/go.sum", "b/go.sum":
        (user.work / name).write_text("")
    if there is not None:
        (user.work / "go.work.sum").write_text(there)
    with ModuleProxy(modules(4)) as proxy:
        env = {"GOPROXY": proxy.url}
        assert user.go("test", "./...", cwd=user.work / where, env=env).code == 0
        assert user.recorded.words == [LIST, "test ./..."]
        after = user.work / "go.work.sum"
        assert (after.read_text() if after.exists() else None) == there
        assert user.bare("-C", where, *LIST.split(), env=env).code == 0
    assert f"example.com/m0{0 if where == 'a' else 2} v1.0.0 h1:" in after.read_text()  # else nothing was tested


# Code of the user's.


@pytest.mark.parametrize(("name", "fails"), [("test", ""), ("tool", ""), *((name, "1") for name in RUNNING)])
def test_code_of_the_users_is_run_once_however_it_ends(user, proxy, name, fails):
    needing(user)
    proxy.breaks = [Break("503", ZIP)]
    (user.work / "main_test.go").write_text(COUNTING_TEST)
    (user.work / "main.go").write_text(COUNTING_PROGRAM)
    with_tool(user)
    words = RUNNING[name]
    runs = user.root / "runs"
    for number in 1, 2:
        done = user.go(*words, env={"RUNS": str(runs), "FAIL": fails})
        assert bool(done.code) == bool(fails), done
        assert runs.read_text() == "run\n" * number
        assert "goshim" not in done.message
    fetching = [LISTS[name]] * (2 if words[-1] == "./..." else 1)  # the program itself needs no module
    assert user.recorded.words == [*fetching, *[" ".join(words)] * 2]
