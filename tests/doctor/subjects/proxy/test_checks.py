"""Checks of HTTP proxies."""

from __future__ import annotations

import pytest

from goshim.doctor.engine.finding import Edit
from goshim.doctor.machine import registry
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.proxy import address_check as proxy_address
from goshim.doctor.subjects.proxy import checks as proxy
from goshim.doctor.subjects.proxy import loopback_check as proxy_loopback
from goshim.doctor.subjects.proxy import no_proxy_check as no_proxy
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import REG, TEXT, WORD, asked, printed
from tests.machine import HOME, LAUNCHER, FolderMachine

NAT = {"/bin/wslinfo --networking-mode -n": b"nat\n"}
MIRRORED = {"/bin/wslinfo --networking-mode -n": b"mirrored\n"}
HEAD = "  sl  local_address rem_address   st\n"
ROUTES = (
    "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
    "eth0\t00000000\t01601CAC\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
)
LOCAL = "http://127.0.0.1:7890"


def both(upper: str, value: str) -> dict[str, str]:
    return {upper: value, upper.lower(): value}


def listen(machine: FolderMachine, *lines: str, path: str = "/proc/net/tcp") -> None:
    text = "".join(f"   {number}: {line} 00000000:00000000\n" for number, line in enumerate(lines))
    machine.write("/proc/net/tcp", HEAD)
    machine.write(path, HEAD + text)


def become_nat(machine: FolderMachine) -> None:
    machine.become_wsl()
    machine.program("/bin/wslinfo")
    machine.write("/proc/net/route", ROUTES)
    listen(machine)


def with_launcher(machine: FolderMachine) -> dict[str, str]:
    machine.program("/shim/go", LAUNCHER)
    machine.toolchain("/usr/local/go")
    return {"PATH": "/shim:/usr/local/go/bin"}


# Where they come from


def test_without_a_proxy_nothing_is_to_be_told_of_its_source(machine: FolderMachine):
    assert judge(proxy.proxy_source, look_at(machine)).status == "ok"


def test_what_wsl_hands_over_is_told_by_both_cases_being_alike_and_no_line_setting_them(machine: FolderMachine):
    machine.become_wsl()
    variables = {**both("HTTPS_PROXY", "http://proxy:8080"), "WSL_PAC_URL": "http://wpad/wpad.dat"}
    verdict = judge(proxy.proxy_source, look_at(machine, variables))
    assert verdict.status == "info"
    assert all("autoProxy" in line for line in verdict.evidence)
    assert len(verdict.evidence) == 3


def test_the_line_whose_value_it_is_is_its_source(machine: FolderMachine):
    machine.become_wsl()
    machine.write(f"{HOME}/.profile", "export https_proxy=http://old:1\n")
    machine.write(f"{HOME}/.bashrc", "# proxy\nexport https_proxy='http://proxy:8080'\n")
    verdict = judge(proxy.proxy_source, look_at(machine, {"https_proxy": "http://proxy:8080"}))
    assert verdict.evidence == (f"https_proxy=http://proxy:8080: {HOME}/.bashrc:2",)


def test_an_entry_of_wslenv_is_a_source(machine: FolderMachine):
    machine.become_wsl()
    variables = {"HTTPS_PROXY": "http://proxy:8080", "WSLENV": "HTTPS_PROXY:USERPROFILE/p"}
    assert "WSLENV, entry HTTPS_PROXY" in judge(proxy.proxy_source, look_at(machine, variables)).evidence[0]


@pytest.mark.parametrize("is_wsl", [True, False])
def test_a_line_that_must_be_expanded_is_a_source_only_as_it_seems(machine: FolderMachine, is_wsl):
    if is_wsl:
        machine.become_wsl()
    machine.write(f"{HOME}/.bashrc", 'export HTTPS_PROXY="http://$HOST:8080"\n')
    verdict = judge(proxy.proxy_source, look_at(machine, {"HTTPS_PROXY": "http://proxy:8080"}))
    assert verdict.evidence[0].endswith(f"{HOME}/.bashrc:1, it seems")


