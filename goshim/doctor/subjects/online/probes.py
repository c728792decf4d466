"""What becomes of a request to a module proxy on its way, step by step, and of a large ClientHello.

Every probe here ends within LIMIT_S, whatever the network does: what still waits then, such as a lookup that can't be
ended, is left to a daemon thread.
"""

from __future__ import annotations

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from typing import Any

from goshim.doctor.formats import x509
from goshim.doctor.formats.go_url import Address, parse
from goshim.doctor.subjects.certificates import probes as certificates
from goshim.doctor.subjects.online import tunnel
from goshim.doctor.subjects.online.tunnel import AnswerError, UntriedError
from goshim.facts.host import Host

LIMIT_S = 4.0
_HEAD_LIMIT_BYTES = 64 << 10
_HEADERS = ("date", "age", "content-type", "location", "server")
_IP_MTU, _IPV6_MTU = 14, 24  # linux/in.h, linux/in6.h: of the path, as far as the kernel has learned it
_LARGE_BYTES = 1531  # the ClientHello of go 1.27 with its post-quantum key share (ran); one Ethernet packet has 1460
_SMALL_SEGMENT_BYTES = 1000
_FILLER = "goshim-doctor-fills-a-client-hello-"

Told = dict[str, Any]


def fetch(host: Host, subject: str) -> list[Told]:
    """How each request goes: the steps with their times, where and why it ended, the answer's head, the certificate.

    `subject` is JSON: `targets` of `url` and `via` (the HTTP proxy, or empty), `files` and `directories` of what Go
    trusts, `own` with the fingerprints of those that are no public authority's. `trust` tells what verified the server:
    `public`, `own`, or `none`.
    """
    asked = json.loads(subject)
    sources = asked["files"], asked["directories"]
    own = frozenset(asked["own"])
    trusted = _context(certificates.load(host, *sources))
    public = _context(certificates.load(host, *sources, own)) if own else None

    def work(told: Told, target: Told) -> None:
        _fetch(told, target, trusted)
        if told["kind"] == "certificate":
            told["trust"] = "none"
            _look_at_unverified(told, target)
            return
        told["step"] = "done"
        if told["leaf"] and public:
            told["trust"] = "public" if _is_verified(told, target, public) else "own"
        elif told["leaf"]:
            told["trust"] = "public"

    return _side_by_side(work, asked["targets"])


def hello(_host: Host, subject: str) -> list[Told]:
    """Whether a first byte comes back for a small ClientHello, a large one, and a large one in small packets.

    `subject` is JSON: `url` and `via`. More than one ClientHello is sent, and no handshake is gone through with.
    """
    target = json.loads(subject)
    segments = (("small", 0), ("large", 0), ("large", _SMALL_SEGMENT_BYTES))
    return _side_by_side(_greet, [{**target, "size": size, "segment": segment} for size, segment in segments])


def _side_by_side(work: Callable[[Told, Told], None], targets: list[Told]) -> list[Told]:
    """What `work` tells of each target; of one that takes too long, what it had told by then."""
    began_s = time.monotonic()
    all_told: list[Told] = [
        {"step": "lookup", "kind": "", "error": "", "times_ms": {}, "began_s": began_s, "leaf": None, "trust": ""}
        for _ in targets
    ]
    threads = [
        threading.Thread(target=_guarded, args=(work, *pair), daemon=True)
        for pair in zip(all_told, targets, strict=True)
    ]
    for thread in threads:
        thread.start()
    answers = []
    for thread, told in zip(threads, all_told, strict=True):
        thread.join(max(0, began_s + LIMIT_S - time.monotonic()))
        answer = dict(told, times_ms=dict(told["times_ms"]))
        if thread.is_alive() and not answer["kind"] and answer["step"] != "done":
            answer |= {"kind": "timeout", "error": f"no answer within {LIMIT_S:g} s"}
        answer.pop("began_s")
        answers.append(answer)
    return answers


def _guarded(work: Callable[[Told, Told], None], told: Told, target: Told) -> None:
    try:
        work(told, target)
    except OSError as error:
        if told["step"] != "done":
            told["kind"], told["error"] = _reason(error)
        if isinstance(error, AnswerError):
            told["status"] = error.status
    except ValueError as error:  # an address that no socket takes
        told["kind"], told["error"] = "address", str(error)


