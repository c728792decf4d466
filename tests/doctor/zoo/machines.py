"""Each machine of the zoo: a healthy one, and what is particular to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable

from goshim.doctor.machine import registry
from tests.doctor import cached
from tests.doctor.described import INSTALLATION
from tests.doctor.reg_exe import GUID, LIST, TEXT, WORD, answer
from tests.doctor.zoo import linux, windows_side
from tests.doctor.zoo.keeper import Described
from tests.machine import HOME, drive

PASSWORD = "hunter2"
PROXY = f"http://me:{PASSWORD}@proxy.corp.example:8080"
LOCAL_PROXY = "http://127.0.0.1:7890"

MACHINES: dict[str, Callable[[Described], None]] = {}


def machine(make: Callable[[Described], None]) -> Callable[[Described], None]:
    """Take a machine into the zoo, under its function's name."""
    MACHINES[make.__name__] = make
    return make


# Healthy ones.


@machine
def plain_linux(it: Described) -> None:
    """Debian, without WSL and without goshim's launcher."""
    linux.make(it)


@machine
def wsl2_9p(it: Described) -> None:
    """Ubuntu with a compiler and Go, drives by 9p, thirty entries of Windows' in PATH, no launcher."""
    windows_side.make_wsl2(it)


@machine
def wsl2_9p_with_goshim(it: Described) -> None:
    """The same with the launcher first on PATH."""
    windows_side.make_wsl2(it)
    linux.install_launcher(it)


@machine
def wsl2_virtiofs(it: Described) -> None:
    """Drives by virtiofs: microsoft/WSL issue 14301."""
    windows_side.make_wsl2(
        it,
        "481 74 0:60 / /mnt/c rw,noatime - virtiofs drvfsC0 rw",
        "482 74 0:61 / /mnt/d rw,noatime - virtiofs drvfsD1 rw",
    )
    it.machine.write("/mnt/c/Users/me/.wslconfig", "[wsl2]\r\nvirtiofs=true\r\n")


@machine
def wsl2_fresh_debian(it: Described) -> None:
    """Debian on the first day of a machine: Go is all that is installed, not even the locale that WSL asks for."""
    wsl2_without_compiler(it)
    machine = it.machine
    machine.write("/etc/os-release", linux.DEBIAN)
    machine.at("/etc/wsl.conf").unlink()
    machine.at("/mnt/c/Users/me/.wslconfig").unlink()
    for path in (cached.CACHE, cached.BUILDS, f"{HOME}/project"):
        shutil.rmtree(machine.at(path))
    it.variables["LANG"] = "en_US.UTF-8"
    path = it.variables["PATH"].split(":")
    fresh = [entry for entry in path if not entry.startswith("/mnt/c/") or "/Windows" in entry]
    it.variables["PATH"] = ":".join(entry for entry in fresh if entry != "/snap/bin")
    it.probes["locales.charsets"] = {"C.UTF-8": "UTF-8", "en_US.UTF-8": None}
    it.directory = HOME
    windows_side.register(it, {"DistributionName": (TEXT, "Debian")})
    it.variables["WSL_DISTRO_NAME"] = "Debian"


@machine
def wsl1(it: Described) -> None:
    """The older kind."""
    windows_side.make_wsl1(it)


@machine
def wsl2_drives_at_root(it: Described) -> None:
    """Drives are /c and /d, as for Git Bash: nothing lies below /mnt."""
    drives = (drive(each, f"/{each}").replace("symlinkroot=/mnt/", "symlinkroot=/") for each in "cd")
    windows_side.make_wsl2(it, *drives, point="/c")
    it.machine.write("/etc/wsl.conf", f"[automount]\nroot=/\n\n{windows_side.WSL_CONF}")


@machine
def wsl2_mirrored(it: Described) -> None:
    """Mirrored networking, where a proxy on Windows' loopback is reached as if it were here."""
    windows_side.make_wsl2(it)
    it.machine.directory("/sys/class/net/loopback0")
    it.machine.write("/mnt/c/Users/me/.wslconfig", "[wsl2]\r\nnetworkingMode=mirrored\r\n")
    it.machine.write("/proc/net/route", windows_side.ROUTES.format(gateway="0101A8C0"))
    it.commands |= {"/bin/wslinfo --networking-mode -n": b"mirrored"}
    _set_proxy(it, LOCAL_PROXY)


