"""Windows' side, read-only: where its programs are, and whether they may and can be run from here."""

from __future__ import annotations

from goshim.doctor.facts import basics
from goshim.doctor.look import Look, UnknownError

_BINFMT = "/proc/sys/fs/binfmt_misc"


def interop(look: Look) -> str:
    """What keeps Windows programs from being run; empty where they can be.

    A handler of the kernel's must know them (microsoft/WSL issues 8843 and 13449: with systemd it may be named
    WSLInterop-late), and the socket that WSL_INTEROP names be there (issue 6799: it may be stale).
    """
    handlers = [look.host.text(path) for path in look.host.glob(f"{_BINFMT}/WSLInterop*")]
    if not handlers:
        return "no handler for Windows programs is registered (binfmt_misc/WSLInterop)"
    if not any(text.startswith("enabled") for text in handlers):
        return "the handler for Windows programs is disabled (binfmt_misc/WSLInterop)"
    socket = look(basics.variables).get("WSL_INTEROP", "")
    if not socket:
        return "WSL_INTEROP is not set, as under sudo, cron and systemd"
    return "" if look.host.exists(socket) else f"WSL_INTEROP names {socket}, which is not there any more"


def system32(look: Look) -> str:
    r"""Where C:\Windows\System32 is from here. Unknown where Windows programs can't, or must not, be run."""
    if not look(basics.machine).wsl:
        raise UnknownError("this is not WSL")
    if not look.options.windows:
        raise UnknownError("Windows is not asked: --no-windows, or doctor.windows = false")
    if reason := look(interop):
        raise UnknownError(f"Windows can't be asked: {reason}")
    path = look(basics.mounts).from_windows("C:\\Windows\\System32")
    if path is None or not look.host.is_directory(path):
        raise UnknownError("Windows can't be asked: its drive C is not mounted")
    return path
