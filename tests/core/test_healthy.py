"""A healthy cluster yields nothing: no gap, no finding, no word on a rollout; and soon."""

from __future__ import annotations

from time import process_time

import pytest

from kubectl_ds.core.crowds import gathered
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Cluster, DaemonSet, Node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import State
from kubectl_ds.core.roots import shared_nodes
from kubectl_ds.core.verdict import gaps
from kubectl_ds.words.course import rollout_text
from tests.core.make import OLD_HASH, cluster, daemon_set, node, pod, revision, rolling_update

MANY = 5000
DOWN = 100
NOT_READY = (
    "node.kubernetes.io/not-ready:NoSchedule",
    "node.kubernetes.io/not-ready:NoExecute",
)
CONTAINED = Condition(type="ContainersReady", status="True")


def healthy(given: DaemonSet, down: int = 0, crowded: bool = False) -> Cluster:
    """Every node ready with its pod, but for some that are not ready and have none."""
    up = [node(f"n{place}") for place in range(MANY - down)]
    off = [node(f"off{place}", ready="False", taints=NOT_READY) for place in range(down)]
    pods = [pod(f"agent-{x.name}", x.name, conditions=(CONTAINED,)) for x in up]
    revisions = revision(1, OLD_HASH), revision(2)
    if not crowded:
        return cluster([given], [*up, *off], pods, revisions=revisions)
    crowds, others = gathered(pods)
    assert not others
    return cluster([given], [*up, *off], crowds=crowds, revisions=revisions)


CLUSTERS = [
    pytest.param(daemon_set(), 0, False, id="all ready"),
    pytest.param(daemon_set(), 0, True, id="all ready, gathered as crowds"),
    pytest.param(daemon_set(), DOWN, False, id="some nodes not ready"),
    pytest.param(daemon_set(strategy=rolling_update(0, "10%")), DOWN, False, id="with a surge"),
]


@pytest.mark.parametrize(("given", "down", "crowded"), CLUSTERS)
def test_a_healthy_cluster_yields_nothing(given: DaemonSet, down: int, crowded: bool) -> None:
    whole = healthy(given, down, crowded)
    began = process_time()
    found = explain(whole, given)
    took = process_time() - began
    assert gaps(found) == []
    assert found.findings == ()
    assert rollout_text(found) == ""
    assert (found.rollout.complete, found.rollout.stuck) == (True, False)
    expected = {State.AVAILABLE: MANY - down, State.EXCLUDED: down}
    assert found.states == {state: number for state, number in expected.items() if number}
    assert found.summary.desired == MANY - down
    assert shared_nodes([found, found]) == ()
    assert took < 2


def test_one_sick_node_among_the_healthy_is_all_that_is_told() -> None:
    """A helper that says nothing of anything would pass the test above."""
    given = daemon_set()
    whole: Cluster = healthy(given)
    sick: Node = node("sick")
    found = explain(cluster([given], [*whole.nodes, sick], [*whole.pods, _unready(sick)]), given)
    assert [verdict.node for verdict in gaps(found)] == ["sick"]


def _unready(on: Node) -> Pod:
    return pod("agent-sick", on.name, ready=False)
