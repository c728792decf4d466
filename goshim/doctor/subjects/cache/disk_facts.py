"""What is measured of the disks that go writes to.

What can't be measured is unknown, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goshim.base.terminal import printable
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, go_values, registry
from goshim.doctor.subjects.cache.facts import Place, place_of, probed

_GIB = 1 << 30


@dataclass(frozen=True)
class Comparison:
    """A small file made, renamed and removed: what that takes at a place, and what on Linux's own disk.

    `refused` files of `tried` could not be renamed or removed: somebody held them.
    """

    here: str
    here_us: int
    native: str
    native_us: int
    tried: int
    refused: int

    @property
    def ratio(self) -> float:
        """How many times as long it takes."""
        return self.here_us / max(self.native_us, 1)

    @property
    def words(self) -> tuple[str, ...]:
        """What was measured."""
        took = (
            f"measured: to make, rename and remove a small file takes {_ms(self.here_us)} in {printable(self.here)},"
            f" {_ms(self.native_us)} in {printable(self.native)}: {self.ratio:.{0 if self.ratio >= 10 else 1}f} times"  # noqa: PLR2004
            " as long"
        )
        held = f"measured: {self.refused} of {self.tried} files that were just made could not be renamed or removed"
        return (took, held) if self.refused else (took,)


@dataclass(frozen=True)
class Trial:
    """How it goes to make, rename and remove a file: the step that is refused, with the error's name, or none.

    `owner` is whom the directory belongs to, empty if to us.
    """

    step: str
    error: str
    owner: str


@dataclass(frozen=True)
class Space:
    """What is left on the disk of a place. Inodes are 0 where they are not counted."""

    free_bytes: int
    size_bytes: int
    free_inodes: int
    inodes: int

    @property
    def words(self) -> str:
        """How much is free."""
        return f"{size(self.free_bytes)} of {size(self.size_bytes)} are free"


@dataclass(frozen=True)
class TemporaryFault:
    """A GOTMPDIR or TMPDIR in which go can't make its work directory, and what go says of it.

    `path` is what is named, absolute; `is_missing` is true where nothing is there.
    """

    setting: go_values.Value
    path: str
    words: str
    is_missing: bool


def temporary_fault(look: Look) -> TemporaryFault | None:
    """Why go can't work in the directory for temporary files that is set; None where it can, or none is set.

    cmd/go/internal/work/action.go, NewBuilder: GOTMPDIR, else what os.TempDir gives. A relative one counts from the
    working directory.
    """
    setting = go_values.find(look, "GOTMPDIR") or go_values.find(look, "TMPDIR")
    if setting is None or (setting.name == "TMPDIR" and setting.source not in ("environment", "config")):
        return None
    named = go_values.after_goshim(look, setting)
    if not named:
        return None
    path = named if named.startswith("/") else f"{look.host.directory.rstrip('/')}/{named}"
    if not look.host.exists(path):
        return TemporaryFault(setting, path, f"stat {printable(named)}: no such file or directory", is_missing=True)
    reasons = ((look.host.is_directory, "not a directory"), (look.host.writable, "permission denied"))
    reason = next((words for is_well, words in reasons if not is_well(path)), "")
    return TemporaryFault(setting, path, f"mkdir {printable(named)}/go-build…: {reason}", False) if reason else None


def native(look: Look) -> str:
    """A directory on Linux's own disk that we may write to."""
    for path in (look(basics.machine).home, "/var/tmp", "/tmp"):  # noqa: S108 - a directory of our own is made there
        is_open = bool(path) and look.host.is_directory(path) and look.host.writable(path)
        if is_open and place_of(look, "", path).is_native:
            return path
    raise UnknownError("there is no directory on Linux's own disk to compare with")


def drive_below(look: Look) -> Place | None:
    """The Windows drive with the file that is WSL2's disk: by the registry, else C; None if it is not mounted."""
    if look(basics.machine).wsl != "wsl2":
        return None
    try:
        base = look(registry.distribution).text("BasePath").removeprefix("\\\\?\\")
    except UnknownError:
        base = ""
    letter = (base or "C")[0].upper()
    name = f"WSL2 itself (Windows' drive {letter}{'' if base else ', unless it was moved'})"
    path = look(basics.mounts).from_windows(f"{letter}:\\")
    return place_of(look, name, path) if path else None


def comparison(look: Look, directory: str) -> Comparison:
    """How a directory compares with Linux's own disk."""
    yard = look(native)
    there, here = (_measured(look, path) for path in (yard, directory))
    if not there["done"] or not here["done"]:
        raise UnknownError("each file that was made to measure with was held by another program")
    return Comparison(
        directory,
        here["fastest_us"],
        yard,
        there["fastest_us"],
        here["done"] + here["refused"],
        here["refused"],
    )


def trial(look: Look, directory: str) -> Trial:
    """How it goes to make, rename and remove a file in a directory."""
    return Trial(**probed(look, "disks.trial", directory))


def is_shared(look: Look, directory: str) -> bool:
    """Whether a directory is somebody else's and not below the home directory: shared on purpose, as it seems."""
    home = look(basics.machine).home
    is_below = bool(home) and f"{directory}/".startswith(f"{look.host.real(home)}/")
    return not is_below and bool(trial(look, directory).owner)


def space(look: Look, path: str) -> Space:
    """What is left on the disk on which a path lies, or would lie."""
    return Space(**probed(look, "disks.space", path))


def size(count: int) -> str:
    """A number of bytes in the unit that suits it."""
    if count >= _GIB:
        return f"{count / _GIB:.1f} GiB"
    return f"{count >> 20} MiB" if count >= 1 << 20 else f"{-(-count >> 10)} KiB"


def _measured(look: Look, directory: str) -> Mapping[str, Any]:
    return probed(look, "disks.write_time", directory)  # type: ignore[no-any-return]


def _ms(microseconds: int) -> str:
    return f"{microseconds / 1000:.{2 if microseconds < 10_000 else 0}f} ms"  # noqa: PLR2004
