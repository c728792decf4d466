"""Defaults, the system's file, the user's, the project's, variables: laid over one another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from goshim import PROJECT_FILE, __version__
from goshim.base.encoding import to_bytes, to_text
from goshim.base.errors import ConfigError
from goshim.base.redaction import is_clean, redact_parsed
from goshim.base.terminal import printable
from goshim.facts.host import Host
from goshim.settings import foreign
from goshim.settings.model import Settings, from_dict, variable_names

if TYPE_CHECKING:  # imported where there is a file or a variable to read: most calls have none
    from goshim.base.store import Store
    from goshim.settings.file import ConfigFile
    from goshim.settings.lines import Key

SYSTEM_FILE = "/etc/goshim/config.toml"
USER_FILE = ".config/goshim/config.toml"
_CODE_BYTES = 32
CONTROLS = frozenset({"GOSHIM", "GOSHIM_TRUST", "GOSHIM_VERBOSE", "GOSHIM_DEBUG", "GOSHIM_LANG"})


@dataclass(frozen=True)
class Loaded:
    """The settings in force, and what the user should know about the files they came from."""

    settings: Settings
    files: tuple[ConfigFile, ...]
    notes: tuple[str, ...]
    trusted: frozenset[str] = frozenset()
    """The paths of those files that need trust and have it."""

    is_clean: bool = True
    """Whether no secret is in the files and variables: else nothing made of them may be stored."""

    @property
    def is_trusted(self) -> bool:
        """Whether the project file is trusted."""
        return self.project in self.trusted

    @property
    def project(self) -> str | None:
        """The project file, if there is one."""
        file = foreign.project_file(self.files)
        return file.path if file else None


def load(host: Host, store: Store, project: str | None, token: str = "") -> Loaded:
    """The settings for a call, `project` being the directory of the project file. Raises ConfigError.

    With the launcher's token, what was parsed before is taken from the store. Who owns a file there does not tell who
    wrote it: what a CI cache brings is ours as well. So each is authenticated by the token, as plans are.
    """
    files = read(host, project)
    names = [name for name in host.names("GOSHIM_") if name not in CONTROLS]
    if not files and not names:
        return Loaded(Settings(), (), ())
    import json

    trusted = foreign.trusted(host, files)
    of_variable = foreign.notes_on_variable(host, files)
    # of a name that no setting has, which may be no name to a shell either, not even the value is looked at
    known = variable_names()
    variables = {name: host.environment[name] if name in known else "" for name in names}
    key = _digest(files, variables, trusted)
    try:
        found = json.loads(_authentic(key, store.read(key) or b"", token))
        return Loaded(from_dict(found["settings"]), files, (*found["notes"], *of_variable), trusted)
    except (ValueError, KeyError, TypeError):
        settings, notes = _work_out(files, variables, trusted)  # nothing stored, or nothing whole
    clean = _are_clean(files, variables)
    if clean and token:  # not even a digest of a secret is stored: the file's name is one
        text = json.dumps({"settings": asdict(settings), "notes": notes}).encode()
        store.write(key, _code(key, text, token) + text)
    return Loaded(settings, files, (*notes, *of_variable), trusted, clean)


def _code(name: str, text: bytes, token: str) -> bytes:
    """What only the holder of the token can put before a text that is stored under a name."""
    import hashlib

    return hashlib.blake2b(name.encode() + text, key=token.encode(), digest_size=16).hexdigest().encode()


def _authentic(name: str, stored: bytes, token: str) -> bytes:
    """The text of what the holder of the token stored under a name; empty for anything else."""
    text = stored[_CODE_BYTES:]
    return text if token and stored[:_CODE_BYTES] == _code(name, text, token) else b""


def read(host: Host, project: str | None) -> tuple[ConfigFile, ...]:
    """Each config file there is, the weakest first. Raises ConfigError."""
    home = host.environment.get("HOME", "")
    of_user = f"{home.rstrip('/')}/{USER_FILE}" if home.startswith("/") else ""
    paths = [SYSTEM_FILE, of_user, f"{project.rstrip('/')}/{PROJECT_FILE}" if project else ""]
    present = [path for path in paths if path and _is_something(host, path)]
    if not present:
        return ()
    from goshim.settings.file import ConfigFile

    files = (ConfigFile.of_user(host, path) if path == of_user else ConfigFile.read(host, path) for path in present)
    return tuple(file for file in files if file)


def origins(loaded: Loaded, variables: Mapping[str, str]) -> dict[Key, str]:
    """Where each setting that is not a default comes from: `file:line`, or the name of a variable."""
    from goshim.settings import trust

    found: dict[Key, str] = {}
    for file in loaded.files:
        values = file.values()
        if file.needs_trust:
            values, _ = trust.select(foreign.requests(loaded.files, file), trusted=file.path in loaded.trusted)
        for key in trust.keys(values):
            found[key] = file.place(file.line(key))
    return found | {key: name for name, key in variable_names().items() if name in variables}


def _is_something(host: Host, path: str) -> bool:
    try:
        return host.read(path) is not None
    except OSError:
        return True


def _work_out(
    files: tuple[ConfigFile, ...], variables: dict[str, str], trusted: frozenset[str]
) -> tuple[Settings, list[str]]:
    from goshim.base.resources import enable_site_packages
    from goshim.settings import trust
    from goshim.settings.file import MOST_HINTS, dotted, nearest, require_version, shown

    enable_site_packages()
    from goshim.settings import parse

    notes: list[str] = []
    layers: list[dict[str, Any]] = []
    for file in files:
        values = file.values()
        notes += file.notes(values)
        if file.needs_trust:
            values, _ = trust.select(trust.requests(values, layers), trusted=file.path in trusted)
            if off := values.get("rules", {}).get("off"):  # in addition to what the user turned off
                values["rules"]["off"] = [*_rules_off(layers), *off]
        layers.insert(0, values)
    refused: list[str] = []
    for file in foreign.files_of(files):
        without_effect = foreign.ignored(files, file, trusted)
        notes += without_effect
        refused += [] if file.path in trusted else without_effect
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
    if refused and settings.trust.untrusted == "refuse":
        raise ConfigError(
            f'{refused[0]}\n  trust.untrusted is "refuse", so go does not run here\n'
            "  read the file; then trust it: goshim trust"
        )
    return settings, notes


def _are_clean(files: tuple[ConfigFile, ...], variables: Mapping[str, str]) -> bool:
    """Whether no secret is in the settings: neither in the text of a file, nor in a value that its escapes hide."""
    names = variable_names()
    texts = [(".".join(names.get(name, ())), value) for name, value in variables.items()] + [
        ("", name) for name in variables
    ]
    if not all(is_clean(name, text) for name, text in texts):
        return False
    return all(is_clean("", to_text(file.data)) and _is_parsed_clean(file.values()) for file in files)


def _is_parsed_clean(values: dict[str, Any]) -> bool:
    try:
        return bool(redact_parsed("", values) == values)
    except RecursionError:
        return False


def _rules_off(layers: list[dict[str, Any]]) -> list[str]:
    return next((values["rules"]["off"] for values in layers if "off" in values.get("rules", {})), [])


def _digest(files: tuple[ConfigFile, ...], variables: Mapping[str, str], trusted: frozenset[str]) -> str:
    import hashlib

    digest = hashlib.sha256(f"{__version__} {sorted(trusted)}".encode("utf-8", "replace"))
    parts = [part for file in files for part in (to_bytes(file.path), file.data, to_bytes(file.checkout))]
    parts += [to_bytes(text) for pair in sorted(variables.items()) for text in pair]
    for part in parts:
        digest.update(b"%d:" % len(part) + part)
    return f"settings/{digest.hexdigest()}.json"
