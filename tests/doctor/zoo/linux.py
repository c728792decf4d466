"""A healthy Linux machine of a Go developer, and what can be put on one."""

from __future__ import annotations

import hashlib
import shutil

from goshim.base.resources import load_rows
from tests.doctor import cached
from tests.doctor.described import INSTALLATION
from tests.doctor.zoo.keeper import USER, Described
from tests.machine import HOME, LAUNCHER, LINUX_RELEASE

GOROOT = "/usr/local/go"
BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
BASE_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games"
SHIM = f"{HOME}/.local/share/goshim/bin"

DEBIAN = 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nNAME="Debian GNU/Linux"\nVERSION_ID="13"\nID=debian\n'
MOUNTS = """\
22 27 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:13 - proc proc rw
23 27 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:7 - sysfs sysfs rw
27 1 259:2 / / rw,relatime shared:1 - ext4 /dev/nvme0n1p2 rw,errors=remount-ro
31 27 0:25 / /run rw,nosuid,nodev,size=1608588k,mode=755 shared:5 - tmpfs tmpfs rw
40 27 0:36 / /tmp rw,nosuid,nodev shared:20 - tmpfs tmpfs rw,size=8042944k
"""
GO_MOD = """module example.com/project

go 1.27.0

require (
\tgithub.com/google/uuid v1.6.0
\tgolang.org/x/text v0.31.0
)
"""
# What is the user's in a start file as Debian ships it; Go's own instructions have the last line.
PROFILE = """# set PATH so it includes user's private bin if it exists
if [ -d "$HOME/bin" ] ; then
    PATH="$HOME/bin:$PATH"
fi
if [ -d "$HOME/.local/bin" ] ; then
    PATH="$HOME/.local/bin:$PATH"
fi
export PATH=$PATH:/usr/local/go/bin
"""


def make(it: Described, *, release: str = LINUX_RELEASE, mounts: str = MOUNTS, system: str = DEBIAN) -> None:
    """A healthy machine with a Go, a C compiler, certificates and a project."""
    machine = cached.make_home(it.machine)
    machine.write("/proc/sys/kernel/osrelease", f"{release}\n")
    machine.write("/proc/self/mountinfo", mounts)
    machine.write("/etc/os-release", system)
    machine.directory("/etc/apt")
    machine.directory("/usr/local/share/ca-certificates")
    machine.write("/usr/include/stdlib.h", "")
    machine.write(f"{HOME}/.profile", PROFILE)
    machine.directory(f"{HOME}/project/.git")
    machine.write(f"{HOME}/project/go.mod", GO_MOD)
    for program in ("gcc", "g++", "cc", "git", "make", "bash", "sh", "python3", "apt-get"):
        machine.program(f"/usr/bin/{program}")
    machine.program("/usr/sbin/update-ca-certificates")
    it.variables |= {"HOME": HOME, "USER": "me", "LANG": "C.UTF-8", "PATH": BASE_PATH}
    it.probes |= {**cached.probes(), **_probes()}
    install_go(it)
    it.variables["PATH"] += f":{GOROOT}/bin"


def install_go(it: Described, goroot: str = GOROOT, version: str = "go1.27.3", go: str = "") -> None:
    """Put a toolchain there as it is unpacked, with those files that tell its release; `go` is the path it runs by."""
    it.machine.toolchain(goroot, version)
    it.machine.directory(f"{goroot}/pkg/tool/linux_amd64")
    it.machine.write(f"{goroot}/src/cmd/go/internal/cfg/zdefaultcc.go", f"package cfg\n{_COMPILERS}")
    minor = int(version.split(".")[1])
    if minor >= 21:
        it.machine.write(f"{goroot}/go.env", _GO_ENV)
    for row in load_rows("goroot-files.toml", "file"):
        if int(row.get("since", 0)) <= minor <= int(row.get("until", minor)):
            it.machine.write(f"{goroot}/{row['path']}", "")
    go = go or f"{goroot}/bin/go"
    it.commands[f"{go} version"] = f"go version {version} linux/amd64\n".encode()


def remove_go(it: Described) -> None:
    """Take away the Go of Go's own instructions."""
    shutil.rmtree(it.machine.at(GOROOT))
    it.machine.write(f"{HOME}/.profile", PROFILE.partition("export ")[0])
    it.variables["PATH"] = it.variables["PATH"].removesuffix(f":{GOROOT}/bin")


def install_launcher(it: Described) -> None:
    """Install goshim as `goshim install` does after `pipx install goshim`, first on PATH, and used for a while."""
    it.machine.program(f"{SHIM}/go", LAUNCHER)
    it.machine.program(f"{HOME}/.local/bin/goshim", b"#!/venv/bin/python\n")
    it.append(f"{HOME}/.profile", f'export PATH="{SHIM}:$PATH"')
    it.path(SHIM, f"{HOME}/.local/bin")
    calls = {"bash": "/bin/bash", "python": INSTALLATION["python"], "boot": INSTALLATION["boot"]}
    there = {"has_bash": True, "has_python": True, "has_boot": True, "is_current": True}
    store = {"above": "", "kind": "d", "mode": 0o700, "owner": USER, "user": USER, "is_writable": True}
    it.probes |= {
        "goshim.launcher": {**calls, **there, "goshim": "/venv/bin/goshim", "version": INSTALLATION["version"]},
        "goshim.store": {**store, "plans": 12, "size_bytes": 52_000},
        "goshim.overhead": [[6.9, 5.6], [7.0, 5.7], [6.8, 5.5]],
    }


def _probes() -> dict[str, object]:
    public = [hashlib.sha256(bytes([number])).hexdigest()[:16] for number in range(146)]
    trusted = [
        {"path": BUNDLE, "error": "", "fingerprints": public},
        {"path": "/etc/ssl/certs", "error": "", "fingerprints": []},
    ]
    return {
        "certificates.store": trusted,
        "certificates.folder": [],
        "clock.ahead": {"count": 0, "latest": []},
        "clock.daemons": [{"name": "systemd-timesyncd", "process": 612, "unit": "systemd-timesyncd.service"}],
        "clock.kept": True,
        "locales.charsets": {"C.UTF-8": "UTF-8"},
        "lookups.held": {"found": [], "left": 0},
    }


_COMPILERS = """
func DefaultCC(goos, goarch string) string {
\tswitch goos {
\tcase "darwin", "ios", "freebsd", "openbsd":
\t\treturn "clang"
\t}
\treturn "gcc"
}
"""
_GO_ENV = "GOPROXY=https://proxy.golang.org,direct\nGOSUMDB=sum.golang.org\nGOTOOLCHAIN=auto\n"
