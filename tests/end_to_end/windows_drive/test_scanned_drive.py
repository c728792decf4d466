"""Under a virus scanner at work on a Windows drive go gives up and goshim comes through."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from tests.end_to_end import scanner
from tests.end_to_end.generated_modules import modules, publish
from tests.end_to_end.windows_drive.held_files import DOWNLOAD, FETCHING, is_whole

HELD_S = 0.3


class ScannedDrive(scanner.Scanner):
    """A folder of a drive in such a machine with a scanner at work in it; no mount table tells of it."""

    def __init__(self, machine, place, holding):
        super().__init__(machine.at(place), holding)
        self._machine = machine
        self._place = place

    def _start(self):
        words = [sys.executable, scanner.__file__, "--serve", self._control, self._place, *self._holding]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self._server = subprocess.Popen(self._machine.command(words), start_new_session=True, **pipes)
        if self._server.stdout.readline() != b"ready\n":
            said = self._server.stderr.read().decode(errors="replace").strip().splitlines()
            raise scanner.UnavailableError(f"no FUSE file system on the drive: {said[-1] if said else 'no reason'}")


@pytest.mark.parametrize("verb", [DOWNLOAD, FETCHING[0]], ids=" ".join)
def test_under_a_scanner_on_the_drive_go_gives_up_and_goshim_comes_through(wsl2, at_work, real, tmp_path, verb):
    user = at_work(wsl2, real, publish(tmp_path / "twenty", modules(20, filler=200)))
    user.env["GOSHIM_RETRY__LOCK_BUDGET_S"] = "10"
    for through in False, True:
        place = f"{user.on_c}/scanned-{through}"
        try:
            with ScannedDrive(wsl2, place, scanner.Holding(0.05, HELD_S, 1)) as drive:
                done = (user.go if through else user.bare)(*verb, env={"GOMODCACHE": f"{place}/cache"})
                assert drive.refusals()
                assert (done.out, done.code) == (b"", 0 if through else 1), done.message
                assert bool(done.ours) == through
                time.sleep(HELD_S)  # what was written last
                assert is_whole(user, f"{place}/cache") == through
        except scanner.UnavailableError as error:
            pytest.skip(str(error))
