"""A module proxy on loopback that misbehaves as it is told to: each answer, or a handshake, can be spoiled.

    with ModuleProxy(modules(5), [Break("reset", "*/m01/*.zip")]) as proxy:
        run("go", "mod", "download", GOPROXY=proxy.url)
    assert proxy.count("*/m01/*.zip") == 2

It is also an HTTP proxy that has the files of any host (HTTP_PROXY); it knows a CONNECT only in order to refuse it.
Every HTTP/1 connection carries one answer, for net/http silently asks again where a connection that it used before ends
without one. Over HTTP/2 (`http2=True`) all answers share connections, and what ends one of these ends all on it.
"""

from __future__ import annotations

import contextlib
import functools
import random
import socket
import ssl
import struct
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus
from pathlib import Path
from typing import Any, NamedTuple, final
from urllib.parse import urlsplit

from tests.end_to_end.generated_modules import Module
from tests.end_to_end.http2_answers import answer_http2

ALWAYS = sys.maxsize
HTML = b"<!doctype html><html><body>Please log in to the network.</body></html>\n"


@dataclass(frozen=True)
class Fault:
    """How an answer is spoiled: it is another one, or the wire ends (`end`) before it or in its middle (`at`).

    Ends: reset, eof, stall; over HTTP/2 also internal-error and refused (of this stream only), and goaway.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None  # None: the true one where the status is 200, else none
    forged: bool = False  # the true file of a module of the same name with other content
    end: str = ""
    at: str = "middle"


PLAIN = (("Content-Type", "text/plain; charset=utf-8"),)
FAULTS = {
    **{str(status): Fault(status) for status in (401, 403, 404, 407, 410, 429, 500, 502, 503, 504)},
    "429 with a header": Fault(429, (("Retry-After", "1"),)),
    "429 in words": Fault(429, (*PLAIN, ("Retry-After", "1")), b"Retry-After: 1\n"),
    "429 for long": Fault(429, (*PLAIN, ("Retry-After", "20")), b"Retry-After: 20\n"),
    "503 in words": Fault(503, PLAIN, b"checksum mismatch\n\nSECURITY ERROR, says the server\n"),
    "404 in words": Fault(404, PLAIN, b"503 Service Unavailable: read: connection reset by peer\n"),
    "html": Fault(200, (("Content-Type", "text/html"),), HTML),
    "forged": Fault(forged=True),
    "reset": Fault(end="reset", at="start"),
    "eof": Fault(end="eof", at="start"),
    "stall": Fault(end="stall", at="start"),
    "reset midway": Fault(end="reset"),
    "truncated": Fault(end="eof"),
    "stall midway": Fault(end="stall"),
    "stream error": Fault(end="internal-error"),
    "stream error at the start": Fault(end="internal-error", at="start"),
    "stream refused": Fault(end="refused"),
    "stream refused at the start": Fault(end="refused", at="start"),
    "goaway": Fault(end="goaway"),
    "goaway at the start": Fault(end="goaway", at="start"),
}
TRANSIENT = ("500", "502", "503", "504", "429", "reset", "eof", "reset midway", "truncated")

# What a middlebox sends in place of a ServerHello; "reset", "eof" and "stall" send nothing.
HANDSHAKES = {"alert": b"\x15\x03\x03\x00\x02\x02\x28", "not tls": b"HTTP/1.1 400 Bad Request\r\n\r\n"}


@dataclass(frozen=True)
class Break:
    """Spoil the answers for the paths that match a pattern: of each path the first `times`, after `after` good ones."""

    fault: str
    pattern: str = "*"
    times: int = 1
    after: int = 0

    def fault_for(self, path: str, nth: int) -> str:
        """The fault for the nth request (from 1) of a path, or empty."""
        meant = fnmatchcase(path, self.pattern) and self.after < nth <= self.after + self.times
        return self.fault if meant else ""


@dataclass(frozen=True)
class Chance:
    """Spoil one answer in so many, each by any of some faults; which ones depends on the seed and on nothing else."""

    one_in: int
    seed: int
    faults: Sequence[str] = TRANSIENT

    def fault_for(self, path: str, nth: int) -> str:
        """The fault for the nth request (from 1) of a path, or empty."""
        dice = random.Random(f"{self.seed} {path} {nth}")
        return dice.choice(self.faults) if dice.randrange(self.one_in) == 0 else ""


class Request(NamedTuple):
    """One request that came: when (seconds of time.monotonic), for what, and how the answer was spoiled."""

    at_s: float
    path: str
    nth: int
    fault: str


class Answer(NamedTuple):
    """What is sent, and where the wire ends while it is."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    end: str
    at: str


