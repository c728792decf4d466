from __future__ import annotations

import os
from operator import attrgetter

import pytest

from goshim.base.errors import ConfigError
from goshim.base.store import Store
from goshim.base.terminal import printable
from goshim.facts.host import Recorder
from goshim.settings import layers
from goshim.settings.model import Settings
from tests.machine import HOME
from tests.settings.conftest import PROJECT, SYSTEM, USER


def test_without_files_and_variables_all_is_default_and_nothing_is_written(load, store):
    loaded = load(GOSHIM="off", GOSHIM_TRUST="/x", GOSHIM_VERBOSE="1", GOSHIM_DEBUG="1", GOSHIM_LANG="de")
    assert (loaded.settings, loaded.files, loaded.notes) == (Settings(), (), ())
    assert os.listdir(store.directory) == []


@pytest.mark.parametrize(
    ("levels", "winner"),
    [
        (("system",), "system"),
        (("system", "user"), "user"),
        (("system", "user", "project"), "project"),
        (("system", "user", "project", "variable"), "variable"),
        (("system", "variable"), "variable"),
        (("system", "project"), "project"),
    ],
)
def test_the_nearer_layer_wins(load, levels, winner):
    tries = {"system": 1, "user": 2, "project": 3, "variable": 5}
    files = {each: f"retry.network_tries = {tries[each]}\n" for each in levels if each != "variable"}
    variables = {"GOSHIM_RETRY__NETWORK_TRIES": "5"} if "variable" in levels else {}
    assert load(**files, **variables).settings.retry.network_tries == tries[winner]


def test_layers_are_merged_key_by_key_and_lists_are_replaced(load):
    loaded = load(
        system="[retry]\nquiet = true\nlock_budget_s = 1\n[path]\nprepend = ['/a']\n[env]\nA = '1'\nB = '1'\n",
        user="[retry]\nlock_budget_s = 2\n[path]\nprepend = ['/b']\n[env]\nB = '2'\n",
        GOSHIM_RETRY__NETWORK_TRIES="7",
    ).settings
    assert (loaded.retry.quiet, loaded.retry.lock_budget_s, loaded.retry.network_tries) == (True, 2.0, 7)
    assert loaded.path.prepend == ["/b"]
    assert loaded.env == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("name", "text", "key", "value"),
    [
        ("GOSHIM_TOOLCHAIN__GO", "/opt/go/bin/go", "toolchain.go", "/opt/go/bin/go"),
        ("GOSHIM_PATH__WINDOWS", "drop", "path.windows", "drop"),
        ("GOSHIM_PATH__PREPEND", '["/a", "~/b"]', "path.prepend", ["/a", "~/b"]),
        ("GOSHIM_CGO__ENABLED", "true", "cgo.enabled", True),
        ("GOSHIM_CGO__ENABLED", "false", "cgo.enabled", False),
        ("GOSHIM_CGO__ENABLED", "inherit", "cgo.enabled", "inherit"),
        ("GOSHIM_EPOCH__SOURCE", "git", "epoch.source", "git"),
        ("GOSHIM_EPOCH__SOURCE", "1700000000", "epoch.source", 1_700_000_000),
        ("GOSHIM_EPOCH__OVERRIDE", "true", "epoch.override", True),
        ("GOSHIM_MODULE_CACHE__LOCATION", "native", "module_cache.location", "native"),
        ("GOSHIM_PROXY__NO_PROXY", '["10.*"]', "proxy.no_proxy", ["10.*"]),
        ("GOSHIM_RULES__OFF", '["path-extra"]', "rules.off", ["path-extra"]),
        ("GOSHIM_RETRY__LOCK_BUDGET_S", "5", "retry.lock_budget_s", 5.0),
        ("GOSHIM_TRUST__UNTRUSTED", "refuse", "trust.untrusted", "refuse"),
    ],
)
def test_each_setting_has_a_variable(load, name, text, key, value):
    assert attrgetter(key)(load(**{name: text}).settings) == value


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("GOSHIM_PATH__WINDOWS", "first", '"last", "drop", "keep"'),
        ("GOSHIM_PATH__PREPEND", "/opt/bin", "JSON"),
        ("GOSHIM_PATH__PREPEND", '["bin"]', "absolute paths"),
        ("GOSHIM_RULES__OFF", "", "a list of strings"),
        ("GOSHIM_PROXY__NO_PROXY", "localhost", "JSON"),
        ("GOSHIM_CGO__ENABLED", "maybe", '"inherit", true, false'),
        ("GOSHIM_EPOCH__SOURCE", "-1", "a whole number from 0"),
        ("GOSHIM_RETRY__LOCK_BUDGET_S", "nan", "a number from 0 to 3600"),
        ("GOSHIM_RETRY__NETWORK_TRIES", "4.5", "a whole number from 0 to 100"),
        ("GOSHIM_RETRY__QUIET", "", "true, false"),
        ("GOSHIM_TOOLCHAIN__GO", "", '"auto", an absolute path'),
        ("GOSHIM_TOOLCHAIN__GO", "/opt/\udcff/go", "an absolute path"),
    ],
)
def test_a_variable_that_is_not_allowed_is_named(load, name, value, allowed):
    with pytest.raises(ConfigError) as caught:
        load(**{name: value})
    assert str(caught.value).startswith(f"{name}=")
    assert allowed in str(caught.value)
    assert "unset it, or GOSHIM=off" in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_version_that_a_variable_asks_for_must_be_met_too(load):
    with pytest.raises(ConfigError, match="999"):
        load(GOSHIM_MIN_VERSION="999")


