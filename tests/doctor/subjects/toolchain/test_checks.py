"""Checks of the go that is run."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.finding import Verdict
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.toolchain import checks as toolchain
from tests.doctor.described import look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

LOCAL_GO = "/usr/local/go/bin/go"
LOCAL = f"{HOME}/.local/bin"
PROJECT = f"{HOME}/project"
CACHE = f"{HOME}/go/pkg/mod"
PATH = "/usr/local/go/bin:/usr/bin"


def says(version: str, go: str = LOCAL_GO) -> dict[str, bytes]:
    """The answer of `go version`."""
    return {f"{go} version": f"go version {version} linux/amd64\n".encode()}


def with_distribution(machine: FolderMachine, version: str = "go1.19.8") -> dict[str, bytes]:
    """A go as Debian installs one, found as /usr/bin/go."""
    root = f"/usr/lib/go-{version[2:6]}"
    machine.toolchain(root, version)
    machine.write(f"{root}/VERSION", version)
    machine.link("/usr/bin/go", f"{root}/bin/go")
    return says(version, "/usr/bin/go")


def with_launcher(machine: FolderMachine, path: str = PATH) -> str:
    machine.program(f"{LOCAL}/go", LAUNCHER)
    return f"{LOCAL}:{path}"


# toolchain-found


def found(machine: FolderMachine, commands: dict[str, object] | None = None, **variables: str) -> Verdict:
    look = look_at(machine, {"PATH": PATH, **variables}, commands=says("go1.27.3") if commands is None else commands)
    return judge(toolchain.toolchain_found, look)


def test_the_go_on_path_is_named_with_version_place_and_source(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    verdict = found(machine)
    assert (verdict.status, verdict.summary) == ("ok", "go1.27.3 at /usr/local/go/bin/go (PATH)")
    assert verdict.evidence == ("GOROOT /usr/local/go",)


def test_without_any_go_it_is_said_where_it_was_looked_and_how_to_get_one(machine: FolderMachine):
    machine.write("/usr/bin/go", "no program")
    verdict = found(machine)
    assert (verdict.status, verdict.summary) == ("fail", "no go found; looked in")
    assert verdict.evidence[0] == PATH
    assert "/usr/bin/go: not an executable file" in verdict.evidence
    assert "goshim[go]" in verdict.remedies[0].command


def test_a_go_that_no_shell_finds_is_told_with_both_ways_to_mend_that(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    verdict = found(machine, PATH="/usr/bin")
    assert verdict.status == "warn"
    assert "which a shell does not find" in verdict.summary
    assert [each.command for each in verdict.remedies] == [
        "goshim install",
        'export PATH=/usr/local/go/bin:"$PATH"',
    ]


def test_a_go_that_the_launcher_finds_need_not_be_on_path(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    assert found(machine, PATH=with_launcher(machine, "/usr/bin")).status == "ok"


def test_another_managers_shim_is_a_go(machine: FolderMachine):
    machine.program("/usr/bin/go", b"#!/bin/sh\nexec goenv exec go\n")
    verdict = found(machine, PATH="/usr/bin")
    assert (verdict.status, verdict.summary) == ("ok", "go is /usr/bin/go, another manager's shim")


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        ("exec format error", "fail", "does not run: exec format error"),
        (2, "fail", "does not run: exit code 2"),
        ("no answer within 5 s", "skip", "no answer within 5 s"),
    ],
)
def test_a_go_that_does_not_run_is_found_out(machine: FolderMachine, answer, status, words):
    machine.toolchain("/usr/local/go")
    verdict = found(machine, {f"{LOCAL_GO} version": answer})
    assert verdict.status == status
    assert verdict.summary.endswith(words)


def refusing(machine: FolderMachine, monkeypatch, errors: str, **variables: str) -> Verdict:
    """What is said where `go version` ends with exit code 2 and these words."""
    machine.toolchain("/usr/local/go")
    look = look_at(machine, {"PATH": PATH, **variables}, commands={f"{LOCAL_GO} version": 2})
    answer = look.host._command
    monkeypatch.setattr(look.host, "_command", lambda subject: {**answer(subject), "errors": errors.encode()})
    return judge(toolchain.toolchain_found, look)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("GOEXPERIMENT", "nope", "go: unknown GOEXPERIMENT pe"),
        ("GOPATH", "rel", 'go: GOPATH entry is relative; must be absolute path: "rel".'),
    ],
)
def test_a_setting_that_go_refuses_is_named_and_no_other_go_is_advised(machine, monkeypatch, name, value, words):
    verdict = refusing(machine, monkeypatch, f"{words}\n", **{name: value})
    assert (verdict.status, verdict.summary) == ("fail", f"go refuses {name}, and with it every call")
    assert verdict.evidence == (words, f"{name}={value} (environment)")
    assert [each.command for each in verdict.remedies] == [f"unset {name}"]


def test_a_setting_that_go_refuses_without_a_name_is_told_in_gos_words(machine, monkeypatch):
    verdict = refusing(machine, monkeypatch, "go: no such thing\n")
    assert (verdict.status, verdict.evidence) == ("fail", ("go: no such thing",))
    assert "unpack" not in verdict.remedies[0].text


def test_a_setting_that_the_launcher_mends_stops_no_call(machine, monkeypatch):
    machine.become_wsl()
    path = with_launcher(machine)
    words = 'go: GOPATH entry is relative; must be absolute path: "C:/go".'
    verdict = refusing(machine, monkeypatch, words, GOPATH="C:/go", PATH=path)
    assert (verdict.status, verdict.evidence[0]) == ("info", words)


@pytest.mark.parametrize(("answer", "count"), [("exec format error", 1), (-4, 1), (2, 0)])
def test_only_a_go_of_another_machine_is_unpacked_again(machine: FolderMachine, answer, count):
    machine.toolchain("/usr/local/go")
    assert len(found(machine, {f"{LOCAL_GO} version": answer}).remedies) == count


@pytest.mark.parametrize("name", ["go", "goenv"])
def test_goflags_that_go_cant_take_apart_end_every_call(machine: FolderMachine, name):
    if name == "go":
        machine.toolchain("/usr/local/go")
    else:
        machine.program("/usr/bin/go", b"#!/bin/sh\nexec goenv exec go\n")
    verdict = found(machine, GOFLAGS="-mod=mod 'x")
    assert (verdict.status, verdict.summary) == ("fail", "go: parsing $GOFLAGS: unterminated ' string")
    assert [each.command for each in verdict.remedies] == ["unset GOFLAGS"]


def test_goflags_of_the_go_env_file_are_mended_there(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    machine.write(f"{HOME}/.config/go/env", "GOFLAGS=mod=mod\n")
    verdict = found(machine)
    assert (verdict.status, verdict.summary) == ("fail", 'go: parsing $GOFLAGS: non-flag "mod=mod"')
    assert verdict.remedies[0].command == "go env -u GOFLAGS"


@pytest.mark.parametrize(("has_launcher", "status"), [(False, "warn"), (True, "fail")])
def test_an_error_in_goshims_config_stops_go_only_by_the_launcher(machine: FolderMachine, has_launcher, status):
    machine.toolchain("/usr/local/go")
    path = with_launcher(machine) if has_launcher else PATH
    verdict = found(machine, PATH=path, GOSHIM_RETRY__LOCK_BUDGET_S="many")
    assert verdict.status == status
    assert verdict.evidence[0].startswith("GOSHIM_RETRY__LOCK_BUDGET_S=")


@pytest.mark.parametrize(("has_launcher", "status"), [(False, "warn"), (True, "fail")])
def test_a_setting_that_names_no_go_stops_go_only_by_the_launcher(machine: FolderMachine, has_launcher, status):
    machine.toolchain("/usr/local/go")
    path = with_launcher(machine) if has_launcher else PATH
    verdict = found(machine, PATH=path, GOSHIM_TOOLCHAIN__GO="/opt/none/go")
    assert (verdict.status, verdict.summary) == (status, "toolchain.go = /opt/none/go: nothing there")


# toolchain-shadowed


def shadowed(machine: FolderMachine, path: str = PATH, **variables: str) -> Verdict:
    return judge(toolchain.toolchain_shadowed, look_at(machine, {"PATH": path, **variables}))


def test_one_go_under_several_names_is_one(machine: FolderMachine):
    with_distribution(machine)
    machine.link("/bin/go", "/usr/lib/go-1.19/bin/go")
    assert shadowed(machine, "/usr/bin:/bin").status == "ok"


def test_other_versions_side_by_side_are_no_problem(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    machine.toolchain(f"{HOME}/sdk/go1.28.0", "go1.28.0")
    with_distribution(machine)
    verdict = shadowed(machine)
    assert verdict.status == "info"
    assert verdict.evidence == (
        "/usr/local/go/bin/go: go1.27.3 (PATH)",
        "/usr/bin/go: go1.19.8 (PATH)",
        f"{HOME}/sdk/go1.28.0/bin/go: go1.28.0 (usual place)",
    )


def test_one_other_version_is_told_as_one(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    with_distribution(machine)
    assert shadowed(machine).summary == "go1.27.3 is run; 1 of another version is installed"
    machine.toolchain(f"{HOME}/sdk/go1.28.0", "go1.28.0")
    assert shadowed(machine).summary == "go1.27.3 is run; 2 of another version are installed"


def test_a_newer_go_that_was_put_behind_the_distributions_is_told_with_the_line(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    with_distribution(machine)
    machine.write(f"{HOME}/.profile", "# mine\nexport PATH=$PATH:/usr/local/go/bin\n")
    verdict = shadowed(machine, "/usr/bin:/usr/local/go/bin")
    assert (verdict.status, verdict.summary) == ("warn", "go1.19.8 is run, and hides go1.27.3 behind it in PATH")
    assert f"{HOME}/.profile:2: export PATH=$PATH:/usr/local/go/bin" in verdict.evidence
    assert verdict.remedies[0].command == 'export PATH=/usr/local/go/bin:"$PATH"'
    (edit,) = verdict.remedies[0].edits
    assert (edit.path, edit.line, edit.new) == (f"{HOME}/.profile", 2, "export PATH=/usr/local/go/bin:$PATH")
    assert shadowed(machine, "/usr/local/go/bin:/usr/bin").status == "info"


@pytest.mark.parametrize(
    ("line", "mended"),
    [
        ('export PATH="$PATH:/usr/local/go/bin"', 'export PATH="/usr/local/go/bin:$PATH"'),
        ("PATH=${PATH}:/usr/local/go/bin", "PATH=/usr/local/go/bin:${PATH}"),
        ("export PATH=$PATH:/usr/local/go/bin:$HOME/go/bin", None),
        ("[ -d /usr/local/go ] && PATH=$PATH:/usr/local/go/bin", None),
        ("export PATH='$PATH:/usr/local/go/bin", None),
    ],
)
def test_a_line_is_mended_only_where_it_does_nothing_else(machine: FolderMachine, line, mended):
    machine.toolchain("/usr/local/go")
    with_distribution(machine)
    machine.write(f"{HOME}/.profile", f"{line}\n")
    edits = shadowed(machine, "/usr/bin:/usr/local/go/bin").remedies[0].edits
    assert [edit.new for edit in edits] == ([mended] if mended else [])


def test_an_older_go_that_someone_put_first_was_meant(machine: FolderMachine):
    machine.toolchain(f"{HOME}/sdk/go1.22.1", "go1.22.1")
    machine.toolchain("/usr/local/go")
    assert shadowed(machine, f"{HOME}/sdk/go1.22.1/bin:/usr/local/go/bin").status == "info"


def test_a_newer_go_that_is_not_on_path_is_not_hidden(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    with_distribution(machine)
    assert shadowed(machine, "/usr/bin").status == "info"


def test_a_shim_that_comes_first_is_worth_knowing(machine: FolderMachine):
    machine.program(f"{HOME}/.local/share/mise/shims/go", b"#!/bin/sh\n")
    machine.toolchain("/usr/local/go")
    verdict = shadowed(machine, f"{HOME}/.local/share/mise/shims:{PATH}")
    assert verdict.status == "info"
    assert "another manager's shim" in verdict.summary


def test_a_go_of_windows_hides_nothing(machine: FolderMachine):
    machine.become_wsl()
    machine.toolchain("/usr/local/go")
    machine.program("/mnt/c/Program Files/Go/bin/go.exe")
    verdict = shadowed(machine, f"/mnt/c/Program Files/Go/bin:/mnt/c/Windows:{PATH}")
    assert verdict.status == "ok"
    assert verdict.evidence == ("/mnt/c/Program Files/Go/bin/go.exe: of Windows, never run by the name go",)


def test_without_a_go_nothing_can_be_hidden(machine: FolderMachine):
    assert shadowed(machine).status == "skip"


# toolchain-wanted


def asked(
    machine: FolderMachine,
    go_mod: str,
    version: str = "go1.24.11",
    go_env: str = "GOTOOLCHAIN=auto\n",
    **variables: str,
) -> Verdict:
    """What is said where this go.mod is the project's, and that version the one that is run."""
    machine.toolchain("/usr/local/go", version)
    machine.write("/usr/local/go/go.env", go_env)
    machine.write(f"{PROJECT}/go.mod", f"module m\n\n{go_mod}\n")
    look = look_at(machine, {"PATH": PATH, **variables}, commands=says(version))
    return judge(toolchain.toolchain_wanted, look)


