from __future__ import annotations

import pytest

from goshim.doctor.engine.check import Check
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.engine.look import Options
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.online import packet_checks as packets
from tests.doctor.described import look_at
from tests.machine import FolderMachine

NETWORK = Options(network=True)
BOTH = (packets.dns, packets.mtu)


def judged(check: Check, machine: FolderMachine, probe: str, rows: object, **variables: str) -> Verdict:
    return judge(check, look_at(machine, variables, options=NETWORK, probes={probe: rows}))


def commands(verdict: Verdict) -> list[str]:
    return [each.command for each in verdict.remedies]


@pytest.mark.parametrize("check", BOTH, ids=lambda check: check.id)
def test_nothing_is_said_without_the_switch(machine, check):
    verdict = judge(check, look_at(machine))
    assert (verdict.status, verdict.summary) == ("skip", "only with --network")


@pytest.mark.parametrize(
    ("check", "probe"), [(packets.dns, "name_servers.ask"), (packets.mtu, "network.hello")], ids=["dns", "mtu"]
)
def test_a_probe_that_fails_is_skipped_with_the_reason(machine, check, probe):
    verdict = judged(check, machine, probe, OSError("no sockets here"))
    assert (verdict.status, "no sockets here" in verdict.summary) == ("skip", True)


def server(address: str, time_ms: float = 12.0, code: str = "", answers: int = 2, error: str = "") -> dict[str, object]:
    return {"server": address, "ms": time_ms, "code": code, "answers": answers, "error": error}


def silent(address: str) -> dict[str, object]:
    return server(address, 0.0, error="no answer within 2.5 s", answers=0)


def asked(machine: FolderMachine, *rows: object, **variables: str) -> Verdict:
    return judged(packets.dns, machine, "name_servers.ask", list(rows), **variables)


@pytest.mark.parametrize(
    ("rows", "status", "summary"),
    [
        ((server("1.1.1.1"),), "ok", "1.1.1.1 answers after 12 ms"),
        ((server("1.1.1.1"), server("2.2.2.2")), "ok", "1.1.1.1 answers after 12 ms"),
        ((server("1.1.1.1", code="NXDOMAIN", answers=0),), "ok", "1.1.1.1 answers after 12 ms"),
        ((server("1.1.1.1"), silent("2.2.2.2")), "info", "the first name server answers, 1 further do not"),
        (
            (silent("1.1.1.1"), server("2.2.2.2")),
            "warn",
            "1.1.1.1, the first name server, says nothing: each lookup waits 5 s for it",
        ),
        (
            (server("1.1.1.1", error="connection refused"), server("2.2.2.2")),
            "info",
            "1.1.1.1, the first name server, is passed over: connection refused",
        ),
        ((server("1.1.1.1", 1800.0),), "warn", "1.1.1.1, the first name server, takes 1800 ms"),
        ((server("1.1.1.1", code="SERVFAIL"),), "warn", "no name server has an answer for proxy.golang.org"),
        ((server("1.1.1.1", code="SERVFAIL"), server("2.2.2.2")), "ok", "1.1.1.1 answers after 12 ms"),
        ((silent("1.1.1.1"), silent("2.2.2.2")), "fail", "no name server answers"),
    ],
)
def test_name_servers_are_judged_as_go_asks_them(machine, rows, status, summary):
    verdict = asked(machine, *rows)
    assert (verdict.status, verdict.summary) == (status, summary)


@pytest.mark.parametrize(
    "variables",
    [{"HTTPS_PROXY": "http://10.0.0.1:8"}, {"GOPROXY": "https://10.0.0.1/go"}, {"GOPROXY": "https://go.corp"}],
)
def test_no_name_server_is_no_failure_where_go_looks_nothing_up(machine, variables):
    machine.write("/etc/hosts", "127.0.0.1 localhost\n10.0.0.1\tother Go.Corp # ours\n")
    assert asked(machine, silent("1.1.1.1"), **variables).status == "info"


def test_a_comment_in_the_hosts_file_is_no_entry(machine):
    machine.write("/etc/hosts", "#10.0.0.1 go.corp\n10.0.0.1 x # go.corp \n")
    assert asked(machine, silent("1.1.1.1"), GOPROXY="https://go.corp").status == "fail"


def test_wsls_tunnel_is_named_and_windows_left_out(machine):
    machine.become_wsl()
    verdict = asked(machine, silent("10.255.255.254"), server("1.1.1.1"))
    assert verdict.evidence == (
        "10.255.255.254 (WSL's DNS tunnel): no answer within 2.5 s",
        "1.1.1.1: 2 addresses after 12 ms",
    )
    assert commands(verdict) == ["wsl.exe --shutdown", "dnsTunneling=false"]


def test_elsewhere_the_server_that_answers_is_named_first(machine):
    [remedy] = asked(machine, silent("1.1.1.1"), server("2.2.2.2")).remedies
    assert (remedy.text, remedy.command) == ("name 2.2.2.2 first there", "sudoedit /etc/resolv.conf")


def hello(kind: str = "", size_bytes: int = 1533, step: str = "tls", error: str = "late") -> dict[str, object]:
    told: dict[str, object] = {"step": step, "kind": kind, "error": error if kind else "", "bytes": size_bytes}
    return told | {"times_ms": {} if kind else {"tls": 50.0}, "mtu": 1500}


def greeted(machine: FolderMachine, small: str = "", large: str = "", in_parts: str = "", **more: str) -> Verdict:
    rows = [hello(small, 289), hello(large, **more), hello(in_parts)]
    return judged(packets.mtu, machine, "network.hello", rows)


def test_a_large_client_hello_that_gets_through_is_well(machine):
    verdict = greeted(machine)
    assert verdict.status == "ok"
    assert verdict.summary == "a ClientHello of 1533 bytes gets through, in packets of up to 1500 bytes"


def test_a_box_that_cannot_take_two_packets_is_told_with_what_go_can_do(machine):
    verdict = greeted(machine, large="reset", in_parts="reset")
    assert verdict.status == "warn"
    assert "a box on the way can't take two packets" in verdict.summary
    assert commands(verdict) == ["export GODEBUG=tlsmlkem=0", "export GODEBUG=tlskyber=0", ""]
    assert verdict.evidence[0] == "small: 289 bytes, answered after 50 ms"


def test_large_packets_that_are_lost_are_told_with_the_interface(machine):
    machine.write("/proc/net/route", "Iface\tDestination\neth3\t00000000\t0100A8C0\n")
    verdict = greeted(machine, large="timeout")
    assert verdict.status == "warn"
    assert verdict.summary == "large packets are lost on the way: the MTU of eth3, 1500 bytes, is too large for it"
    assert commands(verdict) == ["sudo ip link set dev eth3 mtu 1280", "sudo sysctl -w net.ipv4.tcp_mtu_probing=1"]


def test_a_connection_that_ends_once_is_no_alarm(machine):
    assert greeted(machine, large="reset").status == "info"


def test_no_connection_at_all_is_another_checks_matter(machine):
    assert greeted(machine, "reset", "reset", "reset").status == "skip"
    assert greeted(machine, large="timeout", in_parts="timeout", step="connect").status == "skip"
