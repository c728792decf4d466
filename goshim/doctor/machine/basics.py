"""The machine, its settings, its go: what checks of every section ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from goshim.base.errors import GoshimError
from goshim.base.store import Store
from goshim.doctor.engine.look import Look, UnknownError
from goshim.facts import Machine, go_env_file, module_cache
from goshim.facts.host import UnreadableError
from goshim.facts.look import look_at
from goshim.facts.mounts import MountTable, is_windows_path
from goshim.launcher.install import OFF_FILE, SYSTEM_OFF_FILE
from goshim.plan import work_out
from goshim.plan.work_out import Plan
from goshim.rules.rule import Change, changed
from goshim.settings import layers
from goshim.settings.layers import Loaded
from goshim.toolchain import Search, Toolchain


class NoPlaceError(UnknownError):
    """Go itself has no place for a cache: the text is why, in go's words where it has some; `variable` is at fault."""

    def __init__(self, variable: str, words: str) -> None:
        """Name the variable, HOME included, that should be set otherwise."""
        super().__init__(words)
        self.variable = variable


@dataclass(frozen=True)
class Installation:
    """The goshim that looks: its version, the Python that runs it, its boot.py, where an embedded go would be."""

    version: str
    python: str
    boot: str
    embedded: tuple[str, ...]


def installation(look: Look) -> Installation:
    """The goshim that looked at the machine, which need not be this one."""
    found: Any = look.host.probe("goshim.installation")
    return Installation(found["version"], found["python"], found["boot"], tuple(found["embedded"]))


def machine(look: Look) -> Machine:
    """Environment, kind of WSL, and on WSL the mount table."""
    return look_at(look.host)


def variables(look: Look) -> Mapping[str, str]:
    """The caller's environment."""
    return look.host.environment


def mounts(look: Look) -> MountTable:
    """The mount table, on any machine."""
    return MountTable(look.host.mountinfo())


def home(look: Look) -> str:
    """HOME without a last slash. Unknown where it is not set to an absolute path."""
    if not (found := look(machine).home):
        raise UnknownError("HOME is not set to an absolute path")
    return found


def project(look: Look) -> str | None:
    """The directory of the project file."""
    found: Any = look.host.probe("goshim.project")
    return found  # type: ignore[no-any-return]


def loaded(look: Look) -> Loaded:
    """The settings in force. Unknown where a config file has an error."""
    try:
        return layers.load(look.host, Store(None), look(project))
    except GoshimError as error:
        raise UnknownError(str(error).partition("\n")[0]) from None


def search(look: Look) -> Search:
    """The search for go, by the settings in force."""
    this = look(installation)
    places = this.embedded
    return Search(look.host, look(machine), look(loaded).settings, python=this.python, embedded_places=places)


def toolchain(look: Look) -> Toolchain:
    """The go that is run from here. Unknown where there is none."""
    try:
        return look(search).choose()
    except GoshimError as error:
        raise UnknownError(str(error).partition("\n")[0]) from None


def plan(look: Look) -> Plan:
    """What goshim changes for a call of go from here. Unknown without a go, or with an error in a config file."""
    chosen = look(toolchain)
    return work_out.plan_for(look.host, look(machine), look(loaded), look(search), chosen)


def path_entries(look: Look) -> tuple[str, ...]:
    """The entries of PATH, in order, as they are; none where PATH is unset or empty."""
    path = look(variables).get("PATH", "")
    return tuple(path.split(":")) if path else ()


def gos_of_path(look: Look) -> Iterator[str]:
    """What there is on PATH under the name go that can be run, whatever it is, in order."""
    paths = (f"{entry.rstrip('/')}/go" for entry in look(path_entries) if entry.startswith("/"))
    return (path for path in paths if look.host.runnable(path))


def first_go(look: Look) -> str:
    """The first of them; empty without one."""
    return next(gos_of_path(look), "")


def launcher(look: Look) -> str:
    """The path of goshim's launcher where it is the first go on PATH; empty if another go, or none, is."""
    path = look(first_go)
    return path if path and look.host.format(path) == "launcher" else ""


