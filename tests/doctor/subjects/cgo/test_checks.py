"""Checks of cgo."""

from __future__ import annotations

import time
from typing import Any

import pytest

from goshim.doctor.engine.finding import Edit, Verdict
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.cgo import checks as cgo
from tests.doctor.described import look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

PATH = {"PATH": "/usr/local/go/bin:/usr/bin"}
ENV_FILE = f"{HOME}/.config/go/env"
SQLITE = "github.com/mattn/go-sqlite3 v1.14.32"


@pytest.fixture
def with_go(machine: FolderMachine) -> FolderMachine:
    machine.toolchain("/usr/local/go")
    machine.write("/etc/os-release", 'ID=ubuntu\nID_LIKE="debian"\n')
    return machine


@pytest.fixture
def with_compiler(with_go: FolderMachine) -> FolderMachine:
    with_go.program("/usr/bin/gcc")
    with_go.write("/usr/include/stdlib.h", "")
    return with_go


def verdict(check: Any, machine: FolderMachine, **variables: str) -> Verdict:
    return judge(check, look_at(machine, {**PATH, **variables}))


def require(machine: FolderMachine, *lines: str) -> None:
    block = "".join(f"\t{line}\n" for line in lines)
    machine.write(f"{HOME}/project/go.mod", f"module example.com/m\n\ngo 1.24\n\nrequire (\n{block})\n")


def test_a_compiler_with_headers_is_well(with_compiler: FolderMachine):
    assert verdict(cgo.cgo_compiler, with_compiler).status == "ok"


def test_without_a_compiler_and_a_wish_for_cgo_go_builds_without(with_go: FolderMachine):
    found = verdict(cgo.cgo_compiler, with_go)
    assert found.status == "info"
    assert found.remedies[0].command == "sudo apt-get install -y gcc libc6-dev"


@pytest.mark.parametrize("variables", [{"CGO_ENABLED": "1"}, {"CC": "nosuch"}, {"CC": "/opt/no/such/cc -m64"}])
def test_cgo_that_is_wanted_without_a_compiler_fails(with_go: FolderMachine, variables: dict[str, str]):
    assert verdict(cgo.cgo_compiler, with_go, **variables).status == "fail"


def test_a_compiler_of_the_go_env_file_that_is_not_there_fails(with_compiler: FolderMachine):
    with_compiler.write(ENV_FILE, "CC=nosuch\n")
    found = verdict(cgo.cgo_compiler, with_compiler)
    assert found.status == "fail"
    assert f"{ENV_FILE}:1: CC=nosuch" in found.evidence
    assert found.remedies[-1].command == "go env -u CC"


def test_a_compiler_of_the_go_env_file_does_not_turn_cgo_on(with_go: FolderMachine):
    with_go.write(ENV_FILE, "CC=clang\n")
    assert verdict(cgo.cgo_compiler, with_go).status == "info"


def test_with_cgo_off_no_compiler_is_needed(with_go: FolderMachine):
    assert verdict(cgo.cgo_compiler, with_go, CGO_ENABLED="0").status == "ok"


def test_an_older_go_keeps_cgo_on_without_a_compiler(machine: FolderMachine):
    machine.toolchain("/usr/local/go", "go1.19.8")
    assert verdict(cgo.cgo_compiler, machine).status == "fail"


def test_a_compiler_without_the_c_library_s_headers_is_told(with_go: FolderMachine):
    with_go.program("/usr/bin/gcc")
    found = verdict(cgo.cgo_compiler, with_go)
    assert found.status == "warn"
    assert found.evidence == ("/usr/include/stdlib.h: not there",)
    assert verdict(cgo.cgo_compiler, with_go, CGO_ENABLED="0").status == "ok"


def test_a_cross_compiler_has_headers_of_its_own(with_go: FolderMachine):
    with_go.program("/usr/bin/x86_64-w64-mingw32-gcc")
    found = verdict(cgo.cgo_compiler, with_go, CC="x86_64-w64-mingw32-gcc", GOOS="windows", CGO_ENABLED="1")
    assert found.status == "ok"


def test_a_compiler_is_told_without_a_go(machine: FolderMachine):
    assert verdict(cgo.cgo_compiler, machine).status == "info"


def test_a_config_with_an_error_leaves_the_compiler_judged_as_for_a_new_go(with_go: FolderMachine):
    with_go.directory(f"{HOME}/.config/goshim/config.toml")
    assert verdict(cgo.cgo_compiler, with_go).status == "info"


def test_go_s_own_default_is_well(with_compiler: FolderMachine):
    assert verdict(cgo.cgo_source, with_compiler).status == "ok"
    assert verdict(cgo.cgo_source, with_compiler, CGO_ENABLED="1").status == "ok"


def test_cgo_switched_off_is_told_with_the_line_that_does(with_compiler: FolderMachine):
    with_compiler.write(f"{HOME}/.bashrc", "# mine\nexport CGO_ENABLED=0\n")
    found = verdict(cgo.cgo_source, with_compiler, CGO_ENABLED="0")
    assert found.status == "info"
    assert found.evidence == (f"{HOME}/.bashrc:2: export CGO_ENABLED=0",)


