from __future__ import annotations

import time
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.secrets import holds_secret, is_secret, mask, redact, redact_value, scrub, shown


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
        pytest.param("me:hun/ter2@proxy:3128", id="a slash in the password, and no scheme"),
        pytest.param("me:hun//ter2@proxy:3128", id="two slashes in the password, and no scheme"),
        pytest.param("//me:hunter2@proxy:3128", id="nothing before the slashes"),
        pytest.param(" 'http://me:hun/ter2@proxy'", id="in quotes, a slash in the password"),
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
        ("/\udcff", r"'/\xff'"),
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
        "mkdir -p a && sudo -u me install -d b && chown -R me: c; docker run -u 1000 x",
        "mysql -u root -p db; ssh -p 22 x; go test -p 2 ./...",
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
        pytest.param("curl -sS -u bob:hunter2 https://x", id="curl"),
        pytest.param("curl --user 'bob:hunter2' https://x", id="curl, in quotes"),
        pytest.param('curl -u "bob:my hunter2" https://x', id="curl, a blank in the password"),
        pytest.param("curl --proxy-user=bob:hunter2 https://x", id="curl, of the proxy"),
        pytest.param("mysql -uroot -phunter2 db", id="mysql"),
        pytest.param("mysqldump -h x -u root -p'hunter2'", id="mysqldump, in quotes"),
        pytest.param("sshpass -p hunter2 ssh x", id="sshpass"),
        pytest.param("docker login -u x -p hunter2 r.corp", id="docker login"),
    ],
)
def test_no_part_of_a_secret_is_left_in_a_line(line):
    assert "hunt" not in scrub(line)


@pytest.mark.parametrize(
    ("name", "value", "masked"),
    [
        ("HTTP_PROXY", "http://me:hunt,er|2@proxy:3128", "http://me:***@proxy:3128"),
        ("GOPROXY", "https://hunter2hunter2hunter2:x-oauth-basic@x,direct", "https://***@x,direct"),
        ("GOFLAGS", "-mod=mod -ldflags=-X=main.token=hunter2", "-mod=mod -ldflags=-X=main.token=***"),
        ("CC", "gcc -DKEY=ghp_hunter2hunter2", "gcc -DKEY=***"),
        ("AWS_ACCESS_KEY_ID", "AKIAHUNTER2", "***"),
        ("DB_PASS", "hunter2", "***"),
        ("GIT_ASKPASS", "/usr/bin/askpass", "/usr/bin/askpass"),
        ("SSH_AUTH_SOCK", "/run/agent", "/run/agent"),
        ("TOKENIZERS_PARALLELISM", "false", "false"),
        ("PWD", "/home/me", "/home/me"),
        ("OLDPWD", "/home/me", "/home/me"),
        ("GOPATH", "/home/me/go", "/home/me/go"),
    ],
)
def test_of_a_variable_no_more_is_masked_than_is_secret(name, value, masked):
    assert mask(name, value) == masked


