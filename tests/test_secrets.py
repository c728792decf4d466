from __future__ import annotations

import pytest

from goshim.secrets import mask, shown


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("HTTP_PROXY", "http://me:hunter2@proxy:3128", "http://me:***@proxy:3128"),
        ("HTTP_PROXY", "http://me:hunter2@proxy:3128/", "http://me:***@proxy:3128/"),
        ("HTTP_PROXY", "http://hunter2@proxy", "http://***@proxy"),
        ("GOPROXY", "https://a:hunter2@x/go,https://b:hunter2@y,direct", "https://a:***@x/go,https://b:***@y,direct"),
        ("HTTP_PROXY", "http://proxy:3128", "http://proxy:3128"),
        ("GOPROXY", "https://proxy.golang.org/a@b,direct", "https://***@b,direct"),
        ("HTTP_PROXY", "", ""),
        ("HTTP_PROXY", None, None),
        ("GITHUB_TOKEN", "hunter2", "***"),
        ("MY_API_KEY", "hunter2", "***"),
        ("npm_password", "hunter2", "***"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2", "***"),
        ("GIT_CREDENTIALS", "hunter2", "***"),
        ("SSH_PRIVATE_KEY", "hunter2", "***"),
        ("GITHUB_TOKEN", None, None),
        ("GOFLAGS", "-mod=mod", "-mod=mod"),
    ],
)
def test_a_secret_is_masked_and_nothing_else(name, value, masked):
    assert mask(name, value) == masked


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("http://me:hun@ter2@proxy:3128", id="an at sign in the password, which go and curl take"),
        pytest.param("me:hunter2@proxy:3128", id="without a scheme, for which go reads http"),
        pytest.param('"http://me:hunter2@proxy"', id="in quotes"),
        pytest.param("socks5://me:hunter2@proxy", id="socks"),
    ],
)
def test_no_part_of_a_password_is_shown(value):
    for text in (mask("HTTPS_PROXY", value), shown("HTTPS_PROXY", value)):
        assert text is not None
        assert "hun" not in text
        assert "ter2" not in text
        assert "proxy" in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "unset"),
        ("", "''"),
        ("/usr/bin", "/usr/bin"),
        ("a b", "a b"),
        (" a", "' a'"),
        ("0\r", r"'0\r'"),
        ("\x1b[31m", r"'\x1b[31m'"),
        ("/\udcff", r"'/\udcff'"),
        ("/home/\u5f20\u4e09", "/home/\u5f20\u4e09"),
    ],
)
def test_a_value_is_shown_so_that_a_person_sees_each_character(value, text):
    assert shown("PATH", value) == text
