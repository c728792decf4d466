"""Every parser that reads what a stranger can write: how it is called, and what it may raise."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from goshim.base import redaction as secrets
from goshim.base.encoding import to_text
from goshim.base.errors import GoshimError
from goshim.call import arguments
from goshim.doctor.engine import record
from goshim.doctor.engine.look import UnknownError
from goshim.doctor.formats import start_file_lines, x509
from goshim.doctor.formats import wsl_config as wsl_conf_parser
from goshim.doctor.machine import registry
from goshim.doctor.subjects.environment import wslenv
from goshim.facts import mod_file, mounts
from goshim.settings import trust, trust_records
from goshim.settings.file import ConfigFile
from goshim.watch import journal, signs

SEEDS = Path(__file__).parent / "seeds"


class Parser(NamedTuple):
    """A parser. `limit_bytes` is the size to which its caller bounds the input."""

    parse: Callable[[bytes], Any]
    raises: tuple[type[Exception], ...] = ()
    limit_bytes: int = 1 << 18


class Target:
    """A parser under its name, with the inputs that are mutated."""

    def __init__(self, name: str, parser: Parser, seeds: tuple[bytes, ...] = ()) -> None:
        """Take `seeds`, or the files in seeds/NAME."""
        self.name = name
        self.parse, self.raises, self.limit_bytes = parser
        self._seeds = seeds

    @cached_property
    def seeds(self) -> tuple[bytes, ...]:
        """Inputs as they are in real life."""
        return self._seeds or tuple(path.read_bytes() for path in sorted((SEEDS / self.name).iterdir()))


def _config(data: bytes) -> None:
    file = ConfigFile("/project/.goshim.toml", data)
    values = file.values()
    file.notes(values)
    for request in trust.requests(values):
        file.at(request.key)


def _go_mod(data: bytes) -> None:
    for directive in mod_file.directives(to_text(data)):
        for word in directive.arguments:
            mod_file.value(word)


def _stderr(data: bytes) -> None:
    lines = data.decode("utf-8", "replace").split("\n")
    findings = list(signs.judge(signs.error_lines(lines), signs.load()))
    for finding in findings:
        _ = (finding.subject, finding.what)  # worked out when asked for
    signs.retry_after_s(lines, {finding.line for finding in findings})


def _start_file(data: bytes) -> None:
    for line in to_text(data).split("\n"):
        for shell in ("sh", "fish"):
            start_file_lines.find(line, shell)
            start_file_lines.kept(line, shell)


def _mounts(data: bytes) -> None:
    table = mounts.MountTable(to_text(data))
    table.on_windows("/mnt/c/x")
    table.from_windows("C:\\x")


def _record(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        record.load(file.name)


def _certificates(data: bytes) -> None:
    for certificate in x509.in_pem(data):
        x509.describe(certificate)


PARSERS = {
    "config-file": Parser(_config, (GoshimError,), 1 << 16),
    "trust-record": Parser(trust_records._parse),
    "go.mod": Parser(_go_mod, (mod_file.MalformedError,)),
    "mountinfo": Parser(_mounts),
    "reg.exe": Parser(lambda data: registry.parse(to_text(data), "HKCU\\Environment"), (UnknownError,)),
    "wslenv": Parser(lambda data: [wslenv._parse(each) for each in to_text(data).split(":")]),
    "wsl.conf": Parser(lambda data: wsl_conf_parser.parse("/etc/wsl.conf", to_text(data), stops=True)),
    "start-file": Parser(_start_file),
    "journal": Parser(journal.parse),
    "stderr": Parser(_stderr),
    "text": Parser(lambda data: secrets.redact(to_text(data))),
    "goflags": Parser(lambda data: arguments.split_goflags(to_text(data))),
    "certificate": Parser(_certificates),
    "machine-record": Parser(_record, (GoshimError,)),
}
TARGETS = tuple(Target(name, parser) for name, parser in PARSERS.items())
