"""Under WSL, what go fetches into a module cache on a Windows drive survives that files of it are held for a while."""

from __future__ import annotations

import re
import shutil

import pytest

from tests.end_to_end.generated_modules import VERSION
from tests.end_to_end.injection import ModuleCache
from tests.end_to_end.windows_drive.held_files import DOWNLOAD, FETCHING, MIDDLE, is_of_the_root, is_whole, zip_of

LONG_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "40", "GOSHIM_RETRY__MAX_WAIT_S": "40"}


def wins_where_go_fails(user, verb, bare_cache, cache, runs=2):
    """Whether goshim comes through where go itself does not, the file being held in so many runs."""
    user.recorded.refuse(zip_of(bare_cache), zip_of(cache), runs=runs)
    bare = user.bare(*verb, env={"GOMODCACHE": bare_cache})
    assert (bare.out, bare.code) == (b"", 1)
    assert re.search(rf"{re.escape(str(zip_of(bare_cache)))}: permission denied$", bare.message, re.MULTILINE)
    user.recorded.refuse(zip_of(bare_cache), zip_of(cache), runs=runs)
    user.recorded.forget()
    done = user.go(*verb, env={"GOMODCACHE": cache})
    assert (done.out, done.code, len(done.ours)) == (b"", 0, 1), done.message
    assert user.recorded.words == [" ".join(verb)] * (runs + 1)
    return True


def test_a_held_file_on_a_windows_drive_fails_go_and_not_goshim(each, at_work, real):
    user, verb = at_work(each, real), FETCHING[0]
    assert wins_where_go_fails(user, verb, f"{user.on_c}/bare", f"{user.on_c}/mod")
    assert is_whole(user, f"{user.on_c}/mod")


@pytest.mark.parametrize("verb", [DOWNLOAD, *FETCHING], ids=" ".join)
def test_each_verb_that_fetches_and_runs_no_code_comes_through(user, verb):
    assert wins_where_go_fails(user, verb, f"{user.on_c}/bare", f"{user.on_c}/mod")


def test_a_drive_below_the_root_is_one_where_automount_root_says_so(wsl2, at_work, real):
    user = at_work(wsl2, real)
    drive = wsl2.add_drive("D", root="/")
    try:
        assert drive == "/d"
        for verb in DOWNLOAD, FETCHING[0]:
            name = f"{drive}/{verb[0]}"
            assert wins_where_go_fails(user, verb, f"{name}/bare", f"{name}/mod")
    finally:
        wsl2.remove_drive("D", root="/")


@pytest.mark.parametrize("how", ["C:\\", "GOPATH", "go env -w", "link", "config"])
def test_however_the_module_cache_came_to_be_on_the_drive(user, how):
    cache = f"{user.on_c}/go/pkg/mod"
    env = {}
    match how:
        case "C:\\":
            env["GOMODCACHE"] = cache.replace("/mnt/c/", "C:\\").replace("/", "\\")
        case "GOPATH":
            env["GOPATH"] = f"{user.on_c}/go"
        case "go env -w":
            assert user.bare("env", "-w", f"GOMODCACHE={cache}").code == 0
        case "link":
            user.machine.at(f"{user.on_c}/go").mkdir(parents=True)
            (user.home / "go").symlink_to(f"{user.on_c}/go")
        case "config":
            user.config.write_text(f'[env]\nGOMODCACHE = "{cache}"\n')
    seen = zip_of(user.home / "go/pkg/mod" if how == "link" else cache)
    user.recorded.refuse(seen, runs=2)
    user.recorded.forget()
    done = user.go(*FETCHING[0], env=env)
    assert (done.out, done.code, len(done.ours)) == (b"", 0, 1), done.message
    assert len(user.recorded.refused) == 2
    assert len(user.recorded.calls) == 3


def test_a_held_go_mod_of_a_project_on_the_drive_is_waited_for_too(user, published):
    project = f"{user.on_c}/project"
    published.project(user.machine.at(project))
    user.recorded.refuse(f"{project}/go.mod", call="flock", runs=2)
    done = user.go("-C", project, *DOWNLOAD)
    assert (done.out, done.code, len(done.ours)) == (b"", 0, 1), done.message
    assert len(user.recorded.refused) == 2


@pytest.mark.parametrize("verb", [FETCHING[0], FETCHING[4], FETCHING[5]], ids=" ".join)
def test_source_that_was_held_is_read_again_though_go_keeps_in_mind_that_it_was_refused(user, verb):
    cache = f"{user.on_c}/mod"
    source = ModuleCache(cache).tree(MIDDLE, VERSION) / "m01.go"
    env = {"GOMODCACHE": cache, "GOSHIM_RETRY__LOCK_BUDGET_S": "1"}
    assert user.bare(*DOWNLOAD, env=env).code == 0
    user.recorded.refuse(source, call="open", runs=2)
    user.recorded.forget()
    done = user.go(*verb, env=env)
    assert user.recorded.refused
    assert (done.out, done.code) == (b"", 0), done.message
    assert user.bare(*verb, env=env).code == 0


def test_under_wsl1_a_held_file_in_the_home_is_waited_for_as_well(wsl1, at_work, real):
    user = at_work(wsl1, real)
    if not is_of_the_root(user):
        pytest.skip("the directory for tests is a mount of its own here")
    for verb in DOWNLOAD, FETCHING[0]:
        name = user.home / verb[0]
        assert wins_where_go_fails(user, verb, name / "bare", name / "mod")


# Where they are not: on a disk that no program of Windows sees.


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0], FETCHING[4]], ids=" ".join)
def test_on_linux_own_disk_a_refused_file_is_tried_once_and_nobody_blames_windows(user, verb):
    cache = user.home / "go/pkg/mod"
    user.recorded.refuse(zip_of(cache))
    bare = user.bare(*verb)
    shutil.rmtree(cache)
    user.recorded.refuse(zip_of(cache))
    user.recorded.forget()
    done = user.go(*verb, env=LONG_WAITS)
    assert (done.out, done.code, errors(done)) == (b"", 1, errors(bare))
    assert user.recorded.words == [" ".join(verb)]


def errors(done):
    """What was said, in any order, without the random part of the names of temporary files."""
    return sorted(re.sub(r"(?<=zip)\d+(?=\.tmp)", "", done.message).splitlines())
