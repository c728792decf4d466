"""What a project file may say: freely, only when it is trusted, or never.

A project file comes with a clone, so it is hostile until somebody trusts it. This table is the whole line between what
counts at once and what does not; docs/security.md is generated from it. What is not listed needs trust.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from typing import Any, Final, Literal, NamedTuple

from goshim.settings.lines import Key

Standing = Literal["free", "trust", "never"]


class Bound(NamedTuple):
    """Which values of a free key are free, in words and as a test of the value and of what weaker files say."""

    words: str
    holds: Callable[[Any, Any], bool]


class Row(NamedTuple):
    """One line of the table. `effect` completes the sentence "it …": what the key does, or could do in bad hands."""

    name: str
    standing: Standing
    effect: str
    source: str = ""
    bound: Bound | None = None


def _at_most(limit: float) -> Bound:
    return Bound(f"at most {limit:g}", lambda value, _: value <= limit)


def _rule(name: str) -> str:
    """The page of a rule, or of all of them, as a source."""
    return f"[{name or 'rules'}](rules.md{name and '#'}{name})"


def _of_rule(name: str, standing: Standing, effect: str) -> Row:
    return Row(name, standing, effect, _rule(name))


_SHAPE: Final = re.compile(r"[a-z0-9.,_]+\Z")
_TARGET: Final = Bound("lower-case letters, digits, `.`, `,` and `_`", lambda value, _: _SHAPE.match(value) is not None)
_LEAVES_CGO_OFF: Final = Bound(
    "`false`, or `inherit` where your own config does not say off",
    lambda value, below: value is False or (value == "inherit" and below is not False),
)

_CONFIG: Final = "[settings](settings.md)"
_DOWNLOADS: Final = "[downloads](downloads.md)"
_HTTPPROXY: Final = "golang.org/x/net/http/httpproxy"
_HELP: Final = "go help environment"
_FLAGS: Final = "go help build; golang/go issues 27628, 41145"
_GIT: Final = "git(1), Environment Variables; git-config(1)"
_LOADER: Final = "ld.so(8)"
_GCC: Final = "gcc(1), Environment Variables Affecting GCC"
_TLS: Final = "crypto/x509, root_unix.go"

SETTINGS: Final = (
    Row("toolchain.go", "trust", "chooses the program that runs as go", "golang/go issue 62198"),
    Row("path.windows", "free", "orders or drops the PATH entries on Windows drives", _rule("path-windows-last")),
    Row(
        "path.prepend",
        "trust",
        "puts directories first on PATH, whose programs then run as git, gcc and the like",
        _rule("path-extra"),
    ),
    Row(
        "path.append",
        "trust",
        "adds directories to PATH, whose programs run where no other of that name exists",
        _rule("path-extra"),
    ),
    Row("cgo.enabled", "free", "turns cgo on or off", _rule("cgo-setting"), _LEAVES_CGO_OFF),
    Row("proxy.mode", "trust", "drops the proxy variables, so that traffic takes another way", _HTTPPROXY),
    Row("proxy.http", "trust", "sends http traffic through a proxy of its choice", _HTTPPROXY),
    Row("proxy.https", "trust", "sends https traffic through a proxy of its choice", _HTTPPROXY),
    Row("proxy.no_proxy", "trust", "makes traffic to these hosts bypass the proxy", _HTTPPROXY),
    Row("epoch.source", "free", "sets the time stamp that C compilers and release tools write", _rule("epoch-setting")),
    Row("epoch.override", "free", "lets that time stamp replace an inherited one", _rule("epoch-setting")),
    Row(
        "module_cache.location",
        "free",
        "moves a module cache off a Windows drive, always to ~/go/pkg/mod",
        _rule("module-cache-native"),
    ),
    Row("rules.off", "free", "switches off rules; which ones, the next table says", _rule("")),
    Row("retry.locks", "free", "says whether a locked file is tried again", _DOWNLOADS),
    Row("retry.prefetch", "free", "says whether modules are fetched ahead", _DOWNLOADS),
    Row("retry.lock_budget_s", "free", "makes a call wait for locks", _DOWNLOADS, _at_most(300)),
    Row("retry.first_wait_s", "free", "makes a call wait between attempts", _DOWNLOADS),
    Row("retry.max_wait_s", "free", "makes a call wait between attempts", _DOWNLOADS, _at_most(60)),
    Row("retry.network_tries", "free", "makes a call repeat a download", _DOWNLOADS, _at_most(10)),
    Row("retry.network_budget_s", "free", "makes a call wait for the network", _DOWNLOADS, _at_most(300)),
    Row("retry.quiet", "free", "hides the lines about retries", _DOWNLOADS),
    Row("trust.untrusted", "never", "decides what an untrusted file may do, which is for you to decide", _CONFIG),
    Row("doctor.windows", "never", "lets doctor run Windows programs, which is for you to decide", _CONFIG),
    Row(
        "min_version",
        "free",
        "names the oldest goshim that understands the file; an older one refuses to run go",
        _CONFIG,
    ),
)

# A rule is on this list only if an environment without it can neither run what lies in the working directory, nor send
# names or traffic elsewhere, nor undo what your own config says. No project file can switch off any other rule.
RULES: Final = (
    _of_rule("path-windows-last", "free", "PATH keeps the caller's order: slower look-ups, no other program"),
    _of_rule("tmp-on-windows", "free", "temporary files stay on the Windows drive that the caller chose"),
    _of_rule("module-cache-native", "free", "the module cache stays where the caller has it"),
    _of_rule("epoch-invalid", "free", "a C compiler refuses the invalid time stamp itself"),
    _of_rule("epoch-setting", "free", "the time stamp stays as inherited, which epoch.source can say as well"),
    _of_rule("gccgo-lookup", "free", "go looks for gccgo in each PATH entry: slower, no other program"),
    _of_rule("compiler-lookup", "free", "go looks for a C compiler in each PATH entry: slower, no other program"),
    _of_rule("go-env", "never", "it carries out your own [env]"),
    _of_rule("path-extra", "never", "it carries out your own path.prepend and path.append"),
    _of_rule("proxy-setting", "never", "it carries out your own proxy settings"),
    _of_rule("cgo-setting", "never", "it carries out your own cgo.enabled"),
    _of_rule("cgo-invalid", "never", "without it a CGO_ENABLED that should say 0 leaves cgo on"),
    _of_rule("path-unsafe", "never", "without it a clone's git or gcc runs through an empty or relative PATH entry"),
    _of_rule(
        "goroot-foreign", "never", "without it a clone's directory named like a Windows GOROOT becomes the toolchain"
    ),
    _of_rule("windows-value", "never", "without it a clone's file named like a Windows GOENV or GOWORK is read by go"),
    _of_rule("private-syntax", "never", "without it the names of private modules go to the public proxy"),
    _of_rule("proxy-url", "never", "without it a proxy that is not understood is bypassed"),
    _of_rule("proxy-https-missing", "never", "without it https traffic bypasses the proxy"),
    _of_rule("proxy-case", "never", "without it git and go take different ways"),
    _of_rule("no-proxy-syntax", "never", "without it traffic to an excepted host goes through the proxy"),
)

# Variables of the table [env]; a name may be a pattern. The first row that fits counts.
VARIABLES: Final = (
    *(
        Row(name, "free", "chooses the build target", _HELP, _TARGET)
        for name in (
            "GOOS", "GOARCH", "GO386", "GOAMD64", "GOARM", "GOARM64", "GOMIPS", "GOMIPS64", "GOPPC64", "GORISCV64",
            "GOWASM",
        )
    ),
    Row("GOEXPERIMENT", "free", "switches experiments of the toolchain", _HELP, _TARGET),
    Row("GOSHIM*", "never", "steers goshim itself", _CONFIG),
    Row("_GOSHIM*", "never", "steers goshim itself", _CONFIG),
    Row("HOME", "never", "moves your config, caches and credentials", _HELP),
    Row("XDG_*", "never", "moves your config and caches", "XDG Base Directory Specification"),
    Row("PATH", "never", "chooses every program; path.prepend and path.append are the settings for it", _HELP),
    Row("GOROOT", "never", "chooses the toolchain's compiler; toolchain.go is the setting for it", _HELP),
    Row("GOENV", "never", "replaces the file in which `go env -w` keeps your own settings", _HELP),
    Row("BASH_ENV", "never", "runs a file in each bash", "bash(1)"),
    Row("ENV", "never", "runs a file in each sh", "sh(1p)"),
    Row("LD_PRELOAD", "never", "loads a library into every program", _LOADER),
    Row("LD_AUDIT", "never", "loads a library into every program", _LOADER),
    Row("GIT_SSL_NO_VERIFY", "never", "turns off the verification of certificates", _GIT),
    Row("GOFLAGS", "trust", "adds flags to every go command, such as -toolexec, which runs a program", _FLAGS),
    Row("GOTOOLCHAIN", "trust", "chooses the toolchain that runs in place of this one", "go.dev/doc/toolchain"),
    Row("GOAUTH", "trust", "runs a command for the credentials of downloads", "go help goauth"),
    Row("GOCACHEPROG", "trust", "runs a command as the build cache", _HELP),
    Row("GOPACKAGESDRIVER", "trust", "runs a program in place of go list for editors", "x/tools/go/packages"),
    Row("GODEBUG", "trust", "changes what go and its programs do, such as allowmultiplevcs=1", "go.dev/doc/godebug"),
    Row("GOPROXY", "trust", "chooses the server that modules come from", "go.dev/ref/mod#environment-variables"),
    Row("GOPRIVATE", "trust", "fetches these modules directly and unverified", "go.dev/ref/mod#private-modules"),
    Row("GONOPROXY", "trust", "fetches these modules directly", "go.dev/ref/mod#private-modules"),
    Row("GONOSUMDB", "trust", "leaves these modules unverified", "go.dev/ref/mod#private-modules"),
    Row("GONOSUMCHECK", "trust", "left modules unverified in old releases of go", "go.dev/ref/mod"),
    Row("GOSUMDB", "trust", "chooses or turns off the checksum database", "go.dev/ref/mod#checksum-database"),
    Row("GOINSECURE", "trust", "fetches these modules without TLS", _HELP),
    Row("GOVCS", "trust", "chooses which version control programs may run", "go help vcs"),
    Row("GOMODCACHE", "trust", "moves the module cache", _HELP),
    Row("GOPATH", "trust", "moves the module cache and where programs are installed", _HELP),
    Row("GOBIN", "trust", "moves where programs are installed", _HELP),
    Row("GOCACHE", "trust", "moves the build cache", _HELP),
    Row("GOTMPDIR", "trust", "moves where tests are compiled and run", _HELP),
    Row("TMPDIR", "trust", "moves where temporary files are made", _HELP),
    Row("GOWORK", "trust", "replaces modules by other directories", _HELP),
    Row("GO111MODULE", "trust", "turns modules, and with them go.sum, off", _HELP),
    Row("GOFIPS140", "trust", "chooses the source of the cryptography", _HELP),
    Row("GOCOVERDIR", "trust", "chooses where coverage data is written", _HELP),
    Row("CC", "trust", "chooses the C compiler", _HELP),
    Row("CXX", "trust", "chooses the C++ compiler", _HELP),
    Row("FC", "trust", "chooses the Fortran compiler", _HELP),
    Row("AR", "trust", "chooses the archiver", _HELP),
    Row("GCCGO", "trust", "chooses the gccgo compiler", _HELP),
    Row("GCCGOTOOLDIR", "trust", "chooses the programs of gccgo", _HELP),
    Row("PKG_CONFIG*", "trust", "chooses pkg-config or the files from which it takes flags", "pkg-config(1)"),
    Row("GO_EXTLINK_ENABLED", "trust", "chooses the external linker", _HELP),
    Row("CGO_ENABLED", "trust", "turns cgo on or off; cgo.enabled is the setting for it", _HELP),
    Row("CGO_*", "trust", "passes flags to the C compiler or the linker, such as -fplugin, which runs code", _HELP),
    Row("CPATH", "trust", "adds directories of C headers", _GCC),
    Row("*_INCLUDE_PATH", "trust", "adds directories of C headers", _GCC),
    Row("LIBRARY_PATH", "trust", "adds directories of C libraries", _GCC),
    Row("COMPILER_PATH", "trust", "chooses the programs that the C compiler runs", _GCC),
    Row("GCC_EXEC_PREFIX", "trust", "chooses the programs that the C compiler runs", _GCC),
    Row("LD_*", "trust", "changes which libraries programs load", _LOADER),
    Row("GIT_*", "trust", "sets git's options, some of which name programs that git runs", _GIT),
    Row("SSH_ASKPASS", "trust", "chooses the program that ssh asks for passwords", "ssh(1)"),
    Row("HTTP_PROXY", "trust", "sends http traffic through a proxy of its choice", _HTTPPROXY),
    Row("HTTPS_PROXY", "trust", "sends https traffic through a proxy of its choice", _HTTPPROXY),
    Row("ALL_PROXY", "trust", "sends traffic through a proxy of its choice", "curl(1)"),
    Row("NO_PROXY", "trust", "makes traffic to these hosts bypass the proxy", _HTTPPROXY),
    Row("SSL_CERT_FILE", "trust", "chooses whose certificates are trusted", _TLS),
    Row("SSL_CERT_DIR", "trust", "chooses whose certificates are trusted", _TLS),
    Row("NETRC", "trust", "chooses the file with the credentials of downloads", "cmd/go/internal/auth/netrc.go"),
    Row("SOURCE_DATE_EPOCH", "trust", "sets a time stamp; epoch.source is the setting for it", _GCC),
)  # fmt: skip

UNLISTED: Final = "not listed"
_UNLISTED_VARIABLE: Final = "sets a variable for go and for every program that go runs"
_UNLISTED_RULE: Final = "it is not on the list of rules that a project file may switch off"
_UNLISTED_SETTING: Final = "changes what goshim does"


def of_setting(key: Key) -> Row:
    """The row of a setting, or of a variable in the table [env]."""
    if key[0] == "env" and len(key) > 1:
        return of_variable(key[1])
    name = ".".join(key)
    return next((row for row in SETTINGS if row.name == name), Row(name, "trust", _UNLISTED_SETTING, UNLISTED))


def of_variable(name: str) -> Row:
    """The row of a variable. Proxy variables count in either case, as programs read both."""
    upper = name.upper() if name.lower().endswith("_proxy") else name
    return next(
        (row for row in VARIABLES if fnmatch.fnmatchcase(upper, row.name)),
        Row(name, "trust", _UNLISTED_VARIABLE, UNLISTED),
    )


def of_rule(name: str) -> Row:
    """The row of a rule's id: free where a project file may switch the rule off, else never."""
    return next((row for row in RULES if row.name == name), Row(name, "never", _UNLISTED_RULE, UNLISTED))