@pytest.mark.parametrize("lines", ["go 1.24", "go 1.24.11", "go 1.20", "", "go 1.21\ntoolchain go1.24.3"])
def test_a_go_that_is_new_enough_will_do(machine: FolderMachine, lines):
    assert asked(machine, lines).status == "ok"


def test_outside_a_module_nothing_is_asked_for(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    look = look_at(machine, {"PATH": PATH}, commands=says("go1.27.3"))
    assert judge(toolchain.toolchain_wanted, look).status == "skip"


def test_what_is_newer_is_fetched_by_the_next_call(machine: FolderMachine):
    verdict = asked(machine, "go 1.25")
    assert (verdict.status, verdict.summary) == ("info", "the next go call here downloads go1.25.0")
    assert verdict.evidence[0] == f"{PROJECT}/go.mod: go 1.25"


def test_the_toolchain_line_counts_where_it_is_newer(machine: FolderMachine):
    assert asked(machine, "go 1.25.1\ntoolchain go1.27.3").summary == "the next go call here downloads go1.27.3"
    assert asked(machine, "go 1.26\ntoolchain go1.25.9").summary == "the next go call here downloads go1.26.0"


def test_with_gotoolchain_local_a_newer_go_line_ends_every_call(machine: FolderMachine):
    verdict = asked(machine, "go 1.25", go_env="GOTOOLCHAIN=local\n")
    assert verdict.status == "fail"
    assert "GOTOOLCHAIN=local (/usr/local/go/go.env:1)" in verdict.evidence
    assert verdict.remedies[0].command == "go env -w GOTOOLCHAIN=auto"


def test_with_gotoolchain_local_a_newer_toolchain_line_is_a_wish(machine: FolderMachine):
    assert asked(machine, "go 1.21\ntoolchain go1.27.3", GOTOOLCHAIN="local").status == "ok"


def test_without_any_gotoolchain_go_stays_what_it_is(machine: FolderMachine):
    assert asked(machine, "go 1.25", go_env="").status == "fail"


def test_toolchain_default_keeps_go_from_switching(machine: FolderMachine):
    verdict = asked(machine, "go 1.25\ntoolchain default")
    assert verdict.status == "fail"
    assert "`toolchain default` keeps go at go1.24.11" in verdict.summary


def test_a_gotoolchain_that_is_none_ends_every_call(machine: FolderMachine):
    verdict = asked(machine, "go 1.24", GOTOOLCHAIN="bash")
    assert (verdict.status, verdict.summary) == ("fail", "go: invalid GOTOOLCHAIN 'bash'")
    assert verdict.remedies[0].command == "export GOTOOLCHAIN=auto"


def outside(machine: FolderMachine, version: str = "go1.24.11", **variables: str) -> Verdict:
    """What is said where there is no go.mod."""
    machine.toolchain("/usr/local/go", version)
    return judge(toolchain.toolchain_wanted, look_at(machine, {"PATH": PATH, **variables}, commands=says(version)))


@pytest.mark.parametrize("value", ["bogus", "+auto", "local+x", "go1.24.0+"])
def test_a_gotoolchain_that_is_none_ends_every_call_outside_a_module_too(machine: FolderMachine, value):
    verdict = outside(machine, GOTOOLCHAIN=value)
    assert (verdict.status, verdict.summary) == ("fail", f"go: invalid GOTOOLCHAIN {value!r}")


@pytest.mark.parametrize(
    "value", ["", "auto", "path", "local", "local+path", "go1.24.0", "go1.21.3-corp+auto", "gccgo-go1.20.3"]
)
def test_what_gotoolchain_may_say_is_no_fault(machine: FolderMachine, value):
    assert outside(machine, GOTOOLCHAIN=value).status == "skip"


@pytest.mark.parametrize("version", ["go1.19.8", "devel go1.28-abcdef"])
def test_a_go_that_knows_no_gotoolchain_takes_any(machine: FolderMachine, version):
    assert outside(machine, version, GOTOOLCHAIN="bogus").status == "skip"


def test_a_go_mod_that_cant_be_parsed_is_told(machine: FolderMachine):
    machine.write(f"{PROJECT}/go.mod", "<<<<<<< HEAD\nmodule m\n")
    verdict = outside(machine)
    assert verdict.status == "fail"
    assert verdict.summary == "go: errors parsing go.mod: line 1: unknown directive: <<<<<<<"
    assert verdict.evidence == (f"{PROJECT}/go.mod",)
    assert outside(machine, GO111MODULE="off").status == "skip"


def test_a_go_mod_that_go_passes_over_is_told(machine: FolderMachine):
    machine.directory(f"{PROJECT}/go.mod")
    verdict = outside(machine)
    assert (verdict.status, verdict.summary.partition(": ")[2]) == (
        "warn",
        "a directory, not a regular file: go takes it for no go.mod",
    )


@pytest.mark.parametrize(
    ("value", "summary"),
    [
        ("/none", "go: reading go.work: open /none: no such file or directory"),
        ("go.work", "go: invalid GOWORK: not an absolute path"),
    ],
)
def test_a_gowork_that_names_no_file_ends_every_call(machine: FolderMachine, value, summary):
    verdict = outside(machine, GOWORK=value)
    assert (verdict.status, verdict.summary) == ("fail", summary)
    assert verdict.remedies[0].command == "unset GOWORK"


@pytest.mark.parametrize("value", ["off", "auto"])
def test_a_gowork_that_names_none_is_no_fault(machine: FolderMachine, value):
    assert asked(machine, "go 1.24", GOWORK=value).status == "ok"


@pytest.mark.parametrize("value", ["auto", "local+auto", "go1.24.0+auto"])
def test_each_way_to_say_auto_fetches(machine: FolderMachine, value):
    assert asked(machine, "go 1.25", GOTOOLCHAIN=value).status == "info"


def test_a_gotoolchain_that_names_one_is_obeyed_downwards_too(machine: FolderMachine):
    assert asked(machine, "go 1.21", GOTOOLCHAIN="go1.22.4").summary == "the next go call here downloads go1.22.4"
    assert asked(machine, "go 1.23", GOTOOLCHAIN="go1.22.4").status == "fail"


def test_a_toolchain_on_path_is_taken(machine: FolderMachine):
    machine.program("/usr/bin/go1.25.0")
    verdict = asked(machine, "go 1.25", GOTOOLCHAIN="path")
    assert (verdict.status, verdict.evidence[-1]) == ("ok", "/usr/bin/go1.25.0")


def test_with_gotoolchain_path_nothing_else_is_looked_for(machine: FolderMachine):
    assert asked(machine, "go 1.25", GOTOOLCHAIN="path").summary == 'go: cannot find "go1.25.0" in PATH'


@pytest.mark.parametrize(
    "place",
    [
        f"{CACHE}/golang.org/toolchain@v0.0.1-go1.25.0.linux-amd64/bin/go",
        f"{CACHE}/cache/download/golang.org/toolchain/@v/v0.0.1-go1.25.0.linux-amd64.zip",
    ],
)
def test_a_toolchain_in_the_module_cache_needs_no_network(machine: FolderMachine, place):
    machine.write(place, "")
    assert asked(machine, "go 1.25", GOPROXY="off").status == "ok"


@pytest.mark.parametrize(
    ("variables", "command"),
    [({"GOPROXY": "off"}, "unset GOPROXY"), ({"GOSUMDB": "off"}, "unset GOSUMDB")],
)
def test_what_must_be_fetched_and_may_not_be_is_told_before_a_build_fails(machine, variables, command):
    verdict = asked(machine, "go 1.25", **variables)
    assert verdict.status == "fail"
    assert verdict.remedies[0].command == command


def test_without_checksums_a_proxy_of_files_may_give_a_toolchain(machine: FolderMachine):
    assert asked(machine, "go 1.25", GOSUMDB="off", GOPROXY="file:///srv/goproxy").status == "info"


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("go 1.18", "ok"),
        ("go 1.27", "warn"),
        ("go 1.21.0", "fail"),
        ("go 1.21rc1", "fail"),
        ("go 1.18\ntoolchain go1.21.3", "fail"),
    ],
)
def test_a_go_before_1_21_fails_on_what_it_does_not_know(machine: FolderMachine, lines, status):
    assert asked(machine, lines, version="go1.19.8", go_env="").status == status


def test_modules_that_are_off_ask_for_nothing(machine: FolderMachine):
    assert asked(machine, "go 1.99", GO111MODULE="off").status == "skip"


def test_a_development_version_is_not_compared(machine: FolderMachine):
    assert asked(machine, "go 1.99", version="devel go1.28-abcdef").status == "skip"


def test_a_shims_go_is_not_known(machine: FolderMachine):
    machine.program("/usr/bin/go", b"#!/bin/sh\n")
    machine.write(f"{PROJECT}/go.mod", "module m\n\ngo 1.27\n")
    verdict = judge(toolchain.toolchain_wanted, look_at(machine, {"PATH": "/usr/bin"}))
    assert verdict.status == "skip"
    assert "another manager's shim" in verdict.summary
