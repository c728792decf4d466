from __future__ import annotations

import pytest

from goshim.facts import wsl
from tests.machine import LINUX_RELEASE, WSL1_RELEASE, WSL2_RELEASE

VARIABLES = {"WSL_DISTRO_NAME": "Ubuntu", "WSL_INTEROP": "/run/WSL/8_interop"}
MARKS = ("/run/WSL/8_interop", "/mnt/wsl/resolv.conf", "/usr/lib/wsl/lib/libd3d12.so", "/init")
CUSTOM_KERNEL = "6.9.3-tinkered"


@pytest.mark.parametrize(
    ("release", "variables", "files", "kind"),
    [
        pytest.param(WSL1_RELEASE, VARIABLES, ["/init"], "wsl1", id="wsl1"),
        pytest.param(WSL1_RELEASE, {}, [], "wsl1", id="wsl1 from cron"),
        pytest.param(WSL2_RELEASE, VARIABLES, MARKS, "wsl2", id="wsl2"),
        pytest.param(WSL2_RELEASE, {}, MARKS, "wsl2", id="wsl2 from a service, without variables"),
        pytest.param("6.18.8-microsoft-standard-WSL2-dirty", VARIABLES, MARKS, "wsl2", id="wsl2 kernel built by hand"),
        pytest.param("7.0.13-arch1-1-wsl-microsoft-standard-WSL2", VARIABLES, MARKS, "wsl2", id="wsl2 Arch"),
        pytest.param("6.1.21-WSL2-mine", VARIABLES, MARKS, "wsl2", id="wsl2 kernel that says only WSL2"),
        pytest.param(WSL2_RELEASE, VARIABLES, [*MARKS, "/.dockerenv"], "wsl2", id="wsl2 imported from an image"),
        pytest.param(CUSTOM_KERNEL, VARIABLES, MARKS, "wsl2", id="custom kernel"),
        pytest.param(CUSTOM_KERNEL, {}, MARKS, "wsl2", id="custom kernel, from a service"),
        pytest.param(WSL2_RELEASE, {}, ["/.dockerenv"], "", id="docker on wsl2"),
        pytest.param(WSL2_RELEASE, {}, ["/run/.containerenv"], "", id="podman on wsl2"),
        pytest.param(LINUX_RELEASE, {}, [], "", id="plain Linux"),
        pytest.param(LINUX_RELEASE, VARIABLES, [], "", id="plain Linux, variables sent by ssh"),
        pytest.param(LINUX_RELEASE, {}, ["/init"], "", id="plain Linux with an /init"),
        pytest.param(LINUX_RELEASE, {}, ["/.dockerenv"], "", id="docker on Linux"),
        pytest.param("6.8.0-1014-azure", {}, [], "", id="a kernel of Microsoft's cloud"),
        pytest.param(None, {}, [], "", id="no /proc"),
    ],
)
def test_the_kind_of_wsl(machine, release, variables, files, kind):
    if release is not None:
        machine.write("/proc/sys/kernel/osrelease", f"{release}\n")
    for file in files:
        machine.write(file, "")
    assert wsl.kind(machine.host(variables)) == kind


def test_a_container_that_only_its_cgroup_tells_is_not_wsl(machine):
    machine.write("/proc/sys/kernel/osrelease", WSL2_RELEASE)
    for process in ("1", "self"):
        machine.write(f"/proc/{process}/cgroup", "0::/system.slice/containerd.service/kubepods-burstable-pod3\n")
    assert wsl.kind(machine.host()) == ""


def test_a_line_that_cant_be_read_is_empty(machine):
    machine.directory("/proc/sys/kernel/osrelease")
    assert wsl.read_line(machine.host(), "/proc/sys/kernel/osrelease") == ""
    assert wsl.kind(machine.host()) == ""
