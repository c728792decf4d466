from __future__ import annotations

import base64
import contextlib
import datetime as dt
import json
import socket
import time

import pytest

from goshim.doctor.formats import x509
from goshim.doctor.subjects.online import probes as network
from tests.doctor.authorities import der, pem
from tests.doctor.loopback import (
    OK,
    answering,
    closed_port,
    leading_on,
    over_tls,
    reset,
    serving,
    socks,
    until_end,
)
from tests.tables import for_each

DAY = dt.timedelta(days=1)
NOW = dt.datetime.now(dt.timezone.utc)


@pytest.fixture
def trusting(machine):
    """A machine that trusts Public One and Corp, the latter an authority of its own."""
    machine.write("/ca.pem", pem("Public One") + pem("Corp"))
    return machine


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(network, "LIMIT_S", 1.0)


def fetch(machine, *urls, via=""):
    asked = {"files": ["/ca.pem"], "directories": [], "own": [x509.fingerprint(der("Corp"))]}
    asked["targets"] = [{"url": url, "via": via} for url in urls]
    return network.fetch(machine.host(), json.dumps(asked))


def of(port, path="/", scheme="https", user=""):
    return f"{scheme}://{user}localhost:{port}{path}"


def test_an_answer_is_told_step_by_step(trusting):
    requests = []
    with serving(over_tls(answering(requests=requests))) as port:
        [told] = fetch(trusting, of(port, "/golang.org/x/text/@v/list"))
    assert (told["kind"], told["step"], told["status"], told["trust"]) == ("", "done", 200, "public")
    assert list(told["times_ms"]) == ["lookup", "connect", "tls", "first byte"]
    assert told["headers"] == {"date": "Sun, 22 Nov 2026 12:00:00 GMT", "content-type": "text/plain"}
    assert told["leaf"]["issuer"] == "O=Public One"
    assert 0 < told["sent_ns"] < told["received_ns"]
    assert requests[0].startswith(b"GET /golang.org/x/text/@v/list HTTP/1.1\r\nHost: localhost:")


def test_what_only_an_authority_of_ones_own_verifies_is_told(trusting):
    with serving(over_tls(answering(), "Corp")) as port:
        [told] = fetch(trusting, of(port))
    assert (told["kind"], told["status"], told["trust"]) == ("", 200, "own")


@pytest.mark.parametrize(
    ("issuer", "names", "dates", "error"),
    [
        ("Stranger", ("localhost",), {}, "unable to get local issuer certificate"),
        ("Public One", ("example.com",), {}, "Hostname mismatch, certificate is not valid for 'localhost'."),
        ("Public One", ("localhost",), {"not_after": NOW - DAY}, "certificate has expired"),
        ("Public One", ("localhost",), {"not_before": NOW + DAY}, "certificate is not yet valid"),
    ],
)
def test_a_certificate_that_is_not_trusted_is_named_with_its_issuer_and_the_servers_time(
    trusting, issuer, names, dates, error
):
    requests = []
    with serving(over_tls(answering(requests=requests), issuer, *names, **dates)) as port:
        [told] = fetch(trusting, of(port, user="me:secret@"))
    assert (told["kind"], told["step"], told["trust"], told["error"]) == ("certificate", "tls", "none", error)
    assert told["leaf"]["issuer"] == f"O={issuer}"
    assert told["headers"]["date"] == "Sun, 22 Nov 2026 12:00:00 GMT"
    assert b"Authorization" not in b"".join(requests)


def test_user_and_password_of_the_address_go_to_a_trusted_server_alone_as_go_sends_them(trusting):
    requests = []
    with serving(over_tls(answering(requests=requests))) as port:
        fetch(trusting, of(port, user="me:p%40ss@"))
    assert b"\r\nAuthorization: Basic " + base64.b64encode(b"me:p@ss") in requests[0]


