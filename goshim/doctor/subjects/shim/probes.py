"""What the goshim that looks says of itself and of where it looks, and what an installed launcher is and costs."""

from __future__ import annotations

import json
import os
import re
import shlex
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

from goshim import __version__
from goshim.base import own_directory
from goshim.base import resources as data
from goshim.base.encoding import to_bytes, to_text
from goshim.base.terminal import printable
from goshim.call import context
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.facts.host import Host, UnreadableError
from goshim.plan import seal

PAIRS = 7
FEWEST_PAIRS = 3
OVERHEAD_LIMIT_S = 0.2
CALL_LIMIT_S = 2.0

_MOST_FILES = 20_000
_SHEBANG = re.compile(r"\A#!\S+")
_SECRET = re.compile(r"^ *local \+x token=.*$", re.MULTILINE)  # bin/go, warm: never part of an answer
_WRITTEN = re.compile(r"^ *local \+x (python=.*)$", re.MULTILINE)  # bin/go, cold


def installation(_host: Host, _subject: str) -> dict[str, Any]:
    """Its version, the Python that runs it, its boot.py, where an embedded go would be."""
    return {
        "version": __version__,
        "python": sys.executable,
        "boot": data.BOOT,
        "embedded": list(data.beside("go/bin/go")),
    }


def project(host: Host, _subject: str) -> str | None:
    """The directory of the project file."""
    found = context.project(host.environment, host.directory)
    return None if found == context.NO_PROJECT else found


def launcher(_host: Host, path: str) -> dict[str, Any]:
    """What an installed launcher calls, as facts/shim.py's Calls has it. Raises UnreadableError."""
    text = _text(path)
    if text is None:
        raise UnreadableError(f"{printable(path)} can't be read")
    bash = text.partition("\n")[0].removeprefix("#!").partition(" ")[0]
    given = {name: value for name, _, value in (word.partition("=") for word in _words(text))}
    python, boot = given.get("python", ""), given.get("boot", "")
    package = os.path.dirname(boot)
    template = _text(f"{package}/_data/bin/go") or _text(f"{os.path.dirname(package)}/bin/go") if boot else None
    command = f"{os.path.dirname(python)}/goshim"
    version = re.search(r'^__version__ = "(.*)"$', _text(f"{package}/__init__.py") or "", re.MULTILINE)
    return {
        "bash": bash,
        "has_bash": _runs(bash),
        "python": python,
        "has_python": _runs(python),
        "boot": boot,
        "has_boot": bool(boot) and os.path.isfile(to_bytes(boot)),
        "is_current": None if template is None else _bare(text) == _bare(template),
        "goshim": command if python and _runs(command) else "",
        "version": version[1] if version else "",
        "can_seal": seal.can_seal(path),
    }


def _words(text: str) -> list[str]:
    found = _WRITTEN.search(text)
    try:
        return shlex.split(found[1], comments=True) if found else []
    except ValueError:
        return []


def _bare(text: str) -> str:
    """A launcher without what differs from machine to machine."""
    return _SECRET.sub("", _WRITTEN.sub("", _SHEBANG.sub("", text, count=1), count=1), count=1)


def _text(path: str) -> str | None:
    """A small file, read past the host: its text is not worth a place in a record."""
    try:
        data = Host({}, "/").read(path)
    except UnreadableError:
        return None
    return None if data is None else to_text(data)


def _runs(path: str) -> bool:
    return os.path.isfile(to_bytes(path)) and os.access(to_bytes(path), os.X_OK)


def store(host: Host, directory: str) -> dict[str, Any]:
    """The directory of plans as it is, as facts/shim.py's Kept has it; nothing is made."""
    path = to_bytes(directory)
    found: dict[str, Any] = {
        "kind": "",
        "mode": 0,
        "owner": -1,
        "user": os.geteuid(),
        "plans": 0,
        "size_bytes": 0,
        "above": "",
        "fault": own_directory.fault(directory, host.environment.get("HOME", "")),
    }
    try:
        status = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        while not os.path.isdir(path) and path != b"/":
            path = os.path.dirname(path)
        return {**found, "above": to_text(path), "is_writable": os.access(path, os.W_OK | os.X_OK)}
    except OSError as error:
        raise UnreadableError(f"{printable(directory)}: {(error.strerror or 'unreadable').lower()}") from None
    letters = {stat.S_IFDIR: "d", stat.S_IFLNK: "l"}
    found["kind"] = letters.get(stat.S_IFMT(status.st_mode), "-")
    found |= {"mode": stat.S_IMODE(status.st_mode), "owner": status.st_uid}
    found["is_writable"] = os.access(path, os.W_OK | os.X_OK)
    if found["kind"] == "d":
        sizes = list(_plan_sizes(directory))
        found |= {"plans": len(sizes), "size_bytes": sum(sizes)}
    return found


def _plan_sizes(directory: str) -> Iterator[int]:
    """The sizes of the first _MOST_FILES of the plans."""
    seen = 0
    for above, _, names in os.walk(to_bytes(directory)):
        if not os.path.relpath(above, to_bytes(directory)).startswith(b"plans"):
            continue
        for name in names:
            seen += 1
            if seen > _MOST_FILES:
                return
            try:
                yield os.lstat(os.path.join(above, name)).st_size
            except OSError:
                continue  # swept meanwhile


def overhead(host: DoctorHost, subject: str) -> list[list[float]]:
    """What calls of go take, in milliseconds: pairs of one through the launcher and one of the real go.

    `subject` is the paths of the two, in JSON. `go env GOTOOLCHAIN` is asked: no other command is sure not to fetch a
    toolchain first (cmd/go/internal/toolchain/select.go). Raises UnreadableError where it fails.
    """
    paths = json.loads(subject)
    ends_s = time.monotonic() + OVERHEAD_LIMIT_S
    timed: list[list[float]] = []
    while len(timed) <= PAIRS and (len(timed) <= FEWEST_PAIRS or time.monotonic() < ends_s):
        timed.append([_call_ms(host, path) for path in paths])
    return timed[1:]  # the first call from a place may work a plan out, and reads go from the disk


def _call_ms(host: DoctorHost, go: str) -> float:
    began_s = time.perf_counter()
    try:
        with host.started([go, "env", "GOTOOLCHAIN"], directory=host.directory) as process:
            code = process.wait(CALL_LIMIT_S)
    except subprocess.TimeoutExpired:
        raise UnreadableError(f"{printable(go)} env gives no answer within {CALL_LIMIT_S:g} s") from None
    except OSError as error:
        raise UnreadableError(f"{printable(go)}: {(error.strerror or 'does not start').lower()}") from None
    if code:
        raise UnreadableError(f"{printable(go)} env fails here with exit code {code}")
    return (time.perf_counter() - began_s) * 1e3
