"""Thirty-odd kinds of secret are planted on a machine; none is in anything that doctor shows or keeps."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from goshim.base import resources
from goshim.base.redaction import redact
from goshim.base.redaction import shown as value_shown
from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine import record
from goshim.doctor.engine.check import Check, check
from goshim.doctor.engine.finding import Edit, Remedy, Verdict, info, warn
from goshim.doctor.engine.look import Look
from goshim.doctor.machine import registry
from goshim.doctor.run import fix, report
from goshim.doctor.run import terminal as shown
from goshim.doctor.run.compare import compare
from goshim.doctor.run.examine import Examination
from goshim.watch import journal
from tests.doctor.closed import closed_machine
from tests.doctor.described import look_at, make_interop
from tests.doctor.reg_exe import LIST, REG, TEXT, answer, lxss
from tests.machine import HOME, FolderMachine
from tests.tables import for_each

KEY_FILE = "/etc/ssl/corp.pem"
PART = 6
"""So many characters of a secret in a row are recognised by whoever knows it."""


@dataclass
class Secrets:
    """Makes secrets that look like nothing else, other ones for each `seed`, and remembers them."""

    seed: str
    made: dict[str, str] = field(default_factory=dict)

    def __call__(self, kind: str, length: int = 24, sign: str = "") -> str:
        """A new secret of so many letters and digits; `sign` stands in its middle."""
        digest = hashlib.sha512(f"{self.seed} {kind}".encode()).digest()
        text = (base64.b64encode(digest) * 2).decode().translate({ord(each): None for each in "+/="})[:length]
        self.made[kind] = text
        return f"{text[: length // 2]}{sign}{text[length // 2 :]}"

    def found_in(self, output: str) -> list[str]:
        """The kinds of those of which a part is in the output, however it is written there."""
        return [
            kind
            for kind, text in self.made.items()
            if any(text[start : start + PART] in output for start in range(len(text) - PART + 1))
        ]


def basic(secrets: Secrets, kind: str) -> str:
    """What a header has for a user and a password; its form in base64 is as secret."""
    text = base64.b64encode(f"user:{secrets(kind)}".encode()).decode()
    secrets.made[f"{kind} in base64"] = text[8:].rstrip("=")
    return text


def proxies(secret: Secrets) -> dict[str, str]:
    """Passwords of every odd kind, in the variables that go and git read proxies from."""
    return {
        "HTTP_PROXY": f"http://me:{secret('proxy: at sign', sign='@')}@proxy.corp:3128",
        "http_proxy": f"http://me:{secret('proxy: slash', sign='/')}@proxy.corp:3128",
        "HTTPS_PROXY": f"https://me:{secret('proxy: quotes and blank', sign=chr(34) + ' ' + chr(39))}@proxy.corp:3128",
        "https_proxy": f"me:{secret('proxy without a scheme', sign='/')}@proxy.corp:3128",
        "ALL_PROXY": f"socks5://me:{secret('proxy: socks', sign=',')}@proxy.corp:1080",
        "all_proxy": f"socks5h://{secret('proxy: a token for a user')}@proxy.corp:1080",
        "FTP_PROXY": f"http://me:12345/{secret('proxy: like a port')}@proxy.corp:3128\r",
    }


def variables(secret: Secrets) -> dict[str, str]:
    return {
        **proxies(secret),
        "PATH": f"/opt/x:/usr/bin:https://{secret('an address in PATH')}@host/bin::/mnt/c/Windows",
        "GOPROXY": f"https://me:{secret('module proxy', sign='@')}@goproxy.corp/go,"
        f"https://{secret('module proxy: token')}:x-oauth-basic@b.corp|"
        f"https://me:{secret('module proxy: slash', sign='/')}@c.corp/go,direct",
        "GOSUMDB": f"sum.golang.org https://me:{secret('sum database')}@sum.corp",
        "GOPRIVATE": f"https://me:{secret('private pattern')}@git.corp/*;b.corp",
        "GONOSUMDB": "git.corp",
        "GOINSECURE": f"https://oauth2:glpat-{secret('GitLab in an address', 20)}@git.corp",
        "GOFLAGS": f"-ldflags=-X=main.token={secret('in GOFLAGS')} "
        f"'-ldflags=-X main.apiSecret={secret('in GOFLAGS, quoted')} -s'",
        "GOAUTH": f"corp-auth --token={secret('GOAUTH')} --password {secret('GOAUTH by word')}; netrc",
        "GOROOT": f"C:\\Go?token={secret('token in a path')}",
        "GOPATH": f"/home/me/go:https://{secret('address in GOPATH')}@x",
        "GOCACHE": f"C:\\cache\\npm_{secret('npm', 36)}",
        "GOTMPDIR": f"C:\\tmp\\AKIA{secret('AWS key id', 16).upper()}",
        "CC": f"gcc -DKEY=ghp_{secret('GitHub classic', 36)}",
        "CXX": f"g++ -DKEY=github_pat_{secret('GitHub fine-grained', 40)}",
        "CGO_CFLAGS": f"-DSLACK=xoxb-123456789012-{secret('Slack')}",
        "CGO_ENABLED": f"AIza{secret('Google API key', 35)}",
        "GOBIN": f"C:\\bin\\hf_{secret('HuggingFace', 34)}",
        "GOENV": f"{HOME}/.config/go/env",
        "SOURCE_DATE_EPOCH": f"dckr_pat_{secret('Docker', 27)}",
        "TMPDIR": f"https://x.blob.core.windows.net/c?sv=2024-01-01&sig={secret('Azure SAS')}%3D&se=2030",
        "LANG": f"eyJ{secret('JWT header')}.eyJ{secret('JWT claims')}.{secret('JWT signature')}",
        "LC_ALL": f"ya29.{secret('Google OAuth')}",
        "SSL_CERT_FILE": KEY_FILE,
        "SSL_CERT_DIR": f"/etc/ssl/certs:https://{secret('address in SSL_CERT_DIR')}@x",
        "NO_PROXY": f"localhost;http://me:{secret('address in NO_PROXY')}@x;10.*",
        "WSLENV": f"GOROOT/p:HTTP_PROXY:GITHUB_TOKEN:https://{secret('address in WSLENV')}@x",
        "WSL_PAC_URL": f"http://me:{secret('PAC')}@pac.corp/proxy.pac?token={secret('token of PAC')}",
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {basic(secret, 'basic in a git header')}",
        "GIT_CONFIG_KEY_1": f"url.git+ssh://me:{secret('git+ssh')}@git.corp/.insteadOf",
        "GIT_CONFIG_VALUE_1": f"https://{secret('git over https')}@git.corp/",
        "GIT_CONFIG_KEY_2": "http.extraHeader",
        "GIT_CONFIG_VALUE_2": f"Authorization: Bearer {secret('bearer in a git header')}",
        "GIT_SSL_CAINFO": f"/etc/ssl/x?password={secret('password in a path')}",
        "GITHUB_TOKEN": secret("GITHUB_TOKEN"),
        "GITLAB_TOKEN": secret("GITLAB_TOKEN"),
        "NPM_TOKEN": secret("NPM_TOKEN"),
        "AWS_SECRET_ACCESS_KEY": secret("AWS secret", 40),
        "AWS_ACCESS_KEY_ID": f"ASIA{secret('AWS session key id', 16).upper()}",
        "DB_PASSWORD": secret("password with blanks", sign=" in two words "),
        "AZURE_STORAGE_CONNECTION_STRING": f"AccountName=x;AccountKey={secret('Azure account')}==;EndpointSuffix=y",
    }


def pem(body: str) -> str:
    lines = "\n".join(body[start : start + 64] for start in range(0, len(body), 64))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{lines}\n-----END RSA PRIVATE KEY-----\n"


def start_file(secret: Secrets) -> str:
    return f"""# password = {secret("comment of a start file")}
