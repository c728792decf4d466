"""What doctor tells to do mends what it found: a state is made, the told command is run, and the finding is gone."""

from __future__ import annotations

import os
import re
import shutil
import time

import pytest

from tests.doctor.authorities import der, pem
from tests.end_to_end.doctor.session import Session, State
from tests.end_to_end.machine import make_toolchain

PROBLEMS = ("fail", "warn")
GO_ENV = ".config/go/env"
MOD = "module example.com/work\n\ngo 1.21\n"
PRIVATE = f"{MOD}\nrequire git.corp.internal/team/lib v1.0.0\n"
CGO = f"{MOD}\nrequire github.com/mattn/go-sqlite3 v1.14.22\n"
AUTHORITY = pem("Corp")
UNPRIVILEGED = "-dac_override,-dac_read_search"
CACHE = "go/pkg/mod"
LAUNCHER, STORE = "~/.local/share/goshim/bin/go", "~/.cache/goshim"
FIRST = 'export PATH="$HOME/.local/share/goshim/bin:$PATH"'
INSTALLED = f"goshim install >/dev/null; {FIRST}"
UNLESS_INSTALLED = f"[ -e {LAUNCHER} ] || {{ {INSTALLED}"

# By commands: each told one alone is enough.
STATES = {
    "GOROOT that names nothing": State("goroot-mismatch", "export GOROOT=/nonexistent/go"),
    "GOROOT of another version": State("goroot-mismatch", "export GOROOT=@ROOT@/older"),
    "GOROOT in the go env file": State("goroot-persisted", files={GO_ENV: "GOROOT=/nonexistent/go\nGOFLAGS=-v\n"}),
    "a go.mod that wants more, and local": State(
        "toolchain-wanted", "export GOTOOLCHAIN=local", {"work/go.mod": "module m\n\ngo 1.99\n"}
    ),
    "a go.mod that wants more, and local in the file": State(
        "toolchain-wanted", files={GO_ENV: "GOTOOLCHAIN=local\n", "work/go.mod": "module m\n\ngo 1.99\n"}
    ),
    "empty and relative entries of PATH": State("path-unsafe", 'export PATH=":$PATH::bin:"'),
    "CGO_ENABLED=false": State("cgo-source", "export CGO_ENABLED=false"),
    "CGO_ENABLED with a carriage return": State("cgo-source", r"export CGO_ENABLED=$'0\r'"),
    "CGO_ENABLED=off in the go env file": State("cgo-source", files={GO_ENV: "CGO_ENABLED=off\n"}),
    "a module that needs cgo, which is off": State("cgo-module", "export CGO_ENABLED=0", {"work/go.mod": CGO}),
    "the same by the go env file": State(
        "cgo-module", files={GO_ENV: "CGO_ENABLED=0\n", "work/go.mod": CGO}
    ),
    "CC that is not there": State("cgo-compiler", "export CC=nonexistent-cc"),
    "CC that is not there in the go env file": State("cgo-compiler", files={GO_ENV: "CC=nonexistent-cc\n"}),
    "a GOPATH of Windows": State("windows-values", r"export GOPATH='C:\go'"),
    "a GOCACHE and a TMPDIR of Windows": State("windows-values", r"export TMPDIR='C:\Temp'"),
    "a GOPATH of Windows in the go env file": State("windows-values", files={GO_ENV: "GOFLAGS=-v\nGOPATH=C:\\go\n"}),
    "a go env file with line ends of Windows": State("go-env-file", files={GO_ENV: "GOOS=linux\r\nGOFLAGS=-v\r\n"}),
    "a go env file with a byte order mark": State("go-env-file", files={GO_ENV: b"\xef\xbb\xbfGOPRIVATE=a.example\n"}),
    "a go env file with both": State("go-env-file", files={GO_ENV: b"\xef\xbb\xbfGO111MODULE=on\r\nGOFLAGS=-v\r\n"}),
    "a project directory with a line end": State(
        "illegal-directory", "mkdir -p $'@ROOT@/a\\nb' && cd $'@ROOT@/a\\nb' && [ -e go.mod ] || echo module m >go.mod"
    ),
    "a colon in GOPATH": State("illegal-directory", "export GOPATH='@ROOT@/a:b'"),
    "a locale that is not installed": State("locale", "export LANG=xx_XX.UTF-8"),
    "a proxy in quotes": State("proxy-url", "export https_proxy='\"http://proxy.example:3128\"'"),
    "a proxy with a carriage return": State("proxy-url", r"export HTTPS_PROXY=$'http://proxy.example:3128\r'"),
    "a proxy where nothing listens": State("proxy-dead-loopback", "export HTTPS_PROXY=http://127.0.0.1:1"),
    "two proxies that disagree": State(
        "proxy-conflict", "export HTTPS_PROXY=http://a.example:1 https_proxy=http://b.example:2"
    ),
    "exceptions as Windows writes them": State(
        "no-proxy-syntax", "export http_proxy=http://a.example:1 NO_PROXY='10.*;*.corp.example;<local>'"
    ),
    "a GOPROXY without a scheme": State("goproxy-syntax", "export GOPROXY=goproxy"),
    "a GOPROXY parted by semicolons": State("goproxy-syntax", "export GOPROXY='https://proxy.golang.org;direct'"),
    "a GOPROXY in quotes in the go env file": State(
        "goproxy-syntax", files={GO_ENV: 'GOPROXY="https://proxy.golang.org,direct"\n'}
    ),
    "an entry behind direct": State("goproxy-syntax", "export GOPROXY=direct,https://proxy.golang.org"),
    "GOPRIVATE with a scheme": State("private-syntax", "export GOPRIVATE='https://git.corp.internal'"),
    "GOPRIVATE parted by semicolons": State("private-syntax", "export GOPRIVATE='git.corp.internal; *.corp.example'"),
    "GOPRIVATE with a carriage return in the go env file": State(
        "private-syntax", files={GO_ENV: b"GOPRIVATE=git.corp.internal;x.example\n"}
    ),
    "a private module that nothing covers": State("private-syntax", files={"work/go.mod": PRIVATE}),
    "one that GOPRIVATE forgets": State(
        "private-syntax", "export GOPRIVATE=other.example", {"work/go.mod": PRIVATE}
    ),
    "GOSUMDB=off": State("verification-weakened", "export GOSUMDB=off"),
    "GOSUMDB=off in the go env file": State("verification-weakened", files={GO_ENV: "GOSUMDB=off\n"}),
    "GONOSUMDB=*": State("verification-weakened", "export GONOSUMDB='*'"),
    "GOPRIVATE of all of github": State("verification-weakened", "export GOPRIVATE='github.com,git.corp.internal'"),
    "GOINSECURE=* in the go env file": State("verification-weakened", files={GO_ENV: "GOINSECURE=*\n"}),
    "GOFLAGS=-insecure": State("verification-weakened", "export GOFLAGS=-insecure"),
    "GOVCS=*:all": State("verification-weakened", "export GOVCS='*:all'"),
    "GIT_SSL_NO_VERIFY": State("verification-weakened", "export GIT_SSL_NO_VERIFY=0"),
    "http.sslVerify of git": State(
        "verification-weakened", files={".gitconfig": "[user]\n\tname = me\n[http]\n\tsslVerify = false\n"}
    ),
    "the same in XDG's place": State(
        "verification-weakened",
        files={".gitconfig": "[user]\n\tname = me\n", ".config/git/config": "[http]\n\tsslVerify = false\n"},
    ),
    "the same on one line": State("verification-weakened", files={".gitconfig": "[http] sslVerify = no\n"}),
    "SSL_CERT_FILE that names nothing": State("tls-ca", "export SSL_CERT_FILE=/nonexistent.pem"),
    "SSL_CERT_FILE with a carriage return": State(
        "tls-ca", r"export SSL_CERT_FILE=$'/etc/ssl/certs/ca-certificates.crt\r'"
    ),
    "SSL_CERT_FILE in quotes": State("tls-ca", "export SSL_CERT_FILE='\"/etc/ssl/certs/ca-certificates.crt\"'"),
    "SSL_CERT_FILE with ~": State("tls-ca", "export SSL_CERT_FILE='~/corp.pem'", {"corp.pem": AUTHORITY}),
    "SSL_CERT_DIR parted by semicolons": State("tls-ca", "export SSL_CERT_DIR='/etc/ssl/certs;/usr/lib/ssl'"),
    "GIT_SSL_CAINFO that names nothing": State("tls-ca", "export GIT_SSL_CAINFO=/nonexistent.pem"),
    "http.sslCAInfo of git that names nothing": State(
        "tls-ca", files={".gitconfig": "[http]\n\tsslCAInfo = /nonexistent.pem\n"}
    ),
    "http.sslCAInfo of git for one host": State(
        "tls-ca", files={".gitconfig": '[http "https://git.corp.internal/"]\n\tsslCAInfo = ~/none.pem\n'}
    ),
    "a module cache that may not be written": State(
        "cache-writable", f"[ -e @HOME@/{CACHE} ] || mkdir -p -m 555 @HOME@/{CACHE}", sheds=UNPRIVILEGED
    ),
    "an invalid SOURCE_DATE_EPOCH": State("epoch-valid", "export SOURCE_DATE_EPOCH=yesterday"),
    "an empty SOURCE_DATE_EPOCH": State("epoch-valid", "export SOURCE_DATE_EPOCH="),
    "a note of go's from the future": State(
        "clock-future-files", files={".cache/go-build/testexpire.txt": "4000000000000000000\n", "work/go.mod": MOD}
    ),
    "goshim turned off in the shell": State("launcher-first", f"{INSTALLED}; export GOSHIM=off"),
    "goshim turned off": State("launcher-first", f"{UNLESS_INSTALLED}; goshim off >/dev/null; }}; {FIRST}"),
    "a launcher of another version": State(
        "launcher-current", f"{UNLESS_INSTALLED}; echo '# more' >>{LAUNCHER}; }}"
    ),
    "a launcher whose Python is gone": State(
        "launcher-current",
        f"{UNLESS_INSTALLED}; sed -i 's#@PYTHON@#/nonexistent/python#' {LAUNCHER}; }}",
    ),
    "plans that others may write": State(
        "plan-store", f"{UNLESS_INSTALLED}; mkdir -p {STORE}; chmod 777 {STORE}; }}"
    ),
    "plans behind a link": State(
        "plan-store", f"{UNLESS_INSTALLED}; rm -rf {STORE}; mkdir -p @ROOT@/x; ln -s @ROOT@/x {STORE}; }}"
    ),
    "a variable of no goshim's": State("trust-records", "export GOSHIM_RETRIES=5"),
}  # fmt: skip

