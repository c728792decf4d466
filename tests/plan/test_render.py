from __future__ import annotations

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goshim.base.encoding import to_bytes, to_text
from goshim.base.shells import quoted
from goshim.plan.render import UnrenderableError, actions, guarded
from goshim.plan.work_out import Plan
from goshim.rules.rule import Change
from goshim.settings import parse
from goshim.settings.layers import Loaded
from goshim.settings.model import Settings
from goshim.toolchain import SHIM_VARIABLE, Toolchain
from tests.bash_launcher import BASH, run_bash
from tests.tables import for_each

ENV = "/usr/bin/env"
LOADED = Loaded(Settings(), (), ())
VALUES = st.binary(max_size=60).map(lambda data: data.replace(b"\0", b""))
TRICKY = [
    b"", b" ", b"'", b"\\", b"$HOME", b"`id`", b"$(id)", b"!", b"~", b"*", b"a b", b"\n", b"\r\n", b"\t", b"\x01",
    b"\x7f", b"\x80", b"\xff\xfe", b"\\'", b"'\\''", b"\\0123", b"\x01" + b"1", "\u5f20\u4e09".encode(), b"\xc3",
    b"\xc3(", b"-n", b"-e", b"{a,b}", b"#", b"$'x'", b";exit 1", b"&", b"(", b"a=b", b"\x1b[31m", b"\xe2\x80\xa8",
    b"[[:space:]]", b"?", b"a'b\"c\\d",
]  # fmt: skip


def plan(go: str = ENV, goroot: str = "/r", called_back: tuple[str, ...] = (), **after: str | None) -> Plan:
    changes = tuple(Change(name, None, value, "x", "x") for name, value in after.items())
    return Plan(Toolchain(go, goroot, "x", called_back), changes, LOADED)


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@given(values=st.lists(VALUES, min_size=1, max_size=40))
def test_bash_reads_a_quoted_word_as_exactly_these_bytes(locale, values):
    values = [*values, *TRICKY]
    words = [quoted(to_text(value)) for value in values]
    assert all(word.isascii() and "\n" not in word for word in words)
    done = subprocess.run(
        [BASH, "-pc", f"printf '%s\\0' {' '.join(words)}"], env={"LC_ALL": locale}, capture_output=True, check=True
    )
    assert done.stdout == b"".join(value + b"\0" for value in values)
    assert done.stderr == b""


@given(values=st.lists(VALUES, min_size=1, max_size=10))
def test_an_environment_gets_exactly_these_values(values):
    after = {f"V{index}": to_text(value) for index, value in enumerate([*values, *TRICKY])}
    done = run_bash(actions(plan(**after)), ["-0"], {"KEPT": "1", "V1": "before"})
    found = dict(entry.split(b"=", 1) for entry in done.stdout.split(b"\0") if entry)
    assert {name: found[name.encode()] for name in after} == {name: to_bytes(value) for name, value in after.items()}
    assert found[b"KEPT"] == b"1"


def test_a_variable_is_unset_and_others_go_through_unharmed():
    environment = {"GOROOT": "C:\\Go", "text": "mine", "plan": "mine", "A": "1"}
    done = run_bash(
        f'run() {{ local +x text plan; {actions(plan(GOROOT=None, B=""))} }}; run "$@"', ["-0"], environment
    )
    assert set(done.stdout.split(b"\0")) >= {b"text=mine", b"plan=mine", b"A=1", b"B="}
    assert b"GOROOT" not in done.stdout


def is_refused(name: str) -> bool:
    try:
        parse.check({"env": {name: "x"}})
    except parse.InvalidValueError:
        return True
    return False


def test_each_variable_that_bash_knows_is_passed_on_or_refused_by_the_config():
    known = run_bash("compgen -v; declare -p BASHPID", environment={"PATH": "/bin"}).stdout.decode().split("\n")
    names = [name for name in known if name.isidentifier() and not is_refused(name)]
    assert "HOSTNAME" in names
    for name in names:
        done = run_bash(actions(plan(**{name: "x"})), ["-0"], {"PATH": "/bin"})
        assert f"{name}=x".encode() in done.stdout.split(b"\0"), name
        assert done.stderr == b"", name


