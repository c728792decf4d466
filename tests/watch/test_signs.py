from __future__ import annotations

import itertools
import os
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.watch import signs

SIGNS = signs.load()
SAMPLES = os.path.join(os.path.dirname(__file__), "samples")
CACHE = "/mnt/c/Users/Jo Doe/go/pkg/mod/cache/download/github.com/a/b/@v"


def blocks(name: str) -> list[tuple[str, str]]:
    with open(os.path.join(SAMPLES, name), encoding="utf-8") as file:
        split = [block.partition("\n") for block in file.read().split("\n---\n")]
    return [(source.removeprefix("# source: "), text) for source, _, text in split]


def params(*names: str, but: tuple[str, ...] = ()) -> list[pytest.param]:
    return [
        pytest.param(text, id=f"{name.removesuffix('.txt')}: {source[:60]}")
        for name in names
        for source, text in blocks(name)
        if not source.startswith(but)
    ]


def findings(text: str) -> list[signs.Finding]:
    lines = text.split("\n")
    raw = signs.json_texts(lines) if text.startswith("{") else lines
    return signs.judge(signs.error_lines(raw), SIGNS)


def decided(text: str) -> signs.Finding:
    found = signs.decisive(findings(text))
    assert found is not None, text
    return found


# The texts of these are those of a lock: that the path is not go's to retry, or that nothing can be made there, shows
# on the disk alone. The gate decides that, not the signs.
FOR_THE_GATE = (
    "gohugoio/hugo#12956",
    "captured go1.27.3 as uid 1000",
    "golang/go#32605",
    "rfjakob/gocryptfs#733",
)
# Go goes on after these, and may exit 0.
WARNINGS = ("gravitational/teleport#6354",)
DEAD_PROXY = ("captured go1.27.3 with HTTPS_PROXY pointing to a dead port",)

PERMANENT = params("permanent.txt", "more-permanent.txt", but=FOR_THE_GATE + WARNINGS)


@pytest.mark.parametrize("text", params("lock.txt", "more-lock.txt"))
def test_a_lock_is_told_with_the_file_that_is_held(text):
    found = decided(text)
    assert found.sign.kind == "lock"
    assert found.path


@pytest.mark.parametrize("text", params("network.txt", "more-network.txt", but=DEAD_PROXY))
def test_a_fault_of_the_network_is_told(text):
    assert {found.sign.kind for found in findings(text)} <= {"network", "handshake"}
    assert decided(text)


@pytest.mark.parametrize("text", params("more-network.txt"))
def test_a_fault_inside_a_transfer_is_no_failing_handshake(text):
    assert decided(text).sign.kind == "network"


@pytest.mark.parametrize("text", params("handshake.txt"))
def test_a_failing_handshake_is_told_with_its_host(text):
    found = decided(text)
    assert found.sign.kind == "handshake"
    assert found.host in text


@pytest.mark.parametrize("text", PERMANENT)
def test_an_error_that_no_retry_heals_is_told(text):
    assert decided(text).sign.kind == "permanent"


def test_of_a_dead_proxy_its_address_is_told():
    (text,) = (text for source, text in blocks("network.txt") if source.startswith(DEAD_PROXY))
    found = decided(text)
    assert (found.sign.id, found.sign.kind, found.host) == ("proxy-refused", "permanent", "127.0.0.1:9")


@pytest.mark.parametrize(
    "text", [text for source, text in blocks("permanent.txt") if source.startswith(FOR_THE_GATE)], ids=FOR_THE_GATE
)
def test_where_the_text_is_that_of_a_lock_the_path_is_there_for_the_gate(text):
    found = decided(text)
    assert found.sign.kind == "lock"
    assert os.path.isabs(found.path)


@pytest.mark.parametrize(
    "text", [text for source, text in blocks("permanent.txt") if source.startswith(WARNINGS)], ids=WARNINGS
)
def test_a_warning_is_no_finding(text):
    assert findings(text) == []


