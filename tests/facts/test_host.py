from __future__ import annotations

import contextlib
import os
import socket
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.base.encoding import to_bytes, to_text
from goshim.facts.command import MEMORY_BYTES, Limits
from goshim.facts.host import READ_LIMIT_BYTES, Host, Recorder, UnreadableError
from tests.machine import ELF, HOME, LAUNCHER
from tests.tables import for_each
from tests.watch.made import until

LIMITS = Limits(time_s=10, output_bytes=1 << 16)


def make_directory(machine):
    machine.directory("/x")


def make_fifo(machine):
    os.mkfifo(machine.at("/x"))


def make_socket(machine):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(machine.at("/x")))


def make_loop(machine):
    machine.link("/x", "/y")
    machine.link("/y", "/x")


def make_dangling(machine):
    machine.link("/x", "/nowhere")


def make_too_large(machine):
    machine.write("/x", b"#" * (READ_LIMIT_BYTES + 1))


def make_device(machine):
    os.symlink("/dev/zero", machine.at("/x"))


@pytest.mark.parametrize(
    "make", [make_directory, make_fifo, make_socket, make_loop, make_dangling, make_too_large, make_device]
)
def test_what_is_no_small_regular_file_is_unreadable_and_says_which(machine, make):
    make(machine)
    with pytest.raises(UnreadableError, match=r"^/x: ") as caught:
        machine.host().read("/x")
    assert "\n" not in str(caught.value)


def test_a_file_of_somebody_else_is_unreadable():
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "x")
        file.write_text("secret")
        file.chmod(0)
        os.chmod(directory, 0o755)
        with as_nobody(), pytest.raises(UnreadableError, match="/x: permission denied"):
            Host({}, "/").read(str(file))


@contextlib.contextmanager
def as_nobody():
    """Root may read everything; so be somebody else for a moment."""
    user = os.geteuid()
    os.seteuid(65534 if user == 0 else user)
    try:
        yield
    finally:
        os.seteuid(user)


def test_an_unreadable_path_leaves_no_descriptor_open(machine):
    machine.directory("/x")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        with pytest.raises(OSError, match="directory"):
            machine.host().read("/x")
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("path", ["/absent", "/absent/below", "/file/below"])
def test_where_nothing_is_nothing_is_read(machine, path):
    machine.write("/file", "x")
    assert machine.host().read(path) is None


@pytest.mark.parametrize("data", [b"", b"a\nb", b"\0\xff", b"#" * READ_LIMIT_BYTES], ids=["empty", "text", "any", "1M"])
def test_all_bytes_of_a_file_are_read(machine, data):
    machine.write("/x", data)
    assert machine.host().read("/x") == data


def test_a_file_of_proc_which_has_no_size_is_read():
    assert b" - " in (Host({}, "/").read("/proc/self/mountinfo") or b"")


def test_a_link_to_a_file_is_read(machine):
    machine.write("/real", "text")
    machine.link("/x", "/real")
    assert machine.host().read("/x") == b"text"


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (LAUNCHER, "launcher"),
        (b"#!/opt/bash-5/bin/bash -p\n# goshim launcher\nexit\n", "launcher"),
        (b"#!/bin/sh\nexec go\n", "script"),
        (b"#!/bin/sh\n# about the goshim launcher\n", "script"),
        (ELF, "elf"),
        (b"MZ\x90", "other"),
        (b"", "other"),
    ],
)
def test_the_format_of_a_program(machine, data, kind):
    machine.write("/x", data)
    assert machine.host().format("/x") == kind


def test_the_format_of_nothing_is_other(machine):
    assert machine.host().format("/absent") == "other"


def test_only_a_regular_file_that_may_be_executed_is_runnable(machine):
    machine.program("/go")
    machine.write("/plain", "x")
    machine.directory("/folder")
    machine.link("/link", "/go")
    machine.link("/dangling", "/absent")
    runnable = [machine.host().runnable(path) for path in ("/go", "/link", "/plain", "/folder", "/dangling", "/absent")]
    assert runnable == [True, True, False, False, False, False]


def test_existence_and_directories_are_judged_at_the_end_of_links(machine):
    machine.directory("/folder")
    machine.link("/link", "/folder")
    machine.link("/dangling", "/absent")
    host = machine.host()
    assert [host.exists(path) for path in ("/folder", "/link", "/dangling", "/absent")] == [True, True, False, False]
    assert [host.is_directory(path) for path in ("/folder", "/link", "/dangling")] == [True, True, False]


def test_a_real_path_has_every_link_followed(machine):
    machine.program("/opt/go1.27/bin/go")
    machine.link("/usr/local/go", "/opt/go1.27")
    machine.link("/usr/bin/go", "/usr/local/go/bin/go")
    assert machine.host().real("/usr/bin/go") == "/opt/go1.27/bin/go"


