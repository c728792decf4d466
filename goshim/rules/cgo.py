"""CGO_ENABLED."""

from __future__ import annotations

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import Settings


@rule("cgo-invalid", "CGO_ENABLED", "everywhere")
def cgo_invalid(facts: Facts, settings: Settings) -> Effects:
    r"""Blanks and a carriage return are stripped; what is then not exactly 0 or 1 is dropped.

    Go ignores every other value without a word (cmd/go/internal/cfg/cfg.go, defaultContext): `false`, or the `0\r` of a
    file with Windows line ends, leaves cgo on.
    """
    value = facts.variables.get("CGO_ENABLED")
    if value is None or value in ("0", "1"):
        return
    meant = value.strip()
    if meant in ("0", "1"):
        yield "CGO_ENABLED", meant, "go ignores a value with blanks or a carriage return"
    else:
        yield "CGO_ENABLED", None, "go ignores every value but 0 and 1"


@rule("cgo-setting", "CGO_ENABLED", "when set")
def cgo_setting(facts: Facts, settings: Settings) -> Effects:
    """`cgo.enabled` = true or false decides, whatever was inherited."""
    if settings.cgo.enabled != "inherit":
        yield "CGO_ENABLED", str(int(settings.cgo.enabled)), "cgo.enabled"
