"""A disk that fails under go mod download, and what go 1.27 does then, as measured.

In the table `says` is go's last word where it fails. Of three modules it happens to the one in the middle.
"""

from __future__ import annotations

import re
import subprocess
from typing import NamedTuple

from tests.end_to_end import scanner
from tests.end_to_end.generated_modules import VERSION
from tests.end_to_end.injection import FailingGo, ModuleCache

LOCKS = {
    "EACCES": "permission denied",
    "EIO": "input/output error",
    "EBUSY": "device or resource busy",
    "EAGAIN": "resource temporarily unavailable",
    "ETXTBSY": "text file busy",
    "ENOTEMPTY": "directory not empty",
}
PERMANENT = {
    "ENOSPC": "no space left on device",
    "EROFS": "read-only file system",
    "EDQUOT": "disk quota exceeded",
}
ERRORS = {**LOCKS, **PERMANENT, "ENOENT": "no such file or directory"}
PATIENCE = {
    "GOSHIM_RETRY__LOCKS": "always",
    "GOSHIM_RETRY__FIRST_WAIT_S": "0.01",
    "GOSHIM_RETRY__MAX_WAIT_S": "0.05",
}
WOULD_WAIT_LONG = {**PATIENCE, "GOSHIM_RETRY__FIRST_WAIT_S": "40", "GOSHIM_RETRY__MAX_WAIT_S": "40"}
AT_ONCE_S = 60
FIRST, MIDDLE, LAST = NAMES = [f"example.com/m{number:02}" for number in range(3)]
DOWNLOAD = ("mod", "download")


class Cell(NamedTuple):
    """A system call, where it fails, and what go says then: {path} is that place, {zip} the module's."""

    call: str
    place: str
    says: str

    def __str__(self):
        return f"{self.call}-{self.place}".replace("/", "_")


_UNZIP = "go: unzip {zip}: "
FATAL = [
    Cell("rename", ".zip", "go: rename {path}*.tmp {path}: {error}"),
    Cell("open", ".lock", "go: open {path}: {error}"),
    Cell("open", ".ziphash", "go: open {path}: {error}"),
    Cell("open", ".zip", _UNZIP + "open {path}: {error}"),
    Cell("open", ".partial", "go: open {path}: {error}"),
    Cell("open", "tree/m01.go", _UNZIP + "open {path}: {error}"),
    Cell("unlink", ".partial", "go: remove {path}: {error}"),
    Cell("mkdir", "..", "go: mkdir {path}: {error}"),
    Cell("mkdir", ".", "go: mkdir {path}: {error}"),
    Cell("mkdir", "tree", _UNZIP + "mkdir {path}: {error}"),
    Cell("mkdir", "tree/data", _UNZIP + "mkdir {path}: {error}"),
    Cell("write", ".ziphash", "go: write {path}: {error}"),
    Cell("write", ".partial", "go: write {path}: {error}"),
    Cell("write", "tree/m01.go", _UNZIP + "write {path}: {error}"),
    Cell("truncate", ".ziphash", "go: truncate {path}: {error}"),
    Cell("flock", ".lock", "go: Lock {path}: {error}"),
    Cell("flock", ".ziphash", "go: Lock {path}: {error}"),
    Cell("flock", "go.mod", "go: RLock {path}: {error}"),
    Cell("open", "go.mod", "go: open {path}: {error}"),
]
# go says so, unless the file system is read-only, and goes on.
WARNED_OF = [
    Cell("rename", ".info", "go: writing stat cache: rename {path}*.tmp {path}: {error}"),
    Cell("rename", ".mod", "go: writing go.mod cache: rename {path}*.tmp {path}: {error}"),
]
# go goes on without a word.
PASSED_OVER = [
    Cell(call, place, "")
    for call, place in [("open", ".info"), ("open", ".mod"), *((call, "list") for call in ("open", "flock", "write"))]
]
# go never calls it.
NEVER = [Cell("fsync", place, "") for place in (".info", ".mod", ".zip", ".ziphash", ".partial", ".lock", "list")]


def downloaded(published, go, root):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(root), "GOMODCACHE": str(root / "cache"), **published.settings}
    subprocess.run([go, *DOWNLOAD], check=True, cwd=published.project(root / "work"), env=environment)
    content = ModuleCache(root / "cache").content()
    scanner.remove_tree(root / "cache")
    return content


class Disk:
    """A machine with a project that needs all modules, an empty module cache, and a go to make fail."""

    def __init__(self, machine, published, go, strace):
        self.machine = machine
        self.cache = ModuleCache(machine.root / "cache")
        self.go = FailingGo(machine, go, strace)
        self.settings = {**published.settings, "GOMODCACHE": str(self.cache.root)}
        published.project(machine.work)

    def place(self, name, place):
        """The path that a cell of the table means, for a module."""
        if place in ("go.mod", "go.sum"):
            return self.machine.work / place
        if place.startswith("tree"):
            return self.cache.tree(name, VERSION) / place[5:]
        entry = self.cache.entry(name, VERSION, "list" if place in (".", "..") else place)
        return {".": entry.parent, "..": entry.parent.parent}.get(place, entry)

    def break_(self, cell, error, runs=None, names=(MIDDLE,)):
        self.go.fail([(cell.call, error)], [self.place(name, cell.place) for name in names], runs)

    def says(self, cell, error, name=MIDDLE):
        return cell.says.format(
            path=self.place(name, cell.place), zip=self.place(name, ".zip"), error=ERRORS.get(error, "")
        )

    def empty(self):
        scanner.remove_tree(self.cache.root)

    def bare(self, *args, **more):
        return self.machine.call(self.go.path, *args, env={**self.settings, **more.pop("env", {})}, **more)

    def shim(self, *args, env=PATIENCE, **more):
        done = self.machine.go(*args, env={**self.settings, **env}, **more)
        assert b"go runs without it" not in done.err  # it failed by itself
        return done


def last_word(done):
    """The last line, without the random part of the names of temporary files."""
    return re.sub(r"\d+(?=\.tmp)", "*", done.message.rstrip("\n").rpartition("\n")[2])


def told(done):
    """How often goshim spoke, and all that it said."""
    ours = re.findall(r"^goshim: .*\n(?:(?!goshim: |go: |-> |verifying ).*\n)*", done.message, re.MULTILINE)
    return len(ours), "".join(ours)


def repaired(disk, undisturbed):
    """Whether the module cache is as if nothing had happened."""
    assert disk.cache.content() == undisturbed
    disk.go.heal()
    assert disk.bare("mod", "verify") == (b"all modules verified\n", b"", 0)
    return True


def gives_up(disk, done, directory):
    """After one attempt, with one message that names the directory and more than that."""
    assert (done.out, done.code) == (b"", 1)
    assert disk.go.runs == ["mod download"]
    times, text = told(done)
    assert times == 1, done.message
    assert str(directory) in text