def test_outside_wsl_a_proxy_of_no_known_line_is_not_said_to_be_windows(machine: FolderMachine):
    verdict = judge(proxy.proxy_source, look_at(machine, both("HTTPS_PROXY", "http://proxy:8080")))
    assert "Windows" not in "".join(verdict.evidence)


def test_a_password_is_not_shown(machine: FolderMachine):
    verdict = judge(proxy.proxy_source, look_at(machine, {"HTTPS_PROXY": "http://me:hunter2@proxy:8080"}))
    assert "hunter2" not in str(verdict)


# Upper and lower case, http and https


@pytest.mark.parametrize(
    "variables",
    [
        {},
        both("HTTPS_PROXY", "http://proxy:8080"),
        {"HTTPS_PROXY": "http://proxy:8080", "https_proxy": "proxy:8080/"},
        {"HTTPS_PROXY": "http://proxy:8080"},
        {**both("HTTP_PROXY", "http://proxy:8080"), **both("HTTPS_PROXY", "http://Proxy:8080")},
        {**both("HTTPS_PROXY", "http://p:1"), "NO_PROXY": "a.b, c.d", "no_proxy": "c.d,a.b"},
    ],
)
def test_spellings_of_one_proxy_agree(machine: FolderMachine, variables):
    assert judge(proxy.proxy_conflict, look_at(machine, variables)).status == "ok"


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY"])
def test_two_values_are_told_with_who_reads_which(machine: FolderMachine, name):
    verdict = judge(proxy.proxy_conflict, look_at(machine, {name: "one:1", name.lower(): "two:2"}))
    assert verdict.status == "warn"
    assert verdict.evidence[0].startswith(f"go reads {name}=one:1")
    assert verdict.evidence[1].startswith(f"git and curl read {name.lower()}=two:2")
    assert verdict.remedies[0].command == f'export {name.lower()}="${name}"'


def test_under_wsl_the_launcher_makes_them_agree(machine: FolderMachine):
    machine.become_wsl()
    variables = {**with_launcher(machine), "HTTPS_PROXY": "http://one:1", "https_proxy": "http://two:2"}
    assert judge(proxy.proxy_conflict, look_at(machine, variables)).status == "info"


def test_outside_wsl_the_launcher_does_not_and_the_alarm_stays(machine: FolderMachine):
    variables = {**with_launcher(machine), "HTTPS_PROXY": "http://one:1", "https_proxy": "http://two:2"}
    assert judge(proxy.proxy_conflict, look_at(machine, variables)).status == "warn"


@pytest.mark.parametrize(
    "variables",
    [
        {"http_proxy": "http://proxy:1"},
        {"all_proxy": "socks5://proxy:1"},
        {"HTTP_PROXY": "http://one:1", "HTTPS_PROXY": "http://two:2"},
    ],
)
def test_what_may_be_meant_so_is_told_without_alarm(machine: FolderMachine, variables):
    assert judge(proxy.proxy_conflict, look_at(machine, variables)).status == "info"


# Addresses


@pytest.mark.parametrize(
    "value", ["http://proxy:8080", "proxy:8080", "proxy.corp.example", "socks5h://[::1]:1080", "https://me:p%40@proxy/"]
)
def test_an_address_that_go_reads_is_well(machine: FolderMachine, value):
    assert judge(proxy_address.proxy_url, look_at(machine, {"HTTPS_PROXY": value})).status == "ok"


