"""Fetching what a call of test, run, generate or tool needs before it runs, for such a call is not run twice.

It is done for the packages that the call names, while go.mod, go.sum or go.work are others than the last time; what
comes of it is remembered in the store, in a text that the launcher can ask: as long as the files are the same, of which
calls what they need is there. A prefetch that fails is silent: the call itself will say what is wrong, if it is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator, Sequence

from goshim.facts import go_env_file, module_cache, workspace
from goshim.facts.host import Host, Recorder, UnreadableError
from goshim.facts.mounts import MountTable
from goshim.invocation import split, split_goflags
from goshim.plan import keep, render
from goshim.secrets import holds_secret
from goshim.store import Store, locate
from goshim.watch import process, watched
from goshim.watch.call import Call
from goshim.watch.supervisor import Supervisor

FETCHED_OF_ONE_MODULE = 8  # environments in which a module is built
CALLS_OF_ONE_STATE = 64  # of which it is remembered that what they need is there
_LONGEST_CALL = 4096
# What stands before the guards: the calls, each in a line of its own, their words joined by what is in none.
_JOIN = "\x1f"
_HEAD = "local +x IFS=$'\\037'\ncase \"${dir%/} $*\"$'\\037' in\n"
_FOOT = "*) continue ;;\nesac\n"
_FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")
_VARIABLES = (
    "GOFLAGS", "GOWORK", "GO111MODULE", "GOOS", "GOARCH", "CGO_ENABLED", "GOTOOLCHAIN",
    "GOPROXY", "GOPRIVATE", "GONOPROXY", "GOSUMDB", "GOVCS",
)  # fmt: skip
# Flags that decide which modules a build needs, or how they are kept; of the first some set build tags.
_SWITCHES = ("race", "msan", "asan", "modcacherw")
_OF_BUILDS = (*_SWITCHES, "tags", "compiler", "mod", "modfile", "overlay")
_VERSION = re.compile(r"/v[0-9]+$")


def run(words: Sequence[str]) -> None:
    """Fetch, where that is to be done, then become go. Does not return."""
    call = watched.prepare(words)
    root = module_root(call)
    if root:
        _fetch_for(call, root)
    process.become_go(call)


def module_root(call: Call) -> str | None:
    """The directory of the go.mod that the call is about, or of a go.work; None outside of modules."""
    host = Host(call.environment, call.directory)
    return host.above("go.mod") or host.above("go.work")


def _fetch_for(call: Call, root: str) -> None:
    store = Store(locate(call.environment))
    base = f"fetched{root.rstrip('/')}/@"
    listings = _listings(call, root)
    mine = _entry(call, listings)
    try:
        name, text = _remembered(base, _ask(call, root))
        entries = _entries(store.read(name), text)
        if mine in entries:
            return
        if listings and not _is_there(entries, mine):
            _fetch(call, listings, root)
            name, text = _remembered(base, _ask(call, root))
            entries = _entries(store.read(name), text)
    except UnreadableError:
        return  # of such a size, or kind, that nothing can be remembered
    store.keep_newest(f"{base}.", FETCHED_OF_ONE_MODULE - 1)
    store.write(name, _with_entries([mine, *entries][:CALLS_OF_ONE_STATE], text))


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
    """The calls that fetch what this one needs, and only that, and change no file of the module."""
    flags, _ = split(call.arguments)
    if {"h", "help"} & {name for name, _ in flags}:
        return []
    common = list(_build_flags(call.arguments))
    if {"-mod=mod", "--mod=mod"} & {*split_goflags(call.goflags), *common}:
        common.append("-mod=readonly")
    covered = [each for name, value in flags if name == "coverpkg" for each in value.split(",") if each]
    lists = [(["-test"] * (call.verb == "test"), _named(call, root)), ([], covered)]
    return [
        call.instead(["list", "-deps", *tests, *common, *packages], call.directory)
        for tests, packages in lists
        if packages
    ]


def _named(call: Call, root: str) -> list[str]:
    """The packages or files that the call names, in words of its own."""
    _, named = split(call.arguments)
    if call.verb == "tool":
        return [path for name in named for path in _tools(call, root, name)]
    if call.verb == "run":  # module@version has nothing to do with the module here
        return [] if named and "@" in named[0] else named
    return named or ["."]


def _tools(call: Call, root: str, name: str) -> list[str]:
    """The packages of the tools that go.mod names so: by their path or its end (cmd/go/internal/tool, loadModTool)."""
    texts = (_bytes(path) for path in _paths(call, root) if path.endswith(".mod"))
    tools = [path for text in texts for path in workspace.used((text or b"").decode("utf-8", "replace"), "tool")]
    return [path for path in tools if name in (path, _VERSION.sub("", path).rpartition("/")[2])]


def _build_flags(arguments: Sequence[str]) -> Iterator[str]:
    flags, _ = split(arguments)
    for name, value in flags:
        if name in _OF_BUILDS:
            yield f"-{name}={value}" if value or name not in _SWITCHES else f"-{name}"


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
    """The files that say what is needed: beside go.mod, and beside go.work; and those that are named in their place."""
    named = call.environment.get("GOWORK", "")
    above = workspace.directories(Host(call.environment, root), named)
    directories = dict.fromkeys(each.rstrip("/") for each in (root, *above))
    paths = [f"{directory}/{name}" for directory in directories for name in _FILES]
    of_workspace = [named, f"{named}.sum"] if named.startswith("/") else []  # modload/init.go, initWorkspace
    return list(dict.fromkeys([*paths, *of_workspace, *call.in_place_of_go_mod]))


def _remembered(base: str, asked: Recorder) -> tuple[str, bytes]:
    """Under which name of the store the outcome for such answers is, and the text: empty if bash can't ask it."""
    digest = hashlib.sha256(repr(sorted(asked.answers.items())).encode("utf-8", "replace")).hexdigest()
    try:
        text = render.remembered(asked.answers, keep.version_guard())
    except render.UnrenderableError:
        text = ""
    return f"{base}.{digest[:16]}", text.encode("ascii")


