"""Defaults, the system's file, the user's, the project's, variables: read, checked, and laid over one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from goshim import __version__
from goshim.data import enable_site_packages, parse_toml
from goshim.errors import ConfigError
from goshim.facts.host import Host, UnreadableError, to_bytes, to_text
from goshim.secrets import USERINFO
from goshim.settings import trust
from goshim.settings.lines import Key, key_lines, line_of
from goshim.settings.model import Settings, from_dict, leaves, variable_names
from goshim.store import Store

PROJECT_FILE = ".goshim.toml"
SYSTEM_FILE = "/etc/goshim/config.toml"
USER_FILE = ".config/goshim/config.toml"
CONTROLS = frozenset({"GOSHIM", "GOSHIM_TRUST", "GOSHIM_VERBOSE", "GOSHIM_DEBUG", "GOSHIM_LANG"})

_WAY_OUT = "mend or remove it; goshim config check says more, GOSHIM=off runs go without goshim"


@dataclass(frozen=True)
class Layer:
    """One config file as it stands."""

    path: str
    data: bytes
    is_project: bool = False

    def parsed(self) -> dict[str, Any]:
        """What the file says, of the right types and in bounds; keys nobody knows are in it too. Raises ConfigError."""
        try:
            text = self.data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.data[: error.start].count(b"\n") + 1
            raise ConfigError(f"{self.path}:{line}: not UTF-8\n  {_WAY_OUT}") from None
        try:
            values = parse_toml(text)
        except RecursionError:
            raise ConfigError(f"{self.path}: not TOML that makes sense: nested too deep\n  {_WAY_OUT}") from None
        except ValueError as error:
            raise ConfigError(f"{self.path}: not TOML: {error}\n  {_WAY_OUT}") from None
        self._require_version(values.get("min_version"), text)
        enable_site_packages()
        from goshim.settings import parse

        try:
            parse.check(values)
        except parse.InvalidValueError as error:
            raise ConfigError(self._refusal(error.key, values, str(error), text)) from None
        return values

    def line(self, key: Key) -> int:
        """The line, from 1, on which a key of this file stands."""
        return line_of(key, key_lines(self.data.decode("utf-8-sig")))

    def unknown(self, values: dict[str, Any]) -> list[Key]:
        """The keys that no setting has."""
        known = {key for key, _, _ in leaves(Settings())}
        sections = {key[:1] for key in known if len(key) > 1}
        found: list[Key] = []
        for name, value in values.items():
            if (name,) in sections:
                found += [(name, inner) for inner in value if (name, inner) not in known]
            elif (name,) not in known:
                found.append((name,))
        return found

    def _require_version(self, wanted: Any, text: str) -> None:
        if not isinstance(wanted, str) or not wanted.replace(".", "").isdigit():
            return  # its type is checked with all others
        if _version(wanted) > _version(__version__):
            line = line_of(("min_version",), key_lines(text))
            raise ConfigError(
                f"{self.path}:{line}: needs goshim {wanted} or newer, this is {__version__}\n"
                "  upgrade with: pipx upgrade goshim, or uv tool upgrade goshim"
            )

    def _refusal(self, key: Key, values: Any, allowed: str, text: str) -> str:
        for part in key:
            values = values[part]
        line = line_of(key, key_lines(text))
        return f"{self.path}:{line}: {_dotted(key)} = {_shown(values)}: not allowed\n  allowed: {allowed}; {_WAY_OUT}"


@dataclass(frozen=True)
class Loaded:
    """The settings in force, and what the user should be told about the files they came from."""

    settings: Settings
    layers: tuple[Layer, ...]
    notes: tuple[str, ...]

    @property
    def project(self) -> str | None:
        """The project file, if there is one."""
        return next((layer.path for layer in self.layers if layer.is_project), None)


def load(host: Host, store: Store, project: str | None) -> Loaded:
    """The settings for a call, `project` being the directory of the project file. Raises ConfigError."""
    layers = _read(host, project)
    variables = {name: host.environment[name] for name in host.names("GOSHIM_") if name not in CONTROLS}
    if not layers and not variables:
        return Loaded(Settings(), (), ())
    key = _digest(layers, variables)
    import json

    if stored := store.read(key):
        found = json.loads(stored)
        return Loaded(from_dict(found["settings"]), layers, tuple(found["notes"]))
    settings, notes = _work_out(layers, variables)
    if not any(USERINFO.search(text) for text in [*(to_text(layer.data) for layer in layers), *variables.values()]):
        store.write(key, json.dumps({"settings": asdict(settings), "notes": notes}).encode())
    return Loaded(settings, layers, tuple(notes))


def origins(loaded: Loaded, variables: Mapping[str, str]) -> dict[Key, str]:
    """Where each setting that is no default comes from: `file:line`, or the name of a variable."""
    found: dict[Key, str] = {}
    for layer in loaded.layers:
        values = layer.parsed()
        if layer.is_project:
            values, _ = trust.split(values)
        for key in _keys(values):
            found[key] = f"{layer.path}:{layer.line(key)}"
    return found | {key: name for name, key in variable_names().items() if name in variables}


def _read(host: Host, project: str | None) -> tuple[Layer, ...]:
    """Each file there is, the weakest first."""
    home = host.environment.get("HOME", "")
    paths = [SYSTEM_FILE]
    if home.startswith("/"):
        paths.append(f"{home.rstrip('/')}/{USER_FILE}")
    if project:
        paths.append(f"{project.rstrip('/')}/{PROJECT_FILE}")
    layers = []
    for path in paths:
        try:
            data = host.read(path)
        except UnreadableError as error:
            raise ConfigError(f"{error}\n  a config is a text file in TOML; {_WAY_OUT}") from None
        if data is not None:
            layers.append(Layer(path, data, is_project=path.endswith("/" + PROJECT_FILE)))
    return tuple(layers)


def _work_out(layers: tuple[Layer, ...], variables: dict[str, str]) -> tuple[Settings, list[str]]:
    enable_site_packages()
    from goshim.settings import parse

    notes: list[str] = []
    checked: list[dict[str, Any]] = []
    withheld: list[Key] = []
    settings_known = [_dotted(key) for key, _, _ in leaves(Settings())]
    for layer in layers:
        values = layer.parsed()
        for key in layer.unknown(values):
            notes.append(
                f"{layer.path}:{layer.line(key)}: unknown key {_dotted(key)}: ignored{_nearest(_dotted(key), settings_known)}"
            )
        if layer.is_project:
            values, withheld = trust.split(values)
            for key in withheld:
                notes.append(f"{layer.path}:{layer.line(key)}: {_dotted(key)} needs trust: ignored")
        checked.insert(0, values)
    known = variable_names()
    for name in variables.keys() - known.keys():
        notes.append(f"unknown variable {name}: ignored{_nearest(name, known)}")
    try:
        settings = parse.merge(checked, {name: value for name, value in variables.items() if name in known})
    except parse.InvalidValueError as error:
        name = next((name for name, key in known.items() if key == error.key), "GOSHIM_*")
        raise ConfigError(
            f"{name}={_shown(variables.get(name, ''))}: not allowed\n  allowed: {error}; unset it, or GOSHIM=off"
        ) from None
    if withheld and settings.trust.untrusted == "refuse":
        raise ConfigError(
            f'{layers[-1].path}: {_dotted(withheld[0])} needs trust, and trust.untrusted is "refuse"\n'
            "  read the file; then remove the key, or set what it says in your own config"
        )
    return settings, sorted(notes)


def _digest(layers: tuple[Layer, ...], variables: Mapping[str, str]) -> str:
    import hashlib

    digest = hashlib.sha256(__version__.encode())
    for part in [*(each for layer in layers for each in (to_bytes(layer.path), layer.data))] + [
        to_bytes(text) for pair in sorted(variables.items()) for text in pair
    ]:
        digest.update(b"%d:" % len(part) + part)
    return f"settings/{digest.hexdigest()}.json"


def _keys(values: dict[str, Any]) -> list[Key]:
    return [(*key, *rest) for key in ((name,) for name in values) for rest in _inner(values[key[0]])]


def _inner(value: Any) -> list[Key]:
    return [(name,) for name in value] if isinstance(value, dict) else [()]


def _dotted(key: Key) -> str:
    return ".".join(key)


def _nearest(name: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    nearest = get_close_matches(name, known, 1)
    return f"; did you mean {nearest[0]}?" if nearest else ""


def _shown(value: Any) -> str:
    import json

    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".") if part)
