"""Probes of clocks, with programs that stand for powershell.exe, and processes made out of folders."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path

import pytest

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.subjects.clock import probes as clock
from goshim.facts.host import UnreadableError

ANSWERING = "while read -r; do echo $(($(date +%s%3N) + AHEAD_MS)); done"


def powershell(folder: Path, script: str) -> str:
    path = folder / "powershell.exe"
    path.write_text(f"#!/bin/bash\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def asked(path: str) -> list[list[int]]:
    return clock.windows(DoctorHost({}, "/"), path)


def running(mark: str) -> bool:
    words = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it has ended
            words.append(path.read_bytes())
    return any(mark.encode() in each for each in words)


@pytest.mark.parametrize("ahead_ms", [0, 90_000, -7_200_000])
def test_a_clock_is_measured_to_within_its_own_error_bar(tmp_path: Path, ahead_ms: int):
    samples = asked(powershell(tmp_path, ANSWERING.replace("AHEAD_MS", f"({ahead_ms})")))
    asked_ns, took_ns, answer_ms = min(samples, key=lambda sample: sample[1])
    assert len(samples) == clock.SAMPLES
    assert abs(answer_ms - ahead_ms - (asked_ns + took_ns / 2) / 1e6) <= took_ns / 2e6 + 1


def test_lines_that_are_no_time_are_passed_over(tmp_path: Path):
    script = r"printf '\xef\xbb\xbfWARNUNG: \xfc\r\n'; while read -r; do printf '%s\r\n' 1795000000000; done"
    assert [answer_ms for _, _, answer_ms in asked(powershell(tmp_path, script))] == [1795000000000] * clock.SAMPLES


def test_a_time_in_utf_16_is_understood(tmp_path: Path):
    script = r"while read -r; do printf '1795000000000\r\n' | sed 's/./&\x00/g'; done"
    assert asked(powershell(tmp_path, script))[0][2] == 1795000000000


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("echo 'Die Ausf\xfchrung ist gesperrt.'", "told no time before it ended; it said: "),
        ("while read -r; do echo no; done", "told no time within 0.5 s; it said: no"),
        ("sleep 60 & sleep 60", "told no time within 0.5 s"),
        ("yes | tr -d '\\n'", "told no time but rubbish; it said: yyy"),
        ("exit 1", "told no time before it ended"),
    ],
)
def test_whatever_powershell_does_instead_the_reason_is_told_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, reason: str
):
    monkeypatch.setattr(clock, "LIMIT_S", 0.5)
    path = powershell(tmp_path, script)
    began_s = time.monotonic()
    with pytest.raises(UnreadableError, match=reason):
        asked(path)
    assert time.monotonic() - began_s < 2
    assert not running(path)


def test_answers_that_are_slow_count_as_far_as_they_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clock, "LIMIT_S", 0.8)
    samples = asked(powershell(tmp_path, "while read -r; do sleep 0.3; echo 1795000000000; done"))
    assert 1 <= len(samples) <= 2
    assert all(took_ns > 0.25e9 for _, took_ns, _ in samples)


def test_a_powershell_that_is_not_there_or_may_not_be_run_is_told(tmp_path: Path):
    with pytest.raises(UnreadableError, match="can't be started: no such file or directory"):
        asked(str(tmp_path / "powershell.exe"))
    path = powershell(tmp_path, "")
    Path(path).chmod(0o644)
    with pytest.raises(UnreadableError, match="can't be started: permission denied"):
        asked(path)


def process(folder: Path, number: int, name: str, **files: str) -> None:
    directory = folder / str(number)
    directory.mkdir()
    usual = {
        "status": f"Name:\t{name}\nNSpid:\t{number}\n",
        "cmdline": f"/usr/sbin/{name}\0",
        "cgroup": "0::/init.scope\n",
    }
    for file, text in {"comm": f"{name}\n", **usual, **files}.items():
        (directory / file).write_text(text, encoding="utf-8")


def daemons(folder: Path) -> list[tuple[str, str]]:
    return [(each["name"], each["unit"]) for each in clock.daemons(DoctorHost({}, "/"), str(folder))]


def test_time_daemons_are_found_with_the_units_that_started_them(tmp_path: Path):
    process(tmp_path, 1, "systemd")
    process(tmp_path, 80, "systemd-timesyn", cgroup="0::/system.slice/systemd-timesyncd.service\n")
    process(tmp_path, 700, "ntpd", cgroup="12:pids:/\n0::/\n")
    assert daemons(tmp_path) == [("systemd-timesyncd", "systemd-timesyncd.service"), ("ntpd", "")]


@pytest.mark.parametrize("files", [{"status": "NSpid:\t80\t7\n"}, {"cmdline": "/usr/sbin/chronyd\0-x\0"}])
def test_a_daemon_of_a_container_or_one_that_sets_no_clock_does_not_count(tmp_path: Path, files: dict[str, str]):
    process(tmp_path, 1, "systemd")
    process(tmp_path, 80, "chronyd", **files)
    assert daemons(tmp_path) == []


def test_hidden_processes_are_not_taken_for_none(tmp_path: Path):
    process(tmp_path, 80, "bash")
    with pytest.raises(UnreadableError, match="hidden"):
        daemons(tmp_path)
    with pytest.raises(UnreadableError, match="can't be listed"):
        daemons(tmp_path / "none")


def test_the_kernel_of_this_machine_says_whether_its_clock_is_kept():
    assert clock.kept(DoctorHost({}, "/"), "") in (True, False)


def test_only_what_is_over_a_minute_ahead_is_told_the_latest_first(tmp_path: Path):
    now_s = time.time()
    for name, ahead_s in {"go.mod": -5, "a.go": 30, "b.go": 600, "c.go": 7200, "d.go": 900, "e.go": 86400}.items():
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (now_s + ahead_s, now_s + ahead_s))
    found = clock.ahead(DoctorHost({}, "/"), str(tmp_path))
    assert found["count"] == 4
    assert [name for name, _ in found["latest"]] == ["e.go", "c.go", "d.go"]
    assert found["latest"][1][1] in range(7190, 7201)


def test_a_directory_that_is_not_there_holds_nothing_of_the_future(tmp_path: Path):
    assert clock.ahead(DoctorHost({}, "/"), str(tmp_path / "none")) == {"count": 0, "latest": []}
