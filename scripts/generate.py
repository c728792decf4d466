"""Write what is made from the code's own tables: the defaults file, the schema, tables in docs/.

`generate.py` writes them; `generated()` gives them, so that a test can hold them current.
"""

from __future__ import annotations

import json
from pathlib import Path

from goshim.base.resources import load_rows
from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine.check import NEEDS, SECTIONS
from goshim.rules import RULES
from goshim.settings import parse, policy, trust
from goshim.settings.model import Settings, leaves

ROOT = Path(__file__).parent.parent


def generated() -> dict[str, str]:
    """The text of each generated file by its path in the checkout."""
    return {
        "config/defaults.toml": defaults(),
        "config/settings.schema.json": json.dumps(parse.schema(), indent=2) + "\n",
        "docs/settings.md": settings_page(),
        "docs/rules.md": rules_page(),
        "docs/downloads.md": downloads_page(),
        "docs/checks.md": checks_page(),
        "docs/folklore.md": folklore_page(),
        "docs/security.md": security_page(),
        "goshim/base/redaction/token_prefixes.py": token_prefixes(),
    }


def defaults() -> str:
    """Every setting with its default, one comment each."""
    text = "# Every setting of goshim with its default. Copy what you want otherwise; docs/settings.md says where to.\n"
    tables: dict[str, list[str]] = {"": []}
    for key, field, value in leaves(Settings()):
        if isinstance(value, dict):
            note = "# (in a project file all but build targets such as GOOS need trust: goshim trust)"
            tables[key[0]] = [f"# {field.metadata['doc']}", note, '# GOFLAGS = "-trimpath"', ""]
        else:
            table = tables.setdefault(".".join(key[:-1]), [])
            table += [f"# {field.metadata['doc']}", *_marks(key), f"{key[-1]} = {json.dumps(value)}", ""]
    for name, lines in tables.items():
        text += "\n" + (f"[{name}]\n" if name else "") + "\n".join(lines)
    return text.rstrip("\n") + "\n"


def _marks(key: tuple[str, ...]) -> list[str]:
    """The comment on a setting that does not count at once in a project file."""
    row = policy.of_setting(key)
    if key == trust.RULES_OFF:
        return ["# (a project file can switch off only the rules that docs/security.md lists)"]
    if row.standing == "never":
        return ["# (not in a project file)"]
    if row.standing == "trust":
        return ["# (in a project file this needs trust: goshim trust)"]
    return [f"# (in a project file without trust: {row.bound.words})"] if row.bound else []


def settings_page() -> str:
    """docs/settings.md."""
    rows = []
    for key, field, value in leaves(Settings()):
        free = "in part" if key in (trust.RULES_OFF, ("env",)) else _standing(policy.of_setting(key))
        default = "" if isinstance(value, dict) else f"`{json.dumps(value)}`"
        values = parse.allowed(field.type, field.metadata).replace("|", "\\|")
        rows.append(f"| `{'.'.join(key)}` | {default} | {field.metadata['doc']} | {values} | {free} |")
    table = "\n".join(rows)
    return (ROOT / "scripts/settings.md.in").read_text().replace("@TABLE@", table)


def token_prefixes() -> str:
    """The prefixes of config/secrets.toml as Python has them: to parse TOML takes longer than most calls may."""
    rows = load_rows("secrets.toml", "token")
    prefixes = "".join(f'    "{prefix}",\n' for row in rows for prefix in row["prefixes"])
    return (
        '"""What known tokens begin with. Generated from config/secrets.toml: make generate."""\n\n'
        f"from __future__ import annotations\n\nPREFIXES = (\n{prefixes})\n"
    )


def rules_page() -> str:
    """docs/rules.md."""
    rows = "\n".join(f"| [{rule.id}](#{rule.id}) | {rule.where} | {rule.summary} |" for rule in RULES)
    pages = "\n".join(
        f"## {rule.id}\n\nVariables: {rule.variables}. Where: {rule.where}.\n\n{rule.doc}\n" for rule in RULES
    )
    return (ROOT / "scripts/rules.md.in").read_text().replace("@TABLE@", rows).replace("@RULES@", pages)


def checks_page() -> str:
    """docs/checks.md."""
    rows, pages = [], []
    for section in SECTIONS:
        checks = [check for check in CHECKS if check.section == section]
        rows += [
            f"| {section if check is checks[0] else ''} | [{check.id}](#{check.id}) | {check.summary} |"
            for check in checks
        ]
        for check in checks:
            needs = f" Skipped where it does not apply: {NEEDS[check.needs]}." if check.needs else ""
            claims = [f"[{name}](folklore.md#{name})" for name in check.folklore]
            folklore = f"\nFolklore: {', '.join(claims)}.\n" if claims else ""
            pages.append(f"## {check.id}\n\nSection: {section}.{needs}\n\n{check.doc}\n{folklore}")
    text = (ROOT / "scripts/checks.md.in").read_text()
    return text.replace("@TABLE@", "\n".join(rows)).replace("@CHECKS@", "\n".join(pages))


def folklore_page() -> str:
    """docs/folklore.md."""
    rows = load_rows("folklore.toml", "claim")
    table = "\n".join(
        f"| [{row['claim'].replace('|', chr(92) + '|')}](#{row['id']}) | {row['verdict']} | {_check_link(row)} |"
        for row in rows
    )
    parts = []
    for topic in dict.fromkeys(row["topic"] for row in rows):
        parts.append(f"## {topic}\n")
        for row in rows:
            if row["topic"] == topic:
                shown = f"Shown by: {_check_link(row)}.\n\n" if row["check"] else ""
                told = f"**{row['verdict']}.** {row['reality']}"
                parts.append(f"### {row['id']}\n\n*{row['claim']}*\n\n{told}\n\n{shown}Source: {row['source']}.\n")
    text = (ROOT / "scripts/folklore.md.in").read_text()
    return text.replace("@TABLE@", table).replace("@CLAIMS@", "\n".join(parts))


def _check_link(row: dict[str, str]) -> str:
    return f"[{row['check']}](checks.md#{row['check']})" if row["check"] else ""


def downloads_page() -> str:
    """docs/downloads.md."""
    rows = "\n".join(
        f"| {row['id']} | {row['class']} | {row['source']} |".replace("\n", " ")
        for row in load_rows("signs.toml", "sign")
    )
    return (ROOT / "scripts/downloads.md.in").read_text().replace("@SIGNS@", rows)


def security_page() -> str:
    """docs/security.md."""
    text = (ROOT / "scripts/security.md.in").read_text()
    for name, rows in (("SETTINGS", policy.SETTINGS), ("VARIABLES", policy.VARIABLES), ("RULES", policy.RULES)):
        lines = [f"| `{row.name}` | {_standing(row)} | {row.effect} | {row.source} |" for row in rows]
        text = text.replace(f"@{name}@", "\n".join(lines))
    return text


def _standing(row: policy.Row) -> str:
    """Whether a project file may set something, in words for a table."""
    words = {"free": "yes", "trust": "needs trust", "never": "never"}[row.standing]
    return f"{words}: {row.bound.words}" if row.bound else words


if __name__ == "__main__":
    for path, text in generated().items():
        (ROOT / path).write_text(text)
