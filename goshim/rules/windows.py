"""Values that came over from Windows."""

from __future__ import annotations

from goshim.facts import Facts
from goshim.facts.module_cache import locate
from goshim.facts.mounts import is_windows_path
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings

_PATHS = ("GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "GOTMPDIR", "GOENV", "GOWORK", "GOCOVERDIR", "TMPDIR")
_LISTS = frozenset({"GOPATH"})


@rule("windows-value", " ".join(_PATHS), "WSL")
def windows_value(facts: Facts, settings: Settings) -> Effects:
    r"""A value shaped `C:\…` is translated by the mount table, or dropped where that drive is not mounted.

    WSLENV carries such values over (microsoft/WSL src/linux/init/util.cpp, UtilParseWslEnv): without the flag /p
    untranslated. Go on Linux refuses them or takes them for relative names.
    """
    for name in _PATHS:
        before = facts.variables.get(name)
        if not before or not is_windows_path(before):
            continue
        parts = before.split(";") if name in _LISTS else [before]
        translated = [facts.mounts.from_windows(part) for part in parts if part]
        if all(translated):
            yield name, ":".join(part for part in translated if part), "a Windows path, translated by the mount table"
        else:
            yield name, None, "a Windows path on a drive that is not mounted"


@rule("tmp-on-windows", "TMPDIR GOTMPDIR", "WSL")
def tmp_on_windows(facts: Facts, settings: Settings) -> Effects:
    """A directory for temporary files that is on a Windows drive is dropped.

    Go compiles and links there: slow, open to the virus scanner, and programs that go test or go run start from it need
    not be executable.
    """
    for name in ("TMPDIR", "GOTMPDIR"):
        if (before := facts.variables.get(name)) and facts.mounts.on_windows(before):
            yield name, None, "on a Windows drive"


@rule("module-cache-native", "GOMODCACHE", "when set")
def module_cache_native(facts: Facts, settings: Settings) -> Effects:
    """With `module_cache.location` = "native", a module cache on a Windows drive is replaced by ~/go/pkg/mod.

    `goshim cache copy` brings over what the old one has. Not as a GOPROXY: that would hide newer versions.
    """
    native = f"{facts.home}/go/pkg/mod"
    if settings.module_cache.location != "native" or not facts.home or facts.mounts.on_windows(native):
        return
    if facts.mounts.on_windows(used := locate(facts.variables, facts.go_env_file, facts.mounts)):
        yield "GOMODCACHE", native, f"module_cache.location; {used} is on a Windows drive"
