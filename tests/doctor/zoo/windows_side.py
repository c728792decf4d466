"""WSL on a Linux machine, and the Windows that it is on: drives, registry, PATH, programs, clock."""

from __future__ import annotations

from typing import Any

from goshim.doctor.machine import registry
from tests.doctor.described import NOW_NS
from tests.doctor.reg_exe import EXPANDABLE, GUID, TEXT, WORD, Values, answer
from tests.doctor.zoo import linux
from tests.doctor.zoo.keeper import Described
from tests.machine import WSL2_RELEASE, drive

UBUNTU = 'PRETTY_NAME="Ubuntu 24.04.3 LTS"\nNAME="Ubuntu"\nVERSION_ID="24.04"\nID=ubuntu\nID_LIKE=debian\n'
ROUTES = (
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth0\t00000000\t{gateway}\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
)
WSL_CONF = "[boot]\nsystemd=true\n\n[user]\ndefault=me\n"

# What every WSL2 has mounted besides its drives; none of it is one.
OWN = """\
74 80 8:48 / / rw,relatime - ext4 /dev/sdd rw,discard,errors=remount-ro,data=ordered
75 74 0:31 / /mnt/wsl rw,relatime shared:1 - tmpfs none rw
76 74 0:33 / /usr/lib/wsl/drivers ro,nosuid,nodev,noatime - 9p drivers ro,aname=drivers;fmask=222;dmask=222,cache=0x5\
,access=client,msize=65536,trans=fd,rfd=7,wfd=7
77 74 0:36 / /usr/lib/wsl/lib rw,nosuid,nodev,noatime - overlay none rw,lowerdir=/gpu_lib_packaged:/gpu_lib_inbox\
,upperdir=/gpu_lib/rw/upper,workdir=/gpu_lib/rw/work
84 74 0:2 /init /init ro - rootfs rootfs rw,size=8126568k,nr_inodes=2031642
90 87 0:30 / /proc/sys/fs/binfmt_misc rw,relatime - binfmt_misc binfmt_misc rw
97 74 0:48 / /mnt/wslg rw,relatime shared:4 - tmpfs none rw
98 97 8:48 /mnt/wslg/distro /mnt/wslg/distro ro,relatime shared:5 - ext4 /dev/sdd rw,discard,data=ordered
"""
HANDLER = "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n"

MACHINE_PATH = r"""%SystemRoot%\system32
%SystemRoot%
%SystemRoot%\System32\Wbem
%SYSTEMROOT%\System32\WindowsPowerShell\v1.0\
%SYSTEMROOT%\System32\OpenSSH\
C:\Program Files (x86)\NVIDIA Corporation\PhysX\Common
C:\Program Files\NVIDIA Corporation\NVIDIA App\NvDLISR
C:\Program Files\dotnet\
C:\Program Files\Git\cmd
C:\Program Files\Go\bin
C:\Program Files\nodejs\
C:\Program Files\PowerShell\7\
C:\Program Files\Docker\Docker\resources\bin
C:\Program Files\Microsoft SQL Server\150\Tools\Binn\
C:\Program Files\Microsoft SQL Server\Client SDK\ODBC\170\Tools\Binn\
C:\Program Files\Amazon\AWSCLIV2\
C:\Program Files\Microsoft SDKs\Azure\CLI2\wbin
C:\Program Files\CMake\bin
C:\Program Files\GitHub CLI\
C:\Program Files\PuTTY\
C:\Program Files\Eclipse Adoptium\jdk-21.0.4.7-hotspot\bin""".splitlines()
USER_PATH = r"""%USERPROFILE%\AppData\Local\Programs\Python\Python312\Scripts\
%USERPROFILE%\AppData\Local\Programs\Python\Python312\
%USERPROFILE%\AppData\Local\Microsoft\WindowsApps
%USERPROFILE%\AppData\Local\Programs\Microsoft VS Code\bin
%USERPROFILE%\go\bin
%USERPROFILE%\AppData\Roaming\npm
%USERPROFILE%\.dotnet\tools
%USERPROFILE%\AppData\Local\JetBrains\Toolbox\scripts
%USERPROFILE%\AppData\Local\Microsoft\WinGet\Links""".splitlines()


