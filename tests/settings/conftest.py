"""A machine whose config files a test gives as text."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from goshim.base.store import Store
from goshim.settings import layers
from goshim.settings.layers import Loaded
from tests.machine import HOME, FolderMachine

SYSTEM = "/etc/goshim/config.toml"
USER = f"{HOME}/.config/goshim/config.toml"
PROJECT = f"{HOME}/project/.goshim.toml"

Load = Callable[..., Loaded]


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """An empty store, outside the machine."""
    return Store(str(tmp_path_factory.mktemp("cache") / "goshim"))


TOKEN = "0" * 32


@pytest.fixture
def load(machine: FolderMachine, store: Store) -> Load:
    """Give files by `system`, `user` and `project`, and variables; get the settings."""

    def loaded(
        user: str | bytes | None = None,
        system: str | bytes | None = None,
        project: str | bytes | None = None,
        *,
        in_project: bool = False,
        **variables: str,
    ) -> Loaded:
        for path, data in ((SYSTEM, system), (USER, user), (PROJECT, project)):
            if data is not None:
                machine.write(path, data)
        there = in_project or project is not None
        return layers.load(machine.host(variables), store, f"{HOME}/project" if there else None, TOKEN)

    loaded.store = store  # type: ignore[attr-defined]
    return loaded
