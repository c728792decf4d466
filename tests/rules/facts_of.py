"""Facts of machines, and what the rules make of them. There is no machine: a rule never touches one."""

from __future__ import annotations

from goshim.facts import Facts, Goroot
from goshim.facts.mounts import MountTable
from goshim.rules import apply
from goshim.settings.model import from_dict
from tests.machine import HOME, WITH_DRIVES

GO_VERSION = "go1.27.3"
NATIVE = Goroot(has_tools=True, version=GO_VERSION)


def facts(variables: dict[str, str], *, wsl: bool = False, **known: object) -> Facts:
    """A machine with these variables; under WSL it has drives at /mnt/c and /mnt/d."""
    table = MountTable(WITH_DRIVES if wsl else "")
    known = {"go_version": GO_VERSION, "native_programs": frozenset({"gcc", "gccgo"}), **known}
    return Facts({"HOME": HOME, **variables}, "wsl2" if wsl else "", table, **known)  # type: ignore[arg-type]


def changed(
    variables: dict[str, str], *, wsl: bool = False, settings: dict[str, object] | None = None, **known: object
) -> dict[str, str | None]:
    """What all rules together change: each variable with its value after, None for unset."""
    given = facts(variables, wsl=wsl, **known)
    changes = apply(given, from_dict(settings or {}))
    final = {change.variable: change.after for change in changes}
    return {name: after for name, after in final.items() if after != given.variables.get(name)}


def ids(variables: dict[str, str], **known: object) -> set[str]:
    """The ids of the rules that change something."""
    settings = from_dict(known.pop("settings", {}))  # type: ignore[arg-type]
    return {change.rule for change in apply(facts(variables, **known), settings)}  # type: ignore[arg-type]
