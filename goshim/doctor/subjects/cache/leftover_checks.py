"""Checks of what lies in the module cache and in go's other directories."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, skip, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.subjects.cache import disk_facts as disks
from goshim.doctor.subjects.cache import facts as caches
from goshim.facts.module_cache import DOWNLOADS

_LONG_S = 3600


@check("cache-ownership", "module cache")
def cache_ownership(look: Look) -> Verdict:
    """Whether parts of go's directories belong to somebody else and are closed to us: what `sudo go` leaves behind.

    The next `go build` or `go get` that needs such a directory fails with `permission denied`, while others go on
    working: that looks like a fault of the module.

    A sample is looked at, for a tenth of a second at most: the tops of GOPATH, of the module cache and of GOCACHE,
    `cache/download` two levels deep, and `~/.config/go`, where `go env -w` writes. A cache that is shared by a group
    which may write is fine; and one of another user that is not below the home directory is taken for shared, as that
    of a container's image: `cache-writable` tells what it is good for. Nothing is said of Windows drives and shares,
    whose owners are made up by their mount.
    """
    answer = look(caches.foreign)
    found: Mapping[str, Any] = answer["found"]
    places = (look(caches.modules), look(caches.builds))
    if not found and (closed := next(filter(None, (caches.unentered(look, place) for place in places)), "")):
        return skip(f"{printable(closed)} may not be entered")
    extent = f"looked at {answer['looked']} files and directories" + (", not at all there are" if answer["cut"] else "")
    if not found:
        return ok("nothing that was looked at in go's directories is closed to us", extent)
    evidence = (*(line for each in found.values() for line in _shortened(each["first"], each["count"])), extent)
    tops = [top for top in found if not any(top.startswith(f"{other}/") for other in found)]
    if not (tops := [top for top in tops if not disks.is_shared(look, top)]):
        return info("go's directories here belong to another user, and are shared as it seems", *evidence)
    return warn(
        "parts of go's directories belong to another user, and may not be written",
        *evidence,
        remedies=(
            *(Remedy("take it back, unless it is shared on purpose", taking(top), "sudo") for top in tops),
            Remedy("run go without sudo; what all are to run, build first, then copy it", "go build -o NAME ."),
        ),
    )


@check("cache-leftovers", "module cache")
def cache_leftovers(look: Look) -> Verdict:
    """What lies unfinished in the module cache for over a day, and which of its locks are held now.

    A go that waits for a lock says nothing and waits for ever. Who then sees many `.lock` files there, and deletes
    them, has mended nothing: go never removes them, one for each version of a module. What counts is who holds one.

    `.tmp` files are left by a go that was killed, or whose rename was refused; they cost space alone. A `.partial` file
    says that a module's directory is not whole, and has go extract it anew (`unzip` in cmd/go/internal/modfetch,
    fetch.go): it must not be deleted; to fetch the module removes it. `go clean -modcache` would be too much, as all is
    fetched again then. The walk ends after a tenth of a second, and says so. Locks are read from /proc/locks, which
    shows neither those of other containers nor what Windows holds.
    """
    found, (held, words) = look(caches.leftovers), _held(look)
    evidence = (*_unfinished(found), *words, _extent(found))
    remedies = (*_ending(held), *_tidying(look, found))
    if stopped := [lock for lock in held if lock["stopped"]]:
        return warn(f"a lock in the module cache is held by {_who(stopped)}, stopped", *evidence, remedies=remedies)
    if old := [lock for lock in held if lock["runs_s"] > _LONG_S]:
        summary = f"a lock in the module cache is held by {_who(old)}, which has run for over an hour"
        return warn(summary, *evidence, remedies=remedies)
    if not found["tmp"] and not found["partials"]:
        return ok("nothing unfinished was found in the module cache", *evidence)
    return info("the module cache has leftovers, which harm nothing", *evidence, remedies=remedies)


def taking(directory: str) -> str:
    """The command that makes a directory and all in it one's own."""
    return f'sudo chown -R "$USER": {quoted(directory)}'


def _held(look: Look) -> tuple[Sequence[Mapping[str, Any]], tuple[str, ...]]:
    try:
        held = look(caches.held_locks)
    except UnknownError as error:
        return (), (f"which locks are held can't be seen: {error}",)
    lines = [f"{printable(lock['path'])}: held by {lock['who']}" for lock in held]
    return held, tuple(_shortened(lines, len(lines)))


def _who(locks: Sequence[Mapping[str, Any]]) -> str:
    return " and ".join(dict.fromkeys(str(lock["who"]) for lock in locks))


def _ending(held: Sequence[Mapping[str, Any]]) -> tuple[Remedy, ...]:
    """To wake the processes that hold a lock and are stopped, or to look at the others."""
    numbers = sorted({lock["process"] for lock in held if lock["stopped"]})
    old = sorted({lock["process"] for lock in held if not lock["stopped"] and lock["runs_s"] > _LONG_S})
    woken = [Remedy("let it go on", f"kill -CONT {number}") for number in numbers]
    return *woken, *(Remedy("see what it does; end it if it does nothing", f"ps -fp {number}") for number in old)


def _unfinished(found: Mapping[str, Any]) -> tuple[str, ...]:
    lines = []
    if found["tmp"]:
        lines.append(f".tmp files older than a day: {found['tmp']}, {disks.size(found['bytes'])}")
    lines += _shortened([f"{name}: its module is not whole" for name in found["partial"]], found["partials"])
    return tuple(lines)


def _extent(found: Mapping[str, Any]) -> str:
    rest = ", not all there are: there was no more time" if found["cut"] else ""
    return f".lock files, which are normal: {found['locks']}; looked into directories: {found['directories']}{rest}"


def _tidying(look: Look, found: Mapping[str, Any]) -> tuple[Remedy, ...]:
    directory = f"{look(caches.modules).real}/{DOWNLOADS}"
    remedies = []
    if found["tmp"]:
        command = f"find {quoted(directory)} -type f -name '*.tmp' -mmin +1440 -delete"
        remedies.append(Remedy("remove the .tmp files that are older than a day", command))
    if modules := list(filter(None, map(_module_of, found["partial"]))):
        command = " ".join(["go mod download", *map(quoted, modules)])
        remedies.append(Remedy("have go extract the modules anew; the .partial files must stay until then", command))
    return tuple(remedies)


def _module_of(name: str) -> str:
    """`example.com/Azure/m@v1.0.0` of `example.com/!azure/m/@v/v1.0.0.partial`: golang.org/x/mod/module, EscapePath."""
    path, _, version = name.removesuffix(".partial").partition("/@v/")
    return re.sub("!([a-z])", lambda found: found[1].upper(), f"{path}@{version}") if version else ""


def _shortened(lines: Sequence[str], count: int) -> list[str]:
    first = [printable(line) for line in lines[:5]]
    return [*first, f"and {count - len(first)} more"] if count > len(first) else first