def test_cgo_switched_off_by_go_env_is_told(with_compiler: FolderMachine):
    with_compiler.write(ENV_FILE, "GOFLAGS=\nCGO_ENABLED=0\n")
    found = verdict(cgo.cgo_source, with_compiler)
    assert found.status == "info"
    assert ENV_FILE in found.summary
    assert found.evidence == (f"{ENV_FILE}:2: CGO_ENABLED=0",)


def test_an_empty_value_counts_as_unset(with_compiler: FolderMachine):
    with_compiler.write(ENV_FILE, "CGO_ENABLED=0\n")
    assert "go/env" in verdict(cgo.cgo_source, with_compiler, CGO_ENABLED="").summary


def test_no_compiler_is_a_source(with_go: FolderMachine):
    found = verdict(cgo.cgo_source, with_go)
    assert found.status == "info"
    assert "no gcc on PATH" in found.summary


@pytest.mark.parametrize(("name", "value"), [("GOOS", "windows"), ("GOARCH", "arm64")])
def test_a_cross_build_is_a_source(with_compiler: FolderMachine, name: str, value: str):
    with_compiler.directory("/usr/local/go/pkg/tool/linux_amd64")
    found = verdict(cgo.cgo_source, with_compiler, **{name: value})
    assert found.status == "info"
    assert f"{name}={value}" in found.evidence


def test_the_processor_s_own_name_is_no_cross_build(with_compiler: FolderMachine):
    with_compiler.directory("/usr/local/go/pkg/tool/linux_amd64")
    assert verdict(cgo.cgo_source, with_compiler, GOARCH="amd64", GOOS="linux").status == "ok"


def test_a_toolchain_built_without_cgo_is_a_source(with_compiler: FolderMachine):
    with_compiler.write(
        "/usr/local/go/src/internal/buildcfg/zbootstrap.go", 'package buildcfg\n\nconst DefaultCGO_ENABLED = "0"\n'
    )
    assert "built with cgo off" in verdict(cgo.cgo_source, with_compiler).summary


def test_the_compiler_that_a_toolchain_was_built_with_is_its_default(with_go: FolderMachine):
    with_go.write(
        "/usr/local/go/src/cmd/go/internal/cfg/zdefaultcc.go",
        'func DefaultCC() string {\n\treturn "clang"\n}\nfunc DefaultCXX() string {\n\treturn "clang++"\n}\n',
    )
    with_go.program("/usr/bin/clang")
    with_go.write("/usr/include/stdlib.h", "")
    assert verdict(cgo.cgo_compiler, with_go).summary == "the C compiler is /usr/bin/clang"


@pytest.mark.parametrize("value", ["false", "0\r", "off", " 0", "2"])
def test_a_value_that_go_ignores_and_that_meant_something_else_is_told(with_compiler: FolderMachine, value: str):
    found = verdict(cgo.cgo_source, with_compiler, CGO_ENABLED=value)
    assert found.status == "warn"
    assert "ignores it: cgo is on" in found.summary
    assert found.remedies[0].command == "export CGO_ENABLED=0"


@pytest.mark.parametrize("value", ["true", "1\r", "yes"])
def test_a_value_that_go_ignores_and_that_meant_what_is_does_no_harm(with_compiler: FolderMachine, value: str):
    assert verdict(cgo.cgo_source, with_compiler, CGO_ENABLED=value).status == "info"


def test_an_ignored_value_is_corrected_where_it_stands(with_compiler: FolderMachine):
    with_compiler.write(f"{HOME}/.profile", "export CGO_ENABLED=false\r\n")
    remedy = verdict(cgo.cgo_source, with_compiler, CGO_ENABLED="false\r").remedies[0]
    assert remedy.edits == (Edit(f"{HOME}/.profile", 1, "export CGO_ENABLED=false\r", "export CGO_ENABLED=0"),)
    with_compiler.write(ENV_FILE, "CGO_ENABLED=true\n")
    remedy = verdict(cgo.cgo_source, with_compiler, GOOS="plan9").remedies[0]
    assert remedy.command == "go env -w CGO_ENABLED=1"
    assert remedy.edits == (Edit(ENV_FILE, 1, "CGO_ENABLED=true", "CGO_ENABLED=1"),)


def test_a_value_from_windows_is_told_and_no_registry_value_blamed(with_compiler: FolderMachine):
    with_compiler.become_wsl()
    found = verdict(cgo.cgo_source, with_compiler, CGO_ENABLED="0", WSLENV="GOPATH/l:CGO_ENABLED")
    assert found.status == "info"
    assert found.evidence[0].startswith("WSLENV, entry CGO_ENABLED")
    assert "DisableCgo" in found.evidence[-1]


def test_what_goshim_mends_is_no_problem(with_compiler: FolderMachine):
    with_compiler.program("/opt/goshim/go", LAUNCHER)
    found = verdict(cgo.cgo_source, with_compiler, PATH="/opt/goshim:/usr/local/go/bin:/usr/bin", CGO_ENABLED="0\r")
    assert found.status == "info"
    assert "rule cgo-invalid" in found.summary


