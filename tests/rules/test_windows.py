from __future__ import annotations

import pytest

from tests.machine import HOME
from tests.rules.facts_of import changed, ids
from tests.tables import for_each

NATIVE = {"module_cache": {"location": "native"}}


@for_each("name", ["GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "GOENV"])
@for_each(
    "before, after",
    [
        ("C:\\Users\\me\\go", "/mnt/c/Users/me/go"),
        ("c:/Users/me/go", "/mnt/c/Users/me/go"),
        ("D:\\", "/mnt/d"),
        ("E:\\go", None),
        ("\\\\server\\share", None),
    ],
)
def test_a_path_of_windows_is_translated_or_dropped(name, before, after):
    assert changed({name: before}, wsl=True) == {name: after}
    assert changed({name: before}) == {}


@for_each(
    "variables",
    [
        {"GOPATH": "/home/me/go"},
        {"GOPATH": "/mnt/c/Users/me/go"},
        {"GOPATH": ""},
        {"GOCACHE": "off"},
        {"GOENV": "off"},
        {"GOMODCACHE": "relative"},
        {"GOFLAGS": "-modfile=C:\\x"},
    ],
)
def test_another_value_stays(variables):
    assert changed(variables, wsl=True) == {}


@for_each(
    "before, after",
    [
        ("C:\\a;D:\\b", "/mnt/c/a:/mnt/d/b"),
        ("C:\\a;", "/mnt/c/a"),
        ("C:\\a;E:\\b", None),
    ],
)
def test_a_list_of_windows_becomes_a_list_of_linux(before, after):
    assert changed({"GOPATH": before}, wsl=True) == {"GOPATH": after}


@for_each("name", ["TMPDIR", "GOTMPDIR"])
@for_each(
    "before, is_dropped",
    [
        ("/mnt/c/Temp", True),
        ("/mnt/c/Users/me/AppData/Local/Temp/", True),
        ("C:\\Temp", True),
        ("E:\\Temp", True),
        ("/tmp", False),
        ("/mnt/wsl/tmp", False),
        ("", False),
    ],
)
def test_temporary_files_are_not_kept_on_a_windows_drive(name, before, is_dropped):
    assert changed({name: before}, wsl=True) == ({name: None} if is_dropped else {})
    assert changed({name: before}) == {}


@pytest.mark.parametrize(
    ("variables", "file", "is_moved"),
    [
        pytest.param({"GOMODCACHE": "/mnt/c/mod"}, {}, True, id="GOMODCACHE"),
        pytest.param({"GOMODCACHE": "C:\\mod"}, {}, True, id="GOMODCACHE as Windows writes it"),
        pytest.param({"GOPATH": "/mnt/c/go"}, {}, True, id="GOPATH"),
        pytest.param({"GOPATH": "/mnt/c/go:/home/me/go"}, {}, True, id="the first of GOPATH"),
        pytest.param({}, {"GOMODCACHE": "/mnt/c/mod"}, True, id="go's own file"),
        pytest.param({}, {"GOPATH": "/mnt/c/go"}, True, id="GOPATH of go's own file"),
        pytest.param({"GOMODCACHE": ""}, {"GOMODCACHE": "/mnt/c/mod"}, True, id="empty is unset"),
        pytest.param({}, {}, False, id="default"),
        pytest.param({"GOMODCACHE": "/cache"}, {"GOMODCACHE": "/mnt/c/mod"}, False, id="the environment wins"),
        pytest.param({"GOPATH": "/home/me/go:/mnt/c/go"}, {}, False, id="the second of GOPATH"),
        pytest.param({"GOMODCACHE": "/cache", "GOPATH": "/mnt/c/go"}, {}, False, id="GOMODCACHE before GOPATH"),
    ],
)
def test_a_module_cache_on_a_windows_drive_moves_home_where_the_user_wants_so(variables, file, is_moved):
    found = changed(variables, wsl=True, settings=NATIVE, go_env_file=file)
    assert (found.get("GOMODCACHE") == f"{HOME}/go/pkg/mod") is is_moved
    assert f"{HOME}/go/pkg/mod" not in changed(variables, wsl=True, go_env_file=file).values()


@for_each("home", ["/mnt/c/Users/me", "", "me"])
def test_without_a_native_home_the_module_cache_stays(home):
    assert changed({"HOME": home, "GOMODCACHE": "/mnt/c/mod"}, wsl=True, settings=NATIVE) == {}


def test_each_rule_is_named():
    assert ids({"GOBIN": "C:\\bin"}, wsl=True) == {"windows-value"}
    assert ids({"TMPDIR": "/mnt/c/x"}, wsl=True) == {"tmp-on-windows"}
    assert ids({"GOMODCACHE": "/mnt/c/x"}, wsl=True, settings=NATIVE) == {"module-cache-native"}
