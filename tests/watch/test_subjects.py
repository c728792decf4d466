"""What a line tells beside its kind: what failed, how far a clock is behind, how long a server wants to wait."""

from __future__ import annotations

from goshim.watch import signs
from tests.tables import for_each
from tests.watch.judged import CACHE, URL, decided, findings


@for_each(
    "one, other",
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
            f'go: github.com/a/b@v1.0.0: Get "{URL}": read tcp 10.0.0.2:2->1.1.1.1:443: read: connection reset by peer',
        ),
        (
            "go: reading https://store.test/b.zip?signature=1&expires=5: 503 Service Unavailable",
            "go: reading https://store.test/b.zip?signature=2&expires=6: 503 Service Unavailable",
        ),
        ("error: 5432 bytes of body are still expected", "error: 17 bytes of body are still expected"),
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


SAID = "\tkex_exchange_identification: read: Connection reset by peer\n\tConnection reset by 10.0.0.1 port 22"


@for_each(
    "line, subject",
    [
        ("go: git.corp/a.git@v1.0.0: git ls-remote -q ssh://git@git.corp/a.git in /m/vcs/ab1", "git.corp/a.git@v1.0.0"),
        ("go: git.corp/a@v1.0.0: invalid version: git fetch -f origin in /m/vcs/ab1", "git.corp/a@v1.0.0"),
        ("go: module git.corp/a: git ls-remote -q origin in /m/vcs/ab1", "git.corp/a"),
        ("main.go:3:8: git.corp/a@v1.0.0: hg pull -f in /m/vcs/ab1", "git.corp/a@v1.0.0"),
        ("go: app imports\n\tgit.corp/a: git ls-remote -q origin in /m/vcs/ab1", "git.corp/a"),
    ],
)
def test_what_git_says_is_about_the_module_that_it_was_run_for(line, subject):
    found = findings(f"{line}: exit status 128:\n{SAID}\nConnection reset by 10.0.0.1 port 22\n")
    assert [each.subject for each in found] == [subject, subject, "Connection reset by ... port "]
    assert [each.what for each in found] == [subject, subject, "Connection reset by 10.0.0.1 port 22"]


def test_a_repository_that_git_names_is_the_subject_of_its_line():
    said = "fatal: unable to access 'https://git.corp/b/': Recv failure"
    assert decided(f"go: git.corp/a@v1: git fetch: exit status 128:\n\t{said}").subject == "https://git.corp/b/"


@for_each("address", ["https://git.corp/a", "https://jo:p@ss@git.corp/a?b=c@d", "https://git.corp?a=b@c"])
@for_each("line", ["reading {}: 503 x", 'Get "{}": Bad Gateway', 'Get "{}": EOF', "fatal: {}: early EOF"])
def test_a_host_is_told_without_the_name_and_password_before_it(line, address):
    assert decided(line.format(address)).host == "git.corp"


def test_different_files_are_different_subjects():
    subjects = {
        decided(f"go: open {path}: permission denied").subject
        for path in (f"{CACHE}/v1.0.0.lock", f"{CACHE}/v1.0.1.lock", "/m/a@v1.0.0/x", "/m/a@v1.0.1/x", "/m/b@v1.0.0/x")
    }
    assert len(subjects) == 5


@for_each(
    "line, subject",
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


@for_each(
    "times, lag_s",
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


@for_each(
    "line, wait_s",
    [
        ("\tRetry-After: 7", 7),
        ("\trate limited, retry after 7 seconds", 7),
        ("\ttry again in 2 minutes", 120),
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
    busy, foreign = "go: x: reading https://h/x: 429 Too Many Requests", "go: y: checksum mismatch"
    said = [foreign, "\tserver response:", "\tretry after 3599", busy, "\tserver response:", line]
    assert signs.retry_after_s([*said, "\tRetry-After: 0"], {busy}) == (wait_s or 0)
    assert signs.retry_after_s([*said, "retry after 3599"], {busy}) == wait_s
    assert signs.retry_after_s(said, set()) is None
