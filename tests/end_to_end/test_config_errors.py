"""A config with an error stops go with one clear message; a key that is unknown, or needs trust, does not."""

from __future__ import annotations

import os

import pytest

from tests.end_to_end.machine import applied, unmanaged

WRONG = {
    "not UTF-8": (b'[epoch]\n# \xff\xfe\nsource = "git"\n', ":2:", "UTF-8"),
    "not TOML": (b"[epoch]\nsource = = 1\n", ":2:", "TOML"),
    "cut short": (b'[epoch\nsource = "git"\n', ":1:", "TOML"),
    "twice": (b"[epoch]\nsource = 1\nsource = 2\n", ":3:", "TOML"),
    "wrong type": (b'[epoch]\n\noverride = "yes"\n', ":3:", "epoch.override", "true, false"),
    "not one of those": (b'[path]\nwindows = "first"\n', ":2:", "path.windows", '"last", "drop", "keep"'),
    "out of range": (b"[retry]\nlock_budget_s = -1\n", ":2:", "retry.lock_budget_s", "0"),
    "far too large": (b"[epoch]\nsource = 99999999999999999999\n", ":2:", "epoch.source", "253402300799"),
    "no table": (b"epoch = 1\n", ":1:", "epoch"),
    "no list": (b'[rules]\noff = "cgo-invalid"\n', ":2:", "rules.off", "list"),
    "a number for a variable": (b"[env]\nGOOS = 1\n", ":2:", "env.GOOS"),
    "a variable with a NUL": (b'[env]\nGOOS = "a\\u0000b"\n', ":2:", "env.GOOS"),
    "nested too deep": (b"x = " + b"[" * 30_000 + b"]" * 30_000 + b"\n", ":1:", "deep"),
    "over 1 MiB": (b"#" * (1 << 20) + b"\n", "1 MiB"),
    "a key of too many parts": (b"\n" + b"a." * 9999 + b"a = 1\n", ":2:", "20 parts"),
    "an error that quotes a place": (b'["a (at line x,"]\n["a (at line x,"]\n', ":2:", "twice"),
    "a newer goshim needed": (b'\nmin_version = "99.0"\n', ":2:", "min_version", "99.0", "upgrade"),
}


def stops_go(machine, path, *words):
    """Go does not run; the message, without a traceback, names the file and says every one of these."""
    for _ in range(2):
        done = machine.go("exit", "0")
        assert (done.out, done.code) == (b"", 2)
        assert done.message.startswith("goshim: ")
        assert done.err.count(b"\n") in (2, 3)
        for word in (str(path), *words):
            assert word in done.message
    for command in (["env"], ["exec", "--", "true"]):
        done = machine.goshim(*command)
        assert (done.out, done.code, b"Traceback" in done.err) == (b"", 2, False)
        assert str(path) in done.message


@pytest.fixture(params=["project", "user"])
def config(request, machine):
    path = machine.project_file if request.param == "project" else machine.config
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize("kind", WRONG)
def test_a_config_with_an_error_stops_go(machine, kind):
    content, *words = WRONG[kind]
    machine.project_file.write_bytes(content)
    stops_go(machine, machine.project_file, *words)
    assert machine.go("exit", "7", env={"GOSHIM": "off"}).code == 7


def test_a_directory_in_place_of_a_config_stops_go(machine, config):
    config.mkdir()
    stops_go(machine, config, "directory")


def test_a_fifo_in_place_of_a_config_stops_go_without_waiting(machine, config):
    os.mkfifo(config)
    stops_go(machine, config, "FIFO")


def test_a_loop_of_links_in_place_of_a_config_stops_go(machine, config):
    config.symlink_to(config)
    stops_go(machine, config)


def test_a_link_to_nothing_in_place_of_a_config_stops_go(machine, config):
    config.symlink_to("nothing")
    stops_go(machine, config, "link")


@pytest.mark.parametrize("command", ["which", "config check", "config show", "config show --json", "which --all"])
def test_a_command_that_needs_a_config_stops_at_a_wrong_one(machine, command):
    machine.project_file.write_text("[epoch\n")
    done = machine.goshim(*command.split())
    assert (done.out, done.code, f"{machine.project_file}:1: not TOML" in done.message) == (b"", 2, True)


def test_a_wrong_variable_stops_go_and_is_named(machine):
    env = {"GOSHIM_RETRY__LOCK_BUDGET_S": "soon"}
    done = machine.go("exit", "0", env=env)
    assert (done.out, done.code) == (b"", 2)
    for word in ("GOSHIM_RETRY__LOCK_BUDGET_S", "soon", "number"):
        assert word in done.message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("[epoch]\nsauce = 1\n", ":2: epoch.sauce: unknown key, ignored; did you mean epoch.source?"),
        ("quite = true\n", ":1: quite: unknown key, ignored"),
        ("[new.table]\nx = 1\n", "unknown key, ignored"),
    ],
)
def test_an_unknown_key_is_ignored_and_told(machine, config, content, told):
    config.write_text(content)
    for _ in "cold", "warm":
        assert machine.go("exit", "3") == (b"", b"", 3)
    for done in (machine.goshim("env"), machine.goshim("config", "show"), machine.goshim("env", "--explain")):
        assert (done.code, told in done.text) == (0, True)
    assert any(told in note for note in machine.goshim("env", "--json").json["notes"])
    done = machine.goshim("config", "check")
    assert (done.code, told in done.text) == (2, True)


