"""Which project and which repository a call is about: by the directory it is made in, or DIR of go's own -C."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goshim.call import context

EPOCH = b"SOURCE_DATE_EPOCH"


def says(number):
    return f"[epoch]\nsource = {number}\n"


def seen(machine, *args, **more):
    return machine.dump(*args, **more).environment.get(EPOCH)


@pytest.fixture
def two(machine):
    """A machine with two projects, the second below the first."""
    machine.second = machine.work / "sub/second"
    machine.second.mkdir(parents=True)
    machine.project_file.write_text(says(1))
    (machine.second / ".goshim.toml").write_text(says(2))
    return machine


FORMS = [["-C", "{}"], ["--C", "{}"], ["-C={}"], ["--C={}"]]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("words", [[], ["build"], ["mod", "download"], ["work", "sync"]])
def test_c_moves_the_project_wherever_go_knows_it(two, words, form):
    for place in (str(two.second), "sub/second", "sub/second/"):
        flag = [part.format(place) for part in form]
        for _ in "cold", "warm":
            assert seen(two, *words, *flag, "last") == b"2"
        assert seen(two, *words, "last") == b"1"


@pytest.mark.parametrize(
    "arguments",
    [["build", "./...", "-C", "sub/second"], ["-x", "-C", "sub/second"], ["build", "mod", "-C", "sub/second"]],
)
def test_what_go_takes_for_no_c_moves_nothing(two, arguments):
    for _ in "cold", "warm":
        assert seen(two, *arguments) == b"1"


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("sub/../sub/second", b"2"),
        ("sub/second/..", b"1"),
        ("./sub/./second", b"2"),
        ("sub//second", b"2"),
        ("link", b"2"),
        ("link/..", b"1"),
        ("link/../..", b"1"),
        ("outside/below", b"1"),
        (".", b"1"),
        ("", b"1"),
        ("/", None),
        ("nonexistent", b"1"),
        ("sub/second/nonexistent/..", b"2"),
    ],
)
def test_c_with_dots_and_links_means_what_it_resolves_to(two, place, wanted):
    (two.work / "link").symlink_to(two.second)
    other = two.home / "other"
    (other / "below").mkdir(parents=True)
    (other / ".goshim.toml").write_text(says(3))
    (two.work / "outside").symlink_to(two.work / "sub")
    (two.work / "sub/below").mkdir()
    for _ in "cold", "again":
        assert seen(two, "-C", place, "last") == wanted
        assert seen(two, f"-C={place}", "last") == wanted


def test_a_link_in_c_turned_elsewhere_counts(two):
    link = two.work / "link"
    link.symlink_to(two.second)
    assert seen(two, "-C", "link", "last") == seen(two, "-C", "link", "last") == b"2"
    link.unlink()
    link.symlink_to(two.work / "sub")
    assert seen(two, "-C", "link", "last") == b"1"


def test_called_through_a_link_the_project_is_found_by_the_callers_name_for_it(two):
    link = two.home / "link"
    link.symlink_to(two.second)
    (two.home / "mine").mkdir()
    for _ in "cold", "warm":
        assert seen(two, cwd=link, env={"PWD": str(link)}) == b"2"
        assert seen(two, cwd=two.second, env={"PWD": str(two.work)}) == b"2"  # a wrong PWD counts for nothing


def commit(directory, time_s):
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(directory),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": f"@{time_s} +0000",
        "GIT_COMMITTER_DATE": f"@{time_s} +0000",
    }
    name = ["-c", "user.name=x", "-c", "user.email=x@x.test"]
    command = ["git", *name, "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(command, check=True, cwd=directory, env=environment)


@pytest.fixture
def repositories(machine, program):
    program("git")
    machine.other = machine.home / "other"
    machine.other.mkdir()
    for number, directory in enumerate((machine.work, machine.other), 1):
        subprocess.run(["git", "init", "-q", "-b", "main", directory], check=True)
        commit(directory, number)
    return machine


@pytest.mark.parametrize("level", ["project", "user"])
def test_a_new_commit_counts(repositories, level):
    path = repositories.config if level == "user" else repositories.project_file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(says('"git"'))
    below = repositories.work / "a/b"
    below.mkdir(parents=True)
    for time_s in (1, 100, 200):
        for _ in "cold", "warm":
            assert seen(repositories) == str(time_s).encode()
            assert seen(repositories, cwd=below) == str(time_s).encode()
        assert repositories.is_warm()
        commit(repositories.work, time_s + 100 - time_s % 100)
    run = ["git", "-C", repositories.work]
    subprocess.run([*run, "pack-refs", "--all"], check=True)
    assert seen(repositories) == seen(repositories) == b"300"
    subprocess.run([*run, "checkout", "-q", "-b", "side", "HEAD~2"], check=True)
    assert seen(repositories) == seen(repositories) == b"100"
    subprocess.run([*run, "reset", "-q", "--hard", "HEAD~1"], check=True)
    assert seen(repositories) == seen(repositories) == b"1"
    subprocess.run([*run, "checkout", "-q", "--detach", "main"], check=True)
    assert seen(repositories) == seen(repositories) == b"300"
    shutil.rmtree(repositories.work / ".git")
    assert seen(repositories) is None


def test_two_repositories_with_one_config_do_not_share_a_time(repositories):
    repositories.config.parent.mkdir(parents=True)
    repositories.config.write_text(says('"git"'))
    for _ in range(3):
        assert seen(repositories) == b"1"
        assert seen(repositories, cwd=repositories.other) == b"2"
        assert seen(repositories, "-C", repositories.other, "x") == b"2"
        assert seen(repositories, cwd=repositories.home) is None
    nested = repositories.work / "nested"
    subprocess.run(["git", "init", "-q", nested], check=True)
    commit(nested, 9)
    assert seen(repositories, cwd=nested) == b"9"


def test_a_repository_that_appears_nearer_counts(repositories):
    repositories.config.parent.mkdir(parents=True)
    repositories.config.write_text(says('"git"'))
    below = repositories.work / "below"
    below.mkdir()
    assert seen(repositories, cwd=below) == seen(repositories, cwd=below) == b"1"
    subprocess.run(["git", "clone", "-q", repositories.other, below], check=True)
    assert seen(repositories, cwd=below) == b"2"
    worktree = repositories.home / "tree"
    subprocess.run(["git", "-C", repositories.other, "worktree", "add", "-q", worktree], check=True)
    for time_s in (2, 55):
        assert seen(repositories, cwd=worktree) == seen(repositories, cwd=worktree) == str(time_s).encode()
        commit(worktree, 55)


names = st.sampled_from(["a", "b", "a b", "é"])
paths = st.lists(names, max_size=3).map("/".join)


trees = st.fixed_dictionaries(
    {
        "here": paths,
        "files": st.lists(paths, max_size=3),
        "sticky": st.lists(paths, max_size=1),
        "home": st.none() | paths,
    }
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees, link=paths)
def test_the_launcher_and_the_cold_path_find_the_same_project(machine, tree, link):
    with tempfile.TemporaryDirectory(dir=machine.root) as base:
        top = Path(base)
        here, home = top / tree["here"], top / tree["home"] if tree["home"] is not None else None
        for path in (here, *tree["files"], *tree["sticky"], *filter(None, [home]), link):
            (top / path).mkdir(parents=True, exist_ok=True)
        for path in tree["files"]:
            (top / path / ".goshim.toml").write_text("")
        (top / link / ".goshim.toml").unlink(missing_ok=True)
        (top / link / ".goshim.toml").symlink_to("/nonexistent")
        for path in tree["sticky"]:
            (top / path).chmod(0o1777)
        wanted = context.project({"HOME": str(home)} if home else {}, str(here))
        functions = machine.launcher.read_text().partition('\nwarm "$@"\n')[0]
        script = f'{functions}\nHOME=${{asked_home-}}; find_plan; printf %s "$project"'
        env = {"asked_home": str(home) if home else None, "PWD": str(here)}
        assert machine.call("/bin/bash", "-pc", script, cwd=here, env=env).text == wanted
