"""Under WSL, what go fetches into a module cache on a Windows drive survives that files of it are held for a while.

Of three modules it is the one in the middle whose zip go may not rename, as where a virus scanner has it open.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
import uuid

import pytest

from tests.end_to_end import modules, scanner
from tests.end_to_end.injection import ModuleCache
from tests.end_to_end.modules import VERSION
from tests.end_to_end.recorded_go import RecordedGo
from tests.end_to_end.wsl_user import User, running

MIDDLE = "example.com/m01"
HELD_S = 0.3
AT_ONCE_S = 20
SHORT_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "0.01", "GOSHIM_RETRY__MAX_WAIT_S": "0.05"}
LONG_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "40", "GOSHIM_RETRY__MAX_WAIT_S": "40"}
DOWNLOAD = ("mod", "download")
FETCHING = [
    ("build", "-o", "made", "."),
    ("vet", "."),
    ("install", "."),
    ("get", f"{MIDDLE}@{VERSION}"),
    ("mod", "tidy"),
    ("mod", "vendor"),
]
RUNNING = [("test", "./..."), ("run", "."), ("generate", "./..."), ("tool", "buildid")]
PREFETCH = "list -deps -test ./..."
FAILING_TEST = """package main

import (
	"os"
	"testing"
)

func Test(t *testing.T) {
	file, err := os.OpenFile(os.Getenv("RUNS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString("run\\n")
	t.Fatalf("open %s/cache/download/example.com/m/@v/v1.0.0.lock: permission denied", os.Getenv("GOMODCACHE"))
}
"""


@pytest.fixture(scope="module")
def wsl2():
    with running("wsl2") as made:
        yield made


@pytest.fixture(scope="module", params=["wsl1", "wsl1-lxfs"])
def wsl1(request):
    with running(request.param) as made:
        yield made


@pytest.fixture(
    scope="module", params=["wsl2", "wsl2-virtiofs", "wsl2-virtiofs-tag", "wsl2-virtiofs-shared", "wsl1", "wsl1-lxfs"]
)
def each(request):
    """Each kind of WSL, with each way to mount a drive."""
    with running(request.param) as made:
        yield made


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    return modules.publish(tmp_path_factory.mktemp("modules"), 3, file_bytes=200)


@pytest.fixture
def at_work(tmp_path, go_cache, published):
    """Gives someone at work in a machine, on a project that needs all modules; `on_c` is a place of theirs on C."""

    def begin(machine, go, needed=published):
        settings = {
            **needed.settings,
            **SHORT_WAITS,
            "GOCACHE": go_cache["GOCACHE"],
            "GOFLAGS": "-trimpath -modcacherw",
            "GOBIN": str(tmp_path / "installed"),
        }
        user = User(machine, tmp_path / "user", go.path, settings)
        needed.project(user.work)
        # Never the same: in GOCACHE go keeps for good what it found where a module lies (cmd/go/internal/modindex).
        user.on_c = f"/mnt/c/{uuid.uuid4().hex}"
        user.recorded = go
        return user

    return begin


@pytest.fixture
def real(tmp_path, embedded_go, program):
    """The real go, which can be refused files."""
    strace = program("strace")
    traced = subprocess.run([strace, "-f", "-o", "/dev/null", "true"], check=False, capture_output=True)
    if b"ptrace" in traced.stderr:
        pytest.skip("strace may not trace here")
    return RecordedGo(tmp_path / "recorded", embedded_go, strace)


@pytest.fixture
def told(tmp_path):
    """A go that does nothing: what matters is how it is called."""
    return RecordedGo(tmp_path / "told", "/bin/true")


@pytest.fixture
def user(at_work, wsl2, real):
    return at_work(wsl2, real)


def zip_of(cache):
    return ModuleCache(cache).entry(MIDDLE, VERSION, ".zip")


def said(done):
    """The lines that begin something goshim says."""
    return [line for line in done.message.splitlines() if line.startswith("goshim: ")]


def last_words(done):
    """What goshim says last."""
    return done.message[done.message.rindex("goshim: ") :]


def wins_where_go_fails(user, verb, bare_cache, cache, runs=2):
    """Whether goshim comes through where go itself does not, the file being held in so many runs."""
    user.recorded.refuse(zip_of(bare_cache), zip_of(cache), runs=runs)
    bare = user.bare(*verb, env={"GOMODCACHE": bare_cache})
    assert (bare.out, bare.code) == (b"", 1)
    assert re.search(rf"{re.escape(str(zip_of(bare_cache)))}: permission denied$", bare.message, re.MULTILINE)
    user.recorded.refuse(zip_of(bare_cache), zip_of(cache), runs=runs)
    user.recorded.forget()
    done = user.go(*verb, env={"GOMODCACHE": cache})
    assert (done.out, done.code, len(said(done))) == (b"", 0, 1), done.message
    assert user.recorded.words == [" ".join(verb)] * (runs + 1)
    return True


def is_whole(user, cache):
    """Whether the module cache has all that go.sum tells of."""
    env = {"GOMODCACHE": cache, "GOPROXY": "off"}
    codes = [user.bare("mod", verb, env=env).code for verb in ("download", "verify")]
    return codes == [0, 0]


# Where files are held: on each kind of drive.


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0]], ids=" ".join)
def test_a_held_file_on_a_windows_drive_fails_go_and_not_goshim(each, at_work, real, verb):
    user = at_work(each, real)
    assert wins_where_go_fails(user, verb, f"{user.on_c}/bare", f"{user.on_c}/mod")
    assert is_whole(user, f"{user.on_c}/mod")


@pytest.mark.parametrize("verb", FETCHING, ids=" ".join)
def test_each_verb_that_fetches_and_runs_no_code_comes_through(user, verb):
    assert wins_where_go_fails(user, verb, f"{user.on_c}/bare", f"{user.on_c}/mod")


def test_a_drive_below_the_root_is_one_where_automount_root_says_so(wsl2, at_work, real):
    user = at_work(wsl2, real)
    drive = wsl2.add_drive("D", root="/")
    try:
        assert drive == "/d"
        for verb in DOWNLOAD, FETCHING[0]:
            name = f"{drive}/{verb[0]}"
            assert wins_where_go_fails(user, verb, f"{name}/bare", f"{name}/mod")
    finally:
        wsl2.remove_drive("D", root="/")


@pytest.mark.parametrize("how", ["C:\\", "GOPATH", "go env -w", "link", "config"])
def test_however_the_module_cache_came_to_be_on_the_drive(user, how):
    cache = f"{user.on_c}/go/pkg/mod"
    env = {}
    match how:
        case "C:\\":
            env["GOMODCACHE"] = cache.replace("/mnt/c/", "C:\\").replace("/", "\\")
        case "GOPATH":
            env["GOPATH"] = f"{user.on_c}/go"
        case "go env -w":
            assert user.bare("env", "-w", f"GOMODCACHE={cache}").code == 0
        case "link":
            user.machine.at(f"{user.on_c}/go").mkdir(parents=True)
            (user.home / "go").symlink_to(f"{user.on_c}/go")
        case "config":
            user.config.write_text(f'[env]\nGOMODCACHE = "{cache}"\n')
    seen = zip_of(user.home / "go/pkg/mod" if how == "link" else cache)
    user.recorded.refuse(seen, runs=2)
    user.recorded.forget()
    done = user.go(*FETCHING[0], env=env)
    assert (done.out, done.code, len(said(done))) == (b"", 0, 1), done.message
    assert len(user.recorded.refused) == 2
    assert len(user.recorded.calls) == 3


def test_a_held_go_mod_of_a_project_on_the_drive_is_waited_for_too(user, published):
    project = f"{user.on_c}/project"
    published.project(user.machine.at(project))
    user.recorded.refuse(f"{project}/go.mod", call="flock", runs=2)
    done = user.go("-C", project, *DOWNLOAD)
    assert (done.out, done.code, len(said(done))) == (b"", 0, 1), done.message
    assert len(user.recorded.refused) == 2


@pytest.mark.parametrize("verb", [FETCHING[0], FETCHING[4], FETCHING[5]], ids=" ".join)
def test_source_that_was_held_is_read_again_though_go_keeps_in_mind_that_it_was_refused(user, verb):
    cache = f"{user.on_c}/mod"
    source = ModuleCache(cache).tree(MIDDLE, VERSION) / "m01.go"
    env = {"GOMODCACHE": cache, "GOSHIM_RETRY__LOCK_BUDGET_S": "1"}
    assert user.bare(*DOWNLOAD, env=env).code == 0
    user.recorded.refuse(source, call="open", runs=2)
    user.recorded.forget()
    done = user.go(*verb, env=env)
    assert user.recorded.refused
    assert (done.out, done.code) == (b"", 0), done.message
    assert user.bare(*verb, env=env).code == 0


def test_under_wsl1_a_held_file_in_the_home_is_waited_for_as_well(wsl1, at_work, real):
    user = at_work(wsl1, real)
    if not is_of_the_root(user):
        pytest.skip("the directory for tests is a mount of its own here")
    for verb in DOWNLOAD, FETCHING[0]:
        name = user.home / verb[0]
        assert wins_where_go_fails(user, verb, name / "bare", name / "mod")


def is_of_the_root(user):
    """Whether the home lies on what is mounted at /, as the machine's mount table has it."""
    table = user.call("/bin/cat", "/proc/self/mountinfo").text
    points = [line.split(" ")[4].rstrip("/") + "/" for line in table.splitlines()]
    return max((point for point in points if f"{user.home}/".startswith(point)), key=len) == "/"


# Where they are not: on a disk that no program of Windows sees.


@pytest.mark.parametrize("verb", [DOWNLOAD, *FETCHING], ids=" ".join)
def test_on_linux_own_disk_a_refused_file_is_tried_once_and_nobody_blames_windows(user, verb):
    cache = user.home / "go/pkg/mod"
    user.recorded.refuse(zip_of(cache))
    bare = user.bare(*verb)
    shutil.rmtree(cache)
    user.recorded.refuse(zip_of(cache))
    user.recorded.forget()
    done = user.go(*verb, env=LONG_WAITS)
    assert (done.out, done.code, errors(done)) == (b"", 1, errors(bare))
    assert user.recorded.words == [" ".join(verb)]


def errors(done):
    """What was said, in any order, without the random part of the names of temporary files."""
    return sorted(re.sub(r"(?<=zip)\d+(?=\.tmp)", "", done.message).splitlines())


# What is said when it was in vain, and what to do then.


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0]], ids=" ".join)
def test_a_lost_fight_names_the_file_and_the_setting_that_ends_it(user, verb):
    cache = f"{user.on_c}/mod"
    user.recorded.refuse(zip_of(cache), runs=1000)
    start = time.monotonic()
    done = user.go(*verb, env={"GOMODCACHE": cache, "GOSHIM_RETRY__LOCK_BUDGET_S": "0.3"})
    assert time.monotonic() - start < AT_ONCE_S
    assert (done.out, done.code) == (b"", 1)
    assert len(user.recorded.calls) > 2
    words = last_words(done)
    assert str(zip_of(cache)) in words
    assert 'module_cache.location = "native"' in words


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0]], ids=" ".join)
def test_with_that_setting_the_cache_is_on_linux_own_disk_and_nothing_is_held(user, verb):
    on_drive, native = f"{user.on_c}/mod", user.home / "go/pkg/mod"
    user.config.write_text('[module_cache]\nlocation = "native"\n')
    user.recorded.refuse(zip_of(on_drive), runs=1000)
    done = user.go(*verb, env={"GOMODCACHE": on_drive})
    assert (done.out, done.code, said(done)) == (b"", 0, [])
    assert user.recorded.words == [" ".join(verb)]
    assert user.recorded.refused == []
    assert zip_of(native).exists()
    assert not user.machine.at(on_drive).exists()


