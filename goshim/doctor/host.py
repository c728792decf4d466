"""The machine as doctor asks it: more kinds of questions, and each answer kept. A record of them is the machine.

Every answer is made of what JSON knows, of bytes and of tuples; what can't be asked raises UnreadableError. An answer
is taken once: whoever asks again gets the same, as from a record.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from goshim.encoding import to_bytes, to_text
from goshim.facts.host import Answer, Host, Question, UnreadableError
from goshim.secrets import printable

COMMAND_LIMIT_S = 5.0
OUTPUT_LIMIT_BYTES = 1 << 20


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

    def __init__(self, environment: Mapping[str, str], directory: str, root: str = "") -> None:
        """As of Host."""
        super().__init__(environment, directory, root)
        self.answers: dict[Question, Answer | UnreadableError] = {}
        self._lock = threading.Lock()
        self._asking = threading.local()

    def ask(self, kind: str, subject: str) -> Answer:
        """Ask once, and keep the answer. Raises UnreadableError."""
        self.collect({(kind, subject)})
        with self._lock:
            known = (kind, subject) in self.answers
        if not known:
            answer: Answer | UnreadableError
            try:
                answer = super().ask(kind, subject)
            except UnreadableError as error:
                answer = error
            except OSError as error:
                answer = UnreadableError(
                    f"{printable(subject)}: {(error.strerror or str(error) or 'unreadable').lower()}"
                )
            with self._lock:
                self.answers.setdefault((kind, subject), answer)
        answer = self.answers[kind, subject]
        if isinstance(answer, UnreadableError):
            raise UnreadableError(*answer.args)
        return answer

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
        """What `module.function` of goshim/doctor/probes measures: made of what JSON knows. Raises UnreadableError."""
        return self.ask("probe", json.dumps([name, subject]))

    # What a Host answers without a question becomes one here.

    def mountinfo(self) -> str:
        """The mount table."""
        return self.text("/proc/self/mountinfo")

    def program(self, process: int) -> str:
        """The program that a process runs."""
        return self.ask("program", str(process))  # type: ignore[return-value]

    def run(self, command: tuple[str, ...], without: str, extra: Mapping[str, str]) -> bytes | None:
        """What a command prints; None if it fails."""
        gone = dict.fromkeys(self.names(without))
        done = self.command(command, {**gone, **extra})
        return done.output if done.code == 0 else None

    def _program(self, subject: str) -> str:
        return super().program(int(subject))

    def _status(self, path: str) -> dict[str, Any] | None:
        try:
            found = os.lstat(self._at(path))
        except (FileNotFoundError, NotADirectoryError):
            return None
        letters = {0o10: "p", 0o02: "c", 0o04: "d", 0o06: "b", 0o12: "l", 0o14: "s"}
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
        module, _, function = name.partition(".")
        return getattr(import_module(f"goshim.doctor.probes.{module}"), function)(self, of)

    def _command(self, subject: str) -> dict[str, Any]:
        words, variables, directory, limit_s = json.loads(subject)
        environment = {**self._environment, **variables}
        began_ns = time.time_ns()
        code, output, errors, error = _run(words, environment, self._root + directory, limit_s)
        return {
            "code": code,
            "output": output,
            "errors": errors,
            "error": error,
            "began_ns": began_ns,
            "ended_ns": time.time_ns(),
        }


def _run(
    words: Sequence[str], environment: Mapping[str, str | None], directory: str, limit_s: float
) -> tuple[int | None, bytes, bytes, str]:
    try:
        process = subprocess.Popen(
            [to_bytes(word) for word in words],
            env={to_bytes(name): to_bytes(value) for name, value in environment.items() if value is not None},
            cwd=to_bytes(directory),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # so that all it starts can be ended with it
        )
    except OSError as error:
        return None, b"", b"", (error.strerror or "could not be started").lower()
    with process:
        try:
            output, errors = process.communicate(timeout=limit_s)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
            return None, b"", b"", f"no answer within {limit_s:g} s"
    return process.returncode, output[:OUTPUT_LIMIT_BYTES], errors[:OUTPUT_LIMIT_BYTES], ""
