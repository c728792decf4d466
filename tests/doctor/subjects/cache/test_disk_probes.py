from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from goshim.doctor.engine.doctor_host import DoctorHost
from goshim.doctor.subjects.cache import disk_probes as disks
from goshim.facts.host import UnreadableError
from tests.end_to_end.scanner import Holding, Scanner, UnavailableError
from tests.watch.made import in_child

HOST = DoctorHost({}, "/")
NOBODY = 65534

# A goshim whose probes would go on for a minute, interrupted in their midst. What it does then is the command's part.
INTERRUPTED = """
import os, signal, sys, threading, time
from goshim.doctor.subjects.cache import disk_probes as disks

disks.FILES, disks.LIMIT_S = 10**9, 60.0

def end(number, frame):
    disks.clean_up()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)

for number in (signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, end)
for directory in sys.argv[1:]:
    threading.Thread(target=disks.write_time, args=(None, directory), daemon=True).start()
while not all(map(os.listdir, sys.argv[1:])):
    time.sleep(0.001)
print("ready", flush=True)
while True:  # a signal that comes just before a sleep does not end that
    time.sleep(0.01)
"""


@pytest.fixture
def place(tmp_path):
    directory = tmp_path / "a place"
    directory.mkdir()
    return directory


@pytest.fixture
def seen():
    """A place that other users can look into, and may not write to."""
    with tempfile.TemporaryDirectory() as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture
def scanned(tmp_path):
    """A function that makes a directory in which each file that was written is held for a time."""
    made = []

    def make(held_s: float, **more: object) -> Path:
        scanner = Scanner(tmp_path / "scanned", Holding(chance=1.0, held_s=held_s, **more))
        try:
            made.append(scanner.__enter__())
        except UnavailableError as error:
            pytest.skip(str(error))
        return scanner.point

    yield make
    for scanner in made:
        scanner.__exit__(None, None, None)


def make_left(place: Path, name: str, age_s: float) -> Path:
    directory = place / name
    directory.mkdir()
    (directory / "7.tmp").write_bytes(b"x")
    os.utime(directory, (time.time() - age_s,) * 2)
    return directory


def dead_process() -> int:
    with subprocess.Popen(["/bin/true"]) as process:
        pass
    return process.pid


def test_a_disk_is_measured_and_nothing_is_left_there(place):
    (place / "mine").write_bytes(b"")
    found = disks.write_time(HOST, str(place))
    assert 1 <= found["done"] <= disks.FILES
    assert 0 < found["fastest_us"] < 1_000_000
    assert found["refused"] == 0
    assert os.listdir(place) == ["mine"]


def test_a_slow_disk_is_measured_by_fewer_files(place, monkeypatch):
    monkeypatch.setattr(disks, "LIMIT_S", 0.0)
    assert disks.write_time(HOST, str(place))["done"] == 1


@pytest.mark.parametrize("probe", [disks.write_time, disks.trial, disks.space])
def test_a_place_may_have_any_name(tmp_path, probe):
    place = os.fsencode(tmp_path) + b"/\xff \n'"
    os.mkdir(place)
    probe(HOST, os.fsdecode(place))
    assert os.listdir(place) == []


def test_a_place_that_is_not_there_cant_be_measured(place):
    with pytest.raises(UnreadableError, match=r"a place/none: no such file or directory$"):
        disks.write_time(HOST, str(place / "none"))


def test_a_place_that_may_not_be_written_cant_be_measured(seen):
    seen.chmod(0o555)
    assert in_child(lambda: _reason(seen), NOBODY) == f"{seen}: permission denied"


def _reason(place: Path) -> str:
    try:
        return str(disks.write_time(HOST, str(place)))
    except UnreadableError as error:
        return str(error)


def test_files_that_a_scanner_holds_are_counted_and_all_are_gone_in_the_end(scanned):
    place = scanned(0.05)
    found = disks.write_time(HOST, str(place))
    assert found["refused"] > 0
    assert os.listdir(place) == []


def test_what_is_held_for_longer_is_removed_when_the_process_ends(scanned):
    place = scanned(0.4)
    script = (
        "import os, sys, time; from goshim.doctor.subjects.cache import disk_probes as disks;"
        "disks.write_time(None, sys.argv[1]);"
        "print(len(os.listdir(sys.argv[1]))); time.sleep(0.5)"
    )
    done = subprocess.run([sys.executable, "-c", script, place], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"
    assert os.listdir(place) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_nothing_is_left_of_probes_that_are_interrupted(tmp_path, number):
    places = [tmp_path / name for name in ("one", "other")]
    for place in places:
        place.mkdir()
    child = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, *places], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        child.send_signal(number)
        child.wait(10)
    assert child.returncode == -number
    assert [os.listdir(place) for place in places] == [[], []]


