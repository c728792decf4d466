"""Which errors of the network pass, which are a handshake's, and which are for good."""

from __future__ import annotations

from tests.tables import for_each
from tests.watch.judged import URL, decided

PEERS = "10.0.0.2:40000->142.250.1.1:443"


@for_each("status", [408, 425, 429, 500, 502, 503, 504, 520, 530])
def test_a_status_that_passes_is_a_fault_of_the_network(status):
    for line in (
        f"go: github.com/a/b@v1.0.0: reading {URL}: {status} Whatever",
        f"fatal: unable to access '{URL}': The requested URL returned error: {status}",
        f"error: RPC failed; HTTP {status} curl 22 The requested URL returned error: {status}",
        f'main.go:3:8: x.org/a: unrecognized import path "x.org/a": reading https://x.org/a?go-get=1: {status} Bad',
    ):
        assert decided(line).sign.kind == "network"


@for_each("status", [400, 401, 403, 404, 407, 410, 451, 511])
def test_any_other_status_is_permanent(status):
    for line in (
        f"go: github.com/a/b@v1.0.0: reading {URL}: {status} Whatever",
        f"error: RPC failed; HTTP {status} curl 22 The requested URL returned error: {status}",
    ):
        if status != 511 or "reading" in line:
            assert decided(line).sign.kind == "permanent"


@for_each(
    "line, kind",
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
        (f'Get "{URL}": Service Temporarily Unavailable', "network"),
        (f'Get "{URL}": Gateway Time-out', "network"),
        (f'Get "{URL}": Too many requests', "network"),
        (f'Get "{URL}": Connect failed', "network"),
        (f'Get "{URL}": Unable to connect', "network"),
        (f'Get "{URL}": Proxy Error', "network"),
        (f'Get "{URL}": Proxy Error ( The specified network name is no longer available. )', "network"),
        (f'Get "{URL}": unknown status code', "network"),
        ("\tfatal: unable to access 'https://x.org/a/': Proxy CONNECT aborted", "network"),
        ("\tfatal: unable to access 'https://x.org/a/': gnutls_handshake() failed: Handshake failed", "permanent"),
        (
            "\tfatal: unable to access 'https://x.org/a/': gnutls_handshake() failed: Error in the pull function.",
            "handshake",
        ),
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
        (f'Get "{URL}": Filtered', "permanent"),
        (f'Get "{URL}": Access violation', "permanent"),
        (f'Get "{URL}": Request blocked by Privoxy', "permanent"),
        (
            f'Get "{URL}": Proxy Error ( The ISA Server denied the specified Uniform Resource Locator (URL). )',
            "permanent",
        ),
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


@for_each(
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
