"""Checks of what the Windows registry says of WSL, and of what comes from there. Nothing is ever written to it."""

from __future__ import annotations

import re

from goshim.doctor.check import check
from goshim.doctor.facts import basics, origins, registry, windows_path, wsl_keys
from goshim.doctor.facts.registry import Key
from goshim.doctor.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.look import Look, UnknownError
from goshim.facts.mounts import is_windows_path
from goshim.secrets import shown
from goshim.terminal import printable

INTEROP, APPEND_PATH, MOUNT_DRIVES, VM_MODE = 1, 2, 4, 8
_MEANINGS = {
    INTEROP: "running Windows programs",
    APPEND_PATH: "appending the Windows PATH",
    MOUNT_DRIVES: "mounting Windows drives",
    VM_MODE: "being WSL2",
}
_ALL = 0xF
_OF_GO = re.compile(
    r"PATH|GO[A-Z0-9]+|CGO_\w+|CC|CXX|GCCGO|\w+_proxy|SSL_CERT_\w+|TMPDIR|SOURCE_DATE_EPOCH", re.IGNORECASE
)
_REGISTRATION = re.compile(r"\\Lxss\\\{[0-9A-Fa-f-]+\}$", re.IGNORECASE)
_BUILT_IN_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games"
"""Of microsoft/WSL src/windows/service/exe/DistributionRegistration.h, for a distribution without its own."""


@check("registry-flags", "wsl", needs="wsl")
def flags(look: Look) -> Verdict:
    """The Flags of this distribution's registration, bit by bit, and what is left of them for all users.

    They decide whether Windows' PATH is appended, drives are mounted and Windows programs run, and whether this is
    WSL2: bit 0x8, not the value `Version`, which is the format of the files.

    0x1 lets Windows programs run, 0x2 appends the Windows PATH (only with 0x1 and 0x4), 0x4 mounts drives, 0x8 is WSL2;
    0xf is what WSL gives a WSL2 distribution, 0x7 a WSL1 one. Folklore: `Flags=0x1`, said to take Windows out of PATH,
    would at the next start have a WSL2 distribution taken for WSL1, without drives. Written below HKLM, as the advice
    has it, it does nothing. What takes the Windows PATH away is `appendWindowsPath = false` in `[interop]` of
    /etc/wsl.conf; goshim puts it last at each call.

    Sources: microsoft/WSL src/windows/service/inc/wslservice.idl (LXSS_DISTRO_FLAGS),
    src/windows/service/exe/LxssCreateProcess.cpp, DistributionRegistration.cpp (ApplyGlobalFlagsOverride).
    """
    found = look(registry.distribution).get("Flags")
    number = found.number if found else None
    if number is None:
        raise UnknownError("this distribution's registration has no Flags")
    mask = _machine_mask(look)
    effective = number & (mask | VM_MODE) & _ALL
    evidence = (f"Flags = {number:#x}{_masked(number, effective, mask)}", *_decoded(effective, _ALL))
    is_wsl2 = look(basics.machine).wsl == "wsl2"
    if bool(number & VM_MODE) != is_wsl2:
        runs, registered = ("WSL2", "WSL1") if is_wsl2 else ("WSL1", "WSL2")
        usual = "0xf" if is_wsl2 else "0x7"
        return warn(
            f"the registry says {registered} of this distribution, which runs as {runs}: it may not start again",
            *evidence,
            f"WSL itself gives {usual}; somebody has changed it",
            remedies=(
                Remedy(
                    f"save your work; who changed Flags must take that back, to {usual}, before WSL ends", "", "file"
                ),
            ),
        )
    missing = [bit for bit in (INTEROP, APPEND_PATH, MOUNT_DRIVES) if not effective & bit]
    if missing:
        return info(f"the registry keeps this WSL from {_listed(missing)}", *evidence)
    return ok(f"Flags are {number:#x}, as WSL gives them", *evidence)


@check("registry-folklore", "wsl", needs="wsl")
def folklore(look: Look) -> Verdict:
    """Values in the registry that the web advises for Go under WSL, and that WSL has never read.

    They do nothing: neither cgo nor the clock nor PATH changes by them, and who relies on one looks in the wrong place.

    Looked for: `DisableCgo` (below LxssManager), `DisableHostClockSync` (below WslService), `InitCommand` and
    `AutoMountRoot` (below Lxss), and distributions below HKLM. Not one occurs in the sources of WSL, nor in its
    documentation (microsoft/WSL, MicrosoftDocs/WSL). What does what they promise: a C compiler, or CGO_ENABLED, for
    cgo; nothing for the clock, which Windows sets; `boot.command` and `automount.root` in /etc/wsl.conf.
    """
    rows = wsl_keys.folklore("registry")
    machine_wide = look(registry.machine_lxss)
    keys = (*look(registry.lxss), *machine_wide, *look(registry.lxss_manager), *look(registry.wsl_service))
    found = [(key, name) for key in keys for name in rows if name != "Flags" and key.get(name)]
    found += [(key, "Flags") for key in machine_wide if _is_registered(key) and key.get("Flags")]
    if not found:
        return ok("none of the values that the web advises, and WSL does not read, is set")
    return info(
        f"{found[0][1]} is set, which is not a WSL setting and does nothing",
        *(f"{key.name}, {name} = {printable(key.text(name))}: {rows[name]['truth']}" for key, name in found),
        *sorted({f"source: {rows[name]['source']}" for _, name in found}),
    )


