"""Which certificates are where: counts, names and fingerprints, never the certificates themselves."""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from goshim.base.encoding import to_bytes, to_text
from goshim.doctor.formats import x509
from goshim.facts.host import Host

LIMIT_BYTES = 16 << 20
_MOST_FILES = 300  # below a directory into which people put certificates of their own
_MOST_TOLD = 10  # certificates of one file that are described; a whole bundle is not


def store(host: Host, subject: str) -> list[dict[str, Any]]:
    """What Go loads from files and directories: a row for each, in Go's order, with what is new there.

    `subject` is a JSON list of two lists.
    """
    rows = []
    known: set[str] = set()
    for path, error, found in _sources(host, *json.loads(subject)):
        fresh = dict.fromkeys(name for der in found if (name := x509.fingerprint(der)) not in known)
        known |= fresh.keys()
        rows.append({"path": path, "error": error, "fingerprints": list(fresh)})
    return rows


def file(host: Host, path: str) -> dict[str, Any]:
    """What a file is (as x509.read says), how many certificates it has, and the first of them; or its `error`."""
    try:
        kind, found = x509.read(_bytes(host, path))
    except OSError as error:
        return {"path": path, "kind": "", "count": 0, "certificates": [], "error": _reason(error)}
    told = [asdict(each) for der in found[:_MOST_TOLD] if (each := x509.describe(der))]
    return {"path": path, "kind": kind, "count": len(found), "certificates": told, "error": ""}


def folder(host: Host, path: str) -> list[dict[str, Any]]:
    """The same of each file below a directory, links followed; none where there is no directory."""
    place = _place(host, path)
    return [file(host, path + name.removeprefix(place)) for name in _below(place)]


def load(host: Host, files: list[str], directories: list[str], without: frozenset[str] = frozenset()) -> list[bytes]:
    """The certificates of such files and directories, each once, as DER, but for those of these fingerprints."""
    found = {x509.fingerprint(der): der for _, _, each in _sources(host, files, directories) for der in each}
    return [der for name, der in found.items() if name not in without]


_Seen = set[tuple[int, int]]
_Source = tuple[str, str, list[bytes]]


def _sources(host: Host, files: list[str], directories: list[str]) -> Iterator[_Source]:
    """Each place that is read, with the reason why it can't be, or its certificates.

    Go takes the first file that it can read, and each file of each directory, but for links to a neighbour
    (crypto/x509, root.go, loadOnDiskRoots). What an earlier place has is not read again.
    """
    seen: _Seen = set()
    for path in files:
        yield (source := _source(path, _in_file(host, path, seen)))
        if not source[1]:
            break
    for path in directories:
        yield _source(path, _in_directory(host, path, seen))


def _source(path: str, contents: Iterator[bytes]) -> _Source:
    try:
        return path, "", [der for data in contents for der in x509.in_pem(data)]
    except OSError as error:
        return path, _reason(error), []


def _in_file(host: Host, path: str, seen: _Seen) -> Iterator[bytes]:
    yield _bytes(host, path)
    status = os.stat(to_bytes(_place(host, path)))
    seen.add((status.st_dev, status.st_ino))


def _in_directory(host: Host, path: str, seen: _Seen) -> Iterator[bytes]:
    with os.scandir(to_bytes(_place(host, path))) as entries:
        for entry in entries:
            if entry.is_symlink() and b"/" not in os.readlink(entry.path):
                continue
            with contextlib.suppress(OSError):
                status = entry.stat()
                if (status.st_dev, status.st_ino) not in seen:
                    seen.add((status.st_dev, status.st_ino))
                    yield _bytes(host, f"{path}/{to_text(entry.name)}")


def _below(place: str) -> list[str]:
    found = []
    for directory, _, names in os.walk(to_bytes(place), followlinks=True):
        found += [os.path.join(to_text(directory), to_text(name)) for name in names]
        if len(found) > _MOST_FILES:
            break
    return sorted(found)[:_MOST_FILES]


def _bytes(host: Host, path: str) -> bytes:
    """The bytes of a regular file. Raises OSError."""
    descriptor = os.open(to_bytes(_place(host, path)), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as stream:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise OSError(21, "a directory")
        if not stat.S_ISREG(mode):
            raise OSError(22, "not a regular file")
        data = stream.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise OSError(27, f"over {LIMIT_BYTES} bytes")
    return data


def _place(host: Host, path: str) -> str:
    return host._root + path  # noqa: SLF001 - a probe is the host's own hand


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
