"""The zoo: machines as records. On a healthy one nothing is found, on a sick one just what it suffers from."""

from __future__ import annotations

import functools
import io
import json
import re
import sys
from typing import Any

import pytest
from rich.console import Console

from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine import record
from goshim.doctor.engine.finding import Finding
from goshim.doctor.engine.look import Look
from goshim.doctor.run import report
from goshim.doctor.run import terminal as shown
from goshim.doctor.run.compare import Difference, compare
from goshim.doctor.run.examine import Examination
from goshim.doctor.run.report import Report
from scripts.generate import ROOT
from tests.doctor.closed import closed_machine
from tests.doctor.zoo.keeper import HERE, described, place
from tests.doctor.zoo.machines import MACHINES, PASSWORD
from tests.tables import for_each

LARGEST_BYTES = 200_000

HEALTHY = (
    "plain_linux", "wsl2_9p", "wsl2_9p_with_goshim", "wsl2_without_compiler", "wsl2_virtiofs", "wsl2_fresh_debian",
    "wsl2_drives_at_root", "wsl1", "wsl2_mirrored", "container_on_wsl2", "custom_kernel", "chinese_windows",
    "corporate_proxy_with_goshim", "wslenv_imports_with_goshim",
)  # fmt: skip

# The problems of each sick machine: the status, then words that must be told of it.
SICK: dict[str, dict[str, tuple[str, ...]]] = {
    "wheel_without_shim": {
        "toolchain-found": ("warn", "(goshim[go]), which a shell does not find", "goshim install"),
    },
    "wsl2_nat": {
        "proxy-dead-loopback": (
            "fail",
            "nothing listens on 127.0.0.1:7890",
            "/home/me/.bashrc:4",
            "networking mode is nat",
            "networkingMode=mirrored",
            "http://172.28.96.1:7890",
        ),
    },
    "timesyncd_forced": {
        "time-daemon-conflict": (
            "warn",
            "systemd-timesyncd runs here, and the clock comes from Windows already",
            "systemd-timesyncd.service.d/override.conf",
            "sudo systemctl disable --now systemd-timesyncd.service",
        ),
    },
    "corporate_proxy": {
        "no-proxy-syntax": ("warn", "10.*, <local>", "10.0.0.0/8"),
        "proxy-pac": (
            "warn",
            "only the http proxy, and go's downloads are https",
            "http://wpad.corp.example/wpad.dat",
            "http://me:***@proxy.corp.example:8080",
            'export HTTPS_PROXY="${HTTP_PROXY:-$http_proxy}"',
        ),
    },
    "wslenv_imports": {
        "goroot-mismatch": (
            "fail",
            r"GOROOT=C:\Program Files\Go: a Windows path",
            "WSLENV, entry GOROOT",
            "unset GOROOT",
        ),
        "wslenv-imports": (
            "warn",
            "WSLENV brings GOROOT",
            "CGO_ENABLED: arrived empty",
            "SetEnvironmentVariable('WSLENV'",
        ),
    },
    "poisoned_registry": {
        "goroot-mismatch": ("fail", r"GOROOT=C:\Program Files\Go: a Windows path"),
        "default-environment": (
            "warn",
            r"DefaultEnvironment: GOROOT=C:\Program Files\Go",
            "http_proxy=http://me:***@proxy.corp.example:8080",
        ),
        "wsl-conf-unknown-key": (
            "warn",
            "/etc/wsl.conf:4: exclude=",
            "/etc/wsl.conf:7: init=true",
            "sudo sed -i '4s/^/# /;7s/^/# /' /etc/wsl.conf",
            "docs/folklore.md#automount-exclude",
        ),
        "registry-flags": (
            "warn",
            "the registry says WSL1 of this distribution, which runs as WSL2",
            "Flags = 0x1",
            "0x8 off  being WSL2",
            "docs/folklore.md#flags-0x1-fix",
        ),
    },
    "cache_on_d": {
        "cache-on-windows": (
            "warn",
            "/d/gomod, 9p mounted on /d",
            "set in /home/me/.config/go/env",
            "80 times as long",
            "6 of 30 files",
            'go env -w GOMODCACHE="$HOME/go/pkg/mod"',
            "goshim cache copy --from /d/gomod",
        ),
        "lock-history": ("warn", "1 in the last week", "/d/gomod/cache/download/golang.org/x/text"),
    },
    "go119_goroot": {
        "goroot-persisted": (
            "fail",
            "GOROOT=/usr/local/go: no toolchain there",
            "/home/me/.config/go/env:1",
            "its own root /usr/lib/go-1.19",
            "sed -i '/^GOROOT=/d' /home/me/.config/go/env",
        ),
    },
    "two_gos_in_one": {
        "toolchain-overlaid": (
            "fail",
            "/usr/local/go holds two versions of Go",
            "src/os/readfrom_linux.go: until Go 1.21",
            "go1.27.3.linux-amd64.tar.gz && sudo mv /usr/local/go /usr/local/go.mixed",
        ),
    },
    "interop_dead": {
        "interop": (
            "warn",
            "no handler for Windows programs is registered",
            "echo :WSLInterop:M::MZ::/init:PF | sudo tee /etc/binfmt.d/WSLInterop.conf",
        ),
    },
}  # fmt: skip

