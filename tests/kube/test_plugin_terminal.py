"""When a credential plugin may ask something (client-go exec.go, isInteractive)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from kubeconfigs import EXEC, Home, config

# What comes after is run by a process with a standard input of its own.
ASK = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from kubectl_ds.errors import KubectlDsError
from kubectl_ds.kube.credentials import Login
from kubectl_ds.kube.kubeconfig import Flags, resolve_each
home = Path(sys.argv[1])
logins = [Login(each) for each in resolve_each(Flags(), sys.argv[2:], {}, home).values()]
try:
    with ThreadPoolExecutor(2) as threads:
        for shown in threads.map(Login.current, logins):
            print(shown.authorization)
except KubectlDsError as error:
    print(error)
"""
PLUGIN = """
import json, os, sys, time
spec = json.loads(os.environ["KUBERNETES_EXEC_INFO"])["spec"]
print("begin", file=sys.stderr, flush=True)
time.sleep(0.2)
token = f"{spec['interactive']}-{sys.stdin.isatty()}"
print(json.dumps({"apiVersion": VERSION, "kind": "ExecCredential", "status": {"token": token}}))
print("end", file=sys.stderr, flush=True)
"""


@pytest.fixture
def terminal() -> Iterator[int]:
    """A terminal, as a file descriptor."""
    pty = pytest.importorskip("pty")
    main, side = pty.openpty()
    yield side
    os.close(side)
    os.close(main)


def ask(home: Home, mode: str | None, stdin: int, *names: str) -> tuple[str, list[str]]:
    """What processes show whose output goes into a pipe, and what their plugins say."""
    script = home.write("plugin.py", PLUGIN.replace("VERSION", json.dumps(EXEC["apiVersion"])))
    plugin = {**EXEC, "command": sys.executable, "args": [script], "interactiveMode": mode}
    home.kubeconfig(config(*names, user={"exec": plugin}))
    done = subprocess.run(
        [sys.executable, "-c", ASK, str(home.path), *names],
        stdin=stdin,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.strip(), done.stderr.splitlines()


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("Never", "Bearer False-False"),
        ("IfAvailable", "Bearer True-True"),
        ("Always", "Bearer True-True"),
        (None, "Bearer True-True"),
    ],
)
def test_at_a_terminal_wherever_the_output_goes(
    home: Home, terminal: int, mode: str | None, expected: str
) -> None:
    assert ask(home, mode, terminal, "x")[0] == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("Never", "Bearer False-False"),
        ("IfAvailable", "Bearer False-False"),
        ("Always", "needs a terminal as standard input"),
    ],
)
def test_without_one(home: Home, mode: str, expected: str) -> None:
    assert expected in ask(home, mode, subprocess.DEVNULL, "x")[0]


def test_of_two_that_may_ask_one_waits_for_the_other(home: Home, terminal: int) -> None:
    shown, said = ask(home, "IfAvailable", terminal, "x", "y")
    assert shown.splitlines() == ["Bearer True-True"] * 2
    names = [f"note: context {name}: running {sys.executable}" for name in "xy"]
    assert sorted(said[::3]) == names, "whose turn it is to ask"
    assert said[1::3] + said[2::3] == ["begin"] * 2 + ["end"] * 2


def test_of_one_alone_nothing_is_said(home: Home, terminal: int) -> None:
    assert ask(home, "IfAvailable", terminal, "x")[1] == ["begin", "end"]
