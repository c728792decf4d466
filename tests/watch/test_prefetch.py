from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from goshim.base import resources
from goshim.base.store import Store
from goshim.launcher import install
from goshim.plan import seal
from goshim.watch import fetched
from goshim.watch.prefetch import CALLS_OF_ONE_STATE, _build_flags, _listings, module_root
from tests.tables import for_each
from tests.watch.made import make_call, settings_words

FETCH = "list -deps -test -buildvcs=false -- ."


@pytest.fixture
def tree(tmp_path):
    for directory in ("work/m/deep", "work/n", "bare", "both"):
        (tmp_path / directory).mkdir(parents=True)
    for name in ("work/go.work", "work/m/go.mod", "both/go.mod", "both/go.work"):
        (tmp_path / name).write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("directory", "root"),
    [
        ("work/m/deep", "work/m"),
        ("work/m", "work/m"),
        ("work/n", "work"),
        ("work", "work"),
        ("both", "both"),
        ("bare", None),
    ],
)
def test_the_module_is_that_of_the_nearest_go_mod_or_else_the_workspace(tree, monkeypatch, directory, root):
    monkeypatch.chdir(tree / directory)
    assert module_root(make_call("test", directory=tree / directory)) == (f"{tree}/{root}" if root else None)
    monkeypatch.chdir(tree)
    assert module_root(make_call("-C", directory, "test", directory=tree)) == (f"{tree}/{root}" if root else None)


@for_each("arguments, flags", [
        (["test"], []),
        (["test", "./..."], []),
        (["test", "-tags", "a,b", "./..."], ["-tags=a,b"]),
        (["test", "-tags=a", "--mod=vendor", "-modfile", "x.mod", "-overlay=o.json"],
         ["-tags=a", "-mod=vendor", "-modfile=x.mod", "-overlay=o.json"]),
        (["test", "-v", "-race", "-tags=a", "-count=1", "./..."], ["-race", "-tags=a"]),
        (["test", "-test.v", "./...", "-tags=", "-asan=false"], ["-tags=", "-asan=false"]),
        (["test", "-tags", "", "-mod=", "./..."], ["-tags=", "-mod="]),
        (["test", "./...", "-tags=a"], ["-tags=a"]),
        (["run", "-tags=a", ".", "-tags=b"], ["-tags=a"]),
        (["test", "-args", "-tags=a"], []),
        (["test", "-run", "TestX", "-tags", "a", "./..."], ["-tags=a"]),
        (["test", "-timeout", "30s", "-tags=a"], ["-tags=a"]),
        (["-C", "d", "test", "-tags=a"], ["-tags=a"]),
        (["test", "-C", "d", "-tags=a"], ["-tags=a"]),
        (["test", "-modcacherw", "./..."], ["-modcacherw"]),
        (["test", "-modcacherw=false"], ["-modcacherw=false"]),
    ])  # fmt: skip
def test_flags_that_decide_what_is_needed_are_those_of_the_call(arguments, flags):
    assert list(_build_flags(arguments)) == flags


GO_MOD = """module m

tool example.com/one // said of it
tool (
	example.com/cmd/two/v2
	"example.com/three"
	example.com/cover
	example.com/builtin
	-f={{.Stale}}/x
	-toolexec=./x
	-x
	all
	../x
	example.com/.../x
	"example.com/x y"
	./x
	/x
	example.com/x@v1.0.0
)
replace (
	tool => ./x
	example.com/four => ./five
)

require example.com/four v1.0.0
"""


