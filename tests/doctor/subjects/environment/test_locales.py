"""The locale that variables ask for."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.subjects.environment import locales
from tests.doctor.described import look_at
from tests.machine import FolderMachine

KNOWN: dict[str, Any] = {
    "probes": {"locales.charsets": {"C.UTF-8": "UTF-8", "de": "ISO-8859-1", "ja": "EUC-JP", "xx": None}}
}


@pytest.mark.parametrize(
    ("variables", "asked"),
    [
        ({"LC_ALL": "de", "LANG": "ja", "LC_CTYPE": "xx"}, {"LC_ALL": "de"}),
        ({"LC_ALL": "", "LANG": "ja", "LC_CTYPE": "xx"}, {"LC_CTYPE": "xx", "LANG": "ja"}),
        ({"LC_ALL": "", "LANG": ""}, {}),
    ],
)
def test_lc_all_hides_the_others(machine: FolderMachine, variables: dict[str, str], asked: dict[str, str]):
    assert look_at(machine, variables)(locales.asked) == asked


@pytest.mark.parametrize(
    ("variables", "charset"),
    [
        ({"LANG": "ja"}, "EUC-JP"),
        ({"LANG": "ja", "LC_CTYPE": "de"}, "ISO-8859-1"),
        ({"LANG": "xx"}, "ANSI_X3.4-1968"),
        ({"LC_TIME": "ja"}, "ANSI_X3.4-1968"),
        ({}, "ANSI_X3.4-1968"),
    ],
)
def test_the_character_set_is_that_of_the_first_that_counts(
    machine: FolderMachine, variables: dict[str, str], charset: str
):
    assert look_at(machine, variables, **KNOWN)(locales.charset) == charset
