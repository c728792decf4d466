from __future__ import annotations

import pytest

from goshim.base.errors import CannotRunError, NoGoError
from goshim.toolchain import Toolchain
from tests.machine import ELF, HOME, LAUNCHER
from tests.search import chosen, passed_over, search


def test_the_first_go_on_path_is_taken_as_it_is_found(machine):
    machine.toolchain("/opt/go")
    machine.toolchain("/usr/local/go")
    machine.link("/usr/bin/go", "/opt/go/bin/go")
    found = search(machine, "/bin:/usr/bin:/usr/local/go/bin").choose()
    assert found == Toolchain("/usr/bin/go", "/opt/go", "PATH")
    assert found.shims == ()


@pytest.mark.parametrize(
    ("data", "verdict"),
    [
        pytest.param(LAUNCHER, "goshim's own launcher", id="launcher"),
        pytest.param(b"MZ\x90\x00", "not a Linux program", id="a program of Windows"),
        pytest.param(b"", "not a Linux program", id="empty"),
    ],
)
def test_a_go_that_wont_do_is_passed_over_and_why_is_told(machine, data, verdict):
    machine.program("/first/go", data)
    machine.toolchain("/usr/local/go")
    assert chosen(machine, "/first:/usr/local/go/bin") == "/usr/local/go/bin/go"
    assert passed_over(machine, "/first:/usr/local/go/bin") == {"/first/go": verdict}


def test_a_go_that_cant_be_executed_is_passed_over(machine):
    machine.write("/plain/go", ELF)
    machine.directory("/folder/go")
    machine.toolchain("/usr/local/go")
    why = "not an executable file"
    assert chosen(machine, "/plain:/folder:/usr/local/go/bin") == "/usr/local/go/bin/go"
    assert passed_over(machine, "/plain:/folder") == {"/plain/go": why, "/folder/go": why}


def test_a_link_to_the_launcher_is_passed_over(machine):
    machine.program("/goshim/launcher", LAUNCHER)
    machine.link("/first/go", "/goshim/launcher")
    machine.toolchain("/usr/local/go")
    assert chosen(machine, "/first:/usr/local/go/bin") == "/usr/local/go/bin/go"


def test_a_repository_called_go_that_was_cloned_into_home_is_no_toolchain(machine):
    machine.toolchain(f"{HOME}/go")
    machine.toolchain(f"{HOME}/sdk/go1.99")
    assert chosen(machine, "") == f"{HOME}/sdk/go1.99/bin/go"
    machine.directory(f"{HOME}/sdk/go1.99/.git")
    assert chosen(machine, "") == f"{HOME}/go/bin/go"
    machine.write(f"{HOME}/go/go.mod", "module go")
    machine.directory(f"{HOME}/.goenv/.git")
    machine.toolchain(f"{HOME}/.goenv/versions/1.2.3")
    assert chosen(machine, "") == f"{HOME}/.goenv/versions/1.2.3/bin/go"


def test_an_entry_that_leads_through_proc_is_passed_over(machine):
    machine.toolchain("/proc/self/cwd")
    machine.toolchain("/opt/go")
    machine.at("/link").symlink_to(machine.at("/proc/self/cwd/bin"))
    for entry in ("/proc/self/cwd/bin", "//proc/self/cwd/bin", "/link", "/opt/../proc/self/cwd/bin"):
        assert chosen(machine, f"{entry}:/opt/go/bin") == "/opt/go/bin/go"
        verdicts = passed_over(machine, entry).values()
        assert "leads through /proc, where each process finds another file" in verdicts


@pytest.mark.parametrize("mark", [".git", "go.mod"])
def test_the_usual_places_in_a_home_that_is_a_clone_are_not_searched(machine, mark):
    machine.toolchain(f"{HOME}/sdk/go1.99")
    assert chosen(machine, "/usr/bin") == f"{HOME}/sdk/go1.99/bin/go"
    machine.write(f"{HOME}/{mark}", "")
    with pytest.raises(NoGoError):
        chosen(machine, "/usr/bin")


@pytest.mark.parametrize("entry", ["bin", ".", "", "./bin", "../me/bin"])
def test_a_relative_entry_of_path_is_not_searched(machine, entry):
    machine.program(f"{HOME}/project/bin/go")
    machine.toolchain("/usr/local/go")
    assert chosen(machine, f"{entry}:/usr/local/go/bin") == "/usr/local/go/bin/go"


def test_windows_drives_are_not_touched_under_wsl(machine):
    machine.become_wsl()
    machine.program("/mnt/c/Go/bin/go")
    machine.toolchain("/usr/local/go")
    asked = []
    sought = search(machine, "/mnt/c/Go/bin:/usr/local/go/bin")
    sought.host.ask = lambda kind, subject: asked.append(subject) or type(sought.host).ask(sought.host, kind, subject)
    assert sought.choose().go == "/usr/local/go/bin/go"
    assert not [subject for subject in asked if subject.startswith("/mnt/c")]
    assert "/usr/local/go/bin/go" in asked


