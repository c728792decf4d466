"""A line of a start file that did not set the bad value is neither blamed nor edited, whichever check tells."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.finding import Edit, Verdict
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.cache import drive_checks as windows_drives
from goshim.doctor.subjects.cgo import checks as cgo
from goshim.doctor.subjects.clock import checks as clock
from goshim.doctor.subjects.environment import checks as environment
from goshim.doctor.subjects.modules import checks as modules
from goshim.doctor.subjects.modules import verification_check as verification
from goshim.doctor.subjects.proxy import address_check as proxy_address
from goshim.doctor.subjects.toolchain import goroot_checks as goroot
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine

PROFILE = f"{HOME}/.profile"
CASES = [
    (modules.goproxy_syntax, "GOPROXY", "x", "https://art.corp/go"),
    (cgo.cgo_source, "CGO_ENABLED", "false", "1"),
    (environment.windows_values, "GOPATH", "C:\\go", "/home/me/go"),
    (environment.windows_values, "GOCACHE", "C:\\x", "/home/me/.cache/gb"),
    (environment.illegal_directory, "GOMODCACHE", "mod", "/var/cache/mod"),
    (clock.epoch_valid, "SOURCE_DATE_EPOCH", "now", "1700000000"),
    (goroot.goroot_mismatch, "GOROOT", "/none", "/usr/local/go"),
    (proxy_address.proxy_url, "HTTPS_PROXY", '"http://proxy:1"', "http://proxy:1"),
    (verification.verification_weakened, "GOSUMDB", "off", "sum.golang.org"),
    (windows_drives.cache_on_windows, "GOCACHE", "/mnt/c/build", "/var/cache/build"),
]
each_check = pytest.mark.parametrize(("check", "name", "bad", "good"), CASES, ids=[case[1] for case in CASES])


def found(machine: FolderMachine, check: Any, name: str, bad: str, line: str) -> tuple[Verdict, tuple[Edit, ...]]:
    machine.become_wsl()
    machine.toolchain("/usr/local/go")
    machine.program("/usr/bin/gcc")
    machine.write(PROFILE, f"{line}\n")
    verdict = judge(check, look_at(machine, {"PATH": "/usr/local/go/bin:/usr/bin", name: bad}))
    assert verdict.status in ("warn", "fail")
    return verdict, tuple(edit for remedy in verdict.remedies for edit in remedy.edits)


@each_check
def test_a_line_with_another_value_is_not_blamed_and_not_edited(machine: FolderMachine, check, name, bad, good):
    verdict, edits = found(machine, check, name, bad, f"export {name}='{good}'")
    assert PROFILE not in repr(verdict)
    assert edits == ()


@each_check
def test_a_line_whose_value_only_its_shell_can_tell_is_not_edited(machine: FolderMachine, check, name, bad, good):
    _, edits = found(machine, check, name, bad, f'export {name}="${{ELSEWHERE:-{good}}}"')
    assert edits == ()


@each_check
def test_the_line_with_the_value_is(machine: FolderMachine, check, name, bad, good):
    line = f"export {name}='{bad}'"
    _, (edit,) = found(machine, check, name, bad, line)
    assert (edit.path, edit.line, edit.old) == (PROFILE, 1, line)
