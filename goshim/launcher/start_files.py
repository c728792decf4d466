"""The shells' start files that put the launcher first on PATH: which they are, and writing goshim's block."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from goshim.base import edited_file
from goshim.base.encoding import to_bytes
from goshim.base.errors import UsageError
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.launcher import shell_syntax, start_block
from goshim.launcher.start_block import Parts

_ADD_BY_HAND = "fix that and run goshim install --start-file again, or add the line by hand: goshim install prints it"
_REMOVE_BY_HAND = f"remove the lines from {start_block.BEGIN} to {start_block.END} by hand"
_SHELL_OF = {".zshrc": "zsh", "config.fish": "fish"}


@dataclass(frozen=True)
class StartFile:
    """A start file, and the shell whose language it is in: sh, bash, zsh or fish."""

    path: str
    shell: str

    @property
    def program(self) -> str:
        """The shell that is asked about it."""
        return "bash" if self.shell == "sh" else self.shell


@dataclass(frozen=True)
class Removal:
    """What uninstall found in a start file, and what it left.

    `parts` is what the file was made of, `is_deleted` says that it is gone, because goshim had created it, and
    `backups` are the copies that stay, because they differ from the file.
    """

    parts: Parts
    is_deleted: bool
    backups: tuple[str, ...]


def chosen(home: str, environment: Mapping[str, str]) -> list[StartFile]:
    """The start files that install writes to: those of the user's shells, and all that have a block already.

    ~/.profile is always one, because the servers of editors read it. A file that has two names is one file.
    """
    shell = os.path.basename(environment.get("SHELL", ""))
    zshrc, fish = f"{_zsh_directory(home, environment)}/.zshrc", _fish_directory(home, environment)
    found = [StartFile(f"{home}/.profile", "sh")]
    # bash reads ~/.profile at login only where none of these is
    found += [StartFile(each, "bash") for each in (f"{home}/.bash_profile", f"{home}/.bash_login") if _exists(each)]
    if shell == "bash" or _exists(f"{home}/.bashrc"):
        found.append(StartFile(f"{home}/.bashrc", "bash"))
    if shell == "zsh" or _exists(zshrc):
        found.append(StartFile(zshrc, "zsh"))
    if shell == "fish" or _exists(fish):
        found.append(StartFile(f"{fish}/config.fish", "fish"))
    found += [each for each in everywhere(home, environment) if _parts(each.path).blocks]
    files: dict[bytes, StartFile] = {}
    for each in found:
        files.setdefault(os.path.realpath(to_bytes(each.path)), each)
    return list(files.values())


def everywhere(home: str, environment: Mapping[str, str]) -> list[StartFile]:
    """Every start file that may have a block: SHELL, ZDOTDIR and XDG_CONFIG_HOME may have been others at install."""
    zsh = (_zsh_directory(home, environment), home)
    fish = (_fish_directory(home, environment), f"{home}/.config/fish")
    found = [StartFile(f"{home}/.profile", "sh")]
    found += [StartFile(f"{home}/{name}", "bash") for name in (".bash_profile", ".bash_login", ".bashrc")]
    paths = [*(f"{each}/.zshrc" for each in zsh), *(f"{each}/config.fish" for each in fish)]
    paths += [path for path in _parts(f"{home}/.profile").also if os.path.basename(path) in _SHELL_OF]
    return found + [StartFile(path, _SHELL_OF[os.path.basename(path)]) for path in dict.fromkeys(paths)]


def unusual(home: str, files: Sequence[StartFile]) -> list[str]:
    """The paths of start files that only variables lead to: the block in ~/.profile remembers them for uninstall."""
    usual = (f"{home}/.zshrc", f"{home}/.config/fish/config.fish")
    return [each.path for each in files if os.path.basename(each.path) in _SHELL_OF and each.path not in usual]


def add(start_file: StartFile, directory: str, also: Sequence[str] = ()) -> bool:
    """Put the block at the end of the file, in place of an older one. Says whether that changed the file.

    `also` are the paths that the block remembers. Raises UsageError where the file cannot be written, or where lines at
    its end would not be commands; then it is as it was.
    """
    path = start_file.path
    line = (start_block.fish_line if start_file.shell == "fish" else start_block.posix_line)(directory)

    def change(before: bytes | None) -> bytes:
        parts = start_block.take_apart(before or b"")
        created = before is None or parts.created or _is_of_0_1_0(path, parts)
        after = start_block.put(parts.rest, line, created=created, also=also)
        if after != before and parts.rest:
            _require_end(start_file, before or b"", parts.rest, after)
        return after

    try:
        folder = os.path.dirname(os.path.realpath(to_bytes(path)))
        if os.path.islink(to_bytes(path)) and not os.path.isdir(folder):
            raise UsageError(f"{printable(path)}: a link into a directory that does not exist\n  {_ADD_BY_HAND}")
        os.makedirs(folder, exist_ok=True)
        return edited_file.edit(path, change, _has_block)
    except OSError as error:
        raise UsageError(f"{printable(path)}: {error.strerror}\n  {_ADD_BY_HAND}") from None


def remove(start_file: StartFile) -> Removal | None:
    """Take the blocks out, and delete the file if goshim created it and nothing else is in it.

    None if there was neither a block nor a backup. Raises UsageError where that cannot be done, or where the shell
    could no longer read the file; then it is as it was.
    """
    path, shell = start_file.path, start_file.shell
    parts = Parts(b"")

    def change(before: bytes | None) -> bytes | None:
        nonlocal parts
        parts = start_block.take_apart(before or b"")
        if not parts.blocks:
            return before
        if not parts.rest and (parts.created or _is_of_0_1_0(path, parts)):
            return None
        if shell_syntax.reads(shell, parts.rest) is False and shell_syntax.reads(shell, before or b""):
            raise UsageError(
                f"{printable(path)}: goshim's block is still there: without it {start_file.program} could not read"
                f" the file, as where it is all there is in an if or a function\n  {_REMOVE_BY_HAND}"
            )
        return parts.rest

    try:
        if os.path.isfile(to_bytes(path)):
            edited_file.edit(path, change, _has_block)
        backups = tuple(edited_file.drop_backups(path))
    except OSError as error:
        raise UsageError(f"{printable(path)}: {error.strerror}\n  {_REMOVE_BY_HAND}") from None
    return Removal(parts, bool(parts.blocks) and not _exists(path), backups) if parts.blocks or backups else None


def syntax_error(start_file: StartFile) -> str:
    """The command that shows why the shell cannot read a start file to its end; empty where it can."""
    if shell_syntax.reads(start_file.shell, edited_file.content(start_file.path) or b"") is not False:
        return ""
    return f"{start_file.program} -n {quoted(start_file.path)}"


def _require_end(start_file: StartFile, before: bytes, rest: bytes, after: bytes) -> None:
    """See that lines at the end of the file are commands to its shell, not part of a text. Raises UsageError.

    A file with an error further up may be mended later: lines at its end are neither better nor worse for it.
    """
    shell, end = start_file.shell, rest + start_block.separator(rest)
    if shell_syntax.reads(shell, before) is False:
        fits = not shell_syntax.is_open(shell, end)
    else:
        fits = shell_syntax.takes_more_lines(shell, end) is not False and shell_syntax.reads(shell, after) is not False
    if not fits:
        raise UsageError(
            f"{printable(start_file.path)}: not changed: lines at its end would not be commands to"
            f" {start_file.program}, because a quoted text, a here-document, an if or the like does not end there\n"
            f"  {_ADD_BY_HAND}"
        )


def _has_block(content: bytes) -> bool:
    return start_block.take_apart(content).blocks > 0


def _parts(path: str) -> Parts:
    """What a file is made of, as far as it can be read."""
    try:
        return start_block.take_apart(edited_file.content(path) or b"")
    except OSError:
        return Parts(b"")


def _is_of_0_1_0(path: str, parts: Parts) -> bool:
    """Whether goshim 0.1.0 created a file, of which it made no note: it made a backup of every other."""
    is_link = os.path.islink(to_bytes(path))  # 0.1.0 made none, and what is behind it may be the user's
    return bool(parts.blocks) and not parts.rest and not edited_file.backups(path) and not is_link


def _zsh_directory(home: str, environment: Mapping[str, str]) -> str:
    directory = environment.get("ZDOTDIR", "")
    return directory if directory.startswith("/") else home


def _fish_directory(home: str, environment: Mapping[str, str]) -> str:
    directory = environment.get("XDG_CONFIG_HOME", "")
    return f"{directory if directory.startswith('/') else f'{home}/.config'}/fish"


def _exists(path: str) -> bool:
    return os.path.exists(to_bytes(path))