@pytest.mark.parametrize(
    ("value", "status", "told"),
    [
        ('"http://proxy:8080"', "fail", '"http'),
        ("http://proxy:8080 ", "fail", "go takes http for the proxy's host"),
        ("http://", "fail", "go takes http for"),
        ("http//proxy:8080", "fail", "go takes http for"),
        ("http:proxy:8080", "fail", "no host"),
        ("http://DOM\\me:pw@proxy:8080", "fail", "\\ as %5C"),
        ("http://me:p#w@proxy:8080", "fail", "# as %23"),
        ("DIRECT", "fail", "DIRECT"),
        ("http://proxy:99999", "fail", "no port 99999"),
        ("http://proxy:8080\r", "warn", "goes direct"),
        (" http://proxy:8080", "warn", "goes direct"),
        ("http=proxy:1;https=proxy:2", "warn", "goes direct"),
        ("http://me:p%w@proxy:8080", "warn", "goes direct"),
        ("PROXY proxy:8080", "warn", "goes direct"),
        ("socks4://proxy:1080", "warn", "plain HTTP"),
    ],
)
def test_what_go_makes_of_an_address_that_it_cannot_read_is_told(machine: FolderMachine, value, status, told):
    verdict = judge(proxy_address.proxy_url, look_at(machine, {"HTTPS_PROXY": value}))
    assert verdict.status == status
    assert told in verdict.evidence[0]
    assert verdict.remedies[0].command.startswith("export HTTPS_PROXY=http://")


def test_a_broken_proxy_for_http_alone_stops_no_download(machine: FolderMachine):
    variables = {"HTTP_PROXY": "http://", "HTTPS_PROXY": "http://proxy:8080"}
    assert judge(proxy_address.proxy_url, look_at(machine, variables)).status == "warn"


def test_what_is_around_the_address_is_stripped_in_the_line_that_sets_it(machine: FolderMachine):
    machine.write(f"{HOME}/.bashrc", "#\r\nexport HTTPS_PROXY=http://proxy:8080\r\n")
    verdict = judge(proxy_address.proxy_url, look_at(machine, {"HTTPS_PROXY": "http://proxy:8080\r"}))
    assert verdict.remedies[0].command == "export HTTPS_PROXY=http://proxy:8080"
    line = "export HTTPS_PROXY=http://proxy:8080"
    assert verdict.remedies[0].edits == (Edit(f"{HOME}/.bashrc", 2, f"{line}\r", line),)


def test_a_line_of_the_system_is_not_edited(machine: FolderMachine):
    machine.write("/etc/environment", "HTTPS_PROXY=http://proxy:8080\r\n")
    verdict = judge(proxy_address.proxy_url, look_at(machine, {"HTTPS_PROXY": "http://proxy:8080\r"}))
    assert verdict.remedies[0].edits == ()


def test_what_the_launcher_mends_is_no_alarm(machine: FolderMachine):
    variables = {**with_launcher(machine), "HTTPS_PROXY": '"http://proxy:8080"'}
    assert judge(proxy_address.proxy_url, look_at(machine, variables)).status == "info"


def test_what_the_launcher_does_not_mend_stays_one(machine: FolderMachine):
    variables = {**with_launcher(machine), "HTTPS_PROXY": "http://DOM\\me@proxy:8080 "}
    assert judge(proxy_address.proxy_url, look_at(machine, variables)).status == "fail"


# Loopback


def test_no_proxy_on_loopback_asks_nothing(machine: FolderMachine):
    assert judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": "http://proxy:1"})).status == "ok"


@pytest.mark.parametrize(
    ("value", "path", "line"),
    [
        (LOCAL, "/proc/net/tcp", "0100007F:1ED2 00000000:0000 0A"),
        (LOCAL, "/proc/net/tcp", "00000000:1ED2 00000000:0000 0A"),
        (LOCAL, "/proc/net/tcp6", f"{'0' * 32}:1ED2 {'0' * 32}:0000 0A"),
        (LOCAL, "/proc/net/tcp6", f"0000000000000000FFFF00000100007F:1ED2 {'0' * 32}:0000 0A"),
        ("localhost:7890", "/proc/net/tcp", "0100007F:1ED2 00000000:0000 0A"),
        ("localhost:7890", "/proc/net/tcp6", f"{'0' * 24}01000000:1ED2 {'0' * 32}:0000 0A"),
        ("http://[::1]:7890", "/proc/net/tcp6", f"{'0' * 24}01000000:1ED2 {'0' * 32}:0000 0A"),
    ],
)
def test_where_something_listens_all_is_well(machine: FolderMachine, value, path, line):
    become_nat(machine)
    listen(machine, line, path=path)
    verdict = judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": value}, commands=NAT))
    assert verdict.status == "ok"


