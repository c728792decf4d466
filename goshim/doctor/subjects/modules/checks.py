"""Checks of where modules come from, and of what vouches for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from goshim.base.redaction import redact_value
from goshim.base.shells import quoted
from goshim.base.terminal import printable
from goshim.doctor.engine.check import check
from goshim.doctor.engine.finding import Remedy, Verdict, fail, info, ok, warn
from goshim.doctor.engine.look import Look, UnknownError
from goshim.doctor.formats import go_url, module_patterns
from goshim.doctor.machine import go_mod, go_values
from goshim.doctor.machine import variable_remedies as mend
from goshim.doctor.machine.go_mod import GoMod
from goshim.doctor.machine.go_values import Value
from goshim.facts.host import UnreadableError

_PUBLIC_PROXIES = ("proxy.golang.org", "goproxy.io", "goproxy.cn", "goproxy.cloud", "mirrors.aliyun.com")
_LISTS = ("GOPRIVATE", "GONOPROXY", "GONOSUMDB")
_WORDS = ("direct", "off")
_DATABASE = "sum.golang.org"
_MOST_HOSTS = 20
"""So many are told and taken into a command; what a clone of somebody else's requires may have no end."""
_FOR_CARELESS = str.maketrans({";": ",", "，": ",", "；": ",", " ": ",", "\t": ",", '"': "", "'": "", "\r": ""})  # noqa: RUF001
_RUN_TOGETHER = re.compile(  # what stands for the next entry in the path of one, or a mark that stands for a comma
    r"(?i)[;，；\s](?:(?:direct|off|(?P<host>[\w-]+(?:\.[\w-]+)+))(?=[;，；\s/:]|$)|[a-z]+://|$)"  # noqa: RUF001
)


@dataclass(frozen=True)
class Entry:
    """An entry of GOPROXY: `fault` is what go says of it, empty where it takes it; `url` as go completes it."""

    text: str
    url: str
    fault: str
    is_reached: bool


@check("goproxy-syntax", "network")
def goproxy_syntax(look: Look) -> Verdict:
    """Whether each entry of GOPROXY is an address that go takes, and is ever asked.

    One entry that go does not take ends every download, also where another would do: `invalid proxy URL missing
    scheme`. What stands behind `direct` or `off` is never asked.

    go reads the environment, then the file of `go env -w`, then `$GOROOT/go.env`. Entries are parted by `,` (the next
    is asked after 404 and 410 only) or `|` (after any error); blanks and carriage returns around an entry do no harm.
    A host with a dot gets `https://`; quotes, `;`, a blank in between and the wide `，` of a Chinese keyboard do not
    part anything: behind a path, as in `https://goproxy.cn/;direct`, they are part of it. Tried with go 1.19 and
    1.27.3: cmd/go/internal/modfetch/proxy.go, proxyList and newProxyRepo.
    """  # noqa: RUF002
    value = go_values.find(look, "GOPROXY")
    if value is None:
        return ok("GOPROXY is not set: go takes its default, https://proxy.golang.org,direct")
    entries = _entries(value.text)
    faults = [f"{printable(_masked(entry.text))}: {entry.fault}" for entry in entries if entry.fault]
    if not entries:
        faults = ["GOPROXY list is not the empty string, but contains no entries"]
    if faults:
        after = _entries(go_values.after_goshim(look, value))
        if after and not any(entry.fault for entry in after):
            return info("GOPROXY can't be read by go; goshim mends it at each call", value.shown, *faults)
        summary = "go can't read GOPROXY: each download ends with an error"
        return fail(summary, value.shown, *faults, remedies=_mends(value))
    lost = [entry for entry in entries if not entry.is_reached and entry.text not in _WORDS]
    if lost:
        first = next(entry.text for entry in entries if entry.text in _WORDS)
        names = ", ".join(_masked(entry.text) for entry in lost)
        summary = f"GOPROXY: {names} is behind `{first}`, and never asked"
        kept = [entry.text for entry in entries if entry.text not in _WORDS]
        return warn(
            summary,
            value.shown,
            remedies=(mend.changed(value, ",".join([*kept, first]), f"put `{first}` last"),),
        )
    return _told_of(entries, value)


