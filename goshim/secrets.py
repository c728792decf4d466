"""What must never be printed or stored: passwords in addresses, and values that are secret by name or by shape."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import NamedTuple

from goshim.terminal import printable as printable  # noqa: PLC0414 - the modules that mask also print

# `user:password` of the addresses in a value: all from // to the last @ before a comma or bar, for a password may hold
# anything. Without // only what has the shape of one.
USERINFO = re.compile(r"(?<=//)(?!/)[^,|]+(?=@)|(?:^|(?<=[\s\"'=,;|]))[^/\s\"'=,;|@:]+:[^/\s=,;|]+(?=@)")

_SECRET_WORD = (
    r"\w*(?:token(?!iz|color|type|modifier)|secret|passw|passphrase|credential|(?:api|private|access|account)_?key)\w*"
    r"|(?:\w*_)?(?:pat|auth|key|(?:pg|db)?pass|pw)|\w*_pwd"
)
_SECRET_NAME = re.compile(_SECRET_WORD, re.IGNORECASE)
_ASSIGNED_NAME = re.compile(r"\b(\w+)[\"']?\s*=(?!>)")
_PART = re.compile(r"[^,|]+")
_TOKENS = (
    r"gh[pousr]_\w{6,}|github_pat_\w{6,}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[\w-]{10,}",
    r"xox[a-z]-[\w-]{6,}|xapp-[\w-]{6,}",  # Slack
    r"A[KS]IA[A-Z0-9]{12,}",  # Amazon
    r"ya29\.[\w-]{8,}|AIza[\w-]{20,}|GOCSPX-[\w-]{8,}",  # Google
    r"eyJ[\w-]{8,}[\w.-]*",  # a JSON Web Token
    r"npm_[A-Za-z0-9]{20,}|pypi-[\w-]{20,}|hf_[A-Za-z0-9]{16,}",
    r"dckr_[a-z]{3}_[\w-]{8,}|AKCp[A-Za-z0-9]{10,}",  # Docker, Artifactory
    r"sk-[\w-]{20,}|[sr]k_live_\w{8,}",  # language models, Stripe
    r"hvs\.[\w-]{8,}|dop_v1_\w{8,}|AGE-SECRET-KEY-\w+",  # Vault, DigitalOcean, age
)
"""Tokens of code hosts, clouds and the like, by their prefixes."""

_USER_OPTION = r"(?<=[ \t])(?:-u|-U|--user|--proxy-user)[ \t=]{0,2}"  # of curl
_PASSWORD_OPTION = (
    r"\b(?:(?:mysql|mariadb)\w{0,20}[ \t](?:[^\n;|&]{0,200}?[ \t])?-p"
    r"|sshpass[ \t]+-p[ \t]*|login\b[^\n;|&]{0,200}?[ \t]-p[ \t]*)"  # the last of docker and its like
)
_TOO_SHORT = ("key", "auth", "pat", "pass")  # as a word of a text these are anything
_EXAMPLE = "user:password"  # http://user:password@host:port, as texts explain it
_LONGEST_USER = 20
_FAR = 4096


def is_secret(name: str) -> bool:
    """Whether a variable's value is secret by the variable's name."""
    return _SECRET_NAME.fullmatch(name) is not None


def shown(name: str, value: str | None) -> str:
    """A variable's value as a person may see it."""
    masked = mask(name, value)
    return "unset" if masked is None else printable(masked)


def mask(name: str, value: str | None) -> str | None:
    """The value without what is secret in it: `http://me:***@host` tells that there is a password, and not which."""
    if value is None:
        return None
    if is_secret(name):
        return "***"
    clear = _without_user(value, _mask_userinfo) if _is_one_address(name) else _without_users(value)
    return _without_values(_without_tokens(clear))


def scrub(text: str) -> str:
    """A line of go's without the users and passwords of the addresses in it and without what has a token's shape."""
    return _without_tokens(_patterns().user_of_url.sub(lambda found: found[0] if found[0] == _EXAMPLE else "***", text))