def test_under_wsl1_nobody_is_sent_to_a_disk_that_scanners_see_as_well(wsl1, at_work, real):
    user = at_work(wsl1, real)
    if not is_of_the_root(user):
        pytest.skip("the directory for tests is a mount of its own here")
    cache = user.home / "go/pkg/mod"
    user.recorded.refuse(zip_of(cache), runs=1000)
    done = user.go(*DOWNLOAD, env={"GOSHIM_RETRY__LOCK_BUDGET_S": "0.1"})
    assert done.code == 1
    words = last_words(done)
    assert str(zip_of(cache)) in words
    assert "none of them sees it" not in words  # all that WSL1 has are files of NTFS


# Which calls are supervised: go is a child of the supervisor, or else what the launcher became.


@pytest.mark.parametrize("verb", FETCHING, ids=" ".join)
def test_what_fetches_is_supervised_where_the_cache_is_on_a_drive_and_nowhere_else(wsl2, at_work, told, verb):
    user = at_work(wsl2, told)
    words = " ".join(verb)
    for _ in "cold", "warm":
        assert told.called_by(user, *verb, env={"GOMODCACHE": f"{user.on_c}/mod"}) == [("below", words)]
        assert told.called_by(user, *verb) == [("itself", words)]
    user.config.write_text('[module_cache]\nlocation = "native"\n')
    for _ in "cold", "warm":
        assert told.called_by(user, *verb, env={"GOMODCACHE": f"{user.on_c}/mod"}) == [("itself", words)]


