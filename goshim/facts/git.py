"""When the commit that is checked out was made, without running anything that the repository's config may name."""

from __future__ import annotations

import re

from goshim.facts.host import Host

# `git log` runs what core.pager, gpg.program and the like name; cat-file of a commit present runs nothing. An absent
# one would be fetched, by a transport that the clone's config may make a program: both variables below forbid that.
_QUIET = {"GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1"}
_OPTIONS = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "--no-pager")

# What stands in HEAD, a reference, packed-refs, a .git file, commondir, reftable/tables.list.
_OF_GIT = re.compile(
    r"ref: \S+|\^?[0-9a-f]{40,64}( \S+)?|# pack-refs .*|gitdir: .+|(/|\.\.?(?=/|$)).*|0x[0-9a-f]+-.*\.ref"
)
_MOST_LINKS = 5  # of symbolic references, as in git itself: refs/refs-internal.h, SYMREF_MAXDEPTH


def commit_time_s(host: Host, git: str, repository: str) -> int | None:
    """The committer's time of HEAD in seconds since 1970; None without a commit, or where git refuses the repository.

    The files that name the commit are read as well, so that a record of the host's answers tells when it is another.
    """
    directory = _git_directory(host, repository)
    if not _read_head(host, directory):
        return None
    command = (git, *_OPTIONS, f"--git-dir={directory}", "cat-file", "commit", "HEAD")
    header = (host.run(command, without="GIT_", extra=_QUIET) or b"").partition(b"\n\n")[0]
    for line in header.split(b"\n"):
        if line.startswith(b"committer "):
            time = line.split(b" ")[-2]
            return int(time) if time.isascii() and time.isdigit() else None
    return None


def _read_head(host: Host, directory: str) -> str:
    """Ask for each file that decides what HEAD is: gitrepository-layout(5), gitformat-reftable(5). Empty without."""
    shared = _absolute(directory, _text(host, f"{directory}/commondir") or ".")
    for store in {directory, shared}:
        _text(host, f"{store}/reftable/tables.list")
    text = head = _text(host, f"{directory}/HEAD")
    for _ in range(_MOST_LINKS):
        if not text.startswith("ref: "):
            break
        reference = text.removeprefix("ref: ")
        text = _text(host, f"{directory}/{reference}") or _text(host, f"{shared}/{reference}")
    if not text:  # only where no loose file names it: packed-refs may be large
        _text(host, f"{shared}/packed-refs")
    return head


def _git_directory(host: Host, repository: str) -> str:
    """The directory that .git is, or that it names: a worktree and a submodule have a file there."""
    path = f"{repository.rstrip('/')}/.git"
    if host.is_directory(path):
        return path
    return _absolute(repository, _text(host, path).removeprefix("gitdir: "))


def _text(host: Host, path: str) -> str:
    """The text of one of git's own files, which a clone may have made a link to anything."""
    text = host.text(path).strip()
    if all(_OF_GIT.fullmatch(line) for line in text.split("\n") if line):
        return text
    host.forget(path)
    return ""


def _absolute(base: str, path: str) -> str:
    return path if path.startswith("/") else f"{base.rstrip('/')}/{path}"
