"""What is taken from editors' settings, and nothing else of them."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.subjects.shim import editor_probe as editors
from goshim.facts.host import UnreadableError
from tests.growth import is_linear
from tests.tables import for_each

SETTINGS = """\ufeff// mine
{
  /* a url is no comment: */ "http.proxy": "http://me:secret@proxy",
  "go.goroot": "/opt/go", // the old one
  "go.alternateTools": { "dlv": "/x/dlv", "go": "/y/\\"go\\"", },
  "go.toolsEnvVars": { "GOROOT": "/z", "GOFLAGS": "-mod=mod" },
  "terminal.integrated.env.linux": { "PATH": "/a:/*:/b", "GOROOT": null, },
}
"""


def settings(folder: Path, text: str) -> list[list[str]]:
    path = folder / "settings.json"
    path.write_text(text, encoding="utf-8")
    return editors.settings(DoctorHost({}, "/"), str(path))


def test_comments_and_last_commas_are_understood_and_only_what_chooses_a_go_is_given(tmp_path: Path):
    assert settings(tmp_path, SETTINGS) == [
        ["go.goroot", "/opt/go"],
        ["go.alternateTools/go", '/y/"go"'],
        ["go.toolsEnvVars/GOROOT", "/z"],
        ["terminal.integrated.env.linux/PATH", "/a:/*:/b"],
    ]


@pytest.mark.parametrize(
    "text", ["", "// nothing\n", "{}", "[1, 2,]", '{"go.goroot": null, "go.alternateTools": "go"}']
)
def test_settings_that_choose_nothing_give_nothing(tmp_path: Path, text: str):
    assert settings(tmp_path, text) == []


@pytest.mark.parametrize("text", ["{", '{"a": "b}', "[" * 100_000])
def test_what_is_no_json_is_told_with_its_path(tmp_path: Path, text: str):
    with pytest.raises(UnreadableError, match=r"settings\.json is not JSON"):
        settings(tmp_path, text)


def test_the_record_of_a_host_holds_nothing_else_of_the_file(tmp_path: Path):
    host = DoctorHost({}, "/")
    path = tmp_path / "settings.json"
    path.write_text(SETTINGS, encoding="utf-8")
    host.probe("editors.settings", str(path))
    assert "secret" not in repr(host.answers)


def parse(text: str) -> None:
    with contextlib.suppress(ValueError, RecursionError):
        editors.parse(text)


@for_each("unit", ['\\"', "/*", "/*/", '"', ", ", ",\n", "[", "\\", "//\n", '"":1,', "/**/,", " ", ",}", "\\\n"])
def test_the_time_that_any_text_takes_grows_with_its_length(unit):
    for beginning in ("", '{"a":"', "[", "/*", "//"):
        assert is_linear(parse, unit, beginning), beginning
