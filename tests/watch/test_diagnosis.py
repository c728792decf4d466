from __future__ import annotations

import json

import pytest

from goshim.facts.host import Host
from goshim.watch import diagnosis, signs
from goshim.watch.diagnosis import UNKNOWN, diagnose, is_offline
from goshim.watch.gate import Gate
from tests.machine import EXT4, drive
from tests.watch.made import ZIP, held, make_call, make_ended

RESET = (
    "go: example.com/a@v1.0.0: reading https://proxy.test/example.com/a/@v/v1.0.0.zip:"
    " read tcp 10.0.0.1:50000->10.0.0.2:443: read: connection reset by peer\n"
)
LATE = 'go: example.com/a@v1.0.0: Get "https://proxy.test/a/@v/v1.0.0.mod": dial tcp 10.0.0.2:443: i/o timeout\n'
HANDSHAKE = 'go: Get "https://proxy.test/example.com/a/@v/v1.0.0.zip": net/http: TLS handshake timeout\n'
CHECKSUM = "verifying example.com/b@v1.0.0: checksum mismatch\n"
ROUTES = (
    "Iface\tDestination\tGateway\tFlags\nlo\t0000007F\t00000000\t0001\n",
    "00000000000000000000000000000001 80 00000000000000000000000000000000 00 0 00000000 00000002 0 80200001       lo\n",
)


class Fixture:
    """A cache on a Windows drive, and what attempts of a download into it are judged to be."""

    def __init__(self, folder, monkeypatch) -> None:
        self.folder = folder
        monkeypatch.setattr(Host, "mountinfo", lambda _: f"{EXT4}\n{drive('c', f'{folder}/c')}\n")
        (folder / "c/cache/download").mkdir(parents=True)
        self.zip = f"{folder}/c/{ZIP}"

    def __call__(self, stderr="", *arguments, stdout=None, code=1, extra="", **options):
        environment = {"GOMODCACHE": f"{self.folder}/c", **options.pop("environment", {})}
        call = make_call(*arguments, directory=self.folder, environment=environment, **options)
        return diagnose(make_ended(stderr, code, stdout), call, Gate(call), signs.load(extra))


@pytest.fixture
def judged(tmp_path, monkeypatch):
    routes(tmp_path, monkeypatch, "Iface\neth0\t00000000\t010200C0\t0003\n", ROUTES[1])
    return Fixture(tmp_path, monkeypatch)


def routes(folder, monkeypatch, *texts):
    for number, text in enumerate(texts):
        (folder / f"route{number}").write_text(text)
    monkeypatch.setattr(diagnosis, "_ROUTES", tuple(f"{folder}/route{number}" for number in range(2)))


@pytest.mark.parametrize("text", ["", "exit status 1\n", "main.go:3:1: undefined: x\n", "go: warning: x\n", "\xff\n"])
def test_what_no_sign_fits_is_unknown_and_not_tried_again(judged, text):
    assert judged(text) == UNKNOWN
    assert (UNKNOWN.kind, UNKNOWN.again, UNKNOWN.what) == ("unknown", False, "")


def test_a_held_file_of_the_cache_is_a_lock(judged):
    found = judged(held(judged.zip))
    assert (found.kind, found.again, found.what) == ("lock", True, judged.zip)
    assert found.subjects == {judged.zip}
    assert found.remedy == ""


def test_a_held_file_elsewhere_is_none(judged):
    assert judged(held("/usr/x.zip")) == UNKNOWN
    assert judged(held(judged.zip), locks="never") == UNKNOWN


def test_a_fault_of_the_network_is_one_beside_a_file_that_is_not_gos(judged):
    found = judged(held("/usr/x.zip") + RESET)
    assert (found.kind, found.again) == ("network", True)
    assert len(found.subjects) == 1


def test_all_that_failed_is_told(judged):
    found = judged(RESET + RESET.replace("example.com/a", "example.com/b") + held(judged.zip))
    assert found.kind == "lock"
    assert len(found.subjects) == 3


@pytest.mark.parametrize("permanent", [CHECKSUM, "go: x: no space left on device\n", "go: a@v1: unknown revision v1\n"])
@pytest.mark.parametrize("other", ["lock", "network", "handshake"])
@pytest.mark.parametrize("first", [True, False])
def test_a_permanent_error_beats_all_others(judged, permanent, other, first):
    text = {"lock": held(judged.zip), "network": RESET, "handshake": HANDSHAKE}[other]
    found = judged(permanent + text if first else text + permanent)
    assert (found.kind, found.again) == ("permanent", False)


BUSY = "go: example.com/m{}@v1.0.0: reading https://proxy.test/m{}.zip: 503 Service Unavailable\n"


def busy(first, last):
    return "".join(BUSY.format(number, number) for number in range(first, last))


@pytest.mark.parametrize("permanent", [CHECKSUM, "go: write {zip}: no space left on device\n"])
def test_a_permanent_error_is_found_among_thousands(judged, permanent):
    found = judged(busy(0, 1300) + permanent.replace("{zip}", judged.zip) + busy(1300, 2600))
    assert (found.kind, found.again) == ("permanent", False)
    assert found.remedy


