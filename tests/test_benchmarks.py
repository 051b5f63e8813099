"""The synthetic fleet of the benchmarks is one that makes sense, and is served as it should be."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from kubectl_ds.main import main

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
NODES, DAEMON_SETS = 24, 12


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("fleet")
    yield from served(directory, f"fleet.write(directory, {NODES}, {DAEMON_SETS})")


@pytest.fixture(scope="module")
def one_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    directory = tmp_path_factory.mktemp("one")
    yield from served(directory, f"one_set.write(directory, {NODES}, one_set.Gaps(3, 2, 1))")


def served(directory: Path, write: str) -> Iterator[str]:
    program = f"import fleet, one_set, pathlib; directory = pathlib.Path({str(directory)!r}); "
    subprocess.run([sys.executable, "-c", program + write], cwd=BENCHMARKS, check=True)
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


def test_one_set_has_the_gaps_that_it_is_given(
    one_set: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["explain", "agent-00", "-n", "kube-system", "-s", one_set, "-o", "json"]
    assert main(command) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["statusBehind"] == []
    codes = [node["reasons"][0]["code"] for node in answer["nodes"] if node["reasons"]]
    assert Counter(codes) == {"InsufficientCPU": 3, "QuotaExceeded": 2, "CrashLoopBackOff": 1}
    assert answer["states"]["Available"] == NODES - 6


@pytest.mark.parametrize("resource", ["nodes", "pods"])
def test_kubectl_gets_tables(one_set: str, resource: str) -> None:
    accept = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
    with urlopen(Request(f"{one_set}/api/v1/{resource}?limit=10", headers=accept)) as answer:
        page = json.load(answer)
    assert (page["kind"], len(page["rows"])) == ("Table", 10)
    assert {len(row["cells"]) for row in page["rows"]} == {len(page["columnDefinitions"])}
    assert page["metadata"]["continue"]


def test_the_soak_ends_with_the_answer_that_a_fresh_one_gives() -> None:
    command = [sys.executable, str(BENCHMARKS / "soak.py"), "--nodes", "12", "--changes", "200"]
    ended = subprocess.run(command, capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("the last answer is that of a fresh explain") == 2
    assert "| 200 |" in ended.stdout


def test_explain_is_measured(tmp_path: Path) -> None:
    """Without curl and kubectl: a test is not to depend on them."""
    command = [sys.executable, str(BENCHMARKS / "explain.py"), "40", "--runs", "1"]
    ended = subprocess.run(
        [*command, "--fleets", str(tmp_path)], env={"PATH": ""}, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    for row in ("explain ", "explain, with gaps", "explain, to the first request", "peak MiB"):
        assert f"\n{row}" in ended.stdout
