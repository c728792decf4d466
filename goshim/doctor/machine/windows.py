"""Windows' side, read-only: where its programs are, and whether they may and can be run from here."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_uppercase

from goshim.base.terminal import printable
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics
from goshim.facts.mounts import Mount
from goshim.facts.wsl import read_line

Fact = Callable[[Look], str]

_BINFMT = "/proc/sys/fs/binfmt_misc"
_SOCKETS = "/run/WSL"
_WSLINFO = "/bin/wslinfo"
_WSLINFO_LIMIT_S = 2.0
_MOST_PARENTS = 64


def handlers(look: Look) -> dict[str, str]:
    """What the kernel was told to run Windows programs with, by the path of each handler.

    With systemd it may be named WSLInterop-late (microsoft/WSL issues 8843 and 13449).
    """
    return {path: look.host.text(path) for path in look.host.glob(f"{_BINFMT}/WSLInterop*")}


def named_socket(look: Look) -> str:
    """The socket that WSL_INTEROP names, whether it is there or not; empty if it is unset."""
    return look(basics.variables).get("WSL_INTEROP", "")


def interop_socket(look: Look) -> str:
    """The socket through which a program started here asks Windows; empty where there is none.

    It is the one that WSL_INTEROP names; if that is unset or gone, the nearest parent's: microsoft/WSL
    src/linux/init/util.cpp, UtilConnectToInteropServer.
    """
    if (named := look(named_socket)) and look.host.exists(named):
        return named
    present = look(sockets)
    return next((path for path in map(_socket_of, _parents(look)) if path in present), "") if present else ""


def sockets(look: Look) -> tuple[str, ...]:
    """The sockets that there are, whosoever they are for."""
    return look.host.glob(f"{_SOCKETS}/*_interop")


def interop(look: Look) -> str:
    """What keeps Windows programs from being run; empty where nothing is known to.

    A handler of the kernel's must know them, and under WSL2 the socket be there: WSL_INTEROP may be stale, as in a tmux
    that is older than this WSL (microsoft/WSL issue 6799). WSL1 needs no socket (src/linux/init/binfmt.cpp).
    """
    known = look(handlers)
    if not known:
        return "no handler for Windows programs is registered (binfmt_misc/WSLInterop)"
    if not any(text.startswith("enabled") for text in known.values()):
        return "the handler for Windows programs is disabled (binfmt_misc/WSLInterop)"
    if look(basics.machine).wsl == "wsl1" or look(interop_socket):
        return ""
    if named := look(named_socket):
        return f"WSL_INTEROP names {printable(named)}, which is not there any more"
    return "WSL_INTEROP is not set, as under sudo, cron and systemd, and no parent process has a socket"


def system32(look: Look) -> str:
    r"""Where C:\Windows\System32 is from here. Unknown where Windows programs can't, or must not, be run."""
    if not look(basics.machine).wsl:
        raise UnknownError("this is not WSL")
    if not look.options.windows:
        raise UnknownError("Windows is not asked: --no-windows, or doctor.windows = false")
    if reason := look(interop):
        raise UnknownError(f"Windows can't be asked: {reason}")
    path = look(basics.mounts).from_windows("C:\\Windows\\System32")
    if path is None:
        raise UnknownError("Windows can't be asked: its drive C is not mounted")
    if not look.host.is_directory(path):
        raise UnknownError(f"Windows can't be asked: its drive C is mounted, and there is no {printable(path)}")
    return path


def version(look: Look) -> str:
    """WSL's own version, such as 2.6.1. Unknown where it is too old to tell.

    WSL's init answers (microsoft/WSL src/linux/init/wslinfo.cpp), no Windows program.
    """
    if not look(basics.machine).wsl:
        raise UnknownError("this is not WSL")
    if not look.host.exists(_WSLINFO):
        raise UnknownError(f"this WSL is too old to tell its version: it has no {_WSLINFO}")
    done = look.host.command([_WSLINFO, "--version", "-n"], limit_s=_WSLINFO_LIMIT_S)
    text = done.output.decode("ascii", "replace").strip()
    if done.code != 0 or not re.fullmatch(r"\d+(\.\d+)+", text):
        raise UnknownError(f"{_WSLINFO} --version: {done.error or f'exit code {done.code}'}")
    return text


def kernel(look: Look) -> str:
    """The kernel's release, as `uname -r` prints it."""
    return read_line(look.host, "/proc/sys/kernel/osrelease")


def distribution_name(look: Look) -> str:
    """The name that WSL has for this distribution; empty where it is not told, as under sudo."""
    return look(basics.variables).get("WSL_DISTRO_NAME", "")


@dataclass(frozen=True)
class Use:
    """A directory that go works in, and the Windows drive that it lies on."""

    what: str
    path: str
    mount: Mount


def uses(look: Look) -> tuple[Use, ...]:
    """Which of project, module cache and build cache lie on a Windows drive."""
    places = {
        "the project": look(basics.module) or look.host.directory,
        "the module cache": _known(look, basics.cache),
        "the build cache": _known(look, basics.build_cache),
    }
    owners = [(what, path, look(basics.mounts).owner(path)) for what, path in places.items() if path]
    return tuple(Use(what, path, mount) for what, path, mount in owners if mount and mount.is_windows)


def drives(look: Look) -> tuple[Mount, ...]:
    """The mounts of whole Windows drives, in the order of their letters."""
    table = look(basics.mounts)
    points = [table.from_windows(f"{letter}:\\") for letter in ascii_uppercase]
    return tuple(mount for point in points if point and (mount := table.owner(point)))


def _known(look: Look, fact: Fact) -> str:
    try:
        return look(fact)
    except UnknownError:
        return ""


def _parents(look: Look) -> list[str]:
    """The numbers of the processes that this one descends from, the nearest first, init last."""
    found: list[str] = []
    process = "self"
    while process not in ("0", "1", "") and len(found) < _MOST_PARENTS:
        fields = look.host.text(f"/proc/{process}/stat").rpartition(")")[2].split()
        process = fields[1] if len(fields) > 1 else ""
        found.append(process)
    return [*(each for each in found if each not in ("0", "1", "")), "1"]


def _socket_of(process: str) -> str:
    return f"{_SOCKETS}/{process}_interop"
