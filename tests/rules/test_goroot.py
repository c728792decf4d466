from __future__ import annotations

import pytest

from goshim.facts import Goroot
from goshim.rules import apply
from goshim.settings.model import Settings
from tests.rules.facts_of import GO_VERSION, NATIVE, changed, facts
from tests.tables import for_each

OTHER = Goroot(has_tools=True, version="go1.26.1")
EMPTY = Goroot(has_tools=False, version="")
UNVERSIONED = Goroot(has_tools=True, version="")


@pytest.mark.parametrize(
    ("goroot", "found", "go_version", "reason"),
    [
        pytest.param("C:\\Program Files\\Go", None, GO_VERSION, "a Windows path", id="Windows path"),
        pytest.param("c:/Go", None, GO_VERSION, "a Windows path", id="Windows path with slashes"),
        pytest.param("\\\\server\\go", None, GO_VERSION, "a Windows path", id="share of Windows"),
        pytest.param("/mnt/c/Program Files/Go", None, GO_VERSION, "on a Windows drive", id="Windows drive"),
        pytest.param("/opt/go", EMPTY, GO_VERSION, "no toolchain there", id="no toolchain"),
        pytest.param("/usr/local/go\r", EMPTY, GO_VERSION, "no toolchain there", id="carriage return"),
        pytest.param("/opt/go", OTHER, GO_VERSION, "of go1.26.1, and go is go1.27.3", id="another version"),
    ],
)
def test_a_goroot_that_cant_work_is_unset(goroot, found, go_version, reason):
    (change,) = apply(facts({"GOROOT": goroot}, wsl=True, goroot=found, go_version=go_version), Settings())
    assert (change.variable, change.after, change.rule) == ("GOROOT", None, "goroot-foreign")
    assert reason in change.reason


@pytest.mark.parametrize(
    ("goroot", "found", "go_version"),
    [
        pytest.param("/usr/local/go", NATIVE, GO_VERSION, id="the chosen go's"),
        pytest.param("/home/me/patched", NATIVE, GO_VERSION, id="a patched tree of the same version"),
        pytest.param("/opt/go", UNVERSIONED, GO_VERSION, id="a tree without VERSION"),
        pytest.param("/opt/go", OTHER, "", id="a go whose version nobody knows"),
        pytest.param("", None, GO_VERSION, id="empty, which is unset to go"),
    ],
)
@pytest.mark.parametrize("wsl", [False, True])
def test_a_goroot_that_works_stays(wsl, goroot, found, go_version):
    assert changed({"GOROOT": goroot}, wsl=wsl, goroot=found, go_version=go_version) == {}


def test_a_windows_goroot_is_unset_outside_wsl_too():
    assert changed({"GOROOT": "C:\\Go"}) == {"GOROOT": None}


@for_each("wsl", [False, True])
def test_goroot_is_never_set(wsl):
    assert "GOROOT" not in changed({"PATH": "/usr/bin"}, wsl=wsl)


def test_a_relative_goroot_is_left_alone():
    assert apply(facts({"GOROOT": "go"}, goroot=None, go_version=GO_VERSION), Settings()) == ()
