"""HTTP/2 on one connection: answers one after the other, each of which may end its stream or the connection."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

CHUNK = 65536


def answer_http2(wire: socket.socket, answer: Callable[[str], Any], end: Callable[[socket.socket, str], None]) -> None:
    """Answer all requests on a connection; `answer` gives what to send for a path, `end` ends the whole connection."""
    import h2.config
    import h2.connection
    import h2.events

    connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="latin-1"))
    connection.initiate_connection()
    wire.sendall(connection.data_to_send())
    while data := wire.recv(CHUNK):
        for event in connection.receive_data(data):
            if isinstance(event, h2.events.RequestReceived):
                path = dict(event.headers)[":path"].partition("?")[0]
                if not _send(wire, connection, event.stream_id, answer(path), end):
                    return
        wire.sendall(connection.data_to_send())


def _send(wire: socket.socket, connection: Any, stream: int, answer: Any, end: Callable[..., None]) -> bool:
    """Send one answer; gives whether the connection is still there. Bodies must fit in the client's window (4 MB)."""
    from h2.errors import ErrorCodes

    body = answer.body if not answer.end else answer.body[: len(answer.body) // 2]
    if answer.at != "start" or not answer.end:
        headers = [(name.lower(), value) for name, value in answer.headers]
        length = ("content-length", str(len(answer.body)))
        connection.send_headers(stream, [(":status", str(answer.status)), *headers, length])
        for start in range(0, len(body), connection.max_outbound_frame_size):
            connection.send_data(stream, body[start : start + connection.max_outbound_frame_size])
    match answer.end:
        case "":
            connection.end_stream(stream)
        case "internal-error":
            connection.reset_stream(stream, ErrorCodes.INTERNAL_ERROR)
        case "refused":
            connection.reset_stream(stream, ErrorCodes.REFUSED_STREAM)
        case "goaway":
            connection.close_connection(ErrorCodes.NO_ERROR, last_stream_id=stream)
    wire.sendall(connection.data_to_send())
    if answer.end in ("reset", "eof", "goaway"):
        end(wire, answer.end)
        return False
    return True  # a stream that stalls is never heard of again
