"""Which files are go's own on this machine: what a failure of one says can be acted on, and nothing else.

A path comes from a line of go's, and part of that can be a server's words or a clone's. So a path counts by what it
really is, every link followed, and links of the project itself count as a path elsewhere.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping

from goshim.facts import go_env_file, module_cache, workspace
from goshim.facts.host import Host, UnreadableError
from goshim.facts.mounts import MountTable
from goshim.watch.call import Call

OF_THE_PROJECT = frozenset({"go.mod", "go.sum", "go.work", "go.work.sum"})
# No advice of ours gives away what is in these, or these themselves: hier(7), file-hierarchy(7).
_OF_THE_SYSTEM = ("bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "proc", "run", "sbin", "sys", "usr")
_NEVER_WHOLE = frozenset({"/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/var/tmp"})  # noqa: S108


class Places:
    """The directories and files of one call. `cache` is the module cache, as go names it."""

    def __init__(self, call: Call, host: Host, mounts: MountTable) -> None:
        """Look at the machine as it is now."""
        variables, file = call.environment, go_env_file.read(host, mounts)
        self.cache = module_cache.locate(variables, file, mounts)
        gopath = {**variables, "GOMODCACHE": ""}, {**file, "GOMODCACHE": ""}
        below_gopath = os.path.dirname(module_cache.locate(*gopath, mounts))
        checksums = f"{below_gopath}/sumdb" if below_gopath else ""  # cmd/go/internal/cfg/cfg.go, SumdbDir
        temporary = variables.get("GOTMPDIR") or file.get("GOTMPDIR", "")
        self._written = [
            each for each in (self.cache, temporary, checksums, *call.in_place_of_go_mod) if _is_place(each)
        ]
        self._built = [each for each in (_build_cache(variables, file),) if _is_place(each)]
        self._given_home = os.path.realpath(variables.get("HOME") or "/")
        self._home = self._given_home if _is_own(self._given_home) else ""
        named = variables.get("GOWORK") or file.get("GOWORK", "")
        self._modules, self._project = _modules(call.directory, host, named)

    def is_written(self, path: str) -> bool:
        """Whether go writes this file while it downloads: in the module cache, GOTMPDIR, or the project's own."""
        return is_below(path, self._written) or self._is_of_the_project(path, self._modules)

    def is_known(self, path: str) -> bool:
        """Whether what is wrong with this path may be said, for it is go's own and lies where it seems to lie."""
        if is_below(path, (*self._written, *self._built), by_name=False):
            return True
        return self._is_of_the_project(path, self._project)

    def may_be_given(self, path: str) -> bool:
        """Whether advice may be to make this the user's: what lies in the module cache, or in a home of the user's."""
        real = os.path.realpath(path)
        if real in _NEVER_WHOLE or real.split("/")[1] in _OF_THE_SYSTEM:
            return False
        if self._home and self._home != real and is_below(real, self._home):
            return True
        is_of_another = self._given_home != "/" and not self._home and is_below(real, self._given_home)
        return _is_place(self.cache) and is_below(real, self.cache, by_name=False) and not is_of_another

    def holds(self, path: str) -> bool:
        """Whether path is in the module cache."""
        return bool(self.cache) and is_below(path, [self.cache])

    @staticmethod
    def _is_of_the_project(path: str, directories: Iterable[str]) -> bool:
        directory, name = os.path.split(path)
        return name in OF_THE_PROJECT and not os.path.islink(path) and os.path.realpath(directory) in directories


def is_below(path: str, places: str | Iterable[str], *, by_name: bool = True) -> bool:
    """Whether a path is one of the places or in one, every link followed, or (`by_name`) by what it is called."""
    named = [places] if isinstance(places, str) else places
    real = os.path.realpath(path)
    for place in named:
        if place and (
            _starts_with(real, os.path.realpath(place)) or (by_name and _starts_with(os.path.normpath(path), place))
        ):
            return True
    return False


def _starts_with(path: str, place: str) -> bool:
    return f"{path}/".startswith(f"{place.rstrip('/')}/")


def _is_place(path: str) -> bool:
    return path.startswith("/") and os.path.realpath(path) != "/"


def _build_cache(variables: Mapping[str, str], file: Mapping[str, str]) -> str:
    """The directory of cmd/go/internal/cache/default.go, DefaultDir."""
    if named := variables.get("GOCACHE") or file.get("GOCACHE", ""):
        return named
    base = variables.get("XDG_CACHE_HOME") or f"{variables.get('HOME', '')}/.cache"
    return f"{base}/go-build"


def _is_own(home: str) -> bool:
    try:
        return home != "/" and os.stat(home).st_uid == os.geteuid()
    except OSError:
        return False


def _modules(directory: str, host: Host, named: str) -> tuple[frozenset[str], frozenset[str]]:
    """The real directories of the module or workspace, and those of them that lie in the project itself.

    A module that a go.work reaches through a link is none of the project's: where the link leads, the clone says.
    """
    try:
        root, *members = workspace.directories(host, named) or [""]
    except UnreadableError:
        root, members = "", []
    upward = _upward(directory)
    real_root = os.path.realpath(root) if root else ""
    roots = {*_resolved(upward), *([real_root] if root else [])} - {"/"}
    real = {
        moved
        for each in members
        if os.path.realpath(moved := os.path.normpath(os.path.join(real_root, os.path.relpath(each, root)))) == moved
    } - {"/"}
    return frozenset(roots | real), frozenset(roots | {each for each in real if is_below(each, real_root)})


def _resolved(upward: list[str]) -> list[str]:
    """The real paths of directories, each the parent of the one before it: a path may have thousands of parts."""
    found: list[str] = []
    for path in reversed(upward):
        below = f"{found[-1].rstrip('/')}/{os.path.basename(path)}" if found else ""
        found.append(os.path.realpath(path) if not below or os.path.islink(below) else below)
    return found


def _upward(directory: str) -> list[str]:
    """The nearest directory upward with a go.mod, or that itself; the directories between may get one as well."""
    passed = []
    while directory.strip("/"):
        passed.append(directory)
        if _is_regular(f"{directory}/go.mod"):
            return passed
        directory = os.path.dirname(directory)
    return passed[:1]


def _is_regular(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