export HTTP_PROXY=http://u:{secret("start file")}@proxy.corp:3128
export HTTPS_PROXY='http://u:{secret("start file, quoted", sign=chr(34) + "# ")}@proxy.corp:3128'
GITHUB_TOKEN={secret("start file: token")} GOFLAGS=-mod=mod
export GOPROXY="https://u:{secret("start file: module proxy")}@goproxy.corp,direct"  # GOFLAGS
export GOROOT=C:\\\\Go ; export MY_SECRET='{secret("start file: beside a variable of go's")}'
set -gx GO_TOKEN {secret("start file: fish")}
export PATH=$PATH:/x CGO_CFLAGS="-DPASSWORD={secret("start file: in flags")}"
curl -H "PRIVATE-TOKEN: {secret("start file: header")}" https://x # PATH
"""


def go_env_file(secret: Secrets) -> str:
    return f"""GOPROXY=https://u:{secret("go env file")}@goproxy.corp\r
GOFLAGS=-ldflags=-X=a.token={secret("go env file: flags")}\r
GOAUTH=x Authorization: Bearer {secret("go env file: bearer")}
GONOSENSE=https://u:{secret("go env file: unknown key")}@x
"""


def wsl_conf(secret: Secrets) -> str:
    return f"""# password = {secret("comment of wsl.conf")}
