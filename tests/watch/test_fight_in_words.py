"""What a fight says, to the user and to the journal, and the signs of the user's own."""

from __future__ import annotations

import json

import pytest

from goshim.watch import fight as module
from goshim.watch import journal
from goshim.watch.fight import OWN_SIGNS
from tests.watch.made import held
from tests.watch.scripted import CHECKSUM, Scripted, reset


@pytest.mark.parametrize("ends", [["lock"], ["lock", CHECKSUM], ["lock", None]])
@pytest.mark.parametrize("options", [{"quiet": True}, {"silent": True}], ids=str)
def test_a_quiet_or_a_silent_call_says_nothing(play, ends, options):
    ends = [held(play.zip()) if each == "lock" else each for each in ends]
    done = play(*ends, lock_budget_s=0.3, **options)
    assert done.said == ""
    assert done.waits


@pytest.mark.parametrize(("options", "shown"), [({}, True), ({"quiet": True}, False), ({"silent": True}, False)])
def test_a_wait_is_shown_on_a_terminal_unless_nothing_may_be(play, monkeypatch, options, shown):
    asked = []

    class Progress:
        def __init__(self, _supervisor, *, shown):
            asked.append(shown)

        def wait(self, seconds, text):
            assert text(seconds).startswith("goshim: ")

    monkeypatch.setattr(module, "Progress", Progress)
    play(held(play.zip()), None, **options)
    assert asked == [shown]


def test_nothing_of_a_silent_attempt_is_shown(play):
    assert play(held(play.zip()), "new\n", silent=True).shown == b""
    assert play(held(play.zip()), held(play.zip()) + "new\n").shown == b"new\n"


def test_a_fight_that_is_lost_ends_with_words_of_it(play):
    done = play(held(play.zip()), lock_budget_s=0.5)
    first, *rest = done.said.splitlines()
    assert "trying again" in first
    assert any(f"{done.attempts} attempts" in line for line in rest)
    assert any(f"{sum(done.waits):.1f} s" in line for line in rest)


def test_a_signal_ends_it_without_a_word(play, monkeypatch):
    real = Scripted.run

    def interrupted(self, call, **options):
        self.forwarded = 2
        return real(self, call, **options)

    monkeypatch.setattr(Scripted, "run", interrupted)
    done = play(held(play.zip()))
    assert done.attempts == 2
    assert done.said.count("\n") == 1


def own(tmp_path, text: str, directory: str = "") -> None:
    path = tmp_path / directory / OWN_SIGNS
    path.parent.mkdir(parents=True)
    path.write_text(text)


SIGN = '[[sign]]\nid = "mine"\nclass = "{}"\nmatch = "^frob"\n'


def test_the_users_own_signs_count(play, tmp_path):
    assert play("frob\n").attempts == 1
    own(tmp_path, SIGN.format("network"))
    assert play("frob\n", None).won


@pytest.mark.parametrize("text", ["[[sign", SIGN.format("bad"), SIGN.format("lock").replace("^frob", "(")])
def test_signs_that_are_none_are_told_and_goshims_own_count(play, tmp_path, text):
    own(tmp_path, text)
    done = play(reset(), None)
    assert done.won
    assert done.said.startswith(f"goshim: {tmp_path}/{OWN_SIGNS}: ")
    assert done.said.count(OWN_SIGNS) == 1


def test_signs_that_cant_be_read_are_told(play, tmp_path):
    (tmp_path / OWN_SIGNS).mkdir(parents=True)
    done = play(reset(), None)
    assert done.won
    assert OWN_SIGNS in done.said


@pytest.mark.parametrize("home", ["", ".", "relative"])
def test_signs_that_came_with_a_clone_do_not_count(play, tmp_path, monkeypatch, home):
    own(tmp_path, SIGN.format("network"), home)
    monkeypatch.chdir(tmp_path)
    assert play("frob\n", None, environment={"HOME": home}).attempts == 1


def test_each_incident_is_in_the_journal(play, tmp_path):
    play(held(play.zip("a")) + held(play.zip("b")), held(play.zip("b")), lock_budget_s=0.2)
    records = journal.read({"HOME": str(tmp_path)})
    found = {record["path"].rpartition("/")[2]: (record["class"], record["won"]) for record in records}
    assert found == {"a.zip": ("lock", True), "b.zip": ("lock", False)}
    assert all(record["verb"] == "mod download" for record in records)


def test_what_still_failed_beside_a_permanent_error_is_not_won(play, tmp_path):
    play(held(play.zip()), held(play.zip()) + CHECKSUM)
    outcomes = {record["path"]: record["won"] for record in journal.read({"HOME": str(tmp_path)})}
    assert outcomes[play.zip()] is False


def test_what_is_unknown_is_not_in_the_journal(play, tmp_path):
    play("main.go:1:1: undefined: x\n")
    assert journal.read({"HOME": str(tmp_path)}) == []


def test_no_secret_of_an_address_is_said_or_kept(play, tmp_path):
    done = play(reset(host="me:hunter2@proxy.test") + reset(name="x?token=hunter2&y"))
    assert "hunter2" not in done.said
    assert "hunter2" not in json.dumps(journal.read({"HOME": str(tmp_path)}))
    assert journal.read({"HOME": str(tmp_path)})