OPS = [
    "open",
    "openat",
    "remove",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "chmod",
    "truncate",
    "ftruncate",
    "write",
    "read",
    "close",
    "sync",
    "fsync",
    "stat",
    "lstat",
    "Lock",
    "RLock",
    "Unlock",
    "CreateFile",
    "fdopendir",
    "readdirent",
    "copy_file_range",
]
LOCKED = (
    "permission denied",
    "resource temporarily unavailable",
    "input/output error",
    "device or resource busy",
    "text file busy",
    "directory not empty",
    "Access is denied.",
    "The process cannot access the file because it is being used by another process.",
    "The process cannot access the file because another process has locked a portion of the file.",
    "The directory is not empty.",
    "The requested operation cannot be performed on a file with a user-mapped section open.",
)
PREFIXES = (
    "",
    "go: ",
    "-> ",
    "main.go:6:2: ",
    "go: github.com/a/b@v1.0.0: ",
    "verifying github.com/a/b@v1.0.0: ",
    f"go: unzip {CACHE}/v1.0.0.zip: ",
    "\tgithub.com/a/b: ",
    "go build command-line-arguments: cannot load github.com/a/b: ",
)
PATHS = (
    f"{CACHE}/v1.0.0.lock",
    "/go/pkg/mod/github.com/a/b@v1.0.0/x: y.go",
    "C:\\Users\\Jo Doe\\go\\pkg\\mod\\github.com\\a\\b@v1.0.0",
    "go.sum",
)


@pytest.mark.parametrize("errno", LOCKED)
@pytest.mark.parametrize("op", OPS)
def test_any_operation_on_a_file_that_is_held_is_a_lock(op, errno):
    for prefix, path in itertools.product(PREFIXES, PATHS):
        found = decided(f"{prefix}{op} {path}: {errno}")
        assert (found.sign.kind, found.path) == ("lock", path)


@pytest.mark.parametrize("errno", LOCKED)
@pytest.mark.parametrize("op", ["rename", "link", "symlink"])
def test_of_two_paths_the_target_is_told(op, errno):
    for prefix, path in itertools.product(PREFIXES, PATHS):
        assert decided(f"{prefix}{op} {path}268196250.tmp {path}: {errno}").path == path


@pytest.mark.parametrize(
    ("errno", "id_"),
    [
        ("no space left on device", "disk-full"),
        ("There is not enough space on the disk.", "disk-full"),
        ("disk quota exceeded", "disk-quota"),
        ("read-only file system", "read-only"),
        ("invalid cross-device link", "cross-device"),
        ("file too large", "wrong-file"),
        ("file name too long", "wrong-file"),
        ("is a directory", "wrong-file"),
        ("not a directory", "wrong-file"),
        ("no locks available", "no-file-locking"),
        ("function not implemented", "no-file-locking"),
        ("operation not supported", "no-file-locking"),
        ("Incorrect function.", "no-file-locking"),
        ("operation not permitted", "not-permitted"),
        ("invalid argument", "invalid-argument"),
        (
            (
                "Operation did not complete successfully because the file contains a virus or potentially unwanted "
                "software."
            ),
            "virus",
        ),
    ],
)
def test_a_disk_that_refuses_for_good_is_told_with_the_path(errno, id_):
    for prefix, op, path in itertools.product(PREFIXES, ["open", "rename /x.tmp", "Lock", "write"], PATHS):
        found = decided(f"{prefix}{op} {path}: {errno}")
        assert (found.sign.kind, found.sign.id, found.path) == ("permanent", id_, path)


@pytest.mark.parametrize("name", ["v1.0.0.lock", "v1.0.0.zip12.tmp", "v1.0.0.partial", "v1.0.0.ziphash", "v1.0.0.mod"])
def test_a_file_that_go_was_making_and_that_is_gone_is_a_lock_for_one_retry(name):
    found = decided(f"go: open {CACHE}/{name}: no such file or directory")
    assert (found.sign.kind, found.sign.tries) == ("lock", 1)


@pytest.mark.parametrize("path", ["/src/app/go.mod", "go.mod", "C:\\src\\go.mod", f"{CACHE}/v1.0.0", "/src/x.go"])
def test_any_other_file_that_is_missing_is_no_lock(path):
    assert findings(f"go: open {path}: no such file or directory") == []


