from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from goshim import data


@pytest.mark.parametrize("name", ["bin/go", "config/filesystems.toml"])
def test_what_belongs_to_the_code_is_beside_it(name):
    assert os.path.isfile(data.path(name))


def test_the_launcher_is_an_executable_regular_file():
    launcher = Path(data.path("bin/go"))
    assert os.access(launcher, os.X_OK)
    assert not launcher.is_symlink()


def test_each_row_of_the_file_systems_is_one_that_can_match_and_names_its_source():
    rows = data.load_rows("filesystems.toml", "windows")
    assert rows
    for row in rows:
        assert set(row) <= {"type", "option", "source"}
        re.compile(row.get("source", ""))
    text = Path(data.path("config/filesystems.toml")).read_text(encoding="utf-8")
    for table in text.split("[[windows]]")[1:]:
        assert re.search(r"^# .*microsoft/WSL", table, re.MULTILINE)


def test_a_toml_error_names_its_line():
    with pytest.raises(ValueError, match="line 2"):
        data.parse_toml("a = 1\nb = = 2\n")
