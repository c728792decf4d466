"""Which calls are supervised under WSL: go is a child of the supervisor, or else what the launcher became."""

from __future__ import annotations

import pytest

from tests.end_to_end.windows_drive.held_files import DOWNLOAD, FETCHING, PREFETCH

RUNNING = [("test", "."), ("run", "."), ("generate", "."), ("tool", "buildid")]


@pytest.mark.parametrize("verb", FETCHING, ids=" ".join)
def test_what_fetches_is_supervised_where_the_cache_is_on_a_drive_and_nowhere_else(wsl2, at_work, told, verb):
    user = at_work(wsl2, told)
    words = " ".join(verb)
    for _ in "cold", "warm":
        assert told.called_by(user, *verb, env={"GOMODCACHE": f"{user.on_c}/mod"}) == [("below", words)]
        assert told.called_by(user, *verb) == [("itself", words)]
    user.config.write_text('[module_cache]\nlocation = "native"\n')
    for _ in "cold", "warm":
        assert told.called_by(user, *verb, env={"GOMODCACHE": f"{user.on_c}/mod"}) == [("itself", words)]


def test_mod_download_is_supervised_wherever_the_cache_is(wsl2, at_work, told):
    user = at_work(wsl2, told)
    for cache in None, f"{user.on_c}/mod":
        assert told.called_by(user, *DOWNLOAD, env={"GOMODCACHE": cache}) == [("below", "mod download")]


@pytest.mark.parametrize(
    "words", ["env GOROOT", "version", "list ./...", "mod graph", "fmt ./...", "work sync", "help"]
)
def test_what_fetches_nothing_by_itself_is_not(wsl2, at_work, told, words):
    user = at_work(wsl2, told)
    assert told.called_by(user, *words.split(), env={"GOMODCACHE": f"{user.on_c}/mod"}) == [("itself", words)]


@pytest.mark.parametrize("verb", RUNNING, ids=" ".join)
def test_what_runs_code_is_run_once_after_what_it_needs_was_fetched(wsl2, at_work, told, verb):
    user = at_work(wsl2, told)
    words, env = " ".join(verb), {"GOMODCACHE": f"{user.on_c}/mod"}
    fetching = {"test": [("below", PREFETCH)], "tool": []}.get(verb[0], [("below", "list -deps -buildvcs=false -- .")])
    assert told.called_by(user, *verb, env=env) == [*fetching, ("itself", words)]
    assert told.called_by(user, *verb, env=env) == [("itself", words)]
    assert told.called_by(user, *verb) == [("itself", words)]


@pytest.mark.parametrize("policy", ["never", "always"])
def test_the_setting_of_locks_outranks_what_the_mount_table_tells(wsl2, at_work, told, policy):
    user = at_work(wsl2, told)
    user.config.write_text(f'[retry]\nlocks = "{policy}"\n')
    for cache in None, f"{user.on_c}/mod":
        called = told.called_by(user, "build", ".", env={"GOMODCACHE": cache})
        assert called == [("below" if policy == "always" else "itself", "build .")]


def test_a_drive_that_is_mounted_later_makes_it_a_watched_call_at_once(wsl2, at_work, told):
    user = at_work(wsl2, told)
    env = {"GOMODCACHE": "/mnt/d/mod"}
    assert told.called_by(user, "build", ".", env=env) == [("itself", "build .")]
    wsl2.add_drive("D")
    try:
        assert told.called_by(user, "build", ".", env=env) == [("below", "build .")]
    finally:
        wsl2.remove_drive("D")
    assert told.called_by(user, "build", ".", env=env) == [("itself", "build .")]


TOOLEXEC = {
    "flag": (["-toolexec=/usr/bin/env"], {}),
    "flag of two words": (["-toolexec", "/usr/bin/env"], {}),
    "flag of two dashes": (["--toolexec=/usr/bin/env"], {}),
    "GOFLAGS": ([], {"GOFLAGS": "-trimpath -toolexec=/usr/bin/env"}),
    "GOFLAGS in quotes": ([], {"GOFLAGS": "-trimpath '-toolexec=/usr/bin/env -i'"}),
    "go env -w": ([], {"GOFLAGS": None}),
}


@pytest.mark.parametrize(("verb", "how"), [*(("build", how) for how in TOOLEXEC), ("install", "flag"), ("vet", "flag")])
def test_a_call_that_runs_a_program_of_the_callers_for_each_package_is_not_supervised(wsl2, at_work, told, verb, how):
    user = at_work(wsl2, told)
    if how == "go env -w":
        (user.home / ".config/go/env").write_text("GOFLAGS=-toolexec=/usr/bin/env\n")
    flags, env = TOOLEXEC[how]
    words = " ".join([verb, *flags, "."])
    for _ in "cold", "warm":
        called = told.called_by(user, verb, *flags, ".", env={"GOMODCACHE": f"{user.on_c}/mod", **env})
        assert called == [("itself", words)]
