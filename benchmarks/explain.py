"""Measure ``kubectl ds explain`` on a fleet with one DaemonSet, beside curl and kubectl.

Usage: python benchmarks/explain.py [--runs N] [--fleets DIRECTORY] [NODES...]

The fleets, by default of 500 and 5,000 nodes with a pod on each, whole and with a few gaps, are
written once to a directory and served over loopback HTTP by a process of its own, page by page,
from memory. Each program runs several times, in turns, the sizes too; of each the medians of wall
and CPU time and the highest peak of memory are shown, and last whether the goals are met, by wall
time and by CPU time. curl reads, in one process, what ``explain`` reads of the whole fleet.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import one_set
from measure import TOOL, Run, Served, curl, ended, measured, started

GAPS = one_set.Gaps(pending=20, missing=5, crashing=10)

EXPLAIN = "explain"
WITH_GAPS = "explain, with gaps"
CURL = "curl, the same lists"
JSON = "kubectl get nodes,pods -A -o json"
TABLES = "kubectl get nodes; get pods -o wide"
FIRST = "explain, to the first request"
IMPORTS = "import click, kubernetes, msgspec"
NOTHING = "python -c pass"

Rows = dict[str, list[Run]]


class Goal(NamedTuple):
    """A goal by its words, how far it is reached, and the highest number that reaches it."""

    words: str
    reached: list[float]
    limit: float


def written(fleets: Path, nodes: int, gaps: one_set.Gaps) -> Path:
    """The directory of a fleet, written unless it is there already."""
    directory = fleets / f"{nodes}-one-{'-'.join(map(str, gaps))}"
    if not (directory / "index.json").exists():
        one_set.write(directory, nodes, gaps)
    return directory


class Fleets:
    """The fleets of one size, served, and the programs that read them."""

    def __init__(self, directory: Path, nodes: int, scratch: Path) -> None:
        self._whole = Served(written(directory, nodes, one_set.Gaps()))
        self._gaps = Served(written(directory, nodes, GAPS))
        self._scratch = scratch / str(nodes)
        self._scratch.mkdir()
        self._whole.measure(explain(self._whole.url), self._scratch)
        self._curl = curl(self._whole, self._whole.asked(), self._scratch)

    def runs(self) -> Iterator[tuple[str, Run]]:
        """Each program once."""
        for name, command in self._programs():
            yield name, self._whole.measure(command, self._scratch)
        yield WITH_GAPS, self._gaps.measure(explain(self._gaps.url), self._scratch)

    def _programs(self) -> Iterator[tuple[str, list[str]]]:
        yield EXPLAIN, explain(self._whole.url)
        if self._curl:
            yield CURL, self._curl
        if shutil.which("kubectl"):
            get = f"kubectl -s {self._whole.url} get"
            yield JSON, [*get.split(), "nodes,pods", "-A", "-o", "json"]
            yield TABLES, ["sh", "-c", f"{get} nodes && {get} pods -n {one_set.NAMESPACE} -o wide"]


def explain(url: str) -> list[str]:
    return [TOOL, "explain", one_set.NAME, "-n", one_set.NAMESPACE, "-s", url]


def start_up(scratch: Path) -> Iterator[tuple[str, Run]]:
    """What takes its time whatever the cluster's size."""
    yield NOTHING, measured([sys.executable, "-c", "pass"], scratch)
    if find_spec("kubernetes"):
        yield IMPORTS, measured([sys.executable, "-c", IMPORTS], scratch)
    yield FIRST, to_the_first_request(scratch)


