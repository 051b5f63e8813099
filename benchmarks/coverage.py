"""Measure ``kubectl ds coverage`` on synthetic fleets, beside curl and kubectl, in one run.

Usage: python benchmarks/coverage.py [--runs N] [--fleets DIRECTORY] [NODES...]

The fleets, by default of 500 and 5,000 nodes with 30 DaemonSets, are written once to a directory
and served over loopback HTTP by a process of its own, page by page, from memory. Each program
runs several times, in turns; of each the median wall time is shown, with the requests that it
made, the bytes that it read and its peak memory. curl reads the pages that coverage reads.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

sys.path.insert(0, str(Path(__file__).parent))

import fleet

DAEMON_SETS = 30
KUBECTL_UP_TO = 1000  # nodes: beyond, kubectl's JSON does not fit into memory


class Run(NamedTuple):
    """What one run of a program took: seconds, requests, bytes, bytes."""

    wall: float
    requests: int
    read: int
    peak: int


class Served:
    """A fleet that is being served by a process of its own."""

    def __init__(self, directory: Path) -> None:
        command = [sys.executable, str(Path(__file__).parent / "serve.py"), str(directory)]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.url = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

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
        environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        if status:
            raise SystemExit(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
        after = self.counted()
        return Run(wall, after[0] - requests, after[1] - read, usage.ru_maxrss * 1024)

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()


def programs(served: Served, nodes: int, scratch: Path) -> dict[str, list[str]]:
    """What to run, by name."""
    tool = [str(Path(sys.executable).with_name("kubectl-ds")), "coverage", "-A", "-s", served.url]
    found = {"coverage": tool, "coverage --fast": [*tool, "--fast"]}
    if shutil.which("curl"):
        found = {"curl, the same pages": ["curl", "-s", "-K", str(scratch / "curl")], **found}
    if shutil.which("kubectl") and nodes <= KUBECTL_UP_TO:
        get = ["kubectl", "-s", served.url, "get", "nodes,pods", "-A", "-o", "json"]
        found["kubectl get nodes,pods -A -o json"] = get
    return found


def note_pages(served: Served, scratch: Path) -> None:
    """Have coverage run once, and tell curl to read the pages that it read."""
    served.measure(programs(served, 0, scratch)["coverage"], scratch)
    lines = [f'url = "{served.url}{target}"\noutput = "{os.devnull}"' for target in served.asked()]
    (scratch / "curl").write_text("\n".join(lines))


def table(rows: dict[str, list[Run]]) -> str:
    """The medians, and each program's time as a multiple of curl's and of kubectl's."""
    walls = {name: statistics.median(run.wall for run in runs) for name, runs in rows.items()}
    curl = next((wall for name, wall in walls.items() if name.startswith("curl")), None)
    lines = [f"{'':34} {'wall s':>8} {'x curl':>7} {'requests':>9} {'MB read':>8} {'peak MiB':>9}"]
    for name, runs in rows.items():
        times = f"{walls[name] / curl:7.2f}" if curl else f"{'-':>7}"
        peak = max(run.peak for run in runs) / 2**20
        read = runs[0].read / 1e6
        lines.append(
            f"{name:34} {walls[name]:8.2f} {times} {runs[0].requests:9} {read:8.1f} {peak:9.0f}"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nodes", nargs="*", type=int, default=[500, 5000])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--fleets", type=Path, default=Path(tempfile.gettempdir()) / "fleets")
    options = parser.parse_args()
    for nodes in options.nodes:
        directory = options.fleets / f"{nodes}-{DAEMON_SETS}"
        if not (directory / "index.json").exists():
            fleet.write(directory, nodes, DAEMON_SETS)
        served = Served(directory)
        with tempfile.TemporaryDirectory() as home:
            scratch = Path(home)
            note_pages(served, scratch)
            rows: dict[str, list[Run]] = {}
            for _ in range(options.runs):
                for name, command in programs(served, nodes, scratch).items():
                    rows.setdefault(name, []).append(served.measure(command, scratch))
        served.stop()
        print(f"\n{nodes} nodes x {DAEMON_SETS} DaemonSets\n{table(rows)}")


if __name__ == "__main__":
    main()