def test_an_unknown_variable_of_goshims_is_told(machine):
    env = {"GOSHIM_EPOCH__SAUCE": "1", "GOSHIM_LANG": "de", "GOSHIM_TRUST": "/x", "GOSHIM_DEBUG": "0"}
    assert machine.go("exit", "3", env=env) == (b"", b"", 3)
    done = machine.goshim("env", env=env)
    assert done.text.count("unknown variable") == 1
    assert "GOSHIM_EPOCH__SAUCE" in done.text
    assert "did you mean GOSHIM_EPOCH__SOURCE?" in done.text
    assert machine.goshim("config", "check", env=env).code == 2


DANGEROUS = {
    "toolchain.go": '[toolchain]\ngo = "./evil"\n',
    "path.prepend": '[path]\nprepend = ["/evil"]\n',
    "path.append": '[path]\nappend = ["/evil"]\n',
    "proxy.http": '[proxy]\nhttp = "http://evil.test"\n',
    "proxy.https": '[proxy]\nhttps = "http://evil.test"\n',
    "proxy.no_proxy": '[proxy]\nno_proxy = ["*"]\n',
    "env.GOFLAGS": '[env]\nGOFLAGS = "-toolexec=./evil"\n',
    "env.GOPROXY": '[env]\nGOPROXY = "https://evil.test"\n',
    "env.GONOSUMDB": '[env]\nGONOSUMDB = "*"\n',
    "env.CC": '[env]\nCC = "./evil"\n',
    "env.GOOS": '[env]\nGOOS = "linux -toolexec=./evil"\n',
    "env.LD_PRELOAD": '[env]\nLD_PRELOAD = "./evil.so"\n',
    "rules.off": '[rules]\noff = ["private-syntax"]\n',
    "trust.untrusted": '[trust]\nuntrusted = "ignore"\n',
    "retry.lock_budget_s": "[retry]\nlock_budget_s = 3600\n",
}


@pytest.mark.parametrize("key", DANGEROUS)
def test_a_dangerous_key_of_a_clone_is_ignored_and_told(machine, key):
    machine.project_file.write_text(DANGEROUS[key].replace('"./evil"', f'"{machine.work}/evil"'))
    machine.put(machine.work / "evil", "#!/bin/sh\necho evil\n")
    env = {"GOPRIVATE": "https://x.test"}
    expected = unmanaged(applied(machine.with_env(env), {"GOPRIVATE": "x.test"}))
    for _ in "cold", "warm":
        assert unmanaged(machine.dump(env=env).environment) == expected
    done = machine.goshim("env", env=env)
    (note,) = (line for line in done.text.splitlines() if f"{machine.project_file}:2: {key}: " in line)
    assert "ignored" in note
    checked = machine.goshim("config", "check")
    assert (checked.code, note in checked.text) == (0, True)
    assert machine.goshim("config", "check", "--strict").code == 1


@pytest.mark.parametrize("key", ["toolchain.go", "env.GOFLAGS", "rules.off"])
def test_a_user_may_refuse_to_run_go_where_a_clone_wants_more(machine, key):
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text('[trust]\nuntrusted = "refuse"\n')
    assert machine.go("exit", "3").code == 3
    machine.project_file.write_text(DANGEROUS[key].replace('"./evil"', '"/x/evil"') + '[trust]\nuntrusted = "ignore"\n')
    done = machine.go("exit", "3")
    assert (done.out, done.code, b"goshim trust" in done.err) == (b"", 2, True)


def test_a_users_own_config_may_say_what_a_clone_may_not(machine):
    machine.config.parent.mkdir(parents=True)
    machine.config.write_text(
        '[path]\nprepend = ["/first"]\nappend = ["~/last"]\n[env]\nGOFLAGS = "-trimpath"\nGOPROXY = "off"\n'
        '[proxy]\nhttps = "http://proxy.test"\nno_proxy = ["a.test"]\n[cgo]\nenabled = false\n'
    )
    for _ in "cold", "warm":
        found = machine.dump(env={"GOPROXY": "direct"}).environment
        assert found[b"PATH"] == f"/first:{machine.env['PATH']}:{machine.home}/last".encode()
        assert (found[b"GOFLAGS"], found[b"GOPROXY"], found[b"CGO_ENABLED"]) == (b"-trimpath", b"direct", b"0")
        assert found[b"https_proxy"] == found[b"HTTPS_PROXY"] == b"http://proxy.test"
        assert found[b"no_proxy"] == b"a.test"
