"""The time that texts of users, editors and projects take grows with their length, whatever is in them."""

from __future__ import annotations

import contextlib
import itertools

from goshim.doctor.engine.look import UnknownError
from goshim.doctor.formats import module_patterns, start_file_lines
from goshim.doctor.formats import wsl_config as wsl_conf_parser
from goshim.doctor.machine import go_env, go_mod, registry
from goshim.doctor.run.compare import _FIGURE
from goshim.doctor.subjects.certificates import git as git_tls
from goshim.facts import go_env_file
from goshim.facts.mounts import MountTable
from goshim.watch import signs
from tests.growth import is_linear
from tests.tables import for_each


def start_lines(text: str) -> None:
    for shell in ("", "bash", "zsh", "fish"):
        for found in start_file_lines.find(text, shell):
            found.value("/home/me")
        start_file_lines.kept(text, shell)
    start_file_lines.find.cache_clear()


def settings_of_go(text: str) -> None:
    for line in text.split("\n"):
        go_env._judge(go_env.Line(1, line))


def git_config(text: str) -> None:
    for line in text.split("\n"):
        git_tls._SECTION.match(line)
        git_tls._SETTING.match(line)


def mod_file(text: str) -> None:
    go_mod.malformed(text, "go.mod")
    go_mod.parse(text)


def patterns(text: str) -> None:
    with contextlib.suppress(RecursionError):
        module_patterns.covers(text, "example.com/a/b")
    module_patterns.as_meant(text)
    module_patterns._pieces.cache_clear()


def output_of_go(text: str) -> None:
    lines = text.split("\n")
    for each in signs.json_texts(lines):
        assert isinstance(each, str)
    for each in signs.error_lines(lines):
        assert isinstance(each, str)


KEY = "HKEY_CURRENT_USER\\Environment"


def registry_key(text: str) -> None:
    with contextlib.suppress(UnknownError):
        registry.parse(text, "HKCU\\Environment")


READERS = {
    "start files": (start_lines, ("", "PATH=", "export GOFLAGS=", 'PATH="', "export 'PATH=", "set -x PATH ", "path=(")),
    "go env -w": (settings_of_go, ("", "GOFLAGS=x", "setx ", "GOPROXY=", "GOFLAGS")),
    "git's config": (git_config, ("", "[http", '[http "', "sslVerify")),
    "go.mod": (mod_file, ("", 'require x "', "require (\n", "use (\n", "module ")),
    "private modules": (patterns, ("", "example.com/", "[", "\\", "https://")),
    "wsl.conf": (lambda text: wsl_conf_parser.parse("/x", text, stops=True), ("", "[a]\nb=", "[", 'a="')),
    "reg.exe": (registry_key, ("", f"{KEY}\n    ", f"{KEY}\n    A    REG_SZ    ")),
    "mountinfo": (MountTable, ("", "1 2 3:4 / /", "1 2 3:4 / / rw - 9p ")),
    "go's output": (output_of_go, ("", "go: ", "\t", '"Error": "', "{", "go: warning", "# ")),
    "figures": (lambda text: _FIGURE.sub("", text), ("", "less than ")),
}
UNITS = (
    " ", "\t", "a", "_", "1", '"', "'", "`", '\\"', "\\", "$", "$(", "(", "[", "]", "/", "=", ":", ",", ".", "-",
    "--a ", "#", "a ", "a=", "\n", " \n", "a\n", "_PROXY", "PATH=", 'a"', "*", "[a", "é",
)  # fmt: skip


@for_each("name", READERS)
def test_the_time_of_a_text_grows_with_its_length(name):
    read, beginnings = READERS[name]
    for unit, beginning in itertools.product(UNITS, beginnings):
        assert is_linear(lambda text: read(text + "x"), unit, beginning, size=2_000), (unit, beginning)


def test_a_go_env_file_is_read_in_linear_time(machine):
    def read(text: str) -> None:
        machine.write("/home/me/.config/go/env", text)
        go_env_file.read(machine.host(), MountTable())

    assert is_linear(read, "GOFLAGS=\n")
    assert is_linear(read, " ", "GOFLAGS=x")