def test_a_lost_handle_is_a_lock_only_while_reading_or_writing():
    assert decided(f"go: write {CACHE}/v1.0.0.zip1.tmp: bad file descriptor").sign.kind == "lock"
    assert decided(f"go: read {CACHE}/v1.0.0.zip: bad file descriptor").sign.kind == "lock"
    assert findings(f"go: close {CACHE}/v1.0.0.zip: bad file descriptor") == []


@pytest.mark.parametrize(
    "line",
    [
        "go: write |1: permission denied",
        "write /dev/stdout: input/output error",
        "fork/exec /usr/lib/go/bin/go: permission denied",
        "fork/exec /usr/lib/go/pkg/tool/compile: resource temporarily unavailable",
        "write /dev/stdout: broken pipe",
        "write |1: broken pipe",
        "./main.go:3:5: syntax error: unexpected EOF, expecting }",
        "../../go/pkg/mod/github.com/a/b@v1.0.0/x.go:10:5: syntax error: unexpected EOF",
        "./main.go:3:5: undefined: x",
        "FAIL\tapp [setup failed]",
        "go: error loading module requirements",
        "exit status 1",
        "signal: killed",
    ],
)
def test_what_is_none_of_these_is_unknown(line):
    assert findings(line) == []


@pytest.mark.parametrize(
    "start",
    ["go: could not create module cache: ", "go: failed to create cache directory /go: ", "go: creating work dir: "],
)
@pytest.mark.parametrize("errno", LOCKED)
def test_a_cache_that_cannot_be_made_at_all_is_no_lock(start, errno):
    found = decided(f"{start}mkdir /go/pkg: {errno}")
    assert (found.sign.kind, found.path) == ("permanent", "/go/pkg")


URL = "https://proxy.golang.org/github.com/a/b/@v/v1.0.0.zip"
PEERS = "10.0.0.2:40000->142.250.1.1:443"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 530])
def test_a_status_that_passes_is_a_fault_of_the_network(status):
    for line in (
        f"go: github.com/a/b@v1.0.0: reading {URL}: {status} Whatever",
        f"fatal: unable to access '{URL}': The requested URL returned error: {status}",
        f"error: RPC failed; HTTP {status} curl 22 The requested URL returned error: {status}",
        f'main.go:3:8: x.org/a: unrecognized import path "x.org/a": reading https://x.org/a?go-get=1: {status} Bad',
    ):
        assert decided(line).sign.kind == "network"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 407, 410, 451, 511])
