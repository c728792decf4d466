"""Handshakes that break, names that nobody knows, and no network at all."""

from __future__ import annotations

import os
import time

import pytest

from tests.end_to_end.module_proxy import Break, ModuleProxy
from tests.end_to_end.network.downloads import DOWNLOAD, against, is_complete, last_words, needing, started
from tests.end_to_end.supervised import read_until


@pytest.mark.parametrize("how", ["reset", "eof"])
def test_a_handshake_that_breaks_once_is_tried_again(user, how):
    needed = needing(user, 1)
    with ModuleProxy(needed, tls=True, handshakes=[how]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, len(done.ours)) == (b"", 0, 1)
    assert is_complete(user)


@pytest.mark.parametrize("how", ["reset", "eof", "stall"])  # where one stalls, go waits for ten seconds each time
def test_a_handshake_that_breaks_twice_is_explained(user, calls, how):
    needed = needing(user, 1)
    with ModuleProxy(needed, tls=True, handshakes=[how] * 99) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code) == (b"", 1)
    assert (calls().count("mod download"), proxy.connections) == (2, 2)
    words = last_words(done)
    assert "ClientHello" in words
    assert "GODEBUG=tlsmlkem=0" in words
    assert "127.0.0.1" in words


@pytest.mark.parametrize("files", ["*/m01/*.info", "*/m01/*.mod"])
def test_a_connection_that_ends_is_no_refused_handshake_where_the_host_gave_other_files(user, files):
    needed = needing(user)
    with ModuleProxy(needed, [Break("eof", files, times=3)], tls=True) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, len(done.ours)) == (b"", 0, 1)
    assert proxy.count(files) == 4
    assert is_complete(user)


# Names and routes: in namespaces of the test's own, which need root or a kernel that lends it.


@pytest.fixture
def apart(user, program):
    """Puts a machine's calls into namespaces of their own, or skips: gives a function of unshare's options."""

    def enter(options, *rest):
        for form in (options, f"{options}r"):
            user.shelter = [program("unshare"), f"-{form}", *rest]
            if user.call(program("true")).code == 0:
                return
        user.shelter = []
        pytest.skip("no namespaces to be had here")

    return enter


@pytest.fixture
def names(user, apart, program):
    """The file that has all names there are for the machine: no resolver is asked."""
    for needed in "/etc/nsswitch.conf", "/etc/hosts":
        if not os.path.exists(needed):
            pytest.skip(f"no {needed} here to put another over")
    order = user.put(user.root / "nsswitch.conf", "hosts: files\n")
    known = user.put(user.root / "hosts", "127.0.0.1 localhost\n")
    over = f'{program("mount")} --bind "$0" /etc/nsswitch.conf && {program("mount")} --bind "$1" /etc/hosts'
    apart("m", program("bash"), "-pc", f'{over} && shift && exec "$@"', order, known)
    return known


def test_a_name_that_nobody_knows_is_looked_up_once_more_after_a_second(user, calls, names):
    needing(user, 1)
    start = time.monotonic()
    done = user.go(*DOWNLOAD, env={"GOPROXY": "http://modules.invalid"})
    assert (done.out, done.code, calls().count("mod download")) == (b"", 1, 2)
    assert 1 <= time.monotonic() - start < 10
    assert "lookup modules.invalid: no such host" in done.message
    assert "modules.invalid" in last_words(done)


def test_a_name_that_is_known_a_moment_later_is_found(user, names):
    needed = needing(user, 1)
    with ModuleProxy(needed) as proxy:
        env = {"GOPROXY": proxy.url.replace("127.0.0.1", "modules.test")}
        with started(user, *DOWNLOAD, env=env) as process:
            seen = read_until(process.stderr.fileno(), b"no such host", 10)
            with names.open("a") as file:
                file.write("127.0.0.1 modules.test\n")
            seen += process.communicate(timeout=20)[1]
    assert b"no such host" in seen
    assert process.returncode == 0
    assert is_complete(user)


def test_without_a_network_the_first_error_is_the_last(user, calls, apart):
    needing(user, 1)
    apart("n")
    start = time.monotonic()
    done = user.go(*DOWNLOAD, env={"GOPROXY": "http://192.0.2.1"})
    assert (done.out, done.code, calls().count("mod download")) == (b"", 1, 1)
    assert time.monotonic() - start < 5
    assert "network is unreachable" in done.message
