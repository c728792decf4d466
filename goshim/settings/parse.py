"""Settings out of what files and variables say, by pydantic-settings. Imported only where no stored result fits."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from goshim.settings.model import Settings, from_dict, leaves, variable_names

# What a bash sets, resets or refuses to have set, so that the launcher could not pass it on: bash(1), Shell Variables.
BASH_OWN = frozenset(
    {
        "_",
        "COMP_WORDBREAKS",
        "DIRSTACK",
        "EPOCHREALTIME",
        "EPOCHSECONDS",
        "EUID",
        "FUNCNAME",
        "GROUPS",
        "HISTCMD",
        "IFS",
    }
    | {
        "LINENO",
        "OLDPWD",
        "OPTERR",
        "OPTIND",
        "PPID",
        "PS1",
        "PS2",
        "PS4",
        "PWD",
        "RANDOM",
        "SECONDS",
        "SHELLOPTS",
        "SHLVL",
    }
    | {"SRANDOM", "UID", "PIPESTATUS", "FUNCNEST", "BASH", "BASH_COMPAT", "BASH_XTRACEFD", "BASHOPTS", "BASHPID"}
    | {
        f"BASH_{name}"
        for name in ("ALIASES", "ARGC", "ARGV", "ARGV0", "CMDS", "COMMAND", "LINENO", "SOURCE", "SUBSHELL")
    }
    | {"BASH_VERSINFO", "BASH_VERSION"}
)
_VARIABLE_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
_NO_NUL = r"^[^\x00]*$"


class InvalidValueError(ValueError):
    """A value that its setting does not allow. `key` names the setting; the text says what is allowed."""

    def __init__(self, key: tuple[str, ...], allowed: str) -> None:
        """Keep both."""
        super().__init__(allowed)
        self.key = key


def check(values: dict[str, Any]) -> None:
    """See that what one file says is of the right types and in bounds, nothing coerced. Raises InvalidValueError."""
    try:
        _file_model().model_validate(values, strict=True)
    except ValidationError as error:
        raise _explained(error) from None
    for name in BASH_OWN.intersection(values.get("env", {})):
        raise InvalidValueError(("env", name), "a variable that bash does not manage itself")


def merge(layers: list[dict[str, Any]], variables: Mapping[str, str]) -> Settings:
    """One Settings from checked files, the strongest first, below variables named as in `variable_names`.

    Raises InvalidValueError for the value of a variable.
    """

    class Layered(BaseSettings):
        model_config = SettingsConfigDict(env_prefix="GOSHIM_", env_nested_delimiter="__", extra="ignore")

        @classmethod
        def settings_customise_sources(  # type: ignore[override]
            cls, settings_cls: type[BaseSettings], **_: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            environment = EnvSettingsSource(settings_cls)
            environment.env_vars = {name.lower(): value for name, value in variables.items()}
            return (environment, *(InitSettingsSource(settings_cls, init_kwargs=layer) for layer in layers))

    try:
        layered = create_model("Settings", __base__=Layered, **_definitions(Settings))()
    except ValidationError as error:
        raise _explained(error) from None
    except SettingsError:
        raise InvalidValueError(_not_json(variables), "a list of strings in JSON") from None
    return from_dict(layered.model_dump())  # type: ignore[no-any-return]


def schema() -> dict[str, Any]:
    """The JSON schema of a config file, for editors."""
    return _file_model().model_json_schema()


def allowed(hint: Any, bounds: Mapping[str, Any]) -> str:
    """What values a setting takes, in words."""
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return ", ".join(allowed(member, bounds) for member in get_args(hint))
    if origin is Literal:
        return ", ".join(f'"{value}"' for value in get_args(hint))
    if origin is list:
        return f"a list of {bounds.get('allowed', 'strings')}"
    if origin is dict:
        return 'strings, NAME = "value"'
    if hint is bool:
        return "true, false"
    if hint is str:
        return str(bounds.get("allowed", "a string"))
    return f"a {'whole ' if hint is int else ''}number from {bounds['ge']:.15g} to {bounds['le']:.15g}"


def _not_json(variables: Mapping[str, str]) -> tuple[str, ...]:
    """The setting, one that is a list, whose variable pydantic-settings could not read as JSON."""
    lists = {key for key, _, default in leaves(Settings()) if isinstance(default, list)}
    for name, key in variable_names().items():
        if key in lists and name in variables:
            try:
                json.loads(variables[name])
            except ValueError:
                return key
    return ()


@cache
def _file_model() -> type[BaseModel]:
    return create_model("Settings", **_definitions(Settings))


def _definitions(section: type[Any]) -> dict[str, Any]:
    """The fields of a dataclass of the settings as pydantic defines them."""
    made: dict[str, Any] = {}
    default = section()
    for each in fields(section):
        value = getattr(default, each.name)
        if is_dataclass(value):
            name, doc, inner = type(value).__name__, type(value).__doc__, _definitions(type(value))
            model = create_model(name, __doc__=doc, __config__=ConfigDict(extra="ignore"), **inner)
            made[each.name] = (model, Field(default_factory=model))
        else:
            bounds = {name: bound for name, bound in each.metadata.items() if name in ("ge", "le", "pattern")}
            made[each.name] = (_bounded(each.type, bounds), Field(value, description=each.metadata["doc"]))
    return made


def _bounded(hint: Any, bounds: dict[str, Any]) -> Any:
    """The type with its bounds, put where they belong inside it."""
    origin, members = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return Union[tuple(_bounded(member, bounds) for member in members)]  # noqa: UP007 - of a tuple
    if origin is list:
        return list[_bounded(members[0], bounds)]  # type: ignore[misc]
    if origin is dict:
        return dict[_bounded(str, {"pattern": _VARIABLE_NAME}), _bounded(str, {})]  # type: ignore[misc]
    if hint is str:
        return Annotated[str, Field(pattern=_NO_NUL), Field(**bounds)]
    return Annotated[hint, Field(**bounds)] if hint in (int, float) else hint


def _explained(error: ValidationError) -> InvalidValueError:
    location = tuple(str(part) for part in error.errors()[0]["loc"])
    for key, each, _ in leaves(Settings()):
        if location[: len(key)] == key:
            return InvalidValueError(
                location[: len(key) + 1] if key == ("env",) else key, allowed(each.type, each.metadata)
            )
    return InvalidValueError(location[:1], "a table of settings")
