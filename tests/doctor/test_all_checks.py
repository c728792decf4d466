"""All checks together: none missing, each with a page."""

from __future__ import annotations

from goshim.doctor.all_checks import CHECKS
from goshim.doctor.engine.check import SECTIONS
from tests.tables import for_each

TABLE = {
    "toolchain": "toolchain-found toolchain-shadowed goroot-mismatch goroot-symlink-to-windows goroot-persisted "
    "toolchain-overlaid toolchain-wanted",
    "path": "path-order path-cost path-shadow path-origin path-unsafe",
    "environment": "wslenv-imports default-environment cgo-compiler cgo-source cgo-module windows-values go-env-file "
    "illegal-directory locale",
    "network": "proxy-source proxy-conflict proxy-url proxy-dead-loopback no-proxy-syntax proxy-pac goproxy-syntax "
    "private-syntax verification-weakened tls-ca proxy-reachable tls-inspection dns mtu clock-header",
    "module cache": "cache-on-windows project-on-windows cache-writable cache-ownership cache-leftovers cache-disk "
    "lock-history defender-exclusion",
    "wsl": "wsl-kind wsl-conf-unknown-key wsl-conf-duplicate wsl-conf-boolean wslconfig-key automount-metadata interop "
    "registry-flags registry-folklore distribution-flags virtiofs",
    "clock": "clock-drift time-daemon-conflict clock-future-files epoch-valid epoch-effect",
    "goshim": "launcher-first launcher-current plan-store editor-settings trust-records overhead",
}


def test_no_check_is_missing_and_each_stands_in_its_place():
    assert [(check.section, check.id) for check in CHECKS] == [
        (section, name) for section in SECTIONS for name in TABLE[section].split()
    ]


@for_each("check", CHECKS)
def test_each_check_says_what_it_looks_at_and_why_that_matters(check):
    assert check.summary.endswith(".")
    assert len(check.summary) < 200
    assert len(check.why) > 40
