"""A disk that fails under go mod download: what bare go makes of it, and that goshim waits for locks and nothing else.

The table is what go 1.27 does, as measured: `says` is go's last word where it fails. Of three modules it happens to
the one in the middle.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.end_to_end import modules, scanner
from tests.end_to_end.injection import FailingGo, ModuleCache
from tests.end_to_end.machine import make_toolchain

LOCKS = {
    "EACCES": "permission denied",
    "EIO": "input/output error",
    "EBUSY": "device or resource busy",
    "EAGAIN": "resource temporarily unavailable",
    "ETXTBSY": "text file busy",
    "ENOTEMPTY": "directory not empty",
}
PERMANENT = {
    "ENOSPC": "no space left on device",
    "EROFS": "read-only file system",
    "EDQUOT": "disk quota exceeded",
}
ERRORS = {**LOCKS, **PERMANENT, "ENOENT": "no such file or directory"}
PATIENCE = {
    "GOSHIM_RETRY__LOCKS": "always",
    "GOSHIM_RETRY__FIRST_WAIT_S": "0.01",
    "GOSHIM_RETRY__MAX_WAIT_S": "0.05",
}
WOULD_WAIT_LONG = {**PATIENCE, "GOSHIM_RETRY__FIRST_WAIT_S": "40", "GOSHIM_RETRY__MAX_WAIT_S": "40"}
AT_ONCE_S = 20
FIRST, MIDDLE, LAST = NAMES = [f"example.com/m{number:02}" for number in range(3)]
DOWNLOAD = ("mod", "download")


class Cell(NamedTuple):
    """A system call, where it fails, and what go says then: {path} is that place, {zip} the module's."""

    call: str
    place: str
    says: str

    def __str__(self):
        return f"{self.call}-{self.place}".replace("/", "_")


_UNZIP = "go: unzip {zip}: "
FATAL = [
    Cell("rename", ".zip", "go: rename {path}*.tmp {path}: {error}"),
    Cell("open", ".lock", "go: open {path}: {error}"),
    Cell("open", ".ziphash", "go: open {path}: {error}"),
    Cell("open", ".zip", _UNZIP + "open {path}: {error}"),
    Cell("open", ".partial", "go: open {path}: {error}"),
    Cell("open", "tree/m01.go", _UNZIP + "open {path}: {error}"),
    Cell("unlink", ".partial", "go: remove {path}: {error}"),
    Cell("mkdir", "..", "go: mkdir {path}: {error}"),
    Cell("mkdir", ".", "go: mkdir {path}: {error}"),
    Cell("mkdir", "tree", _UNZIP + "mkdir {path}: {error}"),
    Cell("mkdir", "tree/data", _UNZIP + "mkdir {path}: {error}"),
    Cell("write", ".ziphash", "go: write {path}: {error}"),
    Cell("write", ".partial", "go: write {path}: {error}"),
    Cell("write", "tree/m01.go", _UNZIP + "write {path}: {error}"),
    Cell("truncate", ".ziphash", "go: truncate {path}: {error}"),
    Cell("flock", ".lock", "go: Lock {path}: {error}"),
    Cell("flock", ".ziphash", "go: Lock {path}: {error}"),
    Cell("flock", "go.mod", "go: RLock {path}: {error}"),
    Cell("open", "go.mod", "go: open {path}: {error}"),
]
# go says so, unless the file system is read-only, and goes on.
WARNED_OF = [
    Cell("rename", ".info", "go: writing stat cache: rename {path}*.tmp {path}: {error}"),
    Cell("rename", ".mod", "go: writing go.mod cache: rename {path}*.tmp {path}: {error}"),
]
# go goes on without a word.
PASSED_OVER = [
    Cell(call, place, "")
    for call, place in [("open", ".info"), ("open", ".mod"), *((call, "list") for call in ("open", "flock", "write"))]
]
# go never calls it.
NEVER = [Cell("fsync", place, "") for place in (".info", ".mod", ".zip", ".ziphash", ".partial", ".lock", "list")]


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    return modules.publish(tmp_path_factory.mktemp("modules"), len(NAMES), file_bytes=200)


