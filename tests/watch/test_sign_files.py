"""The rows of signs.toml and those of the user's own."""

from __future__ import annotations

import os
import re

import pytest

from goshim.watch import signs
from tests.tables import for_each
from tests.watch.judged import SIGNS


def test_every_row_has_a_source_and_an_id_of_its_own():
    with open(os.path.join(os.path.dirname(__file__), "../../config/signs.toml"), encoding="utf-8") as file:
        rows = re.split(r"^\[\[(?:sign|part)\]\]$", file.read(), flags=re.MULTILINE)[1:]
    assert all(re.search(r"^source = .*\w", row, re.MULTILINE) for row in rows)
    assert len({sign.id for sign in SIGNS}) == len(SIGNS)
    assert {sign.kind for sign in SIGNS} == {"permanent", "handshake", "lock", "network"}
    assert not any(re.search(r"\{[a-z]+\}", sign.pattern.pattern) for sign in SIGNS)


def test_a_row_of_the_users_own_is_looked_at_first():
    own = """
        [[sign]]
        id = "corp-proxy"
        class = "permanent"
        match = 'blocked by Corp.*{file}'

        [[sign]]
        id = "flaky-mirror"
        class = "network"
        match = '{url}: 599 '
        tries = 2
        wait_s = 3
        words = "The mirror {host} is flaky."
    """
    first, second, *others = signs.load(own)
    assert (first.id, second.tries, second.wait_s, others) == ("corp-proxy", 2, 3.0, list(SIGNS))
    (found,) = signs.judge(["reading https://mirror.corp/x: 599 Odd"], signs.load(own))
    assert (found.sign.id, found.host) == ("flaky-mirror", "mirror.corp")


@for_each(
    "row, reason",
    [
        ("class = 'lock'\nmatch = 'x'", "sign number 1: id is missing"),
        ("id = 'a'\nmatch = 'x'", "sign 'a': class is missing"),
        ("id = 'a'\nclass = 'lock'", "sign 'a': match is missing"),
        ("id = 'A b'\nclass = 'lock'\nmatch = 'x'", "sign 'A b': id"),
        ("id = 'a'\nclass = 'locks'\nmatch = 'x'", "sign 'a': class = 'locks' is none of permanent"),
        ("id = 'a'\nclass = 'lock'\nmatch = '('", "sign 'a': match is no regular expression: missing"),
        ("id = 'a'\nclass = 'lock'\nmatch = ''", "sign 'a': match fits every line"),
        ("id = 'a'\nclass = 'lock'\nmatch = 7", "sign 'a': match = 7 is no string"),
        ("id = 'a'\nclass = 'lock'\nmatch = 'x'\ntries = true", "sign 'a': tries = True is no whole number"),
        ("id = 'a'\nclass = 'lock'\nmatch = 'x'\ntries = 1.5", "sign 'a': tries = 1.5 is no whole number"),
        ("id = 'a'\nclass = 'lock'\nmatch = 'x'\ntries = -1", "sign 'a': tries = -1 is no number from 0 on"),
        ("id = 'a'\nclass = 'lock'\nmatch = 'x'\nwait_s = '1'", "sign 'a': wait_s = '1' is no number"),
        ("id = 'a'\nclass = 'lock'\nmatch = 'x'\nwait_s = nan", "sign 'a': wait_s = nan is no number from 0 on"),
        ("id = 'a'\nclass = 'lock'\nmatch = 'x'\nwords = 'see {url}'", "sign 'a': words has {url}"),
        ("id = 'a'\nclass = 'lock'\nmatch = 'x'\nregex = 'x'", "sign 'a': unknown key 'regex'"),
        ("id = 7\nclass = 'lock'\nmatch = 'x'", "sign number 1: id = 7 is no string"),
        ("id = 'checksum'\nclass = 'lock'\nmatch = 'x'", "sign 'checksum': there is another"),
    ],
)
def test_a_bad_row_is_named(row, reason):
    with pytest.raises(ValueError, match=re.escape(reason)):
        signs.load(f"[[sign]]\n{row}\n")


@for_each("text", ["sign = 7", "sign = [7]", "[sign]\nid = 'a'", "[[signs]]\nid = 'a'", "[[sign]", "x"])
def test_a_file_of_another_form_is_an_error_too(text):
    with pytest.raises(ValueError, match=r"."):
        signs.load(text)
