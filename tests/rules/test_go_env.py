from __future__ import annotations

import pytest

from tests.rules.facts_of import changed, ids
from tests.tables import for_each


@for_each(
    "variables, env, after",
    [
        ({}, {"GOFLAGS": "-mod=mod"}, {"GOFLAGS": "-mod=mod"}),
        ({"GOFLAGS": ""}, {"GOFLAGS": "-mod=mod"}, {"GOFLAGS": "-mod=mod"}),
        ({"GOFLAGS": "-v"}, {"GOFLAGS": "-mod=mod"}, {}),
        ({}, {"A": "1", "B": "two words"}, {"A": "1", "B": "two words"}),
        ({}, {}, {}),
        ({"PATH": "/bin"}, {"PATH": "/usr/bin"}, {}),
    ],
)
def test_the_config_gives_variables_that_the_caller_has_not_set(variables, env, after):
    assert changed(variables, settings={"env": env}) == after


@pytest.mark.parametrize(
    ("env", "after"),
    [
        pytest.param({"GOPRIVATE": "https://git.example.com"}, {"GOPRIVATE": "git.example.com"}, id="private"),
        pytest.param({"CGO_ENABLED": "0\r"}, {"CGO_ENABLED": "0"}, id="cgo"),
        pytest.param({"SOURCE_DATE_EPOCH": "abc"}, {}, id="epoch"),
        pytest.param({"GOPROXY": '"direct"'}, {"GOPROXY": "direct"}, id="proxy"),
        pytest.param({"HTTP_PROXY": "http://x"}, {"HTTP_PROXY": "http://x", "http_proxy": "http://x"}, id="proxy case"),
        pytest.param({"GOPATH": "C:\\go"}, {"GOPATH": "/mnt/c/go"}, id="windows value"),
        pytest.param({"NO_PROXY": "10.*"}, dict.fromkeys(["NO_PROXY", "no_proxy"], "10.0.0.0/8"), id="no proxy"),
    ],
)
def test_a_variable_of_the_config_is_mended_in_the_first_call_as_in_those_below_it(env, after):
    assert changed({}, wsl=True, settings={"env": env}) == after


def test_the_rule_is_named():
    assert ids({}, settings={"env": {"A": "b"}}) == {"go-env"}
