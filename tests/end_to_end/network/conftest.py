"""A machine that downloads with real go, and what it takes to see how go is called."""

from __future__ import annotations

import pytest

COUNTING_GO = """#!/bin/sh
echo "$*" >>{log}
exec {go} "$@"
"""


@pytest.fixture
def user(real, embedded_go, tmp_path):
    """A machine with the real go, an empty module cache, and retries that do not wait long."""
    real.env |= {
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOFLAGS": "-trimpath -modcacherw",
        "GONOSUMDB": "example.com",
        "GOSHIM_RETRY__FIRST_WAIT_S": "0.01",
        "GOSHIM_RETRY__MAX_WAIT_S": "0.05",
    }
    real.bare = lambda *args, **more: real.call(embedded_go, *args, **more)
    return real


@pytest.fixture
def calls(user, embedded_go):
    """Gives the calls of the real go so far."""
    log = user.root / "calls"
    directory = user.put(user.root / "counting/go", COUNTING_GO.format(log=log, go=embedded_go)).parent
    user.env["PATH"] = f"{user.bin}:{directory}:/usr/bin:/bin"
    return lambda: log.read_text().splitlines() if log.exists() else []
