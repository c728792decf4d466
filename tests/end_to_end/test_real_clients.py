"""Real toolchains and the programs that call go, unharmed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.end_to_end.language_server import running
from tests.end_to_end.machine import Machine

MAIN = 'package main\n\nimport "os"\n\n// Greeting is said first.\nconst Greeting = "hello"\n\n'
MAIN += "//go:generate go version\n\nfunc main() { os.Stdout.WriteString(Greeting) }\n"
TEST = """package main

import (
	"io"
	"os"
	"testing"
)

func TestStdin(t *testing.T) {
	if data, _ := io.ReadAll(os.Stdin); len(data) > 0 {
		t.Error("go test gives a test no stdin")
	}
}
"""
BAD = {"CGO_ENABLED": "0\r", "GOROOT": "C:\\Go", "SOURCE_DATE_EPOCH": "soon", "GOPRIVATE": "https://x.test"}


def write_module(machine):
    machine.put(machine.work / "go.mod", "module hello.test\n\ngo 1.19\n")
    machine.put(machine.work / "main.go", MAIN)
    machine.put(machine.work / "main_test.go", TEST)


@pytest.fixture
def project(tmp_path, installed_launcher, any_go, go_cache):
    """A machine with one of the real toolchains, and a module to work on."""
    made = Machine(tmp_path / "real", installed_launcher, b"")
    shutil.rmtree(made.tools)
    made.real_go = any_go
    made.env["PATH"] = f"{made.bin}:{any_go.parent}:/usr/bin:/bin"
    made.env |= {**{name: value for name, value in go_cache.items() if name != "GOFLAGS"}, "CGO_ENABLED": "0"}
    write_module(made)
    return made


def test_each_go_does_its_work_through_goshim_in_a_bad_environment(project):
    bare = project.call(project.real_go, "version")
    for _ in "cold", "warm":
        assert project.go("version", env=BAD) == bare
        assert project.go("env", "CGO_ENABLED", "GOPRIVATE", env=BAD) == (b"0\nx.test\n", b"", 0)
    assert project.goshim("which", "--json", env=BAD).json["version"] == bare.text.split()[2]
    for words in (["build", "-o", "hello", "."], ["vet", "./..."], ["test", "./..."], ["list", "./..."]):
        done = project.go(*words, env=BAD, stdin=b"piped")
        assert (done.err, done.code) == (b"", 0), words
    assert project.call(project.work / "hello").out == b"hello"
    assert project.go("run", ".", env=BAD).out == b"hello"
    assert project.go("generate", "./...", env=BAD).out == bare.out
    broken = project.put(project.work / "broken.go", "package main\n\nfunc f() int {}\n")
    done = project.go("build", ".", env=BAD)
    assert done.code in (1, 2)  # 2 before Go 1.20
    assert b"broken.go:3" in done.err
    broken.unlink()
    assert project.go("nonsense", env=BAD).code == 2


@pytest.fixture
def newest(real):
    """A machine with the newest go, and a module to work on."""
    write_module(real)
    real.env["CGO_ENABLED"] = "0"
    return real


def test_a_build_through_goshim_is_the_build_of_bare_go(newest, embedded_go):
    for name, go in (("bare", embedded_go), ("through", newest.launcher)):
        assert newest.call(go, "build", "-trimpath", "-o", name, ".").code == 0
    assert (newest.work / "bare").read_bytes() == (newest.work / "through").read_bytes()


def test_a_makefile_runs_go_through_goshim(newest, program):
    newest.put(newest.work / "Makefile", "all: ; go build -o hello . && ./hello && go env CGO_ENABLED GOPRIVATE\n")
    done = newest.call(program("make"), "-s", env=BAD)
    assert (done.out, done.err, done.code) == (b"hello0\nx.test\n", b"", 0)


def test_an_editor_that_puts_go_env_back_into_its_environment_changes_nothing_more(newest):
    """As vscode-go does: every value of `go env -json` becomes a variable of its later calls."""
    echo, before = {}, None
    for _ in range(3):
        shown = newest.go("env", "-json", env={**BAD, **echo})
        assert (shown.err, shown.code) == (b"", 0)
        values = {name: value for name, value in shown.json.items() if name != "GOGCCFLAGS"}
        assert before in (None, values)
        before, echo = values, values
    assert newest.changes(env={**dict.fromkeys(BAD), **echo}) == {}


def test_what_go_starts_runs_the_real_go_and_is_given_the_clean_environment(newest):
    newest.put(
        newest.work / "main.go",
        'package main\n\n//go:generate sh -c "command -v go; go env GOPRIVATE"\n\nfunc main() {}\n',
    )
    for _ in "cold", "warm":
        shown = newest.go("generate", ".", env=BAD).text.split()
        assert shown == [newest.go("env", "GOROOT", env=BAD).text.strip() + "/bin/go", "x.test"]


def test_gopls_answers_a_request(tmp_path, installed_launcher, program, go_cache):
    """Debian's gopls with Debian's go, of one age."""
    found = sorted(Path("/usr/lib").glob("go-*/bin/go")) or pytest.skip("no go of a distribution")
    machine = Machine(tmp_path / "gopls", installed_launcher, b"")
    write_module(machine)
    machine.env["PATH"] = f"{machine.bin}:{found[0].parent}:/usr/bin:/bin"
    machine.env |= {**{name: value for name, value in go_cache.items() if name != "GOFLAGS"}, **BAD}
    with running(machine, program("gopls")) as server:
        server.open(machine.work)
        document = {"uri": f"file://{machine.work}/main.go", "languageId": "go", "version": 1, "text": MAIN}
        server.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        position = {"line": MAIN[: MAIN.index("Greeting =")].count("\n"), "character": 8}
        where = {"textDocument": {"uri": document["uri"]}, "position": position}
        server.send({"id": 2, "method": "textDocument/hover", "params": where})
        assert "Greeting is said first" in server.answer(2)["result"]["contents"]["value"]
    assert machine.plans()