# By --fix: lines of files.
LINES = {
    "GOROOT in ~/.profile": State("goroot-mismatch", files={".profile": "# mine\nexport GOROOT=/none\numask 22\n"}),
    "GOROOT in ~/.bashrc": State(
        "goroot-mismatch", files={".profile": ". ~/.bashrc\n", ".bashrc": "alias a=b\nexport GOROOT=/nonexistent\n"}
    ),
    "GOROOT in the go env file": State("goroot-persisted", files={GO_ENV: "GOROOT=/nonexistent/go\nGOFLAGS=-v\n"}),
    "CGO_ENABLED in ~/.profile": State("cgo-source", files={".profile": "# mine\nexport CGO_ENABLED=false\n"}),
    "CGO_ENABLED in the go env file": State("cgo-source", files={GO_ENV: "# mine\nCGO_ENABLED=off\n"}),
    "cgo is needed, and off": State(
        "cgo-module", files={".profile": "export CGO_ENABLED=0\n", "work/go.mod": CGO}
    ),
    "a GOPATH of Windows": State("windows-values", files={".profile": "export GOPATH='C:\\go'\n"}),
    "a GOPATH of Windows in the go env file": State("windows-values", files={GO_ENV: "GOFLAGS=-v\nGOPATH=C:\\go\n"}),
    "a go env file of Windows": State("go-env-file", files={GO_ENV: b"\xef\xbb\xbfGOOS=linux\r\nGOFLAGS=-v\r\n"}),
    "unknown keys in the go env file": State(
        "go-env-file", files={GO_ENV: "# mine\nGOPRVATE=a.example\nGOFLAGS=-v\n GOSUMDB=x\nCGO_ENABLED\n"}
    ),
    "a proxy in quotes": State("proxy-url", files={".profile": "export https_proxy='\"http://proxy.example:3128\"'\n"}),
    "a GOPROXY in quotes in the go env file": State(
        "goproxy-syntax", files={GO_ENV: 'GOPROXY="https://proxy.golang.org,direct"\n'}
    ),
    "GOSUMDB=off in the go env file": State("verification-weakened", files={GO_ENV: "GOSUMDB=off\n"}),
    "GOSUMDB=off in ~/.profile": State("verification-weakened", files={".profile": "export GOSUMDB=off\n"}),
    "http.sslVerify of git": State(
        "verification-weakened", files={".gitconfig": "[user]\n\tname = me\n[http]\n\tsslVerify = false\n"}
    ),
    "SSL_CERT_FILE that names nothing": State("tls-ca", files={".profile": "export SSL_CERT_FILE=/nonexistent.pem\n"}),
    "SSL_CERT_FILE with ~": State(
        "tls-ca", files={".profile": "export SSL_CERT_FILE='~/corp.pem'\n", "corp.pem": AUTHORITY}
    ),
    "an invalid SOURCE_DATE_EPOCH": State("epoch-valid", files={".profile": "export SOURCE_DATE_EPOCH='today'\n"}),
    "a start file with line ends of Windows": State(
        "goroot-mismatch", files={".profile": b"# mine\r\nexport GOROOT=/nonexistent\r\n\r\n"}
    ),
}  # fmt: skip


