"""Checks of goshim itself."""

from __future__ import annotations

from typing import Any

import pytest

from goshim.doctor.engine.check import Check
from goshim.doctor.engine.finding import Verdict
from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.shim import checks as goshim
from goshim.facts.host import UnreadableError
from tests.doctor.described import WHOLE, DescribedHost, look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

PLACE = f"{HOME}/.local/share/goshim/bin"
FIRST = {"PATH": f"{PLACE}:/usr/local/go/bin:/usr/bin"}
BEHIND = {"PATH": f"/usr/local/go/bin:{PLACE}"}
ABSENT = {"PATH": "/usr/local/go/bin"}
CALLS = {**WHOLE, "goshim": "/venv/bin/goshim"}
KEPT = {
    "above": "",
    "kind": "d",
    "mode": 0o700,
    "owner": 1000,
    "user": 1000,
    "is_writable": True,
    "plans": 3,
    "size_bytes": 4096,
}
STORE = f"{HOME}/.cache/goshim"
SETTINGS = f"{HOME}/.vscode-server/data/Machine/settings.json"
OVERHEAD = [[7.0, 5.0], [7.5, 5.0], [7.0, 5.1]]


@pytest.fixture(autouse=True)
def installed(machine: FolderMachine) -> None:
    machine.toolchain("/usr/local/go")
    machine.program(f"{PLACE}/go", LAUNCHER)


def told(machine: FolderMachine, check: Check, variables: dict[str, str] | None = None, **probes: Any) -> Verdict:
    """The verdict of a check where these probes answer so."""
    usual = {"goshim.launcher": CALLS, "goshim.store": KEPT, "goshim.overhead": OVERHEAD}
    named = {name.replace("__", "."): answer for name, answer in probes.items()}
    return judge(check, look_at(machine, variables or FIRST, probes={**usual, **named}))


@pytest.mark.parametrize(
    "check",
    [
        goshim.launcher_first,
        goshim.launcher_current,
        goshim.plan_store,
        goshim.editor_settings,
        goshim.trust_records,
        goshim.overhead,
    ],
)
def test_a_launcher_that_is_first_and_whole_is_well(machine: FolderMachine, check: Check):
    assert told(machine, check).status == "ok"


@pytest.mark.parametrize("check", [goshim.launcher_first, goshim.launcher_current, goshim.plan_store, goshim.overhead])
def test_without_a_launcher_nothing_is_said_of_it(machine: FolderMachine, check: Check):
    machine.at(f"{PLACE}/go").unlink()
    verdict = told(machine, check, ABSENT)
    assert (verdict.status, verdict.summary) == ("skip", "no launcher is installed: goshim install")


@pytest.mark.parametrize(
    ("variables", "summary"),
    [
        (BEHIND, "goshim's launcher is behind another go on PATH: /usr/local/go/bin/go"),
        (ABSENT, "goshim's launcher is installed, and its directory is not on PATH"),
    ],
)
def test_a_launcher_that_is_not_first_is_told_with_the_line_that_mends_it(
    machine: FolderMachine, variables: dict[str, str], summary: str
):
    machine.write(f"{HOME}/.profile", "PATH=/usr/local/go/bin:$PATH\n")
    verdict = told(machine, goshim.launcher_first, variables)
    assert (verdict.status, verdict.summary) == ("warn", summary)
    assert f"PATH is set in {HOME}/.profile:1" in verdict.evidence
    assert verdict.remedies[0].command == "/venv/bin/goshim install --start-file"
    assert verdict.remedies[1].command.startswith(f"case \"$PATH:\" in '{PLACE}':*)")


def test_a_launcher_elsewhere_is_installed_there_again(machine: FolderMachine):
    machine.at(f"{PLACE}/go").unlink()
    machine.program("/opt/my goshim/go", LAUNCHER)
    variables = {"PATH": "/usr/local/go/bin:/opt/my goshim", "SHELL": "/usr/bin/fish"}
    verdict = told(machine, goshim.launcher_first, variables)
    assert verdict.remedies[0].command == "/venv/bin/goshim install --start-file --dir '/opt/my goshim'"
    assert verdict.remedies[1].command.startswith("test \"$PATH[1]\" = '/opt/my goshim'")


