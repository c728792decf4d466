"""What is fetched before a call can be interrupted, and a proxy that stands still keeps no call from being made."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from tests.end_to_end.module_proxy import ALWAYS, Break
from tests.end_to_end.prefetch.fetching import AT_ONCE_S, LIST, LISTS, SHORT, ZIP, lists, needing


def remembered(user):
    """What the store remembers of what was fetched."""
    return [path for path in (user.store / "fetched").rglob("@*") if path.is_file()]


def test_ctrl_c_ends_the_call_and_what_was_not_fetched_is_fetched_the_next_time(user, proxy):
    needing(user)
    proxy.breaks = [Break("stall", ZIP, ALWAYS)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # that it is ignored would be passed on
    environment = user.with_env({})
    with subprocess.Popen(
        [user.launcher, "test", "./..."], env=environment, cwd=user.work, start_new_session=True, **pipes
    ) as process:
        signal.signal(signal.SIGINT, before)
        try:
            until = time.monotonic() + AT_ONCE_S
            while not proxy.count(ZIP) and time.monotonic() < until:
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGINT)
            assert process.communicate(timeout=AT_ONCE_S) == (b"", b"")
        finally:
            process.kill()
    assert process.returncode == -signal.SIGINT
    assert user.recorded.words == [LIST]
    assert remembered(user) == []
    proxy.breaks = []
    assert lists(user, "test", "./...") == 1
    assert remembered(user)


def test_a_proxy_that_never_answers_is_waited_for_ten_seconds_and_then_the_call_is_made(user, proxy):
    needing(user)
    proxy.breaks = [Break("stall", ZIP)]
    begin = time.monotonic()
    done = user.go(*SHORT)
    assert 9 < time.monotonic() - begin < 40
    assert (done.code, done.message) == (0, "go: downloading example.com/m01 v1.0.0\n")
    assert user.recorded.words == [LISTS[SHORT[0]], " ".join(SHORT)]
    assert lists(user, *SHORT) == 0


def test_a_proxy_that_never_answers_for_what_the_call_does_not_need_is_not_even_asked(user, proxy):
    needing(user)
    proxy.breaks = [Break("stall", ZIP, ALWAYS)]
    assert lists(user, "test", "./part00") == 1
    assert proxy.count(ZIP) == 0
