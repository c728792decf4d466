"""Which lines of what go says are errors: none of a server's, of a trace's or of a test's; and what of them decides."""

from __future__ import annotations

import itertools
import time

from goshim.watch import signs
from tests.tables import for_each
from tests.watch.judged import CACHE, SIGNS, URL, decided, findings


def test_a_permanent_sign_beats_the_others_of_its_line():
    line = f'go: github.com/a/b@v1.0.0: Get "{URL}": unexpected EOF: verifying: checksum mismatch'
    assert decided(line).sign.id == "checksum"


def test_a_checksum_mismatch_is_never_retried_whatever_stands_beside_it():
    text = f"go: open {CACHE}/v1.0.0.lock: permission denied\nverifying github.com/a/b@v1.0.0: checksum mismatch\n"
    assert decided(text * 3).sign.id == "checksum"


def test_of_several_kinds_the_one_hardest_to_heal_decides():
    lines = {
        "network": f'read "{URL}": unexpected EOF',
        "lock": f"open {CACHE}/v1.0.0.lock: permission denied",
        "handshake": f'Get "{URL}": EOF',
        "permanent": "SECURITY ERROR",
    }
    for several in itertools.product(lines, repeat=3):
        kind = decided("\n".join(lines[each] for each in several)).sign.kind
        assert kind == min(several, key=["permanent", "handshake", "lock", "network"].index)
    assert signs.decisive([]) is None


# What a server says may look like anything; the line of its own is cut off after nine lines, as go cuts it.
SAID = "\trename /a /b: permission denied\n\tSECURITY ERROR\n\tconnection reset by peer"


@for_each(
    "response",
    [
        "\tserver response: SECURITY ERROR: rename /a /b: permission denied",
        f"\tserver response:\n{SAID}",
        f"\tserver response:\n{SAID}\n\t[Truncated: too many lines.]",
    ],
)
def test_what_a_server_says_is_not_judged(response):
    status = f"go: github.com/a/b@v1.0.0: reading {URL}: 503 Service Unavailable"
    assert [found.sign.kind for found in findings(f"{status}\n{response}")] == ["network"]
    assert decided(f"{status}\n{response}\nSECURITY ERROR").sign.kind == "permanent"
    chained = f"go: app imports\n\tgithub.com/a/b: {status.removeprefix('go: ')}\n{response}\ngo: app imports\n"
    assert decided(f"{chained}\tgithub.com/c/d: checksum mismatch").sign.kind == "permanent"


def test_after_the_longest_response_indented_lines_count_again():
    text = "\tserver response:\n" + 9 * "\tsaid by the server\n" + "\tfatal: terminal prompts disabled"
    assert decided(text).sign.id == "authentication"


def test_what_git_says_is_indented_and_counts():
    assert list(signs.error_lines(["go: x: exit status 128:\n", "\tfatal: early EOF\n", "\twarning: odd\n"])) == [
        "go: x: exit status 128:",
        "\tfatal: early EOF",
    ]


@for_each(
    "line",
    [
        "go: writing stat cache: rename /a/v1.info1.tmp /a/v1.info: permission denied",
        "go: writing go.mod cache: mkdir /a: no space left on device",
        "go: warning: ignoring go.mod in $GOPATH /x: permission denied",
        "warning: ignoring symlink /x: SECURITY ERROR",
        "go: downloading github.com/a/b v1.0.0",
        "go: extracting github.com/a/b v1.0.0",
        "go: finding module for package github.com/a/b",
        f"# get {URL}: 503 Service Unavailable (0.001s)",
        f"# get {URL}: unexpected EOF",
        "0.042s # cd /x; git fetch -f https://x.org/a",
        "cd /x; git fetch -f https://x.org/a",
        "mkdir -p /x # git3 https://x.org/a",
        "git ls-remote https://x.org/a",
        "WORK=/tmp/go-build1",
        "/usr/local/go/pkg/tool/linux_amd64/compile -o $WORK/b001/_pkg_.a -trimpath x: permission denied",
        "",
    ],
)
def test_warnings_progress_and_traces_are_no_error_lines(line):
    assert list(signs.error_lines([f"{line}\n"])) == []


