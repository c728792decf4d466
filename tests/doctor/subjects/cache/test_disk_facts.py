"""What is measured of the disks."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.look import UnknownError
from goshim.doctor.subjects.cache import disk_facts as disks
from goshim.doctor.subjects.cache.disk_facts import Comparison
from tests.doctor.cached import SPEED, make_home, probes
from tests.doctor.described import look_at
from tests.machine import HOME
from tests.tables import for_each


@pytest.fixture
def wsl(machine):
    make_home(machine).become_wsl()
    return machine


def test_what_is_compared_with_is_the_home(wsl):
    assert look_at(wsl)(disks.native) == HOME


@pytest.mark.parametrize("home", ["/mnt/c/Users/me", "/none", ""])
def test_a_home_that_is_no_linux_directory_is_not_compared_with(wsl, home):
    wsl.directory("/mnt/c/Users/me")
    assert look_at(wsl, {"HOME": home})(disks.native) == "/var/tmp"


def test_without_any_there_is_no_comparison(machine):
    with pytest.raises(UnknownError, match="no directory on Linux's own disk"):
        look_at(machine)(disks.native)


def test_linux_own_disk_is_measured_once(wsl):
    look = look_at(wsl, probes=probes())
    for place in ("/mnt/c", "/mnt/d", "/mnt/c"):
        disks.comparison(look, place)
    asked = [subject for kind, subject in look.host.answers if kind == "probe"]
    assert sorted(asked) == sorted(f'["disks.write_time", "{place}"]' for place in (HOME, "/mnt/c", "/mnt/d"))


@for_each(
    "here_us, native_us, words",
    [(50, 50, "0.05 ms in /y: 1.0 times"), (12_345, 0, "12 ms in /x, 0.00 ms in /y: 12345 times")],
)
def test_a_comparison_is_told_in_milliseconds(here_us, native_us, words):
    assert words in Comparison("/x", here_us, "/y", native_us, SPEED["done"], 0).words[0]


@for_each(
    "count, words", [(0, "0 KiB"), (1, "1 KiB"), ((1 << 20) - 1, "1024 KiB"), (5 << 20, "5 MiB"), (3 << 29, "1.5 GiB")]
)
def test_a_number_of_bytes_is_told_in_the_unit_that_suits_it(count, words):
    assert disks.size(count) == words
