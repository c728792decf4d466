"""What a project file of a stranger may say, and what a trusted one may say in addition."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest

from goshim.base.errors import ConfigError
from goshim.rules import RULES
from goshim.settings import policy
from goshim.settings.model import Settings, leaves
from tests.settings.conftest import PROJECT

FREE = {
    "path.windows": '"drop"',
    "cgo.enabled": "false",
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
NEEDS_TRUST = {
    "toolchain.go": '"/tmp/evil"',
    "path.prepend": '["/tmp/evil"]',
    "path.append": '["/tmp/evil"]',
    "proxy.mode": '"drop"',
    "proxy.http": '"http://evil"',
    "proxy.https": '"http://evil"',
    "proxy.no_proxy": '["*"]',
    **{
        f"env.{name}": '"x"'
        for name in (
            "GOFLAGS", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "GOSUMDB", "GOINSECURE", "GOTOOLCHAIN",
            "GOAUTH", "GOCACHEPROG", "GOVCS", "GOPATH", "GOBIN", "GOCACHE", "GOMODCACHE", "GOTMPDIR", "GOWORK",
            "GODEBUG", "GOPACKAGESDRIVER", "CC", "CXX", "AR", "FC", "GCCGO", "PKG_CONFIG", "CGO_ENABLED", "CGO_CFLAGS",
            "CGO_LDFLAGS", "CGO_CFLAGS_ALLOW", "TMPDIR", "LD_LIBRARY_PATH", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT",
            "GIT_CONFIG_KEY_0", "HTTP_PROXY", "https_proxy", "No_Proxy", "SSL_CERT_FILE", "NETRC", "goos", "UNLISTED",
        )
    },
}  # fmt: skip
NEVER = {
    "trust.untrusted": '"ignore"',
    "doctor.windows": "true",
    **{
        f"env.{name}": '"x"'
        for name in (
            "GOENV", "GOROOT", "PATH", "HOME", "LD_PRELOAD", "LD_AUDIT", "BASH_ENV", "ENV", "XDG_CONFIG_HOME",
            "XDG_STATE_HOME", "GOSHIM", "GOSHIM_TRUST", "GOSHIM_TRUST__UNTRUSTED", "_GOSHIM_SHIM", "GIT_SSL_NO_VERIFY",
        )
    },
}  # fmt: skip
OUT_OF_BOUNDS = {
    "retry.lock_budget_s": "300.1",
    "retry.network_budget_s": "3600",
    "retry.network_tries": "11",
    "retry.max_wait_s": "61",
}
UNSAFE_SHAPES = [
    "-toolexec=x", "Windows", "a b", "a=b", "", "x\\n", "../x", "a;b", "$(x)", "\u00b2", "linux\\r",
]  # fmt: skip


def setting(settings: Settings, key: str) -> Any:
    section, _, name = key.partition(".")
    found = getattr(settings, section)
    return found.get(name) if isinstance(found, dict) else getattr(found, name) if name else found


def trusted(**variables: str) -> dict[str, str]:
    return {"GOSHIM_TRUST": os.path.dirname(PROJECT), **variables}


def test_a_project_file_may_choose_among_goshims_own_policies(load):
    for key, value in FREE.items():
        loaded = load(project=f"{key} = {value}\n", GOSHIM_TRUST__UNTRUSTED="refuse")
        assert loaded.notes == (), key
        assert setting(loaded.settings, key) != setting(Settings(), key), key


def test_what_can_do_harm_is_ignored_until_the_file_is_trusted(load):
    for key, value in NEEDS_TRUST.items():
        text = f"\n{key} = {value}\n"
        loaded = load(project=text)
        assert loaded.settings == Settings(), key
        assert loaded.notes[0].startswith(f"{PROJECT}:2: {key}: needs trust, ignored: it "), key
        assert loaded.notes[1] == f"{PROJECT}: to see what it asks for, and trust it: goshim trust"
        loaded = load(project=text, **trusted())
        assert loaded.notes == (), key
        assert setting(loaded.settings, key) != setting(Settings(), key), key


def test_what_is_the_users_alone_is_ignored_trusted_or_not(load):
    for key, value in NEVER.items():
        for variables in ({}, trusted()):
            loaded = load(project=f"\n{key} = {value}\n", **variables)
            assert loaded.settings == Settings(), key
            (note,) = loaded.notes
            assert note.startswith(f"{PROJECT}:2: {key}: a project file can never set this, ignored: it "), key


def test_a_bound_is_reported_as_a_bound_and_falls_with_trust(load):
    for key, value in OUT_OF_BOUNDS.items():
        loaded = load(project=f"{key} = {value}\n")
        assert loaded.settings == Settings(), key
        assert re.match(rf"{PROJECT}:1: {key}: needs trust beyond its bound \(at most \d+\), ignored", loaded.notes[0])
        assert setting(load(project=f"{key} = {value}\n", **trusted()).settings, key) == float(value)


def test_a_build_target_has_a_strict_shape(load):
    for name in ("GOOS", "GOEXPERIMENT"):
        for value in UNSAFE_SHAPES:
            loaded = load(project=f'env.{name} = "{value}"\n')
            assert loaded.settings.env == {}, value
            assert "needs trust beyond its bound (lower-case letters" in loaded.notes[0], value


def test_refuse_ends_the_call_whatever_the_project_file_says_of_it(load):
    for key, value in {**NEEDS_TRUST, **NEVER, **OUT_OF_BOUNDS, "rules.off": '["go-env"]'}.items():
        for text in (f"\n{key} = {value}\n", f"\n{key} = {value}\ntrust.untrusted = 'ignore'\n"):
            for where in ("user", "system"):
                if key == "trust.untrusted" and text.count(key) == 2:
                    continue
                with pytest.raises(ConfigError, match=f"^{PROJECT}:[23]: ") as caught:
                    load(project=text, **{where: "trust.untrusted = 'refuse'\n"})
                assert caught.value.exit_code == 2
                assert "goshim trust" in str(caught.value)


def test_refuse_does_not_hold_for_a_trusted_file(load):
    loaded = load(
        user="trust.untrusted = 'refuse'\n", project="toolchain.go = '/x'\ndoctor.windows = false\n", **trusted()
    )
    assert loaded.settings.toolchain.go == "/x"
    assert loaded.settings.doctor.windows


def test_a_project_file_cannot_turn_cgo_on_whoever_turned_it_off(load):
    """The caller may have said so by a variable or by go env -w: a compiler would run on files of the clone."""
    for user in ("cgo.enabled = false\n", ""):
        loaded = load(user=user, project="cgo.enabled = true\n")
        assert loaded.settings.cgo.enabled is not True
        assert "needs trust beyond its bound" in loaded.notes[0]
    assert load(user="cgo.enabled = false\n", project='cgo.enabled = "inherit"\n').settings.cgo.enabled is False
    assert load(user="cgo.enabled = true\n", project="cgo.enabled = false\n").settings.cgo.enabled is False
    assert load(project="cgo.enabled = true\n", **trusted()).settings.cgo.enabled is True


def test_a_project_file_switches_off_only_rules_on_the_list_trusted_or_not(load):
    for rule in RULES:
        is_free = policy.of_rule(rule.id).standing == "free"
        for variables in ({}, trusted()):
            loaded = load(project=f"rules.off = ['epoch-invalid', '{rule.id}']\n", **variables)
            assert (rule.id in loaded.settings.rules.off) == is_free, rule.id
            assert "epoch-invalid" in loaded.settings.rules.off
            text = f"{PROJECT}:1: rules.off: a project file cannot switch off {rule.id}, ignored: "
            assert [note.startswith(text) for note in loaded.notes] == [True] * (not is_free), rule.id
        assert load(user=f"rules.off = ['{rule.id}']\n").settings.rules.off == [rule.id]


def test_a_misspelt_rule_is_reported_with_the_nearest_real_one(load):
    (note,) = load(project="rules.off = ['goroot-forein']\n").notes
    assert note.endswith("; did you mean goroot-foreign?")


def test_a_project_file_adds_to_the_rules_that_the_user_switched_off(load):
    for off in ([], ["private-syntax"], ["epoch-setting"]):
        loaded = load("[rules]\noff = ['tmp-on-windows']\n", project=f"rules.off = {off}\n")
        assert loaded.settings.rules.off == ["tmp-on-windows", *(["epoch-setting"] if "epoch-setting" in off else [])]


def test_an_ignored_key_does_not_displace_the_users_own(load):
    loaded = load(
        user="[toolchain]\ngo = '/opt/go'\n[env]\nGOPRIVATE = 'git.corp'\n",
        project="toolchain.go = '/evil'\nenv.GOPRIVATE = 'x'\n",
    )
    assert loaded.settings.toolchain.go == "/opt/go"
    assert loaded.settings.env == {"GOPRIVATE": "git.corp"}


def test_the_users_own_file_may_say_all(load):
    loaded = load(user="".join(f"{key} = {value}\n" for key, value in {**FREE, **NEEDS_TRUST, **NEVER}.items()))
    assert loaded.notes == ()
    assert loaded.settings.toolchain.go == "/tmp/evil"
    assert loaded.settings.env["GOFLAGS"] == "x"


def test_a_known_key_nested_where_it_does_not_belong_is_not_free(load):
    loaded = load(project="[cgo]\nenv = {CC = 'evil'}\n[retry.env]\nCC = 'evil'\n")
    assert loaded.settings == Settings()


def test_each_setting_and_each_rule_has_a_row_and_no_row_is_of_nothing():
    settings = {".".join(key) for key, _, _ in leaves(Settings())} - {"env"}
    assert [row.name for row in policy.SETTINGS] == list(dict.fromkeys(row.name for row in policy.SETTINGS))
    assert {row.name for row in policy.SETTINGS} == settings
    assert {row.name for row in policy.RULES} == {rule.id for rule in RULES}


def test_what_has_no_row_needs_trust_or_more():
    assert policy.of_setting(("newer", "key")).standing == "trust"
    assert policy.of_variable("NEWER").standing == "trust"
    assert policy.of_rule("newer-rule").standing == "never"


def test_each_row_has_an_effect_and_a_source():
    for row in (*policy.SETTINGS, *policy.VARIABLES, *policy.RULES):
        assert row.effect, row
        assert row.source, row
