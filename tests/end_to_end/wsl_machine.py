"""A machine that looks like WSL to all that runs in it, made on plain Linux in a private mount namespace.

Its /proc is a file system of our own (FUSE): links into the real one, but for what tells WSL. That is the kernel's
release and version, the handler of Windows programs, and the mount table, in which each process finds the machine's own
mounts taken out and Windows drives as WSL shows them: a tmpfs whose source is `C:\\` stands for drive C. On that drive
lie folders of programs, as Windows' PATH has them; each look into one takes a given time, and is counted. A script put
on it as `reg.exe` runs as if it were one.

Nothing outside changes. When the machine is stopped, or whoever made it is gone, all its processes and mounts go too.

usage: wsl_machine.py [--kind wsl1] [--entries N] [--lookup-ms MS] -- COMMAND ...
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import importlib.util
import itertools
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

START_LIMIT_S = 20
STOP_LIMIT_S = 10

PROGRAMS = "/mnt/c/Program Files"  # the folder of folders; real ones hold blanks and parentheses
REAL_PROC = "/mnt/.machine/proc"
HANDLERS = "/mnt/.machine/binfmt_misc"  # what the machine finds in /proc/sys/fs/binfmt_misc
LAYERS = "/mnt/.machine/layers"
HANDLER = "enabled\ninterpreter /init\nflags: PF\noffset 0\nmagic 4d5a\n"
SOCKET = "/run/WSL/8_interop"
OURS = "goshim-hidden"  # the source of a mount that no mount table shows
SCANNER = "goshim-scanner"  # that of scanner.py: what is below it looks as if it lay where that is mounted
REBUILT = ("/", "/run")  # directories made anew, each with what the real one holds, to add and leave out something
LEFT_OUT = {"/mnt", "/.dockerenv", "/run/.containerenv"}  # the two marks mean a container, which is no WSL
ADDED = ("/mnt/c", "/mnt/wsl", REAL_PROC, HANDLERS, "/run/WSL")

MS_BIND, MS_REC, MNT_DETACH, PR_SET_PDEATHSIG = 4096, 16384, 2, 1  # <sys/mount.h>, <sys/prctl.h>


class UnavailableError(Exception):
    """Such a machine can't be made here; the text is the reason."""


class Kind(NamedTuple):
    """What tells one kind of WSL; the lines are from public reports (microsoft/WSL issues 12051 and 14301)."""

    release: str
    version: str
    root: str
    drive: str
    drive_root: str = "/"  # what of that file system is mounted


_WSL2 = Kind(
    "6.6.87.2-microsoft-standard-WSL2",
    "Linux version 6.6.87.2-microsoft-standard-WSL2 (root@439a258ad544) (gcc (GCC) 11.2.0) #1 SMP PREEMPT_DYNAMIC",
    "ext4 /dev/sdc rw,discard,errors=remount-ro,data=ordered",
    r"9p {letter}:\134 rw,aname=drvfs;path={letter}:\;uid=1000;gid=1000;symlinkroot=/mnt/,cache=0x5,access=client,"
    "msize=65536,trans=fd,rfd=5,wfd=5",
)
_WSL1 = Kind(
    "4.4.0-19041-Microsoft",
    "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0 (GCC) ) #4355-Microsoft",
    "wslfs rootfs rw",
    r"drvfs {letter}:\134 rw,uid=1000,gid=1000,umask=22,metadata,case=off",
)
_TAG = "7d6e2c0a-0000-0000-0000-000000000001"
KINDS = {
    "wsl2": _WSL2,
    "wsl2-virtiofs": _WSL2._replace(drive="virtiofs drvfs{letter}0 rw"),
    "wsl2-virtiofs-tag": _WSL2._replace(drive=f"virtiofs {_TAG} rw"),  # test/windows/DrvFsTests.cpp
    "wsl2-virtiofs-shared": _WSL2._replace(drive="virtiofs drvfsa rw", drive_root=f"/{_TAG}"),  # pull request 41129
    "wsl1": _WSL1,
    "wsl1-lxfs": _WSL1._replace(root="lxfs rootfs rw"),  # before wslfs
}


