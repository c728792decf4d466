"""A watched call, from its first attempt to its end."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence

from goshim.call.arguments import runs_a_program
from goshim.watch import process
from goshim.watch.call import Call
from goshim.watch.supervisor import Ended, Look, Supervisor


def run(words: Sequence[str]) -> None:
    """Run a call that can be run again: where it fails of what passes, it is. Does not return."""
    call = prepare(words)
    if runs_a_program(call.arguments, call.goflags):
        process.become_go(call)
    supervisor = Supervisor()
    ended = attempts(supervisor, call, _telling_why(supervisor, call))
    unexplained = ended.code not in (0, -signal.SIGPIPE) and not ended.said_anything
    if unexplained and not supervisor.forwarded and not call.is_quiet:
        from goshim.watch import words as said

        supervisor.say(said.silent(call, ended.code))
    supervisor.finish(ended)


def prepare(words: Sequence[str]) -> Call:
    """The call that `boot.py watch` was given, in a process fit to be its parent."""
    # What was closed of stdin, stdout and stderr gets a meaning, as go itself gives it one (runtime/fds_unix.go).
    while (spare := os.open(os.devnull, os.O_RDWR)) <= 2:  # noqa: PLR2004
        os.set_inheritable(spare, True)
    os.close(spare)
    return Call.of(words)


def attempts(supervisor: Supervisor, call: Call, look: Look) -> Ended:
    """The last attempt of a call, after as many as it takes."""
    ended = supervisor.run(call, relay=None if call.is_silent else _as_it_comes, look=look)
    if ended.code <= 0 or supervisor.forwarded:
        return ended
    from goshim.base import daily
    from goshim.base.resources import enable_site_packages

    fight = None
    try:
        enable_site_packages()
        from goshim.watch.fight import Fight

        fight = Fight(supervisor, call, ended, look)
        fight.go_on()
    except Exception as error:
        if call.environment.get("GOSHIM_DEBUG"):
            raise
        daily.warn(call.environment, f"{type(error).__name__}: {error}")
    return fight.last.ended if fight else ended


def until_stalled() -> Look:
    """For a call that nobody asked for: it is ended when it stands still."""
    from goshim.watch.stall import Watcher

    return Watcher(lambda _: None).look


def _telling_why(supervisor: Supervisor, call: Call) -> Look:
    """For a call that stands still: it is told what for. The code for that is loaded when there is time for it."""
    looks: list[Look] = []

    def tell(text: str) -> None:
        if not call.is_quiet:
            supervisor.say(f"goshim: {text}\n")

    def look(child: int) -> bool:
        if not looks:
            from goshim.watch.stall import Watcher

            looks.append(Watcher(tell).look)
        looks[0](child)
        return False

    return look


def _as_it_comes(data: bytes) -> bytes:
    return data
