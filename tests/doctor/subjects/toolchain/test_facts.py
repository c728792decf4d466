"""What is known of a toolchain and of what it is given."""

from __future__ import annotations

import pytest

from goshim.doctor.subjects.toolchain import facts as toolchains
from tests.doctor.described import look_at
from tests.machine import FolderMachine


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"-x', 'unterminated " string'),
        ("-v '-x", "unterminated ' string"),
        ("-x y", 'non-flag "y"'),
        ("-", 'non-flag "-"'),
        ("--", 'non-flag "--"'),
        ("---x", 'non-flag "---x"'),
        ("-=x", 'non-flag "-=x"'),
        ("--=x", 'non-flag "--=x"'),
        ("''", 'non-flag ""'),
        ("'-x'y", 'non-flag "y"'),
    ],
)
def test_goflags_that_each_go_refuses_are_told_in_its_words(machine: FolderMachine, text, said):
    assert look_at(machine, {"GOFLAGS": text})(toolchains.flags_fault) == f"go: parsing $GOFLAGS: {said}"


@pytest.mark.parametrize(
    "text", ["", "  ", "-mod=mod", "--mod=mod -v", "'-ldflags=-s -w' -x", '"-x"-v', "-x\t-v\r\n", "-x'y", "-nope"]
)
def test_goflags_that_a_go_may_take_are_no_fault(machine: FolderMachine, text):
    assert look_at(machine, {"GOFLAGS": text})(toolchains.flags_fault) == ""
