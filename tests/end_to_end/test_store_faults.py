"""Where nothing can be stored, or what is stored is damaged, a call is slower and nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from goshim.base.store import locate
from tests.end_to_end.machine import Dump, applied, unmanaged

BAD = {"CGO_ENABLED": "0\r", "GOPRIVATE": "'a;b'", "a.b": "c", "BASH_FUNC_x%%": "() {  :; }"}
MENDED = {"CGO_ENABLED": "0", "GOPRIVATE": "a,b"}


def expected(machine, env=BAD):
    return unmanaged(applied(machine.with_env(env), MENDED))


def calls_are_served(machine, env=BAD, **more):
    """Three calls, of which none says a word and each gets the mended environment."""
    for _ in range(3):
        assert unmanaged(machine.dump(env=env, **more).environment) == expected(machine, env)
    assert machine.go("exit", "42", env=env, **more) == (b"", b"", 42)


def _no_cache_directory(machine):
    machine.put(machine.home / ".cache", b"a file")


def _no_store(machine):
    machine.put(machine.store, b"a file")


def _a_link(machine):
    (machine.root / "elsewhere").mkdir()
    machine.store.parent.mkdir(parents=True)
    machine.store.symlink_to(machine.root / "elsewhere")


def _a_link_to_nothing(machine):
    machine.store.parent.mkdir(parents=True)
    machine.store.symlink_to(machine.root / "nonexistent/place")


def _writable_by_others(machine):
    machine.store.mkdir(parents=True)
    machine.store.chmod(0o777)


def _plans_are_a_file(machine):
    machine.put(machine.store / "plans-", b"a file")


@pytest.mark.parametrize(
    "damage", [_no_cache_directory, _no_store, _a_link, _a_link_to_nothing, _writable_by_others, _plans_are_a_file]
)
def test_without_a_store_every_call_is_served(machine, damage):
    damage(machine)
    calls_are_served(machine)
    assert not (machine.root / "elsewhere").exists() or not list((machine.root / "elsewhere").iterdir())


@pytest.mark.usefixtures("root_only")
def test_a_store_that_is_someone_elses_is_not_used(machine):
    machine.go(env=BAD)
    for path in [machine.store, *machine.store.rglob("*")]:
        os.chown(path, 1, 1)
    before = {path: path.stat().st_mtime_ns for path in machine.store.rglob("*")}
    assert not machine.is_warm(env=BAD)
    calls_are_served(machine)
    assert {path: path.stat().st_mtime_ns for path in machine.store.rglob("*")} == before


@pytest.mark.usefixtures("root_only")
@pytest.mark.parametrize("free", [0, 1, 2, 5])
def test_a_full_disk_costs_no_word(machine, program, free):
    machine.store.mkdir(parents=True)
    machine.store.chmod(0o700)
    fill = f'mount -t tmpfs -o size=32k,mode=700 none "$HOME/.cache/goshim" && head -c {32 - 4 * free}k /dev/zero'
    script = f'{fill} >"$HOME/.cache/goshim/filler"; for call in 1 2 3; do "$@" || exit; done'
    done = machine.call(
        program("unshare"), "-m", "bash", "-pc", script, "bash", machine.launcher, "copy", "stdin", env=BAD
    )
    if b"unshare" in done.err or b"mount" in done.err:
        pytest.skip("no mount namespace to be had here")
    assert (done.err, done.code) == (b"", 0)


@pytest.mark.usefixtures("root_only")
def test_a_read_only_home_costs_no_word_and_is_left_as_it_is(machine, program):
    script = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME" && exec "$@"'
    done = machine.call(program("unshare"), "-m", "bash", "-pc", script, "bash", machine.launcher, env=BAD)
    if b"unshare" in done.err or b"mount" in done.err:
        pytest.skip("no mount namespace to be had here")
    assert done.err == b""
    assert unmanaged(Dump.of(done.out).environment) == expected(machine)
    assert not (machine.home / ".cache").exists()


@pytest.mark.usefixtures("root_only")
def test_a_broken_goshim_in_a_read_only_home_still_runs_go(machine, program):
    (machine.launcher).write_bytes(machine.warm_launcher.read_bytes())
    script = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME" && exec "$@"'
    done = machine.call(program("unshare"), "-m", "bash", "-pc", script, "bash", machine.launcher, env=BAD)
    if b"unshare" in done.err or b"mount" in done.err:
        pytest.skip("no mount namespace to be had here")
    assert (done.err.count(b"\n"), done.code) == (1, 0)


@pytest.mark.parametrize("home", [None, "", "/nonexistent/home", "relative", "/", "/dev/null", "/proc"])
def test_without_a_usable_home_every_call_is_served(sheltered, home):
    calls_are_served(sheltered, {**BAD, "HOME": home, "XDG_CACHE_HOME": sheltered.root / "cache"})
    calls_are_served(sheltered, {**BAD, "HOME": home})
    assert list(sheltered.work.iterdir()) == []


@pytest.mark.parametrize("environment", [{}, {"HOME": ""}, {"HOME": "relative"}, {"HOME": "", "XDG_CACHE_HOME": "x"}])
def test_without_a_home_there_is_no_store_and_least_of_all_in_the_root(environment):
    assert locate(environment) is None


def test_a_home_that_is_not_there_yet_is_served(machine):
    calls_are_served(machine, {**BAD, "HOME": machine.root / "absent/home"})


@pytest.mark.parametrize("cache", ["relative/cache", ".", "", "~"])
def test_a_cache_home_that_is_not_absolute_is_not_used(machine, cache):
    env = {**BAD, "XDG_CACHE_HOME": cache}
    calls_are_served(machine, env)
    assert list(machine.work.iterdir()) == []
    assert machine.is_warm(env=env)


def test_in_a_deleted_directory_go_runs(machine, program):
    gone = machine.root / "gone"
    script = 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"'
    for _ in "cold", "again":
        done = machine.call(program("bash"), "-pc", script, gone, machine.launcher, env=BAD)
        assert (b"goshim" in done.err, done.code) == (False, 0)  # bash itself may say a word
        assert unmanaged(Dump.of(done.out).environment) == expected(machine)


def test_in_a_directory_that_cannot_be_read_go_runs(machine, program):
    below = machine.root / "secret/below"
    below.mkdir(parents=True)
    powerless = [program("setpriv"), "--bounding-set=-dac_override,-dac_read_search"] if not os.geteuid() else []
    script = 'chmod 0 .. . && "$@"; code=$?; chmod 700 "${PWD%/*}"; chmod 700 "$PWD"; exit $code'
    for _ in "cold", "again":
        done = machine.call(program("bash"), "-pc", script, "-", *powerless, machine.launcher, cwd=below, env=BAD)
        assert done.code == 0
        assert unmanaged(Dump.of(done.out).environment) == expected(machine)
        assert (done.err.count(b"goshim: "), below.stat().st_mode & 0o777) == (0, 0o700)


def test_a_plan_that_is_cut_short_is_never_acted_on_by_half(machine):
    machine.go(env=BAD)
    (plan,) = machine.plans()
    whole = plan.read_bytes()
    for length in [*range(0, len(whole), max(1, len(whole) // 60)), *range(len(whole) - 8, len(whole))]:
        for env in (BAD, {**BAD, "POSIXLY_CORRECT": "1"}):
            plan.write_bytes(whole[:length])
            done = machine.go(env=env)
            assert unmanaged(Dump.of(done.out).environment) == expected(machine, env)
            assert done.code == 0
            assert machine.is_warm(env=env)  # the call made it anew


@pytest.mark.parametrize("content", [b"\0", b"\xff" * 50, b"if\n", b"}\n", b"return 1\n", b"false\n"])
def test_a_plan_of_rubbish_stops_no_call(machine, content):
    machine.go(env=BAD)
    (plan,) = machine.plans()
    plan.write_bytes(content)
    assert unmanaged(Dump.of(machine.go(env=BAD).out).environment) == expected(machine)
    calls_are_served(machine)


def test_a_plan_that_is_a_link_is_not_read(machine):
    machine.go(env=BAD)
    (plan,) = machine.plans()
    plan.rename(machine.root / "moved")
    plan.symlink_to(machine.root / "moved")
    assert not machine.is_warm(env=BAD)
    calls_are_served(machine)


def test_64_first_calls_at_once_all_succeed_and_leave_a_valid_plan(machine):
    machine.project_file.write_text("[epoch]\nsource = 7\n")
    command, environment = [machine.launcher], machine.with_env(BAD)

    def call(_):
        return subprocess.run(command, env=environment, cwd=machine.work, capture_output=True, timeout=100, check=False)

    with ThreadPoolExecutor(64) as pool:
        done = list(pool.map(call, range(64)))
    wanted = {**expected(machine), b"SOURCE_DATE_EPOCH": b"7"}
    assert [each for each in done if each.stderr or each.returncode] == []
    assert all(unmanaged(Dump.of(each.stdout).environment) == wanted for each in done)
    assert machine.is_warm(env=BAD)
    assert not list(machine.store.rglob("*.torn"))


def test_an_emptied_store_changes_nothing_but_time(machine):
    calls_are_served(machine)
    for path in machine.plans():
        path.unlink()
    calls_are_served(machine)
    shutil.rmtree(machine.store)
    calls_are_served(machine)
    assert machine.store.stat().st_mode & 0o777 == 0o700


def test_many_environments_keep_a_bounded_store(machine):
    for number in range(40):
        machine.go(env={"GOPRIVATE": f"'{number}'"})
    assert len(machine.plans()) <= 32
    assert machine.is_warm(env={"GOPRIVATE": "'39'"})