# What is told of some that is no problem, and that they are in the zoo for.
TOLD: dict[str, dict[str, tuple[str, ...]]] = {
    "wsl2_9p": {
        "path-cost": ("info", "45 times in all, 30 of them on Windows drives", "goshim install"),
        "path-order": ("ok", "the 30 Windows entries stand behind", "/usr/local/go/bin"),
        "path-origin": ("ok", "each of the 30 Windows entries"),
    },
    "wsl2_9p_with_goshim": {"launcher-first": ("ok",), "overhead": ("ok", "1.3 ms"), "path-cost": ("ok",)},
    "wsl2_virtiofs": {"virtiofs": ("info", "/mnt/c: virtiofs, drvfsC0")},
    "wsl2_fresh_debian": {
        "locale": ("info", "en_US.UTF-8 is not installed", "export LANG=C.UTF-8"),
        "cgo-compiler": ("info", "no C compiler"),
    },
    "wsl1": {
        "wsl-kind": ("info", "WSL1"),
        "cache-on-windows": ("info", "WSL1 has no other"),
        "registry-flags": ("ok", "0x7"),
    },
    "wsl2_mirrored": {"wsl-kind": ("ok", "network mirrored"), "proxy-source": ("info", "/home/me/.bashrc:4")},
    "wsl2_nat": {"wsl-kind": ("ok", "network nat")},
    "container_on_wsl2": {"wsl-kind": ("info", "a container on WSL2, not WSL")},
    "custom_kernel": {"wsl-kind": ("info", "a kernel of one's own", "kernel 6.12.30-me", r"C:\kernels\bzImage")},
    "chinese_windows": {
        "wslconfig-key": ("ok", "/mnt/c/Users/张三/.wslconfig"),
        "path-origin": ("ok", "/mnt/c/Users/张三/go/bin: the user's Path"),
        "illegal-directory": ("ok",),
    },
    "corporate_proxy_with_goshim": {
        "proxy-pac": ("info", "go uses one proxy for all"),
        "no-proxy-syntax": ("info", "goshim mends it at each call"),
    },
    "wslenv_imports_with_goshim": {
        "goroot-mismatch": ("info", "goshim unsets it at each call"),
        "wslenv-imports": ("info", "goshim mends it at each call", "CGO_ENABLED: arrived empty"),
    },
    "corporate_proxy": {
        "proxy-source": ("info", "WSL's autoProxy", "WSL_PAC_URL=", "Windows: ProxyServer=proxy.corp.example:3128"),
    },
    "wsl2_without_compiler": {
        "path-cost": ("info", "for gccgo and gcc, 82 times in all, 60 of them on Windows drives", "goshim install"),
    },
    "poisoned_registry": {
        "registry-folklore": ("info", "AutoMountRoot = 0x1", "InitCommand", "DisableCgo", "DisableHostClockSync"),
    },
    "wsl2_drives_at_root": {"virtiofs": ("ok", "/d: 9p, D:"), "path-order": ("ok", "the 30 Windows entries")},
    "cache_on_d": {"automount-metadata": ("info", "/d/gomod")},
}  # fmt: skip

