"""Machines that look like WSL, whose /etc and /usr/local are their own, and Windows' programs on drive C."""

from __future__ import annotations

import pytest

from tests.end_to_end.doctor.windows import Windows, answers
from tests.end_to_end.wsl_machine import UnavailableError
from tests.end_to_end.wsl_user import User, running


@pytest.fixture(scope="package")
def wsl2_machine():
    with running("wsl2") as made:
        yield with_own(made)


@pytest.fixture(scope="package")
def wsl1_machine():
    with running("wsl1") as made:
        yield with_own(made)


@pytest.fixture
def user(wsl2_machine, tmp_path, embedded_go):
    """Someone at work under WSL2, with a healthy Windows."""
    return at_work(wsl2_machine, tmp_path, embedded_go)


@pytest.fixture
def wsl1_user(wsl1_machine, tmp_path, embedded_go):
    """The same under WSL1."""
    made = at_work(wsl1_machine, tmp_path, embedded_go)
    made.windows_side.registry(*answers("0x7"))
    return made


@pytest.fixture
def windows(user):
    """The Windows of the user under WSL2."""
    return user.windows_side


def at_work(machine, root, go):
    user = User(machine, root / "user", go, {"GOTOOLCHAIN": "local"})
    user.windows_side = Windows(machine)
    user.windows_side.registry(*answers())
    user.windows_side.clock()
    return user


def with_own(machine):
    try:
        for directory in ("/etc", "/usr/local"):
            machine.own(directory)
    except UnavailableError as error:
        pytest.skip(str(error))
    return machine
