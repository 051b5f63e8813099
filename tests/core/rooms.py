"""Pods that take up room on node a, and one that waits for it, for tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import Condition, decoder
from kubectl_ds.core.model import Node
from kubectl_ds.core.pods import Pod, PodSpec
from kubectl_ds.core.scheduling.target import Target, target_of
from tests.core.make import cluster, node, pod


def spec(requests: Mapping[str, str] | None = None, target: str = "a", **more: Any) -> PodSpec:
    """A pod's spec with one container; ``more`` are fields of it as the API names them."""
    document = {
        "containers": [{"name": "c", "resources": {"requests": requests}}],
        "affinity": {
            "nodeAffinity": {
                "requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [
                        {
                            "matchFields": [
                                {"key": "metadata.name", "operator": "In", "values": [target]}
                            ]
                        }
                    ]
                }
            }
        },
        **more,
    }
    made: PodSpec = decoder(PodSpec).decode(msgspec.json.encode(document))
    return made


def waiting(
    requests: Mapping[str, str] | None = None,
    *,
    says: str | None = None,
    target: str = "a",
    nominated: str = "",
    **more: Any,
) -> Pod:
    """The DaemonSet's pod for a node; ``says`` is what the scheduler says of that node."""
    text = f"0/1 nodes are available: 1 {says}." if says else ""
    state = Condition(type="PodScheduled", status="False", reason="Unschedulable", message=text)
    return pod(
        f"agent-{target}",
        bound=False,
        spec=spec(requests, target, **more),
        conditions=() if says is None else (state,),
        nominated_node_name=nominated,
    )


def there(
    name: str, requests: Mapping[str, str] | None = None, target: str = "a", **more: Any
) -> Pod:
    """Another owner's pod, bound to a node; ``phase``, ``deleting`` and ``conditions`` as usual."""
    given = {key: more.pop(key) for key in ("phase", "deleting", "conditions") if key in more}
    bound = spec(requests, target, nodeName=target, **more)
    return pod(name, spec=bound, owner=None, labels={}, namespace="default", **given)


def target(given: Pod, others: Iterable[Pod] = (), on: Node | None = None, **more: Any) -> Target:
    """What the filters see of node a; ``more`` are fields of the cluster."""
    where = on or node()
    return target_of(given, where, Fleet(cluster((), [where], [given, *others], **more)))