@check("distribution-flags", "wsl", needs="wsl")
def distribution_flags(look: Look) -> Verdict:
    r"""What an administrator has turned off for all users' distributions.

    Without interop, drives or the Windows PATH, advice that needs them can't work here, and the user can't change that.

    It is the DWORD `DistributionFlags` of HKLM\SYSTEM\CurrentControlSet\Services\LxssManager, a mask: only bits that it
    has stay in a distribution's Flags, 0x8 always does. WSL's own documentation says that *setting* the lowest bit
    turns interop off (doc/docs/technical-documentation/interop.md); in the code, clearing it does (microsoft/WSL
    src/windows/service/exe/DistributionRegistration.cpp, ApplyGlobalFlagsOverride). No group policy touches PATH: the
    whole list is src/windows/inc/wslpolicies.h.
    """
    if not any(key.get("DistributionFlags") for key in look(registry.lxss_manager)):
        return ok("nothing is turned off for all users")
    mask = _machine_mask(look)
    off = [bit for bit in (INTEROP, APPEND_PATH, MOUNT_DRIVES) if not mask & bit]
    evidence = (f"{registry.LXSS_MANAGER}, DistributionFlags = {mask:#x}", *_decoded(mask, _ALL & ~VM_MODE))
    if not off:
        return ok("DistributionFlags turns nothing off", *evidence)
    return info(f"turned off for all users: {_listed(off)}", *evidence)


@check("default-environment", "environment", needs="wsl")
def default_environment(look: Look) -> Verdict:
    """Variables that the registry gives to every process that wsl.exe starts.

    A GOROOT, CGO_ENABLED or proxy that no start file sets may come from there; sudo, cron and services do not get it.

    It is `DefaultEnvironment` of this distribution's registration, the real way of the registry into the environment;
    few distributions have it. autoProxy, WSLENV and start files come after it and win (microsoft/WSL
    src/windows/service/exe/DistributionRegistration.h; src/linux/init/config.cpp, ConfigCreateEnvironmentBlock).
    """
    found = look(registry.distribution).get("DefaultEnvironment")
    pairs = [text.partition("=")[::2] for text in found.strings] if found else []
    concern = {name: value for name, value in pairs if _OF_GO.fullmatch(name) and value != _BUILT_IN_PATH}
    if not concern:
        return ok("the registry gives no variable that matters to go")
    evidence = [f"DefaultEnvironment: {name}={shown(name, value)}" for name, value in concern.items()]
    harmful = [
        name for name, value in concern.items() if _is_in_force(look, name, value) and _is_harmful(look, name, value)
    ]
    left = [name for name in harmful if name not in look(basics.mended)]
    if not left:
        mended = "; goshim mends it at each call" if harmful else ""
        return info(f"the registry gives {', '.join(concern)}{mended}", *evidence)
    unset = " ".join(name for name in left if name != "PATH")
    remedies = [Remedy("for this shell; for all, put it into ~/.profile", f"unset {unset}")] if unset else []
    return warn(
        f"the registry gives {', '.join(left)}, which does not fit go here", *evidence, remedies=tuple(remedies)
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


def _listed(bits: list[int]) -> str:
    return ", ".join(_MEANINGS[bit] for bit in bits)


def _machine_mask(look: Look) -> int:
    values = [key.get("DistributionFlags") for key in look(registry.lxss_manager)]
    return next((value.number for value in values if value and value.number is not None), _ALL)


def _masked(number: int, effective: int, mask: int) -> str:
    return "" if number == effective else f", of which DistributionFlags = {mask:#x} leaves {effective:#x}"


def _decoded(number: int, bits: int) -> list[str]:
    return [
        f"{bit:#x} {'on ' if number & bit else 'off'}  {meaning}" for bit, meaning in _MEANINGS.items() if bit & bits
    ]


def _is_in_force(look: Look, name: str, value: str) -> bool:
    """Whether the variable still has what the registry gave; WSL appends to PATH."""
    now = look(basics.variables).get(name, "")
    return now.startswith(value) if name == "PATH" else now == value


def _is_harmful(look: Look, name: str, value: str) -> bool:
    mounts = look(basics.mounts)
    if name == "PATH":
        entries = value.split(":")
        return mounts.on_windows(entries[0]) or not {"/usr/bin", "/bin"} & set(entries)
    if name == "CGO_ENABLED":
        return value not in ("", "0", "1")
    is_foreign = is_windows_path(value) or (name == "GOROOT" and mounts.on_windows(value))
    return is_foreign and name.startswith(("GO", "TMP"))


def _in_start_file(look: Look, entry: str) -> tuple[str, ...]:
    lines = [line for line in look(origins.start_lines) if entry.rstrip("/") in line.text]
    return (lines[0].place,) if lines else ()


def _is_registered(key: Key) -> bool:
    """Whether a key is such as a distribution has."""
    return _REGISTRATION.search(key.name) is not None
