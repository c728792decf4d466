from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from goshim.call.arguments import BUILDING, DOWNLOADING, RUNNING, chdir, is_set, runs_a_program, verb
from tests.bash_launcher import run_bash
from tests.tables import for_each

WATCHED = {*DOWNLOADING, *BUILDING, *RUNNING}

CHDIR = [
    ([], None),
    (["version"], None),
    (["-C", "d", "build"], "d"),
    (["--C", "d", "build"], "d"),
    (["-C=d", "build"], "d"),
    (["--C=d=e", "build"], "d=e"),
    (["build", "-C", "d", "./..."], "d"),
    (["build", "-C=d"], "d"),
    (["mod", "download", "-C", "d"], "d"),
    (["mod", "-C", "d", "download"], "d"),
    (["work", "sync", "-C=d"], "d"),
    (["build", "-v", "-C", "d"], None),
    (["build", "./...", "-C", "d"], None),
    (["test", "x", "-C", "d"], None),
    (["mod", "download", "x", "-C", "d"], None),
    (["tool", "compile", "-C", "d"], None),
    (["-C"], None),
    (["build", "-C"], None),
    (["-Cd", "build"], None),
    (["-c", "d"], None),
    (["Build", "-C", "d"], None),
    (["-C", "/abs/dir", "env"], "/abs/dir"),
    (["-C", "..", "env"], ".."),
]


@for_each("arguments, directory", CHDIR)
def test_the_directory_of_gos_own_flag(arguments, directory):
    assert chdir(arguments) == directory


@for_each(
    "arguments, words",
    [
        ([], ""),
        (["build"], "build"),
        (["build", "./..."], "build"),
        (["test", "run"], "test"),
        (["mod", "download"], "mod download"),
        (["mod", "download", "-x"], "mod download"),
        (["mod", "tidy", "-C", "d"], "mod tidy"),
        (["work", "sync"], "work sync"),
        (["mod"], "mod"),
        (["mod", "-x"], "mod"),
        (["-C", "d", "build"], "build"),
        (["-C=d", "mod", "download"], "mod download"),
        (["mod", "-C", "d", "download"], "mod download"),
        (["mod", "--C=d", "vendor"], "mod vendor"),
        (["build", "-C", "mod", "download"], "build"),
        (["-C", "d"], ""),
        (["-C"], ""),
        (["-C", "a", "-C", "b", "build"], ""),
        (["-v", "build"], ""),
        (["--help"], ""),
        (["Build"], ""),
        ([""], ""),
    ],
)
def test_the_verb_is_the_words_before_anything_else(arguments, words):
    assert verb(arguments) == words


def verb_of_the_launcher(arguments):
    done = run_bash('find_plan "$@"; printf %s "$verb"', arguments, {"HOME": "/home/me"}, "/")
    assert done.stderr == b""
    return done.stdout.decode("utf-8", "surrogateescape")


WORDS = st.sampled_from(
    [
        "build", "vet", "install", "get", "mod", "work", "tidy", "vendor", "download", "test", "run", "generate",
        "tool", "sync", "version", "x", "-C", "--C", "-C=d", "--C=d", "-C=", "-Cd", "-v", "-x", "--", "", ".", "d",
        "Build", "mod download", "\udcff", "\u00e9", "-c", "./...", "a b", "$x", "*",
    ]
)  # fmt: skip


@given(arguments=st.lists(WORDS, max_size=6))
def test_the_launcher_reads_the_same_verb_wherever_one_is_watched(arguments):
    ours, launchers = verb(arguments), verb_of_the_launcher(arguments)
    if WATCHED & {ours, launchers}:
        assert launchers == ours


@for_each("words", sorted(WATCHED))
@for_each("way", [[], ["-C", "d"], ["-C=d"], ["--C", "d"], ["--C=d"]])
def test_the_launcher_finds_each_watched_verb_through_each_way_to_write_a_directory(words, way):
    split = words.split()
    for at in range(len(split) + 1):
        arguments = [*split[:at], *way, *split[at:], "./..."]
        assert verb(arguments) == verb_of_the_launcher(arguments) == words, arguments


@for_each(
    "arguments, goflags, is_on",
    [
        (["build"], "", False),
        (["build", "-json"], "", True),
        (["build", "--json"], "", True),
        (["build", "-json=true"], "", True),
        (["build", "--json=1"], "", True),
        (["build", "-json=T"], "", True),
        (["build", "-json=false"], "", False),
        (["build", "-json=0"], "", False),
        (["build", "-json="], "", False),
        (["build", "json"], "", False),
        (["build", "-jsonx"], "", False),
        (["build", "---json"], "", False),
        (["build"], "-json", True),
        (["build"], "-v  --json=true -x", True),
        (["build", "-json=false"], "-json", False),
        (["build", "-json"], "-json=false", True),
        (["build", "-json", "-json=false"], "", False),
        (["build", "-json=false", "-json"], "", True),
    ],
)
def test_a_boolean_flag_is_on_as_go_reads_it(arguments, goflags, is_on):
    assert is_set("json", arguments, goflags) is is_on


@for_each(
    "arguments, goflags, runs",
    [
        (["build", "./..."], "", False),
        (["build", "-toolexec", "time"], "", True),
        (["build", "-toolexec=time -v"], "", True),
        (["build", "--toolexec=time"], "", True),
        (["vet", "-vettool=/bin/x"], "", True),
        (["build"], "-toolexec=time", True),
        (["build"], "-v -toolexec=time", True),
        (["build", "toolexec"], "", False),
        (["build", "-o", "./toolexec"], "-v", False),
    ],
)
def test_a_call_that_runs_a_program_of_the_users_is_told(arguments, goflags, runs):
    assert runs_a_program(arguments, goflags) is runs
