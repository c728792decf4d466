"""Whether a refused file is one that somebody holds for a moment, or one that go may never have.

On a Windows drive both read `permission denied`. A lock it is where the path is go's own, the file system is one on
which others hold files, and a file can be made beside it. Else there is a remedy, and no reason to wait.
"""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

from goshim.facts import go_env_file, module_cache
from goshim.facts.host import Host
from goshim.facts.mounts import Mount, MountTable, is_windows_path
from goshim.watch.call import Call
from goshim.watch.signs import Finding

_OF_THE_PROJECT = frozenset({"go.mod", "go.sum", "go.work", "go.work.sum"})


class Verdict(NamedTuple):
    """Whether to try again, and else what to do about it (empty where goshim knows no better than go)."""

    again: bool
    remedy: str = ""


class Gate:
    """The places that are go's own on this machine, and what they are mounted on."""

    def __init__(self, call: Call) -> None:
        """Look at the machine as it is now, after a failure."""
        host = Host(call.environment, call.directory)
        self._locks = call.settings["locks"]
        self._mounts = MountTable(host.mountinfo())
        file = go_env_file.read(host, self._mounts)
        self.directory = call.directory
        self.cache = module_cache.locate(call.environment, file, self._mounts)
        temporary = call.environment.get("GOTMPDIR") or file.get("GOTMPDIR", "")
        self._own = [each for each in (self.cache, temporary) if each]

    def judge(self, finding: Finding) -> Verdict:
        """What to do about a file that was refused, or that there was no room for."""
        path = self._resolved(finding.path)
        if not path:
            return Verdict(again=False)
        match finding.sign.id:
            case "disk-full":
                return Verdict(again=False, remedy=self._when_full(path))
            case "disk-quota":
                return Verdict(again=False, remedy=_when_over_quota(path))
            case "read-only":
                return Verdict(again=False, remedy=self._when_read_only(path))
        if finding.sign.kind != "lock" or not self.is_ours(path):
            return Verdict(again=False)
        directory = self._where_go_writes(path)
        refused = _probe(directory)
        if refused == errno.EROFS:
            return Verdict(again=False, remedy=self._when_read_only(path))
        if refused in (errno.ENOSPC, errno.EDQUOT):
            return Verdict(again=False, remedy=self._when_full(path))
        if refused in (errno.EACCES, errno.EPERM) or _belongs_to_another(path):
            return Verdict(again=False, remedy=self._when_not_ours(path, directory))
        return Verdict(again=self.is_lock_prone(path))

    def is_ours(self, path: str) -> bool:
        """Whether a file is in the module cache, in GOTMPDIR, or one of the module's own: go's to write."""
        own = any(_is_below(path, place) for place in self._own)
        return own or (os.path.basename(path) in _OF_THE_PROJECT and _is_below(self.directory, os.path.dirname(path)))

    def is_lock_prone(self, path: str) -> bool:
        """Whether others may hold files where path lies, by its file system and the setting retry.locks."""
        owner = self.mount(path)
        return self._locks == "always" or (self._locks == "auto" and owner is not None and owner.is_lock_prone)

    def mount(self, path: str) -> Mount | None:
        """The mount that path lies on."""
        return self._mounts.owner(os.path.realpath(path))

    def is_native(self, path: str) -> bool:
        """Whether path lies on a disk of this Linux, which no program of Windows sees."""
        owner = self.mount(path)
        return owner is None or not owner.is_lock_prone

    def _resolved(self, path: str) -> str:
        if is_windows_path(path):
            return self._mounts.from_windows(path) or ""
        return os.path.join(self.directory, path) if path else ""

    def _where_go_writes(self, path: str) -> str:
        """The nearest directory above path that go writes into; those of an unpacked module are read-only by intent."""
        cut = path.find("@v", len(self.cache)) if "/cache/download/" not in path else -1
        directory = os.path.dirname(path[:cut] if cut > 0 and _is_below(path, self.cache) else path)
        while not os.path.isdir(directory) and directory != "/":
            directory = os.path.dirname(directory)
        return directory

    def _when_full(self, path: str) -> str:
        owner = self.mount(path)
        place = owner.point if owner else "/"
        return (
            f"{place} is full, so {path} could not be written. `go clean -cache` frees what go can build again,"
            f" `go clean -modcache` what it can fetch again; `df -h {place}` tells how much there is."
        )

    def _when_read_only(self, path: str) -> str:
        owner = self.mount(path)
        place = owner.point if owner else "/"
        text = f"{path} is on a file system that is mounted read-only ({place})."
        if not self.holds(path):
            return f"{text} `sudo mount -o remount,rw {place}` makes it writable."
        return f"{text} `go env -w GOMODCACHE=DIRECTORY` keeps modules in a directory that can be written."

    def _when_not_ours(self, path: str, directory: str) -> str:
        place = self.cache if self.holds(path) else directory
        there = path if _belongs_to_another(path) else directory
        owner = _name_of(os.stat(there).st_uid) if os.path.exists(there) else "another user"
        me = _name_of(os.geteuid())
        return (
            f"{there} belongs to {owner}, and {me} may not write there. `sudo chown -R {me} {place}` gives it to you."
        )

    def holds(self, path: str) -> bool:
        """Whether path is in the module cache."""
        return bool(self.cache) and _is_below(path, self.cache)


def _probe(directory: str) -> int:
    """Make a file and remove it; the error number where it can't be made. To be refused the removal is no matter."""
    path = os.path.join(directory, f".goshim-{os.getpid()}.tmp")
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        return error.errno or errno.EACCES
    try:
        os.unlink(path)
    except OSError:
        _left.add(path)
    return 0


_left: set[str] = set()


def clear_probes() -> None:
    """Remove the probes that were held when they should have been."""
    for path in list(_left):
        try:
            os.unlink(path)
        except OSError:
            continue
        _left.discard(path)


def _is_below(path: str, place: str) -> bool:
    if (path + "/").startswith(place.rstrip("/") + "/"):
        return True
    return (os.path.realpath(path) + "/").startswith(os.path.realpath(place).rstrip("/") + "/")


def _belongs_to_another(path: str) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return bool(os.geteuid()) and status.st_uid != os.geteuid() and not os.access(path, os.W_OK)


def _when_over_quota(path: str) -> str:
    return f"your disk quota is used up where {path} lies. `go clean -cache -modcache` frees what go can get again."


def _name_of(user: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"user {user}"
