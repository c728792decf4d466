"""Which calls are run by the supervisor, what it gives, and that all others are what bare go is, process and all."""

from __future__ import annotations

import json

import pytest

from tests.end_to_end.generated_modules import Module, modules, write_project
from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.recorded_go import RecordedGo

ZIP = "*/m01/*.zip"
FILLER = 20_000  # bytes that make a zip too large for one segment
DOWNLOAD = ("mod", "download")
FETCHING = {
    "build": ("build", "-o", "made", "."),
    "vet": ("vet", "./..."),
    "install": ("install", "."),
    "get": ("get", "example.com/m01@v1.1.0"),
    "mod tidy": ("mod", "tidy"),
    "mod vendor": ("mod", "vendor"),
}
RUNNING = {"test": ("test", "./..."), "run": ("run", "."), "generate": ("generate", "./..."), "tool": ("tool", "fix")}
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
CI = {"CI": "true"}
NO_CI = {"CI": None}


@pytest.fixture
def user(real, embedded_go, tmp_path):
    """A machine with the real go, an empty module cache, and retries that do not wait long."""
    real.recorded = RecordedGo(real.tools, embedded_go)
    real.env |= {
        "PATH": f"{real.bin}:{real.recorded.path.parent}:/usr/bin:/bin",
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOFLAGS": "-trimpath -modcacherw",
        "GONOSUMDB": "example.com",
        "GOBIN": str(tmp_path / "installed"),
        "GOSHIM_RETRY__FIRST_WAIT_S": "0.01",
        "GOSHIM_RETRY__MAX_WAIT_S": "0.05",
    }
    real.bare = lambda *args, **more: real.call(embedded_go, *args, **more)
    return real


@pytest.fixture
def told(real):
    """A machine with a go that does nothing: what matters is how it is called."""
    go = RecordedGo(real.tools, "/bin/true")
    real.env["PATH"] = f"{real.bin}:{go.path.parent}:/usr/bin:/bin"
    (real.work / "go.mod").write_text("module example.com/app\n\ngo 1.21\n")
    return lambda *words, env=None, cwd=None: go.called_by(real, *words, env=env, cwd=cwd)


def needing(user, at=None):
    """Modules, and a project in the working directory that needs them."""
    needed = modules(3, FILLER)
    write_project(at or user.work, needed, packages=2)
    return [*needed, Module(1, "m01", FILLER, version="v1.1.0")]


def content(directory):
    """All files below a directory."""
    return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def said(done):
    """The lines that begin something goshim says."""
    return [line for line in done.message.splitlines() if line.startswith("goshim: ")]


# What is done again.


@pytest.mark.parametrize("name", FETCHING)
def test_in_ci_a_broken_transfer_costs_a_verb_none_of_its_results(user, tmp_path, name):
    served = needing(user)
    bare = tmp_path / "bare"
    needing(user, bare)
    pattern = "*/m01/@v/v1.1.0.zip" if name == "get" else ZIP
    with ModuleProxy(served) as proxy:
        env = {"GOPROXY": proxy.url, "GOMODCACHE": tmp_path / "bare-modules", "GOBIN": tmp_path / "bare-installed"}
        expected = user.bare(*FETCHING[name], env=env, cwd=bare)
    assert expected.code == 0
    with ModuleProxy(served, [Break("reset midway", pattern)]) as proxy:
        done = user.go(*FETCHING[name], env={**CI, "GOPROXY": proxy.url})
        assert proxy.count(pattern) == 2
    assert (done.out, done.code, len(said(done))) == (expected.out, 0, 1), done.message
    assert content(user.work) == content(bare)
    if name == "install":
        assert content(tmp_path / "installed") == content(tmp_path / "bare-installed")
        assert user.call(tmp_path / "installed/app").err == b"3\n"
    if name == "get":
        assert b"example.com/m01 v1.1.0\n" in (user.work / "go.mod").read_bytes()


def test_in_ci_a_build_in_json_tells_of_its_last_attempt_alone(user):
    served = needing(user)
    with ModuleProxy(served, [Break("503", ZIP)]) as proxy:
        done = user.go("build", "-json", ".", env={**CI, "GOPROXY": proxy.url})
    assert (done.out, done.code) == (b"", 0), done
    assert len(said(done)) == 1


def test_in_ci_what_does_not_compile_is_compiled_once(user):
    served = needing(user)
    (user.work / "main.go").write_text("package main\n\nfunc main() { nothing() }\n")
    with ModuleProxy(served) as proxy:
        env = {**CI, "GOPROXY": proxy.url}
        for verb in ("build", "-o", "made", "."), ("vet", "."):
            bare = user.bare(*verb, env=env)
            user.recorded.forget()
            assert user.go(*verb, env=env) == bare
            assert user.recorded.words == [" ".join(verb)]


CHDIR = [
    ("-C", "{}", *DOWNLOAD),
    ("mod", "-C", "{}", "download"),
    ("mod", "download", "-C", "{}"),
    ("-C={}", *DOWNLOAD),
]


