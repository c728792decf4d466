"""Machines that look like WSL, and someone at work in one, on a project that needs modules."""

from __future__ import annotations

import subprocess
import uuid

import pytest

from tests.end_to_end.generated_modules import modules, publish
from tests.end_to_end.recorded_go import RecordedGo
from tests.end_to_end.wsl_user import User, running

SHORT_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "0.01", "GOSHIM_RETRY__MAX_WAIT_S": "0.05"}


@pytest.fixture(scope="module")
def wsl2():
    with running("wsl2") as made:
        yield made


@pytest.fixture(scope="module", params=["wsl1", "wsl1-lxfs"])
def wsl1(request):
    with running(request.param) as made:
        yield made


@pytest.fixture(
    scope="module", params=["wsl2", "wsl2-virtiofs", "wsl2-virtiofs-tag", "wsl2-virtiofs-shared", "wsl1", "wsl1-lxfs"]
)
def each(request):
    """Each kind of WSL, with each way to mount a drive."""
    with running(request.param) as made:
        yield made


@pytest.fixture(scope="session")
def published(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("modules"), modules(3, filler=200))


@pytest.fixture
def at_work(tmp_path, go_cache, published):
    """Gives someone at work in a machine, on a project that needs all modules; `on_c` is a place of theirs on C."""

    def begin(machine, go, needed=published):
        settings = {
            **needed.settings,
            **SHORT_WAITS,
            "GOCACHE": go_cache["GOCACHE"],
            "GOFLAGS": "-trimpath -modcacherw",
            "GOBIN": str(tmp_path / "installed"),
        }
        user = User(machine, tmp_path / "user", go.path, settings)
        needed.project(user.work)
        # Never the same: in GOCACHE go keeps for good what it found where a module lies (cmd/go/internal/modindex).
        user.on_c = f"/mnt/c/{uuid.uuid4().hex}"
        user.recorded = go
        return user

    return begin


@pytest.fixture
def real(tmp_path, embedded_go, program):
    """The real go, which can be refused files."""
    strace = program("strace")
    traced = subprocess.run([strace, "-f", "-o", "/dev/null", "true"], check=False, capture_output=True)
    if b"ptrace" in traced.stderr:
        pytest.skip("strace may not trace here")
    return RecordedGo(tmp_path / "recorded", embedded_go, strace)


@pytest.fixture
def told(tmp_path):
    """A go that does nothing: what matters is how it is called."""
    return RecordedGo(tmp_path / "told", "/bin/true")


@pytest.fixture
def user(at_work, wsl2, real):
    return at_work(wsl2, real)
