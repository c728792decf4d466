from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
import time

import pytest

from goshim.watch import stall
from goshim.watch.stall import Watcher, _address, family, what_for
from tests.tables import for_each
from tests.watch.holding import WAIT
from tests.watch.made import end, python, until

SHORT_S = 0.2

IDLE = "import time; print('ready', flush=True); time.sleep(60)"
WRITING = (
    "import os, time; print('ready', flush=True); file = os.open('/dev/null', 1)\n"
    "while True: os.write(file, b'x'); time.sleep(0.01)"
)
BUSY = "print('ready', flush=True)\nwhile True: pass"
CONNECTED = (
    "import socket, sys; s = socket.create_connection((sys.argv[1], int(sys.argv[2]))); print('ready', flush=True);"
    "s.recv(1)"
)
CONNECTING = (
    "import socket, sys; s = socket.socket(); s.setblocking(False); s.connect_ex((sys.argv[1], int(sys.argv[2])));"
    "print('ready', flush=True); import time; time.sleep(60)"
)


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    monkeypatch.setattr(stall, "STALL_S", SHORT_S)


def watch(child: subprocess.Popen[bytes], seconds: float = 10.0) -> tuple[list[str], bool]:
    """What is told of a process until it stands still, or for so many seconds, and whether it stood still then."""
    told: list[str] = []
    watcher = Watcher(told.append)
    deadline, stands = time.monotonic() + seconds, False
    while time.monotonic() < deadline and not stands:
        stands = watcher.look(child.pid)
        time.sleep(SHORT_S / 10)
    return told, stands


@for_each("script", [WRITING, BUSY])
def test_who_works_does_not_stand_still(script):
    child = python(script)
    try:
        assert watch(child, 2 * SHORT_S) == ([], False)
    finally:
        end(child)


def test_who_does_nothing_is_told_of_once_with_the_time():
    child = python(IDLE)
    told: list[str] = []
    watcher = Watcher(told.append)
    try:
        assert until(lambda: watcher.look(child.pid))
        assert watcher.look(child.pid)
        assert watcher.look(child.pid)
    finally:
        end(child)
    assert told == ["for 0 s go has neither read nor written anything: " + what_for([0])]


def test_before_the_time_is_over_nothing_is_told():
    child = python(IDLE)
    try:
        assert watch(child, SHORT_S / 4) == ([], False)
    finally:
        end(child)


def test_who_works_again_is_given_the_whole_time_again():
    child = python(IDLE.replace("time.sleep(60)", "input()\nwhile True: pass"), stdin=subprocess.PIPE)
    told: list[str] = []
    watcher = Watcher(told.append)
    try:
        assert until(lambda: watcher.look(child.pid))
        child.stdin.write(b"\n")
        child.stdin.close()
        time.sleep(SHORT_S / 3)
        assert not watcher.look(child.pid)
        assert len(told) == 1
    finally:
        end(child)


def test_a_look_that_comes_far_too_late_is_none(monkeypatch):
    child = python(IDLE)
    try:
        watcher = Watcher(pytest.fail)
        watcher.look(child.pid)
        time.sleep(1.5 * SHORT_S)
        assert not watcher.look(child.pid)
    finally:
        end(child)


def test_the_work_of_a_grandchild_counts():
    parent = "import subprocess, sys; p = subprocess.Popen([sys.executable, '-c', sys.argv[1]]); p.wait()"
    busy = python(parent, BUSY)
    try:
        assert len(until(lambda: family(busy.pid) if len(family(busy.pid)) > 1 else None)) == 2
        assert watch(busy, 2 * SHORT_S) == ([], False)
    finally:
        for number in reversed(family(busy.pid)):
            os.kill(number, 9)
        end(busy)


def test_a_program_that_is_waited_for_is_told():
    child = python(
        "import subprocess, sys; p = subprocess.Popen(['/bin/sleep', '60']); print('ready', flush=True); p.wait()"
    )
    try:
        tree = family(child.pid)
        assert len(tree) == 2
        assert until(lambda: "sleep 60" in what_for(tree))
        assert what_for(tree) == f"it waits for process {tree[1]} (sleep 60)"
    finally:
        os.kill(family(child.pid)[-1], 9)
        end(child)


def test_a_lock_that_is_waited_for_is_told(tmp_path):
    path = tmp_path / "x.lock"
    with path.open("a") as mine:
        fcntl.flock(mine, fcntl.LOCK_EX)
        child = python(WAIT, path, "flock")
        try:
            told, stands = watch(child)
        finally:
            end(child)
    assert stands
    assert len(told) == 1
    assert f": it waits for the lock {path}, held by process {os.getpid()} (" in told[0]


@for_each("kind, host", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_a_server_that_says_nothing_is_told(kind, host):
    with socket.socket(kind) as server:
        server.bind((host, 0))
        server.listen()
        child = python(CONNECTED, host, server.getsockname()[1])
        peer, _ = server.accept()
        try:
            shown = f"[{host}]" if ":" in host else host
            expected = f"it waits for an answer from {shown}:{server.getsockname()[1]}, which took the connection"
            assert what_for([child.pid]).startswith(expected)
        finally:
            end(child)
            peer.close()


def full_server() -> tuple[socket.socket, list[socket.socket]]:
    """A server that takes no more connections, and those that fill it."""
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen(0)
    filling = []
    for _ in range(3):
        each = socket.socket()
        each.setblocking(False)
        each.connect_ex(server.getsockname())
        filling.append(each)
    time.sleep(0.02)
    return server, filling


def test_a_server_that_does_not_take_the_connection_is_told():
    server, filling = full_server()
    port = server.getsockname()[1]
    child = python(CONNECTING, "127.0.0.1", port)
    try:
        assert what_for([child.pid]) == f"it waits for a connection to 127.0.0.1:{port}"
    finally:
        end(child)
        for each in (server, *filling):
            each.close()


def test_of_many_addresses_two_are_named():
    assert stall._list(["a", "b", "a", "c", "d"]) == "a and b and 2 more"
    assert stall._list(["a", "a"]) == "a"
    assert stall._list(["a", "b"]) == "a and b"


def test_what_is_gone_has_no_family_and_stands_still_without_a_fault():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    assert family(child.pid) == [child.pid]
    assert what_for([child.pid]) == "it waits, and not for a lock or a connection that can be seen"
    assert not Watcher(lambda _: None).look(child.pid)


LITTLE = [
    ("0100007F:0050", "127.0.0.1:80"),
    ("00000000:0000", "0.0.0.0:0"),
    ("0102A8C0:01BB", "192.168.2.1:443"),
    ("0000000000000000FFFF00000100007F:1F90", "127.0.0.1:8080"),
    ("00000000000000000000000001000000:0050", "[::1]:80"),
    ("B80D01200000000000000000EFBEADDE:FFFF", "[2001:db8::dead:beef]:65535"),
]


@pytest.mark.parametrize(("field", "address"), LITTLE)
def test_an_address_of_the_kernels_table_is_read(monkeypatch, field, address):
    monkeypatch.setattr(stall.sys, "byteorder", "little")
    assert _address(field) == address


def test_an_address_is_read_on_a_machine_of_the_other_order(monkeypatch):
    monkeypatch.setattr(stall.sys, "byteorder", "big")
    assert _address("7F000001:0050") == "127.0.0.1:80"
    assert _address("20010DB80000000000000000DEADBEEF:0050") == "[2001:db8::dead:beef]:80"
