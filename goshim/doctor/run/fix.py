"""Mending what is the user's own and can be undone: lines of start files and the like, each with a backup."""

from __future__ import annotations

import contextlib
import difflib
import os
import re
import stat
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from goshim.base import atomic_file
from goshim.base.edited_file import HAS_OTHER_NAMES
from goshim.base.encoding import to_bytes, to_text
from goshim.base.redaction import redact
from goshim.base.terminal import printable
from goshim.doctor.engine.finding import Edit, Finding, Remedy
from goshim.doctor.engine.look import Look
from goshim.doctor.formats import start_file_lines
from goshim.doctor.machine import origins
from goshim.launcher import shell_syntax

OF_ROOT = ("/etc/wsl.conf",)
"""What root may mend as well; of /etc nothing else."""

_SHELLS_PATH = shell_syntax.PATH
_NO_COMMAND = "&& ;; )"  # an error for each shell wherever it reads commands; no more than text elsewhere
_TAKES_OUT = re.compile(r"\s*(?:#|: #)")
_USE = re.compile(r"[$@][{#!=~^+]*(?:\([^()\s]*\))?([A-Za-z_]\w*)")
_GOES_ON = re.compile(r"(?:&&|\|\|?)\s*(?:\s#.*)?$")
_HERE = re.compile(r"(?<!<)<<(?!<)(-?)\s*([\"']?)\\?([\w.!-]+)\2")
_TEXT = "it is no command there, but part of a here-document or of a quoted text"
_OF_NO_SHELL = ("/environment.d/", "/.pam_environment")
_CONTINUED = "it is of one command with a line next to it; the command told mends it"


@dataclass(frozen=True)
class Repair:
    """A file, its text as it is and as it should be, the checks that asked for it and the edits that it consists of."""

    path: str
    before: bytes
    after: bytes
    checks: tuple[str, ...]
    edits: tuple[Edit, ...]

    @property
    def diff(self) -> str:
        """The change, as `diff -u` has it, without secrets."""
        before, after = (to_text(data).split("\n") for data in (self.before, self.after))
        lines = difflib.unified_diff(before, after, self.path, self.path, n=0, lineterm="")
        return "\n".join(redact(_visible(line)) for line in lines)

    def make(self) -> str:
        """Write the file, whole or not at all; gives the path of the backup. Raises OSError."""
        status = os.stat(to_bytes(self.path))
        with open(to_bytes(self.path), "rb") as file:
            if file.read() != self.before:
                raise OSError(0, "it has changed meanwhile")
        backup = _unused(f"{self.path}.before-goshim-{time.strftime('%Y%m%d-%H%M%S')}")
        atomic_file.write(backup, self.before, like=status)
        atomic_file.write(self.path, self.after, like=status)
        return backup


def plan(findings: Iterable[Finding], start_files: Iterable[str] = ()) -> tuple[list[Repair], list[str]]:
    """The repairs that the findings' edits come to, and what is refused, with the reason of each.

    No line is taken out that sets a variable which others use, in its own file or in one of `start_files`: with
    GOCACHE gone, `rm -rf "$GOCACHE"/*` is `rm -rf /*`.
    """
    edits: dict[str, dict[int, Edit]] = {}
    asked: dict[str, list[str]] = {}
    shells: dict[str, str] = {}
    for finding in findings:
        for remedy in finding.remedies:
            for edit in remedy.edits:
                path = _real(edit.path)
                edits.setdefault(path, {}).setdefault(edit.line, edit)
                asked.setdefault(path, []).append(finding.check)
                shells[path] = (
                    shells.get(path) or start_file_lines.shell_of(edit.path) or start_file_lines.shell_of(path)
                )
    of_shells = {*map(_real, start_files), *(path for path in edits if shells[path])}
    uses = _uses(of_shells) if edits else {}
    repairs: list[Repair] = []
    refused: list[str] = []
    for path, of_file in edits.items():
        if reason := _refusal(path):
            refused.append(f"{printable(path)}: {reason}")
            continue
        with open(to_bytes(path), "rb") as file:
            before = file.read()
        there = _still_there(before, of_file)
        needed = _needed(path, there, shells[path], uses) if path in of_shells else {}
        made, why_not = _safe(before, {at: edit for at, edit in there.items() if at not in needed}, shells[path])
        why_not |= {f":{number}": reason for number, reason in needed.items()}
        refused += [f"{printable(path)}{where}: {reason}" for where, reason in why_not.items()]
        if made:
            checks = tuple(dict.fromkeys(asked[path]))
            repairs.append(Repair(path, before, _edited(before, made), checks, tuple(made.values())))
    return repairs, refused