@pytest.fixture
def session(tmp_path, embedded_go):
    made = Session(tmp_path / "s", embedded_go)
    make_toolchain(made.root / "older", b"#!/bin/sh\necho go version go1.20.1 linux/amd64\n", "go1.20.1")
    (made.tools / "gcc").symlink_to("/bin/true")
    return made


def is_command(remedy):
    """Whether a remedy is one that changes something here, by a command."""
    is_look = re.match(r"see |or see ", remedy["text"]) or remedy["command"].startswith("${EDITOR")
    has_gaps = re.search(r"\b(?:HOST|NAME)\b", remedy["command"])
    return bool(remedy["command"]) and remedy["where"] == "shell" and not is_look and not has_gaps


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_each_told_command_mends_what_was_found(session, state, tmp_path):
    session.make(state)
    found = session.finding(state.check)
    assert found["status"] in (*PROBLEMS, "info"), found["summary"]
    commands = [each["command"] for each in found["remedies"] if is_command(each)]
    assert commands, found["remedies"]
    shutil.copytree(session.home, tmp_path / "before", symlinks=True)
    for command in commands:
        shutil.rmtree(session.home)
        shutil.copytree(tmp_path / "before", session.home, symlinks=True)
        after = session.finding(state.check, command)
        allowed = ("ok", "info") if found["status"] in PROBLEMS else ("ok",)
        assert after["status"] in allowed, (command, after["summary"], after["evidence"])


