"""Whether a refused file is one that somebody holds for a moment, or one that go may never have.

On a Windows drive both read `permission denied`. A lock it is where the path is go's own, the file system is one on
which others hold files, and a file can be made beside it. Else there is a remedy, and no reason to wait.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from typing import NamedTuple

from goshim.facts import go_env_file, module_cache, workspace
from goshim.facts.host import Host
from goshim.facts.mounts import Mount, MountTable, is_windows_path
from goshim.watch import probe, remedies
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
        self._refusals: dict[str, int] = {}
        self.directory = call.directory
        self.cache = module_cache.locate(call.environment, file, self._mounts)
        temporary = call.environment.get("GOTMPDIR") or file.get("GOTMPDIR", "")
        gopath = {**call.environment, "GOMODCACHE": ""}, {**file, "GOMODCACHE": ""}
        below_gopath = os.path.dirname(module_cache.locate(*gopath, self._mounts))
        checksums = f"{below_gopath}/sumdb" if below_gopath else ""  # cmd/go/internal/cfg/cfg.go, SumdbDir
        self._own = [each for each in (self.cache, temporary, checksums, *call.in_place_of_go_mod) if each]
        named = call.environment.get("GOWORK") or file.get("GOWORK", "")
        self._workspace = {os.path.realpath(each) for each in workspace.directories(host, named)}

    def judge_all(self, findings: Iterable[Finding]) -> dict[Finding, Verdict]:
        """What to do about each of the findings of one attempt; no directory is tried twice."""
        self._refusals.clear()
        return {finding: self.judge(finding) for finding in findings}

    def judge(self, finding: Finding) -> Verdict:
        """What to do about a file that was refused, or that there was no room for."""
        path = self._resolved(finding.path)
        if not path:
            return Verdict(again=False)
        match finding.sign.id:
            case "disk-full":
                return Verdict(again=False, remedy=remedies.full(path, self._point(path)))
            case "disk-quota":
                return Verdict(again=False, remedy=remedies.over_quota(path))
            case "read-only":
                return Verdict(again=False, remedy=self._when_read_only(path))
            case "module-cache-cannot-be-made":
                directory = self._where_go_writes(path)
                return Verdict(
                    again=False, remedy=remedies.not_made(directory, self.cache) if self._refusal(directory) else ""
                )
        if finding.sign.kind != "lock" or not self.is_ours(path):
            return Verdict(again=False)
        return self._judge_lock(path)

    def _judge_lock(self, path: str) -> Verdict:
        directory = self._where_go_writes(path)
        match self._refusal(directory):
            case errno.EROFS:
                return Verdict(again=False, remedy=self._when_read_only(path))
            case errno.ENOSPC | errno.EDQUOT:
                return Verdict(again=False, remedy=remedies.full(path, self._point(path)))
            case errno.EACCES | errno.EPERM:
                return Verdict(again=False, remedy=self._when_not_ours(directory))
        if _belongs_to_another(path):
            return Verdict(again=False, remedy=self._when_not_ours(path))
        return Verdict(again=self.is_lock_prone(path))

    def is_ours(self, path: str) -> bool:
        """Whether a file is go's to write: in the module cache, in GOTMPDIR, or one of the module's or workspace's."""
        if any(_is_below(path, place) for place in self._own):
            return True
        directory, name = os.path.split(path)
        if name not in _OF_THE_PROJECT:
            return False
        return _is_below(self.directory, directory) or os.path.realpath(directory) in self._workspace

    def is_lock_prone(self, path: str) -> bool:
        """Whether others may hold files where path lies, by its file system and the setting retry.locks."""
        owner = self.mount(path)
        return self._locks == "always" or (self._locks == "auto" and owner is not None and owner.is_lock_prone)

    def mount(self, path: str) -> Mount | None:
        """The mount that path lies on."""
        return self._mounts.owner(os.path.realpath(self._resolved(path)))

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
        cut = -1 if _is_below(path, f"{self.cache}/cache") else path.find("@v", len(self.cache))
        directory = os.path.dirname(path[:cut] if cut > 0 and _is_below(path, self.cache) else path)
        while not os.path.isdir(directory) and directory != "/":
            directory = os.path.dirname(directory)
        return directory

    def _refusal(self, directory: str) -> int:
        if directory not in self._refusals:
            self._refusals[directory] = probe.refusal(directory)
        return self._refusals[directory]

    def _when_read_only(self, path: str) -> str:
        return remedies.read_only(path, self._point(path), in_cache=self.holds(path))

    def _when_not_ours(self, there: str) -> str:
        return remedies.not_ours(there, self.cache if self.holds(there) else "")

    def _point(self, path: str) -> str:
        owner = self.mount(path)
        return owner.point if owner else "/"

    def holds(self, path: str) -> bool:
        """Whether path is in the module cache."""
        return bool(self.cache) and _is_below(self._resolved(path), self.cache)


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
