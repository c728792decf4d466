from __future__ import annotations

import json

import pytest

from goshim.watch import fight as module
from goshim.watch import journal
from goshim.watch.fight import OWN_SIGNS, Fight
from tests.watch.made import held, make_call, make_ended

HOST = "proxy.test"


def reset(name: str = "a", host: str = HOST) -> str:
    return f"go: reading https://{host}/{name}/@v/v1.0.0.zip: read tcp 10.0.0.1:5000->10.0.0.2:443: i/o timeout\n"


def unknown_host(name: str = "a") -> str:
    return f'go: Get "https://{HOST}/{name}/@v/v1.0.0.zip": dial tcp: lookup {HOST}: no such host\n'


def handshake(name: str = "a", host: str = HOST) -> str:
    return f'go: Get "https://{host}/{name}/@v/v1.0.0.zip": net/http: TLS handshake timeout\n'


CHECKSUM = "verifying example.com/a@v1.0.0: checksum mismatch\n"


class Scripted:
    """A supervisor whose attempts end as they are told to, and that keeps what it was asked to say and to wait."""

    def __init__(self, ends: list[str | None]) -> None:
        self.ends = ends
        self.runs = 0
        self.waits: list[float] = []
        self.said = ""
        self.shown = b""
        self.forwarded = 0
        self.before_stop = None

    def run(self, _call, *, relay, **_):
        text = self.ends[min(self.runs, len(self.ends) - 1)]
        self.runs += 1
        if relay is not None and text:
            self.shown += relay(text.encode()) + relay(b"")
        return make_ended(text or "", 0 if text is None else 1)

    def wait(self, seconds):
        self.waits.append(seconds)

    def say(self, text):
        self.said += text


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Plays a fight in which attempts end with these texts, the last of them for ever; None is an attempt that won."""
    monkeypatch.setattr("random.uniform", lambda _, high: high)
    monkeypatch.setattr("goshim.watch.diagnosis.is_offline", lambda: False)
    (tmp_path / "mod/cache/download").mkdir(parents=True)

    def run(*ends, silent=False, **options):
        environment = {"GOMODCACHE": f"{tmp_path}/mod", **options.pop("environment", {})}
        call = make_call(directory=tmp_path, environment=environment, **{"locks": "always", **options})
        if silent:
            call.enter = str(tmp_path)
        first, *others = ends
        supervisor = Scripted(others or [first])
        fight = Fight(supervisor, call, make_ended(first), lambda _: False)
        fight.go_on()
        supervisor.attempts = supervisor.runs + 1
        supervisor.won = fight.last.ended.code == 0
        return supervisor

    run.zip = lambda name="a": f"{tmp_path}/mod/cache/download/{name}.zip"
    return run


def test_a_lock_that_passes_is_won_with_one_line(play):
    done = play(held(play.zip()), held(play.zip()), None)
    assert done.won
    assert done.attempts == 3
    assert done.said.count("\n") == 1
    assert done.said.startswith(f"goshim: {play.zip()} ")


def test_waits_for_a_lock_double_from_the_first_to_the_longest(play):
    done = play(held(play.zip()), lock_budget_s=20)
    assert done.waits[:8] == pytest.approx([0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5, 5])
    assert sum(done.waits) == pytest.approx(20)
    assert not done.won


def test_waits_for_the_network_are_longer(play):
    done = play(reset(), network_tries=100)
    assert done.waits[:4] == pytest.approx([1, 2, 4, 5])
    assert sum(done.waits) == pytest.approx(30)


def test_the_budget_counts_waiting_only_and_not_attempts(play):
    done = play(held(play.zip()), lock_budget_s=1, first_wait_s=0.01, max_wait_s=0.01)
    assert done.attempts == 101
    assert sum(done.waits) == pytest.approx(1)


@pytest.mark.parametrize("tries", [2, 4, 7])
def test_the_network_is_tried_so_often(play, tries):
    assert play(reset(), network_tries=tries, network_budget_s=3600).attempts == tries


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("network", {"network_tries": 0}),
        ("network", {"network_tries": 1}),
        ("network", {"network_budget_s": 0.0}),
        ("lock", {"lock_budget_s": 0.0}),
    ],
)
def test_nothing_is_tried_again_where_that_is_turned_off(play, text, options):
    done = play(reset() if text == "network" else held(play.zip()), **options)
    assert (done.attempts, done.waits) == (1, [])
    assert "trying" not in done.said


def test_one_budget_does_not_eat_the_other(play):
    done = play(held(play.zip()), reset(), network_tries=0)
    assert done.attempts == 2
    done = play(reset(), held(play.zip()), lock_budget_s=0.0)
    assert done.attempts == 2


def test_a_permanent_error_ends_it_at_once(play):
    assert play(CHECKSUM).attempts == 1
    done = play(held(play.zip()), CHECKSUM)
    assert done.attempts == 2
    assert "checksum" in done.said


@pytest.mark.parametrize("text", ["", "main.go:1:1: undefined: x\n"])
def test_what_is_unknown_is_not_tried_again_and_nothing_is_said(play, text):
    done = play(text)
    assert (done.attempts, done.waits, done.said) == (1, [], "")


def test_what_becomes_unknown_ends_it(play):
    assert play(held(play.zip()), "main.go:1:1: undefined: x\n").attempts == 2


def test_who_gets_further_has_the_whole_budget_again(play):
    names = "abcdefgh"
    ends = ["".join(reset(each) for each in names[at:]) for at in range(len(names))]
    done = play(*ends, None)
    assert done.won
    assert done.attempts == len(names) + 1
    slow = [end for end in ends for _ in range(3)]
    assert play(*slow, None).won


def test_who_gets_further_waits_little_again(play):
    both, one = held(play.zip("a")) + held(play.zip("b")), held(play.zip("b"))
    done = play(both, both, both, both, one, one, None)
    assert done.waits == pytest.approx([0.1, 0.2, 0.4, 0.8, 0.1, 0.2])


def test_what_fails_in_turn_has_an_end(play):
    done = play(*[reset(name) for name in "abababababababababab"], network_tries=3)
    assert not done.won
    assert done.attempts <= 3 + 3 + 3
    done = play(*[held(play.zip(name)) for _ in range(1000) for name in "ab"], lock_budget_s=3)
    assert not done.won
    assert sum(done.waits) <= 3 * 3


def test_locks_and_network_in_turn_have_an_end(play):
    ends = [text for _ in range(1000) for text in (held(play.zip()), reset())]
    done = play(*ends, lock_budget_s=1, first_wait_s=0.1)
    assert not done.won
    assert sum(done.waits) <= 31


def test_a_name_that_is_not_known_is_asked_for_once_more_after_a_second(play):
    done = play(unknown_host())
    assert (done.attempts, done.waits) == (2, [1.0])


@pytest.mark.parametrize("before", [1, 2])
def test_the_tries_of_a_sign_count_its_own_failures(play, before):
    done = play(*[reset()] * before, unknown_host(), None)
    assert done.won


def test_a_file_that_is_just_being_deleted_is_one_of_many_that_are_held(play):
    being_deleted = held(play.zip(), "no such file or directory")
    done = play(held(play.zip()), held(play.zip()), being_deleted, held(play.zip()), None)
    assert done.won


def test_a_handshake_that_fails_twice_at_one_host_is_explained_and_not_tried_again(play):
    done = play(handshake())
    assert done.attempts == 2
    assert "tlsmlkem=0" in done.said


def test_a_handshake_that_fails_at_another_host_or_after_progress_is_no_second_one(play):
    assert play(handshake(host="one.test"), handshake(host="two.test"), None).won
    assert play(handshake("a") + handshake("b"), handshake("b"), None).won
    assert play(handshake(), reset(), None).won


def test_what_a_server_asks_to_wait_is_waited(play):
    done = play(reset() + "\tserver response:\n\tRetry-After: 9\n", None)
    assert done.waits == [9]


def test_a_server_that_asks_for_more_than_the_budget_ends_it(play):
    done = play(reset() + "\tserver response:\n\tRetry-After: 31\n")
    assert (done.attempts, done.waits) == (1, [])
    assert play(reset() + "Retry-After: 31\n", None, network_budget_s=40).won


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
