"""A look at a machine: facts, each worked out at most once, and what they were worked out from."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.facts.host import Question

Value = TypeVar("Value")


class UnknownError(Exception):
    """A fact that could not be had. The text is the reason, as a person may read it."""


@dataclass(frozen=True)
class Options:
    """What the user allows a look to do."""

    windows: bool = True
    network: bool = False


class Look:
    """Gives facts: `look(fact)` is the value of a function of a facts module, which takes this Look.

    Facts are asked for from several threads. Each is worked out once, in the thread that asks first; one that raises
    raises the same for all.
    """

    def __init__(self, host: DoctorHost, options: Options | None = None) -> None:
        """Look at the machine that `host` answers for."""
        self.host = host
        self.options = options or Options()
        self._known: dict[Callable[[Look], Any], Future[Any]] = {}
        self._causes: dict[Callable[[Look], Any], frozenset[Question]] = {}
        self._lock = threading.Lock()

    def __call__(self, fact: Callable[[Look], Value]) -> Value:
        """The fact's value. Raises UnknownError where the fact does."""
        with self._lock:
            found = self._known.get(fact)
            is_new = found is None
            known: Future[Any] = found or Future()
            self._known[fact] = known
        if is_new:
            with self.host.collecting() as asked:
                try:
                    value = fact(self)
                except BaseException as error:  # noqa: BLE001 - it is raised below, for this and each later caller
                    self._causes[fact] = frozenset(asked)
                    known.set_exception(error)
                else:
                    self._causes[fact] = frozenset(asked)
                    known.set_result(value)
        try:
            return known.result()  # type: ignore[no-any-return]
        finally:
            self.host.collect(self._causes.get(fact, frozenset()))
