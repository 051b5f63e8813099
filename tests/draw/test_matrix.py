"""The matrix where the groups of nodes are many."""

from __future__ import annotations

from kubectl_ds.core.cover import survey
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Alike, report
from kubectl_ds.draw.matrix import matrix
from kubectl_ds.draw.text import ENDLESS
from kubectl_ds.draw.theme import plain
from tests.core import make

CLUSTER = make.cluster([make.daemon_set()], [make.node()], [make.pod()])
REPORT = report(make.NOW, CLUSTER.nodes, [survey(Fleet(CLUSTER), CLUSTER.daemon_sets[0])])
ROWS = [Alike(nodes=(f"node-{number}",), states=(State.AVAILABLE,)) for number in range(50)]


def test_on_a_screen_the_rest_is_counted() -> None:
    text = matrix(REPORT, ROWS, 80, plain)
    assert text.count("✓A") == 40 + 1  # and one in the legend
    assert "… and 10 more groups of 10 nodes; -o wide has them" in text


def test_wide_leaves_none_out() -> None:
    text = matrix(REPORT, ROWS, ENDLESS, plain)
    assert text.count("✓A") == 50 + 1
    assert "…" not in text
