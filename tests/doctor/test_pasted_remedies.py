"""What a machine, or a clone, holds is never run by the command that doctor tells to paste."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine.finding import Finding
from goshim.doctor.engine.look import Look
from goshim.doctor.run.examine import judge
from goshim.watch import journal
from tests.doctor.described import look_at, make_interop
from tests.machine import EXT4, HOME, FolderMachine

HOSTILE = {
    "substitution": "a$(touch${IFS}PWNED)",
    "backticks": "a`touch${IFS}PWNED`",
    "statement": ";touch PWNED;",
    "statement without a blank": ";touch${IFS}PWNED;",
    "single quote": "a';touch PWNED;'",
    "double quote": 'a";touch PWNED;"',
    "quoted substitution": '"$(touch PWNED)"',
    "newline": "a\ntouch PWNED\n",
    "history": "a!!;touch PWNED #",
    "pipe": "a|touch PWNED&touch PWNED",
    "option": "-x;touch PWNED",
    "password": "token=a';touch PWNED;'",
    "userinfo": "http://u:it';touch PWNED;'@a.example",
}
DOING_NOTHING = (
    *("bash", "cat", "chmod", "chown", "cp", "curl", "date", "env", "find", "git", "go", "goshim", "grep", "install"),
    *("kill", "ln", "ls", "mkdir", "mount", "mv", "ps", "python3", "readlink", "rm", "rmdir", "sed", "sh", "sleep"),
    *("sort", "sudo", "sudoedit", "systemctl", "tee", "unlink", "vi", "wsl.exe", "xargs"),
)


@pytest.fixture
def shell(tmp_path: Path) -> Path:
    """A folder with `bin`, whose programs do nothing; but `touch` makes what it is told to."""
    programs = tmp_path / "shell" / "bin"
    programs.mkdir(parents=True)
    for name in DOING_NOTHING:
        (programs / name).write_text("#!/bin/sh\nexit 0\n")
    (programs / "touch").write_text('#!/bin/bash\nfor each; do : >"$each"; done\n')
    for each in programs.iterdir():
        each.chmod(0o755)
    (tmp_path / "shell" / "work").mkdir()
    return tmp_path / "shell"


@pytest.fixture
def machine(tmp_path: Path) -> FolderMachine:
    (tmp_path / "machine").mkdir()
    return FolderMachine(tmp_path / "machine")


def is_pwned(shell: Path, *commands: str) -> bool:
    """Whether one of the commands, as it would be pasted, ran what was hidden in it."""
    variables = {"PATH": str(shell / "bin"), "HOME": str(shell / "work"), "USER": "me", "EDITOR": "vi"}
    # no builtin may reach a process of this machine, and no redirection leave the folder
    done = "\n".join(f"bash -c {_in_single_quotes(f'enable -n kill; {each}')} 2>&1" for each in commands)
    subprocess.run(
        ["/bin/bash", "-c", f'bash() {{ /bin/bash "$@"; }}\n{done}\n:'],
        cwd=shell / "work",
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    return any("PWNED" in name for _, *names in os.walk(shell) for each in names for name in each)


def _in_single_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def hostile_variables(text: str) -> dict[str, dict[str, str]]:
    """Kinds of environment, in which many variables hold the text."""
    proxies = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY")
    lists = ("GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOINSECURE", "NO_PROXY", "no_proxy")
    places = ("GOROOT", "GOPATH", "GOMODCACHE", "GOCACHE", "GOTMPDIR", "GOBIN", "GOENV", "TMPDIR")
    files = ("SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE", "WSL_INTEROP", "GOWORK")
    words = ("CC", "CGO_ENABLED", "GOSUMDB", "GOFLAGS", "GOVCS", "GOTOOLCHAIN", "LC_ALL", "LANG", "SOURCE_DATE_EPOCH")
    return {
        "bare": dict.fromkeys((*proxies, *lists, *places, *files, *words, "GOPROXY", "PATH", "WSLENV"), text),
        "addresses": {
            **dict.fromkeys(proxies, f"http://{text}.corp.example:3128"),
            "GOPROXY": f"http://u:p@{text}.corp.example:8081/x,direct,https://{text}",
            "GOPRIVATE": f"a.example,https://{text}",
            "GOSUMDB": "off",
        },
        "paths and loopback": {
            **dict.fromkeys(proxies, f" http://127.0.0.1:1/{text} "),
            **dict.fromkeys((*places, *files), f"{HOME}/{text}"),
            "GOPROXY": f"direct,http://u:p@a.example/{text}",
            "GOPRIVATE": f"*,{text}",
            "GONOSUMDB": f"*,{text}",
            "NO_PROXY": f"*.a.example,{text}",
            "GOFLAGS": f"-insecure {text}",
            "PATH": f"/mnt/c/{text}:{HOME}/{text}/bin::relative/{text}:/opt/{text}/bin:/usr/local/go/bin",
        },
        "files alone": {"PATH": "/usr/local/go/bin"},
        "a toolchain": {"PATH": f"/opt/{text}/bin", "GOROOT": f"/opt/{text}"},
        "no toolchain on PATH": {"PATH": "/usr/bin", "GOROOT": f"/opt/{text}/x", "GOWORK": "off"},
        "home": {
            "PATH": f"/mnt/c/x:{HOME}/{text}/bin:/usr/local/go/bin",
            "HOME": f"{HOME}/{text}",
            "XDG_CACHE_HOME": f"{HOME}/{text}/cache",
            "GOSUMDB": "off",
        },
        "drives": {
            **dict.fromkeys(places, f"/mnt/c/{text}"),
            "PATH": f"/mnt/c/{text}:/usr/local/go/bin",
            "GOENV": f"{HOME}/.config/go/env",
            "HTTP_PROXY": f"http://{text}@127.0.0.1:1",
            "SSL_CERT_FILE": f"/etc/{text}",
        },
        "windows": {
            **dict.fromkeys((*places, *files), f"C:\\{text}"),
            "GOPROXY": f"https://a.example;{text}",
            "GOPRIVATE": f"a.example, {text} ",
            "PATH": f"C:\\{text};/mnt/c/{text}:/usr/local/go/bin",
            "CGO_ENABLED": f"false{text}",
        },
    }  # fmt: skip


def hostile_files(text: str, home: str) -> dict[str, str]:
    return {
        f"{HOME}/project/go.mod": "module m\n\ngo 1.99\ntoolchain go1.99.9\n\nrequire (\n"
        f'\t"{text}.internal/x" v1.0.0\n\t`{text}.internal/y` v1.0.0\n\t{text}.internal/z v1.0.0\n'
        f"\tgit.corp.internal/{text} v1.0.0\n\tgithub.com/mattn/go-sqlite3/v2/{text} v1.0.0\n)\n",
        f"{home}/.config/go/env": "".join(
            f"{name}={text}\n"
            for name in ("GOPROXY", "GOPRIVATE", "GOFLAGS", "GOROOT", "GOPATH", "GOMODCACHE", "GOSUMDB", "CC", text)
        ),
        f"{home}/.bashrc": f"export GOSUMDB=off {text}\nexport GOROOT={text}\n",
        f"{home}/.gitconfig": f'[http "https://{text}"]\n\tsslVerify = false\n[http]\n\tsslVerify = false # {text}\n',
        "/etc/wsl.conf": f"[boot]\ncommand = {text}\n[automount]\n{text} = 1\nenabled = {text}\nroot = /{text}\n",
        "/etc/resolv.conf": f"nameserver {text}\n",
    }


def hostile(machine: FolderMachine, text: str, kind: str, *, is_wsl: bool) -> Look:
    variables = {**(make_interop(machine) if is_wsl else {}), **hostile_variables(text)[kind]}
    machine.toolchain("/usr/local/go")
    machine.toolchain(f"/opt/{text}")
    machine.toolchain(f"{HOME}/sdk/{text}", "go1.19")
    machine.program(f"{HOME}/{text}/bin/go")
    machine.directory(f"{HOME}/{text}/cache/download")
    machine.write(f"/etc/{text}", "no certificate")
    if not is_wsl:
        machine.write("/proc/self/mountinfo", f"{EXT4}\n")
    for path, content in hostile_files(text, variables.get("HOME", HOME)).items():
        machine.write(path, content)
    incidents = [
        {"class": sort, "sign": "s", "path": path, "verb": "build", "attempts": 1, "waited_s": 1.0, "won": False}
        for sort in ("lock", "network")
        for path in (text, f"{HOME}/{text}", f"/mnt/c/Users/{text}/x")
    ]
    machine.directory(f"{HOME}/.local/state")
    assert journal.add({"HOME": f"{machine.root}{HOME}"}, incidents)
    return look_at(machine, variables, now_ns=time.time_ns())


def commands(look: Look) -> Iterator[str]:
    """The commands for this shell, as checks give them and as they are shown: without secrets."""
    for check in CHECKS:
        verdict = judge(check, look)
        assert verdict.status != "crash", f"{check.id}: {verdict.summary}"
        raw = Finding(check.id, check.section, verdict.status, verdict.summary, remedies=verdict.remedies)
        for finding in (raw, raw.fit_to_show()):
            yield from (each.command for each in finding.remedies if each.where == "shell" and each.command)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", hostile_variables(""))
@pytest.mark.parametrize("system", ["Linux", "WSL"])
def test_no_pasted_command_runs_what_a_machine_holds(
    machine: FolderMachine, shell: Path, kind: str, name: str, system: str
):
    pasted = list(dict.fromkeys(commands(hostile(machine, HOSTILE[name], kind, is_wsl=system == "WSL"))))
    assert pasted
    if is_pwned(shell, *pasted):
        (shell / "work" / "PWNED").unlink(missing_ok=True)
        assert [each for each in pasted if is_pwned(shell, each)] == []


def test_a_command_that_does_run_it_would_be_found(shell: Path):
    assert not is_pwned(shell, "go env -w 'A=$(touch PWNED)'", "kill 1")
    assert is_pwned(shell, "go env -w A=a$(touch${IFS}PWNED)")
