"""How a command of goshim's ends when it does not end by itself."""

from __future__ import annotations

import os
import signal

import pytest

from goshim import cli

CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


class KilledByItsName:
    """Put into a class it is told its name, and kills. Until 3.11 Python makes RuntimeError of what is raised then."""

    def __init__(self, number):
        self.number = number

    def __set_name__(self, owner, name):
        os.kill(os.getpid(), self.number)


@pytest.mark.parametrize("number", CODES)
def test_a_signal_while_a_class_is_made_ends_a_command_as_any_other(number, monkeypatch, capfd):
    monkeypatch.setattr(cli, "_run", lambda: type("Made", (), {"member": KilledByItsName(number)}))
    assert cli.main() == CODES[number]
    assert capfd.readouterr() == ("", "")


def test_a_signal_that_is_ignored_stays_so(monkeypatch):
    monkeypatch.setattr(cli, "_run", lambda: os.kill(os.getpid(), signal.SIGHUP) or 3)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert cli.main() == 3
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_handles_signals_is_as_before_afterwards(monkeypatch):
    before = [signal.getsignal(number) for number in CODES]
    monkeypatch.setattr(cli, "_run", lambda: 0)
    cli.main()
    assert [signal.getsignal(number) for number in CODES] == before


def test_a_fault_of_goshims_own_is_told_without_a_traceback(monkeypatch, capfd):
    monkeypatch.setattr(cli, "_run", lambda: {}["missing"])
    monkeypatch.delenv("GOSHIM_DEBUG", raising=False)
    assert cli.main() == 125
    assert capfd.readouterr().err.splitlines() == [
        "goshim: KeyError: 'missing'",
        "  a fault of goshim's own; GOSHIM_DEBUG=1 shows where",
    ]


def test_a_fault_is_shown_whole_where_that_is_asked(monkeypatch):
    monkeypatch.setattr(cli, "_run", lambda: {}["missing"])
    monkeypatch.setenv("GOSHIM_DEBUG", "1")
    with pytest.raises(KeyError, match="missing"):
        cli.main()