def test_a_pattern_gives_the_sorted_paths_and_only_a_star_stands_for_something(machine):
    for name in ("go1.9", "go1.10", "gopher[1]", "gopher?"):
        machine.program(f"/sdk/{name}/bin/go")
    host = machine.host()
    assert host.glob("/sdk/go1.*/bin/go") == ("/sdk/go1.10/bin/go", "/sdk/go1.9/bin/go")
    assert host.glob("/sdk/gopher[1]/bin/*") == ("/sdk/gopher[1]/bin/go",)
    assert host.glob("/sdk/gopher?/bin/*") == ("/sdk/gopher?/bin/go",)
    assert host.glob("/sdk/rust*") == ()


@pytest.mark.parametrize(
    ("directory", "found"),
    [("/a/b/c", "/a/b"), ("/a/b", "/a/b"), ("/a", "/"), ("/", "/"), ("/a/bc", "/")],
)
def test_the_nearest_directory_upward(machine, directory, found):
    machine.directory("/a/b/c")
    machine.directory("/a/b/.git")
    machine.write("/.git", "")
    assert machine.host(directory=directory).above(".git") == found


def test_a_dangling_link_counts_on_the_way_upward_and_absence_is_none(machine):
    machine.directory("/a/b")
    machine.link("/a/.git", "/absent")
    assert machine.host(directory="/a/b").above(".git") == "/a"
    assert machine.host(directory="/a/b").above(".hg") is None


def test_a_program_is_run_with_what_it_may_know_alone():
    host = Host({"PATH": "/usr/bin:/bin", "GIT_DIR": "/evil", "A": "1"}, "/")
    assert host.run(("/usr/bin/env",), "GIT_", {"B": "2"}, LIMITS) == b"PATH=/usr/bin:/bin\nA=1\nB=2\n"
    assert host.run(("/bin/cat",), "GIT_", {}, LIMITS) == b""


@for_each("command", [("/bin/false",), ("/absent/program",), ("/bin/cat", "/absent")])
def test_a_program_that_fails_gives_nothing(command):
    recorder = Recorder(Host({}, "/"))
    assert recorder.run(command, "GIT_", {}, LIMITS) is None


def test_of_a_program_that_prints_too_much_the_beginning_is_kept_and_it_is_ended():
    assert Host({}, "/").run(("/usr/bin/yes",), "GIT_", {}, LIMITS) == b"y\n" * (1 << 15)