def to_the_first_request(scratch: Path) -> Run:
    """Run explain until the first byte of a request arrives, and no further."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        began = time.perf_counter()
        process = started(explain(f"http://127.0.0.1:{server.getsockname()[1]}"), scratch)
        with server.accept()[0] as connection:
            connection.recv(1)
            wall = time.perf_counter() - began
            process.kill()
    return ended(process, wall)


def collected(sizes: list[int], directory: Path, runs: int) -> dict[int, Rows]:
    """All runs by size, those that have none under 0, by name."""
    found: dict[int, Rows] = {0: {}}
    with tempfile.TemporaryDirectory() as home:
        scratch = Path(home)
        fleets = {nodes: Fleets(directory, nodes, scratch) for nodes in sizes}
        for _ in range(runs):
            for name, run in start_up(scratch):
                found[0].setdefault(name, []).append(run)
            for nodes, fleet in fleets.items():
                for name, run in fleet.runs():
                    found.setdefault(nodes, {}).setdefault(name, []).append(run)
    return found


def median(runs: list[Run]) -> Run:
    """Medians of the times, the highest peak."""
    wall = statistics.median(run.wall for run in runs)
    cpu = statistics.median(run.cpu for run in runs)
    return runs[0]._replace(wall=wall, cpu=cpu, peak=max(run.peak for run in runs))


def table(rows: Rows) -> str:
    columns = ("wall s", "cpu s", "peak MiB", "requests", "MB read")
    lines = [f"{'':36}" + "".join(f"{column:>10}" for column in columns)]
    for name, runs in rows.items():
        run = median(runs)
        times = f"{run.wall:10.3f}{run.cpu:10.3f}{run.peak / 2**20:10.0f}"
        lines.append(f"{name:36}{times}{run.requests:10}{run.read / 1e6:10.1f}")
    return "\n".join(lines)


def goals(found: Mapping[int, Rows]) -> Iterator[Goal]:
    """The goals for the largest fleet, as far as there is what they compare with."""
    sizes = sorted(found)
    rows = {name: median(runs) for name, runs in found[sizes[-1]].items()}
    alone = {name: median(runs) for name, runs in found[0].items()}
    small = median(found[sizes[1]][EXPLAIN])
    explained, nothing = times(rows[EXPLAIN]), times(alone[NOTHING])
    if JSON in rows:
        yield Goal("explain, of kubectl's JSON", over(explained, times(rows[JSON])), 0.12)
        yield Goal("explain, of kubectl's tables", over(explained, times(rows[TABLES])), 0.5)
    if CURL in rows and IMPORTS in alone:
        base = [2.5 * x + y for x, y in zip(times(rows[CURL]), times(alone[IMPORTS]), strict=True)]
        yield Goal("explain, of 2.5 curl + imports", over(explained, base), 1)
    yield Goal(f"explain, of {sizes[1]} nodes", over(explained, times(small)), 11)
    yield Goal("first request, of python -c pass", over(times(alone[FIRST]), nothing), 35)
    peak = max(rows[EXPLAIN].peak, rows[WITH_GAPS].peak) / 2**20
    yield Goal("peak MiB, with gaps too", [peak], 150)


def times(run: Run) -> list[float]:
    return [run.wall, run.cpu]


def over(these: list[float], those: list[float]) -> list[float]:
    return [this / that for this, that in zip(these, those, strict=True)]


def verdicts(found: Mapping[int, Rows]) -> str:
    """For each goal, by wall time and by CPU time, the number reached and whether it is met."""
    lines = [f"{'goal':36}{'at most':>10}{'by wall':>16}{'by cpu':>16}"]
    for words, reached, limit in goals(found):
        cells = [f"{x:.3g} {'met' if x <= limit else 'not met'}" for x in reached]
        lines.append(f"{words:36}{limit:10}" + "".join(f"{cell:>16}" for cell in cells))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("nodes", nargs="*", type=int, default=[500, 5000])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--fleets", type=Path, default=Path(tempfile.gettempdir()) / "fleets")
    options = parser.parse_args()
    found = collected(options.nodes, options.fleets, options.runs)
    for nodes, rows in found.items():
        print(f"\n{f'{nodes} nodes' if nodes else 'start-up'}\n{table(rows)}")
    print(f"\n{verdicts(found)}")


if __name__ == "__main__":
    main()
