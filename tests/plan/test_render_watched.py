"""The statements of a plan that become the supervisor, and the text that remembers what was fetched."""

from __future__ import annotations

import signal
import sys

import pytest

from goshim.base import resources
from goshim.base.encoding import to_bytes
from goshim.base.shells import quoted
from goshim.call.arguments import BUILDING, DOWNLOADING, RUNNING
from goshim.facts.host import Host, Recorder
from goshim.plan import seal
from goshim.plan.render import MAX_FILE_BYTES, MAX_SUM_BYTES, UnrenderableError, actions, guarded, remembered
from goshim.plan.watching import Watch
from goshim.plan.work_out import Plan
from goshim.rules.rule import Change
from goshim.settings.layers import Loaded
from goshim.settings.model import Retry, Settings
from goshim.toolchain import Toolchain
from goshim.watch.call import Call
from tests.bash_launcher import run_bash

TOKEN = seal.new()
SAYS_ITS_WORDS = "#!/bin/sh\nprintf '%s\\0' \"$@\"\n"
# Of what is ignored: what the test runner leaves so, and SIGQUIT, which bash ignores itself and gives back at an exec.
IGNORED_BY_BASH = (
    run_bash('while read -r a b; do [[ $a != SigIgn: ]] || echo "$b"; done </proc/self/status').stdout.decode().strip()
)
CAREFUL = Watch(DOWNLOADING + BUILDING, RUNNING)


def program(path, text: str = SAYS_ITS_WORDS) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def python(tmp_path, monkeypatch):
    """A Python and a boot.py that only tell how they were called, at paths that need quotes."""
    monkeypatch.setattr(sys, "executable", program(tmp_path / "it's a" / "python"))
    monkeypatch.setattr(resources, "BOOT", program(tmp_path / "$HOME boot.py"))
    return tmp_path


@pytest.fixture
def go(tmp_path):
    return program(tmp_path / "the go", "#!/bin/sh\nprintf 'go\\0'; printf '%s\\0' \"$@\"\n")


def plan(go: str, watch: Watch = CAREFUL, *changes: Change) -> Plan:
    return Plan(Toolchain(go, "/r", "x"), changes, Loaded(Settings(), (), ()), watch)


def words(done) -> list[str]:
    assert done.stderr == b""
    return [part.decode("utf-8", "surrogateescape") for part in done.stdout.split(b"\0")[:-1]]


def run_verb(text: str, verb: str, *arguments: str, before: str = "") -> list[str]:
    return words(run_bash(f"{before}\nverb={quoted(verb)}\n{text}", arguments))


def supervised(how: str, go: str, *arguments: str, retry: Retry | None = None) -> list[str]:
    retry = retry or Retry()
    settings = " ".join(f"{name}={value}" for name, value in {**vars(retry), "lock_prone": False}.items())
    start = ["-I", "-S", "-X", "utf8", resources.BOOT, "watch", how, "go", settings, IGNORED_BY_BASH]
    return [*start, go, *arguments]


@pytest.mark.parametrize("verb", [*DOWNLOADING, *BUILDING])
def test_a_call_that_can_be_repeated_becomes_the_supervisor_with_exactly_these_words(python, go, verb):
    arguments = ["build", "", "a b", "$HOME", "*", "-ldflags=-X 'm.v=1'", "\udcff"]
    assert run_verb(actions(plan(go)), verb, *arguments) == supervised("repeat", go, *arguments)


@pytest.mark.parametrize("verb", RUNNING)
def test_a_call_that_runs_code_becomes_the_one_that_fetches_first(python, go, verb):
    assert run_verb(actions(plan(go)), verb, "x", "./...") == supervised("prefetch", go, "x", "./...")


@pytest.mark.parametrize("verb", ["", "version", "env", "mod", "mod graph", "mod download x", "list", "builds", "work"])
def test_any_other_call_becomes_go(python, go, verb):
    assert run_verb(actions(plan(go)), verb, "a b") == ["go", "a b"]


@pytest.mark.parametrize("verb", [*BUILDING, *RUNNING])
def test_where_nothing_is_locked_builds_and_tests_become_go(python, go, verb):
    assert run_verb(actions(plan(go, Watch())), verb, "x") == ["go", "x"]
    assert run_verb(actions(plan(go, Watch())), "mod download") == supervised("repeat", go)


@pytest.mark.parametrize("missing", ["python", "boot"])
@pytest.mark.parametrize("verb", ["mod download", "build", "test"])
def test_without_python_or_its_program_the_call_becomes_go(python, go, monkeypatch, missing, verb):
    absent = str(python / "absent")
    monkeypatch.setattr(*((sys, "executable") if missing == "python" else (resources, "BOOT")), absent)
    assert run_verb(actions(plan(go)), verb, "x") == ["go", "x"]


def test_the_changes_are_made_before_the_supervisor_is_run(tmp_path, go, monkeypatch):
    monkeypatch.setattr(sys, "executable", program(tmp_path / "python", "#!/bin/sh\nprintf '%s\\0' \"$CGO_ENABLED\"\n"))
    changed = plan(go, CAREFUL, Change("CGO_ENABLED", None, "0", "x", "x"))
    assert run_verb(actions(changed), "mod download") == ["0"]


RETRIES = [
    Retry(),
    Retry("always", "never", 0.0, 0.001, 300.0, 0, 3600.0, quiet=True),
    Retry(lock_budget_s=1e-05, first_wait_s=0.30000000000000004, network_budget_s=7),
]