def test_the_text_of_a_file_that_go_build_x_shows_is_no_error():
    shown = ["cat >/tmp/go-build1/b001/importcfg << 'EOF' # internal", "SECURITY ERROR", "EOF", "SECURITY ERROR"]
    assert list(signs.error_lines(shown)) == ["SECURITY ERROR"]
    assert list(signs.error_lines([shown[0], "no newlineEOF", "SECURITY ERROR"])) == ["SECURITY ERROR"]


def test_an_error_of_a_tool_is_no_trace():
    line = "/usr/local/go/pkg/tool/linux_amd64/link: running gcc failed: No space left on device"
    assert decided(line).sign.id == "disk-full"


def test_line_ends_of_windows_are_none_of_the_line():
    assert list(signs.error_lines(["SECURITY ERROR\r\n"])) == ["SECURITY ERROR"]


def test_output_is_read_as_it_comes():
    endless = (f"./main.go:{number}:1: undefined: x\n" for number in itertools.count())
    assert next(signs.error_lines(endless)) == "./main.go:0:1: undefined: x"
    events = ('{"Action":"build-output","Output":"x\\n"}\n' for _ in itertools.count())
    assert next(signs.json_texts(events)) == "x"


def test_an_overlong_line_keeps_its_beginning_and_its_end():
    (line,) = signs.error_lines([f"go: open /{'x' * 1_000_000}: permission denied\n"])
    assert len(line) == signs.LONGEST_LINE
    assert decided(line).sign.kind == "lock"


def test_errors_of_json_have_the_lines_that_stderr_would_have():
    status = f"github.com/a/b@v1.0.0: reading {URL}: 503 Service Unavailable"
    out = [
        "{",
        '\t"Path": "github.com/a/b",',
        f'\t"Error": "{status}\\n\\tserver response:\\n\\tSECURITY ERROR"',
        "}",
        "{",
        '\t"Path": "github.com/c/d",',
        f'\t"Error": "open {CACHE}/v1.0.0.lock: permission denied",',
        '\t"Info": "/x"',
        "}",
    ]
    texts = list(signs.json_texts(out))
    assert texts[:2] == [status, "\tserver response:"]
    assert [found.sign.kind for found in signs.judge(signs.error_lines(texts), SIGNS)] == ["network", "lock"]


def test_only_what_the_build_says_counts_of_the_events_of_a_test():
    out = [
        '{"ImportPath":"a","Action":"build-output","Output":"# app\\n"}',
        '{"ImportPath":"a","Action":"build-output","Output":"main.go:2:8: x: unexpected EOF\\n"}',
        '{"Action":"output","Package":"app","Output":"SECURITY ERROR\\n"}',
        '{"Action":"build-output","Output":7}',
        '{"Action":"build-output"}',
        "{}",
        "{" * 100_000 + "}" * 100_000,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
        "[1, 2]",
        '\t"Error": "unfinished',
        '\t"Error": "\\q",',
    ]
    assert list(signs.json_texts(out)) == ["# app", "main.go:2:8: x: unexpected EOF"]


HOSTILE = (
    ": open /",
    ": rename /dev/a /dev/b",
    "rename a /b ",
    "x: permission denied ",
    "; x: no space left on device",
    "https://",
    "https://a@",
    "Get https://a: ",
    "lookup a on b: read udp c: ",
    "dial tcp ",
    "x@v1",
    "a/",
    "a.",
    "a@",
    "a?",
    "0",
    "preceding tag (",
    "invalid value ",
    "retry after ",
    "error: unable ",
    "a: git ",
)
BEGINNINGS = ("", "reading https://", 'Get "https://')
ENDS = ("", ": permission denied", " open /x: no space left on device z", ": exit status 1:")


@for_each("unit", HOSTILE)
def test_no_line_takes_long(unit):
    for beginning, end in itertools.product(BEGINNINGS, ENDS):
        line = beginning + (unit * signs.LONGEST_LINE)[: signs.LONGEST_LINE - len(beginning + end)] + end
        started = time.process_time()
        for found in findings(line):
            assert found.subject is not None
        signs.retry_after_s([line], {line})
        assert time.process_time() - started < 0.2