def _entry(call: Call, listings: Sequence[Call]) -> str:
    """The line by which a text knows a call again, with the digest of what was listed for it.

    What follows the program of `run`, or the tool, is not go's and may be anything. A call with a password is not
    written down: for such a one Python is asked each time.
    """
    listed = [(each.enter, each.arguments) for each in listings]
    digest = hashlib.sha256(repr(listed).encode("utf-8", "replace")).hexdigest()
    words, (_, named) = list(call.arguments), split(call.arguments)
    is_open = call.verb in ("run", "tool") and bool(named) and not named[0].endswith(".go")
    if is_open:
        words = words[: len(words) - words[::-1].index(named[0])]
    said = f"{call.directory.rstrip('/')} {''.join(word + _JOIN for word in words)}"
    if holds_secret(said) or len(said) > _LONGEST_CALL:
        return f"'') ;; # {digest[:16]}"
    return f"{render.quoted(said)}{'*' * is_open}) ;; # {digest[:16]}"


def _is_there(entries: Sequence[str], mine: str) -> bool:
    """Whether the same was listed for another call."""
    return mine.rpartition(" ")[2] in {each.rpartition(" ")[2] for each in entries}


def _with_entries(entries: Sequence[str], text: bytes) -> bytes:
    return f"{_HEAD}{''.join(each + chr(10) for each in entries)}{_FOOT}".encode("ascii") + text


def _entries(kept: bytes | None, text: bytes) -> list[str]:
    """The entries of a text that was kept, if its guards are the same."""
    head, end = _HEAD.encode("ascii"), _FOOT.encode("ascii") + text
    is_same = kept is not None and kept.startswith(head) and kept.endswith(end)
    return kept[len(head) : -len(end)].decode("ascii").splitlines() if kept and is_same else []


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