class Machine:
    """A running machine; use it in a `with` statement. Raises UnavailableError on entry."""

    def __init__(self, kind="wsl2", entries=30, lookup_ms=1.0):
        self.kind = kind
        self.entries = [f"{PROGRAMS}/win{number:02} (x86)" for number in range(1, entries + 1)]
        self.lookup_ms = lookup_ms

    def __enter__(self):
        if reason := missing():
            raise UnavailableError(reason)
        self._control = tempfile.mkdtemp(prefix="goshim-wsl-")
        self._log = Path(self._control, "lookups")
        self._log.touch()
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self._stop()

    def at(self, path):
        """Where a path of the machine is to be found from outside."""
        return Path(f"/proc/{self._keeper.pid}/root{path}")

    def environment(self, path):
        """What WSL gives a process; `path` is the Linux part of PATH, which Windows' part follows."""
        return {
            "PATH": ":".join([path, *self.entries]),
            "WSL_DISTRO_NAME": "Debian",
            "WSL_INTEROP": SOCKET,
            "WSLENV": "",
            "NAME": "PC",
            "LANG": "C.UTF-8",
        }

    def command(self, command, cwd="/"):
        """The command that runs a command in this machine, for subprocess."""
        enter, env = (shutil.which(name) for name in ("nsenter", "env"))
        return [enter, f"--mount=/proc/{self._keeper.pid}/ns/mnt", env, "-C", os.fspath(cwd), *map(str, command)]

    def run(self, command, cwd="/", **more):
        """Run a command in this machine, as subprocess.run does."""
        return subprocess.run(self.command(command, cwd), check=False, **more)

    def lookups(self):
        """The paths below the folder of Windows programs that were looked up since the last `forget_lookups`."""
        return [PROGRAMS + line for line in self._log.read_text().splitlines()]

    def forget_lookups(self):
        """Count from now on."""
        os.truncate(self._log, 0)

    def add_drive(self, letter, root="/mnt"):
        """Mount one more Windows drive, empty, below automount.root; gives where it is."""
        point = f"{root.rstrip('/')}/{letter.lower()}"
        self.at(point).mkdir(exist_ok=True)
        command = ["mount", "-i", "-t", "tmpfs", "-o", "mode=0777", f"{letter}:\\", point]
        self.run(command, timeout=START_LIMIT_S).check_returncode()
        return point

    def remove_drive(self, letter, root="/mnt"):
        """Unmount it."""
        point = f"{root.rstrip('/')}/{letter.lower()}"
        self.run(["umount", "-i", point], timeout=START_LIMIT_S).check_returncode()

    def own(self, directory):
        """Let the machine write to a directory that is this machine's, which notices nothing of it."""
        layer = f"{LAYERS}{directory}"
        script = (
            "mkdir -p $1 && mount -i -t tmpfs $2 $1 && mkdir $1/upper $1/work"
            " && mount -i -t overlay -o lowerdir=$0,upperdir=$1/upper,workdir=$1/work $2 $0"
        )
        done = self.run(["sh", "-c", script, directory, layer, OURS], stderr=subprocess.PIPE, timeout=START_LIMIT_S)
        if done.returncode:
            raise UnavailableError(f"no overlay over {directory}: {done.stderr.decode(errors='replace').strip()}")

    def _start(self):
        words = [self._control, self.kind, str(self.lookup_ms / 1000), *map(os.path.basename, self.entries)]
        self._keeper = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", sys.executable, __file__, "--keep", *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the command that runs in the machine
        )
        if self._keeper.stdout.readline() != b"ready\n":
            said = self._keeper.stderr.read().decode(errors="replace").strip().splitlines()
            raise UnavailableError(f"no mount namespace that looks like WSL: {said[-1] if said else 'no reason given'}")

    def _stop(self):
        keeper = getattr(self, "_keeper", None)
        if keeper:
            with contextlib.suppress(OSError):
                keeper.stdin.close()
            try:
                keeper.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                keeper.kill()  # what it started dies with it
                keeper.wait()
            keeper.stdout.close()
            keeper.stderr.close()
        shutil.rmtree(self._control, ignore_errors=True)


def missing():
    """What such a machine needs and is not there; empty if all is."""
    if os.geteuid():
        return "needs root"
    for name in ("unshare", "nsenter", "mount", "umount"):
        if not shutil.which(name):
            return f"needs {name}, of util-linux"
    if not os.path.exists("/dev/fuse"):
        return "needs FUSE: there is no /dev/fuse"
    if not importlib.util.find_spec("mfusepy"):
        return "needs the Python package mfusepy"
    return ""


# From here on: inside. The keeper makes the machine, and waits until its standard input ends.


def keep(control, kind, lookup_s, names):
    """Make the machine, and keep it until nobody wants it any longer."""
    import mfusepy  # noqa: F401 - if it or libfuse is missing, then that is the reason, and nothing is mounted yet

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    hidden = make_root(os.path.join(control, "root"))
    log = os.open(os.path.join(control, "lookups"), os.O_WRONLY | os.O_APPEND)
    mount("none", "/mnt/wsl", "tmpfs", options="mode=0777")
    mount("C:\\", "/mnt/c", "tmpfs", options="mode=0777")
    os.mkdir(PROGRAMS)
    Path(HANDLERS, "WSLInterop").write_text(HANDLER)
    windows = socket.socket(socket.AF_UNIX)
    windows.bind(SOCKET)
    windows.listen()
    servers = []
    try:
        servers.append(serve(PROGRAMS, WindowsPrograms(names, lookup_s, log)))
        servers.append(serve("/proc", Proc(KINDS[kind], hidden)))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.buffer.read()
    finally:
        end_all_but([os.getpid(), *servers])
        for process in servers:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        windows.close()
        shutil.rmtree(control, ignore_errors=True)  # for a maker that was killed


