"""The way through an HTTP or SOCKS proxy, and the heads of HTTP messages."""

from __future__ import annotations

import re
import socket
import time
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import unquote

from goshim.doctor.formats.go_url import Address

PROXY_WANTS_PASSWORD = 407
_OK = 200
_HEAD_LIMIT_BYTES = 64 << 10
_PASSWORD_KINDS = re.compile(r"\b(?:Basic|Digest|NTLM|Negotiate|Kerberos|Bearer)\b", re.IGNORECASE)
_STANDARD_PORTS = {"http": 80, "https": 443}


class AnswerError(OSError):
    """A proxy that refuses, by its answer."""

    def __init__(self, status: int, headers: Mapping[str, str], words: str = "") -> None:
        """The status of HTTP, with the kinds of passwords that are asked for."""
        wanted = ", ".join(_PASSWORD_KINDS.findall(headers.get("proxy-authenticate", "")))
        super().__init__(f"{status} {words}".strip() + (f" (Proxy-Authenticate: {wanted})" if wanted else ""))
        self.status = status


class UntriedError(OSError):
    """A way that Go knows and doctor does not."""


def dig(connection: socket.socket, via: Address, to: Address, end_s: float) -> None:
    """Have the proxy at the other end of the connection lead it on. Raises OSError; AnswerError if it refuses."""
    if via.scheme.startswith("socks5"):
        _by_socks(connection, via, to)
    else:
        _by_http(connection, via, to, end_s)


def place(address: Address) -> str:
    """The host, with the port where that is not its scheme's own."""
    host = f"[{address.host}]" if ":" in address.host else address.host
    return host if address.port == _STANDARD_PORTS.get(address.scheme) else f"{host}:{address.port}"


def credentials(header: str, address: Address) -> list[str]:
    """The header by which Go sends the user and password of an address; none without."""
    if not address.userinfo:
        return []
    user, _, password = address.userinfo.partition(":")
    return [f"{header}: Basic {b64encode(f'{unquote(user)}:{unquote(password)}'.encode()).decode()}"]


def head(answer: bytes) -> tuple[int, dict[str, str]]:
    """The status and the headers, their names in lower case, of what a server answered. Raises OSError."""
    first, *rest = answer.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    version, _, status = first.partition(" ")
    if not version.startswith("HTTP/") or not status[:3].isdigit():
        raise OSError("what answers does not speak HTTP")
    headers: dict[str, str] = {}
    for name, _, value in (line.partition(":") for line in rest):
        key = name.strip().lower()
        headers[key] = f"{headers[key]}, {value.strip()}" if key in headers else value.strip()
    return int(status[:3]), headers


def _by_http(connection: socket.socket, via: Address, to: Address, end_s: float) -> None:
    host = f"[{to.host}]:{to.port}" if ":" in to.host else f"{to.host}:{to.port}"
    words = [f"CONNECT {host} HTTP/1.1", f"Host: {host}", "User-Agent: goshim-doctor"]
    connection.settimeout(max(0.01, end_s - time.monotonic()))
    connection.sendall("\r\n".join([*words, *credentials("Proxy-Authorization", via), "", ""]).encode())
    answer = b""
    while b"\r\n\r\n" not in answer and len(answer) < _HEAD_LIMIT_BYTES:
        if not (more := connection.recv(1)):  # what follows the head is the server's
            raise ConnectionResetError
        answer += more
    status, headers = head(answer)
    if status != _OK:
        raise AnswerError(status, headers, answer.partition(b"\r\n")[0].decode("latin-1").partition(" ")[2][4:])


def _by_socks(connection: socket.socket, via: Address, to: Address) -> None:
    """RFC 1928, without a password; the proxy looks the name up, as Go asks it to."""
    if via.userinfo:
        raise UntriedError("a SOCKS proxy with a password is not tried by doctor")
    connection.sendall(b"\x05\x01\x00")
    if _exactly(connection, 2) != b"\x05\x00":
        raise OSError("the SOCKS proxy wants a password, or is none")
    name = to.host.encode("idna")
    connection.sendall(b"\x05\x01\x00\x03" + bytes([len(name)]) + name + to.port.to_bytes(2, "big"))
    _, answer, _, kind = _exactly(connection, 4)
    if answer:
        raise OSError(f"the SOCKS proxy refuses, with code {answer}")
    length = {1: 4, 4: 16}.get(kind) or _exactly(connection, 1)[0]
    _exactly(connection, length + 2)


def _exactly(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        if not (more := connection.recv(count - len(data))):
            raise ConnectionResetError
        data += more
    return data
