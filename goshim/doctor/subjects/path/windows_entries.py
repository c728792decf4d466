"""Where the entries of PATH that lie on Windows drives come from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from goshim.base.terminal import printable
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, registry
from goshim.doctor.machine.registry import Key

_MACHINE, _USER = "the machine's Path", "the user's Path"
_VARIABLE = re.compile(r"%([^%]+)%")
_MOST_NESTED = 5
# Those that Windows makes up at logon, which no key of the registry holds.
_SYSTEM = {
    "systemdrive": "C:",
    "systemroot": r"C:\Windows",
    "programdata": r"C:\ProgramData",
    "programfiles": r"C:\Program Files",
    "programfiles(x86)": r"C:\Program Files (x86)",
    "programw6432": r"C:\Program Files",
}


@dataclass(frozen=True)
class Origins:
    """The places of the registry that name a directory, by `comparable`; entries whose variables can't be told."""

    places: Mapping[str, tuple[str, ...]]
    unclear: tuple[str, ...]


def origins(look: Look) -> Origins:
    """What the machine's and the user's Path hold, as paths of this Linux."""
    machine, user = look(registry.machine_environment), look(registry.user_environment)
    variables = {**_SYSTEM, **_of_profile(look), **_variables(machine), **_variables(user)}
    places: dict[str, tuple[str, ...]] = {}
    unclear = []
    for place, key in ((_MACHINE, machine), (_USER, user)):
        for entry in filter(None, (part.strip().strip('"') for part in key.text("Path").split(";"))):
            path = _expand(entry, variables)
            here = look(basics.mounts).from_windows(path)
            if here is not None:
                name = comparable(here)
                places[name] = (*places.get(name, ()), *((place,) if place not in places.get(name, ()) else ()))
            elif "%" in path or "\N{REPLACEMENT CHARACTER}" in path:
                unclear.append(f"{place} has {printable(entry)}, which can't be told from here")
    return Origins(places, tuple(unclear))


def comparable(path: str) -> str:
    """A path as Windows compares it: without case, and without a slash at its end."""
    return path.rstrip("/").casefold()


def _variables(key: Key) -> dict[str, str]:
    """The variables of a key that name a directory; Path is made of others."""
    return {name.casefold(): value.text for name, value in key.values.items() if name.casefold() != "path"}


def _of_profile(look: Look) -> dict[str, str]:
    try:
        profile = look(registry.profile)
    except UnknownError:
        return {}
    local = rf"{profile}\AppData\Local"
    return {"userprofile": profile, "localappdata": local, "appdata": rf"{profile}\AppData\Roaming"}


def _expand(entry: str, variables: Mapping[str, str]) -> str:
    for _ in range(_MOST_NESTED):
        expanded = _VARIABLE.sub(lambda found: variables.get(found[1].casefold(), found[0]), entry)
        if expanded == entry:
            break
        entry = expanded
    return entry
