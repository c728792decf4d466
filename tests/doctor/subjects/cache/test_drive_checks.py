"""Checks of caches and projects on Windows drives."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.finding import Edit
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.cache import drive_checks as windows_drives
from tests.doctor.cached import BUILDS, CACHE, ON_D, SPEED, make_home, make_launcher, probes
from tests.doctor.described import look_at
from tests.machine import EXT4, HOME, LINUX_RELEASE, WITH_DRIVES, WSL1_RELEASE

SLOW = {"fastest_us": 4000, "done": 9, "refused": 0}
WSL1 = (
    "2 1 0:2 / / rw,noatime - wslfs rootfs rw\n"
    r"12 2 0:9 / /mnt/d rw,noatime - drvfs D:\134 rw,uid=1000,gid=1000,metadata,case=off" + "\n"
)
CIFS = f"{EXT4}\n40 23 0:50 / /srv/share rw - cifs //server/share rw,vers=3.1.1\n"
NATIVE_SETTING = 'module_cache.location = "native"'
MEASURED = (
    "measured: to make, rename and remove a small file takes 4.00 ms in /mnt/d/mod, 0.05 ms in /home/me: 80 times as"
    " long"
)
COPY = f"goshim cache copy --from {ON_D}"


@pytest.fixture
def wsl(machine):
    make_home(machine).become_wsl()
    return machine


def look(machine, variables=None, directory=f"{HOME}/project", **more):
    answers = {f"disks.write_time {where}": answer for where, answer in more.pop("speeds", {}).items()}
    return look_at(machine, variables, directory, probes=probes(answers), **more)


def look_at_d(machine, variables=None, here=SLOW, **more):
    machine.directory(f"{ON_D}/cache/download")
    return look(machine, {"GOMODCACHE": ON_D, **(variables or {})}, speeds={ON_D: here}, **more)


def commands(verdict):
    return [remedy.command for remedy in verdict.remedies]


@pytest.mark.parametrize(
    ("mountinfo", "release"), [(WITH_DRIVES, None), (f"{EXT4}\n", LINUX_RELEASE), ("", LINUX_RELEASE)]
)
def test_caches_below_a_home_on_linux_own_disk_are_well(machine, mountinfo, release):
    make_home(machine).become_wsl(mountinfo, **({"release": release} if release else {}))
    verdict = judge(windows_drives.cache_on_windows, look(machine))
    assert verdict.status == "ok"
    assert [line.partition(",")[0] for line in verdict.evidence] == [f"the module cache: {CACHE}", f"GOCACHE: {BUILDS}"]


def test_a_module_cache_on_a_windows_drive_is_told_with_what_it_costs_here(wsl):
    verdict = judge(windows_drives.cache_on_windows, look_at_d(wsl))
    assert verdict.status == "warn"
    assert verdict.summary == (
        "the module cache is on a Windows drive, where other programs can hold files,"
        " 80 times as slow as Linux's own disk"
    )
    assert verdict.evidence == (
        f"the module cache: {ON_D}, 9p mounted on /mnt/d",
        f"GOMODCACHE={ON_D}, set in the environment",
        MEASURED,
    )
    assert commands(verdict) == ['export GOMODCACHE="$HOME/go/pkg/mod"', COPY]


def test_files_that_were_held_while_it_was_measured_are_told(wsl):
    verdict = judge(windows_drives.cache_on_windows, look_at_d(wsl, here={**SLOW, "refused": 3}))
    assert "measured: 3 of 12 files that were just made could not be renamed or removed" in verdict.evidence


@pytest.mark.parametrize(
    ("here", "reason"),
    [
        (OSError("refused"), "not measured: "),
        ({**SPEED, "done": 0}, "not measured: each file that was made to measure with was held by another program"),
    ],
)
def test_a_drive_that_cant_be_measured_is_told_all_the_same(wsl, here, reason):
    verdict = judge(windows_drives.cache_on_windows, look_at_d(wsl, here=here))
    assert verdict.status == "warn"
    assert verdict.evidence[-1].startswith(reason)


def test_the_line_of_a_start_file_that_does_it_is_named_and_can_be_commented_out(wsl):
    wsl.write(f"{HOME}/.bashrc", f"# mine\nexport GOMODCACHE={ON_D}\nexport GOMODCACHE={ON_D}; make\n")
    verdict = judge(windows_drives.cache_on_windows, look_at_d(wsl))
    assert f"GOMODCACHE={ON_D}, set in {HOME}/.bashrc:2, {HOME}/.bashrc:3" in verdict.evidence
    line = f"export GOMODCACHE={ON_D}"
    assert verdict.remedies[0].edits == (Edit(f"{HOME}/.bashrc", 2, line, f": # {line}"),)


def test_a_line_that_is_not_the_users_own_is_not_edited(wsl):
    wsl.write("/etc/environment", f"GOMODCACHE={ON_D}\n")
    assert judge(windows_drives.cache_on_windows, look_at_d(wsl)).remedies[0].edits == ()


@pytest.mark.parametrize(
    ("variables", "written", "told"),
    [
        ({"GOPATH": "/mnt/d"}, "", "GOPATH=/mnt/d, set in the environment"),
        ({}, "GOMODCACHE=/mnt/d/pkg/mod\n", f"GOMODCACHE=/mnt/d/pkg/mod, set in {HOME}/.config/go/env by go env -w"),
    ],
)
def test_a_cache_that_another_setting_puts_there_is_moved_by_go_env(wsl, variables, written, told):
    wsl.write(f"{HOME}/.config/go/env", written)
    verdict = judge(windows_drives.cache_on_windows, look(wsl, variables))
    assert verdict.status == "warn"
    assert told in verdict.evidence
    assert commands(verdict) == ['go env -w GOMODCACHE="$HOME/go/pkg/mod"']


def test_a_cache_that_was_moved_so_is_well(wsl):
    variables = {"GOPATH": "/mnt/d"}
    (command,) = commands(judge(windows_drives.cache_on_windows, look(wsl, variables)))
    setting = command.removeprefix("go env -w ").replace('"', "").replace("$HOME", HOME)
    wsl.write(f"{HOME}/.config/go/env", f"{setting}\n")
    assert judge(windows_drives.cache_on_windows, look(wsl, variables)).status == "ok"


def test_a_build_cache_there_is_moved_likewise(wsl):
    verdict = judge(windows_drives.cache_on_windows, look(wsl, {"XDG_CACHE_HOME": "/mnt/d/cache"}))
    assert verdict.summary.startswith("GOCACHE is on a Windows drive")
    assert commands(verdict) == ['go env -w GOCACHE="$HOME/.cache/go-build"']


def test_both_are_told_in_one(wsl):
    verdict = judge(windows_drives.cache_on_windows, look_at_d(wsl, {"GOCACHE": "/mnt/d/build"}))
    assert verdict.summary.startswith("the module cache and GOCACHE are on a Windows drive")
    assert commands(verdict)[-1] == 'export GOCACHE="$HOME/.cache/go-build"'


def test_a_link_to_a_windows_drive_is_seen_through(wsl):
    wsl.directory("/mnt/d/go")
    wsl.at(f"{HOME}/go").rename(wsl.at(f"{HOME}/old"))
    wsl.link(f"{HOME}/go", "/mnt/d/go")
    verdict = judge(windows_drives.cache_on_windows, look(wsl))
    assert verdict.status == "warn"
    assert verdict.evidence[0] == f"the module cache: {CACHE} → /mnt/d/go/pkg/mod, 9p mounted on /mnt/d"
    assert commands(verdict) == ['go env -w GOMODCACHE="$HOME/.local/share/go/mod"']


def test_a_home_on_a_windows_drive_is_no_place_to_move_to(wsl):
    wsl.directory("/mnt/c/Users/me")
    verdict = judge(windows_drives.cache_on_windows, look(wsl, {"HOME": "/mnt/c/Users/me"}))
    assert verdict.status == "warn"
    assert [remedy.where for remedy in verdict.remedies] == ["sudo", "sudo"]
    assert commands(verdict)[0].endswith('go env -w GOMODCACHE=/var/cache/go-"$USER"/mod')


def test_goshims_launcher_is_told_to_use_another(wsl):
    verdict = judge(windows_drives.cache_on_windows, look_at_d(wsl, make_launcher(wsl)))
    assert verdict.status == "warn"
    assert [(remedy.command, remedy.where) for remedy in verdict.remedies] == [
        (NATIVE_SETTING, "file"),
        (COPY, "shell"),
    ]


def test_what_goshim_replaces_at_each_call_is_no_problem(wsl):
    verdict = judge(windows_drives.cache_on_windows, look_at_d(wsl, make_launcher(wsl, NATIVE_SETTING)))
    assert verdict.status == "info"
    assert "goshim has go use another place" in verdict.summary
    assert any(line.startswith(f"the module cache: {CACHE}") for line in verdict.evidence)


def test_wsl1_has_no_better_disk_than_its_own(machine):
    make_home(machine).become_wsl(WSL1, WSL1_RELEASE)
    verdict = judge(windows_drives.cache_on_windows, look(machine))
    assert (verdict.status, verdict.remedies) == ("info", ())
    assert "WSL1 has no other" in verdict.summary


@pytest.mark.parametrize(("here", "status"), [(SPEED, "info"), (SLOW, "warn")])
def test_a_drive_under_wsl1_is_a_problem_only_if_it_is_slow(machine, here, status):
    make_home(machine).become_wsl(WSL1, WSL1_RELEASE)
    verdict = judge(windows_drives.cache_on_windows, look_at_d(machine, here=here))
    assert verdict.status == status
    assert verdict.evidence[0] == f"the module cache: {ON_D}, drvfs mounted on /mnt/d"


def test_a_share_is_told_by_its_file_system(machine):
    make_home(machine).become_wsl(CIFS, LINUX_RELEASE)
    verdict = judge(windows_drives.cache_on_windows, look(machine, {"GOMODCACHE": "/srv/share/mod"}))
    assert verdict.status == "warn"
    assert verdict.summary.startswith("the module cache is on a shared file system (cifs)")


def test_without_a_place_for_a_cache_nothing_is_said(machine):
    verdict = judge(windows_drives.cache_on_windows, look(machine, {"HOME": ""}))
    assert verdict.status == "skip"
    assert verdict.summary.startswith("module cache not found")


# The project.


def look_at_project(machine, here=SLOW, scratch="/mnt/c/src/app"):
    machine.write("/mnt/c/src/app/go.mod", "module example.com/app\n")
    return look(machine, directory="/mnt/c/src/app", speeds={scratch: here})


def test_a_project_on_linux_own_disk_is_well(wsl):
    wsl.write(f"{HOME}/project/go.mod", "module example.com/app\n")
    assert judge(windows_drives.project_on_windows, look(wsl)).status == "ok"


def test_outside_a_module_there_is_no_project(wsl):
    verdict = judge(windows_drives.project_on_windows, look(wsl))
    assert (verdict.status, verdict.summary) == ("skip", "the working directory is in no module")


def test_a_project_on_a_windows_drive_is_told_with_what_it_costs_here(wsl):
    verdict = judge(windows_drives.project_on_windows, look_at_project(wsl))
    assert verdict.status == "warn"
    assert verdict.summary == "the project is on a Windows drive, 80 times as slow as Linux's own disk"
    assert commands(verdict) == [f"[ -e {HOME}/app ] || cp -a -- /mnt/c/src/app {HOME}/app"]


def test_a_drive_that_is_as_fast_is_only_told(wsl):
    assert judge(windows_drives.project_on_windows, look_at_project(wsl, here=SPEED)).status == "info"


def test_a_project_that_may_not_be_written_is_not_measured(wsl):
    verdict = judge(windows_drives.project_on_windows, look_at_project(wsl, here=OSError("permission denied")))
    assert verdict.status == "info"
    assert verdict.evidence[-1].startswith("not measured: ")


@pytest.mark.parametrize("scratch", ["/mnt/c/src/.git", "/mnt/c/mod"])
def test_it_is_measured_outside_what_an_editor_watches(wsl, scratch):
    wsl.directory(scratch)
    wsl.write("/mnt/c/src/app/go.mod", "module example.com/app\n")
    variables = {"GOMODCACHE": "/mnt/c/mod"}
    found = look(wsl, variables, directory="/mnt/c/src/app", speeds={scratch: SLOW, "/mnt/c/src/app": OSError("no")})
    assert judge(windows_drives.project_on_windows, found).status == "warn"


def test_a_project_of_another_drive_than_the_cache_is_measured_itself(wsl):
    wsl.directory(ON_D)
    wsl.write("/mnt/c/src/app/go.mod", "module example.com/app\n")
    wsl.write("/mnt/c/src/app/.git", "gitdir: elsewhere\n")
    found = look(wsl, {"GOMODCACHE": ON_D}, directory="/mnt/c/src/app", speeds={"/mnt/c/src/app": SLOW})
    assert judge(windows_drives.project_on_windows, found).status == "warn"
