"""What a shell says about a text that it parses and does not run."""

from __future__ import annotations

import re
import shutil

PATH = "/usr/bin:/bin"
"""Where shells are looked for: PATH may lead into a clone."""

_LIMIT_S = 5.0

# The ways in which a file of each shell may be read; ~/.profile belongs to sh, and a login bash reads it as well.
# A file that turns extglob on uses patterns that bash -n knows only with -O, because it runs no shopt.
_BASH = (("bash", "-n"), ("bash", "-O", "extglob", "-n"))
_COMMANDS = {"sh": (*_BASH, ("sh", "-n")), "bash": _BASH, "zsh": (("zsh", "-f", "-n"),), "fish": (("fish", "-n"),)}
_GROUPS = {"fish": (b"begin\n:\n", b"\nend\n")}
_GROUP = (b"{\n:\n", b"\n}\n")
_CLOSING = b"\nend\nfi\ndone\nesac\n}\n)\n'\n\"\n`\n"  # an end for each thing that may be open
# Ends of a file that a shell takes for whole, or passes over, but whose command goes on in what is put behind them.
_GOES_ON = {
    "sh": re.compile(rb"(?:^|[\s;])!$"),
    "bash": re.compile(rb"(?:^|[\s;])coproc$"),
    "zsh": re.compile(
        rb"(?:&&|\|\|)\s*;?$|(?:^|[\s;{}])(?:repeat\s+\S+|function\s+\S+|else|noglob|nocorrect|command|exec|builtin|time)$"
        rb"|^\s*(?:for\b.*;|while\s*\(\(.*\)\))$"
    ),
    "fish": re.compile(rb"(?:^|[\s;])(?:and|or|not|time|command|builtin|exec)$"),
}
_END_OF_LINE = re.compile(rb"(?:\s|\\|(?:^|(?<=\s))#.*)+$")


def accepts(command: tuple[str, ...], text: bytes, path: str = PATH) -> bool | None:
    """Whether a shell finds no error in a text; None where it is not installed, or gives no answer within 5 s.

    It runs none of the text and reads no start file.
    """
    error = _first_error(command, text, path)
    return None if error is None else not error


def reads(shell: str, *texts: bytes) -> bool | None:
    """Whether a shell (sh, bash, zsh or fish) can read all these texts in one and the same mode; None if unknown."""
    is_known = False
    for command in _COMMANDS[shell]:
        answers = [accepts(command, text) for text in texts]
        if all(answers):
            return True
        is_known = is_known or None not in answers
    return False if is_known else None


def takes_more_lines(shell: str, text: bytes) -> bool | None:
    """Whether lines that are put behind a text without errors would be commands of their own; None if unknown.

    They would not be at the end of a here-document, or behind `&&`. `text` ends in a line break.
    """
    commands = [line for line in text.split(b"\n") if line.strip(b" \t\r\\") and not line.lstrip().startswith(b"#")]
    if commands and _GOES_ON[shell].search(_END_OF_LINE.sub(b"", commands[-1])):
        return False
    before, behind = _GROUPS.get(shell, _GROUP)
    return reads(shell, text, before + text + behind)


def is_open(shell: str, text: bytes) -> bool:
    """Whether the error in a text is that something does not end in it, such as a quoted text or an if.

    Then another error is found where more text follows. One that stands further up stays the first.
    """
    command = _COMMANDS[shell][0]
    return _first_error(command, text, PATH) != _first_error(command, text + _CLOSING, PATH)


def _first_error(command: tuple[str, ...], text: bytes, path: str) -> bytes | None:
    """The first line of what the shell says against a text, empty if nothing; None without an answer."""
    import subprocess  # costs 10 ms

    program = shutil.which(command[0], path=path)
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, *command[1:], "/dev/stdin"],
            input=text,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=_LIMIT_S,
            env={"PATH": path, "HOME": "/dev/null", "LC_ALL": "C.UTF-8"},
            cwd="/",
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return (done.stderr.partition(b"\n")[0] or b"?") if done.returncode else b""
