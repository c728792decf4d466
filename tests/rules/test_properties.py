"""What holds of all rules together, for any environment."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from goshim.facts import Facts, Goroot
from goshim.rules import apply
from goshim.rules.lookups import ABSENT_GCCGO
from goshim.settings.model import LATEST_EPOCH_S, Settings, from_dict
from tests.machine import HOME
from tests.rules.facts_of import GO_VERSION, NATIVE, facts
from tests.tables import for_each

PIECES = st.sampled_from(
    [
        "/usr/bin", "/mnt/c/Windows", "/mnt/d/x y", ".", "bin", "/opt/go", "C:\\go", "D:/x", "E:\\x", "\\\\srv\\x",
        ":", ";", ",", " ", "\r", '"', "'", "https://", "http://", "me:pw@", "proxy:3128", "git.example.com",
        "*.corp", "10.*", "192.168.*", "<local>", "<LOCAL>", "0", "1", "false", "1700000000", "off", "direct", "|",
        "\u00b2", "\u00a0", "\udcff", "10.", "*", "go1.", "auto", "+", "-mod=mod",
    ]
)  # fmt: skip
VALUES = st.one_of(st.none(), st.lists(PIECES, max_size=5).map("".join))
CONCERNED = [
    "PATH", "GOROOT", "GOPATH", "GOMODCACHE", "GOCACHE", "GOBIN", "GOTMPDIR", "GOENV", "GOWORK", "TMPDIR",
    "CGO_ENABLED", "CC", "GCCGO", "GOOS", "GOARCH", "GOTOOLCHAIN", "HTTP_PROXY", "http_proxy", "HTTPS_PROXY",
    "https_proxy", "NO_PROXY", "no_proxy", "GOPROXY", "GOPRIVATE", "GONOPROXY", "GONOSUMDB", "SOURCE_DATE_EPOCH",
    "WSL_PAC_URL", "GOFLAGS",
]  # fmt: skip
GOROOTS = st.sampled_from(
    [None, NATIVE, Goroot(has_tools=True, version="go1.26.1"), Goroot(has_tools=False, version="")]
)
PROGRAMS = st.frozensets(st.sampled_from(["gcc", "gccgo"]))
DIRECTORIES = st.lists(st.sampled_from(["/usr/bin", "/opt/x", "~/bin", "/mnt/c/x"]), max_size=2)
CONFIGS = st.fixed_dictionaries(
    {},
    optional={
        "path": st.fixed_dictionaries(
            {},
            optional={
                "windows": st.sampled_from(["last", "drop", "keep"]),
                "prepend": DIRECTORIES,
                "append": DIRECTORIES,
            },
        ),
        "cgo": st.fixed_dictionaries({"enabled": st.sampled_from(["inherit", True, False])}),
        "proxy": st.fixed_dictionaries(
            {},
            optional={
                "mode": st.sampled_from(["inherit", "drop"]),
                "http": st.sampled_from(["", "http://set:1"]),
                "https": st.sampled_from(["", "http://set:2"]),
                "no_proxy": st.lists(st.sampled_from(["localhost", ".corp", "10.0.0.0/8"]), max_size=2),
            },
        ),
        "epoch": st.fixed_dictionaries(
            {"source": st.sampled_from(["inherit", "git", "off", 5]), "override": st.booleans()}
        ),
        "module_cache": st.just({"location": "native"}),
    },
)


@st.composite
def environments(draw: st.DrawFn) -> dict[str, str]:
    names = draw(st.lists(st.sampled_from(CONCERNED), unique=True, max_size=8))
    values = {name: draw(VALUES) for name in names}
    return {name: value for name, value in values.items() if value is not None}


def after(given_facts: Facts, settings: Settings) -> dict[str, str]:
    """The environment that go gets."""
    variables = dict(given_facts.variables)
    for change in apply(given_facts, settings):
        assert change.reason
        assert change.before == variables.get(change.variable)
        if change.after is None:
            del variables[change.variable]
        else:
            variables[change.variable] = change.after
    return variables


@given(environments(), st.booleans(), GOROOTS, PROGRAMS)
@example({"GOPRIVATE": "https://https://x"}, False, None, frozenset())
@example({"GOPRIVATE": "https:// x"}, False, None, frozenset())
@example({"GOPRIVATE": "http://'http://"}, False, None, frozenset())
@example({"NO_PROXY": "10.\u00b2"}, True, None, frozenset())
@example({"TMPDIR": "C:\\Temp", "PATH": ".:/mnt/c/x::/bin"}, True, None, frozenset())
def test_a_call_below_a_call_is_changed_no_more(variables, wsl, goroot, programs):
    known = {"goroot": goroot, "native_programs": programs, "commit_time_s": 7}
    once = after(facts(variables, wsl=wsl, **known), Settings())
    assert apply(facts(once, wsl=wsl, **known), Settings()) == ()


@given(environments(), st.booleans(), CONFIGS, PROGRAMS)
@example({"WSL_PAC_URL": "http://pac"}, True, {"proxy": {"http": "http://set:1"}}, frozenset())
@example({"NO_PROXY": "a"}, True, {"proxy": {"no_proxy": ["localhost"]}}, frozenset())
def test_a_call_below_a_call_gets_the_same_environment_under_any_config(variables, wsl, config, programs):
    settings = from_dict(config)
    known = {"native_programs": programs, "commit_time_s": 7}
    once = after(facts(variables, wsl=wsl, **known), settings)
    assert after(facts(once, wsl=wsl, **known), settings) == once


@given(environments(), st.booleans(), CONFIGS)
def test_only_variables_that_the_rules_name_are_changed(variables, wsl, config):
    changes = apply(facts({"EDITOR": "vi", **variables}, wsl=wsl, goroot=NATIVE), from_dict(config))
    assert {change.variable for change in changes} <= {*CONCERNED}


DIRECTORY = st.lists(st.sampled_from(["usr", "bin", "mnt", "c", "go", "x y", "\u5f20"]), min_size=1, max_size=3).map(
    lambda parts: "/" + "/".join(parts)
)
HOSTS = st.sampled_from(
    ["proxy:3128", "http://proxy:3128", "https://me:pw@proxy", "socks5://127.0.0.1:1080", "http://[::1]:8"]
)
SANE = st.fixed_dictionaries(
    {"PATH": st.lists(st.one_of(DIRECTORY, st.sampled_from(["", ".", "bin", "~/x"])), max_size=6).map(":".join)},
    optional={
        "GOROOT": st.sampled_from(["/usr/local/go", ""]),
        "GOPATH": DIRECTORY,
        "GOMODCACHE": DIRECTORY,
        "GOCACHE": st.one_of(DIRECTORY, st.just("off")),
        "GOBIN": DIRECTORY,
        "TMPDIR": DIRECTORY,
        "GOTMPDIR": DIRECTORY,
        "GOFLAGS": st.sampled_from(["-mod=mod", "'-ldflags=-s -w'", ""]),
        "CGO_ENABLED": st.sampled_from(["0", "1"]),
        "CC": st.sampled_from(["gcc", "clang -m32", ""]),
        "GCCGO": st.sampled_from(["gccgo", "/usr/bin/gccgo"]),
        "GOOS": st.sampled_from(["linux", "windows"]),
        "GOTOOLCHAIN": st.sampled_from(["auto", "local", "go1.24.1+auto"]),
        "HTTP_PROXY": HOSTS,
        "http_proxy": HOSTS,
        "HTTPS_PROXY": HOSTS,
        "NO_PROXY": st.sampled_from(["localhost,127.0.0.1,.corp", "*", "10.0.0.0/8, x", "10.*;<local>"]),
        "GOPROXY": st.sampled_from(["https://proxy.golang.org,direct", "direct", "off", "https://me:pw@x|direct", ""]),
        "GOPRIVATE": st.sampled_from(["git.corp", "*.corp,github.com/me", ""]),
        "GONOSUMDB": st.sampled_from(["git.corp/*"]),
        "SOURCE_DATE_EPOCH": st.integers(0, LATEST_EPOCH_S).map(str),
        "WSL_PAC_URL": st.just("http://pac"),
    },
)


@given(SANE, PROGRAMS, st.sampled_from([GO_VERSION, ""]))
def test_on_a_healthy_machine_outside_wsl_nothing_is_changed(variables, programs, go_version):
    known = {"goroot": NATIVE, "native_programs": programs, "go_version": go_version}
    assert apply(facts(variables, **known), Settings()) == ()


def printed_by_go_env(variables: dict[str, str], programs: frozenset[str]) -> dict[str, str]:
    """What an editor copies into the environment of its next call: what `go env` printed for this one."""
    cgo = variables.get("CGO_ENABLED") or ("1" if variables.get("CC") or "gcc" in programs else "0")
    return {
        **variables,
        "GOROOT": "/usr/local/go",
        "GOPATH": variables.get("GOPATH") or f"{HOME}/go",
        "GOMODCACHE": variables.get("GOMODCACHE") or f"{HOME}/go/pkg/mod",
        "GOCACHE": f"{HOME}/.cache/go-build",
        "GOENV": f"{HOME}/.config/go/env",
        "GOTMPDIR": variables.get("GOTMPDIR", ""),
        "GOFLAGS": variables.get("GOFLAGS", ""),
        "GOPROXY": variables.get("GOPROXY") or "https://proxy.golang.org,direct",
        "GOPRIVATE": variables.get("GOPRIVATE", ""),
        "GONOPROXY": variables.get("GONOPROXY") or variables.get("GOPRIVATE", ""),
        "GONOSUMDB": variables.get("GONOSUMDB") or variables.get("GOPRIVATE", ""),
        "GOSUMDB": "sum.golang.org",
        "GOTOOLCHAIN": "auto",
        "GOOS": "linux",
        "GOARCH": "amd64",
        "GCCGO": variables.get("GCCGO") or ("/usr/bin/gccgo" if "gccgo" in programs else "gccgo"),
        "CC": variables.get("CC") or "gcc",
        "CXX": "g++",
        "AR": "ar",
        "CGO_ENABLED": cgo,
        "GOWORK": "",
        "GOBIN": variables.get("GOBIN", ""),
    }


@given(environments(), st.booleans(), PROGRAMS)
@example({"PATH": "/mnt/c/Windows:/usr/bin"}, True, frozenset())
@example({"PATH": "/mnt/c/Windows:/usr/bin", "GOROOT": "C:\\Go", "CGO_ENABLED": "true"}, True, frozenset({"gcc"}))
@example({"GOROOT": "/opt/old", "CGO_ENABLED": "0\r"}, False, frozenset({"gcc"}))
def test_the_echo_of_an_editor_that_copies_go_env_changes_nothing_more(variables, wsl, programs):
    known = {"goroot": NATIVE, "native_programs": programs}
    once = after(facts(variables, wsl=wsl, **known), Settings())
    for name in ("GOPATH", "GOMODCACHE", "GOTOOLCHAIN"):  # of odd values go env prints an error, and nothing is copied
        if not once.get(name, "/").startswith("/"):
            del once[name]
    echo = printed_by_go_env(once, programs)
    assert apply(facts(echo, wsl=wsl, **known), Settings()) == ()


@for_each("wsl", [False, True])
def test_the_first_call_of_an_editor_under_windows_path_settles(wsl):
    path = "/mnt/c/Windows:/usr/bin"
    known = {"goroot": NATIVE, "native_programs": frozenset[str]()}
    once = after(facts({"PATH": path}, wsl=wsl, **known), Settings())
    assert once.get("GCCGO") == (ABSENT_GCCGO if wsl else None)
    assert once.get("CGO_ENABLED") == ("0" if wsl else None)
    echo = printed_by_go_env(once, frozenset())
    assert after(facts(echo, wsl=wsl, **known), Settings()) == echo
