"""A fight whose attempts end as a test says."""

from __future__ import annotations

import pytest

from goshim.watch.fight import Fight
from tests.watch.made import make_call, make_ended
from tests.watch.scripted import Scripted


@pytest.fixture
def play(tmp_path, monkeypatch):
    """Plays a fight in which attempts end with these texts, the last of them for ever; None is an attempt that won."""
    monkeypatch.setattr("random.uniform", lambda _, high: high)
    monkeypatch.setattr("goshim.watch.diagnosis.is_offline", lambda: False)
    (tmp_path / "mod/cache/download").mkdir(parents=True)

    def run(*ends, silent=False, **options):
        environment = {"GOMODCACHE": f"{tmp_path}/mod", **options.pop("environment", {})}
        call = make_call(directory=tmp_path, environment=environment, **{"locks": "always", **options})
        if silent:
            call.enter = str(tmp_path)
        first, *others = ends
        supervisor = Scripted(others or [first])
        fight = Fight(supervisor, call, make_ended(first), lambda _: False)
        fight.go_on()
        supervisor.attempts = supervisor.runs + 1
        supervisor.won = fight.last.ended.code == 0
        return supervisor

    run.zip = lambda name="a": f"{tmp_path}/mod/cache/download/{name}.zip"
    return run
