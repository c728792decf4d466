from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goshim.watch import relay
from goshim.watch.relay import Unseen
from goshim.watch.spool import Spool
from tests.tables import for_each

FIRST = "go: downloading example.com/a v1.0.0\ngo: rename /m/a196250.tmp /m/a: permission denied\n"


def unseen(text: str | bytes = b"") -> Unseen:
    """One that has seen what a first attempt wrote."""
    spool = Spool()
    spool.write(text if isinstance(text, bytes) else text.encode())
    made = Unseen()
    made.note(spool.chunks())
    return made


def shown(filtered: Unseen, *chunks: bytes) -> bytes:
    return b"".join(map(filtered, [*chunks, b""]))


def test_what_was_seen_before_is_not_shown_again():
    filtered = unseen(FIRST)
    assert shown(filtered, FIRST.encode()) == b""
    assert shown(filtered, b"go: new\n", FIRST.encode()) == b"go: new\n"
    assert shown(filtered, b"go: new\n") == b""


@for_each(
    "before, now",
    [
        ("go: rename /m/v1.zip268196250.tmp /m/v1.zip: denied", "go: rename /m/v1.zip99123.tmp /m/v1.zip: denied"),
        ("read tcp 10.0.0.1:54321->10.0.0.2:443: reset", "read tcp 10.0.0.1:4321->10.0.0.2:443: reset"),
        ("ok  \texample.com/a (0.21s)", "ok  \texample.com/a (10.45s)"),
    ],
)
def test_what_differs_by_chance_alone_is_the_same(before, now):
    assert shown(unseen(before), now.encode() + b"\n") == b""


@for_each(
    "before, now",
    [
        ("go: reading https://p/a/@v/v1.0.1.zip: 500", "go: reading https://p/a/@v/v1.0.2.zip: 500"),
        ("dial tcp 10.0.0.2:4430: refused", "dial tcp 10.0.0.2:4431: refused"),
        ("example.com/a v0.0.0-20200101000000-abc", "example.com/a v0.0.0-20210101000000-abc"),
        ("a", " a"),
    ],
)
def test_what_differs_otherwise_is_new(before, now):
    assert shown(unseen(before), now.encode() + b"\n") == now.encode() + b"\n"


def test_a_line_is_shown_once_it_is_whole_and_the_rest_at_the_end():
    filtered = unseen()
    assert filtered(b"go: a") == b""
    assert filtered(b" b\ngo: c") == b"go: a b\n"
    assert filtered(b"") == b"go: c"
    assert filtered(b"") == b""


def test_a_rest_that_was_seen_is_not_shown():
    assert shown(unseen("exit status 1"), b"exit status 1") == b""
    assert shown(unseen("exit status 1"), b"exit status 1\n") == b""


ERRORS = b"a.go:8:9: too many\n\thave (int)\n\twant ()\na.go:9:9: too many\n\thave (int)\n\twant ()\n"


def test_what_an_attempt_repeats_itself_is_shown_each_time():
    filtered = unseen("go: a: 503 Service Unavailable\n")
    assert shown(filtered, ERRORS) == ERRORS
    assert shown(filtered, ERRORS) == b""


def test_of_a_line_are_shown_as_many_as_no_attempt_before_had():
    filtered = unseen(ERRORS)
    more = ERRORS.replace(b"a.go", b"b.go")
    assert shown(filtered, ERRORS, more) == more
    assert shown(filtered, ERRORS) == b""
    assert shown(filtered, more, ERRORS) == b""


@given(st.lists(st.binary(max_size=40)))
def test_what_nobody_has_seen_goes_through_as_it_is(chunks):
    assert shown(unseen(), *filter(None, chunks)) == b"".join(chunks)


@given(st.binary(max_size=80))
def test_whatever_bytes_a_first_attempt_wrote_are_not_shown_again(data):
    assert shown(unseen(data), *([data] if data else [])) == b""


def test_a_line_of_any_length_is_not_shown_again():
    line = b"x" * 100_000 + b"\n"
    assert shown(unseen(line), line) == b""


def test_what_is_remembered_is_bounded_and_what_is_not_goes_through(monkeypatch):
    monkeypatch.setattr(relay, "MOST_LINES", 2)
    filtered = unseen("a\nb\nc\n")
    assert shown(filtered, b"a\nb\nc\n") == b"c\n"
    assert shown(filtered, b"a\na\nc\nd\n") == b"c\nd\n"