# A healthy machine that each sick one was, and a fact that has changed since.
BEFORE = {
    "wheel_without_shim": ("plain_linux", "  - /usr/local/go/bin/go"),
    "wsl2_nat": ("wsl2_mirrored", "exists /sys/class/net/loopback0: True → False"),
    "timesyncd_forced": ("wsl2_9p", "clock.daemons /proc: [] → [{'name': 'systemd-timesyncd'"),
    "corporate_proxy": ("wsl2_9p", "WSL_PAC_URL: nothing → http://wpad.corp.example/wpad.dat"),
    "wslenv_imports": ("wsl2_9p", "WSLENV: WT_SESSION:WT_PROFILE_ID: → GOROOT:CGO_ENABLED"),
    "poisoned_registry": ("wsl2_9p", "Flags    REG_DWORD    0x1"),
    "cache_on_d": ("wsl2_drives_at_root", "/home/me/.config/go/env: nothing → GOMODCACHE=/d/gomod"),
    "go119_goroot": ("plain_linux", "/home/me/.config/go/env: nothing → GOROOT=/usr/local/go"),
    "two_gos_in_one": ("wsl2_9p", "exists /usr/local/go/src/os/readfrom_linux.go: False → True"),
    "interop_dead": ("wsl2_9p", "  - /proc/sys/fs/binfmt_misc/WSLInterop"),
}

# Why a check may be silent: anywhere, and on some machines.
SILENT = ("this is not WSL", "this is not WSL2", "only with --network", "no launcher is installed: goshim install")
SILENT_THERE = {
    "interop_dead": "Windows can't be asked: no handler for Windows programs",
    "wsl1": "Defender's exclusions can't be read: only an administrator may",
    "wsl2_fresh_debian": "there is no go.mod|the working directory is in no module",
    "wsl2_mirrored": "in mirrored mode 127.0.0.1:7890 may be on Windows",
}

every_machine = pytest.mark.parametrize("name", MACHINES)


@functools.cache
def examined(name: str) -> Examination:
    """The machine, from its record."""
    loaded = record.load(str(place(name)))
    return Examination(Look(loaded.host(), loaded.options), CHECKS)


def findings(name: str) -> dict[str, Finding]:
    return {finding.check: finding for finding in examined(name).findings}


def problems(name: str) -> dict[str, str]:
    return {finding.check: finding.status for finding in findings(name).values() if finding.is_problem}


def made(name: str) -> Report:
    loaded = record.load(str(place(name)))
    return report.make(examined(name), loaded.goshim, loaded.taken_ns)


def all_words(finding: Finding) -> str:
    commands = [f"{each.text}\n{each.command}" for each in finding.remedies]
    folklore = finding.as_json()["folklore"]
    return "\n".join([finding.summary, *finding.evidence, *commands, *folklore])


def test_the_zoo_is_whole_and_has_no_other_records():
    assert {path.stem for path in HERE.glob("*.json")} == set(MACHINES)
    assert {*HEALTHY, *SICK} == set(MACHINES)
    assert set(BEFORE) == set(SICK)


@every_machine
def test_a_record_is_as_its_machine_is_described_now(name):
    assert place(name).read_text(encoding="ascii") == described(name), "run: python -m tests.doctor.zoo"


@for_each("name", HEALTHY)
def test_a_healthy_machine_has_no_problem(name):
    assert problems(name) == {}


@for_each("name", SICK)
def test_a_sick_machine_has_its_problems_and_no_other(name):
    assert problems(name) == {check: status for check, (status, *_) in SICK[name].items()}


@for_each(
    "name, check, told",
    [(name, check, told) for table in (SICK, TOLD) for name, checks in table.items() for check, told in checks.items()],
)
def test_what_is_decisive_is_told(name, check, told):
    finding = findings(name)[check]
    status, *words = told
    assert finding.status == status
    for each in words:
        assert each in all_words(finding)


