from __future__ import annotations

import pytest

from goshim.rules.lookups import ABSENT_GCCGO
from tests.rules.facts_of import changed

WINDOWS = {"PATH": "/usr/bin:/mnt/c/Windows"}
NATIVE = {"PATH": "/usr/bin:/bin"}
NOTHING: frozenset[str] = frozenset()
GCC = frozenset({"gcc"})
GCCGO = frozenset({"gccgo"})


@pytest.mark.parametrize(
    ("variables", "programs", "file", "after"),
    [
        pytest.param(WINDOWS, GCC, {}, ABSENT_GCCGO, id="Windows entries and no gccgo"),
        pytest.param({**WINDOWS, "GCCGO": ""}, GCC, {}, ABSENT_GCCGO, id="empty is unset"),
        pytest.param({**WINDOWS, "GCCGO": "gccgo"}, GCC, {}, ABSENT_GCCGO, id="as go env prints it"),
        pytest.param(WINDOWS, GCC | GCCGO, {}, None, id="gccgo is here"),
        pytest.param(NATIVE, GCC, {}, None, id="no Windows entries"),
        pytest.param({}, GCC, {}, None, id="no PATH"),
        pytest.param({**WINDOWS, "GCCGO": "/opt/gccgo"}, GCC, {}, None, id="the caller has one"),
        pytest.param({**WINDOWS, "GCCGO": "gccgo-12"}, GCC, {}, None, id="the caller names another"),
        pytest.param(WINDOWS, GCC, {"GCCGO": "/opt/gccgo"}, None, id="go's own file has one"),
    ],
)
def test_where_go_would_look_for_gccgo_in_windows_entries_it_gets_an_absolute_one(variables, programs, file, after):
    found = changed(variables, wsl=True, native_programs=programs, go_env_file=file)
    assert found == ({"GCCGO": after} if after else {})
    assert changed(variables, native_programs=programs, go_env_file=file) == {}


@pytest.mark.parametrize(
    ("variables", "known", "is_off"),
    [
        pytest.param(WINDOWS, {}, True, id="Windows entries and no compiler"),
        pytest.param({**WINDOWS, "CGO_ENABLED": ""}, {}, True, id="CGO_ENABLED empty"),
        pytest.param({**WINDOWS, "CC": ""}, {}, True, id="CC empty"),
        pytest.param({**WINDOWS, "CGO_ENABLED": "maybe"}, {}, True, id="CGO_ENABLED that go ignores"),
        pytest.param(WINDOWS, {"go_env_file": {"CC": "clang"}}, True, id="CC in go's own file, which does not count"),
        pytest.param(WINDOWS, {"go_version": "go1.20"}, True, id="go1.20"),
        pytest.param(WINDOWS, {"go_version": "go1.28rc1"}, True, id="go1.28rc1"),
        pytest.param({**WINDOWS, "GOTOOLCHAIN": "go1.24.1"}, {}, True, id="a newer toolchain wanted"),
        pytest.param({**WINDOWS, "GOTOOLCHAIN": "local"}, {}, True, id="GOTOOLCHAIN=local"),
        pytest.param(WINDOWS, {"native_programs": GCC | GCCGO}, False, id="gcc is here"),
        pytest.param(NATIVE, {}, False, id="no Windows entries"),
        pytest.param({**WINDOWS, "CGO_ENABLED": "1"}, {}, False, id="CGO_ENABLED=1"),
        pytest.param({**WINDOWS, "CGO_ENABLED": "1\r"}, {}, False, id="CGO_ENABLED=1 with a carriage return"),
        pytest.param({**WINDOWS, "CC": "clang"}, {}, False, id="CC"),
        pytest.param(WINDOWS, {"go_env_file": {"CGO_ENABLED": "1"}}, False, id="CGO_ENABLED in go's own file"),
        pytest.param({**WINDOWS, "GOOS": "windows"}, {}, False, id="cross build by GOOS"),
        pytest.param({**WINDOWS, "GOARCH": "arm64"}, {}, False, id="cross build by GOARCH"),
        pytest.param(WINDOWS, {"go_env_file": {"GOOS": "darwin"}}, False, id="cross build by go's own file"),
        pytest.param(WINDOWS, {"go_version": "go1.19.8"}, False, id="go1.19, which never looks"),
        pytest.param(WINDOWS, {"go_version": ""}, False, id="a go whose version nobody knows"),
        pytest.param({**WINDOWS, "GOTOOLCHAIN": "go1.19.8"}, {}, False, id="an older toolchain wanted"),
        pytest.param({**WINDOWS, "GOTOOLCHAIN": "go1.\u00b2"}, {}, True, id="a toolchain of odd digits"),
    ],
)
def test_without_a_compiler_cgo_is_off_as_go_would_find(variables, known, is_off):
    known = {"native_programs": GCCGO, **known}
    found = changed(variables, wsl=True, **known)
    assert (found.get("CGO_ENABLED") == "0") is is_off
    assert "CGO_ENABLED" not in changed({**variables, "CGO_ENABLED": "1"}, **known)


def test_the_setting_for_cgo_goes_before_the_search():
    found = changed(WINDOWS, wsl=True, native_programs=NOTHING, settings={"cgo": {"enabled": True}})
    assert found["CGO_ENABLED"] == "1"


def test_where_windows_entries_are_dropped_there_is_nothing_to_save():
    found = changed(WINDOWS, wsl=True, native_programs=NOTHING, settings={"path": {"windows": "drop"}})
    assert found == {"PATH": "/usr/bin"}