@pytest.fixture(scope="session")
def undisturbed(few, embedded_go, tmp_path_factory):
    """What the module cache holds when all goes well."""
    return downloaded(few, embedded_go, tmp_path_factory.mktemp("undisturbed"))


def downloaded(published, go, root):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), "GOMODCACHE": str(root / "cache"), **published.settings}
    subprocess.run([go, *DOWNLOAD], check=True, cwd=published.project(root / "work"), env=environment)
    content = ModuleCache(root / "cache").content()
    scanner.remove_tree(root / "cache")
    return content


class Disk:
    """A machine with a project that needs all modules, an empty module cache, and a go to make fail."""

    def __init__(self, machine, published, go, strace):
        self.machine = machine
        self.cache = ModuleCache(machine.root / "cache")
        self.go = FailingGo(machine, go, strace)
        self.settings = {**published.settings, "GOMODCACHE": str(self.cache.root)}
        published.project(machine.work)

    def place(self, name, place):
        """The path that a cell of the table means, for a module."""
        if place in ("go.mod", "go.sum"):
            return self.machine.work / place
        if place.startswith("tree"):
            return self.cache.tree(name, modules.VERSION) / place[5:]
        entry = self.cache.entry(name, modules.VERSION, "list" if place in (".", "..") else place)
        return {".": entry.parent, "..": entry.parent.parent}.get(place, entry)

    def break_(self, cell, error, runs=None, names=(MIDDLE,)):
        self.go.fail([(cell.call, error)], [self.place(name, cell.place) for name in names], runs)

    def says(self, cell, error, name=MIDDLE):
        return cell.says.format(
            path=self.place(name, cell.place), zip=self.place(name, ".zip"), error=ERRORS.get(error, "")
        )

    def empty(self):
        scanner.remove_tree(self.cache.root)

    def bare(self, *args, **more):
        return self.machine.call(self.go.path, *args, env={**self.settings, **more.pop("env", {})}, **more)

    def shim(self, *args, env=PATIENCE, **more):
        done = self.machine.go(*args, env={**self.settings, **env}, **more)
        assert b"go runs without it" not in done.err  # it failed by itself
        return done


@pytest.fixture
def disk(real, few, embedded_go, program):
    made = Disk(real, few, embedded_go, program("strace"))
    if b"ptrace" in real.call(program("strace"), "-f", "-o", "/dev/null", program("true")).err:
        pytest.skip("strace may not trace here")
    yield made
    made.empty()


def by_name(cell):
    return str(cell)


def last_word(done):
    """The last line, without the random part of the names of temporary files."""
    return re.sub(r"\d+(?=\.tmp)", "*", done.message.rstrip("\n").rpartition("\n")[2])


def told(done):
    """How often goshim spoke, and all that it said."""
    ours = re.findall(r"^goshim: .*\n(?:(?!goshim: |go: |-> |verifying ).*\n)*", done.message, re.MULTILINE)
    return len(ours), "".join(ours)


def repaired(disk, undisturbed):
    """Whether the module cache is as if nothing had happened."""
    assert disk.cache.content() == undisturbed
    disk.go.heal()
    assert disk.bare("mod", "verify") == (b"all modules verified\n", b"", 0)
    return True


# Bare go.


@pytest.mark.parametrize("cell", FATAL, ids=by_name)
def test_bare_go_gives_up_at_once_and_another_run_mends_all(disk, undisturbed, cell):
    for error in ERRORS:
        disk.empty()
        disk.break_(cell, error)
        done = disk.bare(*DOWNLOAD)
        assert (done.out, last_word(done), done.code) == (b"", disk.says(cell, error), 1)
        assert disk.go.failed
    disk.go.heal()
    assert disk.bare(*DOWNLOAD) == (b"", b"", 0)
    assert repaired(disk, undisturbed)


