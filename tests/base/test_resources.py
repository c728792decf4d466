from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from goshim.base import resources
from tests.tables import for_each


@for_each("name", ["bin/go", "config/filesystems.toml"])
def test_what_belongs_to_the_code_is_beside_it(name):
    assert os.path.isfile(resources.path(name))


def test_the_launcher_is_an_executable_regular_file():
    launcher = Path(resources.path("bin/go"))
    assert os.access(launcher, os.X_OK)
    assert not launcher.is_symlink()


def test_each_row_of_the_file_systems_is_one_that_can_match_and_names_its_source():
    rows = resources.load_rows("filesystems.toml", "windows")
    assert rows
    for row in rows:
        assert set(row) <= {"type", "option", "source"}
        re.compile(row.get("source", ""))
    text = Path(resources.path("config/filesystems.toml")).read_text(encoding="utf-8")
    for table in text.split("[[windows]]")[1:]:
        assert re.search(r"^# .*microsoft/WSL", table, re.MULTILINE)


def test_in_a_wheel_it_is_inside_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "PACKAGE", str(tmp_path / "goshim"))
    assert resources.path("bin/go") == str(tmp_path / "bin" / "go")
    (tmp_path / "goshim" / "_data").mkdir(parents=True)
    assert resources.path("bin/go") == str(tmp_path / "goshim" / "_data" / "bin" / "go")


def test_what_is_installed_beside_goshim_is_looked_for_in_its_environment():
    places = resources.beside("go/bin/go")
    assert all(os.path.isabs(place) and place.endswith("/go/bin/go") for place in places)
    assert os.path.join(os.path.dirname(resources.PACKAGE), "go/bin/go") in places


def test_a_toml_error_names_its_line():
    with pytest.raises(ValueError, match="line 2"):
        resources.parse_toml("a = 1\nb = = 2\n")


@for_each(
    "python, command",
    [
        ("/venv/bin/python", "/venv/bin/python -m pip install --upgrade 'goshim[go]'"),
        ("/usr/local/bin/python3", "/usr/local/bin/python3 -m pip install --upgrade 'goshim[go]'"),
        ("/usr/bin/python3", "pipx install 'goshim[go]'"),
        ("/usr/bin/python3.13", "pipx install 'goshim[go]'"),
        ("/home/me/.local/share/pipx/venvs/goshim/bin/python", "pipx install --force 'goshim[go]'"),
        ("/home/me/.local/share/uv/tools/goshim/bin/python", "uv tool install --upgrade 'goshim[go]'"),
    ],
)
def test_an_upgrade_is_by_what_installed_goshim_and_never_by_pip_into_a_distributions_python(python, command):
    assert resources.upgrade_command("goshim[go]", python) == command
