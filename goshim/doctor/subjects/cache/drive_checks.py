"""Checks of the module cache, of GOCACHE and of the project where a Windows drive holds them."""

from __future__ import annotations

from collections.abc import Sequence

from goshim.base.redaction import shown
from goshim.base.shells import quoted
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, info, ok, skip, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, origins
from goshim.doctor.subjects.cache import disk_facts as disks
from goshim.doctor.subjects.cache import facts as caches
from goshim.doctor.subjects.cache.disk_facts import Comparison
from goshim.doctor.subjects.cache.facts import Place

_DECIDED_BY = {caches.MODULES: ("GOMODCACHE", "GOPATH"), caches.BUILDS: ("GOCACHE", "XDG_CACHE_HOME")}
# Where go keeps it unasked, and where else it may be kept if that is a link to another disk.
_BELOW_HOME = {
    caches.MODULES: ("go/pkg/mod", ".local/share/go/mod"),
    caches.BUILDS: (".cache/go-build", ".local/share/go/build"),
}
_SLOW = 3.0


@check("cache-on-windows", "module cache")
def cache_on_windows(look: Look) -> Verdict:
    """Whether the module cache and GOCACHE lie where other systems can hold their files: a Windows drive, a share.

    On Linux go tries nothing twice: where a virus scanner on Windows holds a file that go has just written, its rename
    or removal is refused with `permission denied`, and the download fails. Each file also takes many times as long
    there, and go has tens of thousands.

    Windows' `sharing violation` and `access denied` both arrive as EACCES (microsoft/openvmm
    vm/devices/support/fs/lxutil/src/windows/util.rs, `nt_status_to_lx`), and go's retries are made for Windows and
    macOS alone (cmd/internal/robustio). golang/go issue 36568 has the mechanism. Which mounts count is data:
    config/filesystems.toml; no path is judged by its beginning with `/mnt/`. How much slower it is here is measured:
    up to 30 small files are made, renamed and removed, there and on Linux's own disk.

    WSL1's own disk is files of NTFS, which a scanner sees one by one (golang/vscode-go issue 510), but it is all that
    WSL1 has. On WSL2's own disk Windows sees one file, `ext4.vhdx`, and none of go's can be locked.
    """
    now = [look(caches.modules), look(caches.builds)]
    before = [look(caches.modules_before), look(caches.builds_before)]
    prone = [place for place in now if place.is_lock_prone]
    elsewhere = [place for place in prone if not place.is_root_of_wsl1]
    moved = [old for old, new in zip(before, now, strict=True) if old.is_lock_prone and not new.is_lock_prone]
    if elsewhere:
        return _on_windows(look, elsewhere)
    if prone:
        summary = f"{_names(prone)} on WSL1's own disk, where Windows can hold files; WSL1 has no other"
        return info(summary, *_evidence(look, prone))
    if moved:
        summary = f"{_names(moved)} set to be on {moved[0].where}; goshim has go use another place at each call"
        return info(summary, *_evidence(look, moved), *(place.words for place in now))
    return ok("the module cache and GOCACHE are on no Windows drive or share", *(place.words for place in now))


def _on_windows(look: Look, places: Sequence[Place]) -> Verdict:
    compared, measured = _compare(look, caches.nearest(look, places[0].real))
    is_slow = compared is not None and compared.ratio >= _SLOW
    summary = f"{_names(places)} on {places[0].where}, where other programs can hold files"
    evidence = (*_evidence(look, places), *measured)
    if look(basics.machine).wsl == "wsl1" and not is_slow:
        return info(f"{summary}; so they can on WSL1's own disk", *evidence)
    if compared and is_slow:
        summary += f", {compared.ratio:.0f} times as slow as Linux's own disk"
    return warn(summary, *evidence, remedies=tuple(remedy for place in places for remedy in moving(look, place)))


