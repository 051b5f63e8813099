"""Evidence on why an older pod is still there."""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked, own
from kubectl_ds.core.meta import Value


class Blocker(Value, frozen=True):
    node: Annotated[str, asked("a node that uses up the rollout's budget")]
    state: Annotated[str, asked("that node's state")]
    code: Annotated[str | None, asked("its first reason; null where it has none")]


class BudgetFacts(Facts, frozen=True):
    limit: Annotated[int, asked("maxUnavailable or maxSurge, percentages resolved", "nodes")]
    used: Annotated[int, asked("how many nodes count against it", "nodes")]
    blockers: Annotated[
        tuple[Blocker, ...], asked("the first three of those nodes; rollout.blockers has all")
    ]
    stalled_by: Annotated[
        tuple[str, ...], asked("nodes that are gone and whose pods fail the rollout as a whole")
    ]
    pod: Annotated[str, own("the pod of the older revision")]


class OldPodFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod of the older revision")]
    revision: Annotated[str, own("its controller-revision-hash")]
    current_revision: Annotated[str, asked("the DaemonSet's, empty where unknown")]


class BlockedFacts(Facts, frozen=True):
    code: Annotated[str, asked("why pods can't be created elsewhere")]
    nodes: Annotated[int, asked("how many nodes lack any pod; 0 for new ones beside old", "nodes")]
    message: Annotated[str, asked("what the API server answered")]


class SurgeFacts(Facts, frozen=True):
    pod: Annotated[str, own("the new pod beside the old one")]
    code: Annotated[str, asked("why it is not bound or not ready, as a reason's code; or empty")]
    message: Annotated[str, own("the scheduler's or the kubelet's words, or empty")]
    evidence: Annotated[Facts | None, asked("the evidence of that code")] = None
    never: Annotated[
        bool, asked("whether the old pod itself is in the way, so that the new one never fits")
    ] = False


class NotReplaceableFacts(Facts, frozen=True):
    pod: Annotated[str, own("the pod that a rollout deletes")]
    due: Annotated[bool, asked("whether the pod is of an older revision, so that it goes now")]