@pytest.mark.parametrize("cell", WARNED_OF, ids=by_name)
def test_bare_go_only_warns_where_it_can_do_without_the_file(disk, undisturbed, cell):
    for error in ERRORS:
        disk.empty()
        disk.break_(cell, error)
        done = disk.bare(*DOWNLOAD)
        assert (done.out, last_word(done), done.code) == (b"", disk.says(cell, error) if error != "EROFS" else "", 0)
        assert disk.go.failed
    missing = {str(disk.cache.root / name) for name in undisturbed.keys() - disk.cache.content().keys()}
    assert missing - {str(disk.place(MIDDLE, "list"))} == {str(disk.place(MIDDLE, cell.place))}


@pytest.mark.parametrize("cell", PASSED_OVER, ids=by_name)
def test_bare_go_says_nothing_where_a_file_is_a_mere_convenience(disk, cell):
    for error in ERRORS:
        disk.empty()
        disk.break_(cell, error)
        assert disk.bare(*DOWNLOAD) == (b"", b"", 0)
        assert disk.go.failed


def test_bare_go_never_calls_fsync_so_no_disk_can_fail_it_there(disk):
    disk.go.fail([("fsync", "EIO")], [disk.place(MIDDLE, cell.place) for cell in NEVER])
    assert disk.bare(*DOWNLOAD) == (b"", b"", 0)
    assert disk.go.failed == []


# Locks.


@pytest.mark.parametrize("cell", FATAL, ids=by_name)
def test_a_lock_that_ends_costs_one_line_and_leaves_a_cache_like_any_other(disk, undisturbed, cell):
    others = [error for error in LOCKS if error != "EACCES"]
    for error, runs in ("EACCES", 1), (others[FATAL.index(cell) % len(others)], 2):
        disk.empty()
        disk.break_(cell, error, runs)
        done = disk.shim(*DOWNLOAD)
        assert (done.out, done.code) == (b"", 0), done.message
        assert disk.go.failed
        assert disk.go.runs == ["mod download"] * (runs + 1)
        assert told(done)[0] == 1
        assert repaired(disk, undisturbed)


@pytest.mark.parametrize("error", LOCKS)
@pytest.mark.parametrize("names", [(FIRST,), (FIRST, LAST), NAMES], ids=["first", "two", "all"])
def test_it_matters_not_which_modules_or_how_many_are_locked(disk, undisturbed, names, error):
    disk.break_(FATAL[0], error, runs=1, names=names)
    done = disk.shim(*DOWNLOAD)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert len(disk.go.failed) == len(names)
    assert repaired(disk, undisturbed)


def test_a_word_of_go_is_not_repeated_by_each_attempt(disk):
    disk.break_(FATAL[0], "EACCES", runs=3)
    done = disk.shim(*DOWNLOAD)
    assert done.code == 0
    assert sum(line.startswith("go: rename ") for line in done.message.splitlines()) <= 1
    assert len(disk.go.runs) == 4


def test_warnings_beside_a_lock_hide_it_not(disk, undisturbed):
    disk.go.fail([("rename", "EACCES")], [disk.place(MIDDLE, suffix) for suffix in (".info", ".mod", ".zip")], 1)
    done = disk.shim(*DOWNLOAD)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert repaired(disk, undisturbed)


@pytest.mark.parametrize("cell", WARNED_OF, ids=by_name)
def test_a_mere_warning_is_never_retried(disk, cell):
    disk.break_(cell, "EACCES")
    done = disk.shim(*DOWNLOAD)
    assert (done.out, last_word(done), done.code) == (b"", disk.says(cell, "EACCES"), 0)
    assert (disk.go.runs, told(done)[0]) == (["mod download"], 0)


