"""Whose home HOME is, and so what the files of goshim's that lie in it may say.

HOME is a variable. With `sudo`, and in the build of an image, it names another user's home; where it is a CI job's
workspace, what lies in it came with a clone.
"""

from __future__ import annotations

from typing import NamedTuple

from goshim.base.own_directory import CHECKOUT_MARKS
from goshim.base.terminal import printable
from goshim.facts.host import Host

"""What the top directory of somebody's sources holds."""


class UserFile(NamedTuple):
    """A file of the user's in `~/.config/goshim`, which need not be there.

    `ignored` is why it is not read, or empty; `checkout` the checkout that it came with, or empty: what it says counts
    as if a project file said it.
    """

    path: str
    ignored: str = ""
    checkout: str = ""

    @property
    def refusal(self) -> str:
        """Why a file of which nothing is harmless is not read; empty where it is the user's own."""
        return self.ignored or (f"HOME lies in the checkout {printable(self.checkout)}" if self.checkout else "")


def user_file(host: Host, path: str) -> UserFile:
    """How to take a file of the user's: it must belong to us or root, and so must all directories above it up to HOME.

    Where it does not lie below HOME, its own directory stands for that.
    """
    home = host.environment.get("HOME", "").rstrip("/")
    if not home.startswith("/") or not path.startswith(f"{home}/"):
        home = path.rpartition("/")[0]
    step = home = home or "/"
    for name in ("", *path[len(home) :].strip("/").split("/")):
        step = f"{step.rstrip('/')}/{name}" if name else step
        owner = host.owner(step)
        if owner not in ("ours", "root", ""):
            return UserFile(path, f"{printable(step)} belongs to {owner}")
    return UserFile(path, checkout=checkout(host, home))


def is_own(host: Host, home: str) -> bool:
    """Whether programs in HOME are the user's own: it is neither another user's, nor in a checkout."""
    return host.owner(home) in ("ours", "root", "") and not checkout(host, home)


def checkout(host: Host, home: str) -> str:
    """The checkout in which a directory that HOME names lies; empty for none, and for the account's own home."""
    account = host.account_home()
    if account and (home == account or host.real(home) == host.real(account)):
        return ""
    at = host.real(home).rstrip("/")
    while True:
        if any(host.exists(f"{at}/{mark}") for mark in CHECKOUT_MARKS):
            return at or "/"
        if not at:
            return ""
        at = at.rpartition("/")[0]