@pytest.mark.parametrize(
    ("call", "needs"),
    [
        ("test", "-test -buildvcs=false -- ."),
        ("test ./a ./b/...", "-test -buildvcs=false -- ./a ./b/..."),
        ("test -v ./a -run X ./b", "-test -buildvcs=false -- ./a"),
        ("test -test.v ./a", "-test -buildvcs=false -- ./a"),
        ("test -tags= ./a", "-test -tags= -buildvcs=false -- ./a"),
        ("test -coverpkg=./c,./d ./a", "-test -buildvcs=false -- ./a; list -deps -buildvcs=false -- ./c ./d"),
        (
            "test -coverpkg=./... a_test.go a.go",
            "-test -buildvcs=false -- a_test.go a.go; list -deps -buildvcs=false -- ./...",
        ),
        ("test ./a -args ./b", "-test -buildvcs=false -- ./a"),
        ("test a@v1", "-test -buildvcs=false -- a@v1"),
        ("generate", "-buildvcs=false -- ."),
        ("generate -x ./a b.go", "-buildvcs=false -- ./a b.go"),
        ("run . a b", "-buildvcs=false -- ."),
        ("run a.go b.go c", "-buildvcs=false -- a.go b.go"),
        ("run ./cmd me@example.com", "-buildvcs=false -- ./cmd"),
        ("run -ldflags=-X=m.v=a@b .", "-buildvcs=false -- ."),
        ("run", None),
        ("run -h", None),
        ("run example.com/a@v1.0.0", None),
        ("run -v example.com/a@latest x", None),
        ("test --help ./...", None),
        ("generate -help", None),
        ("tool", None),
        ("tool -n compile", None),
        ("tool compile -V=full", None),
        ("tool four", None),
        ("tool cover", None),
        ("tool vet -h", None),
        ("tool builtin", None),
        ("tool all", None),
        ("tool x", None),
        ("test -toolexec=./x ./...", None),
        ("test -vettool ./x .", None),
        ("tool one -h", "-buildvcs=false -- example.com/one"),
        ("tool two one", "-buildvcs=false -- example.com/cmd/two/v2"),
        ("tool example.com/three", "-buildvcs=false -- example.com/three"),
        ("tool v2", None),
        ("tool -modfile=other.mod five", "-modfile=other.mod -buildvcs=false -- example.com/five"),
    ],
)
def test_only_what_the_call_names_is_fetched(tmp_path, monkeypatch, call, needs):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "go.mod").write_text(GO_MOD)
    (tmp_path / "go/src/cmd/builtin").mkdir(parents=True)
    (tmp_path / "other.mod").write_text("module m\n\ntool example.com/five\n")
    listings = _listings(make_call(*call.split(), directory=tmp_path, go=f"{tmp_path}/go/bin/go"), str(tmp_path))
    assert "; ".join(" ".join(each.arguments) for each in listings) == (f"list -deps {needs}" if needs else "")


class Machine:
    """A home with a module, and a go that keeps what it is called with and does what it is told."""

    def __init__(self, folder) -> None:
        self.folder, self.module = folder, folder / "home/w/m"
        self.module.mkdir(parents=True)
        (self.module / "go.mod").write_text("module m\n")
        (folder / "home/go/pkg/mod/cache/download").mkdir(parents=True)
        self.launcher = folder / "launcher"
        self.launcher.write_bytes(install.launcher("", seal.new()))
        self.tell_go("")

    def tell_go(self, script: str) -> None:
        path = self.folder / "go"
        path.write_text(f'#!/bin/sh\necho "$*" >>{self.folder}/calls\n[ "$1" != list ] || {{ {script or ":"}; }}\n')
        path.chmod(0o755)

    def call(self, *arguments: str, **variables: str) -> list[str]:
        """What go was called with."""
        words = [sys.executable, "-I", "-S", "-X", "utf8", resources.BOOT, "watch", "prefetch"]
        words += [str(self.launcher), settings_words(), "0"]
        environment = {"HOME": str(self.folder / "home"), "PATH": "/usr/bin:/bin", "GOSHIM_DEBUG": "1", **variables}
        done = subprocess.run(
            [*words, self.folder / "go", *arguments], cwd=self.module, env=environment, capture_output=True, check=False
        )
        assert done.stderr == b""
        self.code = done.returncode
        return self.said()

    def said(self) -> list[str]:
        """What go was called with since this was asked."""
        calls = self.folder / "calls"
        said = calls.read_text().splitlines()
        calls.unlink()
        return said

    @property
    def kept(self) -> str:
        """What is remembered, of the one state that there was."""
        found = [os.path.join(top, name) for top, _, names in os.walk(self.folder / "home/.cache") for name in names]
        (self.kept_at,) = [path for path in found if "/fetched/" in path]
        with open(self.kept_at, encoding="ascii") as file:
            return file.read()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_what_is_needed_is_fetched_once_and_again_when_a_file_has_changed(machine):
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]
    (machine.module / "go.sum").write_text("x\n")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]
    assert machine.call("test", GOOS="windows") == [FETCH, "test"]
    (machine.folder / "home/go/pkg/mod/cache/download").rmdir()
    assert machine.call("test") == [FETCH, "test"]


