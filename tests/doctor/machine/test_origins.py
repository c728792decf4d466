"""Where a variable comes from."""

from __future__ import annotations

import pytest

from goshim.doctor.formats import start_file_lines
from goshim.doctor.machine import origins
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine
from tests.tables import for_each


def places(machine: FolderMachine, name: str, variables: dict[str, str] | None = None) -> list[str]:
    return [each.place for each in origins.of(look_at(machine, variables), name)]


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/etc/environment", 'GOROOT="/usr/local/go"'),
        ("/etc/environment.d/go.conf", "GOROOT=/usr/local/go"),
        ("/etc/profile.d/go.sh", "export GOROOT=/usr/local/go"),
        ("/etc/bashrc", "[ -d /go ] && GOROOT=/go"),
        (f"{HOME}/.bashrc", "export GOPATH=/x GOROOT=/go"),
        (f"{HOME}/.zshrc", "typeset -x GOROOT=/go"),
        (f"{HOME}/.zlogin", "GOROOT+=/go"),
        (f"{HOME}/.config/fish/config.fish", "set -gx GOROOT /go"),
        (f"{HOME}/.config/fish/conf.d/go.fish", "set --export --global GOROOT /go"),
        (f"{HOME}/.config/fish/fish_variables", "SETUVAR --export GOROOT:/go"),
        (f"{HOME}/.pam_environment", "GOROOT DEFAULT=/go"),
    ],
)
def test_each_way_to_set_a_variable_is_found_with_its_line(machine: FolderMachine, path: str, line: str):
    machine.write(path, f"# a comment\n{line}\n")
    assert places(machine, "GOROOT") == [f"{path}:2"]


@pytest.mark.parametrize(
    "line",
    ["# export GOROOT=/go", "echo $GOROOT", "export MYGOROOT=/go", "export GOROOT_BOOTSTRAP=/go", "unset GOROOT"],
)
def test_what_does_not_set_it_is_not_told(machine: FolderMachine, line: str):
    machine.write(f"{HOME}/.bashrc", f"{line}\n")
    assert places(machine, "GOROOT") == []


@pytest.mark.parametrize(
    "line", ["fish_add_path /opt/bin", "path+=(/opt/bin)", "path=(/opt/bin $path)", "PATH=/opt:$PATH"]
)
def test_path_is_set_in_ways_of_its_own(machine: FolderMachine, line: str):
    machine.write(f"{HOME}/.zshrc", f"{line}\n")
    assert places(machine, "PATH") == [f"{HOME}/.zshrc:1"]
    assert places(machine, "GOPATH") == []


def test_wslenv_comes_before_start_files(machine: FolderMachine):
    machine.become_wsl()
    machine.write(f"{HOME}/.profile", "GOPATH=/go\n")
    found = places(machine, "GOPATH", {"WSLENV": "GOROOT:GOPATH/l:"})
    assert found == ["WSLENV, entry GOPATH/l", f"{HOME}/.profile:1"]


@pytest.mark.parametrize("entry", ["GOPATH/w", "GOPATH/x", "gopath", "GOPATHX"])
def test_an_entry_of_wslenv_that_brings_nothing_is_no_origin(machine: FolderMachine, entry: str):
    machine.become_wsl()
    assert places(machine, "GOPATH", {"WSLENV": entry}) == []


def test_outside_wsl_there_is_no_wslenv(machine: FolderMachine):
    assert places(machine, "GOPATH", {"WSLENV": "GOPATH"}) == []


def test_a_file_that_can_t_be_read_is_passed_over(machine: FolderMachine):
    machine.directory(f"{HOME}/.bashrc")
    machine.write(f"{HOME}/.profile", "GOPATH=/go\n")
    assert places(machine, "GOPATH") == [f"{HOME}/.profile:1"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("export GOROOT=/usr/local/go", "/usr/local/go"),
        ('  GOROOT="/usr/local/my go";', "/usr/local/my go"),
        ("GOROOT=", ""),
        ("GOROOT='C:\\Go'\r", "C:\\Go\r"),
        ("export GOROOT=$HOME/go", f"{HOME}/go"),
        ("set -gx GOROOT /go", "/go"),
        ("set -x GOROOT /go\r", "/go"),
    ],
)
def test_a_line_that_does_nothing_else_can_be_taken_out(machine: FolderMachine, line: str, value: str):
    start_file = f"{HOME}/.config/fish/config.fish" if line.startswith("set") else f"{HOME}/.bashrc"
    machine.write(start_file, f"{line}\n")
    look = look_at(machine, {"GOROOT": value})
    assert [each.text for each in origins.alone(look, "GOROOT")] == [line]


@pytest.mark.parametrize(
    "line",
    [
        "export GOROOT=$(brew --prefix)/go",
        "export GOROOT=$SDK",
        "GOROOT=/go make",
        "export GOROOT=/go PATH=/go/bin:$PATH",
        "[ -d /go ] && export GOROOT=/go",
        "export GOROOT=/go # mine",
    ],
)
def test_a_line_that_does_more_stays(machine: FolderMachine, line: str):
    machine.write(f"{HOME}/.bashrc", f"{line}\n")
    look = look_at(machine, {"GOROOT": "/go"})
    assert [each.place for each in origins.of(look, "GOROOT")] == [f"{HOME}/.bashrc:1"]
    assert origins.alone(look, "GOROOT") == ()