@pytest.mark.parametrize("place", [".lock", ".partial"])
def test_a_file_that_is_just_being_deleted_is_tried_once_more(disk, undisturbed, place):
    cell = next(each for each in FATAL if each[:2] == ("open", place))
    disk.break_(cell, "ENOENT", runs=1)
    done = disk.shim(*DOWNLOAD)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert repaired(disk, undisturbed)
    disk.empty()
    disk.break_(cell, "ENOENT")
    assert disk.shim(*DOWNLOAD).code == 1
    assert len(disk.go.runs) == 2


@pytest.mark.parametrize("error", ["EINVAL", "EPERM", "ENOSYS", "ENOLCK"])
def test_what_is_no_sign_of_a_lock_is_not_retried(disk, error):
    disk.go.fail([("flock", error)], [disk.place(MIDDLE, ".lock")])
    done = disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S)
    assert (done.out, done.code, disk.go.runs) == (b"", 1, ["mod download"])


def test_a_lock_that_never_ends_is_told_in_full_when_the_time_is_up(disk):
    disk.break_(FATAL[0], "EACCES")
    start = time.monotonic()
    done = disk.shim(*DOWNLOAD, env={**PATIENCE, "GOSHIM_RETRY__LOCK_BUDGET_S": "0.3"})
    assert time.monotonic() - start < AT_ONCE_S
    assert (done.out, done.code) == (b"", 1)
    attempts = len(disk.go.runs)
    assert attempts > 3
    times, text = told(done)
    assert times <= 2  # that it waits, and that it was in vain
    paragraph = text[text.rindex("goshim: ") :]
    assert str(disk.place(MIDDLE, ".zip")) in paragraph
    assert re.search(r"\block", paragraph)
    assert re.search(rf"\b{attempts} (attempts|tries|times)\b", paragraph)
    assert re.search(r"\b\d+(\.\d+)? ?s\b", paragraph)
    assert re.search(r"\bGOMODCACHE\b|\block_budget_s\b", paragraph)  # what to do about it


@pytest.mark.parametrize("how", [{"GOSHIM_RETRY__LOCK_BUDGET_S": "0"}, {"GOSHIM_RETRY__LOCKS": "never"}])
def test_who_wants_no_retry_gets_none(disk, how):
    disk.break_(FATAL[0], "EACCES")
    done = disk.shim(*DOWNLOAD, env={**WOULD_WAIT_LONG, **how}, limit_s=AT_ONCE_S)
    assert (done.out, done.code, disk.go.runs) == (b"", 1, ["mod download"])
    assert disk.says(FATAL[0], "EACCES") in re.sub(r"\d+(?=\.tmp)", "*", done.message)


def test_on_a_file_system_that_knows_no_such_locks_nothing_is_retried(disk):
    disk.break_(FATAL[0], "EACCES")
    done = disk.shim(*DOWNLOAD, env={**WOULD_WAIT_LONG, "GOSHIM_RETRY__LOCKS": None}, limit_s=AT_ONCE_S)
    assert (done.out, done.code, disk.go.runs) == (b"", 1, ["mod download"])


@pytest.mark.parametrize("how", ["argument", "GOFLAGS"])
def test_with_json_stdout_is_that_of_the_last_attempt(disk, undisturbed, how):
    command, env = (DOWNLOAD, {"GOFLAGS": "-json"}) if how == "GOFLAGS" else ((*DOWNLOAD, "-json"), {})
    disk.break_(FATAL[0], "EACCES", runs=2)
    done = disk.shim(*command, env={**PATIENCE, **env})
    assert (done.code, told(done)[0]) == (0, 1), done.message
    assert len(disk.go.runs) == 3
    assert [each["Path"] for each in objects(done.text) if "Error" not in each] == NAMES
    disk.go.heal()
    assert done.out == disk.bare(*command, env=env).out
    assert repaired(disk, undisturbed)


def test_with_json_a_lost_fight_still_gives_the_error_in_json(disk):
    disk.break_(FATAL[0], "EACCES")
    done = disk.shim(*DOWNLOAD, "-json", env={**PATIENCE, "GOSHIM_RETRY__LOCK_BUDGET_S": "0.1"})
    assert done.code == 1
    errors = {each["Path"]: each.get("Error") for each in objects(done.text)}
    assert [name for name, error in errors.items() if error] == [MIDDLE]
    assert len(errors) == len(NAMES)
    assert told(done)[0] in (1, 2)