[boot]
command = mount -o username=me,password={secret("wsl.conf: command")} //nas/x /x
[automuont]
token = {secret("wsl.conf: unknown key")}
[network]
proxy = http://u:{secret("wsl.conf: proxy")}@x
"""


def wslconfig(secret: Secrets) -> str:
    return f"""# proxy password: {secret("comment of .wslconfig")}
[wsl2]
kernelCommandLine = apikey={secret(".wslconfig: kernel")}
foo = ghp_{secret(".wslconfig: unknown key", 36)}
networkingMode=http://u:{secret(".wslconfig: value")}@x
"""


def git_config(secret: Secrets) -> str:
    return f"""[url "https://u:{secret("gitconfig")}@git.corp/"]
\tinsteadOf = x
[http]
\tsslCAInfo = https://u:{secret("gitconfig: CA")}@x
\textraHeader = AUTHORIZATION: basic {basic(secret, "gitconfig: header")}
"""


def config(secret: Secrets) -> str:
    return f"""[env]
MY_TOKEN = "{secret("config")}"
GOPROXY = "https://u:{secret("config: proxy")}@x"
[nonsense]
x = 1
"""


def files(secret: Secrets) -> dict[str, str]:
    return {
        f"{HOME}/.bashrc": start_file(secret),
        f"{HOME}/.profile": start_file(secret).replace("\n", "\r\n"),
        "/etc/environment": f'https_proxy="http://u:{secret("/etc/environment")}@proxy.corp"\n',
        f"{HOME}/.config/go/env": go_env_file(secret),
        "/etc/wsl.conf": wsl_conf(secret),
        "/mnt/c/Users/me/.wslconfig": wslconfig(secret),
        KEY_FILE: pem(secret("private key", 100)),
        f"{HOME}/.gitconfig": git_config(secret),
        f"{HOME}/project/go.mod": f"module x\n\ngo 1.21\n\n// token={secret('go.mod')}\n",
        f"{HOME}/project/.git/config": f'[remote "origin"]\n\turl = https://u:{secret("remote")}@git.corp/x\n',
        f"{HOME}/.config/goshim/config.toml": config(secret),
        "/etc/resolv.conf": f"# token={secret('resolv.conf')}\nnameserver 10.0.0.1\n",
        "/etc/os-release": f'PRETTY_NAME="Debian https://u:{secret("os-release")}@x"\n',
    }


def commands(secret: Secrets) -> dict[str, Any]:
    """What Windows' programs answer."""
    imported = (
        "HOSTTYPE=x86_64",
        f"HTTP_PROXY=http://u:{secret('DefaultEnvironment')}@proxy.corp:3128",
        f"MY_PASSWORD={secret('DefaultEnvironment: by name', sign=' ')}",
        "TERM=xterm",
    )
    environment = {
        "Path": ("REG_EXPAND_SZ", f"C:\\x;https://u:{secret('registry: Path')}@x;%USERPROFILE%"),
        "HTTP_PROXY": (TEXT, f"http://u:{secret('registry: proxy', sign=' ')}@proxy.corp:3128"),
        "NPM_TOKEN": (TEXT, secret("registry: by name", sign=" ")),
        "GOFLAGS": (TEXT, f"-X=main.password={secret('registry: GOFLAGS')}"),
        "WSLENV": (TEXT, "GOROOT/p"),
    }
    settings = {
        "ProxyEnable": ("REG_DWORD", "0x1"),
        "ProxyServer": (
            TEXT,
            ";".join(f"{each}=u:{secret(f'Windows, {each}')}@p.corp:80" for each in ("http", "https")),
        ),
        "AutoConfigURL": (TEXT, f"http://u:{secret('PAC of Windows')}@pac.corp/x.pac"),
    }
    profile = {"USERPROFILE": (TEXT, "C:\\Users\\me")}
    return {
        **lxss(
            DefaultEnvironment=(LIST, "\\0".join(imported)), KernelCommandLine=(TEXT, f"x token={secret('kernel')}")
        ),
        **answer(registry.USER_ENVIRONMENT, environment),
        **answer(registry.MACHINE_ENVIRONMENT, environment),
        **answer(registry.INTERNET_SETTINGS, settings),
        **answer(registry.VOLATILE_ENVIRONMENT, profile, "/v", "USERPROFILE"),
        f"{REG} query x": f"ERROR: https://u:{secret('an error of reg.exe')}@x".encode(),
        "/usr/local/go/bin/go version": f"go version go1.27.3 https://u:{secret('go version')}@x".encode(),
    }


