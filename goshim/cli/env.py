"""`goshim env`: what goshim changes for go here, and why."""

from __future__ import annotations

from typing import Any

from plumbum import cli

from goshim.base.errors import UsageError
from goshim.base.shells import STATEMENTS
from goshim.base.terminal import printable
from goshim.cli.command import Command
from goshim.cli.session import Session, describe, write, write_exact, write_json, write_lines
from goshim.plan.redaction import without_secrets
from goshim.plan.work_out import Plan
from goshim.rules import RULES

STYLES = {r"(?m)^[A-Za-z_]+(?=: .* → )": "bold", r"\([a-z-]+: .*\)$": "dim", r"(?m)^/.*ignored.*$": "yellow"}


class Env(Command):
    """Show what goshim changes for a call of go from here: a line a change, before → after (rule: reason)."""

    as_json = cli.Flag("--json", help="the same as JSON, with the toolchain and the project file")
    explain = cli.Flag("--explain", help="each rule, what it does and where; those that changed something in full")
    shell = cli.SwitchAttr(
        "--shell", str, argname="SHELL", help="statements to evaluate: bash (also for zsh), fish or powershell"
    )

    def main(self) -> int:
        """Work out the plan and print one form of it."""
        if sum(map(bool, (self.as_json, self.explain, self.shell))) > 1:
            raise UsageError("--json, --explain and --shell exclude one another")
        if self.shell and self.shell not in STATEMENTS:
            raise UsageError(f"--shell {printable(self.shell)}: no such shell\n  allowed: {', '.join(STATEMENTS)}")
        session = Session.here()
        plan = session.plan()
        if self.as_json:
            write_json(_as_json(session, plan))
        elif self.explain:
            write("\n\n".join(_explained(plan)), {r"(?m)^[a-z-]+(?= \()": "bold cyan", **STYLES})
        elif self.shell:
            after = {change.variable: change.after for change in plan.changes}
            write_exact(STATEMENTS[self.shell](name, value) for name, value in after.items())
        else:
            write_lines(plan.told() or ["nothing to change"], STYLES)
        return 0


def _as_json(session: Session, plan: Plan) -> dict[str, Any]:
    return {
        "toolchain": describe(session.search, plan.toolchain),
        "project": plan.loaded.project,
        "trusted": plan.loaded.is_trusted,
        "changes": [
            {
                "variable": change.variable,
                "before": change.before,
                "after": change.after,
                "rule": change.rule,
                "reason": change.reason,
            }
            for change in map(without_secrets, plan.changes)
        ],
        "notes": plan.notes(),
    }


def _explained(plan: Plan) -> list[str]:
    told = dict(zip(plan.changes, plan.told(), strict=False))
    parts = []
    for rule in RULES:
        changes = [told[change] for change in plan.changes if change.rule == rule.id]
        doc = rule.doc if changes else rule.summary
        state = "" if rule.id not in plan.loaded.settings.rules.off else ", turned off by rules.off"
        parts.append(
            "\n".join([f"{rule.id} ({rule.where}{state})", *(f"  {line}" for line in doc.split("\n")), *changes])
        )
    return [*parts, *plan.notes()]
