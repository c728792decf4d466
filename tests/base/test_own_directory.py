"""A directory of goshim's own is used only where nobody else could have made or changed it."""

from __future__ import annotations

import os
import stat

import pytest

from goshim.base import own_directory
from goshim.base.own_directory import MARKS, fault, make
from tests.tables import for_each

OTHER = 12345


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir(mode=0o755)
    return tmp_path / "home"


@pytest.fixture
def give_away():
    """Give a path, or a link itself, to another user."""
    if os.geteuid():
        pytest.skip("only root can give a path away")
    return lambda path: os.chown(path, OTHER, OTHER, follow_symlinks=False)


def kind(directory, home="") -> str:
    found = fault(str(directory), str(home))
    assert make(str(directory), str(home)) is (found is None)
    return found.kind if found else ""


def mode(path) -> int:
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.mark.parametrize(("umask", "above"), [(0o000, 0o755), (0o022, 0o755), (0o027, 0o750), (0o077, 0o700)])
def test_it_is_for_us_alone_and_what_is_made_above_it_is_for_nobody_else_to_write(home, umask, above):
    before = os.umask(umask)
    try:
        assert kind(home / ".local/state/goshim", home) == ""
    finally:
        os.umask(before)
    assert [mode(home / each) for each in (".local", ".local/state", ".local/state/goshim")] == [above, above, 0o700]


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("place", [".cache/goshim", "a/b/.cache/goshim"])
def test_nothing_is_kept_in_a_checkout(home, mark, place):
    (home / mark).mkdir()
    assert kind(home / place, home) == "checkout"
    assert kind(home / place) == "checkout"
    assert os.listdir(home) == [mark]


def test_nor_in_one_that_is_reached_by_a_link(home, tmp_path):
    (tmp_path / "clone/.git").mkdir(parents=True)
    (tmp_path / "clone/.cache").mkdir()
    (home / ".cache").symlink_to(tmp_path / "clone/.cache")
    assert kind(home / ".cache/goshim", home) == "checkout"
    assert os.listdir(tmp_path / "clone/.cache") == []


@pytest.mark.parametrize("mark", MARKS)
def test_the_accounts_own_home_is_no_checkout_whatever_it_holds(home, monkeypatch, mark):
    (home / mark).mkdir()
    (home.parent / mark).mkdir()
    monkeypatch.setattr(own_directory, "account_home", lambda: str(home))
    assert kind(home / ".cache/goshim", home) == ""
    (home / "clone" / mark).mkdir(parents=True)
    assert kind(home / "clone/.cache/goshim", home) == "checkout"


def test_a_link_of_our_own_to_another_disk_is_well(home, tmp_path):
    (tmp_path / "disk").mkdir()
    (home / ".cache").symlink_to(tmp_path / "disk")
    assert kind(home / ".cache/goshim", home) == ""
    assert os.listdir(tmp_path / "disk") == ["goshim"]


def test_a_link_that_somebody_else_could_put_there_is_not_followed(home, tmp_path, give_away):
    (tmp_path / "disk").mkdir()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "open/cache").symlink_to(tmp_path / "disk")
    assert kind(tmp_path / "open/cache/goshim") == "link"
    (tmp_path / "open").chmod(0o1777)
    assert kind(tmp_path / "open/cache/goshim") == ""
    give_away(tmp_path / "open/cache")
    assert kind(tmp_path / "open/cache/goshim") == "link"
    (home / ".cache").symlink_to(tmp_path / "open/cache")  # ours, and then theirs
    assert kind(home / ".cache/goshim", home) == "link"


def test_links_in_a_circle_lead_nowhere(home):
    (home / ".cache").symlink_to(".cache")
    assert kind(home / ".cache/goshim", home) in ("link", "unreadable")


def test_nothing_is_made_in_the_home_of_another_user(home, give_away):
    (home / ".cache").mkdir()  # of ours, left there by something else
    give_away(home)
    found = fault(f"{home}/.cache/goshim", str(home))
    assert found == ("home", str(home), OTHER)
    assert kind(home / ".cache/goshim", home) == "home"
    assert os.listdir(home / ".cache") == []


def test_nor_in_a_directory_of_another_user(home, give_away):
    (home / ".cache").mkdir()
    give_away(home / ".cache")
    assert kind(home / ".cache/goshim", home) == "above"
    assert kind(home / ".cache/a/b/goshim", home) == "above"
    assert os.listdir(home / ".cache") == []


def test_a_home_that_is_not_there_is_not_made(home):
    assert kind(home / "me/.cache/goshim", home / "me") == "no-home"
    assert os.listdir(home) == []


@pytest.mark.parametrize(
    ("modes", "expected"),
    [
        ((0o755, 0o755), "root-home"),  # as mkdir in a Dockerfile, for a user to come
        ((0o755, 0o777), "root-home"),
        ((0o755, 0o1777), "root-home"),
        ((0o755, 0o775), "root-home"),
        ((0o755, 0o700), ""),
        ((0o700, 0o755), ""),
        ((0o1777, 0o755), ""),
    ],
)
def test_root_makes_no_cache_directory_in_what_may_become_a_users_home(monkeypatch, tmp_path, modes, expected):
    if os.geteuid():
        pytest.skip("only root makes directories in others' homes")
    for path, each in ((tmp_path / "at", modes[0]), (tmp_path / "at/home", modes[1])):
        path.mkdir()
        path.chmod(each)
    upward = own_directory._modes_upward
    below = str(tmp_path / "at/home").count("/") - 1  # pytest's own directories are closed to others
    monkeypatch.setattr(own_directory, "_modes_upward", lambda path: list(upward(path))[: path.count("/") - below + 1])
    home = tmp_path / "at/home"
    assert kind(home / ".cache/goshim", home) == expected
    assert os.listdir(home) == ([] if expected else [".cache"])
    if expected:
        (home / ".cache").mkdir()
        assert kind(home / ".cache/goshim", home) == ""


@for_each("path", ["", "relative/goshim", "/proc/goshim", "/dev/null/goshim", "/\0", "/" + "x" * 300])
def test_what_cant_be_is_no_error(path):
    assert not make(path, "")
