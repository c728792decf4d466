"""No name that others choose does anything to the terminal, or passes for a line of goshim's."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
import unicodedata

import pytest

from tests.end_to_end.machine import CHECKOUT, COMMAND

FORGED = "FORGED"
NAMES = {
    "escapes": "\x1b]0;title\x07\x1b[31m\x9b31m\u202eog\u2066\u200f\u200b\ufeff\u00ad\u3164\rb\b\x7f\u2028".encode(),
    "forged line": f"a\n{FORGED}\n  sudo".encode(),
    "no text": b"\xff\xfe\x9b",
}


def commands(machine, here):
    """The command lines, with what is added to the environment; each prints a name."""
    bin_of_clone = os.fsencode(here) + b"/bin"
    put(bin_of_clone + b"/go", b"text", 0o644)
    put(os.fsencode(here) + b"/tool/bin/go", (machine.tools / "bin/go").read_bytes(), 0o755)
    os.makedirs(os.fsencode(here) + b"/tool/pkg/tool")
    put(os.fsencode(here) + b"/tool/VERSION", b"go1\x1b[2J\xff", 0o644)
    word = os.path.basename(here)
    path = b":".join([bin_of_clone, os.fsencode(here) + b"/tool/bin", os.fsencode(machine.env["PATH"])])
    hostile = {"PATH": path}
    at_home = {"HOME": here, "XDG_CACHE_HOME": machine.store, "SHELL": "/bin/bash"}
    return {
        "config show": (["config", "show", "--origin"], {}),
        "config check": (["config", "check"], {}),
        "config check FILE": (["config", "check", "absent"], {}),
        "config init": (["config", "init"], {}),
        "which --all": (["which", "--all"], hostile),
        "which": (["which"], {**hostile, "GOSHIM_TOOLCHAIN__GO": os.fsencode(here) + b"/none"}),
        "env": (["env"], {**hostile, "GOROOT": "C:\\" + "x", "GOPROXY": b" " + os.fsencode(word)}),
        "env --explain": (["env", "--explain"], {"GOPROXY": b" " + os.fsencode(word)}),
        "env --shell": (["env", "--shell", word], {}),
        "cache copy": (["cache", "copy", "--from", here], {}),
        "install": (["install", "--dir", f"{here}/tool/bin"], {}),
        "start files": (["install", "--start-file", "--dir", machine.root / "d"], at_home),
        "uninstall": (["uninstall", "--dir", f"{here}/absent"], {}),
        "off": (["off"], at_home),
        "on": (["on"], at_home),
        "no command": ([word], {}),
        "no subcommand": (["config", word], {}),
        "no switch": (["which", f"--{word}"], {}),
        "no argument": (["which", word], {}),
        "completion": (["completion", word], {}),
        "exec": (["exec", "--", f"{here}/bin/go"], {}),
        "exec by name": (["exec", "--", word], {}),
        "doctor": (["doctor", "--no-windows"], hostile),
        "doctor --markdown": (["doctor", "--no-windows", "--markdown"], hostile),
        "doctor --json": (["doctor", "--no-windows", "--json"], hostile),
        "doctor word": (["doctor", word], {}),
        "doctor --load": (["doctor", "--load", f"{here}/none"], {}),
        "history": (["history"], {"XDG_STATE_HOME": f"{here}/state"}),
    }


def put(path, data, mode):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)


@pytest.fixture(params=NAMES)
def here(request, machine):
    """A working directory with a hostile name and a project file of hostile words."""
    name = os.fsdecode(NAMES[request.param])
    directory = f"{machine.work}/{name}"
    words = json.dumps(NAMES[request.param].decode("utf-8", "ignore"))
    words = words.replace("\x7f", "\\u007f")
    text = f"[rules]\noff = [{words}]\n[epoch]\nsource = 4\n{words} = 1\n[env]\nX = {words}\n"
    put(os.fsencode(directory) + b"/.goshim.toml", text.encode(), 0o644)
    record = {"time": f"2026-01-01T{name}", "class": name, "sign": "x", "path": name, "verb": name, "attempts": name,
              "waited_s": name, "won": True}  # fmt: skip
    put(os.fsencode(directory) + b"/state/goshim/journal.jsonl", json.dumps(record).encode() + b"\n", 0o600)
    return directory


def is_harmless(output):
    """Whether nothing in it does more to a terminal than be read, and no line is forged."""
    text = output.decode()
    kinds = {unicodedata.category(each) for each in text if each not in "\n\t"}
    unseen = kinds & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} or "\u3164" in text
    return not unseen and not any(line.startswith((FORGED, "  sudo")) for line in text.splitlines())


def on_a_terminal(machine, words, env, cwd):
    """What a command prints where stdout and stderr are a terminal, less the colours that rich gives it."""
    ours, its = os.openpty()
    command = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), *map(os.fspath, words)]
    environment = machine.with_env({"TERM": "xterm-256color", "COLUMNS": "200", **env})
    with subprocess.Popen(
        command, env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=its, stderr=its
    ) as running:
        os.close(its)
        output, end_s = b"", time.monotonic() + 60
        while time.monotonic() < end_s:
            if not select.select([ours], [], [], 1)[0]:
                continue
            try:
                data = os.read(ours, 1 << 16)
            except OSError:  # all that wrote to it have ended
                break
            output += data
        running.kill()
    os.close(ours)
    assert b"Traceback" not in output
    # rich: colours; and of its spinner to hide the cursor, to erase the line, to go up
    return re.sub(rb"\x1b\[[0-9;]*m|\x1b\[\?25[lh]|\r?\x1b\[(?:2K|1A)|\r(?=\n)", b"", output)


def test_no_command_prints_a_name_as_it_is(machine, here):
    told = {}
    for case, (words, env) in commands(machine, here).items():
        done = machine.goshim(*words, env=env, cwd=here)
        assert b"Traceback" not in done.err
        told[case] = done.out + done.err
    assert [case for case, output in told.items() if not is_harmless(output)] == []
    assert [case for case, output in told.items() if not output] == []


def test_no_command_prints_a_name_as_it_is_on_a_terminal(machine, here):
    cases = commands(machine, here)
    told = {
        case: on_a_terminal(machine, cases[case][0], cases[case][1], here)
        for case in ("config show", "config check", "which --all", "cache copy", "no command", "history", "doctor")
    }
    told["which alone"] = on_a_terminal(machine, ["which"], cases["which --all"][1], here)
    assert [case for case, output in told.items() if not is_harmless(output)] == []
    assert b"/tool/bin/go" in told["which alone"]


def test_a_call_of_go_says_no_name_as_it_is(machine, here):
    put(os.fsencode(here) + b"/sub/.goshim.toml", b"[epoch\n", 0o644)
    cases = {
        "config error": ({}, f"{here}/sub"),
        "no such go": ({"GOSHIM_TOOLCHAIN__GO": f"{here}/none"}, here),
        "verbose": ({"GOSHIM_VERBOSE": "1", "GOPROXY": b" " + os.fsencode(os.path.basename(here))}, here),
    }
    for case, (env, cwd) in cases.items():
        done = machine.go(env=env, cwd=cwd)
        assert done.ours, case
        assert is_harmless(done.err), case


def test_a_program_that_reads_the_path_of_go_gets_its_bytes(machine, here):
    """`$(goshim which)` and `goshim env --shell` are for programs: into a pipe they are exact."""
    _, env = commands(machine, here)["which --all"]
    assert machine.goshim("which", env=env, cwd=here).out == os.fsencode(f"{here}/tool/bin/go\n")


def test_the_name_under_which_goshim_is_called_is_not_printed(machine):
    command = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT))]
    script = 'exec -a "$0" "$@"'
    for words in (["--help"], ["which", "--help"], ["--x"], ["--version"]):
        done = machine.call("bash", "-c", script, "\x1b[31mgoshim\n" + FORGED, *command, *words)
        assert is_harmless(done.out + done.err)


def test_words_to_complete_are_not_printed_in_place_of_a_command(machine):
    done = machine.goshim("which", env={"COMP_WORDS": "goshim c", "COMP_CWORD": "1"})
    assert done.text == f"{machine.tools}/bin/go\n"
