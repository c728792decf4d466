"""Which project files are trusted: by a record that `goshim trust` wrote, or by the variable GOSHIM_TRUST.

A record is a file of its own for each project file, so that writers at the same time lose nothing. It names the real
path and the SHA-256 of the bytes; beside it lies the trusted text, to show later what has changed. The text is kept
without what is secret in it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from goshim.base import atomic_file
from goshim.base.encoding import to_bytes, to_text
from goshim.base.redaction import redact
from goshim.base.resources import parse_toml
from goshim.facts import home
from goshim.facts.host import Host, UnreadableError
from goshim.settings.file import dotted

VARIABLE = "GOSHIM_TRUST"
_BELOW = ("/...", "/…")  # an entry that ends so stands for all that lies below
_BELOW_HOME, _NAME = "/.local/state", "/goshim/trust"
_DIRECTORY_MODE = 0o700


class Record(NamedTuple):
    """What was trusted: the real path of the file, the SHA-256 of its bytes, and when (UTC, ISO 8601).

    `values` has a line for each key, which ends in a digest of its value: the text is kept without what looks secret,
    and what looks secret may be a command. So a change of that is known by the digest.
    """

    path: str
    sha256: str
    trusted: str
    values: str = ""

    def digests(self) -> dict[str, str]:
        """The digest of each value, by its key; empty for a record of an older goshim."""
        return dict(line.rpartition(" ")[::2] for line in self.values.splitlines())


class Verdict(NamedTuple):
    """Whether a file is trusted. `record` is the one for its path, whose bytes may have been others."""

    is_trusted: bool
    record: Record | None = None

    @property
    def has_changed(self) -> bool:
        """Whether the file was trusted with other bytes."""
        return self.record is not None and not self.is_trusted


def real_path(host: Host, path: str) -> str:
    """The path by which a file is trusted: its directory resolved, its own name as it is.

    A clone could make the file itself a link to one that is trusted elsewhere.
    """
    directory, _, name = path.rpartition("/")
    return f"{host.real(directory or '/').rstrip('/')}/{name}"


def sha256(data: bytes) -> str:
    """The digest that stands for a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def judge(host: Host, path: str, data: bytes) -> Verdict:
    """Whether the file at `path`, which holds `data`, is trusted now. Asks the machine through the host only."""
    real = real_path(host, path)
    if is_granted(host, real):
        return Verdict(is_trusted=True)
    record = find(host, real)
    return Verdict(is_trusted=record is not None and record.sha256 == sha256(data), record=record)


def invalid_entries(host: Host) -> list[str]:
    """The entries of GOSHIM_TRUST that count for nothing, since they are not absolute."""
    return [entry for entry in _entries(host) if not _is_absolute(entry)]


def locate(host: Host, real: str) -> str:
    """The directory of the records that may speak for the file `real`; empty where there is none to rely on.

    It is below XDG_STATE_HOME or ~/.local/state, belongs to us, is writable for nobody else, and does not come with the
    project: whoever puts a home or a state directory into a checkout has records there that the clone brought.
    """
    directory = location(host)
    if not directory or (privacy := host.privacy(directory)) == "open":
        return ""
    if _is_in_checkout(host, directory.removesuffix(_NAME)):
        return ""
    project = real.rpartition("/")[0]
    place = host.real(directory) if privacy == "private" else host.resolved(directory)
    return "" if f"{place}/".startswith(f"{project}/") else directory


def _is_in_checkout(host: Host, base: str) -> bool:
    """Whether a state directory lies in a checkout, but for one that is the account's own home or holds that."""
    found = home.checkout(host, base.removesuffix(_BELOW_HOME))
    account = host.account_home()
    return bool(found) and not (account and f"{host.real(account)}/".startswith(f"{found.rstrip('/')}/"))


def location(host: Host) -> str:
    """Where records are kept, whether or not there is such a directory; empty without a home."""
    base = host.environment.get("XDG_STATE_HOME", "")
    if not base.startswith("/"):
        own = host.environment.get("HOME", "")
        base = f"{own.rstrip('/')}{_BELOW_HOME}" if own.startswith("/") else ""
    return f"{base.rstrip('/')}{_NAME}" if base else ""


def find(host: Host, real: str) -> Record | None:
    """The record for the file of this real path; None without one, or where it cannot be relied on."""
    directory = locate(host, real)
    if not directory:
        return None
    try:
        record = _parse(host.read(f"{directory}/{_name(real)}.json"))
    except UnreadableError:
        return None
    return record if record and record.path == real else None


def text_of(host: Host, record: Record) -> str | None:
    """The trusted text, without what is secret in it; None where it is not there any more."""
    try:
        data = host.read(f"{location(host)}/{_text_name(record)}")
    except UnreadableError:
        return None
    return None if data is None else to_text(data)


