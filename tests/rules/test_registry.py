"""What holds of every rule."""

from __future__ import annotations

import inspect
import itertools
from pathlib import Path

from goshim import rules
from goshim.rules import RULES, apply
from goshim.settings.model import Settings, from_dict
from tests.rules.facts_of import NATIVE, changed, facts
from tests.tables import for_each

PROMISED = {
    "path-windows-last": "WSL",
    "path-unsafe": "WSL",
    "path-extra": "when set",
    "gccgo-lookup": "WSL",
    "compiler-lookup": "WSL",
    "goroot-foreign": "everywhere",
    "cgo-invalid": "everywhere",
    "cgo-setting": "when set",
    "windows-value": "WSL",
    "tmp-on-windows": "WSL",
    "proxy-case": "WSL",
    "proxy-https-missing": "WSL",
    "proxy-url": "everywhere",
    "no-proxy-syntax": "WSL, or when set",
    "private-syntax": "everywhere",
    "proxy-setting": "when set",
    "epoch-invalid": "everywhere",
    "epoch-setting": "when set",
    "module-cache-native": "when set",
    "go-env": "when set",
}

# An environment and settings in which each rule has something to do.
TROUBLED = {
    "PATH": "/mnt/c/Windows:/usr/bin:.",
    "GOROOT": "C:\\Go",
    "CGO_ENABLED": "1\r",
    "GOPATH": "C:\\Users\\me\\go",
    "TMPDIR": "/mnt/c/Temp",
    "http_proxy": '"http://proxy:3128"',
    "WSL_PAC_URL": "http://pac",
    "NO_PROXY": "localhost;10.*",
    "GOPRIVATE": "https://git.example.com",
    "SOURCE_DATE_EPOCH": "",
}
CHOSEN = {
    "path": {"append": ["/opt/tools"]},
    "proxy": {"https": "http://other:3128"},
    "epoch": {"source": 5},
    "module_cache": {"location": "native"},
    "env": {"GOFLAGS": "-mod=mod"},
}


def troubled():
    found = apply(facts(TROUBLED, wsl=True, native_programs=frozenset()), from_dict(CHOSEN))
    without_cgo = {name: value for name, value in TROUBLED.items() if name != "CGO_ENABLED"}
    found += apply(facts(without_cgo, wsl=True, native_programs=frozenset()), Settings())
    return found + apply(facts({}), from_dict({"cgo": {"enabled": True}}))


def test_the_rules_are_those_that_are_promised():
    assert {rule.id: rule.where for rule in RULES} == PROMISED
    assert len(RULES) == len(PROMISED)


@for_each("rule", RULES)
def test_each_rule_has_a_text_and_names_its_variables(rule):
    assert rule.summary.endswith((".", ";"))
    assert rule.doc.startswith(rule.summary)
    assert rule.variables
    assert "\n " not in rule.doc


@for_each("name", PROMISED)
def test_each_change_says_why_and_changes_something(name):
    of_rule = [change for change in troubled() if change.rule == name]
    assert of_rule
    for change in of_rule:
        assert change.reason.strip() == change.reason != ""
        assert change.after != change.before


@for_each("name", PROMISED)
def test_each_rule_can_be_turned_off(name):
    settings = from_dict({**CHOSEN, "cgo": {"enabled": True}, "rules": {"off": [name]}})
    without_cgo = {each: value for each, value in TROUBLED.items() if each != "CGO_ENABLED"}
    for variables in (TROUBLED, without_cgo):
        found = apply(facts(variables, wsl=True, native_programs=frozenset()), settings)
        assert name not in {change.rule for change in found}
        assert found


def test_rules_of_wsl_do_nothing_elsewhere():
    of_wsl = {name for name, where in PROMISED.items() if where == "WSL"}
    found = apply(facts(TROUBLED), from_dict(CHOSEN))
    assert not of_wsl & {change.rule for change in found}
    assert {"goroot-foreign", "cgo-invalid", "proxy-url", "private-syntax", "epoch-invalid"} <= {
        change.rule for change in found
    }


def test_a_change_tells_the_value_before_it_also_when_another_rule_came_first():
    found = [change for change in troubled() if change.variable == "PATH"]
    for earlier, later in itertools.pairwise(found):
        if later.before != TROUBLED["PATH"]:
            assert later.before == earlier.after


def test_a_rule_never_touches_the_machine():
    for module in Path(inspect.getfile(rules)).parent.glob("*.py"):
        text = module.read_text(encoding="utf-8")
        assert "import os" not in text, module.name
        assert "facts.host" not in text, module.name
        assert "open(" not in text, module.name


def test_the_facts_are_left_as_they_are():
    given = facts(TROUBLED, wsl=True, goroot=NATIVE)
    before = dict(given.variables)
    apply(given, from_dict(CHOSEN))
    assert dict(given.variables) == before


def test_nothing_is_changed_in_an_empty_environment():
    assert changed({}) == {}