def test_a_program_that_takes_too_long_is_ended_with_all_that_it_started(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    script = f"sleep 600 & exec 3<>{fifo}; echo $! >&3; cat {tmp_path}/fifo.other || sleep 600"
    began_s = time.monotonic()
    with open(os.open(fifo, os.O_RDWR), "rb", buffering=0) as reading:
        limits = Limits(time_s=0.3, output_bytes=1 << 16)
        assert Host({"PATH": "/usr/bin:/bin"}, "/").run(("/bin/sh", "-c", script), "GIT_", {}, limits) is None
        child = int(reading.read(20))
    assert time.monotonic() - began_s < 60  # not the ten minutes that it sleeps
    assert until(lambda: state_of(child) in ("", "Z"))


def state_of(process):
    with contextlib.suppress(OSError), open(f"/proc/{process}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]
    return ""


def test_a_program_has_little_memory():
    script = f"x = bytearray({2 * MEMORY_BYTES}); print(len(x))"
    command = (sys.executable, "-I", "-S", "-c", f"import time; time.sleep(0.2); {script}")
    assert Host({}, "/").run(command, "GIT_", {}, LIMITS) is None


@given(st.binary())
def test_any_bytes_survive_as_text(data):
    assert to_bytes(to_text(data)) == data


def test_the_environment_is_a_mapping_of_what_was_given(machine):
    environment = machine.host({"A": "1", "B": ""}).environment
    assert dict(environment) == {"HOME": HOME, "A": "1", "B": ""}
    assert len(environment) == 3
    assert environment.get("C") is None
    assert "B" in environment


def test_a_recorder_keeps_each_answer_and_asks_once(machine):
    machine.write("/x", "before")
    recorder = Recorder(machine.host({"A": "1"}))
    assert recorder.read("/x") == b"before"
    assert recorder.environment.get("A") == "1"
    assert recorder.environment.get("B") is None
    machine.write("/x", "after")
    assert recorder.read("/x") == b"before"
    assert recorder.answers == {("read", "/x"): b"before", ("variable", "A"): "1", ("variable", "B"): None}
    assert recorder.repeatable


def test_a_record_with_a_failed_question_is_not_repeatable(machine):
    machine.directory("/x")
    recorder = Recorder(machine.host())
    with pytest.raises(OSError, match="/x"):
        recorder.read("/x")
    assert not recorder.repeatable


def test_what_a_process_runs_is_not_repeatable():
    recorder = Recorder(Host({}, "/"))
    assert os.path.samefile(recorder.program(os.getpid()), "/proc/self/exe")
    assert recorder.program(2**22 + 1) == ""
    assert not recorder.repeatable


def test_what_lies_in_a_directory_that_may_not_be_searched_is_not_there():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        closed = Path(directory, "closed")
        closed.mkdir(mode=0)
        with as_nobody():
            assert Host({}, "/").read(f"{closed}/x") is None


@for_each(
    "path, point",
    [("/", "/"), ("/proc", "/proc"), ("/proc/self/", "/proc"), ("/proc/self/fd", "/proc"), ("/dev/shm", "/dev/shm")],
)
def test_the_mount_of_a_directory_is_the_number_of_the_mount_table(path, point):
    host = Host({}, "/")
    points = {line.split()[0]: line.split()[4] for line in host.mountinfo().splitlines()}
    assert points.get(host.mount(path), "/") == point  # of a chroot the table does not show the root


def test_the_mount_of_what_is_missing_is_that_of_what_there_is(machine):
    host, here = Host({}, "/"), str(machine.at("/"))
    machine.write("/file", "x")
    for path in (f"{here}absent/below/it", f"{here}file", f"{here}file/below", f"{here}/", "/absent"):
        assert host.mount(path) == host.mount(here if path.startswith(here) else "/")
    assert host.mount("/proc/absent") == host.mount("/proc")
    assert host.mount("/dev/shm/absent/x") != host.mount("/absent")


def test_the_mount_of_a_link_is_that_of_its_end(machine):
    os.symlink("/proc", machine.at("/link"))
    assert Host({}, "/").mount(str(machine.at("/link/absent"))) == Host({}, "/").mount("/proc")


def test_the_mount_of_a_directory_that_may_not_be_opened_is_unknown():
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        closed = Path(directory, "closed")
        closed.mkdir(mode=0o111)
        with as_nobody():
            assert Host({}, "/").mount(str(closed)) == ""


def test_the_mount_leaves_no_descriptor_open():
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        Host({}, "/").mount("/absent")
    assert len(os.listdir("/proc/self/fd")) == before


def test_the_mount_table_is_read_and_not_recorded():
    recorder = Recorder(Host({}, "/"))
    assert recorder.mountinfo() == Path("/proc/self/mountinfo").read_text(encoding="utf-8")
    assert recorder.answers == {}
    assert recorder.repeatable


def test_a_machine_without_a_mount_table_has_an_empty_one(machine):
    assert machine.host().mountinfo() == ""
    machine.directory("/proc/self/mountinfo")
    assert machine.host().mountinfo() == ""


def test_what_is_asked_apart_is_kept_apart_and_leaves_out_what_is_known(machine):
    machine.write("/x", "x")
    machine.write("/y", "y")
    recorder = Recorder(machine.host({"A": "1"}))
    recorder.read("/x")
    assert recorder.apart.read("/x") == b"x"
    assert recorder.apart.read("/y") == b"y"
    assert recorder.apart.environment.get("A") == "1"
    assert recorder.answers == {("read", "/x"): b"x"}
    assert recorder.apart.answers == {("read", "/y"): b"y", ("variable", "A"): "1"}


def test_what_is_known_is_not_asked_again_apart(machine):
    machine.write("/x", "before")
    recorder = Recorder(machine.host())
    recorder.read("/x")
    machine.write("/x", "after")
    assert recorder.apart.read("/x") == b"before"
    assert recorder.apart.answers == {}


def test_there_is_one_apart_of_each_recorder_and_it_asks_once(machine):
    machine.write("/y", "before")
    recorder = Recorder(machine.host())
    assert recorder.apart is recorder.apart
    assert recorder.apart is not Recorder(machine.host()).apart
    assert recorder.apart.read("/y") == b"before"
    machine.write("/y", "after")
    assert recorder.apart.read("/y") == b"before"


def test_a_question_that_fails_apart_leaves_the_others_repeatable(machine):
    machine.directory("/x")
    recorder = Recorder(machine.host())
    assert recorder.apart.text("/x") == ""
    assert recorder.repeatable
    assert not recorder.apart.repeatable


def test_a_host_that_records_nothing_is_its_own_apart(machine):
    host = machine.host()
    assert host.apart is host


def test_a_directory_is_private_where_nobody_else_can_put_a_file_into_it(machine):
    host = machine.host()
    machine.directory("/mine")
    for mode, answer in ((0o700, "private"), (0o755, "private"), (0o775, "open"), (0o757, "open"), (0o777, "open")):
        machine.at("/mine").chmod(mode)
        assert host.privacy("/mine") == answer, oct(mode)
    machine.write("/file", "")
    machine.link("/link", "/mine")
    assert (host.privacy("/file"), host.privacy("/link"), host.privacy("/absent")) == ("open", "open", "absent")
