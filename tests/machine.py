"""A machine made out of a folder: what a Host is asked lies below it."""

from __future__ import annotations

import os
from pathlib import Path

from goshim.facts.host import Host

HOME = "/home/me"
ELF = b"\x7fELF\x02\x01\x01"
LAUNCHER = b"#!/bin/bash -p\n# goshim launcher: becomes the real go\n"

WSL1_RELEASE = "4.4.0-19041-Microsoft"
WSL2_RELEASE = "6.6.87.2-microsoft-standard-WSL2"
LINUX_RELEASE = "6.1.0-18-amd64"

EXT4 = "23 1 8:32 / / rw,relatime - ext4 /dev/sdc rw,discard,errors=remount-ro,data=ordered"


def drive(letter: str, point: str = "") -> str:
    """The line of mountinfo for a drive under WSL2."""
    return (
        f"481 23 0:153 / {point or f'/mnt/{letter.lower()}'} rw,noatime - 9p {letter.upper()}:\\134 rw,aname=drvfs;"
        f"path={letter.upper()}:\\;uid=1000;gid=1000;symlinkroot=/mnt/,cache=0x5,access=client,msize=65536,trans=fd,"
        "rfd=5,wfd=5"
    )


WITH_DRIVES = "\n".join([EXT4, drive("c"), drive("d")]) + "\n"


class FolderMachine:
    """Builds the files of a machine, and gives the Host that reads them."""

    def __init__(self, folder: Path) -> None:
        self.root = str(folder)

    def at(self, path: str) -> Path:
        """Where a path of the machine really lies."""
        return Path(self.root + path)

    def write(self, path: str, data: str | bytes) -> None:
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_bytes(data.encode() if isinstance(data, str) else data)

    def program(self, path: str, data: bytes = ELF) -> str:
        self.write(path, data)
        self.at(path).chmod(0o755)
        return path

    def directory(self, path: str) -> str:
        self.at(path).mkdir(parents=True, exist_ok=True)
        return path

    def link(self, path: str, target: str) -> None:
        """A symlink on the machine from path to its own absolute path `target`."""
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        os.symlink(self.root + target, self.at(path))

    def toolchain(self, goroot: str, version: str = "go1.27.3") -> str:
        """A toolchain as it is unpacked, and the path of its go."""
        self.directory(f"{goroot}/pkg/tool")
        self.write(f"{goroot}/VERSION", f"{version}\ntime 2026-11-05T22:28:54Z\n")
        return self.program(f"{goroot}/bin/go")

    def become_wsl(self, mountinfo: str = WITH_DRIVES, release: str = WSL2_RELEASE) -> None:
        self.write("/proc/sys/kernel/osrelease", f"{release}\n")
        self.write("/proc/self/mountinfo", mountinfo)
        self.directory("/run/WSL")

    def host(self, variables: dict[str, str] | None = None, directory: str = f"{HOME}/project") -> Host:
        return Host({"HOME": HOME, **(variables or {})}, directory, self.root)
