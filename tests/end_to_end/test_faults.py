"""A fault of goshim's own costs a warning, once a day, and never a build."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time

import pytest

from tests.end_to_end.machine import CHECKOUT, Dump, Machine, default_signals, unmanaged, with_baked

BAD = {"CGO_ENABLED": "0\r", "GOROOT": "C:\\Go", "BASH_FUNC_x%%": "() {  :; }", "a.b": "\udcff\n"}
# A call loads no module of doctor or cli, as the test of imports proves: one of each stands for all of them.
MODULES = sorted(
    name
    for path in (CHECKOUT / "goshim").rglob("*.py")
    if not (name := str(path.relative_to(CHECKOUT / "goshim"))).startswith(("_data/", "doctor/", "cli/"))
    or name in ("doctor/run/examine.py", "cli/app.py")
)


def mended(environment):
    return {**environment, b"CGO_ENABLED": b"0"} if environment.pop(b"GOROOT", None) else environment


@pytest.fixture
def broken(tmp_path, installed_launcher, dump_go):
    """A machine with a copy of goshim of its own, to break."""
    package = tmp_path / "package"
    shutil.copytree(CHECKOUT / "goshim", package / "goshim")  # with what Python has compiled of it
    for name in ("bin", "config"):
        shutil.copytree(CHECKOUT / name, package / name)
    made = Machine(tmp_path / "m", with_baked(installed_launcher, boot=package / "goshim/boot.py"), dump_go)
    made.package = package / "goshim"
    made.env |= {name: value.encode("utf-8", "surrogateescape") for name, value in BAD.items()}
    made.project_file.write_text('[retry]\nquiet = true\nnew = 1\n[path]\nprepend = ["/x"]\n')
    return made


def untouched_with_one_line_a_day(machine):
    """The contract after any fault: go runs in the caller's environment with its exit code, and there is one line."""
    first, second, third = machine.go(), machine.go(), machine.go("exit", "42")
    assert unmanaged(Dump.of(first.out).environment) == unmanaged(machine.with_env(None))
    assert (first.code, second.code, third.code) == (0, 0, 42)
    assert first.err.startswith(b"goshim: ")
    assert (first.err.count(b"\n"), second.err, third.err) == (1, b"", b"")
    assert b"goshim off" in first.err
    return first.message


@pytest.mark.parametrize("module", MODULES)
def test_an_exception_in_any_module_costs_one_line(broken, module):
    (broken.package / module).write_text("raise RuntimeError('planted')\n")
    first = broken.go()
    if first.err:  # a module that calls need
        broken.forget()
        assert "planted" in untouched_with_one_line_a_day(broken) or module == "boot.py"
    else:
        assert unmanaged(Dump.of(first.out).environment) == unmanaged(mended(broken.with_env(None)))


@pytest.mark.parametrize(
    "damage",
    [
        lambda package: (package / "boot.py").write_text("def broken(:\n"),
        lambda package: (package / "boot.py").write_text(""),
        lambda package: (package / "boot.py").write_text("print('exit 3')\nraise SystemExit(1)\n"),
        lambda package: (package / "boot.py").unlink(),
        lambda package: (package / "call/context.py").unlink(),
        lambda package: (package / "__init__.py").write_text(""),
        lambda package: (package / "plan/render.py").write_text("raise SystemExit(0)\n"),
        lambda package: (package / "plan/render.py").write_bytes(b"\0"),
        lambda package: (package / "plan/render.py").write_text(
            "raise ValueError('\\nexit 9\\n$(touch /)`x`\\udcff')\n"
        ),
        shutil.rmtree,
    ],
)
def test_a_broken_package_costs_one_line(broken, damage):
    damage(broken.package)
    untouched_with_one_line_a_day(broken)


