"""What a call of test, run, generate or tool needs is fetched before it, once, unseen; then it is what bare go is."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass

import pytest

from tests.end_to_end.generated_modules import Module, modules, write_project
from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.recorded_go import RecordedGo

LIST = "list -deps -test ./..."
ZIP = "*/m01/*.zip"
AT_ONCE_S = 20
SHORT_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "0.01", "GOSHIM_RETRY__MAX_WAIT_S": "0.05"}
LONG_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "60", "GOSHIM_RETRY__MAX_WAIT_S": "60"}
RUNNING = {
    "test": ("test", "./..."),
    "run": ("run", "."),
    "generate": ("generate", "./..."),
    "tool": ("tool", "buildid"),
}
FILES = ("go.mod", "go.sum", "go.work", "go.work.sum")
ONLY_LISTS = '[[ "$*" == *"list -deps"* ]] || exit 0'  # what else it would change is its own affair
COUNT = """
	file, _ := os.OpenFile(os.Getenv("RUNS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	file.WriteString("run\\n")
"""
COUNTING_TEST = f"""package main

import (
	"os"
	"testing"
)

func Test(t *testing.T) {{{COUNT}
	if os.Getenv("FAIL") != "" {{
		t.Fatal("read tcp 127.0.0.1:1->127.0.0.1:2: read: connection reset by peer")
	}}
}}
"""
COUNTING_PROGRAM = f"""package main

import "os"

//go:generate /bin/sh -c "echo run >>$RUNS; exit $FAIL"

func main() {{{COUNT}
	if os.Getenv("FAIL") != "" {{
		println("go: x.test/y@v1.0.0: read \\"http://x.test/y.zip\\": read: connection reset by peer")
		os.Exit(1)
	}}
}}
"""
ECHO = 'package main\n\nimport (\n\t"io"\n\t"os"\n)\n\nfunc main() { io.Copy(os.Stdout, os.Stdin) }\n'


@dataclass(frozen=True)
class Program(Module):
    """A module that is a program."""

    @property
    def files(self):
        return {"go.mod": self.mod, "main.go": b'package main\n\nfunc main() { println("from afar") }\n'}


@pytest.fixture
def make(real, embedded_go, tmp_path):
    """Makes a machine that is one of CI, with the real go, an empty module cache, and retries that do not wait long."""

    def machine(instead=""):
        real.recorded = RecordedGo(real.tools, embedded_go, instead=instead)
        real.env |= {
            "PATH": f"{real.bin}:{real.recorded.path.parent}:/usr/bin:/bin",
            "CI": "true",
            "GOMODCACHE": str(tmp_path / "modules"),
            "GOFLAGS": "-trimpath -modcacherw -count=1",
            "GONOSUMDB": "*",
            **SHORT_WAITS,
        }
        real.bare = lambda *args, **more: real.call(embedded_go, *args, **more)
        return real

    return machine


@pytest.fixture
def user(make):
    return make()


@pytest.fixture
def proxy(user):
    """A module proxy with five modules, which the machine uses."""
    with ModuleProxy([*modules(4), Program(4, "m04")]) as running:
        user.env["GOPROXY"] = running.url
        yield running


def needing(user, at=None, numbers=(0, 1), name="example.com/app"):
    """A project that needs some of the modules, one in each package."""
    directory = at or user.work
    write_project(directory, [modules(4)[number] for number in numbers], packages=len(numbers))
    for path in directory.rglob("*.*"):
        if path.name == "go.mod" or path.suffix == ".go":
            path.write_text(path.read_text().replace("example.com/app", name))
    return directory


def workspace(user, *, root=False):
    """A workspace of the modules a and b, and maybe one at its root; each needs one module."""
    needing(user, user.work / "a", [0], "example.com/a")
    needing(user, user.work / "b", [1], "example.com/b")
    if root:
        needing(user, user.work, [2], "example.com/root")
    uses = "\t./a\n\t./b\n" + "\t.\n" * root
    (user.work / "go.work").write_text(f"go 1.21\n\nuse (\n{uses})\n")


def lists(user, *words, **more):
    """How many calls fetched before a call, which was made once."""
    user.recorded.forget()
    done = user.go(*words, **more)
    assert user.recorded.words[-1] == " ".join(words)
    assert all(call.startswith("list -deps -test ") for call in user.recorded.words[:-1])
    assert "goshim" not in done.message
    return len(user.recorded.calls) - 1


def told(done):
    """Exit code and output, without what differs from run to run, and without the names of what was fetched."""
    err = re.sub(r"(?m)^go: downloading .*\n", "", done.message)
    return [done.code, *(re.sub(r"\b\d+\.\d+s\b", "0s", text) for text in (done.text, err))]


def remembered(user):
    """What the store remembers of what was fetched."""
    return [path for path in (user.store / "fetched").rglob("@*") if path.is_file()]


# Once.


@pytest.mark.parametrize("policy", ["CI", "always", "never"])
@pytest.mark.parametrize("name", RUNNING)
def test_what_a_call_needs_is_fetched_before_it_once(user, proxy, name, policy):
    needing(user)
    if policy != "CI":
        user.put(user.config, f'[retry]\nprefetch = "{policy}"\n')
        user.env["CI"] = None if policy == "always" else "true"
    words = " ".join(RUNNING[name])
    fetching = [] if policy == "never" else [("below", LIST)]
    for before in fetching, [], []:
        assert user.recorded.called_by(user, *RUNNING[name]) == [*before, ("itself", words)]
    assert user.recorded.calls[0].directory == str(user.work)
    assert proxy.count(ZIP) == (0 if policy == "never" and name == "tool" else 1)


def test_it_is_fetched_once_for_all_of_these_verbs(user, proxy):
    needing(user)
    assert [lists(user, *words) for words in RUNNING.values()] == [1, 0, 0, 0]


@pytest.mark.parametrize("name", RUNNING)
def test_on_a_machine_of_a_persons_own_nothing_is_fetched_ahead(user, proxy, name):
    needing(user)
    words = " ".join(RUNNING[name])
    for env in {"CI": None}, {"CI": "false"}:
        assert user.recorded.called_by(user, *RUNNING[name], env=env) == [("itself", words)]


@pytest.mark.parametrize("how", ["below", "below by a link", "-C before", "-C behind", "-C=", "-C below"])
def test_it_is_fetched_for_the_module_that_the_call_is_about(user, proxy, how):
    project = needing(user, user.work / "project")
    (user.work / "link").symlink_to(project / "part00")
    words, cwd = {
        "below": (("test", "."), project / "part00"),
        "below by a link": (("test", "."), user.work / "link"),
        "-C before": (("-C", "project", "test", "."), user.work),
        "-C behind": (("test", "-C", "project", "."), user.work),
        "-C=": (("test", "-C=project", "."), user.work),
        "-C below": (("-C", project / "part00", "test", "."), user.work),
    }[how]
    words = tuple(map(str, words))
    env = {"PWD": str(cwd)}
    if how == "below by a link":
        assert user.go(*words, cwd=cwd, env=env).code == user.bare(*words, cwd=cwd, env=env).code
        return
    assert lists(user, *words, cwd=cwd, env=env) == 1
    assert user.recorded.calls[0].directory == str(project)
    assert lists(user, *words, cwd=cwd, env=env) == 0
    assert proxy.count(ZIP) == 1


@pytest.mark.parametrize("name", ["a b", "it's", 'qu"ote', "a*", "[a-z]", "$HOME", "ünï", "-x", "~", "%s", "\\n"])
def test_however_the_directory_is_called(user, proxy, name):
    project = needing(user, user.work / name)
    assert [lists(user, "test", "./...", cwd=project) for _ in range(3)] == [1, 0, 0]


def test_a_go_sum_of_hundreds_of_kilobytes_is_remembered_and_one_of_megabytes_harms_nothing(user, proxy):
    needing(user)
    line = "example.com/other v1.0.{} h1:OFls3I5IP3jCPLZ4wCoUdQKFbpM/TkjtKevsmBQLatg=\n"
    with (user.work / "go.sum").open("a") as file:
        file.writelines(line.format(number) for number in range(4_000))
    assert [lists(user, "test", "./...") for _ in range(3)] == [1, 0, 0]
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


# Anew.


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "go.work", "go.work.sum"])
def test_a_file_that_changed_means_fetching_anew_even_with_its_old_time_and_size(user, proxy, name):
    workspace(user, root=True)
    (user.work / "go.work.sum").write_text("")
    path = user.work / name
    with path.open("a") as file:
        file.write("// 1\n" if "sum" not in name else "example.com/x v1.0.1 h1:x=\n")
    assert [lists(user, "test", "."), lists(user, "test", ".")] == [1, 0]
    before = path.stat()
    path.write_text(path.read_text().replace("// 1", "// 2").replace("v1.0.1", "v1.0.2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert [lists(user, "test", "."), lists(user, "test", ".")] == [1, 0]


@pytest.mark.parametrize("name", ["go.work", "go.work.sum", "go.sum"])
def test_a_file_that_appears_or_goes_means_fetching_anew(user, proxy, name):
    needing(user)
    text = {"go.work": "go 1.21\n\nuse .\n", "go.sum": (user.work / "go.sum").read_text()}.get(name, "")
    (user.work / name).unlink(missing_ok=True)
    assert [lists(user, "test", "."), lists(user, "test", ".")] == [1, 0]
    (user.work / name).write_text(text)
    assert [lists(user, "test", "."), lists(user, "test", ".")] == [1, 0]
    if name != "go.sum":  # without one nothing was fetched, so it was for an empty module cache
        (user.work / name).unlink()
        assert lists(user, "test", ".") == 0  # of before it is still remembered


def test_a_go_work_above_the_module_counts_as_well(user, proxy):
    workspace(user)
    member = {"cwd": user.work / "a"}
    assert [lists(user, "test", "./...", **member) for _ in range(2)] == [1, 0]
    with (user.work / "go.work").open("a") as file:
        file.write("// changed\n")
    assert [lists(user, "test", "./...", **member) for _ in range(2)] == [1, 0]


def test_a_go_work_that_gowork_names_counts_as_well(user, proxy):
    workspace(user)
    (user.root / "elsewhere").mkdir()
    file = user.put(user.root / "elsewhere/go.work", f"go 1.21\n\nuse {user.work}/a\n", 0o644)
    member = {"cwd": user.work / "a", "env": {"GOWORK": str(file)}}
    assert [lists(user, "test", "./...", **member) for _ in range(2)] == [1, 0]
    file.write_text(f"go 1.21\n\nuse (\n\t{user.work}/a\n\t{user.work}/b\n)\n")
    assert [lists(user, "test", "./...", **member) for _ in range(2)] == [1, 0]


def test_a_changed_go_mod_of_a_workspaces_member_counts_at_its_root(user, proxy):
    workspace(user)
    words = ("test", "./a/...", "./b/...")
    assert lists(user, *words) == 1
    assert lists(user, *words) == 0
    needing(user, user.work / "a", [0, 3], "example.com/a")
    assert lists(user, *words) == 1


@pytest.mark.parametrize("how", ["go clean", "removed", "another"])
def test_an_empty_module_cache_is_filled_anew(user, proxy, how):
    needing(user)
    assert [lists(user, "test", "./..."), lists(user, "test", "./...")] == [1, 0]
    if how == "go clean":
        assert user.bare("clean", "-modcache").code == 0
    elif how == "removed":
        shutil.rmtree(user.env["GOMODCACHE"])
    else:
        user.env["GOMODCACHE"] += "-2"
    proxy.forget()
    proxy.breaks = [Break("503", ZIP)]
    assert lists(user, "test", "./...") == 2
    assert proxy.count(ZIP) == 2
    assert lists(user, "test", "./...") == 0


def test_each_of_some_environments_is_remembered(user, proxy):
    needing(user)
    for expected in 1, 0, 0:
        for env in {}, {"GOOS": "windows"}, {"GOARCH": "arm64"}:
            assert lists(user, "tool", "buildid", env=env) == expected


def test_a_fetch_that_failed_is_remembered_too(user, proxy):
    needing(user)
    proxy.breaks = [Break("404", ZIP, ALWAYS)]
    for expected in 1, 0, 0:
        bare = user.bare("test", "./...")
        assert lists(user, "test", "./...") == expected
        assert told(user.go("test", "./...")) == told(bare)


# Unseen.


@pytest.mark.parametrize("times", [0, 2], ids=["all well", "broken twice"])
@pytest.mark.parametrize("name", RUNNING)
def test_nothing_is_seen_of_it(user, proxy, name, times):
    needing(user)
    bare = user.bare(*RUNNING[name], env={"GOMODCACHE": user.root / "bare"})
    proxy.forget()
    proxy.breaks = [Break("503", ZIP, times)]
    done = user.go(*RUNNING[name])
    assert told(done) == told(bare)
    assert "go: downloading" not in done.message
    assert user.recorded.words == [LIST] * (times + 1) + [" ".join(RUNNING[name])]
    again = user.go(*RUNNING[name])
    assert (told(again), again.err) == (told(bare), done.err)


@pytest.mark.parametrize("file", ["main.go", "part00/part00_test.go", "go.mod"])
def test_nor_is_where_the_call_fails_afterwards(user, proxy, file):
    needing(user)
    (user.work / file).write_text("nonsense\n")
    bare = user.bare("test", "./...")
    assert bare.code == 1
    for _ in range(2):
        assert told(user.go("test", "./...")) == told(bare)


def test_what_was_lost_is_told_by_go_alone(user, proxy):
    needing(user)
    proxy.breaks = [Break("503", ZIP, ALWAYS)]
    bare, done = user.bare("test", "./..."), user.go("test", "./...")
    assert told(done) == told(bare)
    assert bare.code == 1
    assert user.recorded.words == [LIST] * 4 + ["test ./..."]


def test_what_is_typed_reaches_the_program(user, proxy):
    needing(user)
    (user.work / "main.go").write_text(ECHO)
    text = os.urandom(300_000)
    assert user.go("run", ".", stdin=text).out == text
    assert user.recorded.words == [LIST, "run ."]


# Files of the module.


def state(directory):
    """The files that the go command keeps in a directory, with their bytes and times."""
    return {name: (path.read_bytes(), path.stat().st_mtime_ns) for name in FILES if (path := directory / name).exists()}


@pytest.mark.parametrize("how", ["plain", "GOFLAGS", "GOFLAGS in quotes", "GOFLAGS of go env -w", "flag", "two words"])
@pytest.mark.parametrize("missing", ["go.sum", "requirement"])
def test_go_mod_and_go_sum_stay_as_they_are(make, how, missing):
    user = make(ONLY_LISTS)
    needing(user)
    if missing == "go.sum":
        (user.work / "go.sum").unlink()
    else:
        text = (user.work / "go.mod").read_text()
        (user.work / "go.mod").write_text(text.replace("\texample.com/m01 v1.0.0\n", ""))
    env, flags = {}, []
    match how:
        case "GOFLAGS":
            env["GOFLAGS"] = "-mod=mod"
        case "GOFLAGS in quotes":
            env["GOFLAGS"] = "'-mod=mod' -modcacherw"
        case "GOFLAGS of go env -w":
            env["GOFLAGS"] = None
            user.put(user.home / ".config/go/env", "GOFLAGS=-mod=mod\n", 0o644)
        case "flag":
            flags = ["-mod=mod"]
        case "two words":
            flags = ["-mod", "mod"]
    before = state(user.work)
    with ModuleProxy(modules(4)) as proxy:
        assert user.go("test", *flags, "./...", env={**env, "GOPROXY": proxy.url}).code == 0
    assert user.recorded.words[0].startswith("list -deps -test")
    assert state(user.work) == before


@pytest.mark.parametrize("where", [".", "a"])
@pytest.mark.parametrize("there", ["", "example.com/other v1.0.0/go.mod h1:x=\n", None])
def test_go_work_sum_stays_as_it_is(make, where, there):
    user = make(ONLY_LISTS)
    workspace(user, root=True)
    for name in "go.sum", "a/go.sum", "b/go.sum":
        (user.work / name).write_text("")
    if there is not None:
        (user.work / "go.work.sum").write_text(there)
    with ModuleProxy(modules(4)) as proxy:
        env = {"GOPROXY": proxy.url}
        assert user.go("test", "./...", cwd=user.work / where, env=env).code == 0
        assert user.recorded.words == [LIST, "test ./..."]
        after = user.work / "go.work.sum"
        assert (after.read_text() if after.exists() else None) == there
        assert user.bare("-C", where, *LIST.split(), env=env).code == 0
    assert f"example.com/m0{0 if where == 'a' else 2} v1.0.0 h1:" in after.read_text()  # else nothing was tested


# Code of the user's.


@pytest.mark.parametrize("fails", ["", "1"], ids=["well", "badly"])
@pytest.mark.parametrize("name", RUNNING)
def test_code_of_the_users_is_run_once_however_it_ends(user, proxy, name, fails):
    needing(user)
    proxy.breaks = [Break("503", ZIP)]
    (user.work / "main_test.go").write_text(COUNTING_TEST)
    (user.work / "main.go").write_text(COUNTING_PROGRAM)
    words = RUNNING[name]
    if name == "tool":
        with (user.work / "go.mod").open("a") as file:
            file.write("\ntool example.com/app\n")
        (user.work / "go.mod").write_text((user.work / "go.mod").read_text().replace("go 1.21", "go 1.24"))
        words = ("tool", "app")
    runs = user.root / "runs"
    for number in 1, 2:
        done = user.go(*words, env={"RUNS": str(runs), "FAIL": fails})
        assert bool(done.code) == bool(fails), done
        assert runs.read_text() == "run\n" * number
        assert "goshim" not in done.message
    assert user.recorded.words == [LIST, LIST, *[" ".join(words)] * 2]


# What works, and what does not, without goshim does so with it.


def _needless_private(user, proxy):
    text = (needing(user) / "go.mod").read_text()
    (user.work / "go.mod").write_text(text.replace("\n)", "\n\tprivate.example/secret v1.0.0\n)"))
    proxy.breaks = [Break("503", "*/private.example/*", ALWAYS)]
    return ("test", "./..."), {}


def _vendored(user, _proxy):
    needing(user)
    assert user.bare("mod", "vendor", env={"GOMODCACHE": user.root / "to vendor"}).code == 0
    return ("test", "./..."), {"GOPROXY": "off"}


def _all_cached(user, _proxy):
    needing(user)
    for name in "bare", "modules":
        assert user.bare("mod", "download", env={"GOMODCACHE": user.root.parent / name}).code == 0
    return ("test", "./..."), {"GOPROXY": "off"}


def _nothing_cached(user, _proxy):
    needing(user)
    return ("test", "./..."), {"GOPROXY": "off"}


def _half_to_be_had(user, proxy):
    needing(user)
    proxy.breaks = [Break("404", ZIP, ALWAYS)]
    return ("test", "./part00"), {}


def _workspace(user, _proxy):
    workspace(user)
    return ("test", "./a/...", "./b/..."), {}


def _workspace_off(user, _proxy):
    workspace(user, root=True)
    return ("test", "./..."), {"GOWORK": "off"}


def _no_module(user, _proxy):
    (user.work / "hello.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    return ("run", "hello.go"), {}


def _no_module_at_all(_user, _proxy):
    return ("test", "./..."), {}


def _without_modules(user, _proxy):
    needing(user)
    (user.work / "main.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    return ("run", "main.go"), {"GO111MODULE": "off"}


def _from_afar(user, _proxy):
    needing(user)
    return ("run", "example.com/m04@v1.0.0"), {}


def _from_afar_with_flags(user, _proxy):
    needing(user)
    return ("run", "-tags", "x", "example.com/m04@v1.0.0", "argument"), {}


def _at_in_an_argument(user, _proxy):
    needing(user)
    return ("run", ".", "me@example.com"), {}


def _test_flags(user, _proxy):
    needing(user)
    return ("test", "-v", "-run", "TestSum", "-timeout=1m", "./part00", "-args", "--", "-mod=nonsense", "-tags=x"), {}


def _other_go_mod(user, _proxy):
    needing(user)
    for name in "mod", "sum":
        (user.work / f"go.{name}").rename(user.work / f"other.{name}")
    (user.work / "go.mod").write_text("module example.com/app\n\ngo 1.21\n")
    return ("test", "-modfile=other.mod", "./..."), {}


def _missing_sum(user, _proxy):
    needing(user)
    (user.work / "go.sum").unlink()
    return ("test", "./..."), {}


def _too_old(user, _proxy):
    needing(user)
    (user.work / "go.mod").write_text("module example.com/app\n\ngo 1.99\n")
    return ("test", "./..."), {}


def _slip(user, _proxy):
    needing(user)
    return ("test", "-nonsense"), {}


def _slip_of_goflags(user, _proxy):
    needing(user)
    return ("test", "./..."), {"GOFLAGS": "nonsense"}


def _forged(user, proxy):
    needing(user)
    proxy.breaks = [Break("forged", ZIP, ALWAYS)]
    return ("test", "./..."), {}


def _unknown_tool(user, _proxy):
    needing(user)
    return ("tool", "nonsense"), {}


SITUATIONS = {
    made.__name__[1:].replace("_", " "): made
    for made in (
        _needless_private,
        _vendored,
        _all_cached,
        _nothing_cached,
        _half_to_be_had,
        _workspace,
        _workspace_off,
        _no_module,
        _no_module_at_all,
        _without_modules,
        _from_afar,
        _from_afar_with_flags,
        _at_in_an_argument,
        _test_flags,
        _other_go_mod,
        _missing_sum,
        _too_old,
        _slip,
        _slip_of_goflags,
        _forged,
        _unknown_tool,
    )
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_it_ends_as_without_goshim_and_as_soon(user, proxy, name):
    words, env = SITUATIONS[name](user, proxy)
    env = {**LONG_WAITS, **env}
    times_s, ends = [], []
    for through in False, True, True:
        cache = user.root.parent / ("modules" if through else "bare")
        begin = time.monotonic()
        done = (user.go if through else user.bare)(*words, env={**env, "GOMODCACHE": str(cache)})
        times_s.append(time.monotonic() - begin)
        ends.append([text if isinstance(text, int) else text.replace(str(cache), "CACHE") for text in told(done)])
    assert ends[1:] == ends[:1] * 2
    assert user.recorded.words.count(" ".join(words)) == 2
    assert len(user.recorded.calls) <= 3
    assert max(times_s[1:]) - times_s[0] < AT_ONCE_S  # nothing was waited for
    assert proxy.count("*/private.example/*") == 0


def test_outside_of_modules_and_for_a_version_there_is_nothing_to_fetch(user, proxy):
    for situation in _no_module, _from_afar, _from_afar_with_flags:
        words, _ = situation(user, proxy)
        for _ in range(2):
            assert lists(user, *words) == 0


@pytest.mark.parametrize("situation", [_test_flags, _at_in_an_argument], ids=["flags", "at"])
def test_arguments_of_the_program_are_none_of_gos(user, proxy, situation):
    words, _ = situation(user, proxy)
    assert lists(user, *words) == 1


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


# Interrupted, or standing still.


def test_ctrl_c_ends_the_call_and_what_was_not_fetched_is_fetched_the_next_time(user, proxy):
    needing(user)
    proxy.breaks = [Break("stall", ZIP, ALWAYS)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # that it is ignored would be passed on
    environment = user.with_env({})
    with subprocess.Popen(
        [user.launcher, "test", "./..."], env=environment, cwd=user.work, start_new_session=True, **pipes
    ) as process:
        signal.signal(signal.SIGINT, before)
        try:
            until = time.monotonic() + AT_ONCE_S
            while not proxy.count(ZIP) and time.monotonic() < until:
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGINT)
            assert process.communicate(timeout=AT_ONCE_S) == (b"", b"")
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert user.recorded.words == [LIST]
    assert remembered(user) == []
    proxy.breaks = []
    assert lists(user, "test", "./...") == 1
    assert remembered(user)


def test_a_proxy_that_never_answers_is_waited_for_ten_seconds_and_then_the_call_is_made(user, proxy):
    needing(user)
    proxy.breaks = [Break("stall", ZIP, ALWAYS)]
    begin = time.monotonic()
    done = user.go("test", "./part00")
    assert 9 < time.monotonic() - begin < 40
    assert (done.code, done.text[:5], done.err) == (0, "ok  \t", b"")
    assert user.recorded.words == [LIST, "test ./part00"]
    assert lists(user, "test", "./part00") == 0
