"""What a call of test, run, generate or tool needs is fetched before it, once."""

from __future__ import annotations

import os
import pathlib
import re

import pytest

from tests.end_to_end.generated_modules import modules
from tests.end_to_end.module_proxy import Break
from tests.end_to_end.prefetch.fetching import (
    LISTS,
    RUNNING,
    SHORT,
    ZIP,
    Program,
    lists,
    needing,
    told,
    with_tool,
    workspace,
)

POLICIES = [("always", "test"), ("always", "tool"), ("never", "run"), ("never", "tool")]


@pytest.mark.parametrize(("policy", "name"), [*(("CI", name) for name in RUNNING), *POLICIES])
def test_what_a_call_needs_is_fetched_before_it_once(user, proxy, name, policy):
    needing(user)
    with_tool(user)
    if policy != "CI":
        user.put(user.config, f'[retry]\nprefetch = "{policy}"\n')
        user.env["CI"] = None if policy == "always" else "true"
    words = " ".join(RUNNING[name])
    fetching = [] if policy == "never" else [("below", LISTS[name])]
    for before in fetching, []:
        assert user.recorded.called_by(user, *RUNNING[name]) == [*before, ("itself", words)]
    assert user.recorded.calls[0].directory == str(user.work)
    assert proxy.count(ZIP) == 1


def test_what_is_known_of_one_call_is_known_of_no_other(user, proxy):
    needing(user)
    calls = [("test", "."), ("test", "./part00"), ("-C", "part00", "test", "."), ("run", ".")]
    assert [lists(user, *words) for words in calls * 2] == [1, 1, 1, 1, 0, 0, 0, 0]
    assert lists(user, "test", ".", cwd=user.work / "part01") == 1
    assert lists(user, "run", ".", "argument") == 0


NEEDING_NOTHING = [("tool",), ("tool", "dist", "list"), ("tool", "-n", "compile"), ("test", "-h"), ("run",)]


@pytest.mark.parametrize("words", NEEDING_NOTHING, ids=" ".join)
def test_for_what_needs_nothing_nothing_is_fetched(user, proxy, words):
    needing(user)
    with_tool(user)
    user.go(*words)
    assert user.recorded.words == [" ".join(words)]
    assert proxy.count() == 0


@pytest.mark.parametrize(
    "words", [("tool", "m04"), ("tool", "example.com/m04"), ("run", "example.com/m04")], ids=" ".join
)
def test_a_program_of_another_module_is_fetched_before(user, proxy, words):
    path = "example.com/m04"
    needing(user)
    with_tool(user, path)
    with (user.work / "go.mod").open("a") as file:
        file.write(f"\nrequire {path} v1.0.0\n")
    with (user.work / "go.sum").open("a") as file:
        file.write("".join(Program(4, "m04").sums))
    proxy.breaks = [Break("503", "*/m04/*.zip")]
    done = user.go(*words)
    assert (done.code, done.message) == (0, "from afar\n")


def test_the_module_cache_is_as_writable_as_the_call_says(user, proxy):
    needing(user)
    module = pathlib.Path(user.env["GOMODCACHE"]) / "example.com/m00@v1.0.0"
    assert user.go("test", "-modcacherw", "./part00", env={"GOFLAGS": None}).code == 0
    assert user.recorded.words == [
        "list -deps -test -modcacherw -buildvcs=false -- ./part00",
        "test -modcacherw ./part00",
    ]
    assert module.stat().st_mode & 0o200


@pytest.mark.parametrize("name", RUNNING)
def test_on_a_machine_of_a_persons_own_nothing_is_fetched_ahead(user, proxy, name):
    needing(user)
    words = " ".join(RUNNING[name])
    for env in {"CI": None}, {"CI": "false"}:
        assert user.recorded.called_by(user, *RUNNING[name], env=env) == [("itself", words)]


