"""Servers on loopback with real faults: for TLS and HTTP, as HTTP and SOCKS proxies, for DNS."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

from tests.doctor.authorities import authority

Handle = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 12:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"


@contextlib.contextmanager
def serving(handle: Handle) -> Iterator[int]:
    """A server that hands each connection to `handle`; gives its port."""
    threads: list[threading.Thread] = []

    def work(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            handle(connection)

    def accept(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threads.append(threading.Thread(target=work, args=(connection,), daemon=True))
                threads[-1].start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepting = threading.Thread(target=accept, args=(listener,))
        accepting.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join()
            for thread in threads:
                thread.join()


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def until_end(connection: socket.socket) -> None:
    """Say nothing until the other side has enough."""
    while connection.recv(4096):
        pass


def reset(connection: socket.socket) -> None:
    """Wait for the first bytes, and reset the connection."""
    connection.recv(1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def read_head(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data and (more := connection.recv(1)):
        data += more
    return data


def answering(answer: bytes = OK, requests: list[bytes] | None = None) -> Handle:
    """Speaks HTTP: reads a request, and answers it so."""

    def handle(connection: socket.socket) -> None:
        head = read_head(connection)
        if requests is not None and head:
            requests.append(head)
        connection.sendall(answer)

    return handle


def over_tls(handle: Handle, issuer: str = "Public One", *names: str, **dates: object) -> Handle:
    """The same behind TLS, with a certificate by this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority(issuer).issue_cert(*(names or ("localhost", "127.0.0.1")), **dates).configure_cert(context)

    def work(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secure:
            handle(secure)

    return work


def leading_on(
    requests: list[bytes] | None = None, answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
) -> Handle:
    """An HTTP proxy: leads on to where CONNECT says, on loopback, if its answer is a 200."""

    def handle(connection: socket.socket) -> None:
        head = read_head(connection)
        if requests is not None:
            requests.append(head)
        connection.sendall(answer)
        if b" 200 " in answer.partition(b"\r\n")[0]:
            with socket.create_connection(("127.0.0.1", int(head.split()[1].rpartition(b":")[2]))) as onward:
                _relay(connection, onward)

    return handle


def socks(code: int = 0) -> Handle:
    """A SOCKS proxy without passwords, which leads on to loopback, or refuses with a code."""

    def handle(connection: socket.socket) -> None:
        connection.recv(3)
        connection.sendall(b"\x05\x00")
        asked = connection.recv(300)
        connection.sendall(bytes([5, code, 0, 1, 0, 0, 0, 0, 0, 0]))
        if not code:
            with socket.create_connection(("127.0.0.1", int.from_bytes(asked[-2:], "big"))) as onward:
                _relay(connection, onward)

    return handle


def _relay(one: socket.socket, other: socket.socket) -> None:
    def copy(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=copy, args=(other, one))
    back.start()
    copy(one, other)
    back.join()


@contextlib.contextmanager
def name_server(answer: Callable[[bytes], bytes | None]) -> Iterator[int]:
    """A name server by UDP, which sends what `answer` makes of a question, or nothing; gives its port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(0.05)
        end = threading.Event()

        def work() -> None:
            while not end.is_set():
                with contextlib.suppress(TimeoutError):
                    question, place = server.recvfrom(4096)
                    if told := answer(question):
                        server.sendto(told, place)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            end.set()
            thread.join()


def resolved(question: bytes, code: int = 0) -> bytes:
    """An answer with one address, or with a code."""
    if code:
        return question[:2] + bytes([0x81, 0x80 | code]) + b"\x00\x01\x00\x00\x00\x00\x00\x00" + question[12:]
    record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01"
    return question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question[12:] + record
