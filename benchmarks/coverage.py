"""Measure ``kubectl ds coverage`` on synthetic fleets, beside curl and kubectl, in one run.

Usage: python benchmarks/coverage.py [--runs N] [--fleets DIRECTORY] [NODES...]

The fleets, by default of 500 and 5,000 nodes with 30 DaemonSets, are written once to a directory
and served over loopback HTTP by a process of its own, page by page, from memory. Each program
runs several times, in turns; of each the median wall time is shown, with the requests that it
made, the bytes that it read and its peak memory. curl reads the pages that coverage reads.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import fleet
from measure import TOOL, Run, Served, curl

DAEMON_SETS = 30
KUBECTL_UP_TO = 1000  # nodes: beyond, kubectl's JSON does not fit into memory


def programs(served: Served, nodes: int, pages: list[str]) -> dict[str, list[str]]:
    """What to run, by name; ``pages`` is the curl that reads what coverage reads."""
    tool = [TOOL, "coverage", "-A", "-s", served.url]
    found = {"curl, the same pages": pages} if pages else {}
    found |= {"coverage": tool, "coverage --fast": [*tool, "--fast"]}
    if shutil.which("kubectl") and nodes <= KUBECTL_UP_TO:
        get = ["kubectl", "-s", served.url, "get", "nodes,pods", "-A", "-o", "json"]
        found["kubectl get nodes,pods -A -o json"] = get
    return found


def the_same_pages(served: Served, scratch: Path) -> list[str]:
    """Have coverage run once, and make a curl that reads what it read."""
    served.measure(programs(served, 0, [])["coverage"], scratch)
    return curl(served, served.asked(), scratch)


def table(rows: dict[str, list[Run]]) -> str:
    """The medians, and each program's time as a multiple of curl's and of kubectl's."""
    walls = {name: statistics.median(run.wall for run in runs) for name, runs in rows.items()}
    base = next((wall for name, wall in walls.items() if name.startswith("curl")), None)
    lines = [f"{'':34} {'wall s':>8} {'x curl':>7} {'requests':>9} {'MB read':>8} {'peak MiB':>9}"]
    for name, runs in rows.items():
        times = f"{walls[name] / base:7.2f}" if base else f"{'-':>7}"
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
            pages = the_same_pages(served, scratch)
            rows: dict[str, list[Run]] = {}
            for _ in range(options.runs):
                for name, command in programs(served, nodes, pages).items():
                    rows.setdefault(name, []).append(served.measure(command, scratch))
        served.stop()
        print(f"\n{nodes} nodes x {DAEMON_SETS} DaemonSets\n{table(rows)}")


if __name__ == "__main__":
    main()
