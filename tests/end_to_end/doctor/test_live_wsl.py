"""`goshim doctor` as it runs under WSL: what is wrong there is told, can be saved, and is the same elsewhere."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from goshim.doctor.machine import registry
from tests.doctor import reg_exe
from tests.end_to_end.doctor.patient import Told, ask
from tests.end_to_end.doctor.windows import HOURS_MS, PROFILE, answers
from tests.end_to_end.machine import CHECKOUT, COMMAND, LIMIT_S, Result

GOROOT = "C:\\Program Files\\Go"


def outside(user, *words):
    """A call of goshim on this machine, where nothing is as under WSL."""
    command = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), *map(str, words)]
    env = {"HOME": str(user.root / "elsewhere"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run(
        command, env=env, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False
    )
    return Result(done.stdout, done.stderr, done.returncode)


@pytest.fixture
def wsl_conf(wsl2_machine):
    """Writes /etc/wsl.conf of the machine."""
    place = wsl2_machine.at("/etc/wsl.conf")
    yield place.write_text
    place.unlink(missing_ok=True)


@pytest.fixture
def start_file(user):
    """Writes the user's ~/.profile."""
    return (user.home / ".profile").write_text


# What is told.


REGISTRIES = {
    "registry-flags": (answers("0x1"), "warn", "0x1"),
    "default-environment": (
        answers(DefaultEnvironment=(reg_exe.LIST, rf"GOROOT={GOROOT}\0")),
        "info",
        "GOROOT",
    ),
    "registry-folklore": (
        (*answers(), reg_exe.answer(registry.WSL_SERVICE, {"DisableHostClockSync": (reg_exe.WORD, "0x1")}, "/s")),
        "info",
        "DisableHostClockSync",
    ),
    "distribution-flags": (
        (*answers(), reg_exe.answer(registry.LXSS_MANAGER, {"DistributionFlags": (reg_exe.WORD, "0xd")}, "/s")),
        "info",
        "Windows PATH",
    ),
}


@pytest.mark.parametrize("check", REGISTRIES)
def test_what_the_registry_says_is_decoded(user, windows, check):
    answer, status, word = REGISTRIES[check]
    windows.registry(*answer)
    told = ask(user)
    assert told.status(check) == status
    assert word in told.text(check)


def test_the_environment_of_windows_is_told_with_its_way_here(user):
    env = {"WSLENV": "GOROOT:CGO_ENABLED", "GOROOT": GOROOT, "CGO_ENABLED": ""}
    told = ask(user, env=env)
    assert "GOROOT" in told.text("wslenv-imports")
    assert "CGO_ENABLED" in told.text("wslenv-imports")
    assert told.status("goroot-mismatch") == "info"  # the launcher is first
    assert "WSLENV" in told.text("goroot-mismatch")


def test_without_the_launcher_the_same_goroot_ends_every_call(user):
    path = user.env["PATH"].partition(":")[2]
    told = ask(user, env={"PATH": path, "GOROOT": GOROOT})
    assert (told.status("goroot-mismatch"), told.code) == ("fail", 1)


@pytest.mark.parametrize(
    ("text", "check", "status"),
    [
        ("[automount]\nexclude = /mnt/d\n", "wsl-conf-unknown-key", "warn"),
        ("[interop]\nappendWindowsPath = no\n", "wsl-conf-boolean", "warn"),
        ("[boot]\nsystemd=true\n[boot]\nsystemd=false\n", "wsl-conf-duplicate", "warn"),
        ("[interop]\nappendWindowsPath = false\n", "wsl-conf-boolean", "ok"),
    ],
)
def test_wsl_conf_is_read_as_wsl_does(user, wsl_conf, text, check, status):
    wsl_conf(text)
    told = ask(user)
    assert told.status(check) == status
    assert {name for name in told.problems if name.startswith("wsl-conf")} == ({check} if status == "warn" else set())


def test_wslconfig_is_found_by_the_profile(user, windows):
    windows.at(f"{PROFILE}/.wslconfig").write_bytes("[wsl2]\r\nmemroy=4GB\r\n".encode("utf-16"))
    told = ask(user)
    assert "memroy" in told.text("wslconfig-key")
    assert PROFILE in told.text("wslconfig-key")


