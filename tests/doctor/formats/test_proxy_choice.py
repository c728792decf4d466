from __future__ import annotations

from goshim.doctor.formats.go_url import parse
from goshim.doctor.formats.proxy_choice import is_excepted, proxy_for
from tests.tables import for_each


@for_each(
    "variables, url, expected",
    [
        ({}, "https://a.com", ("", "")),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, "https://a.com", ("http://p:1", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "", "https_proxy": "q:2"}, "https://a.com", ("http://q:2", "https_proxy")),
        ({"HTTP_PROXY": "http://p:1"}, "https://a.com", ("", "")),
        ({"HTTP_PROXY": "http://p"}, "http://a.com", ("http://p:80", "HTTP_PROXY")),
        ({"HTTPS_PROXY": "http://me:pw@[fe80::1]:8"}, "https://a.com", ("http://me:pw@[fe80::1]:8", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "socks5://p"}, "https://a.com", ("socks5://p:1080", "HTTPS_PROXY")),
        ({"HTTPS_PROXY": "http://p:1", "no_proxy": "a.com"}, "https://a.com", ("", "")),
        ({"HTTPS_PROXY": "http://p:1"}, "https://localhost:8", ("", "")),
        ({"HTTPS_PROXY": "http://p:1"}, "https://127.0.0.9:8", ("", "")),
        ({"HTTPS_PROXY": "http://p:1\r"}, "https://a.com", ("", "")),
        ({"ALL_PROXY": "http://p:1"}, "https://a.com", ("", "")),
    ],
)
def test_the_proxy_is_the_one_that_go_takes(variables, url, expected):
    assert proxy_for(variables, parse(url)) == expected


@for_each(
    "entries, url, is_direct",
    [
        ("a.com", "https://a.com", True),
        ("a.com", "https://b.a.com", True),
        ("a.com", "https://ba.com", False),
        (".a.com", "https://a.com", False),
        (".a.com", "https://b.a.com", True),
        ("*.a.com", "https://b.a.com", True),
        ("*.a.com", "https://a.com", False),
        ("x, A.com ,y", "https://a.COM", True),
        ("a.com:443", "https://a.com", True),
        ("a.com:80", "https://a.com", False),
        ("*", "https://a.com", True),
        ("a.com;b.com", "https://a.com", False),
        ("10.0.0.0/8", "https://10.1.2.3", True),
        ("10.0.0.0/8", "https://11.1.2.3", False),
        ("10.0.0.0/8", "https://a.com", False),
        ("10.*", "https://10.1.2.3", False),
        ("10.1.2.3", "https://10.1.2.3", True),
        ("10.1.2.3:443", "https://10.1.2.3", True),
        ("10.1.2.3:80", "https://10.1.2.3", False),
        ("fd00::/8", "https://[fd00::1]", True),
        ("[fd00::1]:443", "https://[fd00::1]", True),
        ("fd00::1", "https://[fd00::1]", True),
        ("[fd00::1]", "https://[fd00::1]", False),
        ("<local>", "https://intranet", False),
        ("2.3", "https://10.1.2.3", False),
        (":80,/,", "https://a.com", False),
    ],
)
def test_exceptions_are_matched_as_by_go(entries, url, is_direct):
    assert is_excepted({"NO_PROXY": entries}, parse(url)) == is_direct
