"""The order of Go versions."""

from __future__ import annotations

from itertools import pairwise

from goshim.doctor.formats.go_versions import is_language, minor, order
from tests.tables import for_each

RISING = ["1.9", "1.20rc1", "1.20", "1.20.1", "1.21", "1.21beta1", "1.21rc1", "1.21rc2", "1.21.0", "1.21.13", "1.27.3"]


def test_versions_are_in_the_order_that_go_compares_them_in():
    orders = [order(each) for each in RISING]
    assert all(orders)
    assert all(low < high for low, high in pairwise(orders))


@for_each("name", ["go1.24.11", "1.24.11", "go1.24.11-custom", "go1.24.11 X:nocoverage"])
def test_what_a_build_adds_to_its_name_does_not_count(name):
    assert order(name) == order("1.24.11")
    assert minor(name) == 24


@for_each("name", ["", "devel", "go", "bash", "1.x", "1.24.3rc1", "v1.24", "gotip"])
def test_what_is_no_version_has_no_order(name):
    assert order(name) is None
    assert minor(name) is None


def test_a_language_version_is_no_release_from_1_21_on():
    assert is_language("1.21")
    assert not is_language("1.21.0")
    assert not is_language("1.21rc1")
    assert not is_language("1.20")
