"""Which go editors run: VS Code and its kin by their settings and the environment, GoLand by its workspace file.

VS Code's extension takes, in this order, `go.alternateTools`, GOBIN, `go.goroot`, GOROOT, and only then what PATH
brings (golang/vscode-go extension/src/util.ts, getBinPathWithExplanation, and extension/src/utils/pathUtils.ts,
getBinPathWithPreferredGopathGorootWithExplanation). What is not there is passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics, origins
from goshim.facts.host import UnreadableError

_SERVERS = (".vscode-server", ".vscode-server-insiders", ".vscode-remote", ".vscodium-server", ".cursor-server")
_EDITORS = ("Code", "Code - Insiders", "VSCodium", "Cursor")
_OF_WORKSPACE = ".vscode/settings.json"
_OF_GOLAND = ".idea/workspace.xml"
_SDK = r'<component name="GOROOT" url="file://([^"]+)"'


@dataclass(frozen=True)
class Setting:
    """What an editor's file, or a variable, says; `place` is where it does.

    `go` is the go that is run therefore, empty if none can be told or none is there; `is_usual` tells whether it is the
    one that PATH brings.
    """

    place: str
    key: str
    value: str
    go: str
    is_usual: bool = False


@dataclass(frozen=True)
class Settings:
    """All that chooses a go, and why some files could not be read."""

    found: tuple[Setting, ...]
    unreadable: tuple[str, ...]


def files(look: Look) -> tuple[str, ...]:
    """The files of settings of VS Code and its kin that count here: of the user, of the server, of the workspace."""
    home = look(basics.machine).home.rstrip("/")
    paths = [f"{home}/{server}/data/Machine/settings.json" for server in _SERVERS]
    paths += [f"{home}/.config/{editor}/User/settings.json" for editor in _EDITORS]
    found = [path for path in paths if home and look.host.exists(path)]
    workspace = look.host.above(_OF_WORKSPACE)
    if workspace:
        found.append(f"{workspace.rstrip('/')}/{_OF_WORKSPACE}")
    return tuple(found)


def settings(look: Look) -> Settings:
    """What editors' files say that chooses a go."""
    found: list[Setting] = []
    unreadable: list[str] = []
    for path in look(files):
        try:
            told: Any = look.host.probe("editors.settings", path)
        except UnreadableError as error:
            unreadable.append(str(error))
            continue
        for key, value in told:
            go = _chosen(look, path, key, value)
            found.append(Setting(path, key, value, go, is_usual=_is_usual(look, go)))
    return Settings((*found, *_goland(look)), tuple(unreadable))


def by_environment(look: Look) -> tuple[Setting, ...]:
    """The variables by which VS Code takes a go that is not on PATH: those a start file sets, for it reads these too.

    None where VS Code or one of its kin is not used here.
    """
    if not look(_is_used):
        return ()
    found: list[Setting] = []
    for name, below in (("GOBIN", "/go"), ("GOROOT", "/bin/go")):
        value = look(basics.variables).get(name, "")
        go = value.rstrip("/") + below
        set_in = ", ".join(each.place for each in origins.of(look, name))
        if set_in and value.startswith("/") and look.host.runnable(go):
            found.append(Setting(set_in, name, value, go, is_usual=_is_usual(look, go)))
    return tuple(found)


def _is_used(look: Look) -> bool:
    home = look(basics.machine).home.rstrip("/")
    places = [f"{home}/{server}" for server in _SERVERS] + [f"{home}/.config/{editor}" for editor in _EDITORS]
    return bool(look(files)) or (bool(home) and any(look.host.is_directory(place) for place in places))


def _is_usual(look: Look, go: str) -> bool:
    usual = look(basics.first_go)
    return bool(go and usual) and look.host.real(go) == look.host.real(usual)


def _chosen(look: Look, path: str, key: str, value: str) -> str:
    """The go that a setting has VS Code run, where it is there: whoever names one that is not gets another."""
    below = {"go.goroot": "/bin/go", "go.alternateTools/go": ""}.get(key)
    expanded = _expanded(look, path, value)
    if below is None or not expanded.startswith("/"):
        return ""
    go = expanded.rstrip("/") + below
    return go if look.host.runnable(go) else ""


def _expanded(look: Look, path: str, value: str) -> str:
    home = look(basics.machine).home
    folder = path.removesuffix(f"/{_OF_WORKSPACE}") if path.endswith(f"/{_OF_WORKSPACE}") else ""
    for name, meant in (("${workspaceFolder}", folder), ("${workspaceRoot}", folder), ("${env:HOME}", home)):
        value = value.replace(name, meant) if meant else value
    value = home + value[1:] if value.startswith("~") else value
    return "" if "${" in value else value


def _goland(look: Look) -> tuple[Setting, ...]:
    project = look.host.above(_OF_GOLAND)
    if project is None:
        return ()
    path = f"{project.rstrip('/')}/{_OF_GOLAND}"
    try:
        lines = look.host.lines(path, _SDK)
    except UnreadableError:
        return ()
    roots = [found[1] for _, text in lines if (found := re.search(_SDK, text))]
    gos = [(root, f"{root.replace('$USER_HOME$', look(basics.machine).home).rstrip('/')}/bin/go") for root in roots]
    return tuple(
        Setting(path, "GOROOT", root, go, is_usual=_is_usual(look, go)) for root, go in gos if look.host.runnable(go)
    )
