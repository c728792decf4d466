"""Checks of WSL itself: what kind it is, its drives, and whether Windows programs can be run."""

from __future__ import annotations

import re

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import NEEDS, check
from goshim.doctor.engine.finding import Remedy, Verdict, info, ok, skip, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, networking, registry, windows, wsl_conf, wslconfig
from goshim.doctor.machine.windows import Use
from goshim.doctor.subjects.wsl.conf_remedies import in_powershell, restart
from goshim.facts.mounts import Mount

_REGISTER = ":WSLInterop:M::MZ::/init:PF"
_BINFMT = "/proc/sys/fs/binfmt_misc"
_ALL = 0o777


@check("wsl-kind", "wsl")
def wsl_kind(look: Look) -> Verdict:
    """Which WSL this is: WSL1 or WSL2, its kernel, its version, how it is connected.

    Most advice holds for one kind only. Under WSL2 Go's files lie on a Linux disk that Windows' scanners see as one
    file, and the network may be a NAT; under WSL1 each file is one of NTFS, network and clock are those of Windows.

    WSL's own test is the word `Microsoft`, with a capital, in the kernel's release: WSL1 (microsoft/WSL
    src/linux/init/util.cpp, UtilIsUtilityVm). A container on WSL2 shares the kernel and nothing else: no drives, no
    registry, no Windows programs; a WSL2 with a kernel of one's own is known by its marks, such as /run/WSL.

    WSL1 is no fault, but a reason for renames that are refused while a scanner holds a file: golang/go issue 36568.
    """
    release = look(windows.kernel)
    found = look(basics.machine).wsl
    if not found:
        if "microsoft" not in release.lower() and "wsl2" not in release.lower():
            return skip(NEEDS["wsl"])
        return info(
            "a container on WSL2, not WSL: it has the kernel, but neither drives, registry nor Windows programs",
            f"kernel {release}",
        )
    evidence = [f"kernel {printable(release)}"]
    if name := look(windows.distribution_name):
        evidence.append(f"distribution {printable(name)}")
    if found == "wsl1":
        command = f"wsl.exe --set-version {in_powershell(name) if name else '<distribution>'} 2"
        return info(
            "WSL1: every file is one of Windows', which scanners hold open; network and clock are Windows' own",
            *evidence,
            remedies=(Remedy("to make it WSL2, which takes minutes (export it first)", command, "powershell"),),
        )
    evidence += [f"WSL {version}" for version in _if_known(look, windows.version)]
    evidence += [f"network {mode}" for mode in _if_known(look, networking.mode)]
    own = [f"wsl2.kernel = {printable(path)}" for path in _own_kernel(look)]
    if own or ("microsoft" not in release and "WSL2" not in release):
        return info("WSL2, with a kernel of one's own", *evidence, *own)
    return ok("WSL2", *evidence)


@check("automount-metadata", "wsl", needs="wsl")
def automount_metadata(look: Look) -> Verdict:
    """Whether Linux permissions are kept on the Windows drives that go works on.

    Without `metadata` chmod there sets or clears the read-only attribute, at most, and chown does nothing, both without
    an error: tests of file modes fail, and git sees every file as executable.

    Told only where the project or a cache lies on such a drive. Folklore: symlinks need no metadata. `umask`, `fmask`
    and `dmask` are octal and are *taken away* from 0777, and only for what has no stored mode: with `umask=22,fmask=11`
    files get 0744 (not 0664) and directories 0755.

    Sources: MicrosoftDocs/WSL file-permissions.md and wsl-config.md; the file system behind it,
    microsoft/openvmm vm/devices/support/fs/lxutil/src/windows/fs.rs, chmod.
    """
    uses = look(windows.uses)
    if not uses:
        return ok("neither the project nor a cache is on a Windows drive")
    evidence = [f"{use.what} is {printable(use.path)}: {_permissions(use.mount)}" for use in uses]
    without = [use for use in uses if use.mount.type != "virtiofs" and not _has_metadata(use.mount)]
    if not without:
        hidden = [use for use in uses if use.mount.type == "virtiofs"]
        if hidden:
            return info("go works on a drive by virtiofs, which does not show whether it keeps permissions", *evidence)
        return ok("permissions are kept on the Windows drives that go works on", *evidence)
    return info(
        f"{without[0].what} is on a Windows drive that keeps no Linux permissions",
        *evidence,
        remedies=_with_metadata(look, without[0]),
    )


@check("interop", "wsl", needs="wsl")
def interop(look: Look) -> Verdict:
    """Whether Windows programs can be run from here.

    `code .` and a login in Windows' browser need it, and so does Git's credential manager of Windows: without it a
    private module can't be fetched. goshim's own view of Windows is closed, too.

    The kernel must know a handler (`WSLInterop`, or with systemd `WSLInterop-late`: microsoft/WSL issues 8843 and
    13449, systemd/systemd issue 28126), and a socket in /run/WSL must lead to Windows. Where WSL_INTEROP is unset or
    stale, as in a tmux from before a restart (issue 6799), WSL looks for the socket of a parent process
    (src/linux/init/util.cpp, UtilConnectToInteropServer). sudo, cron and services have no WSL_INTEROP, and need none
    for go.
    """
    socket, named = look(windows.interop_socket), look(windows.named_socket)
    handlers = [f"{path}: {text.partition(chr(10))[0]}" for path, text in look(windows.handlers).items()]
    evidence = [*handlers, *([f"socket {printable(socket)}"] if socket else [])]
    if reason := look(windows.interop):
        return _without_interop(look, reason, handlers)
    for silence in _if_known(look, registry.silence):
        if silence:  # a scanner, or Windows' own updates, can be the reason as well
            return info("a Windows program was started, and gave no answer in time", silence, *evidence)
    for refusal in _if_known(look, registry.refusal):
        if refusal:
            return warn(f"Windows programs can't be run: {refusal}", *evidence, remedies=(_start_anew(),))
    if named and socket != named and look(basics.machine).wsl == "wsl2":
        return info(
            "WSL_INTEROP is stale; WSL takes a parent's socket instead, which older versions do not",
            f"WSL_INTEROP={printable(named)}, which is not there any more",
            *evidence,
            remedies=(Remedy("set it anew", f"export WSL_INTEROP={quoted(socket)}"),),
        )
    return ok("Windows programs can be run", *evidence)


