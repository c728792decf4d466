"""Checks of what was locked on this machine, and of what Windows Defender leaves alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from goshim.base.shells import powershell_word
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, skip, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, registry
from goshim.doctor.subjects.cache import facts as caches
from goshim.doctor.subjects.cache import journal
from goshim.doctor.subjects.cache.drive_checks import moving
from goshim.doctor.subjects.cache.facts import Place
from goshim.doctor.subjects.cache.journal import DAYS, Incident

_LATELY_DAYS = 7
_MOST_TOLD = 5

# What Defender does not scan by these is more than a cache: drives, profiles, Windows, temporary files, a whole kind.
_TOO_BROAD = re.compile(
    r"[a-z]:(\\\*)?|[a-z]:\\users(\\[^\\]+)?|[a-z]:\\windows(\\system32|\\temp)?"
    r"|%(systemdrive|userprofile|public|systemroot|windir|temp|tmp|appdata|localappdata|programdata)%"
    r"|.*\\appdata(\\(local|roaming))?(\\temp)?|\*(\.\*)?|\*?\.[a-z0-9]{1,5}"
)
_OF_WSL2 = re.compile(r".*\.vhdx|\\\\wsl(\$|\.localhost)(\\.*)?|.*\\localstate")


@check("lock-history", "module cache")
def lock_history(look: Look) -> Verdict:
    r"""What watched downloads met in the last 30 days, by goshim's journal: locked files, faults of the network.

    A lock that goshim waited out cost some seconds; one that it lost to ended a download, and will again while the
    cache stays where it is.

    A warning is for files that stayed locked in the last week, below directories that go still uses. On WSL2's own disk
    locks are not to be expected: Windows sees one file there, so one that shows up has a cause in Linux, such as a
    backup or another container. `goshim history` shows each incident. Only calls by goshim's launcher are in it.
    """
    found = look(journal.incidents)
    if not found:
        return ok(f"no incident of a download in the last {DAYS} days, or none was watched")
    lines = [*_counted(found), *_surprises(look, found)]
    lost = [each for each in look(journal.lost_locks) if each.days_ago <= _LATELY_DAYS and _is_current(look, each)]
    if not lost:
        total = f"incidents of downloads in the last {DAYS} days: {len(found)}"
        return info(f"{total}; lately none was lost to a locked file here", *lines)
    cache = look(caches.modules)
    return warn(
        f"downloads were lost to files that stayed locked: {len(lost)} in the last week",
        *_told(lost),
        *lines,
        remedies=() if cache.is_native else moving(look, cache),
    )


@check("defender-exclusion", "module cache", needs="wsl")
def defender_exclusion(look: Look) -> Verdict:
    r"""Whether Windows Defender scans the module cache, as far as its exclusions may be read.

    An exclusion for the whole drive, the profile or all `.zip` files opens the machine, and mends no more than one for
    the cache; and on WSL2's own disk none is needed, for Defender sees one file there and can hold none of go's.

    Folklore. To exclude `ext4.vhdx`, the folder with it, or `\\wsl$` changes nothing for locks. A narrow exclusion for
    a cache on a Windows drive (`Add-MpPreference -ExclusionPath`) does help, but is an administrator's choice: it is
    told only where downloads were lost to locks, and the better way is to move the cache. A quarantine is no lock: the
    file is gone (`no such file or directory`), no waiting brings it back; `Get-MpThreatDetection` tells what it was.
    golang/go issue 36568 (a scanner on WSL1), microsoft/WSL issues 1932 and 8995. Most accounts may not read the
    exclusions; those that a policy sets are kept elsewhere and not looked at.
    """
    cache, (exclusions, reason) = look(caches.modules), _exclusions(look)
    if broad := [each for each in exclusions if _TOO_BROAD.fullmatch(_plain(each))]:
        return warn(
            "Windows Defender leaves out far more than a cache",
            *(f"excluded: {printable(each)}" for each in broad),
            remedies=tuple(
                Remedy("have it scanned again, if that is yours to decide", _preference("Remove", each), "elevated")
                for each in broad
            ),
        )
    if not cache.is_lock_prone:
        return _on_own_disk(cache, exclusions, reason)
    if covering := next((each for each in exclusions if _covers(each, cache.windows_path)), ""):
        return ok("Windows Defender does not scan the module cache", f"excluded: {printable(covering)}")
    lost = _lost(look)
    if lost and cache.windows_path:
        narrow = _preference("Add", cache.windows_path)
        return info(
            "downloads were lost to locked files; to leave the cache unscanned is an administrator's choice",
            *_told(lost),
            *([f"whether it is excluded already can't be told: {reason}"] if reason else []),
            remedies=(
                *moving(look, cache),
                Remedy("or exclude the module cache, and nothing else, from scans", narrow, "elevated"),
            ),
        )
    if reason:
        return skip(reason)
    return ok("Windows Defender scans the module cache, and no download was lost to that", cache.words)


def _on_own_disk(cache: Place, exclusions: Sequence[str], reason: str) -> Verdict:
    if idle := [each for each in exclusions if _OF_WSL2.fullmatch(_plain(each))]:
        return info(
            "exclusions for WSL2's disk do nothing against locks: Windows can't hold single files there",
            *(f"excluded: {printable(each)}" for each in idle),
        )
    told = f"its exclusions are not known: {reason}" if reason else "its exclusions are narrow"
    return ok("the module cache is where Windows Defender can hold no file: no exclusion is needed", cache.words, told)


def _exclusions(look: Look) -> tuple[tuple[str, ...], str]:
    """Defender's exclusions, or why they are not known."""
    try:
        return look(registry.defender_exclusions), ""
    except UnknownError as error:
        return (), str(error)


