"""The managed block in shells' start files that puts the launcher's directory first on PATH."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

from goshim import whole_file
from goshim.errors import UsageError

BEGIN, END = "# >>> goshim >>>", "# <<< goshim <<<"
BACKUP_SUFFIX = ".before-goshim"

# A file that did not end its last line gets a line break before the block; the block says so, for its removal.
_ADDED_BREAK = " (the line break before this is goshim's too)"
_BLOCK = re.compile(
    rb"(?:\n(?=%(begin)s%(added)s\n))?%(begin)s(?:%(added)s)?\n.*?%(end)s\n"
    % {b"begin": BEGIN.encode(), b"added": re.escape(_ADDED_BREAK).encode(), b"end": END.encode()},
    re.DOTALL,
)


@dataclass(frozen=True)
class StartFile:
    """A start file, and the line in it that puts a directory first on PATH."""

    path: str
    line: str


def all_of(home: str, directory: str, environment: Mapping[str, str]) -> list[StartFile]:
    """The start files of the shells this user has. ~/.profile always: the servers of editors read that one."""
    shell = os.path.basename(environment.get("SHELL", ""))
    zsh = environment.get("ZDOTDIR") or home
    fish = (environment.get("XDG_CONFIG_HOME") or f"{home}/.config") + "/fish"
    posix = posix_line(directory)
    found = [StartFile(f"{home}/.profile", posix)]
    # bash reads ~/.profile at login only where none of these is
    found += [
        StartFile(path, posix) for path in (f"{home}/.bash_profile", f"{home}/.bash_login") if os.path.exists(path)
    ]
    if shell == "bash" or os.path.exists(f"{home}/.bashrc"):
        found.append(StartFile(f"{home}/.bashrc", posix))
    if shell == "zsh" or os.path.exists(f"{zsh}/.zshrc"):
        found.append(StartFile(f"{zsh}/.zshrc", posix))
    if shell == "fish" or os.path.exists(fish):
        found.append(StartFile(f"{fish}/config.fish", fish_line(directory)))
    return found


def posix_line(directory: str) -> str:
    """The line for sh, bash and zsh; read twice it adds nothing."""
    quoted = "'" + directory.replace("'", "'\\''") + "'"
    return f'case "$PATH:" in {quoted}:*) ;; *) PATH={quoted}:"$PATH"; export PATH ;; esac'


def fish_line(directory: str) -> str:
    """The same for fish."""
    quoted = "'" + directory.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return f'test "$PATH[1]" = {quoted}; or set -gx PATH {quoted} $PATH'


def add(start_file: StartFile) -> bool:
    """Put the block at the end of the file, in place of an older one. Says whether that changed the file."""
    before = _read(start_file.path)
    bare = _BLOCK.sub(b"", before)
    broken = "" if not bare or bare.endswith(b"\n") else _ADDED_BREAK
    note = "# Written by goshim install --start-file; goshim uninstall removes it."
    block = f"{BEGIN}{broken}\n{note}\n{start_file.line}\n{END}\n".encode("utf-8", "surrogateescape")
    after = bare + (b"\n" if broken else b"") + block
    if after == before:
        return False
    if os.path.exists(start_file.path) and BEGIN.encode() not in before:
        _write(start_file.path + BACKUP_SUFFIX, before, like=start_file.path)
    _write(start_file.path, after)
    return True


def remove(start_file: StartFile) -> bool:
    """Take the block out, and the file if nothing else was ever in it. Says whether there was one."""
    before = _read(start_file.path)
    after = _BLOCK.sub(b"", before)
    if after == before:
        return False
    backup = start_file.path + BACKUP_SUFFIX
    if not after and not os.path.exists(backup):
        os.unlink(start_file.path)
        return True
    _write(start_file.path, after)
    if os.path.exists(backup) and _read(backup) == after:
        os.unlink(backup)
    return True


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}\n  put the line there by hand: goshim install prints it") from None


def _write(path: str, data: bytes, like: str | None = None) -> None:
    """Write through a link (dotfiles often lie elsewhere), with owner, group and mode of it or of `like`."""
    path = os.path.realpath(path)
    like = like or path
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        whole_file.write(path, data, 0o644, os.stat(like) if os.path.exists(like) else None)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}\n  put the line there by hand: goshim install prints it") from None
