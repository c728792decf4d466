"""Inputs that nobody would write: seeds that are cut, joined, repeated, and strewn with what parsers stumble over."""

from __future__ import annotations

import random

LONGEST_BYTES = 1 << 14
_TROUBLE = (
    *(bytes([byte]) for byte in range(128) if not chr(byte).isalnum()),
    *(text.encode() for text in ("\r\n", '"""', "'''", "=>", "//", "/*", "*/", "..", "$'", "${", "<<EOF\n", "://")),
    *(text.encode() for text in ("u:p@", "%40", "\u202e", "\x85", "\x1b[31m", "9" * 30, "a." * 30)),
    b"\xff", b"\xed\xa0\x80",
)  # fmt: skip


def mutated(seed: bytes, others: tuple[bytes, ...], chance: random.Random) -> bytes:
    """The seed after one to six changes, at most LONGEST_BYTES long."""
    data = seed
    for _ in range(chance.randint(1, 6)):
        at, to = sorted((chance.randint(0, len(data)), chance.randint(0, len(data))))
        match chance.randrange(7):
            case 0:
                data = data[:at] + chance.choice(_TROUBLE) + data[at:]
            case 1:
                data = data[:at] + data[to:]
            case 2:
                data = data[:to] + data[at:to] * chance.randint(1, 8) + data[to:]
            case 3:
                data = data[:at] + chance.choice(others)[: chance.randint(0, 400)] + data[at:]
            case 4:
                data = data[:at] + bytes([chance.randrange(256)]) + data[at + 1 :]
            case 5:
                data = data[:at] + chance.choice(_TROUBLE) * chance.randint(1, 50) + data[to:]
            case 6:
                data = data[:at] + data[at:to][::-1] + data[to:]
    return data[:LONGEST_BYTES]


def pump(data: bytes, chance: random.Random) -> tuple[bytes, bytes, bytes]:
    """A beginning, a short piece to repeat, and an end: what makes a slow parser slow."""
    at = chance.randint(0, len(data))
    piece = data[at : at + chance.randint(1, 12)] or chance.choice(_TROUBLE)
    if chance.random() < 0.3:
        piece += chance.choice(_TROUBLE)
    return data[:at][-200:], piece, chance.choice((b"", b"\n", b"x", data[at:][:50]))