def test_what_was_fetched_is_remembered_apart_from_what_was_not(machine):
    assert machine.call("test", "./a") == ["list -deps -test -buildvcs=false -- ./a", "test ./a"]
    assert machine.call("run", "./a") == ["list -deps -buildvcs=false -- ./a", "run ./a"]
    assert machine.call("test", "-tags=x", "./a") == [
        "list -deps -test -tags=x -buildvcs=false -- ./a",
        "test -tags=x ./a",
    ]
    assert machine.call("test", "-run=X", "./a") == ["test -run=X ./a"]
    assert machine.call("test", "./a", "./b") == ["list -deps -test -buildvcs=false -- ./a ./b", "test ./a ./b"]
    assert machine.call("test", "./a") == ["test ./a"]
    assert machine.kept.count("known=1 # ") == 5


def test_only_so_many_calls_are_remembered(machine):
    machine.call("test")
    many = "".join(f"[[ $call != /w{number} ]] || known=1 # 0\n" for number in range(CALLS_OF_ONE_STATE))
    start, end, rest = machine.kept.partition("[[ $known ]] || continue\n")
    with open(machine.kept_at, "w", encoding="ascii") as file:
        file.write(start + many + end + rest)
    machine.call("test", "-v")
    assert machine.kept.count("known=1 # ") == CALLS_OF_ONE_STATE
    assert machine.kept.splitlines()[2].startswith(f"[[ $call != $'{machine.module} test\\037'$'-v\\037' ]] || ")


SECRET = "hunter2"


@pytest.mark.parametrize(
    "call",
    [
        "test -args token=hunter2",
        "test -args --password hunter2",
        "test ./a -args hunter2",
        "test ./a -v hunter2",
        "test ./a -password=hunter2",
        "test -password hunter2 ./a",
        "test -hunter2 ./a",
        "test -v=hunter2 ./a",
        "test -run hunter2 ./a",
        "test -run=hunter2 ./a",
        "test --run=hunter2 ./a",
        "test -test.run=hunter2 ./a",
        "test -ldflags=-X=main.key=hunter2 ./a",
        "test -gcflags hunter2 ./a",
        "test -exec hunter2 ./a",
        "test -o hunter2 ./a",
        "test ./a -coverprofile=hunter2",
        "test -tags=token=hunter2 ./a",
        "run main.go --password hunter2",
        "run main.go hunter2",
        "run a.go b.go hunter2",
        "run . hunter2",
        "run -ldflags hunter2 ./cmd/x hunter2",
        "run https://me:hunter2@example.com/x",
        "tool x hunter2",
        "generate -run hunter2 ./...",
        "generate -unknown=hunter2 ./...",
    ],
)
def test_no_value_of_a_call_is_written_down(machine, call):
    machine.call(*call.split())
    for top, _, names in os.walk(machine.folder / "home/.cache"):
        for name in names:
            with open(os.path.join(top, name), "rb") as file:
                assert SECRET.encode() not in file.read() + name.encode()
    assert machine.call(*call.split()) == [call]  # what was fetched is remembered all the same


def test_nobody_can_try_words_on_a_digest_that_is_kept(tmp_path):
    digests = set()
    for number in (1, 2):
        machine = Machine(tmp_path / str(number))
        store = Store(str(tmp_path / f"store{number}"))
        digests.add(fetched.digest(store, "hunter2"))
        assert fetched.digest(store, "hunter2") in digests
        assert os.stat(tmp_path / f"store{number}/{fetched.SALT}").st_mode & 0o777 == 0o600
        machine.call("test")
    assert len(digests) == 2


