from __future__ import annotations

import signal

import pytest

from goshim.watch import signs, words
from goshim.watch.diagnosis import UNKNOWN, Diagnosis
from tests.watch.holding import HOLD
from tests.watch.made import ZIP, end, held, make_call, python
from tests.watch.place import Place

NETWORK = 'go: Get "{}": dial tcp 10.0.0.2:443: i/o timeout'


def diagnosed(line: str, *, again: bool = True, remedy: str = "") -> Diagnosis:
    (finding,) = signs.judge([line.strip()], signs.load())
    return Diagnosis(finding.sign.kind, again, finding, (finding,), remedy)


@pytest.fixture
def place(tmp_path, monkeypatch):
    return Place(tmp_path, monkeypatch)


@pytest.fixture
def call(tmp_path):
    return make_call(directory=tmp_path)


def lost(diagnosis, call, gate, attempts=3, waited_s=12.34):
    return words.lost(diagnosis, call, gate, attempts, waited_s)


def test_an_incident_begins_with_one_line_that_names_the_file_and_where_it_lies(place):
    path = f"{place.folder}/c/mod/{ZIP}"
    said = words.retrying(diagnosed(held(path)), place.gate(), 60)
    assert said.startswith(f"goshim: {path} is held by another program")
    assert "9p" in said
    assert "60 s" in said
    assert said.count("\n") == 1
    on_disk = words.retrying(diagnosed(held(f"{place.folder}/mod/{ZIP}")), place.gate("mod"), 60)
    assert "ext4" not in on_disk


def test_an_incident_of_the_network_begins_with_the_address_and_what_happened(place):
    said = words.retrying(diagnosed(NETWORK.format("https://proxy.test/a/@v/v1.zip")), place.gate(), 30)
    assert said.startswith("goshim: https://proxy.test/a/@v/v1.zip: i/o timeout")
    assert said.count("\n") == 1


def test_a_file_that_go_names_by_half_is_found_where_the_call_is(place, monkeypatch):
    gate = place.gate(directory="c/mod")
    monkeypatch.chdir("/")
    assert "9p" in words.retrying(diagnosed(held("go.sum")), gate, 60)


def test_a_wait_is_a_line_that_tells_what_for_and_how_long():
    said = words.waiting(diagnosed(held(f"/m/{ZIP}")), 3, 1.26, 7.4)
    assert said.startswith("goshim: ")
    assert "attempt 3 in 1.3 s" in said
    assert "7 s" in said
    assert "v1.0.0.zip" in said
    assert "\n" not in said


def test_a_lost_fight_names_file_class_attempts_time_and_remedy(place, call):
    path = f"{place.folder}/c/mod/{ZIP}"
    said = lost(diagnosed(held(path)), call, place.gate())
    assert said.startswith("goshim: go mod download failed")
    assert said.endswith("\n")
    for part in (path, "locked", "3 attempts", "12.3 s", "module cache on Linux's own disk", 'location = "native"'):
        assert part in said, part


@pytest.mark.parametrize(
    ("path", "cache", "mends"),
    [
        ("share/x.zip", "share", "go env -w GOMODCACHE"),
        ("mod/x.zip", "mod", "retry.lock_budget_s"),
        ("c/tmp/x", "mod", "retry.lock_budget_s"),
    ],
    ids=["share", "disk", "not in the cache"],
)
def test_the_remedy_of_a_lock_is_the_narrowest(place, call, path, cache, mends):
    said = lost(diagnosed(held(f"{place.folder}/{path}")), call, place.gate(cache))
    assert [each for each in ("native", "go env -w GOMODCACHE", "retry.lock_budget_s") if each in said] == [mends]


def test_who_holds_a_file_is_told_and_else_that_it_cant_be_seen(place, call):
    path = place.folder / "c/mod/x.zip"
    path.write_bytes(b"")
    nobody = lost(diagnosed(held(path)), call, place.gate())
    assert "can't be seen from here" in nobody
    child = python(HOLD, path)
    try:
        said = lost(diagnosed(held(path)), call, place.gate())
    finally:
        end(child)
    assert f"Held by process {child.pid} (" in said
    assert "can't be seen" not in said


def test_a_lost_network_says_that_later_helps(place, call):
    said = lost(diagnosed(NETWORK.format("https://proxy.test/a")), call, place.gate())
    for part in ("https://proxy.test/a", "network fault", "i/o timeout", "3 attempts", "retry.network_tries"):
        assert part in said, part


def test_a_remedy_that_is_known_takes_the_place_of_any_other(place, call):
    said = lost(diagnosed(held("/m/x"), again=False, remedy="Do this."), call, place.gate(), attempts=1)
    assert said == "goshim: Do this.\n"
    assert lost(diagnosed("x: unknown revision v1"), call, place.gate(), attempts=1) == ""


def test_nothing_is_said_of_an_error_of_no_known_kind_for_what_was_tried_again_is_over(place, call):
    assert lost(UNKNOWN, call, place.gate()) == ""


SECRETS = ["https://me:hunter2@proxy.test/a", "https://proxy.test/a?token=hunter2", "https://hunter2@proxy.test/a"]


@pytest.mark.parametrize("address", SECRETS)
def test_no_secret_of_an_address_is_said(place, call, address):
    diagnosis = diagnosed(NETWORK.format(address))
    said = words.retrying(diagnosis, place.gate(), 1) + words.waiting(diagnosis, 2, 1, 1)
    said += lost(diagnosis, call, place.gate())
    assert "hunter2" not in said
    assert "proxy.test" in said


def test_nothing_that_is_said_can_do_anything_to_a_terminal(place, call):
    odd = f"{place.folder}/c/mod/\x1b[31m\u202e/x.zip"
    for diagnosis in (diagnosed(held(odd)), diagnosed(NETWORK.format("https://h/\x1b[31m"))):
        said = [words.retrying(diagnosis, place.gate(), 1), words.waiting(diagnosis, 2, 1, 1)]
        said.append(lost(diagnosis, call, place.gate()))
        assert all(line.isprintable() for text in said for line in text.split("\n"))


@pytest.mark.parametrize("sign", ["disk-full", "disk-quota", "read-only", "file-held"])
def test_no_remedy_can_do_anything_to_a_terminal(place, sign, monkeypatch):
    monkeypatch.setattr("goshim.watch.probe.refusal", lambda _: 13)
    verdict = place.judge("c/mod/\x1b[31m/x.zip", sign)
    assert verdict.remedy
    assert verdict.remedy.isprintable()


def test_who_fails_without_a_word_gets_words(call):
    said = words.silent(call, 2)
    assert said.startswith("goshim: go mod download ended with exit code 2 and said nothing")
    assert "GOSHIM=off" in said
    killed = words.silent(call, -signal.SIGKILL)
    assert "SIGKILL" in killed
    assert "dmesg" in killed
    assert "dmesg" not in words.silent(call, -signal.SIGSEGV)


@pytest.mark.parametrize("number", [1, 11, signal.SIGRTMIN, signal.SIGRTMIN + 6, signal.SIGRTMAX, 99], ids=int)
def test_whatever_signal_ends_go_has_words(call, number):
    said = words.silent(call, -number)
    assert said.startswith("goshim: go mod download was ended by ")
    assert said.count("\n") == 1
