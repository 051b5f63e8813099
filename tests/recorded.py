"""The recorded clusters as values."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.verdict import Explanation
from kubectl_ds.read.files import load

RECORDED = Path(__file__).parent / "data" / "recorded"
NAMES = sorted(path.stem for path in RECORDED.glob("*.json") if not path.stem.endswith(".expected"))


@cache
def cluster(name: str) -> Cluster:
    """What was recorded under that name."""
    return load([str(RECORDED / f"{name}.json")], io.BytesIO()).cluster


def explained(name: str, daemon_set: str = "") -> Explanation:
    """The answer on one of its DaemonSets; without a name, on the only one."""
    found = [x for x in cluster(name).daemon_sets if daemon_set in ("", x.name)]
    assert len(found) == 1
    return explain(cluster(name), found[0])
