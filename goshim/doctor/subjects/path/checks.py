"""Checks of PATH."""

from __future__ import annotations

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics, origins
from goshim.doctor.subjects.path import facts as path_programs
from goshim.doctor.subjects.path import windows_entries as windows_path
from goshim.doctor.subjects.path.facts import Entry, Search
from goshim.rules.lookups import ABSENT_GCCGO

COSTLY_MS, NOTABLE_MS = 100.0, 10.0
"""Of each go call, which else takes 5. What a usual Windows brings, thirty entries of a millisecond, looked into
for gccgo and perhaps for gcc, is between the two, and no alarm."""

_LEAST_MS = 0.1
_SHOWN = 6
_USUAL = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_WITHOUT_WINDOWS = Remedy(
    "or leave Windows' entries out, so that code and explorer.exe are found no more: in /etc/wsl.conf, and then"
    " wsl.exe --terminate",
    "[interop]\nappendWindowsPath=false",
    "file",
)


@check("path-order", "path", needs="wsl")
def path_order(look: Look) -> Verdict:
    """Whether entries on Windows drives stand before the directories of this Linux.

    Each look into such an entry crosses over to Windows and costs about a millisecond, and each program that is started
    by its name is looked for in all of them first.

    WSL itself appends them, at each start of a process from Windows: "add the path element onto the end of the existing
    value" (microsoft/WSL src/linux/init/config.cpp, ConfigAppendToPath; issues 1453 and 1640). No bit of the registry
    value `Flags` puts them first: 0x2 is APPEND_NT_PATH, 0x4 the mounting of drives (wslservice.idl), and `Flags=0x1`
    makes the distribution WSL1 without drives. What does put them first is an entry `PATH/l` of WSLENV, a PATH in
    `DefaultEnvironment`, or a start file. A directory such as /snap/bin or /usr/local/go/bin behind them is normal: a
    start file appended it. Which entries are on a Windows drive the mount table tells, not `/mnt`.
    """
    windows = [entry for entry in look(path_programs.entries) if entry.is_windows]
    misplaced = look(path_programs.misplaced)
    if not windows:
        return ok("no entry of PATH is on a Windows drive")
    if not misplaced:
        behind = [printable(entry.path) for entry in look(path_programs.behind_windows)]
        after = (f"behind them: {', '.join(behind)}",) if behind else ()
        return ok(f"the {len(windows)} Windows entries stand behind this Linux's own", *after)
    summary = f"{len(misplaced)} Windows entries of PATH stand before this Linux's own"
    evidence = [*_numbered(misplaced), *_causes(look)]
    if "PATH" in look(basics.mended):
        return info(f"{summary}; goshim moves them behind at each call of go", *evidence)
    return warn(summary, *evidence, remedies=_reorder(look))


@check("path-cost", "path")
def path_cost(look: Look) -> Verdict:
    """How many looks into PATH each go call makes by itself, and what these take here, measured.

    They are waited for before go does anything, at every call, also for `go version`; gopls, go vet and every Makefile
    make many calls.

    go looks for `gccgo` in each entry (cmd/go/internal/work/gccgo.go, init), and since 1.20, where CC and CGO_ENABLED
    are not set in the environment, for `gcc` until it finds one (cmd/go/internal/cfg/cfg.go, defaultContext). On a
    native disk that is some microseconds. On a Windows drive each look is about a millisecond (microsoft/WSL issues
    4234, 5696), and Windows brings twenty entries or more. An absolute GCCGO is looked at once; it is run for
    `-compiler=gccgo` alone.
    """
    before = look(path_programs.search)
    if not before.names:
        return ok("go looks for no program in PATH when it starts")
    if "PATH" not in look(basics.variables):
        return ok("PATH is not set, and go looks nowhere")
    summary = _told(before)
    if look(basics.launcher):
        after = look(path_programs.search_by_goshim)
        if before.cost_ms >= COSTLY_MS > after.cost_ms:
            return info(f"{summary}; with goshim it is {after.cost_ms:.1f} ms", *_late(before))
        if after.cost_ms >= COSTLY_MS:
            return warn(f"{_told(after)}, with goshim", *_late(after), remedies=_sparing(after))
    elif before.cost_ms >= COSTLY_MS:
        by_goshim = Remedy("let goshim spare them, at each call", "goshim install")
        return warn(summary, *_late(before), remedies=(by_goshim, *_sparing(before)))
    elif before.cost_ms >= NOTABLE_MS:
        return info(f"{summary}; goshim install spares them", *_late(before))
    return ok(summary, *_late(before))


@check("path-shadow", "path", needs="wsl")
def path_shadow(look: Look) -> Verdict:
    """Which program of this Linux a file in a Windows entry of PATH really stands before.

    `npm`, `npx` or `docker` without an extension, made for Windows, is then run in place of the Linux one, with Windows
    line ends and Windows paths, from go generate and from Makefiles.

    `find.exe`, `sort.exe` and `ping.exe` hide nothing: Linux runs a file by its exact name, and WSL adds no `.exe`
    (microsoft/WSL issue 1640: "need to include the file extension"). Only a file without an extension can, and only in
    an entry that stands before the Linux one. Looked for are the names that Go developers use.
    """
    found = look(path_programs.shadows)
    if not found:
        return ok("no Windows entry hides a program: find.exe is never found by the name find")
    evidence = [f"{each.name}: {printable(each.windows)} stands before {printable(each.linux)}" for each in found]
    summary = f"{', '.join(each.name for each in found)}: Windows' own is found before the one of this Linux"
    if "PATH" in look(basics.mended):
        return info(f"{summary}; not by what go runs, for goshim moves Windows' entries behind", *evidence)
    return warn(summary, *evidence, remedies=_reorder(look))


