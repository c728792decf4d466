"""What a line of a start file sets, as its shell would read it."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest

from goshim.doctor.formats import start_file_lines
from tests.tables import for_each

HOME = "/home/me"


def values(line: str, shell: str = "bash") -> dict[str, str | None]:
    return {each.name: each.value(HOME) for each in start_file_lines.find(line, shell)}


LINES = [
    ("export GOROOT=/go", "/go"),
    ("GOROOT='/my go' GOPATH=x", "/my go"),
    ('if true; then export GOROOT="/my go"; fi', "/my go"),
    ("GOROOT=", ""),
    ("GOROOT=''", ""),
    ("export GOROOT=$HOME/go", f"{HOME}/go"),
    ('GOROOT="${HOME}"/go', f"{HOME}/go"),
    ("GOROOT=~/a:~/b", f"{HOME}/a:{HOME}/b"),
    ("GOROOT=/a~b", "/a~b"),
    ("GOROOT='C:\\go'", "C:\\go"),
    ('GOROOT="C:\\go"', "C:\\go"),
    ("export GOROOT=/go\r", "/go\r"),
    ('export GOROOT="/go"\r', "/go\r"),
    ("GOROOT=/go;", "/go"),
    ("GOROOT=/go#1", "/go#1"),
    ("export 'GOROOT=/go'", "/go"),
    ('declare -x "GOROOT=$HOME/my go"; true', f"{HOME}/my go"),
    ('X="a#b"; export GOROOT=/go', "/go"),
    ("X='a # b' GOROOT=/go", "/go"),
    ("true a#b \\# c\\ #d; GOROOT=/go # GOROOT=/other", "/go"),
]


@for_each("line, value", LINES)
def test_the_value_of_a_line_is_that_of_the_shell(line: str, value: str):
    assert values(line)["GOROOT"] == value
    done = subprocess.run(
        ["bash", "-c", f'{line}\nprintf %s "$GOROOT"'],
        env={"HOME": HOME, "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        check=True,
    )
    assert done.stdout.decode() == value


@for_each("line", [
        "GOROOT=$SDK", "GOROOT=$HOMES/go", "GOROOT=`brew --prefix`/go", "GOROOT=$(brew --prefix go)", "GOROOT+=/go",
        "GOROOT=C:\\go", 'GOROOT="C:\\\\go"', "GOROOT=~you/go", "GOROOT=$'a'", 'GOROOT="/go', "GOROOT=(/a /b)",
        'GOROOT="$(brew --prefix "go")"', "GOROOT=/go\\", 'export "GOROOT=$SDK"', "export 'GOROOT=/go'/x",
    ])  # fmt: skip
def test_what_only_the_shell_can_tell_is_not_guessed(line: str):
    assert values(line) == {"GOROOT": None}


@for_each(
    "line, value",
    [
        ("set -gx GOROOT /go", "/go"),
        ("set --export GOROOT '/my go'; and true", "/my go"),
        ("set -gx GOROOT /go\r", "/go"),
        ("set -gx GOROOT /a /b", None),
        ("set -gx GOROOT (brew --prefix)/go", None),
        ("setenv GOROOT /go # mine", "/go"),
    ],
)
def test_fish_sets_by_a_command(line: str, value: str | None):
    assert values(line, "fish") == {"GOROOT": value}


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
def test_a_carriage_return_is_a_blank_to_fish():
    done = subprocess.run(
        ["fish", "--no-config", "-c", "set GOROOT /go\r\nprintf %s $GOROOT"], stdout=subprocess.PIPE, check=True
    )
    assert done.stdout == b"/go"


@for_each(
    "line, value",
    [
        ("GOFLAGS=-mod=mod -x", "-mod=mod -x"),
        ('GOFLAGS="-mod=mod -x" ', "-mod=mod -x"),
        ("GOFLAGS=${FLAGS}", None),
        ("GOFLAGS DEFAULT=-x OVERRIDE=-v", None),
        ("SETUVAR --export GOFLAGS:\\x2dx", None),
    ],
)
def test_what_is_no_shell_s_has_one_variable_a_line(line: str, value: str | None):
    assert values(line, "") == {"GOFLAGS": value}


@for_each("line", [
        "# GOROOT=/go", "true # GOROOT=/go", "true;# GOROOT=/go", "echo 'a # b' # GOROOT=/go", "unset GOROOT",
        "set -e GOROOT", "export MY_GOROOT=/go", "echo GOROOT /go", 'echo "GOROOT=/go"', 'export "MY_GOROOT=/go"',
    ])  # fmt: skip
def test_what_sets_nothing_is_no_assignment(line: str):
    assert values(line) == {}
    assert values(line, "fish") == {}


@for_each(
    "line, kept",
    [
        ("export GOROOT=/go; mysql -ppw -u x", "export GOROOT=/go …"),
        ("export GOROOT=/go MY_PIN=pw", "export GOROOT=/go …"),
        ("export MY_PIN=pw GOROOT=/go", "… GOROOT=/go"),
        ("if [ pw ]; then export GOROOT=/go; fi", "… export GOROOT=/go …"),
        ("export PATH=$GOROOT/bin:$PATH # pw", "export PATH=$GOROOT/bin:$PATH …"),
        ('alias g="PW=pw $GOROOT/bin/go"', ""),
        ('export "GOFLAGS=-x" PIN=pw', 'export "GOFLAGS=-x" …'),
        ('X="pw#b"; export GOFLAGS=-x', "… export GOFLAGS=-x"),
        ('export GOROOT="/go pw', "export GOROOT=…"),
        ("curl -x $https_proxy -u bob:pw", ""),
        ("echo pw # GOROOT=/go", ""),
        ("fish_add_path /a /b; echo pw", "fish_add_path /a /b …"),
        ("path+=(/a /b) PIN=pw", "path+=(/a /b) …"),
        ("[ pw ] && GOROOT=/a || GOROOT=/b", "… GOROOT=/a … GOROOT=/b"),
    ],
)
def test_of_a_line_is_kept_what_matters_and_still_read_alike(line: str, kept: str):
    assert start_file_lines.kept(line, "bash") == kept
    assert values(kept) == values(line)
    assert "pw" not in kept
    assert start_file_lines.kept(kept, "bash") == kept


@for_each("line", ["  export GOROOT=/go ;\r", "GOROOT=/go GOPATH=/x", "export PATH=$PATH:/go/bin"])
def test_a_line_with_nothing_else_is_kept_as_it_is(line: str):
    assert start_file_lines.kept(line, "bash") == line


@for_each("line", ["… GOROOT=/go", "GOROOT=/go …", "GOROOT=/go GOPATH=/x", "GOROOT=/go make", 'export "GOROOT=/go"'])
def test_a_line_with_more_on_it_is_not_alone(line: str):
    assert start_file_lines.alone(line, "bash") is None


@for_each("shell", ["bash", "fish", ""])
@for_each("piece", [" ", "'", '"', "\\", "#", "a#", " #", "export -export ", "set -set ", "GOX=(", "SETUVAR "])
def test_a_line_of_any_kind_is_read_in_time(piece: str, shell: str):
    line = f"export PATH=/x:$PATH{piece * (100_000 // len(piece))}; hash -r"
    began_s = time.process_time()
    start_file_lines.kept(line, shell)
    assert time.process_time() - began_s < 2