@check("private-syntax", "network")
def private_syntax(look: Look) -> Verdict:
    """Whether the lists of private modules match what they mean, and cover the private modules of go.mod.

    A pattern that matches nothing keeps nothing private: go asks the public module proxy and the checksum database for
    the path, so its name leaves the company, and the download ends with `404 Not Found`.

    GOPRIVATE, GONOPROXY and GONOSUMDB hold globs (path.Match) that are compared with as many elements of the module
    path as they have themselves; `git.corp.example` covers all below it. A blank, quotes, `https://`, `;`, a port,
    `...` and regular expressions are parts of the pattern (golang.org/x/mod/module, MatchPrefixPatterns). A slash at
    the end does no harm. GONOPROXY and GONOSUMDB replace GOPRIVATE where they are set. Where go builds with what
    `vendor` holds (by itself from `go 1.14` in go.mod on), only `go get`, `go mod tidy` and their kin ask for a module,
    which is no alarm.
    """
    dead = {}
    mended = set()
    for name in _LISTS:
        value = go_values.find(look, name)
        if value and (found := _dead(value.text)):
            dead[value] = found
            if not _dead(go_values.after_goshim(look, value)):
                mended.add(value)
    evidence = [
        line
        for value, found in dead.items()
        for line in (value.shown, *(f"{_shown_pattern(pattern)}: {reason}" for pattern, reason in found))
    ]
    names = ", ".join(value.name for value in dead)
    if left := [value for value in dead if value not in mended]:
        return warn(f"{names}: patterns that match no module", *evidence, remedies=tuple(map(_corrected, left)))
    if uncovered := _uncovered(look):
        return _leaks(look, uncovered)
    if dead:
        return info(f"{names}: patterns that match no module; goshim mends them at each call", *evidence)
    set_here = [value for name in _LISTS if (value := go_values.find(look, name))]
    if not set_here:
        return ok("no module is said to be private, and none of go.mod looks so")
    return ok("each pattern of private modules can match", *(value.shown for value in set_here))


def _entries(value: str) -> list[Entry]:
    found = []
    is_reached = True
    for part in value.replace("|", ",").split(","):
        if text := part.strip():
            found.append(_entry(text, is_reached=is_reached))
            is_reached = is_reached and text not in _WORDS
    return found


def _entry(text: str, *, is_reached: bool) -> Entry:
    if text in _WORDS or not is_reached:
        return Entry(text, text, "", is_reached)
    is_short = any(mark in text for mark in ".:/") and ":/" not in text and not text.startswith("/")
    url = f"https://{text}" if is_short else text
    try:
        address = go_url.parse(url)
        fault = _why_refused(url, address) or _why_misread(address)
    except ValueError as error:
        fault = str(error)
    return Entry(text, url, fault, is_reached)


def _why_refused(url: str, address: go_url.Address) -> str:
    match address.scheme:
        case "https" | "http":
            if not address.host:
                return "http: no Host in request URL"
            is_misread = address.host in ("http", "https") or re.search(r"[^\w.:%-]", address.host)
            return f"go takes {printable(address.host)} for the host" if is_misread else ""
        case "file":
            return f"invalid file:// proxy URL with non-path elements: {url}" if address.host else ""
        case "":
            return f"invalid proxy URL missing scheme: {_masked(url)}"
        case _:
            return f"invalid proxy URL scheme (must be https, http, file): {_masked(url)}"


def _why_misread(address: go_url.Address) -> str:
    """Why go asks an address that nobody meant: behind a path nothing but a comma or a bar begins another entry."""
    found = _RUN_TOGETHER.search(address.path)
    is_other = found and not (found["host"] and address.scheme == "file")  # of a file it may be the name
    return f"go takes {printable(address.path)} for the path" if is_other else ""


def _mends(value: Value) -> tuple[Remedy, ...]:
    default = Remedy("or go back to the default", mend.undone(value, "").command)
    parts = [part for part in value.text.translate(_FOR_CARELESS).split(",") if part]
    text = ",".join(part.lower() if part.lower() in _WORDS else part for part in parts)
    if not parts or any(entry.fault for entry in _entries(text)):
        return (mend.undone(value, "go back to the default, https://proxy.golang.org,direct"),)
    return (mend.changed(value, text, "write whole addresses, parted by commas"), default)


def _told_of(entries: list[Entry], value: Value) -> Verdict:
    if entries[0].text == "off":
        return info("GOPROXY is off: go downloads nothing", value.shown)
    if entries[0].text == "direct":
        return info("GOPROXY is direct: go fetches each module from its origin, by git", value.shown)
    names = ", ".join(_masked(entry.text) for entry in entries if entry.is_reached)
    return ok(f"go asks {names}", value.shown)


def _masked(text: str) -> str:
    return redact_value("GOPROXY", text)


def _dead(patterns: str) -> list[tuple[str, str]]:
    found = ((pattern, module_patterns.why_dead(pattern)) for pattern in module_patterns.split(patterns))
    return [(pattern, reason) for pattern, reason in found if reason]


def _shown_pattern(pattern: str) -> str:
    """A pattern of GOPRIVATE and its kind, without a token in the place of a user."""
    return printable(redact_value("GOPRIVATE", pattern))