REDACTED = [
    # by the name of a variable, in every form that a start file, an editor or Windows has for it
    ("export GITHUB_TOKEN=hunter2", "export GITHUB_TOKEN=***"),
    ("GITHUB_TOKEN='hunter 2'; x", "GITHUB_TOKEN='***'; x"),
    ('GITHUB_TOKEN="hunt\\"er 2" x', 'GITHUB_TOKEN="***" x'),
    ("GITHUB_TOKEN='hunt'\"'\"'er 2'; x", "GITHUB_TOKEN=*** x"),
    ('TOKEN = """\nhunter2\n"""\nA = 1', 'TOKEN = """***"""\nA = 1'),
    ("set -gx GITHUB_TOKEN hunter2", "set -gx GITHUB_TOKEN ***"),
    ("set -gx npm_token hunter2", "set -gx npm_token ***"),
    ("SETUVAR --export NPM_TOKEN:hunter2", "SETUVAR --export NPM_TOKEN:***"),
    ("NPM_TOKEN DEFAULT=hunter2", "NPM_TOKEN DEFAULT=***"),
    ("setenv NPM_TOKEN hunter2", "setenv NPM_TOKEN ***"),
    ('$env:NPM_TOKEN = "hunter2"', '$env:NPM_TOKEN = "***"'),
    ('{"NPM_TOKEN": "hunter2", "a": 1}', '{"NPM_TOKEN": "***", "a": 1}'),
    ('{"a.b": "{\\"NPM_TOKEN\\": \\"hunter2\\"}"}', '{"a.b": "{\\"NPM_TOKEN\\": \\"***\\"}"}'),
    ("# password = hunter2", "# password = ***"),
    ("# proxy password: hunter2", "# proxy password: ***"),
    ("password: hunter2\r\nx", "password: ***\r\nx"),
    ("    NPM_TOKEN    REG_SZ    hunter 2\r\n", "    NPM_TOKEN    REG_SZ    ***\r\n"),
    (
        "    DefaultEnvironment    REG_MULTI_SZ    A=1\\0NPM_TOKEN=hunter 2\\0HTTP_PROXY=u:hunter2@p:1\\0LANG=C\\0",
        "    DefaultEnvironment    REG_MULTI_SZ    A=1\\0NPM_TOKEN=***\\0HTTP_PROXY=***@p:1\\0LANG=C\\0",
    ),
    ("-ldflags=-X=main.token=hunter2", "-ldflags=-X=main.token=***"),
    ("'-ldflags=-X main.token=hunter 2' -v", "'-ldflags=-X main.token=***' -v"),
    ('["-ldflags=-X main.apiKey=hunter2", "-v"]', '["-ldflags=-X main.apiKey=***", "-v"]'),
    ("x --password hunter2 --token=hunter2 -v", "x --password *** --token=*** -v"),
    ("AccountName=x;AccountKey=hunter2==;A=b", "AccountName=x;AccountKey=***"),
    ("machine x login me password hunter2", "machine x login me password ***"),
    ("//registry.npmjs.org/:_authToken=hunter2", "//registry.npmjs.org/:_authToken=***"),
    # in an address
    ("HTTP_PROXY='http://me:hun\"t er@2@proxy:3128'", "HTTP_PROXY='http://***@proxy:3128'"),
    ("HTTPS_PROXY=me:hunter2@proxy:3128", "HTTPS_PROXY=***@proxy:3128"),
    ("https_proxy+=me:hunter2@proxy:3128", "https_proxy+=***@proxy:3128"),
    ("export 'https_proxy=me:hunter2@proxy:3128'", "export 'https_proxy=***@proxy:3128'"),
    ("set -gx https_proxy me:hunter2@p.corp:80", "set -gx https_proxy ***@p.corp:80"),
    ('+set --global --export http_proxy "me:hunter2@p "', '+set --global --export http_proxy "***@p "'),
    ("https_proxy DEFAULT=me:hunter2@p.corp:80", "https_proxy DEFAULT=***@p.corp:80"),
    ("https_proxy DEFAULT= OVERRIDE=me:hunter2@p.corp:80", "https_proxy DEFAULT=***@p.corp:80"),
    (
        "SETUVAR --export http_proxy:http\\x3a//me\\x3ahunter2\\x40proxy\\x2ecorp\\x3a8080",
        "SETUVAR --export http_proxy:http://***@proxy.corp:8080",
    ),
    (
        "-SETUVAR --export GOPROXY:https\\x3a//me\\x3ahunter2\\x40proxy\\x2ecorp\\x2cdirect",
        "-SETUVAR --export GOPROXY:https://***@proxy.corp,direct",
    ),
    ('"http.proxy": "http://me:hunter2@proxy"', '"http.proxy": "http://***@proxy"'),
    ('http://me:hun"t er@2@proxy:3128', "http://***@proxy:3128"),
    ("http://me:12/hunter2@proxy:3128", "http://***@proxy:3128"),
    ("git+ssh://me:hunter2@host/x", "git+ssh://***@host/x"),
    ("url=https%3A%2F%2Fme%3Ahunter2%40proxy", "url=https%3A%2F%2F***%40proxy"),
    ("https:\\/\\/me:hunter2@x", "https:\\/\\/***@x"),
    (
        "    ProxyServer    REG_SZ    http=me:hunter2@p:80;https=p:80",
        "    ProxyServer    REG_SZ    http=***@p:80;https=p:80",
    ),
    ("https://hooks.slack.com/services/T0/B0/hunter2", "https://hooks.slack.com/services/***"),
    # in a header
    ("Authorization: Basic aHVudGVyMg==", "Authorization: Basic ***"),
    ('curl -H "Authorization: hunter2" -v', 'curl -H "Authorization: ***" -v'),
    ("X-JFrog-Art-Api: hunter2", "X-JFrog-Art-Api: ***"),
    ('"http.proxyAuthorization": "Basic hunter2"', '"http.proxyAuthorization": "Basic ***"'),
    # by their shape
    (
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\nx",
        "-----BEGIN PRIVATE KEY-----***-----END PRIVATE KEY-----\nx",
    ),
    ("-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2", "-----BEGIN OPENSSH PRIVATE KEY-----***"),
    ("x npm_hunter2hunter2hunter2 y", "x *** y"),
    ("AKIAIOSFODNN7EXAMPLE", "***"),
]


@pytest.mark.parametrize(("text", "redacted"), REDACTED, ids=ascii)
def test_a_secret_is_cut_out_of_any_text_and_the_rest_stays(text, redacted):
    assert redact(text) == redacted