@pytest.mark.parametrize("call", [("build", "-o", "/dev/null", "."), ("vet", "."), ("mod", "vendor")], ids=" ".join)
def test_where_locks_are_to_be_expected_other_commands_that_download_are_retried_too(disk, call):
    disk.break_(FATAL[0], "EACCES", runs=1)
    assert disk.bare(*call).code == 1
    disk.empty()
    disk.break_(FATAL[0], "EACCES", runs=1)
    done = disk.shim(*call)
    assert (done.out, done.code, told(done)[0]) == (b"", 0, 1), done.message
    assert disk.go.runs == [" ".join(call)] * 2


def objects(text):
    """The values of some JSON texts in a row."""
    decoder, found = json.JSONDecoder(), []
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


# What no waiting mends.


@pytest.mark.parametrize("cell", FATAL, ids=by_name)
def test_what_no_waiting_mends_is_told_at_once_with_what_to_do(disk, cell):
    error = list(PERMANENT)[FATAL.index(cell) % len(PERMANENT)]
    disk.break_(cell, error)
    done = disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S)
    gives_up(disk, done, disk.machine.work if cell.place == "go.mod" else disk.cache.root)
    assert disk.says(cell, error) in re.sub(r"\d+(?=\.tmp)", "*", done.message)


def test_a_lock_beside_a_full_disk_is_not_waited_for(disk):
    disk.go.fail(
        [("rename", "EACCES"), ("truncate", "ENOSPC")], [disk.place(FIRST, ".zip"), disk.place(LAST, ".ziphash")]
    )
    gives_up(disk, disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S), disk.cache.root)


def gives_up(disk, done, directory):
    """After one attempt, with one message that names the directory and more than that."""
    assert (done.out, done.code) == (b"", 1)
    assert disk.go.runs == ["mod download"]
    times, text = told(done)
    assert times == 1, done.message
    assert str(directory) in text


@pytest.fixture
def powerless(disk, program):
    """The disk, for calls that the modes of files hold for, root's too."""
    if not os.geteuid():
        disk.machine.shelter = [program("setpriv"), "--bounding-set=-dac_override,-dac_read_search,-fowner,-chown"]
    return disk


def someone_elses(path):
    """Let it belong to someone else, as what sudo go made does; whoever is not root can only make it look so."""
    path.chmod(0o555)
    if not os.geteuid():
        os.chown(path, 1, 1)
        path.chmod(0o755)


@pytest.mark.parametrize("which", ["an empty cache", "one module's entry", "where the cache is to be"])
def test_without_permission_nothing_is_waited_for(powerless, which):
    cache, entry = powerless.cache.root, powerless.place(MIDDLE, ".")
    env = {}
    if which == "an empty cache":
        cache.mkdir()
        someone_elses(cache)
    elif which == "one module's entry":
        entry.mkdir(parents=True)
        someone_elses(entry)
    else:
        cache.mkdir()
        someone_elses(cache)
        env["GOMODCACHE"] = str(cache / "deep/below")
    bare = powerless.bare(*DOWNLOAD, env=env)
    assert (bare.out, bare.code) == (b"", 1)
    assert last_word(bare).endswith(": permission denied")
    powerless.go.heal()
    done = powerless.shim(*DOWNLOAD, env={**WOULD_WAIT_LONG, **env}, limit_s=AT_ONCE_S)
    gives_up(powerless, done, cache)


MOUNTS = {
    "read-only": ('mount --bind "$0" "$0" && mount -o remount,ro,bind "$0"', "read-only file system"),
    "full": ('mount -t tmpfs -o size=100k none "$0"', "no space left on device"),
}


