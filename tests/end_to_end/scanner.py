"""A directory with a virus scanner at work, as Windows drives have one: what was just written is held for a while.

It is a pass-through file system (FUSE). Each time a file that was made or written is closed, it is held with a given
chance for a given time: to open, rename, remove or truncate it by its path is refused then, and so is to rename another
onto it, or to rename a directory above it. The chance is drawn from a seed, the file's path and how often it was
closed, so that a run can be repeated, whatever the order of the calls. Locks (flock) are the kernel's own.

When whoever made it is gone, it is unmounted.

usage: scanner.py [--chance P] [--held-s S] [--seed TEXT] DIRECTORY COMMAND ...
"""

from __future__ import annotations

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

START_LIMIT_S = 20
STOP_LIMIT_S = 10

_RANDOM_NAME = re.compile(r"\d+(?=\.tmp$)")  # go's own temporary files; without it no run would be like another
_STATUS = ("st_mode", "st_nlink", "st_uid", "st_gid", "st_size", "st_blocks", "st_blksize", "st_rdev")
_TIMES = ("st_atime", "st_mtime", "st_ctime")


class UnavailableError(Exception):
    """No such file system can be mounted here; the text is the reason."""


class Holding(NamedTuple):
    """How often a file is held (`chance`, from 0 to 1), for how long, and what it answers then: names from errno."""

    chance: float
    held_s: float
    seed: object = 0
    refusal: str = "EACCES"
    removal_refusal: str = "EACCES"


