from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from goshim.base.errors import ConfigError, NoGoError
from goshim.base.store import Store
from goshim.facts.host import Host, Recorder
from goshim.plan.work_out import work_out
from goshim.rules.lookups import ABSENT_GCCGO
from tests.machine import HOME, WSL2_RELEASE

NO_STORE = Store(None)
USER = f"{HOME}/.config/goshim/config.toml"


@pytest.fixture
def linux(machine):
    """A machine with one toolchain and a compiler."""
    machine.toolchain("/usr/local/go")
    machine.program("/usr/bin/gcc")
    return machine


def changes(machine, variables, project=None):
    plan = work_out(machine.host(variables), NO_STORE, project)
    return {change.variable: change.after for change in plan.changes}


def test_on_a_healthy_machine_nothing_is_changed_and_no_file_beyond_the_needed_is_read(linux):
    recorder = Recorder(linux.host({"PATH": "/usr/bin:/usr/local/go/bin", "GOPATH": "/go"}))
    plan = work_out(recorder, NO_STORE, None)
    assert plan.changes == ()
    assert (plan.toolchain.go, plan.told()) == ("/usr/local/go/bin/go", [])
    read = {subject for kind, subject in recorder.answers if kind == "read"}
    assert read == {"/proc/sys/kernel/osrelease", "/etc/goshim/config.toml", USER}
    assert recorder.repeatable


def test_under_wsl_the_mount_table_tells_what_is_windows(linux):
    linux.become_wsl()
    path = "/mnt/c/Windows:/usr/bin:/usr/local/go/bin"
    found = changes(linux, {"PATH": path, "GOROOT": "/mnt/c/Go"})
    assert found == {"PATH": "/usr/bin:/usr/local/go/bin:/mnt/c/Windows", "GOROOT": None, "GCCGO": ABSENT_GCCGO}


def test_outside_wsl_the_mount_table_is_not_read(linux):
    linux.become_wsl(release="6.1.0-18-amd64")
    os.rmdir(linux.at("/run/WSL"))
    assert changes(linux, {"PATH": "/mnt/c/Windows:/usr/local/go/bin"}) == {}


def test_without_a_mount_table_no_entry_moves(linux):
    linux.write("/proc/sys/kernel/osrelease", WSL2_RELEASE)
    linux.directory("/run/WSL")
    assert changes(linux, {"PATH": "/mnt/c/Windows:/usr/local/go/bin"}) == {}


def test_windows_drives_are_never_looked_into(linux):
    linux.become_wsl()
    variables = {
        "PATH": "/mnt/c/Windows:/usr/bin:/usr/local/go/bin:/mnt/d",
        "GOROOT": "/mnt/c/Go",
        "TMPDIR": "/mnt/c/T",
    }
    recorder = Recorder(linux.host(variables))
    work_out(recorder, NO_STORE, None)
    assert not [subject for kind, subject in recorder.answers if kind != "variable" and subject.startswith("/mnt/")]


@pytest.mark.parametrize(
    ("goroot", "version", "after"),
    [
        ("/usr/local/go", None, "/usr/local/go"),
        ("/opt/other", "go1.26.1", None),
        ("/opt/patched", "go1.27.3", "/opt/patched"),
        ("/opt/absent", None, None),
    ],
)
def test_goroot_is_compared_with_the_chosen_go(linux, goroot, version, after):
    if version:
        linux.toolchain(goroot, version)
    found = changes(linux, {"PATH": "/usr/local/go/bin", "GOROOT": goroot})
    assert found == ({} if after else {"GOROOT": None})


def test_a_goroot_of_the_config_is_judged_by_what_is_there(linux):
    linux.toolchain("/opt/patched")
    linux.write(USER, "env.GOROOT = '/opt/patched'\n")
    assert changes(linux, {"PATH": "/usr/local/go/bin"}) == {"GOROOT": "/opt/patched"}


@pytest.mark.parametrize(
    ("path", "config", "has_compiler"),
    [
        pytest.param("/usr/bin:/mnt/c/x:/usr/local/go/bin", "", True, id="on PATH"),
        pytest.param("/mnt/c/x:/usr/local/go/bin", "", False, id="not on PATH"),
        pytest.param("/mnt/c/x:/usr/local/go/bin", "path.prepend = ['/usr/bin']", True, id="prepended"),
        pytest.param("/mnt/c/x:/usr/local/go/bin", "path.append = ['/usr/bin']", True, id="appended"),
        pytest.param("/mnt/c/x:/usr/local/go/bin", "path.prepend = ['~/cc/bin']", True, id="prepended, below home"),
    ],
)
def test_a_compiler_counts_that_go_will_find(linux, path, config, has_compiler):
    linux.become_wsl()
    linux.program(f"{HOME}/cc/bin/gcc")
    linux.write(USER, config)
    assert ("CGO_ENABLED" in changes(linux, {"PATH": path})) is not has_compiler


