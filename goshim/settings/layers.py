"""Defaults, the system's file, the user's, the project's, variables: laid over one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from goshim import PROJECT_FILE, __version__
from goshim.encoding import to_bytes, to_text
from goshim.errors import ConfigError
from goshim.facts.host import Host
from goshim.secrets import holds_secret, printable
from goshim.settings.model import Settings, from_dict, variable_names

if TYPE_CHECKING:  # imported where there is a file or a variable to read: most calls have none
    from goshim.settings.file import ConfigFile
    from goshim.settings.lines import Key
    from goshim.store import Store

SYSTEM_FILE = "/etc/goshim/config.toml"
USER_FILE = ".config/goshim/config.toml"
CONTROLS = frozenset({"GOSHIM", "GOSHIM_TRUST", "GOSHIM_VERBOSE", "GOSHIM_DEBUG", "GOSHIM_LANG"})


@dataclass(frozen=True)
class Loaded:
    """The settings in force, and what the user should be told about the files they came from."""

    settings: Settings
    files: tuple[ConfigFile, ...]
    notes: tuple[str, ...]

    @property
    def project(self) -> str | None:
        """The project file, if there is one."""
        return next((file.path for file in self.files if file.is_project), None)


def load(host: Host, store: Store, project: str | None) -> Loaded:
    """The settings for a call, `project` being the directory of the project file. Raises ConfigError."""
    files = read(host, project)
    names = [name for name in host.names("GOSHIM_") if name not in CONTROLS]
    if not files and not names:
        return Loaded(Settings(), (), ())
    import json

    # of a name that no setting has, which may be no name to a shell either, not even the value is looked at
    known = variable_names()
    variables = {name: host.environment[name] if name in known else "" for name in names}
    key = _digest(files, variables)
    try:
        found = json.loads(store.read(key) or b"")
        return Loaded(from_dict(found["settings"]), files, tuple(found["notes"]))
    except (ValueError, KeyError, TypeError):
        settings, notes = _work_out(files, variables)  # nothing stored, or nothing whole
    if not any(map(holds_secret, [*(to_text(file.data) for file in files), *variables.values()])):
        store.write(key, json.dumps({"settings": asdict(settings), "notes": notes}).encode())
    return Loaded(settings, files, tuple(notes))


def read(host: Host, project: str | None) -> tuple[ConfigFile, ...]:
    """Each config file there is, the weakest first. Raises ConfigError."""
    home = host.environment.get("HOME", "")
    paths = [SYSTEM_FILE]
    if home.startswith("/"):
        paths.append(f"{home.rstrip('/')}/{USER_FILE}")
    if project:
        paths.append(f"{project.rstrip('/')}/{PROJECT_FILE}")
    present = [path for path in paths if _is_something(host, path)]
    if not present:
        return ()
    from goshim.settings.file import ConfigFile

    return tuple(file for path in present if (file := ConfigFile.read(host, path)))


def origins(loaded: Loaded, variables: Mapping[str, str]) -> dict[Key, str]:
    """Where each setting that is no default comes from: `file:line`, or the name of a variable."""
    from goshim.settings import trust

    found: dict[Key, str] = {}
    for file in loaded.files:
        values = file.values()
        if file.is_project:
            values, _ = trust.split(values)
        for key in trust.keys(values):
            found[key] = f"{file.path}:{file.line(key)}"
    return found | {key: name for name, key in variable_names().items() if name in variables}


def _is_something(host: Host, path: str) -> bool:
    try:
        return host.read(path) is not None
    except OSError:
        return True


def _work_out(files: tuple[ConfigFile, ...], variables: dict[str, str]) -> tuple[Settings, list[str]]:
    from goshim.data import enable_site_packages
    from goshim.settings import trust
    from goshim.settings.file import dotted, nearest, require_version, shown

    enable_site_packages()
    from goshim.settings import parse

    notes: list[str] = []
    layers: list[dict[str, Any]] = []
    withheld: list[str] = []
    for file in files:
        values = file.values()
        notes += file.notes(values)
        if file.is_project:
            values, keys = trust.split(values)
            withheld = [file.at(key) for key in keys]
            if off := values.get("rules", {}).get("off"):  # in addition to what the user turned off
                values["rules"]["off"] = [*_rules_off(layers), *off]
        layers.insert(0, values)
    known = variable_names()
    notes += [f"{each}: needs trust, ignored" for each in withheld]
    notes += [
        f"unknown variable {printable(name)}, ignored{nearest(name, known)}" for name in variables if name not in known
    ]
    try:
        settings = parse.merge(layers, {name: value for name, value in variables.items() if name in known})
    except parse.InvalidValueError as error:
        name = next((name for name, key in known.items() if key == error.key), dotted(error.key))
        value = shown(name, variables.get(name, ""))
        raise ConfigError(f"{name}={value}: not allowed\n  allowed: {error}; unset it, or GOSHIM=off") from None
    require_version(settings.min_version, "GOSHIM_MIN_VERSION")
    if withheld and settings.trust.untrusted == "refuse":
        raise ConfigError(
            f'{withheld[0]}: needs trust, and trust.untrusted is "refuse"\n'
            "  read the file; then remove the key, or say it in your own config"
        )
    return settings, notes


def _rules_off(layers: list[dict[str, Any]]) -> list[str]:
    return next((values["rules"]["off"] for values in layers if "off" in values.get("rules", {})), [])


def _digest(files: tuple[ConfigFile, ...], variables: Mapping[str, str]) -> str:
    import hashlib

    digest = hashlib.sha256(__version__.encode())
    parts = [part for file in files for part in (to_bytes(file.path), file.data)]
    parts += [to_bytes(text) for pair in sorted(variables.items()) for text in pair]
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return f"settings/{digest.hexdigest()}.json"
