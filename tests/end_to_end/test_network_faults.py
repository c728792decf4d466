"""Downloads over a bad network: what passes is fetched again, what does not is told; the faults and go are real."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.ci_runs import ci_runs
from tests.end_to_end.generated_modules import modules, write_project
from tests.end_to_end.module_proxy import ALWAYS, Break, ModuleProxy

DOWNLOAD = ("mod", "download")
ZIP = "*/m01/*.zip"
FILLER = 20_000  # bytes that make a zip too large for one segment
CI_SEEDS = (1, 3, 5, 8, 17)  # at one in 60 each of them breaks files that `go test` needs
COUNTING_GO = """#!/bin/sh
echo "$*" >>{log}
exec {go} "$@"
"""
FLAKY_PROGRAM = """package main

import (
	_ "example.com/m01"
	"os"
)

func main() {
	log, _ := os.OpenFile(os.Args[1], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	log.WriteString("run\\n")
	os.Stderr.WriteString("go: x.test/y@v1.0.0: read \\"http://x.test/y.zip\\": read: connection reset by peer\\n")
	os.Exit(1)
}
"""

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


@pytest.fixture
def user(real, embedded_go, tmp_path):
    """A machine with the real go, an empty module cache, and retries that do not wait long."""
    real.env |= {
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOFLAGS": "-trimpath -modcacherw",
        "GONOSUMDB": "example.com",
        "GOSHIM_RETRY__FIRST_WAIT_S": "0.01",
        "GOSHIM_RETRY__MAX_WAIT_S": "0.05",
    }
    real.bare = lambda *args, **more: real.call(embedded_go, *args, **more)
    return real


@pytest.fixture
def calls(user, embedded_go):
    """Gives the calls of the real go so far."""
    log = user.root / "calls"
    directory = user.put(user.root / "counting/go", COUNTING_GO.format(log=log, go=embedded_go)).parent
    user.env["PATH"] = f"{user.bin}:{directory}:/usr/bin:/bin"
    return lambda: log.read_text().splitlines() if log.exists() else []


def against(proxy, user):
    """Settings that make go fetch from this proxy."""
    authority = {"SSL_CERT_FILE": proxy.write_authority(user.root / "authority.pem")} if proxy.tls else {}
    return {"GOPROXY": proxy.url, **authority}


def needing(user, count=3, packages=1):
    """Modules, and a project in the working directory that needs them."""
    needed = modules(count, FILLER)
    write_project(user.work, needed, packages)
    return needed


def told(done):
    """The lines that are goshim's own."""
    return [line for line in done.message.splitlines() if line.startswith("goshim: ")]


def last_words(done):
    """All that is said from goshim's last word on, but for what is go's."""
    lines = done.message.splitlines(keepends=True)
    ours = [number for number, line in enumerate(lines) if line.startswith("goshim: ")]
    return "".join(line for line in lines[ours[-1] :] if not line.startswith("go: ")) if ours else ""


def is_complete(user):
    """Whether all that the project needs is in the module cache, as go.sum has it."""
    bare = {"GOPROXY": "off", "GOFLAGS": ""}
    return [user.bare("mod", verb, env=bare).code for verb in ("download", "verify")] == [0, 0]


def documents(text):
    """The JSON values that follow each other in a text."""
    found, decoder = [], json.JSONDecoder()
    while text := text.lstrip():
        value, end = decoder.raw_decode(text)
        found.append(value)
        text = text[end:]
    return found


def incidents(user):
    """What the journal has."""
    return documents((user.home / ".local/state/goshim/journal.jsonl").read_text())


def how_it_ended(incident):
    """Whether the journal says that a fight was won, or lost."""
    assert isinstance(incident, dict)
    for outcome, other in (("won", "lost"), ("lost", "won")):
        if incident.get(outcome) is True or incident.get(other) is False or outcome in incident.values():
            return outcome
    return None


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
    assert (ours, len(told(done))) == ("goshim: ", 1)


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


def test_the_wait_that_a_server_asks_for_is_kept(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("429 in words", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
        first, second = proxy.times_s(ZIP)
    assert (done.code, len(told(done))) == (0, 1)
    assert second - first >= 1


def test_a_wait_beyond_the_budget_is_not_sat_out(user):
    needed = needing(user)
    start = time.monotonic()
    with ModuleProxy(needed, [Break("429 for long", ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), "GOSHIM_RETRY__NETWORK_BUDGET_S": "0.5"})
    assert (done.code, time.monotonic() - start < 10) == (1, True)


# What does not pass.


@pytest.mark.parametrize("fault", ["503", "429", "reset", "eof", "reset midway", "truncated"])
def test_a_fault_that_stays_is_given_up_with_gos_exit_code_and_a_paragraph(user, fault):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 4)
    words = last_words(done)
    assert "m01" in words or proxy.host in words
    assert "network" in words
    assert re.search(r"\b4\b|\bfour\b", words)
    assert re.search(r"\d\s*(?:ms|s|seconds?|milliseconds?)\b", words)
    assert words.endswith("\n")


@pytest.mark.parametrize("tries", [2, 6])
def test_so_many_tries_are_made_as_are_set(user, tries):
    needed = needing(user, 2)
    with ModuleProxy(needed, [Break("502", ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), "GOSHIM_RETRY__NETWORK_TRIES": str(tries)})
    assert (done.code, proxy.count(ZIP)) == (1, tries)


@pytest.mark.parametrize("setting", ["NETWORK_TRIES=0", "NETWORK_TRIES=1", "NETWORK_BUDGET_S=0"])
def test_nothing_is_tried_again_where_retries_are_off(user, setting):
    needed = needing(user)
    name, _, value = setting.partition("=")
    with ModuleProxy(needed, [Break("503", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), f"GOSHIM_RETRY__{name}": value})
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 1)
    assert "503 Service Unavailable" in done.message


@pytest.mark.parametrize(("times", "code"), [(1, 0), (ALWAYS, 1)], ids=["won", "lost"])
def test_quiet_retries_are_not_told(user, times, code):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", ZIP, times)]) as proxy:
        done = user.go(*DOWNLOAD, env={**against(proxy, user), "GOSHIM_RETRY__QUIET": "true"})
    assert (done.out, done.code) == (b"", code)
    assert proxy.count(ZIP) == (4 if code else 2)
    assert "503 Service Unavailable" in done.message
    assert "goshim" not in done.message


# What another attempt can't mend.


@pytest.mark.parametrize("fault", ["401", "403", "404", "404 in words", "407", "410"])
def test_a_refusal_is_not_asked_about_again(user, fault):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, ZIP, ALWAYS)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 1)
    assert f"v1.0.0.zip: {fault[:3]} " in done.message


