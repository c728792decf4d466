from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict, fields, is_dataclass

import pytest

from goshim.settings import parse
from goshim.settings.model import Settings, from_dict, leaves, variable_names

DEFAULTS = {
    "toolchain.go": "auto",
    "path.windows": "last",
    "path.prepend": [],
    "path.append": [],
    "cgo.enabled": "inherit",
    "proxy.mode": "inherit",
    "proxy.http": "",
    "proxy.https": "",
    "proxy.no_proxy": [],
    "epoch.source": "inherit",
    "epoch.override": False,
    "module_cache.location": "inherit",
    "rules.off": [],
    "retry.locks": "auto",
    "retry.prefetch": "auto",
    "retry.lock_budget_s": 60,
    "retry.first_wait_s": 0.1,
    "retry.max_wait_s": 5,
    "retry.network_tries": 4,
    "retry.network_budget_s": 30,
    "retry.quiet": False,
    "trust.untrusted": "ignore",
    "doctor.windows": True,
    "min_version": "",
    "env": {},
}


def test_the_defaults_are_those_that_are_promised():
    assert {".".join(key): value for key, _, value in leaves(Settings())} == DEFAULTS


def test_each_default_is_itself_allowed():
    parse.check(asdict(Settings()))
    assert parse.merge([asdict(Settings())], {}) == Settings()


def test_each_setting_says_what_it_does_and_what_it_allows():
    for _, field, _ in leaves(Settings()):
        assert field.metadata["doc"]
        assert parse.allowed(field.type, field.metadata)


def test_each_setting_but_the_table_env_has_a_variable():
    names = variable_names()
    assert names["GOSHIM_RETRY__LOCK_BUDGET_S"] == ("retry", "lock_budget_s")
    assert names["GOSHIM_MIN_VERSION"] == ("min_version",)
    assert set(names.values()) == {key for key, _, _ in leaves(Settings())} - {("env",)}


def test_settings_cant_be_changed():
    settings = Settings()
    for each in fields(settings):
        section = getattr(settings, each.name)
        holder, name = (section, fields(section)[0].name) if is_dataclass(section) else (settings, each.name)
        with pytest.raises(FrozenInstanceError):
            setattr(holder, name, None)


def test_settings_survive_being_a_dict():
    settings = parse.merge([{"path": {"prepend": ["/a"]}, "epoch": {"source": 5}, "env": {"A": "b"}}], {})
    assert from_dict(asdict(settings)) == settings
    assert from_dict({"path": {"windows": "drop"}}).path.prepend == []


def test_the_schema_knows_each_setting():
    schema = parse.schema()
    for key, field, _ in leaves(Settings()):
        properties = schema["properties"]
        if len(key) > 1:
            section = properties[key[0]]
            name = section.get("$ref") or section["allOf"][0]["$ref"]
            properties = schema["$defs"][name.rpartition("/")[2]]["properties"]
        assert properties[key[-1]]["description"] == field.metadata["doc"]
