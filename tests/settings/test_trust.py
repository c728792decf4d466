"""What a project file of a stranger may say."""

from __future__ import annotations

import os

import pytest

from goshim.errors import ConfigError
from goshim.rules import RULES
from goshim.settings import trust
from goshim.settings.model import Settings, leaves
from tests.settings.conftest import PROJECT

FREE = {
    "path.windows": '"drop"',
    "cgo.enabled": "false",
    "proxy.mode": '"drop"',
    "epoch.source": '"git"',
    "epoch.override": "true",
    "module_cache.location": '"native"',
    "rules.off": '["tmp-on-windows", "gccgo-lookup"]',
    "retry.locks": '"never"',
    "retry.prefetch": '"always"',
    "retry.lock_budget_s": "0",
    "retry.first_wait_s": "1",
    "retry.max_wait_s": "2",
    "retry.network_tries": "10",
    "retry.network_budget_s": "5",
    "retry.quiet": "true",
    "min_version": '"0.1"',
    "env.GOOS": '"windows"',
    "env.GOARCH": '"arm64"',
    "env.GO386": '"softfloat"',
    "env.GOAMD64": '"v3"',
    "env.GOARM": '"7,hardfloat"',
    "env.GOARM64": '"v8.0,lse"',
    "env.GOMIPS": '"softfloat"',
    "env.GOPPC64": '"power9"',
    "env.GORISCV64": '"rva22u64"',
    "env.GOWASM": '"satconv,signext"',
    "env.GOEXPERIMENT": '"synctest,nogreenteagc"',
}
WITHHELD = {
    "toolchain.go": '"/tmp/evil"',
    "path.prepend": '["/tmp/evil"]',
    "path.append": '["/tmp/evil"]',
    "proxy.http": '"http://evil"',
    "proxy.https": '"http://evil"',
    "proxy.no_proxy": '["*"]',
    "trust.untrusted": '"ignore"',
    "doctor.windows": "true",
    **{
        f"env.{name}": '"x"'
        for name in (
            "GOFLAGS", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOTOOLCHAIN",
            "GOAUTH", "GOCACHEPROG", "GOVCS", "GOENV", "GOROOT", "GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE",
            "GOTMPDIR", "GOWORK", "GODEBUG", "GOPACKAGESDRIVER", "CC", "CXX", "AR", "FC", "GCCGO", "PKG_CONFIG",
            "CGO_ENABLED", "CGO_CFLAGS", "CGO_LDFLAGS", "CGO_CFLAGS_ALLOW", "PATH", "HOME", "TMPDIR", "LD_PRELOAD",
            "LD_LIBRARY_PATH", "BASH_ENV", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_CONFIG_KEY_0", "HTTP_PROXY",
            "https_proxy", "NO_PROXY", "SSL_CERT_FILE", "NETRC", "XDG_CONFIG_HOME", "GOSHIM", "GOSHIM_TRUST",
            "GOSHIM_TRUST__UNTRUSTED", "goos",
        )
    },
}  # fmt: skip


def setting(settings, key):
    section, _, name = key.partition(".")
    found = getattr(settings, section)
    return found.get(name) if isinstance(found, dict) else getattr(found, name) if name else found


@pytest.mark.parametrize("key", FREE)
def test_a_project_file_may_choose_among_goshims_own_policies(load, key):
    loaded = load(project=f"{key} = {FREE[key]}\n", GOSHIM_TRUST__UNTRUSTED="refuse")
    assert loaded.notes == ()
    assert setting(loaded.settings, key) != setting(Settings(), key)


@pytest.mark.parametrize("key", WITHHELD)
def test_what_can_harm_needs_trust_and_is_ignored_and_told(load, key):
    loaded = load(project=f"\n{key} = {WITHHELD[key]}\n")
    assert loaded.settings == Settings()
    assert loaded.notes == (f"{PROJECT}:2: {key}: needs trust, ignored",)


@pytest.mark.parametrize("key", WITHHELD)
def test_what_can_harm_ends_the_call_where_the_user_wants_so(load, key):
    with pytest.raises(ConfigError, match=f"^{PROJECT}:2: {key}: needs trust") as caught:
        load(user="trust.untrusted = 'refuse'\n", project=f"\n{key} = {WITHHELD[key]}\n")
    assert caught.value.exit_code == 2