@pytest.mark.usefixtures("root_only")
@pytest.mark.parametrize("kind", MOUNTS)
def test_a_disk_that_is_full_or_read_only_is_told_at_once(disk, program, kind, tmp_path):
    script, error = MOUNTS[kind]
    disk.cache.root.mkdir()
    many = modules.publish(tmp_path / "large", len(NAMES), file_bytes=40_000)
    many.project(disk.machine.work)
    disk.settings |= many.settings
    disk.machine.shelter = [program("unshare"), "-m", "bash", "-pc", f'{script} && exec "$@"', disk.cache.root]
    if disk.machine.call(program("true")).code:
        pytest.skip("no mount namespace to be had here")
    bare = disk.bare(*DOWNLOAD)
    assert (bare.out, bare.code) == (b"", 1)
    assert f": {error}\n" in bare.message
    disk.go.heal()
    gives_up(disk, disk.shim(*DOWNLOAD, env=WOULD_WAIT_LONG, limit_s=AT_ONCE_S), disk.cache.root)


# A scanner at work.

HELD_S = 0.3


@pytest.fixture(scope="session")
def twenty(embedded_go, tmp_path_factory):
    """Twenty modules, and what a module cache holds of them when all goes well."""
    published = modules.publish(tmp_path_factory.mktemp("twenty"), 20, file_bytes=200)
    return published, downloaded(published, embedded_go, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def scanned(tmp_path):
    """Mounts a directory that a scanner is at work in, and says where a module cache in it is."""
    with contextlib.ExitStack() as stack:

        def mount(holding):
            made = scanner.Scanner(tmp_path / f"scanned-{time.monotonic_ns()}", holding)
            try:
                stack.enter_context(made)
            except scanner.UnavailableError as error:
                pytest.skip(str(error))
            return made, ModuleCache(made.point / "cache")

        yield mount


@pytest.mark.parametrize("removal", ["EACCES", "EIO"])
@pytest.mark.parametrize("seed", [1, 2])
def test_under_a_scanner_bare_go_gives_up_and_goshim_comes_through(real, twenty, scanned, seed, removal):
    published, undisturbed = twenty
    published.project(real.work)
    holding = scanner.Holding(0.05, HELD_S, seed, removal_refusal=removal)
    _, cache = scanned(holding)
    real.env |= {**published.settings, "GOMODCACHE": str(cache.root), "GOSHIM": "off"}
    bare = real.go(*DOWNLOAD)
    assert (bare.out, bare.code) == (b"", 1)
    assert re.search(": (permission denied|input/output error)$", bare.message, re.MULTILINE)
    _, cache = scanned(holding)
    real.env |= {**PATIENCE, "GOMODCACHE": str(cache.root), "GOSHIM": ""}
    done = real.go(*DOWNLOAD)
    assert (done.out, done.code) == (b"", 0), done.message
    assert told(done)[0] >= 1
    time.sleep(HELD_S)  # what was written last
    assert real.go("mod", "verify") == (b"all modules verified\n", b"", 0)
    found = cache.content()
    assert indispensable(found) == indispensable(undisturbed)


def indispensable(content):
    """What go makes sure of; not what it only warns of, and not that nobody may write to the directories of a module.

    That comes last, without a word when it fails, and is not made up for when another module's failure ends go before.
    """
    return {
        name: (mode, data) if data is not None else None
        for name, (mode, data) in content.items()
        if not re.search(r"@v/(list|v1\.0\.0\.(info|mod))$", name)
    }


def test_where_nothing_is_held_go_works_as_on_any_disk(real, twenty, embedded_go, scanned):
    published, undisturbed = twenty
    published.project(real.work)
    mounted, cache = scanned(scanner.Holding(0, HELD_S))
    env = {**published.settings, "GOMODCACHE": cache.root}
    assert real.call(embedded_go, *DOWNLOAD, env=env) == (b"", b"", 0)
    assert cache.content() == undisturbed
    assert mounted.holds() == mounted.refusals() == []


def test_a_held_file_refuses_what_goes_by_its_path_for_a_while(scanned):
    mounted, _ = scanned(scanner.Holding(1, HELD_S, removal_refusal="EIO"))
    held, free, above = mounted.point / "held", mounted.point / "free", mounted.point / "above"
    above.mkdir()
    held.write_text("new")
    (above / "below").write_text("new")
    refused = [
        (PermissionError, held.read_bytes),
        (PermissionError, lambda: held.rename(free)),
        (PermissionError, lambda: os.truncate(held, 0)),
        (PermissionError, lambda: above.rename(mounted.point / "elsewhere")),
        (OSError, held.unlink),
    ]
    for kind, call in refused:
        with pytest.raises(kind):
            call()
    assert [call for call, _ in mounted.refusals()] == ["open", "rename", "truncate", "rename", "unlink"]
    assert held.stat().st_size == 3
    time.sleep(HELD_S)
    assert held.read_text() == "new"  # what is only read is not scanned again
    held.rename(free)
    free.unlink()


@pytest.mark.parametrize("victim", ["maker", "server"])
def test_a_scanned_directory_is_unmounted_whoever_is_killed(tmp_path, scanned, victim):
    point = tmp_path / "point"
    if victim == "server":
        mounted, _ = scanned(scanner.Holding(0, HELD_S))
        point = mounted.point
        mounted._server.kill()
    else:
        scanned(scanner.Holding(0, HELD_S))  # or else it is skipped
        command = [sys.executable, scanner.__file__, point, "cat"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as maker:
            maker.stdin.write(b"mounted\n")
            maker.stdin.flush()
            assert maker.stdout.readline() == b"mounted\n"
            assert scanner.is_mounted(point)
            maker.kill()
    until = time.monotonic() + AT_ONCE_S
    while scanner.is_mounted(point):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert list(point.iterdir()) == []


# Memory.

TALKS = """#!/bin/bash
[[ "$1 $2" == "mod download" ]] || exit 0
echo run >>"$HOME/runs"
[[ $(wc -l <"$HOME/runs") -lt 3 ]] || exit 0
{talk} | head -c 100000000 >&2
echo >&2
at=$GOMODCACHE/cache/download/example.com/m/@v
echo "go: rename $at/v1.0.0.zip1.tmp $at/v1.0.0.zip: permission denied" >&2
exit 1
"""


@pytest.mark.parametrize(
    "talk", [f"yes 'go: {'example.com/m ' * 20}'", "tr '\\0' x </dev/zero"], ids=["lines", "one line"]
)
def test_whatever_go_says_the_supervisor_stays_small_and_keeps_up(real, talk):
    make_toolchain(real.tools, TALKS.format(talk=talk).encode())
    real.env["PATH"] = f"{real.bin}:{real.tools}/bin:/usr/bin:/bin"
    (real.root / "cache/cache/download/example.com/m/@v").mkdir(parents=True)
    environment = real.with_env({**PATIENCE, "GOMODCACHE": real.root / "cache"})
    nothing = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen([real.launcher, *DOWNLOAD], env=environment, cwd=real.work, **nothing)
    peak_kb, until = 0, time.monotonic() + AT_ONCE_S
    while process.poll() is None and time.monotonic() < until:
        peak_kb = max(peak_kb, supervisor_peak_kb(process.pid))
        time.sleep(0.01)
    process.kill()
    assert 1000 < peak_kb <= 25_000
    assert process.wait() == 0  # or else it took too long
    assert (real.home / "runs").read_text() == "run\n" * 3


def supervisor_peak_kb(process):
    """The most memory that the supervisor, this process or one below it, has had so far; 0 if there is none."""
    try:
        words = Path(f"/proc/{process}/cmdline").read_bytes().split(b"\0")
        if b"watch" in words and any(word.endswith(b"boot.py") for word in words):
            return int(re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)[1])
        below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except (OSError, TypeError):  # it has just ended
        return 0
    return max(map(supervisor_peak_kb, below), default=0)