def test_no_message_holds_the_password_of_a_variable(load):
    with pytest.raises(ConfigError) as caught:
        load(GOSHIM_PROXY__NO_PROXY='["http://me:hunter2@proxy"')
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("GOSHIM_RETRY__LOCKS_BUDGET_S", "; did you mean GOSHIM_RETRY__LOCK_BUDGET_S?"),
        ("GOSHIM_PATH_WINDOWS", "; did you mean GOSHIM_PATH__WINDOWS?"),
        ("GOSHIM_ENV", ""),
        ("GOSHIM_ENV__GOFLAGS", ""),
        ("GOSHIM_\udcff", ""),
    ],
)
def test_an_unknown_variable_is_ignored_and_told(load, name, hint):
    loaded = load(**{name: "drop"})
    assert loaded.settings == Settings()
    assert len(loaded.notes) == 1
    assert loaded.notes[0].startswith(f"unknown variable {printable(name)}, ignored{hint}")


def test_a_variable_of_a_whole_section_is_none(load):
    loaded = load(GOSHIM_PATH='{"windows": "drop"}')
    assert loaded.settings == Settings()
    assert loaded.notes


@pytest.mark.parametrize("untold", ["GOSHIM", "GOSHIM_TRUST", "GOSHIM_VERBOSE", "GOSHIM_DEBUG", "GOSHIM_LANG"])
def test_a_control_variable_is_no_setting_and_not_told(load, untold):
    assert load(user="retry.quiet = true\n", **{untold: "x"}).notes == ()


@pytest.mark.parametrize("home", ["", "me", "."])
def test_a_home_that_is_not_absolute_has_no_config(machine, home):
    machine.write("/me/.config/goshim/config.toml", "broken")
    loaded = layers.load(machine.host({"HOME": home}), Store(None), None)
    assert loaded.settings == Settings()


def test_without_a_project_directory_no_project_file_is_read(load, machine):
    machine.write(PROJECT, "broken = = \n")
    assert load().files == ()


def test_absent_files_are_asked_for_so_that_a_plan_sees_them_appear(machine):
    recorder = Recorder(machine.host())
    layers.load(recorder, Store(None), f"{HOME}/project")
    assert {("read", path): None for path in (SYSTEM, USER, PROJECT)}.items() <= recorder.answers.items()


@pytest.mark.parametrize("stored", [None, b"", b"{", b"{}", b"\xff"])
def test_what_is_stored_wrong_is_worked_out_anew(load, store, stored):
    text = "[path]\nwindows = 'drop'\n"
    load(text)
    (name,) = os.listdir(f"{store.directory}/settings")
    if stored is None:
        os.unlink(f"{store.directory}/settings/{name}")
    else:
        store.write(f"settings/{name}", stored)
    assert load(text).settings.path.windows == "drop"


def test_settings_are_parsed_once_for_the_same_bytes(load, monkeypatch):
    text = "[path]\nwindows = 'drop'\nnewer = 1\n"
    first = load(text, GOSHIM_RETRY__QUIET="true")
    monkeypatch.setattr(layers, "_work_out", lambda *_: pytest.fail("parsed again"))
    second = load(text, GOSHIM_RETRY__QUIET="true")
    assert second.settings == first.settings
    assert second.notes == first.notes != ()


@pytest.mark.parametrize(
    "change",
    [
        {"user": "[path]\nwindows = 'last'\n"},
        {"user": "[path]\nwindows = 'drop' \n"},
        {"system": "retry.quiet = false\n"},
        {"project": "retry.quiet = false\n"},
        {"GOSHIM_RETRY__QUIET": "false"},
        {"GOSHIM_OTHER": ""},
    ],
)
def test_settings_are_not_taken_for_those_of_other_bytes(load, store, change):
    text = "[path]\nwindows = 'drop'\n"
    load(text)
    load(**{"user": text, **change})
    assert len(os.listdir(f"{store.directory}/settings")) == 2


