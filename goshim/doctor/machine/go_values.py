"""The variables of go's, each with where its value comes from, in the order in which go asks."""

from __future__ import annotations

from dataclasses import dataclass

from goshim.base.redaction import shown
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, go_env, origins
from goshim.facts.host import UnreadableError


@dataclass(frozen=True)
class Value:
    """A value that go would use. `source` is environment, config, file (of `go env -w`) or GOROOT.

    `path` and `line` (from 1) are where it is written, `written` the line; empty where that is not one place, or one
    with anything else on it.
    """

    name: str
    text: str
    source: str
    place: str
    path: str = ""
    line: int = 0
    written: str = ""

    @property
    def shown(self) -> str:
        """As a person may see it, with its place."""
        return f"{self.name}={shown(self.name, self.text)} ({self.place})"


def find(look: Look, name: str) -> Value | None:
    """The value that go uses; None where nothing sets it.

    cmd/go/internal/cfg/cfg.go, Getenv: what is not empty in the environment, else the file of `go env -w`, else
    $GOROOT/go.env. goshim's `[env]` stands for a variable of the environment that is not set.
    """
    return next(iter(find_all(look, name)), None)


def find_all(look: Look, name: str) -> tuple[Value, ...]:
    """Every value that is not empty, the one that go uses first."""
    found = (_in_environment(look, name), _in_config(look, name), _in_file(look, name), _in_goroot(look, name))
    return tuple(value for value in found if value is not None)


def after_goshim(look: Look, value: Value) -> str:
    """What go gets of a value here: after what goshim changes."""
    return look(basics.environment).get(value.name, "") if value.source == "environment" else value.text


def _in_environment(look: Look, name: str) -> Value | None:
    text = look(basics.variables).get(name, "")
    if not text:
        return None
    source, alone = origins.source(look, name), origins.alone(look, name)
    place = f"environment, set by {source.words}" if source else "environment"
    if len(alone) != 1:
        return Value(name, text, "environment", place)
    return Value(name, text, "environment", place, alone[0].path, alone[0].line, alone[0].text)


def _in_config(look: Look, name: str) -> Value | None:
    try:
        text = look(basics.loaded).settings.env.get(name, "")
    except UnknownError:
        return None  # a config with an error stops go, which is told elsewhere
    return Value(name, text, "config", "goshim's config, [env]") if text else None


def _in_file(look: Look, name: str) -> Value | None:
    try:
        path, line = look(go_env.path), look(go_env.in_force).get(name)
    except (UnknownError, UnreadableError):
        return None
    if line is None or not line.value:
        return None
    return Value(name, line.value, "file", f"{path}:{line.number}", path, line.number, line.text)


def _in_goroot(look: Look, name: str) -> Value | None:
    try:
        goroot = look(basics.toolchain).goroot
    except UnknownError:
        return None
    path = f"{goroot}/go.env"
    for number, line in enumerate(look.host.text(path).split("\n") if goroot else (), 1):
        if line.startswith(f"{name}=") and len(line) > len(name) + 1:
            return Value(name, line.partition("=")[2], "GOROOT", f"{path}:{number}", path, number, line)
    return None
