"""Programs that go looks for in every entry of PATH, at every call, and does not find."""

from __future__ import annotations

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings

ABSENT_GCCGO = "/usr/bin/gccgo"  # where a distribution would install it, so that it would be found there

_FIRST_WITH_DEFAULT_OFF = (1, 20)


@rule("gccgo-lookup", "GCCGO", "WSL")
def gccgo_lookup(facts: Facts, settings: Settings) -> Effects:
    """Where PATH has Windows entries and no gccgo, GCCGO says where it would be.

    At every call, even for `go version`, go looks for `gccgo` in each entry of PATH (cmd/go/internal/work/gccgo.go,
    init). An absolute GCCGO is looked at once. Nothing that go builds changes: gccgo runs only for `-compiler=gccgo`.
    """
    named = facts.variables.get("GCCGO") or facts.go_env_file.get("GCCGO") or "gccgo"
    if named == "gccgo" and "gccgo" not in facts.native_programs and _searches_windows(facts):
        yield "GCCGO", ABSENT_GCCGO, "no gccgo here, and go would look for it in every Windows entry of PATH"


@rule("compiler-lookup", "CGO_ENABLED", "WSL")
def compiler_lookup(facts: Facts, settings: Settings) -> Effects:
    """In the same place, with CGO_ENABLED and CC unset and no C compiler, CGO_ENABLED=0 says what go would find out.

    Since 1.20, go turns cgo off where it finds no `gcc` (cmd/go/internal/cfg/cfg.go, defaultContext), after looking in
    each entry of PATH. Not for a cross build, where cgo is off at once, nor for an older go.
    """
    decided = facts.variables.get("CGO_ENABLED") or facts.go_env_file.get("CGO_ENABLED") or facts.variables.get("CC")
    if decided or "gcc" in facts.native_programs or not _searches_windows(facts):
        return
    toolchain = facts.variables.get("GOTOOLCHAIN") or facts.go_env_file.get("GOTOOLCHAIN") or ""
    asks = _release(facts.go_version) >= _FIRST_WITH_DEFAULT_OFF and not _is_older(toolchain)
    if asks and not _names_target(facts):
        yield "CGO_ENABLED", "0", "no C compiler here, as go would find after looking in every Windows entry of PATH"


def _searches_windows(facts: Facts) -> bool:
    return any(facts.mounts.on_windows(entry) for entry in facts.variables.get("PATH", "").split(":"))


def _names_target(facts: Facts) -> bool:
    return any(facts.variables.get(name) or facts.go_env_file.get(name) for name in ("GOOS", "GOARCH"))


def _is_older(toolchain: str) -> bool:
    release = _release(toolchain)
    return toolchain.startswith("go1") and len(release) > 1 and release < _FIRST_WITH_DEFAULT_OFF


def _release(version: str) -> tuple[int, ...]:
    """The first two numbers of `go1.27.3`, `go1.28rc1` or `go1.27+auto`; empty where there are none."""
    parts = version.removeprefix("go").split(".")[:2]
    numbers = ["".join(character for character in part[:3] if character in "0123456789") for part in parts]
    return tuple(int(number) for number in numbers if number)