def test_any_other_status_is_permanent(status):
    for line in (
        f"go: github.com/a/b@v1.0.0: reading {URL}: {status} Whatever",
        f"error: RPC failed; HTTP {status} curl 22 The requested URL returned error: {status}",
    ):
        if status != 511 or "reading" in line:
            assert decided(line).sign.kind == "permanent"


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (f'Get "{URL}": EOF', "handshake"),
        (f"Get {URL}: EOF", "handshake"),
        (f'Get "{URL}": net/http: TLS handshake timeout', "handshake"),
        (f'Get "{URL}": read tcp {PEERS}: read: connection reset by peer', "handshake"),
        (f'Get "{URL}": write tcp {PEERS}: write: connection reset by peer', "handshake"),
        (f'Get "{URL}": read tcp {PEERS}: i/o timeout', "handshake"),
        (f'Get "{URL}": read tcp {PEERS}: read: connection timed out', "handshake"),
        ('Get "https://[2a00:1450::1]:8443/x": EOF', "handshake"),
        ('Get "https://user:xxxxx@goproxy.corp/x": EOF', "handshake"),
        ('Get "http://goproxy.corp/x": EOF', "network"),
        (f'Get "http://goproxy.corp/x": read tcp {PEERS}: read: connection reset by peer', "network"),
        (f'Get "{URL}": unexpected EOF', "network"),
        (f'Get "{URL}": http: server closed idle connection', "network"),
        (f'Get "{URL}": dial tcp 142.250.1.1:443: i/o timeout', "network"),
        (f'Get "{URL}": dial tcp 142.250.1.1:443: connect: connection timed out', "network"),
        (f'Get "{URL}": dial tcp 142.250.1.1:443: connect: no route to host', "network"),
        (f'Get "{URL}": dial tcp 142.250.1.1:443: connect: connection refused', "network"),
        (f'Get "{URL}": dial tcp 142.250.1.1:443: connect: host is down', "network"),
        (f'Get "{URL}": write tcp {PEERS}: write: broken pipe', "network"),
        (f'Get "{URL}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)', "network"),
        (f'Get "{URL}": net/http: HTTP/1.x transport connection broken: unexpected EOF', "network"),
        (f'Get "{URL}": proxyconnect tcp: dial tcp 10.1.1.1:3128: i/o timeout', "network"),
        (f'Get "{URL}": proxyconnect tcp: EOF', "network"),
        (f'Get "{URL}": Service Unavailable', "network"),
        (f'Get "{URL}": http2: timeout awaiting response headers', "network"),
        (f'Get "{URL}": http2: client connection force closed via ClientConn.Close', "network"),
        (f'Get "{URL}": connection error: PROTOCOL_ERROR', "network"),
        (f'Get "{URL}": local error: tls: bad record MAC', "network"),
        (f'read "{URL}": EOF', "network"),
        (f'read "{URL}": unexpected EOF', "network"),
        (f'read "{URL}": read tcp {PEERS}: read: connection reset by peer', "network"),
        (f"reading {URL}: stream error: stream ID 3; CANCEL", "network"),
        ("github.com/a/b@v1.0.0: unexpected EOF", "network"),
        (f'Get "{URL}": dial tcp: lookup proxy.golang.org on 8.8.8.8:53: server misbehaving', "network"),
        (f'Get "{URL}": dial tcp: lookup proxy.golang.org: Temporary failure in name resolution', "network"),
        (f'Get "{URL}": dial tcp: lookup proxy.golang.org on 8.8.8.8:53: no such host', "network"),
        ("\tssh: Could not resolve hostname github.com: Temporary failure in name resolution", "network"),
        ("\tkex_exchange_identification: read: Connection reset by peer", "network"),
        ("\tfatal: unable to access 'https://x.org/a/': Recv failure: Connection reset by peer", "network"),
        ("\tfatal: unable to access 'https://x.org/a/': Empty reply from server", "network"),
        (
            (
                "\tfatal: unable to access 'https://x.org/a/': Failed to connect to x.org port 443 after 21 ms: "
                "Couldn't connect to server"
            ),
            "network",
        ),
        (
            (
                "\tfatal: unable to access 'https://x.org/a/': Failed to connect to 127.0.0.1 port 7890 after 0 ms: "
                "Couldn't connect to server"
            ),
            "permanent",
        ),
        (f'Get "{URL}": Forbidden', "permanent"),
        (f'Get "{URL}": proxyconnect tcp: dial tcp [::1]:3128: connect: connection refused', "permanent"),
        (f'Get "{URL}": dial tcp 127.0.0.1:3000: connect: connection refused', "permanent"),
        (
            (
                f'Get "{URL}": dial tcp 127.0.0.1:3000: connectex: No connection could be made because the target '
                "machine actively refused it."
            ),
            "permanent",
        ),
        (
            f'Get "{URL}": socks connect tcp [::1]:1080->x:443: dial tcp [::1]:1080: connect: connection refused',
            "permanent",
        ),
        (f'Get "{URL}": dial tcp 142.250.1.1:443: connect: operation not permitted', "permanent"),
        (f'Get "{URL}": dial tcp: lookup https: no such host', "permanent"),
        (f'Get "{URL}": tls: failed to verify certificate: x509: certificate signed by unknown authority', "permanent"),
        (f'Get "{URL}": x509: certificate is valid for a.org, not b.org', "permanent"),
        (f'Get "{URL}": remote error: tls: protocol version not supported', "permanent"),
        (f'Get "{URL}": net/http: HTTP/1.x transport connection broken: malformed HTTP response "\\x15"', "permanent"),
        (
            (
                "\tfatal: unable to access 'https://x.org/a/': SSL certificate problem: unable to get local issuer "
                "certificate"
            ),
            "permanent",
        ),
        ("\tgit@github.com: Permission denied (publickey).", "permanent"),
        ("\tfatal: Authentication failed for 'https://x.org/a/'", "permanent"),
    ],
)
def test_the_shapes_of_a_network_error(line, kind):
    assert decided(f"go: github.com/a/b@v1.0.0: {line}" if line[0] != "\t" else line).sign.kind == kind


