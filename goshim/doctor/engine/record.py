"""The record of a look: every question with its answer, without secrets. A record replays the machine anywhere.

A new fact asks new questions, and needs no new schema: what an older record has no answer for is not known of its
machine.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import stat
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from goshim import PROJECT_FILE, __version__
from goshim.base import atomic_file
from goshim.base.encoding import to_bytes, to_text
from goshim.base.errors import UsageError
from goshim.base.redaction import redact, redact_value
from goshim.base.terminal import printable
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.look import Options
from goshim.doctor.formats import config_text
from goshim.facts.host import READ_LIMIT_BYTES, Answer, Question, UnreadableError

SCHEMA = 1
LIMIT_BYTES = 10 << 20
"""Of a record; the largest seen on a real machine has a tenth of it."""

_LONGEST_READ_BYTES = 1 << 18  # of a file: a clone can bring megabytes of what takes long to be looked through
_LAST_NS = 1 << 63  # in the year 2262; no clock of a machine goes further
_LONGEST_NUMBER = 20

# What a private key begins with in DER, and PKCS #12, but no certificate: a sequence whose first part is a version.
_PRIVATE_DER = re.compile(rb"0(?:[\x00-\x7f]|\x81.|\x82..)\x02\x01[\x00\x01\x03]", re.DOTALL)
_BYTES, _ERROR, _DICT = "$bytes", "$error", "$dict"
_TUPLES = ("names", "glob", "entries")
_IN_JSON = ("command", "probe", "lines")

Answers = Mapping[Question, Answer | UnreadableError]


@dataclass(frozen=True)
class Record:
    """What was asked on a machine, and answered. `taken_ns` is the time in nanoseconds since 1970."""

    goshim: str
    taken_ns: int
    directory: str
    options: Options
    answers: Answers

    def host(self) -> DoctorHost:
        """A host that answers as the machine did, and knows nothing else."""
        return _Replay(self)

    def to_json(self) -> str:
        """The record's text."""
        about = {
            "schema": SCHEMA,
            "goshim": self.goshim,
            "taken_ns": self.taken_ns,
            "directory": self.directory,
            "windows": self.options.windows,
            "network": self.options.network,
        }
        questions = [
            (*question, _encoded(answer)) for question, answer in sorted(self.answers.items(), key=lambda each: each[0])
        ]
        lines = ",\n  ".join(map(json.dumps, questions))  # one a line, so that two records can be compared by any tool
        return f'{json.dumps(about)[:-1]},\n "answers": [\n  {lines}\n]}}\n'


def of(host: DoctorHost, options: Options) -> Record:
    """The record of what `host` was asked until now, without secrets."""
    taken_ns = host.now_ns()
    answers = dict(host.answers)
    return Record(
        __version__,
        taken_ns,
        redact(host.directory),
        options,
        {question(kind, subject): redacted(kind, subject, answer) for (kind, subject), answer in answers.items()},
    )


def question(kind: str, subject: str) -> Question:
    """A question as a record has it."""
    return kind, json.dumps(_cleared(json.loads(subject))) if kind in _IN_JSON else redact(subject)


def save(record: Record, path: str) -> None:
    """Write a record into a file that only its owner can read, or to stdout (`-`). Raises UsageError."""
    try:
        if is_stdout(path):
            _print(record.to_json())
        else:
            atomic_file.put(path, record.to_json().encode("ascii"))
    except OSError as error:
        reason = (error.strerror or "unwritable").lower()
        raise UsageError(
            f"{printable(path)}: {reason}\n  allowed: a new file, a regular file to replace, or - for stdout"
        ) from None


def is_stdout(path: str) -> bool:
    """Whether a path stands for stdout."""
    return path in ("-", "/dev/stdout")


def _print(text: str) -> None:
    if sys.stdout is None:
        raise OSError(errno.EBADF, "stdout is closed")
    sys.stdout.write(text)
    sys.stdout.flush()


