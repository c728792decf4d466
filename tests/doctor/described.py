"""A machine made out of a folder as doctor sees it; its commands and what is measured are answered from tables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.look import Look, Options
from tests.machine import HOME, FolderMachine

NOW_NS = 1_795_000_000_000_000_000  # 2026-11-18T11:06:40Z
INSTALLATION = {"version": "0.3.0", "python": "/venv/bin/python", "boot": "/venv/goshim/boot.py", "embedded": []}
WHOLE = {name: INSTALLATION[name] for name in ("python", "boot", "version")} | {
    "bash": "/bin/bash",
    "goshim": "",
    **dict.fromkeys(["has_bash", "has_python", "has_boot", "is_current"], True),
}
"""What a launcher calls of which nothing is missing."""


class DescribedHost(DoctorHost):
    """Answers files from the folder, and the rest from what it was told; it runs nothing and measures nothing.

    `commands` has the words of a command, joined by blanks, and what it prints: bytes, or an int for an exit code, or
    both as a tuple, or text for why it can't be run. `probes` has an answer, or an OSError to raise, by the probe's
    name, or by name and subject, joined by a blank.
    """

    def __init__(
        self,
        variables: dict[str, str],
        directory: str,
        root: str,
        **told: Any,
    ) -> None:
        super().__init__(variables, directory, root)
        self.commands = told.get("commands", {})
        usual = {"goshim.installation": INSTALLATION, "goshim.project": None, "goshim.launcher": WHOLE}
        self.probes = {**usual, **told.get("probes", {})}
        self.now_is_ns = told.get("now_ns", NOW_NS)

    def _now(self, _subject: str) -> int:
        return self.now_is_ns

    def _account_home(self, _subject: str) -> str:
        return HOME

    def _command(self, subject: str) -> dict[str, Any]:
        told = self.commands.get(" ".join(json.loads(subject)[0]), "no such file or directory")
        code, output, error = 0, b"", ""
        if isinstance(told, str):
            code, error = None, told
        elif isinstance(told, bytes):
            output = told
        else:
            code, output = told if isinstance(told, tuple) else (told, b"")
        times = {"began_ns": self.now_is_ns, "ended_ns": self.now_is_ns + 1_000_000}
        return {"code": code, "output": output, "errors": b"", "error": error, **times}

    def _probe(self, subject: str) -> Any:
        name, of = json.loads(subject)
        if name == "start_files.lines":  # it only reads
            return super()._probe(subject)
        told = self.probes.get(f"{name} {of}", self.probes.get(name, OSError(f"{name}: not described")))
        if isinstance(told, Exception):
            raise told
        return told


def look_at(
    machine: FolderMachine,
    variables: dict[str, str] | None = None,
    directory: str = f"{HOME}/project",
    *,
    options: Options | None = None,
    **told: Any,
) -> Look:
    """A look at the machine, whose caller has HOME and these variables; `told` goes to DescribedHost."""
    return Look(DescribedHost({"HOME": HOME, **(variables or {})}, directory, machine.root, **told), options)


def bar(look: Look, monkeypatch: pytest.MonkeyPatch, directory: str) -> None:
    """Have nothing below a directory be reached, as where it may not be entered."""
    ask = look.host._status

    def status(path: str) -> Any:
        if path.startswith(f"{directory}/"):
            raise PermissionError(13, "Permission denied")
        return ask(path)

    monkeypatch.setattr(look.host, "_status", status)


def make_interop(machine: FolderMachine) -> dict[str, str]:
    """Make a WSL2 machine from which Windows programs can be run; gives the variables that WSL sets for it."""
    machine.become_wsl()
    machine.write(
        "/proc/sys/fs/binfmt_misc/WSLInterop", "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n"
    )
    machine.write("/run/WSL/8_interop", b"")
    machine.directory("/mnt/c/Windows/System32")
    return {"WSL_DISTRO_NAME": "Debian", "WSL_INTEROP": "/run/WSL/8_interop", "WSLENV": ""}