def _corrected(value: Value) -> Remedy:
    """The list as it is meant, nothing left out; words alone where that can't be told, or would take a public host."""
    before = module_patterns.split(value.text)
    patterns = [pattern for pattern in re.split(r"[\s,;\"']+", value.text) if pattern]
    meant = {pattern: module_patterns.as_meant(pattern) for pattern in patterns}
    if not patterns:
        return mend.undone(value, "take it out: it names nothing")
    unclear = [
        pattern
        for pattern, plain in meant.items()
        if not plain or (plain not in before and module_patterns.takes_public(plain))
    ]
    if unclear:
        names = ", ".join(map(_shown_pattern, unclear))
        return Remedy(f"in place of {names} write your own hosts and paths, parted by commas: git.example.com/team")
    return mend.changed(value, ",".join(dict.fromkeys(meant.values())), "write hosts and paths, parted by commas")


def _uncovered(look: Look) -> dict[str, list[str]]:
    """The modules of go.mod that look private and are not said to be: where the name of each goes."""
    try:
        module = look(go_mod.read)
    except (UnknownError, UnreadableError):
        return {}
    private_paths = filter(module_patterns.looks_private, _fetched(module) if module else ())
    told_to = _who_is_told(look)
    return {path: told for path in private_paths if (told := told_to(path))}


def _fetched(module: GoMod) -> Iterator[str]:
    """The paths that go asks for: of what is replaced by a directory none, else that of the replacement."""
    replaced = {(each.path, each.version): each.by for each in module.replaces}
    for path, version in module.requires:
        found = replaced.get((path, version)) or replaced.get((path, "")) or path
        if found[0] not in "./":
            yield found


def _who_is_told(look: Look) -> Callable[[str], list[str]]:
    """What gives the public hosts that a path's name goes to: asked once, for go.mod may have 25 000 of them."""
    lists = {name: go_values.find(look, name) for name in _LISTS}
    not_proxied, not_summed = (
        go_values.after_goshim(look, value) if (value := lists[name] or lists["GOPRIVATE"]) else ""
        for name in ("GONOPROXY", "GONOSUMDB")
    )
    proxies = go_values.find(look, "GOPROXY")
    database = go_values.find(look, "GOSUMDB")
    entries = _entries(proxies.text if proxies else "https://proxy.golang.org,direct")
    is_off = bool(entries) and entries[0].text == "off"
    hosts = [go_url.parse(entry.url).host for entry in entries if entry.is_reached and not entry.fault]
    public = [host for host in hosts if host in _PUBLIC_PROXIES]
    words = database.text.split() if database else []
    summing = [] if words == ["off"] else [words[-1] if words else _DATABASE]

    def told_to(path: str) -> list[str]:
        is_proxied = not module_patterns.covers(not_proxied, path)
        if is_proxied and is_off:
            return []
        return [*(public if is_proxied else ()), *(() if module_patterns.covers(not_summed, path) else summing)]

    return told_to


def _leaks(look: Look, uncovered: dict[str, list[str]]) -> Verdict:
    value = go_values.find(look, "GOPRIVATE")
    hosts = list(dict.fromkeys(path.partition("/")[0] for path in uncovered))
    goes = "vendored, but go get and go mod tidy would tell its name" if look(go_mod.vendored) else "its name goes"
    evidence = [f"{printable(path)}: {goes} to {' and '.join(told)}" for path, told in uncovered.items()]
    is_asked_for = not look(go_mod.workspace) and not look(go_mod.vendored)
    is_proxied = is_asked_for and any(set(told) & set(_PUBLIC_PROXIES) for told in uncovered.values())
    more = f" and {len(hosts) - _MOST_HOSTS} more" if len(hosts) > _MOST_HOSTS else ""
    summary = f"{', '.join(map(printable, hosts[:_MOST_HOSTS]))}{more} looks private, and GOPRIVATE does not cover it"
    return (warn if is_proxied else info)(summary, *evidence, remedies=_said_private(value, hosts))


def _said_private(value: Value | None, hosts: list[str]) -> tuple[Remedy, ...]:
    """GOPRIVATE with these hosts, as a command alone: they come from go.mod, which anybody may have written.

    A host that is none could be a pattern for the whole world, and is left out.
    """
    kept = module_patterns.split(value.text) if value else ()
    added = [host for host in hosts if module_patterns.is_host(host)][:_MOST_HOSTS]
    if not added:
        return ()
    words = "if it is your own, say that it is private"
    patterns = ",".join(dict.fromkeys([*kept, *added]))
    if value:
        return (replace(mend.changed(value, patterns, words), edits=()),)
    return (Remedy(words, f"go env -w {quoted(f'GOPRIVATE={patterns}')}"),)
