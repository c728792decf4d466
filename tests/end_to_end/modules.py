"""A module proxy in a directory with any number of modules, and a project that needs them all."""

from __future__ import annotations

import base64
import hashlib
import json
import random
import zipfile
from pathlib import Path
from typing import NamedTuple

VERSION = "v1.0.0"


class Modules(NamedTuple):
    """`names` are the paths of the modules, all of version VERSION; `sums` is what a go.sum says of them."""

    names: list[str]
    proxy: Path
    sums: str

    @property
    def settings(self):
        """What go needs to know to download them, and nothing from anywhere else."""
        return {"GOPROXY": f"file://{self.proxy}", "GOSUMDB": "off", "GOTOOLCHAIN": "local", "GOTELEMETRY": "off"}

    def project(self, directory):
        """Write the module that needs them all: for go mod download, and for go build."""
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        required = "".join(f"\t{name} {VERSION}\n" for name in self.names)
        (directory / "go.mod").write_text(f"module example.com/work\n\ngo 1.21\n\nrequire (\n{required})\n")
        (directory / "go.sum").write_text(self.sums)
        imports = "".join(f'\t_ "{name}"\n' for name in self.names)
        (directory / "main.go").write_text(f"package main\n\nimport (\n{imports})\n\nfunc main() {{}}\n")
        return directory


def publish(proxy, count, file_bytes=2000, files=3):
    """Fill a directory with modules example.com/m00, m01 and so on, each of some files of random text."""
    digits = max(2, len(str(count - 1)))
    names = [f"example.com/m{number:0{digits}}" for number in range(count)]
    return Modules(names, Path(proxy), "".join(_publish(Path(proxy), name, file_bytes, files) for name in names))


def _publish(proxy, name, file_bytes, files):
    """Add one module; gives its lines for a go.sum."""
    rest = random.Random(name)
    package = name.rpartition("/")[2]
    content = {"go.mod": f"module {name}\n\ngo 1.21\n".encode(), f"{package}.go": f"package {package}\n".encode()}
    for number in range(files - 1):
        text = base64.b64encode(rest.randbytes(file_bytes * 3 // 4))
        content[f"data/{number}.txt"] = text
    directory = proxy / name / "@v"
    directory.mkdir(parents=True)
    with zipfile.ZipFile(directory / f"{VERSION}.zip", "w") as archive:
        for path, data in content.items():
            archive.writestr(f"{name}@{VERSION}/{path}", data)
    (directory / f"{VERSION}.mod").write_bytes(content["go.mod"])
    (directory / f"{VERSION}.info").write_text(json.dumps({"Version": VERSION, "Time": "2026-01-01T00:00:00Z"}))
    (directory / "list").write_text(f"{VERSION}\n")
    whole = _h1({f"{name}@{VERSION}/{path}": data for path, data in content.items()})
    return f"{name} {VERSION} {whole}\n{name} {VERSION}/go.mod {_h1({'go.mod': content['go.mod']})}\n"


def _h1(content):
    """The hash that go.sum holds: golang.org/x/mod/sumdb/dirhash, Hash1."""
    lines = (f"{hashlib.sha256(content[path]).hexdigest()}  {path}\n" for path in sorted(content))
    return "h1:" + base64.b64encode(hashlib.sha256("".join(lines).encode()).digest()).decode()