@check("everything-raw", "path")
def everything(look: Look) -> Verdict:
    """Tell whatever is there, as carelessly as a check can be written."""
    host = look.host
    told = [f"{name}={value_shown(name, value)}" for name, value in host.environment.items()]
    told += [f"{name} is {value}, of the environment" for name, value in host.environment.items() if "://" in value]
    for path in (*PLANTED_FILES, journal.locate({"HOME": HOME})):
        told += [f"{path}:{number}: {text}" for number, text in host.lines(path, ".") if "PRIVATE KEY" not in text]
        told.append(repr(host.text(path)))
    told.append(host.text(KEY_FILE))
    for words in REGISTRY:
        done = host.command(words)
        told += [done.output.decode("utf-8", "replace"), *done.output.decode("utf-8", "replace").splitlines()]
    told.append(str(host.probe("editors.settings", f"{HOME}/.vscode-server/data/Machine/settings.json")))
    return info("told", *(told[number] for number in range(look.options.network, len(told))))


@check("editable", "path")
def editable(look: Look) -> Verdict:
    """Have every line of the start files commented out."""
    paths = (f"{HOME}/.bashrc", f"{HOME}/.profile", f"{HOME}/.config/go/env")
    lines = [(path, number, text) for path in paths for number, text in look.host.lines(path, ".")]
    edits = tuple(Edit(look.host._at(path).decode(), number, text, f"# {text}") for path, number, text in lines[::2])
    return warn(
        "lines",
        *(text for _, _, text in lines),
        remedies=tuple(Remedy(each.old, f"sed {each.old}", "file", (each,)) for each in edits),
    )


PLANTED_FILES = tuple(path for path in files(Secrets("")) if path != KEY_FILE)
REGISTRY = tuple(
    [REG, "query", *rest]
    for rest in (
        [registry.LXSS, "/s"], [registry.USER_ENVIRONMENT], [registry.MACHINE_ENVIRONMENT],
        [registry.INTERNET_SETTINGS], ["x"],
    )
)  # fmt: skip


