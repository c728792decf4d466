"""The tools that `go tool NAME` can mean: go's own, and those that a go.mod names (cmd/go/internal/tool, runTool)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from goshim.facts import mod_file
from goshim.facts.host import Host

# In pkg/tool of each go from 1.19 to 1.27, or built from src/cmd when they are asked for.
_OF_GO = frozenset({
    "addr2line", "api", "asm", "buildid", "cgo", "compile", "covdata", "cover", "dist", "distpack", "doc", "fix", "go",
    "gofmt", "link", "nm", "objdump", "pack", "pprof", "preprofile", "test2json", "trace", "vet",
})  # fmt: skip
_NAME = re.compile(r"[a-z0-9_]+")  # cmd/go/internal/base/tool.go, ValidToolName
_VERSION = re.compile(r"/v[0-9]+$")
# golang.org/x/mod/module, CheckImportPath: what is no path of a package could be a pattern, or a flag.
_PATH = re.compile(r"[A-Za-z0-9._~+][A-Za-z0-9._~+-]*(?:/[A-Za-z0-9._~+-]+)*")
_ONLY_DOTS = re.compile(r"(?:^|/)\.+(?:/|$)")
_PATTERNS = frozenset({"all", "cmd", "std", "tool", "work"})  # go help packages


def is_of_go(host: Host, go: str, name: str) -> bool:
    """Whether a go program has a tool of this name itself, so that no go.mod can mean another by it."""
    if not _NAME.fullmatch(name):
        return False
    root = host.environment.get("GOROOT") or os.path.dirname(os.path.dirname(host.resolved(go)))
    directories = (f"{root}/src/cmd/{name}", f"{host.environment.get('GOTOOLDIR') or root}/{name}")
    return name in _OF_GO or any(map(host.exists, directories)) or bool(host.glob(f"{root}/pkg/tool/*/{name}"))


def named(texts: Iterable[str], name: str) -> list[str]:
    """The packages of the tools that go.mod files name so: by their path, or its end. Raises MalformedError."""
    paths = [path for text in texts for path in mod_file.values(text, "tool") if is_package(path)]
    return [path for path in paths if name in (path, _VERSION.sub("", path).rpartition("/")[2])]


def is_package(path: str) -> bool:
    """Whether this is the path of one package, and nothing else to go: no flag, no pattern, no version."""
    return bool(_PATH.fullmatch(path)) and not _ONLY_DOTS.search(path) and path not in _PATTERNS