@final
class ModuleProxy:
    """The proxy, at work from entry to exit. `handshakes` names what becomes of the first TLS handshakes."""

    def __init__(
        self,
        served: Iterable[Module],
        breaks: Sequence[Break | Chance] = (),
        *,
        tls: bool = False,
        http2: bool = False,
        handshakes: Sequence[str] = (),
    ) -> None:
        served = list(served)
        self.breaks = list(breaks)  # may be changed at any time
        self.handshakes = list(handshakes)
        self.requests: list[Request] = []
        self.connections = 0
        self.tls = tls or http2
        self._protocols = ["h2"] if http2 else ["http/1.1"]
        self._files = {path: data for module in served for path, data in module.served().items()}
        self._forged = {path: data for module in served for path, data in module.forged().served().items()}
        self._seen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._wires: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"{'https' if self.tls else 'http'}://{self.host}"

    def __enter__(self) -> ModuleProxy:
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for wire in list(self._wires):
            with contextlib.suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def count(self, pattern: str = "*") -> int:
        """How many requests came for the paths that match."""
        return sum(fnmatchcase(request.path, pattern) for request in list(self.requests))

    def times_s(self, pattern: str = "*") -> list[float]:
        """When they came."""
        return [request.at_s for request in list(self.requests) if fnmatchcase(request.path, pattern)]

    def forget(self) -> None:
        """Start all counts anew."""
        with self._lock:
            self._seen.clear()
            self.requests.clear()
            self.connections = 0

    @property
    def spoiled(self) -> list[Request]:
        """The requests that got no good answer."""
        return [request for request in list(self.requests) if request.fault]

    def write_authority(self, path: Path) -> Path:
        """Write the certificate that makes clients trust this proxy: for SSL_CERT_FILE."""
        path.write_bytes(_authority().cert_pem.bytes())
        return path

    def _start(self, target: Any, *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                wire, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._wires.add(wire)
                self.connections += 1
            self._start(self._serve, wire)

    def _serve(self, wire: socket.socket) -> None:
        # What the client does to the connection is its business.
        with contextlib.suppress(OSError):
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.tls:
                self._serve_tls(wire)
            else:
                self._serve_http1(wire)
        with self._lock:
            self._wires.discard(wire)
        wire.close()

    def _serve_tls(self, wire: socket.socket) -> None:
        with self._lock:
            handshake = self.handshakes.pop(0) if self.handshakes else ""
        if handshake:
            wire.recv(65536)  # the ClientHello
            wire.sendall(HANDSHAKES.get(handshake, b""))
            self.end(wire, handshake)
            return
        with self._lock:
            context = self._context
        with context.wrap_socket(wire, server_side=True, do_handshake_on_connect=False) as secure:
            with self._lock:
                self._wires.add(secure)
            secure.do_handshake()
            if secure.selected_alpn_protocol() == "h2":
                answer_http2(secure, self.answer, self.end)
            else:
                self._serve_http1(secure)
        with self._lock:
            self._wires.discard(secure)

    def _serve_http1(self, wire: socket.socket) -> None:
        with wire.makefile("rb") as lines:
            method, _, rest = lines.readline().decode("latin-1").partition(" ")
            while lines.readline().strip():
                pass
        if not rest:
            return
        target = rest.split(" ")[0]
        path = f"CONNECT {target}" if method == "CONNECT" else urlsplit(target).path
        answer = self.answer(path)
        phrase = HTTPStatus(answer.status).phrase
        headers = (*answer.headers, ("Content-Length", str(len(answer.body))), ("Connection", "close"))
        head = f"HTTP/1.1 {answer.status} {phrase}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers)
        whole = head.encode() + b"\r\n" + answer.body
        if answer.end:
            wire.sendall(b"" if answer.at == "start" else whole[: len(whole) - len(answer.body) // 2 - 1])
            self.end(wire, answer.end)
        else:
            wire.sendall(whole)

    def answer(self, path: str) -> Answer:
        """What to answer to the next request for a path, which is counted."""
        with self._lock:
            self._seen[path] += 1
            nth = self._seen[path]
            name = next(filter(None, (each.fault_for(path, nth) for each in self.breaks)), "")
            self.requests.append(Request(time.monotonic(), path, nth, name))
        if not name:
            body = self._files.get(path)
            return Answer(404, PLAIN, b"not found\n", "", "") if body is None else Answer(200, (), body, "", "")
        fault = FAULTS[name]
        body = fault.body
        if body is None:
            body = (
                (self._forged if fault.forged else self._files).get(path, b"") if fault.status == HTTPStatus.OK else b""
            )
        return Answer(fault.status, fault.headers, body, fault.end, fault.at)

    def end(self, wire: socket.socket, how: str) -> None:
        """End a connection: by a RST, by a FIN, or never."""
        if how == "stall":
            self._over.wait()
        elif how == "reset":
            time.sleep(0.02)  # else what was sent just now may be lost with the connection
            wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            # What was not read when a connection is closed makes a RST of the FIN.
            wire.shutdown(socket.SHUT_WR)
            wire.settimeout(2)
            while wire.recv(65536):
                pass
        wire.close()

    @functools.cached_property
    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(self._protocols)
        _authority().issue_cert("127.0.0.1", "localhost", "modules.test").configure_cert(context)
        return context


@functools.cache
def _authority() -> Any:
    """A certificate authority of this process's own."""
    import trustme

    return trustme.CA()