def _reason(error: OSError) -> tuple[str, str]:
    """The kind of a fault, as checks tell them apart, and its words."""
    if isinstance(error, (AnswerError, UntriedError)):
        return "refusal" if isinstance(error, AnswerError) else "untried", str(error)
    if isinstance(error, ssl.SSLCertVerificationError):
        return "certificate", error.verify_message
    if isinstance(error, (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError, ssl.SSLZeroReturnError)):
        return "reset", "the connection was ended"
    if isinstance(error, ssl.SSLError):
        return "tls", (error.reason or str(error)).lower().replace("_", " ")
    if isinstance(error, socket.gaierror):
        return "lookup", (error.strerror or str(error)).lower()
    if isinstance(error, ConnectionRefusedError):
        return "refused", "connection refused"
    if isinstance(error, TimeoutError):
        return "timeout", f"no answer within {LIMIT_S:g} s"
    return "network", (error.strerror or str(error)).lower()


def _fetch(told: Told, target: Told, context: ssl.SSLContext) -> None:
    """One request. Raises OSError."""
    address, via = parse(target["url"]), parse(target["via"]) if target["via"] else None
    end_s = told["began_s"] + LIMIT_S
    with _way(told, address, via, end_s) as plain:
        told["mtu"] = _mtu(plain)
        if address.scheme != "https":
            _ask(told, plain, address, via, end_s)
            return
        with _step(told, "tls"):
            try:
                secure = context.wrap_socket(plain, server_hostname=address.host)
            except ssl.SSLCertVerificationError as error:
                told["kind"], told["error"] = _reason(error)
                return
        with secure:
            found = x509.describe(secure.getpeercert(binary_form=True) or b"")
            told["leaf"] = asdict(found) if found else None
            _ask(told, secure, address, None, end_s)


def _look_at_unverified(told: Told, target: Told) -> None:
    """Whose certificate it is that was not trusted, and what the time is there. No password is sent."""
    unverified = _context([])
    unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
    again = {**told, "times_ms": {}}
    bare = parse(target["url"])
    _guarded(lambda told, target: _fetch(told, target, unverified), again, {**target, "url": _without_user(bare)})
    told["leaf"] = again["leaf"]
    told |= {name: again[name] for name in ("headers", "sent_ns", "received_ns") if name in again}


def _is_verified(told: Told, target: Told, context: ssl.SSLContext) -> bool:
    """Whether the server's certificate is good by this context. Raises OSError where the network lets nobody see."""
    again = {**told, "times_ms": {}}
    address, via = parse(target["url"]), parse(target["via"]) if target["via"] else None
    with _way(again, address, via, told["began_s"] + LIMIT_S) as plain:
        try:
            context.wrap_socket(plain, server_hostname=address.host).close()
        except ssl.SSLCertVerificationError:
            return False
    return True


@contextmanager
def _way(told: Told, address: Address, via: Address | None, end_s: float, segment: int = 0) -> Iterator[socket.socket]:
    """A connection over which the server of `address` can be talked to. Raises OSError."""
    first = via or address
    if via and via.scheme == "https":
        raise UntriedError("a proxy that is spoken to by https is not tried by doctor")
    with _step(told, "lookup"):
        places = socket.getaddrinfo(first.host, first.port, type=socket.SOCK_STREAM)
    with _step(told, "connect"):
        connection = _connected(places, end_s, segment)
    with connection:
        told["address"] = connection.getpeername()[0]
        if via and (address.scheme == "https" or via.scheme.startswith("socks5")):
            with _step(told, "tunnel"):
                tunnel.dig(connection, via, address, end_s)
        connection.settimeout(_left_s(end_s))
        yield connection


def _connected(places: list[Any], end_s: float, segment: int) -> socket.socket:
    """A connection to the first of these addresses that takes it; each but the last gets a share of the time."""
    for number, (family, kind, protocol, _, place) in enumerate(places, 1):
        connection = socket.socket(family, kind, protocol)
        try:
            if segment:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, segment)
            connection.settimeout(_left_s(end_s) / (1 if number == len(places) else 3))
            connection.connect(place)
        except OSError:
            connection.close()
            if number == len(places):
                raise
        else:
            return connection
    raise OSError("no address")


