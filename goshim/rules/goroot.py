"""GOROOT."""

from __future__ import annotations

from goshim.facts import Facts
from goshim.facts.mounts import is_windows_path
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings


@rule("goroot-foreign", "GOROOT", "everywhere")
def goroot_foreign(facts: Facts, settings: Settings) -> Effects:
    """A GOROOT of Windows, of no toolchain, or of another version is unset; go finds its own.

    Go uses the variable uncritically (cmd/go/internal/cfg/cfg.go, findGOROOT). A directory that is none ends every
    call. One of another version shows only when building: `compile: version "go1.26.1" does not match go tool version
    "go1.27.3"`. A patched tree of the same version stays. GOROOT is never set.
    """
    value = facts.variables.get("GOROOT")
    if value and (reason := _fault(value, facts)):
        yield "GOROOT", None, f"{reason}; go finds its own"


def _fault(value: str, facts: Facts) -> str:
    if is_windows_path(value):
        return "a Windows path"
    if facts.mounts.on_windows(value):
        return "on a Windows drive"
    if facts.goroot is None:
        return ""  # a relative one, which may or may not be right, from one directory to the next
    if not facts.goroot.has_tools:
        return "no toolchain there (no pkg/tool)"
    if facts.goroot.version and facts.go_version and facts.goroot.version != facts.go_version:
        return f"of {facts.goroot.version}, and go is {facts.go_version}"
    return ""
