from __future__ import annotations

from tests.rules.facts_of import changed, ids
from tests.tables import for_each


@for_each(
    "before, after",
    [
        ("0", "0"),
        ("1", "1"),
        (None, None),
        ("0\r", "0"),
        (" 1", "1"),
        ("1\n", "1"),
        ("\t0 ", "0"),
        ("false", None),
        ("true", None),
        ("off", None),
        ("2", None),
        ("00", None),
        ("01", None),
        ("0 1", None),
        ("\u00b9", None),
        ("'0'", None),
    ],
)
@for_each("wsl", [False, True])
def test_a_value_that_go_would_ignore(wsl, before, after):
    variables = {} if before is None else {"CGO_ENABLED": before}
    assert changed(variables, wsl=wsl) == ({} if before == after else {"CGO_ENABLED": after})


@for_each("before", [None, "0", "1", "nonsense", ""])
@for_each("enabled, after", [(True, "1"), (False, "0")])
def test_the_setting_decides_whatever_was_inherited(before, enabled, after):
    variables = {} if before is None else {"CGO_ENABLED": before}
    found = changed(variables, settings={"cgo": {"enabled": enabled}})
    assert found == ({} if before == after else {"CGO_ENABLED": after})


def test_each_rule_is_named():
    assert ids({"CGO_ENABLED": "no"}) == {"cgo-invalid"}
    assert ids({}, settings={"cgo": {"enabled": True}}) == {"cgo-setting"}
