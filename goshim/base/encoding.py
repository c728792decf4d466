"""Text as the machine has it: names and values are bytes, and those that are no UTF-8 are kept as surrogates."""

from __future__ import annotations


def to_bytes(text: str) -> bytes:
    """The bytes of a name or value."""
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    """The reverse of `to_bytes`, for any bytes."""
    return data.decode("utf-8", "surrogateescape")
