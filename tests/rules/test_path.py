from __future__ import annotations

import pytest

from tests.machine import HOME
from tests.rules.facts_of import changed, ids
from tests.tables import for_each

HEALTHY = "/usr/local/sbin:/usr/bin:/usr/lib/wsl/lib:/mnt/c/Windows/system32:/mnt/c/Program Files/Go/bin"


@pytest.mark.parametrize(
    ("windows", "before", "after"),
    [
        pytest.param("last", "/mnt/c/Windows:/usr/bin", "/usr/bin:/mnt/c/Windows", id="moved behind"),
        pytest.param("last", "/mnt/d/b:/usr/bin:/mnt/c/a:/bin", "/usr/bin:/bin:/mnt/d/b:/mnt/c/a", id="order kept"),
        pytest.param("last", f"{HEALTHY}:/snap/bin", HEALTHY.replace("/mnt/c", "/snap/bin:/mnt/c", 1), id="Ubuntu"),
        pytest.param("last", HEALTHY, HEALTHY, id="healthy"),
        pytest.param("last", "/usr/bin:/bin", "/usr/bin:/bin", id="none"),
        pytest.param("last", "/mnt/c/Windows", "/mnt/c/Windows", id="only Windows"),
        pytest.param("last", "/mnt/cache/bin:/usr/bin", "/mnt/cache/bin:/usr/bin", id="not a drive"),
        pytest.param("last", "/mnt/e/x:/usr/bin", "/mnt/e/x:/usr/bin", id="a drive that is not mounted"),
        pytest.param("drop", "/mnt/c/Windows:/usr/bin:/mnt/d/x:/bin", "/usr/bin:/bin", id="drop"),
        pytest.param("drop", "/usr/bin", "/usr/bin", id="nothing to drop"),
        pytest.param("keep", "/mnt/c/Windows:/usr/bin", "/mnt/c/Windows:/usr/bin", id="keep"),
    ],
)
def test_entries_on_windows_drives(windows, before, after):
    found = changed({"PATH": before}, wsl=True, settings={"path": {"windows": windows}})
    assert found == ({"PATH": after} if after != before else {})


def test_an_unset_path_stays_unset():
    assert changed({}, wsl=True) == {}
    assert changed({"PATH": ""}, wsl=True) == {}


@for_each("windows", ["last", "drop"])
def test_outside_wsl_mnt_is_a_directory_like_any(windows):
    assert changed({"PATH": "/mnt/c/x:/usr/bin"}, settings={"path": {"windows": windows}}) == {}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("/usr/bin:", "/usr/bin", id="empty at the end"),
        pytest.param(":/usr/bin", "/usr/bin", id="empty at the start"),
        pytest.param("/usr/bin::/bin", "/usr/bin:/bin", id="empty between"),
        pytest.param(".:/usr/bin", "/usr/bin", id="dot"),
        pytest.param("bin:/usr/bin:./x:../y:~/z", "/usr/bin", id="relative"),
        pytest.param(":/mnt/c/x:/usr/bin:.", "/usr/bin:/mnt/c/x", id="with Windows entries"),
        pytest.param("/usr/bin:/usr/bin:/bin/", "/usr/bin:/usr/bin:/bin/", id="twice is no harm"),
    ],
)
def test_under_wsl_what_means_the_working_directory_is_dropped(before, after):
    assert changed({"PATH": before}, wsl=True) == ({"PATH": after} if after != before else {})
    assert changed({"PATH": before}) == {}


@for_each("windows", ["keep", "last", "drop"])
def test_relative_entries_are_dropped_whatever_becomes_of_windows_entries(windows):
    found = changed({"PATH": "/mnt/c/x:.:/usr/bin"}, wsl=True, settings={"path": {"windows": windows}})
    assert "." not in (found["PATH"] or "").split(":")


@pytest.mark.parametrize(
    ("prepend", "append", "before", "after"),
    [
        pytest.param(["/a"], [], "/usr/bin", "/a:/usr/bin", id="prepend"),
        pytest.param([], ["/z"], "/usr/bin", "/usr/bin:/z", id="append"),
        pytest.param(["/a", "/b"], ["/y", "/z"], "/usr/bin", "/a:/b:/usr/bin:/y:/z", id="both, in order"),
        pytest.param(["~/go/bin"], [], "/usr/bin", f"{HOME}/go/bin:/usr/bin", id="home"),
        pytest.param(["/usr/bin"], [], "/bin:/usr/bin", "/usr/bin:/bin", id="one that is there moves first"),
        pytest.param([], ["/bin"], "/bin:/usr/bin", "/usr/bin:/bin", id="one that is there moves last"),
        pytest.param(["/a"], ["/a"], "/usr/bin", "/a:/usr/bin", id="first wins over last"),
        pytest.param(["/a", "/a"], [], "/usr/bin", "/a:/usr/bin", id="said twice"),
        pytest.param(["/a"], ["/z"], "/a:/usr/bin:/z", "/a:/usr/bin:/z", id="there already"),
        pytest.param(["/a"], ["/z"], None, "/a:/z", id="no PATH"),
        pytest.param(["/a"], [], "", "/a", id="empty PATH"),
    ],
)
@pytest.mark.parametrize("wsl", [False, True])
def test_entries_of_the_config(wsl, prepend, append, before, after):
    variables = {} if before is None else {"PATH": before}
    found = changed(variables, wsl=wsl, settings={"path": {"prepend": prepend, "append": append}})
    assert found == ({"PATH": after} if after != before else {})


def test_an_entry_on_a_windows_drive_that_the_config_puts_first_is_first():
    assert changed({"PATH": "/bin"}, wsl=True, settings={"path": {"prepend": ["/mnt/c/x"]}}) == {
        "PATH": "/mnt/c/x:/bin"
    }


def test_each_rule_is_named():
    assert ids({"PATH": "/mnt/c/x:/bin:."}, wsl=True) == {"path-windows-last", "path-unsafe"}
    assert ids({"PATH": "/bin"}, settings={"path": {"append": ["/x"]}}) == {"path-extra"}


@for_each("entry", ["/proc/self/cwd", "//proc/self/cwd", "/proc/../proc/1/root/bin", "/usr/../proc/x"])
def test_an_entry_below_proc_is_dropped_as_a_relative_one_is(entry):
    assert changed({"PATH": f"{entry}:/usr/bin"}, wsl=True) == {"PATH": "/usr/bin"}
    assert changed({"PATH": f"{entry}:/usr/bin"}) == {}
    assert changed({"PATH": "/process:/usr/bin"}, wsl=True) == {}
