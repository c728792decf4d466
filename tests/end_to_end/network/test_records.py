"""What is kept of a fight, and that no login is in it or on the terminal."""

from __future__ import annotations

import shutil

import pytest

from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.network.downloads import DOWNLOAD, ZIP, against, incidents, last_words, needing


@pytest.mark.parametrize(("times", "won"), [(1, True), (ALWAYS, False)], ids=["won", "lost"])
def test_each_fight_is_in_the_journal_and_the_history(user, times, won):
    needed = needing(user)
    with ModuleProxy(needed, [Break("reset midway", ZIP, times)]) as proxy:
        for _ in range(2):
            user.go(*DOWNLOAD, env=against(proxy, user))
            shutil.rmtree(user.env["GOMODCACHE"])
            proxy.forget()
    found = incidents(user)
    assert [(each["class"], each["won"]) for each in found] == [("network", won)] * 2
    listed = user.goshim("history", "--json")
    assert (listed.json["incidents"], listed.err, listed.code) == (found, b"", 0)


@pytest.mark.parametrize(
    ("fault", "login"), [("503", "me:hunter2"), ("reset midway", "hunter2"), ("403", "me:hunter2"), ("403", "hunter2")]
)
def test_a_login_in_goproxy_is_neither_shown_nor_recorded(user, login, fault):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, ZIP, ALWAYS)], tls=True) as proxy:
        env = {**against(proxy, user), "GOPROXY": proxy.url.replace("//", f"//{login}@")}
        done = user.go(*DOWNLOAD, env=env)
    assert done.code == 1
    assert "hunter2" not in "".join(done.ours) + last_words(done)
    assert (fault == "403") or done.ours
    kept = [path for place in (".local", ".cache", ".config") for path in (user.home / place).rglob("*")]
    assert not [path for path in kept if path.is_file() and b"hunter2" in path.read_bytes()]
    if ":" in login:
        assert "hunter2" not in done.message  # go itself shows a login that has no password