def test_the_last_change_of_a_variable_counts():
    changes = (Change("A", None, "1", "x", "x"), Change("A", "1", None, "y", "y"), Change("A", None, "2", "z", "z"))
    text = actions(Plan(Toolchain(ENV, "/r", "x"), changes, LOADED))
    assert run_bash(text, ["-0"]).stdout.startswith(b"A=2\0") or b"\0A=2\0" in run_bash(text, ["-0"]).stdout


def test_go_gets_the_arguments_as_they_are(tmp_path):
    program = tmp_path / "it's a go"
    program.write_text("#!/bin/sh\nprintf '<%s>' \"$@\"\n", encoding="utf-8")
    program.chmod(0o755)
    arguments = ["build", "", "a b", "-ldflags=-X 'm.v=1'", "$HOME", "*", "\udcff"]
    done = run_bash(actions(plan(str(program))), arguments)
    assert done.stdout == b"".join(b"<" + to_bytes(each) + b">" for each in arguments)


def test_another_managers_shim_is_marked_with_the_process_that_becomes_it():
    done = run_bash("echo $$\n" + actions(plan(goroot="", called_back=("/a/go",))))
    process, *rest = done.stdout.decode().split("\n")
    assert f"{SHIM_VARIABLE}={process}:/a/go:{ENV}" in rest
    assert SHIM_VARIABLE not in run_bash(actions(plan())).stdout.decode()


SECRETS = [
    "http://me:hunter2@proxy:3128",
    "http://hunter2@proxy",
    "https://a:hunter2@x,https://b:hunter2@y,direct",
    "http://me:hunt@hunter2@proxy:3128",
    "me:hunter2@proxy:3128",
]


def stored(answers, **after):
    try:
        return guarded(plan(**after), answers, ":")
    except UnrenderableError:
        return ""


@for_each("value", SECRETS)
@for_each("name", ["HTTP_PROXY", "GOPROXY"])
def test_a_password_is_never_in_a_stored_plan(name, value):
    assert "hunt" not in stored({("variable", name): value}, **{name.lower(): value})
    assert "hunt" not in stored({("variable", name): value, ("variable", "OTHER"): value})
    assert "hunt" not in stored({("variable", name): f"{value}\r"}, **{name: value})
    assert "hunt" not in stored({}, **{name: value})
    assert "hunt" not in stored({("read", "/config"): f"[proxy]\nhttp = '{value}'\n".encode()})


def test_a_secret_of_the_config_is_never_in_a_stored_plan():
    answers = {("read", "/config"): b"[env]\nGITHUB_TOKEN = 'hunter2'\n"}
    assert "hunter2" not in stored(answers, GITHUB_TOKEN="hunter2")


def test_a_password_that_a_variable_holds_is_taken_from_there():
    value = "http://me:hunter2@proxy"
    text = guarded(plan(https_proxy=value), {("variable", "HTTP_PROXY"): value}, ":")
    for password in ("hunter2", "another"):
        now = value.replace("hunter2", password)
        assert (
            f"https_proxy={now}\n".encode()
            in run_bash(f"for _ in once; do\n{text}done", environment={"HTTP_PROXY": now}).stdout
        )


def test_a_password_is_not_taken_from_a_variable_that_changes_too():
    value = "http://me:hunter2@proxy"
    with pytest.raises(UnrenderableError):
        guarded(plan(HTTP_PROXY=None, https_proxy=value), {("variable", "HTTP_PROXY"): value}, ":")


def test_a_password_that_no_variable_holds_makes_no_stored_plan():
    with pytest.raises(UnrenderableError):
        guarded(plan(HTTP_PROXY="http://me:hunter2@proxy"), {}, ":")


@for_each(
    "answers",
    [
        {("read", "/x"): b"#" * 65537},
        {("read", "/x"): b"a\0b"},
        {("format", "/usr/bin/go"): "other"},
    ],
)
def test_what_no_guard_can_ask_again_makes_no_stored_plan(answers):
    with pytest.raises(UnrenderableError):
        guarded(plan(), answers, ":")


