"""No test sees, or writes to, what the user who runs it has set up."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from goshim.base import resources
from tests.machine import FolderMachine

_OURS = ("GO", "XDG_", "_GOSHIM", "CGO_", "GCCGO", "SOURCE_DATE_EPOCH", "WSL", "GIT_")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")

# Whoever starts the tests in the background has them ignore some signals, which all they start would inherit.
_USUAL = {signal.SIGINT: signal.default_int_handler, signal.SIGQUIT: signal.SIG_DFL, signal.SIGHUP: signal.SIG_DFL}
for _number, _handler in _USUAL.items():
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)

hypothesis.settings.register_profile("goshim", deadline=None, database=None, derandomize=True, max_examples=60)
hypothesis.settings.load_profile("goshim")


@pytest.fixture(autouse=True)
def isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of the test's own, and none of the variables that go, git or goshim obey."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith(_OURS) or name.upper() in _PROXIES:
                patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield home


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FolderMachine:
    """An empty machine, on which goshim lies in /goshim: no go that is installed beside this one is on it."""
    monkeypatch.setattr(resources, "beside", lambda name: (f"/goshim/{name}",))
    return FolderMachine(tmp_path)
