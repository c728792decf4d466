from __future__ import annotations

import json
import os
import stat
import sys
import time

import pytest

from goshim.watch import journal, signs
from goshim.watch.diagnosis import UNKNOWN, Diagnosis
from goshim.watch.journal import MAX_BYTES, OF_ONE_CALL, Incidents
from tests.watch.made import in_child

SIGNS = {sign.id: sign for sign in signs.load()}


def record(path: str = "/m/a.zip", **more: object) -> dict:
    return {"class": "lock", "path": path, "verb": "mod download", "attempts": 2, "waited_s": 0.5, "won": True, **more}


@pytest.fixture
def home(tmp_path):
    return {"HOME": str(tmp_path)}


def lines(home) -> list[bytes]:
    with open(journal.locate(home), "rb") as file:
        return file.read().splitlines()


def test_what_is_added_is_read_again_with_the_time(home):
    before = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    assert journal.add(home, [record("/a"), record("/b", won=False)])
    assert journal.add(home, [record("/c")])
    found = journal.read(home)
    assert [(each["path"], each["won"]) for each in found] == [("/a", True), ("/b", False), ("/c", True)]
    assert {**record("/a"), "time": found[0]["time"]} == found[0]
    assert found[0]["time"] >= before


def test_nothing_makes_no_file(home, tmp_path):
    assert not journal.add(home, [])
    assert os.listdir(tmp_path) == []
    assert journal.read(home) == []


def test_nobody_else_can_read_it(home):
    umask = os.umask(0)
    try:
        journal.add(home, [record()])
    finally:
        os.umask(umask)
    path = journal.locate(home)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(os.path.dirname(path)).st_mode) == 0o700


@pytest.mark.parametrize("home", [{}, {"HOME": ""}, {"HOME": "relative"}])
def test_without_a_home_nothing_is_kept(home, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert journal.locate(home) == ""
    assert not journal.add(home, [record()])
    assert journal.read(home) == []
    assert os.listdir(tmp_path) == []


def make_file(tmp_path):
    (tmp_path / ".local").write_bytes(b"")


def make_directory(tmp_path):
    (tmp_path / ".local/state/goshim/journal.jsonl").mkdir(parents=True)


def make_lock_a_directory(tmp_path):
    (tmp_path / ".local/state/goshim/journal.jsonl.lock").mkdir(parents=True)


@pytest.mark.parametrize("make", [make_file, make_directory, make_lock_a_directory])
def test_a_home_that_cant_be_written_is_no_fault(home, tmp_path, make):
    make(tmp_path)
    assert not journal.add(home, [record()])
    assert journal.read(home) == []


def test_a_read_only_home_is_no_fault():
    assert not journal.add({"HOME": "/proc"}, [record()])
    if os.geteuid() == 0:
        assert not in_child(lambda: journal.add({"HOME": "/"}, [record()]), 65534)


def test_without_its_library_nothing_is_kept_and_nothing_is_raised(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "filelock", None)
    assert not journal.add(home, [record()])


def test_lines_that_are_none_are_passed_over(home):
    journal.add(home, [record("/a")])
    garbage = [
        b"", b"{", b"null", b"[]", b"1", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}", b'{"time": 1}',
        json.dumps({**record(), "time": 5}).encode(), json.dumps({**record(), "time": "2020-01-01T00:00:00Z"}).encode(),
        json.dumps({**record(), "time": "9", "won": 1}).encode(), json.dumps({**record(), "path": None}).encode(),
    ]  # fmt: skip
    with open(journal.locate(home), "ab") as file:
        file.write(b"\n".join(garbage) + b"\n")
    journal.add(home, [record("/b")])
    assert [each["path"] for each in journal.read(home)] == ["/a", "/b"]


def test_a_line_that_a_dead_writer_left_spoils_no_other(home):
    journal.add(home, [record("/a")])
    with open(journal.locate(home), "ab") as file:
        file.write(b'{"time": "2')
    journal.add(home, [record("/b")])
    assert [each["path"] for each in journal.read(home)] == ["/a", "/b"]


def test_what_is_older_than_90_days_is_not_read(home):
    journal.add(home, [record("/a")])
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - journal.KEEP_S - 5))
    with open(journal.locate(home), "ab") as file:
        file.write(json.dumps({**record("/old"), "time": then}).encode() + b"\n")
    assert [each["path"] for each in journal.read(home)] == ["/a"]


def test_it_stays_bounded_and_keeps_the_newest(home):
    for number in range(60):
        assert journal.add(home, [record(f"/{number}" + "x" * 2000)] * OF_ONE_CALL)
        assert os.path.getsize(journal.locate(home)) <= MAX_BYTES
    found = journal.read(home)
    assert found[-1]["path"].startswith("/59x")
    assert MAX_BYTES // 2 - 5000 <= os.path.getsize(journal.locate(home)) <= MAX_BYTES
    assert all(each["path"].endswith("x") for each in found)


def test_what_is_added_to_a_full_one_is_in_the_one_that_takes_its_place(home):
    journal.add(home, [record("/a")])
    with open(journal.locate(home), "rb+") as file:
        line = file.readline()
        file.write(line * (MAX_BYTES // len(line) - 1))
    journal.add(home, [record("/b")])
    assert journal.read(home)[-1]["path"] == "/b"


def test_what_is_added_to_one_that_is_too_old_is_kept(home):
    journal.add(home, [record("/a")])
    then = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - journal.KEEP_S - 5))
    with open(journal.locate(home), "wb") as file:
        file.write(json.dumps({**record("/old"), "time": then}).encode() + b"\n")
    journal.add(home, [record("/b")])
    assert [each["path"] for each in journal.read(home)] == ["/b"]


