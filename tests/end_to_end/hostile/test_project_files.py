"""A clone's .goshim.toml: each input is harmless, and does its harm in a goshim that lacks the guard."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.end_to_end.machine import Dump, Machine


class Wish(NamedTuple):
    """A key that a clone sets, and how one sees in the call of go that it counts."""

    key: str
    value: str
    counts: Callable[[Dump], bool]


def _variable(name: str, value: str = "x") -> Callable[[Dump], bool]:
    return lambda dump: dump.environment.get(name.encode()) == value.encode()


VARIABLES = (
    "GOFLAGS", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOTOOLCHAIN", "GOAUTH",
    "GOCACHEPROG", "GOVCS", "GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE", "GOTMPDIR", "GOWORK", "GODEBUG", "GOENV",
    "GOPACKAGESDRIVER", "CC", "CXX", "AR", "FC", "GCCGO", "PKG_CONFIG", "PKG_CONFIG_PATH", "CGO_CFLAGS", "CGO_LDFLAGS",
    "CGO_CFLAGS_ALLOW", "COMPILER_PATH", "GCC_EXEC_PREFIX", "TMPDIR", "LD_LIBRARY_PATH", "GIT_SSH_COMMAND",
    "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "GIT_EXEC_PATH", "GIT_ASKPASS", "SSH_ASKPASS", "ALL_PROXY",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC", "XDG_CONFIG_HOME", "LD_PRELOAD", "LD_AUDIT",
    "GIT_SSL_NO_VERIFY", "UNLISTED",
)  # fmt: skip
WISHES = (
    *(Wish(f"env.{name}", '"x"', _variable(name)) for name in VARIABLES),
    Wish("path.prepend", '["/evil"]', lambda dump: dump.environment[b"PATH"].startswith(b"/evil:")),
    Wish("path.append", '["/worse"]', lambda dump: dump.environment[b"PATH"].endswith(b":/worse")),
    Wish("proxy.http", '"http://evil.test"', _variable("http_proxy", "http://evil.test")),
    Wish("proxy.https", '"http://evil.test"', _variable("HTTPS_PROXY", "http://evil.test")),
    Wish("proxy.no_proxy", '["evil.test"]', _variable("NO_PROXY", "evil.test")),
)


def _counting(machine: Machine) -> set[str]:
    machine.project_file.write_text("".join(f"{wish.key} = {wish.value}\n" for wish in WISHES))
    dump = machine.dump()
    return {wish.key for wish in WISHES if wish.counts(dump)}


def test_what_a_clone_sets_counts_only_without_the_guard(make_machine):
    assert _counting(make_machine()) == set()
    assert _counting(make_machine("what needs trust is ignored")) == {wish.key for wish in WISHES}


def test_a_clone_chooses_the_program_that_runs_as_go_only_without_the_guard(make_machine):
    for guard, output in (("", b"go1\n"), ("what needs trust is ignored", b"evil\n")):
        machine = make_machine(guard)
        machine.put(machine.tools / "bin/go", "#!/bin/sh\necho go1\n")
        evil = machine.put(machine.work / "evil", "#!/bin/sh\necho evil\n")
        machine.project_file.write_text(f'toolchain.go = "{evil}"\n')
        assert machine.go("version").out == output


# A rule that a clone would like to switch off, what the caller has, and how one sees that the rule is off.
RULES: dict[str, tuple[dict[str, str], Callable[[Dump], bool]]] = {
    "goroot-foreign": ({"GOROOT": "C:\\Program Files\\Go"}, _variable("GOROOT", "C:\\Program Files\\Go")),
    "cgo-invalid": ({"CGO_ENABLED": "0\r"}, _variable("CGO_ENABLED", "0\r")),
    "private-syntax": ({"GOPRIVATE": "https://git.test"}, _variable("GOPRIVATE", "https://git.test")),
    "proxy-url": ({"HTTPS_PROXY": '"http://proxy.test"'}, _variable("HTTPS_PROXY", '"http://proxy.test"')),
    "go-env": ({}, lambda dump: b"GONOSUMDB" not in dump.environment),
    "path-extra": ({}, lambda dump: b"/mine" not in dump.environment[b"PATH"]),
    "proxy-setting": ({}, lambda dump: b"http_proxy" not in dump.environment),
}
USERS_OWN = '[env]\nGONOSUMDB = "mine"\n[path]\nprepend = ["/mine"]\n[proxy]\nhttp = "http://mine.test"\n'


def _switched_off(machine: Machine) -> set[str]:
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text(USERS_OWN)
    machine.project_file.write_text(f"rules.off = {sorted(RULES)}\n".replace("'", '"'))
    dump = machine.dump(env={name: value for given, _ in RULES.values() for name, value in given.items()})
    return {rule for rule, (_, is_off) in RULES.items() if is_off(dump)}


def test_a_clone_switches_off_a_rule_that_protects_only_without_the_guard(make_machine):
    assert _switched_off(make_machine()) == set()
    assert _switched_off(make_machine("what needs trust is ignored")) == set(RULES)


# What goshim fails at when it reads it, so that go would run without the user's own config.
TRAPS: dict[str, Callable[[Any], None]] = {
    "a link to the memory of the reader": lambda path: os.symlink("/proc/self/mem", path),
    "a link to a file that refuses to be read": lambda path: os.symlink("/proc/self/attr/current", path),
    "a link to a device that is down": lambda path: os.symlink("/sys/class/net/lo/speed", path),
}


def _loses_the_users_config(machine: Machine, trap: Callable[[Any], None]) -> bool:
    machine.config.parent.mkdir(parents=True, exist_ok=True)
    machine.config.write_text('[env]\nGOPRIVATE = "mine.test"\n')
    machine.project_file.unlink(missing_ok=True)
    trap(machine.project_file)
    done = machine.go("version")
    assert done.code in (0, 2)
    return done.code == 0 and Dump.of(done.out).environment.get(b"GOPRIVATE") != b"mine.test"


def test_a_file_at_which_goshim_fails_costs_the_users_config_only_without_the_guard(make_machine):
    whole, without = make_machine(), make_machine("a fault under a project file ends the call")
    for name, trap in TRAPS.items():
        assert not _loses_the_users_config(whole, trap), name
        assert _loses_the_users_config(without, trap), name


def _end(machine: Machine, statement: str) -> tuple[int, bytes]:
    """How a call ends where goshim, for whatever a project file says, does this."""
    machine.project_file.write_text("")
    boot = machine.package / "boot.py"
    boot.write_text(boot.read_text().replace("CPU_LIMIT_S = 10", "CPU_LIMIT_S = 5"))
    lines = machine.package / "settings/lines.py"
    lines.write_text(
        lines.read_text().replace(
            "    longest, longest_line = 0, 1\n", f"    longest, longest_line = 0, 1\n    {statement}\n"
        )
    )
    done = machine.go("version")
    return done.code, done.err


def test_no_project_file_takes_goshim_for_long_or_all_memory(make_machine):
    spin = "[None for _ in iter(int, 1) if __import__('time').process_time() > 8 and 1 / 0]"
    assert _end(make_machine(), spin)[0] == 2
    code, err = _end(make_machine("goshim has little time"), spin)
    assert (code, b"ZeroDivisionError" in err) == (2, True)
    grab = "bytearray(400 << 20)"
    code, err = _end(make_machine("what needs trust is ignored"), grab)
    assert (code, b"MemoryError" in err) == (2, True)
    assert _end(make_machine("goshim has little memory"), grab)[0] == 0
