"""The launcher's place: writing it, removing it, and the off file that keeps it from doing anything."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator

from goshim.base import atomic_file, own_directory, resources
from goshim.base.errors import GoshimError, UsageError
from goshim.base.own_directory import account_home
from goshim.base.terminal import printable
from goshim.facts.host import LAUNCHER_MARK, user_name
from goshim.plan import seal

DEFAULT_DIRECTORY = ".local/share/goshim/bin"
OFF_FILE = ".config/goshim/off"
SYSTEM_OFF_FILE = "/etc/goshim/off"

_ELSEWHERE = "choose another place: goshim install --dir DIR"
_OLDEST_BASH = (4, 4)  # the first with ${name@a}
_SECRET = "local +x token='' tokens=''"
_WRITTEN = "local +x python='' boot='' last_resort=''"
_MODE, _MODE_OF_SHARED = 0o700, 0o755  # a launcher for its user alone holds a token, see seal.py


def install(directory: str, last_resort: str, home: str = "") -> str:
    """Write the launcher into directory, as a file and not a link (editors resolve links). Gives its path.

    `last_resort` is the go to run when PATH has none, or empty; `home` is what HOME says. Only the user who installs a
    launcher can run it, unless that is root and the directory is outside root's home: then all users can. Raises
    UsageError if a go that is not goshim's is there, or if root would write into the home of another user.
    """
    path = os.path.join(directory, "go")
    if os.path.lexists(path) and not is_launcher(path):
        raise UsageError(f"{printable(path)}: there is a go already that is not goshim's\n  {_ELSEWHERE}")
    if home.startswith("/") and own_directory.is_below(directory, home):
        require_own_home(home, _ELSEWHERE)
    try:
        if os.geteuid() or _is_in_roots_home(directory, home):
            own_directory.make_above(path)
            atomic_file.write(path, launcher(last_resort, _kept_token(path) or seal.new()), _MODE)
        else:
            with _umask(0o022):
                own_directory.make_above(path)
                tokens = _make_tokens()
            atomic_file.write(path, launcher(last_resort, "", tokens), _MODE_OF_SHARED)
    except OSError as error:
        raise UsageError(f"{printable(str(error.filename or path))}: {error.strerror}\n  {_ELSEWHERE}") from None
    return path


def _kept_token(path: str) -> str:
    """The token of the launcher that is there already, if nobody else can have read it."""
    with contextlib.suppress(OSError):
        status = os.lstat(path)
        is_private = stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o077
        return seal.of(path) if is_private and not seal.directory(path) else ""
    return ""


def require_own_home(home: str, way_out: str) -> None:
    """See that HOME is there and not another user's, before something is written into it. Raises UsageError."""
    try:
        owner = os.stat(home).st_uid
    except OSError as error:
        raise UsageError(f"HOME={printable(home)}: {error.strerror}\n  make it first, or: {way_out}") from None
    if owner not in (0, os.geteuid()):
        raise UsageError(
            f"HOME={printable(home)} belongs to {user_name(owner)}, and this is {user_name(os.geteuid())}\n"
            f"  do it as that user, or: {way_out}"
        )


def _make_tokens() -> str:
    """The directory in which users of a shared launcher have their tokens; empty where there can be none."""
    try:
        own_directory.make_above(f"{seal.TOKENS}/0")
        if os.lstat(seal.TOKENS).st_uid:
            return ""
        os.chmod(seal.TOKENS, seal.TOKENS_MODE)
    except OSError:
        return ""
    return seal.TOKENS


def _is_in_roots_home(directory: str, home: str) -> bool:
    """Whether no other user has a use for a launcher that root installs there."""
    if own_directory.is_below(directory, account_home() or "/root") or own_directory.is_closed(directory):
        return True
    is_in_home = home.strip("/") != "" and own_directory.is_below(directory, home)
    return is_in_home and own_directory.is_roots_alone(home)


@contextlib.contextmanager
def _umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def uninstall(directory: str) -> str | None:
    """Remove the launcher, and its directory if that is our own and empty. Gives its path; None without one."""
    path = os.path.join(directory, "go")
    if not os.path.lexists(path):
        return None
    if not is_launcher(path):
        raise UsageError(f"{printable(path)}: not goshim's; nothing is removed")
    try:
        has_tokens = seal.directory(path) == seal.TOKENS
        os.unlink(path)
        if has_tokens and not os.geteuid():
            _remove_tokens()
        ours = (directory, os.path.dirname(directory)) if directory.endswith(f"/{DEFAULT_DIRECTORY}") else ()
        for empty in ours:
            if not os.listdir(empty):
                os.rmdir(empty)
    except OSError as error:
        raise UsageError(f"{printable(path)}: {error.strerror}") from None
    return path


def _remove_tokens() -> None:
    shutil.rmtree(seal.TOKENS, ignore_errors=True)
    with contextlib.suppress(OSError):
        os.rmdir(os.path.dirname(seal.TOKENS))


def launcher(last_resort: str, token: str = "", tokens: str = "") -> bytes:
    """bin/go with what this machine has: bash, Python, boot.py; and with a token, or the directory of tokens."""
    with open(resources.path("bin/go"), encoding="utf-8") as file:
        text = file.read()
    text = text.replace(_SECRET, _assigned(token=token, tokens=tokens), 1)
    text = text.replace(_WRITTEN, _assigned(python=sys.executable, boot=resources.BOOT, last_resort=last_resort), 1)
    text = text.replace("#!/bin/bash", f"#!{_bash()}", 1)
    return text.encode("utf-8", "surrogateescape")


def is_launcher(path: str) -> bool:
    """Whether a file is a launcher of goshim's, of any version."""
    try:
        with open(path, "rb") as file:
            return LAUNCHER_MARK in file.read(200)
    except OSError:
        return False


def off_file(home: str) -> str:
    """The file that turns goshim off for a user. Raises UsageError without a home."""
    if not home.startswith("/"):
        raise UsageError(
            "HOME is not set to an absolute path, so there is no place to note it\n  set HOME, or use GOSHIM=off"
        )
    return os.path.join(home, OFF_FILE)


def _assigned(**values: str) -> str:
    return "local +x " + " ".join(f"{name}={shlex.quote(value)}" for name, value in values.items())


def _bash() -> str:
    for path in ("/bin/bash", "/usr/bin/bash", shutil.which("bash") or ""):
        if not path.startswith("/") or not os.access(path, os.X_OK) or " " in path:
            continue
        command = [path, "-pc", "echo $BASH_VERSION"]
        found = re.match(r"(\d+)\.(\d+)", subprocess.run(command, capture_output=True, text=True, check=False).stdout)
        if found and (int(found[1]), int(found[2])) >= _OLDEST_BASH:
            return path
    raise GoshimError("no bash from 4.4 on here, and the launcher needs one\n  install it: sudo apt install bash")
