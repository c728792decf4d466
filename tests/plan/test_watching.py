from __future__ import annotations

import pytest

from goshim.call.arguments import BUILDING, DOWNLOADING, RUNNING
from goshim.facts.host import Recorder
from goshim.facts.look import look_at
from goshim.plan.watching import Watch, watch
from goshim.rules.rule import Change
from goshim.settings.model import Retry, Settings
from tests.machine import EXT4, HOME

CACHE = f"{HOME}/go/pkg/mod"
CAREFUL = DOWNLOADING + BUILDING


def shared(point: str, kind: str = "cifs", source: str = "//server/share") -> str:
    return f"{EXT4}\n481 23 0:153 / {point} rw,noatime - {kind} {source} rw\n"


def watched(host, *changes: Change, **retry: object) -> Watch:
    return watch(host, look_at(host), Settings(retry=Retry(**retry)), changes)


@pytest.fixture
def linux(machine):
    machine.write("/proc/self/mountinfo", f"{EXT4}\n")
    return machine


def test_on_a_disk_of_ones_own_only_a_download_is_repeated(linux):
    assert watched(linux.host()) == Watch(DOWNLOADING, (), Retry())
    assert Watch() == Watch(DOWNLOADING, (), Retry())


@pytest.mark.parametrize(
    ("value", "is_careful"),
    [("true", True), ("1", True), ("false", False), ("0", False), ("", False), ("TRUE", False), ("yes", False)],
)
def test_in_ci_builds_are_repeated_and_what_runs_code_is_prefetched(linux, value, is_careful):
    found = watched(linux.host({"CI": value}))
    assert found.repeated == (CAREFUL if is_careful else DOWNLOADING)
    assert found.prefetched == (RUNNING if is_careful else ())


@pytest.mark.parametrize(
    "mountinfo",
    [
        pytest.param(shared(HOME), id="a share"),
        pytest.param(shared(f"{HOME}/go", "vboxsf", "go"), id="a folder of a virtual machine's host"),
        pytest.param(shared("/", "lxfs", "rootfs"), id="a root that is NTFS"),
    ],
)
def test_where_others_hold_files_builds_are_repeated(machine, mountinfo):
    machine.write("/proc/self/mountinfo", mountinfo)
    found = watched(machine.host())
    assert (found.repeated, found.prefetched) == (CAREFUL, RUNNING)


def test_a_share_elsewhere_is_no_reason(machine):
    machine.write("/proc/self/mountinfo", shared("/srv"))
    assert watched(machine.host()).repeated == DOWNLOADING


@pytest.mark.parametrize(
    ("cache", "is_careful"), [("/mnt/c/mod", True), ("C:\\mod", True), ("/srv/mod", False), ("", False)]
)
def test_under_wsl_a_cache_on_a_windows_drive_is_a_reason(machine, cache, is_careful):
    machine.become_wsl()
    found = watched(machine.host({"GOMODCACHE": cache}))
    assert found.repeated == (CAREFUL if is_careful else DOWNLOADING)


@pytest.mark.parametrize(
    ("locks", "prefetch", "repeated", "prefetched"),
    [
        ("always", "auto", CAREFUL, RUNNING),
        ("always", "never", CAREFUL, ()),
        ("never", "auto", DOWNLOADING, ()),
        ("never", "always", DOWNLOADING, RUNNING),
        ("auto", "always", DOWNLOADING, RUNNING),
        ("auto", "never", DOWNLOADING, ()),
    ],
)
def test_the_settings_have_their_way(linux, locks, prefetch, repeated, prefetched):
    found = watched(linux.host(), locks=locks, prefetch=prefetch)
    assert (found.repeated, found.prefetched) == (repeated, prefetched)
    assert found.retry == Retry(locks=locks, prefetch=prefetch)


def test_locks_never_holds_on_a_share_but_ci_counts_all_the_same(machine):
    machine.write("/proc/self/mountinfo", shared("/"))
    assert watched(machine.host(), locks="never").repeated == DOWNLOADING
    assert watched(machine.host({"CI": "true"}), locks="never").repeated == CAREFUL
    assert watched(machine.host({"CI": "true"}), prefetch="never").prefetched == ()


def changed(variable: str, after: str | None) -> Change:
    return Change(variable, None, after, "x", "x")


def test_the_cache_is_the_one_that_go_will_use_after_the_changes(machine):
    machine.become_wsl()
    on_windows, native = machine.host({"GOMODCACHE": "/mnt/c/mod"}), machine.host({"GOMODCACHE": "/srv/mod"})
    assert watched(on_windows, changed("GOMODCACHE", CACHE)).repeated == DOWNLOADING
    assert watched(on_windows, changed("GOMODCACHE", None)).repeated == DOWNLOADING
    assert watched(native, changed("GOMODCACHE", "/mnt/c/mod")).repeated == CAREFUL
    assert watched(machine.host(), changed("GOPATH", "/mnt/c/go")).repeated == CAREFUL
    assert watched(native, changed("GOPATH", "/mnt/c/go")).repeated == DOWNLOADING


def test_the_cache_is_the_one_of_the_go_env_file(machine):
    machine.become_wsl()
    machine.write(f"{HOME}/.config/go/env", "GOMODCACHE=/mnt/c/mod\n")
    assert watched(machine.host()).repeated == CAREFUL
    assert watched(machine.host({"GOMODCACHE": "/srv/mod"})).repeated == DOWNLOADING
    assert watched(machine.host({"GOMODCACHE": "/srv/mod"}), changed("GOMODCACHE", None)).repeated == CAREFUL
    assert watched(machine.host({"GOENV": "off"})).repeated == DOWNLOADING


def test_a_cache_that_is_a_link_lies_where_the_link_ends(machine):
    machine.link("/mod", "/srv/share/mod")
    machine.write("/proc/self/mountinfo", shared("/srv/share"))
    assert watched(machine.host({"GOMODCACHE": "/mod"})).repeated == CAREFUL


@pytest.mark.parametrize("home", ["", "relative"])
def test_without_a_cache_there_is_nothing_to_be_careful_of(machine, home):
    machine.write("/proc/self/mountinfo", shared("/"))
    assert watched(machine.host({"HOME": home})).repeated == DOWNLOADING
    assert watched(machine.host({"GOMODCACHE": "relative"})).repeated == DOWNLOADING


def test_all_is_asked_apart_and_the_mount_stands_for_the_whole_table(linux):
    recorder = Recorder(linux.host({"CI": "0"}))
    machine = look_at(recorder)
    before = dict(recorder.answers)
    watch(recorder, machine, Settings(), ())
    assert recorder.answers == before
    asked = recorder.apart.answers
    assert asked["variable", "CI"] == "0"
    assert asked["variable", "GOMODCACHE"] is None
    assert asked["mount", CACHE] == linux.host().mount(CACHE)
    assert asked["read", f"{HOME}/.config/go/env"] is None
    assert ("read", "/proc/self/mountinfo") not in asked


def test_whether_it_is_ci_is_asked_apart(linux):
    recorder = Recorder(linux.host({"CI": "true"}))
    watch(recorder, look_at(recorder), Settings(), ())
    assert recorder.apart.answers["variable", "CI"] == "true"
    assert ("variable", "CI") not in recorder.answers