def _ask(told: Told, connection: socket.socket, address: Address, via: Address | None, end_s: float) -> None:
    """Ask for the address, and note the head of the answer."""
    place = address.path or "/"
    host = tunnel.place(address)
    head = [f"GET {f'http://{host}{place}' if via else place} HTTP/1.1", f"Host: {host}"]
    head += tunnel.credentials("Authorization", address) + (
        tunnel.credentials("Proxy-Authorization", via) if via else []
    )
    head += ["User-Agent: goshim-doctor", "Accept: */*", "Cache-Control: no-cache", "Connection: close", "", ""]
    with _step(told, "first byte"):
        connection.settimeout(_left_s(end_s))
        told["sent_ns"] = time.time_ns()
        connection.sendall("\r\n".join(head).encode("latin-1", "replace"))
        answer = connection.recv(4096)
        told["received_ns"] = time.time_ns()
    while b"\r\n\r\n" not in answer and len(answer) < _HEAD_LIMIT_BYTES and (more := connection.recv(4096)):
        answer += more
    if not answer:
        raise ConnectionResetError
    told["status"], headers = tunnel.head(answer)
    told["headers"] = {name: headers[name] for name in _HEADERS if name in headers}
    if told["status"] == tunnel.PROXY_WANTS_PASSWORD:
        raise AnswerError(told["status"], headers)


def _greet(told: Told, target: Told) -> None:
    """Send a ClientHello, and wait for the first byte that comes back. Raises OSError."""
    address, via = parse(target["url"]), parse(target["via"]) if target["via"] else None
    end_s = told["began_s"] + LIMIT_S
    told |= {"size": target["size"], "segment": target["segment"]}
    with _way(told, address, via, end_s, target["segment"]) as connection:
        told["mtu"] = _mtu(connection)
        greeting = client_hello(address.host, large=target["size"] == "large")
        told["bytes"] = len(greeting)
        with _step(told, "tls"):
            connection.sendall(greeting)
            if not connection.recv(1):
                raise ConnectionResetError


def client_hello(name: str, *, large: bool) -> bytes:
    """The bytes of a ClientHello of OpenSSL's: a large one has as many as Go's with a post-quantum key share."""
    context = _context([])
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if not large:
        context.set_ecdh_curve("prime256v1")  # an OpenSSL of 3.5 or later would offer a post-quantum key as well
    protocols = ["http/1.1"]
    while True:
        context.set_alpn_protocols(protocols)
        greeting = _hello(context, name)
        if not large or len(greeting) >= _LARGE_BYTES:
            return greeting
        protocols.append(f"{_FILLER}{len(protocols):0>100}")


def _hello(context: ssl.SSLContext, name: str) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    try:
        context.wrap_bio(incoming, outgoing, server_hostname=name).do_handshake()
    except ssl.SSLWantReadError:
        return outgoing.read()
    raise OSError("TLS needs no answer")


def _context(authorities: list[bytes]) -> ssl.SSLContext:
    """As Go verifies: by these alone, each of which ends a chain; TLS 1.2 or later; names of the host, not the CN."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for der in authorities:
        with suppress(ssl.SSLError):  # Go reads some that OpenSSL does not
            context.load_verify_locations(cadata=der)
    return context


@contextmanager
def _step(told: Told, name: str) -> Iterator[None]:
    """Note that this step is under way, and at its end how long it took."""
    told["step"] = name
    began_s = time.monotonic()
    yield
    told["times_ms"][name] = round((time.monotonic() - began_s) * 1000, 1)


def _left_s(end_s: float) -> float:
    """The seconds that are left. Raises TimeoutError."""
    if (left_s := end_s - time.monotonic()) <= 0:
        raise TimeoutError
    return left_s


def _mtu(connection: socket.socket) -> int:
    try:
        if connection.family == socket.AF_INET6:
            return connection.getsockopt(socket.IPPROTO_IPV6, _IPV6_MTU)
        return connection.getsockopt(socket.IPPROTO_IP, _IP_MTU)
    except OSError:
        return 0


def _without_user(address: Address) -> str:
    return f"{address.scheme}://{tunnel.place(address)}{address.path}"
