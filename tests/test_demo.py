"""The bundled example cluster: fifteen nodes, five DaemonSets, every state, and nothing private."""

from __future__ import annotations

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import kubectl_ds
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.not_modelled import NOT_MODELLED
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.read.files import load
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.words.overview import headline

DEMO = Path(kubectl_ds.__file__).parent / "demo" / "cluster.json"
# What agents of these kinds mount from a node, or where their image keeps its own files.
PATHS = {"/dev", "/etc", "/fluentd", "/host", "/proc", "/srv", "/usr", "/var"}
GAPS = {
    "gpu/dcgm-exporter": {
        "gpu-1": ("Unready", "CrashLoopBackOff"),
        "gpu-2": ("Failed", "Evicted"),
        "gpu-3": ("Misscheduled", "UntoleratedTaint"),
    },
    "kube-system/cilium": {"spot-2": ("Unready", "NodeUnreachable")},
    "logging/fluentd": {},
    "monitoring/node-exporter": {
        "gp-4": ("Unready", "ImagePullBackOff"),
        "spot-2": ("Terminating", "StuckTerminating"),
    },
    "security/falco": {
        "gp-1": ("Pending", "InsufficientMemory"),
        "spot-0": ("Missing", "QuotaExceeded"),
        "spot-1": ("Missing", "QuotaExceeded"),
    },
}
REGISTRY = "registry.example.com"
ADDRESS = re.compile(r"\b\d+\.\d+\.\d+\.\d+\b")
PRIVATE = re.compile(r"10\.(20\.0|244\.\d+)\.\d+")


@cache
def loaded() -> Loaded:
    return load([str(DEMO)], io.BytesIO())


def cluster() -> Cluster:
    return loaded().cluster


@cache
def explained() -> dict[str, Explanation]:
    return {
        f"{item.namespace}/{item.name}": explain(cluster(), item) for item in cluster().daemon_sets
    }


@cache
def objects() -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = json.loads(DEMO.read_text())["items"]
    return items


def test_it_is_a_fleet_of_fifteen_nodes_and_five_daemon_sets() -> None:
    pools = [re.sub(r"-?\d+$", "", node.name) for node in cluster().nodes]
    sizes = {pool: pools.count(pool) for pool in pools}
    assert sizes == {"cp": 1, "gp": 6, "gpu": 4, "spot": 3, "virtual-kubelet": 1}
    assert sorted(explained()) == sorted(GAPS)


def test_it_loads_without_a_warning_and_leaves_nothing_unread() -> None:
    assert loaded().warnings == ()
    assert cluster().unread == ()
    left = {item for answer in explained().values() for item in answer.not_checked}
    assert left == {NOT_MODELLED}  # a pod waits


def test_every_state_occurs() -> None:
    seen = {verdict.state for item in explained().values() for verdict in item.nodes}
    assert seen == set(State)


def test_fluentd_runs_on_all_it_wants() -> None:
    assert headline(explained()["logging/fluentd"]) == (
        "DaemonSet logging/fluentd: runs on 6 of 15 nodes, 9 excluded, no gap"
    )


@pytest.mark.parametrize("name", GAPS)
def test_each_gap_has_its_reason(name: str) -> None:
    usual = (State.AVAILABLE, State.EXCLUDED, State.OUTDATED)
    found = {
        verdict.node: (verdict.state.value, verdict.reasons[0].code)
        for verdict in explained()[name].nodes
        if verdict.state not in usual
    }
    assert found == GAPS[name]


def test_outdated_nodes_wait_for_the_budget_that_two_nodes_use_up() -> None:
    rollout = explained()["monitoring/node-exporter"].rollout
    assert [(item.node, item.state) for item in rollout.blockers] == [
        ("gp-4", "Unready"),
        ("spot-2", "Terminating"),
    ]
    assert rollout.max_unavailable == 2
    waiting = {
        reason.code
        for verdict in explained()["monitoring/node-exporter"].nodes
        for reason in verdict.reasons
        if verdict.state is State.OUTDATED
    }
    assert waiting == {"WaitingForBudget"}


@pytest.mark.parametrize("name", GAPS)
def test_numbers_counted_anew_are_those_that_kubernetes_reported(name: str) -> None:
    assert explained()[name].status_behind == ()
    assert explained()[name].summary.nodes == 15


def test_only_what_is_read_is_there_and_no_secret() -> None:
    kinds = {item["kind"] for item in objects()}
    assert kinds == {
        "ControllerRevision", "DaemonSet", "Event", "LimitRange",
        "Namespace", "Node", "Pod", "ResourceQuota", "PersistentVolume",
        "PersistentVolumeClaim", "PriorityClass", "RuntimeClass", "ServiceAccount", "StorageClass",
    }  # fmt: skip
    for word in (
        "secret",
        "token",
        "password",
        "BEGIN ",
        "kube-api-access",
        "managedFields",
        "openshift",
    ):
        assert word not in DEMO.read_text().replace("automountServiceAccountToken", "")


def test_nothing_tells_of_the_machine_it_was_recorded_on() -> None:
    text = DEMO.read_text()
    images = re.findall(r'"image": "([^"]*)"', text)
    assert {image.partition("/")[0] for image in images} == {REGISTRY}
    assert not re.search(r"localhost|127\.0\.0\.|/home/|/tmp/|https?://", text)
    assert set(re.findall(r"(?<![\w/])/[a-z]\w*", text)) == PATHS
    assert [found for found in ADDRESS.findall(text) if not PRIVATE.fullmatch(found)] == []
    instances = {item.get("reportingInstance") for item in objects() if item["kind"] == "Event"}
    nodes = {node.name for node in cluster().nodes}
    assert instances - nodes <= {"", None, "default-scheduler-cp-0"}
    sources = {item["source"].get("host") for item in objects() if item["kind"] == "Event"}
    assert sources - nodes <= {None}


def test_the_file_stays_small() -> None:
    assert DEMO.stat().st_size < 400_000
