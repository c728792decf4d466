"""What commands share: the call they are about, as if go were called here and now, and how they print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from goshim.base import store
from goshim.base.encoding import to_bytes
from goshim.base.errors import UsageError
from goshim.base.store import Store
from goshim.base.terminal import visible
from goshim.call import context
from goshim.facts import Machine
from goshim.facts.host import Host
from goshim.facts.look import look_at
from goshim.plan import work_out
from goshim.settings import layers
from goshim.toolchain import Search, Toolchain


@dataclass(frozen=True)
class Session:
    """The machine, seen from this process."""

    environment: dict[str, str]
    directory: str

    @classmethod
    def here(cls) -> Session:
        """A session with this process's environment and working directory."""
        environment = context.environment()
        return cls(environment, context.directory(environment))

    @cached_property
    def host(self) -> Host:
        """What answers questions about the machine."""
        return Host(self.environment, self.directory)

    @cached_property
    def machine(self) -> Machine:
        """What is known before settings."""
        return look_at(self.host)

    @cached_property
    def store(self) -> Store:
        """Where parsed settings are kept."""
        return store.of(self.environment)

    @cached_property
    def project(self) -> str | None:
        """The directory of the project file."""
        found = context.project(self.environment, self.directory)
        return None if found == context.NO_PROJECT else found

    @cached_property
    def loaded(self) -> layers.Loaded:
        """The settings in force. Raises ConfigError."""
        return layers.load(self.host, self.store, self.project)

    @cached_property
    def search(self) -> Search:
        """The search for go. Raises ConfigError."""
        return Search(self.host, self.machine, self.loaded.settings)

    def plan(self) -> work_out.Plan:
        """What a call of go would need here. Raises GoshimError."""
        return work_out.work_out(self.host, self.store, self.project)


def describe(search: Search, toolchain: Toolchain) -> dict[str, str | None]:
    """A toolchain as JSON has it."""
    return {
        "go": toolchain.go,
        "goroot": toolchain.goroot or None,
        "version": search.version(toolchain.goroot) or None,
        "source": toolchain.source,
    }


def require_stdout() -> None:
    """See that there is somewhere to print to. Raises UsageError."""
    if sys.stdout is None:
        raise UsageError("stdout is closed, and what was asked for goes there")


def write(text: str, styles: Mapping[str, str] | None = None) -> None:
    """Print a text; on a terminal what a regular expression matches gets its style.

    What could do more to a terminal than be read is escaped, also where stdout is a file or a pipe.
    """
    require_stdout()
    text = visible(text)
    if styles and sys.stdout.isatty():
        from rich.console import Console
        from rich.text import Text

        styled = Text(text)
        for pattern, style in styles.items():
            styled.highlight_regex(pattern, style)
        Console(soft_wrap=True).print(styled)
        return
    _put(text)


def write_lines(lines: Iterable[str], styles: Mapping[str, str] | None = None) -> None:
    """Print lines, each of which stays one: a line break in it is escaped."""
    write("\n".join(visible(line, "\t") for line in lines), styles)


def write_exact(lines: Iterable[str]) -> None:
    """Print what a program reads, such as `$(goshim which)`: byte by byte, and escaped on a terminal only."""
    require_stdout()
    if sys.stdout.isatty():
        write_lines(lines)
    else:
        _put("\n".join(lines))


def _put(text: str) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(to_bytes(f"{text}\n"))
    sys.stdout.buffer.flush()


def write_json(values: dict[str, Any]) -> None:
    """Print a JSON document, its schema first."""
    write(json.dumps({"schema": 1, **values}, indent=2))
