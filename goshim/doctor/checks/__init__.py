"""All checks, in the order in which they are told."""

from __future__ import annotations

from goshim.doctor.check import Check
from goshim.doctor.checks import path

CHECKS: tuple[Check, ...] = (path.unsafe,)
