from __future__ import annotations

import os

import pytest

import goshim
from goshim.base.store import Store
from goshim.facts.host import Host, Recorder
from goshim.plan import seal
from goshim.plan.keep import PLANS_OF_ONE_SHAPE, keep
from goshim.plan.work_out import Plan
from goshim.settings.layers import Loaded
from goshim.settings.model import Settings
from goshim.toolchain import Toolchain
from tests.bash_launcher import run_bash

TOKEN = seal.new()
PLAN = Plan(Toolchain("/bin/true", "/r", "x"), (), Loaded(Settings(), (), ()))


@pytest.fixture
def store(tmp_path):
    return Store(str(tmp_path / "goshim"))


def asked(**variables: str) -> Recorder:
    recorder = Recorder(Host(variables, "/"))
    recorder.environment.get("V")
    return recorder


def kept(store: Store) -> list[str]:
    return sorted(
        os.path.relpath(os.path.join(top, name), store.directory)
        for top, _, names in os.walk(store.directory or "")
        for name in names
        if name != "swept"
    )


def test_a_plan_is_kept_where_the_launcher_looks_for_it(store):
    base = f"{store.directory}/plans/home/me/p/@12-0-0"
    assert keep(store, base, PLAN, asked(), TOKEN)
    (name,) = kept(store)
    assert name.startswith("plans/home/me/p/@12-0-0.")
    path = os.path.join(store.directory, name)
    assert os.stat(path).st_mode & 0o777 == 0o600
    script = f"store='{store.directory}'; for _ in once; do command . '{path}'; done; exit 42"
    assert run_bash(script).returncode == 0
    assert run_bash(script, environment={"V": ""}).returncode == 42


def test_environments_alike_in_their_lengths_keep_a_plan_each(store):
    base = f"{store.directory}/plans-/@1-0-0"
    for value in "abca":
        assert keep(store, base, PLAN, asked(V=value), TOKEN)
    assert len(kept(store)) == 3


def test_environments_that_differ_in_a_variable_of_goshims_keep_a_plan_each(store):
    base = f"{store.directory}/plans-/@1-0-0"
    for variables in ({}, {"GOSHIM_VERBOSE": "0"}, {"GOSHIM_DEBUG": ""}):
        recorder = asked(**variables)
        recorder.names("GOSHIM_")
        assert keep(store, base, PLAN, recorder, TOKEN)
    assert len(kept(store)) == 3


def test_no_more_than_so_many_of_one_shape_are_kept(store):
    base = f"{store.directory}/plans-/@1-0-0"
    for number in range(PLANS_OF_ONE_SHAPE + 3):
        assert keep(store, base, PLAN, asked(V=str(number)), TOKEN)
    assert keep(store, f"{store.directory}/plans-/@10-0-0", PLAN, asked(), TOKEN)
    assert len(kept(store)) == PLANS_OF_ONE_SHAPE + 1


@pytest.mark.parametrize("base", ["/tmp/elsewhere/plans-/@1", "plans-/@1", "", "{store}-other/plans-/@1", "{store}"])
def test_nothing_is_written_outside_the_store(store, base, tmp_path):
    assert not keep(store, base.format(store=store.directory), PLAN, asked(), TOKEN)
    assert kept(store) == []
    assert sorted(os.listdir(tmp_path)) == ["goshim"]


def test_what_is_not_repeatable_is_not_kept(store):
    recorder = asked()
    recorder.program(1)
    assert not keep(store, f"{store.directory}/plans-/@1", PLAN, recorder, TOKEN)
    assert kept(store) == []


def test_what_cant_be_rendered_is_not_kept(store):
    assert not keep(store, f"{store.directory}/plans-/@1", PLAN, asked(V="http://me:hunter2@proxy\r"), TOKEN)
    assert kept(store) == []


def test_a_plan_ends_with_the_launchers_token_and_without_one_none_is_kept(store):
    assert not keep(store, f"{store.directory}/plans-/@1", PLAN, asked(), "")
    assert kept(store) == []
    assert keep(store, f"{store.directory}/plans-/@1", PLAN, asked(), TOKEN)
    (name,) = kept(store)
    assert (store.read(name) or b"").splitlines()[-1].decode() == f"# {TOKEN}"


@pytest.mark.parametrize("mode", [0o777, 0o707, 0o770, 0o700])
def test_a_plan_does_not_act_once_the_store_was_opened_to_others(store, mode):
    assert keep(store, f"{store.directory}/plans-/@1", PLAN, asked(), TOKEN)
    (name,) = kept(store)
    script = f"store='{store.directory}'; for _ in once; do command . '{store.directory}/{name}'; done; exit 42"
    assert run_bash(script).returncode == 0
    os.chmod(store.directory, mode)
    assert run_bash(script).returncode == 42


def test_without_a_store_nothing_is_kept():
    assert not keep(Store(None), "/plans-/@1", PLAN, asked(), TOKEN)


def test_a_plan_of_another_version_of_goshim_does_not_act(store, tmp_path, monkeypatch):
    version = tmp_path / "__init__.py"
    version.write_text('__version__ = "1"\n', encoding="utf-8")
    monkeypatch.setattr("goshim.plan.keep.version_file", str(version))
    monkeypatch.setattr("goshim.plan.keep.__version__", "no.such.version")
    assert keep(store, f"{store.directory}/plans-/@1", PLAN, asked(), TOKEN)
    (name,) = kept(store)
    script = f"store='{store.directory}'; for _ in once; do command . '{store.directory}/{name}'; done; exit 42"
    assert run_bash(script).returncode == 0
    version.write_text('__version__ = "2"\n', encoding="utf-8")
    assert run_bash(script).returncode == 42


def test_the_version_is_guarded_by_what_tells_it(store):
    assert keep(store, f"{store.directory}/plans-/@1", PLAN, asked(), TOKEN)
    (name,) = kept(store)
    with open(os.path.join(store.directory, name), encoding="ascii") as file:
        text = file.read()
    assert goshim.__version__ in text


def test_environments_that_differ_only_for_watched_calls_keep_a_plan_each(store):
    base = f"{store.directory}/plans-/@1-0-0"
    for value in ("true", "false"):
        recorder = asked(CI=value)
        recorder.apart.environment.get("CI")
        assert keep(store, base, PLAN, recorder, TOKEN)
    assert len(kept(store)) == 2


def test_what_was_asked_apart_is_asked_by_the_plan_that_is_kept(store):
    recorder = asked(CI="true")
    recorder.apart.environment.get("CI")
    assert keep(store, f"{store.directory}/plans-/@1", PLAN, recorder, TOKEN)
    (name,) = kept(store)
    for verb, value, status in (("build", "true", 0), ("build", "", 42), ("version", "", 0)):
        script = f"store='{store.directory}' verb={verb}; for _ in once; do . '{store.directory}/{name}'; done; exit 42"
        assert run_bash(script, environment={"CI": value}).returncode == status


def test_what_is_not_repeatable_apart_costs_only_watched_calls_their_plan(store, tmp_path):
    (tmp_path / "env").mkdir()
    recorder = asked()
    assert recorder.apart.text(f"{tmp_path}/env") == ""
    recorder.apart.environment.get("CI")
    assert keep(store, f"{store.directory}/plans-/@1", PLAN, recorder, TOKEN)
    (name,) = kept(store)
    for verb, status in (("version", 0), ("build", 42)):
        script = f"store='{store.directory}' verb={verb}; for _ in once; do . '{store.directory}/{name}'; done; exit 42"
        assert run_bash(script).returncode == status