@check("virtiofs", "wsl", needs="wsl2")
def virtiofs(look: Look) -> Verdict:
    """Whether Windows drives are mounted by virtiofs instead of 9p.

    It is faster, and three things differ: the mount does not show whether permissions are kept, a lock (flock) is known
    to this Linux only, not to Windows, and one mount may carry all drives.

    go locks its caches by flock; a cache shared with a Windows go is not protected. Sources: `virtiofs = true` in
    `[wsl2]` of .wslconfig; microsoft/WSL src/linux/init/drvfs.cpp, issue 14301, pull request 41129 (aggregate shares);
    microsoft/openvmm fuse/src/lib.rs, set_lock. `virtio9p`, the older way, is off in every current WSL.
    """
    drives = look(windows.drives)
    shared = [mount for mount in drives if mount.type == "virtiofs"]
    if not shared:
        return ok("no Windows drive is mounted by virtiofs", *(_mounted(mount) for mount in drives))
    return info("Windows drives are mounted by virtiofs", *(_mounted(mount) for mount in drives))


# The kind.


def _own_kernel(look: Look) -> list[str]:
    try:
        return [path] if (path := look(wslconfig.values).get("wsl2.kernel", "")) else []
    except UnknownError:
        return []


def _if_known(look: Look, fact: windows.Fact) -> list[str]:
    try:
        return [look(fact)]
    except UnknownError:
        return []


# Drives.


def _mounted(mount: Mount) -> str:
    return f"{printable(mount.point)}: {mount.type}, {printable(mount.source)}"


def _options(mount: Mount) -> list[str]:
    return re.split("[,;]", mount.options)


def _has_metadata(mount: Mount) -> bool:
    return "metadata" in _options(mount)


def _permissions(mount: Mount) -> str:
    if mount.type == "virtiofs":
        return "by virtiofs, which does not show it"
    masks = {
        name: int(value, 8) for name, value in re.findall(r"(?:^|[,;])([ufd]mask)=([0-7]+)(?=[,;]|$)", mount.options)
    }
    kept = "permissions are kept" if _has_metadata(mount) else "no metadata, permissions are not kept"
    if not masks:
        return kept
    both = masks.get("umask", 0)
    files, directories = (_ALL & ~(both | masks.get(name, 0)) for name in ("fmask", "dmask"))
    told = ",".join(f"{name}={mask:o}" for name, mask in masks.items())
    return f"{kept}; {told} gives files without a stored mode {files:04o}, directories {directories:04o}"


def _with_metadata(look: Look, use: Use) -> tuple[Remedy, ...]:
    config = look(wsl_conf.config)
    entry = next((entry for entry in config.entries if entry.is_read and entry.name == "automount.options"), None)
    if entry and "metadata" in entry.value.split(","):
        return (restart(look),)
    if entry:
        first = Remedy(f"in {wsl_conf.PATH}:{entry.line}, add metadata to the options", where="file")
    else:
        lines = r"""printf '\n[automount]\noptions = "metadata"\n'"""
        first = Remedy("keep permissions there", f"{lines} | sudo tee -a {wsl_conf.PATH}", "sudo")
    return (first, restart(look))


# Windows programs.


def _without_interop(look: Look, reason: str, handlers: list[str]) -> Verdict:
    if look(wsl_conf.config).truth("interop.enabled") is False:
        return info(f"Windows programs can't be run, as {wsl_conf.PATH} has it: interop.enabled is false", reason)
    if not handlers:
        return warn(
            f"Windows programs can't be run: {reason}",
            "systemd clears the handlers that it does not know, where boot.protectBinfmt is false or WSL is older",
            remedies=(
                Remedy("now", f"echo {_REGISTER} | sudo tee {_BINFMT}/register", "sudo"),
                Remedy("for good", f"echo {_REGISTER} | sudo tee /etc/binfmt.d/WSLInterop.conf", "sudo"),
            ),
        )
    if not any(line.endswith(": enabled") for line in handlers):
        path = handlers[0].partition(": ")[0]
        remedy = Remedy("enable it", f"echo 1 | sudo tee {quoted(path)}", "sudo")
        return warn(f"Windows programs can't be run: {reason}", *handlers, remedies=(remedy,))
    if not look(windows.named_socket):
        return info(f"Windows programs can't be run from here: {reason}", *handlers)
    newest = max(look(windows.sockets), key=lambda path: (len(path), path), default="")
    remedy = Remedy("set it anew", f"export WSL_INTEROP={quoted(newest)}") if newest else _start_anew()
    return warn(f"Windows programs can't be run: {reason}", *handlers, remedies=(remedy,))


def _start_anew() -> Remedy:
    return Remedy("open a new terminal; if that does not help, restart WSL", "wsl.exe --shutdown", "powershell")