def test_a_project_and_a_cache_on_a_windows_drive_are_measured_and_left_clean(user, windows):
    project = windows.at("/mnt/c/src/project")
    project.mkdir(parents=True, exist_ok=True)
    (project / "go.mod").write_text("module example.com/p\n\ngo 1.21\n")
    user.work = "/mnt/c/src/project"
    told = ask(user, env={"GOMODCACHE": "/mnt/c/mod"})
    assert told.status("project-on-windows") in ("info", "warn")
    assert told.status("cache-on-windows") in ("info", "warn")
    assert [path.name for path in project.iterdir()] == ["go.mod"]
    assert not list(windows.at("/mnt/c").rglob(".goshim-probe-*"))


def test_the_report_for_people_names_the_worst_first(user, windows):
    windows.clock(2 * HOURS_MS)
    done = user.goshim("doctor", "--quiet")
    summary = done.text.rstrip().splitlines()[-1]
    assert "clock-drift" in summary
    assert done.code == 1


# Saved, and seen elsewhere.


SAVED = {
    "a healthy machine": (answers(), {}),
    "one with faults": (answers("0x1"), {"GOROOT": GOROOT, "https_proxy": "http://me:secret@127.0.0.1:1"}),
}


@pytest.mark.parametrize(("known", "env"), SAVED.values(), ids=SAVED)
def test_a_record_gives_the_same_report_outside(user, windows, wsl_conf, known, env):
    wsl_conf("[automount]\nexclude = /mnt/d\n" if env else "")
    windows.registry(*known)
    windows.clock(2 * HOURS_MS if env else 0)
    record = user.root / "record"
    here = user.goshim("doctor", "--json", "--save", str(record), env=env)
    calls = windows.calls
    there = outside(user, "doctor", "--json", "--load", record)
    assert there.err == b""
    assert there.code == here.code == bool(env)
    assert there.out == here.out
    assert outside(user, "doctor", "--markdown", "--load", record).text.startswith("#")
    assert windows.calls == calls
    assert "secret" not in record.read_text() + here.text


def test_a_record_of_a_machine_that_hangs_gives_the_same_report(user, windows):
    windows.registry(first="sleep 1000")
    record = user.root / "record"
    here = Told(user.goshim("doctor", "--json", "--save", str(record)))
    there = Told(outside(user, "doctor", "--json", "--load", record))
    assert there.findings == here.findings


def test_what_has_changed_since_is_named_with_its_values(user, windows, wsl_conf):
    wsl_conf("[interop]\nappendWindowsPath = true\n")
    record = user.root / "record"
    assert user.goshim("doctor", "--save", str(record)).code == 0
    wsl_conf("[interop]\nappendWindowsPath = no\n")
    windows.registry(*answers("0x1"))
    done = user.goshim("doctor", "--json", "--compare", str(record), env={"GOROOT": GOROOT})
    found = {each["check"]: each for each in done.json["differences"]}
    assert found["wsl-conf-boolean"]["change"] == "new"
    assert any("= no" in fact for fact in found["wsl-conf-boolean"]["facts"])
    assert any("= true" in fact for fact in found["wsl-conf-boolean"]["facts"])
    assert found["registry-flags"]["change"] == "new"
    assert any("0x1" in fact for fact in found["registry-flags"]["facts"])
    assert any("GOROOT" in fact and "Program Files" in fact for fact in found["goroot-mismatch"]["facts"])


def test_what_was_mended_since_is_gone(user, wsl_conf):
    wsl_conf("[interop]\nappendWindowsPath = no\n")
    record = user.root / "record"
    user.goshim("doctor", "--save", str(record))
    wsl_conf("")
    found = user.goshim("doctor", "--json", "--compare", str(record)).json["differences"]
    assert [each["check"] for each in found if each["change"] == "gone"] == ["wsl-conf-boolean"]
    assert not [each for each in found if each["change"] == "new"]


def test_nothing_has_changed_where_nothing_has(user):
    record = user.root / "record"
    user.go("version")  # which keeps a plan, as otherwise doctor's measuring would
    user.goshim("doctor", "--save", str(record))
    found = user.goshim("doctor", "--json", "--compare", str(record)).json["differences"]
    # what is measured differs from one look to the next on a busy machine
    assert [each for each in found if each["check"] not in ("overhead", "path-cost")] == []


def test_a_record_holds_each_answer_of_windows_once(user, windows):
    record = user.root / "record"
    user.goshim("doctor", "--save", str(record))
    asked = [
        json.loads(subject)[0] for kind, subject, _ in json.loads(record.read_text())["answers"] if kind == "command"
    ]
    assert sum(words[0] == reg_exe.REG for words in asked) == len([c for c in windows.calls if c[0] == reg_exe.REG])
