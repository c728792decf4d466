"""A fault of the network that does not pass ends a download in words, in JSON too, after the attempts that are set."""

from __future__ import annotations

import re

import pytest

from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.network.downloads import DOWNLOAD, ZIP, against, last_words, needing


@pytest.mark.parametrize("fault", ["503", "429", "reset", "eof", "reset midway", "truncated"])
def test_a_fault_that_stays_is_given_up_with_gos_exit_code_and_a_paragraph(user, fault):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 4)
    words = last_words(done)
    assert "m01" in words or proxy.host in words
    assert "network" in words
    assert re.search(r"\b4\b|\bfour\b", words)
    assert re.search(r"\d\s*(?:ms|s|seconds?|milliseconds?)\b", words)
    assert words.endswith("\n")


@pytest.mark.parametrize("tries", [2, 6])
def test_so_many_tries_are_made_as_are_set(user, tries):
    needed = needing(user, 2)
    with ModuleProxy(needed, [Break("502", ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), "GOSHIM_RETRY__NETWORK_TRIES": str(tries)})
    assert (done.code, proxy.count(ZIP)) == (1, tries)


@pytest.mark.parametrize("setting", ["NETWORK_TRIES=1", "NETWORK_BUDGET_S=0"])
def test_nothing_is_tried_again_where_retries_are_off(user, setting):
    needed = needing(user)
    name, _, value = setting.partition("=")
    with ModuleProxy(needed, [Break("503", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), f"GOSHIM_RETRY__{name}": value})
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 1)
    assert "503 Service Unavailable" in done.message


@pytest.mark.parametrize(("times", "code"), [(1, 0), (ALWAYS, 1)], ids=["won", "lost"])
def test_quiet_retries_are_not_told(user, times, code):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", ZIP, times)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), "GOSHIM_RETRY__QUIET": "true"})
    assert (done.out, done.code) == (b"", code)
    assert proxy.count(ZIP) == (4 if code else 2)
    assert "503 Service Unavailable" in done.message
    assert "goshim" not in done.message


# JSON.


@pytest.mark.parametrize(("arguments", "flags"), [(("-json",), ""), ((), " -json")])
def test_json_is_that_of_the_last_attempt_byte_for_byte(user, arguments, flags):
    needed = needing(user)
    user.env["GOFLAGS"] += flags
    with ModuleProxy(needed, [Break("reset midway", ZIP)]) as proxy:
        env = against(proxy, user)
        done = user.go(*DOWNLOAD, *arguments, env=env)
        assert done.code == 0
        assert (proxy.count(ZIP), len(done.ours)) == (2, 1)
        assert done.out == user.bare(*DOWNLOAD, *arguments, env=env).out
    assert [each["Path"] for each in done.documents] == [module.path for module in needed]


def test_json_of_a_lost_fight_has_each_module_once(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", ZIP, ALWAYS)]) as proxy:
        env = against(proxy, user)
        done = user.go(*DOWNLOAD, "-json", env=env)
        assert (done.code, proxy.count(ZIP)) == (1, 4)
        assert done.out == user.bare(*DOWNLOAD, "-json", env=env).out
    assert [each["Path"] for each in done.documents if "Error" in each] == ["example.com/m01"]
    assert "network" in last_words(done)
