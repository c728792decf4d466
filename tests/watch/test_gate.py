from __future__ import annotations

import errno
import os
import re
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from goshim.watch import probe
from goshim.watch.gate import Verdict
from tests.watch.made import ZIP, in_child
from tests.watch.place import Place, finding

NOBODY = 65534
AGAIN, NOT_AGAIN = Verdict(again=True), Verdict(again=False)


@pytest.fixture
def place(tmp_path, monkeypatch):
    return Place(tmp_path, monkeypatch)


@pytest.mark.parametrize(
    "path",
    [
        f"c/mod/{ZIP}",
        "c/mod/cache/lock",
        "c/mod/cache/download/sumdb/x",
        "c/mod/example.com/a@v1.0.0",
        "c/mod/example.com/a@v1.0.0/deep/file.go",
        "c/mod",
    ],
)
def test_a_held_file_of_a_module_cache_on_a_windows_drive_is_tried_again(place, path):
    assert place.judge(path) == AGAIN


def test_a_held_file_of_a_cache_on_a_share_is_tried_again(place):
    assert place.judge("share/cache/download/x.zip", cache="share") == AGAIN


def test_a_refused_file_on_a_disk_of_ones_own_is_not(place):
    assert place.judge(f"mod/{ZIP}", cache="mod") == NOT_AGAIN


@pytest.mark.parametrize(("locks", "on_drive", "on_disk"), [("always", AGAIN, AGAIN), ("never", NOT_AGAIN, NOT_AGAIN)])
def test_the_setting_has_its_way(place, locks, on_drive, on_disk):
    assert place.judge(f"c/mod/{ZIP}", locks=locks) == on_drive
    assert place.judge(f"mod/{ZIP}", cache="mod", locks=locks) == on_disk


@pytest.mark.parametrize(
    "path", ["c/x", "c/mods/x", "c/project/main.go", "c/other/go.mod", "c/project/sub/go.mod", "project/x"]
)
@pytest.mark.parametrize("locks", ["auto", "always"])
def test_a_file_that_is_not_gos_own_is_never_tried_again(place, path, locks):
    (place.folder / "c/project/sub").mkdir(parents=True)
    assert place.judge(path, directory="c/project", locks=locks) == NOT_AGAIN


@pytest.mark.parametrize("name", ["go.mod", "go.sum", "go.work", "go.work.sum"])
@pytest.mark.parametrize("where", ["c/project/sub", "c/project"])
def test_the_files_of_the_module_are_gos_own(place, name, where):
    (place.folder / "c/project/sub").mkdir(parents=True)
    (place.folder / "c/project/go.mod").write_text("module m\n")
    assert place.judge(f"{where}/{name}", directory="c/project/sub") == AGAIN


@pytest.mark.parametrize("name", ["go.mod", "./go.mod", "../go.work"])
def test_a_relative_name_is_below_the_directory_of_the_call(place, name):
    (place.folder / "c/project/sub").mkdir(parents=True)
    (place.folder / "c/project/go.work").write_text("go 1.21\nuse ./sub\n")
    assert place.gate(directory="c/project/sub").judge(finding(name)) == AGAIN


@pytest.fixture
def workspace(place):
    """The path of a go.work with the modules a and b, beside a module that is none of its."""
    for name in ("a", "b/sub", "other"):
        (place.folder / "c/work" / name).mkdir(parents=True)
    path = place.folder / "c/work/go.work"
    path.write_text("go 1.21\n\nuse (\n\t./a\n\t./b\n)\n")
    return path


@pytest.mark.parametrize("name", ["../b/go.mod", "../b/go.sum", "go.mod", "../go.work.sum"])
def test_the_files_of_each_module_of_a_workspace_are_gos_own(place, workspace, name):
    assert place.gate(directory="c/work/a").judge(finding(name)) == AGAIN


def test_a_workspace_elsewhere_is_the_one_that_is_named(place, workspace):
    path = "c/work/b/go.mod"
    assert place.judge(path) == NOT_AGAIN
    assert place.judge(path, GOWORK=str(workspace)) == AGAIN
    (place.folder / "env").write_text(f"GOWORK={workspace}\n")
    assert place.judge(path, GOENV=f"{place.folder}/env") == AGAIN


@pytest.mark.parametrize("name", ["../other/go.mod", "../b/x.go", "../b/sub/go.mod"])
def test_all_else_in_a_workspace_is_not(place, workspace, name):
    assert place.gate(directory="c/work/a").judge(finding(name)) == NOT_AGAIN


def test_where_no_workspace_is_wanted_another_module_is_not(place, workspace):
    assert place.gate(directory="c/work/a", GOWORK="off").judge(finding("../b/go.mod")) == NOT_AGAIN


