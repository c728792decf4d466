"""A stored plan acts only while all that it was worked out from is as it was: at the very next call."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest

from tests.end_to_end.machine import make_toolchain

EPOCH = b"SOURCE_DATE_EPOCH"


def says(number):
    return f"[epoch]\nsource = {number}\n"


def seen(machine, **more):
    """The epoch that go is given."""
    return machine.dump(**more).environment.get(EPOCH)


def settled(machine, value, **more):
    """Make the plan for this call warm, and see that it gives go this epoch."""
    assert seen(machine, **more) == value
    assert machine.warm_dump(**more).environment.get(EPOCH) == value


def touch_back(path, times):
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns), follow_symlinks=False)


@pytest.fixture(params=["project", "parent", "user"])
def config(request, machine):
    """A config file at each of the places where one counts."""
    machine.work = machine.work / "below"
    machine.work.mkdir()
    path = {
        "project": machine.work / ".goshim.toml",
        "parent": machine.work.parent / ".goshim.toml",
        "user": machine.config,
    }[request.param]
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def test_a_config_that_appears_counts(machine, config):
    settled(machine, None)
    config.write_text(says(1))
    settled(machine, b"1")


def test_a_config_that_is_deleted_no_longer_counts(machine, config):
    config.write_text(says(1))
    settled(machine, b"1")
    config.unlink()
    settled(machine, None)
    config.write_text(says(1))
    settled(machine, b"1")


def test_a_config_edited_and_touched_back_counts(machine, config):
    config.write_text(says(1))
    before = config.stat()
    settled(machine, b"1")
    with config.open("r+") as file:
        file.write(says(2))
    touch_back(config, before)
    assert config.stat().st_mtime_ns == before.st_mtime_ns
    settled(machine, b"2")


def test_a_config_edited_many_times_within_a_second_counts_each_time(machine, config):
    for number in range(12):
        config.write_text(says(number))
        assert seen(machine) == str(number).encode()
        assert seen(machine) == str(number).encode()


@pytest.mark.parametrize("way", ["mv", "cp -p", "ln -f"])
def test_a_config_replaced_by_an_older_file_counts(machine, config, way):
    config.write_text(says(1))
    settled(machine, b"1")
    old = machine.root / "old"
    old.write_text(says(2))
    os.utime(old, (0, 0))
    subprocess.run([*way.split(), old, config], check=True)
    assert config.stat().st_mtime == 0
    settled(machine, b"2")


def test_a_config_that_is_a_link_turned_elsewhere_counts(machine, config):
    for number in (1, 2):
        (machine.root / f"{number}.toml").write_text(says(number))
    config.symlink_to(machine.root / "1.toml")
    times = config.lstat()
    settled(machine, b"1")
    config.unlink()
    config.symlink_to(machine.root / "2.toml")
    touch_back(config, times)
    settled(machine, b"2")


def test_a_config_with_only_a_nul_or_a_line_end_more_counts(machine, config):
    config.write_text(says(1))
    settled(machine, b"1")
    config.write_text(says(1) + "\0")
    assert machine.go().code == 2
    config.write_text(says(1) + "\0x")
    assert machine.go().code == 2
    config.write_text(says(1) + "\n")
    settled(machine, b"1")


def test_a_config_that_becomes_wrong_stops_go_and_right_again_does_not(machine, config):
    config.write_text(says(1))
    settled(machine, b"1")
    config.write_text("[epoch]\nsource = 'soon'\n")
    assert machine.go().code == 2
    config.unlink()
    config.mkdir()
    assert machine.go().code == 2
    config.rmdir()
    config.symlink_to("/nonexistent/config")
    assert machine.go().code == 2
    config.unlink()
    config.write_text(says(3))
    settled(machine, b"3")


def test_a_long_config_is_obeyed_too(machine, config):
    config.write_text(says(1) + "#" * 60_000)
    assert seen(machine) == seen(machine) == b"1"
    config.write_text(says(2) + "#" * 60_000)
    assert seen(machine) == b"2"


def test_a_project_file_nearer_than_the_known_one_counts(machine):
    machine.project_file.write_text(says(1))
    below = machine.work / "a/b"
    below.mkdir(parents=True)
    settled(machine, b"1", cwd=below)
    (machine.work / "a/.goshim.toml").write_text(says(2))
    settled(machine, b"2", cwd=below)
    settled(machine, b"1")


def test_a_go_that_appears_in_an_earlier_empty_directory_counts(machine):
    early = machine.root / "early"
    early.mkdir()
    machine.env["PATH"] = f"{machine.bin}:{machine.root}/absent:{early}:{machine.tools}/bin:/usr/bin:/bin"
    machine.go()
    assert machine.is_warm()
    for directory in (early, machine.root / "absent"):
        directory.mkdir(exist_ok=True)
        machine.put(directory / "go", b"not a program", mode=0o644)
        assert machine.go("exit", "3").code == 3
        shutil.copy(shutil.which("echo"), directory / "go")
        (directory / "go").chmod(0o755)
        assert machine.go("early").out == b"early\n"
        assert machine.go("early").out == b"early\n"
        (directory / "go").unlink()
        assert machine.go("exit", "3").code == 3


def test_the_chosen_go_removed_or_made_unusable_counts(machine):
    second = make_toolchain(machine.root / "second", shutil.which("echo"))
    machine.env["PATH"] += f":{second.parent}"
    machine.env["PATH"] = machine.env["PATH"].replace(":/usr/bin:/bin", "")
    chosen = machine.tools / "bin/go"
    machine.go()
    assert machine.is_warm()
    chosen.chmod(0o644)
    assert machine.go("second").out == b"second\n"
    chosen.chmod(0o755)
    assert machine.go("exit", "3").code == 3
    chosen.unlink()
    assert machine.go("second").out == b"second\n"


def test_a_chosen_go_that_is_a_link_turned_elsewhere_counts(machine):
    other = make_toolchain(machine.root / "other", shutil.which("echo"), version="go1.21.0")
    link = machine.root / "current"
    link.symlink_to(machine.tools)
    machine.env["PATH"] = f"{machine.bin}:{link}/bin:/usr/bin:/bin"
    machine.env["GOROOT"] = str(machine.tools)
    assert b"GOROOT" in machine.dump().environment
    assert machine.is_warm()
    link.unlink()
    link.symlink_to(machine.root / "other")
    assert machine.go("other").out == b"other\n"
    assert machine.changes() == {"GOROOT": None}
    assert other.exists()


def test_a_goroot_that_changes_behind_its_name_counts(machine):
    shutil.copytree(machine.tools, machine.root / "patched")
    env = {"GOROOT": machine.root / "patched"}
    for version, kept in (("go1.27.3", True), ("go1.27.2", False), ("go1.27.3", True)):
        (machine.root / "patched/VERSION").write_text(version)
        for _ in "cold", "warm":
            assert (b"GOROOT" in machine.dump(env=env).environment) == kept
    shutil.rmtree(machine.root / "patched/pkg")
    assert b"GOROOT" not in machine.dump(env=env).environment
    machine.tools.joinpath("VERSION").write_text("go1.28")
    assert b"GOROOT" in machine.dump(env={"GOROOT": machine.tools}).environment


def test_a_goshim_variable_counts_while_it_is_set(machine):
    settled(machine, None)
    settled(machine, b"5", env={"GOSHIM_EPOCH__SOURCE": "5"})
    settled(machine, b"6", env={"GOSHIM_EPOCH__SOURCE": "6"})
    assert machine.go(env={"GOSHIM_EPOCH__SOURCE": "x"}).code == 2
    settled(machine, None, env={"GOSHIM_EPOCH__SOUCE": "6"})
    settled(machine, None)


def test_another_home_counts(machine):
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text(says(1))
    settled(machine, b"1")
    other = machine.root / "home2"
    shutil.copytree(machine.home / ".cache", other / ".cache")
    settled(machine, None, env={"HOME": other})
    shared = {"XDG_CACHE_HOME": machine.root / "shared"}
    settled(machine, b"1", env=shared)
    settled(machine, None, env={**shared, "HOME": other})
    settled(machine, None, env={**shared, "HOME": "relative"})


@pytest.mark.parametrize("name", ["GOROOT", "CGO_ENABLED", "HTTPS_PROXY", "GOPRIVATE", "SOURCE_DATE_EPOCH", "GOPROXY"])
def test_a_variable_set_unset_or_empty_is_three_states(machine, name):
    for value in (None, "", "'x' ", None, "", "2"):
        env = {name: value}
        wanted = machine.changes(env=env).get(name, value)
        for _ in "cold", "warm":
            found = machine.dump(env=env).environment.get(name.encode())
            assert found == (None if wanted is None else wanted.encode())


def test_a_path_that_is_unset_or_empty_is_another_one(machine):
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text(f'[toolchain]\ngo = "{machine.tools}/bin/go"\n')
    for _ in "cold", "warm":
        assert b"PATH" not in machine.dump(env={"PATH": None}).environment
        assert machine.dump(env={"PATH": ""}).environment[b"PATH"] == b""
        assert b"PATH" in machine.dump().environment


def test_a_git_that_can_only_wait_is_asked_once_and_not_at_every_call(machine, tmp_path):
    git = ["git", "-C", machine.work, "-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    os.mkfifo(tmp_path / "fifo")
    subprocess.run([*git, "config", "include.path", tmp_path / "fifo"], check=True)
    env = {"GOSHIM_EPOCH__SOURCE": "git"}
    while True:
        hour = time.strftime("%F %H")
        assert seen(machine, env=env) is None
        is_warm = machine.is_warm(env=env)
        if hour == time.strftime("%F %H"):
            break
    assert is_warm
    (plan,) = [path for path in machine.plans() if "%(%F %H)T" in path.read_text()]
    plan.write_text(plan.read_text().replace(f"'{hour}'", "'2001-01-01 00'"))
    assert not machine.is_warm(env=env)


@pytest.mark.parametrize("name", [".git", ".git/HEAD", ".git/commondir"])
def test_bytes_that_no_path_has_in_gits_files_are_no_fault(machine, name):
    if name != ".git":
        (machine.work / ".git").mkdir()
    (machine.work / name).write_bytes(b"gitdir: /x\0y\n")
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text('[env]\nGOPRIVATE = "corp.example"\n')
    given = machine.dump(env={"GOSHIM_EPOCH__SOURCE": "git"}).environment
    assert (given.get(EPOCH), given.get(b"GOPRIVATE")) == (None, b"corp.example")
