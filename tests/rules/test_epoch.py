from __future__ import annotations

import pytest

from goshim.rules.epoch import is_valid
from goshim.settings.model import LATEST_EPOCH_S
from tests.rules.facts_of import changed, ids
from tests.tables import for_each

NAME = "SOURCE_DATE_EPOCH"
GIT = {"epoch": {"source": "git"}}


@for_each("value", ["0", "1700000000", str(LATEST_EPOCH_S), "00", "0" * 30 + "5"])
def test_a_time_that_gcc_takes_stays(value):
    assert is_valid(value)
    assert changed({NAME: value}) == {}


@for_each(
    "value",
    ["", "abc", "-5", "1 ", " 1", "1.5", "0x10", "+1", "1\r", str(LATEST_EPOCH_S + 1), "9" * 5000, "\u00b2", "\u0661"],
)
@for_each("wsl", [False, True])
def test_a_time_that_gcc_refuses_is_dropped(wsl, value):
    assert not is_valid(value)
    assert changed({NAME: value}, wsl=wsl) == {NAME: None}


@pytest.mark.parametrize(
    ("source", "override", "inherited", "commit", "after"),
    [
        pytest.param("git", False, None, 42, "42", id="git"),
        pytest.param("git", False, None, None, None, id="git without a commit"),
        pytest.param("git", False, "7", 42, "7", id="an inherited value wins"),
        pytest.param("git", False, "abc", 42, "42", id="an invalid one does not"),
        pytest.param("git", False, "", 42, "42", id="nor an empty one"),
        pytest.param("git", True, "7", 42, "42", id="git overrides"),
        pytest.param("git", True, "7", None, "7", id="git overrides with nothing"),
        pytest.param(5, False, None, 42, "5", id="number"),
        pytest.param(0, False, None, None, "0", id="zero"),
        pytest.param(5, False, "7", None, "7", id="number, inherited"),
        pytest.param(5, True, "7", None, "5", id="number overrides"),
        pytest.param("off", False, "7", None, "7", id="off, inherited"),
        pytest.param("off", True, "7", None, None, id="off overrides"),
        pytest.param("inherit", True, "7", 42, "7", id="inherit"),
        pytest.param("inherit", False, None, 42, None, id="inherit nothing"),
        pytest.param("git", False, None, LATEST_EPOCH_S + 1, None, id="a commit's time that gcc refuses"),
    ],
)
def test_the_time_that_is_chosen(source, override, inherited, commit, after):
    variables = {} if inherited is None else {NAME: inherited}
    settings = {"epoch": {"source": source, "override": override}}
    found = changed(variables, settings=settings, commit_time_s=commit)
    assert found == ({} if after == inherited else {NAME: after})


def test_each_rule_is_named():
    assert ids({NAME: ""}) == {"epoch-invalid"}
    assert ids({}, settings=GIT, commit_time_s=1) == {"epoch-setting"}
