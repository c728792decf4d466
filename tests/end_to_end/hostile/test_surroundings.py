r"""What surrounds a call: a store, names, an environment. Each input does its harm only where the guard is gone."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.end_to_end.machine import Machine


def _token(machine: Machine) -> bytes:
    found = re.search(rb"token=([0-9a-f]{32})", machine.launcher.read_bytes())
    assert found
    return found[1]


def _obeys_planted_plan(machine: Machine, seal: bytes, env: dict[str, Path], store: Path) -> bool:
    for project in ("-", str(machine.work)):
        name = f"plans{project}/@{len(machine.env['PATH'])}-0-0.x"
        machine.put(store / "goshim" / name, b"echo planted; exit 9\n# " + seal + b"\n", 0o600)
    (store / "goshim").chmod(0o1700)
    return machine.go("version", env=env).out == b"planted\n"


# The last line of a plan that a CI cache brought with it.
SEALS = {"none": b"", "another launcher's": b"0" * 32, "a pattern": b"?" * 32, "part of it": b"{token}"}


def test_a_plan_that_others_wrote_is_obeyed_only_without_the_guard(make_machine):
    for guard in ("", "a plan ends with the token"):
        machine = make_machine(guard)
        for name, seal in SEALS.items():
            sealed = seal.replace(b"{token}", _token(machine)[:31])
            assert _obeys_planted_plan(machine, sealed, {}, machine.home / ".cache") == bool(guard), name


# What a pipeline sets so that its cache lies in the checkout: GitLab's $CI_PROJECT_DIR/.cache, Jenkins' HOME.
STORES = {
    "XDG_CACHE_HOME in the clone": ("XDG_CACHE_HOME", ".cache", ".cache"),
    "XDG_CACHE_HOME deeper in the clone": ("XDG_CACHE_HOME", "a/b", "a/b"),
    "the clone as HOME": ("HOME", "", ".cache"),
}


def test_a_clone_brings_a_store_only_without_the_guard(make_machine):
    for guard in ("", "no store in a checkout"):
        machine = make_machine(guard)
        (machine.work / ".git").mkdir()
        for name, (variable, value, store) in STORES.items():
            env = {variable: machine.work / value}
            assert _obeys_planted_plan(machine, _token(machine), env, machine.work / store) == bool(guard), name


# Entries of PATH that are another directory at each call: a clone with a program of this name in it runs it.
ENTRIES = ("/proc/self/cwd", "//proc/self/cwd", "/proc/../proc/self/cwd", "{root}/link", "{root}/link2")


def test_a_clone_brings_the_go_that_runs_only_without_the_guard(make_machine):
    for guard in ("", "a program has an absolute place"):
        machine = make_machine(guard)
        machine.put(machine.work / "go", "#!/bin/sh\necho planted\n")
        (machine.root / "link").symlink_to("/proc/self/cwd")
        (machine.root / "link2").symlink_to("link")
        for entry in ENTRIES:
            path = f"{entry.format(root=machine.root)}:{machine.env['PATH']}"
            done = machine.goshim("exec", "--", "go", "version", env={"PATH": path})
            assert (done.out == b"planted\n") == bool(guard), entry


# What a clone calls a directory or a key, as an escape of TOML, and what of it must not reach the terminal.
NAMES = {
    "the window's title": ("\\u001b]0;owned\\u0007", "\x1b"),
    "colors": ("\\u001b[31m", "\x1b"),
    "one character for ESC [": ("\\u009b31m", "\x9b"),
    "the other order of writing": ("\\u202egnp", "\u202e"),
    "an order of writing, isolated": ("\\u2066x", "\u2066"),
    "nothing between letters": ("a\\u200bb", "\u200b"),
    "a carriage return": ("x\\rok", "\r"),
    "a forged line": ("x\\ngoshim: forged", "\ngoshim: forged"),
}
PLACES = {
    "an unknown key": '"{}" = 1\n',
    "a rule that is unknown": 'rules.off = ["{}"]\n',
}


def test_a_name_reaches_the_terminal_as_it_is_only_without_the_guard(make_machine):
    for guard in ("", "only visible characters are printed"):
        machine = make_machine(guard)
        raw = set()
        for place, text in PLACES.items():
            for name, (written, character) in NAMES.items():
                machine.project_file.write_text(text.format(written))
                done = machine.call(machine.launcher, "version", env={"GOSHIM_VERBOSE": "1"})
                if character in done.message:
                    raw.add((place, name))
        assert raw == ({(place, name) for place in PLACES for name in NAMES} if guard else set())


SECRET = "s3cretT0kenOfMine"
SECRETS = {
    "a query": {"HTTPS_PROXY": f" http://proxy.test/?token={SECRET}"},
    "a password": {"http_proxy": f" http://me:{SECRET}@proxy.test"},
    "a password with a comma": {"HTTP_PROXY": f'"http://me:a,{SECRET}@proxy.test"'},
    "a user who is a token": {"GOPRIVATE": f"https://{SECRET}@github.com/org"},
    "a token by its prefix": {"GOROOT": f"/opt/ghp_{SECRET}0123456789abcdefghi"},
}


def test_a_secret_of_the_environment_gets_into_the_store_only_without_the_guard(make_machine):
    for guard in ("", "a secret is stored nowhere"):
        machine = make_machine(guard)
        stored = set()
        for name, env in SECRETS.items():
            machine.forget()
            machine.go("version", env=env)
            files = [path for path in machine.home.rglob("*") if path.is_file()]
            if any(SECRET.encode() in path.read_bytes() for path in files):
                stored.add(name)
        assert stored == (set(SECRETS) if guard else set())


# Texts of a project file that take goshim long or much, by what is refused or cut short.
SIZES = {
    "a long comment": "# " + '"a:' * 340_000 + "/@\n",
    "a key of many parts": "a." * 20_000 + "a = 1\n",
    "many unknown keys": "".join(f"k{number} = 1\n" for number in range(8_000)),
}


def _processor_s(machine: Machine, text: str) -> float:
    machine.project_file.write_text(text)
    before = os.times().children_user
    assert machine.go("version").code in (0, 2)
    return os.times().children_user - before


def test_a_project_file_takes_long_only_without_the_guard(make_machine):
    whole, without = make_machine(), make_machine("a project file has limits")
    for name, text in SIZES.items():
        assert _processor_s(without, text) > 2 * _processor_s(whole, text), name
