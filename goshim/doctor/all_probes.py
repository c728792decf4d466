"""Where each probe is measured.

A probe is a function of a host and a subject that measures what cannot be read. Its answer is made of what JSON knows.
One that cannot be made raises OSError, whose text is the reason. None leaves anything behind on the machine, also when
it is interrupted.

The names are those in saved records, so they stay as they are, whatever becomes of the modules. A module is loaded when
one of its probes is asked for.
"""

from __future__ import annotations

PROBES: dict[str, str] = {
    "caches.foreign": "goshim.doctor.subjects.cache.probes:foreign",
    "caches.held_locks": "goshim.doctor.subjects.cache.probes:held_locks",
    "caches.leftovers": "goshim.doctor.subjects.cache.probes:leftovers",
    "certificates.file": "goshim.doctor.subjects.certificates.probes:file",
    "certificates.folder": "goshim.doctor.subjects.certificates.probes:folder",
    "certificates.store": "goshim.doctor.subjects.certificates.probes:store",
    "clock.ahead": "goshim.doctor.subjects.clock.probes:ahead",
    "clock.daemons": "goshim.doctor.subjects.clock.probes:daemons",
    "clock.kept": "goshim.doctor.subjects.clock.probes:kept",
    "clock.windows": "goshim.doctor.subjects.clock.probes:windows",
    "disks.space": "goshim.doctor.subjects.cache.disk_probes:space",
    "disks.trial": "goshim.doctor.subjects.cache.disk_probes:trial",
    "disks.write_time": "goshim.doctor.subjects.cache.disk_probes:write_time",
    "editors.settings": "goshim.doctor.subjects.shim.editor_probe:settings",
    "goshim.installation": "goshim.doctor.subjects.shim.probes:installation",
    "goshim.launcher": "goshim.doctor.subjects.shim.probes:launcher",
    "goshim.overhead": "goshim.doctor.subjects.shim.probes:overhead",
    "goshim.project": "goshim.doctor.subjects.shim.probes:project",
    "goshim.store": "goshim.doctor.subjects.shim.probes:store",
    "locales.charsets": "goshim.doctor.subjects.environment.probes:charsets",
    "lookups.cost": "goshim.doctor.subjects.path.probes:cost",
    "lookups.held": "goshim.doctor.subjects.path.probes:held",
    "name_servers.ask": "goshim.doctor.subjects.online.name_server_probe:ask",
    "network.fetch": "goshim.doctor.subjects.online.probes:fetch",
    "network.hello": "goshim.doctor.subjects.online.probes:hello",
    "start_files.lines": "goshim.doctor.machine.start_file_probe:lines",
}
"""`module:function` by the name of the probe."""
