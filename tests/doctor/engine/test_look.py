"""Facts are worked out once, whoever asks, and carry what they were worked out from."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from goshim.doctor.engine.look import Look, UnknownError
from tests.doctor.described import look_at
from tests.machine import FolderMachine

THREADS = 8


def together(ask: Callable[[], Any]) -> list[Any]:
    """What `ask` gives, or raises, in several threads that begin at the same time."""
    start = threading.Barrier(THREADS)
    gave: list[Any] = []

    def run() -> None:
        start.wait()
        try:
            gave.append(ask())
        except Exception as error:  # noqa: BLE001
            gave.append(error)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return gave


def test_a_fact_is_worked_out_once_although_eight_threads_ask(machine: FolderMachine):
    calls = []

    def fact(look: Look) -> object:
        calls.append(look)
        time.sleep(0.05)
        return object()

    look = look_at(machine)
    gave = together(lambda: look(fact))
    assert len(calls) == 1
    assert len(set(gave)) == 1


@pytest.mark.parametrize("error", [UnknownError("no word of it"), ZeroDivisionError("a bug")], ids=["unknown", "bug"])
def test_a_fact_that_raises_raises_the_same_for_all(machine: FolderMachine, error):
    calls = []

    def fact(look: Look) -> None:
        calls.append(look)
        time.sleep(0.05)
        raise error

    look = look_at(machine)
    assert together(lambda: look(fact)) == [error] * THREADS
    assert len(calls) == 1
    with pytest.raises(type(error)):
        look(fact)


@pytest.mark.parametrize("raises", [False, True])
def test_whoever_asks_for_a_fact_is_told_what_is_behind_it(machine: FolderMachine, raises):
    def below(look: Look) -> bool:
        time.sleep(0.02)
        return look.host.exists("/below")

    def fact(look: Look) -> str:
        look(below)
        text = look.host.text("/above")
        if raises:
            raise UnknownError(text)
        return text

    look = look_at(machine)

    def ask() -> set[tuple[str, str]]:
        with look.host.collecting() as asked, contextlib.suppress(UnknownError):
            look(fact)
        return asked

    assert together(ask) == [{("exists", "/below"), ("read", "/above")}] * THREADS


def test_what_another_asks_meanwhile_is_no_cause(machine: FolderMachine):
    look = look_at(machine)
    with look.host.collecting() as outer:
        look.host.exists("/a")
        with look.host.collecting() as inner:
            look.host.exists("/b")
    assert inner == {("exists", "/b")}
    assert outer == {("exists", "/a"), ("exists", "/b")}