def test_each_setting_is_either_free_or_withheld():
    placed = {tuple(key.split(".")) for key in {**FREE, **WITHHELD}}
    assert {key for key, _, _ in leaves(Settings())} - {("env",)} <= placed
    assert not FREE.keys() & WITHHELD.keys()


@pytest.mark.parametrize("untrusted", ["ignore", "refuse"])
def test_a_project_file_has_no_word_in_what_it_may_say(load, untrusted):
    with pytest.raises(ConfigError, match=r"trust\.untrusted: needs trust"):
        load(user="trust.untrusted = 'refuse'\n", project=f"trust.untrusted = '{untrusted}'\n")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("retry.lock_budget_s", "300.1"),
        ("retry.network_budget_s", "3600"),
        ("retry.network_tries", "11"),
        ("retry.max_wait_s", "61"),
    ],
)
def test_a_project_file_cant_make_go_wait_beyond_bounds(load, key, value):
    loaded = load(project=f"{key} = {value}\n")
    assert loaded.settings == Settings()
    assert loaded.notes == (f"{PROJECT}:1: {key}: needs trust, ignored",)
    assert setting(load(user=f"{key} = {value}\n").settings, key) == float(value)


@pytest.mark.parametrize(
    "value", ["-toolexec=x", "Windows", "a b", "a=b", "", "x\\n", "../x", "a;b", "$(x)", "\u00b2", "linux\\r"]
)
@pytest.mark.parametrize("name", ["GOOS", "GOEXPERIMENT"])
def test_a_free_variable_takes_values_of_a_strict_shape_alone(load, name, value):
    loaded = load(project=f'env.{name} = "{value}"\n')
    assert loaded.settings.env == {}
    assert len(loaded.notes) == 1


@pytest.mark.parametrize("rule", sorted(trust.SAFETY_RULES))
def test_a_project_file_cant_turn_off_a_rule_that_protects(load, rule):
    loaded = load(project=f"rules.off = ['tmp-on-windows', '{rule}']\n")
    assert loaded.settings.rules.off == ["tmp-on-windows"]
    assert len(loaded.notes) == 1
    assert load(user=f"rules.off = ['{rule}']\n").settings.rules.off == [rule]


def test_each_rule_that_protects_exists():
    assert {rule.id for rule in RULES} >= trust.SAFETY_RULES


def test_the_users_own_file_may_say_all(load):
    loaded = load(user="".join(f"{key} = {value}\n" for key, value in {**FREE, **WITHHELD}.items()))
    assert loaded.notes == ()
    assert loaded.settings.toolchain.go == "/tmp/evil"
    assert loaded.settings.env["GOFLAGS"] == "x"


def test_a_withheld_key_does_not_displace_the_users_own(load):
    loaded = load(
        user="[toolchain]\ngo = '/opt/go'\n[env]\nGOFLAGS = '-v'\n",
        project="toolchain.go = '/evil'\nenv.GOFLAGS = 'x'\n",
    )
    assert loaded.settings.toolchain.go == "/opt/go"
    assert loaded.settings.env == {"GOFLAGS": "-v"}


def test_a_link_to_a_file_of_the_users_is_still_the_projects(load, machine):
    machine.write("/elsewhere.toml", "toolchain.go = '/evil'\n")
    machine.link(PROJECT, "/elsewhere.toml")
    assert os.path.islink(machine.root + PROJECT)
    assert load(in_project=True).settings == Settings()


def test_a_known_key_nested_where_it_does_not_belong_is_not_free(load):
    loaded = load(project="[cgo]\nenv = {CC = 'evil'}\n[retry.env]\nCC = 'evil'\n")
    assert loaded.settings == Settings()


CARRIES_OUT_THE_USERS_CONFIG = ("go-env", "proxy-setting", "path-extra")


@pytest.mark.parametrize("rule", CARRIES_OUT_THE_USERS_CONFIG)
def test_a_project_file_cant_undo_what_the_users_config_says(load, rule):
    loaded = load("[rules]\noff = ['tmp-on-windows']\n", project=f"rules.off = ['{rule}', 'cgo-invalid']\n")
    assert loaded.settings.rules.off == ["tmp-on-windows", "cgo-invalid"]
    assert "needs trust" in loaded.notes[0]


@pytest.mark.parametrize("off", [[], ["private-syntax"]])
def test_a_project_file_turns_nothing_on_that_the_user_turned_off(load, off):
    loaded = load("[rules]\noff = ['tmp-on-windows']\n", project=f"rules.off = {off}\n")
    assert loaded.settings.rules.off == ["tmp-on-windows"]