@pytest.mark.parametrize(
    "line",
    [
        f'Get "{URL}": dial tcp: lookup proxy.golang.org: no such host',
        f'Get "{URL}": dial tcp: lookup proxy.golang.org: No address associated with hostname',
        f'Get "{URL}": dial tcp: lookup proxy.golang.org: getaddrinfow: No such host is known.',
        "\tfatal: unable to access 'https://proxy.golang.org/': Could not resolve host: proxy.golang.org",
        "\tssh: Could not resolve hostname proxy.golang.org: Name or service not known",
    ],
)
def test_a_host_of_no_address_is_tried_once_more_after_a_second(line):
    found = decided(line)
    assert (found.sign.kind, found.sign.tries, found.sign.wait_s) == ("network", 1, 1.0)
    assert found.host == "proxy.golang.org"


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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            f"go: rename {CACHE}/v1.0.0.zip268196250.tmp {CACHE}/v1.0.0.zip: permission denied",
            f"go: rename {CACHE}/v1.0.0.zip35.tmp {CACHE}/v1.0.0.zip: permission denied",
        ),
        (
            f"go: open {CACHE}/v1.0.0.zip268196250.tmp: permission denied",
            f"go: rename {CACHE}/v1.0.0.zip35.tmp {CACHE}/v1.0.0.zip: permission denied",
        ),
        (
            "go: unzip /z: open /go/pkg/mod/github.com/a/b@v1.0.0/binding/x.go: permission denied",
            "go: unlinkat /go/pkg/mod/github.com/a/b@v1.0.0/render: directory not empty",
        ),
        (
            "go get x: rename /m/github.com/a/b@v1.0.0.tmp-880674423 /m/github.com/a/b@v1.0.0: permission denied",
            "go get x: mkdir /m/github.com/a/b@v1.0.0.tmp-1: permission denied",
        ),
        (
            f'main.go:3:8: github.com/a/b@v1.0.0: Get "{URL}": read tcp 10.0.0.2:1->1.1.1.1:443: i/o timeout',
            f'go: Get "{URL}": read tcp 10.0.0.2:2->1.1.1.1:443: read: connection reset by peer',
        ),
        (
            "main.go:3:8: github.com/a/b@v1.0.0: stream error: stream ID 5; INTERNAL_ERROR",
            "main.go:4:8: github.com/a/b@v1.0.0: stream error: stream ID 7; INTERNAL_ERROR",
        ),
        (
            "\tread tcp 10.0.0.2:4711->1.1.1.1:443: read: connection reset by peer",
            "\tread tcp 10.0.0.2:4712->1.1.1.1:443: read: connection reset by peer",
        ),
    ],
)
def test_the_subject_stays_when_the_same_fails_again(one, other):
    assert decided(one).subject == decided(other).subject


def test_different_files_are_different_subjects():
    subjects = {
        decided(f"go: open {path}: permission denied").subject
        for path in (f"{CACHE}/v1.0.0.lock", f"{CACHE}/v1.0.1.lock", "/m/a@v1.0.0/x", "/m/a@v1.0.1/x", "/m/b@v1.0.0/x")
    }
    assert len(subjects) == 5


@pytest.mark.parametrize(
    ("line", "subject"),
    [
        (f"open {CACHE}/v1.9.1.zip268196250.tmp: permission denied", f"{CACHE}/v1.9.1.zip"),
        ("open /m/gin@v1.9.1/binding/x.go: permission denied", "/m/gin@v1.9.1"),
        ("open C:\\m\\gin@v1.9.1\\binding\\x.go: Access is denied.", "C:\\m\\gin@v1.9.1"),
        (f'Get "{URL}": EOF', URL),
        (f"Get {URL}: EOF", URL),
        ("lookup x.org on 10.1.1.1:53: no such host", "x.org"),
        ("SECURITY ERROR", "SECURITY ERROR"),
    ],
)
def test_the_subject_is_the_narrowest_thing_the_line_names(line, subject):
    assert decided(line).subject == subject


