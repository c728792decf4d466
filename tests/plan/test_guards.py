"""A stored plan acts while the environment is as it was, and on each change it does not."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.base.encoding import to_text
from goshim.base.shells import quoted
from goshim.call.arguments import BUILDING, RUNNING
from goshim.facts.host import Host
from goshim.plan.render import _FUNCTIONS, guarded
from tests.bash_launcher import run_bash
from tests.plan.asked import PLAN, Asked
from tests.tables import for_each

STATES = [{}, {"V": ""}, {"V": "1"}, {"V": "2"}, {"V": "x"}, {"V": " "}, {"V": "1\n"}]


def renamed(state, name):
    return {name: state["V"]} if state else {}


@pytest.mark.parametrize("name", ["GOROOT", "PATH", "HOME", "TERM", "SHELL"])
@pytest.mark.parametrize("before", STATES, ids=str)
def test_unset_empty_and_each_value_of_a_variable_are_told_apart(tmp_path, name, before):
    asked = Asked(tmp_path, renamed(before, name)).ask("variable", name)
    held = [state for state in STATES if asked.holds(renamed(state, name))]
    assert held == [before]


@given(st.binary(max_size=40).map(lambda data: to_text(data.replace(b"\0", b""))), st.sampled_from(["C", "C.UTF-8"]))
def test_a_variable_of_any_bytes_is_known_again(value, locale):
    asked = Asked("/", {"V": value, "LC_ALL": locale}).ask("variable", "V")
    assert asked.holds()
    assert not asked.holds({"V": value + "x", "LC_ALL": locale})


def test_many_variables_are_all_guarded(tmp_path):
    asked = Asked(tmp_path, {"A": "1", "B": "(", "C": "!", "D": "="})
    for name in "ABCDEFG":
        asked.ask("variable", name)
    assert asked.holds()
    for name in "ABCD":
        assert not asked.holds({each: value for each, value in asked.environment.items() if each != name})
    for name in "EFG":
        assert not asked.holds({**asked.environment, name: ""})


SECRET = "http://me:hunter2@proxy:3128"


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        (SECRET, True),
        ("http://me:other@proxy:3128", True),
        ("http://me:@proxy:3128", False),
        ("http://you:other@proxy:3128", False),
        ("http://me:hunter2@elsewhere:3128", False),
        ("https://me:hunter2@proxy:3128", False),
        ("http://proxy:3128", False),
        (f"{SECRET}\r", False),
        (f'"{SECRET}"', False),
        ("", False),
        (None, False),
    ],
)
def test_of_a_value_with_a_password_all_but_the_password_is_guarded(tmp_path, now, holds):
    asked = Asked(tmp_path, {"HTTP_PROXY": SECRET}).ask("variable", "HTTP_PROXY")
    assert asked.holds({} if now is None else {"HTTP_PROXY": now}) is holds


def test_whether_two_passwords_agree_is_guarded(tmp_path):
    other = SECRET.replace("hunter2", "other")
    same = (
        Asked(tmp_path, {"HTTP_PROXY": SECRET, "http_proxy": SECRET})
        .ask("variable", "HTTP_PROXY")
        .ask("variable", "http_proxy")
    )
    assert same.holds()
    assert same.holds({"HTTP_PROXY": other, "http_proxy": other})
    assert not same.holds({"HTTP_PROXY": SECRET, "http_proxy": other})
    differ = (
        Asked(tmp_path, {"HTTP_PROXY": SECRET, "http_proxy": other})
        .ask("variable", "HTTP_PROXY")
        .ask("variable", "http_proxy")
    )
    assert differ.holds()
    assert not differ.holds({"HTTP_PROXY": SECRET, "http_proxy": SECRET})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"GOSHIM_A": "1"}),
        ({"GOSHIM_A": "1"}, {}),
        ({"GOSHIM_A": "1"}, {"GOSHIM_B": "1"}),
        ({"GOSHIM_A": "1"}, {"GOSHIM_A": "1", "GOSHIM_B": ""}),
        ({"GOSHIM_A": "", "GOSHIM_A_B": "", "GOSHIM_AB": "", "GOSHIMX": ""}, {"GOSHIM_A": ""}),
        ({"GOSHIM_a.b": "1", "GOSHIM_C": "1"}, {"GOSHIM_a.b": "1"}),
    ],
)
def test_a_variable_of_goshims_that_comes_or_goes_is_seen(tmp_path, before, after):
    asked = Asked(tmp_path, before).ask("names", "GOSHIM_")
    assert asked.holds()
    assert asked.holds({**before, "OTHER": "1"})
    assert not asked.holds(after)


def test_another_version_of_goshim_is_seen(tmp_path):
    text = guarded(PLAN, {}, f"[[ -d {quoted(str(tmp_path / 'goshim-1'))} ]]")
    assert run_bash(f"for _ in once; do\n{text}done\nexit 42").returncode == 42
    (tmp_path / "goshim-1").mkdir()
    assert run_bash(f"for _ in once; do\n{text}done\nexit 42").returncode == 0


ASKED_APART = [*BUILDING, *RUNNING]
OTHERS = ["", "version", "env", "list", "mod download", "mod graph", "mod", "work sync", "builds", "mod tidy x"]


@pytest.mark.parametrize("verb", ASKED_APART)
def test_what_only_watched_calls_depend_on_is_asked_by_them(tmp_path, verb):
    asked = Asked(tmp_path, {"CI": "true"}).ask_apart("variable", "CI").ask_apart("read", tmp_path / "x")
    assert asked.holds(verb=verb)
    assert not asked.holds({"CI": "false"}, verb=verb)
    assert not asked.holds({}, verb=verb)
    (tmp_path / "x").write_bytes(b"")
    assert not asked.holds(verb=verb)


@pytest.mark.parametrize("verb", OTHERS)
def test_what_only_watched_calls_depend_on_is_not_asked_by_others(tmp_path, verb):
    asked = Asked(tmp_path, {"CI": "true"}).ask_apart("variable", "CI").ask_apart("read", tmp_path / "x")
    (tmp_path / "x").write_bytes(b"")
    assert asked.holds({}, verb=verb)


def test_what_all_calls_depend_on_is_asked_by_watched_ones_too(tmp_path):
    asked = Asked(tmp_path, {"A": "1"}).ask("variable", "A").ask_apart("variable", "CI")
    assert asked.holds(verb="build")
    assert not asked.holds({"A": "2"}, verb="build")
    assert not asked.holds({"A": "2"})


@pytest.mark.parametrize("verb", [*ASKED_APART, *OTHERS])
@pytest.mark.parametrize(
    ("content", "variables"),
    [(b"GOPROXY=https://me:hunter2@proxy\n", {}), (b"#" * 65537, {}), (b"", {"CI": "http://me:hunter2@proxy\r"})],
    ids=["password in a file", "file over 64 KB", "password to be mended"],
)
def test_what_cant_be_asked_again_apart_costs_only_those_calls_their_plan(tmp_path, verb, content, variables):
    (tmp_path / "env").write_bytes(content)
    asked = Asked(tmp_path, variables).ask_apart("read", tmp_path / "env").ask_apart("variable", "CI")
    assert asked.holds(verb=verb) is (verb in OTHERS)


def test_the_mount_of_a_path_is_guarded(tmp_path):
    for path in (tmp_path, tmp_path / "absent/below", "/proc", "/proc/absent", "/dev/shm/it's a $HOME"):
        asked = Asked(tmp_path).ask("mount", path)
        assert asked.holds()
        asked.recorder.answers["mount", str(path)] = "1"
        assert not asked.holds()


def test_a_directory_that_appears_on_another_mount_is_seen(tmp_path):
    link = tmp_path / "cache"
    asked = Asked(tmp_path).ask("mount", link / "mod")
    link.symlink_to("/proc")
    assert not asked.holds()
    link.unlink()
    link.mkdir()
    assert asked.holds()


def test_an_unknown_mount_is_never_the_same(tmp_path):
    asked = Asked(tmp_path).ask("mount", tmp_path)
    asked.recorder.answers["mount", str(tmp_path)] = ""
    assert not asked.holds()


@for_each("path", ["", "/", "//", "/proc/", "/proc/self/fd", "/dev/shm", "/absent/x", "/etc/passwd/x"])
def test_bash_finds_the_same_mount(path):
    done = run_bash(f'{_FUNCTIONS["mount"]}mount_of {quoted(path)}; printf %s "$mount"')
    assert (done.stdout.decode(), done.stderr) == (Host({}, "/").mount(path), b"")


def test_a_descriptor_of_the_callers_goes_through_unharmed():
    script = f"exec 9</etc/passwd\n{_FUNCTIONS['mount']}mount_of /proc\nexec /bin/readlink /proc/self/fd/9"
    assert run_bash(script).stdout == b"/etc/passwd\n"


def test_a_directory_that_can_no_longer_be_opened_has_no_mount():
    script = f'{_FUNCTIONS["mount"]}mount_of /\nulimit -n 9\nmount_of /\nprintf "<%s>" "$mount"'
    assert run_bash(script).stdout == b"<>"


def test_something_mounted_over_a_directory_is_seen(tmp_path):
    if subprocess.run(["/usr/bin/unshare", "-m", "/bin/true"], capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount")
    place = quoted(str(tmp_path))
    script = (
        f'{_FUNCTIONS["mount"]}mount_of {place}/x\necho "$mount"\nmount -t tmpfs none {place}\n'
        f'mount_of {place}/x\necho "$mount"\numount {place}\nmount_of {place}/x\necho "$mount"\n'
    )
    done = subprocess.run(["/usr/bin/unshare", "-m", "/bin/bash", "-pc", script], capture_output=True, check=True)
    before, over, after = done.stdout.split()
    assert before == after != over
