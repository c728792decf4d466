"""Three modules to download, and a disk that fails then."""

from __future__ import annotations

import pytest

from tests.end_to_end.disk.failing_disk import NAMES, Disk, downloaded
from tests.end_to_end.generated_modules import modules, publish


@pytest.fixture(scope="session")
def few(tmp_path_factory):
    return publish(tmp_path_factory.mktemp("modules"), modules(len(NAMES), filler=200))


@pytest.fixture(scope="session")
def undisturbed(few, embedded_go, tmp_path_factory):
    """What the module cache holds when all goes well."""
    return downloaded(few, embedded_go, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def disk(real, few, embedded_go, program):
    made = Disk(real, few, embedded_go, program("strace"))
    if b"ptrace" in real.call(program("strace"), "-f", "-o", "/dev/null", program("true")).err:
        pytest.skip("strace may not trace here")
    yield made
    made.empty()
