"""Where go keeps modules, what it built and what it works on, and what lies there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from goshim.base.terminal import printable
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts import module_cache
from goshim.facts.host import UnreadableError
from goshim.facts.module_cache import DOWNLOADS
from goshim.facts.mounts import NATIVE, Mount

MODULES, BUILDS = "the module cache", "GOCACHE"
"""Names of places."""

_ROOTS_OF_WSL1 = ("lxfs", "wslfs")
_CLOSED = "permission denied"  # EACCES, as DoctorHost words it


@dataclass(frozen=True)
class Place:
    """A directory that go uses: what it is (`the module cache`), its path, what that resolves to, and its mount."""

    name: str
    path: str
    real: str
    mount: Mount | None

    @property
    def on_windows(self) -> bool:
        """Whether it lies on a Windows drive."""
        return self.mount is not None and self.mount.is_windows

    @property
    def is_lock_prone(self) -> bool:
        """Whether others, such as a virus scanner, may hold files open there."""
        return self.mount is not None and self.mount.is_lock_prone

    @property
    def is_root_of_wsl1(self) -> bool:
        """Whether it lies on the disk that WSL1 has of its own: files of NTFS, and there is no other."""
        return self.mount is not None and self.mount.type in _ROOTS_OF_WSL1

    @property
    def is_native(self) -> bool:
        """Whether it lies on a disk of this Linux's own, as good as there is."""
        return not self.is_lock_prone or self.is_root_of_wsl1

    @property
    def has_inodes(self) -> bool:
        """Whether the inodes of its disk are counted, and not made up."""
        return self.mount is not None and self.mount.type in NATIVE

    @property
    def where(self) -> str:
        """On what it lies, as a person reads it."""
        if self.is_root_of_wsl1:
            return "WSL1's own disk"
        if self.on_windows:
            return "a Windows drive"
        return f"a shared file system ({self.mount.type})" if self.mount and self.is_lock_prone else "Linux's own disk"

    @property
    def variable(self) -> str:
        """The variable that says where a cache is."""
        return "GOMODCACHE" if self.name == MODULES else "GOCACHE"

    @property
    def words(self) -> str:
        """Its path, what that resolves to, and its mount."""
        arrow = "" if self.real == self.path else f" → {printable(self.real)}"
        mount = f", {self.mount.type} mounted on {printable(self.mount.point)}" if self.mount else ""
        return f"{self.name}: {printable(self.path)}{arrow}{mount}"

    @property
    def windows_path(self) -> str:
        r"""The same place for Windows, as `C:\dir`; empty if it is on no whole Windows drive."""
        if not self.mount or not self.on_windows or not self.mount.letter:
            return ""
        below = self.real[len(self.mount.point.rstrip("/")) :].strip("/")
        return f"{self.mount.letter}:\\" + below.replace("/", "\\")


def modules(look: Look) -> Place:
    """The module cache that go uses here."""
    path = module_cache.locate(look(basics.environment), look(basics.go_variables), look(basics.mounts))
    return place_of(look, MODULES, path if path.startswith("/") else look(basics.cache))


def modules_before(look: Look) -> Place:
    """The module cache as the caller has it set."""
    return place_of(look, MODULES, look(basics.cache))


def builds(look: Look) -> Place:
    """GOCACHE as go uses it here."""
    after = look(basics.environment).get("GOCACHE", "")
    return place_of(look, BUILDS, after if after.startswith("/") else look(basics.build_cache))


def builds_before(look: Look) -> Place:
    """GOCACHE as the caller has it set."""
    return place_of(look, BUILDS, look(basics.build_cache))


def temporary(look: Look) -> Place:
    """Where go compiles and links: GOTMPDIR, else TMPDIR, else /tmp."""
    named = look(basics.environment)
    path = named.get("GOTMPDIR") or look(basics.go_variables).get("GOTMPDIR", "") or named.get("TMPDIR", "")
    return place_of(look, "the directory for temporary files", path if path.startswith("/") else "/tmp")  # noqa: S108


def project(look: Look) -> Place | None:
    """The module of the working directory."""
    found = look(basics.module)
    return None if found is None else place_of(look, "the project", found)


def native_below_home(look: Look, *names: str) -> str:
    """The first of these names below the home directory that is on Linux's own disk; empty if none is."""
    home = look(basics.machine).home
    return next((name for name in names if home and place_of(look, "", f"{home}/{name}").is_native), "")


def nearest(look: Look, path: str) -> str:
    """What there is of a path: itself, or what is nearest above it."""
    while not look.host.exists(path) and path.strip("/"):
        path = path.rstrip("/").rpartition("/")[0]
    return path or "/"


