"""Under WSL, go through goshim looks for nothing in the Windows part of PATH, and does what it would have done."""

from __future__ import annotations

import pytest

from tests.end_to_end.wsl_machine import PROGRAMS
from tests.end_to_end.wsl_user import User, running

COMMANDS = [["version"], ["env", "GOROOT"], ["env", "CGO_ENABLED"], ["build", "-o", "hello", "main.go"]]


@pytest.fixture(scope="module", params=["wsl2", "wsl1"])
def machine(request):
    with running(request.param) as made:
        yield made


@pytest.fixture(params=["with a C compiler", "without a C compiler"])
def user(request, machine, tmp_path, embedded_go, go_cache):
    made = User(machine, tmp_path, embedded_go, go_cache)
    if request.param == "with a C compiler":
        (made.tools / "gcc").symlink_to("/bin/true")  # go only looks whether there is one
    machine.forget_lookups()
    return made


def looks_into(trace):
    return [line for line in trace if f'"{PROGRAMS}/' in line]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_call_looks_into_a_windows_entry_where_bare_go_looks_into_each(user, command):
    assert user.go(*command).code == 0
    assert user.machine.lookups() == []  # not even the first call, for which there is no plan
    assert looks_into(user.trace("%file", user.launcher, *command)) == []
    assert user.machine.lookups() == []
    bare = looks_into(user.trace("%file", user.real, *command))
    assert all(any(f'"{entry}/' in line for line in bare) for entry in user.windows)
    assert len(user.machine.lookups()) >= len(user.windows)


def test_windows_entries_ahead_of_the_others_are_not_looked_into_either(user):
    env = {"PATH": ":".join([*user.windows, *user.native])}
    for command in COMMANDS:
        assert user.go(*command, env=env).code == 0
        assert looks_into(user.trace("%file", user.launcher, *command, env=env)) == []
    assert user.machine.lookups() == []


def test_a_warm_call_starts_no_python_and_forks_nothing(user):
    user.go("version")
    calls = user.trace("execve,fork,vfork,clone,clone3", user.launcher, "version")
    programs = [number for number, line in enumerate(calls) if "execve(" in line]
    assert len(programs) == 2
    assert f'execve("{user.launcher}"' in calls[programs[0]]
    assert f'execve("{user.real}"' in calls[programs[1]]
    assert programs == [0, 1]  # what go forks afterwards is its own


def test_whether_cgo_is_on_is_answered_as_by_bare_go(user):
    bare = user.bare("env", "CGO_ENABLED")
    assert user.go("env", "CGO_ENABLED") == bare
    assert user.go("env", "CGO_ENABLED") == bare
    assert bare.text.strip() == ("1" if (user.tools / "gcc").exists() else "0")


def test_a_cross_build_has_cgo_off_as_by_bare_go(user):
    env = {"GOARCH": "riscv64"}
    assert user.go("env", "CGO_ENABLED", env=env) == user.bare("env", "CGO_ENABLED", env=env)


def test_with_both_rules_off_go_looks_again(user):
    user.config.write_text('[rules]\noff = ["gccgo-lookup", "compiler-lookup"]\n')
    user.go("version")
    assert len(user.machine.lookups()) >= len(user.windows)