def is_made(finding: Finding, remedy: Remedy, repairs: Iterable[Repair]) -> bool:
    """Whether the repairs are all that the remedy's command would be, or what another of the finding's is in its stead.

    Of two remedies for one line, one is made.
    """
    asked = {edit for each in finding.remedies for edit in each.edits}
    made = {(edit.path, edit.line) for repair in repairs for edit in repair.edits if edit in asked}
    return bool(remedy.edits) and made.issuperset((edit.path, edit.line) for edit in remedy.edits)


def is_mended(finding: Finding, repairs: Sequence[Repair]) -> bool:
    """Whether the repairs are all that the finding's remedies would edit."""
    asked = [remedy for remedy in finding.remedies if remedy.edits]
    return bool(asked) and all(is_made(finding, remedy, repairs) for remedy in asked)


def left(look: Look, repairs: Iterable[Repair]) -> dict[Edit, list[str]]:
    """By edits of start files that were made: the places that set the same variable to the same all the same."""
    made = {(edit.path, edit.line): edit for repair in repairs for edit in repair.edits}
    of_start_files = {(line.path, line.line) for line in look(origins.start_lines)} & set(made)
    found: dict[Edit, list[str]] = {}
    for place in of_start_files:
        edit = made[place]
        for name in {each.name for each in start_file_lines.find(edit.old, start_file_lines.shell_of(edit.path))}:
            others = (each for each in origins.of(look, name) if (each.path, each.line) not in made)
            found.setdefault(edit, []).extend(each.words for each in others if each.is_sure or not each.path)
    return {edit: places for edit, places in found.items() if places}


def _real(path: str) -> str:
    """The path of the file itself: start files are often links to elsewhere."""
    return to_text(os.path.realpath(to_bytes(path)))


def _uses(paths: Iterable[str]) -> dict[str, set[tuple[str, int]]]:
    """The lines of files that expand a variable, by its name; comments are none."""
    found: dict[str, set[tuple[str, int]]] = {}
    for path in filter(os.path.isfile, map(to_bytes, paths)):
        with contextlib.suppress(OSError), open(path, "rb") as file:
            for number, line in enumerate(to_text(file.read()).split("\n"), 1):
                for name in _USE.findall("" if _TAKES_OUT.match(line) else line):
                    found.setdefault(name, set()).add((to_text(path), number))
    return found


def _needed(path: str, edits: dict[int, Edit], shell: str, uses: dict[str, set[tuple[str, int]]]) -> dict[int, str]:
    """The lines that would be taken out though others use what they set, each with the reason against it."""
    found = {}
    for number, edit in sorted(edits.items()):
        if _is_taken_out(edit):
            for name in (each.name for each in start_file_lines.find(edit.old, shell)):
                if uses.get(name, set()) - {(path, number)}:
                    found[number] = f"other lines use ${name}; the command told mends it"
    return found


def _is_taken_out(edit: Edit) -> bool:
    return edit.new is None or _TAKES_OUT.match(edit.new) is not None


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
        return HAS_OTHER_NAMES
    if not os.access(to_bytes(path), os.R_OK | os.W_OK):
        return "it can't be read, or is kept from being written to"
    return "" if os.access(to_bytes(os.path.dirname(path)), os.W_OK) else "its directory can't be written to"


def _still_there(before: bytes, edits: dict[int, Edit]) -> dict[int, Edit]:
    """The edits whose line is what it was when it was looked at."""
    lines = dict(enumerate(to_text(before).split("\n"), 1))
    return {number: edit for number, edit in edits.items() if lines.get(number) in (edit.old, f"{edit.old}\r")}


def _safe(before: bytes, edits: dict[int, Edit], shell: str) -> tuple[dict[int, Edit], dict[str, str]]:
    """The edits that can be made, and the reasons against the others, by `:number` or nothing for the whole file."""
    is_read = bool(shell) and _reads(shell, before)
    unsafe = _unsafe(before, edits, shell, is_read=is_read)
    refused = {f":{number}": reason for number, reason in unsafe.items()}
    safe = {number: edit for number, edit in edits.items() if number not in unsafe}
    if safe and is_read and not _reads(shell, _edited(before, safe)):
        return {}, {**refused, "": "its shell could not read it then; the command told mends it"}
    return safe, refused


