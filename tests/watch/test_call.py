from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from goshim.base import resources
from goshim.settings.model import Retry
from goshim.watch.call import Call
from tests.tables import for_each
from tests.watch.made import make_call, settings_words


def test_the_words_of_a_plan_are_a_call():
    call = Call.of([settings_words(quiet=True), "0000000000001000", "/the go", "mod", "download", "a b", ""])
    assert (call.go, call.arguments, call.verb) == ("/the go", ["mod", "download", "a b", ""], "mod download")
    assert call.ignored == 0x1000
    assert call.settings == {name: str(value) for name, value in {**vars(Retry()), "quiet": True}.items()}


@for_each("text, mask", [("", 0), ("0", 0), ("0000000000000004", 4), ("fffffffffffffeff", 2**64 - 257)])
def test_the_ignored_signals_are_a_mask(text, mask):
    assert Call(settings_words(), text, "/go", []).ignored == mask


def test_settings_are_numbers_and_words(tmp_path):
    call = make_call(directory=tmp_path, lock_budget_s=1e-05, quiet=True, locks="never")
    assert call.seconds("lock_budget_s") == 1e-05
    assert call.seconds("network_tries") == 4
    assert call.is_quiet
    assert not make_call(directory=tmp_path).is_quiet
    assert call.settings["locks"] == "never"


@pytest.mark.parametrize(
    ("arguments", "goflags", "prints"),
    [
        (["mod", "download", "-json"], "", True),
        (["mod", "download"], "-json", True),
        (["mod", "download"], "", False),
        (["build", "-json"], "", True),
        (["-C", "d", "install", "-json=1"], "", True),
        (["vet", "--json"], "", True),
        (["get", "-json"], "", False),
        (["mod", "tidy"], "-json", False),
        (["mod", "vendor", "-json"], "", False),
        (["list", "-json"], "", False),
        (["mod", "tidy", "-e", "-diff"], "", True),
        (["mod", "tidy"], "-diff", True),
        (["mod", "tidy", "-diff=false"], "", False),
        (["vet", "-fix", "-diff", "./..."], "", True),
        (["vet", "-fix"], "", False),
        (["build", "-diff"], "", False),
    ],
)
def test_the_stdout_that_a_program_reads_is_kept_back(tmp_path, arguments, goflags, prints):
    call = make_call(*arguments, directory=tmp_path, environment={"GOFLAGS": goflags})
    assert call.keeps_stdout is prints


def test_the_directory_is_the_one_after_gos_own_flag(tmp_path, monkeypatch):
    (tmp_path / "d").mkdir()
    monkeypatch.chdir(tmp_path)
    assert make_call("mod", "download", directory=tmp_path).directory == str(tmp_path)
    assert make_call("-C", "d", "mod", "download", directory=tmp_path).directory == f"{tmp_path}/d"


def test_another_call_instead_is_silent_and_runs_elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    call = make_call("test", "./...", directory=tmp_path, environment={"A": "1"}, quiet=True)
    other = call.instead(["list", "-json"], "/else")
    assert (other.verb, other.directory, other.is_silent, other.is_quiet) == ("list", "/else", True, True)
    assert other.environment == {**call.environment, "PWD": "/else"}
    assert other.go == call.go
    assert (call.verb, call.directory, call.is_silent) == ("test", str(tmp_path), False)
    assert call.environment["PWD"] == str(tmp_path)


def test_go_gets_the_bytes_that_the_launcher_gave(tmp_path):
    given = {b"A": b"\xff=x", b"A.B": b"", b"LANG": b"C", b"PATH": b"/bin"}
    script = (
        "import sys; sys.path.append(sys.argv[1]); from goshim.watch.call import Call;"
        "print(ascii(Call.of(sys.argv[2:]).exec_parts()))"
    )
    top = os.path.dirname(resources.PACKAGE)
    words = [sys.executable, "-I", "-S", "-X", "utf8", "-c", script, top, settings_words(), "0"]
    done = subprocess.run([*words, b"/the\xfe go", b"get", b"\xff"], env=given, capture_output=True, check=True)
    program, arguments, environment = ast.literal_eval(done.stdout.decode("ascii"))
    assert program == b"/the\xfe go"
    assert arguments == [b"/the\xfe go", b"get", b"\xff"]
    assert environment == given