@pytest.mark.parametrize(
    ("times", "lag_s"),
    [
        ("current time 2026-01-01T00:00:00Z is before 2026-02-01T00:00:00Z", 31 * 86400),
        ("current time 2026-01-01T08:00:00+08:00 is before 2026-01-01T00:00:07Z", 7),
        ("current time 2026-01-01T00:00:00Z is after 2025-01-01T00:00:00Z", None),
        ("current time yesterday is before tomorrow", None),
        ("current time 2026-01-01T00:00:00 is before 2026-02-01T00:00:00Z", None),
        ("", None),
    ],
)
def test_how_far_the_clock_is_behind(times, lag_s):
    line = f'Get "{URL}": x509: certificate has expired or is not yet valid: {times}'
    assert signs.lag_s(line) == lag_s
    if "is before" in times:
        assert decided(line).sign.id == "clock-behind"


@pytest.mark.parametrize(
    ("line", "wait_s"),
    [
        ("\tRetry-After: 7", 7),
        ("\tserver response: rate limited, retry after 7 seconds", 7),
        ("\tserver response: try again in 2 minutes", 120),
        ("\tplease retry in 250ms", 0.25),
        ("\tTry again in 1h", 3600),
        ("\tretry after 3 days", 3600),
        ("\tRetry-After: 999999999", 3600),
        ("\tRetry-After: Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("\tretry after 2026-10-21", None),
        ("\ttry again later", None),
    ],
)
def test_a_server_may_say_how_long_to_wait(line, wait_s):
    assert signs.retry_after_s(["go: x: 429 Too Many Requests", line, "\tRetry-After: 0"]) == (wait_s or 0)
    assert signs.retry_after_s([line]) == wait_s


def test_findings_are_bounded_but_a_permanent_one_is_never_lost():
    many = [f"open {CACHE}/v1.0.{number}.lock: permission denied" for number in range(3000)]
    found = signs.judge([*many, "SECURITY ERROR"], SIGNS)
    assert len(found) == signs.MOST_FINDINGS + 1
    assert found[-1].sign.id == "checksum"
    assert len(signs.judge(["SECURITY ERROR"] * 3000, SIGNS)) == signs.MOST_FINDINGS


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


@pytest.mark.parametrize(
    ("row", "reason"),
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


@pytest.mark.parametrize("text", ["sign = 7", "sign = [7]", "[sign]\nid = 'a'", "[[signs]]\nid = 'a'", "[[sign]", "x"])
def test_a_file_of_another_form_is_an_error_too(text):
    with pytest.raises(ValueError, match=r"."):
        signs.load(text)


HOSTILE = (
    ": open /",
    ": rename /dev/a /dev/b",
    "rename a /b ",
    "x: permission denied ",
    "; x: no space left on device",
    "https://",
    "Get https://a: ",
    "lookup a on b: read udp c: ",
    "dial tcp ",
    "x@v1",
    "a/",
    "a.",
    "0",
    "preceding tag (",
    "invalid value ",
    "retry after ",
    "error: unable ",
)


@pytest.mark.parametrize("unit", HOSTILE)
def test_no_line_takes_long(unit):
    for end in ("", ": permission denied", " open /x: no space left on device z"):
        line = (unit * signs.LONGEST_LINE)[: signs.LONGEST_LINE - len(end)] + end
        started = time.process_time()
        for found in findings(line):
            assert found.subject is not None
        signs.retry_after_s([line])
        assert time.process_time() - started < 1


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
    wait_s = signs.retry_after_s(lines)
    assert wait_s is None or 0 <= wait_s <= signs.LONGEST_RETRY_AFTER_S
    for line in lines:
        assert signs.lag_s(line) is None or signs.lag_s(line) >= 0


@given(st.text(st.characters(exclude_characters="\n\r"), min_size=1, max_size=40), st.sampled_from(LOCKED))
def test_any_path_is_found_again(name, errno):
    path = f"/mnt/c/{name}x"
    found = decided(f"go: open {path}: {errno}")
    assert found.sign.kind == "lock"
    assert found.path == path or re.search(r"(?::|->|[=(\"'\t]) ?\S|: ", name)
