"""Checks of whether go can write where it must."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.look import Options
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.cache import disk_checks as disks
from tests.doctor.cached import BUILDS, CACHE, GIB, ON_D, ROOM, make_home, make_launcher, probes
from tests.doctor.described import bar, look_at, make_interop
from tests.doctor.reg_exe import TEXT, lxss
from tests.machine import EXT4, HOME, LINUX_RELEASE

DOWNLOADS = f"{CACHE}/cache/download"
MIB = 1 << 20


def look(machine, answers=None, variables=None, **more):
    return look_at(make_home(machine), variables, probes=probes(answers), **more)


def refused(error, step="create", owner="", directory=CACHE):
    return {f"disks.trial {directory}": {"step": step, "error": error, "owner": owner}}


def commands(verdict):
    return [remedy.command for remedy in verdict.remedies]


# Writing.


def test_caches_that_can_be_written_are_well(machine):
    assert judge(disks.cache_writable, look(machine)).status == "ok"


def test_caches_that_go_will_make_are_well(machine):
    machine.directory(HOME)
    assert judge(disks.cache_writable, look_at(machine, probes=probes())).status == "ok"


def fill(machine):
    """A module cache with something in it."""
    machine.directory(f"{DOWNLOADS}/example.com")
    return machine


@pytest.mark.parametrize(
    ("error", "owner", "summary", "command"),
    [
        ("EACCES", "root", "the module cache belongs to root, and", f'sudo chown -R "$USER": {CACHE}'),
        ("EACCES", "", "the module cache can't be written: permission denied", f"chmod u+rwx {CACHE}"),
        ("ENOSPC", "", "the module cache can't be written: no space left on device", "go clean -cache"),
        ("EDQUOT", "", "the module cache can't be written: your disk quota is used up", "go clean -cache"),
    ],
)
def test_a_cache_that_cant_be_written_is_told_with_what_mends_it(machine, error, owner, summary, command):
    verdict = judge(disks.cache_writable, look(machine, refused(error, owner=owner)))
    assert verdict.status == "fail"
    assert verdict.summary.startswith(summary)
    assert commands(verdict)[0] == command


def test_an_error_that_nothing_is_known_of_is_told_as_it_is(machine):
    verdict = judge(disks.cache_writable, look(machine, refused("EREMOTEIO")))
    assert (verdict.status, verdict.remedies) == ("fail", ())
    assert verdict.evidence[-1] == f"a new file in {CACHE} could not be made: EREMOTEIO"


def test_a_part_that_cant_be_written_is_told_by_its_path(machine):
    verdict = judge(disks.cache_writable, look(machine, refused("EACCES", owner="root", directory=DOWNLOADS)))
    assert commands(verdict) == [f'sudo chown -R "$USER": {DOWNLOADS}']


@pytest.mark.parametrize(("directory", "status"), [(CACHE, "warn"), (BUILDS, "fail")])
@pytest.mark.parametrize(
    ("why", "command"),
    [
        ({"error": "EROFS", "owner": ""}, "sudo mount -o remount,rw /"),
        ({"error": "EROFS", "owner": "root"}, "sudo mount -o remount,rw /"),
        ({"error": "EACCES", "owner": ""}, "chmod u+rwx {}"),
        ({"error": "EACCES", "owner": "root"}, 'sudo chown -R "$USER": {}'),
    ],
)
def test_what_is_fetched_can_be_built_with_where_nothing_can_be_fetched_to(machine, directory, status, why, command):
    make_home(fill(machine)).become_wsl(f"{EXT4}\n", LINUX_RELEASE)
    verdict = judge(disks.cache_writable, look(machine, refused(**why, directory=directory)))
    assert verdict.status == status
    assert commands(verdict) == [command.format(directory)]
    told = "what is in it can be built with; nothing can be fetched into it"
    assert (verdict.evidence[-1] == told) == (status == "warn")


SHARED = {"GOMODCACHE": "/go/pkg/mod", "GOCACHE": "/go/build"}


@pytest.mark.parametrize(
    ("name", "status"), [("GOMODCACHE", "warn"), ("GOCACHE", "fail")], ids=["module cache", "build cache"]
)
def test_instead_of_what_another_shares_one_has_ones_own(machine, name, status):
    machine.directory(f"{SHARED['GOMODCACHE']}/cache/download/example.com")
    machine.directory(SHARED["GOCACHE"])
    machine.write(f"{HOME}/.bashrc", f"export {name}={SHARED[name]}\n")
    answers = refused("EACCES", owner="root", directory=SHARED[name])
    verdict = judge(disks.cache_writable, look(machine, answers, {name: SHARED[name]}))
    assert verdict.status == status
    usual = {"GOMODCACHE": "$HOME/go/pkg/mod", "GOCACHE": "$HOME/.cache/go-build"}
    assert commands(verdict)[0] == f'export {name}="{usual[name]}"'
    assert not any("chown" in command for command in commands(verdict))
    assert not any(remedy.edits for remedy in verdict.remedies)


def test_a_shared_module_cache_that_cant_be_read_is_no_use(machine, monkeypatch):
    found = look(fill(machine), refused("EACCES", owner="root"))
    ask = found.host._entries

    def entries(path):
        if path == DOWNLOADS:
            raise PermissionError(13, "Permission denied")
        return ask(path)

    monkeypatch.setattr(found.host, "_entries", entries)
    assert judge(disks.cache_writable, found).status == "fail"


def test_both_are_told_the_worst_first(machine):
    answers = {**refused("EROFS"), **refused("EACCES", owner="root", directory=BUILDS)}
    verdict = judge(disks.cache_writable, look(fill(machine), answers))
    assert verdict.status == "fail"
    assert verdict.summary.startswith("GOCACHE belongs to root")
    assert len(verdict.evidence) == 5


def test_a_windows_folder_that_is_closed_is_left_for_another_place(machine):
    make_home(machine).become_wsl()
    machine.directory(ON_D)
    verdict = judge(disks.cache_writable, look(machine, refused("EACCES", directory=ON_D), {"GOMODCACHE": ON_D}))
    assert verdict.status == "fail"
    assert verdict.summary == "Windows refuses new files in the module cache: permission denied"
    assert commands(verdict) == ['export GOMODCACHE="$HOME/go/pkg/mod"']


def test_files_that_are_held_are_a_problem_of_some_calls(machine):
    make_home(machine).become_wsl()
    machine.directory(ON_D)
    verdict = judge(
        disks.cache_writable, look(machine, refused("EACCES", "rename", directory=ON_D), {"GOMODCACHE": ON_D})
    )
    assert verdict.status == "warn"
    assert verdict.evidence[-1] == f"a new file in {ON_D} could not be renamed: permission denied"


def make_file(machine):
    machine.write(f"{HOME}/go", "")
    return f"the module cache can't be made: {HOME}/go is no directory"


def make_dangling(machine):
    machine.directory(HOME)
    machine.at(f"{HOME}/go").symlink_to("/none")
    return f"the module cache can't be made: {HOME}/go is a link to nothing"


@pytest.mark.parametrize("make", [make_file, make_dangling])
def test_what_is_in_the_way_of_a_cache_is_named(machine, make):
    summary = make(machine)
    verdict = judge(disks.cache_writable, look_at(machine, probes=probes()))
    assert (verdict.status, verdict.summary, verdict.remedies) == ("warn", summary, ())


@pytest.fixture
def closed(machine, monkeypatch):
    """Look at the machine while nothing can be made in a directory."""

    def look_then(path, variables=None, error="EACCES", owner="root"):
        found = look_at(machine, variables, probes=probes(refused(error, owner=owner, directory=path)))
        monkeypatch.setattr(found.host, "_writable", lambda asked: asked != path)
        return found

    return look_then


@pytest.mark.parametrize(
    ("above", "why", "told"),
    [
        (HOME, {"owner": ""}, [f"chmod u+rwx {HOME}"]),
        (HOME, {"error": "EROFS"}, ["sudo mount -o remount,rw /"]),
        (
            "/",
            {},
            [
                'export GOMODCACHE="$(mktemp -d)"',
                'export GOCACHE="$(mktemp -d)"',
            ],
        ),
        (
            HOME,
            {},
            [
                f'sudo install -d -o "$(id -u)" -g "$(id -g)" {HOME}/go',
                'export GOMODCACHE="$(mktemp -d)"',
                f'sudo install -d -o "$(id -u)" -g "$(id -g)" {HOME}/.cache',
                'export GOCACHE="$(mktemp -d)"',
            ],
        ),
    ],
)
def test_root_makes_nothing_but_the_first_directory_none_below_the_root_and_gives_it_away(
    machine, closed, above, why, told
):
    machine.become_wsl(f"{EXT4}\n", LINUX_RELEASE)
    machine.directory(above)
    verdict = judge(disks.cache_writable, closed(above, **why))
    assert verdict.status == "fail"
    assert verdict.summary == f"GOCACHE can't be made: {above} may not be written"
    assert commands(verdict) == told


@pytest.mark.parametrize("home", ["/", "/nonexistent"])
def test_a_module_cache_that_cant_be_made_ends_no_build_that_needs_none(machine, closed, home):
    machine.directory("/c")
    verdict = judge(disks.cache_writable, closed("/", {"HOME": home, "GOCACHE": "/c"}))
    assert (verdict.status, verdict.summary) == ("warn", "the module cache can't be made: / may not be written")
    assert commands(verdict) == ['export GOMODCACHE="$(mktemp -d)"']


@pytest.fixture
def barred(machine, monkeypatch):
    """Look at the machine while a directory may not be entered."""

    def look_then(path, variables=None, owner="root"):
        found = look_at(machine, variables, probes=probes(refused("EACCES", owner=owner, directory=path)))
        bar(found, monkeypatch, path)
        return found

    return look_then


@pytest.mark.parametrize(
    ("variables", "judged", "told"),
    [
        ({}, ("fail", "GOCACHE"), ["GOMODCACHE", "GOCACHE"]),
        ({"GOCACHE": "/c"}, ("warn", "the module cache"), ["GOMODCACHE"]),
        ({"GOMODCACHE": "/c"}, ("fail", "GOCACHE"), ["GOCACHE"]),
    ],
)
def test_a_cache_below_a_directory_that_may_not_be_entered_is_no_use(machine, barred, variables, judged, told):
    make_home(machine).directory("/c")
    verdict = judge(disks.cache_writable, barred(HOME, variables))
    status, name = judged
    assert (verdict.status, verdict.summary) == (status, f"{name} can't be reached: {HOME} may not be entered")
    another_home = 'export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"'
    assert commands(verdict) == [another_home, *(f'export {each}="$(mktemp -d)"' for each in told)]


def test_a_directory_of_ones_own_that_may_not_be_entered_is_opened(machine, barred):
    make_home(machine)
    assert f"chmod u+rwx {HOME}" in commands(judge(disks.cache_writable, barred(HOME, owner="")))


def test_who_may_not_enter_where_only_a_cache_is_needs_no_other_home(machine, barred):
    make_home(machine).directory("/shared")
    told = commands(judge(disks.cache_writable, barred("/shared", {"GOCACHE": "/shared/c"})))
    assert told == ['export GOCACHE="$(mktemp -d)"']


def test_behind_a_link_the_directory_that_is_closed_is_named(machine, barred, monkeypatch):
    make_home(machine).directory("/shared")
    machine.at("/c").symlink_to(machine.at("/shared/c"))
    found = barred("/shared", {"GOCACHE": "/c/build"})
    ask = found.host._status

    def status(asked):
        return ask(asked.replace("/c/build", "/shared/c/build") if asked.startswith("/c/") else asked)

    monkeypatch.setattr(found.host, "_status", status)
    summary = "GOCACHE can't be reached: /shared may not be entered"
    assert judge(disks.cache_writable, found).summary == summary


def test_a_cache_that_cant_be_asked_for_another_reason_is_not_judged(machine, monkeypatch):
    found = look(machine)

    def status(_asked):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(found.host, "_status", status)
    assert judge(disks.cache_writable, found).status == "skip"


def test_where_a_directory_can_be_made_all_the_same_all_is_well(machine, monkeypatch):
    machine.directory(HOME)
    found = look_at(machine, probes=probes())
    monkeypatch.setattr(found.host, "_writable", lambda path: path != HOME)
    assert judge(disks.cache_writable, found).status == "ok"


def test_a_cache_that_cant_be_made_on_a_windows_drive_is_left_for_another_place(machine, closed):
    make_home(machine).become_wsl()
    machine.directory("/mnt/d")
    assert commands(judge(disks.cache_writable, closed("/mnt/d", {"GOMODCACHE": ON_D}))) == [
        'export GOMODCACHE="$HOME/go/pkg/mod"'
    ]


# No place at all.


@pytest.mark.parametrize("home", ["", "rel"])
def test_without_a_home_go_has_no_place_for_modules(machine, home):
    verdict = judge(disks.cache_writable, look(machine, variables={"HOME": home, "GOCACHE": "/c"}))
    shown = f"HOME={home} (environment)" if home else "HOME is not set"
    assert (verdict.status, verdict.summary) == ("warn", f"go has no place for the module cache: {shown}")
    assert commands(verdict) == ['export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"']


def test_without_a_home_nothing_can_be_built(machine):
    verdict = judge(disks.cache_writable, look(machine, variables={"HOME": ""}))
    assert (verdict.status, verdict.summary) == ("fail", "go has no place for GOCACHE: HOME is not set")
    assert verdict.evidence[-1].endswith("GOCACHE is not defined and neither $XDG_CACHE_HOME nor $HOME are defined")
    assert commands(verdict) == ['export HOME="$(getent passwd "$(id -u)" | cut -d: -f6)"']


def test_without_a_home_caches_that_are_named_are_well(machine):
    variables = {"HOME": "", "GOMODCACHE": CACHE, "XDG_CACHE_HOME": f"{HOME}/.cache"}
    assert judge(disks.cache_writable, look(machine, variables=variables)).status == "ok"


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [
        ("XDG_CACHE_HOME", "rel", "fail"),
        ("GOCACHE", "rel", "fail"),
        ("GOCACHE", "off", "fail"),
        ("GOMODCACHE", "rel", "warn"),
    ],
)
def test_a_place_that_go_does_not_take_is_taken_back(machine, name, value, status):
    verdict = judge(disks.cache_writable, look(machine, variables={name: value}))
    assert verdict.status == status
    assert verdict.summary.endswith(f": {name}={value} (environment)")
    assert commands(verdict) == [f"unset {name}"]


def test_the_cache_that_goshim_has_go_use_is_the_one_that_is_tried(machine):
    make_home(machine).become_wsl()
    machine.directory(ON_D)
    variables = make_launcher(machine, 'module_cache.location = "native"')
    found = look(machine, refused("EACCES", directory=ON_D), {"GOMODCACHE": ON_D, **variables})
    assert judge(disks.cache_writable, found).status == "ok"


# The directory for temporary files.


@pytest.mark.parametrize("name", ["TMPDIR", "GOTMPDIR"])
@pytest.mark.parametrize("path", ["/none", "rel"])
def test_a_directory_for_temporary_files_that_is_not_there_ends_every_build(machine, name, path):
    verdict = judge(disks.cache_writable, look(machine, variables={name: path}))
    assert verdict.status == "fail"
    assert verdict.summary == f"go: creating work dir: stat {path}: no such file or directory"
    assert commands(verdict) == [f"unset {name}", f"mkdir -p {path if path == '/none' else f'{HOME}/project/rel'}"]


def test_a_gotmpdir_of_the_go_env_file_is_mended_there(machine):
    machine.write(f"{HOME}/.config/go/env", "GOTMPDIR=/none\n")
    assert commands(judge(disks.cache_writable, look(machine))) == ["go env -u GOTMPDIR", "mkdir -p /none"]


def test_a_file_is_no_directory_for_temporary_files(machine):
    machine.write("/scratch", "")
    verdict = judge(disks.cache_writable, look(machine, variables={"TMPDIR": "/scratch"}))
    assert verdict.summary == "go: creating work dir: mkdir /scratch/go-build…: not a directory"
    assert commands(verdict) == ["unset TMPDIR"]


def test_a_directory_for_temporary_files_must_be_ours_to_write(machine, monkeypatch):
    machine.directory("/scratch")
    found = look(machine, variables={"TMPDIR": "/scratch"})
    monkeypatch.setattr(found.host, "_writable", lambda path: path != "/scratch")
    verdict = judge(disks.cache_writable, found)
    assert verdict.summary == "go: creating work dir: mkdir /scratch/go-build…: permission denied"


def test_gotmpdir_goes_before_tmpdir(machine):
    machine.directory("/scratch")
    verdict = judge(disks.cache_writable, look(machine, variables={"GOTMPDIR": "/scratch", "TMPDIR": "/none"}))
    assert verdict.status == "ok"


# Room.


def room(free_bytes=50 * GIB, free_inodes=15_000_000, **more):
    return {**ROOM, "free_bytes": free_bytes, "free_inodes": free_inodes, **more}


def test_disks_with_room_are_well(machine):
    verdict = judge(disks.cache_disk, look(machine))
    assert verdict.status == "ok"
    assert verdict.evidence[0] == f"the module cache: {CACHE}: 50.0 GiB of 252.0 GiB are free"
    assert len(verdict.evidence) == 3


@pytest.mark.parametrize(
    ("place", "free_bytes", "status"),
    [
        (CACHE, GIB, "ok"),
        (CACHE, GIB - 1, "warn"),
        (BUILDS, 500 * MIB, "warn"),
        (BUILDS, 5 * MIB, "fail"),
        ("/tmp", 300 * MIB, "ok"),
        ("/tmp", 200 * MIB, "warn"),
    ],
)
def test_a_disk_that_is_nearly_full_is_a_problem(machine, place, free_bytes, status):
    verdict = judge(disks.cache_disk, look(machine, {f"disks.space {place}": room(free_bytes)}))
    assert verdict.status == status
    if status != "ok":
        assert " MiB are left on the disk of " in verdict.summary
        assert ("go clean -cache" in commands(verdict)) == (place != "/tmp")


def test_the_fullest_disk_is_told(machine):
    answers = {"disks.space": room(500 * MIB), f"disks.space {BUILDS}": room(300 * 1024)}
    assert judge(disks.cache_disk, look(machine, answers)).summary == "300 KiB are left on the disk of GOCACHE"


def test_a_disk_that_tells_no_size_is_not_judged(machine):
    assert judge(disks.cache_disk, look(machine, {"disks.space": room(0, size_bytes=0)})).status == "ok"


@pytest.mark.parametrize("name", ["TMPDIR", "GOTMPDIR"])
def test_the_directory_for_temporary_files_is_gos(machine, name):
    verdict = judge(disks.cache_disk, look(machine, {"disks.space /scratch": room(0)}, {name: "/scratch"}))
    assert verdict.status == "fail"
    assert "the directory for temporary files" in verdict.summary


@pytest.mark.parametrize(
    ("mountinfo", "answer", "status"),
    [
        (EXT4, room(free_inodes=900), "warn"),
        (EXT4, room(free_inodes=20_000), "ok"),
        (EXT4, room(free_inodes=0, inodes=0), "ok"),
        (EXT4, room(free_inodes=900, inodes=2000), "ok"),
        (EXT4.replace("ext4", "fuse.odd"), room(free_inodes=0), "ok"),
    ],
)
def test_inodes_that_run_out_are_a_problem_where_they_are_counted(machine, mountinfo, answer, status):
    make_home(machine).become_wsl(f"{mountinfo}\n", LINUX_RELEASE)
    verdict = judge(disks.cache_disk, look(machine, {"disks.space": answer}))
    assert verdict.status == status


@pytest.mark.parametrize(
    ("base", "drive", "words"),
    [
        (r"C:\Users\me\wsl", "/mnt/c", "WSL2 itself (Windows' drive C)"),
        (r"\\?\d:\wsl", "/mnt/d", "WSL2 itself (Windows' drive D)"),
        (None, "/mnt/c", "WSL2 itself (Windows' drive C, unless it was moved)"),
    ],
)
def test_the_drive_below_wsl2s_disk_counts_too(machine, base, drive, words):
    variables = make_interop(machine)
    more = {"commands": lxss(BasePath=(TEXT, base))} if base else {"options": Options(windows=False)}
    verdict = judge(disks.cache_disk, look(machine, {f"disks.space {drive}": room(100 * MIB)}, variables, **more))
    assert verdict.status == "warn"
    assert verdict.summary == f"100 MiB are left on the disk of {words}"
    assert [(remedy.command, remedy.where) for remedy in verdict.remedies] == [("cleanmgr", "powershell")]


def test_a_drive_that_is_not_mounted_is_not_looked_at(machine):
    machine.become_wsl(f"{EXT4}\n")
    assert len(judge(disks.cache_disk, look(machine)).evidence) == 3


@pytest.mark.parametrize(
    ("judged", "probe"), [(disks.cache_writable, "disks.trial"), (disks.cache_disk, "disks.space")]
)
def test_a_disk_that_gives_no_answer_is_not_judged(machine, judged, probe):
    verdict = judge(judged, look(machine, {probe: OSError("stale file handle")}))
    assert verdict.status == "skip"
    assert "stale file handle" in verdict.summary