def redact(text: str) -> str:
    """Any text without what is secret in it: as `scrub`, and without values that are secret by their names.

    Of private keys the first line and the last are left. What `redact` gave, it leaves as it is.
    """
    text = _patterns().private_key.sub(lambda found: f"{found[1]}***{found[2]}", text)
    text = _patterns().whole_line.sub(_line_of_one_variable, _patterns().registry.sub(_registry_line, text))
    return scrub(_without_values(text))


def redact_value(name: str, value: str) -> str:
    """A value that stands under a name, without what is secret in it."""
    clear = _cure_of(name)
    return clear(value) if clear else redact(value)


def holds_secret(text: str) -> bool:
    """Whether a text, such as that of a config file, is better kept nowhere else."""
    has_user = any("@" in line.partition("//")[2] for line in text.split("\n")) or _without_users(text) != text
    return has_user or any(map(is_secret, _ASSIGNED_NAME.findall(text)))


class _Patterns(NamedTuple):
    user_of_url: re.Pattern[str]
    address: re.Pattern[str]
    of_windows: re.Pattern[str]
    token: re.Pattern[str]
    private_key: re.Pattern[str]
    registry: re.Pattern[str]
    whole_line: re.Pattern[str]
    fish_escape: re.Pattern[str]
    assigned: re.Pattern[str]
    unquoted: re.Pattern[str]
    joined: re.Pattern[str]


