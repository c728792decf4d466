"""The mount table, and which of its mounts are Windows drives.

What tells one is data: config/filesystems.toml. A drive can be mounted anywhere (`automount.root` may be `/`), so no
path is judged by its beginning with `/mnt/`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from goshim.base.resources import load_rows

# File systems of a disk of this Linux's own: what most calls meet, and no table need be read for.
NATIVE = frozenset({"ext4", "ext3", "ext2", "xfs", "btrfs", "zfs", "f2fs", "overlay", "tmpfs"})

_ESCAPE = re.compile(r"\\([0-7]{3})")
_DRIVE_AS_SOURCE = re.compile(r"^([A-Za-z]):\\?$")
_DRIVE_AS_OPTION = re.compile(r"[,;]path=([A-Za-z]):\\?(?:[,;]|$)")
_VIRTIOFS_DRIVE = re.compile(r"^drvfsa?([A-Z])\d*$")
_MOUNTED_BY_LETTER = re.compile(r"/([A-Za-z])$")
# The root of a mount that is a whole drive; where virtiofs shares all drives at once, each is below its GUID.
_WHOLE = re.compile(r"/|/\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_NAMES_A_FOLDER = re.compile(r"[A-Za-z]:\\?[^\\,;]")


@dataclass(frozen=True)
class Mount:
    """One line of mountinfo. `options`, of the file system, stay unsplit: a Windows path in them may hold blanks."""

    root: str
    point: str
    type: str
    source: str
    options: str

    @property
    def is_windows(self) -> bool:
        """Whether what is mounted is a Windows file system, by the rows of config/filesystems.toml."""
        return self._is_of("windows")

    @property
    def is_lock_prone(self) -> bool:
        """Whether a program elsewhere, such as a virus scanner, may hold files open there, by the same data."""
        return self.type not in NATIVE and (self.is_windows or self._is_of("lock_prone"))

    def _is_of(self, table: str) -> bool:
        words = re.split("[,;]", self.options)
        return any(
            row["type"] == self.type
            and ("option" not in row or row["option"] in words)
            and re.search(row.get("source", ""), self.source)
            for row in load_rows("filesystems.toml", table)
        )

    @property
    def letter(self) -> str:
        """The letter of a whole Windows drive, in upper case; empty for a folder of one, or where nothing tells it."""
        if not _WHOLE.fullmatch(self.root) or _NAMES_A_FOLDER.match(self.source):
            return ""
        for pattern, text in (
            (_DRIVE_AS_SOURCE, self.source),
            (_DRIVE_AS_OPTION, f",{self.options}"),
            (_VIRTIOFS_DRIVE, self.source),
            (_MOUNTED_BY_LETTER, self.point),
        ):
            if found := pattern.search(text):
                return found[1].upper()
        return ""


class MountTable:
    """What is mounted where, as far as it shows: of two mounts on one point the later hides the earlier."""

    def __init__(self, mountinfo: str = "") -> None:
        """Read the text of /proc/self/mountinfo (proc(5)); lines of another shape are passed over."""
        showing: dict[str, Mount] = {}
        for line in mountinfo.split("\n"):
            left, dash, right = line.partition(" - ")
            fields, rest = left.split(" "), right.split(" ", 2)
            if dash and len(fields) >= 6 and len(rest) >= 2:  # noqa: PLR2004 - the fields proc(5) promises
                point = _unescape(fields[4])
                showing[point] = Mount(_unescape(fields[3]), point, rest[0], _unescape(rest[1]), [*rest, ""][2])
        self._mounts = sorted(showing.values(), key=lambda mount: -len(mount.point))

    @cached_property
    def _drives(self) -> list[Mount]:
        return [mount for mount in self._mounts if mount.is_windows]

    def owner(self, path: str) -> Mount | None:
        """The mount that an absolute path lies on, by its text alone."""
        slashed = path.rstrip("/") + "/"
        return next((mount for mount in self._mounts if slashed.startswith(mount.point.rstrip("/") + "/")), None)

    def on_windows(self, path: str) -> bool:
        """Whether an absolute path lies on a Windows drive, by its text alone."""
        return bool(self._drives) and (owner := self.owner(path)) is not None and owner.is_windows

    def from_windows(self, path: str) -> str | None:
        r"""The Linux path of `C:\dir` or `C:/dir`; None if it has another shape or the drive is not mounted."""
        if not is_windows_path(path):
            return None
        rest = path[2:].replace("\\", "/").strip("/")
        for drive in self._drives:
            if drive.letter == path[0].upper():
                return f"{drive.point.rstrip('/')}/{rest}".rstrip("/") or "/"
        return None


def is_windows_path(value: str) -> bool:
    r"""Whether a value has the shape of an absolute Windows path: `C:\…`, `C:/…` or `\\server\…`."""
    return re.match(r"[A-Za-z]:[\\/]|\\\\", value) is not None


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)), text)
