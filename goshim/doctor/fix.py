"""Mending what is the user's own and can be undone: lines of start files and the like, each with a backup."""

from __future__ import annotations

import contextlib
import difflib
import os
import stat
import time
from collections.abc import Iterable
from dataclasses import dataclass

from goshim.doctor.finding import Edit, Finding
from goshim.encoding import to_bytes, to_text
from goshim.secrets import printable, redact

OF_ROOT = ("/etc/wsl.conf",)
"""What root may mend as well; of /etc nothing else."""


@dataclass(frozen=True)
class Repair:
    """A file, its text as it is and as it should be, and the checks that asked for it."""

    path: str
    before: bytes
    after: bytes
    checks: tuple[str, ...]

    @property
    def diff(self) -> str:
        """The change, as `diff -u` has it, without secrets."""
        before, after = (to_text(data).split("\n") for data in (self.before, self.after))
        lines = difflib.unified_diff(before, after, self.path, self.path, n=1, lineterm="")
        return "\n".join(redact(_visible(line)) for line in lines)

    def make(self) -> str:
        """Write the file, whole or not at all; gives the path of the backup. Raises OSError."""
        status = os.stat(to_bytes(self.path))
        with open(to_bytes(self.path), "rb") as file:
            if file.read() != self.before:
                raise OSError(0, "it has changed meanwhile")
        backup = _unused(f"{self.path}.before-goshim-{time.strftime('%Y%m%d-%H%M%S')}")
        _write(backup, self.before, status)
        torn = f"{self.path}.{os.getpid()}.torn"
        try:
            _write(torn, self.after, status)
            os.replace(to_bytes(torn), to_bytes(self.path))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(to_bytes(torn))
            raise
        return backup


def plan(findings: Iterable[Finding]) -> tuple[list[Repair], list[str]]:
    """The repairs that the findings' edits come to, and what is refused, with the reason of each."""
    edits: dict[str, dict[int, Edit]] = {}
    asked: dict[str, list[str]] = {}
    for finding in findings:
        for remedy in finding.remedies:
            for edit in remedy.edits:
                path = to_text(os.path.realpath(to_bytes(edit.path)))  # start files are often links to elsewhere
                edits.setdefault(path, {}).setdefault(edit.line, edit)
                asked.setdefault(path, []).append(finding.check)
    repairs, refused = [], []
    for path, of_file in edits.items():
        if reason := _refusal(path):
            refused.append(f"{printable(path)}: {reason}")
            continue
        with open(to_bytes(path), "rb") as file:
            before = file.read()
        after = _edited(before, of_file)
        if after != before:
            repairs.append(Repair(path, before, after, tuple(dict.fromkeys(asked[path]))))
    return repairs, refused


def _refusal(path: str) -> str:
    """Why a file may not be touched; empty if it may."""
    try:
        status = os.stat(to_bytes(path))
    except OSError as error:
        return (error.strerror or "unreadable").lower()
    if not stat.S_ISREG(status.st_mode):
        return "not a regular file"
    if path in OF_ROOT:
        return "" if os.geteuid() == 0 else "only root may mend it: sudo goshim doctor --fix, or the command told"
    if path.startswith("/etc/"):
        return "it is the system's; the command told mends it"
    if status.st_uid != os.geteuid():
        return "it belongs to another user"
    if status.st_nlink > 1:
        return "it has other names (hard links), which would keep the old text"
    if not os.access(to_bytes(path), os.R_OK | os.W_OK):
        return "it can't be read, or is kept from being written to"
    return "" if os.access(to_bytes(os.path.dirname(path)), os.W_OK) else "its directory can't be written to"


def _edited(before: bytes, edits: dict[int, Edit]) -> bytes:
    """The text with those edits whose line is still what it was; all else byte for byte as before."""
    lines = to_text(before).split("\n")
    kept: list[str] = []
    for number, line in enumerate(lines, 1):
        edit = edits.get(number)
        end = "\r" if edit and line == f"{edit.old}\r" else ""
        if edit is None or line != edit.old + end:
            kept.append(line)
        elif edit.new is not None:
            kept.append(edit.new + end)
    return to_bytes("\n".join(kept))


def _unused(path: str) -> str:
    """The path, with a number behind it where that name is taken: two repairs may be made in one second."""
    names = (path, *(f"{path}-{number}" for number in range(2, 100)))
    return next((name for name in names if not os.path.lexists(to_bytes(name))), path)


def _write(path: str, data: bytes, like: os.stat_result) -> None:
    descriptor = os.open(to_bytes(path), os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with open(descriptor, "wb") as file:
        with contextlib.suppress(OSError):  # who is no member of the group can't give it
            os.fchown(descriptor, like.st_uid if os.geteuid() == 0 else -1, like.st_gid)
        os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
        file.write(data)


def _visible(line: str) -> str:
    """A line whose carriage returns and the like are seen, not obeyed."""
    return "".join(each if each.isprintable() or each == "\t" else ascii(each)[1:-1] for each in line)