@pytest.mark.parametrize(
    ("user", "variables"),
    [
        ("[proxy]\nhttp = 'http://me:hunter2@proxy'\n", {}),
        ("[env]\nGOPROXY = 'https://hunter2@proxy'\n", {}),
        ("# http://me:hunter2@proxy\n[path]\nwindows = 'drop'\n", {}),
        ("", {"GOSHIM_PROXY__HTTPS": "http://me:hunter2@proxy"}),
        ("[proxy]\nhttp = 'me:hunter2@proxy:3128'\n", {}),
        ("[env]\nGITHUB_TOKEN = 'hunter2'\n", {}),
        ("env = {A = '#', GITHUB_TOKEN = 'hunter2'}\n", {}),
        ("[env]\nMY_PASSWORD = '''\nhunter2'''\n", {}),
    ],
)
def test_settings_with_a_secret_are_never_stored(load, store, user, variables):
    load(user, **variables)
    for top, _, names in os.walk(store.directory):
        for name in names:
            with open(os.path.join(top, name), "rb") as file:
                assert b"hunter2" not in file.read()


def test_without_a_store_all_works(machine):
    machine.write(USER, "[path]\nwindows = 'drop'\n")
    assert layers.load(machine.host(), Store(None), None).settings.path.windows == "drop"


def test_the_origin_of_each_setting_is_told(load):
    variables = {"GOSHIM_RETRY__QUIET": "true"}
    loaded = load(
        system="retry.quiet = false\n",
        user="\n[path]\nwindows = 'drop'\nprepend = []\n[env]\nGOFLAGS = '-v'\n",
        project="[path]\nwindows = 'keep'\nprepend = ['/evil']\n",
        **variables,
    )
    assert layers.origins(loaded, variables) == {
        ("retry", "quiet"): "GOSHIM_RETRY__QUIET",
        ("path", "windows"): f"{PROJECT}:2",
        ("path", "prepend"): f"{USER}:4",
        ("env", "GOFLAGS"): f"{USER}:6",
    }
    assert loaded.project == PROJECT


def test_a_users_file_in_a_clone_says_no_more_than_a_project_file(load, machine):
    text = 'toolchain.go = "/evil/go"\npath.windows = "drop"\n[env]\nGOFLAGS = "-toolexec=/evil"\n'
    assert load(user=text).settings.toolchain.go == "/evil/go"
    machine.write(f"{HOME}/.git", "")
    loaded = load(user=text)  # the settings of before are not taken out of the store
    assert (loaded.settings.toolchain.go, loaded.settings.env, loaded.settings.path.windows) == ("auto", {}, "drop")
    assert [note.partition(", ignored:")[0] for note in loaded.notes] == [
        f"{USER}: counts as a project file, because HOME lies in the checkout {HOME}",
        f"{USER}:1: toolchain.go: needs trust",
        f"{USER}:4: env.GOFLAGS: needs trust",
        f"{USER}: to see what it asks for, and trust it: GOSHIM_TRUST={USER}",
    ]
    assert load(user=text, GOSHIM_TRUST=USER).settings.toolchain.go == "/evil/go"


def test_nothing_is_read_of_another_users_file_not_even_its_errors(load, machine):
    if os.geteuid():
        pytest.skip("only root can give a file away")
    machine.write(USER, "broken = = \n")
    os.chown(machine.at(USER), 12345, 12345)
    loaded = load()
    assert loaded.settings == Settings()
    assert loaded.notes == (f"{USER}: ignored, because {USER} belongs to user 12345",)


def test_what_others_stored_is_not_obeyed(load, machine, store):
    """A clone or a CI cache can hold a file of any name and text, but none with the launcher's token in its code."""
    text = "[path]\nwindows = 'drop'\n"
    load(text)
    (name,) = os.listdir(f"{store.directory}/settings")
    whole = store.read(f"settings/{name}")
    forged = whole.replace(b'"drop"', b'"keep"')
    assert forged != whole
    for stored in (forged, forged[32:], b"0" * 32 + forged[32:]):
        store.write(f"settings/{name}", stored)
        assert load(text).settings.path.windows == "drop"
    store.write(f"settings/{name}", whole)
    with_another = layers.load(machine.host(), store, None, "1" * 32)
    assert with_another.settings.path.windows == "drop"
    load("[path]\nwindows = 'keep'\n")
    (other,) = {*os.listdir(f"{store.directory}/settings")} - {name}
    store.write(f"settings/{name}", store.read(f"settings/{other}"))
    assert load(text).settings.path.windows == "drop"


def test_without_a_token_nothing_is_stored(machine, store):
    machine.write(USER, "[path]\nwindows = 'drop'\n")
    layers.load(machine.host(), store, None)
    assert not os.path.exists(f"{store.directory}/settings")
