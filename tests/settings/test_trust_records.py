"""Who says that a project file is trusted, and what he or she said it of."""

from __future__ import annotations

import json
import os
import threading

import pytest

from goshim.base.errors import ConfigError
from goshim.settings import layers, trust_records
from goshim.settings.model import Settings
from tests.machine import HOME
from tests.settings.conftest import PROJECT

TEXT = "toolchain.go = '/opt/go'\n"
PLACE = f"{HOME}/.local/state/goshim/trust"


@pytest.fixture
def recorded(machine):
    """Trust a text at a path of the machine, by default the project's."""

    def record(text=TEXT, path=PROJECT, place=PLACE):
        machine.directory(place)
        machine.at(place).chmod(0o700)
        return trust_records.add(machine.root + place, path, text.encode())

    return record


def test_a_record_is_for_the_path_and_the_bytes(load, recorded, machine):
    assert load(project=TEXT).settings == Settings()
    recorded()
    assert load(project=TEXT).settings.toolchain.go == "/opt/go"
    machine.write(f"{HOME}/other/.goshim.toml", TEXT)
    assert layers.load(machine.host(), load.store, f"{HOME}/other").settings == Settings()


def test_any_changed_byte_ends_the_call_and_names_the_keys_that_changed(load, recorded):
    before = "retry.quiet = true\n[env]\nGOFLAGS = '-v'\nGOPRIVATE = 'a'\n"
    recorded(before)
    for after, changed in (
        (before + "# more\n", "no key, only comments or layout"),
        (before.replace("-v", "-toolexec=x"), "env.GOFLAGS changed"),
        (before.replace("GOPRIVATE = 'a'\n", "CC = 'x'\n"), "env.GOPRIVATE removed, env.CC added"),
        ("retry.quiet = true\n", "env.GOFLAGS removed, env.GOPRIVATE removed"),
        ("", "retry.quiet removed"),
        ("not = toml = at all", "it cannot be compared by keys"),
    ):
        with pytest.raises(ConfigError, match=r"changed since you trusted it on [0-9-]+: ") as caught:
            load(project=after)
        assert changed in str(caught.value)
        assert f"goshim trust {os.path.dirname(PROJECT)}" in str(caught.value)
        assert caught.value.exit_code == 2


def test_a_change_of_what_looks_secret_is_named_as_well(load, recorded):
    before = "[env]\nGOCACHEPROG = '/bin/sh -c \"touch /x\"'\nGOAUTH = 'git /x; sh -c a'\n"
    recorded(before)
    for old, new, name in (("touch", "rm -rf", "GOCACHEPROG"), ("-c a", "-c b", "GOAUTH")):
        with pytest.raises(ConfigError, match=f": env.{name} changed\n"):
            load(project=before.replace(old, new))


def test_a_link_in_a_checkout_widens_no_entry_of_the_variable(load, machine):
    machine.directory(f"{HOME}/clone/.git")
    machine.link(f"{HOME}/clone/sub", HOME)
    assert not load(project=TEXT, GOSHIM_TRUST=f"{HOME}/clone/sub/...").is_trusted
    machine.link("/moved", HOME)
    assert load(project=TEXT, GOSHIM_TRUST="/moved/...").is_trusted


def test_the_settings_cache_knows_trusted_from_untrusted(load, recorded, machine):
    load(project=TEXT)
    recorded()
    assert load(project=TEXT).settings.toolchain.go == "/opt/go"
    trust_records.remove(machine.root + PLACE, PROJECT)
    assert load(project=TEXT).settings == Settings()


def test_a_link_to_a_trusted_file_is_not_trusted(load, recorded, machine):
    machine.write(f"{HOME}/mine/.goshim.toml", TEXT)
    recorded(path=f"{HOME}/mine/.goshim.toml")
    machine.link(PROJECT, f"{HOME}/mine/.goshim.toml")
    assert load(in_project=True).settings == Settings()


def test_a_record_counts_only_where_nobody_else_can_write_and_the_project_brings_nothing(load, machine, recorded):
    recorded()
    assert load(project=TEXT).is_trusted
    for mode in (0o777, 0o770, 0o702):
        machine.at(PLACE).chmod(mode)
        assert not load(project=TEXT).is_trusted, oct(mode)
    machine.at(PLACE).chmod(0o700)
    in_project = f"{os.path.dirname(PROJECT)}/.state"
    recorded(place=f"{in_project}/goshim/trust")
    assert not load(project=TEXT, XDG_STATE_HOME=in_project).is_trusted
    machine.directory("/clone/.git")
    recorded(place="/clone/.state/goshim/trust")
    assert not load(project=TEXT, XDG_STATE_HOME="/clone/.state").is_trusted
    machine.link("/linked/goshim/trust", PLACE)
    assert not load(project=TEXT, XDG_STATE_HOME="/linked").is_trusted


