"""What a look into PATH costs, and what is there, measured on the real machine."""

from __future__ import annotations

import json
import os
import time

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.subjects.path import probes as lookups


def test_each_absolute_entry_is_measured_in_its_order(tmp_path):
    entries = [str(tmp_path), "/nowhere", "/bin"]
    host = DoctorHost({"PATH": ":".join([entries[0], "", "relative", *entries[1:]])}, "/")
    answer = lookups.cost(host, "")
    assert [entry for entry, _ in answer["taken"]] == entries
    assert all(0 < cost_ns < 100_000_000 for _, cost_ns in answer["taken"])
    assert answer["left"] == 0


def test_without_a_path_nothing_is_measured():
    assert lookups.cost(DoctorHost({}, "/"), "") == {"taken": [], "left": 0}


def test_entries_of_any_bytes_can_be_looked_into(tmp_path):
    os.mkdir(os.fsencode(tmp_path) + b"/\xff")
    answer = lookups.cost(DoctorHost({"PATH": f"{tmp_path}/\udcff:/nul\0"}, "/"), "")
    assert len(answer["taken"]) == 2


def test_a_slow_entry_leaves_the_rest_unmeasured(monkeypatch):
    monkeypatch.setattr(lookups, "LIMIT_S", 0.02)
    monkeypatch.setattr(lookups, "_look_ns", lambda _path: time.sleep(0.02) or 20_000_000)
    answer = lookups.cost(DoctorHost({"PATH": "/slow:/b:/c"}, "/"), "")
    assert answer == {"taken": [["/slow", 20_000_000]], "left": 2}


def test_only_executable_files_of_exactly_that_name_are_held(tmp_path):
    for name, mode in {"npm": 0o755, "find.exe": 0o755, "gcc": 0o644}.items():
        (tmp_path / name).touch(mode)
        (tmp_path / name).chmod(mode)
    (tmp_path / "git").mkdir()
    asked = [[str(tmp_path), ["npm", "find", "gcc", "git"]], ["/nowhere", ["npm"]]]
    assert lookups.held(DoctorHost({}, "/"), json.dumps(asked)) == {"found": [[str(tmp_path), ["npm"]]], "left": 0}


def test_directories_that_come_too_late_are_told(monkeypatch):
    monkeypatch.setattr(lookups, "LIMIT_S", 0.0)
    asked = json.dumps([["/a", ["npm"]], ["/b", ["npm"]]])
    assert lookups.held(DoctorHost({}, "/"), asked) == {"found": [], "left": 2}
