"""Which go an editor runs."""

from __future__ import annotations

import pytest

from goshim.doctor.subjects.shim import editors
from goshim.facts.host import UnreadableError
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine

SERVER = f"{HOME}/.vscode-server/data/Machine/settings.json"
WORKSPACE = f"{HOME}/project/.vscode/settings.json"


def chosen(machine: FolderMachine, path: str, key: str, value: str) -> tuple[str, bool]:
    machine.write(path, "{}")
    look = look_at(machine, {"PATH": "/usr/bin"}, probes={"editors.settings": [[key, value]]})
    (setting,) = look(editors.settings).found
    return setting.go, setting.is_usual


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("go.goroot", "/opt/go/"),
        ("go.alternateTools/go", "/opt/go/bin/go"),
        ("go.goroot", "~/../../opt/go"),
        ("go.goroot", "${env:HOME}/../../opt/go"),
        ("go.goroot", "${workspaceFolder}/../../../opt/go"),
    ],
)
def test_a_setting_names_a_go_by_any_of_the_ways_to_write_a_path(machine: FolderMachine, key: str, value: str):
    machine.program("/opt/go/bin/go")
    go, is_usual = chosen(machine, WORKSPACE, key, value)
    assert go.endswith("/opt/go/bin/go")
    assert not is_usual


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("go.goroot", "/nowhere"),
        ("go.goroot", "C:\\Program Files\\Go"),
        ("go.goroot", "${config:x}/go"),
        ("go.alternateTools/go", "go1.24"),
        ("go.toolsEnvVars/GOROOT", "/opt/go"),
    ],
)
def test_what_is_not_there_or_is_no_choice_names_none(machine: FolderMachine, key: str, value: str):
    machine.program("/opt/go/bin/go")
    assert chosen(machine, SERVER, key, value) == ("", False)


def test_the_go_that_path_brings_is_told_by_what_its_path_resolves_to(machine: FolderMachine):
    machine.program("/opt/go/bin/go")
    machine.link("/usr/bin/go", "/opt/go/bin/go")
    assert chosen(machine, SERVER, "go.goroot", "/opt/go") == ("/opt/go/bin/go", True)


def test_settings_of_user_server_and_workspace_are_found(machine: FolderMachine):
    user = f"{HOME}/.config/Code/User/settings.json"
    for path in (user, SERVER, f"{HOME}/.vscode/settings.json"):
        machine.write(path, "{}")
    assert look_at(machine)(editors.files) == (SERVER, user, f"{HOME}/.vscode/settings.json")
    machine.write(WORKSPACE, "{}")
    assert look_at(machine)(editors.files)[-1] == WORKSPACE


def test_a_file_that_can_not_be_read_leaves_the_others(machine: FolderMachine):
    machine.write(SERVER, "{")
    machine.write(WORKSPACE, "{}")
    probes = {f"editors.settings {SERVER}": UnreadableError("no JSON"), "editors.settings": [["go.goroot", "/opt"]]}
    found = look_at(machine, probes=probes)(editors.settings)
    assert (found.unreadable, len(found.found)) == (("no JSON",), 1)


def test_the_sdk_of_goland_is_read_from_its_workspace_file(machine: FolderMachine):
    machine.program(f"{HOME}/sdk/go1.24/bin/go")
    machine.write(
        f"{HOME}/project/.idea/workspace.xml",
        '<project>\n  <component name="GOROOT" url="file://$USER_HOME$/sdk/go1.24" />\n <x secret="1"/>\n</project>\n',
    )
    look = look_at(machine)
    assert [each.go for each in look(editors.settings).found] == [f"{HOME}/sdk/go1.24/bin/go"]
    assert "secret" not in repr(look.host.answers)


def test_a_goroot_counts_if_a_start_file_sets_it_and_an_editor_is_used(machine: FolderMachine):
    machine.program("/opt/go/bin/go")
    look = {"GOROOT": "/opt/go"}
    assert look_at(machine, look)(editors.by_environment) == ()
    machine.directory(f"{HOME}/.vscode-server")
    assert look_at(machine, look)(editors.by_environment) == ()
    machine.write(f"{HOME}/.profile", "export GOROOT=/opt/go\n")
    (found,) = look_at(machine, look)(editors.by_environment)
    assert (found.place, found.go) == (f"{HOME}/.profile:1", "/opt/go/bin/go")
