"""Questions put to this very machine, and whether a plan made of the answers would act."""

from __future__ import annotations

from collections.abc import Mapping

from goshim.base.shells import quoted
from goshim.facts.host import Host, Recorder
from goshim.plan.render import guarded
from goshim.plan.work_out import Plan
from goshim.settings.layers import Loaded
from goshim.settings.model import Settings
from goshim.toolchain import Toolchain
from tests.bash_launcher import run_bash

PLAN = Plan(Toolchain("/bin/true", "/r", "x"), (), Loaded(Settings(), (), ()))


class Asked:
    """Questions that were put to this very machine, and the plan that depends on the answers."""

    def __init__(self, directory: object, environment: Mapping[str, str] | None = None) -> None:
        self.directory = str(directory)
        self.environment = dict(environment or {})
        self.recorder = Recorder(Host(self.environment, self.directory))

    def ask(self, kind: str, subject: object) -> Asked:
        self.recorder.ask(kind, str(subject))
        return self

    def ask_apart(self, kind: str, subject: object) -> Asked:
        self.recorder.apart.ask(kind, str(subject))
        return self

    def holds(
        self, environment: Mapping[str, str] | None = None, directory: object = None, verb: str = "version"
    ) -> bool:
        """Whether the launcher would act by the plan now, in a call of go's `verb`."""
        text = guarded(PLAN, self.recorder.answers, ":", self.recorder.apart.answers)
        place = quoted(str(directory or self.directory))
        script = f"dir={place} verb={quoted(verb)}\nfor _ in once; do\n{text}done\nexit 42"
        done = run_bash(script, environment=self.environment if environment is None else environment)
        assert done.stderr == b""
        assert done.returncode in (0, 42)
        return done.returncode == 0
