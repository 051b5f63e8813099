"""The synthetic fleet of the benchmarks is one that makes sense, and is served as it should be."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kubectl_ds.__main__ import main

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
NODES, DAEMON_SETS = 24, 12


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("fleet")
    write = f"import fleet, pathlib; fleet.write(pathlib.Path({str(directory)!r}), {NODES}, 12)"
    subprocess.run([sys.executable, "-c", write], cwd=BENCHMARKS, check=True)
    command = [sys.executable, str(BENCHMARKS / "serve.py"), str(directory)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
        server.terminate()


def coverage(url: str, capsys: pytest.CaptureFixture[str], *flags: str) -> Any:
    assert main(["coverage", "-A", "-s", url, "-o", "json", *flags]) == 0
    return json.loads(capsys.readouterr().out)


def test_its_pods_are_as_its_statuses_say(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "-A", "--all", "-s", url, "-o", "json"]) == 0
    items = json.loads(capsys.readouterr().out)["items"]
    assert len(items) == DAEMON_SETS
    assert [item["statusBehind"] for item in items] == [[]] * DAEMON_SETS


def test_it_has_what_a_fleet_has(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    report = coverage(url, capsys)
    assert report["nodes"] == NODES
    states = {state for row in report["daemonSets"] for state in row["states"]}
    assert states == {"Available", "Unready", "Outdated", "Excluded"}


def test_fast_gives_the_same_numbers(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    fast, whole = coverage(url, capsys, "--fast"), coverage(url, capsys)
    trusted = [row.pop("verified") for row in fast["daemonSets"]].count(False)
    assert trusted > DAEMON_SETS // 3
    assert all(row.pop("verified") for row in whole["daemonSets"])
    assert fast == whole