def test_a_directory_called_mnt_is_searched_outside_wsl(machine):
    machine.program("/mnt/c/Go/bin/go")
    assert chosen(machine, "/mnt/c/Go/bin") == "/mnt/c/Go/bin/go"


@pytest.mark.parametrize(
    "place",
    [
        "/usr/local/go/bin/go", f"{HOME}/sdk/go1.27.3/bin/go", f"{HOME}/go/bin/go", "/usr/lib/go-1.24/bin/go",
        "/snap/bin/go", "/home/linuxbrew/.linuxbrew/bin/go", f"{HOME}/.local/share/mise/installs/go/1.27.3/bin/go",
        f"{HOME}/.asdf/installs/golang/1.27.3/go/bin/go", f"{HOME}/.goenv/versions/1.27.3/bin/go",
    ],
)  # fmt: skip
def test_where_path_has_no_go_the_usual_places_are_searched(machine, place):
    machine.program(place)
    assert chosen(machine, "/usr/bin:/bin") == place


def test_of_the_usual_places_the_newest_go_is_taken(machine):
    for goroot, version in [
        ("/usr/local/go", "go1.9.7"),
        (f"{HOME}/sdk/go1.27.3", "go1.27.3"),
        (f"{HOME}/sdk/go1.27.10", "go1.27.10"),
        ("/usr/lib/go-1.19", "go1.19.8"),
    ]:
        machine.toolchain(goroot, version)
    machine.program("/snap/bin/go")
    order = [each.go for each in search(machine).candidates()]
    newest_first = [f"{HOME}/sdk/go1.27.10", f"{HOME}/sdk/go1.27.3", "/usr/lib/go-1.19", "/usr/local/go"]
    assert order == [*(f"{goroot}/bin/go" for goroot in newest_first), "/snap/bin/go"]


def test_path_comes_before_a_newer_go_in_a_usual_place(machine):
    machine.toolchain("/usr/local/go", "go1.27.3")
    machine.toolchain("/opt/old", "go1.21.13")
    assert chosen(machine, "/opt/old/bin") == "/opt/old/bin/go"


@pytest.mark.parametrize("place", [f"{HOME}/go/bin/go", "/usr/local/go/bin/go"])
def test_a_copy_of_the_launcher_in_a_usual_place_is_passed_over(machine, place):
    machine.program(place, LAUNCHER)
    with pytest.raises(NoGoError):
        search(machine).choose()


def test_the_embedded_go_is_the_last(machine):
    machine.program("/goshim/go/bin/go")
    assert chosen(machine) == "/goshim/go/bin/go"
    machine.toolchain("/usr/local/go")
    assert chosen(machine) == "/usr/local/go/bin/go"


@pytest.mark.parametrize(("go", "path"), [("/opt/go/bin/go", "/opt/go"), ("~/my/go/bin/go", f"{HOME}/my/go")])
def test_the_go_that_is_set_wins_over_path(machine, go, path):
    machine.toolchain("/usr/local/go")
    machine.toolchain(path)
    found = search(machine, "/usr/local/go/bin", go=go).choose()
    assert found == Toolchain(f"{path}/bin/go", path, "toolchain.go")


@pytest.mark.parametrize(
    ("data", "error", "code", "why"),
    [
        pytest.param(None, NoGoError, 127, "nothing there", id="absent"),
        pytest.param(b"MZ", CannotRunError, 126, "not a Linux program", id="a program of Windows"),
        pytest.param(LAUNCHER, CannotRunError, 126, "goshim's own launcher", id="launcher"),
    ],
)
def test_a_set_go_that_wont_do_is_an_error_and_no_other_is_taken(machine, data, error, code, why):
    machine.toolchain("/usr/local/go")
    if data is not None:
        machine.program("/opt/go", data)
    with pytest.raises(error, match=f"toolchain.go = /opt/go: {why}") as caught:
        search(machine, "/usr/local/go/bin", go="/opt/go").choose()
    assert caught.value.exit_code == code


def test_a_set_go_that_cant_be_executed_is_an_error(machine):
    machine.write("/opt/go", ELF)
    with pytest.raises(CannotRunError, match="not an executable file"):
        search(machine, go="/opt/go").choose()


def test_without_a_go_the_error_tells_what_was_passed_over_and_how_to_get_one(machine):
    machine.program("/first/go", LAUNCHER)
    with pytest.raises(NoGoError) as caught:
        search(machine, "/first:/second").choose()
    assert caught.value.exit_code == 127
    assert "/first/go: goshim's own launcher" in str(caught.value)
    assert "goshim[go]" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "version"),
    [("go1.27.3\ntime 2026\n", "go1.27.3"), ("go1.19.8", "go1.19.8"), (None, ""), ("", "")],
)
def test_the_version_is_the_first_line_of_version(machine, text, version):
    if text is not None:
        machine.write("/go/VERSION", text)
    assert search(machine).version("/go") == version


def test_a_version_of_odd_digits_ends_no_search(machine):
    machine.toolchain("/usr/local/go", "go1.\u00b2")
    assert chosen(machine) == "/usr/local/go/bin/go"
