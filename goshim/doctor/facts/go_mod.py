"""What go.mod and go.work say: go.dev/ref/mod#go-mod-file, golang.org/x/mod/modfile."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from goshim.doctor.facts import basics
from goshim.doctor.look import Look
from goshim.encoding import to_text

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|`[^`]*`|//.*|[()]|[^\s()"`]+')
_REPLACED_BY = "=>"


@dataclass(frozen=True)
class Replacement:
    """One `replace`; a version is empty where there is none: all versions, or a directory."""

    path: str
    version: str
    by: str
    by_version: str


@dataclass(frozen=True)
class GoMod:
    """A go.mod, or a go.work: that has no module and no requirements. `go` and `toolchain` are empty if not said.

    `requires` are pairs of path and version in the file's order; `indirect` those paths that only a dependency needs.
    """

    path: str
    module: str = ""
    go: str = ""
    toolchain: str = ""
    requires: tuple[tuple[str, str], ...] = ()
    indirect: frozenset[str] = frozenset()
    replaces: tuple[Replacement, ...] = ()


def read(look: Look) -> GoMod | None:
    """The nearest go.mod upward; None outside a module. Raises UnreadableError."""
    directory = look(basics.module)
    return None if directory is None else _load(look, f"{directory.rstrip('/')}/go.mod")


def workspace(look: Look) -> GoMod | None:
    """The go.work that go uses here: the one GOWORK names, or the nearest upward; None for none, or GOWORK=off.

    Raises UnreadableError.
    """
    named = basics.go_setting(look, "GOWORK")
    if named == "off":
        return None
    if named:
        return _load(look, named) if named.startswith("/") and look.host.exists(named) else None
    directory = look.host.above("go.work")
    return None if directory is None else _load(look, f"{directory.rstrip('/')}/go.work")


def governing(look: Look) -> GoMod | None:
    """The file whose go and toolchain lines choose the toolchain: the go.work in use, else the go.mod.

    cmd/go/internal/toolchain/select.go, modGoToolchain. Raises UnreadableError.
    """
    return look(workspace) or look(read)


def parse(text: str, path: str = "go.mod") -> GoMod:
    """What the text says. Lines that are no such directive are passed over, as go does for a dependency's go.mod."""
    single: dict[str, str] = {}
    requires: list[tuple[str, str]] = []
    indirect: set[str] = set()
    replaces: list[Replacement] = []
    for words, remark in _directives(text):
        verb, *rest = words
        if verb in ("module", "go", "toolchain") and len(rest) == 1:
            single.setdefault(verb, rest[0])
        elif verb == "require" and len(rest) == 2:  # noqa: PLR2004 - path and version
            requires.append((rest[0], rest[1]))
            if re.match(r"//\s*indirect\b", remark):
                indirect.add(rest[0])
        elif verb == "replace" and _REPLACED_BY in rest:
            at = rest.index(_REPLACED_BY)
            (old, old_version), (new, new_version) = _pair(rest[:at]), _pair(rest[at + 1 :])
            replaces.append(Replacement(old, old_version, new, new_version))
    return GoMod(
        path,
        single.get("module", ""),
        single.get("go", ""),
        single.get("toolchain", ""),
        tuple(requires),
        frozenset(indirect),
        tuple(replaces),
    )


def _load(look: Look, path: str) -> GoMod | None:
    data = look.host.read(path)
    return None if data is None else parse(to_text(data), path)


def _directives(text: str) -> Iterator[tuple[list[str], str]]:
    """The words of each directive, those in a block with the block's verb before them, and the comment behind it."""
    block = ""
    for line in text.split("\n"):
        words = _TOKEN.findall(line)
        remark = words.pop() if words and words[-1].startswith("//") else ""
        if words == [")"]:
            block = ""
        elif len(words) == 2 and words[1] == "(":  # noqa: PLR2004 - the verb and its bracket
            block = words[0]
        elif words:
            plain = [_unquoted(word) for word in words]
            yield ([block, *plain] if block else plain), remark


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] and word[0] in '"`':
        return re.sub(r"\\(.)", r"\1", word[1:-1]) if word[0] == '"' else word[1:-1]
    return word


def _pair(words: list[str]) -> tuple[str, str]:
    path, version, *_ = [*words, "", ""]
    return path, version
