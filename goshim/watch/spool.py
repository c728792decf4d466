"""Output of an attempt, kept for later: a little in memory, more in a file that has no name."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

MEMORY_BYTES = 1 << 18
_CHUNK_BYTES = 1 << 16
_LONGEST_LINE_BYTES = 1 << 16  # what is judged of a line; none of go's is as long


class Spool:
    """Bytes to append to and to read again. Where no file can be made, what is too much for memory is let go."""

    def __init__(self) -> None:
        """Begin empty."""
        self._memory = bytearray()
        self._file: int | None = None
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append."""
        self.size += len(data)
        if self._file is None and len(self._memory) + len(data) > MEMORY_BYTES:
            self._file = self._spilled()
        if self._file is None:
            self._memory += data
        elif self._file >= 0:
            try:
                _write_all(self._file, data)
            except OSError:  # the disk is full: what there is must do
                return

    def _spilled(self) -> int:
        """A file with what was in memory; -1 where there can't be one."""
        file = -1
        try:
            file = unlinked_file()
            _write_all(file, bytes(self._memory))
        except OSError:
            if file >= 0:
                os.close(file)
            return -1
        self._memory.clear()
        return file

    def chunks(self) -> Iterator[bytes]:
        """What was written, in order."""
        if self._file is None or self._file < 0:
            yield bytes(self._memory)
        else:
            yield from read_again(self._file)

    def lines(self) -> Iterator[str]:
        """Its lines as text, without their ends; of an endless line the beginning."""
        return split(self.chunks())

    def close(self) -> None:
        """Let it go."""
        self._memory.clear()
        if self._file is not None and self._file >= 0:
            os.close(self._file)
        self._file = None


def split(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines as text, without their ends; of an endless one the beginning."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest[:_LONGEST_LINE_BYTES] + chunk).split(b"\n")
        yield from (line[:_LONGEST_LINE_BYTES].decode("utf-8", "replace") for line in whole)
    if rest:
        yield rest[:_LONGEST_LINE_BYTES].decode("utf-8", "replace")


def unlinked_file() -> int:
    """A file open for reading and writing that vanishes with its last descriptor. Raises OSError."""
    for directory in (os.environ.get("TMPDIR", ""), "/tmp", "/var/tmp", "/dev/shm"):  # noqa: S108 - nobody sees it
        if directory.startswith("/"):
            try:
                return os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
            except OSError:
                continue  # a file system that has none, or a directory that is not there
    return os.memfd_create("goshim")


def read_again(file: int) -> Iterator[bytes]:
    """All that a file holds, from its start."""
    at = 0
    while chunk := os.pread(file, _CHUNK_BYTES, at):
        at += len(chunk)
        yield chunk


def _write_all(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
