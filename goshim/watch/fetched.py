"""What the store remembers of calls whose modules were fetched: texts that the launcher can ask, without Python.

Of a call only those words are kept that decide what it needs. A flag that decides nothing is kept by its name, and any
value fits it; what stands behind the packages or the program is not kept at all. Where words could be secret, or a flag
is not known, there is no pattern of the call but only a digest of what was fetched for it, which Python compares.
Digests are keyed with random bytes of this store, so that nobody can try words on them.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence

from goshim.base.redaction import is_clean
from goshim.base.shells import quoted
from goshim.base.store import Store
from goshim.call.arguments import BOOLEAN, Part, head, parts
from goshim.watch.call import Call

SALT = "salt"
_SALT_BYTES = 32
_LONGEST_CALL = 4096
_MARK = " # "  # before the digest of an entry

# Flags that decide which modules a build needs, or how they are kept; of the first some set build tags.
SWITCHES = ("race", "msan", "asan", "modcacherw")
OF_BUILDS = (*SWITCHES, "tags", "compiler", "mod", "modfile", "overlay")
_DECIDING = frozenset({*OF_BUILDS, "coverpkg"})
_TRUTHS = frozenset({"", "0", "1", "f", "t", "F", "T", "false", "true", "False", "True", "FALSE", "TRUE"})
# Flags with a value that decides nothing: cmd/go/internal/work/build.go, cmd/go/internal/test/testflag.go
_OF_NO_MATTER = frozenset({
    "asmflags", "bench", "benchtime", "blockprofile", "blockprofilerate", "buildmode", "count", "covermode",
    "coverprofile", "cpu", "cpuprofile", "exec", "fuzz", "fuzzminimizetime", "fuzztime", "gccgoflags", "gcflags",
    "installsuffix", "ldflags", "list", "memprofile", "memprofilerate", "mutexprofile", "mutexprofilefraction", "o",
    "outputdir", "p", "parallel", "pgo", "pkgdir", "run", "shuffle", "skip", "timeout", "trace", "vet",
})  # fmt: skip

# The words of a call, joined by what is in none, are compared with one pattern in each line; then come the guards.
_JOIN = "\x1f"
_END_OF_WORD = "$'\\037'"
_ANY_VALUE = "*([!$'\\037'])"
_ANYTHING = "*"
_NO_MORE_FILES = f"?(!(*.go|*{_END_OF_WORD}*){_END_OF_WORD}*)"  # of `go run a.go`, where b.go would be one more
_NO_FLAG = "[!-]*"
_HEAD = "local +x IFS=$'\\037' call known=\ncall=\"${dir%/} $*\"$'\\037'\n"
_FOOT = "[[ $known ]] || continue\n"


def digest(store: Store, what: object) -> str:
    """A digest of what `repr` shows, that tells nothing to who has not the store's random bytes."""
    return hashlib.blake2b(repr(what).encode("utf-8", "replace"), key=_salt(store), digest_size=8).hexdigest()


def entry(store: Store, call: Call, listings: Sequence[Call]) -> str:
    """The line by which a text knows a call again, with the digest of what was listed for it."""
    listed = digest(store, [(each.enter, each.arguments) for each in listings])
    pattern = _pattern(call)
    return f"[[ $call != {pattern} ]] || known=1{_MARK}{listed}" if pattern else f":{_MARK}{listed}"


def is_there(entries: Iterable[str], mine: str) -> bool:
    """Whether the same was listed for another call."""
    return _listed(mine) in map(_listed, entries)


def with_entries(entries: Iterable[str], text: bytes) -> bytes:
    """A text of guards, to which calls are added that it is about."""
    return f"{_HEAD}{''.join(each + chr(10) for each in entries)}{_FOOT}".encode("ascii") + text


def entries(kept: bytes | None, text: bytes) -> list[str]:
    """The entries of a text that was kept, if its guards are the same."""
    start, end = _HEAD.encode("ascii"), _FOOT.encode("ascii") + text
    is_same = kept is not None and kept.startswith(start) and kept.endswith(end)
    return kept[len(start) : -len(end)].decode("ascii").splitlines() if kept and is_same else []


def _listed(line: str) -> str:
    return line.rpartition(_MARK)[2]


def _salt(store: Store) -> bytes:
    known = store.read(SALT)
    if known is None or len(known) != _SALT_BYTES:
        known = os.urandom(_SALT_BYTES)
        store.write(SALT, known)
    return known


def _pattern(call: Call) -> str:
    """The pattern of calls that need the same as this one; empty where its words are not to be written down."""
    found, rest = parts(call.arguments)
    words = [*head(call.arguments)]
    pattern = quoted(f"{call.directory.rstrip('/')} {_JOIN.join([*words, ''])}")
    for part in found:
        kept = _kept(part)
        if not kept:
            return ""
        words += kept
        joined = _JOIN.join(kept)
        if kept == part.words:
            pattern += quoted(joined + _JOIN)
        else:
            pattern += quoted(joined if joined.endswith("=") else joined + _JOIN) + _ANY_VALUE + _END_OF_WORD
    tail = _tail(call.verb, [part.words[0] for part in found if part.flag is None], rest)
    is_secret = not all(is_clean("", text) for text in (" ".join(words), *words, call.directory))
    return "" if tail is None or is_secret or len(pattern) > _LONGEST_CALL else pattern + tail


def _kept(part: Part) -> tuple[str, ...]:
    """The words of a part that are written down, without a value that decides nothing; none where no word may be."""
    if part.flag is None or part.flag in _DECIDING:
        return part.words
    if part.flag in BOOLEAN:
        return part.words if part.value in _TRUTHS else ()
    if part.flag not in _OF_NO_MATTER:
        return ()
    name, equals, _ = part.words[0].partition("=")
    return (f"{name}{equals}",)


def _tail(verb: str, named: Sequence[str], rest: Sequence[str]) -> str | None:
    """The pattern of the words that are not go's; None where none can be given."""
    if verb == "tool" and named:
        return _ANYTHING
    if verb == "run" and named:
        return _NO_MORE_FILES if named[0].endswith(".go") else _ANYTHING
    if not rest:
        return ""
    if verb != "test":
        return None
    if rest[0] in ("-args", "--args"):
        return quoted(rest[0] + _JOIN) + _ANYTHING
    return None if rest[0].startswith("-") else _NO_FLAG