def test_mod_download_is_supervised_wherever_the_cache_is(wsl2, at_work, told):
    user = at_work(wsl2, told)
    for cache in None, f"{user.on_c}/mod":
        assert told.called_by(user, *DOWNLOAD, env={"GOMODCACHE": cache}) == [("below", "mod download")]


@pytest.mark.parametrize(
    "words", ["env GOROOT", "version", "list ./...", "mod graph", "fmt ./...", "work sync", "help"]
)
def test_what_fetches_nothing_by_itself_is_not(wsl2, at_work, told, words):
    user = at_work(wsl2, told)
    assert told.called_by(user, *words.split(), env={"GOMODCACHE": f"{user.on_c}/mod"}) == [("itself", words)]


@pytest.mark.parametrize("verb", RUNNING, ids=" ".join)
def test_what_runs_code_is_run_once_after_what_it_needs_was_fetched(wsl2, at_work, told, verb):
    user = at_work(wsl2, told)
    words, env = " ".join(verb), {"GOMODCACHE": f"{user.on_c}/mod"}
    assert told.called_by(user, *verb, env=env) == [("below", PREFETCH), ("itself", words)]
    assert told.called_by(user, *verb, env=env) == [("itself", words)]
    assert told.called_by(user, *verb) == [("itself", words)]


