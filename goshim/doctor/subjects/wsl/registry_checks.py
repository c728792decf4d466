"""Checks of what the Windows registry says of WSL, and of what comes from there. Nothing is ever written to it."""

from __future__ import annotations

import re

from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats import wsl_keys
from goshim.doctor.machine import basics, registry
from goshim.doctor.machine.registry import Key

INTEROP, APPEND_PATH, MOUNT_DRIVES, VM_MODE = 1, 2, 4, 8
_MEANINGS = {
    INTEROP: "running Windows programs",
    APPEND_PATH: "appending the Windows PATH",
    MOUNT_DRIVES: "mounting Windows drives",
    VM_MODE: "being WSL2",
}
_ALL = 0xF
_REGISTRATION = re.compile(r"\\Lxss\\\{[0-9A-Fa-f-]+\}$", re.IGNORECASE)


@check("registry-flags", "wsl", needs="wsl")
def registry_flags(look: Look) -> Verdict:
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
def registry_folklore(look: Look) -> Verdict:
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


def _is_registered(key: Key) -> bool:
    """Whether a key is such as a distribution has."""
    return _REGISTRATION.search(key.name) is not None
