from __future__ import annotations

import pytest

from tests.rules.facts_of import changed, ids
from tests.tables import for_each


@pytest.mark.parametrize("name", ["GOPRIVATE", "GONOPROXY", "GONOSUMDB"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("git.example.com\r", "git.example.com", id="carriage return"),
        pytest.param(" git.example.com ", "git.example.com", id="blanks"),
        pytest.param("a.example, b.example", "a.example,b.example", id="blank after the comma"),
        pytest.param('"git.example.com"', "git.example.com", id="quotes"),
        pytest.param("'a.example','b.example'", "a.example,b.example", id="quotes around each"),
        pytest.param("https://git.example.com", "git.example.com", id="https"),
        pytest.param("https://a.example/x,ssh://b.example", "a.example/x,b.example", id="schemes"),
        pytest.param("git+ssh://a.example", "a.example", id="scheme with a plus"),
        pytest.param("a.example;b.example", "a.example,b.example", id="semicolon"),
        pytest.param("a.example;;,b.example; ", "a.example,b.example", id="empty patterns"),
        pytest.param("https:// a.example", "a.example", id="blank after the scheme"),
        pytest.param('"https://a.example"\r', "a.example", id="all at once"),
        pytest.param('""', None, id="nothing in quotes"),
        pytest.param(" ", None, id="nothing but blanks"),
    ],
)
def test_a_list_that_matches_nothing_is_mended(name, before, after):
    assert changed({name: before}) == {name: after}
    assert changed({name: before}, wsl=True) == {name: after}


@for_each(
    "value",
    ["", "git.example.com", "a.example,b.example/team", "*.example.com,github.com/me/*", "a.example,,b", "none", "*"],
)
def test_a_list_that_go_understands_stays(value):
    assert changed({"GOPRIVATE": value}) == {}


def test_what_is_public_does_not_change():
    assert changed({"GOINSECURE": "https://x", "GOSUMDB": '"off"', "GOVCS": "a b"}) == {}


def test_the_rule_is_named():
    assert ids({"GOPRIVATE": "a;b"}) == {"private-syntax"}