def add(directory: str, real: str, data: bytes) -> Record:
    """Record that these bytes are trusted at this real path. Raises OSError."""
    digest = sha256(data)
    values = "".join(f"{name} {each}\n" for name, each in digests(data, digest).items())
    record = Record(real, digest, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), values)
    os.makedirs(os.path.dirname(directory), mode=_DIRECTORY_MODE, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.mkdir(directory, _DIRECTORY_MODE)
    atomic_file.write(f"{directory}/{_text_name(record)}", to_bytes(redact(to_text(data))))
    atomic_file.write(f"{directory}/{_name(real)}.json", json.dumps(record._asdict()).encode("ascii") + b"\n")
    _forget_texts(directory, record)
    return record


def digests(data: bytes, key: str) -> dict[str, str]:
    """A digest of each value of a file, by its key; `key` keeps them from being compared with those of other files.

    Raises ValueError, RecursionError for a file that is not TOML.
    """
    values = _flat(parse_toml(to_text(data).removeprefix("\ufeff")))
    return {
        name: hashlib.blake2b(repr(value).encode("utf-8", "replace"), key=key[:64].encode(), digest_size=16).hexdigest()
        for name, value in values.items()
    }


def _flat(values: dict[str, Any], above: tuple[str, ...] = ()) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in values.items():
        key = (*above, redact(name))
        found |= _flat(value, key) if isinstance(value, dict) else {" ".join(dotted(key).split()): value}
    return found


def remove(directory: str, real: str) -> bool:
    """Remove the record for a real path. Says whether there was one. Raises OSError."""
    try:
        os.unlink(f"{directory}/{_name(real)}.json")
    except FileNotFoundError:
        return False
    _forget_texts(directory, Record(real, "", ""))
    return True


def records(directory: str) -> Iterator[Record]:
    """All records, by path."""
    found = []
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            with contextlib.suppress(OSError):
                if name.endswith(".json") and (record := _parse(_bytes(f"{directory}/{name}"))):
                    found.append(record)
    yield from sorted(record for record in found if record.path)


def prune(directory: str) -> list[str]:
    """Remove the records of files that have vanished. Gives their paths."""
    gone = [record.path for record in records(directory) if not os.path.lexists(to_bytes(record.path))]
    for path in gone:
        with contextlib.suppress(OSError):
            remove(directory, path)
    return gone


def is_granted(host: Host, real: str) -> bool:
    """Whether GOSHIM_TRUST names the file of this real path, its directory, or a prefix of that."""
    for entry in filter(_is_absolute, _entries(host)):
        suffix = next((each for each in _BELOW if entry.endswith(each)), "")
        named = entry.removesuffix(suffix).rstrip("/")
        if _leads_out_of_a_checkout(host, named):
            continue
        place = host.real(named).rstrip("/") if named and host.exists(named) else named
        if suffix and real.startswith(f"{place}/"):
            return True
        if not suffix and place in (real, real.rpartition("/")[0]):
            return True
    return False


def _leads_out_of_a_checkout(host: Host, path: str) -> bool:
    """Whether a path has a link in it that lies in a checkout: where it leads, a clone says."""
    at = ""
    for name in path.strip("/").split("/"):
        at, above = f"{at}/{name}", at or "/"
        if host.exists(at) and host.real(at) != f"{host.real(above).rstrip('/')}/{name}" and home.checkout(host, above):
            return True
    return False


def _entries(host: Host) -> list[str]:
    return [entry for entry in host.environment.get(VARIABLE, "").split(":") if entry]


def _is_absolute(entry: str) -> bool:
    return entry.startswith("/") and not {".", ".."} & set(entry.split("/")) and entry.rstrip("/") != ""


def _name(real: str) -> str:
    return hashlib.sha256(to_bytes(real)).hexdigest()[:32]


def _text_name(record: Record) -> str:
    return f"{_name(record.path)}-{record.sha256[:16]}.toml"


def _forget_texts(directory: str, current: Record) -> None:
    """Remove the texts that were trusted before the current one."""
    kept = _text_name(current)
    with contextlib.suppress(OSError):
        for name in os.listdir(directory):
            if name.startswith(f"{_name(current.path)}-") and name != kept:
                os.unlink(f"{directory}/{name}")


def _parse(data: bytes | None) -> Record | None:
    try:
        values = json.loads(data or b"")
        record = Record(**values)
    except (ValueError, TypeError, RecursionError):
        return None
    if not all(isinstance(value, str) for value in record) or "\0" in record.path:
        return None
    return record if record.path.startswith("/") else None


def _bytes(path: str) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        return file.read(1 << 16)
