"""How long each name server takes to answer."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from goshim.facts.host import Host

LIMIT_S = 2.5
_AGAIN_S = 1.0  # a packet may be lost: the question is put once more then
_HEAD_BYTES = 12
_TYPE_A_CLASS_IN = b"\x00\x01\x00\x01"
_CODES = {0: "", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


def ask(_host: Host, subject: str) -> list[dict[str, Any]]:
    """What each server says when asked, all at once, for the IPv4 addresses of a name, and after how many milliseconds.

    `subject` is JSON: `servers`, `port`, `name`, `tcp`. `error` is why there was no answer, `code` what RFC 1035 calls
    RCODE where that is not NOERROR.
    """
    asked = json.loads(subject)
    rows: list[dict[str, Any]] = [
        {"server": server, "ms": 0.0, "code": "", "answers": 0, "error": f"no answer within {LIMIT_S:g} s"}
        for server in asked["servers"]
    ]
    threads = [threading.Thread(target=_time, args=(row, asked), daemon=True) for row in rows]
    for thread in threads:
        thread.start()
    end_s = time.monotonic() + LIMIT_S + 0.2
    for thread in threads:
        thread.join(max(0, end_s - time.monotonic()))
    return [dict(row) for row in rows]


def _time(row: dict[str, Any], asked: dict[str, Any]) -> None:
    began_s = time.monotonic()
    try:
        answer = _answer(row["server"], asked["port"], _question(asked["name"]), began_s + LIMIT_S, tcp=asked["tcp"])
    except TimeoutError:
        return
    except (OSError, ValueError) as error:
        row["error"] = (getattr(error, "strerror", None) or str(error)).lower()
        return
    code = answer[3] & 15
    found = {"ms": round((time.monotonic() - began_s) * 1000, 1), "code": _CODES.get(code, f"RCODE {code}")}
    row.update(found, answers=int.from_bytes(answer[6:8], "big"), error="")


def _question(name: str) -> bytes:
    labels = name.rstrip(".").encode("idna").split(b".")
    return (
        os.urandom(2)
        + b"\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"  # recursion desired, one question
        + b"".join(bytes([len(label)]) + label for label in labels)
        + b"\x00"
        + _TYPE_A_CLASS_IN
    )


def _answer(server: str, port: int, question: bytes, end_s: float, *, tcp: bool) -> bytes:
    """The answer's bytes, from its identity on. Raises OSError."""
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    family, _, protocol, _, place = socket.getaddrinfo(server, port, type=kind, flags=socket.AI_NUMERICHOST)[0]
    with socket.socket(family, kind, protocol) as connection:
        connection.settimeout(_left_s(end_s))
        connection.connect(place)  # for UDP too: a refusal is told then, and nobody else can answer
        if tcp:
            return _by_stream(connection, question)
        for wait_s in (_AGAIN_S, LIMIT_S):
            connection.sendall(question)
            again_s = min(end_s, time.monotonic() + wait_s)
            with suppress(TimeoutError):
                while True:
                    connection.settimeout(_left_s(again_s))
                    answer = connection.recv(4096)
                    if answer[:2] == question[:2] and len(answer) >= _HEAD_BYTES:
                        return answer
    raise TimeoutError


def _by_stream(connection: socket.socket, question: bytes) -> bytes:
    connection.sendall(len(question).to_bytes(2, "big") + question)
    answer = b""
    while len(answer) < _HEAD_BYTES + 2:
        if not (more := connection.recv(4096)):
            raise ConnectionResetError("the connection was ended")
        answer += more
    return answer[2:]


def _left_s(end_s: float) -> float:
    if (left_s := end_s - time.monotonic()) <= 0:
        raise TimeoutError
    return left_s
