"""All checks, in the order in which they are told."""

from __future__ import annotations

from goshim.doctor.engine.check import Check
from goshim.doctor.subjects.cache import disk_checks as disks
from goshim.doctor.subjects.cache import drive_checks as windows_drives
from goshim.doctor.subjects.cache import leftover_checks as module_cache
from goshim.doctor.subjects.cache import lock_checks as locks
from goshim.doctor.subjects.certificates import checks as certificates
from goshim.doctor.subjects.cgo import checks as cgo
from goshim.doctor.subjects.clock import checks as clock
from goshim.doctor.subjects.environment import checks as environment
from goshim.doctor.subjects.environment import go_env_check as go_env_file
from goshim.doctor.subjects.environment import locale_check as locale
from goshim.doctor.subjects.modules import checks as modules
from goshim.doctor.subjects.modules import verification_check as verification
from goshim.doctor.subjects.online import checks as online
from goshim.doctor.subjects.online import packet_checks as packets
from goshim.doctor.subjects.path import checks as path
from goshim.doctor.subjects.proxy import address_check as proxy_address
from goshim.doctor.subjects.proxy import checks as proxy
from goshim.doctor.subjects.proxy import loopback_check as proxy_loopback
from goshim.doctor.subjects.proxy import no_proxy_check as no_proxy
from goshim.doctor.subjects.shim import checks as goshim
from goshim.doctor.subjects.toolchain import checks as toolchain
from goshim.doctor.subjects.toolchain import goroot_checks as goroot
from goshim.doctor.subjects.wsl import checks as wsl
from goshim.doctor.subjects.wsl import conf_checks as wsl_conf
from goshim.doctor.subjects.wsl import registry_checks as registry

CHECKS: tuple[Check, ...] = (
    toolchain.toolchain_found,
    toolchain.toolchain_shadowed,
    goroot.goroot_mismatch,
    goroot.goroot_symlink_to_windows,
    goroot.goroot_persisted,
    goroot.toolchain_overlaid,
    toolchain.toolchain_wanted,
    path.path_order,
    path.path_cost,
    path.path_shadow,
    path.path_origin,
    path.path_unsafe,
    environment.wslenv_imports,
    environment.default_environment,
    cgo.cgo_compiler,
    cgo.cgo_source,
    cgo.cgo_module,
    environment.windows_values,
    go_env_file.go_env_file,
    environment.illegal_directory,
    locale.locale,
    proxy.proxy_source,
    proxy.proxy_conflict,
    proxy_address.proxy_url,
    proxy_loopback.proxy_dead_loopback,
    no_proxy.no_proxy_syntax,
    proxy.proxy_pac,
    modules.goproxy_syntax,
    modules.private_syntax,
    verification.verification_weakened,
    certificates.tls_ca,
    online.proxy_reachable,
    online.tls_inspection,
    packets.dns,
    packets.mtu,
    online.clock_header,
    windows_drives.cache_on_windows,
    windows_drives.project_on_windows,
    disks.cache_writable,
    module_cache.cache_ownership,
    module_cache.cache_leftovers,
    disks.cache_disk,
    locks.lock_history,
    locks.defender_exclusion,
    wsl.wsl_kind,
    wsl_conf.wsl_conf_unknown_key,
    wsl_conf.wsl_conf_duplicate,
    wsl_conf.wsl_conf_boolean,
    wsl_conf.wslconfig_key,
    wsl.automount_metadata,
    wsl.interop,
    registry.registry_flags,
    registry.registry_folklore,
    registry.distribution_flags,
    wsl.virtiofs,
    clock.clock_drift,
    clock.time_daemon_conflict,
    clock.clock_future_files,
    clock.epoch_valid,
    clock.epoch_effect,
    goshim.launcher_first,
    goshim.launcher_current,
    goshim.plan_store,
    goshim.editor_settings,
    goshim.trust_records,
    goshim.overhead,
)
