from __future__ import annotations

import pytest

from goshim.facts.host import Host
from goshim.facts.workspace import directories, members, used

BLOCK = """go 1.21

use (
	./a // the library
	../b
	"./with blank"
	`./raw`
)
"""


@pytest.mark.parametrize(
    ("text", "directories"),
    [
        ("go 1.21\nuse ./a\n", ["./a"]),
        ("use ./a\nuse ./b\n", ["./a", "./b"]),
        (BLOCK, ["./a", "../b", "./with blank", "./raw"]),
        ("use (./a)\n", ["./a"]),
        (BLOCK.replace("\n", "\r\n"), ["./a", "../b", "./with blank", "./raw"]),
        ("use (\n\t./a\n) // these\nuse ./b // and this\n", ["./a", "./b"]),
        ("use\t./a\r\nuser ./b\nuse(\n./c\n)", ["./a", "./c"]),
        ("// use ./a\nreplace x => ./y\n", []),
        ("use .\n", ["."]),
        ("", []),
        ("use", []),
        ("use (", []),
    ],
)
def test_the_modules_that_a_workspace_uses(text, directories):
    assert used(text) == directories


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
