"""The judge's answer on one DaemonSet, as values.

What leaves the program in JSON is made of these; see ``draw/document.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from kubectl_ds.core.facts import Blocker, Facts, NodeHealthFacts
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSet, DaemonSetStatus, Unread
from kubectl_ds.core.placement import Check
from kubectl_ds.core.reasons import Reason, Source, State


class PodView(Value, frozen=True):
    """One pod of the DaemonSet on a node."""

    name: str
    phase: str
    ready: bool
    available: bool
    updated: bool
    revision: str
    terminating: bool
    bound: bool


class Outcome(Value, frozen=True):
    """What is there on a node, and why; several nodes may share one.

    Attributes:
        state: what is there.
        desired: whether the controller wants a pod there.
        keeps: whether the controller keeps a pod that is there.
        reasons: why, the deciding one first.
    """

    state: State
    desired: bool
    keeps: bool
    reasons: tuple[Reason, ...]


class NodeVerdict(Outcome, frozen=True):
    """The outcome on one node, and what led to it.

    Attributes:
        node: the node's name; pods may name a node that no longer exists.
        health: the node's Ready condition and the taints that go with it.
        pods: the DaemonSet's pods for the node, the one that Kubernetes counts first.
        checks: every rule that was put to the node.
    """

    node: str
    health: NodeHealthFacts
    pods: tuple[PodView, ...] = ()
    checks: tuple[Check, ...] = ()


class Summary(Value, frozen=True):
    """The status numbers, counted anew from nodes and pods; all are numbers of nodes."""

    nodes: int = 0
    desired: int = 0
    current: int = 0
    ready: int = 0
    available: int = 0
    updated: int = 0
    misscheduled: int = 0


class Rollout(Value, frozen=True):
    """How far the current revision has got; limits and counts are numbers of nodes."""

    strategy: str
    revision: str
    updated: int
    max_unavailable: int
    unavailable: int
    max_surge: int
    surging: int
    blockers: tuple[Blocker, ...]
    complete: bool


class Finding(Value, frozen=True):
    """Something that concerns the DaemonSet as a whole."""

    code: str
    facts: Facts


class Explanation(Value, frozen=True):
    """The whole answer on one DaemonSet.

    Attributes:
        daemon_set: the object it is about.
        now: the time at which it was judged.
        summary: the numbers counted anew.
        status_behind: fields of the reported status that differ from them.
        rollout: how far the current revision has got.
        findings: what concerns the DaemonSet as a whole.
        not_checked: what could not be read, or is not modelled.
        states: how many nodes are in each state, of all nodes.
        nodes: one verdict for each node, by name; fewer where the user asked for some alone.
    """

    daemon_set: DaemonSet
    now: datetime
    summary: Summary
    status_behind: tuple[str, ...]
    rollout: Rollout
    findings: tuple[Finding, ...]
    not_checked: tuple[Unread, ...]
    states: Mapping[State, int]
    nodes: tuple[NodeVerdict, ...]

    @property
    def status(self) -> DaemonSetStatus:
        """The status as the cluster reports it."""
        return self.daemon_set.status

    def is_unread(self, kind: str) -> bool:
        """Whether nothing is known of a kind, by its plural name."""
        return any(item.what == kind for item in self.not_checked)


def is_gap(state: State, strategy: str) -> bool:
    """Whether the DaemonSet fails to deliver on a node in that state.

    An older pod is no gap under strategy OnDelete, where it stays on purpose.
    """
    if state is State.OUTDATED:
        return strategy != "OnDelete"
    return state not in (State.AVAILABLE, State.EXCLUDED)


def gaps(explanation: Explanation) -> list[NodeVerdict]:
    """The nodes on which the DaemonSet fails to deliver."""
    strategy = explanation.rollout.strategy
    return [verdict for verdict in explanation.nodes if is_gap(verdict.state, strategy)]


def tells_gaps(not_checked: Iterable[Unread], outcomes: Iterable[Outcome]) -> bool:
    """Whether enough was read to speak of gaps at all.

    Without any node nothing can be told. Without any pod, that one is missing is known only where
    Kubernetes reported that it refused one.
    """
    unread = {item.what for item in not_checked}
    if "nodes" in unread:
        return False
    missing = [item.reasons[0].source for item in outcomes if item.state is State.MISSING]
    return "pods" not in unread or not missing or Source.REPORTED in missing