@pytest.mark.parametrize("place", ["relative", "absolute", "with dots", "link"])
@pytest.mark.parametrize("words", CHDIR, ids=" ".join)
def test_mod_download_in_another_directory_is_watched_wherever_that_is_said(user, words, place):
    project = user.work / "deep/down"
    served = needing(user, project)
    (user.work / "link").symlink_to(project)
    name = {"relative": "deep/down", "with dots": "deep/../deep/down", "link": "link"}.get(place, str(project))
    with ModuleProxy(served, [Break("503", ZIP)]) as proxy:
        done = user.go(*(word.format(name) for word in words), env={"GOPROXY": proxy.url})
        assert proxy.count(ZIP) == 2
    assert (done.out, done.code, len(said(done))) == (b"", 0, 1), done.message
    assert user.bare("-C", project, *DOWNLOAD, env={"GOPROXY": "off"}).code == 0


LOCKED = """[[ "$*" != *download* || -e $place/was-locked ]] || {{
  echo >"$place/was-locked"
  echo "go: RLock {path}: resource temporarily unavailable" >&2
  exit 1
}}"""


@pytest.mark.parametrize("words", CHDIR, ids=" ".join)
def test_a_lock_is_one_of_the_project_there_and_so_it_is_in_the_journal(real, words):
    project = real.work / "deep/down"
    project.mkdir(parents=True)
    (project / "go.mod").write_text("module example.com/app\n")
    go = RecordedGo(real.tools, "/bin/true", instead=LOCKED.format(path=project / "go.mod"))
    waits = {"GOSHIM_RETRY__FIRST_WAIT_S": "0.01", "GOSHIM_RETRY__LOCKS": "always"}
    real.env |= {"PATH": f"{real.bin}:{go.path.parent}:/usr/bin:/bin", **waits}
    done = real.go(*(word.format("deep/down") for word in words))
    assert (done.out, done.code, len(go.calls)) == (b"", 0, 2), done.message
    assert str(project / "go.mod") in said(done)[0]
    (line,) = (real.home / ".local/state/goshim/journal.jsonl").read_text().splitlines()
    incident = json.loads(line)
    assert (incident["path"], incident["class"], incident["won"]) == (str(project / "go.mod"), "lock", True)
    assert incident["verb"] == "mod download"


# Which calls are supervised.


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


# Settings.


def test_a_project_says_how_patient_its_downloads_are(user):
    served = needing(user)
    for tries in 2, 6:
        user.project_file.write_text(f"[retry]\nnetwork_tries = {tries}\n")
        with ModuleProxy(served, [Break("503", ZIP, ALWAYS)]) as proxy:
            for command in DOWNLOAD, FETCHING["build"]:
                proxy.forget()
                assert user.go(*command, env={**CI, "GOPROXY": proxy.url}).code == 1
                assert proxy.count(ZIP) == tries


def test_an_untrusted_project_can_not_make_calls_hang(user):
    served = needing(user)
    user.project_file.write_text("[retry]\nnetwork_tries = 11\n")  # one more than such a file may ask for
    with ModuleProxy(served, [Break("503", ZIP, ALWAYS)]) as proxy:
        assert user.go(*DOWNLOAD, env={"GOPROXY": proxy.url}).code == 1
        assert proxy.count(ZIP) == 4  # the default
        user.put(user.config, "[retry]\nnetwork_tries = 11\n")
        proxy.forget()
        assert user.go(*DOWNLOAD, env={"GOPROXY": proxy.url}).code == 1
        assert proxy.count(ZIP) == 11


@pytest.mark.parametrize(("policy", "env"), [("always", NO_CI), ("never", CI)])
def test_a_project_says_whether_locks_are_to_be_expected(told, real, policy, env):
    real.project_file.write_text(f'[retry]\nlocks = "{policy}"\n')
    called = told("build", ".", env=env)
    assert called == [("below", "build .")]  # never: there are still networks, in CI
    real.project_file.write_text('[retry]\nlocks = "never"\n')
    assert told("build", ".", env=NO_CI) == [("itself", "build .")]


@pytest.mark.parametrize("how", ["variable", "file"])
def test_turned_off_nothing_is_supervised_and_nothing_tried_again(user, how):
    served = needing(user)
    env = {**CI, "GOSHIM": "off"} if how == "variable" else CI
    if how == "file":
        assert user.goshim("off").code == 0
    with ModuleProxy(served, [Break("503", ZIP, ALWAYS)]) as proxy:
        env = {**env, "GOPROXY": proxy.url}
        for verb in DOWNLOAD, *FETCHING.values(), RUNNING["test"]:
            assert user.recorded.called_by(user, *verb, env=env) == [("itself", " ".join(verb))]
        proxy.forget()
        bare = user.bare(*DOWNLOAD, env=env)
        assert user.go(*DOWNLOAD, env=env) == bare
        assert proxy.count(ZIP) == 2
    assert not (user.home / ".local/state/goshim").exists()
    assert not user.store.exists()
