"""`goshim exec` finds what a shell would find, but nothing that depends on the working directory."""

from __future__ import annotations

import os

import pytest

from goshim.cli.execute import CommandNotFoundError, find
from goshim.facts.host import Host


@pytest.fixture
def here(tmp_path, monkeypatch):
    (tmp_path / "clone").mkdir()
    monkeypatch.chdir(tmp_path / "clone")
    for path in ("clone/go", "clone/tool", "bin/go"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("#!/bin/sh\n")
        (tmp_path / path).chmod(0o755)
    (tmp_path / "link").symlink_to("/proc/self/cwd")
    (tmp_path / "link to link").symlink_to("link")
    (tmp_path / "way").symlink_to("bin")
    return tmp_path


def found(name, *entries, here):
    return find(
        name, ":".join(entry.format(here=here, process=os.getpid()) for entry in entries), Host({}, os.getcwd())
    )


DEPENDENT = [
    "", ".", "..", "./.", "../clone", "/proc/self/cwd", "//proc/self/cwd", "/proc/../proc/self/cwd",
    "/proc/thread-self/cwd", "/proc/{process}/cwd", "/dev/fd/../cwd", "{here}/link", "{here}/link to link",
    "{here}/clone/../link",
]  # fmt: skip


@pytest.mark.parametrize("entry", DEPENDENT)
def test_what_depends_on_the_working_directory_is_not_searched(here, entry):
    assert found("go", entry, "{here}/bin", here=here) == f"{here}/bin/go"
    with pytest.raises(CommandNotFoundError, match="not searched"):
        found("tool", entry, "{here}/bin", here=here)


@pytest.mark.parametrize("entry", ["{here}/bin", "{here}/way", "{here}/clone/../bin", "{here}//bin/"])
def test_any_other_entry_is(here, entry):
    assert os.path.samefile(found("go", entry, here=here), here / "bin/go")


def test_a_name_with_a_slash_is_a_path(here):
    assert found("./go", "/usr/bin", here=here) == "./go"