@pytest.mark.parametrize(
    ("handle", "step", "kind"),
    [
        (reset, "tls", "reset"),
        (lambda connection: connection.recv(1), "tls", "reset"),
        (lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "tls", "tls"),
        (until_end, "tls", "timeout"),
        (over_tls(until_end), "first byte", "timeout"),
        (over_tls(lambda _: None), "first byte", "reset"),
        (over_tls(answering(b"SSH-2.0-OpenSSH\r\n\r\n")), "first byte", "network"),
    ],
)
def test_each_fault_is_told_by_its_step_and_kind_in_time(trusting, hasty, handle, step, kind):
    began_s = time.monotonic()
    with serving(handle) as port:
        [told] = fetch(trusting, of(port))
        assert time.monotonic() - began_s < 4
    assert (told["step"], told["kind"]) == (step, kind)


def test_nothing_that_listens_is_told(trusting):
    [told] = fetch(trusting, of(closed_port()))
    assert (told["step"], told["kind"], told["error"]) == ("connect", "refused", "connection refused")


def test_a_name_that_no_resolver_takes_is_told(trusting):
    [told] = fetch(trusting, "https://a..b/")
    assert told["kind"] in ("address", "lookup")


def test_a_lookup_that_hangs_is_left_behind_in_time(trusting, hasty, monkeypatch):
    def hang(*_, **__):
        time.sleep(2)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began_s = time.monotonic()
    [told] = fetch(trusting, of(1))
    assert time.monotonic() - began_s < 1.9
    assert (told["step"], told["kind"]) == ("lookup", "timeout")


def test_targets_are_asked_side_by_side(trusting, hasty):
    began_s = time.monotonic()
    with serving(until_end) as silent, serving(answering()) as well:
        first, second, third = fetch(trusting, of(silent), of(well, scheme="http"), of(silent))
        assert time.monotonic() - began_s < 2.5
    assert [first["kind"], second["kind"], third["kind"]] == ["timeout", "", "timeout"]
    assert (second["status"], second["trust"], second["leaf"]) == (200, "", None)


def test_an_http_proxy_leads_on_with_its_password(trusting):
    requests = []
    with serving(over_tls(answering())) as port, serving(leading_on(requests)) as proxy:
        [told] = fetch(trusting, f"https://localhost:{port}/", via=f"http://me:p%3Ass@127.0.0.1:{proxy}")
    assert (told["kind"], told["status"]) == ("", 200)
    assert "tunnel" in told["times_ms"]
    assert requests[0].startswith(f"CONNECT localhost:{port} HTTP/1.1\r\nHost: localhost:{port}\r\n".encode())
    assert b"\r\nProxy-Authorization: Basic " + base64.b64encode(b"me:p:ss") in requests[0]


@pytest.mark.parametrize(
    ("answer", "status", "error"),
    [
        (
            b'HTTP/1.1 407 More\r\nProxy-Authenticate: NTLM TlRMsecret\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n',
            407,
            "407 More (Proxy-Authenticate: NTLM, Basic)",
        ),
        (b"HTTP/1.1 403 Forbidden\r\n\r\n", 403, "403 Forbidden"),
        (b"HTTP/1.0 502 Bad Gateway\r\n\r\n", 502, "502 Bad Gateway"),
    ],
)
def test_an_http_proxy_that_refuses_is_told_by_its_answer(trusting, answer, status, error):
    with serving(leading_on(answer=answer)) as proxy:
        [told] = fetch(trusting, "https://example.invalid/", via=f"http://127.0.0.1:{proxy}")
    assert (told["step"], told["kind"], told["status"], told["error"]) == ("tunnel", "refusal", status, error)


@pytest.mark.parametrize(("handle", "kind"), [(until_end, "timeout"), (reset, "reset"), (lambda _: None, "reset")])
def test_an_http_proxy_that_says_nothing_is_told(trusting, hasty, handle, kind):
    with serving(handle) as proxy:
        [told] = fetch(trusting, "https://example.invalid/", via=f"http://127.0.0.1:{proxy}")
    assert (told["step"], told["kind"]) == ("tunnel", kind)


def test_plain_http_is_asked_of_the_proxy_itself(trusting):
    requests = []
    with serving(answering(requests=requests)) as proxy:
        [told] = fetch(trusting, "http://example.invalid/mod/", via=f"http://u:p@127.0.0.1:{proxy}")
    assert (told["kind"], told["status"]) == ("", 200)
    assert requests[0].startswith(b"GET http://example.invalid/mod/ HTTP/1.1\r\nHost: example.invalid\r\n")
    assert b"\r\nProxy-Authorization: Basic " in requests[0]


