"""What a go command line is: its verb, the directory of its -C, the flags that decide how it may be watched.

The words of the command come first, and only -C may stand among them (cmd/go/main.go, lookupCmd and handleChdirFlag).
"""

from __future__ import annotations

from collections.abc import Sequence

# Verbs that only fetch, or that fetch and then run no code of the user's: the same call again is harmless.
DOWNLOADING = ("mod download",)
BUILDING = ("build", "vet", "install", "get", "mod tidy", "mod vendor")

# Verbs that run code of the user's. They are run once; what they need can be fetched before.
RUNNING = ("test", "run", "generate", "tool")

_WITH_TWO_WORDS = frozenset({"mod", "work"})
_RUNS_A_PROGRAM = ("toolexec", "vettool")  # flags whose value is a program, run for each package
# Of build, run and test: cmd/go/internal/work/build.go, AddBuildFlags; cmd/go/internal/test/test.go
BOOLEAN = frozenset({
    "a", "artifacts", "asan", "benchmem", "buildvcs", "c", "cover", "failfast", "fullpath", "h", "help", "i", "json",
    "linkshared", "modcacherw", "msan", "n", "race", "short", "trimpath", "v", "work", "x",
})  # fmt: skip


def verb(arguments: Sequence[str]) -> str:
    """The command in one or two words: `build`, `mod download`; empty where there is none."""
    arguments = _without_chdir(arguments)
    count = _words(arguments)
    return " ".join(arguments[:count])


def chdir(arguments: Sequence[str]) -> str | None:
    """DIR of go's own -C, which stands directly after the words of the command."""
    at = _words(arguments)
    flag, equals, value = (arguments[at] if len(arguments) > at else "").partition("=")
    if flag not in ("-C", "--C"):
        return None
    return value if equals else arguments[at + 1] if len(arguments) > at + 1 else None


def is_set(flag: str, arguments: Sequence[str], goflags: str = "") -> bool:
    """Whether a boolean flag of go's is on: the last one counts, and the command line before GOFLAGS."""
    value = False
    for word in [*split_goflags(goflags), *arguments]:
        name, equals, text = word.removeprefix("-").removeprefix("-").partition("=")
        if word.startswith("-") and name == flag:
            value = not equals or text in ("1", "t", "T", "true", "TRUE", "True")
    return value


class Part:
    """What one or two words of a call are: a flag and its value, or, where `flag` is None, a package, file or tool.

    A plain class, since every watched call loads this module, and `typing` costs more than all else here.
    """

    __slots__ = ("flag", "value", "words")

    def __init__(self, words: tuple[str, ...], flag: str | None = None, value: str = "") -> None:
        self.words, self.flag, self.value = words, flag, value


def split(arguments: Sequence[str]) -> tuple[list[tuple[str, str]], list[str]]:
    """The flags of a call of RUNNING, each with its value (empty for one that has none), and what it names.

    These are packages, files, or a tool. What follows is for a program of the user's. A flag of a test's own may take a
    value or not: what follows such a one counts as its value. Only those of `go test` may stand behind the packages
    (cmd/go/internal/test/testflag.go, testFlags).
    """
    found, _ = parts(arguments)
    flags = [(part.flag, part.value) for part in found if part.flag is not None]
    return flags, [part.words[0] for part in found if part.flag is None]


def parts(arguments: Sequence[str]) -> tuple[list[Part], Sequence[str]]:
    """The same in the order of the words, and the words behind that are not go's."""
    words = _without_chdir(arguments)
    at, command = _words(words), verb(words)
    found: list[Part] = []
    first, is_list_over = "", False
    while at < len(words) and words[at].strip("-") and words[at] not in ("-args", "--args"):
        word, begin = words[at], at
        if not word.startswith("-"):
            if first and (is_list_over or not _is_one_more(command, first, word)):
                break
            first, at = first or word, at + 1
            found.append(Part((word,)))
            continue
        if first and command != "test":
            break
        is_list_over, at = bool(first), at + 1
        name, equals, value = word.removeprefix("-").removeprefix("-").partition("=")
        name = name.removeprefix("test.")  # the aliases that the test's own binary has (testflag.go)
        if not equals and name not in BOOLEAN and at < len(words) and not words[at].startswith("-"):
            value, at = words[at], at + 1
        found.append(Part(tuple(words[begin:at]), name, value))
    return found, words[at:]


def head(arguments: Sequence[str]) -> Sequence[str]:
    """The words of the command, and go's own -C with its value."""
    return arguments[: _words(arguments) + len(arguments) - len(_without_chdir(arguments))]


def _is_one_more(command: str, first: str, word: str) -> bool:
    """Whether a word after the first that a command names is for go: of `run` only files, of `tool` none."""
    return command in ("test", "generate") or (command == "run" and first.endswith(".go") and word.endswith(".go"))


def split_goflags(text: str) -> list[str]:
    """The flags of GOFLAGS: divided by blanks, each whole one in quotes or not (cmd/internal/quoted)."""
    if '"' not in text and "'" not in text:
        return text.split()
    import re  # costs 5 ms

    return ["".join(each) for each in re.findall(r"""(?<!\S)(?:"([^"]*)"|'([^']*)'|(\S+))""", text)]


def runs_a_program(arguments: Sequence[str], goflags: str = "") -> bool:
    """Whether a flag names a program that go runs for each package: such a call is not repeated."""
    words = [*split_goflags(goflags), *arguments]
    names = [word.lstrip("-").partition("=")[0] for word in words if word.startswith("-")]
    return any(name in _RUNS_A_PROGRAM for name in names)


def _words(arguments: Sequence[str]) -> int:
    """How many words at the start name the command, as bin/go counts them."""
    if not arguments or not arguments[0][:1].islower():
        return 0
    two = arguments[0] in _WITH_TWO_WORDS and len(arguments) > 1 and arguments[1][:1].islower()
    return 2 if two else 1


def _without_chdir(arguments: Sequence[str]) -> Sequence[str]:
    at = _words(arguments)
    flag, equals, _ = (arguments[at] if len(arguments) > at else "").partition("=")
    if flag not in ("-C", "--C"):
        return arguments
    return [*arguments[:at], *arguments[at + (1 if equals else 2) :]]