@pytest.mark.parametrize(
    ("known", "asked", "is_known"),
    [
        (["test", "./a"], ["test", "./a"], True),
        (["test", "./a"], ["test", "./a", "./b"], False),
        (["test", "./a"], ["test"], False),
        (["test", "./*"], ["test", "./a"], False),
        (["test", "-run", "X ./b", "./a"], ["test", "-run", "X", "./b", "./a"], False),
        (["test", "-tags", "", "./a"], ["test", "-tags", "", "./a"], True),
        (["test", "-tags", "", "./a"], ["test", "-tags", "./a"], False),
        (["run", "."], ["run", ".", "x"], True),
        (["run", "."], ["run", "./x"], False),
        (["run", "a.go"], ["run", "a.go", "b.go"], False),
        (["run", "-exec", ".", "."], ["run", "-exec", ".", "./a"], False),
        (["run", "a.go"], ["run", "a.go", "b", "c.go"], True),
        (["run", "a.go", "b"], ["run", "a.go"], True),
        (["run", "a.go", "-x", "S"], ["run", "a.go", "--password", "T"], True),
        (["run", "a.go", "b.go"], ["run", "a.go", "x"], False),
        (["run", "a.go", "b.go"], ["run", "a.go", "b.go", "x"], True),
        (["test", "-race", "-count=1", "./..."], ["test", "-race", "-count=5", "./..."], True),
        (["test", "-count", "1", "./..."], ["test", "-count", "2", "./..."], True),
        (["test", "-count=1", "./..."], ["test", "-count=1", "-tags=x", "./..."], False),
        (["test", "-run", "X", "./a"], ["test", "-run", "Y", "./a"], True),
        (["test", "-run", "X", "./a"], ["test", "-run", "X", "./b"], False),
        (["test", "-run", "X", "./a"], ["test", "-run", "X", "-tags=a", "./a"], False),
        (["test", "./a", "-run=X"], ["test", "./a", "-run=Y"], True),
        (["test", "-ldflags=-X=a=b", "./a"], ["test", "-ldflags=", "./a"], True),
        (["test", "-tags=a", "./a"], ["test", "-tags=b", "./a"], False),
        (["test", "-race=true", "./a"], ["test", "-race=false", "./a"], False),
        (["test", "./a", "-args", "S"], ["test", "./a", "-args", "T", "-tags=x"], True),
        (["test", "./a", "-args", "S"], ["test", "./a", "-tags=x", "-args"], False),
        (["test", "./a", "-v", "S"], ["test", "./a", "-v", "T", "-tags=x"], True),
        (["test", "./a", "-v", "S"], ["test", "./a", "-v", "-tags=x"], False),
        (["test", "-password", "S", "./a"], ["test", "-password", "S", "./a"], False),
        (["test", "./a", "-password=S"], ["test", "./a", "-password=S"], False),
        (["test", "-v=S", "./a"], ["test", "-v=S", "./a"], False),
        (["-C", ".", "test", "./a"], ["test", "./a"], False),
        (["run", "x@v1.0.0"], ["run", "x@v1.0.0", "y"], True),
        (["tool", "compile"], ["tool", "compile", "-o", "x"], True),
        (["tool", "compile"], ["tool", "compiler"], False),
        (["test", "it's \u00fc\n"], ["test", "it's \u00fc\n"], True),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize("directory", ["same", "other"])
def test_the_launcher_knows_a_call_again_by_its_words_and_its_directory(machine, known, asked, is_known, directory):
    machine.call(*known)
    calls = machine.kept.partition("[[ $known ]] || continue")[0]
    place = f"{machine.module}/" if directory == "same" else "/other"
    script = f'dir={place}; known() {{ {calls} [[ ! $known ]] || echo known; }}; known "$@"'
    done = subprocess.run(["bash", "-c", script, "bash", *asked], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"known\n" if is_known and directory == "same" else b"", b"")


@pytest.mark.parametrize(
    "number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda it: it.name
)
def test_a_signal_that_ends_a_call_ends_it_though_what_is_fetched_ends_well(machine, number):
    machine.tell_go(f"trap : {number}; kill -{number} $PPID; sleep 0.2; exit 0")
    assert machine.call("test") == [FETCH]
    assert machine.code == -number


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2], ids=lambda it: it.name)
@pytest.mark.parametrize("code", [0, 1])
def test_a_signal_that_does_nothing_to_go_keeps_no_call_from_being_made(machine, number, code):
    machine.tell_go(f"trap : {number}; kill -{number} $PPID; sleep 0.2; exit {code}")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.code == 0


def test_a_workspace_above_counts_as_well(machine):
    machine.call("test")
    work = machine.module.parent / "go.work"
    work.write_text("use ./m\n")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"GOFLAGS": "-v -modfile=alt.mod"}, ["alt.mod", "alt.sum"]),
        ({"GOWORK": "{}/my.work"}, ["my.work", "my.work.sum", "beside/go.mod"]),
    ],
    ids=["-modfile in GOFLAGS", "GOWORK"],
)
def test_files_that_are_named_in_place_of_the_usual_count_as_well(machine, variables, names):
    (machine.module / "beside").mkdir()
    (machine.module / "my.work").write_text("use ./beside\n")
    variables = {name: value.format(machine.module) for name, value in variables.items()}
    machine.call("test", **variables)
    for name in names:
        with open(machine.module / name, "a") as file:
            file.write("// more\n")
        assert machine.call("test", **variables) == [FETCH, "test"], name
        assert machine.call("test", **variables) == ["test"], name


