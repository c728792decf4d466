"""goshim's launcher on this machine: where it is, whether it is first, what it calls, what it keeps, what it costs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from goshim import rules
from goshim.base import store
from goshim.base.errors import ConfigError, GoshimError
from goshim.base.store import Store
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts.host import UnreadableError
from goshim.launcher.install import DEFAULT_DIRECTORY
from goshim.settings import foreign, layers
from goshim.settings.model import variable_names

NOT_INSTALLED = "no launcher is installed: goshim install"


@dataclass(frozen=True)
class Calls:
    """What an installed launcher calls, and whether that is there.

    `goshim` is the command beside its Python, `version` that goshim's; each is empty where there is none. `is_current`
    tells whether the launcher is as that goshim writes it; None where that can't be compared.
    """

    bash: str
    has_bash: bool
    python: str
    has_python: bool
    boot: str
    has_boot: bool
    is_current: bool | None
    goshim: str
    version: str
    can_seal: bool = True  # without a token, or a place for tokens, it obeys no plan


@dataclass(frozen=True)
class Kept:
    """The directory of plans as it is: `kind` as of Status and empty where nothing is, and who looks at it.

    `above` is the nearest directory that there is, where it is to be made. `fault` is why goshim does not use it, as of
    own_directory.Fault: its kind, the path at fault, and that one's owner; empty if nothing is wrong.
    """

    directory: str
    above: str
    kind: str
    mode: int
    owner: int
    user: int
    is_writable: bool
    plans: int
    size_bytes: int
    fault: Sequence[Any] = ()


@dataclass(frozen=True)
class ForeignConfig:
    """A user's config file that says less: its path, why, and whether it is another user's in the user's own home."""

    path: str
    note: str
    is_of_another: bool


@dataclass(frozen=True)
class Overhead:
    """Calls through the launcher against those of the real go, in milliseconds: medians, and the least difference."""

    launcher_ms: float
    go_ms: float
    added_ms: float
    least_added_ms: float
    pairs: int


def on_path(look: Look) -> tuple[str, ...]:
    """The launchers on PATH, in order."""
    return tuple(path for path in basics.gos_of_path(look) if look.host.format(path) == "launcher")


def default_directory(look: Look) -> str:
    """Where `goshim install` puts the launcher if it is not told; empty without a home."""
    home = look(basics.machine).home
    return f"{home.rstrip('/')}/{DEFAULT_DIRECTORY}" if home else ""


def installed(look: Look) -> str:
    """The launcher: the first on PATH, or else the one in the default place. Unknown without any."""
    usual = look(default_directory)
    for path in (*look(on_path), *([f"{usual}/go"] if usual else [])):
        if look.host.runnable(path) and look.host.format(path) == "launcher":
            return path
    raise UnknownError(NOT_INSTALLED)


def calls(look: Look) -> Calls:
    """What the installed launcher calls. Unknown without one."""
    found: Any = look.host.probe("goshim.launcher", look(installed))
    return Calls(**found)


def command(look: Look) -> str:
    """How goshim is called here: by its name if PATH has it, or by the path of the one that the launcher calls."""
    entries = [entry.rstrip("/") for entry in look(basics.path_entries) if entry.startswith("/")]
    if any(look.host.runnable(f"{entry}/goshim") for entry in entries):
        return "goshim"
    try:
        return look(calls).goshim or "goshim"
    except (UnknownError, UnreadableError):
        return "goshim"


def kept(look: Look) -> Kept:
    """The directory in which plans are kept. Unknown without a place for it."""
    directory = store.locate(look(basics.variables))
    if directory is None:
        raise UnknownError("there is no place for plans: neither XDG_CACHE_HOME nor HOME is an absolute path")
    found: Any = look.host.probe("goshim.store", directory)
    return Kept(directory=directory, **{**found, "fault": tuple(found.get("fault") or ())})


def overhead(look: Look) -> Overhead:
    """What the launcher adds to a call. Unknown where it is not what runs."""
    launcher = look(basics.launcher)
    if not launcher:
        look(installed)
        raise UnknownError("another go, or none, is first on PATH: see launcher-first")
    if reason := look(basics.off):
        raise UnknownError(f"goshim is turned off: {reason}")
    go = look(basics.toolchain).go
    pairs: Any = look.host.probe("goshim.overhead", json.dumps([launcher, go]))
    added = [through - bare for through, bare in pairs]
    return Overhead(
        median(through for through, _ in pairs),
        median(bare for _, bare in pairs),
        median(added),
        min(added),
        len(pairs),
    )


def config_fault(look: Look) -> str:
    """The error of the config files, whole; empty where they have none."""
    try:
        look(basics.loaded)
    except UnknownError:
        pass
    else:
        return ""
    try:
        layers.load(look.host, Store(None), look(basics.project))
    except ConfigError as error:
        return str(error)
    except GoshimError:
        return ""
    return ""


def withheld(look: Look) -> tuple[str, ...]:
    """A note on each thing in a project file that has no effect, because it needs trust or can never be set there."""
    loaded = look(basics.loaded)
    files = foreign.files_of(loaded.files)
    return tuple(note for file in files for note in foreign.ignored(loaded.files, file, loaded.trusted))


def has_untrusted(look: Look) -> bool:
    """Whether the project file asks for something that trusting it would put in force."""
    loaded = look(basics.loaded)
    project = foreign.project_file(loaded.files)
    if project is None or loaded.is_trusted:
        return False
    return any(each.standing == "trust" for each in foreign.requests(loaded.files, project))


def ignored(look: Look) -> tuple[str, ...]:
    """Each thing else in config files and variables that nobody knows, and that is ignored therefore."""
    loaded = look(basics.loaded)
    known = {*look(withheld), *(note for file in loaded.files for note in file.standing)}
    return tuple(note for note in (*loaded.notes, *rules.notes(loaded.settings)) if note not in known)


def foreign_config(look: Look) -> ForeignConfig | None:
    """The user's config file, if it is not taken for the user's own."""
    home = look(basics.machine).home
    for file in look(basics.loaded).files:
        if file.standing:
            is_own_home = look.host.owner(home) in ("ours", "root")
            return ForeignConfig(file.path, file.standing[0], bool(file.ignored) and is_own_home)
    return None


def unknown_variables(look: Look) -> tuple[str, ...]:
    """The variables that are named like goshim's and are none of its."""
    known = {*layers.CONTROLS, *variable_names()}
    return tuple(name for name in look.host.names("GOSHIM_") if name not in known)