def load(path: str) -> Record:
    """Read a record. Raises UsageError where it is none, whatever it is instead."""
    text = _text(path)
    try:
        values = json.loads(text, parse_int=_whole, parse_float=_real, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise _no_record(path, "not whole JSON: it was cut off, or is something else") from None
    if not isinstance(values, dict) or "schema" not in values:
        raise _no_record(path, "JSON, and no record")
    if type(values["schema"]) is not int or values["schema"] != SCHEMA:
        schema = printable(str(values["schema"])[:20])
        raise _no_record(path, f"of schema {schema}, and this goshim reads {SCHEMA}; the goshim that wrote it can")
    if "answers" not in values:
        raise _no_record(path, "JSON, and no record: a report, perhaps")
    try:
        return _record(values)
    except KeyError as error:
        raise _no_record(path, f"damaged: it lacks {error}") from None
    except (TypeError, ValueError, RecursionError) as error:
        raise _no_record(path, f"damaged: {printable(str(error)[:80])}") from None


def _whole(text: str) -> int:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError("a number that no machine has")
    return int(text)


def _real(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError("a number that no machine has")
    return number


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _text(path: str) -> str:
    try:
        file = os.open(to_bytes(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _no_record(path, (error.strerror or "unreadable").lower()) from None
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise _no_record(path, "not a regular file")
    with open(file, "rb") as stream:
        data = stream.read(LIMIT_BYTES + 1)
    if len(data) > LIMIT_BYTES:
        raise _no_record(path, f"over {LIMIT_BYTES >> 20} MiB, which no record is")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise _no_record(path, "not UTF-8") from None


def _no_record(path: str, reason: str) -> UsageError:
    return UsageError(f"{printable(path)}: {reason}\n  allowed: a file that goshim doctor --save wrote")


def _record(values: dict[str, Any]) -> Record:
    answers: dict[Question, Answer | UnreadableError] = {}
    for kind, subject, answer in _of(list, values["answers"]):
        if not (isinstance(kind, str) and isinstance(subject, str)):
            raise TypeError("a question that is no text")
        if (kind, subject) in answers:
            raise ValueError(f"two answers to a question of the kind {kind[:20]}")
        answers[kind, subject] = _checked(kind, _decoded(kind, answer))
    options = Options(_of(bool, values["windows"]), _of(bool, values["network"]))
    directory, taken_ns = _of(str, values["directory"]), _of(int, values["taken_ns"])
    if not _is_time(taken_ns):
        raise ValueError("it was taken at no time")
    return Record(_of(str, values["goshim"]), taken_ns, directory, options, answers)


def _of(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{json.dumps(value)[:40]} is not of type {kind.__name__}")
    return value


def _encoded(answer: Answer | UnreadableError) -> Any:
    if isinstance(answer, UnreadableError):
        return {_ERROR: str(answer)}
    if isinstance(answer, bytes):
        return {_BYTES: to_text(answer)}
    if isinstance(answer, dict):
        encoded = {name: _encoded(value) for name, value in answer.items()}
        return {_DICT: encoded} if len(answer) == 1 and answer.keys() <= {_BYTES, _ERROR, _DICT} else encoded
    return answer


def _decoded(kind: str, answer: Any) -> Any:
    if isinstance(answer, list):
        return tuple(answer) if kind in _TUPLES else _as_lines(answer) if kind == "lines" else answer
    if not isinstance(answer, dict):
        return answer
    if answer.keys() == {_DICT}:
        return {name: _decoded("", value) for name, value in _of(dict, answer[_DICT]).items()}
    if answer.keys() == {_ERROR}:
        return UnreadableError(_of(str, answer[_ERROR]))
    if answer.keys() == {_BYTES}:
        return to_bytes(_of(str, answer[_BYTES]))
    return {name: _decoded("", value) for name, value in answer.items()}


def _is_texts(answer: Any) -> bool:
    return isinstance(answer, tuple) and all(isinstance(each, str) for each in answer)


def _as_lines(answer: list[Any]) -> tuple[tuple[int, str], ...]:
    return tuple((_of(int, number), _of(str, text)) for number, text in answer)


def _is_time(answer: Any) -> bool:
    return isinstance(answer, int) and 0 <= answer < _LAST_NS


def _is_done(answer: Any) -> bool:
    types = {
        "code": (int, type(None)),
        "output": bytes,
        "errors": bytes,
        "error": str,
        "began_ns": int,
        "ended_ns": int,
    }
    return _has(answer, types)


def _is_status(answer: Any) -> bool:
    numbers = ("mode", "owner", "group", "size_bytes", "changed_ns", "inode", "device")
    return answer is None or _has(answer, {"kind": str, **dict.fromkeys(numbers, int)})


def _has(answer: Any, types: Mapping[str, Any]) -> bool:
    return (
        isinstance(answer, dict)
        and answer.keys() == types.keys()
        and all(isinstance(answer[name], kind) for name, kind in types.items())
    )


def _is(*kinds: type[Any]) -> Callable[[Any], bool]:
    return lambda answer: isinstance(answer, kinds)


_NONE = type(None)
_SHAPES: dict[str, Callable[[Any], bool]] = {
    "variable": _is(str, _NONE),
    "names": _is_texts,
    "read": _is(bytes, _NONE),
    "format": _is(str),
    "exists": _is(bool),
    "is_directory": _is(bool),
    "runnable": _is(bool),
    "owner": _is(str),
    "account_home": _is(str),
    "is_fixed": _is(bool),
    "real": _is(str),
    "glob": _is_texts,
    "mount": _is(str),
    "privacy": _is(str),
    "above": _is(str, _NONE),
    "program": _is(str),
    "status": _is_status,
    "link": _is(str, _NONE),
    "entries": _is_texts,
    "writable": _is(bool),
    "lines": _is(tuple),
    "now": _is_time,
    "command": _is_done,
    "probe": lambda _: True,
}
"""What an answer to each kind of question looks like. The rest may rely on it, whoever wrote the record."""


def _checked(kind: str, answer: Any) -> Any:
    if isinstance(answer, UnreadableError):
        return answer
    if kind not in _SHAPES:
        return UnreadableError(f"this goshim knows no questions of the kind {kind[:20]}")
    if not _SHAPES[kind](answer):
        raise TypeError(f"no answer to a question of the kind {kind}")
    if isinstance(answer, (bytes, str)) and len(answer) > READ_LIMIT_BYTES:
        raise TypeError(f"an answer to a question of the kind {kind} that is longer than any can be")
    return answer


_CONFIGS = (f"/{PROJECT_FILE}", "/goshim/config.toml")


def redacted(kind: str, subject: str, answer: Any) -> Any:
    """An answer without what is secret in it, by the shape of each text, or by the name of a variable."""
    if kind == "variable" and answer:
        return redact_value(subject, answer)
    if isinstance(answer, UnreadableError):
        return UnreadableError(redact(str(answer)))
    if kind == "read" and isinstance(answer, bytes) and len(answer) > _LONGEST_READ_BYTES:
        return UnreadableError(f"{len(answer)} bytes, over {_LONGEST_READ_BYTES >> 10} KB, are not recorded")
    if kind == "read" and isinstance(answer, bytes) and subject.endswith(_CONFIGS):
        return to_bytes(config_text.cleared(to_text(answer)))
    return _cleared(answer)


def _cleared(value: Any) -> Any:
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, bytes):
        return _cleared_bytes(value)
    if isinstance(value, (list, tuple)):
        return type(value)(map(_cleared, value))
    if isinstance(value, dict):
        return {
            redact(name): redact_value(name, each) if isinstance(each, str) else _cleared(each)
            for name, each in value.items()
        }
    return value


def _cleared_bytes(data: bytes) -> bytes:
    if _PRIVATE_DER.match(data):
        return b"***"
    is_little = data[1:2] == b"\0" or data.startswith(b"\xff\xfe")
    if is_little or data[:1] == b"\0" or data.startswith(b"\xfe\xff"):  # as Windows writes many a file
        encoding = "utf-16-le" if is_little else "utf-16-be"
        text = data.decode(encoding, "replace")
        return data if (clear := redact(text)) == text else clear.encode(encoding, "replace")
    return to_bytes(redact(to_text(data)))


_USUAL: dict[str, Answer] = {"is_fixed": True, "owner": "ours", "account_home": ""}  # the last is HOME


class _Replay(DoctorHost):
    """A host made of a record. It has no root, no environment and no clock of its own to ask."""

    is_record = True

    def __init__(self, record: Record) -> None:
        super().__init__({}, record.directory)
        self._recorded = {("now", ""): record.taken_ns, **record.answers}

    def ask(self, kind: str, subject: str) -> Answer:
        self.collect({(kind, subject)})
        try:
            answer = self._recorded[question(kind, subject)]
        except KeyError:
            if kind in _USUAL:  # a question that goshims before did not ask
                return _USUAL[kind] or str(self._recorded.get(("variable", "HOME")) or "")
            raise UnreadableError(f"the record does not say ({kind} {printable(subject)[:100]})") from None
        self.answers[kind, subject] = answer
        if isinstance(answer, UnreadableError):
            raise UnreadableError(*answer.args)
        return answer