def off(look: Look) -> str:
    """What turns goshim off here: GOSHIM=off, or the path of an off file; empty where it is on."""
    if look(variables).get("GOSHIM") == "off":
        return "GOSHIM=off"
    home = look(variables).get("HOME", "")
    files = [SYSTEM_OFF_FILE, *([f"{home}/{OFF_FILE}"] if home.startswith("/") else [])]
    return next((path for path in files if look.host.exists(path) and _counts(look, path)), "")


def _counts(look: Look, off_file: str) -> bool:
    """Whether an off file is obeyed: root does not obey another user's (bin/go, is_off)."""
    return look.host.owner("/") != "ours" or look.host.owner(off_file) == "ours"


def is_acting(look: Look) -> bool:
    """Whether a call of go from here goes through goshim: its launcher is the first go on PATH, whole, and not off."""
    path = look(launcher)
    if not path or look(off):
        return False
    try:
        called: Any = look.host.probe("goshim.launcher", path)
    except UnreadableError:
        return False  # nor can bash read it
    return all(called[each] for each in ("has_bash", "has_python", "has_boot"))


def changes(look: Look) -> tuple[Change, ...]:
    """What goshim changes of the environment at each call here; nothing where it does not act, or has no plan."""
    try:
        return look(plan).changes if look(is_acting) else ()
    except UnknownError:
        return ()


def mended(look: Look) -> frozenset[str]:
    """The variables that goshim changes at each call here."""
    return frozenset(change.variable for change in look(changes))


def environment(look: Look) -> Mapping[str, str]:
    """What go finds in its environment here: the caller's, with what goshim changes of it."""
    return changed(look(variables), look(changes))


def go_variables(look: Look) -> Mapping[str, str]:
    """What `go env -w` wrote."""
    return go_env_file.read(look.host, look(mounts))


def go_env_path(look: Look) -> str:
    """The file of `go env -w`. Unknown where there is none: GOENV=off, or no home."""
    path = go_env_file.location(look(variables), look(mounts))
    if path is None:
        raise UnknownError("there is no go env file: GOENV is off or relative, or HOME is not set")
    return path


def go_setting(look: Look, name: str) -> str:
    """A variable of go's as go sees it: from the environment if it is not empty there, else from `go env -w`."""
    return look(variables).get(name) or look(go_variables).get(name, "")


def cache(look: Look) -> str:
    """The module cache. Raises NoPlaceError (cmd/go/internal/modfetch/cache.go, checkCacheDir)."""
    path = module_cache.locate(look(variables), look(go_variables), look(mounts))
    if path.startswith("/"):
        return path
    name = next((each for each in ("GOMODCACHE", "GOPATH") if go_setting(look, each)), "HOME")
    is_set = name != "HOME" or look(variables).get(name)
    reason = f"{name} is not an absolute path" if is_set else "neither GOMODCACHE nor GOPATH is set"
    raise NoPlaceError(name, f"module cache not found: {reason}")


def build_cache(look: Look) -> str:
    """GOCACHE. Raises NoPlaceError (cmd/go/internal/cache/default.go, DefaultDir; os/file.go, UserCacheDir).

    With a relative HOME go keeps a cache in each working directory; up to 1.21 (tried) with a relative XDG_CACHE_HOME
    as well.
    """
    named, base = go_setting(look, "GOCACHE"), look(variables).get("XDG_CACHE_HOME", "")
    if named.startswith("/"):
        return named
    if named == "off":
        raise NoPlaceError("GOCACHE", "build cache is disabled by GOCACHE=off, but required as of Go 1.12")
    missing = "build cache is required, but could not be located: GOCACHE is not"
    if named and not is_windows_path(named):  # the check windows-values tells of those
        raise NoPlaceError("GOCACHE", f"{missing} an absolute path")
    if base and not base.startswith("/"):
        raise NoPlaceError("XDG_CACHE_HOME", f"{missing} defined and path in $XDG_CACHE_HOME is relative")
    if not base and not look(variables).get("HOME"):
        raise NoPlaceError("HOME", f"{missing} defined and neither $XDG_CACHE_HOME nor $HOME are defined")
    base = base or f"{look(variables)['HOME'].rstrip('/')}/.cache"
    return f"{base if base.startswith('/') else f'{look.host.directory}/{base}'}/go-build"


def module(look: Look) -> str | None:
    """The directory of the nearest go.mod upward; None outside a module."""
    return look.host.above("go.mod")