def _lost(look: Look) -> tuple[Incident, ...]:
    try:
        return look(journal.lost_locks)
    except UnknownError:
        return ()


def _plain(exclusion: str) -> str:
    """In lower case and without a last backslash, as Windows compares them."""
    return exclusion.casefold().removeprefix("\\\\?\\").rstrip("\\")


def _covers(exclusion: str, path: str) -> bool:
    """Whether an exclusion holds for a path. `*` stands for any characters of one name."""
    pattern = re.escape(_plain(exclusion)).replace(r"\*", r"[^\\]*")
    return bool(path) and re.match(rf"{pattern}(?:\\|\Z)", path.casefold()) is not None


def _preference(verb: str, path: str) -> str:
    return f"{verb}-MpPreference -ExclusionPath {powershell_word(path)}"


def _counted(found: Sequence[Incident]) -> list[str]:
    lost = Counter(each.kind for each in found if not each.won)
    kinds = Counter(each.kind for each in found)
    return [f"{printable(kind)}: {count}, lost: {lost[kind]}" for kind, count in kinds.most_common()]


def _surprises(look: Look, found: Sequence[Incident]) -> list[str]:
    owner = look(basics.mounts).owner
    paths = dict.fromkeys(each.path for each in found if each.kind == "lock" and each.path.startswith("/"))
    odd = [path for path in paths if (mount := owner(path)) and not mount.is_lock_prone]
    return [f"{printable(path)}: Windows can't hold it; look for another program" for path in odd[:_MOST_TOLD]]


def _is_current(look: Look, incident: Incident) -> bool:
    """Whether it was below a directory that go uses here and now."""
    places = [look(caches.modules), look(caches.builds), look(caches.temporary), look(caches.project)]
    tops = [top for place in places if place for top in (place.path, place.real)]
    return any(incident.path.startswith(f"{top.rstrip('/')}/") for top in tops)


def _told(lost: Sequence[Incident]) -> list[str]:
    latest = list(reversed(lost))
    more = [f"and {len(latest) - _MOST_TOLD} more"] if len(latest) > _MOST_TOLD else []
    return [f"{printable(each.path)}: {_ago(each.days_ago)}" for each in latest[:_MOST_TOLD]] + more


def _ago(days: float) -> str:
    return f"{days:.0f} days ago" if days >= 1.5 else "in the last day or so"  # noqa: PLR2004
