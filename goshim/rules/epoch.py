"""SOURCE_DATE_EPOCH. Go itself never reads it: what does is a C compiler under cgo, and release tools."""

from __future__ import annotations

from goshim.facts import Facts
from goshim.rules.rule import Effects, rule
from goshim.settings.model import LATEST_EPOCH_S, Settings

_NAME = "SOURCE_DATE_EPOCH"


@rule("epoch-invalid", _NAME, "everywhere")
def epoch_invalid(facts: Facts, settings: Settings) -> Effects:
    """What is not a decimal integer from 0 to 253402300799 is dropped, an empty value too.

    Gcc refuses it, where a file uses __DATE__ or __TIME__: `environment variable 'SOURCE_DATE_EPOCH' must expand to a
    non-negative integer less than or equal to 253402300799`.
    """
    value = facts.variables.get(_NAME)
    if value is not None and not is_valid(value):
        yield _NAME, None, f"not an integer from 0 to {LATEST_EPOCH_S}; gcc would stop at it"


@rule("epoch-setting", _NAME, "when set")
def epoch_setting(facts: Facts, settings: Settings) -> Effects:
    """`epoch.source` decides: "git" (the time of the commit), a number, or "off"; a valid inherited value wins.

    With `epoch.override` = true it does not win. The repository is that of the working directory; its config is not
    obeyed. Without a commit nothing is set.
    """
    source, inherited = settings.epoch.source, facts.variables.get(_NAME)
    if source == "inherit" or (inherited is not None and not settings.epoch.override):
        return
    if source == "off":
        yield _NAME, None, "epoch.source"
    elif source != "git":
        yield _NAME, str(source), "epoch.source"
    elif facts.commit_time_s is not None and is_valid(str(facts.commit_time_s)):
        yield _NAME, str(facts.commit_time_s), 'epoch.source = "git": the time of the commit'


def is_valid(value: str) -> bool:
    """Whether gcc takes it (gcc/c-family/c-common.cc, cb_get_source_date_epoch)."""
    return (
        value.isascii()
        and value.isdigit()
        and len(value.lstrip("0")) <= len(str(LATEST_EPOCH_S))
        and int(value) <= LATEST_EPOCH_S
    )
