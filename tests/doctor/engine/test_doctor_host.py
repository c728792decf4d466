"""What doctor asks a machine: each once, with a limit, and nothing is left running."""

from __future__ import annotations

import os
import sys
import threading
import time
import types
from pathlib import Path
from typing import Any

import pytest

from goshim.doctor.all_probes import PROBES
from goshim.doctor.engine import commands
from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.facts.host import UnreadableError
from tests.doctor.engine.test_look import together
from tests.machine import FolderMachine

SHELL = "/bin/sh"
LIMIT_S = 0.5


@pytest.fixture
def asked(machine: FolderMachine) -> DoctorHost:
    return DoctorHost({"HOME": "/home/me", "PATH": "/usr/bin:/bin", "SAMPLE": "was"}, "/home/me", machine.root)


@pytest.fixture
def here() -> DoctorHost:
    """The machine that the test runs on: a folder has no shell."""
    return DoctorHost({"PATH": "/usr/bin:/bin", "SAMPLE": "was"}, "/")


def is_alive(process: int) -> bool:
    """Whether it runs: who has ended is a zombie until its parent asks for it."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def wait_until(is_so: Any, limit_s: float = 20) -> bool:
    end_s = time.monotonic() + limit_s
    while time.monotonic() < end_s:
        if is_so():
            return True
        time.sleep(0.02)
    return False


def test_an_answer_is_taken_once(asked: DoctorHost, machine: FolderMachine):
    machine.write("/f", "before")
    machine.directory("/d")
    first = (asked.read("/f"), asked.entries("/d"), asked.status("/g"), asked.now_ns())
    machine.write("/f", "after")
    machine.write("/d/new", "")
    machine.write("/g", "")
    assert (
        (asked.read("/f"), asked.entries("/d"), asked.status("/g"), asked.now_ns())
        == first
        == (b"before", (), None, first[3])
    )


def test_what_cannot_be_read_stays_so_and_says_why(asked: DoctorHost, machine: FolderMachine):
    machine.directory("/d")
    for _ in range(2):
        with pytest.raises(UnreadableError, match="/d: a directory, not a regular file"):
            asked.read("/d")
    os.rmdir(machine.at("/d"))
    with pytest.raises(UnreadableError):
        asked.read("/d")


def test_kinds_of_questions_that_only_doctor_has(asked: DoctorHost, machine: FolderMachine):
    machine.write("/d/file", "#one\nPATH=x\ntwo\nPATH=\xff\r\n".encode("latin-1"))
    machine.at("/d/file").chmod(0o640)
    machine.link("/d/link", "/d/file")
    os.mkfifo(machine.at("/d/pipe"))
    status = asked.status("/d/file")
    assert status is not None
    assert (status.kind, status.mode, status.size_bytes) == ("-", 0o640, 24)
    kinds = {"/d": "d", "/d/link": "l", "/d/pipe": "p", "/d/file/x": None, "/no": None}
    assert {path: getattr(asked.status(path), "kind", None) for path in kinds} == kinds
    assert asked.link("/d/link") == "/d/file"
    assert asked.link("/d/file") is asked.link("/no") is None
    assert asked.entries("/d") == ("file", "link", "pipe")
    assert asked.entries("/no") == asked.entries("/d/file") == ()
    assert asked.lines("/d/file", "^PATH=") == ((2, "PATH=x"), (4, "PATH=\udcff\r"))
    assert asked.lines("/no", "x") == ()
    assert asked.writable("/d/file")
    assert not asked.writable("/no")


@pytest.mark.parametrize("path", ["/a\0b", "/\ud800"], ids=ascii)
def test_a_name_that_no_file_can_have_is_unreadable_and_no_fault(asked: DoctorHost, here: DoctorHost, path):
    for ask in (asked.read, asked.status, asked.entries):
        with pytest.raises(UnreadableError):
            ask(path)
    with pytest.raises(UnreadableError):
        here.command([SHELL, "-c", path])


def test_what_was_forgotten_is_in_no_record(asked: DoctorHost, machine: FolderMachine):
    machine.write("/f", "private")
    asked.read("/f")
    asked.forget("/f")
    assert asked.answers == {("read", "/f"): b""}


def test_a_command_tells_how_it_went(here: DoctorHost):
    done = here.command([SHELL, "-c", "echo out; echo err >&2; exit 3"])
    assert (done.code, done.output, done.errors, done.error) == (3, b"out\n", b"err\n", "")
    assert 0 < done.began_ns <= done.ended_ns


def test_a_command_has_the_callers_environment_with_what_was_laid_over_it(here: DoctorHost):
    done = here.command([SHELL, "-c", "env; pwd; cat"], {"MORE": "\udcff", "PATH": None}, directory="/usr")
    lines = done.output.splitlines()
    assert b"SAMPLE=was" in lines
    assert b"MORE=\xff" in lines
    assert not any(line.startswith(b"PATH=") for line in lines)
    assert lines[-1] == b"/usr"


def test_a_command_is_run_once_although_eight_threads_ask(here: DoctorHost, tmp_path: Path):
    words = [SHELL, "-c", f"echo x >> '{tmp_path}/ran'; sleep 0.1; echo $$"]
    assert len(set(together(lambda: here.command(words)))) == 1
    assert (tmp_path / "ran").read_text() == "x\n"


@pytest.mark.parametrize(
    ("words", "directory", "reason"),
    [
        (["/no/such/program"], "/", "no such file or directory"),
        (["/etc/passwd"], "/", "permission denied"),
        ([SHELL], "/no/such/directory", "no such file or directory"),
    ],
)
def test_a_command_that_cannot_be_started_says_why(here: DoctorHost, words, directory, reason):
    done = here.command(words, directory=directory)
    assert (done.code, done.output, done.error) == (None, b"", reason)


@pytest.mark.parametrize(
    "script", ["sleep 60 & sleep 60", "trap '' TERM INT HUP; sleep 60 & echo; wait; sleep 60", "sleep 60 &"]
)
def test_a_command_is_killed_with_all_it_started_after_its_limit(here: DoctorHost, tmp_path: Path, script):
    began_s = time.monotonic()
    told = f"{script.replace('&', f'& echo $! >> {tmp_path}/ids;', 1)}"
    done = here.command([SHELL, "-c", f"echo $$ >> {tmp_path}/ids; {told}"], limit_s=LIMIT_S)
    assert time.monotonic() - began_s < 20
    assert (done.code, done.error) == (None, "no answer within 0.5 s")
    ids = list(map(int, (tmp_path / "ids").read_text().split()))
    assert len(ids) == 2
    assert wait_until(lambda: not any(map(is_alive, ids)))


def test_a_command_that_prints_without_end_is_bounded_in_memory_and_time(here: DoctorHost):
    import resource

    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    done = here.command([SHELL, "-c", "head -c 100000000 /dev/zero; echo end >&2"], limit_s=60)
    assert (done.code, done.errors) == (0, b"end\n")
    assert done.output == bytes(commands.OUTPUT_LIMIT_BYTES)
    assert here.command(["/usr/bin/yes"], limit_s=LIMIT_S).error == "no answer within 0.5 s"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 30_000


def test_when_the_look_is_over_no_command_runs_and_none_begins(here: DoctorHost, tmp_path: Path):
    answers: list[Any] = []
    words = [SHELL, "-c", f"echo $$ > {tmp_path}/id; sleep 60"]
    thread = threading.Thread(target=lambda: answers.append(here.command(words, limit_s=50)))
    thread.start()
    assert wait_until(lambda: (tmp_path / "id").exists() and (tmp_path / "id").read_text().strip())
    here.end_commands()
    thread.join(20)
    assert not thread.is_alive()
    assert answers[0].code == -9
    assert not is_alive(int((tmp_path / "id").read_text()))
    assert here.command([SHELL, "-c", "sleep 60"], limit_s=50).code is None


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A module with a probe, `sample.measure`."""
    module = types.ModuleType("sample_of_a_probe")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(PROBES, "sample.measure", f"{module.__name__}:measure")
    return module


def test_a_probe_gives_now_what_a_record_gives_later(asked: DoctorHost, probe):
    probe.measure = lambda host, subject: {"of": subject, "pair": (1, 2), "there": host.exists("/")}
    assert asked.probe("sample.measure", "x") == {"of": "x", "pair": [1, 2], "there": True}


def test_a_probe_that_cannot_be_made_is_unreadable_with_its_reason(asked: DoctorHost, probe):
    def measure(_host: Any, _subject: str) -> None:
        raise OSError("the disk is full of eels")

    probe.measure = measure
    with pytest.raises(UnreadableError, match="the disk is full of eels"):
        asked.probe("sample.measure")


def test_a_bug_in_a_probe_is_no_reason(asked: DoctorHost, probe):
    probe.measure = lambda _host, _subject: int("x")
    with pytest.raises(ValueError, match="invalid literal"):
        asked.probe("sample.measure")
