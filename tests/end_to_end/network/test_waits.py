"""How long is waited for a server, what is seen meanwhile, and that it can be interrupted."""

from __future__ import annotations

import signal
import time
from pathlib import Path

from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy
from tests.end_to_end.network.downloads import DOWNLOAD, ZIP, against, needing, started
from tests.end_to_end.supervised import is_gone, read_until


def test_the_wait_that_a_server_asks_for_is_kept(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("429 in words", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
        first, second = proxy.times_s(ZIP)
    assert (done.code, len(done.ours)) == (0, 1)
    assert second - first >= 1


def test_a_wait_beyond_the_budget_is_not_sat_out(user):
    needed = needing(user)
    start = time.monotonic()
    with ModuleProxy(needed, [Break("429 for long", ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), "GOSHIM_RETRY__NETWORK_BUDGET_S": "0.5"})
    assert (done.code, time.monotonic() - start < 10) == (1, True)


def children(process):
    """The processes that it started."""
    return [
        int(each) for path in Path(f"/proc/{process.pid}/task").glob("*/children") for each in path.read_text().split()
    ]


def dies_of_an_interrupt_with(process, others):
    """Interrupt a process alone; nothing of it must be left."""
    process.send_signal(signal.SIGINT)
    process.wait(timeout=10)
    until = time.monotonic() + 5
    while not all(is_gone(other) for other in others) and time.monotonic() < until:
        time.sleep(0.01)
    return process.returncode == -signal.SIGINT and all(is_gone(other) for other in others)


def test_errors_are_seen_while_the_next_attempt_is_waited_for(user):
    needed = needing(user)
    with (
        ModuleProxy(needed, [Break("429 for long", ZIP)]) as proxy,
        started(user, *DOWNLOAD, env=against(proxy, user)) as process,
    ):
        seen = read_until(process.stderr.fileno(), rb"goshim: .*\n", 10)
        assert seen.startswith(b"go: example.com/m01@v1.0.0: ")
        assert seen.count(b"goshim: ") == 1
        assert process.poll() is None
        assert proxy.count(ZIP) == 1
        assert dies_of_an_interrupt_with(process, children(process))


def test_a_server_that_does_not_answer_is_told_after_ten_seconds(user):
    needed = needing(user)
    start = time.monotonic()
    with (
        ModuleProxy(needed, [Break("stall", ZIP), Break("stall midway", "*/m02/*.zip")]) as proxy,
        started(user, *DOWNLOAD, env=against(proxy, user)) as process,
    ):
        seen = read_until(process.stderr.fileno(), rb"\n", 20)
        assert 9.5 < time.monotonic() - start < 20
        assert seen.startswith(b"goshim: ")
        assert (seen.count(b"\n"), proxy.host.encode() in seen) == (1, True)
        go = children(process)
        assert go
        assert dies_of_an_interrupt_with(process, go)
        assert process.communicate() == (b"", b"")
        assert proxy.count(ZIP) == 1
