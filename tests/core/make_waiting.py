"""Pods that wait for a node, and what takes up room there, in the API's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kubectl_ds.core.meta import Condition, decoder
from kubectl_ds.core.pods import Pod, PodSpec
from tests.core.make import pod


def spec(target: str, bound: bool = False, **fields: Any) -> PodSpec:
    """The spec of a daemon pod for a node, with fields as the API has them."""
    terms = [{"matchFields": [{"key": "metadata.name", "operator": "In", "values": [target]}]}]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    document = {"affinity": {"nodeAffinity": required}, "nodeName": target if bound else ""}
    made: PodSpec = decoder(PodSpec).decode(msgspec.json.encode({**document, **fields}))
    return made


def asking(requests: Mapping[str, str], **fields: Any) -> dict[str, Any]:
    """The containers of a spec: one that requests so much."""
    return {"containers": [{"name": "agent", "resources": {"requests": requests}, **fields}]}


def pending(target: str, message: str, reason: str = "Unschedulable", **fields: Any) -> Pod:
    """A daemon pod that the scheduler refused in these words."""
    told = Condition(type="PodScheduled", status="False", reason=reason, message=message)
    return pod(
        f"agent-{target}", target, bound=False, spec=spec(target, **fields), conditions=(told,)
    )


def unseen(target: str, **fields: Any) -> Pod:
    """A daemon pod that no scheduler has looked at."""
    return pod(f"agent-{target}", target, bound=False, spec=spec(target, **fields))


def stranger(
    name: str, target: str, requests: Mapping[str, str], priority: int = 0, **more: Any
) -> Pod:
    """Somebody else's pod on a node."""
    body = spec(target, bound=True, priority=priority, **asking(requests))
    return pod(name, target, owner=None, labels={"app": name}, namespace="shop", spec=body, **more)