def make_wsl2(
    it: Described, *drives: str, release: str = WSL2_RELEASE, point: str = "/mnt/c", profile: str = r"C:\Users\me"
) -> None:
    """A healthy WSL2 with these lines of mountinfo for drives; C is at `point`."""
    mounts = OWN + "".join(f"{each}\n" for each in drives or (drive("c"), drive("d")))
    linux.make(it, release=release, mounts=mounts, system=UBUNTU)
    machine = it.machine
    machine.directory("/usr/lib/wsl/lib")
    machine.directory("/mnt/wsl")
    machine.program("/init")
    machine.program("/bin/wslinfo")
    machine.write("/etc/wsl.conf", WSL_CONF)
    machine.write("/sys/module/hv_utils/parameters/timesync_implicit", "Y\n")
    machine.write("/proc/net/tcp", "  sl  local_address rem_address   st\n")
    machine.write("/proc/net/route", ROUTES.format(gateway="01601CAC"))
    it.commands |= {"/bin/wslinfo --version -n": b"2.6.1.0", "/bin/wslinfo --networking-mode -n": b"nat"}
    it.probes |= {"clock.daemons": []}
    _meet_windows(it, point, profile)
    it.variables |= {"WSL2_GUI_APPS_ENABLED": "1", "DISPLAY": ":0", "WAYLAND_DISPLAY": "wayland-0"}
    path = [linux.BASE_PATH, "/usr/lib/wsl/lib", *windows_path(point, profile), "/snap/bin", f"{linux.GOROOT}/bin"]
    it.variables["PATH"] = ":".join(path)


def make_wsl1(it: Described) -> None:
    """A healthy WSL1: its root is files of NTFS, and it has no machine of its own."""
    make_wsl2(it)
    machine = it.machine
    machine.write("/proc/sys/kernel/osrelease", "4.4.0-19041-Microsoft\n")
    machine.write(
        "/proc/self/mountinfo",
        "2 1 0:2 / / rw,noatime - wslfs rootfs rw\n"
        "8 2 0:6 / /proc rw,nosuid,nodev,noexec,noatime - proc proc rw\n"
        r"12 2 0:9 / /mnt/c rw,noatime - drvfs C:\134 rw,uid=1000,gid=1000,umask=22,metadata,case=off" + "\n"
        r"13 2 0:10 / /mnt/d rw,noatime - drvfs D:\134 rw,uid=1000,gid=1000,umask=22,metadata,case=off" + "\n",
    )
    machine.write("/etc/wsl.conf", "[user]\ndefault=me\n")
    machine.at("/usr/lib/wsl/lib").rmdir()
    machine.at("/mnt/wsl").rmdir()
    machine.at("/sys/module/hv_utils/parameters/timesync_implicit").unlink()
    it.commands |= {"/bin/wslinfo --networking-mode -n": b"wsl1"}
    register(it, {"Flags": (WORD, "0x7")})
    path = it.variables["PATH"].split(":")
    it.variables["PATH"] = ":".join(entry for entry in path if entry != "/usr/lib/wsl/lib")
    for name in ("WSL2_GUI_APPS_ENABLED", "DISPLAY", "WAYLAND_DISPLAY"):
        del it.variables[name]


def windows_path(point: str, profile: str) -> list[str]:
    """The PATH of Windows as WSL translates it."""
    known = {"%SystemRoot%": r"C:\Windows", "%SYSTEMROOT%": r"C:\Windows", "%USERPROFILE%": profile}
    found = []
    for entry in (*MACHINE_PATH, *USER_PATH):
        start, slash, rest = entry.partition("\\")
        whole = known.get(start, start) + slash + rest
        found.append(point + whole[2:].replace("\\", "/"))
    return found