def test_gos_own_file_counts(linux):
    linux.become_wsl()
    linux.write(f"{HOME}/.config/go/env", "CGO_ENABLED=1\nGCCGO=/opt/gccgo\n")
    assert changes(linux, {"PATH": "/usr/local/go/bin:/mnt/c/x"}) == {}


def test_the_configs_variables_and_secrets_are_told_masked(linux):
    linux.write(USER, "[proxy]\nhttp = 'http://me:hunter2@proxy'\n[env]\nMY_TOKEN = 'hunter2'\nGOFLAGS = '-v'\n")
    plan = work_out(linux.host({"PATH": "/usr/local/go/bin"}), NO_STORE, None)
    told = "\n".join(plan.told())
    assert "hunter2" not in told
    assert "HTTP_PROXY: unset → http://me:***@proxy (proxy-setting: proxy.http)" in told
    assert "GOFLAGS: unset → -v (go-env: [env])" in told
    environment = plan.environment({"A": "1"})
    assert environment["MY_TOKEN"] == "hunter2"
    assert environment["A"] == "1"


def test_an_environment_has_the_changes_and_all_else(linux):
    plan = work_out(linux.host({"PATH": "/usr/local/go/bin", "GOROOT": "C:\\Go", "CGO_ENABLED": "1\r"}), NO_STORE, None)
    before = {"GOROOT": "C:\\Go", "CGO_ENABLED": "1\r", "X": "y"}
    assert plan.environment(before) == {"CGO_ENABLED": "1", "X": "y"}
    assert before["GOROOT"] == "C:\\Go"
    assert plan.environment({}) == {"CGO_ENABLED": "1"}


def test_a_shim_is_told(linux):
    linux.program("/shims/go", b"#!/bin/sh\nexec mise x -- go\n")
    (line,) = work_out(linux.host({"PATH": "/shims"}), NO_STORE, None).told()
    assert "/shims/go" in line


def test_a_fault_in_the_config_comes_before_the_search_for_go(machine):
    machine.write(USER, "path.windows = 'first'\n")
    with pytest.raises(ConfigError):
        work_out(machine.host(), NO_STORE, None)
    machine.write(USER, "")
    with pytest.raises(NoGoError):
        work_out(machine.host(), NO_STORE, None)


def git(path, *arguments):
    person = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    date = {"GIT_COMMITTER_DATE": "@1700000000 +0000"}
    subprocess.run(
        ["git", "-C", path, *arguments], env={**os.environ, **person, **date}, capture_output=True, check=True
    )


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize(("source", "epoch"), [("git", "1700000000"), ("inherit", None)])
def test_the_epoch_is_that_of_the_working_directorys_repository(tmp_path, source, epoch):
    repository = tmp_path / "p"
    (repository / "deep").mkdir(parents=True)
    git(str(repository), "init", "-q")
    git(str(repository), "commit", "-q", "--allow-empty", "-m", "x")
    go = tmp_path / "bin" / "go"
    go.parent.mkdir()
    go.write_text("#!/bin/sh\n", encoding="utf-8")
    go.chmod(0o755)
    variables = {"PATH": f"{go.parent}:/usr/bin:/bin", "HOME": str(tmp_path), "GOSHIM_EPOCH__SOURCE": source}
    plan = work_out(Host(variables, str(repository / "deep")), NO_STORE, None)
    assert {change.variable: change.after for change in plan.changes} == ({"SOURCE_DATE_EPOCH": epoch} if epoch else {})


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
@pytest.mark.parametrize("entry", [".", "", "/proc/self/cwd", "//proc/self/cwd", "/proc/../proc/self/cwd", "{link}"])
def test_no_git_is_run_that_depends_on_the_working_directory(tmp_path, monkeypatch, entry):
    repository = tmp_path / "p"
    repository.mkdir()
    git(str(repository), "init", "-q")
    git(str(repository), "commit", "-q", "--allow-empty", "-m", "x")
    (tmp_path / "link").symlink_to("/proc/self/cwd")
    for path in (repository / "git", tmp_path / "bin/go"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n>{tmp_path}/ran-{path.name}\n", encoding="utf-8")
        path.chmod(0o755)
    monkeypatch.chdir(repository)
    path = f"{entry.format(link=tmp_path / 'link')}:{tmp_path}/bin:/usr/bin:/bin"
    host = Host({"PATH": path, "GOSHIM_EPOCH__SOURCE": "git"}, str(repository))
    after = {change.variable: change.after for change in work_out(host, NO_STORE, None).changes}
    assert after == {"SOURCE_DATE_EPOCH": "1700000000"}
    assert not (tmp_path / "ran-git").exists()


def test_a_git_that_lies_in_the_working_directory_is_not_run(linux):
    linux.directory(f"{HOME}/project/.git")
    linux.program(f"{HOME}/project/git", b"#!/bin/sh\nprintf 'committer a 5 +0000\\n\\n'\n")
    variables = {"PATH": ".::/usr/local/go/bin", "GOSHIM_EPOCH__SOURCE": "git"}
    assert changes(linux, variables) == {}