def test_nothing_is_left_of_probes_that_the_end_of_the_process_cuts_off(place):
    script = INTERRUPTED.replace("while True:", "sys.exit(3)\nwhile True:")
    done = subprocess.run([sys.executable, "-c", script, place], stdout=subprocess.DEVNULL, check=False)
    assert done.returncode == 3
    assert os.listdir(place) == []


def test_after_the_end_no_probe_begins(place):
    script = (
        "import sys; import goshim.doctor.subjects.cache.disk_probes as disks; disks.clean_up();\n"
        "try: disks.write_time(None, sys.argv[1])\n"
        "except OSError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", script, place], capture_output=True, text=True, check=True)
    assert done.stdout == "goshim is ending\n"
    assert os.listdir(place) == []


def test_what_a_killed_process_left_is_removed_an_hour_later(place):
    name = f"{disks.PREFIX}{dead_process()}-1-1"
    make_left(place, name, 2 * disks.STALE_S)
    disks.trial(HOST, str(place))
    assert os.listdir(place) == []


@pytest.mark.parametrize(
    ("process", "number", "age_s"),
    [("dead", "1-1", disks.STALE_S / 2), ("alive", "1-1", 2 * disks.STALE_S), ("dead", "backup", 2 * disks.STALE_S)],
)
def test_what_may_be_somebody_elses_stays(place, process, number, age_s):
    owner = dead_process() if process == "dead" else os.getppid()
    left = make_left(place, f"{disks.PREFIX}{owner}-{number}", age_s)
    disks.trial(HOST, str(place))
    assert os.listdir(left) == ["7.tmp"]


def test_a_link_with_such_a_name_is_not_followed(place, tmp_path):
    target = make_left(tmp_path, "precious", 0)
    (place / f"{disks.PREFIX}{dead_process()}-1-1").symlink_to(target)
    disks.trial(HOST, str(place))
    assert os.listdir(target) == ["7.tmp"]


def test_a_place_where_all_is_allowed_refuses_no_step(place):
    assert disks.trial(HOST, str(place)) == {"step": "", "error": "", "owner": ""}


def test_a_place_of_somebody_else_is_told_with_its_owner(seen):
    if os.geteuid():
        pytest.skip("needs root, to become another user")
    refused = {"step": "create", "error": "EACCES", "owner": "root"}
    assert in_child(lambda: disks.trial(HOST, str(seen)), NOBODY) == refused


def test_an_owner_without_a_name_is_told_by_his_number():
    assert disks.name_of(4_000_000) == "user 4000000"


@pytest.mark.parametrize(("refusal", "error"), [("EACCES", "EACCES"), ("EIO", "EIO")])
def test_a_file_that_is_held_is_told_by_the_step_that_was_refused(scanned, refusal, error):
    place = scanned(0.05, refusal=refusal)
    assert disks.trial(HOST, str(place)) == {"step": "rename", "error": error, "owner": ""}
    assert os.listdir(place) == []


@pytest.mark.parametrize(("options", "error"), [("size=4k", "ENOSPC"), ("nr_inodes=1", "ENOSPC"), ("ro", "EROFS")])
def test_a_disk_that_takes_no_file_tells_why(place, options, error):
    script = (
        "import sys; import goshim.doctor.subjects.cache.disk_probes as disks; print(disks.trial(None, sys.argv[1]))"
    )
    mounted = 'mount -t tmpfs -o "$1" goshim "$2" && [ "$1" != size=4k ] || echo x > "$2/x"; exec "$3" -c "$4" "$2"'
    words = ["unshare", "--mount", "sh", "-c", mounted, "sh", options, str(place), sys.executable, script]
    if os.geteuid() or not shutil.which("unshare"):
        pytest.skip("needs root and unshare, to mount a disk")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted here: {done.stderr.strip()}")
    assert f"'step': 'create', 'error': '{error}'" in done.stdout


def test_the_room_on_a_disk_is_that_of_what_there_is_of_a_path(place):
    found = disks.space(HOST, str(place / "not" / "there yet"))
    assert found["size_bytes"] == disks.space(HOST, str(place))["size_bytes"] > 0
    assert 0 < found["free_bytes"] <= found["size_bytes"]
    assert disks.space(HOST, "/none/there")["size_bytes"] == disks.space(HOST, "/")["size_bytes"]