@pytest.mark.parametrize("name", ["alt.mod", "alt.sum"])
def test_a_file_that_stands_for_go_mod_is_gos_own(place, name):
    (place.folder / "c/project").mkdir()

    def judge(*arguments, **variables):
        own = place.gate(directory="c/project", arguments=("mod", "download", *arguments), **variables)
        return own.judge(finding(name))

    assert judge() == judge("-modfile=other.mod") == NOT_AGAIN
    assert judge("-modfile=alt.mod") == judge("-modfile", "../project/alt.mod") == AGAIN
    assert judge(GOFLAGS="-modcacherw -modfile=alt.mod") == AGAIN
    assert judge("-modfile=other.mod", GOFLAGS="-modfile=alt.mod") == NOT_AGAIN


def test_what_go_knows_of_checksum_databases_is_its_own(place):
    path = "c/gopath/pkg/sumdb/sum.golang.org/latest"
    (place.folder / path).parent.mkdir(parents=True)
    assert place.judge(path) == NOT_AGAIN
    assert place.judge(path, GOPATH=f"{place.folder}/c/gopath") == AGAIN
    (place.folder / "env").write_text(f"GOPATH={place.folder}/c/gopath\n")
    assert place.judge(path, GOENV=f"{place.folder}/env") == AGAIN


def test_a_directory_for_temporary_files_is_gos_own_where_it_is_named(place):
    path = "c/tmp/go-build1/x"
    (place.folder / "c/tmp").mkdir()
    assert place.judge(path) == NOT_AGAIN
    assert place.judge(path, GOTMPDIR=f"{place.folder}/c/tmp") == AGAIN
    (place.folder / "env").write_text(f"GOTMPDIR={place.folder}/c/tmp\n")
    assert place.judge(path, GOENV=f"{place.folder}/env") == AGAIN


def test_the_cache_of_the_go_env_file_is_gos_own(place):
    (place.folder / "env").write_text(f"GOMODCACHE={place.folder}/c/mod\n")
    assert place.judge(f"c/mod/{ZIP}", cache="", GOENV=f"{place.folder}/env") == AGAIN


def test_a_windows_path_is_the_file_it_means(place):
    (place.folder / "c/mod/cache/download").mkdir(parents=True, exist_ok=True)
    assert place.judge("C:\\mod\\cache\\download\\x.zip") == AGAIN
    assert place.judge("C:\\other\\x.zip") == NOT_AGAIN
    assert place.gate().judge(finding("D:\\mod\\x.zip")) == NOT_AGAIN
    assert place.judge("C:\\mod\\cache\\download\\x.zip", cache="C:\\mod") == AGAIN


def test_a_cache_reached_by_a_link_is_the_same_cache(place):
    (place.folder / "link").symlink_to(place.folder / "c/mod")
    assert place.judge(f"link/{ZIP}") == AGAIN
    assert place.judge(f"c/mod/{ZIP}", cache="link") == AGAIN


def test_what_is_no_sign_of_a_lock_is_not_tried_again(place):
    assert place.judge(f"c/mod/{ZIP}", "timeout") == NOT_AGAIN
    assert place.judge(f"c/mod/{ZIP}", "no-file-locking") == NOT_AGAIN
    assert place.gate().judge(finding("")) == NOT_AGAIN


def test_nothing_of_a_probe_is_left(place):
    place.judge(f"c/mod/{ZIP}")
    place.judge("c/mod/example.com/a@v1.0.0/x")
    assert [name for _, _, names in os.walk(place.folder) for name in names] == []


def test_a_probe_is_made_where_go_writes_and_not_in_what_it_unpacked(place):
    own = place.gate()
    for path, directory in (
        (f"c/mod/{ZIP}", "c/mod/cache/download"),
        ("c/mod/example.com/a@v1.0.0/x.go", "c/mod"),
        ("c/mod/cache/download/sumdb/x/y", "c/mod/cache/download"),
    ):
        assert own._where_go_writes(f"{place.folder}/{path}") == f"{place.folder}/{directory}"


def test_a_package_that_is_named_like_a_part_of_the_cache_is_one_that_go_unpacked(place):
    own = place.gate()
    (place.folder / "c/mod/example.com/a@v1.0.0/cache/download").mkdir(parents=True)
    inside = f"{place.folder}/c/mod/example.com/a@v1.0.0/cache/download/x.go"
    assert own._where_go_writes(inside) == f"{place.folder}/c/mod/example.com"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM])
def test_where_no_file_can_be_made_it_is_no_lock(place, monkeypatch, number):
    monkeypatch.setattr(probe, "refusal", lambda _: number)
    verdict = place.judge(f"c/mod/{ZIP}")
    assert not verdict.again
    assert str(place.folder) in verdict.remedy


@pytest.mark.parametrize("number", [errno.EIO, errno.EBUSY, errno.EAGAIN])
def test_a_probe_that_fails_of_what_a_lock_is_too_is_no_reason_to_stop(place, monkeypatch, number):
    monkeypatch.setattr(probe, "refusal", lambda _: number)
    assert place.judge(f"c/mod/{ZIP}") == AGAIN


