"""The claims of config/folklore.toml."""

from __future__ import annotations

import re

from goshim.base.resources import load_rows
from tests.tables import for_each

ROWS = load_rows("folklore.toml", "claim")
ANSWERING = [
    "goroot-symlink-to-windows",
    "path-order",
    "path-shadow",
    "path-origin",
    "cgo-source",
    "illegal-directory",
    "proxy-source",
    "proxy-dead-loopback",
    "defender-exclusion",
    "automount-metadata",
    "registry-flags",
    "registry-folklore",
    "clock-drift",
    "time-daemon-conflict",
    "epoch-effect",
]


def test_each_claim_has_an_id_of_its_own():
    assert len({row["id"] for row in ROWS}) == len(ROWS)


@for_each("row", ROWS)
def test_a_claim_says_all_that_is_told_of_it(row):
    assert set(row) == {"id", "topic", "claim", "verdict", "reality", "check", "source"}
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", row["id"])
    assert row["verdict"] in ("true", "partly", "false", "unverifiable")
    assert all(row[name] == row[name].strip() != "" for name in ("topic", "claim", "reality", "source"))
    assert "\n" not in "".join(row.values())
    assert row["claim"].endswith(".")


@for_each("check", ANSWERING)
def test_each_check_that_answers_folklore_has_a_claim_to_answer(check):
    assert any(row["check"] == check for row in ROWS)


def test_claims_of_one_topic_stand_together():
    topics = [row["topic"] for row in ROWS]
    turns = [topic for index, topic in enumerate(topics) if index == 0 or topics[index - 1] != topic]
    assert len(turns) == len(set(topics))
