"""Which calls are run by the supervisor; all others are what bare go is, process and all, and so read its slips."""

from __future__ import annotations

import pytest

from tests.end_to_end.module_proxy import ModuleProxy
from tests.end_to_end.verbs.calls import CI, DOWNLOAD, FETCHING, NO_CI, RUNNING, needing

OTHERS = [
    "version",
    "env GOROOT",
    "list ./...",
    "mod graph",
    "mod verify",
    "mod why x",
    "fmt ./...",
    "clean",
    "work use",
]


def test_mod_download_is_supervised_everywhere(told):
    for _ in "cold", "warm":
        for env in NO_CI, CI:
            assert told(*DOWNLOAD, env=env) == [("below", "mod download")]


@pytest.mark.parametrize("name", [*FETCHING, *RUNNING])
def test_on_a_healthy_machine_all_else_is_go_itself(told, name):
    verb = {**FETCHING, **RUNNING}[name]
    for _ in "cold", "warm":
        assert told(*verb, env=NO_CI) == [("itself", " ".join(verb))]


@pytest.mark.parametrize("name", FETCHING)
@pytest.mark.parametrize("ci", ["true", "1"])
def test_in_ci_what_fetches_and_runs_no_code_is_supervised(told, name, ci):
    for _ in "cold", "warm":
        assert told(*FETCHING[name], env={"CI": ci}) == [("below", " ".join(FETCHING[name]))]
        assert told(*FETCHING[name], env=NO_CI) == [("itself", " ".join(FETCHING[name]))]


@pytest.mark.parametrize("ci", ["", "false", "0", "no"])
def test_a_ci_that_says_no_is_none(told, ci):
    assert told("build", ".", env={"CI": ci}) == [("itself", "build .")]
    assert told("test", ".", env={"CI": ci}) == [("itself", "test .")]


@pytest.mark.parametrize("words", OTHERS)
def test_even_in_ci_all_other_verbs_are_go_itself(told, words):
    for _ in "cold", "warm":
        assert told(*words.split(), env=CI) == [("itself", words)]


@pytest.mark.parametrize("name", FETCHING)
@pytest.mark.parametrize("where", ["front", "middle"])
def test_in_ci_a_verb_in_another_directory_is_supervised_too(told, real, name, where):
    (real.work / "there").mkdir()
    first, *rest = FETCHING[name]
    words = ("-C", "there", first, *rest) if where == "front" else (first, "-C", "there", *rest)
    assert told(*words, env=CI) == [("below", " ".join(words))]


# What only looks like one of them.


@pytest.mark.parametrize(
    "words",
    [
        "",
        "mod",
        "mod downloadx",
        "mod down",
        "mod -x download",
        "mod -C . -C . download",
        "-x mod download",
        "help mod download",
        "help mod",
        "mod download -h",
        "mod download --help",
        "mod download -nonsense",
        "mod download -C .",
        "mod download -json -h",
        "build -h",
        "vet -h",
        "get -h",
        "mod tidy -h",
        "mod tidy nonsense",
        "test -h",
        "tool -h",
        "run",
        "buildx",
    ],
)
def test_help_and_slips_read_as_without_goshim(user, words):
    served = needing(user)
    with ModuleProxy(served) as proxy:
        env = {**CI, "GOPROXY": proxy.url}
        bare = user.bare(*words.split(), env=env)
        for _ in "cold", "warm":
            assert user.go(*words.split(), env=env) == bare


def test_an_empty_word_is_passed_on(user):
    served = needing(user)
    with ModuleProxy(served) as proxy:
        env = {**CI, "GOPROXY": proxy.url}
        assert user.bare(*DOWNLOAD, env=env).code == 0
        for words in ("mod", ""), ("", "mod", "download"), ("mod", "download", ""), ("build", ""):
            assert user.go(*words, env=env) == user.bare(*words, env=env)


def test_goproxy_off_is_nobodys_mistake(user):
    needing(user)
    env = {"GOPROXY": "off"}
    done, bare = user.go(*DOWNLOAD, env=env), user.bare(*DOWNLOAD, env=env)
    assert (done.out, done.code) == (bare.out, bare.code)
    assert done.message.startswith(bare.message)
    assert "no value that go can use" not in done.message
