"""Which names announce a secret, and which variables hold addresses or commands that may contain one."""

from __future__ import annotations

import functools
import re

_WORDS = (
    "secret", "passw", "passphrase", "credential",
    "apikey", "api_key", "privatekey", "private_key", "accesskey", "access_key", "accountkey", "account_key",
)  # fmt: skip
_NO_TOKEN = ("iz", "color", "type", "modifier")  # tokenizer, editor.tokenColorCustomizations
_LAST_WORDS = frozenset({
    "pat", "auth", "key", "pass", "pw", "jwt", "sas", "otp", "cookie", "cred", "creds", "psk", "pin", "hmac",
    "signature", "bearer", "sid", "mnemonic", "passcode", "dsn",
})  # fmt: skip
_TAIL = re.compile(r"(?:_?\d+|_b64|_base64|_hex|_header|(?<!s)s)\Z")  # APP_KEY_1, COOKIES, APP_AUTH_HEADER
_ENDS = ("key", "pass", "pw")
_NO_KEYS = (
    "monkey", "hotkey", "turkey", "donkey", "whiskey", "hockey", "jockey", "publickey", "pubkey", "bypass", "compass",
    "askpass",
)  # fmt: skip
_GLUED = frozenset({"pgpass", "dbpass", "sshpass", "userpass", "sudopass", "rootpass", "smtppass", "keypass"})
_ANYTHING = frozenset({"key", "auth", "pat", "pass", "cookie", "cred", "creds"})
"""Words that say nothing as the only word of a name, in lower case: `key = value`."""

_PARAMETERS = frozenset(
    {"sig", "signature", "sid", "session", "sessionid", "jsessionid", "phpsessid", "code", "hmac", "pwd"}
) | {"awsaccesskeyid", "googleaccessid"}

PROXY, ADDRESSES, PATTERNS, AUTH, PROGRAM, WINDOWS, SECRET = (
    "proxy", "addresses", "patterns", "auth", "program", "windows", "secret",
)  # fmt: skip
_KINDS = {
    "goproxy": ADDRESSES,
    "goprivate": PATTERNS,
    "gonoproxy": PATTERNS,
    "gonosumdb": PATTERNS,
    "goinsecure": PATTERNS,
    "no_proxy": PATTERNS,
    "proxy.no_proxy": PATTERNS,
    "goauth": AUTH,
    "gocacheprog": PROGRAM,
    "proxyserver": WINDOWS,
    "wsl_pac_url": PROXY,
    "autoconfigurl": PROXY,
}
_MISSPELT = (("goaut", AUTH), ("gocachepro", PROGRAM))  # GOAUTHS: go passes it over, and doctor shows it
_OF_ONE_PROXY = ("_proxy", ".proxy", "proxy.http", "proxy.https", "proxy__http", "proxy__https")


@functools.lru_cache(maxsize=1024)
def kind_of(name: str) -> str:
    """What a value under this name is: one of the constants of this module, or empty for anything.

    PROXY is the address of one proxy, ADDRESSES a list as in GOPROXY, PATTERNS a list as in GOPRIVATE, AUTH as GOAUTH,
    PROGRAM a command with arguments, WINDOWS a list of proxies as Windows has it.
    """
    if is_secret_name(name):
        return SECRET
    lower = name.lower()
    of_go = lower.removeprefix("goshim_env_").lstrip("_")
    if of_go in _KINDS:
        return _KINDS[of_go]
    for beginning, kind in _MISSPELT:
        if of_go.startswith(beginning):
            return kind
    return PROXY if lower.endswith(_OF_ONE_PROXY) else ""


def is_secret_name(name: str) -> bool:
    """Whether a variable, key or option of this name has a secret for its value: GITHUB_TOKEN, npmAuth, main.apiKey."""
    word = name.rpartition(".")[2].replace("-", "_")
    lower = word.lower()
    if word in _ANYTHING:
        return False
    if any(each in lower for each in _WORDS) or _names_token(lower):
        return True
    last = lower.rpartition("_")[2]
    if last in _LAST_WORDS or last in _GLUED or (last.endswith("pwd") and lower not in ("pwd", "oldpwd")):
        return True
    if _is_glued(lower):
        return True
    return _last_hump(word) in _LAST_WORDS and not lower.startswith("public")


def _is_glued(lower: str) -> bool:
    """Whether a name ends in a word of secrets that nothing sets off, or has a number or an encoding behind it."""
    short = _TAIL.sub("", lower)
    last = short.rpartition("_")[2]
    if lower.startswith("git_config_") or "public" in short:
        return False
    if short != lower and last in _LAST_WORDS and (last != short or last == "cookie"):
        return True
    return last.endswith(_ENDS) and last not in _ENDS and not last.endswith(_NO_KEYS)


def is_secret_parameter(name: str) -> bool:
    """The same for a parameter of an address, where shorter names are common: `?sig=…`, `;jsessionid=…`."""
    lower = name.lower().replace("-", "_")
    if lower in _PARAMETERS or lower in _ANYTHING or lower.endswith(("_signature", "[token]")):
        return True
    return is_secret_name(name)


def _names_token(lower: str) -> bool:
    at = lower.find("token")
    while at >= 0:
        if not lower.startswith(_NO_TOKEN, at + 5):
            return True
        at = lower.find("token", at + 5)
    return False


def _last_hump(word: str) -> str:
    """`key` of `signingKey`; empty where the last word does not begin with a capital after a small letter."""
    at = next((at for at in range(len(word) - 1, 0, -1) if word[at].isupper()), 0)
    return word[at:].lower() if at and word[at - 1].islower() else ""
