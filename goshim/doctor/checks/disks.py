"""Checks of whether go can write where it must: permission, and room."""

from __future__ import annotations

from goshim.doctor.check import check
from goshim.doctor.checks import mend
from goshim.doctor.checks.module_cache import taking
from goshim.doctor.checks.windows_drives import moving
from goshim.doctor.facts import caches, disks
from goshim.doctor.facts.caches import Place
from goshim.doctor.facts.disks import Space, TemporaryFault, Trial
from goshim.doctor.finding import Remedy, Verdict, fail, ok, warn
from goshim.doctor.look import Look
from goshim.plan.render import quoted
from goshim.secrets import printable

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


@check("cache-writable", "module cache")
def writable(look: Look) -> Verdict:
    """Whether files can be made, renamed and removed in the module cache and in GOCACHE: by doing it, once.

    Without a GOCACHE to write to nothing can be built (`failed to initialize build cache`), without a module cache
    nothing be fetched. Go says `permission denied` for either, as it does where a scanner holds a file for a moment.

    A GOTMPDIR or TMPDIR that is set must be there already: go makes a directory in it for each build, and none of the
    directories above (cmd/go/internal/work/action.go).

    A directory that is not there yet is well where it can be made: go makes it. Mode bits tell nothing on a Windows
    drive, and neither a full disk nor a used-up quota shows in them, so a file is made. `no such file or directory` for
    a new file on a Windows drive is Windows' controlled folder access (microsoft/WSL issue 3339).
    """
    places = [look(caches.modules), look(caches.builds)]
    found = [verdict for place in places if (verdict := _obstacle(look, place))]
    if temporary := look(disks.temporary_fault):
        found.append(_no_work_directory(temporary))
    if not found:
        return ok(
            "files can be made, renamed and removed in the module cache and in GOCACHE", *(p.words for p in places)
        )
    worst = min(found, key=lambda verdict: ("fail", "warn").index(verdict.status))
    return Verdict(
        worst.status,
        worst.summary,
        tuple(line for verdict in found for line in verdict.evidence),
        tuple(dict.fromkeys(remedy for verdict in found for remedy in verdict.remedies)),
    )


@check("cache-disk", "module cache")
def disk(look: Look) -> Verdict:
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


def _obstacle(look: Look, place: Place) -> Verdict | None:
    """What keeps go from writing to a place; None if nothing does."""
    if reason := caches.obstacle(look, place):
        making = Remedy("make it", f'sudo install -d -o "$USER" {quoted(place.path)}', "sudo")
        remedies = (making,) if reason.endswith("written") else ()
        return fail(f"{place.name} can't be made: {reason}", place.words, remedies=remedies)
    for directory in caches.writing_directories(look, place):
        trial = disks.trial(look, directory)
        if trial.step:
            return _refused(look, place, directory, trial)
    return None


def _no_work_directory(fault: TemporaryFault) -> Verdict:
    setting = fault.setting
    undone = mend.undone(setting, f"take {setting.name} back: go then uses /tmp, or what else is set")
    making = (Remedy("or make it", f"mkdir -p {quoted(fault.path)}"),) if fault.is_missing else ()
    return fail(f"go: creating work dir: {fault.words}", setting.shown, remedies=(undone, *making))


def _refused(look: Look, place: Place, directory: str, trial: Trial) -> Verdict:
    reason = _WORDS.get(trial.error, trial.error)
    evidence = (place.words, f"a new file in {printable(directory)} could not be {_DONE[trial.step]}: {reason}")
    elsewhere = moving(look, place) if not place.is_native else ()
    if trial.error in ("ENOSPC", "EDQUOT"):
        return fail(f"{place.name} can't be written: {reason}", *evidence, remedies=_freeing(look, place))
    if trial.step != "create":
        return warn(f"files in {place.name} are held: {reason}", *evidence, remedies=elsewhere)
    if trial.error == "EROFS":
        judged = warn if place == look(caches.modules) else fail  # what was fetched can still be built with
        point = quoted(place.mount.point if place.mount else "/")
        opened = Remedy("have the file system writable", f"sudo mount -o remount,rw {point}", "sudo")
        return judged(f"{place.name} can't be written: {reason}", *evidence, remedies=(*elsewhere, opened))
    if place.on_windows:
        return fail(f"Windows refuses new files in {place.name}: {reason}", *evidence, remedies=elsewhere)
    if trial.owner:
        taken = Remedy("take it over, unless it is shared on purpose", taking(directory), "sudo")
        return fail(f"{place.name} belongs to {trial.owner}, and may not be written", *evidence, remedies=(taken,))
    allowed = Remedy("let yourself write there", f"chmod u+rwx {quoted(directory)}")
    remedies = (allowed,) if trial.error == "EACCES" else ()
    return fail(f"{place.name} may not be written: {reason}", *evidence, remedies=remedies)


def _is_short(place: Place, space: Space, temporary: Place) -> bool:
    least = _GIB // 4 if place == temporary else _GIB
    return space.size_bytes > 0 and space.free_bytes < least


def _freeing(look: Look, place: Place) -> tuple[Remedy, ...]:
    point = quoted(place.mount.point if place.mount else "/")
    seen = Remedy("see what takes the room", f"du -xh -d2 {point} 2>/dev/null | sort -h | tail -20")
    if place == look(caches.temporary):
        return (seen,)
    if place.on_windows and place not in (look(caches.modules), look(caches.builds)):
        return (Remedy("free room on that drive", "cleanmgr", "powershell"),)
    return Remedy("remove what go can build again", "go clean -cache"), seen
