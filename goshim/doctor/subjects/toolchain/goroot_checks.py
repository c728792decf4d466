"""Checks of GOROOT: the variable, and the directory."""

from __future__ import annotations

from collections.abc import Iterable

from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, fail, info, ok, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.machine import basics, go_env, origins
from goshim.doctor.machine.origins import Origin
from goshim.doctor.subjects.toolchain import facts as toolchains

_NAME = "GOROOT"
_ENOUGH = 2  # a file alone may be somebody's own
_SHOWN = 4


@check("goroot-mismatch", "toolchain")
def goroot_mismatch(look: Look) -> Verdict:
    r"""GOROOT in the environment: whether the go that is run here can work with the directory it names.

    Go uses the variable uncritically. A directory that is none ends every call; one of another version shows only when
    something is built: `compile: version "go1.24.11" does not match go tool version "go1.27.3"`.

    `go version` does not tell: it prints the version of the binary. So the binary is asked with GOROOT taken away, and
    compared with `$GOROOT/VERSION` (cmd/go/internal/cfg/cfg.go, findGOROOT; golang/go issues 34214, 26933, 47512, and
    45763 on WSL). Since Go 1.10 nothing needs the variable: go finds its own root by where the binary is. On WSL it
    often comes from Windows: `WSLENV=GOROOT` brings `C:\Program Files\Go`, and `GOROOT/p` the same, translated.
    """
    value = look(basics.variables).get(_NAME, "")
    if not value:
        return ok("GOROOT is not set, as it should be")
    look(basics.toolchain)
    fault = toolchains.goroot_fault(look, value)
    lines = origins.of(look, _NAME)
    shown = f"GOROOT={printable(value)}"
    evidence = [f"{line.place}: {printable(line.text.strip())}" if line.path else line.place for line in lines]
    if not fault:
        return ok(f"{shown} is of the go that is run, and not needed", *evidence)
    if _NAME in look(basics.mended):
        return info(f"{shown}: {fault}; goshim unsets it at each call", *evidence, remedies=_remedies(look, lines))
    is_fatal = look(basics.toolchain).goroot and not toolchains.is_slow_alone(look, value)  # a shim may set its own
    return (fail if is_fatal else warn)(f"{shown}: {fault}", *evidence, *_own(look), remedies=_remedies(look, lines))


@check("goroot-symlink-to-windows", "toolchain", needs="wsl")
def goroot_symlink_to_windows(look: Look) -> Verdict:
    r"""Whether /usr/local/go, or the GOROOT of the go that is run, leads to a Windows drive by a symlink.

    Each file of the standard library that go looks at is then fetched from Windows, about a millisecond each; and
    a Windows Go there has no `go`, only a `go.exe`, which can't build for Linux with Linux paths.

    Nothing but a symlink that somebody made can do that. No registry value maps `/usr/local/go` to `C:\tools\go`:
    `AutoMountRoot` does not exist in WSL. `automount.root` of /etc/wsl.conf says where drives are mounted, and a mount
    of drives does not replace another directory (microsoft/WSL src/linux/init/WslDistributionConfig.h). Developer Mode
    has no part in it.
    """
    try:
        root = look(basics.toolchain).goroot
    except UnknownError:
        root = ""
    places = {path: toolchains.windows_target(look, path) for path in dict.fromkeys([toolchains.USUAL, root]) if path}
    found = {path: target for path, target in places.items() if target}
    if not found:
        return ok("no GOROOT leads to a Windows drive", f"AutoMountRoot is no setting of WSL: {toolchains.USUAL} stays")
    evidence = [
        f"{printable(path)} leads to {printable(target)}" if path != target else f"{printable(path)} is run"
        for path, target in found.items()
    ]
    unlink = Remedy("take the link away; what it leads to stays", f"sudo unlink {quoted(toolchains.USUAL)}", "sudo")
    unpack = Remedy("unpack a Linux Go in its place, from https://go.dev/dl/")
    is_link = toolchains.USUAL in found and toolchains.is_link(look, toolchains.USUAL)
    remedies = (unlink, unpack) if is_link else (unpack,)
    if root in found:
        return warn("the go that is run here lies on a Windows drive", *evidence, remedies=remedies)
    return info(f"{toolchains.USUAL} leads to a Windows drive, and is not what is run", *evidence, remedies=remedies)


