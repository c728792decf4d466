"""Every setting: its type, default, bounds and one line on what it does. All else about settings is made from this.

Plain dataclasses, so that a call that has no config to parse imports nothing heavy. goshim/settings/parse.py makes the
pydantic model from them, scripts/generate.py the defaults file, the schema and docs/settings.md.
"""

from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields, is_dataclass
from typing import Any, Literal


def _setting(default: Any, doc: str, **bounds: float | str) -> Any:
    """A field with its doc, pydantic's bounds (`ge`, `le`, `pattern`), and what a pattern allows in words."""
    metadata = {"doc": doc, **bounds}
    if isinstance(default, (list, dict)):
        return field(default_factory=default.copy, metadata=metadata)
    return field(default=default, metadata=metadata)


_DIRECTORY = {"pattern": r"^~?/[^:\x00]*$", "allowed": "absolute paths without a colon"}

LATEST_EPOCH_S = 253402300799  # 9999-12-31T23:59:59Z, the largest that gcc takes: gcc/c-family/c-common.h


@dataclass(frozen=True)
class Toolchain:
    """Which go."""

    go: str = _setting(
        "auto",
        'the go to run: "auto", or an absolute path',
        pattern=r"^(auto|~?/[^\x00]+)$",
        allowed='"auto", an absolute path',
    )


@dataclass(frozen=True)
class Path:
    """The order of PATH."""

    windows: Literal["last", "drop", "keep"] = _setting("last", "entries on Windows drives: last, drop or keep")
    prepend: list[str] = _setting([], "directories to put first on PATH", **_DIRECTORY)
    append: list[str] = _setting([], "directories to put last on PATH", **_DIRECTORY)


@dataclass(frozen=True)
class Cgo:
    """CGO_ENABLED."""

    enabled: Literal["inherit"] | bool = _setting("inherit", 'CGO_ENABLED: "inherit", true or false')


@dataclass(frozen=True)
class Proxy:
    """The variables of HTTP proxies."""

    mode: Literal["inherit", "drop"] = _setting("inherit", "proxy variables of the caller: inherit or drop")
    http: str = _setting("", "the proxy for http:// addresses; empty: as inherited")
    https: str = _setting("", "the proxy for https:// addresses; empty: as inherited")
    no_proxy: list[str] = _setting([], "hosts, domains and networks to add to NO_PROXY")


@dataclass(frozen=True)
class Epoch:
    """SOURCE_DATE_EPOCH, which go itself never reads; C compilers and release tools do."""

    source: Literal["inherit", "git", "off"] | int = _setting(
        "inherit",
        'SOURCE_DATE_EPOCH: "inherit", "git" (the time of the commit), "off", or seconds since 1970',
        ge=0,
        le=LATEST_EPOCH_S,
    )
    override: bool = _setting(False, "whether epoch.source also replaces a valid inherited value")


@dataclass(frozen=True)
class ModuleCache:
    """Where the module cache is."""

    location: Literal["inherit", "native"] = _setting(
        "inherit", "native: use ~/go/pkg/mod in place of a module cache on a Windows drive"
    )


@dataclass(frozen=True)
class Rules:
    """Which rules apply."""

    off: list[str] = _setting([], "ids of rules not to apply (docs/rules.md)")


@dataclass(frozen=True)
class Retry:
    """How patiently downloads are watched."""

    locks: Literal["auto", "always", "never"] = _setting("auto", "retry on locked files: auto, always or never")
    prefetch: Literal["auto", "always", "never"] = _setting("auto", "fetch modules ahead: auto, always or never")
    lock_budget_s: float = _setting(60.0, "seconds to wait for locks in all; 0: not at all", ge=0, le=3600)
    first_wait_s: float = _setting(0.1, "seconds of the first wait, then doubled", ge=0.001, le=60)
    max_wait_s: float = _setting(5.0, "seconds of the longest wait", ge=0.001, le=300)
    network_tries: int = _setting(4, "attempts on a bad network; 0 or 1: no retry", ge=0, le=100)
    network_budget_s: float = _setting(30.0, "seconds to wait for a bad network in all; 0: not at all", ge=0, le=3600)
    quiet: bool = _setting(False, "whether retries go untold")


@dataclass(frozen=True)
class Trust:
    """What a project file may do."""

    untrusted: Literal["ignore", "refuse"] = _setting(
        "ignore", "keys of an untrusted project file that need trust: ignore them, or refuse to run go"
    )


@dataclass(frozen=True)
class Doctor:
    """What `goshim doctor` may do."""

    windows: bool = _setting(
        True,
        "whether doctor may run Windows programs (reg.exe, powershell.exe) to read what Windows has set",
    )


@dataclass(frozen=True)
class Settings:
    """All settings, each with its default."""

    toolchain: Toolchain = field(default_factory=Toolchain)
    path: Path = field(default_factory=Path)
    cgo: Cgo = field(default_factory=Cgo)
    proxy: Proxy = field(default_factory=Proxy)
    epoch: Epoch = field(default_factory=Epoch)
    module_cache: ModuleCache = field(default_factory=ModuleCache)
    rules: Rules = field(default_factory=Rules)
    retry: Retry = field(default_factory=Retry)
    trust: Trust = field(default_factory=Trust)
    doctor: Doctor = field(default_factory=Doctor)
    min_version: str = _setting(
        "",
        "the oldest goshim that understands this file; an older one refuses to run go",
        pattern=r"^(\d+(\.\d+)*)?$",
        allowed='a version such as "0.1"',
    )
    env: dict[str, str] = _setting({}, "variables for go, where the caller has not set them")


def leaves(values: Any, *, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Field[Any], Any]]:
    """Each setting of a Settings (key, field, value), in the order of the defaults file."""
    for each in fields(values):
        value = getattr(values, each.name)
        if is_dataclass(value):
            yield from leaves(value, above=(*above, each.name))
        else:
            yield (*above, each.name), each, value


def variable_names() -> dict[str, tuple[str, ...]]:
    """The GOSHIM_* variable of each setting that has one: all but the table env."""
    keys = (key for key, _, default in leaves(Settings()) if not isinstance(default, dict))
    return {f"GOSHIM_{'__'.join(key).upper()}": key for key in keys}


def from_dict(values: dict[str, Any], into: type[Any] = Settings) -> Any:
    """The frozen form of values that are known to be valid."""
    default = into()
    made = {
        each.name: from_dict(values[each.name], type(getattr(default, each.name)))
        if is_dataclass(getattr(default, each.name))
        else values[each.name]
        for each in fields(into)
        if each.name in values
    }
    return into(**made)
