"""Fetching what a call of test, run, generate or tool needs before it runs, for such a call is not run twice.

It is done while go.mod, go.sum or go.work are others than the last time; what comes of it is remembered in the store,
in a text that the launcher can ask. A prefetch that fails is silent: the call itself will say what is wrong, if it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Sequence

from goshim.encoding import to_text
from goshim.facts import go_env_file, module_cache, workspace
from goshim.facts.host import Host, Recorder, UnreadableError
from goshim.facts.mounts import MountTable
from goshim.invocation import split, split_goflags
from goshim.plan import keep, render
from goshim.store import Store, locate
from goshim.watch import process, watched
from goshim.watch.call import Call
from goshim.watch.supervisor import Supervisor

FETCHED_OF_ONE_MODULE = 8  # environments in which a module is built
_FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")
_VARIABLES = (
    "GOFLAGS", "GOWORK", "GO111MODULE", "GOOS", "GOARCH", "CGO_ENABLED", "GOTOOLCHAIN",
    "GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GOVCS",
)  # fmt: skip
_OF_BUILDS = ("tags", "mod", "modfile", "overlay")  # flags with a value that decide which modules a build needs


def run(words: Sequence[str]) -> None:
    """Fetch, where that is to be done, then become go. Does not return."""
    call = watched.prepare(words)
    root = module_root(call)
    if root and not _names_a_version(call):
        _fetch_for(call, root)
    process.become_go(call)


def module_root(call: Call) -> str | None:
    """The directory of the go.mod that the call is about, or of a go.work; None outside of modules."""
    host = Host(call.environment, call.directory)
    return host.above("go.mod") or host.above("go.work")


def _fetch_for(call: Call, root: str) -> None:
    store = Store(locate(call.environment))
    base = f"fetched{root.rstrip('/')}/@"
    try:
        name, text = _remembered(base, _ask(call, root))
    except UnreadableError:
        return  # of such a size, or kind, that nothing can be remembered
    if store.read(name) == text:
        return
    sums = {path: _bytes(path) for path in _paths(call, root) if path.endswith("/go.work.sum")}
    supervisor = Supervisor()
    ended = watched.attempts(supervisor, _listing(call, root), watched.until_stalled())
    for path, content in sums.items():
        _take_back(path, content)
    if supervisor.forwarded:
        supervisor.finish(ended)
    name, text = _remembered(base, _ask(call, root))
    store.keep_newest(f"{base}.", FETCHED_OF_ONE_MODULE - 1)
    store.write(name, text)


def _listing(call: Call, root: str) -> Call:
    """The call that fetches what builds and tests of the module need, and only that, and changes no file of it."""
    arguments = ["list", "-deps", "-test", *_build_flags(call.arguments)]
    if {"-mod=mod", "--mod=mod"} & {*split_goflags(call.goflags), *arguments}:
        arguments.append("-mod=readonly")
    return call.instead([*arguments, *_patterns(call, root)], root)


def _patterns(call: Call, root: str) -> list[str]:
    """All packages of the module, or of each module of a workspace where that has none at its root."""
    if os.path.exists(f"{root}/go.mod"):
        return ["./..."]
    return [f"{each}/..." for each in _workspace(call, root)[1:]]


def _build_flags(arguments: Sequence[str]) -> Iterator[str]:
    flags, _ = split(arguments)
    yield from (f"-{name}={value}" for name, value in flags if name in _OF_BUILDS)


def _names_a_version(call: Call) -> bool:
    """Whether it is `go run module@version`, which has nothing to do with the module here."""
    _, rest = split(call.arguments)
    return call.verb == "run" and bool(rest) and "@" in rest[0]


def _ask(call: Call, root: str) -> Recorder:
    """All that decides whether what is fetched is what is needed. Raises UnreadableError."""
    asked = Recorder(Host(call.environment, call.directory))
    for name in _VARIABLES:
        asked.environment.get(name)
    for path in _paths(call, root):
        asked.read(path)
    asked.above("go.work")
    variables = {name: asked.environment.get(name, "") for name in ("GOMODCACHE", "GOPATH", "HOME")}
    mounts = MountTable(asked.mountinfo())
    cache = module_cache.locate(variables, go_env_file.read(asked, mounts), mounts)
    asked.is_directory(f"{cache}/cache/download")
    return asked


def _paths(call: Call, root: str) -> list[str]:
    """The files that say what is needed: beside go.mod, and beside go.work."""
    directories = dict.fromkeys(each.rstrip("/") for each in (root, *_workspace(call, root)))
    return [f"{directory}/{name}" for directory in directories for name in _FILES]


def _workspace(call: Call, root: str) -> list[str]:
    """The directory of the go.work in force, then those of its modules; empty where there is none."""
    named = call.environment.get("GOWORK", "")
    directory = os.path.dirname(named) if named.startswith("/") else Host(call.environment, root).above("go.work")
    if named == "off" or not directory:
        return []
    file = named if named.startswith("/") else f"{directory}/go.work"
    return [directory, *workspace.members(directory, to_text(_bytes(file) or b""))]


def _remembered(base: str, asked: Recorder) -> tuple[str, bytes]:
    """Under which name of the store the outcome for such answers is, and the text: empty if bash can't ask it."""
    digest = hashlib.sha256(repr(sorted(asked.answers.items())).encode("utf-8", "replace")).hexdigest()
    try:
        text = render.remembered(asked.answers, keep.version_guard())
    except render.UnrenderableError:
        text = ""
    return f"{base}.{digest[:16]}", text.encode("ascii")


def _bytes(path: str) -> bytes | None:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def _take_back(path: str, before: bytes | None) -> None:
    """Take back what go list added to a go.work.sum. What a user does to it meanwhile stays, as do all other files."""
    after = _bytes(path)
    if after is None or after == before or not set((before or b"").splitlines()) <= set(after.splitlines()):
        return
    with contextlib.suppress(OSError):
        if before is None:
            os.unlink(path)
        else:
            with open(path, "r+b") as file:
                file.write(before)
                file.truncate()
