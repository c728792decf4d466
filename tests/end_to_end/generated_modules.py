"""Modules made up on the spot, as a module proxy or a directory has them, and a project that needs them."""

from __future__ import annotations

import base64
import functools
import hashlib
import io
import json
import random
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

APPLICATION = "example.com/app"
VERSION = "v1.0.0"

_TEST = """package {name}

import "testing"

func TestSum(t *testing.T) {{
	if Sum() != {sum} {{
		t.Fatal(Sum())
	}}
}}
"""


@dataclass(frozen=True)
class Module:
    """One version of a module with one package of one function; `filler` bytes, in a directory, make it large."""

    number: int
    name: str
    filler: int = 0
    version: str = VERSION
    mark: str = ""  # whatever is in it changes the checksum of the zip, and not what the code does

    @property
    def path(self) -> str:
        """The module path."""
        return f"example.com/{self.name}"

    @property
    def directory(self) -> str:
        """Where a proxy has its files."""
        return f"/{self.path}/@v/"

    @property
    def zip_path(self) -> str:
        """Where a proxy has its zip."""
        return f"{self.directory}{self.version}.zip"

    @property
    def mod(self) -> bytes:
        """Its go.mod."""
        return f"module {self.path}\n\ngo 1.19\n".encode()

    @property
    def files(self) -> dict[str, bytes]:
        """What is in it."""
        code = f"// Package {self.name} has a number.{self.mark}\npackage {self.name}\n\n"
        code += f"// Value is the number.\nfunc Value() int {{ return {self.number} }}\n"
        filler = {"data/filler.bin": random.Random(self.name).randbytes(self.filler)} if self.filler else {}
        return {"go.mod": self.mod, f"{self.name}.go": code.encode(), "LICENSE": b"None needed.\n", **filler}

    @property
    def sums(self) -> list[str]:
        """Its lines of go.sum."""
        stem = f"{self.path}@{self.version}"
        whole = checksum({f"{stem}/{name}": data for name, data in self.files.items()})
        return [
            f"{self.path} {self.version} {whole}\n",
            f"{self.path} {self.version}/go.mod {checksum({'go.mod': self.mod})}\n",
        ]

    def served(self) -> dict[str, bytes]:
        """All that a proxy has of it, by path."""
        info = json.dumps({"Version": self.version, "Time": "2026-01-01T00:00:00Z"}).encode()
        return {
            f"{self.directory}list": f"{self.version}\n".encode(),
            f"/{self.path}/@latest": info,
            f"{self.directory}{self.version}.info": info,
            f"{self.directory}{self.version}.mod": self.mod,
            self.zip_path: _zipped(self),
        }

    def forged(self) -> Module:
        """The same with another checksum."""
        return replace(self, mark=" Forged.")


class Published(NamedTuple):
    """Modules in a directory that is a module proxy, one that go fetches from without a network."""

    directory: Path
    modules: Sequence[Module]

    @property
    def settings(self) -> dict[str, str]:
        """What go needs to know to fetch them, and nothing from anywhere else."""
        url = f"file://{self.directory}"
        return {"GOPROXY": url, "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOTELEMETRY": "off"}

    def project(self, directory: Path) -> Path:
        """Write a module that needs them all."""
        return write_project(directory, self.modules)


def modules(count: int, filler: int = 0) -> list[Module]:
    """So many modules, `example.com/m00` and on."""
    digits = max(2, len(str(count - 1)))
    return [Module(number, f"m{number:0{digits}}", filler) for number in range(count)]


def publish(directory: Path, published: Sequence[Module]) -> Published:
    """Write all that a module proxy has of some modules to a directory."""
    for module in published:
        for name, data in module.served().items():
            path = Path(f"{directory}{name}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    return Published(Path(directory), published)


def checksum(files: Mapping[str, bytes]) -> str:
    """The hash that go.sum has for some files (golang.org/x/mod/sumdb/dirhash, Hash1)."""
    lines = "".join(f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode()


def write_project(directory: Path, needed: Sequence[Module], packages: int = 1) -> Path:
    """Write a module that imports all these: a program and so many packages, with a test each, and a whole go.sum."""
    directory.mkdir(parents=True, exist_ok=True)
    requires = "".join(f"\t{module.path} {module.version}\n" for module in needed)
    (directory / "go.mod").write_text(f"module {APPLICATION}\n\ngo 1.21\n\nrequire (\n{requires})\n")
    (directory / "go.sum").write_text("".join(line for module in needed for line in module.sums))
    names = [f"part{number:02}" for number in range(packages)]
    for number, name in enumerate(names):
        share = needed[number::packages]
        at = directory / name
        at.mkdir(exist_ok=True)
        terms = " + ".join(f"{module.name}.Value()" for module in share)
        code = (
            f"package {name}\n\n{_imports([module.path for module in share])}func Sum() int {{ return {terms or 0} }}\n"
        )
        (at / f"{name}.go").write_text(code)
        (at / f"{name}_test.go").write_text(_TEST.format(name=name, sum=sum(module.number for module in share)))
    terms = " + ".join(f"{name}.Sum()" for name in names)
    main = (
        f"package main\n\n{_imports([f'{APPLICATION}/{name}' for name in names])}func main() {{ println({terms}) }}\n"
    )
    (directory / "main.go").write_text(main)
    return directory


def _imports(paths: Sequence[str]) -> str:
    return "import (\n" + "".join(f'\t"{path}"\n' for path in paths) + ")\n\n" if paths else ""


@functools.lru_cache(maxsize=256)
def _zipped(module: Module) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        for name, data in module.files.items():
            archive.writestr(f"{module.path}@{module.version}/{name}", data)
    return whole.getvalue()
