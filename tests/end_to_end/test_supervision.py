"""A watched call is seen by nobody: go gets what it would get, and what it gives comes out unchanged and at once."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import threading
import time

import pytest

from tests.end_to_end.machine import Dump, unmanaged
from tests.end_to_end.supervised import DOWNLOAD, Supervised, busy_s, clean_signals, is_gone, read_until, state

ODD = {
    "a.b": "1",
    "BASH_FUNC_x%%": "() {  echo hi; }",
    "PYTHONPATH": "/nonexistent",
    "PYTHONHOME": "/nonexistent",
    "PYTHONINSPECT": "1",
    "PYTHONVERBOSE": "1",
    "how": "mine",
    "ignored": "mine",
    "BAD": b"\xff\xfe\n'\"$HOME",
    "LONG": "x" * 100_000,
    "EMPTY": "",
}


NOISE = b"main.go:12:3: this is no error that anybody knows: it says nothing of files, hosts, or waits\n"


@pytest.fixture
def user(tmp_path, installed_launcher, dump_go):
    return Supervised(tmp_path / "m", installed_launcher, dump_go)


@pytest.mark.parametrize(
    ("rest", "env"),
    [
        *(((), env) for env in ({}, {"LANG": "C"}, {"LC_CTYPE": "xx_XX"})),
        (("-x", "example.com/a@latest"), {"LC_ALL": "C"}),
        *(((b"\xff", b"", b"$(id)", b"a\nb", b"-C"), env) for env in ({}, ODD, {"LANG": None})),
    ],
)
def test_go_gets_the_arguments_and_the_environment_of_the_call(user, rest, env):
    for dump in (user.dump(*DOWNLOAD, *rest, env=env), user.warm_dump(*DOWNLOAD, *rest, env=env)):
        assert dump.arguments == [os.fsencode(word) for word in (user.real_go, *DOWNLOAD, *rest)]
        assert unmanaged(dump.environment) == unmanaged(user.with_env(env))


def test_go_is_called_in_the_callers_directory_by_the_process_that_the_caller_started(user):
    link = user.root / "link"
    link.symlink_to(user.work)
    command, env = [user.launcher, *DOWNLOAD], user.with_env({"PWD": link})
    with subprocess.Popen(command, env=env, cwd=link, stdout=subprocess.PIPE) as process:
        dump = Dump.of(process.communicate(timeout=60)[0])
    assert (dump.directory, dump.environment[b"PWD"]) == (os.fsencode(user.work), os.fsencode(link))
    assert dump.parent == process.pid


def test_go_has_the_callers_open_files_and_no_other(user, program):
    shutil.copyfile(program("ls"), user.real_go)
    for name in DOWNLOAD:
        (user.work / name).symlink_to("/proc/self/fd")
    extra = os.open("/dev/null", os.O_RDONLY)
    try:
        os.set_inheritable(extra, True)
        bare, through = (user.call(path, *DOWNLOAD, close_fds=False) for path in (user.real_go, user.launcher))
    finally:
        os.close(extra)
    assert str(extra) in bare.text.split()
    assert through == bare


def test_stdin_and_stdout_are_the_very_files_of_the_caller(user):
    user.becomes("os.lseek(0, 3, os.SEEK_CUR); say(os.read(0, 3), 1); tell('group', os.getpgrp(), os.getsid(0))")
    given, got = user.put(user.root / "in", b"0123456789"), user.put(user.root / "out", b"before....after")
    with given.open("rb", 0) as stdin, got.open("r+b", 0) as stdout:
        stdout.seek(6)
        with user.started(stdin=stdin, stdout=stdout) as process:
            assert process.wait(timeout=60) == 0
        assert (stdin.tell(), stdout.tell()) == (6, 9)
    assert got.read_bytes() == b"before345.after"
    assert user.until_told("group") == ["group", str(os.getpgrp()), str(os.getsid(0))]


@pytest.mark.parametrize("data", [b"no end of line", b"\r50 %\r100 %", b"\xff\0\x1b[31m", b"line\n"])
def test_what_go_writes_is_seen_while_it_goes_on(user, data):
    user.becomes(f"say({data!r}); say({data!r}, 1); await_file('go on')")
    with user.started() as process:
        assert read_until(process.stderr.fileno(), b"(?s).{%d}" % len(data)) == data
        assert read_until(process.stdout.fileno(), b"(?s).{%d}" % len(data)) == data
        assert process.poll() is None
        user.let("go on")
        assert (*process.communicate(timeout=60), process.returncode) == (b"", b"", 0)


def test_stderr_of_any_bytes_and_length_comes_through_quickly(user):
    user.becomes("block = bytes(range(256)) * 4096\nfor _ in range(50): say(block)\nsay(b'end')")
    start = time.monotonic()
    done = user.go(*DOWNLOAD)
    assert (done.out, done.code, len(done.err)) == (b"", 0, 50 * (1 << 20) + 3)
    assert done.err == bytes(range(256)) * 4096 * 50 + b"end"
    assert time.monotonic() - start < 30


def test_a_failure_after_many_words_is_judged_quickly(user):
    user.becomes(f"say({NOISE!r} * 100_000); sys.exit(9)")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = user.go(*DOWNLOAD)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert (done.out, done.code, len(done.err)) == (b"", 9, len(NOISE) * 100_000)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 5


@pytest.mark.parametrize("code", [0, 1, 2, 126, 130, 255])
def test_the_exit_code_is_gos(user, code):
    user.becomes(f"say(b'words\\n'); sys.exit({code})")
    assert user.go(*DOWNLOAD) == (b"", b"words\n", code)
    assert len(user.starts()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_go_that_dies_of_a_signal_is_seen_to_and_leaves_no_more_than_bare_go(user, number):
    def prepare():
        clean_signals()
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

    user.becomes(f"say(b'words\\n'); os.kill(os.getpid(), {int(number)}); time.sleep(60)")
    assert user.call(user.real_go, *DOWNLOAD, preexec_fn=prepare) == (b"", b"words\n", -number)
    files = sorted(user.work.iterdir())
    for file in files:
        file.unlink()
    assert user.go(*DOWNLOAD, preexec_fn=prepare) == (b"", b"words\n", -number)
    assert len(list(user.work.iterdir())) == len(files)


# What goes on in the background.


def test_a_program_in_the_background_that_keeps_stderr_open_is_not_waited_for(user):
    user.becomes("say(b'words')\nif not os.fork():\n    tell('start', os.getpid()); time.sleep(60)\nsys.exit(4)")
    start = time.monotonic()
    with user.started() as process:
        assert process.wait(timeout=20) == 4
        assert process.stderr.read() == b"words"
        assert not is_gone(int(user.until_told("start", 2)[1]))
    assert time.monotonic() - start < 20


def test_a_go_that_closed_its_stderr_costs_nothing_while_it_goes_on(user):
    user.becomes("os.close(2); tell('closed'); await_file('go on'); sys.exit(6)")
    with user.started() as process:
        user.until_told("closed")
        time.sleep(0.3)
        before_s = busy_s(process.pid)
        time.sleep(1)
        assert busy_s(process.pid) - before_s < 0.2
        user.let("go on")
        assert process.wait(timeout=20) == 6


def test_nothing_of_the_call_is_left(user):
    user.becomes("say(b'words'); sys.exit(1)")
    with user.started() as process:
        assert process.wait(timeout=20) == 1
        assert [state(number) for number in user.starts()] == [""]


def test_what_is_kept_of_a_long_stderr_is_not_kept_in_memory(user):
    user.becomes("block = b'x' * (1 << 20)\nfor _ in range(200): say(block)\ntell('end'); await_file('go on')")
    with user.started() as process:
        reader = threading.Thread(target=process.stderr.read)
        reader.start()
        user.until_told("end")
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
        assert peak < 50_000
        user.let("go on")
        reader.join()


# A failure without a word.


@pytest.mark.parametrize("code", [1, 3, 255])
def test_a_failure_without_a_word_gets_a_line(user, code):
    user.becomes(f"sys.exit({code})")
    done = user.go(*DOWNLOAD)
    assert (done.out, done.code, done.message[:8], done.message.count("\n")) == (b"", code, "goshim: ", 1)
    assert f"exit code {code} " in done.message
    assert len(user.starts()) == 1


def test_a_death_without_a_word_gets_a_line(user):
    user.becomes("await_file('never')")
    with user.started() as process:
        number = int(user.until_told("start")[1])
        os.kill(number, signal.SIGKILL)
        _, err = process.communicate(timeout=20)
    assert (process.returncode, err[:8], err.count(b"\n"), b"SIGKILL" in err) == (-signal.SIGKILL, b"goshim: ", 1, True)


def test_quiet_calls_fail_without_a_word_of_goshims(user):
    user.becomes("sys.exit(3)")
    assert user.go(*DOWNLOAD, env={"GOSHIM_RETRY__QUIET": "true"}) == (b"", b"", 3)


def test_a_failure_in_words_gets_no_more_of_them(user):
    user.becomes("say(b'usage: go mod download\\n'); sys.exit(2)")
    assert user.go(*DOWNLOAD) == (b"", b"usage: go mod download\n", 2)


def test_a_success_without_a_word_stays_one(user):
    user.becomes("sys.exit(0)")
    assert user.go(*DOWNLOAD) == (b"", b"", 0)


def test_usage_errors_of_the_real_go_are_its_own(real, embedded_go):
    bare = real.call(embedded_go, *DOWNLOAD, "-unknown")
    assert bare.code == 2
    assert real.go(*DOWNLOAD, "-unknown") == bare
