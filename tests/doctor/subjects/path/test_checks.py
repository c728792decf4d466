"""Checks of PATH."""

from __future__ import annotations

import pytest

from goshim.doctor.run.examine import judge
from goshim.doctor.subjects.path import checks as path
from goshim.facts.host import UnreadableError
from tests.doctor.described import look_at
from tests.machine import HOME, LAUNCHER, FolderMachine

LINUX = "/usr/local/bin:/usr/bin:/bin"
WINDOWS = ("/mnt/c/Windows/system32", "/mnt/c/Program Files/nodejs")
HEALTHY = f"{LINUX}:/usr/lib/wsl/lib:{':'.join(WINDOWS)}:/snap/bin"
REVERSED = f"{':'.join(WINDOWS)}:{LINUX}"
LOCAL = f"{HOME}/.local/bin"


@pytest.fixture
def wsl(machine: FolderMachine) -> FolderMachine:
    """WSL2 with a go and git where a distribution has them."""
    machine.become_wsl()
    machine.toolchain("/usr/lib/go-1.27")
    machine.link("/usr/bin/go", "/usr/lib/go-1.27/bin/go")
    for name in ("git", "npm", "gcc"):
        machine.program(f"/usr/bin/{name}")
    return machine


def with_launcher(machine: FolderMachine, entries: str) -> str:
    machine.program(f"{LOCAL}/go", LAUNCHER)
    return f"{LOCAL}:{entries}"


def measured(entries: str, windows_ns: int = 1_000_000, left: int = 0):
    """The answer of the probe for a PATH whose Windows entries take that long."""
    taken = [[entry, windows_ns if entry.startswith("/mnt/") else 2_000] for entry in entries.split(":")]
    return {"lookups.cost": {"taken": taken, "left": left}}


# path-order


def test_the_order_that_wsl_makes_is_well_also_with_entries_that_were_appended(wsl: FolderMachine):
    verdict = judge(path.path_order, look_at(wsl, {"PATH": f"{HEALTHY}:/usr/local/go/bin:/usr/sbin"}))
    assert verdict.status == "ok"
    assert verdict.evidence == ("behind them: /snap/bin, /usr/local/go/bin, /usr/sbin",)


def test_without_windows_entries_the_order_is_well(wsl: FolderMachine):
    assert judge(path.path_order, look_at(wsl, {"PATH": LINUX})).status == "ok"


def test_windows_entries_before_usr_bin_are_told_with_what_put_them_there(wsl: FolderMachine):
    wsl.write(f"{HOME}/.profile", "PATH=$PATH:/opt\nexport PATH=/mnt/c/tools:$PATH\n")
    verdict = judge(path.path_order, look_at(wsl, {"PATH": REVERSED, "WSLENV": "PATH/l"}))
    assert verdict.status == "warn"
    assert verdict.evidence == (
        "entry 1: /mnt/c/Windows/system32",
        "entry 2: /mnt/c/Program Files/nodejs",
        "WSLENV, entry PATH/l",
        f"{HOME}/.profile:2: export PATH=/mnt/c/tools:$PATH",
    )
    assert verdict.remedies[0].command == f"export PATH='{LINUX}:{':'.join(WINDOWS)}'"
    assert "PATH/l" in verdict.remedies[1].text


def test_what_the_first_remedy_gives_is_well(wsl: FolderMachine):
    remedy = judge(path.path_order, look_at(wsl, {"PATH": REVERSED})).remedies[0]
    mended = remedy.command.removeprefix("export PATH=").strip("'")
    assert judge(path.path_order, look_at(wsl, {"PATH": mended})).status == "ok"


def test_an_order_that_goshim_mends_is_no_problem(wsl: FolderMachine):
    entries = with_launcher(wsl, REVERSED)
    assert judge(path.path_order, look_at(wsl, {"PATH": entries})).status == "info"


def test_what_is_windows_the_mount_table_tells_and_not_mnt(wsl: FolderMachine):
    assert judge(path.path_order, look_at(wsl, {"PATH": f"/mnt/data/bin:{LINUX}"})).status == "ok"


@pytest.mark.parametrize("check", [path.path_order, path.path_shadow])
def test_outside_wsl_no_entry_can_be_of_windows(machine: FolderMachine, check):
    assert judge(check, look_at(machine, {"PATH": REVERSED})).status == "skip"


# path-cost


