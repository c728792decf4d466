"""What a call takes under WSL, bare and through goshim: there each look into a Windows entry of PATH costs time.

`measure` makes a machine that looks like WSL2 and runs this module in it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from bench.measure import Figure, Subject, by_turns

ENTRIES, LOOKUP_MS = 30, 1.0
CALLS = (("version",), ("env", "GOROOT"))

_CHECKOUT = Path(__file__).resolve().parent.parent
_INSTALL = "import sys; from goshim.cli import main; sys.exit(main())"


class NoSuchMachineError(RuntimeError):
    """A machine like WSL2 can't be made here; the text says what it would need."""


def measure(go: str, rounds: int) -> dict[str, Figure]:
    """The figures of some calls, by name. PATH has ENTRIES Windows entries, a look into one takes LOOKUP_MS.

    Raises NoSuchMachineError.
    """
    try:
        from tests.end_to_end.wsl_machine import Machine, UnavailableError
    except ImportError as error:
        raise NoSuchMachineError(f"{error}; make test installs what it needs") from None
    try:
        with (
            Machine("wsl2", ENTRIES, LOOKUP_MS) as machine,
            tempfile.TemporaryDirectory(prefix="goshim-bench-") as home,
        ):
            path = f"{home}/bin:{os.path.dirname(go)}:/usr/local/bin:/usr/bin:/bin"
            environment = {**machine.environment(path), "HOME": home, "PYTHONPATH": str(_CHECKOUT)}
            telemetry = Path(home, ".config/go/telemetry")  # go would start a child of its own now and then
            telemetry.mkdir(parents=True)
            (telemetry / "mode").write_text("off")
            given = {"cwd": home, "env": environment, "capture_output": True, "text": True}
            machine.run([sys.executable, "-c", _INSTALL, "install", "--dir", f"{home}/bin"], **given).check_returncode()
            done = machine.run([sys.executable, "-m", "bench.wsl", go, f"{home}/bin/go", str(rounds)], **given)
            done.check_returncode()
    except UnavailableError as error:
        raise NoSuchMachineError(str(error)) from None
    except subprocess.CalledProcessError as error:
        raise NoSuchMachineError(f"{error}: {error.stderr}") from None
    return {name: Figure(**figure) for name, figure in json.loads(done.stdout).items()}


def measure_inside(go: str, launcher: str, rounds: int) -> dict[str, Figure]:
    """The same, from within the machine."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subjects = [
        Subject(f"go {' '.join(call)}, {how}", [program, *call], [environment], os.getcwd())
        for call in CALLS
        for how, program in (("bare", go), ("through goshim", launcher))
    ]
    return by_turns(subjects, rounds)


if __name__ == "__main__":
    figures = measure_inside(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    sys.stdout.write(json.dumps({name: asdict(figure) for name, figure in figures.items()}))