def test_a_zip_with_another_checksum_is_fetched_exactly_once(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("forged", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, proxy.count(ZIP)) == (b"", 1, 1)
    assert "\nSECURITY ERROR\n" in done.message


def test_a_wrong_checksum_ends_a_fight_that_goes_on(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", "*/m00/*.mod"), Break("forged", ZIP)]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code) == (b"", 1)
    assert (proxy.count("*/m00/*.mod"), proxy.count(ZIP)) == (2, 1)
    assert "\nSECURITY ERROR\n" in done.message


@pytest.mark.parametrize("other", ["503", "reset", "truncated"])
def test_a_refusal_ends_it_whatever_else_broke(user, other):
    needed = needing(user)
    with ModuleProxy(needed, [Break("403", ZIP, ALWAYS), Break(other, "*/m02/*.zip")]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code) == (b"", 1)
    assert (proxy.count(ZIP), proxy.count("*/m02/*.zip")) == (1, 1)


def test_a_login_page_in_place_of_a_go_mod_is_a_wrong_checksum(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("html", "*/m01/*.mod")]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.code, proxy.count("*/m01/*.mod")) == (1, 1)
    assert "SECURITY ERROR" in done.message


def test_a_proxy_that_wants_a_login_is_asked_once(user):
    needed = needing(user, 1)
    for scheme in "http", "https":
        with ModuleProxy(needed, [Break("407", "*", ALWAYS)]) as proxy:
            env = {"GOPROXY": f"{scheme}://modules.test", f"{scheme.upper()}_PROXY": proxy.url}
            done = user.go(*DOWNLOAD, env=env)
        assert (done.code, proxy.count()) == (1, 1)
        assert "Proxy Authentication Required" in done.message
        assert told(done)


def test_a_certificate_that_is_not_trusted_gets_words_and_no_second_attempt(user, calls):
    needed = needing(user, 1)
    with ModuleProxy(needed, tls=True) as proxy:
        done = user.go(*DOWNLOAD, env={"GOPROXY": proxy.url})
    assert (done.out, done.code) == (b"", 1)
    assert (calls().count("mod download"), proxy.connections) == (1, 1)
    assert "x509: " in done.message
    assert "certificate" in last_words(done)


def test_a_proxy_on_this_machine_that_is_not_there_is_not_waited_for(user, calls):
    needed = needing(user, 1)
    with ModuleProxy(needed) as gone:
        pass
    done = user.go(*DOWNLOAD, env={"GOPROXY": gone.url})
    assert (done.code, calls().count("mod download")) == (1, 1)
    assert "connect: connection refused" in done.message
    assert told(done)


# Handshakes.


@pytest.mark.parametrize("how", ["reset", "eof"])
def test_a_handshake_that_breaks_once_is_tried_again(user, how):
    needed = needing(user, 1)
    with ModuleProxy(needed, tls=True, handshakes=[how]) as proxy:
        done = user.go(*DOWNLOAD, env=against(proxy, user))
    assert (done.out, done.code, len(told(done))) == (b"", 0, 1)
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
            seen = seen_on_stderr(process, b"no such host", 10)
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


# JSON.


@pytest.mark.parametrize(("arguments", "flags"), [(("-json",), ""), ((), " -json")])
def test_json_is_that_of_the_last_attempt_byte_for_byte(user, arguments, flags):
    needed = needing(user)
    user.env["GOFLAGS"] += flags
    with ModuleProxy(needed, [Break("reset midway", ZIP)]) as proxy:
        env = against(proxy, user)
        done = user.go(*DOWNLOAD, *arguments, env=env)
        assert done.code == 0
        assert (proxy.count(ZIP), len(told(done))) == (2, 1)
        assert done.out == user.bare(*DOWNLOAD, *arguments, env=env).out
    assert [each["Path"] for each in documents(done.text)] == [module.path for module in needed]


def test_json_of_a_lost_fight_has_each_module_once(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", ZIP, ALWAYS)]) as proxy:
        env = against(proxy, user)
        done = user.go(*DOWNLOAD, "-json", env=env)
        assert (done.code, proxy.count(ZIP)) == (1, 4)
        assert done.out == user.bare(*DOWNLOAD, "-json", env=env).out
    assert [each["Path"] for each in documents(done.text) if "Error" in each] == ["example.com/m01"]
    assert "network" in last_words(done)


# Waiting.


@contextlib.contextmanager
def started(user, *args, env):
    """A call that goes on meanwhile; it is killed at the end if need be."""
    # The handlers of this process are not passed on, that a signal is ignored would be.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [os.fspath(arg) for arg in (*user.shelter, user.launcher, *args)]
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=user.with_env(env), cwd=user.work, **pipes) as process:
        signal.signal(signal.SIGINT, before)
        try:
            yield process
        finally:
            process.kill()


def seen_on_stderr(process, expected, limit_s):
    """What a process shows until something that matches is seen, or the time is over."""
    seen, until = b"", time.monotonic() + limit_s
    while not re.search(expected, seen):
        if not select.select([process.stderr], [], [], max(0, until - time.monotonic()))[0]:
            break
        if not (chunk := os.read(process.stderr.fileno(), 65536)):
            break
        seen += chunk
    return seen


def children(process):
    """The processes that it started."""
    return [
        int(each) for path in Path(f"/proc/{process.pid}/task").glob("*/children") for each in path.read_text().split()
    ]


def is_gone(pid):
    """Whether a process has ended, be it that nobody asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return True


def dies_of_an_interrupt_with(process, others):
    """Interrupt a process alone; nothing of it must be left."""
    process.send_signal(signal.SIGINT)
    process.wait(timeout=10)
    until = time.monotonic() + 5
    while not all(is_gone(other) for other in others) and time.monotonic() < until:
        time.sleep(0.01)
    return process.returncode == -signal.SIGINT and all(is_gone(other) for other in others)


def test_errors_are_seen_while_the_next_attempt_is_waited_for(user):
    needed = needing(user)
    with (
        ModuleProxy(needed, [Break("429 for long", ZIP)]) as proxy,
        started(user, *DOWNLOAD, env=against(proxy, user)) as process,
    ):
        seen = seen_on_stderr(process, rb"goshim: .*\n", 10)
        assert seen.startswith(b"go: example.com/m01@v1.0.0: ")
        assert seen.count(b"goshim: ") == 1
        assert process.poll() is None
        assert proxy.count(ZIP) == 1
        assert dies_of_an_interrupt_with(process, children(process))


def test_a_server_that_does_not_answer_is_told_after_ten_seconds(user):
    needed = needing(user)
    start = time.monotonic()
    with (
        ModuleProxy(needed, [Break("stall", ZIP), Break("stall midway", "*/m02/*.zip")]) as proxy,
        started(user, *DOWNLOAD, env=against(proxy, user)) as process,
    ):
        seen = seen_on_stderr(process, rb"\n", 20)
        assert 9.5 < time.monotonic() - start < 20
        assert seen.startswith(b"goshim: ")
        assert (seen.count(b"\n"), proxy.host.encode() in seen) == (1, True)
        go = children(process)
        assert go
        assert dies_of_an_interrupt_with(process, go)
        assert process.communicate() == (b"", b"")
        assert proxy.count(ZIP) == 1


# Records and secrets.


@pytest.mark.parametrize(("times", "outcome"), [(1, "won"), (ALWAYS, "lost")], ids=["won", "lost"])
def test_each_fight_is_in_the_journal_and_the_history(user, times, outcome):
    needed = needing(user)
    with ModuleProxy(needed, [Break("reset midway", ZIP, times)]) as proxy:
        for _ in range(2):
            user.go(*DOWNLOAD, env=against(proxy, user))
            shutil.rmtree(user.env["GOMODCACHE"])
            proxy.forget()
    found = incidents(user)
    assert [how_it_ended(each) for each in found] == [outcome, outcome]
    assert all("network" in each.values() for each in found)
    listed = user.goshim("history", "--json")
    assert (listed.err, listed.code) == (b"", 0)
    shown = (
        listed.json if isinstance(listed.json, list) else next(v for v in listed.json.values() if isinstance(v, list))
    )
    assert [how_it_ended(each) for each in shown] == [outcome, outcome]


@pytest.mark.parametrize("login", ["me:hunter2", "hunter2"])
@pytest.mark.parametrize("fault", ["503", "reset midway", "403"])
def test_a_login_in_goproxy_is_neither_shown_nor_recorded(user, login, fault):
    needed = needing(user)
    with ModuleProxy(needed, [Break(fault, ZIP, ALWAYS)], tls=True) as proxy:
        env = {**against(proxy, user), "GOPROXY": proxy.url.replace("//", f"//{login}@")}
        done = user.go(*DOWNLOAD, env=env)
    assert done.code == 1
    assert "hunter2" not in "".join(told(done)) + last_words(done)
    assert (fault == "403") or told(done)
    kept = [path for place in (".local", ".cache", ".config") for path in (user.home / place).rglob("*")]
    assert not [path for path in kept if path.is_file() and b"hunter2" in path.read_bytes()]
    if ":" in login:
        assert "hunter2" not in done.message  # go itself shows a login that has no password


# CI.

VERBS = [
    ("build", "./..."),
    ("vet", "./..."),
    ("install", "."),
    ("get", "example.com/m01@v1.0.0"),
    ("mod", "tidy"),
    ("mod", "vendor"),
]


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_in_ci_whatever_downloads_and_runs_no_code_is_tried_again(user, verb):
    needed = needing(user, packages=2)
    with ModuleProxy(needed, [Break("reset midway", ZIP)]) as proxy:
        done = user.go(*verb, env={**against(proxy, user), "CI": "true", "GOBIN": user.root / "made"})
    assert (done.out, done.code, len(told(done))) == (b"", 0, 1)
    assert proxy.count(ZIP) == 2
    assert "connection reset by peer" in done.message


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_elsewhere_only_mod_download_is_tried_again(user, verb):
    needed = needing(user, packages=2)
    with ModuleProxy(needed, [Break("503", ZIP)]) as proxy:
        done = user.go(*verb, env={**against(proxy, user), "GOBIN": user.root / "made"})
    assert (done.out, done.code, told(done), proxy.count(ZIP)) == (b"", 1, [], 1)


def test_a_build_that_runs_a_program_of_the_callers_is_made_once(user):
    needed = needing(user)
    with ModuleProxy(needed, [Break("503", ZIP)]) as proxy:
        done = user.go("build", "-toolexec=env", env={**against(proxy, user), "CI": "true"})
    assert (done.code, proxy.count(ZIP)) == (1, 1)


def test_a_program_is_run_once_whatever_it_says(user):
    needed = needing(user, 2)
    (user.work / "main.go").write_text(FLAKY_PROGRAM)
    log = user.root / "log"
    with ModuleProxy(needed, [Break("reset", ZIP)]) as proxy:
        done = user.go("run", ".", log, env={**against(proxy, user), "CI": "true"})
    assert (done.out, done.code) == (b"", 1)
    assert log.read_text() == "run\n"
    assert "connection reset by peer" in done.message


def test_in_ci_a_test_finds_its_modules_fetched(user):
    needed = needing(user, 4, packages=2)
    before = [(user.work / name).read_bytes() for name in ("go.mod", "go.sum")]
    with ModuleProxy(needed, [Break("503", ZIP, times=2)]) as proxy:
        done = user.go("test", "./...", env={**against(proxy, user), "CI": "true"})
    assert (done.code, done.text.count("ok  \t")) == (0, 2)
    assert "503" not in done.message
    assert proxy.count(ZIP) == 3
    assert [(user.work / name).read_bytes() for name in ("go.mod", "go.sum")] == before


def test_what_was_fetched_for_a_test_is_not_asked_for_again_until_go_mod_changes(user, calls):
    needed = needing(user, 2)
    with ModuleProxy(needed) as proxy:
        env = {**against(proxy, user), "CI": "true"}

        def lists():
            assert user.go("test", "./...", env=env).code == 0
            return sum(call.startswith("list ") for call in calls())

        assert [lists(), lists()] == [1, 1]
        with (user.work / "go.mod").open("a") as file:
            file.write("// changed\n")
        assert lists() == 2


def test_a_module_that_can_not_be_had_does_not_harm_the_tests_without_it(user):
    needed = needing(user, 2, packages=2)  # part01 needs m01
    with ModuleProxy(needed, [Break("404", ZIP, ALWAYS)]) as proxy:
        env = {**against(proxy, user), "CI": "true"}
        done = user.go("test", "./part00", env=env)
        assert (done.code, done.text[:5]) == (0, "ok  \t")
        assert "404" not in done.message
        lost, bare = user.go("test", "./...", env=env), user.bare("test", "./...", env=env)
    assert lost.code == bare.code == 1
    assert re.findall("(?m)^FAIL.*", lost.text) == re.findall("(?m)^FAIL.*", bare.text)
    assert lost.message == bare.message


def test_ci_jobs_on_a_bad_network_fail_without_goshim_and_pass_with_it(user, embedded_go):
    environment = {name: user.env[name] for name in ("GOCACHE", "LANG")}
    bare = ci_runs([embedded_go], user.root / "bare", {**environment, "PATH": "/usr/bin:/bin"}, CI_SEEDS, packages=1)
    assert [run.code for run in bare] == [1] * len(CI_SEEDS)
    quick = {name: value for name, value in user.env.items() if name.startswith("GOSHIM_")}
    environment |= {"PATH": user.env["PATH"], **quick}
    runs = ci_runs([user.launcher], user.root / "through", environment, CI_SEEDS, packages=1)
    assert [(run.seed, run.code) for run in runs] == [(seed, 0) for seed in CI_SEEDS]
    assert all(run.broken for run in runs)
