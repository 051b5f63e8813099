"""A credential plugin that takes long: it is told of, bounded, and keeps nobody else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from kubeconfigs import EXEC, Home, authorization, config

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube import programs, turns

ANSWER = json.dumps(
    {"kind": "ExecCredential", "apiVersion": EXEC["apiVersion"], "status": {"token": "t"}}
)
PATIENCE = 60  # seconds before a test fails
# Prints, and leaves a child that keeps its output open; argv[1] gets the child's process id.
LEAVES = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep({2 * PATIENCE})"])
open(sys.argv[1], "w").write(str(child.pid))
print({ANSWER!r}, flush=True)
"""
HANGS = f"{LEAVES}\nchild.wait()"
ASK = """
import sys
from pathlib import Path
from kubectl_ds.kube.credentials import obtain
from kubectl_ds.kube.kubeconfig import Flags, resolve
obtain(resolve(Flags(), {}, Path(sys.argv[1])))
"""


class Slow:
    """A plugin that takes long.

    Attributes:
        said: where its child's process id will be.
    """

    def __init__(self, home: Home, text: str) -> None:
        self.said = home.path / "pid"
        script = home.write("plugin.py", text)
        entry = {**EXEC, "command": sys.executable, "args": [script, str(self.said)]}
        home.kubeconfig(config("x", user={"exec": {**entry, "interactiveMode": "Never"}}))

    def child(self) -> int:
        return int(self.said.read_text())


def is_running(pid: int) -> bool:
    """Whether a process is there, and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(pid: int) -> bool:
    """Whether a process ends in time."""
    import time

    end = time.monotonic() + PATIENCE
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not is_running(pid)


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_QUIET", 0.2)
    monkeypatch.setattr(programs, "_STEP", 0.1)


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")


@needs_proc
@pytest.mark.usefixtures("hurry")
def test_one_that_hangs_is_told_of_once_and_ended_with_its_children(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Slow(home, HANGS)
    with pytest.raises(ClusterError) as caught:
        authorization(home.resolve(request_timeout=2.0))
    assert str(caught.value) == (
        f'the credential plugin "{sys.executable}" did not end within 2s and was stopped; '
        "log in again, or raise --request-timeout"
    )
    told = f'note: context x: waiting for the credential plugin "{sys.executable}"\n'
    assert capsys.readouterr().err == told
    assert gone(slow.child())


@needs_proc
@pytest.mark.usefixtures("hurry")
def test_what_it_printed_counts_though_a_child_keeps_its_output(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = Slow(home, LEAVES)
    try:
        assert authorization(home.resolve(request_timeout=0)) == "Bearer t"
        assert is_running(slow.child()), "it may be an agent that is to stay"
        assert capsys.readouterr().err == ""
    finally:
        os.kill(slow.child(), signal.SIGKILL)


@pytest.mark.usefixtures("hurry")
def test_zero_is_no_limit(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kubectl_ds.kube.plugins._LONGEST", 0.1)
    Slow(home, f"import time\ntime.sleep(1)\nprint({ANSWER!r})")
    assert authorization(home.resolve(request_timeout=0)) == "Bearer t"
    with pytest.raises(ClusterError, match="did not end within 100ms"):
        authorization(home.resolve())


@needs_proc
def test_an_interrupt_ends_it(home: Home) -> None:
    slow = Slow(home, HANGS)
    with subprocess.Popen(
        [sys.executable, "-c", ASK, str(home.path)], stderr=subprocess.PIPE
    ) as process:
        assert process.stderr is not None
        assert b"waiting for the credential plugin" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=PATIENCE)
    assert gone(slow.child())


@pytest.fixture
def holds() -> Iterator[list[bool]]:
    told: list[bool] = []
    turns.holders.add(told.append)
    yield told
    turns.holders.discard(told.append)


def test_our_own_line_is_away_while_a_plugin_may_ask(holds: list[bool]) -> None:
    with turns.plugin():
        assert holds == [True]
    assert holds == [True, False]


def test_a_line_of_ours_that_is_written_holds_the_others(
    holds: list[bool], capsys: pytest.CaptureFixture[str]
) -> None:
    turns.say("something")
    assert holds == [True, False]
    assert capsys.readouterr() == ("", "note: something\n")
