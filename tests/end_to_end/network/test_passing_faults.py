"""Downloads over a bad network: what passes is fetched again; the faults and go are real."""

from __future__ import annotations

import pytest

from tests.end_to_end.module_proxy import Break, ModuleProxy
from tests.end_to_end.network.downloads import DOWNLOAD, ZIP, against, is_complete, needing

# The wire, the fault, the files it befalls, and what go 1.27 says of it.
PASSING = [
    ("http", "500", ZIP, "500 Internal Server Error"),
    ("http", "502", ZIP, "502 Bad Gateway"),
    ("http", "503", ZIP, "503 Service Unavailable"),
    ("http", "504", ZIP, "504 Gateway Timeout"),
    ("http", "429", ZIP, "429 Too Many Requests"),
    ("http", "429 with a header", ZIP, "429 Too Many Requests"),
    ("http", "503 in words", ZIP, "503 Service Unavailable\n\tserver response: checksum mismatch"),
    ("http", "reset", ZIP, 'm01/@v/v1.0.0.zip": read tcp '),
    ("http", "eof", ZIP, 'm01/@v/v1.0.0.zip": EOF'),
    ("http", "reset midway", ZIP, "read: connection reset by peer"),
    ("http", "truncated", ZIP, "unexpected EOF"),
    ("http", "502", "*/m01/*.info", "502 Bad Gateway"),
    ("http", "reset", "*/m01/*.mod", "connection reset by peer"),
    ("http", "truncated", "*/m01/*.info", "unexpected EOF"),
    ("http", "truncated", "*/m01/*.mod", "unexpected EOF"),
    ("tls", "reset midway", ZIP, "connection reset by peer"),
    ("tls", "truncated", ZIP, "unexpected EOF"),
    ("http2", "503", ZIP, "503 Service Unavailable"),
    ("http2", "stream error", ZIP, "INTERNAL_ERROR; received from peer"),
    ("http2", "stream error at the start", ZIP, "INTERNAL_ERROR; received from peer"),
    ("http2", "stream refused", ZIP, "REFUSED_STREAM; received from peer"),
    ("http2", "goaway", ZIP, "server sent GOAWAY and closed the connection"),
    ("http2", "goaway at the start", ZIP, "server sent GOAWAY and closed the connection"),
    ("http2", "reset midway", ZIP, "connection reset by peer"),
    ("http2", "truncated", ZIP, "unexpected EOF"),
]
NAMES = ["-".join((wire, fault, files.rpartition(".")[2])) for wire, fault, files, _ in PASSING]
WIRES = {"http": {}, "tls": {"tls": True}, "http2": {"http2": True}}


# The equipment: without goshim each of these faults costs the download.


@pytest.mark.parametrize("wire", WIRES)
def test_bare_go_downloads_all_where_nothing_breaks(user, wire):
    needed = needing(user)
    with ModuleProxy(needed, **WIRES[wire]) as proxy:
        assert user.bare(*DOWNLOAD, env=against(proxy, user)) == (b"", b"", 0)
    assert is_complete(user)
    assert (proxy.count(), proxy.spoiled) == (9, [])


@pytest.mark.parametrize(("wire", "fault", "files", "words"), PASSING, ids=NAMES)
def test_bare_go_gives_up_at_the_first_fault(user, wire, fault, files, words):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, files)], **WIRES[wire]) as proxy:
        done = user.bare(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, words in done.message) == (b"", 1, True)
    assert proxy.count(files) == 1
    assert not is_complete(user)


def test_bare_go_asks_again_by_itself_only_where_a_stream_is_refused_before_its_answer(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("stream refused at the start", ZIP)], http2=True) as proxy:
        assert user.bare(*DOWNLOAD, env=against(proxy, user)).code == 0
        assert proxy.count(ZIP) == 2


# What passes.


@pytest.mark.parametrize(("wire", "fault", "files", "words"), PASSING, ids=NAMES)
def test_a_fault_that_passes_costs_one_line(user, wire, fault, files, words):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, files)], **WIRES[wire]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code) == (b"", 0)
    assert is_complete(user)
    assert proxy.count(files) == 2
    before, ours, _ = done.message.partition("goshim: ")
    assert words in before
    assert (ours, len(done.ours)) == ("goshim: ", 1)


def test_nothing_is_said_where_nothing_breaks(user):
    needed = needing(user)
    with ModuleProxy(needed) as proxy:
        assert user.go(*DOWNLOAD, env=against(proxy, user)) == (b"", b"", 0)
    assert is_complete(user)
    assert not (user.home / ".local/state/goshim/journal.jsonl").exists()


def test_what_was_fetched_is_not_fetched_again(user):
    needed = needing(user, 8)
    with ModuleProxy(needed, [Break("reset midway", ZIP, times=2)]) as proxy:
        assert user.go(*DOWNLOAD, env=against(proxy, user)).code == 0
    assert {proxy.count(module.zip_path) for module in needed if module.name != "m01"} == {1}
    assert proxy.count(ZIP) == 3


def test_attempts_are_counted_anew_when_one_got_further(user):
    needed = needing(user, 6)
    breaks = [Break("503", module.zip_path, times=number) for number, module in enumerate(needed)]
    with ModuleProxy(needed, breaks) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), "GOSHIM_RETRY__NETWORK_TRIES": "2"})
    assert (done.out, done.code) == (b"", 0)
    assert [proxy.count(module.zip_path) for module in needed] == [1, 2, 3, 4, 5, 6]