def test_on_a_native_disk_the_search_costs_nothing(machine: FolderMachine):
    machine.toolchain("/usr/local/go")
    entries = f"/usr/local/go/bin:{LINUX}"
    verdict = judge(path.path_cost, look_at(machine, {"PATH": entries}, probes=measured(entries)))
    assert verdict.status == "ok"
    assert verdict.summary.endswith("gccgo and gcc, 8 times in all: less than 0.1 ms")


def test_a_compiler_that_is_found_ends_the_search_for_it(wsl: FolderMachine):
    verdict = judge(path.path_cost, look_at(wsl, {"PATH": HEALTHY}, probes=measured(HEALTHY, 2_000_000)))
    assert verdict.status == "ok"
    assert "gccgo and gcc, 9 times in all, 2 of them on Windows drives: 4.0 ms" in verdict.summary


def test_windows_entries_that_cost_more_than_go_itself_are_a_problem(wsl: FolderMachine):
    verdict = judge(path.path_cost, look_at(wsl, {"PATH": HEALTHY}, probes=measured(HEALTHY, 60_000_000)))
    assert verdict.status == "warn"
    assert verdict.summary.endswith("120.0 ms")
    commands = [remedy.command for remedy in verdict.remedies]
    assert commands == ["goshim install", "go env -w GCCGO=/usr/bin/gccgo", "[interop]\nappendWindowsPath=false"]


def test_what_a_usual_windows_costs_is_told_without_alarm(wsl: FolderMachine):
    verdict = judge(path.path_cost, look_at(wsl, {"PATH": HEALTHY}, probes=measured(HEALTHY, 6_000_000)))
    assert verdict.status == "info"
    assert verdict.summary.endswith("12.0 ms; goshim install spares them")


def test_without_a_compiler_it_is_looked_for_everywhere(wsl: FolderMachine):
    wsl.at("/usr/bin/gcc").unlink()
    verdict = judge(path.path_cost, look_at(wsl, {"PATH": HEALTHY}, probes=measured(HEALTHY, 30_000_000)))
    assert verdict.status == "warn"
    assert "4 of them on Windows drives: 120.0 ms" in verdict.summary
    assert "export CGO_ENABLED=0" in [remedy.command for remedy in verdict.remedies]


def test_what_goshim_spares_is_no_problem(wsl: FolderMachine):
    entries = with_launcher(wsl, HEALTHY)
    verdict = judge(path.path_cost, look_at(wsl, {"PATH": entries}, probes=measured(entries, 60_000_000)))
    assert verdict.status == "info"
    assert "with goshim it is" in verdict.summary


def test_what_goshim_may_not_spare_stays_a_problem(wsl: FolderMachine):
    entries = with_launcher(wsl, HEALTHY)
    variables = {"PATH": entries, "GOSHIM_RULES__OFF": '["gccgo-lookup"]'}
    verdict = judge(path.path_cost, look_at(wsl, variables, probes=measured(entries, 60_000_000)))
    assert verdict.status == "warn"
    assert "goshim install" not in [remedy.command for remedy in verdict.remedies]


@pytest.mark.parametrize("remedied", [{"GCCGO": "/usr/bin/gccgo"}, {"GOENV": f"{HOME}/goenv"}])
def test_the_remedy_of_the_search_for_gccgo_helps(wsl: FolderMachine, remedied):
    wsl.write(f"{HOME}/goenv", "GCCGO=/usr/bin/gccgo\n")
    look = look_at(wsl, {"PATH": HEALTHY, **remedied}, probes=measured(HEALTHY, 60_000_000))
    assert judge(path.path_cost, look).status == "ok"


def test_nothing_that_is_looked_for_costs_nothing(wsl: FolderMachine):
    variables = {"PATH": HEALTHY, "GCCGO": "/usr/bin/gccgo", "CGO_ENABLED": "0"}
    verdict = judge(path.path_cost, look_at(wsl, variables, probes=measured(HEALTHY)))
    assert verdict.summary == "go looks for no program in PATH when it starts"


@pytest.mark.parametrize(("left", "words"), [(1, "1 entry of PATH was"), (3, "3 entries of PATH were")])
def test_entries_that_were_too_slow_to_measure_are_told(wsl: FolderMachine, left: int, words: str):
    verdict = judge(path.path_cost, look_at(wsl, {"PATH": HEALTHY}, probes=measured(HEALTHY, 50_000_000, left=left)))
    assert verdict.evidence == (f"{words} not measured in time, and cost more",)


