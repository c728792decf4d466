from __future__ import annotations

import os
import signal

import pytest

from goshim.watch.supervisor import Supervisor
from tests.watch.made import in_child, make_call, until

BELOW = """
sh -c 'sleep 60 & echo $! >"$0/grandchild"; echo $$ >"$0/child"; wait' . &
wait
"""


@pytest.fixture
def go(tmp_path, monkeypatch):
    """Makes a call of a script in the place of go, of which nothing is shown."""
    monkeypatch.chdir(tmp_path)

    def made(script):
        path = tmp_path / "go"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return make_call(go=str(path), directory=tmp_path).instead(["list"], str(tmp_path))

    return made


def is_gone(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat", encoding="ascii") as file:
            return file.read().rpartition(") ")[2][0] == "Z"
    except OSError:
        return True


def test_what_is_ended_for_standing_still_is_ended_with_all_below_it(go, tmp_path):
    call = go(BELOW)
    names = [tmp_path / "child", tmp_path / "grandchild"]

    def run() -> int:
        looked = lambda _: all(each.exists() for each in names)  # noqa: E731 - no more than that
        return Supervisor().run(call, relay=None, look=looked).code

    assert in_child(run) == -signal.SIGTERM
    assert until(lambda: all(is_gone(int(each.read_text())) for each in names))


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGUSR2])
def test_what_does_nothing_to_go_is_passed_on_and_ends_nothing(go, number):
    call = go(f"trap 'got=1' {number}; kill -{number} $PPID; for n in 1 2 3 4 5; do sleep 0.1; done; exit 7$got")

    def run() -> tuple[int, int]:
        supervisor = Supervisor()
        code = supervisor.run(call, relay=None).code
        os.kill(os.getpid(), number)  # while nothing is held back
        return code, supervisor.forwarded

    assert in_child(run) == (71, 0)


def test_a_fault_of_ours_does_not_end_a_call_of_which_only_the_listing_went_well(go):
    call = go("echo unseen >&2; exit 0")

    def fail(_: bytes) -> bytes:
        raise ValueError

    def run() -> str:
        try:
            Supervisor().run(call, relay=fail)
        except ValueError:
            return "the call can be made"
        return ""

    assert in_child(run) == "the call can be made"