def on_a_file_system(monkeypatch, **values: int) -> None:
    """Let statvfs(3) say this of every path."""
    real = os.statvfs("/")
    fields = {name: getattr(real, name) for name in ("f_bavail", "f_frsize", "f_files", "f_favail", "f_flag")}
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(**fields | values))


FULL, WITHOUT_INODES, ROOMY = {"f_bavail": 5}, {"f_bavail": 1 << 30, "f_favail": 3}, {"f_bavail": 1 << 30, "f_files": 0}


@pytest.mark.parametrize(("room", "is_full"), [(FULL, True), (WITHOUT_INODES, True), (ROOMY, False)])
def test_a_full_disk_has_its_remedy_while_it_is_full(place, monkeypatch, room, is_full):
    on_a_file_system(monkeypatch, **room)
    verdict = place.judge(f"c/mod/{ZIP}", "disk-full")
    assert not verdict.again
    assert (f"{place.folder}/c is full" in verdict.remedy) is is_full
    assert ("go clean" in verdict.remedy) is is_full
    assert f"df -h {place.folder}/c" in verdict.remedy


def test_a_quota_has_its_remedy(place):
    verdict = place.judge(f"c/mod/{ZIP}", "disk-quota")
    assert not verdict.again
    assert "quota" in verdict.remedy


def test_a_read_only_file_system_has_its_remedy_while_it_is_read_only(place, monkeypatch):
    (place.folder / "share/go.mod").write_text("module m\n")
    judged = [(f"c/mod/{ZIP}", "project"), ("share/go.mod", "share")]
    on_a_file_system(monkeypatch, f_flag=os.ST_RDONLY)
    in_cache, in_project = (place.judge(path, "read-only", directory=where).remedy for path, where in judged)
    assert "GOMODCACHE" in in_cache
    assert "remount" not in in_cache
    assert f"remount,rw {place.folder}/share`" in in_project
    on_a_file_system(monkeypatch, f_flag=0)
    for path, where in judged:
        remedy = place.judge(path, "read-only", directory=where).remedy
        assert "run it again" in remedy.lower()
        assert "sudo" not in remedy


def judged_by_nobody(mode: int, owner: int, *, file: bool = False) -> Verdict:
    """What nobody is told of a cache on a drive whose directory has this mode and owner; both are real."""
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        os.chmod(directory, 0o755)
        place = Place(Path(directory), patch)
        place.folder.joinpath("mod").rename(place.folder / "elsewhere")
        target = place.folder / "c/mod/cache/download"
        if file:
            (target / "x.zip").write_bytes(b"")
            os.chmod(target / "x.zip", 0o644)
        os.chown(target, owner, owner)
        os.chmod(target, mode)
        return in_child(lambda: place.judge("c/mod/cache/download/x.zip"), NOBODY)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs to be root, to become somebody else")


@needs_root
def test_a_directory_that_we_may_write_to_is_tried_again():
    assert judged_by_nobody(0o755, NOBODY) == AGAIN
    assert judged_by_nobody(0o777, 0) == AGAIN


@needs_root
def test_a_directory_of_somebody_else_is_no_lock_and_the_remedy_names_owner_and_command():
    verdict = judged_by_nobody(0o755, 0)
    assert not verdict.again
    assert "cache/download belongs to root" in verdict.remedy
    assert re.search(rf"`sudo chown -hR {NOBODY}:{NOBODY} /\S+/c/mod`", verdict.remedy)


@needs_root
def test_a_file_of_somebody_else_in_a_directory_of_ours_is_no_lock():
    verdict = judged_by_nobody(0o755, NOBODY, file=True)
    assert not verdict.again
    assert "x.zip belongs to root" in verdict.remedy


@needs_root
def test_of_a_directory_of_our_own_the_mode_is_at_fault_and_not_the_owner():
    verdict = judged_by_nobody(0o555, NOBODY)
    assert not verdict.again
    assert "chmod" in verdict.remedy
    assert "chown" not in verdict.remedy


@needs_root
def test_a_cache_that_may_not_be_made_has_its_remedy():
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        os.chmod(directory, 0o755)
        place = Place(Path(directory), patch)
        sign = "module-cache-cannot-be-made"
        verdict = in_child(lambda: place.judge("share/mod", sign, cache="share/mod"), NOBODY)
        assert not verdict.again
        assert f"{directory}/share belongs to root" in verdict.remedy
        assert place.judge("share/mod", sign, cache="share/mod") == NOT_AGAIN


def test_which_places_no_program_of_windows_sees(place):
    own = place.gate()
    assert own.is_native(f"{place.folder}/mod")
    assert not own.is_native(f"{place.folder}/c/mod")
    assert own.holds(f"{place.folder}/c/mod/x")
    assert not own.holds(f"{place.folder}/mod/x")
    assert own.mount(f"{place.folder}/share/x").type == "cifs"


def test_without_a_cache_nothing_is_in_it(place):
    own = place.gate(cache="", HOME="")
    assert own.cache == ""
    assert not own.holds("/x")
    assert own.judge(finding(f"{place.folder}/c/mod/{ZIP}")) == NOT_AGAIN