def test_of_thousands_of_errors_the_first_and_the_last_are_judged(judged):
    found = judged(busy(0, 4000))
    assert (found.kind, found.again) == ("network", True)
    assert {"example.com/m0@v1.0.0", "example.com/m3999@v1.0.0"} <= found.subjects
    assert sum(len(finding.line) for finding in found.findings) <= diagnosis.MOST_CHARACTERS
    assert len(judged("unexpected EOF\n" * 4000).findings) <= diagnosis.MOST_CHARACTERS / 128


def test_more_errors_than_can_be_judged_are_not_tried_again(judged, monkeypatch):
    monkeypatch.setattr(diagnosis, "MOST_BETWEEN", 10_000)
    assert judged(busy(0, 2600)).remedy.startswith("go tells of more errors than goshim reads")
    assert not judged(busy(0, 2600)).again
    assert judged(busy(0, 1000) + BUSY * 2600).again
    assert judged(busy(0, 100)).again


def test_a_file_that_is_refused_for_good_beats_all_others(judged):
    full = f"go: write {judged.zip}: no space left on device\n"
    found = judged(RESET + held(judged.zip) + full)
    assert (found.kind, found.again, found.what) == ("permanent", False, judged.zip)
    assert f"no space left for {judged.zip}" in found.remedy


def test_a_permanent_error_has_the_words_of_its_sign(judged):
    found = judged(CHECKSUM)
    assert found.remedy == found.finding.sign.words != ""
    own = (
        '[[sign]]\nid = "mine"\nclass = "permanent"\n'
        'match = "^(?P<path>/[^ ]+) by (?P<host>[^ ]+)"\nwords = "{path} {host}!"\n'
    )
    assert judged(f"{judged.zip} by proxy.test\n", extra=own).remedy == f"{judged.zip} proxy.test!"
    assert judged("/x by proxy.test\n", extra=own).remedy == ""


@pytest.mark.parametrize(("now", "said"), [("2026-01-01", "365 days"), ("2026-12-31", "24 hours"), ("2027-01-02", "")])
def test_a_clock_that_is_behind_is_told_with_how_far(judged, now, said):
    text = (
        'go: Get "https://proxy.test/a": tls: failed to verify certificate: x509: certificate has expired or is not yet'
        f" valid: current time {now}T00:00:00Z is before 2027-01-01T23:00:00Z\n"
    )
    found = judged(text.replace("T23", "T00"))
    assert found.kind == "permanent"
    assert said in found.remedy
    assert ("at least" in found.remedy) is bool(said)


def test_a_handshake_beats_a_lock_and_a_lock_the_network(judged):
    assert judged(RESET + held(judged.zip)).kind == "lock"
    assert judged(RESET + held(judged.zip) + HANDSHAKE).kind == "handshake"


@pytest.mark.parametrize(
    ("line", "seconds"),
    [("", 0.0), ("\tRetry-After: 7\n", 7.0), ("\ttry again in 2 minutes\n", 120.0), ("try again in 2 minutes\n", 0.0)],
)
def test_what_a_server_asks_to_wait_is_kept(judged, line, seconds):
    assert judged(f"{RESET}\tserver response:\n{line}").retry_after_s == seconds


def test_errors_that_are_json_are_judged_where_they_are_kept(judged):
    error = json.dumps({"Path": "example.com/a", "Error": RESET.strip()}, indent="\t").encode() + b"\n"
    assert judged("", "mod", "download", "-json", stdout=error).kind == "network"
    assert judged("", "mod", "download", "-x", stdout=error) == UNKNOWN
    assert judged("", "mod", "download", environment={"GOFLAGS": "-json"}, stdout=error).kind == "network"


@pytest.mark.parametrize("text", [LATE, HANDSHAKE])
def test_a_machine_that_is_offline_is_told_and_not_tried_again(judged, tmp_path, monkeypatch, text):
    routes(tmp_path, monkeypatch, *ROUTES)
    found = judged(text)
    assert not found.again
    assert "offline" in found.remedy


def test_where_an_answer_came_there_is_a_way(judged, tmp_path, monkeypatch):
    routes(tmp_path, monkeypatch, *ROUTES)
    assert judged(RESET).again


def test_a_lock_of_a_machine_that_is_offline_is_tried_again(judged, tmp_path, monkeypatch):
    routes(tmp_path, monkeypatch, *ROUTES)
    assert judged(held(judged.zip)).again


@pytest.mark.parametrize("host", ["localhost:3000", "127.0.0.1:80", "localhost", "[::1]:3000", "[::1]"])
def test_a_server_on_this_machine_is_there_without_a_route(judged, tmp_path, monkeypatch, host):
    routes(tmp_path, monkeypatch, *ROUTES)
    assert judged(RESET.replace("proxy.test", host)).again


@pytest.mark.parametrize(
    ("first", "second", "offline"),
    [
        (*ROUTES, True),
        ("Iface\n", "", True),
        ("", "", True),
        ("Iface\neth0\t00000000\t010200C0\n", "", False),
        ("Iface\n", "0 0 0 0 0 0 0 0 0 eth0\n", False),
    ],
)
def test_a_machine_is_offline_where_no_route_leads_out(tmp_path, monkeypatch, first, second, offline):
    routes(tmp_path, monkeypatch, first, second)
    assert is_offline() is offline


def test_where_routes_cant_be_told_a_machine_is_not_offline(tmp_path, monkeypatch):
    routes(tmp_path, monkeypatch, ROUTES[0])
    assert not is_offline()
