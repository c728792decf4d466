"""Locales, asked of this machine's C library."""

from __future__ import annotations

import json
import locale

from goshim.doctor.subjects.environment import probes as locales
from tests.doctor.described import DescribedHost


def ask(*names: str) -> dict[str, str | None]:
    return locales.charsets(DescribedHost({}, "/", ""), json.dumps(names))


def test_the_c_locale_is_always_there():
    assert ask("C", "POSIX") == {"C": "ANSI_X3.4-1968", "POSIX": "ANSI_X3.4-1968"}


def test_a_locale_that_is_not_installed_has_no_character_set():
    assert ask("xx_XX.UTF-8", "../../etc", "a\0b") == {"xx_XX.UTF-8": None, "../../etc": None, "a\0b": None}


def test_asking_changes_nothing_of_the_process():
    before = locale.setlocale(locale.LC_ALL)
    ask("C.UTF-8", "xx")
    assert locale.setlocale(locale.LC_ALL) == before
