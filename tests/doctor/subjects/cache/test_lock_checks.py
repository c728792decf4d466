"""Checks of what was locked, and of what Windows Defender leaves alone."""

from __future__ import annotations

import pytest

from goshim.doctor.machine import registry
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.cache import lock_checks as locks
from tests.doctor.cached import CACHE, JOURNAL, ON_D, incident, make_home, probes, write_journal
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import WORD, answer, lxss
from tests.machine import HOME, WSL1_RELEASE

ZIP = "cache/download/example.com/m/@v/v1.0.0.zip"
LOCKED = incident(f"{ON_D}/{ZIP}")
MOVED = ['export GOMODCACHE="$HOME/go/pkg/mod"', f"goshim cache copy --from {ON_D}"]
NARROW = rf"Add-MpPreference -ExclusionPath '{'D:'}\mod'"


@pytest.fixture
def wsl(machine):
    make_home(machine).become_wsl()
    machine.directory(f"{ON_D}/cache/download")
    return machine


def look(machine, variables=None, **more):
    return look_at(machine, variables, probes=probes(), **more)


def commands(verdict):
    return [remedy.command for remedy in verdict.remedies]


# The journal.


def test_without_incidents_all_is_well(wsl):
    assert judge(locks.lock_history, look(wsl)).status == "ok"


def test_files_that_stayed_locked_lately_are_a_problem_where_go_still_writes(wsl):
    write_journal(wsl, incident(f"{ON_D}/a.zip", won=True), LOCKED)
    verdict = judge(locks.lock_history, look(wsl, {"GOMODCACHE": ON_D}))
    assert verdict.status == "warn"
    assert verdict.summary == "downloads were lost to files that stayed locked: 1 in the last week"
    assert verdict.evidence == (f"{ON_D}/{ZIP}: in the last day or so", "lock: 2, lost: 1")
    assert commands(verdict) == MOVED


def test_the_latest_are_told_first_and_not_all(wsl):
    records = [incident(f"{ON_D}/{day}.zip", f"2026-11-{day}T12:00:00Z") for day in range(12, 19)]
    write_journal(wsl, *records)
    verdict = judge(locks.lock_history, look(wsl, {"GOMODCACHE": ON_D}))
    assert verdict.evidence[0] == f"{ON_D}/18.zip: in the last day or so"
    assert verdict.evidence[4:6] == (f"{ON_D}/14.zip: 4 days ago", "and 2 more")


@pytest.mark.parametrize(
    "record",
    [
        incident(f"{ON_D}/{ZIP}", won=True),
        incident(f"{ON_D}/{ZIP}", "2026-11-01T12:00:00Z"),
        incident("/mnt/c/old/mod/a.zip"),
        incident("proxy.golang.org", kind="network"),
        incident(f"{ON_D}x/a.zip"),
    ],
)
def test_what_was_won_or_is_past_or_elsewhere_or_no_lock_is_only_told(wsl, record):
    write_journal(wsl, record)
    verdict = judge(locks.lock_history, look(wsl, {"GOMODCACHE": ON_D}))
    assert (verdict.status, verdict.remedies) == ("info", ())
    assert verdict.summary.startswith("incidents of downloads in the last 30 days: 1;")


@pytest.mark.parametrize("time", ["2026-10-01T12:00:00Z", "yesterday", ""])
def test_what_is_older_or_has_no_time_does_not_count(wsl, time):
    write_journal(wsl, incident(f"{ON_D}/{ZIP}", time))
    assert judge(locks.lock_history, look(wsl)).status == "ok"


def test_a_lock_on_a_disk_that_windows_cant_hold_is_a_surprise(wsl):
    write_journal(wsl, incident(f"{CACHE}/{ZIP}"))
    verdict = judge(locks.lock_history, look(wsl))
    assert verdict.status == "warn"
    assert f"{CACHE}/{ZIP}: Windows can't hold it; look for another program" in verdict.evidence
    assert verdict.remedies == ()


def test_a_journal_that_cant_be_read_is_not_judged(wsl):
    wsl.directory(JOURNAL)
    verdict = judge(locks.lock_history, look(wsl))
    assert verdict.status == "skip"
    assert "a directory, not a regular file" in verdict.summary


def test_a_journal_can_do_nothing_to_a_terminal(wsl):
    write_journal(wsl, incident(f"{ON_D}/\x1b[31m"), incident("a", kind="\x1b[0m"))
    verdict = judge(locks.lock_history, look(wsl, {"GOMODCACHE": ON_D}))
    assert all(line.isprintable() for line in verdict.evidence)


# Defender.


