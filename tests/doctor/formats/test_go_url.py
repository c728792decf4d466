"""Addresses as Go reads them. What is expected here is what go 1.27.3 did with the value as HTTP_PROXY."""

from __future__ import annotations

import re

import pytest

from goshim.doctor.formats import go_url
from tests.tables import for_each

USED = ("http", "127.0.0.1", 18080)


@for_each(
    "value, expected",
    [
        ("http://127.0.0.1:18080", USED),
        ("127.0.0.1:18080", USED),
        ("HTTP://127.0.0.1:18080/ ", USED),
        ("user:p@ss@127.0.0.1:18080", USED),
        ("http://user:p@ss@127.0.0.1:18080", USED),
        ("ftp://127.0.0.1:18080", ("ftp", "127.0.0.1", 18080)),
        ("SOCKS5://127.0.0.1", ("socks5", "127.0.0.1", 1080)),
        ("[::1]:18080", ("http", "::1", 18080)),
        ("proxy.corp.example", ("http", "proxy.corp.example", 80)),
        ("http://127.0.0.1:18080 ", ("http", "http", 80)),
        ('"http://127.0.0.1:18080"', ("http", '"http', 80)),
        ("http://user:p#ss@127.0.0.1:18080", ("http", "http", 80)),
        ("http://user:a?b@127.0.0.1:18080", ("http", "http", 80)),
        ("http://user:p/ss@127.0.0.1:18080", ("http", "http", 80)),
        ("http://DOM\\user:pw@127.0.0.1:18080", ("http", "http", 80)),
        ("http://127.0.0.1:abc", ("http", "http", 80)),
        ("http:///", ("http", "http", 80)),
        ("http:/127.0.0.1:18080", ("http", "http", 80)),
        ("http:127.0.0.1:18080", ("http", "", 0)),
        ("//127.0.0.1:18080", ("http", "", 80)),
        ("https=foo:1", ("http", "https=foo", 1)),
        ("http://127.0.0.1:18080\r", None),
        (" http://127.0.0.1:18080", None),
        ("http://user:p%ss@127.0.0.1:18080", None),
        ("PROXY 127.0.0.1:18080", None),
        ("http=127.0.0.1:18080;https=127.0.0.1:18080", None),
        ("::1:18080", None),
    ],
)
def test_a_proxy_is_what_go_took_the_value_for(value, expected):
    found = go_url.parse_proxy(value)
    assert (found and (found.scheme, found.host, found.port)) == expected


@for_each(
    "value, words",
    [
        ("http://127.0.0.1:9 off", "invalid port after host"),
        ('"http://127.0.0.1:9"', "first path segment in URL cannot contain colon"),
        ("https://http:\\\\a.b", "invalid port after host"),
        ("http://a b/", 'invalid character " " in host name'),
        ("http://a%zz/", 'invalid URL escape "%zz"'),
        ("http://[::1", "missing ']' in host"),
        ("http://a[b]", "invalid IP-literal"),
        ("http://a\x7f", "net/url: invalid control character in URL"),
        (":9", "missing protocol scheme"),
        ("http://a<b>@c", "net/url: invalid userinfo"),
    ],
)
def test_where_go_stops_its_words_are_told(value, words):
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        go_url.parse(value)
