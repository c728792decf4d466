"""A machine with a recorded go, which is the real one or does nothing."""

from __future__ import annotations

import pytest

from tests.end_to_end.recorded_go import RecordedGo


@pytest.fixture
def user(real, embedded_go, tmp_path):
    """A machine with the real go, an empty module cache, and retries that do not wait long."""
    real.recorded = RecordedGo(real.tools, embedded_go)
    real.env |= {
        "PATH": f"{real.bin}:{real.recorded.path.parent}:/usr/bin:/bin",
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOFLAGS": "-trimpath -modcacherw",
        "GONOSUMDB": "example.com",
        "GOBIN": str(tmp_path / "installed"),
        "GOSHIM_RETRY__FIRST_WAIT_S": "0.01",
        "GOSHIM_RETRY__MAX_WAIT_S": "0.05",
    }
    real.bare = lambda *args, **more: real.call(embedded_go, *args, **more)
    return real


@pytest.fixture
def told(real):
    """A machine with a go that does nothing: what matters is how it is called."""
    go = RecordedGo(real.tools, "/bin/true")
    real.env["PATH"] = f"{real.bin}:{go.path.parent}:/usr/bin:/bin"
    (real.work / "go.mod").write_text("module example.com/app\n\ngo 1.21\n")
    return lambda *words, env=None, cwd=None: go.called_by(real, *words, env=env, cwd=cwd)
