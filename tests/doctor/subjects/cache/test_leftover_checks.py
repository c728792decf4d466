"""Checks of what lies in the module cache."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest

from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.cache import leftover_checks as module_cache
from tests.doctor.cached import BUILDS, CACHE, NO_LEFTOVERS, ON_D, make_home, probes
from tests.doctor.described import bar, look_at
from tests.machine import HOME

LOCK = {
    "path": f"{CACHE}/cache/download/example.com/m/@v/v1.0.0.lock",
    "process": 42,
    "who": "process 42 (go mod download)",
    "runs_s": 3,
    "stopped": False,
}


def look(machine, answers=None, variables=None):
    return look_at(make_home(machine), variables, probes=probes(answers))


def commands(verdict):
    return [remedy.command for remedy in verdict.remedies]


# Ownership.


def foreign(**found):
    return {"caches.foreign": {"found": found, "looked": 400, "cut": True}}


def test_directories_that_are_ones_own_are_well(machine):
    verdict = judge(module_cache.cache_ownership, look(machine))
    assert verdict.status == "ok"
    assert verdict.evidence == ("looked at 9 files and directories",)


def test_what_may_not_be_entered_is_not_called_well(machine, monkeypatch):
    found = look(machine)
    bar(found, monkeypatch, HOME)
    verdict = judge(module_cache.cache_ownership, found)
    assert (verdict.status, verdict.summary) == ("skip", f"{HOME} may not be entered")


def test_what_sudo_go_left_is_told_with_the_command_that_takes_it_back(machine):
    found = {CACHE: {"count": 7, "first": [f"{CACHE}/{name}: root" for name in "abcde"]}}
    verdict = judge(module_cache.cache_ownership, look(machine, foreign(**found)))
    assert verdict.status == "warn"
    assert verdict.evidence[0] == f"{CACHE}/a: root"
    assert verdict.evidence[-2:] == ("and 2 more", "looked at 400 files and directories, not at all there are")
    assert (verdict.remedies[0].command, verdict.remedies[0].where) == (f'sudo chown -R "$USER": {CACHE}', "sudo")


def test_what_lies_below_another_is_taken_back_with_it(machine):
    one = {"count": 1, "first": ["x: root"]}
    found = {f"{HOME}/go": one, CACHE: one, BUILDS: one}
    verdict = judge(module_cache.cache_ownership, look(machine, foreign(**found)))
    taken = [remedy.command for remedy in verdict.remedies if remedy.where == "sudo"]
    assert taken == [f'sudo chown -R "$USER": {HOME}/go', f'sudo chown -R "$USER": {BUILDS}']


def test_a_cache_of_another_user_outside_the_home_directory_is_shared_on_purpose(machine):
    one = {"count": 1, "first": ["/go/pkg: root"]}
    shared = {"disks.trial /go": {"step": "create", "error": "EACCES", "owner": "root"}}
    verdict = judge(
        module_cache.cache_ownership, look(machine, {**foreign(**{"/go": one, "/go/pkg/mod": one}), **shared})
    )
    assert (verdict.status, verdict.remedies) == ("info", ())
    assert verdict.evidence[0] == "/go/pkg: root"
    both = foreign(**{"/go": one, BUILDS: {"count": 1, "first": [f"{BUILDS}/00: root"]}})
    verdict = judge(module_cache.cache_ownership, look(machine, {**both, **shared}))
    assert verdict.status == "warn"
    assert [each.command for each in verdict.remedies if each.where == "sudo"] == [f'sudo chown -R "$USER": {BUILDS}']


def test_what_sudo_go_left_in_a_cache_of_ones_own_outside_the_home_directory_is_taken_back(machine):
    verdict = judge(
        module_cache.cache_ownership, look(machine, foreign(**{"/data/go": {"count": 1, "first": ["x: root"]}}))
    )
    assert verdict.status == "warn"
    assert commands(verdict)[0] == 'sudo chown -R "$USER": /data/go'


def test_without_a_home_nothing_below_the_root_is_taken_for_it(machine):
    name = f"caches.foreign {json.dumps([['/m', 1], ['/m/cache/download', 2], ['/c', 1]])}"
    answers = {"caches.foreign": OSError("asked for more"), name: {"found": {}, "looked": 3, "cut": False}}
    variables = {"HOME": "", "GOMODCACHE": "/m", "GOCACHE": "/c"}
    assert judge(module_cache.cache_ownership, look(machine, answers, variables)).status == "ok"


def test_a_name_can_do_nothing_to_a_terminal_or_a_shell(machine):
    top = f"{HOME}/my go; \x1b[31m"
    found = {top: {"count": 1, "first": [f"{top}: root"]}}
    verdict = judge(module_cache.cache_ownership, look(machine, foreign(**found)))
    assert all(line.isprintable() for line in (*verdict.evidence, *commands(verdict)))
    assert verdict.remedies[0].command == "sudo chown -R \"$USER\": $'/home/me/my go; \\033[31m'"


def test_of_windows_drives_no_owner_is_asked(machine):
    make_home(machine).become_wsl()
    machine.directory(ON_D)
    asked = [[f"{HOME}/go", 1], [BUILDS, 1], [f"{HOME}/.config/go", 1]]
    name = f"caches.foreign {json.dumps(asked)}"
    answers = {"caches.foreign": OSError("asked for more"), name: {"found": {}, "looked": 3, "cut": False}}
    assert judge(module_cache.cache_ownership, look(machine, answers, {"GOMODCACHE": ON_D})).status == "ok"


# Leftovers.


def leftovers(**more):
    return {"caches.leftovers": {**NO_LEFTOVERS, **more}}


def test_a_cache_without_leftovers_is_well_and_its_lock_files_are_normal(machine):
    verdict = judge(module_cache.cache_leftovers, look(machine))
    assert verdict.status == "ok"
    assert verdict.evidence == (".lock files, which are normal: 7; looked into directories: 12",)


def test_old_temporary_files_are_told_with_a_command_that_removes_no_others(machine):
    verdict = judge(module_cache.cache_leftovers, look(machine, leftovers(tmp=3, bytes=5 << 20)))
    assert verdict.status == "info"
    assert verdict.evidence[0] == ".tmp files older than a day: 3, 5 MiB"
    downloads = f"{CACHE}/cache/download"
    assert commands(verdict) == [f"find {downloads} -type f -name '*.tmp' -mmin +1440 -delete"]
    for name, days in (("a.tmp", 2), ("new.tmp", 0.5), ("a.partial", 2), ("a.zip", 2)):
        machine.write(f"{downloads}/{name}", "")
        os.utime(machine.at(f"{downloads}/{name}"), (time.time() - days * 86400,) * 2)
    subprocess.run(commands(verdict)[0].replace(downloads, str(machine.at(downloads))), shell=True, check=True)
    assert sorted(path.name for path in machine.at(downloads).iterdir()) == ["a.partial", "a.zip", "new.tmp"]


def test_a_module_that_is_not_whole_is_fetched_anew_and_its_mark_stays(machine):
    names = ["example.com/!azure/m/@v/v1.0.0-!r!c1.partial", "strange.partial"]
    verdict = judge(module_cache.cache_leftovers, look(machine, leftovers(partial=names, partials=7)))
    assert verdict.status == "info"
    assert verdict.evidence[:3] == (
        f"{names[0]}: its module is not whole",
        "strange.partial: its module is not whole",
        "and 5 more",
    )
    assert commands(verdict) == ["go mod download example.com/Azure/m@v1.0.0-RC1"]


def test_a_look_that_was_cut_off_says_so(machine):
    verdict = judge(module_cache.cache_leftovers, look(machine, leftovers(cut=True)))
    assert verdict.status == "ok"
    assert verdict.evidence[-1].endswith("not all there are: there was no more time")


def test_a_lock_that_a_go_at_work_holds_is_only_told(machine):
    verdict = judge(module_cache.cache_leftovers, look(machine, {"caches.held_locks": [LOCK]}))
    assert verdict.status == "ok"
    assert verdict.evidence[0] == f"{LOCK['path']}: held by process 42 (go mod download)"


@pytest.mark.parametrize(
    ("more", "summary", "command"),
    [
        ({"stopped": True}, "is held by process 42 (go mod download), stopped", "kill -CONT 42"),
        ({"runs_s": 7200}, "is held by process 42 (go mod download), which has run for over an hour", "ps -fp 42"),
    ],
)
def test_a_lock_that_will_not_be_let_go_is_a_problem(machine, more, summary, command):
    verdict = judge(module_cache.cache_leftovers, look(machine, {"caches.held_locks": [{**LOCK, **more}]}))
    assert verdict.status == "warn"
    assert verdict.summary.endswith(summary)
    assert commands(verdict) == [command]


def test_where_locks_cant_be_seen_the_rest_is_told(machine):
    verdict = judge(module_cache.cache_leftovers, look(machine, {"caches.held_locks": OSError("permission denied")}))
    assert verdict.status == "ok"
    assert verdict.evidence[0].startswith("which locks are held can't be seen: ")


@pytest.mark.parametrize(
    ("judged", "probe"),
    [(module_cache.cache_ownership, "caches.foreign"), (module_cache.cache_leftovers, "caches.leftovers")],
)
def test_what_cant_be_looked_at_is_not_judged(machine, judged, probe):
    verdict = judge(judged, look(machine, {probe: OSError("input/output error")}))
    assert verdict.status == "skip"
    assert verdict.summary
