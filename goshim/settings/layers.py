"""Defaults, the system's file, the user's, the project's, variables: laid over one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    from goshim.settings.trust import Request
    from goshim.store import Store

SYSTEM_FILE = "/etc/goshim/config.toml"
USER_FILE = ".config/goshim/config.toml"
CONTROLS = frozenset({"GOSHIM", "GOSHIM_TRUST", "GOSHIM_VERBOSE", "GOSHIM_DEBUG", "GOSHIM_LANG"})


@dataclass(frozen=True)
class Loaded:
    """The settings in force, and what the user should know about the files they came from."""

    settings: Settings
    files: tuple[ConfigFile, ...]
    notes: tuple[str, ...]
    is_trusted: bool = False

    @property
    def project(self) -> str | None:
        """The project file, if there is one."""
        file = project_file(self.files)
        return file.path if file else None


def load(host: Host, store: Store, project: str | None) -> Loaded:
    """The settings for a call, `project` being the directory of the project file. Raises ConfigError."""
    files = read(host, project)
    names = [name for name in host.names("GOSHIM_") if name not in CONTROLS]
    if not files and not names:
        return Loaded(Settings(), (), ())
    import json

    project_config = project_file(files)
    trusted = project_config is not None and is_trusted(host, project_config)
    of_variable = _invalid_entries(host) if project_config else []
    # of a name that no setting has, which may be no name to a shell either, not even the value is looked at
    known = variable_names()
    variables = {name: host.environment[name] if name in known else "" for name in names}
    key = _digest(files, variables, trusted=trusted)
    try:
        found = json.loads(store.read(key) or b"")
        return Loaded(from_dict(found["settings"]), files, (*found["notes"], *of_variable), trusted)
    except (ValueError, KeyError, TypeError):
        settings, notes = _work_out(files, variables, trusted=trusted)  # nothing stored, or nothing whole
    if not any(map(holds_secret, [*(to_text(file.data) for file in files), *variables.values()])):
        store.write(key, json.dumps({"settings": asdict(settings), "notes": notes}).encode())
    return Loaded(settings, files, (*notes, *of_variable), trusted)


def project_file(files: Sequence[ConfigFile]) -> ConfigFile | None:
    """The project's file among config files."""
    return next((file for file in files if file.is_project), None)


def requests(files: Sequence[ConfigFile]) -> list[Request]:
    """What the project file asks for; nothing without one. Raises ConfigError."""
    from goshim.settings import trust

    project = project_file(files)
    weaker = [file.values() for file in reversed(files) if not file.is_project]
    return trust.requests(project.values(), weaker) if project else []


def ignored(files: Sequence[ConfigFile], *, is_trusted: bool) -> list[str]:
    """A note on each thing in the project file that has no effect, then how to trust the file if that would help.

    Raises ConfigError.
    """
    from goshim.settings import trust

    file = project_file(files)
    if file is None:
        return []
    _, without_effect = trust.select(requests(files), trusted=is_trusted)
    notes = [f"{file.at(each.key)}: {each.words}" for each in without_effect]
    if any(each.standing == "trust" for each in without_effect):
        notes.append(f"{printable(file.path)}: to see what it asks for, and trust it: goshim trust")
    return notes


def is_trusted(host: Host, file: ConfigFile) -> bool:
    """Whether a project file is trusted. Raises ConfigError where it was, and its bytes are others now."""
    from goshim.settings import changes, trust_records

    verdict = trust_records.judge(host, file.path, file.data)
    if verdict.record and verdict.has_changed:
        raise ConfigError(changes.message(host, file, verdict.record))
    return verdict.is_trusted


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
    """Where each setting that is not a default comes from: `file:line`, or the name of a variable."""
    from goshim.settings import trust

    found: dict[Key, str] = {}
    for file in loaded.files:
        values = file.values()
        if file.is_project:
            values, _ = trust.select(requests(loaded.files), trusted=loaded.is_trusted)
        for key in trust.keys(values):
            found[key] = file.place(file.line(key))
    return found | {key: name for name, key in variable_names().items() if name in variables}


def _invalid_entries(host: Host) -> list[str]:
    from goshim.settings import trust_records

    return [
        f"{trust_records.VARIABLE}: {printable(entry)} is not an absolute path, ignored"
        for entry in trust_records.invalid_entries(host)
    ]


def _is_something(host: Host, path: str) -> bool:
    try:
        return host.read(path) is not None
    except OSError:
        return True


def _work_out(files: tuple[ConfigFile, ...], variables: dict[str, str], *, trusted: bool) -> tuple[Settings, list[str]]:
    from goshim.data import enable_site_packages
    from goshim.settings import trust
    from goshim.settings.file import MOST_HINTS, dotted, nearest, require_version, shown

    enable_site_packages()
    from goshim.settings import parse

    notes: list[str] = []
    layers: list[dict[str, Any]] = []
    for file in files:
        values = file.values()
        notes += file.notes(values)
        if file.is_project:
            values, _ = trust.select(trust.requests(values, layers), trusted=trusted)
            if off := values.get("rules", {}).get("off"):  # in addition to what the user turned off
                values["rules"]["off"] = [*_rules_off(layers), *off]
        layers.insert(0, values)
    without_effect = ignored(files, is_trusted=trusted)
    notes += without_effect
    known = variable_names()
    unknown = [name for name in variables if name not in known]
    notes += [f"unknown variable {printable(name)}, ignored{nearest(name, known)}" for name in unknown[:MOST_HINTS]]
    if len(unknown) > MOST_HINTS:
        notes.append(f"{len(unknown) - MOST_HINTS} more unknown variables named GOSHIM_…, ignored")
    try:
        settings = parse.merge(layers, {name: value for name, value in variables.items() if name in known})
    except parse.InvalidValueError as error:
        name = next((name for name, key in known.items() if key == error.key), dotted(error.key))
        value = shown(name, variables.get(name, ""))
        raise ConfigError(f"{name}={value}: not allowed\n  allowed: {error}; unset it, or GOSHIM=off") from None
    require_version(settings.min_version, "GOSHIM_MIN_VERSION")
    if without_effect and not trusted and settings.trust.untrusted == "refuse":
        raise ConfigError(
            f'{without_effect[0]}\n  trust.untrusted is "refuse", so go does not run here\n'
            "  read the file; then trust it: goshim trust"
        )
    return settings, notes


def _rules_off(layers: list[dict[str, Any]]) -> list[str]:
    return next((values["rules"]["off"] for values in layers if "off" in values.get("rules", {})), [])


def _digest(files: tuple[ConfigFile, ...], variables: Mapping[str, str], *, trusted: bool) -> str:
    import hashlib

    digest = hashlib.sha256(f"{__version__} {trusted}".encode())
    parts = [part for file in files for part in (to_bytes(file.path), file.data)]
    parts += [to_bytes(text) for pair in sorted(variables.items()) for text in pair]
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return f"settings/{digest.hexdigest()}.json"
