"""goshim's own commands, called as users call them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest

from tests.end_to_end.machine import CHECKOUT, COMMAND, Dump, applied, default_signals, unmanaged

BAD = {"CGO_ENABLED": "0\r", "GOROOT": "C:\\Go", "GOPRIVATE": "'a.test;b.test'"}
MENDED = {"CGO_ENABLED": "0", "GOROOT": None, "GOPRIVATE": "a.test,b.test"}
NASTY = "it's \"$HOME\" `id` $(id) \\ \\' \n%s \t é * ~ ; & | ! # \u2019 {a,b} [x] ^ (y)"


def test_env_tells_each_change_in_a_line(machine):
    done = machine.goshim("env", env=BAD)
    lines = done.text.splitlines()
    assert [line.split(":")[0] for line in lines] == ["GOROOT", "CGO_ENABLED", "GOPRIVATE"]
    assert lines[1].startswith("CGO_ENABLED: '0\\r' → 0 (cgo-invalid: ")
    assert machine.goshim("env").text == "nothing to change\n"


def test_env_json_has_the_documented_shape(machine):
    machine.project_file.write_text("[epoch]\nsource = 4\n")
    found = machine.goshim("env", "--json", env=BAD).json
    assert found["schema"] == 1
    assert found["toolchain"] == {
        "go": f"{machine.tools}/bin/go",
        "goroot": str(machine.tools),
        "version": "go1.27.3",
        "source": "PATH",
    }
    assert found["project"] == str(machine.project_file)
    assert {each["variable"]: each["after"] for each in found["changes"]} == {**MENDED, "SOURCE_DATE_EPOCH": "4"}
    assert all(set(each) == {"variable", "before", "after", "rule", "reason"} for each in found["changes"])
    assert {each["variable"]: each["before"] for each in found["changes"]} == {**BAD, "SOURCE_DATE_EPOCH": None}
    assert machine.goshim("env", "--json", cwd=machine.home).json["project"] is None


def test_env_explain_tells_every_rule_and_those_that_act_in_full(machine):
    text = machine.goshim("env", "--explain", env=BAD).text
    for rule in ("path-windows-last", "goroot-foreign", "cgo-invalid", "proxy-url", "module-cache-native", "go-env"):
        assert f"\n{rule} (" in f"\n{text}"
    assert "cmd/go/internal/cfg/cfg.go, findGOROOT" in text


@pytest.mark.parametrize("value", [NASTY, "\udcff\udcfe", "line\nline", "-n", "", " ", "'", "\\", "é\u2019"])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_statements_for_a_shell_give_exactly_the_value_to_go(machine, program, shell, value):
    program(shell)
    machine.config.parent.mkdir(parents=True)
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "ignore").decode()
    machine.config.write_text(f'[env]\nSAMPLE = {text}\n[path]\nprepend = ["/a b\'c"]\n', encoding="utf-8")
    env = {**BAD, "GOPROXY": f" {value}\r".encode("utf-8", "surrogateescape")}
    statements = machine.goshim("env", "--shell", "bash" if shell == "zsh" else shell, env=env)
    assert statements.err == b""
    script = machine.put(machine.root / f"script.{shell}", statements.out + b"\nexec cat /proc/self/environ\n")
    command = {"bash": ["bash", "-p"], "zsh": ["zsh", "-f"], "fish": ["fish", "-N"]}
    done = machine.call(*command[shell], script, env=env)
    assert done.err == b""
    final = dict(entry.split(b"=", 1) for entry in done.out.split(b"\0") if entry)
    wanted = machine.dump(env=env).environment
    for name in (b"SAMPLE", b"PATH", b"GOROOT", b"CGO_ENABLED", b"GOPRIVATE", b"GOPROXY"):
        assert final.get(name) == wanted.get(name), name


def test_exec_runs_a_program_in_the_environment_of_go(machine):
    done = machine.goshim("exec", "--", f"{machine.tools}/bin/go", "-x", "", "a b", env=BAD)
    dump = Dump.of(done.out)
    assert dump.arguments[1:] == [b"-x", b"", b"a b"]
    assert dump.environment == applied(machine.with_env(BAD), MENDED)


def test_exec_finds_a_program_by_the_path_that_go_gets(machine):
    machine.config.parent.mkdir(parents=True)
    machine.put(machine.root / "extra/tool", "#!/bin/sh\nexit 9\n")
    machine.config.write_text(f'[path]\nprepend = ["{machine.root}/extra"]\n')
    assert machine.goshim("exec", "--", "tool").code == 9
    assert machine.goshim("exec", "tool").code == 9


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (["nonexistent-program"], 127),
        (["/nonexistent/program"], 127),
        (["/etc/passwd"], 126),
        (["/tmp"], 126),
        ([], 2),
        (["sh", "-c", "exit 42"], 42),
        (["sh", "-c", "kill -TERM $$"], -15),
    ],
)
def test_exec_ends_as_a_shell_would(machine, command, code):
    done = machine.goshim("exec", "--", *command)
    assert (done.code, b"Traceback" in done.err) == (code, False)
    assert done.err.startswith(b"goshim: ") == (code in (2, 126, 127))


def test_exec_passes_on_no_signal_that_only_python_ignores(machine):
    done = machine.goshim("exec", "--", "cat", "/proc/self/status", preexec_fn=default_signals)
    ignored = int(done.text.partition("SigIgn:\t")[2].partition("\n")[0], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)


def test_which_names_the_go_that_is_run_and_all_that_were_looked_at(machine):
    machine.put(machine.root / "plain/go", b"text", mode=0o644)
    machine.env["PATH"] = f"{machine.root}/plain:{machine.env['PATH']}"
    assert machine.goshim("which").text == f"{machine.tools}/bin/go\n"
    assert machine.goshim("which", "--json").json == {"schema": 1, **machine.goshim("env", "--json").json["toolchain"]}
    lines = machine.goshim("which", "--all").text.splitlines()
    assert [line.split()[0] for line in lines[:2]] == [f"{machine.root}/plain/go", f"{machine.launcher}"]
    assert "not an executable file" in lines[0]
    assert "launcher" in lines[1]
    assert lines[2].startswith(f"* {machine.tools}/bin/go")
    found = machine.goshim("which", "--all", "--json").json["candidates"]
    assert [each["path"] for each in found if each["taken"]] == [f"{machine.tools}/bin/go"]
    assert len(found) == len(lines)


def test_off_and_on_work_at_once_and_for_every_caller(machine):
    warm = machine.dump(env=BAD).environment
    assert b"GOROOT" not in warm
    done = machine.goshim("off")
    assert (done.code, str(machine.home / ".config/goshim/off") in done.text) == (0, True)
    for go in (machine.dump, machine.warm_dump):
        assert unmanaged(go(env=BAD).environment) == unmanaged(machine.with_env(BAD))
    machine.project_file.write_text("not a config")
    assert machine.go("exit", "5") == (b"", b"", 5)
    machine.project_file.unlink()
    assert machine.goshim("off").code == 0
    assert machine.goshim("on").code == 0
    assert machine.dump(env=BAD).environment == warm
    assert machine.goshim("on").code == 0
    assert unmanaged(machine.dump(env={**BAD, "GOSHIM": "off"}).environment) == unmanaged(
        machine.with_env({**BAD, "GOSHIM": "off"})
    )


def test_off_without_a_home_is_told(sheltered):
    done = sheltered.goshim("off", env={"HOME": None})
    assert (done.code, b"HOME" in done.err) == (2, True)


COMMANDS = "env|env --json|env --explain|which|which --all|config show|config schema|completion bash|--help|--version"


@pytest.mark.parametrize("command", COMMANDS.split("|"))
def test_a_reader_that_goes_away_is_no_error(machine, command):
    words = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), *command.split()]
    read, write = os.pipe()
    os.close(read)
    environment = machine.with_env(None)
    done = subprocess.run(words, env=environment, stdout=write, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(write)
    assert done.stderr == b""


@pytest.mark.parametrize(
    "env", [{"HOME": None}, {"HOME": "x"}, {"PATH": None}, {"PATH": ""}, {"LANG": "C"}, {"PWD": "/x"}]
)
def test_commands_work_in_a_bare_environment(sheltered, env):
    if shutil.which("go", path="/usr/bin:/bin") is None and "PATH" in env:
        pytest.skip("no go at hand without PATH")
    for command in ("env --json", "which --all", "config show --origin", "config check", "exec -- /bin/true"):
        done = sheltered.goshim(*command.split(), env=env)
        assert (done.err, done.code) == (b"", 0), command


@pytest.mark.parametrize(
    "words",
    [
        "nonsense",
        "env --nonsense",
        "config nonsense",
        "env x",
        "env --shell tcsh",
        "cache x",
        "off now",
        "completion",
        "env --json --explain",
        "install --dir",
        "exec",
    ],
)
def test_a_wrong_command_line_ends_with_2_and_no_traceback(machine, words):
    done = machine.goshim(*words.split())
    assert (done.code, b"Traceback" in done.err + done.out) == (2, False)


def test_an_output_that_is_full_is_told_without_a_traceback(machine):
    words = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), "env", "--json"]
    with open("/dev/full", "wb") as full:
        environment = machine.with_env(None)
        done = subprocess.run(words, env=environment, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert (done.returncode != 0, b"Traceback" in done.stderr, done.stderr.startswith(b"goshim: ")) == (
        True,
        False,
        True,
    )


@pytest.mark.parametrize(
    "words", [["env", "--bad"], ["env", "x"], ["env", "--shel", "bash"], ["completion"], ["install", "--dir"]]
)
def test_a_wrong_command_line_leaves_stdout_empty(machine, words):
    done = machine.goshim(*words)
    assert (done.out, done.code, b"--help" in done.err) == (b"", 2, True)


def test_what_a_clone_says_does_nothing_to_a_terminal(machine):
    machine.project_file.write_text('"\\u001b]0;x\\u0007\\nnext line" = 1\n[env]\n"A\\u009b" = "x"\n')
    for done in machine.goshim("env"), machine.go(), machine.goshim("config", "check"):
        assert not {b"\x1b", b"\x07", b"\xc2\x9b"} & {
            done.out[i : i + n] + done.err[i : i + n] for n in (1, 2) for i in range(600)
        }
        assert b"\nnext line" not in done.out + done.err


@pytest.mark.parametrize("limit", ["1", "2", "7"])
def test_a_limit_on_nested_functions_is_gos_to_see_and_not_the_launchers_to_obey(machine, limit):
    for _ in "cold", "warm":
        assert machine.dump(env={"FUNCNEST": limit}).environment[b"FUNCNEST"] == limit.encode()


def test_verbose_tells_at_the_very_next_call(machine):
    assert machine.go(env={**BAD, "GOSHIM_VERBOSE": "0"}).err == b""
    assert b"goroot-foreign" in machine.go(env={**BAD, "GOSHIM_VERBOSE": "1"}).err
