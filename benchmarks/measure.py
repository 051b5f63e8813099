"""What the benchmarks share: a fleet that is served, programs that run, and what each run took."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

TOOL = str(Path(sys.executable).with_name("kubectl-ds"))


class Run(NamedTuple):
    """What one run of a program took: seconds, seconds, bytes, requests, bytes."""

    wall: float
    cpu: float
    peak: int
    requests: int = 0
    read: int = 0


class Served:
    """A fleet that is being served by a process of its own."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, str(Path(__file__).parent / "serve.py"), str(directory)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"
        atexit.register(self.stop)  # also where a program fails

    def counted(self) -> tuple[int, int]:
        with urlopen(f"{self.url}/counted") as answer:
            requests, read = json.load(answer)
        return requests, read

    def asked(self) -> list[str]:
        with urlopen(f"{self.url}/asked") as answer:
            targets: list[str] = json.load(answer)
        return targets

    def measure(self, command: list[str], home: Path) -> Run:
        """Run a program against the fleet; its output goes nowhere."""
        requests, read = self.counted()
        run = measured(command, home)
        after = self.counted()
        return run._replace(requests=after[0] - requests, read=after[1] - read)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def started(command: list[str], home: Path) -> subprocess.Popen[bytes]:
    """Start a program with next to no environment; its output goes nowhere."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)


def measured(command: list[str], home: Path) -> Run:
    """Run a program to its end, which is to be a good one."""
    began = time.perf_counter()
    process = started(command, home)
    run = ended(process, 0)
    wall = time.perf_counter() - began
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return run._replace(wall=wall)


def ended(process: subprocess.Popen[bytes], wall: float) -> Run:
    """Wait for a program; what it took, and the wall time that is given."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def curl(served: Served, targets: list[str], scratch: Path) -> list[str]:
    """A curl that reads some paths in one process; no command where there is no curl."""
    lines = [f'url = "{served.url}{target}"\noutput = "{os.devnull}"' for target in targets]
    (scratch / "curl").write_text("\n".join(lines))
    return ["curl", "-s", "-K", str(scratch / "curl")] if shutil.which("curl") else []