def test_a_proxy_that_wants_a_password_for_plain_http_is_told(trusting):
    with serving(answering(b"HTTP/1.1 407 No\r\nProxy-Authenticate: Negotiate\r\n\r\n")) as proxy:
        [told] = fetch(trusting, "http://example.invalid/", via=f"http://127.0.0.1:{proxy}")
    assert (told["kind"], told["status"], told["error"]) == ("refusal", 407, "407 (Proxy-Authenticate: Negotiate)")


def test_a_socks_proxy_leads_on_or_refuses(trusting):
    with serving(over_tls(answering())) as port:
        with serving(socks()) as proxy:
            [told] = fetch(trusting, of(port), via=f"socks5://127.0.0.1:{proxy}")
        assert (told["kind"], told["status"]) == ("", 200)
        with serving(socks(2)) as proxy:
            [told] = fetch(trusting, of(port), via=f"socks5://127.0.0.1:{proxy}")
    assert (told["step"], told["error"]) == ("tunnel", "the socks proxy refuses, with code 2")


@pytest.mark.parametrize("via", ["https://127.0.0.1:{}", "socks5://me:pass@127.0.0.1:{}"])
def test_ways_that_doctor_does_not_know_are_not_called_faults(trusting, via):
    with serving(until_end) as proxy:
        [told] = fetch(trusting, "https://example.invalid/", via=via.format(proxy))
    assert told["kind"] == "untried"


@for_each("large, least, most", [(False, 100, 600), (True, 1531, 1800)])
def test_a_large_client_hello_is_as_large_as_gos_with_a_post_quantum_key(large, least, most):
    greeting = network.client_hello("proxy.golang.org", large=large)
    assert greeting[:1] == b"\x16"
    assert least <= len(greeting) <= most
    assert int.from_bytes(greeting[3:5], "big") + 5 == len(greeting)


def greet(port, via=""):
    told = network.hello(None, json.dumps({"url": of(port), "via": via}))  # type: ignore[arg-type] - it asks no host
    return [each["kind"] for each in told]


def choosy(is_taken, refuse):
    """A way that takes a ClientHello by its size and the size of the packets it may come in."""

    def handle(connection):
        head = connection.recv(5, socket.MSG_PEEK | socket.MSG_WAITALL)
        size, segment = int.from_bytes(head[3:5], "big"), connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG)
        if not is_taken(size, segment):
            return refuse(connection)
        with contextlib.suppress(OSError):
            return over_tls(answering(OK))(connection)

    return handle


@pytest.mark.parametrize(
    ("is_taken", "refuse", "kinds"),
    [
        (lambda _size, _segment: True, reset, ["", "", ""]),
        (lambda size, _segment: size < 1400, reset, ["", "reset", "reset"]),
        (lambda size, _segment: size < 1400, until_end, ["", "timeout", "timeout"]),
        (lambda size, segment: size < 1400 or segment <= 1000, until_end, ["", "timeout", ""]),
        (lambda _size, _segment: False, reset, ["reset", "reset", "reset"]),
    ],
)
def test_what_does_not_take_a_large_client_hello_is_found(hasty, is_taken, refuse, kinds):
    with serving(choosy(is_taken, refuse)) as port:
        assert greet(port) == kinds


def test_the_client_hello_goes_through_the_http_proxy(hasty):
    requests = []
    with serving(choosy(lambda _size, _segment: True, reset)) as port, serving(leading_on(requests)) as proxy:
        assert greet(port, f"http://127.0.0.1:{proxy}") == ["", "", ""]
    assert len(requests) == 3


def test_the_size_of_packets_and_of_what_was_sent_are_told():
    with serving(over_tls(answering())) as port:
        small, large, _ = network.hello(None, json.dumps({"url": of(port), "via": ""}))  # type: ignore[arg-type]
    assert small["mtu"] >= 1280
    assert small["bytes"] < 600
    assert large["bytes"] >= 1531