@check("path-unsafe", "path")
def path_unsafe(look: Look) -> Verdict:
    """Empty and relative entries of PATH, which mean the working directory.

    A clone could bring a `git` or `gcc` of its own. go refuses a program that it finds through such an entry, in place
    of looking further: `cannot run executable found relative to current directory` (os/exec, ErrDot).

    An empty entry comes about by `PATH=$PATH:$UNSET`, by a colon at the end, or by two in a row.
    """
    entries = look(basics.path_entries)
    found = [
        f"entry {number}: {printable(entry) if entry else '(empty)'}"
        for number, entry in enumerate(entries, 1)
        if entry[:1] != "/"
    ]
    if not found:
        return ok("every entry of PATH is an absolute directory")
    mean = "1 entry of PATH means" if len(found) == 1 else f"{len(found)} entries of PATH mean"
    summary = f"{mean} the working directory"
    if "PATH" in look(basics.mended):
        return info(f"{summary}; goshim drops them at each call", *found)
    kept = ":".join(entry for entry in entries if entry[:1] == "/") or _USUAL
    return warn(
        summary,
        *found,
        *_set_lines(look),
        remedies=(Remedy("take them out, here and where PATH is set", f"export PATH={quoted(kept)}"),),
    )


@check("path-origin", "path", needs="wsl")
def path_origin(look: Look) -> Verdict:
    """Where the Windows entries of PATH come from: the user's Path, the machine's, or the terminal that started WSL.

    To take one away for good, one must know where it is.

    wsl.exe passes on the PATH of *its own process* (microsoft/WSL src/windows/common/svccomm.cpp). Windows made it of
    the machine's Path, then the user's; a terminal or an editor may have added to it. WSL appends it, last
    (src/linux/init/config.cpp, ConfigAppendToPath). Folklore: the user's Path has no "highest priority", a change of
    the registry is not seen before the terminal is started anew, and no group policy of WSL touches it.
    """
    entries = [entry for entry in dict.fromkeys(look(basics.path_entries)) if look(basics.mounts).on_windows(entry)]
    if not entries:
        return ok("PATH has no Windows entry")
    known = look(windows_path.origins)
    found = {
        entry: known.places.get(windows_path.comparable(entry)) or _in_start_file(look, entry) for entry in entries
    }
    evidence = [f"{printable(entry)}: {' and '.join(places) or 'neither'}" for entry, places in found.items()]
    strange = [entry for entry, places in found.items() if not places]
    if not strange:
        return ok(f"it is known where each of the {len(entries)} Windows entries of PATH comes from", *evidence)
    summary = f"{len(strange)} of {len(entries)} Windows entries of PATH are in neither Path of the registry"
    if known.unclear:
        return info(f"{summary}, as far as these can be read", *evidence, *known.unclear)
    return info(f"{summary}: the terminal or editor that started WSL has added them", *evidence)


def _numbered(entries: tuple[Entry, ...]) -> list[str]:
    lines = [f"entry {entry.number}: {printable(entry.path)}" for entry in entries[:_SHOWN]]
    return [*lines, f"and {len(entries) - _SHOWN} more"] if len(entries) > _SHOWN else lines


def _causes(look: Look) -> list[str]:
    """What can have put Windows entries first: WSLENV, and lines that set PATH and name a Windows drive."""
    points = look(path_programs.drive_points)
    return [
        f"{line.place}: {printable(line.text.strip())}" if line.path else line.place
        for line in origins.of(look, "PATH")
        if not line.path or any(f"{point.rstrip('/')}/" in line.text for point in points if point != "/")
    ]


def _set_lines(look: Look) -> list[str]:
    lines = [line for line in origins.of(look, "PATH") if line.path]
    return [f"{line.place}: {printable(line.text.strip())}" for line in lines[:_SHOWN]]


def _reorder(look: Look) -> tuple[Remedy, ...]:
    imported = [line for line in origins.of(look, "PATH") if not line.path]
    entries = ", ".join(line.text for line in imported)
    first = Remedy("put them last", f"export PATH={quoted(look(path_programs.reordered))}")
    of_windows = (Remedy(f"on Windows, take {entries} out of the environment variable WSLENV"),) if imported else ()
    return (first, *of_windows, Remedy("or let goshim do it at each call of go", "goshim install"), _WITHOUT_WINDOWS)


def _told(search: Search) -> str:
    names = " and ".join(search.names)
    windows = f", {search.windows_looks} of them on Windows drives" if search.windows_looks else ""
    took = f"{search.cost_ms:.1f} ms" if search.cost_ms >= _LEAST_MS else f"less than {_LEAST_MS} ms"
    return f"each go call looks into PATH for {names}, {search.looks} times in all{windows}: {took}"


def _late(search: Search) -> list[str]:
    entries = "1 entry of PATH was" if search.left == 1 else f"{search.left} entries of PATH were"
    return [f"{entries} not measured in time, and cost more"] if search.left else []


def _sparing(search: Search) -> tuple[Remedy, ...]:
    found = []
    if "gccgo" in search.missing:
        found.append(Remedy("tell go where gccgo would be", f"go env -w GCCGO={ABSENT_GCCGO}"))
    if "gcc" in search.missing:  # the go env file would not do: go 1.24 looks all the same
        found.append(Remedy("there is no C compiler: tell go", "export CGO_ENABLED=0"))
    if search.windows_looks:
        found.append(_WITHOUT_WINDOWS)
    return tuple(found)


def _in_start_file(look: Look, entry: str) -> tuple[str, ...]:
    lines = [line for line in look(origins.start_lines) if entry.rstrip("/") in line.text]
    return (lines[0].place,) if lines else ()