@pytest.mark.parametrize("policy", ["never", "always"])
def test_the_setting_of_locks_outranks_what_the_mount_table_tells(wsl2, at_work, told, policy):
    user = at_work(wsl2, told)
    user.config.write_text(f'[retry]\nlocks = "{policy}"\n')
    for cache in None, f"{user.on_c}/mod":
        called = told.called_by(user, "build", ".", env={"GOMODCACHE": cache})
        assert called == [("below" if policy == "always" else "itself", "build .")]


def test_a_drive_that_is_mounted_later_makes_it_a_watched_call_at_once(wsl2, at_work, told):
    user = at_work(wsl2, told)
    env = {"GOMODCACHE": "/mnt/d/mod"}
    assert told.called_by(user, "build", ".", env=env) == [("itself", "build .")]
    wsl2.add_drive("D")
    try:
        assert told.called_by(user, "build", ".", env=env) == [("below", "build .")]
    finally:
        wsl2.remove_drive("D")
    assert told.called_by(user, "build", ".", env=env) == [("itself", "build .")]


TOOLEXEC = {
    "flag": (["-toolexec=/usr/bin/env"], {}),
    "flag of two words": (["-toolexec", "/usr/bin/env"], {}),
    "flag of two dashes": (["--toolexec=/usr/bin/env"], {}),
    "GOFLAGS": ([], {"GOFLAGS": "-trimpath -toolexec=/usr/bin/env"}),
    "GOFLAGS in quotes": ([], {"GOFLAGS": "-trimpath '-toolexec=/usr/bin/env -i'"}),
    "go env -w": ([], {"GOFLAGS": None}),
}


