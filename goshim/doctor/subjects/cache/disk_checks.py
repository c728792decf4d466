"""Checks of whether go can write where it must: permission, and room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, fail, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics, go_values
from goshim.doctor.machine import variable_remedies as mend
from goshim.doctor.machine.basics import NoPlaceError
from goshim.doctor.subjects.cache import disk_facts as disks
from goshim.doctor.subjects.cache import facts as caches
from goshim.doctor.subjects.cache.disk_facts import Space, TemporaryFault, Trial
from goshim.doctor.subjects.cache.drive_checks import moving
from goshim.doctor.subjects.cache.facts import Place
from goshim.doctor.subjects.cache.leftover_checks import taking

_MIB, _GIB = 1 << 20, 1 << 30
_NOTHING = 16 * _MIB
_FEW_INODES = 10_000
_WORDS = {
    "EACCES": "permission denied",
    "EPERM": "operation not permitted",
    "ENOENT": "no such file or directory",
    "EROFS": "the file system is read-only",
    "ENOSPC": "no space left on device",
    "EDQUOT": "your disk quota is used up",
    "EIO": "input/output error",
}
_DONE = {"create": "made", "rename": "renamed", "remove": "removed"}
_HOME = Remedy(
    "set HOME, here and where this was started: a crontab, a systemd unit, a Dockerfile",
    'export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"',
)


@check("cache-writable", "module cache")
def cache_writable(look: Look) -> Verdict:
    """Whether files can be made, renamed and removed in the module cache and in GOCACHE: by doing it, once.

    Without a GOCACHE to write to nothing can be built (`failed to initialize build cache`), without a module cache
    nothing be fetched. Go says `permission denied` for either, as it does where a scanner holds a file for a moment.

    Modules that are in a cache already can be built with where nothing can be written there, as those which an image of
    a container brings, or root shares: then only what needs another module ends (tried with Go 1.24).

    Where HOME is not set, as under cron, systemd or in a container, go has no place for either: `build cache is
    required, but could not be located` (cmd/go/internal/cache/default.go). A module that requires no other is built
    with GOCACHE alone, and so it is where no module cache can be made. A relative XDG_CACHE_HOME is refused too; Go
    1.21 still took it for one in each directory.

    A GOTMPDIR or TMPDIR that is set must be there already: go makes a directory in it for each build, and none of the
    directories above (cmd/go/internal/work/action.go).

    A directory that is not there yet is well where it can be made: go makes it. Mode bits tell nothing on a Windows
    drive, and neither a full disk nor a used-up quota shows in them, so a file is made. `no such file or directory` for
    a new file on a Windows drive is Windows' controlled folder access (microsoft/WSL issue 3339).
    """
    judged = [_tried(look, fact) for fact in (caches.modules, caches.builds)]
    found = [verdict for verdict in judged if verdict.status != "ok"]
    if temporary := look(disks.temporary_fault):
        found.append(_no_work_directory(temporary))
    if not found:
        words = (verdict.summary for verdict in judged)
        return ok("files can be made, renamed and removed in the module cache and in GOCACHE", *words)
    worst = min(found, key=lambda verdict: ("fail", "warn").index(verdict.status))
    return Verdict(
        worst.status,
        worst.summary,
        tuple(line for verdict in found for line in verdict.evidence),
        tuple(dict.fromkeys(remedy for verdict in found for remedy in verdict.remedies)),
    )


@check("cache-disk", "module cache")
def cache_disk(look: Look) -> Verdict:
    """Room, and inodes, on the disks of the module cache, of GOCACHE and of the directory for temporary files.

    A build writes some hundred MiB there. On a full disk it ends with `no space left on device`, in the compiler, the
    linker or the middle of a module.

    Warned is below 1 GiB (256 MiB for temporary files) and below 10 000 inodes, for go keeps many small files. WSL2's
    disk is a file on a Windows drive and grows when need be: what `df` tells of it may not be there (microsoft/WSL
    issue 7361), so that drive counts too. Inodes are counted on Linux's own disks alone; those of a Windows drive are
    made up (microsoft/WSL issue 10017).
    """
    places = [look(caches.modules), look(caches.builds), look(caches.temporary)]
    if drive := look(disks.drive_below):
        places.append(drive)
    found = [(place, disks.space(look, place.real)) for place in places]
    evidence = tuple(f"{place.words}: {space.words}" for place, space in found)
    short = [(place, space) for place, space in found if _is_short(place, space, look(caches.temporary))]
    if short:
        place, space = min(short, key=lambda each: each[1].free_bytes)
        judged = fail if space.free_bytes < _NOTHING else warn
        summary = f"{disks.size(space.free_bytes)} are left on the disk of {place.name}"
        return judged(summary, *evidence, remedies=_freeing(look, place))
    for place, space in found:
        if place.has_inodes and space.inodes and space.free_inodes < min(_FEW_INODES, space.inodes / 10):
            summary = f"{space.free_inodes} of {space.inodes} inodes are left on the disk of {place.name}"
            return warn(summary, *evidence, remedies=_freeing(look, place))
    return ok("there is room where go writes", *evidence)


def _tried(look: Look, fact: Callable[[Look], Place]) -> Verdict:
    """What keeps go from writing to a place."""
    try:
        place = look(fact)
    except NoPlaceError as error:
        return _nowhere(look, caches.MODULES if fact is caches.modules else caches.BUILDS, error)
    if closed := caches.unentered(look, place):
        return _unreached(look, place, closed)
    if reason := caches.obstacle(look, place):
        return _lacking(place.name, f"{place.name} can't be made: {reason}", place.words)
    above = caches.closed_above(look, place)
    for directory in (above,) if above else caches.writing_directories(look, place):
        trial = disks.trial(look, directory)
        if trial.step:
            return _unmade(look, place, above, trial) if above else _refused(look, place, directory, trial)
    return ok(place.words)


def _lacking(name: str, summary: str, *evidence: str, remedies: tuple[Remedy, ...] = ()) -> Verdict:
    """Without GOCACHE nothing is built, without a module cache what requires no other module."""
    return (warn if name == caches.MODULES else fail)(summary, *evidence, remedies=remedies)


def _nowhere(look: Look, name: str, error: NoPlaceError) -> Verdict:
    setting = go_values.find(look, error.variable)
    shown = setting.shown if setting else f"{error.variable} is not set"
    remedy = _HOME
    if setting and setting.name != "HOME":
        remedy = mend.undone(setting, f"take {setting.name} back: go then chooses")
    return _lacking(name, f"go has no place for {name}: {shown}", str(error), remedies=(remedy,))


def _unreached(look: Look, place: Place, closed: str) -> Verdict:
    """A place behind a directory that is closed to us: whether it is there can't be told."""
    remedies = _opening(place, closed, disks.trial(look, closed)) or (_having_empty(place),)
    if f"{look(basics.machine).home}/".startswith(f"{closed}/"):
        remedies = (_HOME, *remedies)
    if not place.is_native:
        remedies = moving(look, place)
    summary = f"{place.name} can't be reached: {printable(closed)} may not be entered"
    return _lacking(place.name, summary, place.words, remedies=remedies)


