"""Whether a refused file is one that somebody holds for a moment, or one that go may never have.

On a Windows drive both read `permission denied`. A lock it is where the path is go's own, the file system is one on
which others hold files, and a file can be made beside it. Else there is a remedy, and no reason to wait.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from typing import NamedTuple

from goshim.facts.host import Host
from goshim.facts.mounts import Mount, MountTable, is_windows_path
from goshim.watch import probe, remedies
from goshim.watch.call import Call
from goshim.watch.places import Places, is_below
from goshim.watch.signs import Finding, Sign

_OF_GIT = "git-file-held"  # the sign whose words are git's
_NO_CACHE = "module-cache-cannot-be-made"


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
        self._refusals: dict[str, int] = {}
        self.directory = call.directory
        self._places = Places(call, host, self._mounts)
        self.cache = self._places.cache

    def judge_all(self, findings: Iterable[Finding]) -> dict[Finding, Verdict]:
        """What to do about each of the findings of one attempt; no directory is tried twice."""
        self._refusals.clear()
        return {finding: self.judge(finding) for finding in findings}

    def judge(self, finding: Finding) -> Verdict:
        """What to do about a file that was refused, or that there was no room for.

        There is a remedy only for what is go's own, by a line of go's own: a server can dictate what git says.
        """
        path = self._resolved(finding.path)
        if not path or "\0" in path:
            return Verdict(again=False)
        verdict = self._judge(finding.sign, path)
        return verdict if self.knows(finding) else verdict._replace(remedy="")

    def knows(self, finding: Finding) -> bool:
        """Whether go itself says this of a file that is its own, so that what it says can be acted on."""
        path = self._resolved(finding.path)
        is_of_git = bool(finding.module) or finding.sign.id == _OF_GIT
        if not path or "\0" in path or is_of_git:
            return False
        is_above = finding.sign.id == _NO_CACHE and self._is_above_cache(path)
        return is_above or self._places.is_known(path)

    def _is_above_cache(self, path: str) -> bool:
        """Whether the module cache is to be in a directory, as go's variables say and no text of others."""
        return path != "/" and is_below(self.cache, path, by_name=False)

    def _judge(self, sign: Sign, path: str) -> Verdict:
        match sign.id:
            case "disk-full":
                return Verdict(again=False, remedy=remedies.full(path, self._point(path)))
            case "disk-quota":
                return Verdict(again=False, remedy=remedies.over_quota(path))
            case "read-only":
                return Verdict(again=False, remedy=self._when_read_only(path))
            case "module-cache-cannot-be-made":
                return Verdict(again=False, remedy=self._when_not_made(path))
        if sign.kind != "lock" or not self.is_ours(path):
            return Verdict(again=False)
        return self._judge_lock(path)

    def _when_not_made(self, path: str) -> str:
        directory = self._where_go_writes(path)
        if not (self.holds(path) or self._is_above_cache(path)) or not self._refusal(directory):
            return ""
        return remedies.not_made(directory, self.cache, may_be_given=self._places.may_be_given(self.cache))

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
        return self._places.is_written(path)

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
        cut = -1 if is_below(path, f"{self.cache}/cache") else path.find("@v", len(self.cache))
        directory = os.path.dirname(path[:cut] if cut > 0 and is_below(path, self.cache) else path)
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
        may_be_given = self._places.may_be_given(there)
        return remedies.not_ours(there, self.cache if self.holds(there) else "", may_be_given=may_be_given)

    def _point(self, path: str) -> str:
        owner = self.mount(path)
        return owner.point if owner else "/"

    def holds(self, path: str) -> bool:
        """Whether path is in the module cache."""
        return self._places.holds(self._resolved(path))


def _belongs_to_another(path: str) -> bool:
    try:
        status = os.lstat(path)
    except OSError:
        return False
    return bool(os.geteuid()) and status.st_uid != os.geteuid() and not os.access(path, os.W_OK)