@pytest.mark.parametrize("state", LINES.values(), ids=LINES)
def test_fix_mends_the_line_that_it_shows_and_tells_how_to_undo_it(session, state):
    session.make(state)
    assert session.finding(state.check)["status"] in (*PROBLEMS, "info")
    before = session.snapshot()
    fix = f"goshim doctor --only {state.check} --fix"

    for unanswered in (fix, f"{fix} --dry-run"):
        shown = session.run(unanswered)
        assert "\n@@ " in shown.text
        assert session.snapshot() == before

    done = session.run(f"{fix} --yes")
    assert done.code == 0, done.text
    assert done.text.index("\n@@ ") < done.text.index("mended ")
    assert session.finding(state.check)["status"] in ("ok", "info"), done.text
    changed = {path for path, content in session.snapshot().items() if before.get(path) not in (content, None)}
    assert len(changed) == 1

    again = session.run(f"{fix} --yes")
    assert "mended" not in again.text
    assert again.code == 0

    undo = re.findall(r"^  undo it: (.*)$", done.text, re.MULTILINE)
    assert session.run(*undo, login=False, given=False).code == 0
    restored = session.snapshot()
    assert {path: restored[path] for path in before} == before


@pytest.mark.parametrize("name", ["GOROOT in ~/.profile", "a start file with line ends of Windows"])
def test_fix_leaves_all_other_lines_as_they_are(session, name):
    state = LINES[name]
    session.make(state)
    place = session.home / ".profile"
    before = place.read_bytes().split(b"\n")
    assert session.run(f"goshim doctor --only {state.check} --fix --yes").code == 0
    after = place.read_bytes().split(b"\n")
    assert len(after) == len(before)
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [b": # " + before[1]]


def test_fix_keeps_mode_and_link_of_a_start_file(session):
    real = session.home / "dotfiles/profile"
    session.make(State("goroot-mismatch", files={"dotfiles/profile": "export GOROOT=/nonexistent\n"}))
    real.chmod(0o640)
    (session.home / ".profile").symlink_to(real)
    assert session.run("goshim doctor --only goroot-mismatch --fix --yes").code == 0
    assert (session.home / ".profile").is_symlink()
    assert real.read_text() == ": # export GOROOT=/nonexistent\n"
    assert real.stat().st_mode & 0o777 == 0o640