PLAIN = [
    "example.com/m@v1.2.3 h1:9Xj6SOhk2Y0VGJ7Nw6Eyxb3HcVbGmQZ0sW5m4Jk1pXo=",
    "git@github.com:org/repo.git",
    "key = value",
    "[automount]\nenabled=true\noptions = metadata,umask=22\nkey=value",
    "{47a89313-4300-4678-96ae-e53c41a79e03}    Flags    REG_DWORD    0xf",
    "PATH=/usr/bin:/bin PWD=/x SSH_AUTH_SOCK=/run/x",
    "https://proxy.test:8080/a/@v/v1.zip and https://proxy.golang.org/github.com/a/b@v1.0.0",
    "http://user:password@host:port",
    "https://asia-go.pkg.dev, npm_config_registry, glibc-headers-something",
    "golang:1.27@sha256:4f3c",
    "//go:generate go run golang.org/x/tools/cmd/stringer@v0.1.0",
    "Basic authentication and bearer tokens: the basic settings",
    "credential.helper=/mnt/c/Program Files/Git/git-credential-manager.exe",
    "GOAUTH=netrc; git /home/me",
    "GOFLAGS=-mod=mod -ldflags=-s",
    '"editor.tokenColorCustomizations": {"a": "b"}, "key": "ctrl+p"',
    "C:\\Users\\me\\AppData\\Local\\go-build",
    "/home/me/go/pkg/mod/github.com/!burnt!sushi/toml@v1.3.2/decode.go:12:3: x",
    "NO_PROXY=localhost,10.0.0.0/8,.corp",
    "is 0.5 s behind: token bucket, keyring, monkey=1",
    "ssl: sslCAInfo=/etc/ssl/certs/ca-certificates.crt",
    "SETUVAR --export GOFLAGS:\\x2dmod\\x3dmod",
    "https_proxy DEFAULT=http://proxy.corp:8080",
    "set -gx https_proxy http://proxy.corp:8080",
]


@pytest.mark.parametrize("text", PLAIN)
def test_a_text_without_a_secret_stays_as_it_is(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("NPM_TOKEN", "hunter 2", "***"),
        ("NPM_TOKEN", "", ""),
        ("HTTP_PROXY", 'http://me:hun"t er@2@proxy', "http://***@proxy"),
        ("key", "value", "value"),
        ("GOFLAGS", "-X=a.token=hunter2", "-X=a.token=***"),
    ],
)
def test_a_value_is_judged_by_the_name_it_stands_under(name, value, redacted):
    assert redact_value(name, value) == redacted


@pytest.mark.parametrize("name", ["token", "A_TOKEN_B", "passwd", "PASSPHRASE", "_auth", "X_PAT", "KEY", "account_key"])
def test_a_name_tells_that_its_value_is_secret(name):
    assert is_secret(name)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("auth = 'x'", True),
        ("[env]\nNPM_TOKEN='x'", True),
        ("proxy = '//me@proxy'", True),
        ("replace example.com/auth => ../auth", False),
        ("monkey = 1", False),
    ],
)
def test_a_text_holds_a_secret_where_one_is_assigned_or_in_an_address(text, holds):
    assert holds_secret(text) is holds


PIECES = [
    "TOKEN", "token", "=", " = ", ": ", '"', "'", '\\"', "`", "\\", " ", "\n", "\r\n", "//", "http://", "https://me:",
    "@", "/", ":", "12345", "hunter2", "***", "&", "?", ";", ",", "|", "HTTP_PROXY", "Authorization", "Basic ", "x",
    "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----", "ghp_hunter2hunter2", "eyJhunter2hunter2", ".", "-",
    "    ", "REG_SZ", "REG_MULTI_SZ", "\\0", "%2F%2F", "%40", "%3A", "--password ", "login ", "password ", "set ", "_",
    "bearer ", "(", ")",
    "SETUVAR ", "\\x40", "\\x3a", "\\x5c", "\\x2f", "DEFAULT=",
    "user:password", "key", "$", "\x1b", "\udcff", "é",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=14).map("".join))
def test_what_was_redacted_is_left_as_it_is(text):
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "piece",
    [
        "a", "a.", "//a:b/c", "://a:b ", "token", "token=x ", '"token=x', " ", "=", "&a", "-----BEGIN PRIVATE KEY-----",
        "@", "/", '"', "    a    REG_SZ    b\n", "a: b\n", "set ", "set -x ", "x-", "authorization:", '\\"', "login a ",
        "%2F%2Fa%3A", "token='a'", 'token="""', "token: ", "A_PROXY=", "bearer ", "eyJ", "\\0token=",
        "a//", "://", "SETUVAR --a ", "SETUVAR a:", "a DEFAULT=", "set -set ", "\\x40",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "clear",
    [redact, holds_secret, partial(mask, "GOPROXY"), partial(mask, "HTTPS_PROXY")],
    ids=["redact", "holds_secret", "mask of a list", "mask of one address"],
)
@pytest.mark.parametrize("end", ["", "/@"])
def test_a_text_of_any_kind_is_redacted_in_time(piece, end, clear):
    text = f"https://{piece * (100_000 // len(piece))}{end}"
    began_s = time.process_time()
    clear(text)
    assert time.process_time() - began_s < 2
