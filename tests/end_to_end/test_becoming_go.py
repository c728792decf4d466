"""What a call costs and what is seen of it: no process, no word, no password; the terminal is go's."""

from __future__ import annotations

import os
import pty
import re
import select
import time

import pytest

from tests.end_to_end.machine import unmanaged

READER = """package main

import (
	"bufio"
	"fmt"
	"os"
)

func main() {
	state, err := os.Stdin.Stat()
	fmt.Println("terminal", err == nil && state.Mode()&os.ModeCharDevice != 0)
	line, _ := bufio.NewReader(os.Stdin).ReadString('\\n')
	fmt.Print("read ", line)
}
"""


@pytest.mark.parametrize("arguments", [("env",), ("version",), ("env", "-json"), ("env", "GOROOT", "GOPATH")])
def test_go_env_and_go_version_print_what_they_print_without_goshim(real, embedded_go, arguments):
    bad = {"CGO_ENABLED": "0\r", "GOROOT": "C:\\Go", "GOPRIVATE": "https://x.test"}
    good = {"CGO_ENABLED": "0", "GOPRIVATE": "x.test"}
    for through, bare in (({}, {}), (bad, good)):
        expected = real.call(embedded_go, *arguments, env=bare)
        assert expected.err == b""
        for _ in "cold", "warm":
            done = real.go(*arguments, env=through)
            strip = re.compile(rb"/go-build\d+")  # a directory of each call's own
            assert strip.sub(b"", done.out) == strip.sub(b"", expected.out)
            assert (done.err, done.code) == (b"", 0)
        assert real.warm(*arguments, env=through).err == b""


def test_a_warm_call_starts_no_process_before_it_becomes_go(machine, program):
    env = {"CGO_ENABLED": "0\r", "GOROOT": "C:\\Go"}
    machine.project_file.write_text("[epoch]\nsource = 1\n")
    machine.go(env=env)
    log = machine.root / "strace"
    command = [program("strace"), "-f", "-qq", "-o", log, "-e", "trace=fork,vfork,clone,clone3,execve"]
    done = machine.call(*command, machine.launcher, env=env)
    if "ptrace" in done.message:
        pytest.skip("strace may not trace here")
    calls = [line.split(None, 1)[1] for line in log.read_text().splitlines()]
    programs = [call.split('"')[1] for call in calls if call.startswith("execve(")]
    assert programs == [str(machine.launcher), str(machine.tools / "bin/go")]
    until_go = calls[: [index for index, call in enumerate(calls) if call.startswith("execve(")][1]]
    assert not [call for call in until_go if not call.startswith("execve(")]


def test_a_program_that_go_runs_reads_the_terminal(real):
    (real.work / "reader.go").write_text(READER)
    for _ in "cold", "warm":
        shown = _on_a_terminal(real, [real.launcher, "run", "reader.go"], b"typed\n")
        assert b"terminal true\r\n" in shown
        assert b"read typed\r\n" in shown


def test_go_run_passes_on_stdin_and_the_exit_code(real):
    (real.work / "reader.go").write_text(READER + "\nfunc init() { if len(os.Args) > 1 { os.Exit(3) } }\n")
    assert real.go("run", "reader.go", stdin=b"piped\n").out == b"terminal false\nread piped\n"
    done = real.go("run", "reader.go", "fail")
    assert (done.out, done.err, done.code) == (b"", b"exit status 3\n", 1)


@pytest.mark.parametrize("value", ["http://me:hunter2@proxy.test:1", "'http://me:hunter2@proxy.test:1' \r"])
def test_a_password_reaches_go_and_no_file_of_the_store(machine, value):
    expected = b"http://me:hunter2@proxy.test:1"
    assert machine.go().code == 0
    for _ in "cold", "warm":
        assert machine.dump(env={"HTTPS_PROXY": value}).environment[b"HTTPS_PROXY"] == expected
    other = value.replace("hunter2", "hunter3")
    assert machine.dump(env={"HTTPS_PROXY": other}).environment[b"HTTPS_PROXY"] == expected.replace(b"2", b"3")
    machine.project_file.write_text(f'[proxy]\nhttps = "{expected.decode()}"\n[epoch]\nsource = 5\n')
    machine.go()
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text(machine.project_file.read_text())
    assert machine.dump().environment[b"HTTPS_PROXY"] == expected
    stored = [path for path in machine.store.rglob("*") if path.is_file()]
    assert stored
    assert not [path for path in stored if b"hunter" in path.read_bytes()]


def test_goshim_env_and_verbose_calls_show_no_password(machine):
    env = {"HTTPS_PROXY": "'http://me:hunter2@proxy.test:1'", "GOPROXY": " https://tok3n@proxy.test "}
    for done in [
        *(machine.goshim("env", *form, env=env) for form in ((), ("--json",), ("--explain",))),
        machine.goshim("config", "show", env={**env, "GOSHIM_PROXY__HTTP": "http://me:hunter2@proxy.test:1"}),
        machine.go("exit", "0", env={**env, "GOSHIM_VERBOSE": "1"}),
    ]:
        assert (done.code, b"hunter2" in done.out + done.err, b"tok3n" in done.out + done.err) == (0, False, False)


def test_a_verbose_call_tells_each_change_and_changes_the_same(machine):
    env = {"CGO_ENABLED": "off"}
    quiet = machine.dump(env=env)
    done = machine.go(env={**env, "GOSHIM_VERBOSE": "1"})
    assert done.message.startswith("goshim: CGO_ENABLED: off → unset (cgo-invalid: ")
    assert done.message.count("\n") == 1
    assert b"CGO_ENABLED" not in quiet.environment


def test_on_a_healthy_machine_outside_wsl_nothing_is_changed(machine, embedded_go):
    healthy = {
        "GOPATH": machine.home / "go",
        "GOROOT": machine.tools,
        "GOFLAGS": "-mod=mod -trimpath",
        "GOPRIVATE": "corp.test/*,other.test",
        "HTTPS_PROXY": "http://me:pw@proxy.test:3128",
        "no_proxy": "localhost,10.0.0.0/8",
        "SOURCE_DATE_EPOCH": "1700000000",
        "CGO_ENABLED": "1",
        "GOPROXY": "https://proxy.test|direct",
    }
    assert machine.changes(env=healthy) == {}
    for _ in "cold", "warm":
        assert unmanaged(machine.dump(env=healthy).environment) == unmanaged(machine.with_env(healthy))


def _on_a_terminal(machine, command, typed):
    """What a program shows on a terminal of its own, on which something is typed as soon as it shows anything."""
    if not os.path.exists("/dev/pts/ptmx"):
        pytest.skip("no terminals to be had here: /dev/pts is not mounted")
    process, terminal = pty.fork()
    if not process:
        os.chdir(machine.work)
        os.execve(command[0], [os.fspath(word) for word in command], machine.with_env(None))
    shown, until = b"", time.monotonic() + 60
    while time.monotonic() < until and select.select([terminal], [], [], 60)[0]:
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # EIO: the other end is closed
            break
        if chunk and not shown:
            os.write(terminal, typed)
        shown += chunk
    os.close(terminal)
    os.waitpid(process, 0)
    return shown
