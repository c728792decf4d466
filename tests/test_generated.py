from __future__ import annotations

import json
from pathlib import Path

from goshim.base.resources import parse_toml
from goshim.rules import RULES
from goshim.settings import parse
from goshim.settings.model import Settings, from_dict, leaves
from scripts.generate import ROOT, generated
from tests.tables import for_each


@for_each("path", generated())
def test_what_is_generated_is_current(path):
    assert (ROOT / path).read_text(encoding="utf-8") == generated()[path], "run: make generate"


def test_the_defaults_file_has_every_setting_with_its_default():
    values = parse_toml((ROOT / "config/defaults.toml").read_text(encoding="utf-8"))
    parse.check(values)
    assert from_dict(values) == Settings()
    sections = {name: values.get(name, {}) for (name, *_), _, _ in leaves(Settings())}
    for key, _, default in leaves(Settings()):
        assert isinstance(default, dict) or (key[-1] in sections[key[0]] if len(key) > 1 else key[0] in values)


def test_the_schema_names_every_setting():
    schema = json.loads((ROOT / "config/settings.schema.json").read_text(encoding="utf-8"))
    for key, _, _ in leaves(Settings()):
        properties = schema["properties"][key[0]]
        if len(key) > 1:
            properties = schema["$defs"][properties["$ref"].rpartition("/")[2]]["properties"][key[1]]
        assert properties["description"]


def test_each_rule_has_a_page_and_its_own_id():
    page = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert len({rule.id for rule in RULES}) == len(RULES)
    for rule in RULES:
        assert f"\n## {rule.id}\n" in page


def test_links_between_the_documents_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for part in page.read_text(encoding="utf-8").split("](")[1:]:
            target = part.partition(")")[0].partition("#")[0]
            assert not target or "://" in target or Path(page.parent, target).exists(), f"{page.name}: {target}"
