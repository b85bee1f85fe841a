"""Who may end what, and when: signals, processes not yet collected, two commands at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dev.stack import identity, lock, ports
from dev.stack.errors import StackError
from dev.stack.interrupts import ENDINGS, held

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("number", ENDINGS)
def test_nothing_interrupts_what_is_held_and_everything_does_again_afterwards(
    number: signal.Signals,
) -> None:
    before = signal.getsignal(number)
    with held():
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) == before


@pytest.mark.parametrize("number", ENDINGS)
def test_each_ending_arrives_as_one_interruption(number: signal.Signals) -> None:
    program = (
        "import os, signal, sys, time; from dev.stack import interrupts\n"
        # Whoever started the tests may ignore signals, as nohup does, and that is inherited.
        "signal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "interrupts.install()\n"
        "try: os.kill(os.getpid(), int(sys.argv[1])); time.sleep(10)\n"
        "except KeyboardInterrupt: print('said to whoever is left', flush=True); sys.exit(7)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(int(number))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    # After a hang-up nobody is left, and writing would fail on a real terminal.
    assert bool(done.stdout) == (number != signal.SIGHUP)


def test_a_process_that_ended_and_was_not_collected_is_told_from_a_living_one() -> None:
    assert not identity.is_unreaped(os.getpid())
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        deadline = time.monotonic() + 10
        while identity.identify(ended.pid) is not None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert identity.is_unreaped(ended.pid)
    assert not identity.is_unreaped(ended.pid)
    assert not identity.is_unreaped(0)


def test_a_second_command_waits_for_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "LOCAL", tmp_path)
    program = (
        "import sys; from pathlib import Path; from dev.stack import lock\n"
        "lock.LOCAL = Path(sys.argv[1])\n"
        "with lock.alone(): print('in', flush=True)"
    )
    with lock.alone():
        second = subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
        assert second.poll() is None
    assert second.communicate(timeout=10)[0] == "in\n"


@pytest.mark.parametrize("text", ["abc", "0", "65536", "-1", "80.5", "\u0663"])
def test_what_is_no_port_is_refused_by_name(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", text)
    with pytest.raises(StackError, match="PORT="):
        ports.named_port("PORT")


def test_a_port_is_taken_from_the_environment_and_none_from_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PORT", "3210")
    assert ports.named_port("PORT") == 3210
    monkeypatch.setenv("PORT", "")
    assert ports.named_port("PORT") is None
