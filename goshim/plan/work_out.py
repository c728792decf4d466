"""From the machine to what a call needs changed: facts, settings, toolchain, rules, in this order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from goshim import rules
from goshim.base.redaction import redact
from goshim.base.store import Store
from goshim.base.terminal import printable, visible
from goshim.facts import Facts, Goroot, Machine, git, go_env_file
from goshim.facts.host import Host
from goshim.facts.look import look_at
from goshim.plan.redaction import without_secrets
from goshim.plan.watching import Watch, watch
from goshim.rules.rule import Change, changed
from goshim.settings import layers
from goshim.settings.layers import Loaded
from goshim.settings.model import Settings
from goshim.toolchain import SHIM_VARIABLE, Search, Toolchain

_LOOKED_UP = ("gcc", "gccgo")


@dataclass(frozen=True)
class Plan:
    """What one call needs."""

    toolchain: Toolchain
    changes: tuple[Change, ...]
    loaded: Loaded
    watch: Watch = field(default_factory=Watch)

    def environment(self, before: Mapping[str, str]) -> dict[str, str]:
        """The environment that go gets in place of `before`."""
        return changed(before, self.changes)

    def told(self) -> list[str]:
        """What a person may want to know of the plan, a line each; no line holds a secret."""
        lines = [
            f"{change.variable}: {_shown(change.before)} → {_shown(change.after)}"
            f" ({change.rule}: {visible(change.reason, '')})"
            for change in map(without_secrets, self.changes)
        ]
        if self.toolchain.shims:
            go = printable(redact(self.toolchain.go))
            lines.append(f"{SHIM_VARIABLE}: marks that {go}, another manager's shim, runs next")
        return [*lines, *self.notes()]

    def notes(self) -> list[str]:
        """What was ignored of the config files and variables, without secrets."""
        return [redact(note) for note in (*self.loaded.notes, *rules.notes(self.loaded.settings))]


def _shown(value: str | None) -> str:
    return "unset" if value is None else printable(value)


def work_out(host: Host, store: Store, project: str | None, launcher: str = "", token: str = "") -> Plan:
    """The plan for a call in the host's working directory.

    `project` is the directory of the project file, `launcher` the path under which goshim was called as go,
    `token` that launcher's, by which stored settings are known to be its own.
    Raises ConfigError, CannotRunError, NoGoError.
    """
    machine = look_at(host)
    loaded = layers.load(host, store, project, token)
    search = Search(host, machine, loaded.settings, launcher)
    return plan_for(host, machine, loaded, search, search.choose())


def plan_for(host: Host, machine: Machine, loaded: Loaded, search: Search, toolchain: Toolchain) -> Plan:
    """The plan for a call of a toolchain that the search has found."""
    changes = rules.apply(gather(host, machine, loaded.settings, search, toolchain), loaded.settings)
    return Plan(toolchain, changes, loaded, watch(host, machine, loaded.settings, changes))


def gather(host: Host, machine: Machine, settings: Settings, search: Search, toolchain: Toolchain) -> Facts:
    """The facts that rules will judge by; each is looked at only where one of them will ask."""
    goroot = machine.variables.get("GOROOT") or settings.env.get("GOROOT", "")
    is_directory_name = goroot.startswith("/") and not machine.mounts.on_windows(goroot)
    native = _native_directories(machine, settings) if machine.wsl else ()
    return Facts(
        machine.variables,
        machine.wsl,
        machine.mounts,
        go_version=search.version(toolchain.goroot) if goroot or machine.wsl else "",
        goroot=Goroot(host.is_directory(f"{goroot}/pkg/tool"), search.version(goroot)) if is_directory_name else None,
        native_programs=frozenset(
            name for name in _LOOKED_UP if any(_is_program(host, f"{directory}/{name}") for directory in native)
        ),
        go_env_file=go_env_file.read(host, machine.mounts) if machine.wsl else {},
        commit_time_s=_commit_time_s(host, machine, settings),
    )


def _native_directories(machine: Machine, settings: Settings) -> tuple[str, ...]:
    added = [machine.expand(entry) for entry in settings.path.prepend + settings.path.append]
    entries = [*machine.variables.get("PATH", "").split(":"), *added]
    return tuple(entry for entry in entries if entry.startswith("/") and not machine.mounts.on_windows(entry))


def _is_program(host: Host, path: str) -> bool:
    return host.runnable(path) and host.is_fixed(path)


def _commit_time_s(host: Host, machine: Machine, settings: Settings) -> int | None:
    if settings.epoch.source != "git":
        return None
    repository = host.above(".git")
    for directory in _native_directories(machine, settings) if repository else ():
        if _is_program(host, f"{directory}/git"):
            return git.commit_time_s(host, f"{directory}/git", repository or "")
    return None