@pytest.mark.parametrize(
    ("file", "variables", "command"),
    [
        ("", {**FIRST, "GOSHIM": "off"}, "unset GOSHIM"),
        ("/etc/goshim/off", FIRST, "sudo rm -- /etc/goshim/off"),
        (f"{HOME}/.config/goshim/off", BEHIND, "goshim on"),
    ],
)
def test_being_turned_off_is_told_with_what_ends_it(
    machine: FolderMachine, file: str, variables: dict[str, str], command: str
):
    if file:
        machine.write(file, "")
    verdict = told(machine, goshim.launcher_first, variables)
    assert (verdict.status, verdict.remedies[0].command) == ("info", command)
    assert told(machine, goshim.overhead, variables).status == "skip"


@pytest.mark.parametrize(
    ("change", "status", "summary"),
    [
        ({"has_bash": False, "bash": "/gone"}, "fail", "the launcher's bash is not there: /gone"),
        (
            {"has_python": False},
            "warn",
            "what the launcher calls is not there: /venv/bin/python; go runs without goshim",
        ),
        ({"has_boot": False}, "warn", "what the launcher calls is not there: /venv/goshim/boot.py"),
        ({"has_python": False, "python": ""}, "warn", "the launcher calls nothing; go runs without goshim"),
        ({"is_current": False}, "warn", "the launcher is of another version than the goshim that it calls"),
    ],
)
def test_a_launcher_that_lacks_something_is_told_with_the_command_of_its_own_goshim(
    machine: FolderMachine, change: dict[str, Any], status: str, summary: str
):
    verdict = told(machine, goshim.launcher_current, goshim__launcher=CALLS | change)
    assert verdict.status == status
    assert verdict.summary.startswith(summary)
    assert verdict.remedies[0].command == "/venv/bin/goshim install"


def test_a_launcher_without_bash_that_is_not_first_stops_no_go(machine: FolderMachine):
    assert told(machine, goshim.launcher_current, BEHIND, goshim__launcher=CALLS | {"has_bash": False}).status == "warn"


def test_a_launcher_of_another_goshim_is_judged_by_that_one(machine: FolderMachine):
    other = CALLS | {"boot": "/pipx/goshim/boot.py"}
    assert told(machine, goshim.launcher_current, goshim__launcher=other).status == "ok"
    verdict = told(machine, goshim.launcher_current, goshim__launcher=other | {"version": "0.2.0"})
    assert verdict.status == "info"
    assert "it calls goshim 0.2.0, /pipx/goshim/boot.py" in verdict.evidence


def test_a_launcher_that_can_not_be_compared_is_skipped(machine: FolderMachine):
    assert told(machine, goshim.launcher_current, goshim__launcher=CALLS | {"is_current": None}).status == "skip"


@pytest.mark.parametrize(
    ("check", "probe"),
    [
        (goshim.launcher_current, "goshim__launcher"),
        (goshim.plan_store, "goshim__store"),
        (goshim.overhead, "goshim__overhead"),
    ],
)
def test_what_can_not_be_looked_at_is_skipped_with_its_reason(machine: FolderMachine, check: Check, probe: str):
    verdict = told(machine, check, **{probe: UnreadableError("permission denied")})
    assert (verdict.status, verdict.summary) == ("skip", "permission denied")


@pytest.mark.parametrize(
    ("change", "status", "commands"),
    [
        ({"kind": ""}, "ok", []),
        ({"kind": "", "is_writable": False, "above": "/"}, "warn", []),
        ({"kind": "l"}, "warn", [f"mv -- {STORE} {STORE}.before-goshim"]),
        ({"kind": "-"}, "warn", [f"mv -- {STORE} {STORE}.before-goshim"]),
        ({"owner": 0}, "warn", [f"sudo chown -R 1000 -- {STORE}"]),
        ({"user": 0}, "info", []),
        ({"mode": 0o770}, "warn", [f"chmod 700 -- {STORE}"]),
        ({"mode": 0o500, "is_writable": False}, "warn", [f"chmod 700 -- {STORE}"]),
        ({"is_writable": False}, "warn", []),
    ],
)
def test_a_store_is_judged_as_the_launcher_and_python_judge_it(
    machine: FolderMachine, change: dict[str, Any], status: str, commands: list[str]
):
    verdict = told(machine, goshim.plan_store, goshim__store=KEPT | change)
    assert (verdict.status, [each.command for each in verdict.remedies]) == (status, commands)