@pytest.mark.parametrize(
    "line",
    [
        "0100007F:1ED3 00000000:0000 0A",
        "0100007F:1ED2 0100007F:9C40 01",
        "0200007F:1ED2 00000000:0000 0A",
        "0101A8C0:1ED2 00000000:0000 0A",
    ],
)
def test_in_nat_mode_a_proxy_where_nothing_listens_is_dead(machine: FolderMachine, line):
    become_nat(machine)
    listen(machine, line)
    verdict = judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": LOCAL}, commands=NAT))
    assert verdict.status == "fail"
    assert "127.0.0.1:7890" in verdict.summary
    assert any("mode is nat" in line for line in verdict.evidence)
    assert "export HTTPS_PROXY=http://172.28.96.1:7890" in [each.command for each in verdict.remedies]
    assert "[wsl2]\nnetworkingMode=mirrored" in [each.command for each in verdict.remedies]


def test_the_line_that_sets_it_is_named_where_windows_own_settings_would_do(machine: FolderMachine):
    become_nat(machine)
    machine.write(f"{HOME}/.bashrc", f"export HTTPS_PROXY={LOCAL}\n")
    verdict = judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": LOCAL}, commands=NAT))
    assert f"{HOME}/.bashrc:1" in verdict.remedies[0].text


def test_for_http_alone_it_is_a_warning(machine: FolderMachine):
    listen(machine)
    assert judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"http_proxy": LOCAL})).status == "warn"


def test_on_plain_linux_the_remedy_is_to_start_it_or_do_without(machine: FolderMachine):
    listen(machine)
    verdict = judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": LOCAL}))
    assert verdict.status == "fail"
    assert [each.command.split()[0] for each in verdict.remedies] == ["unset"]


def test_no_proxy_for_everything_leaves_it_unused(machine: FolderMachine):
    listen(machine)
    assert (
        judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": LOCAL, "NO_PROXY": "a, *"})).status
        == "ok"
    )


def test_in_mirrored_mode_it_may_be_on_windows_and_nothing_is_guessed(machine: FolderMachine):
    become_nat(machine)
    verdict = judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": LOCAL}, commands=MIRRORED))
    assert verdict.status == "skip"
    assert "mirrored" in verdict.summary


def test_an_unknown_networking_mode_is_no_alarm(machine: FolderMachine):
    machine.become_wsl()
    listen(machine)
    verdict = judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": LOCAL}))
    assert verdict.status == "skip"
    assert "networking mode" in verdict.summary


def test_a_kernel_that_tells_no_listeners_is_no_alarm(machine: FolderMachine):
    assert judge(proxy_loopback.proxy_dead_loopback, look_at(machine, {"HTTPS_PROXY": LOCAL})).status == "skip"


def test_a_proxy_that_the_settings_drop_is_no_alarm(machine: FolderMachine):
    listen(machine)
    machine.write(f"{HOME}/.config/goshim/config.toml", '[proxy]\nmode = "drop"\n')
    variables = {**with_launcher(machine), "HTTPS_PROXY": LOCAL}
    assert judge(proxy_loopback.proxy_dead_loopback, look_at(machine, variables)).status == "info"


# Exceptions


@pytest.mark.parametrize(
    "value",
    [
        "localhost,127.0.0.1,::1,[::1]:80,.corp,*.corp,host:8080,10.0.0.0/8,fd00::/8",
        "*",
        " a.corp , b.corp\r",
        "10.1.2.3/8",
    ],
)
def test_entries_that_go_understands_are_well(machine: FolderMachine, value):
    assert judge(no_proxy.no_proxy_syntax, look_at(machine, {"HTTPS_PROXY": "p:1", "NO_PROXY": value})).status == "ok"


