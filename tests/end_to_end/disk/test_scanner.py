"""Under a virus scanner at work bare go gives up and goshim comes through; and the scanner of these tests is one."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time

import pytest

from tests.end_to_end import scanner
from tests.end_to_end.disk.failing_disk import AT_ONCE_S, DOWNLOAD, PATIENCE, downloaded, told
from tests.end_to_end.generated_modules import modules, publish
from tests.end_to_end.injection import ModuleCache

HELD_S = 0.3


@pytest.fixture(scope="session")
def twenty(embedded_go, tmp_path_factory):
    """Twenty modules, and what a module cache holds of them when all goes well."""
    published = publish(tmp_path_factory.mktemp("twenty"), modules(20, filler=200))
    return published, downloaded(published, embedded_go, tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def scanned(tmp_path):
    """Mounts a directory that a scanner is at work in, and says where a module cache in it is."""
    with contextlib.ExitStack() as stack:

        def mount(holding):
            made = scanner.Scanner(tmp_path / f"scanned-{time.monotonic_ns()}", holding)
            try:
                stack.enter_context(made)
            except scanner.UnavailableError as error:
                pytest.skip(str(error))
            return made, ModuleCache(made.point / "cache")

        yield mount


@pytest.mark.parametrize("removal", ["EACCES", "EIO"])
@pytest.mark.parametrize("seed", [1, 2])
def test_under_a_scanner_bare_go_gives_up_and_goshim_comes_through(real, twenty, scanned, seed, removal):
    published, undisturbed = twenty
    published.project(real.work)
    holding = scanner.Holding(0.05, HELD_S, seed, removal_refusal=removal)
    _, cache = scanned(holding)
    real.env |= {**published.settings, "GOMODCACHE": str(cache.root), "GOSHIM": "off"}
    bare = real.go(*DOWNLOAD)
    assert (bare.out, bare.code) == (b"", 1)
    assert re.search(": (permission denied|input/output error)$", bare.message, re.MULTILINE)
    _, cache = scanned(holding)
    real.env |= {**PATIENCE, "GOMODCACHE": str(cache.root), "GOSHIM": ""}
    done = real.go(*DOWNLOAD)
    assert (done.out, done.code) == (b"", 0), done.message
    assert told(done)[0] >= 1
    time.sleep(HELD_S)  # what was written last
    assert real.go("mod", "verify") == (b"all modules verified\n", b"", 0)
    found = cache.content()
    assert indispensable(found) == indispensable(undisturbed)


def indispensable(content):
    """What go makes sure of; not what it only warns of, and not that nobody may write to the directories of a module.

    That comes last, without a word when it fails, and is not made up for when another module's failure ends go before.
    """
    return {
        name: (mode, data) if data is not None else None
        for name, (mode, data) in content.items()
        if not re.search(r"@v/(list|v1\.0\.0\.(info|mod))$", name)
    }


def test_where_nothing_is_held_go_works_as_on_any_disk(real, twenty, embedded_go, scanned):
    published, undisturbed = twenty
    published.project(real.work)
    mounted, cache = scanned(scanner.Holding(0, HELD_S))
    env = {**published.settings, "GOMODCACHE": cache.root}
    assert real.call(embedded_go, *DOWNLOAD, env=env) == (b"", b"", 0)
    assert cache.content() == undisturbed
    assert mounted.holds() == mounted.refusals() == []


def test_a_held_file_refuses_what_goes_by_its_path_for_a_while(scanned):
    mounted, _ = scanned(scanner.Holding(1, HELD_S, removal_refusal="EIO"))
    held, free, above = mounted.point / "held", mounted.point / "free", mounted.point / "above"
    above.mkdir()
    held.write_text("new")
    (above / "below").write_text("new")
    refused = [
        (PermissionError, held.read_bytes),
        (PermissionError, lambda: held.rename(free)),
        (PermissionError, lambda: os.truncate(held, 0)),
        (PermissionError, lambda: above.rename(mounted.point / "elsewhere")),
        (OSError, held.unlink),
    ]
    for kind, call in refused:
        with pytest.raises(kind):
            call()
    assert [call for call, _ in mounted.refusals()] == ["open", "rename", "truncate", "rename", "unlink"]
    assert held.stat().st_size == 3
    time.sleep(HELD_S)
    assert held.read_text() == "new"  # what is only read is not scanned again
    held.rename(free)
    free.unlink()


@pytest.mark.parametrize("victim", ["maker", "server"])
def test_a_scanned_directory_is_unmounted_whoever_is_killed(tmp_path, scanned, victim):
    point = tmp_path / "point"
    if victim == "server":
        mounted, _ = scanned(scanner.Holding(0, HELD_S))
        point = mounted.point
        mounted._server.kill()
    else:
        scanned(scanner.Holding(0, HELD_S))  # or else it is skipped
        command = [sys.executable, scanner.__file__, point, "cat"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as maker:
            maker.stdin.write(b"mounted\n")
            maker.stdin.flush()
            assert maker.stdout.readline() == b"mounted\n"
            assert scanner.is_mounted(point)
            maker.kill()
    until = time.monotonic() + AT_ONCE_S
    while scanner.is_mounted(point):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert list(point.iterdir()) == []