@every_machine
def test_no_check_is_silent_without_a_reason_that_its_machine_has(name):
    there = SILENT_THERE.get(name)
    for finding in findings(name).values():
        if finding.status == "skip" and finding.summary not in SILENT:
            assert there, finding
            assert re.match(there, finding.summary)


@every_machine
def test_a_machine_is_examined_from_its_record_alone(name):
    known = examined(name).findings  # what checks read of goshim's own data they have read by now
    loaded = record.load(str(place(name)))
    with closed_machine() as tried:
        replayed = Examination(Look(loaded.host(), loaded.options), CHECKS).findings
    assert tried == []
    assert replayed == known


@every_machine
def test_a_record_holds_no_secret_is_small_and_tells_nothing_of_where_it_was_made(name):
    text = place(name).read_text(encoding="ascii")
    assert len(text) <= LARGEST_BYTES
    for private in (PASSWORD, str(ROOT), sys.prefix + "/lib"):
        assert private not in text


@for_each("name", ["corporate_proxy", "poisoned_registry"])
def test_no_report_holds_the_password_of_a_proxy(name):
    assert "***@proxy.corp.example" in place(name).read_text(encoding="ascii")
    told = made(name)
    assert PASSWORD not in json.dumps(told.as_json()) + told.as_markdown() + text_of(told, 200)


@every_machine
def test_a_report_can_be_made_in_each_form(name):
    told = made(name)
    values = json.loads(json.dumps(told.as_json()))
    assert [each["check"] for each in values["findings"]] == [check.id for check in CHECKS]
    assert set(values["summary"]["problems"]) == set(problems(name))
    assert told.exit_code(strict=False) == int("fail" in problems(name).values())
    markdown = told.as_markdown()
    assert all(f"#### {status}: {check}\n" in markdown for check, status in problems(name).items())


@every_machine
@pytest.mark.parametrize("width", [40, 200])
@pytest.mark.parametrize("quiet", [False, True])
def test_a_report_in_text_fits_its_terminal_and_has_each_problem_and_command_whole(name, width, quiet):
    told = made(name)
    lines = text_of(told, width, quiet=quiet).split("\n")
    text = "\n".join(lines)
    for finding in told.problems:
        assert finding.check in text
        assert all(line in text for remedy in finding.remedies for line in remedy.command.split("\n"))
    copied = {line for each in told.problems for remedy in each.remedies for line in remedy.command.split("\n")}
    for line in lines:
        is_whole = line.strip() in copied or line.strip().startswith("more: ")
        is_one_word = " " not in line.strip()
        assert is_whole or is_one_word or len(line) <= width


def text_of(told: Report, width: int, *, quiet: bool = False) -> str:
    console = Console(
        file=io.StringIO(), width=width, force_terminal=True, color_system=None, highlight=False, markup=False
    )
    shown.show(console, told, quiet=quiet)
    return console.file.getvalue()  # type: ignore[attr-defined]


@for_each("name", SICK)
def test_what_a_machine_suffers_from_since_it_was_healthy_is_told_with_the_facts_behind(name):
    healthy, fact = BEFORE[name]
    differences = compared(healthy, name)
    assert [each.check for each in differences if each.kind == "gone"] == []
    new = [each for each in differences if each.kind == "new"]
    assert {each.check for each in new} == set(SICK[name])
    assert all(each.facts for each in new)
    assert any(fact in line for each in new for line in each.facts)
    assert PASSWORD not in json.dumps([each.as_json() for each in differences])


@for_each("name", SICK)
def test_what_a_machine_recovered_from_is_told_as_gone(name):
    gone = [each.check for each in compared(name, BEFORE[name][0]) if each.kind == "gone"]
    assert set(gone) == set(SICK[name])


@every_machine
def test_nothing_has_changed_on_a_machine_that_is_the_same(name):
    assert compared(name, name) == ()


def compared(before: str, after: str) -> tuple[Difference, ...]:
    answers: list[Any] = [record.load(str(place(name))).answers for name in (before, after)]
    return compare(examined(before), examined(after), *answers)