@check("goroot-persisted", "toolchain")
def goroot_persisted(look: Look) -> Verdict:
    """A GOROOT that was kept in the file of `go env -w`.

    If it is wrong, every go command fails, `go env -u GOROOT` included, with nothing in the environment that would tell
    why: `go: cannot find GOROOT directory`.

    Go up to 1.26 lets `go env -w GOROOT=…` write it; 1.27 refuses, and refuses to take it out again: `GOROOT cannot be
    modified` (golang/go issue 79648; cmd/go/internal/envcmd/env.go, checkEnvWrite), but still obeys it. So the file
    itself is read, and has to be edited.
    """
    lines = [line for line in look(go_env.lines) if line.name == _NAME and line.value]
    path = look(go_env.path)
    if not lines:
        return ok("the file of go env -w sets no GOROOT")
    value = lines[-1].value  # of several, go takes the last
    fault = toolchains.goroot_fault(look, value)
    evidence = [f"{printable(path)}:{line.number}: {printable(line.text)}" for line in lines]
    remedy = Remedy(
        "take the line out: go finds its own root",
        f"sed -i '/^GOROOT=/d' {quoted(look(go_env.real_path))}",
        edits=tuple(Edit(path, line.number, line.text, None) for line in lines),
    )
    if fault:
        summary = f"the file of go env -w sets GOROOT={printable(value)}: {fault}"
        return fail(summary, *evidence, *_own(look), remedies=(remedy,))
    return info(
        "the file of go env -w sets GOROOT: right now, and wrong as soon as another Go is installed",
        *evidence,
        remedies=(remedy,),
    )


@check("toolchain-overlaid", "toolchain")
def toolchain_overlaid(look: Look) -> Verdict:
    """Whether the GOROOT of the go that is run holds files of two releases of Go.

    What the one has and the other has not stays, and is compiled together: `mapiterinit redeclared in this block`, or
    `package … is not in std`, from the standard library, in every build.

    It comes about by unpacking a Go over an older one. `sudo rm -f /usr/local/go && sudo tar -C /usr/local -xzf …`, as
    some guides have it, does just that: `rm -f` takes no directory away. Go's own instructions have `rm -rf`
    (go.dev/doc/install). Looked for are files that only some releases have (config/goroot-files.toml), and a VERSION
    that the binary contradicts. Two releases of the same 1.x differ in no file's name, and are no harm.
    """
    version = look(toolchains.version_file)
    own = look(toolchains.own)
    root = look(basics.toolchain).goroot
    foreign = look(toolchains.foreign_files)
    evidence = list(map(printable, foreign[:_SHOWN]))
    if len(foreign) > _SHOWN:
        evidence.append(f"and {len(foreign) - _SHOWN} more such files")
    if own.version not in (version, "devel"):
        evidence.insert(0, f"{printable(root)}/bin/go is {own.version}, {printable(root)}/VERSION says {version}")
    elif len(foreign) < _ENOUGH:
        return ok(f"{printable(root)} is {version} and nothing else")
    return fail(
        f"{printable(root)} holds two versions of Go, unpacked over each other",
        *evidence,
        remedies=(_unpack(root, version, own.platform, is_users=_is_below_home(look, root)),),
    )


def _remedies(look: Look, lines: Iterable[Origin]) -> tuple[Remedy, ...]:
    """For this shell, and where it comes from."""
    written = [line for line in lines if line.path]
    imported = [line for line in lines if not line.path]
    edits = tuple(line.commented_out() for line in origins.alone(look, _NAME))
    there = f" here, and from {', '.join(line.place for line in written)}" if written else ""
    found = [Remedy(f"take it out{there}", "unset GOROOT", edits=edits)]
    if imported:
        entries = ", ".join(printable(line.text) for line in imported)
        found.append(Remedy(f"on Windows, take {entries} out of the environment variable WSLENV"))
    return tuple(found)


def _own(look: Look) -> tuple[str, ...]:
    try:
        own = look(toolchains.own)
    except UnknownError as error:
        return (str(error),)
    toolchain = look(basics.toolchain)
    return (f"{printable(toolchain.go)} is {own.version}, its own root {printable(toolchain.goroot)}",)


def _is_below_home(look: Look, path: str) -> bool:
    home = look(basics.machine).home
    return bool(home) and path.startswith(f"{home}/")


def _unpack(root: str, version: str, platform: str, *, is_users: bool) -> Remedy:
    """Set aside what is there, and unpack the release anew: nothing is deleted."""
    archive = f"{version}.{platform.replace('/', '-')}.tar.gz"
    place, aside, sudo = quoted(root), quoted(f"{root}.mixed"), "" if is_users else "sudo "
    command = (
        f"curl -fLO https://go.dev/dl/{archive} && {sudo}mv {place} {aside} && {sudo}mkdir {place}"
        f" && {sudo}tar -C {place} --strip-components=1 -xzf {archive}"
    )
    where = "shell" if is_users else "sudo"
    return Remedy("set it aside, and unpack one release into an empty directory", command, where)