def register(it: Described, values: Values | None = None, more: Values | None = None, point: str = "/mnt/c") -> None:
    """Register the distribution as WSL does, with these values of its own, and `more` for all distributions."""
    usual: Values = {
        "State": (WORD, "0x1"),
        "DistributionName": (TEXT, "Ubuntu"),
        "Version": (WORD, "0x2"),
        "BasePath": (
            TEXT,
            r"C:\Users\me\AppData\Local\Packages\CanonicalGroupLimited.UbuntuonWindows_79rhkp1fndgsc\LocalState",
        ),
        "DefaultUid": (WORD, "0x3e8"),
        "Flags": (WORD, "0xf"),
    }
    top: Values = {"DefaultDistribution": (TEXT, GUID), "DefaultVersion": (WORD, "0x2"), **(more or {})}
    put(it, answer(registry.LXSS, top, "/s", below={GUID: {**usual, **(values or {})}}), point)


def put(it: Described, answers: dict[str, object], point: str = "/mnt/c") -> None:
    """Have reg.exe, on a drive C that is there, answer so."""
    it.commands |= {words.replace("/mnt/c", point, 1): printed for words, printed in answers.items()}


def _meet_windows(it: Described, point: str, profile: str) -> None:
    machine = it.machine
    machine.directory("/mnt/d")
    machine.write("/proc/sys/fs/binfmt_misc/WSLInterop", HANDLER)
    for socket in ("1_interop", "2_interop"):
        machine.write(f"/run/WSL/{socket}", b"")
    machine.program(f"{point}/Windows/System32/reg.exe", b"MZ")
    machine.program(f"{point}/Windows/System32/WindowsPowerShell/v1.0/powershell.exe", b"MZ")
    machine.write(f"{point}{profile[2:]}/.wslconfig".replace("\\", "/"), "[wsl2]\r\nmemory=12GB\r\n")
    it.variables |= {
        "HOSTTYPE": "x86_64",
        "TERM": "xterm-256color",
        "NAME": "PC",
        "LOGNAME": "me",
        "SHELL": "/bin/bash",
        "WSL_DISTRO_NAME": "Ubuntu",
        "WSL_INTEROP": "/run/WSL/2_interop",
        "WSLENV": "WT_SESSION:WT_PROFILE_ID:",
        "WT_SESSION": "9c1f3d5e-7d24-4a0c-9c53-0a4b8f9f3f55",
        "WT_PROFILE_ID": "{61c54bbd-c2c6-5271-96e7-009a87ff44bf}",
    }
    it.probes |= {"clock.windows": [[NOW_NS, took_ns, NOW_NS // 10**6 + 1] for took_ns in (9_000_000, 2_000_000)]}
    for answers in _registry(profile):
        put(it, answers, point)
    register(it, point=point)


def _registry(profile: str) -> list[dict[str, Any]]:
    system: Values = {"Path": (EXPANDABLE, ";".join(MACHINE_PATH)), "OS": (TEXT, "Windows_NT")}
    users: Values = {
        "Path": (EXPANDABLE, ";".join(USER_PATH)),
        "TEMP": (EXPANDABLE, r"%USERPROFILE%\AppData\Local\Temp"),
    }
    return [
        answer(registry.LXSS_MANAGER, {"Start": (WORD, "0x3")}, "/s"),
        answer(registry.WSL_SERVICE, {"Start": (WORD, "0x2"), "DisplayName": (TEXT, "WSL Service")}, "/s"),
        answer(registry.MACHINE_LXSS, {"NatNetwork": (TEXT, "172.28.96.0/20")}, "/s", below={"DiskMounts": {}}),
        answer(registry.MACHINE_ENVIRONMENT, system),
        answer(registry.USER_ENVIRONMENT, users),
        answer(registry.INTERNET_SETTINGS, {"ProxyEnable": (WORD, "0x0")}),
        answer(registry.VOLATILE_ENVIRONMENT, {"USERPROFILE": (TEXT, profile)}, "/v", "USERPROFILE"),
        answer(registry.CODE_PAGES, {"OEMCP": (TEXT, "437")}, "/v", "OEMCP"),
        answer(registry.DEFENDER_EXCLUSIONS, None),  # only an administrator may read them
    ]