def planted(machine: FolderMachine, secret: Secrets) -> Look:
    """A look at the machine with all kinds of secret in all places."""
    environment = {**make_interop(machine), **variables(secret)}
    machine.toolchain("/usr/local/go")
    machine.directory("/mnt/c/Users/me")
    machine.program(REG)
    machine.write("/proc/sys/fs/binfmt_misc/WSLInterop", "enabled\n")
    for path, text in files(secret).items():
        machine.write(path, text)
    code_settings = [
        ["go.toolsEnvVars/PATH", f"/x:https://u:{secret('VS Code')}@x"],
        ["go.alternateTools/go", f"/opt/ghp_{secret('VS Code: token', 36)}/go"],
        ["terminal.integrated.env.linux/GOROOT", f'{{"GITHUB_TOKEN": "{secret("VS Code: JSON")}", "a": 1}}'],
    ]
    incident = {
        "class": "lock", "sign": "s", "path": f"https://u:{secret('journal')}@x/a?token={secret('journal: token')}",
        "verb": "build", "attempts": 1, "waited_s": 1.0, "won": False,
    }  # fmt: skip
    machine.directory(f"{HOME}/.local/state")
    assert journal.add({"HOME": f"{machine.root}{HOME}"}, [incident])
    return look_at(
        machine,
        environment,
        commands=commands(secret),
        probes={"editors.settings": code_settings},
        now_ns=time.time_ns(),
    )


def texts_of(examination: Examination) -> Iterator[tuple[str, str]]:
    """Everything that can be printed of an examination, by its form."""
    told = report.make(examination, "0.3.0", examination.look.host.now_ns())
    yield "JSON", json.dumps(told.as_json(), ensure_ascii=False)
    yield "Markdown", told.as_markdown()
    for width in (40, 160):
        for terminal in (True, False):
            file = io.StringIO()
            console = Console(file=file, width=width, force_terminal=terminal, highlight=False, markup=False)
            shown.show(console, told, quiet=False)
            yield f"text, {width} columns", file.getvalue()
            yield f"text, {width} columns, unwrapped", "".join(line.strip() for line in file.getvalue().splitlines())
    repairs, _ = fix.plan(told.findings)
    yield "diff", "\n".join(repair.diff for repair in repairs)


# The narrow lines of many kinds of evidence are cut at 40: all must be looked at.
def in_parts(of: Check, size: int) -> list[Check]:
    def part(start: int) -> Check:
        def judge(look: Look) -> Verdict:
            whole = of.judge(look)
            return info("told", *whole.evidence[start : start + size])

        return check(f"{of.id}-{start}", of.section)(judge)

    return [part(start) for start in range(0, 1000, size)]


@pytest.fixture
def one(machine: FolderMachine) -> tuple[Look, Secrets]:
    secret = Secrets("one")
    return planted(machine, secret), secret


ALL = (*CHECKS, *in_parts(everything, 40), editable)


def test_enough_kinds_are_planted_and_a_careless_check_would_tell_them(one: tuple[Look, Secrets]):
    look, secret = one
    assert len(secret.made) >= 80
    assert len(secret.found_in("\n".join(everything.judge(look).evidence))) >= 60


def test_no_secret_is_in_any_report(one: tuple[Look, Secrets]):
    look, secret = one
    examination = Examination(look, ALL)
    assert [(each.check, each.summary) for each in examination.findings if each.status == "crash"] == []
    for form, text in texts_of(examination):
        assert secret.found_in(text) == [], form
        assert len(text) > 100, form


def test_no_secret_is_in_the_record_nor_in_what_is_told_of_it(one: tuple[Look, Secrets], tmp_path: Path):
    look, secret = one
    Examination(look, ALL)
    path = tmp_path / "record"
    record.save(record.of(look.host, look.options), str(path))
    text = path.read_text(encoding="ascii")
    assert secret.found_in(text) == []
    assert secret.found_in(text.encode().decode("unicode_escape")) == []
    loaded = record.load(str(path))
    with closed_machine() as tried:
        replayed = Examination(Look(loaded.host(), loaded.options), ALL)
    assert tried == []
    for form, told in texts_of(replayed):
        assert secret.found_in(told) == [], form