@pytest.mark.parametrize(
    ("fault", "user", "status", "words"),
    [
        (["home", HOME, 1001], 0, "info", f"HOME={HOME} is another user's"),
        (["home", HOME, 1001], 1000, "warn", f"HOME={HOME} is another user's"),
        (["no-home", HOME, -1], 1000, "warn", f"HOME={HOME} is not there"),
        (["root-home", HOME, 0], 0, "info", f"{HOME} may become the home of a user"),
        (["checkout", f"{HOME}/clone", -1], 1000, "warn", f"{STORE} lies in the checkout {HOME}/clone"),
        (["link", f"{HOME}/.cache", 1001], 1000, "warn", f"somebody else can change the link {HOME}/.cache"),
        (["above", f"{HOME}/.cache", 1001], 1000, "warn", f"{HOME}/.cache is another user's"),
    ],
)
def test_a_store_in_a_place_that_is_not_used_is_named_with_what_is_wrong(
    machine: FolderMachine, fault: list[Any], user: int, status: str, words: str
):
    verdict = told(machine, goshim.plan_store, goshim__store=KEPT | {"fault": fault, "user": user})
    assert verdict.status == status
    assert words in verdict.summary
    assert verdict.remedies[0].command
    if fault[2] > 0:
        assert any("user 1001" in line for line in verdict.evidence)


def test_a_launcher_without_a_token_is_written_again(machine: FolderMachine):
    verdict = told(machine, goshim.plan_store, goshim__launcher=CALLS | {"can_seal": False})
    assert (verdict.status, verdict.remedies[0].command) == ("warn", "/venv/bin/goshim install")


@pytest.mark.parametrize(("home", "owner", "status"), [("ours", "user 7", "warn"), ("user 7", "ours", "info")])
def test_a_config_of_another_user_is_named(machine: FolderMachine, monkeypatch, home: str, owner: str, status: str):
    config = f"{HOME}/.config/goshim/config.toml"
    machine.write(config, "broken = = \n")
    owners = {HOME: home, config: owner}
    monkeypatch.setattr(DescribedHost, "_owner", lambda _self, path: owners.get(path, "ours"))
    verdict = told(machine, goshim.trust_records)
    assert verdict.status == status
    assert "belongs to user 7" in verdict.evidence[0]


def test_a_store_without_a_place_is_skipped(machine: FolderMachine):
    verdict = told(machine, goshim.plan_store, {**FIRST, "HOME": ""})
    assert (verdict.status, verdict.summary.partition(":")[0]) == ("skip", "there is no place for plans")


def editor(machine: FolderMachine, variables: dict[str, str], *pairs: list[str]) -> Verdict:
    """The verdict where the settings of VS Code's server say this."""
    machine.write(SETTINGS, "{}")
    return told(machine, goshim.editor_settings, variables, editors__settings=list(pairs))


def test_an_editor_that_runs_past_the_launcher_is_told(machine: FolderMachine):
    verdict = editor(machine, FIRST, ["go.goroot", "/usr/local/go"])
    assert verdict.status == "warn"
    assert verdict.evidence == (f"{SETTINGS}: go.goroot = /usr/local/go",)
    assert verdict.remedies[0].text.startswith(f"take go.goroot out of {SETTINGS}")


def test_without_a_launcher_only_another_go_than_paths_is_worth_a_word(machine: FolderMachine):
    machine.program("/opt/go/bin/go")
    assert editor(machine, ABSENT, ["go.goroot", "/usr/local/go"]).status == "ok"
    assert editor(machine, ABSENT, ["go.goroot", "/opt/go"]).status == "info"


@pytest.mark.parametrize(
    ("pair", "status"),
    [
        (["go.alternateTools/go", f"{PLACE}/go"], "ok"),
        (["go.goroot", "/nowhere"], "info"),
        (["go.toolsEnvVars/GOROOT", "/usr/local/go"], "info"),
    ],
)
def test_what_does_not_lead_past_the_launcher_is_no_warning(machine: FolderMachine, pair: list[str], status: str):
    assert editor(machine, FIRST, pair).status == status


