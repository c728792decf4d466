"""Fetching what a call of test, run, generate or tool needs before it runs, for such a call is not run twice.

It is done for the packages that the call names, while go.mod, go.sum or go.work are others than the last time; what
comes of it is remembered in the store, in a text that the launcher can ask: as long as the files are the same, of which
calls what they need is there. A prefetch that fails is silent: the call itself will say what is wrong, if it is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

from goshim.base import store as stores
from goshim.base.encoding import to_text
from goshim.base.store import Store
from goshim.call.arguments import runs_a_program, split, split_goflags
from goshim.facts import go_env_file, mod_file, module_cache, tools, workspace
from goshim.facts.host import Host, Recorder, UnreadableError
from goshim.facts.mounts import MountTable
from goshim.plan import keep, render, seal
from goshim.watch import fetched, process, watched
from goshim.watch.call import Call
from goshim.watch.supervisor import Supervisor

FETCHED_OF_ONE_MODULE = 8  # environments in which a module is built
CALLS_OF_ONE_STATE = 64  # of which it is remembered that what they need is there
MOST_BYTES = 1 << 24  # of the files that say what is needed, in a workspace all together
_NO_GIT = "-buildvcs=false"  # since go 1.18; before, go list fails, and asks no version control either
_FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")
_VARIABLES = (
    "GOFLAGS", "GOWORK", "GO111MODULE", "GOOS", "GOARCH", "CGO_ENABLED", "GOTOOLCHAIN",
    "GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GOVCS",
)  # fmt: skip


def run(words: Sequence[str], launcher: str) -> None:
    """Fetch, where that is to be done, then become go. Does not return. `launcher` is the path that was called."""
    call = watched.prepare(words)
    root = module_root(call)
    if root:
        _fetch_for(call, root, seal.of(to_text(os.fsencode(launcher))))
    process.become_go(call)


def module_root(call: Call) -> str | None:
    """The directory of the go.mod that the call is about, or of a go.work; None outside of modules."""
    host = Host(call.environment, call.directory)
    return host.above("go.mod") or host.above("go.work")


def _fetch_for(call: Call, root: str, token: str) -> None:
    store = stores.of(call.environment)
    base = f"fetched{root.rstrip('/')}/@"
    try:
        listings = _listings(call, root)
        mine = fetched.entry(store, call, listings)
        name, text = _remembered(store, base, _ask(call, root), token)
        entries = fetched.entries(store.read(name), text)
        if mine in entries:
            return
        if listings and not fetched.is_there(entries, mine):
            _fetch(call, listings, root)
            name, text = _remembered(store, base, _ask(call, root), token)
            entries = fetched.entries(store.read(name), text)
    except (UnreadableError, mod_file.MalformedError):
        return  # files that go refuses, or of such a size, number or kind that nothing can be remembered
    store.keep_newest(f"{base}.", FETCHED_OF_ONE_MODULE - 1)
    store.write(name, fetched.with_entries([mine, *entries][:CALLS_OF_ONE_STATE], text))


def _fetch(call: Call, listings: Sequence[Call], root: str) -> None:
    """Run the listings, for what they fetch. A signal that was to end the call ends it, however they ended."""
    sums = {path: _bytes(path) for path in _paths(call, root) if path.endswith(".work.sum")}
    supervisor = Supervisor()
    for listing in listings:
        if not supervisor.forwarded:
            watched.attempts(supervisor, listing, watched.until_stalled())
    for path, content in sums.items():
        _take_back(path, content)
    if supervisor.forwarded:
        process.die_by(supervisor.forwarded)


def _listings(call: Call, root: str) -> list[Call]:
    """The calls that fetch what this one needs, and only that, and change no file of the module.

    Each word that is no flag of ours stands behind `--`, so that go takes none for a flag, whoever wrote it. They run
    no program that the call itself would not run: git would run those that .git/config names. Raises MalformedError,
    UnreadableError.
    """
    flags, _ = split(call.arguments)
    if {"h", "help"} & {name for name, _ in flags} or runs_a_program(call.arguments, call.goflags):
        return []
    common = list(_build_flags(call.arguments))
    if {"-mod=mod", "--mod=mod"} & {*split_goflags(call.goflags), *common}:
        common.append("-mod=readonly")
    covered = [each for name, value in flags if name == "coverpkg" for each in value.split(",") if each]
    lists = [(["-test"] * (call.verb == "test"), _named(call, root)), ([], covered)]
    return [
        call.instead(["list", "-deps", *tests, *common, _NO_GIT, "--", *packages], call.directory)
        for tests, packages in lists
        if packages
    ]


def _named(call: Call, root: str) -> list[str]:
    """The packages or files that the call names, in words of its own. Raises MalformedError, UnreadableError."""
    _, named = split(call.arguments)
    if call.verb == "tool":
        host = Host(call.environment, call.directory)
        if not named or tools.is_of_go(host, call.go, named[0]):
            return []
        texts = (to_text(host.read(path) or b"") for path in _paths(call, root) if path.endswith(".mod"))
        return tools.named(texts, named[0])
    if call.verb == "run":  # module@version has nothing to do with the module here
        return [] if named and "@" in named[0] else named
    return named or ["."]


def _build_flags(arguments: Sequence[str]) -> Iterator[str]:
    flags, _ = split(arguments)
    for name, value in flags:
        if name in fetched.OF_BUILDS:
            yield f"-{name}={value}" if value or name not in fetched.SWITCHES else f"-{name}"


def _ask(call: Call, root: str) -> Recorder:
    """All that decides whether what is fetched is what is needed. Raises UnreadableError."""
    asked = Recorder(Host(call.environment, call.directory))
    for name in _VARIABLES:
        asked.environment.get(name)
    size = 0
    for path in _paths(call, root):
        size += len(asked.read(path) or b"")
        if size > MOST_BYTES:
            raise UnreadableError(f"{root}: over {MOST_BYTES >> 20} MiB of go.mod and go.sum files")
    asked.above("go.work")
    variables = {name: asked.environment.get(name, "") for name in ("GOMODCACHE", "GOPATH", "HOME")}
    mounts = MountTable(asked.mountinfo())
    cache = module_cache.locate(variables, go_env_file.read(asked, mounts), mounts)
    asked.is_directory(f"{cache}/cache/download")
    return asked


def _paths(call: Call, root: str) -> list[str]:
    """The files that say what is needed: beside go.mod, and beside go.work; and those that are named in their place.

    Raises UnreadableError.
    """
    named = call.environment.get("GOWORK", "")
    above = workspace.directories(Host(call.environment, root), named)
    directories = dict.fromkeys(each.rstrip("/") for each in (root, *above))
    paths = [f"{directory}/{name}" for directory in directories for name in _FILES]
    of_workspace = [named, f"{named}.sum"] if named.startswith("/") else []  # modload/init.go, initWorkspace
    return list(dict.fromkeys([*paths, *of_workspace, *call.in_place_of_go_mod]))


def _remembered(store: Store, base: str, asked: Recorder, token: str) -> tuple[str, bytes]:
    """Under which name of the store the outcome for such answers is, and the text.

    It is empty if bash can't ask it, or where the launcher has no token to obey it by.
    """
    digest = fetched.digest(store, sorted(asked.answers.items()))
    try:
        text = seal.sealed(render.remembered(asked.answers, keep.standing_guard(store)), token)
    except render.UnrenderableError:
        text = ""
    return f"{base}.{digest}", text.encode("ascii")


def _bytes(path: str) -> bytes | None:
    try:
        return Host({}, "/").read(path)
    except UnreadableError:
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
