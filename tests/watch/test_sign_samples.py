"""What real machines said is told for what it was, and never is a permanent error retried."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.watch import signs
from tests.tables import for_each
from tests.watch.judged import FOR_THE_GATE, SIGNS, WARNINGS, blocks, decided, findings


def params(*names: str, but: tuple[str, ...] = ()) -> list[pytest.param]:
    return [
        pytest.param(text, id=f"{name.removesuffix('.txt')}: {source[:60]}")
        for name in names
        for source, text in blocks(name)
        if not source.startswith(but)
    ]


DEAD_PROXY = ("captured go1.27.3 with HTTPS_PROXY pointing to a dead port",)

PERMANENT = params("permanent.txt", "more-permanent.txt", but=FOR_THE_GATE + WARNINGS)


@for_each("text", params("lock.txt", "more-lock.txt"))
def test_a_lock_is_told_with_the_file_that_is_held(text):
    found = decided(text)
    assert found.sign.kind == "lock"
    assert found.path


@for_each("text", params("network.txt", "more-network.txt", but=DEAD_PROXY))
def test_a_fault_of_the_network_is_told(text):
    assert {found.sign.kind for found in findings(text)} <= {"network", "handshake"}
    assert decided(text)


@for_each("text", params("more-network.txt"))
def test_a_fault_inside_a_transfer_is_no_failing_handshake(text):
    assert decided(text).sign.kind == "network"


@for_each("text", params("handshake.txt"))
def test_a_failing_handshake_is_told_with_its_host(text):
    found = decided(text)
    assert found.sign.kind == "handshake"
    assert found.host in text


@for_each("text", PERMANENT)
def test_an_error_that_no_retry_heals_is_told(text):
    assert decided(text).sign.kind == "permanent"


def test_of_a_dead_proxy_its_address_is_told():
    (text,) = (text for source, text in blocks("network.txt") if source.startswith(DEAD_PROXY))
    found = decided(text)
    assert (found.sign.id, found.sign.kind, found.host) == ("proxy-refused", "permanent", "127.0.0.1:9")


@for_each("text", [text for source, text in blocks("permanent.txt") if source.startswith(FOR_THE_GATE)])
def test_where_the_text_is_that_of_a_lock_the_path_is_there_for_the_gate(text):
    found = decided(text)
    assert found.sign.kind == "lock"
    assert os.path.isabs(found.path)


@for_each("text", [text for source, text in blocks("permanent.txt") if source.startswith(WARNINGS)])
def test_a_warning_is_no_finding(text):
    assert findings(text) == []


RETRIABLE_LINES = [
    line
    for name in ("lock.txt", "more-lock.txt", "network.txt", "more-network.txt", "handshake.txt")
    for _, text in blocks(name)
    for line in text.split("\n")
    if not text.startswith("{") and not line.endswith("server response:")
]
PERMANENT_BLOCKS = [
    text.split("\n")
    for name in ("permanent.txt", "more-permanent.txt")
    for source, text in blocks(name)
    if not source.startswith(FOR_THE_GATE + WARNINGS) and not text.startswith("{")
]


@given(st.sampled_from(PERMANENT_BLOCKS), st.data())
def test_no_text_with_a_permanent_error_is_ever_retried(block, data):
    lines = list(block)
    for line in data.draw(st.lists(st.sampled_from(RETRIABLE_LINES), max_size=12)):
        lines.insert(data.draw(st.integers(0, len(lines))), line)
    assert decided("\n".join(lines)).sign.kind == "permanent"


@given(st.lists(st.text() | st.sampled_from(RETRIABLE_LINES), max_size=20))
def test_no_text_is_too_odd_to_be_read(lines):
    for found in signs.judge(signs.error_lines(lines), SIGNS):
        assert isinstance(found.subject, str)
        assert found.line == found.line.strip()
    for text in signs.json_texts(lines):
        assert isinstance(text, str)
    wait_s = signs.retry_after_s(lines, set(lines))
    assert wait_s is None or 0 <= wait_s <= signs.LONGEST_RETRY_AFTER_S
    for line in lines:
        assert signs.lag_s(line) is None or signs.lag_s(line) >= 0


@for_each(
    "line",
    [
        './main.go:3:13: cannot use "read: connection reset by peer" (untyped string constant) as int value',
        './main.go:3:13: cannot use "i/o timeout" (untyped string constant) as int value in variable declaration',
        "./main.go:3:5: undefined: GOAWAY",
        "go: example.com/m@v1.0.0 requires go >= 1.99.1; switching to go1.99.1",
    ],
)
def test_what_a_program_says_of_itself_is_no_fault(line):
    assert findings(line) == []
