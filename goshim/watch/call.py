"""The call that is watched: which go with which arguments, in which environment, and how patiently."""

from __future__ import annotations

import copy
import functools
import os
import time
from collections.abc import Mapping, Sequence

from goshim.base.encoding import to_bytes, to_text
from goshim.call import context
from goshim.call.arguments import is_set, split, split_goflags, verb

# Commands that print what a program reads, with -json or -diff: of a failed attempt it must not see anything.
_JSON = frozenset({"mod download", "build", "install", "vet"})
_DIFF = frozenset({"mod tidy", "vet"})  # cmd/go/internal/modload/load.go, goModDiff; cmd/go/internal/vet/vet.go


class Call:
    """What the plan gave to the supervisor. The settings are those of [retry], by name, as text."""

    def __init__(self, settings: str, ignored: str, go: str, arguments: Sequence[str]) -> None:
        """Take the words of the command line; `ignored` is the mask of signals ignored from the start (proc(5))."""
        self.settings: Mapping[str, str] = dict(word.split("=") for word in settings.split(" "))
        self.ignored = int(ignored or "0", 16)
        self.go = go
        self.arguments = arguments
        self.started_s = time.time()  # as files tell it
        self.environment = context.environment()
        self.verb = verb(arguments)
        self.enter: str | None = None  # the directory to run it in, if not ours

    @classmethod
    def of(cls, words: Sequence[str]) -> Call:
        """The call that these words of a command line tell of."""
        settings, ignored, go, *arguments = (to_text(os.fsencode(word)) for word in words)
        return cls(settings, ignored, go, arguments)

    def instead(self, arguments: Sequence[str], directory: str) -> Call:
        """Another call of the same go, in another directory, of which nothing is shown."""
        call = copy.copy(self)
        call.arguments, call.verb, call.enter = arguments, verb(arguments), directory
        call.environment = {**self.environment, "PWD": directory}
        return call

    @property
    def directory(self) -> str:
        """The directory that the call is about, after go's own -C."""
        return self.enter or context.directory(self.environment, self.arguments)

    @functools.cached_property
    def goflags(self) -> str:
        """GOFLAGS as go sees it: the caller's, or else of the file that `go env -w` writes."""
        if given := self.environment.get("GOFLAGS"):
            return given
        base = self.environment.get("XDG_CONFIG_HOME") or f"{self.environment.get('HOME', '')}/.config"
        if not os.path.exists(to_bytes(self.environment.get("GOENV") or f"{base}/go/env")):
            return ""
        from goshim.facts import go_env_file  # not needed by most, and slow to load
        from goshim.facts.host import Host
        from goshim.facts.mounts import MountTable

        host = Host(self.environment, self.directory)
        return go_env_file.read(host, MountTable(host.mountinfo())).get("GOFLAGS", "")

    @functools.cached_property
    def in_place_of_go_mod(self) -> list[str]:
        """The file that -modfile names, and its go.sum: cmd/go/internal/work/build.go."""
        named = dict([*split(split_goflags(self.goflags))[0], *split(self.arguments)[0]]).get("modfile")
        if not named:
            return []
        path = os.path.join(self.directory, named)
        return [path, f"{path.removesuffix('.mod')}.sum"]

    @property
    def keeps_stdout(self) -> bool:
        """Whether stdout, JSON or a diff, is kept back until it is the last attempt's."""
        if self.verb in _JSON and is_set("json", self.arguments, self.goflags):
            return True
        return self.verb in _DIFF and is_set("diff", self.arguments, self.goflags)

    @property
    def is_silent(self) -> bool:
        """Whether the user asked for another command than this: then nothing of it is shown."""
        return self.enter is not None

    @property
    def is_quiet(self) -> bool:
        """Whether retries go untold."""
        return self.settings["quiet"] == "True"

    @property
    def is_told(self) -> bool:
        """Whether goshim says what it does about this call."""
        return not self.is_quiet and not self.is_silent

    def seconds(self, name: str) -> float:
        """A setting that is a time, in seconds."""
        return float(self.settings[name])

    def exec_parts(self) -> tuple[bytes, list[bytes], dict[bytes, bytes]]:
        """Program, arguments and environment for exec: the bytes that the launcher gave."""
        return self._parts(self.environment)

    def attempt_parts(self) -> tuple[bytes, list[bytes], dict[bytes, bytes]]:
        """The same for an attempt: where files can be held, go does without its index of modules.

        If a source file is refused while go makes it, that is kept in GOCACHE for good (cmd/go/internal/modindex).
        """
        if self.settings.get("lock_prone") != "True" or self.verb == "mod download":
            return self.exec_parts()
        given = self.environment.get("GODEBUG")
        return self._parts({**self.environment, "GODEBUG": f"{given},goindex=0" if given else "goindex=0"})

    def _parts(self, environment_text: Mapping[str, str]) -> tuple[bytes, list[bytes], dict[bytes, bytes]]:
        arguments = [to_bytes(word) for word in (self.go, *self.arguments)]
        environment = {to_bytes(name): to_bytes(value) for name, value in environment_text.items()}
        return to_bytes(self.go), arguments, environment