def test_a_line_that_gives_another_value_is_not_where_the_value_comes_from(machine: FolderMachine):
    machine.write(f"{HOME}/.profile", "export GOROOT=/usr/local/go\nexport PATH=/usr/bin\n")
    assert places(machine, "GOROOT", {"GOROOT": "/bad"}) == []
    assert origins.source(look_at(machine, {"GOROOT": "/bad"}), "GOROOT") is None
    assert places(machine, "GOROOT", {"GOROOT": "/usr/local/go"}) == [f"{HOME}/.profile:1"]
    assert places(machine, "PATH", {"PATH": "/usr/bin:/opt/bin"}) == [f"{HOME}/.profile:2"]


@pytest.mark.parametrize(
    ("profile", "bashrc", "words"),
    [
        ("GOROOT=/bad", "GOROOT=$SDK", f"{HOME}/.profile:1"),
        ("GOROOT=$SDK", "GOROOT=/bad", f"{HOME}/.bashrc:1"),
        ("GOROOT=/good", "GOROOT=$SDK", "Windows, by WSLENV, entry GOROOT"),
        ("GOROOT=/bad", "GOROOT=/good", f"{HOME}/.profile:1"),
    ],
)
def test_the_source_of_a_value_is_the_line_that_gave_it_for_sure(machine, profile, bashrc, words):
    machine.become_wsl()
    machine.write(f"{HOME}/.profile", f"{profile}\n")
    machine.write(f"{HOME}/.bashrc", f"{bashrc}\n")
    found = origins.source(look_at(machine, {"WSLENV": "GOROOT", "GOROOT": "/bad"}), "GOROOT")
    assert found is not None
    assert found.words == words


def test_of_a_line_that_must_be_run_to_tell_it_is_said_that_it_only_seems(machine: FolderMachine):
    machine.write(f"{HOME}/.profile", "GOROOT=$SDK\n")
    found = origins.source(look_at(machine, {"GOROOT": "/bad"}), "GOROOT")
    assert found is not None
    assert found.words == f"{HOME}/.profile:1, it seems"


@for_each(
    "line, new",
    [
        ('  export GOROOT="/bad";', "  export GOROOT=/good;"),
        ("GOROOT='/bad'", "GOROOT=/good"),
        ("export GOROOT=/bad\r", "export GOROOT=/good"),
        ("set -gx GOROOT /bad", "set -gx GOROOT /good"),
    ],
)
def test_a_line_is_corrected_in_its_value_alone(line: str, new: str):
    path = f"{HOME}/.config/fish/config.fish" if line.startswith("set") else f"{HOME}/.bashrc"
    edit = origins.Origin(path, 3, line).corrected("/good")
    assert (edit.path, edit.line, edit.old, edit.new) == (path, 3, line, new)


def test_a_variable_is_told_with_its_value_and_without_its_password(machine: FolderMachine):
    machine.write(f"{HOME}/.profile", "export https_proxy=http://me:geheim@proxy:80\n")
    look = look_at(machine, {"https_proxy": "http://me:geheim@proxy:80"})
    assert origins.told(look, "https_proxy") == (
        "https_proxy=http://me:***@proxy:80",
        f"{HOME}/.profile:1: export https_proxy=http://me:***@proxy:80",
    )


@pytest.mark.parametrize(
    ("name", "line", "new"),
    [
        (".bashrc", "export GOROOT=/go", ": # export GOROOT=/go"),
        (".profile", "\t  GOROOT=/go ", "\t  : # GOROOT=/go "),
        (".zshenv", "  export GOROOT=/go", "  : # export GOROOT=/go"),
        (".config/fish/config.fish", "  set -gx GOROOT /go", "#   set -gx GOROOT /go"),
        (".config/environment.d/go.conf", "GOROOT=/go", "# GOROOT=/go"),
        (".pam_environment", "GOROOT DEFAULT=/go", "# GOROOT DEFAULT=/go"),
    ],
)
def test_a_line_that_is_commented_out_sets_nothing_any_more(machine: FolderMachine, name, line, new):
    path = f"{HOME}/{name}"
    machine.write(path, f"{line}\n")
    (found,) = origins.of(look_at(machine), "GOROOT")
    edit = found.commented_out()
    assert (edit.path, edit.line, edit.old, edit.new) == (path, 1, line, new)
    machine.write(path, f"{new}\n")
    assert origins.of(look_at(machine), "GOROOT") == ()


@for_each("path, shell", [
        ("/etc/profile", "bash"), ("/etc/bash.bashrc", "bash"), ("/etc/profile.d/go.sh", "bash"),
        ("/h/.bash_aliases", "bash"), ("/etc/zsh/zshrc", "zsh"), ("/h/.zlogin", "zsh"), ("/h/conf.d/a.fish", "fish"),
        ("/h/.config/fish/fish_variables", ""), ("/etc/environment", ""), ("/etc/wsl.conf", ""), ("/h/.gitconfig", ""),
        ("/h/.config/go/env", ""), ("", ""),
    ])  # fmt: skip
def test_a_start_file_is_known_by_its_name(path: str, shell: str):
    assert start_file_lines.shell_of(path) == shell