@functools.cache
def _patterns() -> _Patterns:
    """What few calls need, for to compile it takes time. None looks at a character of a text more than a few times."""
    return _Patterns(
        # In a line of go's an @ may also stand before a version: a password has no slash there, or no port is before
        # it, or a port comes after it. With a colon and no port it can only be a password, whatever is in that.
        user_of_url=re.compile(
            r"(?:(?<=//)|(?<=https:/)|(?<=http:/)|(?<=\\/\\/))(?:[^/\s\"'`]+"
            r"|[^/\s:@\[\"'`]+:(?!\d+/|//)[^\s\"'`]{0,500}"
            r"|[^/\s:@\[\"'`]+:\d+/[^\s\"'`]{0,500}(?=@(?!v\d)[\w.-]+:\d{1,5}(?!\w))"
            r")(?=@)"
            r"|(?<=://)[^/\s:@\[\"'`*]+:(?!\d*(?:[^\d\w]|$))(?:(?!://)[^\n@]){1,200}(?:@[^\s\"'`/@]{0,200}){0,5}(?=@)"
            r"|(?<=%2F%2F)[^\s\"'&/%]+%3A[^\s\"'&/]{0,500}?(?=%40)",
            re.IGNORECASE,
        ),
        address=re.compile(r"(?:(?<=://)|(?<=^//)|^(?![\s\"']*(?:[\w+.-]*:)?//)).+", re.DOTALL),
        of_windows=re.compile(r"(?<=//)[^;]+(?=@)|(?:^|(?<=;))(?![^;]*//)((?:https?|ftp|socks)=)?[^;]+(?=@)"),
        # The value of a secret parameter in an address, tokens, and what follows words that announce a secret.
        token=re.compile(
            r"(?<=[?&;])([\w.-]{0,80}(?:token|secret|passw\w*|credential|key|auth|pat|sig|signature)=)[^&\s\"'`]+"
            rf"|(?<![A-Za-z0-9])(?-i:{'|'.join(_TOKENS)})[\w.-]*"
            r"|(?<=hooks\.slack\.com/services/)[^\s\"'`]+"
            r"|(?<=\bbasic )(?-i:(?=\S[a-z+/=]*[A-Z0-9])[\w+/=-]{8,})"
            r"|(?<=\bbearer )(?-i:(?=\S[a-z+/=.-]*[A-Z0-9])[\w.+/=~-]{8,}|[\w.+/=~-]{20,})"
            r"|(\b(?:\w{0,40}authorization|private-token|cookie|x-[\w-]{0,40}(?:token|key|auth|api)[\w-]{0,40})[\"']?"
            r"[ \t]*[:=][ \t]*[\"']?(?:(?:basic|bearer|token|negotiate|ntlm|digest)[ \t]+)?)"
            r"(?!(?:[a-z]+[ \t]+)?\*\*\*|null\b|true\b|false\b)[^\s\"'`][^\n\"'`]*"
            r"|(\blogin[ \t]+\S+[ \t]+password[ \t]+)\S+"
            rf"|({_USER_OPTION}[^\s:\"'/=-][^\s:\"'/]{{0,80}}:)[^\s\"']+|({_USER_OPTION}[\"'][^:\"'\n]{{1,80}}:)[^\"'\n]+"
            rf"|({_PASSWORD_OPTION})(?:[^\s\"'-][^\s\"']*|\"[^\"\n]+|'[^'\n]+)"
            r"|((?<=--)(?:[a-z]{1,20}-){0,3}(?:password|passphrase|token|secret|credentials?)[ \t]+)"
            r"[^\s\"'`-][^\s\"'`]*",
            re.IGNORECASE,
        ),
        private_key=re.compile(
            r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----).*?"
            r"(-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
            re.DOTALL,
        ),
        registry=re.compile(r"^( {4})(\S.{0,200}?)( {4}REG_[A-Z_]+ {4})([^\r\n]+)", re.MULTILINE),
        whole_line=re.compile(
            r"\b(SETUVAR[ \t]+(?:--\S+[ \t]+){0,8}(\w{1,200}):|(\w{1,200})[ \t]+(?:DEFAULT|OVERRIDE)=)([^\n]*)"
        ),
        fish_escape=re.compile(r"\\x(2[0-9a-f]|3[a-f]|40|5[bd-f]|60|7[b-e])", re.IGNORECASE),
        assigned=re.compile(
            r"(?<![\w.?&-])([\w.-]{1,200})(?:\\?[\"'])?[ \t]{0,8}(?:[:+]?=|:(?=[ \t]*\\?[\"']))[ \t]{0,8}"
            r"|\bset(?:x|env)?[ \t]+(?:-[\w-]+[ \t]+){0,8}(\w{1,200})[ \t]+"
            r"|(?<![\w.-])([\w.-]{1,200}):[ \t]{1,8}(?=\S+?(?:[ \t\r]{0,8}$|\\[nr]))",
            re.MULTILINE,
        ),
        unquoted=re.compile(r"[^\s\"'`](?:(?!\\0\w+=)\S)*"),
        joined=re.compile(r"['\"](?=[\w'\"\\$])(?:\\.|'[^'\n]*'|\"[^\"\n]*\"|[^\s'\"])*"),
    )


def _without_tokens(text: str) -> str:
    return _patterns().token.sub(lambda found: "".join(each for each in found.groups() if each) + "***", text)


def _without_values(text: str) -> str:
    """The text without the values that are assigned to secret names, and without the users of proxies' addresses."""
    parts: list[str] = []
    done = 0
    for found in _patterns().assigned.finditer(text):
        name = found[found.lastindex or 0]
        if found.start() < done or not (clear := _cure_of(name)):
            continue
        start, end = _extent(text, found.start(), found.end())
        if not text.startswith("***", start):
            parts += [text[done:start], clear(text[start:end])]
            done = end
    return "".join([*parts, text[done:]])


def _cure_of(name: str) -> Callable[[str], str] | None:
    """What makes a value fit to be shown that is told to be of this name; None if nothing need be done."""
    word = name.rpartition(".")[2].replace("-", "_")
    if is_secret(word) and (word not in _TOO_SHORT):
        return lambda value: value and "***"
    if _is_one_address(name):
        return lambda value: _without_user(value, lambda _: "***")
    return None