def test_a_false_that_goshim_drops_leaves_cgo_on_and_is_still_told(with_compiler: FolderMachine):
    with_compiler.program("/opt/goshim/go", LAUNCHER)
    found = verdict(cgo.cgo_source, with_compiler, PATH="/opt/goshim:/usr/local/go/bin:/usr/bin", CGO_ENABLED="false")
    assert found.status == "warn"
    assert "cgo is on" in found.summary


def test_a_module_that_needs_cgo_is_warned_of_while_cgo_is_off(with_go: FolderMachine):
    require(with_go, SQLITE, "github.com/spf13/cobra v1.9.1")
    found = verdict(cgo.cgo_module, with_go)
    assert found.status == "warn"
    assert "github.com/mattn/go-sqlite3" in found.summary
    assert "cobra" not in found.summary
    assert any("modernc.org/sqlite" in line for line in found.evidence)
    assert found.remedies[0].where == "sudo"


def test_a_module_that_needs_cgo_is_well_with_cgo(with_compiler: FolderMachine):
    require(with_compiler, SQLITE)
    assert verdict(cgo.cgo_module, with_compiler).status == "ok"


@pytest.mark.parametrize("line", [f"{SQLITE} // indirect", "github.com/google/gopacket v1.1.19"])
def test_what_may_not_be_needed_here_is_no_problem(with_go: FolderMachine, line: str):
    require(with_go, line)
    assert verdict(cgo.cgo_module, with_go).status == "info"


@pytest.mark.parametrize(
    "path",
    [
        "github.com/confluentinc/confluent-kafka-go/v2",
        "github.com/go-gl/glfw/v3.3/glfw",
        "github.com/hajimehoshi/ebiten/v2",
        "fyne.io/fyne/v2",
    ],
)
def test_a_module_is_known_by_any_major_version(with_go: FolderMachine, path: str):
    require(with_go, f"{path} v2.0.0")
    assert verdict(cgo.cgo_module, with_go).status == "warn"


@pytest.mark.parametrize("path", ["github.com/go-gl/mathgl", "fyne.io/systray", "github.com/go-gl/gltext"])
def test_a_neighbour_of_such_a_module_is_not_one(with_go: FolderMachine, path: str):
    require(with_go, f"{path} v1.0.0")
    assert verdict(cgo.cgo_module, with_go).status == "ok"


def test_a_module_that_is_replaced_by_another_is_not_needed(with_go: FolderMachine):
    require(with_go, SQLITE)
    with_go.write(
        f"{HOME}/project/go.mod",
        f"module m\nrequire {SQLITE}\nreplace github.com/mattn/go-sqlite3 => example.com/pure v1.0.0\n",
    )
    assert verdict(cgo.cgo_module, with_go).status == "ok"


def test_cgo_that_the_user_switched_off_is_switched_on_where_that_stands(with_compiler: FolderMachine):
    require(with_compiler, SQLITE)
    with_compiler.write(f"{HOME}/.bashrc", "export CGO_ENABLED=0\n")
    remedy = verdict(cgo.cgo_module, with_compiler, CGO_ENABLED="0").remedies[0]
    assert remedy.command == "unset CGO_ENABLED"
    assert remedy.edits == (Edit(f"{HOME}/.bashrc", 1, "export CGO_ENABLED=0", ": # export CGO_ENABLED=0"),)
    with_compiler.write(ENV_FILE, "CGO_ENABLED=0\n")
    assert verdict(cgo.cgo_module, with_compiler).remedies[0].command == "go env -u CGO_ENABLED"


def test_outside_a_module_nothing_can_be_said(with_go: FolderMachine):
    assert verdict(cgo.cgo_module, with_go).status == "skip"


def test_a_go_mod_that_can_t_be_read_is_told_as_the_reason(with_go: FolderMachine):
    with_go.directory(f"{HOME}/project/go.mod")
    found = verdict(cgo.cgo_module, with_go)
    assert found.status == "skip"
    assert "go.mod" in found.summary


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("github.com/go-gl/gl/v4.1-core/gl", "warn"),
        ("github.com/diamondburned/gotk4/pkg/v2", "warn"),
        ("github.com/go-gl/gl/vulkan", "ok"),
        ("example.com/v2/github.com/go-gl/gl/v2", "ok"),
        ("github.com/go-gl/gl/sub", "ok"),
    ],
)
def test_what_follows_a_major_version_counts_not(with_go: FolderMachine, path: str, status: str):
    require(with_go, f"{path} v1.0.0")
    assert verdict(cgo.cgo_module, with_go).status == status


def test_a_path_without_end_is_looked_up_in_no_time():
    began_s = time.monotonic()
    for path in ["/v1" * 500_000, *(f"example.com/m{number}/v2" for number in range(25_000))]:
        assert cgo._row(path) is None
    assert time.monotonic() - began_s < 0.5
