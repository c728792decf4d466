"""What a clone, a CI cache or another user can put on a machine is neither run nor obeyed, and no call hangs."""

from __future__ import annotations

import os
import re
import shutil

import pytest

from tests.end_to_end.machine import Dump, with_baked

PLANTED = b"echo planted; exit 9\n"
MARKS = [".git", ".hg", "go.mod", "go.work", ".goshim.toml"]


def token(machine):
    return re.search(rb"token=([0-9a-f]{32})", machine.launcher.read_bytes())[1]


def plant(machine, store, seal, env, name="x"):
    """A plan for calls with this environment, wherever the launcher may look for it."""
    lengths = f"@{len(os.fspath(env.get('PATH', machine.env['PATH'])))}-0-0"
    for project in ("-", str(machine.work)):
        machine.put(store / f"goshim/plans{project}/{lengths}.{name}", PLANTED + b"# " + seal + b"\n", 0o600)
    (store / "goshim").chmod(0o1700)


def runs_go(machine, env, **more):
    """Whether calls become go, both the cold one and the next; none may say anything."""
    for _ in range(2):
        done = machine.go(env=env, **more)
        assert (done.err, done.code) == (b"", 0)
        assert Dump.of(done.out)
    return True


ENDS = {
    "as it was before there were tokens": "whole",
    "empty": "",
    "another's": "0" * 32,
    "cut short": "{token:.31}",
    "too long": "{token}0",
    "behind a blank": " {token}",
    "before a blank": "{token} ",
    "a pattern": "*",
    "a pattern of as many": "?" * 32,
    "not the last line": "{token}\n:",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_plan_without_the_launchers_token_is_not_evaluated_wherever_it_lies(machine, end):
    plant(machine, machine.home / ".cache", ENDS[end].format(token=token(machine).decode()).encode(), {})
    assert runs_go(machine, {})


def test_a_launcher_without_a_token_obeys_no_plan_and_keeps_none(machine):
    launcher = with_baked(machine.launcher.read_bytes(), token="''")
    machine.put(machine.launcher, launcher)
    for seal in (b"", b"''", b"whole"):
        plant(machine, machine.home / ".cache", seal, {})
        before = machine.plans()
        assert runs_go(machine, {})
        assert machine.plans() == before


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME", "a link"])
def test_no_plan_in_a_checkout_is_obeyed_and_no_token_gets_there(machine, mark, variable):
    clone = machine.work / "clone"
    (clone / "deep").mkdir(parents=True)
    (clone / mark).mkdir() if mark == ".git" else (clone / mark).write_text("")
    place = clone / ".cache"
    env = {"HOME": clone} if variable == "HOME" else {"XDG_CACHE_HOME": place}
    if variable == "a link":
        place.mkdir()
        (machine.root / "link").symlink_to(place)
        env = {"XDG_CACHE_HOME": machine.root / "link"}
    for cwd in (clone, clone / "deep", machine.work):
        assert runs_go(machine, env, cwd=cwd)
        assert not [path for path in clone.rglob("*") if path.is_file() and token(machine) in path.read_bytes()]
    if variable != "a link":
        plant(machine, place, token(machine), env)
        for cwd in (clone, clone / "deep", machine.work):
            assert runs_go(machine, env, cwd=cwd)


def test_a_clone_as_home_chooses_no_program_by_its_config(machine):
    clone = machine.work / "clone"
    evil = machine.put(clone / "evil/go", "#!/bin/sh\necho planted\n")
    machine.put(clone / "sdk/go1.99/bin/go", "#!/bin/sh\necho planted\n")
    (clone / ".git").mkdir()
    machine.put(clone / ".config/goshim/config.toml", f'toolchain.go = "{evil}"\nenv.GOFLAGS = "-toolexec={evil}"\n')
    env = {"HOME": clone}
    assert runs_go(machine, env, cwd=clone)
    assert b"planted" not in machine.go(env={**env, "PATH": "/usr/bin:/bin"}, cwd=clone).out
    for command in (["env"], ["config", "show"], ["config", "check"]):
        shown = machine.goshim(*command, env=env, cwd=clone)
        assert (f"HOME lies in the checkout {clone}" in shown.text, shown.code) == (True, 0)
    assert f"HOME lies in the checkout {clone}" in machine.go(env={**env, "GOSHIM_VERBOSE": "1"}, cwd=clone).message


def _store_is_a_link(machine):
    shutil.move(machine.store, machine.root / "moved")
    machine.store.symlink_to(machine.root / "moved")


def _plans_are_a_link(machine):
    shutil.move(machine.store / "plans-", machine.root / "moved")
    (machine.store / "plans-").symlink_to(machine.root / "moved")


def _opened(mode):
    def change(machine):
        machine.store.chmod(mode)

    return change


@pytest.mark.parametrize(
    "change",
    [_store_is_a_link, _plans_are_a_link, *map(_opened, (0o777, 0o707, 0o770, 0o722))],
    ids=["link", "link below", "777", "707", "770", "722"],
)
def test_a_store_that_others_could_have_changed_is_neither_read_nor_written(machine, change):
    machine.go()
    assert machine.is_warm()
    change(machine)
    before = {path: path.lstat().st_mtime_ns for path in machine.root.rglob("@*")}
    assert not machine.is_warm()
    assert runs_go(machine, {})
    assert {path: path.lstat().st_mtime_ns for path in machine.root.rglob("@*")} == before


@pytest.mark.parametrize("mode", [0o700, 0o755, 0o750])
def test_a_store_into_which_nobody_else_can_write_is_made_private_and_used(machine, mode):
    machine.store.mkdir(parents=True)
    machine.store.chmod(mode)
    assert runs_go(machine, {})
    assert machine.is_warm()
    assert machine.store.stat().st_mode & 0o7777 == 0o1700


def test_a_cache_directory_of_ones_own_on_another_disk_is_used(machine):
    (machine.root / "disk").mkdir()
    (machine.home / ".cache").symlink_to(machine.root / "disk")
    assert runs_go(machine, {})
    assert machine.is_warm()


def test_a_plan_that_is_a_fifo_holds_no_call_up(machine):
    machine.go()
    (plan,) = machine.plans()
    plan.unlink()
    os.mkfifo(plan, 0o600)
    done = machine.go(limit_s=20)
    assert (done.err, done.code) == (b"", 0)


def test_the_token_is_in_no_argument_and_no_variable(machine, program):
    log = machine.root / "strace"
    done = machine.call(program("strace"), "-f", "-v", "-s9999", "-o", log, "-e", "trace=execve", machine.launcher)
    if "ptrace" in done.message:
        pytest.skip("strace may not trace here")
    assert log.read_bytes().count(b"execve(") > 1
    assert token(machine) not in log.read_bytes()
    record = machine.root / "record"
    machine.goshim("doctor", "--save", record, "--only", "plan-store", env={"PATH": f"{machine.bin}:/usr/bin:/bin"})
    assert token(machine) not in record.read_bytes()


PLACES = ["foo", "", ".", "..", "/", "//", "/a//b", "foo/", "/nonexistent", "a b", "*", "/proc/self/cwd", "\\"]


@pytest.mark.parametrize("place", PLACES)
def test_no_call_loops_for_ever_whatever_pwd_is_in_a_directory_that_was_deleted(machine, program, place):
    script = 'mkdir "$0" && cd "$0" && rmdir "$0" && PWD=$1 && export PWD && shift && exec "$@"'
    chdirs = [None, "-C=x", "-C=..//", "-C=//", "-C=/tmp", "-C="] if place in ("foo", "") else [None]
    for chdir in chdirs:
        words = [machine.launcher, *([chdir] if chdir else []), "version"]
        done = machine.call(program("bash"), "-pc", script, machine.root / "gone", place, *words, limit_s=20)
        assert done.code == 0, chdir


@pytest.mark.parametrize("variable", ["PWD", "HOME", "XDG_CACHE_HOME"])
def test_no_call_loops_for_ever_whatever_a_variable_says(sheltered, variable):
    for place in PLACES:
        assert sheltered.go("version", env={variable: place}, limit_s=20).code == 0, place


DEPENDENT = [
    ".",
    "",
    "/proc/self/cwd",
    "//proc/self/cwd",
    "/proc/../proc/self/cwd",
    "{root}/link",
    "{root}/link2",
    "./.",
]


@pytest.mark.parametrize("entry", DEPENDENT)
def test_no_go_or_git_of_the_working_directory_is_run(machine, entry):
    for name in ("go", "git"):
        machine.put(machine.work / name, "#!/bin/sh\necho planted\n")
    (machine.root / "link").symlink_to("/proc/self/cwd")
    (machine.root / "link2").symlink_to("link")
    (machine.work / ".git").mkdir()
    (machine.work / ".git/HEAD").write_text("ref: refs/heads/main\n")
    machine.project_file.write_text('[epoch]\nsource = "git"\n')
    path = f"{entry.format(root=machine.root)}:{machine.env['PATH']}"
    assert runs_go(machine, {"PATH": path})
    assert b"planted" not in machine.go(env={"PATH": path}).out
    machine.forget()  # so that bash itself looks for the next go: the other launcher has no Python
    done = machine.warm("version", env={"PATH": f"{entry.format(root=machine.root)}:{machine.tools}/bin"})
    assert (b"planted" in done.out, done.code) == (False, 0)
    assert b"planted" not in machine.goshim("exec", "--", "go", "version", env={"PATH": path}).out


def test_a_project_file_that_becomes_huge_or_a_link_to_the_kernel_holds_no_warm_call_up(machine):
    machine.project_file.write_text("retry.quiet = true\n")
    machine.go()
    assert machine.is_warm()

    def processor_s(content):
        machine.project_file.write_bytes(content)
        before = os.times().children_user
        machine.warm("version", limit_s=20)
        return os.times().children_user - before

    assert processor_s(b"#" * 60_000_000) < processor_s(b"#") + 0.5
    machine.project_file.unlink()
    machine.project_file.symlink_to("/proc/kmsg")
    assert machine.go("version", limit_s=20).code == 2


@pytest.mark.parametrize("mark", MARKS)
def test_an_off_file_that_came_with_a_checkout_turns_nothing_off(machine, mark):
    clone = machine.work / "clone"
    machine.put(clone / ".config/goshim/off", "")
    (clone / mark).mkdir() if mark == ".git" else (clone / mark).write_text("")
    project = machine.put(clone / "sub/.goshim.toml", 'toolchain.go = "/x"\n')
    env = {"HOME": clone, "GOSHIM_TRUST__UNTRUSTED": "refuse"}
    assert machine.go("version", env=env, cwd=project.parent).code == 2


@pytest.mark.usefixtures("root_only")
def test_root_obeys_and_leaves_nothing_in_the_home_of_another_user(machine):
    home = machine.root / "app"
    evil = machine.put(home / "evil", "#!/bin/sh\necho planted\n")
    machine.put(home / ".config/goshim/config.toml", f'toolchain.go = "{evil}"\n')
    machine.put(home / "sdk/go1.99/bin/go", "#!/bin/sh\necho planted\n")
    for path in (home, *home.rglob("*")):
        os.chown(path, 12345, 12345)
    env = {"HOME": home}
    for launcher in (machine.launcher, machine.warm_launcher):
        for path in (machine.env["PATH"], "/usr/bin:/bin"):
            assert b"planted" not in machine.call(launcher, env={**env, "PATH": path}).out
    assert runs_go(machine, env)
    assert [path for path in home.rglob("*") if path.stat().st_uid == 0] == []
    shown = machine.goshim("env", env=env)
    assert ("belongs to user 12345" in shown.text, shown.code) == (True, 0)


@pytest.mark.usefixtures("root_only")
def test_root_does_not_obey_another_users_off_file(machine):
    machine.put(machine.home / ".config/goshim/off", "")
    machine.put(machine.config, "[epoch]\nsource = 7\n")
    assert b"SOURCE_DATE_EPOCH" not in machine.dump().environment
    os.chown(machine.home / ".config/goshim/off", 12345, 12345)
    assert b"SOURCE_DATE_EPOCH" in machine.dump().environment