def test_records_follow_xdg_state_home_where_that_is_absolute(load, recorded):
    recorded(place="/state/goshim/trust")
    assert load(project=TEXT, XDG_STATE_HOME="/state").is_trusted
    assert not load(project=TEXT, XDG_STATE_HOME="state").is_trusted


def test_a_damaged_record_trusts_nothing(load, recorded, machine):
    recorded()
    (name,) = (name for name in os.listdir(machine.root + PLACE) if name.endswith(".json"))
    whole = machine.at(f"{PLACE}/{name}").read_text()
    for text in (
        "",
        "{",
        "[]",
        "null",
        "[" * 100000,
        whole[:-9],
        whole.replace("sha256", "sha"),
        json.dumps(["a"] * 3),
    ):
        machine.write(f"{PLACE}/{name}", text)
        assert not load(project=TEXT).is_trusted, text[:20]
    machine.write(f"{PLACE}/{name}", whole.replace(PROJECT, f"{PROJECT}.x"))
    assert not load(project=TEXT).is_trusted


def test_goshim_trust_takes_absolute_paths_and_prefixes_and_nothing_else(load, machine):
    machine.link("/link", HOME)
    for value, is_trusted in {
        f"{HOME}/project": True,
        f"{HOME}/project/": True,
        PROJECT: True,
        f"/elsewhere:{HOME}/project": True,
        f"{HOME}/...": True,
        f"{HOME}/…": True,
        f"{HOME}/project/...": True,
        "/...": True,
        f"{HOME}": False,
        f"{HOME}/proj": False,
        f"{HOME}/proj/...": False,
        f"{HOME}/other/../project": False,
        "project": False,
        ".": False,
        "...": False,
        "./...": False,
        "/": False,
        "": False,
        "*": False,
        f"{HOME}/*": False,
        "1": False,
        "true": False,
    }.items():
        assert load(project=TEXT, GOSHIM_TRUST=value).is_trusted == is_trusted, value
    assert load(project=TEXT, GOSHIM_TRUST="/link/project").is_trusted


def test_an_entry_that_is_not_absolute_is_reported(load):
    notes = load(project="", GOSHIM_TRUST=f"app:{HOME}/...:../x").notes
    assert notes == (
        "GOSHIM_TRUST: app is not an absolute path, ignored",
        "GOSHIM_TRUST: ../x is not an absolute path, ignored",
    )


def test_records_and_texts_are_private_and_hold_no_secret(recorded, machine):
    recorded("env.GITHUB_TOKEN = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'\n")
    names = os.listdir(machine.root + PLACE)
    assert len(names) == 2
    for name in names:
        assert machine.at(f"{PLACE}/{name}").stat().st_mode & 0o777 == 0o600
        assert b"ghp_" not in machine.at(f"{PLACE}/{name}").read_bytes()


def test_writers_at_the_same_time_lose_nothing(machine):
    place = machine.root + PLACE
    paths = [f"{HOME}/p{number}/.goshim.toml" for number in range(24)]
    for path in paths:
        machine.write(path, TEXT)
    threads = [
        threading.Thread(target=trust_records.add, args=(place, machine.root + path, TEXT.encode())) for path in paths
    ]
    for thread in threads:
        thread.start()
    trust_records.prune(place)
    for thread in threads:
        thread.join()
    assert [each.path for each in trust_records.records(place)] == sorted(machine.root + path for path in paths)


def test_records_of_vanished_files_are_pruned(recorded, machine):
    machine.write(PROJECT, TEXT)
    recorded(path=machine.root + PROJECT)
    recorded(path=f"{machine.root}{HOME}/gone/.goshim.toml")
    assert trust_records.prune(machine.root + PLACE) == [f"{machine.root}{HOME}/gone/.goshim.toml"]
    (left,) = trust_records.records(machine.root + PLACE)
    assert left.path == machine.root + PROJECT
    assert len(os.listdir(machine.root + PLACE)) == 2


def test_only_the_last_trusted_text_is_kept(recorded, machine):
    for text in ("a = 1\n", "a = 2\n", TEXT):
        record = recorded(text)
    assert trust_records.text_of(machine.host(), record) == TEXT
    assert len(os.listdir(machine.root + PLACE)) == 2
