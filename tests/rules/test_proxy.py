from __future__ import annotations

import pytest

from tests.rules.facts_of import changed, ids
from tests.tables import for_each

PROXY, OTHER = "http://proxy:3128", "http://other:8080"
HTTP = ("HTTP_PROXY", "http_proxy")
HTTPS = ("HTTPS_PROXY", "https_proxy")
ALL = HTTP + HTTPS


@for_each("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "GOPROXY"])
@for_each(
    "before, after",
    [
        (f'"{PROXY}"', PROXY),
        (f"'{PROXY}'", PROXY),
        (f"{PROXY}\r", PROXY),
        (f" {PROXY}\n", PROXY),
        (f'" {PROXY} "\r', PROXY),
        ('""', None),
        ("\r", None),
        (PROXY, PROXY),
        ("", ""),
        ("proxy:3128", "proxy:3128"),
        ("http://me:p%22@proxy", "http://me:p%22@proxy"),
    ],
)
def test_what_stands_around_a_proxy_is_stripped(name, before, after):
    assert changed({name: before}) == ({} if before == after else {name: after})


@for_each("value", ["https://proxy.golang.org,direct", "direct", "off", "https://a|https://b, direct"])
def test_a_goproxy_that_go_understands_stays(value):
    assert changed({"GOPROXY": value}) == {}


@pytest.mark.parametrize(
    ("variables", "after"),
    [
        pytest.param({"HTTP_PROXY": PROXY}, {"http_proxy": PROXY}, id="only upper"),
        pytest.param({"http_proxy": PROXY}, {"HTTP_PROXY": PROXY}, id="only lower"),
        pytest.param({"HTTP_PROXY": PROXY, "http_proxy": OTHER}, {"http_proxy": PROXY}, id="upper wins"),
        pytest.param({"HTTP_PROXY": "", "http_proxy": OTHER}, {"HTTP_PROXY": OTHER}, id="empty does not"),
        pytest.param({"HTTPS_PROXY": PROXY, "https_proxy": OTHER}, {"https_proxy": PROXY}, id="https"),
        pytest.param({"no_proxy": "localhost"}, {"NO_PROXY": "localhost"}, id="exceptions"),
        pytest.param({"HTTP_PROXY": PROXY, "http_proxy": PROXY}, {}, id="agree"),
        pytest.param({"HTTP_PROXY": "", "http_proxy": ""}, {}, id="both empty"),
        pytest.param({"ALL_PROXY": PROXY}, {}, id="a variable go does not read"),
    ],
)
def test_under_wsl_upper_and_lower_case_agree(variables, after):
    assert changed(variables, wsl=True) == after
    assert changed(variables) == {}


@pytest.mark.parametrize(
    ("variables", "after"),
    [
        pytest.param({"http_proxy": PROXY, "HTTP_PROXY": PROXY}, dict.fromkeys(HTTPS, PROXY), id="only http"),
        pytest.param({**dict.fromkeys(HTTP, PROXY), **dict.fromkeys(HTTPS, OTHER)}, {}, id="both known"),
        pytest.param({}, {}, id="none known"),
    ],
)
def test_with_a_pac_https_gets_the_proxy_of_http(variables, after):
    assert changed({**variables, "WSL_PAC_URL": "http://pac/x.pac"}, wsl=True) == after
    assert changed({**variables, "WSL_PAC_URL": ""}, wsl=True) == {}
    assert changed({**variables, "WSL_PAC_URL": "http://pac/x.pac"}) == {}


@for_each(
    "before, after",
    [
        ("localhost;10.0.0.1", "localhost,10.0.0.1"),
        ("10.*", "10.0.0.0/8"),
        ("192.168.*", "192.168.0.0/16"),
        ("172.16.3.*", "172.16.3.0/24"),
        ("10.*.*.*", "10.0.0.0/8"),
        ("localhost,<local>", "localhost"),
        ("<local>", None),
        ("<local>;10.*;*.corp", "10.0.0.0/8,*.corp"),
        ("a,,b", "a,b"),
        ("localhost, .corp", "localhost, .corp"),
        ("*.corp,.corp,corp,10.0.0.0/8,*", "*.corp,.corp,corp,10.0.0.0/8,*"),
        ("10.*.3", "10.*.3"),
        ("300.*", "300.*"),
        ("10.\u00b2.*", "10.\u00b2.*"),
        ("", ""),
    ],
)
def test_under_wsl_exceptions_are_written_as_go_reads_them(before, after):
    both = {"NO_PROXY": before, "no_proxy": before}
    assert changed(both, wsl=True) == ({} if before == after else dict.fromkeys(both, after))
    assert changed(both) == {}


@for_each(
    "before, after",
    [
        (None, "localhost,.corp"),
        ("", "localhost,.corp"),
        ("example.com", "example.com,localhost,.corp"),
        ("localhost,example.com", "localhost,example.com,.corp"),
        ("localhost,.corp", "localhost,.corp"),
    ],
)
@for_each("wsl", [False, True])
def test_exceptions_of_the_config_are_added(wsl, before, after):
    both = {} if before is None else {"NO_PROXY": before, "no_proxy": before}
    found = changed(both, wsl=wsl, settings={"proxy": {"no_proxy": ["localhost", ".corp"]}})
    assert found == ({} if before == after else {"NO_PROXY": after, "no_proxy": after})


@for_each("wsl", [False, True])
def test_the_proxies_of_the_config_replace_what_was_inherited(wsl):
    inherited = dict.fromkeys(ALL, OTHER)
    assert changed(inherited, wsl=wsl, settings={"proxy": {"http": PROXY}}) == dict.fromkeys(HTTP, PROXY)
    assert changed(inherited, wsl=wsl, settings={"proxy": {"https": PROXY}}) == dict.fromkeys(HTTPS, PROXY)
    assert changed({}, wsl=wsl, settings={"proxy": {"https": PROXY}}) == dict.fromkeys(HTTPS, PROXY)


@for_each("wsl", [False, True])
def test_proxies_are_dropped_where_the_user_wants_so(wsl):
    inherited = {**dict.fromkeys(ALL, OTHER), "NO_PROXY": "x", "no_proxy": "x", "GOPROXY": "direct"}
    assert changed(inherited, wsl=wsl, settings={"proxy": {"mode": "drop"}}) == dict.fromkeys(ALL)
    mixed = changed(inherited, wsl=wsl, settings={"proxy": {"mode": "drop", "https": PROXY}})
    assert mixed == {**dict.fromkeys(HTTP), **dict.fromkeys(HTTPS, PROXY)}


def test_each_rule_is_named():
    pac = {"WSL_PAC_URL": "x", **dict.fromkeys(HTTP, PROXY)}
    assert ids({"HTTP_PROXY": f"{PROXY}\r"}) == {"proxy-url"}
    assert ids(pac, wsl=True) == {"proxy-https-missing"}
    assert ids({"HTTP_PROXY": PROXY}, wsl=True) == {"proxy-case"}
    assert ids({"NO_PROXY": "a;b", "no_proxy": "a;b"}, wsl=True) == {"no-proxy-syntax"}
    assert ids({}, settings={"proxy": {"http": PROXY}}) == {"proxy-setting"}