def _unmade(look: Look, place: Place, above: str, trial: Trial) -> Verdict:
    """A place that is not there, and can't be made. What sudo makes is the user's from its first directory on."""
    summary = f"{place.name} can't be made: {printable(above)} may not be written"
    evidence, remedies = _evidence(place, above, trial), _opening(place, above, trial)
    if trial.owner:
        evidence = (*evidence, f"{printable(above)} belongs to {trial.owner}")
    if not place.is_native:
        return _lacking(place.name, summary, *evidence, remedies=moving(look, place))
    remedies = remedies or (_having_empty(place),)
    if trial.owner and trial.error != "EROFS" and above != "/":
        command = f'sudo install -d -o "$(id -u)" -g "$(id -g)" {quoted(caches.first_missing(place, above))}'
        remedies = (Remedy("make it; go makes what is below it", command, "sudo"), *remedies)
    return _lacking(place.name, summary, *evidence, remedies=remedies)


def _having_empty(place: Place) -> Remedy:
    return Remedy(f"have an empty {place.variable}, for now", f'export {place.variable}="$(mktemp -d)"')


def _no_work_directory(fault: TemporaryFault) -> Verdict:
    setting = fault.setting
    undone = mend.undone(setting, f"take {setting.name} back: go then uses /tmp, or what else is set")
    making = (Remedy("or make it", f"mkdir -p {quoted(fault.path)}"),) if fault.is_missing else ()
    return fail(f"go: creating work dir: {fault.words}", setting.shown, remedies=(undone, *making))


