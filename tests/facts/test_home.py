"""What lies in HOME counts as the user's own only where HOME does."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType

import pytest

from goshim.facts import home
from goshim.facts.home import CHECKOUT_MARKS, UserFile
from goshim.facts.host import Host
from tests.machine import HOME

CONFIG = f"{HOME}/.config/goshim/config.toml"


class Described(Host):
    """A machine on which this account's home is another than HOME, and some paths have other owners."""

    account = "/home/other"
    owners: Mapping[str, str] = MappingProxyType({})

    def _account_home(self, _subject: str) -> str:
        return self.account

    def _owner(self, path: str) -> str:
        return self.owners.get(path, "ours")


@pytest.fixture
def host(machine):
    machine.write(CONFIG, "")
    return Described({"HOME": HOME}, HOME, machine.root)


@pytest.mark.parametrize("path", [HOME, f"{HOME}/.config", f"{HOME}/.config/goshim", CONFIG])
@pytest.mark.parametrize(("owner", "is_read"), [("ours", True), ("root", True), ("app (user 1000)", False)])
def test_a_file_counts_where_it_and_all_above_it_up_to_home_is_ours_or_roots(host, path, owner, is_read):
    host.owners = {path: owner}
    found = home.user_file(host, CONFIG)
    assert found == UserFile(CONFIG, "" if is_read else f"{path} belongs to app (user 1000)")
    assert found.refusal == found.ignored


@pytest.mark.parametrize("mark", CHECKOUT_MARKS)
@pytest.mark.parametrize("top", [HOME, "/home", ""])
def test_a_home_in_a_checkout_is_told_with_the_checkout(host, machine, mark, top):
    machine.write(f"{top}/{mark}", "")
    assert home.user_file(host, CONFIG) == UserFile(CONFIG, checkout=top or "/")
    assert not home.is_own(host, HOME)
    assert home.user_file(host, CONFIG).refusal == f"HOME lies in the checkout {top or '/'}"


@pytest.mark.parametrize("account", [HOME, "/home/link"])
def test_the_home_of_the_account_is_none_whatever_it_holds(host, machine, account):
    os.symlink("me", machine.at("/home/link"))
    machine.write(f"{HOME}/.git", "")
    host.account = account
    assert home.user_file(host, CONFIG) == UserFile(CONFIG)
    assert home.is_own(host, HOME)


def test_a_link_into_a_checkout_is_one(machine, host):
    machine.write("/ws/clone/go.mod", "")
    machine.write("/ws/clone/.config/goshim/config.toml", "")
    os.symlink("../ws/clone", machine.at("/home/link"))
    linked = Described({"HOME": "/home/link"}, "/", machine.root)
    assert home.user_file(linked, "/home/link/.config/goshim/config.toml").checkout == "/ws/clone"


def test_a_file_outside_of_home_is_judged_by_its_own_directory(machine):
    machine.write("/config/goshim/config.toml", "")
    host = Described({"HOME": HOME}, HOME, machine.root)
    host.owners = {HOME: "user 7"}
    assert home.user_file(host, "/config/goshim/config.toml").refusal == ""
    host.owners = {"/config/goshim": "user 7"}
    assert home.user_file(host, "/config/goshim/config.toml").ignored == "/config/goshim belongs to user 7"
    machine.write("/config/.git", "")
    host.owners = {}
    assert home.user_file(host, "/config/goshim/config.toml").checkout == "/config"