@pytest.mark.parametrize("retry", RETRIES, ids=str)
def test_the_settings_reach_the_supervisor(python, go, retry):
    said = run_verb(actions(plan(go, Watch(retry=retry))), "mod download", "mod", "download", "a b")
    assert said == supervised("repeat", go, "mod", "download", "a b", retry=retry)
    call = Call.of(said[8:])
    assert call.settings == {"lock_prone": "False"} | {name: str(value) for name, value in vars(retry).items()}
    assert (call.go, [*call.arguments], call.verb) == (go, ["mod", "download", "a b"], "mod download")
    assert call.seconds("lock_budget_s") == retry.lock_budget_s
    assert call.seconds("first_wait_s") == retry.first_wait_s
    assert call.is_quiet is retry.quiet


def test_the_signals_that_the_caller_ignores_are_told(python, go):
    said = run_verb(actions(plan(go)), "mod download", before="trap '' HUP PIPE")
    mask = Call.of(said[8:]).ignored
    assert mask == int(IGNORED_BY_BASH, 16) | 1 << (signal.SIGHUP - 1) | 1 << (signal.SIGPIPE - 1)


def test_without_a_process_table_no_signal_is_told(python, go):
    text = actions(plan(go)).replace("/proc/self/status", "/dev/null")
    assert Call.of(run_verb(text, "mod download")[8:]).ignored == 0


def run_stored(tmp_path, go: str, verb: str = "test") -> list[str]:
    text = guarded(plan(go), {}, ":")
    places = f"dir={quoted(str(tmp_path / 'm' / 'deep'))} store={quoted(str(tmp_path / 'store'))}"
    return words(
        run_bash(f"{places} verb={verb} token={TOKEN}\nfor _ in once; do\n{text}done\necho not run >&2", ["x"])
    )


def remember(tmp_path, text: str = f"fetched=1\n# {TOKEN}\n"):
    file = tmp_path / f"store/fetched{tmp_path}/m/@.0"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="ascii")


@pytest.mark.parametrize("name", ["go.mod", "go.work"])
def test_a_stored_plan_fetches_first_until_it_is_remembered(python, go, tmp_path, name):
    (tmp_path / "m" / "deep").mkdir(parents=True)
    assert run_stored(tmp_path, go) == ["go", "x"]
    (tmp_path / "m" / name).write_bytes(b"")
    assert run_stored(tmp_path, go) == supervised("prefetch", go, "x")
    remember(tmp_path)
    assert run_stored(tmp_path, go) == ["go", "x"]
    remember(tmp_path, f"continue\nfetched=1\n# {TOKEN}\n")
    assert run_stored(tmp_path, go) == supervised("prefetch", go, "x")
    for end in ("# whole", f"# {TOKEN[:-1]}", f"# {TOKEN} ", f"# {TOKEN}", f"# {seal.new()}\n", "# \n"):
        remember(tmp_path, f"fetched=1\n{end}")
        assert run_stored(tmp_path, go) == supervised("prefetch", go, "x")
    assert run_stored(tmp_path, go, "build") == supervised("repeat", go, "x")


class Remembered:
    """A text made of answers of this very machine, and whether it says `fetched` now."""

    def __init__(self, directory, environment: dict[str, str] | None = None) -> None:
        self.directory = directory
        self.environment = environment or {}
        self.recorder = Recorder(Host(self.environment, str(directory)))

    def holds(self, environment: dict[str, str] | None = None) -> bool:
        text = seal.sealed(remembered(self.recorder.answers, ":"), TOKEN)
        assert text.isascii()
        script = f'dir=/ store=$1 token={TOKEN} fetched=\nact_on "$1/@"\nprintf %s "$fetched"'
        (self.directory / "@.0").write_text(text, encoding="ascii")
        environment = self.environment if environment is None else environment
        done = run_bash(script, [str(self.directory)], environment)
        assert (done.stderr, done.returncode) == (b"", 0)
        return done.stdout == b"1"


def test_what_was_fetched_is_remembered_while_the_files_are_the_same(tmp_path):
    kept = Remembered(tmp_path)
    (tmp_path / "go.mod").write_bytes(b"module m\n")
    kept.recorder.read(f"{tmp_path}/go.mod")
    kept.recorder.read(f"{tmp_path}/go.sum")
    kept.recorder.is_directory(f"{tmp_path}/cache")
    assert kept.holds()
    (tmp_path / "go.sum").write_bytes(b"")
    assert not kept.holds()
    (tmp_path / "go.sum").unlink()
    (tmp_path / "go.mod").write_bytes(b"module n\n")
    assert not kept.holds()
    (tmp_path / "go.mod").write_bytes(b"module m\n")
    assert kept.holds()
    (tmp_path / "cache").mkdir()
    assert not kept.holds()


def test_what_was_fetched_is_remembered_for_an_environment(tmp_path):
    kept = Remembered(tmp_path, {"GOOS": "linux"})
    kept.recorder.environment.get("GOOS")
    kept.recorder.environment.get("GOFLAGS")
    assert kept.holds()
    assert not kept.holds({"GOOS": "windows"})
    assert not kept.holds({"GOOS": "linux", "GOFLAGS": ""})


@pytest.mark.parametrize("size", [0, MAX_FILE_BYTES + 1, MAX_SUM_BYTES])
def test_a_long_go_sum_is_remembered_as_well(tmp_path, size):
    (tmp_path / "go.sum").write_bytes(b"#" * size)
    kept = Remembered(tmp_path)
    kept.recorder.read(f"{tmp_path}/go.sum")
    assert kept.holds()
    (tmp_path / "go.sum").write_bytes(b"#" * size + b"x")
    assert not kept.holds()


def test_what_is_too_long_or_secret_is_not_remembered():
    for content in (b"#" * (MAX_SUM_BYTES + 1), to_bytes("https://me:hunter2@host"), b"a\0b"):
        with pytest.raises(UnrenderableError):
            remembered({("read", "/go.sum"): content}, ":")
