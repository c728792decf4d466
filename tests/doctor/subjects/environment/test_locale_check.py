"""The remedies of the check of the locale."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.environment import locale_check as locale
from tests.doctor.described import look_at
from tests.machine import FolderMachine

SOURCES = Path("/usr/share/i18n")


def localedef(machine: FolderMachine, name: str) -> list[str]:
    probes = {"locales.charsets": {"C.UTF-8": "UTF-8", name: None}}
    found = judge(locale.locale, look_at(machine, {"LC_ALL": name}, probes=probes)).remedies
    return [each.command for each in found if "localedef" in each.command]


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("de_DE", "localedef -i de_DE -f UTF-8 de_DE"),
        ("de_DE@euro", "localedef -i de_DE@euro -f UTF-8 de_DE@euro"),
        ("sr_RS.utf8@latin", "localedef -i sr_RS@latin -f UTF-8 sr_RS.utf8@latin"),
        ("zh_CN.GBK", "localedef -i zh_CN -f GBK zh_CN.GBK"),
    ],
)
def test_the_locale_that_is_made_has_the_name_that_is_asked_for(machine: FolderMachine, name: str, command: str):
    assert localedef(machine, name) == [f"sudo {command}"]


@pytest.mark.parametrize("name", ["de_DE@;reboot", "de_DE@", "../x", "de_DE.$(id)"])
def test_what_is_no_name_of_a_locale_is_in_no_command(machine: FolderMachine, name: str):
    assert localedef(machine, name) == []


@pytest.mark.skipif(not SOURCES.is_dir(), reason="no sources of locales")
@pytest.mark.parametrize("name", ["de_DE", "de_DE@euro", "en_US.UTF-8"])
def test_bash_no_longer_warns_where_it_was_made(machine: FolderMachine, tmp_path: Path, name: str):
    (command,) = localedef(machine, name)
    words = command.removeprefix("sudo ").split()
    subprocess.run([*words[:-1], str(tmp_path / name)], check=True, capture_output=True)
    variables = {"PATH": os.environ["PATH"], "LC_ALL": name, "LOCPATH": str(tmp_path)}
    done = subprocess.run(["bash", "-c", "locale charmap"], env=variables, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("UTF-8\n", "")
