"""What works, and what does not, without goshim does so with what is fetched before it, and as soon."""

from __future__ import annotations

import time

import pytest

from tests.end_to_end.module_proxy import ALWAYS, Break
from tests.end_to_end.prefetch.fetching import AT_ONCE_S, ZIP, lists, needing, told, workspace

LONG_WAITS = {"GOSHIM_RETRY__FIRST_WAIT_S": "60", "GOSHIM_RETRY__MAX_WAIT_S": "60"}


def _needless_private(user, proxy):
    text = (needing(user) / "go.mod").read_text()
    (user.work / "go.mod").write_text(text.replace("\n)", "\n\tprivate.example/secret v1.0.0\n)"))
    proxy.breaks = [Break("503", "*/private.example/*", ALWAYS)]
    return ("test", "./..."), {}


def _vendored(user, _proxy):
    needing(user)
    assert user.bare("mod", "vendor", env={"GOMODCACHE": user.root / "to vendor"}).code == 0
    return ("test", "./..."), {"GOPROXY": "off"}


def _all_cached(user, _proxy):
    needing(user)
    for name in "bare", "modules":
        assert user.bare("mod", "download", env={"GOMODCACHE": user.root.parent / name}).code == 0
    return ("test", "./..."), {"GOPROXY": "off"}


def _nothing_cached(user, _proxy):
    needing(user)
    return ("test", "./..."), {"GOPROXY": "off"}


def _half_to_be_had(user, proxy):
    needing(user)
    proxy.breaks = [Break("404", ZIP, ALWAYS)]
    return ("test", "./part00"), {}


def _workspace(user, _proxy):
    workspace(user)
    return ("test", "./a/...", "./b/..."), {}


def _workspace_off(user, _proxy):
    workspace(user, root=True)
    return ("test", "./..."), {"GOWORK": "off"}


def _no_module(user, _proxy):
    (user.work / "hello.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    return ("run", "hello.go"), {}


def _no_module_at_all(_user, _proxy):
    return ("test", "./..."), {}


def _without_modules(user, _proxy):
    needing(user)
    (user.work / "main.go").write_text('package main\n\nfunc main() { println("hello") }\n')
    return ("run", "main.go"), {"GO111MODULE": "off"}


def _from_afar(user, _proxy):
    needing(user)
    return ("run", "example.com/m04@v1.0.0"), {}


def _from_afar_with_flags(user, _proxy):
    needing(user)
    return ("run", "-tags", "x", "example.com/m04@v1.0.0", "argument"), {}


def _at_in_an_argument(user, _proxy):
    needing(user)
    return ("run", ".", "me@example.com"), {}


def _test_flags(user, _proxy):
    needing(user)
    return ("test", "-v", "-run", "TestSum", "-timeout=1m", "./part00", "-args", "--", "-mod=nonsense", "-tags=x"), {}


def _other_go_mod(user, _proxy):
    needing(user)
    for name in "mod", "sum":
        (user.work / f"go.{name}").rename(user.work / f"other.{name}")
    (user.work / "go.mod").write_text("module example.com/app\n\ngo 1.21\n")
    return ("test", "-modfile=other.mod", "./..."), {}


def _missing_sum(user, _proxy):
    needing(user)
    (user.work / "go.sum").unlink()
    return ("test", "./..."), {}


def _too_old(user, _proxy):
    needing(user)
    (user.work / "go.mod").write_text("module example.com/app\n\ngo 1.99\n")
    return ("test", "./..."), {}


def _slip(user, _proxy):
    needing(user)
    return ("test", "-nonsense"), {}


def _slip_of_goflags(user, _proxy):
    needing(user)
    return ("test", "./..."), {"GOFLAGS": "nonsense"}


def _forged(user, proxy):
    needing(user)
    proxy.breaks = [Break("forged", ZIP, ALWAYS)]
    return ("test", "./..."), {}


def _unknown_tool(user, _proxy):
    needing(user)
    return ("tool", "nonsense"), {}


SITUATIONS = {
    made.__name__[1:].replace("_", " "): made
    for made in (
        _needless_private,
        _vendored,
        _all_cached,
        _nothing_cached,
        _half_to_be_had,
        _workspace,
        _workspace_off,
        _no_module,
        _no_module_at_all,
        _without_modules,
        _from_afar,
        _from_afar_with_flags,
        _at_in_an_argument,
        _test_flags,
        _other_go_mod,
        _missing_sum,
        _too_old,
        _slip,
        _slip_of_goflags,
        _forged,
        _unknown_tool,
    )
}


@pytest.mark.parametrize("name", SITUATIONS)
def test_it_ends_as_without_goshim_and_as_soon(user, proxy, name):
    words, env = SITUATIONS[name](user, proxy)
    env = {**LONG_WAITS, **env}
    times_s, ends = [], []
    for through in False, True, True:
        cache = user.root.parent / ("modules" if through else "bare")
        begin = time.monotonic()
        done = (user.go if through else user.bare)(*words, env={**env, "GOMODCACHE": str(cache)})
        times_s.append(time.monotonic() - begin)
        ends.append([text if isinstance(text, int) else text.replace(str(cache), "CACHE") for text in told(done)])
    assert ends[1:] == ends[:1] * 2
    assert user.recorded.words.count(" ".join(words)) == 2
    assert len(user.recorded.calls) <= 3
    assert max(times_s[1:]) - times_s[0] < AT_ONCE_S  # nothing was waited for
    assert proxy.count("*/private.example/*") == 0


def test_outside_of_modules_and_for_a_version_there_is_nothing_to_fetch(user, proxy):
    for situation in _no_module, _from_afar, _from_afar_with_flags:
        words, _ = situation(user, proxy)
        for _ in range(2):
            assert lists(user, *words) == 0


@pytest.mark.parametrize("situation", [_test_flags, _at_in_an_argument], ids=["flags", "at"])
def test_arguments_of_the_program_are_none_of_gos(user, proxy, situation):
    words, _ = situation(user, proxy)
    assert lists(user, *words) == 1