def _is_one_address(name: str) -> bool:
    """Whether a variable holds one proxy's address, in which all up to the last @ is its user."""
    return name.lower().endswith(("_proxy", ".proxy")) and name.upper() != "NO_PROXY"


def _extent(text: str, name: int, start: int) -> tuple[int, int]:
    """Where the value lies that begins at `start`, without its quotes; its name begins at `name`."""
    end = text.find("\n", start, start + _FAR)
    end = min(len(text), start + _FAR) if end < 0 else end
    for quote in ('"""', "'''"):
        if text.startswith(quote, start):
            closing = text.find(quote, start + 3)
            return start + 3, len(text) if closing < 0 else closing
    for quote in ('\\"', '"', "'", "`"):
        if text.startswith(quote, start):
            closing = _closing(text, quote, start + len(quote), end)
            joined = _patterns().joined.match(text, closing, end)  # a shell takes 'a'"b" for one word
            return (start, joined.end()) if joined else (start + len(quote), closing)
    line = max(text.rfind("\n", max(0, name - _FAR), name) + 1, name - _FAR)
    escaped = text.count('\\"', line, name)
    open_quotes = {'\\"': escaped, '"': text.count('"', line, name) - escaped}
    open_quotes |= {quote: text.count(quote, line, name) for quote in "'`"}
    for quote, count in open_quotes.items():
        if count % 2:
            return start, _closing(text, quote, start, end)
    found = _patterns().unquoted.match(text, start, end)
    return start, found.end() if found else start


def _closing(text: str, quote: str, start: int, line_end: int) -> int:
    """Where the quotes end that are open at `start`, at the latest with the line."""
    end = text.find(quote, start, line_end)
    while quote == '"' and end > 0 and text[end - 1] == "\\":
        end = text.find(quote, end + 1, line_end)
    return line_end if end < 0 else end


def _registry_line(found: re.Match[str]) -> str:
    indent, name, kind, value = found.groups()
    clear = _cure_of(name.strip())
    if clear:
        value = clear(value)
    elif "proxy" in name.lower():
        value = _patterns().of_windows.sub(lambda found: f"{found[1] or ''}***", value)
    elif "MULTI" in kind:
        value = "\\0".join(map(_without_its_value, value.split("\\0")))
    return f"{indent}{name}{kind}{value}"


def _line_of_one_variable(found: re.Match[str]) -> str:
    r"""A line of fish's own file, whose values have `\x40` for @ and the like, or of PAM's."""
    head, of_fish, of_pam, value = found.groups()
    plain = _patterns().fish_escape.sub(lambda code: chr(int(code[1], 16)), value)
    clear = (_cure_of(of_fish or of_pam) or (lambda text: scrub(_without_values(text))))(plain)
    return head + (value if clear == plain else clear)


def _without_its_value(entry: str) -> str:
    name, sign, value = entry.partition("=")
    clear = _cure_of(name.strip())
    return f"{name}={clear(value)}" if sign and clear else entry


def _without_user(address: str, masked: Callable[[re.Match[str]], str]) -> str:
    """The address with its user masked: all up to the last @."""
    user, at, host = address.rpartition("@")
    return _patterns().address.sub(masked, user) + at + host


def _without_users(value: str) -> str:
    """The value with the users of its addresses masked. Where no @ follows any more, none is looked for."""

    def clear(part: re.Match[str]) -> str:
        users, at, host = part[0].rpartition("@")
        return USERINFO.sub(_mask_userinfo, users + at) + host

    return _PART.sub(clear, value)


def _mask_userinfo(found: re.Match[str]) -> str:
    user, colon, _ = found[0].partition(":")
    # `https://TOKEN:x-oauth-basic@github.com`: the user may be what is secret
    return f"{user}:***" if colon and len(user) <= _LONGEST_USER else "***"
