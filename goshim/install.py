"""The launcher's place: writing it, removing it, and the off file that keeps it from doing anything."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys

from goshim import data, whole_file
from goshim.errors import GoshimError, UsageError
from goshim.facts.host import LAUNCHER_MARK
from goshim.terminal import printable

DEFAULT_DIRECTORY = ".local/share/goshim/bin"
OFF_FILE = ".config/goshim/off"
SYSTEM_OFF_FILE = "/etc/goshim/off"

_ELSEWHERE = "choose another place: goshim install --dir DIR"
_OLDEST_BASH = (4, 4)  # the first with ${name@a}
_WRITTEN = "local +x python='' boot='' last_resort=''"


def install(directory: str, last_resort: str) -> str:
    """Write the launcher into directory, as a file and not a link (editors resolve links). Gives its path.

    `last_resort` is the go to run when PATH has none, or empty. Raises UsageError if a go that is not ours is there.
    """
    path = os.path.join(directory, "go")
    if os.path.lexists(path) and not is_launcher(path):
        raise UsageError(f"{printable(path)}: there is a go already that is not goshim's\n  {_ELSEWHERE}")
    try:
        os.makedirs(directory, exist_ok=True)
        whole_file.write(path, launcher(last_resort), 0o755)
    except OSError as error:
        raise UsageError(f"{printable(str(error.filename or path))}: {error.strerror}\n  {_ELSEWHERE}") from None
    return path


def uninstall(directory: str) -> str | None:
    """Remove the launcher, and its directory if that is our own and empty. Gives its path; None without one."""
    path = os.path.join(directory, "go")
    if not os.path.lexists(path):
        return None
    if not is_launcher(path):
        raise UsageError(f"{printable(path)}: not goshim's; nothing is removed")
    try:
        os.unlink(path)
        ours = (directory, os.path.dirname(directory)) if directory.endswith(f"/{DEFAULT_DIRECTORY}") else ()
        for empty in ours:
            if not os.listdir(empty):
                os.rmdir(empty)
    except OSError as error:
        raise UsageError(f"{printable(path)}: {error.strerror}") from None
    return path


def launcher(last_resort: str) -> bytes:
    """bin/go with what this machine has: bash, Python, boot.py."""
    with open(data.path("bin/go"), encoding="utf-8") as file:
        text = file.read()
    values = {"python": sys.executable, "boot": data.BOOT, "last_resort": last_resort}
    written = "local +x " + " ".join(f"{name}={shlex.quote(value)}" for name, value in values.items())
    text = text.replace(_WRITTEN, written, 1).replace("#!/bin/bash", f"#!{_bash()}", 1)
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


def _bash() -> str:
    for path in ("/bin/bash", "/usr/bin/bash", shutil.which("bash") or ""):
        if not os.access(path, os.X_OK) or " " in path:
            continue
        command = [path, "-pc", "echo $BASH_VERSION"]
        found = re.match(r"(\d+)\.(\d+)", subprocess.run(command, capture_output=True, text=True, check=False).stdout)
        if found and (int(found[1]), int(found[2])) >= _OLDEST_BASH:
            return path
    raise GoshimError("no bash from 4.4 on here, and the launcher needs one\n  install it: sudo apt install bash")