def test_records_of_any_length_are_kept_in_bounds(home):
    for number in range(4):
        assert journal.add(home, [record(f"/{number}" + "\u00e9" * 64_000)] * OF_ONE_CALL)
        assert os.path.getsize(journal.locate(home)) <= MAX_BYTES
    assert journal.read(home)[-1]["path"].startswith("/3")


def add_ten(home, name) -> int:
    return sum(journal.add(home, [record(f"/{name}/{number}")]) for number in range(10))


def test_many_writers_at_once_lose_and_mix_nothing(home):
    children = []
    for name in range(8):
        child = os.fork()
        if not child:
            os._exit(add_ten(home, name))
        children.append(child)
    kept = sum(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)
    found = [each["path"] for each in journal.read(home)]
    assert kept == 80
    assert sorted(found) == sorted(f"/{name}/{number}" for name in range(8) for number in range(10))
    assert len(lines(home)) == 80


@pytest.mark.parametrize(
    "path",
    [
        "https://me:hunter2@proxy.test/a/@v/v1.zip",
        "https://hunter2@proxy.test/a",
        "https://proxy.test/a?access_token=hunter2&b=1",
        "ghp_hunter2hunter2hunter2",
    ],
)
def test_passwords_and_tokens_are_cut_out(home, path):
    journal.add(home, [record(path)])
    assert b"hunter2" not in b"".join(lines(home))
    assert len(journal.read(home)) == 1


def test_a_path_of_any_bytes_is_kept(home):
    journal.add(home, [record("/m/\udcff\n\x1b\u5f20")])
    assert journal.read(home)[0]["path"] == "/m/\udcff\n\x1b\u5f20"
    assert len(lines(home)) == 1


def failed(*subjects: str, sign: str = "file-held") -> Diagnosis:
    findings = tuple(signs.Finding(SIGNS[sign], "x", subject) for subject in subjects)
    return Diagnosis(SIGNS[sign].kind, again=True, finding=findings[0], findings=findings)


def told(incidents: Incidents, *, won: bool) -> dict[str, tuple]:
    found = incidents.records(won=won)
    assert len({each["path"] for each in found}) == len(found)
    return {each["path"]: (each["won"], each["attempts"], each["waited_s"]) for each in found}


def test_what_fails_again_and_again_is_one_incident_with_its_attempts_and_waits():
    incidents = Incidents("build")
    for _ in range(3):
        incidents.add(failed("/a"))
        incidents.waited(0.25)
    assert told(incidents, won=True) == {"/a": (True, 3, 0.75)}
    assert told(incidents, won=False) == {"/a": (False, 3, 0.75)}
    (only,) = incidents.records(won=True)
    assert (only["class"], only["sign"], only["verb"]) == ("lock", "file-held", "build")


def test_what_no_longer_fails_is_won_whatever_comes_of_the_rest():
    incidents = Incidents("build")
    incidents.add(failed("/a", "/b"))
    incidents.waited(1)
    incidents.add(failed("/b"))
    incidents.waited(2)
    assert told(incidents, won=False) == {"/a": (True, 1, 1), "/b": (False, 2, 3)}


def test_what_is_unknown_is_no_incident():
    incidents = Incidents("build")
    incidents.add(UNKNOWN)
    incidents.waited(1)
    assert incidents.records(won=False) == []


def test_what_failed_before_an_error_of_no_known_kind_is_won():
    incidents = Incidents("build")
    incidents.add(failed("/a"))
    incidents.waited(1)
    incidents.add(UNKNOWN)
    assert told(incidents, won=False) == {"/a": (True, 1, 1)}


def test_of_one_call_only_so_many_are_kept():
    incidents = Incidents("build")
    incidents.add(failed(*(f"/{number}" for number in range(100))))
    assert len(incidents.records(won=False)) == OF_ONE_CALL


@pytest.mark.parametrize("name", ["journal.jsonl", "journal.jsonl.lock"])
@pytest.mark.parametrize("make", [lambda path: path.symlink_to("target"), os.mkfifo], ids=["link", "fifo"])
def test_nothing_is_written_through_a_link_or_a_fifo(home, tmp_path, name, make):
    directory = tmp_path / ".local/state/goshim"
    directory.mkdir(parents=True, mode=0o700)
    (directory / "target").write_text("mine")
    make(directory / name)
    assert not journal.add(home, [record()])
    assert (directory / "target").read_text() == "mine"
    assert set(os.listdir(directory)) <= {name, "journal.jsonl.lock", "target"}
    assert journal.read(home) == []


@pytest.mark.parametrize("mark", [".git", "go.mod"])
def test_none_is_kept_or_read_in_a_clone(home, tmp_path, mark):
    assert journal.add(home, [record()])
    (tmp_path / mark).mkdir()
    assert not journal.add(home, [record()])
    assert journal.read(home) == []


def test_none_is_made_in_a_home_that_is_not_there(tmp_path):
    assert not journal.add({"HOME": f"{tmp_path}/absent"}, [record()])
    assert os.listdir(tmp_path) == []