@pytest.mark.parametrize("how", TOOLEXEC)
@pytest.mark.parametrize("verb", ["build", "install", "vet"])
def test_a_call_that_runs_a_program_of_the_callers_for_each_package_is_not_supervised(wsl2, at_work, told, verb, how):
    user = at_work(wsl2, told)
    if how == "go env -w":
        (user.home / ".config/go/env").write_text("GOFLAGS=-toolexec=/usr/bin/env\n")
    flags, env = TOOLEXEC[how]
    words = " ".join([verb, *flags, "."])
    for _ in "cold", "warm":
        called = told.called_by(user, verb, *flags, ".", env={"GOMODCACHE": f"{user.on_c}/mod", **env})
        assert called == [("itself", words)]


# Code of the user's, where files are held.


def test_a_test_finds_its_modules_though_they_were_held_and_nothing_is_said(user):
    cache = f"{user.on_c}/mod"
    user.recorded.refuse(zip_of(cache), runs=2)
    user.recorded.forget()
    done = user.go("test", ".", env={"GOMODCACHE": cache})
    assert (done.text, done.err, done.code) == ("?   \texample.com/work\t[no test files]\n", b"", 0)
    assert user.recorded.words == [PREFETCH] * 3 + ["test ."]


@pytest.mark.parametrize("policy", ["auto", "never"])
def test_a_test_that_fails_is_run_once_whatever_it_says(user, policy):
    (user.work / "main_test.go").write_text(FAILING_TEST)
    runs = user.root / "runs"
    env = {"GOMODCACHE": f"{user.on_c}/mod", "RUNS": str(runs), "GOSHIM_RETRY__PREFETCH": policy}
    done = user.go("test", "-count=1", ".", env=env)
    assert done.code == 1
    assert "permission denied" in done.text
    assert said(done) == []
    assert runs.read_text() == "run\n"
    assert user.recorded.words == [PREFETCH] * (policy == "auto") + ["test -count=1 ."]


# A scanner at work on the drive.


class ScannedDrive(scanner.Scanner):
    """A folder of a drive in such a machine with a scanner at work in it; no mount table tells of it."""

    def __init__(self, machine, place, holding):
        super().__init__(machine.at(place), holding)
        self._machine = machine
        self._place = place

    def _start(self):
        words = [sys.executable, scanner.__file__, "--serve", self._control, self._place, *self._holding]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._server = subprocess.Popen(self._machine.command(words), start_new_session=True, **pipes)
        if self._server.stdout.readline() != b"ready\n":
            said = self._server.stderr.read().decode(errors="replace").strip().splitlines()
            raise scanner.UnavailableError(f"no FUSE file system on the drive: {said[-1] if said else 'no reason'}")


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0]], ids=" ".join)
def test_under_a_scanner_on_the_drive_go_gives_up_and_goshim_comes_through(wsl2, at_work, real, tmp_path, verb):
    user = at_work(wsl2, real, modules.publish(tmp_path / "twenty", 20, file_bytes=200))
    user.env["GOSHIM_RETRY__LOCK_BUDGET_S"] = "10"
    for through in False, True:
        place = f"{user.on_c}/scanned-{through}"
        try:
            with ScannedDrive(wsl2, place, scanner.Holding(0.05, HELD_S, 1)) as drive:
                done = (user.go if through else user.bare)(*verb, env={"GOMODCACHE": f"{place}/cache"})
                assert drive.refusals()
                assert (done.out, done.code) == (b"", 0 if through else 1), done.message
                assert bool(said(done)) == through
                time.sleep(HELD_S)  # what was written last
                assert is_whole(user, f"{place}/cache") == through
        except scanner.UnavailableError as error:
            pytest.skip(str(error))