def test_tools_of_a_go_mod_that_goflags_names_are_fetched(machine):
    (machine.module / "tools.mod").write_text("module m\r\n\r\ntool (\r\n\texample.com/x\r\n)\r\n")
    assert machine.call("tool", "x", GOFLAGS="-modfile=tools.mod")[0] == "list -deps -buildvcs=false -- example.com/x"


def test_a_fetch_that_fails_is_silent_and_remembered(machine):
    machine.tell_go("echo out; echo go: oops >&2; exit 1")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]


def test_what_a_user_writes_meanwhile_stays(machine):
    (machine.module / "go.work.sum").write_text("before\n")
    machine.tell_go("echo x >go.mod; echo y >>go.sum; echo use . >go.work; echo other >go.work.sum")
    machine.call("test")
    assert (machine.module / "go.mod").read_text() == "x\n"
    assert (machine.module / "go.sum").read_text() == "y\n"
    assert (machine.module / "go.work").exists()
    assert (machine.module / "go.work.sum").read_text() == "other\n"


def test_what_go_list_adds_to_the_sums_of_a_workspace_is_taken_back(machine):
    (machine.module / "go.work").write_text("use .\n")
    (machine.module / "go.work.sum").write_text("before\n")
    machine.tell_go("echo z >>go.work.sum")
    machine.call("test")
    assert (machine.module / "go.work.sum").read_text() == "before\n"


def test_the_sums_of_a_workspace_above_stay_byte_for_byte(machine):
    (machine.module.parent / "go.work").write_text("use ./m\n")
    machine.tell_go("echo z >../go.work.sum")
    machine.call("test")
    assert not (machine.module.parent / "go.work.sum").exists()


def test_nothing_is_written_where_a_module_may_be_updated_by_the_call(machine):
    assert machine.call("test", "-mod=mod")[0] == "list -deps -test -mod=mod -mod=readonly -buildvcs=false -- ."
    assert machine.call("test", GOFLAGS="-v -mod=mod")[0] == "list -deps -test -mod=readonly -buildvcs=false -- ."


def test_outside_of_a_module_and_for_a_named_version_nothing_is_fetched(machine):
    assert machine.call("run", "example.com/a@v1.0.0") == ["run example.com/a@v1.0.0"]
    (machine.module / "go.mod").unlink()
    assert machine.call("test") == ["test"]


def test_what_cant_be_kept_in_a_file_is_remembered_all_the_same(machine):
    (machine.module / "go.mod").write_text("module m // ask me@example.com\n")
    assert machine.call("test") == [FETCH, "test"]
    assert machine.call("test") == ["test"]


def test_what_another_version_of_goshim_remembers_is_replaced(machine):
    machine.call("test")
    text = machine.kept
    with open(machine.kept_at, "w", encoding="ascii") as file:
        file.write(text.replace("__version__", "__older__").replace(".dist-info", "-older.dist-info"))
    assert machine.call("test") == [FETCH, "test"]
    assert machine.kept == text


@pytest.mark.parametrize(
    "text",
    [
        "use (\n" * 1000,
        "use (\n./m\n",
        "go 1.21\nuse `./m\n",
        "".join(f"use ./m{number}\n" for number in range(501)),
    ],
    ids=["blocks", "no end", "a string without an end", "many modules"],
)
def test_with_a_workspace_that_go_refuses_or_a_huge_one_nothing_is_fetched_and_nothing_is_said(machine, text):
    (machine.module / "go.work").write_text(text)
    assert machine.call("test") == ["test"]
    assert machine.call("tool", "x") == ["tool x"]


def test_files_that_are_too_large_together_are_not_read(machine, monkeypatch):
    names = [f"m{number}" for number in range(20)]
    for name in names:
        (machine.module / name).mkdir()
        (machine.module / name / "go.sum").write_text("x" * 1_000_000)
    (machine.module / "go.work").write_text("".join(f"use ./{name}\n" for name in names))
    assert machine.call("test") == ["test"]


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "go.work.sum"])
def test_what_is_no_file_is_not_waited_for(machine, name):
    (machine.module / "go.work").write_text("use .\n")
    place = machine.module / name
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    assert machine.call("test") == ["test"]