def look_with(machine, *excluded, on_d=True, **more):
    variables = {**make_interop(machine), **({"GOMODCACHE": ON_D} if on_d else {})}
    told = answer(registry.DEFENDER_EXCLUSIONS, dict.fromkeys(excluded, (WORD, "0x0")) or None)
    return look(machine, variables, commands={**lxss(), **told}, **more)


def test_outside_wsl_there_is_no_defender(machine):
    verdict = judge(locks.defender_exclusion, look(make_home(machine)))
    assert (verdict.status, verdict.summary) == ("skip", "this is not WSL")


@pytest.mark.parametrize("excluded", [(), (r"D:\games",)])
def test_on_wsl2s_own_disk_no_exclusion_is_needed(wsl, excluded):
    verdict = judge(locks.defender_exclusion, look_with(wsl, *excluded, on_d=False))
    assert verdict.status == "ok"
    assert "no exclusion is needed" in verdict.summary


@pytest.mark.parametrize(
    "excluded",
    [
        r"C:\Users\me\AppData\Local\Packages\Debian_1\LocalState\ext4.vhdx",
        r"\\wsl$\Debian",
        r"\\wsl.localhost\Debian\home",
        r"C:\Users\me\AppData\Local\Packages\Debian_1\LocalState" + "\\",
    ],
)
def test_an_exclusion_of_wsl2s_disk_is_named_as_folklore(wsl, excluded):
    verdict = judge(locks.defender_exclusion, look_with(wsl, excluded, on_d=False))
    assert verdict.status == "info"
    assert "do nothing against locks" in verdict.summary


@pytest.mark.parametrize(
    "excluded",
    [
        "C:\\", "c:", "*", r"C:\Users", r"C:\Users\me", r"C:\USERS\*", "%TEMP%", "%UserProfile%", r"C:\Windows\Temp",
        r"C:\Users\me\AppData\Local\Temp", "*.exe", "*.zip", ".dll", r"C:\*", "*.*", r"\\?\C:" + "\\",
    ],
)  # fmt: skip
def test_an_exclusion_that_opens_the_machine_is_a_problem(wsl, excluded):
    verdict = judge(locks.defender_exclusion, look_with(wsl, excluded, r"D:\mod"))
    assert verdict.status == "warn"
    assert len(verdict.evidence) == 1
    assert commands(verdict) == [f"Remove-MpPreference -ExclusionPath '{excluded}'"]
    assert verdict.remedies[0].where == "elevated"


@pytest.mark.parametrize("excluded", [r"d:\MOD", r"D:\mod" + "\\", r"D:\m*", "D:\\*\\"])
def test_a_narrow_exclusion_of_the_cache_is_well(wsl, excluded):
    verdict = judge(locks.defender_exclusion, look_with(wsl, excluded))
    assert verdict.status == ("warn" if excluded == "D:\\*\\" else "ok")


@pytest.mark.parametrize("excluded", [r"D:\modules", r"D:\mod\cache", r"D:\a*\mod", r"C:\mod"])
def test_an_exclusion_of_something_else_does_not_cover_the_cache(wsl, excluded):
    verdict = judge(locks.defender_exclusion, look_with(wsl, excluded))
    assert verdict.status == "ok"
    assert verdict.summary == "Windows Defender scans the module cache, and no download was lost to that"


@pytest.mark.parametrize("excluded", [(), (r"D:\games",)])
def test_where_downloads_were_lost_the_narrow_exclusion_is_told_last(wsl, excluded):
    write_journal(wsl, LOCKED)
    verdict = judge(locks.defender_exclusion, look_with(wsl, *excluded))
    assert verdict.status == "info"
    assert commands(verdict) == [*MOVED, NARROW]
    assert verdict.remedies[-1].where == "elevated"
    assert any("can't be told" in line for line in verdict.evidence) == (not excluded)


def test_a_quote_in_the_path_stays_in_its_place(wsl):
    wsl.directory("/mnt/d/it's")
    write_journal(wsl, incident("/mnt/d/it's/a.zip"))
    found = look_with(wsl)
    found.host._environment["GOMODCACHE"] = "/mnt/d/it's"
    assert commands(judge(locks.defender_exclusion, found))[-1] == r"Add-MpPreference -ExclusionPath 'D:\it''s'"


def test_what_only_an_administrator_may_read_is_not_judged(wsl):
    verdict = judge(locks.defender_exclusion, look_with(wsl))
    assert verdict.status == "skip"
    assert "only an administrator may" in verdict.summary


def test_wsl1s_own_disk_has_no_path_on_windows_to_exclude(machine):
    make_home(machine).become_wsl("2 1 0:2 / / rw,noatime - wslfs rootfs rw\n", WSL1_RELEASE)
    write_journal(machine, incident(f"{HOME}/go/pkg/mod/a.zip"))
    assert judge(locks.defender_exclusion, look(machine)).status == "skip"
