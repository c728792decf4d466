"""What holds of redaction whatever the text is: it comes to an end, in linear time, and says the same as `is_clean`."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goshim.base.redaction import is_clean, redact, redact_parsed, redact_value, secrets_in, shown, spans, views
from tests.base.redaction.kinds import CLEAN
from tests.growth import is_linear
from tests.tables import for_each

NAMES = [
    "", "file", "HTTP_PROXY", "GOPROXY", "GOPRIVATE", "GOAUTH", "GOCACHEPROG", "ProxyServer", "NO_PROXY", "GOFLAGS",
    "A_TOKEN",
]  # fmt: skip
PIECES = [
    "TOKEN", "token", "=", " = ", ": ", '"', "'", '\\"', "`", "\\", " ", "\n", "\r\n", "//", "http://", "https://me:",
    "@", "/", ":", "12345", "hunter2", "***", "&", "?", ";", ",", "|", "HTTP_PROXY", "Authorization", "Basic ", "x",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "ghp_hunter2hunter2", "eyJhunter2hunter2", ".", "-",
    "    ", "REG_SZ", "REG_MULTI_SZ", "\\0", "%2F%2F", "%40", "%3A", "--password ", "login ", "password ", "set ", "_",
    "bearer ", "(", ")", "$(", "$'", "<<", "<<<", "\u2026", "-X ", "-key ", "GOAUTH=", "GOPRIVATE=", "#", "direct", "off",
    "SETUVAR ", "\\x40", "\\x3a", "\\x5c", "\\x2f", "\\u0022", "DEFAULT=", "-u ", "netrc", "git ", "curl", "mysql ",
    "user:password", "key", "$", "\x1b", "\udcff", "é", "h1:", "sha256:", "v1", "**", "a" * 20 + "1",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join)


@given(st.sampled_from(NAMES), TEXTS)
def test_what_was_redacted_is_left_as_it_is(name, text):
    once = redact_value(name, text)
    assert redact_value(name, once) == once
    assert is_clean(name, once)


@given(st.sampled_from(NAMES), TEXTS)
def test_what_is_shown_and_what_may_be_stored_are_decided_by_one_predicate(name, text):
    assert is_clean(name, text) is (redact_value(name, text) == text) is (not spans.find(name, text))
    assert is_clean(name, text) is not bool(secrets_in(name, text))
    assert not any(each in redact_value(name, text) for each in secrets_in(name, text) if len(each) > len(text) / 2)


@given(TEXTS)
def test_lines_are_kept(text):
    shown_text = redact(text)
    assert shown_text == "***" or shown_text.count("\n") == text.count("\n")


@given(TEXTS)
def test_each_part_of_a_reading_leads_back_to_its_source(text):
    for view in (views.unquoted(text), views.percent_decoded(text)):
        if view and view.text:
            ends = [view.source((at, at + 1)) for at in range(len(view.text))]
            assert all(0 <= start < end <= len(text) for start, end in ends)
            assert ends == sorted(ends)
            assert view.source((0, len(view.text))) == (ends[0][0], ends[-1][1])


def test_a_text_reads_as_a_shell_or_json_would_read_it():
    readings = {
        "\"a\"'b'c": '"abc',
        "x='a b' y": "x='a b' y",
        "a\\\n  b": "ab",
        "$'\\x41\\101\\u0041\\U00000041\\u{41}'": "'AAAAA'",
        '{"k":"v","l":"w"}': '{"k":"v","l":"w"}',
        "don't": "dont",
    }
    for text, reading in readings.items():
        view = views.unquoted(text)
        assert (view.text if view else None) == reading


@for_each(
    "value, text",
    [
        (None, "unset"),
        ("", "''"),
        ("/usr/bin", "/usr/bin"),
        ("a b", "a b"),
        (" a", "' a'"),
        ("0\r", r"'0\r'"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ("/\udcff", r"'/\xff'"),
        ("/home/\u5f20\u4e09", "/home/\u5f20\u4e09"),
    ],
)
def test_a_value_is_shown_so_that_a_person_sees_each_character(value, text):
    assert shown("PATH", value) == text


def test_each_value_of_a_table_is_judged_by_its_own_key():
    values = {
        "proxy": {"http": "me:hunter/2@h"},
        "env": {"A_TOKEN": "hunter2", "B": "x"},
        "list": ["ghp_hunter2"],
        "n": 1,
    }
    assert redact_parsed("", values) == {
        "proxy": {"http": "me:***@h"}, "env": {"A_TOKEN": "***", "B": "x"}, "list": ["***"], "n": 1,
    }  # fmt: skip
    assert redact_parsed("", {"ghp_hunter2": {"a": []}}) == {"***": {"a": []}}


def test_usual_values_are_known_to_be_clean_before_anything_is_compiled():
    plain = [(name, value) for name, value in CLEAN if name in ("PATH", "PWD", "GOTOOLCHAIN", "XDG_SESSION_ID")]
    assert len(plain) >= 5
    import goshim.base.redaction

    for name, value in plain[:1] + plain[2:]:
        assert goshim.base.redaction._is_plain(name, value)


HOSTILE = [
    "a", "a.", "//a:b/c", "://a:b ", "token", "token=x ", '"token=x', " ", "=", "&a", "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN", "@", "/", "//", '"', "'", "`", "\\", "    a    REG_SZ    b\n", "    a    REG_MULTI_SZ    b=c\\0",
    "a: b\n", "a: ", "a:", '"a:', "set ", "set -x ", "x-", "authorization:", "authorization ", '\\"', "login a ", "a=",
    "%2F%2Fa%3A", "%40", "token='a'", 'token="""', "token: ", "A_PROXY=", "A_PROXY=a:b@c ", "bearer ", "eyJ", "\\0token=",
    "a//", "://", "SETUVAR --a ", "SETUVAR a:", "a DEFAULT=", "set -set ", "\\x40", "$(", "token=$(", "token=$(a", ")",
    "<<A ", "TOKEN <<A\n", "TOKEN<<<", "ghp_", "ghp_a-", "eyJ-", "s.", "xox", "?a=", "?token=", "#", "?", ",", ",|",
    ",https://", "https://a:b,", "http://a:b@c ", "http://a:1/b@c ", "a:b@", ",a:b@", "password ", "login password ",
    "--key ", "-u a:b ", "mysql -p", "mysql ", "mysql a ", "-X a.key=", "GOAUTH=", "GOAUTH=a ", ";", "netrc;", "git a;",
    "set a_token ", "a\\\n", "$'", "token=\\", "token='\\''", "token='a", "h1:", "a_", "Ab", "aB", "1a", "\u2026", "\n",
    "\r", "***", "@v1", "/@", "@/", "://a:b@", '"http://', '":"', "','", "[", "[[", "<", ">", "x'y\"", "key=", "pat=",
]  # fmt: skip


@for_each("name, end", [("", ""), ("GOPROXY", "/@"), ("HTTPS_PROXY", "/@")])
def test_the_time_is_linear_in_the_length_of_any_text(name, end):
    slow = [
        piece
        for piece in HOSTILE
        if not is_linear(lambda text: spans.redacted(name, text + end), piece, "https://", 8_000)
    ]
    assert slow == []