@machine
def container_on_wsl2(it: Described) -> None:
    """A container of Docker's: the kernel of WSL2, and nothing else of it."""
    mounts = (
        "1160 1048 0:150 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A,"
        "upperdir=/var/lib/docker/overlay2/1/diff,workdir=/var/lib/docker/overlay2/1/work\n"
        "1391 1160 8:48 /var/lib/docker/volumes/src /home/me/project rw,relatime - ext4 /dev/sdd rw,discard\n"
    )
    linux.make(it, release=windows_side.WSL2_RELEASE, mounts=mounts)
    it.machine.write("/.dockerenv", "")
    it.machine.write("/proc/1/cgroup", "0::/\n")
    it.machine.write("/proc/sys/fs/binfmt_misc/WSLInterop", windows_side.HANDLER)
    it.probes |= {"clock.daemons": []}
    del it.variables["USER"]


@machine
def custom_kernel(it: Described) -> None:
    """WSL2 with a kernel that does not say so."""
    windows_side.make_wsl2(it, release="6.12.30-me")
    it.machine.write("/mnt/c/Users/me/.wslconfig", "[wsl2]\r\nkernel=C:\\\\kernels\\\\bzImage\r\n")
    linux.install_launcher(it)


@machine
def chinese_windows(it: Described) -> None:
    """Windows in Chinese: its console programs print code page 936, and the user's name is in it."""
    profile = "C:\\Users\\张三"
    windows_side.make_wsl2(it, profile=profile)
    base = (TEXT, rf"{profile}\AppData\Local\wsl\{GUID}")
    windows_side.register(it, {"BasePath": base})
    windows_side.put(it, answer(registry.CODE_PAGES, {"OEMCP": (TEXT, "936")}, "/v", "OEMCP"))
    for words, printed in it.commands.items():
        if "reg.exe" in words and isinstance(printed, bytes):
            it.commands[words] = printed.decode().encode("cp936")
    it.variables["LANG"] = "zh_CN.UTF-8"
    it.probes["locales.charsets"] = {"C.UTF-8": "UTF-8", "zh_CN.UTF-8": "UTF-8"}
    it.directory = f"{HOME}/项目"
    it.machine.write(f"{it.directory}/go.mod", linux.GO_MOD)


@machine
def wheel_without_shim(it: Described) -> None:
    """Goshim and a Go from the wheel, in a virtual environment, and nothing installed."""
    linux.make(it)
    linux.remove_go(it)
    packages = f"{HOME}/venv/lib/python3.12/site-packages"
    linux.install_go(it, f"{packages}/go")
    it.probes["goshim.installation"] = {
        "version": INSTALLATION["version"],
        "python": f"{HOME}/venv/bin/python",
        "boot": f"{packages}/goshim/boot.py",
        "embedded": [f"{packages}/go/bin/go"],
    }


@machine
def wsl2_without_compiler(it: Described) -> None:
    """No C compiler, as Ubuntu and Debian come: gcc is looked for in vain in each of the thirty Windows entries."""
    windows_side.make_wsl2(it)
    for path in ("/usr/bin/gcc", "/usr/bin/g++", "/usr/bin/cc", "/usr/bin/make", "/usr/include/stdlib.h"):
        it.machine.at(path).unlink()


# Sick ones.


@machine
def wsl2_nat(it: Described) -> None:
    """The proxy of the mirrored machine, where loopback is Linux' own."""
    windows_side.make_wsl2(it)
    _set_proxy(it, LOCAL_PROXY)


@machine
def timesyncd_forced(it: Described) -> None:
    """A time daemon made to run against its own unit, as the web advises."""
    windows_side.make_wsl2(it)
    it.machine.write(
        "/etc/systemd/system/systemd-timesyncd.service.d/override.conf", "[Unit]\nConditionVirtualization=\n"
    )
    it.probes |= {"clock.daemons": [{"name": "systemd-timesyncd", "process": 187, "unit": "systemd-timesyncd.service"}]}


@machine
def corporate_proxy(it: Described) -> None:
    """autoProxy with a PAC file, of which WinHTTP told the http proxy alone; the user knows its password."""
    windows_side.make_wsl2(it)
    for name in ("http_proxy", "HTTP_PROXY"):
        it.variables[name] = PROXY
    for name in ("no_proxy", "NO_PROXY"):
        it.variables[name] = "*.corp.example,10.*,<local>"
    it.variables["WSL_PAC_URL"] = "http://wpad.corp.example/wpad.dat"
    settings = {
        "ProxyEnable": (WORD, "0x1"),
        "ProxyServer": (TEXT, "proxy.corp.example:3128"),
        "AutoConfigURL": (TEXT, it.variables["WSL_PAC_URL"]),
    }
    windows_side.put(it, answer(registry.INTERNET_SETTINGS, settings))
    it.variables["GOPROXY"] = f"https://me:{PASSWORD}@goproxy.corp.example,direct"
    it.append(f"{HOME}/.bashrc", f"export GOPROXY=https://me:{PASSWORD}@goproxy.corp.example,direct")
    it.append(f"{HOME}/.bashrc", f"export GITHUB_TOKEN={PASSWORD}")