HARMLESS = [
    ("go.mod", "// Owned by team@example.com\nmodule example.com/app\n"),
    ("go.mod", "replace example.com/zz => example.com/m v1.0.0 // was example.com/zz@v1.2.3\n"),
    ("go.mod", "require example.com/m v1.0.0 // https://pkg.go.dev/example.com/m@v1.0.0\n"),
    ("go.mod", "replace example.com/auth => ../auth\n"),
    ("go.work", "use ./a // asked for by team@example.com\n"),
    ("go.sum", "example.com/m v0.1.0 h1:MuIvIGv8y51/aLcKJMQvO980OqkL+aP6iGW/B0l6/pw=\n"),
    ("go.work.sum", "example.com/m v0.1.0 h1:MuIvIGv8y51/aLcKJMQvO980OqkL+aP6iGW/B0l6/pw=\n"),
]


@for_each("name, text", HARMLESS)
def test_what_a_modules_files_usually_hold_is_taken_for_no_password(name, text):
    assert stored({("read", f"/work/{name}"): text.encode()})


@for_each("name", ["go.mod", "go.work"])
@for_each("address", [*SECRETS[:4], "//me:hunter2@proxy", "https://me:hunter2@host/m@v1.0.0"])
def test_a_password_in_a_comment_of_a_modules_file_is_in_no_stored_plan(name, address):
    assert not stored({("read", f"/work/{name}"): f"go 1.21 // git clone {address}\n".encode()})
    assert not stored({("read", f"/work/{name}"): b"go 1.21 // with GITHUB_TOKEN=hunter2\n"})


def after_each_beginning(tmp_path, text: str) -> bytes:
    """The launcher tries every beginning of the text in turn, each a file; only a whole one may run anything."""
    for length in range(len(text)):
        (tmp_path / f"plan.{length:06}").write_text(text[:length], encoding="ascii")
    at = quoted(str(tmp_path))
    script = f'find_plan() {{ dir=/ store={at} plan={at}/plan; }}; HOME=; warm; echo "${{MARK-unset}} survived"'
    return run_bash(script).stdout


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {
            ("variable", "A"): None,
            ("variable", "PATH"): None,
            ("exists", "/"): True,
            ("is_directory", "/absent"): False,
        },
        {("glob", "/absent/*"): (), ("above", "absent"): None, ("read", "/absent"): None},
    ],
    ids=["no guard", "variables and files", "functions"],
)
def test_a_torn_plan_runs_nothing(tmp_path, answers):
    text = guarded(plan("/bin/true", MARK="set"), answers, ":")
    assert after_each_beginning(tmp_path, text) == b"unset survived\n"
    whole = run_bash(f"dir=/; for _ in once; do\n{text}done\necho survived")
    assert (whole.returncode, whole.stdout) == (0, b"")


def test_a_stored_plan_is_plain_ascii():
    answers = {
        ("variable", "PATH"): "/\udcff:/\u5f20",
        ("read", "/\u5f20"): "\u4e09\r\n".encode(),
        ("exists", "/\u5f20"): True,
    }
    text = guarded(plan(GOFLAGS="\u5f20\udcfe"), answers, ":")
    assert re.fullmatch(r"[\x20-\x7e\n]+", text)


@for_each("name", ['GOSHIM_}"; touch /tmp/x; "', "GOSHIM_X.Y", "GOSHIM_\n", ""])
def test_a_name_that_no_shell_can_hold_makes_no_stored_plan(name):
    with pytest.raises(UnrenderableError):
        guarded(plan(), {("variable", name): "1"}, ":")


@for_each("password", ["it's-hunter2", "a/hunter2", "a hunter2", 'x"hunter2'])
@for_each("address", ["http://me:{}@proxy:3128", "//me:{}@proxy"])
def test_no_password_of_any_kind_is_in_a_stored_plan(address, password):
    value = address.format(password)
    assert "hunter2" not in stored({("variable", "HTTPS_PROXY"): value}, https_proxy=value)
    assert "hunter2" not in stored({("read", "/x"): f'[proxy]\nhttp = "{value}"\n'.encode()})


@for_each("name", ["GITHUB_TOKEN", "GITHUB_PAT", "NPM_AUTH", "API_KEY"])
def test_a_value_that_is_secret_by_its_name_is_in_no_stored_plan(name):
    assert "hunter2" not in stored({("variable", name): "hunter2"})
    assert "hunter2" not in stored({}, **{name: "hunter2"})
