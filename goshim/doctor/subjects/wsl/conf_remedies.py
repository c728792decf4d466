"""What mends /etc/wsl.conf: edits for --fix, and the commands that do the same."""

from __future__ import annotations

import re
from collections.abc import Sequence

from goshim.doctor.engine.finding import Edit, Remedy
from goshim.doctor.engine.look import Look
from goshim.doctor.formats.wsl_config import BYTE_ORDER_MARK, Config, Entry, Fault, parse
from goshim.doctor.machine import windows
from goshim.doctor.machine.wsl_conf import PATH

_MEANT = {
    **dict.fromkeys(("yes", "y", "on", "enable", "enabled", "t"), "true"),
    **dict.fromkeys(("no", "n", "off", "disable", "disabled", "f"), "false"),
}


def comment_out(config: Config, items: Sequence[Entry | Fault]) -> list[Remedy]:
    """Lines put behind a #, and a byte order mark taken away."""
    lines = config.text.split("\n")
    numbers = sorted({item.line + more for item in items for more in range(getattr(item, "lines", 1))})
    edits = []
    for number in numbers:
        old = lines[number - 1]
        plain = old.removeprefix(BYTE_ORDER_MARK)
        is_marked_only = plain != old and not parse(PATH, plain, stops=True).faults
        edits.append(Edit(PATH, number, old, plain if is_marked_only else f"# {plain}"))
    return [by_sed("take them out of the file", tuple(edits))] if edits else []


def corrected(config: Config, entry: Entry) -> tuple[Edit, ...]:
    """The line with the boolean that was meant; none where that can't be told."""
    meant = _MEANT.get(entry.value.lower())
    found = re.match(r"([^=]*=[ \t]*)(\"?)([A-Za-z]+)\2", entry.raw)
    if meant is None or found is None or entry.lines > 1 or found[3].lower() != entry.value.lower():
        return ()
    old = config.text.split("\n")[entry.line - 1]
    return (Edit(PATH, entry.line, old, found[1] + meant + old[found.end() :]),)


def by_sed(text: str, edits: tuple[Edit, ...]) -> Remedy:
    """A remedy of edits, and the command that does the same."""
    parts = []
    for edit in edits:
        new = edit.new or ""
        if new == f"# {edit.old}":
            parts.append(f"{edit.line}s/^/# /")
        elif new.removeprefix("# ") == edit.old.removeprefix(BYTE_ORDER_MARK):
            parts.append(rf"{edit.line}s/^\xEF\xBB\xBF/{'# ' if new.startswith('# ') else ''}/")
        else:
            value = re.search("=[ \t]*(\\w+)", new)
            parts.append(rf'{edit.line}s/\(=[ \t]*\)"\?\w*"\?/\1{value[1] if value else ""}/')
    has_crlf = any(edit.old.endswith("\r") for edit in edits)
    return Remedy(text, f"sudo sed -i '{';'.join(parts)}' {PATH}", "sudo", () if has_crlf else edits)


def unix_lines() -> Remedy:
    """CR LF made LF."""
    return Remedy("end its lines as on Linux", rf"sudo sed -i 's/\r$//' {PATH}", "sudo")


def restart(look: Look) -> Remedy:
    """How a change of /etc/wsl.conf comes into force."""
    name = look(windows.distribution_name)
    command = f"wsl.exe --terminate {in_powershell(name)}" if name else "wsl.exe --shutdown"
    return Remedy("then restart the distribution: WSL reads the file at its start", command, "powershell")


def in_powershell(word: str) -> str:
    """A word as PowerShell takes it for exactly that."""
    return word if re.fullmatch(r"[\w.-]+", word) else "'" + word.replace("'", "''") + "'"