@check("project-on-windows", "module cache")
def project_on_windows(look: Look) -> Verdict:
    """Whether the module of the working directory lies on a Windows drive, and how much slower that is.

    go reads each source file, asks for each file's time and locks go.mod at every call; gopls, git and tests do far
    more. From WSL2 each of these is a message to Windows and back.

    Microsoft's advice is to keep files on the system whose tools work on them: learn.microsoft.com/windows/wsl,
    "Working across file systems"; microsoft/WSL issue 4197. How much it costs is measured here, as for
    `cache-on-windows`: in the module cache if that is on the same drive, else in the project's `.git`, else in the
    project itself. On WSL1 the difference is small.
    """
    found = look(caches.project)
    if found is None:
        return skip("the working directory is in no module")
    if not found.on_windows:
        return ok("the project is on no Windows drive", found.words)
    compared, measured = _compare(look, look(caches.project_scratch))
    if compared is None or compared.ratio < _SLOW:
        return info("the project is on a Windows drive", found.words, *measured)
    name = found.real.rstrip("/").rpartition("/")[2]
    target = f"{look(basics.home).rstrip('/')}/{name}"
    copy = Remedy(
        "work on a copy on Linux's own disk; Windows' programs find it at \\\\wsl.localhost",
        f"[ -e {quoted(target)} ] || cp -a -- {quoted(found.real)} {quoted(target)}",
    )
    return warn(
        f"the project is on a Windows drive, {compared.ratio:.0f} times as slow as Linux's own disk",
        found.words,
        *measured,
        remedies=(copy,) if caches.native_below_home(look, name) else (),
    )


def moving(look: Look, place: Place) -> tuple[Remedy, ...]:
    """The ways to have the module cache, or GOCACHE, on Linux's own disk; what is there already stays where it is."""
    variable, name = place.variable, place.name
    usual, _ = _BELOW_HOME[name]
    below = caches.native_below_home(look, *_BELOW_HOME[name])
    if not below:
        target = '/var/cache/go-"$USER"'
        command = f'sudo install -d -o "$USER" {target} && go env -w {variable}={target}/{usual.rpartition("/")[2]}'
        return (Remedy(f"keep {name} outside the home directory, which is no better", command, "sudo"),)
    target = f'"$HOME/{below}"'
    is_ruled = below == "go/pkg/mod" and look(basics.machine).mounts.on_windows(place.path)
    if look(basics.is_acting) and is_ruled:
        text = "have goshim keep modules in ~/go/pkg/mod: put this at the top of ~/.config/goshim/config.toml"
        first = Remedy(text, 'module_cache.location = "native"', "file")
    elif look(basics.variables).get(variable):
        text = f"keep {name} on Linux's own disk in this shell; for good, change the line that sets {variable}"
        first = Remedy(text, f"export {variable}={target}", edits=_edits(look, variable))
    else:
        first = Remedy(f"keep {name} on Linux's own disk", f"go env -w {variable}={target}")
    if variable != "GOMODCACHE" or not caches.holds_downloads(look, place):
        return (first,)
    copy = f"goshim cache copy --from {quoted(place.path)}"
    return first, Remedy("bring over what is downloaded already; else go fetches it anew", copy)


def _edits(look: Look, variable: str) -> tuple[Edit, ...]:
    """To comment out the lines of the user's own files that do nothing but set it."""
    home = look(basics.machine).home
    return tuple(line.commented_out() for line in origins.alone(look, variable) if line.path.startswith(f"{home}/"))


def _names(places: Sequence[Place]) -> str:
    return " and ".join(place.name for place in places) + (" are" if len(places) > 1 else " is")


def _evidence(look: Look, places: Sequence[Place]) -> list[str]:
    return [line for place in places for line in (place.words, *_deciding(look, place))]


def _deciding(look: Look, place: Place) -> list[str]:
    """What sets a place, and where."""
    for name in _DECIDED_BY[place.name]:
        if value := look(basics.variables).get(name):
            found = [origin.place for origin in origins.of(look, name)]
            return [f"{name}={shown(name, value)}, set in {', '.join(found) or 'the environment'}"]
        if value := look(basics.go_variables).get(name):
            return [f"{name}={shown(name, value)}, set in {look(basics.go_env_path)} by go env -w"]
    return []


def _compare(look: Look, directory: str) -> tuple[Comparison | None, tuple[str, ...]]:
    try:
        found = disks.comparison(look, directory)
    except UnknownError as error:
        return None, (f"not measured: {error}",)
    return found, found.words