@pytest.mark.parametrize(
    "value",
    [
        "a;b",
        "10.*",
        "192.168.*.*",
        "https://a.corp",
        "a.corp b.corp",
        "*corp",
        '"a,b"',
        "10.0.0.0/255.0.0.0",
        "10.1.",
        "10.0.0.0/99",
    ],
)
def test_an_entry_that_matches_nothing_is_told(machine: FolderMachine, value):
    verdict = judge(no_proxy.no_proxy_syntax, look_at(machine, {"HTTPS_PROXY": "p:1", "NO_PROXY": value}))
    assert verdict.status == "warn"


def test_the_list_is_given_back_as_go_reads_it(machine: FolderMachine):
    variables = {"HTTPS_PROXY": "p:1", "NO_PROXY": "localhost;10.*;<local>"}
    verdict = judge(no_proxy.no_proxy_syntax, look_at(machine, variables))
    assert verdict.remedies[0].command.startswith("export NO_PROXY=localhost,10.0.0.0/8;")


def test_without_a_proxy_its_exceptions_matter_to_nobody(machine: FolderMachine):
    assert judge(no_proxy.no_proxy_syntax, look_at(machine, {"NO_PROXY": "10.*"})).status == "ok"


def test_windows_word_for_local_hosts_alone_is_no_alarm(machine: FolderMachine):
    variables = {"HTTPS_PROXY": "p:1", "NO_PROXY": "a.corp,<local>"}
    assert judge(no_proxy.no_proxy_syntax, look_at(machine, variables)).status == "info"


def test_under_wsl_the_launcher_mends_the_exceptions(machine: FolderMachine):
    machine.become_wsl()
    variables = {**with_launcher(machine), "HTTPS_PROXY": "http://p:1", "NO_PROXY": "a;10.*"}
    assert judge(no_proxy.no_proxy_syntax, look_at(machine, variables)).status == "info"


# A script of Windows'


def test_outside_wsl_there_is_no_script(machine: FolderMachine):
    assert judge(proxy.proxy_pac, look_at(machine)).status == "skip"


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({}, "ok"),
        ({"WSL_PAC_URL": "http://wpad/"}, "info"),
        ({"WSL_PAC_URL": "http://wpad/", **both("HTTP_PROXY", "http://p:1")}, "warn"),
        ({"WSL_PAC_URL": "http://wpad/", **both("HTTPS_PROXY", "http://p:1")}, "info"),
        (
            {"WSL_PAC_URL": "http://wpad/", **both("HTTP_PROXY", "http://p:1"), **both("HTTPS_PROXY", "http://p:1")},
            "info",
        ),
    ],
)
def test_only_a_script_of_which_https_was_not_told_is_an_alarm(machine: FolderMachine, variables, status):
    machine.become_wsl()
    assert judge(proxy.proxy_pac, look_at(machine, variables)).status == status


def test_the_launcher_gives_https_the_same(machine: FolderMachine):
    machine.become_wsl()
    variables = {**with_launcher(machine), "WSL_PAC_URL": "http://wpad/", "HTTP_PROXY": "http://p:1"}
    assert judge(proxy.proxy_pac, look_at(machine, variables)).status == "info"


@pytest.mark.parametrize(
    ("enabled", "status", "evidence"),
    [("0x1", "info", ("Windows: ProxyServer=proxy.corp.example:3128",)), ("0x0", "ok", ())],
)
def test_a_proxy_that_only_windows_uses_is_told(machine: FolderMachine, enabled, status, evidence):
    variables = make_interop(machine)
    machine.program(REG)
    settings = {"ProxyEnable": (WORD, enabled), "ProxyServer": (TEXT, "proxy.corp.example:3128")}
    keys = {(registry.LXSS, "/s"): {}, (registry.INTERNET_SETTINGS,): settings}
    commands = {asked(*words): printed({words[0]: values}).encode() for words, values in keys.items()}
    verdict = judge(proxy.proxy_source, look_at(machine, variables, commands=commands))
    assert (verdict.status, verdict.evidence) == (status, evidence)