def _refused(look: Look, place: Place, directory: str, trial: Trial) -> Verdict:
    reason, evidence = _WORDS.get(trial.error, trial.error), _evidence(place, directory, trial)
    elsewhere = moving(look, place) if not place.is_native else ()
    if trial.error in ("ENOSPC", "EDQUOT"):
        return fail(f"{place.name} can't be written: {reason}", *evidence, remedies=_freeing(look, place))
    if trial.step != "create":
        return warn(f"files in {place.name} are held: {reason}", *evidence, remedies=elsewhere)
    if place.on_windows and trial.error != "EROFS":
        return fail(f"Windows refuses new files in {place.name}: {reason}", *evidence, remedies=elsewhere)
    judged = fail
    if caches.is_readable_cache(look, place):
        judged, evidence = warn, (*evidence, "what is in it can be built with; nothing can be fetched into it")
    if trial.owner and trial.error != "EROFS":
        summary = f"{place.name} belongs to {trial.owner}, and may not be written"
        return judged(summary, *evidence, remedies=_of_ones_own(look, place, directory))
    summary = f"{place.name} can't be written: {reason}"
    return judged(summary, *evidence, remedies=(*elsewhere, *_opening(place, directory, trial)))


def _evidence(place: Place, directory: str, trial: Trial) -> tuple[str, ...]:
    reason = _WORDS.get(trial.error, trial.error)
    return place.words, f"a new file in {printable(directory)} could not be {_DONE[trial.step]}: {reason}"


def _of_ones_own(look: Look, place: Place, directory: str) -> tuple[Remedy, ...]:
    """Another place instead of what is shared; what is below the home directory is taken back."""
    if not disks.is_shared(look, place.real):
        return (Remedy("take it over, unless it is shared on purpose", taking(directory), "sudo"),)
    first, *rest = moving(look, place)
    return replace(first, text=f"have one of your own: {first.text}", edits=()), *rest


def _opening(place: Place, directory: str, trial: Trial) -> tuple[Remedy, ...]:
    """To write in a directory that is ours, or on a disk that is mounted to be read."""
    if trial.error == "EROFS":
        point = quoted(place.mount.point if place.mount else "/")
        return (Remedy("have the file system writable", f"sudo mount -o remount,rw {point}", "sudo"),)
    if trial.error == "EACCES" and not trial.owner:
        return (Remedy("let yourself write there", f"chmod u+rwx {quoted(directory)}"),)
    return ()


def _is_short(place: Place, space: Space, temporary: Place) -> bool:
    least = _GIB // 4 if place == temporary else _GIB
    return space.size_bytes > 0 and space.free_bytes < least


def _freeing(look: Look, place: Place) -> tuple[Remedy, ...]:
    point = quoted(place.mount.point if place.mount else "/")
    seen = Remedy("see what takes the room", f"du -xh -d2 {point} 2>/dev/null | sort -h | tail -20")
    if place == look(caches.temporary):
        return (seen,)
    if place.on_windows and place.name not in (caches.MODULES, caches.BUILDS):
        return (Remedy("free room on that drive", "cleanmgr", "powershell"),)
    return Remedy("remove what go can build again", "go clean -cache"), seen
