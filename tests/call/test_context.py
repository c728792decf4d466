from __future__ import annotations

import os
import subprocess
import sys

import pytest

from goshim.base import resources
from goshim.call import context
from tests.bash_launcher import run_bash
from tests.call.test_arguments import CHDIR


@pytest.fixture
def tree(tmp_path):
    """Projects in a home, in each other, and below directories where the search ends."""
    for path in ("home/p/deep/er", "home/p/inner", "home/bare/x", "sticky/p", "sticky/bare", "linked/x"):
        (tmp_path / path).mkdir(parents=True)
    for path in ("home", "home/p", "home/p/inner", "sticky", "sticky/p"):
        (tmp_path / path / ".goshim.toml").write_bytes(b"")
    (tmp_path / "linked/.goshim.toml").symlink_to("nowhere")
    (tmp_path / "sticky").chmod(0o1777)
    (tmp_path / "way").symlink_to("home/p")
    return tmp_path


PROJECTS = [
    ("home/p", "home/p"),
    ("home/p/deep/er", "home/p"),
    ("home/p/inner", "home/p/inner"),
    ("home/bare/x", None),
    ("home", None),
    ("sticky/p", "sticky/p"),
    ("sticky/bare", None),
    ("sticky", None),
    ("linked/x", "linked"),
    ("way/deep", "way"),
]


@pytest.mark.parametrize(("directory", "project"), PROJECTS)
def test_the_nearest_project_ends_before_home_and_sticky_directories(tree, directory, project):
    found = context.project({"HOME": str(tree / "home")}, str(tree / directory))
    assert found == (str(tree / project) if project else context.NO_PROJECT)


@pytest.mark.parametrize(("directory", "project"), PROJECTS)
def test_the_launcher_finds_the_same_project(tree, directory, project):
    environment = {"HOME": str(tree / "home"), "PWD": str(tree / directory)}
    done = run_bash('find_plan; printf %s "$project|$dir"', environment=environment, cwd=str(tree / directory))
    assert done.stdout.decode() == f"{tree / project if project else '-'}|{tree / directory}"


@pytest.mark.parametrize("home", [None, "", "/absent", "relative"])
def test_a_home_that_is_none_ends_no_search(tree, home):
    environment = {} if home is None else {"HOME": home}
    assert context.project(environment, str(tree / "home/p/deep")) == str(tree / "home/p")


def test_the_working_directory_keeps_the_name_that_the_caller_knows(tree, monkeypatch):
    monkeypatch.chdir(tree / "way/deep")
    real = str(tree / "home/p/deep")
    assert context.directory({"PWD": str(tree / "way/deep")}) == str(tree / "way/deep")
    for wrong in ({}, {"PWD": ""}, {"PWD": "deep"}, {"PWD": "/absent"}, {"PWD": str(tree)}):
        assert context.directory(wrong) == real


@pytest.mark.parametrize("flag", [["-C", "../inner"], ["-C=../inner"], ["build", "-C", "../../way/inner"]])
def test_a_directory_given_to_go_is_resolved(tree, monkeypatch, flag):
    monkeypatch.chdir(tree / "way/deep")
    environment = {"PWD": str(tree / "home/p/deep")}
    where = "../../p/inner" if flag[0] == "build" else "../inner"
    arguments = [each.replace("../../way/inner", where) for each in flag]
    assert context.directory(environment, arguments) == str(tree / "home/p/inner")


LAUNCHED = [case for case in CHDIR if case[1] != ".."]


@pytest.mark.parametrize(("arguments", "directory"), LAUNCHED, ids=[" ".join(arguments) for arguments, _ in LAUNCHED])
def test_the_launcher_reads_the_same_directory(tmp_path, arguments, directory):
    done = run_bash('find_plan "$@"; printf %s "$dir"', arguments, {"HOME": "/home/me"}, str(tmp_path))
    assert done.stdout.decode() == os.path.join(str(tmp_path), directory or "")[: None if directory else -1]


@pytest.mark.parametrize("directory", ["..", "a/../b", "./a", "a/.", "link", "link/below", "a//b"])
def test_the_launcher_leaves_a_name_to_resolve_to_python(tmp_path, directory):
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "link").symlink_to("a")
    done = run_bash('find_plan -C "$1"; printf "<%s>" "$dir"', [directory], {"HOME": "/home/me"}, str(tmp_path))
    assert done.stdout == b"<>"


def test_the_environment_is_the_callers_byte_for_byte():
    given = {b"A.B": b"1", b"PATH": b"/bin:/\xff", b"EMPTY": b"", b"LANG": b"C", b"EQUALS": b"a=b=c\n"}
    script = (
        "import sys; sys.path.append(sys.argv[1]); from goshim.call import context; print(ascii(context.environment()))"
    )
    top = os.path.dirname(resources.PACKAGE)
    done = subprocess.run([sys.executable, "-I", "-S", "-c", script, top], env=given, capture_output=True, check=True)
    expected = {os.fsdecode(name): os.fsdecode(value) for name, value in given.items()}
    assert done.stdout.decode().strip() == ascii(expected)
