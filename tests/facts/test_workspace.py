from __future__ import annotations

import pytest

from goshim.facts.host import Host, UnreadableError
from goshim.facts.mod_file import MalformedError
from goshim.facts.workspace import MOST_MODULES, directories, members


def test_their_directories_are_absolute():
    assert members("/w/x", "use ./a\nuse ../b\nuse /c\nuse .\n") == ["/w/x/a", "/w/b", "/c", "/w/x"]


def test_the_workspace_in_force_is_that_above_or_the_one_that_is_named(tmp_path):
    for name in ("w/a", "v", "none"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "w/go.work").write_text("use ./a\n")
    (tmp_path / "v/other.work").write_text("use ./b\n")
    inside, outside = Host({}, f"{tmp_path}/w/a"), Host({}, f"{tmp_path}/none")
    assert directories(inside, "") == [f"{tmp_path}/w", f"{tmp_path}/w/a"]
    assert directories(inside, f"{tmp_path}/v/other.work") == [f"{tmp_path}/v", f"{tmp_path}/v/b"]
    assert directories(inside, "off") == directories(outside, "") == []


def test_a_workspace_of_too_many_modules_is_not_looked_at():
    few = "use (\n" + "".join(f"./{number}\n" for number in range(MOST_MODULES)) + ")\n"
    assert len(members("/w", few)) == MOST_MODULES
    with pytest.raises(UnreadableError):
        members("/w", few + "use ./more\n")


def test_of_a_workspace_that_go_refuses_nothing_is_used(tmp_path):
    with pytest.raises(MalformedError):
        members("/w", "use (\n./a\n")
    (tmp_path / "go.work").write_text("use (\n./a\n")
    with pytest.raises(UnreadableError, match=r"go\.work: the block that begins in line 1 has no end"):
        directories(Host({}, str(tmp_path)), "")


def test_no_member_has_a_name_that_no_directory_can_have():
    assert members("/w", 'use "./a\\x00b"\nuse ./c\n') == ["/w/c"]