def make_root(root):
    """Become a root directory like the real one, but for what a container has and what WSL adds.

    Gives the ids of the mounts that this takes, which no process of the machine is to see.
    """
    mount(OURS, make_directory(root), "tmpfs", options="mode=0755")
    points = {REAL_PROC}
    for parent in REBUILT:
        for entry in sorted(os.scandir(parent), key=lambda entry: entry.name):
            place = root + entry.path
            if entry.path in LEFT_OUT:
                continue
            if entry.path in REBUILT:
                make_directory(place)
                continue
            if entry.is_symlink():
                os.symlink(os.readlink(entry.path), place)
                continue
            make_directory(place) if entry.is_dir() else Path(place).touch()
            if not os.path.ismount(entry.path):
                points.add(entry.path)
            mount(entry.path, place, flags=MS_BIND | MS_REC)
    for place in ADDED:
        make_directory(root + place)
    mount("/proc", root + REAL_PROC, flags=MS_BIND | MS_REC)
    os.chdir(root)
    libc("pivot_root", b".", b".")
    libc("umount2", b".", MNT_DETACH)
    os.chdir("/")
    libc("umount2", root.encode(), MNT_DETACH)  # as it came along with the directory that it was made in
    lines = [line.split(" ") for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    return {line[0] for line in lines if line[4] in points or line[4].startswith(REAL_PROC)}


def make_directory(path):
    """The path, now of a directory."""
    os.makedirs(path, exist_ok=True)
    return path


def mount(source, point, kind=None, flags=0, options=""):
    """Mount(2)."""
    libc("mount", source.encode(), point.encode(), kind and kind.encode(), flags, options.encode())


def libc(name, *arguments):
    """Call a function of the C library. Raises OSError."""
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}", str(arguments[:2]))


