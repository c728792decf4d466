from __future__ import annotations

import json

import pytest

from goshim.doctor.engine.look import Look, Options, UnknownError
from goshim.doctor.subjects.certificates import facts as certificates
from goshim.doctor.subjects.online import facts as online
from tests.doctor.authorities import LOCAL, debian, look_at_certificates, pem
from tests.doctor.described import look_at
from tests.machine import FolderMachine

NETWORK = Options(network=True)


def online_look(machine: FolderMachine, variables: dict[str, str] | None = None, **probes: object) -> Look:
    return look_at_certificates(machine, variables, options=NETWORK, probes=probes)


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        ("", ["https://proxy.golang.org/golang.org/x/text/@v/list"]),
        ("https://goproxy.cn,direct", ["https://goproxy.cn/golang.org/x/text/@v/list"]),
        ("https://go.corp/mod | http://10.0.0.1:8081/go,direct", ["https://go.corp/mod", "http://10.0.0.1:8081/go"]),
        ("go.corp/mod,direct", ["https://go.corp/mod"]),
        ("direct", []),
        ("off", []),
        ("file:///srv/mod,https://go.corp", ["https://go.corp"]),
        ("direct,https://never.asked", []),
        ("https://a\x7f,https://b.corp", ["https://b.corp"]),
    ],
)
def test_the_module_proxies_are_those_that_go_asks_by_the_network(machine, value, urls):
    found = look_at(machine, {"GOPROXY": value})(online.targets)
    assert [each.url for each in found] == urls


def test_the_default_is_that_of_the_toolchain_which_may_be_direct(machine):
    machine.toolchain("/usr/local/go")
    machine.write("/usr/local/go/go.env", "GOPROXY=direct\n")
    assert look_at(machine, {"PATH": "/usr/local/go/bin"})(online.targets) == ()


def test_a_bar_has_go_go_on_after_any_error(machine):
    found = look_at(machine, {"GOPROXY": "https://a.corp|https://b.corp,https://c.corp"})(online.targets)
    assert [each.yields for each in found] == [True, False, False]


def test_the_way_is_by_the_http_proxy_and_its_password_is_not_in_its_place(machine):
    [target] = look_at(machine, {"HTTPS_PROXY": "http://me:pw@p.corp:8080"})(online.targets)
    assert (target.via_place, target.variable, target.place) == ("p.corp:8080", "HTTPS_PROXY", "proxy.golang.org")


def test_nothing_is_asked_without_the_switch(machine):
    look = look_at(machine, probes={"network.fetch": [], "network.hello": [], "name_servers.ask": []})
    for fact in (online.fetches, online.greetings, online.name_servers):
        with pytest.raises(UnknownError, match="only with --network"):
            look(fact)
    assert not any("network." in subject or "name_servers." in subject for _, subject in look.host.answers)


def test_direct_leaves_nothing_to_ask(machine):
    with pytest.raises(UnknownError, match="names no module proxy"):
        online_look(machine, {"GOPROXY": "direct"})(online.fetches)


def test_what_is_asked_names_what_go_trusts_and_which_of_it_is_ones_own(machine):
    debian(machine, "Corp")
    look = online_look(machine, {"SSL_CERT_DIR": "/etc/ssl/certs:"}, **{"network.fetch": []})
    with pytest.raises(ValueError, match="zip"):
        look(online.fetches)
    [subject] = [json.loads(text) for kind, text in look.host.answers if kind == "probe" and "network.fetch" in text]
    asked = json.loads(subject[1])
    assert asked["files"] == list(certificates.FILES)
    assert asked["directories"] == ["/etc/ssl/certs"]
    assert asked["own"] == [x for x in look(certificates.trusted).fingerprints if x not in look(certificates.vendor)]
    assert asked["targets"] == [{"url": "https://proxy.golang.org/golang.org/x/text/@v/list", "via": ""}]


def test_elsewhere_ones_own_are_those_that_were_put_into_the_folder(machine):
    machine.write("/etc/ssl/cert.pem", pem("Public One") + pem("Corp"))
    machine.write(f"{LOCAL}/corp.crt", pem("Corp"))
    machine.write(f"{LOCAL}/not-yet.crt", pem("Other"))
    assert len(online_look(machine)(online.own)) == 1


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({}, "proxy.golang.org"),
        ({"GOPROXY": "https://go.corp:8443/mod"}, "go.corp"),
        ({"HTTPS_PROXY": "http://p.corp:3128"}, "p.corp"),
        ({"HTTPS_PROXY": "http://10.0.0.1:3128"}, "proxy.golang.org"),
        ({"HTTPS_PROXY": "http://127.0.0.1:3128"}, "proxy.golang.org"),
        ({"GOPROXY": "direct"}, "proxy.golang.org"),
    ],
)
def test_name_servers_are_asked_for_what_go_looks_up_first(machine, variables, name):
    assert look_at(machine, variables)(online.looked_up) == name


def test_three_name_servers_and_the_options_count(machine):
    machine.write(
        "/etc/resolv.conf",
        "# nameserver 9.9.9.9\nnameserver 1.1.1.1\nnameserver\t2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n"
        "options timeout:2 attempts:1\noptions use-vc\n",
    )
    look = online_look(machine, **{"name_servers.ask": []})
    assert look(online.name_servers) == ()
    [subject] = [
        json.loads(json.loads(text)[1]) for kind, text in look.host.answers if kind == "probe" and "ask" in text
    ]
    assert subject == {
        "servers": ["1.1.1.1", "2.2.2.2", "3.3.3.3"],
        "port": 53,
        "name": "proxy.golang.org",
        "tcp": True,
    }
    assert look(online.resolver_wait_s) == 2


def test_without_the_file_loopback_is_asked_with_five_seconds(machine):
    look = online_look(machine, **{"name_servers.ask": []})
    look(online.name_servers)
    assert any("127.0.0.1" in text for kind, text in look.host.answers if kind == "probe")
    assert look(online.resolver_wait_s) == 5


def test_the_interface_is_that_of_the_default_route(machine):
    assert look_at(machine)(online.interface) == ""
    machine.write(
        "/proc/net/route",
        "Iface\tDestination\tGateway\nlo\t0000007F\t00000000\t0001\neth7\t00000000\t0100A8C0\t0003\n",
    )
    assert look_at(machine)(online.interface) == "eth7"
