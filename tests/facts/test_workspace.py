from __future__ import annotations

import pytest

from goshim.facts.workspace import members, used

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
