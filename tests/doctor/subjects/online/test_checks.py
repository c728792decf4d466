"""The checks that ask the network: by what was measured, as told, and once by servers on loopback."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from goshim.doctor.engine import record
from goshim.doctor.engine.check import Check
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Look, Options
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.online import checks as online
from tests.doctor.authorities import LOCAL, debian, look_at_certificates, pem
from tests.doctor.described import look_at
from tests.doctor.loopback import OK, answering, closed_port, leading_on, over_tls, serving
from tests.machine import EXT4, HOME, LINUX_RELEASE, FolderMachine, drive

NETWORK = Options(network=True)
ALL = (online.proxy_reachable, online.tls_inspection, online.clock_header)
NOW_S = 1_795_000_000
DAY_S = 86_400

LEAF = {
    "fingerprint": "0123456789abcdef",
    "subject": "CN=proxy.golang.org",
    "issuer": "CN=WR2, O=Google Trust Services",
    "begins_s": NOW_S - 30 * DAY_S,
    "ends_s": NOW_S + 30 * DAY_S,
    "is_authority": False,
}
TIMES_MS = {"lookup": 3.0, "connect": 20.0, "tls": 60.0, "first byte": 45.0}


def answer(**changes: object) -> dict[str, object]:
    """What the probe tells of a module proxy that is well, with changes."""
    told: dict[str, object] = {"step": "done", "kind": "", "error": "", "times_ms": TIMES_MS, "status": 200}
    told |= {"headers": {"date": formatdate(NOW_S, usegmt=True), "content-type": "text/plain"}}
    told |= {"leaf": LEAF, "trust": "public", "sent_ns": NOW_S * 10**9, "received_ns": NOW_S * 10**9 + 45_000_000}
    return told | changes


def fault(step: str, kind: str, error: str = "", **changes: object) -> dict[str, object]:
    told = {"step": step, "kind": kind, "error": error, "times_ms": {}, "leaf": None, "trust": ""}
    return told | changes


def judged(check: Check, machine: FolderMachine, *rows: object, **variables: str) -> Verdict:
    return judge(check, look_at_certificates(machine, variables, options=NETWORK, probes={"network.fetch": list(rows)}))


def commands(verdict: Verdict) -> list[str]:
    return [each.command for each in verdict.remedies]


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_nothing_is_said_without_the_switch(machine, check):
    verdict = judge(check, look_at(machine))
    assert (verdict.status, verdict.summary) == ("skip", "only with --network")


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_direct_and_a_probe_that_fails_are_skipped_with_the_reason(machine, check):
    assert "names no module proxy" in judged(check, machine, GOPROXY="direct").summary
    probes = {"network.fetch": OSError("no sockets here"), "certificates.store": []}
    verdict = judge(check, look_at(machine, options=NETWORK, probes=probes))
    assert (verdict.status, "no sockets here" in verdict.summary) == ("skip", True)


@pytest.mark.parametrize("check", ALL, ids=lambda check: check.id)
def test_a_healthy_machine_is_well(machine, check):
    assert judged(check, machine, answer()).status == "ok"


def test_an_answer_is_told_with_its_time(machine):
    verdict = judged(online.proxy_reachable, machine, answer())
    assert verdict.summary == "proxy.golang.org answers with status 200 after 128 ms"
    assert verdict.evidence == ("lookup 3 ms, connect 20 ms, tls 60 ms, first byte 45 ms",)


def test_a_slow_answer_is_information(machine):
    verdict = judged(online.proxy_reachable, machine, answer(times_ms={"first byte": 3500.0}))
    assert (verdict.status, verdict.summary.endswith("3500 ms, which is slow")) == ("info", True)


VIA = "http://me:secret@p.corp:8080"


@pytest.mark.parametrize(
    ("row", "via", "words", "command"),
    [
        (fault("lookup", "lookup", "unknown"), "", "no name server knows proxy.golang.org", "export HTTPS_PROXY="),
        (
            fault("lookup", "lookup", "unknown"),
            VIA,
            "no name server knows p.corp:8080",
            "unset HTTPS_PROXY https_proxy",
        ),
        (fault("lookup", "timeout", "late"), "", "no name server has told where proxy.golang.org is (late)", None),
        (fault("connect", "refused"), "", "proxy.golang.org refuses the connection", None),
        (fault("connect", "refused"), VIA, "p.corp:8080 refuses the connection", "unset HTTPS_PROXY https_proxy"),
        (fault("connect", "timeout", "late"), "", "does not take the connection (late)", "export HTTPS_PROXY="),
        (fault("tunnel", "timeout", "late"), VIA, "does not lead on (late)", "unset HTTPS_PROXY https_proxy"),
        (
            fault("tunnel", "refusal", "407 Auth (Proxy-Authenticate: NTLM, Basic)", status=407),
            VIA,
            "p.corp:8080 refuses to lead on: 407 Auth (Proxy-Authenticate: NTLM, Basic)",
            "export HTTPS_PROXY=http://USER:PASSWORD@p.corp:8080",
        ),
        (fault("tunnel", "refusal", "407 (Proxy-Authenticate: NTLM)", status=407), VIA, "NTLM", ""),
        (fault("tunnel", "refusal", "403 Forbidden", status=403), VIA, "403 Forbidden", "go env -w GOPROXY="),
        (
            fault("first byte", "refusal", "407 (Proxy-Authenticate: NTLM)", status=407),
            VIA,
            "p.corp:8080 refuses: 407",
            "",
        ),
        (fault("tls", "reset"), "", "mtu tells whether the ClientHello is too large", None),
        (fault("tls", "timeout", "late"), "", "the TLS handshake stalls (late)", None),
        (fault("tls", "tls", "wrong version number"), "", "can't agree on TLS (wrong version number)", None),
        (fault("first byte", "network", "what answers does not speak HTTP"), "", "does not speak HTTP", None),
    ],
)
def test_each_fault_has_its_words_and_what_mends_it(machine, row, via, words, command):
    verdict = judged(online.proxy_reachable, machine, row, HTTPS_PROXY=via)
    assert verdict.status == "fail"
    assert words in verdict.summary
    assert "secret" not in f"{verdict}"
    assert [each[: len(command or "")] for each in commands(verdict)] == ([] if command is None else [command])


def test_a_proxy_that_go_passes_over_or_asks_later_is_no_failure(machine):
    rows = (fault("connect", "refused"), answer())
    verdict = judged(online.proxy_reachable, machine, *rows, GOPROXY="https://a.corp|https://b.corp")
    assert verdict.status == "warn"
    assert any("b.corp answers with status 200" in line for line in verdict.evidence)
    rows = (answer(), fault("connect", "refused"))
    assert judged(online.proxy_reachable, machine, *rows, GOPROXY="https://a.corp,https://b.corp").status == "warn"


@pytest.mark.parametrize(
    ("goproxy", "changes", "status", "words"),
    [
        ("", {"status": 503}, "warn", "answers with status 503"),
        ("", {"status": 429}, "warn", "answers with status 429"),
        ("", {"status": 404}, "ok", "answers with status 404"),
        ("", {"headers": {"content-type": "text/html; charset=utf-8"}}, "fail", "answers with a web page"),
        ("", {"status": 302, "headers": {"location": "http://login.hotel/"}}, "fail", "answers with a web page"),
        ("https://go.corp", {"headers": {"content-type": "text/html"}}, "ok", "status 200"),
        ("https://go.corp", {"status": 302, "headers": {"location": "/ui/"}}, "ok", "status 302"),
        ("https://go.corp", {"status": 401, "headers": {}}, "info", "~/.netrc"),
        ("https://go.corp", {"status": 404, "headers": {}}, "ok", "status 404"),
    ],
)
def test_answers_of_each_status(machine, goproxy, changes, status, words):
    verdict = judged(online.proxy_reachable, machine, answer(**changes), GOPROXY=goproxy)
    assert verdict.status == status
    assert words in verdict.summary


def test_a_way_that_doctor_does_not_know_is_skipped(machine):
    row = fault("lookup", "untried", "a proxy that is spoken to by https is not tried by doctor")
    assert judged(online.proxy_reachable, machine, row).status == "skip"
    assert judged(online.tls_inspection, machine, row).status == "skip"
    assert judged(online.clock_header, machine, row).status == "skip"


def test_a_silent_server_behind_a_connection_is_a_warning(machine):
    assert judged(online.proxy_reachable, machine, fault("first byte", "timeout", "late")).status == "warn"


ZSCALER = LEAF | {"issuer": "CN=Zscaler Intermediate Root CA, O=Zscaler Inc."}
UNKNOWN = "unable to get local issuer certificate"


def untrusted(error: str = UNKNOWN, **changes: object) -> dict[str, object]:
    return answer(step="tls", kind="certificate", error=error, trust="none", **({"leaf": ZSCALER} | changes))


def test_a_public_authority_is_named(machine):
    verdict = judged(online.tls_inspection, machine, answer())
    assert verdict.summary.endswith("by CN=WR2, O=Google Trust Services, a public authority")


def test_an_inspection_that_go_trusts_is_information_for_public_servers_alone(machine):
    debian(machine, "Corp")
    verdict = judged(online.tls_inspection, machine, answer(trust="own", leaf=ZSCALER))
    assert verdict.status == "info"
    assert "TLS is looked into here: proxy.golang.org shows" in verdict.summary
    assert "O=Zscaler Inc." in verdict.summary
    verdict = judged(online.tls_inspection, machine, answer(trust="own"), GOPROXY="https://go.corp")
    assert verdict.status == "ok"


def test_an_inspection_that_go_trusts_by_a_variable_alone_is_told_for_git(machine):
    machine.write("/corp.pem", pem("Corp"))
    debian(machine)
    verdict = judged(online.tls_inspection, machine, answer(trust="own", leaf=ZSCALER), SSL_CERT_FILE="/corp.pem")
    assert (verdict.status, "git does not" in verdict.summary) == ("warn", True)
    assert commands(verdict) == [f"sudo cp /corp.pem {LOCAL}/corp.crt && sudo update-ca-certificates"]


def test_an_unknown_authority_fails_and_is_taken_out_of_windows_store_on_wsl(machine):
    debian(machine).become_wsl("\n".join([EXT4, drive("c")]))
    verdict = judged(online.tls_inspection, machine, untrusted())
    assert verdict.status == "fail"
    assert "it is by CN=Zscaler Intermediate Root CA, O=Zscaler Inc." in verdict.summary
    assert [each.where for each in verdict.remedies] == ["powershell", "sudo"]
    assert "Subject -like '*Zscaler Inc.*'" in commands(verdict)[0]
    assert commands(verdict)[1] == (
        f"sudo openssl x509 -inform DER -in /mnt/c/Users/Public/company-root.cer -out {LOCAL}/company-root.crt"
        " && sudo update-ca-certificates"
    )
    assert not any(word in f"{verdict}" for word in ("GOINSECURE", "GOSUMDB", "sslVerify"))


def test_elsewhere_the_authority_is_asked_for(machine):
    verdict = judged(online.tls_inspection, debian(machine), untrusted())
    assert commands(verdict) == [f"sudo cp company-root.crt {LOCAL}/company-root.crt && sudo update-ca-certificates"]


def test_without_a_store_the_package_comes_first(machine):
    machine.program("/usr/bin/dnf")
    assert commands(judged(online.tls_inspection, machine, untrusted())) == ["sudo dnf install ca-certificates"]


def test_what_shows_no_certificate_that_can_be_read_is_not_trusted_either(machine):
    verdict = judged(online.tls_inspection, debian(machine), untrusted(leaf=None))
    assert "it is by nobody knows whom" in verdict.summary


def test_a_name_in_a_certificate_cannot_leave_its_quotes(machine):
    debian(machine).become_wsl("\n".join([EXT4, drive("c")]))
    evil = LEAF | {"issuer": "O=x'; Remove-Item C:\\ -Recurse; '"}
    assert (
        "'*x''; Remove-Item C:\\ -Recurse; ''*'"
        in commands(judged(online.tls_inspection, machine, untrusted(leaf=evil)))[0]
    )


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("certificate has expired", "or this clock is wrong: clock-header tells"),
        ("certificate is not yet valid", "or this clock is wrong: clock-header tells"),
        ("Hostname mismatch, certificate is not valid for 'x'.", "answers with somebody else's certificate"),
    ],
)
def test_certificates_that_are_wrong_in_another_way_are_told_apart(machine, error, words):
    verdict = judged(online.tls_inspection, machine, untrusted(error))
    assert (verdict.status, words in verdict.summary) == ("fail", True)
    assert verdict.remedies == ()


def test_a_certificate_that_is_not_trusted_is_told_once_as_a_failure(machine):
    verdict = judged(online.proxy_reachable, machine, untrusted())
    assert (verdict.status, "tls-inspection tells" in verdict.summary) == ("info", True)


def at(offset_s: float, **changes: object) -> dict[str, object]:
    """An answer, got while the clock here is ahead by so much."""
    sent_ns = int((NOW_S + offset_s) * 1e9)
    return answer(sent_ns=sent_ns, received_ns=sent_ns + 200_000_000, **changes)


@pytest.mark.parametrize(
    ("offset_s", "status", "words"),
    [
        (0, "ok", "the clock agrees with proxy.golang.org's"),
        (60, "ok", "the clock agrees"),
        (-60, "ok", "the clock agrees"),
        (90, "warn", "the clock is 90 s ahead of proxy.golang.org's, give or take 0.6 s"),
        (-7200, "warn", "the clock is 2 hours behind proxy.golang.org's"),
        (-40 * DAY_S, "fail", "the clock is 40 days behind proxy.golang.org's"),
        (40 * DAY_S, "fail", "the clock is 40 days ahead of"),
    ],
)
def test_the_clock_is_told_with_its_error(machine, offset_s, status, words):
    verdict = judged(online.clock_header, machine, at(offset_s))
    assert verdict.status == status
    assert words in verdict.summary


def test_an_answer_from_a_cache_is_as_old_as_it_says(machine):
    headers = {"date": formatdate(NOW_S - 5000, usegmt=True), "age": "5000"}
    assert judged(online.clock_header, machine, at(0, headers=headers)).status == "ok"


def test_the_clock_is_told_where_a_wrong_one_spoils_tls(machine):
    row = at(-40 * DAY_S, kind="certificate", step="tls", error="certificate is not yet valid", trust="none")
    verdict = judged(online.clock_header, machine, row)
    assert verdict.status == "fail"
    assert "its certificate is not trusted, so what it says of the time may be wrong" in verdict.evidence


@pytest.mark.parametrize("headers", [{}, {"date": "yesterday"}, {"date": formatdate(NOW_S), "age": "old"}])
def test_no_time_is_no_answer(machine, headers):
    verdict = judged(online.clock_header, machine, answer(headers=headers))
    assert (verdict.status, verdict.summary) == ("skip", "no module proxy has told its time")


@pytest.mark.parametrize(
    ("release", "command"),
    [
        (LINUX_RELEASE, "sudo timedatectl set-ntp true"),
        ("6.6.87.2-microsoft-standard-WSL2", "wsl.exe --shutdown"),
        ("4.4.0-19041-Microsoft", "w32tm.exe /resync"),
    ],
)
def test_each_kind_of_machine_gets_its_clock_set_in_its_way(machine, release, command):
    machine.become_wsl(EXT4, release)
    if release == LINUX_RELEASE:
        machine.at("/run/WSL").rmdir()
    assert commands(judged(online.clock_header, machine, at(-300)))[0] == command


def live(machine: FolderMachine, goproxy: str, **variables: str) -> Look:
    """A look whose every answer is the machine's and the network's own."""
    environment = {"HOME": HOME, "PATH": "", "GOPROXY": goproxy, **variables}
    return Look(DoctorHost(environment, HOME, machine.root), NETWORK)


def told_of(check: Check, look: Look) -> tuple[str, str]:
    verdict = judge(check, look)
    return verdict.status, verdict.summary


def test_by_real_servers_a_healthy_way_is_well_and_each_thing_asked_once(machine):
    debian(machine, "Corp")
    requests: list[bytes] = []
    ok = b"HTTP/1.1 200 OK\r\nDate: %s\r\n\r\n" % formatdate(time.time(), usegmt=True).encode()
    with serving(over_tls(answering(ok, requests))) as port:
        look = live(machine, f"https://localhost:{port}/mod")
        found = [told_of(check, look) for check in ALL]
    assert [status for status, _ in found] == ["ok", "ok", "ok"]
    assert len(requests) == 1


def test_by_real_servers_an_inspecting_proxy_is_found(machine):
    debian(machine)
    with serving(over_tls(answering(OK), "Corp", "go.corp.invalid")) as port, serving(leading_on()) as proxy:
        via = f"http://127.0.0.1:{proxy}"
        look = live(machine, f"https://go.corp.invalid:{port}/mod", HTTPS_PROXY=via)
        status, summary = told_of(online.tls_inspection, look)
    assert status == "fail"
    assert "O=Corp" in summary


def test_by_real_servers_a_dead_http_proxy_is_named(machine):
    port = closed_port()
    look = live(debian(machine), "https://go.corp.invalid", HTTPS_PROXY=f"http://127.0.0.1:{port}")
    status, summary = told_of(online.proxy_reachable, look)
    assert status == "fail"
    assert summary.startswith(f"go.corp.invalid can't be reached through 127.0.0.1:{port}, of HTTPS_PROXY: ")
    assert summary.endswith(f"127.0.0.1:{port} refuses the connection: nothing listens there")


def test_a_record_says_the_same_and_holds_no_password(machine):
    with serving(over_tls(answering(OK))) as port, serving(leading_on()) as proxy:
        via = f"http://me:hunter2-secret@127.0.0.1:{proxy}"
        look = live(debian(machine), f"https://u:hunter2-other@go.corp.invalid:{port}/mod", HTTPS_PROXY=via)
        found = [told_of(check, look) for check in ALL]
    kept = record.of(look.host, NETWORK)
    assert "hunter2" not in kept.to_json()
    assert [told_of(check, Look(kept.host(), NETWORK)) for check in ALL] == found
    assert found[1][0] == "fail"  # it is for localhost, and a name is what matters
