"""When the commit that is checked out was made, without running anything that the repository's config may name."""

from __future__ import annotations

import re

from goshim.base.encoding import to_text
from goshim.facts.command import Limits
from goshim.facts.host import Host, UnreadableError

# `git log` runs what core.pager, gpg.program and the like name; cat-file of a commit present runs nothing. An absent
# one would be fetched, by a transport that the clone's config may make a program: both variables below forbid that.
_QUIET = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1"}
_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager")

# What stands in HEAD, a reference, packed-refs, a .git file, commondir, reftable/tables.list.
_OF_GIT = re.compile(
    r"ref: [^\s\0-\x1f]+|\^?[0-9a-f]{40,64}( [^\s\0-\x1f]+)?|# pack-refs .*|gitdir: [^\0-\x1f]+"
    r"|(/|\.\.?(?=/|$))[^\0-\x1f]*|0x[0-9a-f]+-[^\0-\x1f]*\.ref"
)
# Files that git reads before it has a commit. It would wait for ever for who writes into a FIFO in the place of one.
_READ_BY_GIT = (
    "config", "config.worktree", "packed-refs", "shallow", "info/grafts", "objects/info/alternates",
    "objects/info/commit-graph", "objects/info/commit-graphs/commit-graph-chain", "objects/pack/multi-pack-index",
)  # fmt: skip
LIMITS = Limits(time_s=0.5, output_bytes=1 << 16)
_LONGEST_TIME = 12  # digits of a time that gcc takes: gcc/c-family/c-common.cc
_MOST_LINKS = 5  # of symbolic references, as in git itself: refs/refs-internal.h, SYMREF_MAXDEPTH


def commit_time_s(host: Host, git: str, repository: str) -> int | None:
    """The committer's time of HEAD in seconds since 1970; None without a commit, or where git refuses the repository.

    The files that name the commit are read as well, so that a record of the host's answers tells when it is another.
    A failure has causes that none of these files shows, such as safe.directory or a lost object: it counts for the
    hour, so that a repository which makes git wait costs LIMITS once and not at every call.
    """
    files = _Files(host, repository)
    if not files.head and not files.are_odd:
        return None
    time_s = None
    if not files.are_odd:
        command = (git, *_OPTIONS, f"--git-dir={files.directory}", "cat-file", "commit", "HEAD")
        time_s = _committed_s(host.run(command, "GIT_", _QUIET, LIMITS) or b"")
    if time_s is None or files.is_one_unread:
        host.hour()
    return time_s


def _committed_s(commit: bytes) -> int | None:
    """The committer's time, by the text of a commit or its beginning."""
    header, end, _ = commit.partition(b"\n\n")
    lines = header.split(b"\n")
    for line in lines if end else lines[:-1]:
        if line.startswith(b"committer "):
            time = line.split(b" ")[-2]
            return int(time) if time.isascii() and time.isdigit() and len(time) <= _LONGEST_TIME else None
    return None


class _Files:
    """The files that decide what HEAD is: gitrepository-layout(5), gitformat-reftable(5).

    `head` is what HEAD holds, empty without. `are_odd` is whether one of them, or of those that git reads before it has
    a commit, is none of git's: a link to another file, a FIFO, bytes that no path has. Git is not run then.
    """

    def __init__(self, host: Host, repository: str) -> None:
        """Ask for the files of the repository whose .git lies in this directory."""
        self._host = host
        self.are_odd = self.is_one_unread = False
        self.directory = self._git_directory(repository)
        shared = _absolute(self.directory, self._text(f"{self.directory}/commondir") or ".")
        stores = tuple(dict.fromkeys((self.directory, shared)))
        for store in stores:
            self._text(f"{store}/reftable/tables.list")
        self.head = commit = self._text(f"{self.directory}/HEAD")
        for _ in range(_MOST_LINKS):
            if not commit.startswith("ref: "):
                break
            reference = commit.removeprefix("ref: ")
            commit = self._text(f"{self.directory}/{reference}") or self._text(f"{shared}/{reference}")
        if not commit:  # only where no loose file names it: packed-refs may be large
            self._text(f"{shared}/packed-refs", may_be_large=True)
        names = (*_READ_BY_GIT, f"objects/{commit[:2]}/{commit[2:]}") if commit else _READ_BY_GIT
        self.are_odd |= any(host.is_odd(f"{store}/{name}") for store in stores for name in names)

    def _git_directory(self, repository: str) -> str:
        """The directory that .git is, or that it names: a worktree and a submodule have a file there."""
        path = f"{repository.rstrip('/')}/.git"
        if self._host.is_directory(path):
            return path
        return _absolute(repository, self._text(path).removeprefix("gitdir: "))

    def _text(self, path: str, *, may_be_large: bool = False) -> str:
        """The text of one of git's own files; empty where it is none. Only what has git's form is kept."""
        if self._host.is_odd(path):
            self.are_odd = True
            return ""
        try:
            seen = self._host.peek(path)
            text = to_text(seen or b"").strip()
            if all(_OF_GIT.fullmatch(line) for line in text.split("\n") if line) and self._host.read(path) == seen:
                return text
        except UnreadableError:
            if may_be_large:
                self.is_one_unread = True
                return ""
        self._host.forget(path)
        self.are_odd = True
        return ""


def _absolute(base: str, path: str) -> str:
    return path if path.startswith("/") else f"{base.rstrip('/')}/{path}"
