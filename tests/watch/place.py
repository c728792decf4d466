"""A folder with a drive, a share and a disk in it, and the gate of a call there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from goshim.facts.host import Host
from goshim.watch import signs
from goshim.watch.gate import Gate, Verdict
from tests.machine import EXT4, drive
from tests.watch.made import make_call

SIGNS = {sign.id: sign for sign in signs.load()}


def finding(path: object, sign: str = "file-held") -> signs.Finding:
    return signs.Finding(SIGNS[sign], f"go: rename x {path}: permission denied", str(path))


class Place:
    """A folder in which `c` is a Windows drive, `share` a share and all else a disk, and the gate of a call in it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        share = f"490 23 0:99 / {folder}/share rw - cifs //server/x rw"
        table = f"{EXT4}\n{drive('c', f'{folder}/c')}\n{share}\n"
        for name in ("c/mod/cache/download", "share", "mod/cache/download", "project/sub"):
            (folder / name).mkdir(parents=True)
        monkeypatch.setattr(Host, "mountinfo", lambda _: table)

    def gate(
        self,
        cache: str = "c/mod",
        directory: str = "project",
        locks: str = "auto",
        arguments: Sequence[str] = (),
        **variables: str,
    ) -> Gate:
        if cache:
            variables["GOMODCACHE"] = cache if ":" in cache else f"{self.folder}/{cache}"
        self.monkeypatch.chdir(self.folder / directory)
        call = make_call(*arguments, directory=self.folder / directory, environment=variables, locks=locks)
        return Gate(call)

    def judge(self, path: str, sign: str = "file-held", **options: str) -> Verdict:
        return self.gate(**options).judge(finding(path if path.startswith("C:") else f"{self.folder}/{path}", sign))
