"""Windows' programs on drive C of a machine that looks like WSL: scripts, which tell how they were called."""

from __future__ import annotations

import os
import shlex
import shutil

from goshim.doctor.machine import registry
from tests.doctor import reg_exe

SYSTEM32 = "/mnt/c/Windows/System32"
REG, POWERSHELL = reg_exe.REG, f"{SYSTEM32}/WindowsPowerShell/v1.0/powershell.exe"
PROFILE = "/mnt/c/Users/me"
HOURS_MS = 3_600_000

_OTHERS = ("cmd.exe", "wsl.exe", "whoami.exe", "w32tm.exe", "wslpath.exe", "netsh.exe")
_CALLS, _ANSWERS = "/mnt/c/calls", "/mnt/c/answers"
_BEGINS = f'#!/bin/bash\nPATH=/usr/bin:/bin\nprintf \'%s\\0\' "$0" "$@" >{_CALLS}/$$\n'
_REFUSES = "echo 'ERROR: The system was unable to find the specified registry key or value.' >&2; exit 1"
_TELLS_THE_TIME = 'while read -r _; do printf "%s\\r\\n" "$(($(date +%s%N) / 1000000 + AHEAD))"; done'

HANGS = "trap '' TERM HUP INT; while :; do sleep 1; done"
LEAVES_CHILDREN = "(trap '' TERM HUP INT; sleep 1000) & sleep 1000 &"
RUBBISH = {
    "nothing": "",
    "noise": "head -c 4096 /dev/urandom",
    "no end": "while printf '%04096d' 0; do :; done",
    "half a line": "printf '\\r\\nHKEY_CURRENT_USER\\\\Softw'",
    "half a value": "printf '\\r\\nHKEY_CURRENT_USER\\\\Software\\r\\n    Fl'",
    "an error in Chinese": "printf '\\264\\355\\316\\363: \\317\\265\\315\\263\\r\\n'; exit 5",
    "its own death": "kill -SEGV $$",
}
"""What a program may say that is no answer, each as the rest of a script."""


class Windows:
    """Its programs answer as they are told; those that no test gives an answer must not be run."""

    def __init__(self, machine):
        self.machine = machine
        for name in ("Windows", "Users", "calls", "answers"):
            shutil.rmtree(self.at(f"/mnt/c/{name}"), ignore_errors=True)
        for path in (PROFILE, _CALLS, _ANSWERS):
            self.at(path).mkdir(parents=True)
        for name in _OTHERS:
            self.program(f"{SYSTEM32}/{name}", "exit 1")

    def at(self, path):
        """Where a path of the machine is to be found from outside."""
        return self.machine.at(path)

    def program(self, path, script, mode=0o755):
        """Put a program there: the rest of a script of bash."""
        place = self.at(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"{_BEGINS}{script}\n")
        place.chmod(mode)

    def registry(self, *answers, first="", encoding=None, mode=0o755):
        """Have reg.exe answer so, after `first`, and fail as it does for any other key."""
        known = {asked: text for each in answers for asked, text in each.items() if isinstance(text, bytes)}
        cases = []
        for number, (asked, text) in enumerate(known.items()):
            self.at(f"{_ANSWERS}/{number}").write_bytes(text.decode().encode(encoding) if encoding else text)
            cases.append(f"{shlex.quote(asked)}) cat {_ANSWERS}/{number};;")
        self.program(REG, "\n".join([first, 'case "$0 $*" in', *cases, f"*) {_REFUSES};;", "esac"]), mode)

    def clock(self, ahead_ms=0, first="", mode=0o755):
        """Have powershell.exe tell a time, after `first`."""
        self.program(POWERSHELL, f"{first}\n{_TELLS_THE_TIME.replace('AHEAD', str(ahead_ms))}", mode)

    @property
    def calls(self):
        """How its programs were called: the words of each, sorted."""
        texts = [path.read_text() for path in self.at(_CALLS).iterdir()]
        return sorted(text.rstrip("\0").split("\0") for text in texts)


def answers(flags="0xf", **more):
    """The answers of a registry in which nothing is wrong, but for the flags or `more` values of the registration."""
    text, word = reg_exe.TEXT, reg_exe.WORD
    profile = PROFILE.replace("/mnt/c", "C:").replace("/", "\\")
    return (
        reg_exe.lxss(Flags=(word, flags), **more),
        reg_exe.answer(registry.USER_ENVIRONMENT, {"Path": (text, r"C:\Program Files\win01 (x86)")}),
        reg_exe.answer(registry.MACHINE_ENVIRONMENT, {"Path": (reg_exe.EXPANDABLE, r"%SystemRoot%\system32")}),
        reg_exe.answer(registry.INTERNET_SETTINGS, {"ProxyEnable": (word, "0x0")}),
        reg_exe.answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (text, profile)}, "/v", "USERPROFILE"),
        reg_exe.answer(registry.LXSS_MANAGER, {"Start": (word, "0x3")}, "/s"),
    )


def is_read_only(call):
    """Whether a call is one that doctor may make."""
    program, *words = call
    return (program == REG and words[0] == "query") or (program == POWERSHELL and "-Command" in words)


def left(mark):
    """The processes that have this in their environment: what each is, by its number."""
    found = {process: _program(process, mark.encode()) for process in filter(str.isdigit, os.listdir("/proc"))}
    return {int(process): program for process, program in found.items() if program}


def _program(process, mark):
    """What a process runs; empty if it has no such mark, or has ended."""
    try:
        with open(f"/proc/{process}/environ", "rb") as file:
            return os.readlink(f"/proc/{process}/exe") if mark in file.read() else ""
    except OSError:
        return ""
