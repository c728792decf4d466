"""The search for the real go on a machine made out of a folder."""

from __future__ import annotations

from dataclasses import replace

from goshim.facts.look import look_at
from goshim.settings import model
from goshim.toolchain import Candidate, Search


def search(machine, path="", go="auto", **variables):
    host = machine.host({"PATH": path, **variables})
    settings = model.Settings(toolchain=replace(model.Toolchain(), go=go))
    return Search(host, look_at(host), settings, "/home/me/.local/bin/go")


def chosen(machine, path="", **variables):
    return search(machine, path, **variables).choose().go


def passed_over(machine, path, **variables):
    found = search(machine, path, **variables).candidates()
    return {each.path: each.verdict for each in found if isinstance(each, Candidate)}
