"""The machine as doctor asks it: more kinds of questions, and each answer kept. A record of them is the machine.

Every answer is made of what JSON knows, of bytes and of tuples; what can't be asked raises UnreadableError. An answer
is taken once: whoever asks again gets the same, as from a record.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goshim.base.encoding import to_text
from goshim.base.terminal import printable
from goshim.doctor.all_probes import PROBES
from goshim.doctor.engine.commands import Commands, read_all
from goshim.facts.command import Limits
from goshim.facts.host import Answer, Host, Question, UnreadableError

COMMAND_LIMIT_S = 5.0


@dataclass(frozen=True)
class Status:
    """What stat(2) says, of a link itself: the first letter of `ls -l` (`-dlpsbc`), permissions, owner, size, times."""

    kind: str
    mode: int
    owner: int
    group: int
    size_bytes: int
    changed_ns: int
    inode: int
    device: int


@dataclass(frozen=True)
class Done:
    """How a command went: `code` is None if it could not be started or took too long, and `error` then says why.

    The times are of the wall clock, before its start and after its end.
    """

    code: int | None
    output: bytes
    errors: bytes
    error: str
    began_ns: int
    ended_ns: int


class DoctorHost(Host):
    """A Host whose answers are kept, and which tells who asked what."""

    is_record = False

    def __init__(self, environment: Mapping[str, str], directory: str, root: str = "") -> None:
        """As of Host."""
        super().__init__(environment, directory, root)
        self.answers: dict[Question, Answer | UnreadableError] = {}
        self._lock = threading.Lock()
        self._gates: dict[Question, threading.Lock] = {}
        self._asking = threading.local()
        self._commands = Commands()

    def ask(self, kind: str, subject: str) -> Answer:
        """Ask once, and keep the answer. Raises UnreadableError."""
        self.collect({(kind, subject)})
        with self._lock:
            gate = self._gates.setdefault((kind, subject), threading.Lock())
        with gate:  # who asks the same meanwhile waits: a command is run once
            if (kind, subject) not in self.answers:
                self.answers[kind, subject] = self._answered(kind, subject)
        answer = self.answers[kind, subject]
        if isinstance(answer, UnreadableError):
            raise UnreadableError(*answer.args)
        return answer

    def _answered(self, kind: str, subject: str) -> Answer | UnreadableError:
        try:
            return super().ask(kind, subject)
        except UnreadableError as error:
            return error
        except OSError as error:
            if kind == "probe":
                return UnreadableError(error.strerror or str(error) or "why is not known")
            reason = (error.strerror or str(error) or "unreadable").lower()
        except ValueError as error:
            # what was read somewhere may hold a NUL, or half of a character: no file and no program is named so
            if not isinstance(error, UnicodeEncodeError) and "\0" not in subject and "\\u0000" not in subject:
                raise
            reason = "no such name can be"
        return UnreadableError(f"{printable(subject)}: {reason}")

    def forget(self, path: str) -> None:
        """Keep nothing of what was read from path: a record has it as an empty file."""
        self.answers["read", path] = b""

    @contextlib.contextmanager
    def collecting(self) -> Iterator[set[Question]]:
        """A set of what this thread asks meanwhile."""
        collectors = self._collectors()
        collectors.append(set())
        try:
            yield collectors[-1]
        finally:
            asked = collectors.pop()
            self.collect(asked)

    def collect(self, questions: set[Question] | frozenset[Question]) -> None:
        """Count these as asked by who asks now."""
        for collector in self._collectors():
            collector.update(questions)

    def _collectors(self) -> list[set[Question]]:
        if not hasattr(self._asking, "collectors"):
            self._asking.collectors = []
        return self._asking.collectors  # type: ignore[no-any-return]

    # Kinds of questions that only doctor has.

    def status(self, path: str) -> Status | None:
        """What stat(2) says of path itself, links not followed; None where nothing is. Raises UnreadableError."""
        answer: Any = self.ask("status", path)
        return None if answer is None else Status(**answer)

    def link(self, path: str) -> str | None:
        """What a symlink holds; None where there is no link."""
        return self.ask("link", path)  # type: ignore[return-value]

    def entries(self, path: str) -> tuple[str, ...]:
        """The names in a directory, sorted; none where there is no directory. Raises UnreadableError."""
        return self.ask("entries", path)  # type: ignore[return-value]

    def writable(self, path: str) -> bool:
        """Whether access(2) lets us write there."""
        return self.ask("writable", path)  # type: ignore[return-value]

    def lines(self, path: str, pattern: str) -> tuple[tuple[int, str], ...]:
        """The lines of a file in which a regular expression is found, with their numbers, counted from 1.

        For files, such as start files, of which the rest is nobody's business: a record holds these lines alone.
        """
        answer: Any = self.ask("lines", json.dumps([path, pattern]))
        return tuple((number, text) for number, text in answer)

    def now_ns(self) -> int:
        """The wall clock, in nanoseconds since 1970, when it was first asked for."""
        return self.ask("now", "")  # type: ignore[return-value]

    def command(
        self,
        words: Sequence[str],
        variables: Mapping[str, str | None] | None = None,
        *,
        directory: str = "/",
        limit_s: float = COMMAND_LIMIT_S,
    ) -> Done:
        """How a command goes. Its environment is the caller's with `variables` laid over it, None for unset.

        It gets no input, and is killed with all it started after `limit_s`.
        """
        subject = [list(words), dict(sorted((variables or {}).items())), directory, limit_s]
        answer: Any = self.ask("command", json.dumps(subject))
        return Done(**answer)

    def probe(self, name: str, subject: str = "") -> Any:
        """What a probe of goshim/doctor/all_probes.py measures: made of what JSON knows. Raises UnreadableError."""
        return self.ask("probe", json.dumps([name, subject]))

    def end_commands(self) -> None:
        """End the commands that still run, and those to come: nobody waits for them any longer."""
        self._commands.end_all()

    @contextlib.contextmanager
    def started(
        self,
        words: Sequence[str],
        variables: Mapping[str, str | None] | None = None,
        directory: str = "/",
        **streams: Any,
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A running command, for a probe that talks with it. It ends, with all it started, with this block, or doctor.

        It has no input and its output goes nowhere, unless `streams` (as of subprocess.Popen) say otherwise. Raises
        OSError.
        """
        merged = {**self._environment, **(variables or {})}
        environment = {name: value for name, value in merged.items() if value is not None}
        with self._commands.start(words, environment, self._root + directory, **streams) as process:
            yield process

    # What a Host answers without a question becomes one here.

    def mountinfo(self) -> str:
        """The mount table."""
        return self.text("/proc/self/mountinfo")

    def resolved(self, path: str) -> str:
        """What path resolves to."""
        return self.real(path)

    def program(self, process: int) -> str:
        """The program that a process runs."""
        return self.ask("program", str(process))  # type: ignore[return-value]

    def peek(self, path: str) -> bytes | None:
        """All bytes of a regular file: as `read`. Raises UnreadableError."""
        return self.read(path)

    def hour(self) -> str:
        """Nothing: what doctor finds is not kept for later calls."""
        return ""

    def is_odd(self, path: str) -> bool:
        """Whether path is there and no regular file. Raises UnreadableError."""
        status = self.status(path)
        while status is not None and status.kind == "l":
            path = self.real(path)
            status = self.status(path)
        return status is not None and status.kind != "-"

    def run(self, words: tuple[str, ...], without: str, extra: Mapping[str, str], limits: Limits) -> bytes | None:
        """What a command prints, up to a limit; None if it fails or takes too long."""
        gone = dict.fromkeys(self.names(without))
        done = self.command(words, {**gone, **extra}, limit_s=limits.time_s)
        return done.output[: limits.output_bytes] if done.code == 0 else None

    def _program(self, subject: str) -> str:
        return super().program(int(subject))

    def _status(self, path: str) -> dict[str, Any] | None:
        try:
            found = os.lstat(self._at(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        letters = {0o01: "p", 0o02: "c", 0o04: "d", 0o06: "b", 0o12: "l", 0o14: "s"}
        return {
            "kind": letters.get(found.st_mode >> 12, "-"),
            "mode": found.st_mode & 0o7777,
            "owner": found.st_uid,
            "group": found.st_gid,
            "size_bytes": found.st_size,
            "changed_ns": found.st_mtime_ns,
            "inode": found.st_ino,
            "device": found.st_dev,
        }

    def _link(self, path: str) -> str | None:
        try:
            return to_text(os.readlink(self._at(path))).removeprefix(self._root)
        except OSError:
            return None

    def _entries(self, path: str) -> tuple[str, ...]:
        try:
            return tuple(sorted(map(to_text, os.listdir(self._at(path)))))
        except (FileNotFoundError, NotADirectoryError):
            return ()

    def _writable(self, path: str) -> bool:
        return os.access(self._at(path), os.W_OK)

    def _lines(self, subject: str) -> tuple[tuple[int, str], ...]:
        import re

        path, pattern = json.loads(subject)
        found = re.compile(pattern)
        lines = to_text(self._read(path) or b"").split("\n")
        return tuple((number, line) for number, line in enumerate(lines, 1) if found.search(line))

    def _now(self, _subject: str) -> int:
        return time.time_ns()

    def _probe(self, subject: str) -> Any:
        from importlib import import_module

        name, of = json.loads(subject)
        module, _, function = PROBES[name].partition(":")
        answer = getattr(import_module(module), function)(self, of)
        return json.loads(json.dumps(answer))  # now as later: a tuple would come out of a record as a list

    def _command(self, subject: str) -> dict[str, Any]:
        words, variables, directory, limit_s = json.loads(subject)
        code, output, errors, error = None, b"", b"", ""
        began_ns = time.time_ns()
        try:
            pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            with self.started(words, variables, directory, **pipes) as process:
                output, errors = read_all(process, limit_s)
            code = process.returncode
        except subprocess.TimeoutExpired:
            error = f"no answer within {limit_s:g} s"
        except OSError as fault:
            error = (fault.strerror or "could not be started").lower()
        return {
            "code": code,
            "output": output,
            "errors": errors,
            "error": error,
            "began_ns": began_ns,
            "ended_ns": time.time_ns(),
        }
