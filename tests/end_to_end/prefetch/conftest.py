"""A machine of CI, with the real go and a proxy that has what its projects need."""

from __future__ import annotations

import pytest

from tests.end_to_end.generated_modules import modules
from tests.end_to_end.module_proxy import ModuleProxy
from tests.end_to_end.prefetch.fetching import Program
from tests.end_to_end.recorded_go import RecordedGo

SHORT_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "0.01", "GOSHIM_RETRY__MAX_WAIT_S": "0.05"}


@pytest.fixture
def make(real, embedded_go, tmp_path):
    """Makes a machine that is one of CI, with the real go, an empty module cache, and retries that do not wait long."""

    def machine(instead=""):
        real.recorded = RecordedGo(real.tools, embedded_go, instead=instead)
        real.env |= {
            "PATH": f"{real.bin}:{real.recorded.path.parent}:/usr/bin:/bin",
            "CI": "true",
            "GOMODCACHE": str(tmp_path / "modules"),
            "GOFLAGS": "-trimpath -modcacherw -count=1",
            "GONOSUMDB": "*",
            **SHORT_WAITS,
        }
        real.bare = lambda *args, **more: real.call(embedded_go, *args, **more)
        return real

    return machine


@pytest.fixture
def user(make):
    return make()


@pytest.fixture
def proxy(user):
    """A module proxy with five modules, which the machine uses."""
    with ModuleProxy([*modules(4), Program(4, "m04")]) as running:
        user.env["GOPROXY"] = running.url
        yield running
