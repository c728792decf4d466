"""A team ships its settings: the project file counts in full once it is trusted, for the very bytes that were seen."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.end_to_end.machine import CHECKOUT, COMMAND

TEAM = '[env]\nGOPRIVATE = "git.corp.example/*"\nGOFLAGS = "-mod=readonly"\n[retry]\nnetwork_tries = 50\n'


@pytest.fixture
def team(machine):
    machine.project_file.write_text(TEAM)
    return machine


def effects(machine, **more):
    found = machine.dump(**more).environment
    return found.get(b"GOPRIVATE"), found.get(b"GOFLAGS")


IN_FORCE = (b"git.corp.example/*", b"-mod=readonly")
WITHOUT = (None, None)


def test_a_project_file_counts_from_trust_to_untrust(team):
    assert effects(team) == WITHOUT
    done = team.goshim("trust", "--yes")
    assert (done.err, done.code) == (b"", 0)
    for text in ('env.GOPRIVATE = "git.corp.example/*"', "env.GOFLAGS", "it adds flags", "retry.network_tries = 50"):
        assert text in done.text
    for _ in "cold", "warm":
        assert effects(team) == IN_FORCE
    assert team.is_warm()
    assert "needs trust" not in team.goshim("env").text
    assert team.goshim("env", "--json").json["trusted"] is True
    assert team.goshim("config", "check", "--strict").code == 0
    origin = team.goshim("config", "show", "--origin").text
    assert f'env.GOFLAGS = "-mod=readonly"  # {team.project_file}:3' in origin
    assert team.goshim("untrust").code == 0
    assert effects(team) == WITHOUT
    assert team.goshim("env", "--json").json["trusted"] is False


def test_a_plan_depends_on_the_trust_record(team):
    team.goshim("trust", "--yes")
    assert effects(team) == IN_FORCE
    (record,) = (team.home / ".local/state/goshim/trust").glob("*.json")
    record.rename(record.with_suffix(".away"))
    assert effects(team) == WITHOUT
    record.with_suffix(".away").rename(record)
    assert effects(team) == IN_FORCE


def test_a_link_in_place_of_a_trusted_directory_is_not_trusted(team):
    inner = team.work / "inner"
    inner.mkdir()
    (inner / ".goshim.toml").write_text(TEAM)
    team.goshim("trust", "--yes", str(inner))
    for _ in "cold", "warm":
        assert effects(team, cwd=inner, env={"PWD": str(inner)}) == IN_FORCE
    inner.rename(team.work / "moved")
    inner.symlink_to("moved")
    assert effects(team, cwd=inner, env={"PWD": str(inner)}) == WITHOUT


def test_a_changed_file_stops_go_until_somebody_looked(team):
    team.goshim("trust", "--yes")
    assert effects(team) == IN_FORCE
    team.project_file.write_text(TEAM.replace("readonly", "readonly -toolexec=./x"))
    for command in (("version",), ("build",), ("env", "GOROOT")):
        done = team.go(*command)
        assert (done.out, done.code) == (b"", 2)
        assert f"{team.project_file}: changed since you trusted it on " in done.message
        assert "env.GOFLAGS changed" in done.message
    assert team.goshim("env").code == 2
    shown = team.goshim("trust", "--show").text
    assert '-GOFLAGS = "-mod=readonly"' in shown
    assert '+GOFLAGS = "-mod=readonly -toolexec=./x"' in shown
    assert team.go("version").code == 2
    assert team.goshim("trust", "--yes").code == 0
    assert effects(team) == (b"git.corp.example/*", b"-mod=readonly -toolexec=./x")
    team.project_file.write_text(TEAM)
    assert team.go("version").code == 2
    team.goshim("untrust")
    assert effects(team) == WITHOUT


def test_ci_trusts_by_a_variable(team):
    for value in (str(team.work), f"{team.home}/...", f"/nowhere:{team.work}"):
        for _ in "cold", "warm":
            assert effects(team, env={"GOSHIM_TRUST": value}) == IN_FORCE, value
    for value in ("work", "...", "", "1", "/nowhere/...", f"{team.work}/..."[1:]):
        assert effects(team, env={"GOSHIM_TRUST": value}) == WITHOUT, value
    assert "work is not an absolute path" in team.goshim("env", env={"GOSHIM_TRUST": "work"}).text


def test_nobody_is_asked_without_a_terminal(team):
    done = team.goshim("trust")
    assert (done.code, "--yes" in done.message) == (2, True)
    assert effects(team) == WITHOUT


@pytest.mark.parametrize(
    ("answer", "code", "expected"), [(b"y\n", 0, IN_FORCE), (b"n\n", 1, WITHOUT), (b"\n", 1, WITHOUT)]
)
def test_on_a_terminal_the_answer_decides(team, answer, code, expected):
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), "trust"],
        env=team.with_env(None),
        cwd=team.work,
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
    )
    os.close(inner)
    seen = b""
    while b"[y/N]" not in seen:
        seen += os.read(outer, 4096)
    assert b"env.GOFLAGS" in seen
    os.write(outer, answer)
    assert process.wait(timeout=60) == code
    os.close(outer)
    assert effects(team) == expected


def test_what_was_seen_is_what_is_trusted(team):
    """A file that is replaced while the user reads the old one is not trusted."""
    outer, inner = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), "trust"],
        env=team.with_env(None),
        cwd=team.work,
        stdin=inner,
        stdout=inner,
        stderr=inner,
    )
    os.close(inner)
    while b"[y/N]" not in os.read(outer, 4096):
        pass
    team.project_file.write_text("[toolchain]\ngo = '/tmp/evil'\n")
    os.write(outer, b"y\n")
    assert process.wait(timeout=60) == 0
    os.close(outer)
    assert team.go("version").code == 2


def test_a_value_is_shown_whole_and_escapes_are_made_visible(machine):
    hidden = "-mod=readonly" + " " * 5000 + "-toolexec=./x"
    machine.project_file.write_text(f'[env]\nGOFLAGS = "{hidden}"\nCC = "\\u001b]0;x\\u0007\\u202egcc"\n')
    done = machine.goshim("trust", "--show")
    assert "-toolexec=./x" in done.text
    assert all(character.isprintable() or character == "\n" for character in done.text)


def test_a_command_is_shown_whole_although_it_looks_secret(machine):
    machine.project_file.write_text("[env]\nGOCACHEPROG = '/bin/sh -c \"touch /x\"'\nCC = 'gcc --password=x;./evil'\n")
    shown = machine.goshim("trust", "--show").text
    assert "touch /x" in shown
    assert 'env.CC = "gcc --password=x;./evil"' in shown


def test_a_file_that_needs_no_trust_gets_no_record(machine):
    machine.project_file.write_text("[retry]\nquiet = true\n")
    done = machine.goshim("trust", "--yes")
    assert (done.code, "nothing in it needs trust" in done.text) == (0, True)
    assert machine.goshim("trust", "--list").text == "no project file is trusted\n"


def test_the_list_says_what_has_changed_and_forgets_what_has_vanished(team):
    team.goshim("trust", "--yes")
    other = team.home / "other"
    other.mkdir()
    (other / ".goshim.toml").write_text(TEAM)
    assert team.goshim("trust", "--yes", str(other)).code == 0
    team.project_file.write_text(TEAM + "#")
    (other / ".goshim.toml").unlink()
    listed = team.goshim("trust", "--list").text
    assert f"{team.project_file}  trusted on " in listed
    assert "changed since: go does not run there" in listed
    assert f"{other}/.goshim.toml  forgotten" in listed
    assert "other" not in team.goshim("trust", "--list").text


def test_trust_shows_which_of_the_users_own_settings_it_replaces(team):
    team.config.parent.mkdir(parents=True)
    team.config.write_text('[env]\nGOPRIVATE = "github.com/me"\n')
    assert 'in place of "github.com/me" in your own config' in team.goshim("trust", "--show").text


def test_a_command_that_cannot_act_says_what_to_do(machine):
    assert "no .goshim.toml there" in machine.goshim("trust").message
    assert machine.goshim("trust", "/nowhere").code == 2
    assert machine.goshim("trust", "--list", "/x").code == 2
    assert machine.goshim("trust", "--yes", "--show").code == 2
    machine.project_file.write_text("[epoch\n")
    assert (machine.goshim("trust", "--yes").code, machine.go("version").code) == (2, 2)
    machine.project_file.write_text(TEAM)
    done = machine.goshim("trust", "--yes", env={"HOME": None})
    assert (done.code, "GOSHIM_TRUST=" in done.message) == (2, True)
    done = machine.goshim("trust", "--yes", env={"XDG_STATE_HOME": str(machine.work)})
    assert (done.code, "outside the project" in done.message) == (2, True)
    assert "was not trusted" in machine.goshim("untrust").text


def test_a_disk_that_cannot_be_written_is_named(team):
    place = team.home / ".local/state"
    place.mkdir(parents=True)
    place.parent.joinpath("state").rmdir()
    place.write_text("a file in the way")
    done = team.goshim("trust", "--yes")
    assert (done.code, "nothing is trusted" in done.message) == (2, True)
    assert effects(team) == WITHOUT
