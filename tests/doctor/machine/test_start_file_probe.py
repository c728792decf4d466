"""Of start files, what doctor keeps."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.engine.look import Options
from goshim.doctor.engine.record import of
from goshim.doctor.machine import origins
from goshim.facts.host import UnreadableError
from tests.doctor.described import look_at
from tests.machine import HOME, FolderMachine

BASHRC = f"{HOME}/.bashrc"
TEXT = """\
alias db='mysql -uroot -phunter2'
export GOROOT=/bad; MY_PIN=hunter2 mysql
curl -x $https_proxy -u bob:hunter2
export GOPATH=/go  # hunter2
"""


def lines(machine: FolderMachine, path: str = BASHRC) -> object:
    return DoctorHost({}, "/", machine.root).probe("start_files.lines", path)


def test_only_what_sets_variables_of_go_is_kept_with_its_line(machine: FolderMachine):
    machine.write(BASHRC, TEXT)
    assert lines(machine) == [[2, "export GOROOT=/bad …"], [4, "export GOPATH=/go …"]]


def test_a_record_has_nothing_else_of_a_start_file(machine: FolderMachine):
    machine.write(BASHRC, TEXT)
    look = look_at(machine)
    assert len(look(origins.start_lines)) == 2
    assert "hunter2" not in of(look.host, Options()).to_json()


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (".config/fish/config.fish", "set -gx https_proxy me:hunter2@p.corp:80"),
        (".config/fish/config.fish", "set --global --export http_proxy 'me:hunter2@p.corp:80 '"),
        (".config/fish/fish_variables", "SETUVAR --export http_proxy:http\\x3a//me\\x3ahunter2\\x40p\\x2ecorp"),
        (".pam_environment", "https_proxy DEFAULT=me:hunter2@p.corp:80"),
        (".bashrc", 'export "https_proxy=me:hunter2@p.corp:80"'),
    ],
)
def test_a_record_has_no_password_of_a_proxy_however_it_is_set(machine: FolderMachine, path: str, line: str):
    machine.write(f"{HOME}/{path}", f"{line}\n")
    look = look_at(machine)
    (found,) = look(origins.start_lines)
    assert found.text == line
    text = of(look.host, Options()).to_json()
    assert "hunter2" not in text
    assert "***@p" in text or "***\\\\x40p" in text


def test_a_file_that_is_not_there_has_no_lines(machine: FolderMachine):
    assert lines(machine) == []


def test_a_file_that_can_t_be_read_is_told(machine: FolderMachine):
    machine.directory(BASHRC)
    with pytest.raises(UnreadableError, match=r"\.bashrc"):
        lines(machine)