def test_a_cost_that_could_not_be_measured_is_not_guessed(wsl: FolderMachine):
    verdict = judge(
        path.path_cost, look_at(wsl, {"PATH": HEALTHY}, probes={"lookups.cost": UnreadableError("no clock")})
    )
    assert (verdict.status, verdict.summary) == ("skip", "no clock")


def test_without_a_go_nothing_is_looked_for(machine: FolderMachine):
    assert judge(path.path_cost, look_at(machine, {"PATH": LINUX}, probes=measured(LINUX))).status == "skip"


# path-shadow


def test_where_windows_comes_last_it_is_not_even_looked_into(wsl: FolderMachine):
    look = look_at(wsl, {"PATH": HEALTHY})
    assert judge(path.path_shadow, look).status == "ok"
    assert not [subject for kind, subject in look.host.answers if kind == "probe" and "lookups" in subject]


def test_only_names_that_linux_has_behind_are_looked_for(wsl: FolderMachine):
    wsl.program("/usr/local/go/bin/gofmt")
    probes = {"lookups.held": {"found": [], "left": 0}}
    look = look_at(wsl, {"PATH": f"{HEALTHY}:/usr/local/go/bin"}, probes=probes)
    assert judge(path.path_shadow, look).status == "ok"
    asked = next(subject for kind, subject in look.host.answers if kind == "probe" and "lookups.held" in subject)
    assert "gofmt" in asked
    assert "npm" not in asked


def test_a_program_of_windows_before_the_one_of_linux_is_told(wsl: FolderMachine):
    probes = {"lookups.held": {"found": [[WINDOWS[1], ["npm"]]], "left": 0}}
    verdict = judge(path.path_shadow, look_at(wsl, {"PATH": REVERSED}, probes=probes))
    assert verdict.status == "warn"
    assert verdict.evidence == ("npm: /mnt/c/Program Files/nodejs/npm stands before /usr/bin/npm",)


def test_what_go_does_not_find_by_goshim_is_no_problem(wsl: FolderMachine):
    probes = {"lookups.held": {"found": [[WINDOWS[1], ["npm"]]], "left": 0}}
    entries = with_launcher(wsl, REVERSED)
    assert judge(path.path_shadow, look_at(wsl, {"PATH": entries}, probes=probes)).status == "info"


def test_windows_entries_that_could_not_be_looked_into_are_not_guessed(wsl: FolderMachine):
    probes = {"lookups.held": UnreadableError("drive is away")}
    verdict = judge(path.path_shadow, look_at(wsl, {"PATH": REVERSED}, probes=probes))
    assert (verdict.status, verdict.summary) == ("skip", "drive is away")


def test_what_was_too_late_to_be_looked_into_is_not_said_to_hide_nothing(wsl: FolderMachine):
    verdict = judge(
        path.path_shadow, look_at(wsl, {"PATH": REVERSED}, probes={"lookups.held": {"found": [], "left": 2}})
    )
    assert verdict.status == "skip"


# path-unsafe


def test_a_path_of_absolute_directories_is_well(machine: FolderMachine):
    assert judge(path.path_unsafe, look_at(machine, {"PATH": "/usr/bin:/bin"})).status == "ok"


def test_each_entry_that_means_the_working_directory_is_told_by_its_place(machine: FolderMachine):
    machine.write(f"{HOME}/.profile", "export PATH=$PATH:$NONE\n")
    verdict = judge(path.path_unsafe, look_at(machine, {"PATH": "/usr/bin::bin"}))
    assert verdict.status == "warn"
    assert verdict.evidence == ("entry 2: (empty)", "entry 3: bin", f"{HOME}/.profile:1: export PATH=$PATH:$NONE")
    assert verdict.remedies[0].command == "export PATH=/usr/bin"


def test_a_path_of_nothing_else_is_replaced_by_the_usual_one_and_never_by_nothing(machine: FolderMachine):
    verdict = judge(path.path_unsafe, look_at(machine, {"PATH": "."}))
    assert verdict.summary == "1 entry of PATH means the working directory"
    assert verdict.remedies[0].command == "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def test_a_remedy_can_be_pasted_whatever_path_holds(machine: FolderMachine):
    verdict = judge(path.path_unsafe, look_at(machine, {"PATH": ":/opt/my tools;$(reboot)"}))
    assert verdict.remedies[0].command == "export PATH='/opt/my tools;$(reboot)'"


def test_entries_that_goshim_drops_are_no_problem(wsl: FolderMachine):
    entries = with_launcher(wsl, f"{LINUX}:")
    assert judge(path.path_unsafe, look_at(wsl, {"PATH": entries})).status == "info"