ELSEWHERE = "if true; then export GOROOT=/nonexistent; fi\n"


@pytest.mark.parametrize(
    ("files", "left"),
    [
        ({".profile": f"{ELSEWHERE}export GOROOT=/nonexistent\n"}, ".profile:1"),
        ({".profile": f". ~/.bashrc\n{ELSEWHERE}", ".bashrc": "export GOROOT=/nonexistent\n"}, ".profile:2"),
    ],
    ids=["the same file", "another file"],
)
def test_fix_tells_of_lines_that_set_it_all_the_same(session, files, left):
    session.make(State("goroot-mismatch", files=files))
    done = session.run("goshim doctor --only goroot-mismatch --fix --yes")
    assert "mended " in done.text
    assert f"goroot-mismatch: it is set as well by {session.home}/{left}: change that by hand\n" in done.text
    assert done.code == 1
    assert session.finding("goroot-mismatch")["status"] == "fail"


def test_a_launcher_behind_another_go_comes_first_at_the_next_login_or_by_the_line_at_once(session):
    behind = 'export PATH="$PATH:$HOME/launched"'
    session.make(State("launcher-first", f"[ -e ~/launched ] || goshim install --dir ~/launched >/dev/null; {behind}"))
    install, line = session.finding("launcher-first")["remedies"]
    assert session.finding("launcher-first", line["command"])["status"] == "ok"
    assert session.run(install["command"]).code == 0
    session.given = []
    assert session.finding("launcher-first")["status"] == "ok"


def test_a_newer_go_behind_that_of_the_distribution_is_put_first(session, embedded_go):
    if not os.path.exists("/usr/bin/go"):
        pytest.skip("there is no go of a distribution in /usr/bin")
    session.env["PATH"] = f"{session.bin}:/usr/bin:/bin"
    session.make(State("toolchain-shadowed", files={".profile": f"export PATH=$PATH:{embedded_go.parent}\n"}))
    found = session.finding("toolchain-shadowed")
    assert found["status"] == "warn"
    (told,) = found["remedies"]
    assert session.finding("toolchain-shadowed", told["command"])["status"] in ("ok", "info")
    assert session.run("goshim doctor --only toolchain-shadowed --fix --yes").code == 0
    assert session.finding("toolchain-shadowed")["status"] in ("ok", "info")


def old(path):
    """Make a file look two days old."""
    time_s = time.time() - 2 * 86400
    os.utime(path, (time_s, time_s))


def test_leftovers_are_removed_by_the_told_command_and_nothing_else_is(session):
    download = f"{CACHE}/cache/download/example.com/m/@v"
    session.make(
        State("cache-leftovers", files={f"{download}/{name}": "x" for name in ("a.tmp", "new.tmp", "v1.lock")})
    )
    for name in ("a.tmp", "v1.lock"):
        old(session.home / download / name)
    (told,) = session.finding("cache-leftovers")["remedies"]
    assert session.finding("cache-leftovers", told["command"])["status"] == "ok"
    assert sorted(os.listdir(session.home / download)) == ["new.tmp", "v1.lock"]


@pytest.mark.parametrize("owned", [CACHE, f"{CACHE}/cache", ".cache/go-build"])
def test_a_directory_of_another_user_is_taken_back(session, root_only, owned):
    session.make(State("", files={f"{owned}/sub/file": ""}, sheds=UNPRIVILEGED))
    for each in (session.home / owned, session.home / owned / "sub", session.home / owned / "sub/file"):
        os.chown(each, 65534, 65534)
    checks = [check for check in ("cache-writable", "cache-ownership") if session.finding(check)["status"] in PROBLEMS]
    assert checks
    commands = {
        each["command"] for check in checks for each in session.finding(check)["remedies"] if each["where"] == "sudo"
    }
    assert commands
    prefix, session.prefix = session.prefix, []
    assert session.run(*commands, given=False).code == 0
    session.prefix = prefix
    assert {session.finding(check)["status"] for check in checks} == {"ok"}


def test_a_certificate_in_der_is_made_pem_by_the_told_command(session):
    session.make(State("tls-ca", "export SSL_CERT_FILE=@HOME@/corp.crt", {"corp.crt": der("Corp")}))
    found = session.finding("tls-ca")
    assert found["status"] in PROBLEMS
    assert session.finding("tls-ca", "unset SSL_CERT_FILE")["status"] == "ok"
