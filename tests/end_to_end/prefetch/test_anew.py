"""What is fetched before a call is fetched anew when a file, the environment or the module cache is another."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.end_to_end.module_proxy import ALWAYS, Break
from tests.end_to_end.prefetch.fetching import SHORT, ZIP, lists, needing, told, workspace


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "go.work", "go.work.sum"])
def test_a_file_that_changed_means_fetching_anew_even_with_its_old_time_and_size(user, proxy, name):
    workspace(user, root=True)
    (user.work / "go.work.sum").write_text("")
    path = user.work / name
    with path.open("a") as file:
        file.write("// 1\n" if "sum" not in name else "example.com/x v1.0.1 h1:x=\n")
    assert [lists(user, *SHORT), lists(user, *SHORT)] == [1, 0]
    before = path.stat()
    path.write_text(path.read_text().replace("// 1", "// 2").replace("v1.0.1", "v1.0.2"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    assert [lists(user, *SHORT), lists(user, *SHORT)] == [1, 0]


@pytest.mark.parametrize("name", ["go.work", "go.work.sum", "go.sum"])
def test_a_file_that_appears_or_goes_means_fetching_anew(user, proxy, name):
    needing(user)
    text = {"go.work": "go 1.21\n\nuse .\n", "go.sum": (user.work / "go.sum").read_text()}.get(name, "")
    (user.work / name).unlink(missing_ok=True)
    assert [lists(user, *SHORT), lists(user, *SHORT)] == [1, 0]
    (user.work / name).write_text(text)
    assert [lists(user, *SHORT), lists(user, *SHORT)] == [1, 0]
    if name != "go.sum":  # without one nothing was fetched, so it was for an empty module cache
        (user.work / name).unlink()
        assert lists(user, *SHORT) == 0  # of before it is still remembered


def test_a_go_work_above_the_module_counts_as_well(user, proxy):
    workspace(user)
    member = {"cwd": user.work / "a"}
    assert [lists(user, *SHORT, **member) for _ in range(2)] == [1, 0]
    with (user.work / "go.work").open("a") as file:
        file.write("// changed\n")
    assert [lists(user, *SHORT, **member) for _ in range(2)] == [1, 0]


def test_a_go_work_that_gowork_names_counts_as_well(user, proxy):
    workspace(user)
    (user.root / "elsewhere").mkdir()
    file = user.put(user.root / "elsewhere/go.work", f"go 1.21\n\nuse {user.work}/a\n", 0o644)
    member = {"cwd": user.work / "a", "env": {"GOWORK": str(file)}}
    assert [lists(user, *SHORT, **member) for _ in range(2)] == [1, 0]
    file.write_text(f"go 1.21\n\nuse (\n\t{user.work}/a\n\t{user.work}/b\n)\n")
    assert [lists(user, *SHORT, **member) for _ in range(2)] == [1, 0]


def test_a_changed_go_mod_of_a_workspaces_member_counts_at_its_root(user, proxy):
    workspace(user)
    words = ("test", "./a/...", "./b/...")
    assert lists(user, *words) == 1
    assert lists(user, *words) == 0
    needing(user, user.work / "a", [0, 3], "example.com/a")
    assert lists(user, *words) == 1


@pytest.mark.parametrize("how", ["go clean", "removed", "another"])
def test_an_empty_module_cache_is_filled_anew(user, proxy, how):
    needing(user)
    assert [lists(user, *SHORT), lists(user, *SHORT)] == [1, 0]
    if how == "go clean":
        assert user.bare("clean", "-modcache").code == 0
    elif how == "removed":
        shutil.rmtree(user.env["GOMODCACHE"])
    else:
        user.env["GOMODCACHE"] += "-2"
    proxy.forget()
    proxy.breaks = [Break("503", ZIP)]
    assert lists(user, *SHORT) == 2
    assert proxy.count(ZIP) == 2
    assert lists(user, *SHORT) == 0


def test_each_of_some_environments_is_remembered(user, proxy):
    needing(user)
    for expected in 1, 0, 0:
        for env in {}, {"GOOS": "windows"}, {"GOARCH": "arm64"}:
            assert lists(user, *SHORT, env=env) == expected


def test_a_fetch_that_failed_is_remembered_too(user, proxy):
    needing(user)
    proxy.breaks = [Break("404", ZIP, ALWAYS)]
    assert [lists(user, "test", "./..."), lists(user, "test", "./...")] == [1, 0]
    assert told(user.go("test", "./...")) == told(user.bare("test", "./..."))
