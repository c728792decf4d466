"""The seal on each stored text that the launcher evaluates: its last line, which holds the launcher's token.

The owner of a file does not tell who wrote it: what a clone or a CI cache brings is ours as well. The token is random,
and is in no other file than the launcher and what it sealed, all of them closed to others.

A launcher that several users run can hold no secret. It names a directory instead, in which each user has a file that
only this user can read, named after the user's number and made by the first call that needs it.
"""

from __future__ import annotations

import os
import re
import stat

from goshim.base.encoding import to_bytes

TOKENS = "/var/lib/goshim/tokens"
"""Where the users of shared launchers have their tokens: root's directory, to which all may add files of their own."""

TOKENS_MODE = 0o1733
_TOKEN = re.compile(r"[0-9a-f]{32}")  # 128 bits
_WRITTEN = re.compile(rb"^ *local \+x token=(\S*) tokens=(\S*) ", re.MULTILINE)  # bin/go, warm
_LAUNCHER_BYTES = 1 << 16


def new() -> str:
    """A new token."""
    return os.urandom(16).hex()


def of(launcher: str) -> str:
    """The token of the launcher at a path, for us; empty where it has none, or is not ours to read."""
    token, tokens = _written(launcher)
    return token if _TOKEN.fullmatch(token) else _of_user(tokens) if tokens else ""


def can_seal(launcher: str) -> bool:
    """Whether a launcher has a token, or a directory of tokens. Nothing is made."""
    return any(_written(launcher))


def directory(launcher: str) -> str:
    """The directory of tokens that a shared launcher names; empty for any other."""
    return _written(launcher)[1]


def _written(launcher: str) -> tuple[str, str]:
    try:
        with open(os.open(to_bytes(launcher), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            written = _WRITTEN.search(file.read(_LAUNCHER_BYTES))
    except (OSError, ValueError):
        return "", ""
    if not written:
        return "", ""
    token, tokens = (os.fsdecode(word).strip("'") for word in written.groups())
    return token, tokens


def sealed(text: str, token: str) -> str:
    """A text as the launcher of this token obeys it; empty without a token, with which nothing may be stored."""
    return f"{text}# {token}\n" if text and _TOKEN.fullmatch(token) else ""


def _of_user(tokens: str) -> str:
    """Our token for shared launchers, made where it is missing."""
    path = os.path.join(tokens, str(os.geteuid()))
    try:
        around = os.lstat(tokens)
        if around.st_uid or not stat.S_ISDIR(around.st_mode) or not around.st_mode & stat.S_ISVTX:
            return ""
        if not os.path.lexists(path):
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "w") as file:
                file.write(f"{new()}\n")
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)) as file:
            status = os.fstat(file.fileno())
            is_ours = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
            found = file.read(64).rstrip("\n") if is_ours else ""
    except (OSError, ValueError):
        return ""
    return found if _TOKEN.fullmatch(found) else ""