def serve(point, operations):
    """Mount a file system, in a process that ends with this one. Gives its id, once it answers."""
    before, deadline = os.stat(point).st_dev, time.monotonic() + START_LIMIT_S
    process = os.fork()
    if not process:
        try:
            os.close(0)
            os.dup2(2, 1)
            libc("prctl", PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            mount_fuse(operations, point)
        finally:
            os._exit(1)
    while os.stat(point).st_dev == before:
        if os.waitpid(process, os.WNOHANG)[0] or time.monotonic() > deadline:
            raise RuntimeError(f"no FUSE file system at {point}")
        time.sleep(0.005)
    return process


def mount_fuse(operations, point):
    """Serve a file system until it is unmounted. The kernel remembers nothing of it: each lookup is ours to answer."""
    import mfusepy

    at_once = {"entry_timeout": 0, "negative_timeout": 0, "attr_timeout": 0}
    plain = {"foreground": True, "nothreads": True, "allow_other": True, "direct_io": True}
    mfusepy.FUSE(operations, point, fsname=OURS, **plain, **at_once)


def end_all_but(spared):
    """Kill what still runs in this mount namespace, which nothing but commands of the machine can; wait for the end."""
    ours = os.readlink(f"{REAL_PROC}/{spared[0]}/ns/mnt")
    deadline = time.monotonic() + STOP_LIMIT_S / 2
    while time.monotonic() < deadline:
        found = [process for process in map(int, filter(str.isdigit, os.listdir(REAL_PROC))) if process not in spared]
        found = [process for process in found if namespace(process) == ours]
        for process in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        if not found:
            return
        time.sleep(0.01)


def namespace(process):
    """The mount namespace of a process; empty for one that is gone, or waits to be asked how it ended."""
    try:
        return os.readlink(f"{REAL_PROC}/{process}/ns/mnt")
    except OSError:
        return ""


class WindowsPrograms:
    """The folders of programs. A walk takes one lookup's time: a folder is known at once, what is in it is not."""

    use_ns = True

    def __init__(self, names, lookup_s, log):
        self.names = names
        self.folders = {f"/{name}" for name in names}
        self.lookup_s = lookup_s
        self.log = log

    def getattr(self, path, _fh=None):
        os.write(self.log, os.fsencode(path) + b"\n")
        if path == "/" or path in self.folders:
            return {"st_mode": stat.S_IFDIR | 0o755, "st_nlink": 2}
        time.sleep(self.lookup_s)
        if os.path.dirname(path) in self.folders and path.endswith("/tool.exe"):
            return {"st_mode": stat.S_IFREG | 0o755, "st_nlink": 1}
        raise FileNotFoundError(errno.ENOENT, path)

    def readdir(self, path, _fh):
        return [".", "..", *(self.names if path == "/" else ["tool.exe"])]


class Proc:
    """The real /proc by links, but for the files that tell WSL. `self` is whoever asks, `thread-self` its thread."""

    use_ns = True
    directory = re.compile(r"/|/sys|/sys/kernel|/sys/fs|/\d+|/\d+/task|/\d+/task/\d+")
    handlers = "/sys/fs/binfmt_misc"
    told = re.compile(r"/version|/sys/kernel/osrelease|/\d+(/task/\d+)?/(mountinfo|mounts)")

    def __init__(self, kind, hidden):
        self.kind = kind
        self.hidden = hidden
        self.texts = {}
        self.numbers = itertools.count(1)

    def getattr(self, path, _fh=None):
        if path in ("/self", "/thread-self", self.handlers):
            return {"st_mode": stat.S_IFLNK | 0o777, "st_nlink": 1}
        status = os.lstat(REAL_PROC + path)
        mode = stat.S_IFLNK | 0o777
        if self.directory.fullmatch(path):
            mode = stat.S_IFDIR | 0o555
        elif self.told.fullmatch(path):
            mode = stat.S_IFREG | 0o444
        return {"st_mode": mode, "st_nlink": 1, "st_uid": status.st_uid, "st_gid": status.st_gid}

    def readlink(self, path):
        if path in ("/self", "/thread-self"):
            from mfusepy import fuse_get_context

            thread = fuse_get_context()[2]
            status = Path(f"{REAL_PROC}/{thread}/status").read_text("utf-8", "surrogateescape")
            process = re.search(r"^Tgid:\t(\d+)$", status, re.MULTILINE)[1]
            return process if path == "/self" else f"{process}/task/{thread}"
        if path == self.handlers:
            return HANDLERS
        real = REAL_PROC + path
        return os.readlink(real) if os.path.islink(real) else real

    def readdir(self, path, _fh):
        return [".", "..", *os.listdir(REAL_PROC + path)]

    def open(self, path, _flags):
        number = next(self.numbers)
        self.texts[number] = self.text(path).encode("utf-8", "surrogateescape")
        return number

    def read(self, _path, size, offset, fh):
        return self.texts[fh][offset : offset + size]

    def release(self, _path, fh):
        del self.texts[fh]
        return 0

    def text(self, path):
        if path == "/version":
            return self.kind.version + "\n"
        if path == "/sys/kernel/osrelease":
            return self.kind.release + "\n"
        real = Path(REAL_PROC + os.path.dirname(path), "mountinfo")
        lines = seen(real.read_text("utf-8", "surrogateescape"), self.kind, self.hidden)
        return "".join(as_mounts(line) if path.endswith("mounts") else f"{line}\n" for line in lines)


def seen(mountinfo, kind, hidden):
    """The lines of a mount table as WSL would have them."""
    for line in mountinfo.splitlines():
        left, _, right = line.partition(" - ")
        fields = left.split(" ")
        if fields[4] == "/":
            right = kind.root
        elif fields[0] in hidden or right.split(" ")[1] in (OURS, SCANNER):
            continue
        elif drive := re.match(r"tmpfs ([A-Z]):\\134 ", right):
            fields[3], right = kind.drive_root, kind.drive.format(letter=drive[1])
        yield f"{' '.join(fields)} - {right}"


def as_mounts(line):
    """A line of mountinfo as /proc/self/mounts has it."""
    left, _, right = line.partition(" - ")
    fields, (kind, source, options) = left.split(" "), right.split(" ", 2)
    return f"{source} {fields[4]} {kind} {fields[5]},{options} 0 0\n"


def main(arguments):
    """Run a command in a machine made for it; gives its exit code."""
    if arguments[:1] == ["--keep"]:
        control, kind, lookup_s, *names = arguments[1:]
        keep(control, kind, float(lookup_s), names)
        return 0
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kind", choices=sorted(KINDS), default="wsl2")
    parser.add_argument("--entries", type=int, default=30, help="how many folders of Windows programs are on PATH")
    parser.add_argument("--lookup-ms", type=float, default=1.0, help="what each look into one of them takes")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    try:
        with Machine(options.kind, options.entries, options.lookup_ms) as machine:
            environment = {**os.environ, **machine.environment(os.environ.get("PATH", os.defpath))}
            return machine.run(options.command, cwd=os.getcwd(), env=environment).returncode
    except UnavailableError as error:
        sys.stderr.write(f"wsl_machine: {error}\n")
        return 2
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
