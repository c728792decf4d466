"""No parser of what a stranger can write raises, hangs, or eats memory; `make fuzz` looks longer."""

from __future__ import annotations

import random

import pytest

from tests.fuzz.explore import explore
from tests.fuzz.targets import TARGETS, Parser, Target

ROUNDS = 160


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_a_parser_takes_any_input_in_linear_time(target):
    failures = [str(failure) for failure in explore(target, random.Random(1), ROUNDS)]
    assert not failures, "\n".join(failures[:3])


@pytest.mark.parametrize(
    ("parse", "what"),
    [
        (lambda data: 1 / (b"\0" not in data), "raised ZeroDivisionError"),
        (lambda data: [data[at:] for at in range(len(data))], "of memory"),
        (lambda data: sum(data.count(data[at : at + 1]) for at in range(len(data))), "time grows"),
    ],
)
def test_the_fuzzer_finds_what_it_looks_for(parse, what):
    target = Target("planted", Parser(parse), (b"some words\n" * 20,))
    assert any(what in failure.what for failure in explore(target, random.Random(1), 400))