def unentered(look: Look, place: Place) -> str:
    """The directory on the way to a place that may not be entered; empty if there is none."""
    if not _is_out_of_reach(look, place.path):
        return ""
    above = place.real
    while above and _is_out_of_reach(look, above):
        above = above.rpartition("/")[0]
    return above or "/"


def obstacle(look: Look, place: Place) -> str:
    """What is in the way of a place: what is no directory; empty if nothing is."""
    there = _there(look, place)
    if not look.host.exists(there):
        return f"{printable(there)} is a link to nothing"
    if not look.host.is_directory(there):
        return f"{printable(there)} is no directory"
    return ""


def closed_above(look: Look, place: Place) -> str:
    """The directory in which a place would have to be made, and that may not be written; empty if all is well."""
    there = _there(look, place)
    return "" if there == place.path or look.host.writable(there) else there


def first_missing(place: Place, above: str) -> str:
    """The first directory that is to be made, below what is there, for a place to be made."""
    name = place.path[len(above) :].strip("/").partition("/")[0]
    return f"{above.rstrip('/')}/{name}"


def writing_directories(look: Look, place: Place) -> tuple[str, ...]:
    """Those of its directories in which go makes files, of what there is of them."""
    candidates = (place.real, f"{place.real}/{DOWNLOADS}") if place.name == MODULES else (place.real,)
    return tuple(each for each in candidates if look.host.is_directory(each))


def is_readable_cache(look: Look, place: Place) -> bool:
    """Whether a place is a module cache with something in it that go can build with, may it write there or not."""
    try:
        return place.name == MODULES and bool(look.host.entries(f"{place.real}/{DOWNLOADS}"))
    except UnreadableError:
        return False


def holds_downloads(look: Look, place: Place) -> bool:
    """Whether a module cache has anything that could be copied."""
    return look.host.is_directory(f"{place.real}/{DOWNLOADS}")


def same_mount(look: Look, one: str, other: str) -> bool:
    """Whether two paths lie on one mount."""
    return place_of(look, "", one).mount == place_of(look, "", other).mount


def project_scratch(look: Look) -> str:
    """Where the disk of the project is measured: best outside it, where no editor watches; else in its `.git`."""
    found = look(project)
    if found is None:
        raise UnknownError("the working directory is in no module")
    repository = look.host.above(".git")
    candidates = [look(modules).real, f"{repository or found.real}/.git"]
    for path in candidates:
        if look.host.is_directory(path) and same_mount(look, path, found.real):
            return path
    return found.real


def leftovers(look: Look) -> Mapping[str, Any]:
    """What lies unfinished in the module cache: the answer of the probe of that name."""
    return probed(look, "caches.leftovers", look(modules).real)  # type: ignore[no-any-return]


def held_locks(look: Look) -> tuple[Mapping[str, Any], ...]:
    """The locks in the module cache that are held: the answer of the probe of that name."""
    return tuple(probed(look, "caches.held_locks", look(modules).real))


def foreign(look: Look) -> Mapping[str, Any]:
    """What of go's directories belongs to somebody else: the answer of the probe of that name.

    On a Windows drive, or a share, owners are made up by its mount.
    """
    home, cache = look(basics.machine).home or "none", look(modules).real  # what is relative is left out below
    gopath = (basics.go_setting(look, "GOPATH") or f"{home}/go").split(":")[0]
    depths = {gopath: 1, cache: 1, f"{cache}/{DOWNLOADS}": 2, look(builds).real: 1, f"{home}/.config/go": 1}
    places = [(look.host.real(path), depth) for path, depth in depths.items() if path.startswith("/")]
    asked = [(path, depth) for path, depth in places if place_of(look, "", path).is_native]
    return probed(look, "caches.foreign", json.dumps(asked))  # type: ignore[no-any-return]


def _is_out_of_reach(look: Look, path: str) -> bool:
    try:
        look.host.status(path)
    except UnreadableError as error:
        if not str(error).endswith(_CLOSED):
            raise
        return True
    return False


def _there(look: Look, place: Place) -> str:
    """A place, or what there is above it, be that a link to nothing."""
    there = place.path
    while look.host.status(there) is None and there != "/":
        there = there.rstrip("/").rpartition("/")[0] or "/"
    return there


def probed(look: Look, name: str, subject: str) -> Any:
    """The answer of a probe. Unknown where it can't be made."""
    try:
        return look.host.probe(name, subject)
    except UnreadableError as error:
        raise UnknownError(str(error)) from None


def place_of(look: Look, name: str, path: str) -> Place:
    """What a path is on this machine."""
    real = look.host.real(path)
    return Place(name, path, real, look(basics.mounts).owner(real))
