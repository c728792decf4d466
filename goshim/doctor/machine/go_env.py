"""The file of `go env -w`, its lines as they are: go takes each whole, or passes over it without a word.

cmd/go/internal/cfg/cfg.go, readEnvFile: a variable is a line whose first byte is A to Z and that has a `=`; the value
is all bytes after it, to the line feed. No quotes are taken off, no blanks, no carriage return; what is no such line,
and every name that nothing asks for, is ignored. The same in 1.19, 1.21, 1.24 and 1.27 (tried).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from goshim.base.encoding import to_text
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics
from goshim.facts.host import UnreadableError

BOM = "\ufeff"

_KNOWN = """
AR CC CGO_CFLAGS CGO_CFLAGS_ALLOW CGO_CFLAGS_DISALLOW CGO_CPPFLAGS CGO_CPPFLAGS_ALLOW CGO_CPPFLAGS_DISALLOW
CGO_CXXFLAGS CGO_CXXFLAGS_ALLOW CGO_CXXFLAGS_DISALLOW CGO_ENABLED CGO_FFLAGS CGO_FFLAGS_ALLOW CGO_FFLAGS_DISALLOW
CGO_LDFLAGS CGO_LDFLAGS_ALLOW CGO_LDFLAGS_DISALLOW CXX FC GCCGO GO111MODULE GO386 GOAMD64 GOARCH GOARM GOARM64
GOAUTH GOBIN GOCACHE GOCACHEPROG GOEXPERIMENT GOFIPS140 GOFLAGS GOINSECURE GOMIPS GOMIPS64 GOMODCACHE GONOPROXY
GONOSUMDB GOOS GOPATH GOPPC64 GOPRIVATE GOPROXY GORISCV64 GOROOT GOSUMDB GOTMPDIR GOTOOLCHAIN GOVCS GOWASM GOWORK
GO_EXTLINK_ENABLED PKG_CONFIG
"""
KNOWN = frozenset(_KNOWN.split())
"""What go 1.27 asks the file for: internal/cfg/cfg.go, KnownEnv, less what it only prints (GOEXE, GOTOOLDIR …)."""

_ONLY_FROM_ENVIRONMENT = frozenset({"GOENV", "GODEBUG"})  # envcmd/env.go, checkEnvWrite
_SPLIT_AT_BLANKS = re.compile(r"GOFLAGS|CC|CXX|FC|GCCGO|AR|PKG_CONFIG|CGO_[A-Z]+FLAGS")  # cmd/internal/quoted, Split
_MEANT = re.compile(r"\s*(?:export\s+|set\s+|setx\s+|\$env:)?([A-Z][A-Z0-9_]*)\s*=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Line:
    """A line of the file, without its line feed; lines count from 1."""

    number: int
    text: str

    @property
    def name(self) -> str:
        """The variable that it sets for go; empty where go passes over it."""
        name, equals, _ = self.text.partition("=")
        return name if equals and "A" <= name[:1] <= "Z" else ""

    @property
    def value(self) -> str:
        """What go takes for the value."""
        return self.text.partition("=")[2] if self.name else ""

    @property
    def is_remark(self) -> bool:
        """Whether nothing was meant to be set: an empty line, or a comment."""
        meant = self.text.removeprefix(BOM).strip()
        return not meant or meant.startswith(("#", "//", ";"))


@dataclass(frozen=True)
class Fault:
    """What is wrong with a line: in words, the line that was meant (None: none was), whether it does any harm."""

    line: Line
    words: str
    meant: str | None
    is_harmful: bool = True


def path(look: Look) -> str:
    """Where the file is, or would be. Unknown where there is none: GOENV=off, or no home."""
    return look(basics.go_env_path)


def real_path(look: Look) -> str:
    """What it is, links followed: for `sed -i`, which puts a new file in the place of a link."""
    return look.host.real(look(path))


def lines(look: Look) -> tuple[Line, ...]:
    """The file's lines; none where nothing is there. Unknown without a place for it. Raises UnreadableError."""
    place = look(path)
    try:
        text = to_text(look.host.read(place) or b"")
    except UnreadableError:
        status = look.host.status(look.host.real(place))
        if status is None or status.kind != "c":
            raise
        text = ""  # GOENV=/dev/null, which some use for off
    return tuple(Line(number, line) for number, line in enumerate(text.split("\n"), 1) if line)


def obstacle(look: Look) -> str:
    """Why the file can't be read; empty where it can, or is not there. Unknown without a place for it."""
    try:
        look(lines)
    except UnreadableError as error:
        return str(error)
    return ""


def in_force(look: Look) -> Mapping[str, Line]:
    """The line that sets each variable: of several the last (go does the same)."""
    return {line.name: line for line in look(lines) if line.name}


def faults(look: Look) -> tuple[Fault, ...]:
    """What is wrong with the lines, in their order."""
    found = (_judge(line) for line in look(lines) if not line.is_remark)
    return tuple(fault for fault in found if fault)


def _judge(line: Line) -> Fault | None:
    if line.text.startswith(BOM):
        return Fault(line, "begins with a byte order mark: go passes over the line", line.text[1:].rstrip("\r"))
    if not line.name:
        return Fault(line, "is no NAME=value to go, which passes over it", _meant(line))
    if line.name not in KNOWN:
        return _unknown(line)
    return _wrong_value(line)


def _unknown(line: Line) -> Fault:
    if line.name in _ONLY_FROM_ENVIRONMENT:
        return Fault(line, f"sets {line.name}, which go takes from the environment alone", None)
    meant = _meant(line)
    if meant:
        return Fault(line, "has blanks before its `=`, which go takes for a part of the name", meant)
    import difflib

    near = difflib.get_close_matches(line.name, sorted(KNOWN), 1, 0.88)
    if near:
        return Fault(line, f"sets {line.name.strip()}, which go does not know; {near[0]} may be meant", None)
    # a newer go may know it: `go env -w` writes only what it knows
    is_of_go = re.fullmatch(r"GO[A-Z0-9_]+|CGO_\w+", line.name) is not None
    return Fault(line, f"sets {line.name.strip()}, which go 1.27 takes no notice of here", None, not is_of_go)


def _wrong_value(line: Line) -> Fault | None:
    is_split = _SPLIT_AT_BLANKS.fullmatch(line.name) is not None
    if line.value.endswith("\r"):
        harmless = is_split or line.name == "GOPROXY"  # modfetch/proxy.go, proxyList, trims each entry
        words = "ends in a carriage return" + ("" if harmless else ", which go takes for a part of the value")
        return Fault(line, words, line.text.rstrip("\r"), is_harmful=not harmless)
    if is_split or not line.value:
        return None
    bare = line.value.strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "\"'":
        return Fault(line, "has quotes, which go takes for a part of the value", f"{line.name}={bare[1:-1]}")
    if bare != line.value and line.name != "GOPROXY":
        return Fault(line, "has blanks around the value, which go takes for a part of it", f"{line.name}={bare}")
    return None


def _meant(line: Line) -> str | None:
    """The line as it was meant, where a variable of go's shows in it."""
    found = _MEANT.fullmatch(line.text)
    if not found or found[1] not in KNOWN:
        return None
    value = found[2].strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" and not _SPLIT_AT_BLANKS.fullmatch(found[1]):
        value = value[1:-1]
    return f"{found[1]}={value}"
