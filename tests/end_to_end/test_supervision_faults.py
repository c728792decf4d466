"""A fault in the supervisor costs a warning at most: go runs, once, as it would without goshim, and its end counts."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import asdict

import pytest

from goshim.settings.model import Retry
from tests.end_to_end.machine import CHECKOUT, unmanaged, with_baked
from tests.end_to_end.supervised import DOWNLOAD, Supervised, clean_signals

# What a watched call may load is broken by itself; what only works out a plan, all of a package at once. A call loads
# no module of doctor or cli, as the test of imports proves.
AT_ONCE = ("facts", "plan", "rules", "settings", "base/redaction")
MODULES = sorted(
    str(path.relative_to(CHECKOUT / "goshim"))
    for path in (CHECKOUT / "goshim").rglob("*.py")
    if not {"_data", "cli", "doctor", "facts", "plan", "rules", "settings", "redaction"} & set(path.parts)
)
PREFETCHING = [name for name in MODULES if name.startswith("watch")] + ["plan/keep.py"]
PLANTED = "\nraise RuntimeError('planted')\n"
QUICK = {"GOSHIM_RETRY__NETWORK_TRIES": "2", "GOSHIM_RETRY__FIRST_WAIT_S": "0.01", "GOSHIM_RETRY__MAX_WAIT_S": "0.01"}
FAILING = """
say(b'go: example.com/a@v1.0.0: reading http://127.0.0.1:1/a.zip: 503 Service Unavailable\\n')
sys.exit(42)
"""
# Fails so many times, and what it gives on stdout tells which time it is.
FAILING_AT_FIRST = """
time = len(open({log!r}).readlines())
say(b'{{"time": %d}}\\n' % time, 1)
if time <= {failures}:
    say(b'go: example.com/a@v1.0.0: reading http://127.0.0.1:1/a.zip: 503 Service Unavailable\\n')
    sys.exit(1)
"""


@pytest.fixture
def broken(tmp_path, installed_launcher, dump_go):
    """A machine with a copy of goshim of its own, to break, and a plan that was stored before."""
    package = tmp_path / "package"
    shutil.copytree(CHECKOUT / "goshim", package / "goshim")  # with what Python has compiled of it
    for name in ("bin", "config"):
        shutil.copytree(CHECKOUT / name, package / name)
    made = Supervised(tmp_path / "m", with_baked(installed_launcher, boot=package / "goshim/boot.py"), dump_go)
    made.package = package / "goshim"
    made.env |= QUICK
    return made


def becomes(user, text):
    """Make go do this, and store a plan for it."""
    user.becomes(text)
    user.go("version")
    user.log.unlink()


def plant(user, name, text=PLANTED):
    """Break a module of goshim, or all of a package: text goes to its end."""
    path = user.package / name
    for each in path.glob("*.py") if path.is_dir() else [path]:
        with each.open("a") as file:
            file.write(text)


def ours(done):
    """The lines of goshim's own."""
    return [line for line in done.message.splitlines() if line.startswith("goshim: ")]


def a_warning_a_day(user, call, module=""):
    """Make a call twice; the first may warn, in one line, and the second does not where that can be remembered."""
    first = call()
    user.log.unlink()
    second = call()
    told = [sum("planted" in line for line in ours(done)) for done in (first, second)]
    assert max(told) <= 1
    assert module.startswith("base/") or not told[1]  # what remembers that it was said today
    assert b"Traceback" not in first.err + second.err
    return first, second


@pytest.mark.parametrize("module", [*MODULES, *AT_ONCE])
def test_a_broken_module_changes_neither_gos_end_nor_what_it_says(broken, module):
    becomes(broken, f"if len(sys.argv) == 4: say(b'words'); say(b'out', 1); sys.exit(0)\n{FAILING}")
    plant(broken, module)
    for done in a_warning_a_day(broken, lambda: broken.go(*DOWNLOAD), module):
        assert (done.out, done.code) == (b"", 42)
        assert "503 Service Unavailable\n" in done.message
        assert done.message.startswith(("go: ", "goshim: "))
    assert 1 <= len(broken.starts()) <= 2
    broken.log.unlink()
    done = broken.go(*DOWNLOAD, "-x")
    assert (done.out, done.err[-5:], done.code, len(ours(done)) <= 1) == (b"out", b"words", 0, True)
    assert len(broken.starts()) == 1


@pytest.mark.parametrize(("module", "code"), list(zip(PREFETCHING, itertools.cycle((0, 1)), strict=False)))
def test_a_fault_of_the_prefetch_costs_no_test(broken, module, code):
    (broken.work / "go.mod").write_text("module example.com/x\n")
    text = f"tell('called', sys.argv[1]); say(b'words'); sys.exit({code} if sys.argv[1] == 'test' else 1)"
    broken.env["CI"] = "true"
    becomes(broken, text)
    plant(broken, module)
    for done in a_warning_a_day(broken, lambda: broken.go("test", "./..."), module):
        assert (done.out, done.err[-5:], done.code) == (b"", b"words", code)
    assert [words[1] for words in broken.told() if words[0] == "called"].count("test") == 1


@pytest.mark.parametrize(
    "damage",
    [
        lambda package: shutil.rmtree(package / "watch"),
        lambda package: (package / "boot.py").unlink(),
        lambda package: shutil.rmtree(package / "facts"),
        shutil.rmtree,
    ],
    ids=["no watch", "no boot", "no facts", "nothing"],
)
def test_a_package_that_is_half_gone_runs_go_all_the_same(broken, damage):
    becomes(broken, FAILING)
    damage(broken.package)
    done = broken.go(*DOWNLOAD)
    assert (done.out, done.code, len(broken.starts()) in (1, 2)) == (b"", 42, True)
    assert b"Traceback" not in done.err