@pytest.mark.parametrize("how", ["below", "-C before", "-C behind", "-C=", "-C below"])
def test_it_is_fetched_for_the_module_that_the_call_is_about(user, proxy, how):
    project = needing(user, user.work / "project")
    words, cwd = {
        "below": (("test", "."), project / "part00"),
        "-C before": (("-C", "project", "test", "."), user.work),
        "-C behind": (("test", "-C", "project", "."), user.work),
        "-C=": (("test", "-C=project", "."), user.work),
        "-C below": (("-C", project / "part00", "test", "."), user.work),
    }[how]
    words = tuple(map(str, words))
    env = {"PWD": str(cwd)}
    assert lists(user, *words, cwd=cwd, env=env) == 1
    assert user.recorded.calls[0].directory == str(project / "part00" if "below" in how else project)
    assert lists(user, *words, cwd=cwd, env=env) == 0
    assert proxy.count("*/m00/*.zip") == 1


def test_below_a_module_by_a_link_it_ends_as_without_goshim(user, proxy):
    link = user.work / "link"
    link.symlink_to(needing(user, user.work / "project") / "part00")
    more = {"cwd": link, "env": {"PWD": str(link)}}
    assert told(user.go("test", ".", **more)) == told(user.bare("test", ".", **more))


@pytest.mark.parametrize("name", ["a b", "it's", 'qu"ote', "a*", "[a-z]", "$HOME", "ünï", "-x", "~", "%s", "\\n"])
def test_however_the_directory_is_called(user, proxy, name):
    project = needing(user, user.work / name)
    assert [lists(user, *SHORT, cwd=project) for _ in range(2)] == [1, 0]


def test_a_go_sum_of_hundreds_of_kilobytes_is_remembered_and_one_of_megabytes_harms_nothing(user, proxy):
    needing(user)
    line = "example.com/other v1.0.{} h1:OFls3I5IP3jCPLZ4wCoUdQKFbpM/TkjtKevsmBQLatg=\n"
    with (user.work / "go.sum").open("a") as file:
        file.writelines(line.format(number) for number in range(4_000))
    assert [lists(user, *SHORT) for _ in range(2)] == [1, 0]
    with (user.work / "go.sum").open("a") as file:
        file.writelines(line.format(number) for number in range(4_000, 20_000))
    assert user.go("test", "./...").code == 0


def test_while_nothing_changed_no_python_is_started(user, proxy, program):
    needing(user)
    lists(user, "test", "./part00")
    log = user.root / "trace"
    strace = [program("strace"), "-f", "-qq", "-o", log, "-e", "trace=execve", "-e", "signal=none"]
    done = user.call(*strace, user.launcher, "test", "./part00")
    if "ptrace" in done.message:
        pytest.skip("strace may not trace here")
    programs = re.findall(r'execve\("([^"]*)".* = 0$', log.read_text(errors="replace"), re.MULTILINE)
    assert programs[:2] == [str(user.launcher), str(user.recorded.path)]
    assert not [each for each in programs if os.path.basename(each).startswith("python")]


def test_in_a_workspace_what_its_modules_need_is_fetched_before(user, proxy):
    workspace(user)
    proxy.breaks = [Break("503", ZIP)]
    done = user.go("test", "./a/...", "./b/...")
    assert (done.code, proxy.count(ZIP)) == (0, 2), done.message


TAGGED = [
    ("test", "-tags=extra", "./..."),
    ("test", "-tags", "extra", "./..."),
    ("test", "-run", "Test", "-tags", "extra", "./..."),
    ("test", "./...", "-tags=extra"),
    ("test", "-C", ".", "-tags=extra", "./..."),
    ("-C", ".", "test", "-tags=extra", "./..."),
]


@pytest.mark.parametrize("words", TAGGED, ids=" ".join)
def test_what_only_a_tag_needs_is_fetched_before_wherever_it_stands(user, proxy, words):
    needing(user, numbers=[0])
    required = "require (\n\texample.com/m00 v1.0.0\n\texample.com/m01 v1.0.0\n)"
    (user.work / "go.mod").write_text(f"module example.com/app\n\ngo 1.21\n\n{required}\n")
    (user.work / "go.sum").write_text("".join(line for module in modules(2) for line in module.sums))
    (user.work / "part00/extra.go").write_text('//go:build extra\n\npackage part00\n\nimport _ "example.com/m01"\n')
    proxy.breaks = [Break("503", ZIP)]
    done = user.go(*words)
    assert (done.code, proxy.count(ZIP)) == (0, 2), done.text