def test_a_goroot_of_a_start_file_leads_past_the_launcher(machine: FolderMachine):
    machine.write(SETTINGS, "{}")
    machine.write(f"{HOME}/.profile", "export GOROOT=/usr/local/go\n")
    variables = {**FIRST, "GOROOT": "/usr/local/go"}
    verdict = told(machine, goshim.editor_settings, variables, editors__settings=[])
    assert verdict.status == "warn"
    assert verdict.evidence == (f"{HOME}/.profile:1: GOROOT = /usr/local/go",)


def test_settings_that_can_not_be_read_are_skipped_with_the_reason(machine: FolderMachine):
    machine.write(SETTINGS, "{")
    verdict = told(machine, goshim.editor_settings, editors__settings=UnreadableError("it is not JSON"))
    assert (verdict.status, verdict.summary) == ("skip", "it is not JSON")


@pytest.mark.parametrize(
    ("variables", "status"), [(FIRST, "fail"), (BEHIND, "warn"), ({**FIRST, "GOSHIM": "off"}, "warn")]
)
def test_a_config_with_an_error_stops_go_where_the_launcher_is_first(
    machine: FolderMachine, variables: dict[str, str], status: str
):
    machine.write(f"{HOME}/.config/goshim/config.toml", "[path]\nwindows = 3\n")
    verdict = told(machine, goshim.trust_records, variables)
    assert verdict.status == status
    assert "config.toml:2: path.windows = 3: not allowed" in verdict.summary
    assert verdict.evidence[0].startswith("allowed: ")


def test_a_variable_that_nobody_knows_is_told_and_can_be_unset(machine: FolderMachine):
    verdict = told(
        machine, goshim.trust_records, {**FIRST, "GOSHIM_RETRY__TRYS": "3", "GOSHIM_a b": "", "GOSHIM": "on"}
    )
    assert verdict.status == "warn"
    assert [each.command for each in verdict.remedies] == ["unset GOSHIM_RETRY__TRYS", "goshim config check"]


def test_what_a_project_file_may_not_say_is_worth_knowing(machine: FolderMachine):
    machine.write(f"{HOME}/project/.goshim.toml", '[toolchain]\ngo = "/tmp/go"\n')
    verdict = told(machine, goshim.trust_records, goshim__project=f"{HOME}/project")
    assert verdict.status == "info"
    assert verdict.evidence == (
        f"{HOME}/project/.goshim.toml:2: toolchain.go: needs trust, ignored: it chooses the program that runs as go",
        f"{HOME}/project/.goshim.toml: to see what it asks for, and trust it: goshim trust",
    )
    assert [each.command for each in verdict.remedies] == ["goshim trust"]


def test_what_no_project_file_can_set_has_no_remedy(machine: FolderMachine):
    machine.write(f"{HOME}/project/.goshim.toml", "[doctor]\nwindows = true\n")
    verdict = told(machine, goshim.trust_records, goshim__project=f"{HOME}/project")
    assert (verdict.status, verdict.remedies) == ("info", ())
    assert verdict.summary == "the project file asks for what no project file can set; it is ignored"


def test_a_config_that_is_obeyed_whole_is_well(machine: FolderMachine):
    machine.write(f"{HOME}/.config/goshim/config.toml", '[path]\nwindows = "last"\n')
    verdict = told(machine, goshim.trust_records)
    assert (verdict.status, verdict.summary) == ("ok", f"nothing is ignored of {HOME}/.config/goshim/config.toml")


@pytest.mark.parametrize(
    ("pairs", "status", "summary"),
    [
        ([[4.0, 6.0]] * 3, "ok", "go is 2.0 ms faster with goshim's launcher than without"),
        ([[60.0, 5.0], [48.0, 5.0], [7.0, 5.0]], "ok", "goshim adds 43.0 ms to a call of go"),
        ([[48.0, 5.0]] * 3, "warn", "goshim adds 43 ms to each call: no plan is kept for calls from here"),
    ],
)
def test_an_overhead_is_a_problem_only_if_every_call_has_it(
    machine: FolderMachine, pairs: list[list[float]], status: str, summary: str
):
    verdict = told(machine, goshim.overhead, goshim__overhead=pairs)
    assert (verdict.status, verdict.summary) == (status, summary)


def test_overhead_is_not_measured_where_another_go_runs(machine: FolderMachine):
    assert told(machine, goshim.overhead, BEHIND).summary == "another go, or none, is first on PATH: see launcher-first"