@pytest.mark.parametrize("python", ["/nonexistent/python", "/bin/false", "/bin/true", "/", "/etc/passwd"])
def test_goshims_python_removed_costs_one_line(broken, python):
    broken.put(broken.launcher, with_baked(broken.launcher.read_bytes(), python=python))
    untouched_with_one_line_a_day(broken)


def test_a_goshim_that_dies_under_a_project_file_does_not_run_go_without_the_users_config(broken):
    (broken.package / "boot.py").write_text("import os; os.abort()\n")
    done = broken.go()
    assert (done.out, done.code, b".goshim.toml" in done.err) == (b"", 2, True)
    broken.project_file.unlink()
    untouched_with_one_line_a_day(broken)


def test_a_fault_under_a_project_file_is_an_error_of_that_file(broken):
    for module, function in (("facts/look.py", "def look_at(host: Host)"), ("settings/trust.py", "def select(")):
        source = (broken.package / module).read_text()
        head, tail = source.split(function)
        signature, body = tail.split(":\n", 1)
        (broken.package / module).write_text(f"{head}{function}{signature}:\n    1 / 0\n{body}")
        done = broken.go()
        assert (done.out, done.code) == (b"", 2), module
        assert done.message.startswith(f"goshim: {broken.project_file}: goshim failed while this file was in force:")
        (broken.package / module).write_text(source)


def test_a_plan_still_serves_while_the_package_is_broken(broken):
    warm = broken.dump().environment
    (broken.package / "boot.py").write_text("")
    assert broken.dump().environment == warm


def test_the_warning_comes_again_the_next_day(broken):
    (broken.package / "boot.py").unlink()
    assert broken.go().err
    assert not broken.go().err
    (broken.store / "warned").write_text("2020-01-01")
    assert broken.go().err
    assert not broken.go().err


def test_the_debug_switch_shows_the_traceback(broken):
    (broken.package / "call/context.py").write_text("raise RuntimeError('planted')")
    done = broken.go(env={"GOSHIM_DEBUG": "1"})
    assert (b"Traceback" in done.err, b"planted" in done.err, done.code) == (True, True, 0)


def test_a_changed_version_uses_no_old_plan(broken):
    broken.go()
    version = broken.package / "__init__.py"
    assert broken.is_warm()
    version.write_text(version.read_text().replace('__version__ = "', '__version__ = "9'))
    assert not broken.is_warm()
    assert broken.go().err == b""
    assert broken.is_warm()


def _is_anybody_left(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def _kill_at(machine, delay_s, number):
    """Start a cold call in a process group of its own, and send the group a signal as a terminal does."""
    process = subprocess.Popen(
        [machine.launcher, "wait", "here"],
        env=machine.with_env(None),
        cwd=machine.work,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        preexec_fn=default_signals,  # noqa: PLW1509 - no threads here
    )
    time.sleep(delay_s)
    os.killpg(process.pid, number)
    _, err = process.communicate(timeout=60)
    return process.pid, err, process.returncode


@pytest.mark.parametrize("delay_ms", [1, 4, 8, 15, 25, 40, 60, 90, 130, 300])
def test_an_interrupt_at_any_moment_ends_the_call_without_a_word(broken, delay_ms):
    group, err, code = _kill_at(broken, delay_ms / 1000, signal.SIGINT)
    assert (err, code) == (b"", -signal.SIGINT)
    until = time.monotonic() + 20
    while _is_anybody_left(group):
        assert time.monotonic() < until, "a process is left over"
        time.sleep(0.002)


def test_a_writer_killed_at_any_moment_leaves_a_usable_store(broken):
    expected = unmanaged(mended(broken.with_env(None)))
    for delay_ms in [*range(20, 140, 5), *range(60, 100, 2)]:
        _kill_at(broken, delay_ms / 1000, signal.SIGKILL)
        done = broken.go()
        assert (done.err, unmanaged(Dump.of(done.out).environment)) == (b"", expected)
        if delay_ms % 3:
            broken.forget()
    broken.go()
    assert broken.is_warm()
