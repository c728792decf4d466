from __future__ import annotations

import json
import time

import pytest

from goshim.doctor.subjects.online import name_server_probe as name_servers
from tests.doctor.loopback import closed_port, name_server, resolved, serving
from tests.tables import for_each


@pytest.fixture
def hasty(monkeypatch):
    monkeypatch.setattr(name_servers, "LIMIT_S", 0.5)
    monkeypatch.setattr(name_servers, "_AGAIN_S", 0.15)


def ask(port, *servers, tcp=False, name="proxy.golang.org"):
    asked = {"servers": servers or ["127.0.0.1"], "port": port, "name": name, "tcp": tcp}
    return name_servers.ask(None, json.dumps(asked))  # type: ignore[arg-type] - it asks no host


def test_a_server_is_timed_and_asked_for_the_name():
    questions = []

    def answer(question):
        questions.append(question)
        time.sleep(0.06)
        return resolved(question)

    with name_server(answer) as port:
        [row] = ask(port)
    assert (row["error"], row["code"], row["answers"]) == ("", "", 1)
    assert row["ms"] >= 60
    assert questions[0][12:] == b"\x05proxy\x06golang\x03org\x00\x00\x01\x00\x01"


@for_each("code, told", [(2, "SERVFAIL"), (3, "NXDOMAIN"), (5, "REFUSED"), (9, "RCODE 9")])
def test_a_code_is_told(code, told):
    with name_server(lambda question: resolved(question, code)) as port:
        [row] = ask(port)
    assert (row["error"], row["code"], row["answers"]) == ("", told, 0)


def test_a_silent_server_is_given_up_in_time_and_a_refusal_is_told_at_once(hasty):
    began_s = time.monotonic()
    with name_server(lambda _: None) as port:
        silent, other = ask(port, "127.0.0.1", "127.0.0.2")
    assert time.monotonic() - began_s < 2.5
    assert silent["error"] == "no answer within 0.5 s"
    assert other["error"] == "connection refused"
    assert ask(closed_port())[0]["error"] == "connection refused"


def test_a_lost_packet_is_sent_again(hasty):
    questions = []

    def answer(question):
        questions.append(question)
        return resolved(question) if len(questions) > 1 else None

    with name_server(answer) as port:
        assert ask(port)[0]["error"] == ""


def test_an_answer_to_another_question_is_not_taken(hasty):
    with name_server(lambda question: bytes([question[0] ^ 1]) + resolved(question)[1:]) as port:
        assert ask(port)[0]["error"] == "no answer within 0.5 s"


def test_by_tcp_an_answer_may_come_in_parts():
    def handle(connection):
        question = connection.recv(4096)[2:]
        answer = resolved(question)
        connection.sendall(len(answer).to_bytes(2, "big"))
        time.sleep(0.02)
        connection.sendall(answer)

    with serving(handle) as port:
        [row] = ask(port, tcp=True)
    assert (row["error"], row["answers"]) == ("", 1)


def test_what_is_no_address_is_told():
    [row] = ask(53, "not-an-address")
    assert row["error"]