def test_a_supervisor_that_can_not_start_go_becomes_go_as_the_caller_called_it(broken, program):
    shutil.copyfile(program("cat"), broken.real_go)
    for name, target in zip(DOWNLOAD, ("status", "environ"), strict=True):
        (broken.work / name).symlink_to(f"/proc/self/{target}")

    def prepare():
        clean_signals()
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, [signal.SIGUSR1])

    def seen(path):
        done = broken.call(path, *DOWNLOAD, env={"LANG": "C"}, preexec_fn=prepare)
        state, _, environment = done.text.rpartition("\n")
        wanted = ("SigIgn", "SigBlk", "SigPnd", "PPid")
        pairs = dict(entry.encode().split(b"=", 1) for entry in environment.split("\0") if entry)
        return [line for line in state.splitlines() if line.startswith(wanted)], unmanaged(pairs)

    broken.go("version")
    plant(broken, "watch/process.py", "\ndef start(*_):\n    raise OSError('planted')\n")
    assert seen(broken.launcher) == seen(broken.real_go)


@pytest.mark.parametrize("closed", ["2>&-", "2>/dev/full", "<&- >&- 2>&-", "2>&1 >/dev/full"])
def test_a_warning_that_can_not_be_given_is_no_second_fault(broken, program, closed):
    becomes(broken, "tell('end'); sys.exit(5)")
    plant(broken, "watch/watched.py")
    broken.call(
        program("bash"), "-c", f'"$@" {closed}; echo "$?" >"$0"', broken.root / "code", broken.launcher, *DOWNLOAD
    )
    assert (broken.root / "code").read_text() == "5\n"
    assert len(broken.starts()) == 1


def test_a_fault_while_go_runs_costs_a_warning(broken):
    becomes(broken, "say(b'before '); time.sleep(2.5 * (sys.argv[1] == 'mod')); say(b'after'); sys.exit(7)")
    plant(broken, "watch/stall.py")
    done = broken.go(*DOWNLOAD)
    assert (done.out, done.code, len(broken.starts())) == (b"", 7, 1)
    assert b"before after" in done.err
    assert len(ours(done)) + done.err.count(b"aftergoshim: ") == 1


@pytest.mark.parametrize(("function", "failures"), [("journal.add", 1), ("journal.add", 2), ("words.lost", 2)])
@pytest.mark.parametrize("arguments", [DOWNLOAD, (*DOWNLOAD, "-json")], ids=" ".join)
def test_a_fault_after_the_last_attempt_does_not_undo_it(broken, function, failures, arguments):
    becomes(broken, FAILING_AT_FIRST.format(log=str(broken.log), failures=failures))
    module, _, name = function.partition(".")
    plant(broken, f"watch/{module}.py", f"\ndef {name}(*args, **more):\n    raise RuntimeError('planted')\n")
    done = broken.go(*arguments)
    assert (done.code, len(broken.starts())) == (0 if failures == 1 else 1, 2)
    assert "planted" in done.message
    assert [each["time"] for each in done.documents] == ([2] if "-json" in arguments else [1, 2])


def test_without_its_python_a_watched_call_is_a_call_of_go(broken):
    becomes(broken, "tell('ids', os.getppid(), os.getpid()); sys.exit(5)")
    python = os.fsencode(sys.executable)
    for plan in broken.plans():
        lines = plan.read_bytes().split(b"\n")
        assert sum(b"boot.py" in line for line in lines) == 2
        plan.write_bytes(b"\n".join(line.replace(python, b"/gone") if b"boot.py" in line else line for line in lines))
    with broken.started(broken.warm_launcher, *DOWNLOAD) as process:
        assert (*process.communicate(timeout=20), process.returncode) == (b"", b"", 5)
    assert broken.until_told("ids")[1:] == [str(os.getpid()), str(process.pid)]


# What is not needed is not loaded.


def executed(user, program, *arguments):
    """The programs that a warm call becomes or starts."""
    log = user.root / "strace"
    trace = [program("strace"), "-f", "-qq", "-o", log, "-e", "trace=execve", "-e", "signal=none"]
    done = user.call(*trace, user.warm_launcher, *arguments)
    if "ptrace" in done.message:
        pytest.skip("strace may not trace here")
    return [line.split('"')[1] for line in log.read_text().splitlines() if "execve(" in line]


def test_only_a_watched_call_starts_python(tmp_path, installed_launcher, dump_go, program):
    user = Supervised(tmp_path / "m", installed_launcher, dump_go)
    user.go("version")
    go = [str(user.real_go)]
    for verb in ("build", "test", "run", "version", "get", "vet", "install"):
        assert executed(user, program, verb, "./...") == [str(user.warm_launcher), *go]
    assert executed(user, program, *DOWNLOAD) == [str(user.warm_launcher), sys.executable, *go]


def test_of_goshim_and_python_little_is_loaded_where_go_succeeds():
    settings = " ".join(f"{name}={value}" for name, value in asdict(Retry()).items())
    boot = str(CHECKOUT / "goshim/boot.py")
    words = [boot, "watch", "repeat", "/launcher", settings, "0", "/bin/echo", *DOWNLOAD]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-X", "utf8", "-X", "importtime", *words],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "mod download\n"
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if line.startswith("import time:")}
    assert "goshim.watch.supervisor" in loaded
    heavy = [
        "pydantic",
        "tenacity",
        "filelock",
        "rich",
        "plumbum",
        "json",
        "dataclasses",
        "re",
        "subprocess",
        "tomllib",
    ]
    mine = ["settings", "watch.prefetch", "watch.fight", "watch.stall", "watch.signs", "plan", "rules", "facts"]
    assert sorted(loaded & {*heavy, "goshim.base.store", *(f"goshim.{name}" for name in mine)}) == []
