"""How often and after which waits is tried again, and what ends it."""

from __future__ import annotations

import os
import time

import pytest

from tests.watch.made import held
from tests.watch.scripted import CHECKSUM, handshake, reset, unknown_host


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


def test_a_host_that_gave_something_is_not_said_to_refuse_handshakes(play, tmp_path):
    busy = "go: reading https://proxy.test/b/@v/v1.0.0.mod: 503 Service Unavailable\n"
    for ends in ([busy, handshake()], [busy + handshake()]):
        done = play(*ends)
        assert done.attempts >= 4
        assert "tlsmlkem" not in done.said
    came = tmp_path / "mod/cache/download/example.com/b/@v/v1.0.0.mod"
    came.parent.mkdir(parents=True)
    came.write_bytes(b"")
    for each in (came, came.parent):
        os.utime(each, (time.time() + 60,) * 2)
    at_one = handshake().replace("/@v/", "/example.com/a/@v/")
    assert play(at_one).attempts == 4


def test_what_a_server_asks_to_wait_is_waited(play):
    done = play(reset() + "\tserver response:\n\tRetry-After: 9\n", None)
    assert done.waits == [9]


def test_a_server_that_asks_for_more_than_the_budget_ends_it(play):
    done = play(reset() + "\tserver response:\n\tRetry-After: 31\n")
    assert (done.attempts, done.waits) == (1, [])
    assert play(reset() + "Retry-After: 31\n", None, network_budget_s=40).won


def test_a_fault_that_looks_new_each_time_has_an_end(play):
    texts = [
        f"go: example.com/m{number}@v1.0.0: reading https://p.test/x: 503 Service Unavailable\n"
        for number in range(200)
    ]
    done = play(*texts)
    assert not done.won
    assert done.attempts < 60
