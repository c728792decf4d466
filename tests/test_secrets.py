from __future__ import annotations

import pytest

from goshim.secrets import mask, scrub, shown


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


@pytest.mark.parametrize(
    ("line", "scrubbed"),
    [
        ("reading https://me:hunter2@proxy.test/a/@v/v1.zip: EOF", "reading https://***@proxy.test/a/@v/v1.zip: EOF"),
        ('Get "https://hunter2@proxy.test/a": EOF', 'Get "https://***@proxy.test/a": EOF'),
        ("https://me:hun@ter2@proxy.test/a", "https://***@proxy.test/a"),
        ("http://a:hunter2@x/1 and http://b:hunter2@y/2", "http://***@x/1 and http://***@y/2"),
        ("git fetch ssh://git@host/x", "git fetch ssh://***@host/x"),
        ("https://x/a?token=hunter2", "https://x/a?token=***"),
        ("https://x/a?b=1&access_token=hunter2&c=3", "https://x/a?b=1&access_token=***&c=3"),
        ("https://x.blob/a?sv=2024&sig=hunter2%3D&se=1", "https://x.blob/a?sv=2024&sig=***&se=1"),
        ("https://x/a?Signature=hunter2&Expires=1", "https://x/a?Signature=***&Expires=1"),
        ("with ghp_hunter2hunter2hunter2: 401", "with ***: 401"),
        ("glpat-hunter2hunter2", "***"),
        ("Bearer eyJhbGciOi.eyJzdWIi.hunter2", "Bearer ***"),
    ],
)
def test_a_line_of_gos_is_shown_without_what_is_secret_in_it(line, scrubbed):
    assert scrub(line) == scrubbed


@pytest.mark.parametrize(
    "line",
    [
        "",
        "go: reading https://proxy.golang.org/github.com/a/b/@v/v1.0.0.zip: 404 Not Found",
        "verifying example.com/a@v1.0.0: checksum mismatch",
        "rename /m/cache/download/x@v1/a196250.tmp /m/x: permission denied",
        "git@github.com: Permission denied (publickey).",
        "https://proxy.test:8080/a/@v/v1.zip",
        "go: keyring@v1.0.0: monkey=1 tokens",
        "go: downloading github.com/aws/aws-sdk-go v1.55.0",
    ],
)
def test_a_line_without_a_secret_stays_as_it_is(line):
    assert scrub(line) == line


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('invalid proxy address "http://me:hunt/hunter2@proxy:3128"', id="a slash in a password"),
        pytest.param("https://s3/x?X-Amz-Credential=A&X-Amz-Signature=hunter2", id="signed by AWS"),
        pytest.param("https://s3/x?X-Amz-Security-Token=hunter2", id="token of AWS"),
        pytest.param("https://storage/x?X-Goog-Signature=hunter2", id="signed by Google"),
    ],
)
def test_no_part_of_a_secret_is_left_in_a_line(line):
    assert "hunt" not in scrub(line)