@machine
def corporate_proxy_with_goshim(it: Described) -> None:
    """The same with the launcher, which mends it at each call."""
    corporate_proxy(it)
    linux.install_launcher(it)


@machine
def wslenv_imports(it: Described) -> None:
    """GOROOT and CGO_ENABLED by WSLENV; Windows has only the first."""
    windows_side.make_wsl2(it)
    it.variables |= {"WSLENV": "GOROOT:CGO_ENABLED", "GOROOT": "C:\\Program Files\\Go", "CGO_ENABLED": ""}


@machine
def wslenv_imports_with_goshim(it: Described) -> None:
    """The same with the launcher."""
    wslenv_imports(it)
    linux.install_launcher(it)


@machine
def poisoned_registry(it: Described) -> None:
    """All that the web advises to write into the registry and wsl.conf, before WSL is started anew."""
    windows_side.make_wsl2(it)
    given = [
        "HOSTTYPE=x86_64", "LANG=C.UTF-8", f"PATH={linux.BASE_PATH}", "TERM=xterm-256color",
        "GOROOT=C:\\Program Files\\Go", f"http_proxy={PROXY}", f"https_proxy={PROXY}",
    ]  # fmt: skip
    it.variables |= {"GOROOT": "C:\\Program Files\\Go", "http_proxy": PROXY, "https_proxy": PROXY}
    own = {
        "Flags": (WORD, "0x1"),
        "InitCommand": (TEXT, "/usr/local/go/bin/go version"),
        "DefaultEnvironment": (LIST, "\\0".join(given)),
    }
    windows_side.register(it, own, {"AutoMountRoot": (WORD, "0x1")})
    cgo = {"Parameters": {"DisableCgo": (WORD, "0x1")}}
    top = {"NatNetwork": (TEXT, "172.28.96.0/20")}
    for answers in (
        answer(registry.MACHINE_LXSS, top, "/s", below={GUID: {"Flags": (WORD, "0x1")}}),
        answer(registry.LXSS_MANAGER, {"Start": (WORD, "0x3")}, "/s", below=cgo),
        answer(registry.WSL_SERVICE, {"Start": (WORD, "0x2"), "DisableHostClockSync": (WORD, "0x1")}, "/s"),
    ):
        windows_side.put(it, answers)
    it.machine.write(
        "/etc/wsl.conf",
        '[automount]\nenabled=true\noptions="metadata,umask=22,fmask=11"\nexclude=/mnt/c/Users/me/go\n\n'
        "[boot]\ninit=true\nsystemd=true\n",
    )  # fmt: skip


@machine
def cache_on_d(it: Described) -> None:
    """The same drives, and the module cache on D, where a scanner holds what was just written."""
    wsl2_drives_at_root(it)
    it.machine.directory("/d/gomod/cache/download")
    it.machine.write(f"{HOME}/.config/go/env", "GOMODCACHE=/d/gomod\n")
    cached.write_journal(it.machine, cached.incident("/d/gomod/cache/download/golang.org/x/text/@v/v0.31.0.zip"))
    it.probes |= {"disks.write_time /d/gomod": {"fastest_us": 4_000, "done": 24, "refused": 6}}


@machine
def go119_goroot(it: Described) -> None:
    """Debian's Go 1.19, and a GOROOT that an older Go's `go env -w` took."""
    linux.make(it)
    linux.remove_go(it)
    linux.install_go(it, "/usr/lib/go-1.19", "go1.19.8", "/usr/bin/go")
    it.machine.write("/usr/lib/go-1.19/VERSION", "go1.19.8")
    it.machine.link("/usr/bin/go", "/usr/lib/go-1.19/bin/go")
    it.machine.write(f"{HOME}/project/go.mod", "module example.com/project\n\ngo 1.19\n")
    it.machine.write(f"{HOME}/.config/go/env", "GOROOT=/usr/local/go\n")


@machine
def two_gos_in_one(it: Described) -> None:
    """Go 1.27 unpacked over Go 1.21, after `rm -f /usr/local/go` had taken nothing away."""
    windows_side.make_wsl2(it)
    linux.install_go(it, version="go1.21.13")
    linux.install_go(it)


@machine
def interop_dead(it: Described) -> None:
    """systemd has cleared the handler for Windows programs: microsoft/WSL issue 13449."""
    windows_side.make_wsl2(it)
    it.machine.at("/proc/sys/fs/binfmt_misc/WSLInterop").unlink()


def _set_proxy(it: Described, address: str) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        it.variables[name] = address
        it.append(f"{HOME}/.bashrc", f"export {name}={address}")