class Scanner:
    """A scanned directory; use it in a `with` statement. Raises UnavailableError on entry.

    `point` is where it is mounted, and made if need be; what is in it lies in `backing`, and is gone in the end.
    """

    def __init__(self, point, holding):
        self.point = Path(point)
        self._holding = holding

    def __enter__(self):
        if reason := missing():
            raise UnavailableError(reason)
        self._control = Path(tempfile.mkdtemp(prefix="goshim-scanner-"))
        self.backing = self._control / "backing"
        self._log = self._control / "log"
        self.backing.mkdir()
        self._log.touch()
        self.point.mkdir(parents=True, exist_ok=True)
        try:
            self._start()
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_):
        self._stop()

    def refusals(self):
        """The calls that were refused so far, each with its path below `point`."""
        return [tuple(line.split(" ", 1)) for line in self._log.read_text().splitlines() if line[:5] != "hold "]

    def holds(self):
        """The paths of files that were held so far, below `point`."""
        return [line[5:] for line in self._log.read_text().splitlines() if line[:5] == "hold "]

    def forget(self):
        """Count refusals and holds from now on."""
        os.truncate(self._log, 0)

    def _start(self):
        self._server = subprocess.Popen(
            [sys.executable, __file__, "--serve", self._control, self.point, *map(str, self._holding)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the command that runs in the directory
        )
        if self._server.stdout.readline() != b"ready\n":
            said = self._server.stderr.read().decode(errors="replace").strip().splitlines()
            raise UnavailableError(f"no FUSE file system at {self.point}: {said[-1] if said else 'no reason given'}")

    def _stop(self):
        server = getattr(self, "_server", None)
        if server:
            with contextlib.suppress(OSError):
                server.stdin.close()
            try:
                server.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            server.stdout.close()
            server.stderr.close()
            if is_mounted(self.point):
                unmount(self.point)
        remove_tree(self._control)


def missing():
    """What such a file system needs and is not there; empty if all is."""
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        return "needs FUSE: /dev/fuse is not there, or not for this user"
    if not shutil.which("fusermount3"):
        return "needs fusermount3"
    if not importlib.util.find_spec("mfusepy"):
        return "needs the Python package mfusepy"
    return ""


def is_mounted(point):
    """Whether anything is mounted there, even if it answers no longer."""
    mounts = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape").splitlines()
    return os.path.abspath(point) in {line.split(" ")[4] for line in mounts}


def unmount(point):
    """Unmount it, even with files open in it."""
    subprocess.run([shutil.which("fusermount3"), "-u", "-z", os.fspath(point)], check=False, capture_output=True)


def remove_tree(directory):
    """Remove a directory, in which go may have made some that can't be written to."""
    for path, names, _ in os.walk(directory):
        for name in names:
            below = os.path.join(path, name)
            if not os.path.islink(below):
                os.chmod(below, 0o700)
    shutil.rmtree(directory, ignore_errors=True)


# From here on: the process that serves it. It ends when its standard input does, or when it is unmounted.


def serve(operations, point):
    """Mount and serve."""
    import mfusepy

    def wait():
        sys.stdin.buffer.read()
        unmount(point)

    # Whoever waits here holds nothing up, and fusermount3 unmounts if this process is killed.
    threading.Thread(target=wait, daemon=True).start()
    plain = {"foreground": True, "nothreads": True, "auto_unmount": True, "fsname": "goshim-scanner"}
    mfusepy.FUSE(operations, os.fspath(point), **plain)


class Scanned:
    """The operations: those of the directory below, but for what is held."""

    use_ns = True

    def __init__(self, control, holding):
        self.backing = f"{control}/backing"
        self.log = os.open(f"{control}/log", os.O_WRONLY | os.O_APPEND)
        self.chance = float(holding.chance)
        self.held_s = float(holding.held_s)
        self.seed = holding.seed
        self.refusal = getattr(errno, holding.refusal)
        self.removal_refusal = getattr(errno, holding.removal_refusal)
        self.writers = {}  # the path of each file that is open for writing
        self.written = set()  # those of them that are to be scanned when they are closed
        self.closed = {}  # how often each path was
        self.held_until = {}

    def init(self, _path):
        os.umask(0)  # the caller's has been applied
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    def below(self, path):
        return self.backing + path

    def scan(self, path):
        """Hold a file, or don't."""
        name = _RANDOM_NAME.sub("", path)
        self.closed[name] = times = self.closed.get(name, 0) + 1
        drawn = hashlib.sha256(os.fsencode(f"{self.seed} {times} {name}")).digest()[:8]
        if int.from_bytes(drawn, "big") < self.chance * 2**64:
            self.held_until[path] = time.monotonic() + self.held_s
            os.write(self.log, os.fsencode(f"hold {path}\n"))

    def refuse_if_held(self, call, path):
        until = self.held_until.get(path)
        if until is None:
            return
        if until <= time.monotonic():
            del self.held_until[path]
            return
        os.write(self.log, os.fsencode(f"{call} {path}\n"))
        raise OSError(self.removal_refusal if call == "unlink" else self.refusal, path)

    def open(self, path, flags):
        self.refuse_if_held("open", path)
        handle = os.open(self.below(path), flags)
        if flags & os.O_ACCMODE != os.O_RDONLY:
            self.writers[handle] = path
        return handle

    def create(self, path, mode, flags):
        self.refuse_if_held("open", path)
        handle = os.open(self.below(path), flags | os.O_CREAT, mode & 0o7777)
        self.writers[handle] = path
        self.written.add(handle)
        return handle

    def read(self, _path, size, offset, handle):
        return os.pread(handle, size, offset)

    def write(self, _path, data, offset, handle):
        self.written.add(handle)
        return os.pwrite(handle, data, offset)

    def truncate(self, path, length):
        """By path; or by an open file, and that is not told. A file that is open for writing is taken to be the one."""
        writers = {handle for handle, written in self.writers.items() if written == path}
        if not writers:
            self.refuse_if_held("truncate", path)
        os.truncate(self.below(path), length)
        self.written |= writers
        if not writers:
            self.scan(path)

    def flush(self, path, handle):
        """What close calls, and waits for; release comes some time later."""
        if handle in self.written:
            self.written.discard(handle)
            self.scan(path)

    def release(self, _path, handle):
        self.written.discard(handle)
        self.writers.pop(handle, None)
        os.close(handle)

    def rename(self, old, new):
        self.refuse_if_held("rename", old)
        self.refuse_if_held("rename", new)
        for path in [path for path in self.held_until if path.startswith(f"{old}/")]:
            self.refuse_if_held("rename", path)
        os.rename(self.below(old), self.below(new))
        for handle, path in self.writers.items():
            if path == old:
                self.writers[handle] = new

    def unlink(self, path):
        self.refuse_if_held("unlink", path)
        os.unlink(self.below(path))

    def getattr(self, path, handle=None):
        status = os.lstat(self.below(path)) if handle is None else os.fstat(handle)
        shown = {name: getattr(status, name) for name in _STATUS}
        return shown | {name: getattr(status, f"{name}_ns") for name in _TIMES}

    def readdir(self, path, _handle):
        return [".", "..", *os.listdir(self.below(path))]

    def mkdir(self, path, mode):
        os.mkdir(self.below(path), mode)

    def rmdir(self, path):
        os.rmdir(self.below(path))

    def chmod(self, path, mode):
        os.chmod(self.below(path), mode & 0o7777)

    def chown(self, path, user, group):
        os.lchown(self.below(path), user, group)

    def utimens(self, path, times=None):
        os.utime(self.below(path), ns=times, follow_symlinks=False)

    def symlink(self, path, target):
        os.symlink(target, self.below(path))

    def readlink(self, path):
        return os.readlink(self.below(path))

    def link(self, path, target):
        self.refuse_if_held("link", target)
        os.link(self.below(target), self.below(path))

    def statfs(self, path):
        status = os.statvfs(self.below(path))
        return {name: getattr(status, name) for name in dir(status) if name.startswith("f_")}


def main(arguments):
    """Run a command in a scanned directory; gives its exit code."""
    if arguments[:1] == ["--serve"]:
        control, point, *words = arguments[1:]
        serve(Scanned(control, Holding(*words)), point)
        remove_tree(control)  # for a maker that was killed
        return 0
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--chance", type=float, default=0.05)
    parser.add_argument("--held-s", type=float, default=0.3)
    parser.add_argument("--seed", default="0")
    parser.add_argument("point", help="the directory to mount it on, which is where the command runs")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    try:
        with Scanner(options.point, Holding(options.chance, options.held_s, options.seed)) as scanner:
            return subprocess.run(options.command, cwd=scanner.point, check=False).returncode
    except UnavailableError as error:
        sys.stderr.write(f"scanner: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
