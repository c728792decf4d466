"""A stored plan acts while the environment is as it was, and on each change it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.encoding import to_text
from goshim.plan.render import guarded, quoted
from tests.launcher import run_bash
from tests.plan.asked import PLAN, Asked

STATES = [{}, {"V": ""}, {"V": "1"}, {"V": "2"}, {"V": "x"}, {"V": " "}, {"V": "1\n"}]


def renamed(state, name):
    return {name: state["V"]} if state else {}


@pytest.mark.parametrize("name", ["GOROOT", "PATH", "HOME", "TERM", "SHELL"])
@pytest.mark.parametrize("before", STATES, ids=str)
def test_unset_empty_and_each_value_of_a_variable_are_told_apart(tmp_path, name, before):
    asked = Asked(tmp_path, renamed(before, name)).ask("variable", name)
    held = [state for state in STATES if asked.holds(renamed(state, name))]
    assert held == [before]


@given(st.binary(max_size=40).map(lambda data: to_text(data.replace(b"\0", b""))), st.sampled_from(["C", "C.UTF-8"]))
def test_a_variable_of_any_bytes_is_known_again(value, locale):
    asked = Asked("/", {"V": value, "LC_ALL": locale}).ask("variable", "V")
    assert asked.holds()
    assert not asked.holds({"V": value + "x", "LC_ALL": locale})


def test_many_variables_are_all_guarded(tmp_path):
    asked = Asked(tmp_path, {"A": "1", "B": "(", "C": "!", "D": "="})
    for name in "ABCDEFG":
        asked.ask("variable", name)
    assert asked.holds()
    for name in "ABCD":
        assert not asked.holds({each: value for each, value in asked.environment.items() if each != name})
    for name in "EFG":
        assert not asked.holds({**asked.environment, name: ""})


SECRET = "http://me:hunter2@proxy:3128"


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (SECRET, True),
        ("http://you:other@proxy:3128", True),
        ("http://me:hunter2@elsewhere:3128", False),
        ("https://me:hunter2@proxy:3128", False),
        ("http://proxy:3128", False),
        (f"{SECRET}\r", False),
        (f'"{SECRET}"', False),
        ("", False),
        (None, False),
    ],
)
def test_of_a_value_with_a_password_all_but_the_password_is_guarded(tmp_path, now, holds):
    asked = Asked(tmp_path, {"HTTP_PROXY": SECRET}).ask("variable", "HTTP_PROXY")
    assert asked.holds({} if now is None else {"HTTP_PROXY": now}) is holds


def test_whether_two_passwords_agree_is_guarded(tmp_path):
    other = SECRET.replace("hunter2", "other")
    same = (
        Asked(tmp_path, {"HTTP_PROXY": SECRET, "http_proxy": SECRET})
        .ask("variable", "HTTP_PROXY")
        .ask("variable", "http_proxy")
    )
    assert same.holds()
    assert same.holds({"HTTP_PROXY": other, "http_proxy": other})
    assert not same.holds({"HTTP_PROXY": SECRET, "http_proxy": other})
    differ = (
        Asked(tmp_path, {"HTTP_PROXY": SECRET, "http_proxy": other})
        .ask("variable", "HTTP_PROXY")
        .ask("variable", "http_proxy")
    )
    assert differ.holds()
    assert not differ.holds({"HTTP_PROXY": SECRET, "http_proxy": SECRET})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"GOSHIM_A": "1"}),
        ({"GOSHIM_A": "1"}, {}),
        ({"GOSHIM_A": "1"}, {"GOSHIM_B": "1"}),
        ({"GOSHIM_A": "1"}, {"GOSHIM_A": "1", "GOSHIM_B": ""}),
        ({"GOSHIM_A": "", "GOSHIM_A_B": "", "GOSHIM_AB": "", "GOSHIMX": ""}, {"GOSHIM_A": ""}),
        ({"GOSHIM_a.b": "1", "GOSHIM_C": "1"}, {"GOSHIM_a.b": "1"}),
    ],
)
def test_a_variable_of_goshims_that_comes_or_goes_is_seen(tmp_path, before, after):
    asked = Asked(tmp_path, before).ask("names", "GOSHIM_")
    assert asked.holds()
    assert asked.holds({**before, "OTHER": "1"})
    assert not asked.holds(after)


def test_another_version_of_goshim_is_seen(tmp_path):
    text = guarded(PLAN, {}, f"[[ -d {quoted(str(tmp_path / 'goshim-1'))} ]]")
    assert run_bash(f"for _ in once; do\n{text}done\nexit 42").returncode == 42
    (tmp_path / "goshim-1").mkdir()
    assert run_bash(f"for _ in once; do\n{text}done\nexit 42").returncode == 0
