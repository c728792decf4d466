"""Whether this is WSL, and of which kind.

WSL itself looks for `Microsoft` in the kernel's release to tell WSL1 (microsoft/WSL src/linux/init/util.cpp,
UtilIsUtilityVm); a WSL2 kernel says `microsoft` or `WSL2`, unless it is a custom one. A container on WSL2 shares the
kernel and none of the rest, so it is not WSL here.
"""

from __future__ import annotations

from goshim.facts.host import Host

_CONTAINER_MARKS = ("/.dockerenv", "/run/.containerenv")
_CONTAINER_GROUPS = ("docker", "containerd", "kubepods", "libpod", "lxc")
_DISTRIBUTION_MARKS = ("/run/WSL", "/usr/lib/wsl/lib", "/mnt/wsl")
_ENOUGH_MARKS = 2  # for a kernel that does not say it: each one alone could be anybody's


def kind(host: Host) -> str:
    """`wsl1`, `wsl2`, or empty."""
    release = read_line(host, "/proc/sys/kernel/osrelease")
    if "Microsoft" in release:
        return "wsl1"
    if "microsoft" in release or "WSL2" in release:
        return "wsl2" if any(map(host.exists, _DISTRIBUTION_MARKS)) or not _is_container(host) else ""
    marks = sum(map(host.exists, _DISTRIBUTION_MARKS))
    return "wsl2" if marks >= _ENOUGH_MARKS or (marks and host.environment.get("WSL_INTEROP")) else ""


def _is_container(host: Host) -> bool:
    groups = read_line(host, "/proc/1/cgroup")
    return any(map(host.exists, _CONTAINER_MARKS)) or any(group in groups for group in _CONTAINER_GROUPS)


def read_line(host: Host, path: str) -> str:
    """The text of a small file without the blanks around it; empty where it can't be read."""
    return host.text(path).strip()
