"""What a failed go command says: which of its lines are errors, and of which kind each is.

What tells one is data: config/signs.toml, and rows of the user's own. This module is imported after a failure only.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Any, Final, NamedTuple

from goshim.base.resources import parse_toml, path

# Of the signs that fit a line, and of the findings of a run, the kind that stands first here decides.
KINDS: Final = ("permanent", "handshake", "lock", "network")

LONGEST_LINE: Final = 4 * 1024
"""Characters of a line that are looked at: half of them from its beginning, half from its end."""

LONGEST_RETRY_AFTER_S: Final = 3600.0

# cmd/go/internal/web/api.go: maxErrorDetailLines = 8, and one line more that says it was truncated.
_RESPONSE_LINES: Final = 9
# What no object of `go mod download -json` and no event of `go build -json` comes near.
_LONGEST_JSON: Final = 4 * 1024 * 1024

_NO_ERROR = re.compile(
    r"go: (?:writing (?:stat|go\.mod) cache|warning): "  # modfetch/cache.go: go goes on, and can exit 0
    r"|go: (?:downloading|extracting|finding) "  # modfetch/fetch.go
    r"|\s*warning: "  # modload, load; git's own, after which it goes on
    r"|go: .*requires go >= \S+(?: \(running [^)]*\))?; switching to "  # toolchain/switch.go
    r"|go: toolchain upgrade needed "
    r"|# "  # of the forms in _TRACED, under -x
    r"|\+\+\+ |\d+\.\d{3}s "  # codehost.go under -x, modfetch/repo.go
    r"|cd \S|mkdir -p |rm -rf |WORK=|TERM='dumb' |\S*/pkg/tool/\w+/\w+ -"  # work/shell.go, exec.go under -x
    r"|(?:git|hg|svn|bzr|fossil) (?!.*: exit status )"  # vcs.go under -x
)
# A line `# ` and then anything else is the heading above what a compiler, a linker, vet or pkg-config says of a package
# (work/shell.go, cmdError). Go loads all packages, and so downloads, before it compiles the first.
_TRACED = re.compile(
    r"# (?:get|lock|ignoring directory) "  # web/http.go, codehost.go, search.go
    r"|# /.* for "  # codehost.go, WorkDir
    r"|# cd .*; "  # vcs/vcs.go under -v: what the program said follows, up to the next line of go's own
)
_TRACED_PROGRAM = "# cd "
_OF_GO = "go: "
_TRACED_FILE = re.compile(r"cat >\S.* << 'EOF'")  # work/shell.go, WriteFile, under -x: the file's text, up to EOF
_RESPONSE = re.compile(r"\s+server response:(.*)")
_INDENTED = re.compile(r"[ \t]")

_ERROR_FIELD = re.compile(r'\s*"Error": (".*"),?\s*$')

_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_KEBAB = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_KEYS: Final[dict[str, tuple[type, ...]]] = {
    "id": (str,),
    "class": (str,),
    "match": (str,),
    "tries": (int,),
    "wait_s": (int, float),
    "words": (str,),
    "source": (str,),
}

# os.CreateTemp puts digits where the pattern has a star, or at its end: v1.9.1.zip268196250.tmp (modfetch/cache.go,
# tempFile), x@v1.6.0.tmp-880674423 (go before 1.16), go-build213642030 (work/action.go).
_TEMPORARY = re.compile(r"(?<=[A-Za-z])\d+\.tmp\b|\.tmp-\d+|(?<=\bgo-build)\d+")
_IN_MODULE = re.compile(r"(.*?@v\d[^/\\@]*)[/\\].*", re.DOTALL)
_URL = re.compile(r"""https?:/{1,2}(?:[^/?#\s"'<>]*@)?([^/?#@\s"'<>]+)[^\s"'<>]*""")
_MODULE = re.compile(r"(?<![\w.~!%+/-])[\w.~!%+/-]+@v\d[\w.+-]*")
# "go: MODULE: git fetch …: exit status 128:" (codehost.RunError); what git said stands below, and names no module.
_OF_GIT = re.compile(r"(?<!\S)(\S+): (?:invalid version: )?(?:git|hg|svn|bzr|fossil) ")
_NUMBER = re.compile(r"\d+")
# cmd/go/internal/web/api.go, HTTPError.Error: `reading URL: 503 Service Unavailable`, where the words are the server's.
_STATUS_TEXT = re.compile(r"(\breading https?:/[^\s\"']*: \d{3}\b)(?! [A-Z][A-Za-z' -]{0,40}$).*")

# What may stand before an error of the network in go's own lines. A clone chooses names of files, packages, directories
# and what stands in go.mod, and go quotes these in its errors: they could read like any error. So each part that is
# nothing but a name of go's, of a module or of a package is passed over, and what is left must begin with the error.
_OF_GITS_OWN = "fatal|error|ssh|remote|fetch-pack|kex_exchange_identification"
_IS_NO_NAME = rf"(?!(?:{_OF_GITS_OWN}|warning|http2|net|tls|x509|EOF)\b)"
_NAME = rf"{_IS_NO_NAME}[\w.~!+/-]+(?:@[\w.~+-]+(?:/go\.mod)?)?"
_WORDS_OF_GO = (
    r"go (?:get|install|list|build|test|vet|run) [^:]{1,200}?",
    rf'(?:module|package|download|finding|verifying|unrecognized import path) "?{_NAME}"?(?: imports)?',
    rf"(?:build|test|vet|cannot load) {_NAME}",
    rf"(?:cannot find module providing package|loading (?:deprecation|module retractions) for) {_NAME}",
    rf"reading {_NAME} at revision {_NAME}",
    r"verifying(?: module| go\.mod)?",
    r"invalid version",
    r"https? fetch",
    r"initializing sumdb\.Client",
    r"error loading module requirements",
    rf"{_NAME}(?: imports)?",
)
_BEFORE_AN_ERROR = re.compile(
    r"\s*(?:go: )?(?:can't load (?:test )?package: )?(?:[^\s:]+\.go:\d+(?::\d+)?: )?"
    rf"(?:(?:{'|'.join(_WORDS_OF_GO)}): )*"
)
_OF_THE_NETWORK = re.compile(
    r'(?:Get|Head|Post|reading|read) "?https?:/|(?:dial|read|write) (?:tcp|udp|unix)|lookup \S+ on |proxyconnect '
    rf'|unrecognized import path "{_NAME}" \(https? fetch: '
    r"|(?:git|hg|svn|bzr|fossil) .*: exit status \d+"
    rf"|(?:{_OF_GITS_OWN}): |Connection (?:reset|closed) by \S+ port \d+\W*$"
)
_OF_A_MODULE = re.compile(r"(?<=@v)[^\s:]*: (?:http2: |stream error: |connection error: |unexpected EOF\W*$)")
_PLACE_IN_A_FILE = re.compile(r"\.go:\d+")

_BEFORE = re.compile(r"current time (\S+) is before (\S+)")
_RETRY_AFTER = re.compile(
    r"\b(?:retry[- ]after|(?:try|retry) again (?:in|after)|retry in)[:=]? *"
    r"(\d{1,9}(?:\.\d{1,3})?)(?![-:/.]?\d) *([a-z]*)",
    re.IGNORECASE,
)
_UNITS_S: Final = {"ms": 0.001, "mil": 0.001, "m": 60, "min": 60, "h": 3600, "hr": 3600, "hou": 3600, "day": 86400}


class Sign(NamedTuple):
    """A row of config/signs.toml. `kind` is its class; without `tries` and `wait_s` the budgets of the class hold."""

    id: str
    kind: str
    pattern: re.Pattern[str]
    tries: int | None
    wait_s: float | None
    words: str
    is_own: bool = False
    """Whether it is a row of the user's own, which counts in any line."""

    @property
    def is_about_files(self) -> bool:
        """Whether it tells of a file or a disk of this machine."""
        return "path" in self.pattern.groupindex


class Finding(NamedTuple):
    """An error line with the sign that it has, and what the line says failed: a file, or a host (host:port).

    `module` is the one that the git command was run for whose words these are: a server may have dictated those.
    """

    sign: Sign
    line: str
    path: str = ""
    host: str = ""
    module: str = ""

    @property
    def subject(self) -> str:
        """What stays the same when the same thing fails again: a file, a module's directory, a URL, a module, a host.

        Go's temporary names lose their random digits, lines that name nothing their numbers.
        """
        if self.path:
            name = _TEMPORARY.sub("", self.path)
            inside = _IN_MODULE.fullmatch(name)
            return inside[1] if inside else name
        return self._name or _NUMBER.sub("", self.line)

    @property
    def what(self) -> str:
        """What failed, in words for a person: the file, the subject, or a line that names nothing."""
        return self.path or self._name or self.line

    @property
    def _name(self) -> str:
        if found := _MODULE.search(self.line) or _URL.search(self.line):
            return found[0].partition("?")[0].rstrip(":,;.)")
        return self.module or self.host


@functools.cache
def load(extra: str = "") -> tuple[Sign, ...]:
    """The signs of the TOML text `extra`, then those of config/signs.toml.

    Raises ValueError, which names the row, for one that is not of the form config/signs.toml describes.
    """
    with open(path("config/signs.toml"), encoding="utf-8") as file:
        known = parse_toml(file.read())
    parts: dict[str, str] = {}
    for part in known["part"]:
        parts[part["id"]] = _with_parts(part["match"], parts)
    own = parse_toml(extra)
    if unknown := sorted(own.keys() - {"sign"}):
        raise ValueError(f"table {unknown[0]!r}: only [[sign]] is known")
    rows = own.get("sign", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ValueError("sign: rows are written [[sign]]")
    signs: dict[str, Sign] = {}
    for number, row in enumerate([*rows, *known["sign"]], 1):
        sign = _parse(row, number, parts)._replace(is_own=number <= len(rows))
        if sign.id in signs:
            raise ValueError(f"sign {sign.id!r}: there is another one of that id")
        signs[sign.id] = sign
    return tuple(signs.values())


def error_lines(lines: Iterable[str]) -> Iterator[str]:
    """The lines of go's stderr that can be errors of go's own.

    Left out are warnings, progress, traces of -x, what a server answered, and all that follows the heading of a
    package: that is a compiler's text, and a compiler can print anything, also what looks like a line of go's.
    """
    return (line for line, is_answer in _relevant(lines) if not is_answer)


def _relevant(lines: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """The error lines, and what a server answered, which is marked True, below the line that it belongs to."""
    response_lines = 0
    in_traced_file = in_traced_program = False
    for raw in lines:
        line = _cut(raw.rstrip("\r\n"))
        if in_traced_file:
            in_traced_file = not line.endswith("EOF")
        elif response_lines and _INDENTED.match(line):
            response_lines -= 1
            yield line, True
        elif found := _RESPONSE.match(line):
            response_lines = 0 if found[1].strip() else _RESPONSE_LINES
            yield line, True
        elif line.startswith("# "):
            if not _TRACED.match(line):
                return
            response_lines, in_traced_program = 0, line.startswith(_TRACED_PROGRAM)
        else:
            response_lines = 0
            in_traced_file = _TRACED_FILE.match(line) is not None
            in_traced_program = in_traced_program and not line.startswith(_OF_GO)
            if line and not in_traced_file and not in_traced_program and not _NO_ERROR.match(line):
                yield line, False


def json_texts(lines: Iterable[str]) -> Iterator[str]:
    """The lines of the errors that `go mod download -json`, or `go build -json`, prints to stdout.

    They still have the form of stderr: a server's response is among them.
    """
    for line in lines:
        if len(line) > _LONGEST_JSON:
            continue
        if line.startswith("{") and line.rstrip().endswith("}"):
            event = _parse_json(line)
            if isinstance(event, dict):
                key = "Output" if event.get("Action") == "build-output" else "Error"
                yield from _lines_of(event.get(key))
        elif found := _ERROR_FIELD.match(line):
            yield from _lines_of(_parse_json(found[1]))


def judge(lines: Iterable[str], signs: Iterable[Sign]) -> Iterator[Finding]:
    """What the error lines say, one finding for each line that has a sign. `lines` went through `error_lines`."""
    ordered = sorted(signs, key=lambda sign: KINDS.index(sign.kind))
    module = ""
    for line in map(_cut, lines):
        is_heading = ": exit status " in line and line.endswith(":") and _is_of_the_network(line)
        if is_heading and (found := _OF_GIT.search(line)):
            module = found[1]
        elif not _INDENTED.match(line):
            module = ""
        if finding := _find(line, module, ordered):
            yield finding


def decisive(findings: Iterable[Finding]) -> Finding | None:
    """The finding that decides what is done: the first permanent one, else handshake, lock, network."""
    return min(findings, key=lambda finding: KINDS.index(finding.sign.kind), default=None)


def lag_s(line: str) -> float | None:
    """How many seconds the clock is behind at least, by an error of crypto/x509; None if it does not say so."""
    if (found := _BEFORE.search(line)) is None:
        return None
    try:
        # Python 3.10 reads no Z.
        now, earliest = (datetime.fromisoformat(text.rstrip(".,;)").replace("Z", "+00:00")) for text in found.groups())
        return max((earliest - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def retry_after_s(lines: Iterable[str], failed: Container[str]) -> float | None:
    """How many seconds a server says to wait, at most 3600; None if none says so.

    `lines` are raw ones of stderr; counted are those that are in `failed`, the lines of findings, and the answers below
    them.
    """
    longest = None
    is_judged = False
    for line, is_answer in _relevant(lines):
        is_judged = is_judged if is_answer else _without_status_text(line).strip() in failed
        for found in _RETRY_AFTER.finditer(line) if is_judged else ():
            wait_s = float(found[1]) * _UNITS_S.get(found[2].lower()[:3], 1)
            longest = max(longest or 0.0, min(wait_s, LONGEST_RETRY_AFTER_S))
    return longest


def _find(line: str, module: str, ordered: list[Sign]) -> Finding | None:
    line = _without_status_text(line)
    is_of_network = bool(module and _INDENTED.match(line)) or _is_of_the_network(line)
    url = _URL.search(line)
    of_go = line[: url.start()] if url else line  # what stands behind an address may be a server's words
    for sign in ordered:
        if sign.kind in ("network", "handshake") and not (is_of_network or sign.is_own):
            continue
        if found := sign.pattern.search(of_go if sign.is_about_files else line):
            groups = found.groupdict()
            host = groups.get("host") or ""
            if url and not host:
                host = url[1].rstrip(":")
            return Finding(sign, line.strip(), (groups.get("path") or "").strip(), host, module)
    return None


def _is_of_the_network(line: str) -> bool:
    """Whether a line has the form of an error of the network, which names alone, whatever they are, cannot give it."""
    names = _BEFORE_AN_ERROR.match(line)
    at = names.end() if names else 0
    if _PLACE_IN_A_FILE.search(line, at):
        return False
    version = line.rfind("@v", 0, at)
    return bool(_OF_THE_NETWORK.match(line, at) or (version >= 0 and _OF_A_MODULE.match(line, version + 2)))


def _without_status_text(line: str) -> str:
    """The line without the words that a server put behind its status, unless they are plain ones."""
    return _STATUS_TEXT.sub(r"\1", line)


def _cut(line: str) -> str:
    if len(line) <= LONGEST_LINE:
        return line
    return line[: LONGEST_LINE // 2] + line[-LONGEST_LINE // 2 :]


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _lines_of(text: Any) -> list[str]:
    return text.rstrip("\n").split("\n") if isinstance(text, str) and text else []


def _with_parts(pattern: str, parts: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: parts.get(found[1], found[0]), pattern)


def _parse(row: dict[str, Any], number: int, parts: dict[str, str]) -> Sign:
    name = row.get("id")
    where = f"sign {name!r}" if isinstance(name, str) else f"sign number {number}"
    try:
        _check(row)
        pattern = re.compile(_with_parts(row["match"], parts))
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{where}: match is no regular expression: {error}") from error
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from None
    if pattern.search(""):
        raise ValueError(f"{where}: match fits every line")
    wait_s = row.get("wait_s")
    return Sign(
        row["id"],
        row["class"],
        pattern,
        row.get("tries"),
        None if wait_s is None else float(wait_s),
        row.get("words", ""),
    )


def _check(row: dict[str, Any]) -> None:
    for key, value in row.items():
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r}; known are {', '.join(_KEYS)}")
        if type(value) not in _KEYS[key]:
            kind = "string" if str in _KEYS[key] else "whole number" if float not in _KEYS[key] else "number"
            raise ValueError(f"{key} = {value!r} is no {kind}")
        if isinstance(value, (int, float)) and not 0 <= value < float("inf"):
            raise ValueError(f"{key} = {value!r} is no number from 0 on")
    if missing := [key for key in ("id", "class", "match") if key not in row]:
        raise ValueError(f"{missing[0]} is missing")
    if not _KEBAB.fullmatch(row["id"]):
        raise ValueError("id is not of the form word-word")
    if row["class"] not in KINDS:
        raise ValueError(f"class = {row['class']!r} is none of {', '.join(KINDS)}")
    if unknown := set(_PLACEHOLDER.findall(row.get("words", ""))) - {"host", "path"}:
        raise ValueError(f"words has {{{min(unknown)}}}; known are {{host}} and {{path}}")