def test_no_secret_is_in_what_changed(machine: FolderMachine, tmp_path: Path):
    first, second = Secrets("one"), Secrets("two")
    before = planted(machine, first)
    Examination(before, ALL)
    path = str(tmp_path / "record")
    record.save(record.of(before.host, before.options), path)
    after = Examination(planted(machine, second), ALL)
    loaded = record.load(path)
    then = Examination(Look(loaded.host(), loaded.options), ALL)
    now = record.of(after.look.host, after.look.options)
    # each fact is told: as if every finding had changed
    changed = compare(then, Examination(after.look, ()), loaded.answers, now.answers)
    changed += compare(Examination(Look(loaded.host()), ()), after, loaded.answers, now.answers)
    assert len(changed) > len(CHECKS)
    unredacted = compare(then, Examination(after.look, ()), before.host.answers, after.look.host.answers)
    for found in (changed, unredacted):
        file = io.StringIO()
        shown.show_differences(Console(file=file, width=200), found, "then")
        for text in (file.getvalue(), json.dumps([each.as_json() for each in found], ensure_ascii=False)):
            assert first.found_in(text) == []
            assert second.found_in(text) == []
    assert any(each.facts for each in changed)


def test_no_secret_is_in_the_journal(one: tuple[Look, Secrets], machine: FolderMachine):
    _, secret = one
    text = machine.at(journal.locate({"HOME": HOME})).read_text()
    assert '"class": "lock"' in text
    assert secret.found_in(text) == []


def test_a_finding_stays_useful(one: tuple[Look, Secrets]):
    look, _ = one
    text = "\n".join(text for form, text in texts_of(Examination(look, ALL)) if form == "JSON")
    for useful in (
        "http://me:***@proxy.corp:3128",
        "https://me:***@goproxy.corp/go",
        "pac.corp",
        "-mod=mod",
        "HOSTTYPE=x86_64",
    ):
        assert useful in text


def test_a_record_stays_useful(one: tuple[Look, Secrets]):
    look, _ = one
    Examination(look, ALL)
    answers = record.of(look.host, look.options).answers
    assert answers["variable", "HTTP_PROXY"] == "http://me:***@proxy.corp:3128"
    assert answers["variable", "GITHUB_TOKEN"] == "***"
    assert str(answers["variable", "GOPROXY"]).endswith("c.corp/go,direct")
    lines = answers[record.question("lines", json.dumps([f"{HOME}/.bashrc", "."]))]
    assert isinstance(lines, tuple)
    assert lines[1] == (2, "export HTTP_PROXY=http://u:***@proxy.corp:3128")
    asked = [str(answer) for (kind, subject), answer in answers.items() if kind == "command" and "Lxss" in subject]
    assert any(
        r"HOSTTYPE=x86_64\\0HTTP_PROXY=http://u:***@proxy.corp:3128\\0MY_PASSWORD=***\\0TERM=xterm" in each
        for each in asked
    )


# And the converse: what is no secret is left as it is.


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _strings(each)


@for_each("of", CHECKS)
def test_what_a_check_says_of_itself_holds_nothing_that_is_masked(of: Check):
    for text in (of.doc, of.summary, of.why, *of.doc.split("\n")):
        assert redact(text) == text


@for_each("path", sorted(Path(resources.path("config")).glob("*.toml")))
def test_what_is_in_goshims_own_tables_holds_nothing_that_is_masked(path: Path):
    text = path.read_text(encoding="utf-8")
    for each in (*_strings(resources.parse_toml(text)), *text.split("\n")):
        assert "(?:" in each or redact(each) == each  # a regular expression is shown to nobody