def _edited(before: bytes, edits: dict[int, Edit]) -> bytes:
    """The text with the edits; all else byte for byte as before."""
    kept: list[str] = []
    for number, line in enumerate(to_text(before).split("\n"), 1):
        edit = edits.get(number)
        if edit is None:
            kept.append(line)
        elif edit.new is not None:
            kept.append(edit.new + ("\r" if line == f"{edit.old}\r" else ""))
    return to_bytes("\n".join(kept))


def _unsafe(before: bytes, edits: dict[int, Edit], shell: str, *, is_read: bool) -> dict[int, str]:
    """The lines of a shell's file that are no whole command, each with the reason to leave it as it is.

    `is_read` says that the shell reads the file without an error. Then it is asked, with something in the line's place
    that is no command: what it still reads is a text of several lines. Where it cannot be asked, the quotes before the
    line decide.
    """
    lines = to_text(before).split("\n")
    if not shell:
        reasons = {number: _why_inside(lines[: number - 1], edit.path) for number, edit in edits.items()}
        return {number: reason for number, reason in reasons.items() if reason}
    texts = _here_documents(lines) if shell != "fish" else set()
    found = {}
    for number, edit in sorted(edits.items()):
        probe = to_bytes("\n".join([*lines[: number - 1], _NO_COMMAND, *lines[number:]]))
        if _is_taken_out(edit) and (_goes_on(lines[: number - 1]) or lines[number - 1].endswith("\\")):
            found[number] = _CONTINUED
        elif number in texts or (_reads(shell, probe) if is_read else _is_quoted(lines[: number - 1])):
            found[number] = _TEXT
    return found


def _why_inside(lines: list[str], path: str) -> str:
    """Why the line after these is no assignment of its own in a file of systemd's or PAM's; empty if it is one.

    environment.d(5) has quoted texts of several lines and continues a line by a backslash, pam_env.conf(5) the latter.
    """
    if not any(part in path for part in _OF_NO_SHELL):
        return ""
    if lines and lines[-1].endswith("\\"):
        return _CONTINUED
    return _TEXT if _is_quoted(lines) else ""


def _is_quoted(lines: list[str]) -> bool:
    """Whether a quoted text is open at the end of these lines, as sh, systemd and PAM read them."""
    quote, before, is_escaped, is_comment = "", "\n", False, False
    for character in "\n".join([*lines, ""]):
        if is_comment:
            is_comment = character != "\n"
        elif is_escaped or (character == "\\" and quote != "'"):
            is_escaped = not is_escaped
        elif character == quote:
            quote = ""
        elif not quote and character in "\"'":
            quote = character
        elif not quote and character == "#" and before in " \t\n;":
            is_comment = True
        before = character
    return bool(quote)


def _goes_on(lines: list[str]) -> bool:
    """Whether the command of these lines goes on in the next; blank lines and comments may lie between."""
    if lines and lines[-1].endswith("\\"):
        return True
    last = next((line for line in reversed(lines) if line.strip() and not line.lstrip().startswith("#")), "")
    return _GOES_ON.search(last) is not None


def _here_documents(lines: list[str]) -> set[int]:
    """The numbers of the lines that lie in here-documents, as far as that is seen without a shell."""
    found: set[int] = set()
    at = 0
    while at < len(lines):
        opened = [] if lines[at].lstrip().startswith("#") else _HERE.findall(lines[at])
        at += 1
        for tabs, _, word in opened:
            rest = (line.rstrip("\r").lstrip("\t" if tabs else "") for line in lines[at:])
            end = next((number for number, line in enumerate(rest, at) if line == word), None)
            if end is not None:  # else it was a shift of bits, or the like
                found.update(range(at + 1, end + 1))
                at = end + 1
    return found


def _reads(shell: str, text: bytes) -> bool:
    """Whether the shell is installed and finds no error in the text; it runs none of it and reads no start file."""
    commands = {"bash": (("bash", "-n"), ("sh", "-n")), "zsh": (("zsh", "-f", "-n"),)}.get(shell, ((shell, "-n"),))
    answers = (shell_syntax.accepts(command, text, _SHELLS_PATH) for command in commands)
    return next((answer for answer in answers if answer is not None), False)


def _unused(path: str) -> str:
    """The path, with a number behind it where that name is taken: two repairs may be made in one second."""
    names = (path, *(f"{path}-{number}" for number in range(2, 100)))
    return next((name for name in names if not os.path.lexists(to_bytes(name))), path)


def _visible(line: str) -> str:
    """A line whose carriage returns and the like are seen, not obeyed."""
    return "".join(each if each.isprintable() or each == "\t" else ascii(each)[1:-1] for each in line)
