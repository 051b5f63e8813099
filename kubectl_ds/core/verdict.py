"""The judge's answer on one DaemonSet, as values.

What leaves the program in JSON is made of these; see ``draw/document.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec.structs import replace

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
    """How far the current revision has got; limits and counts are numbers of nodes.

    Attributes:
        strategy: RollingUpdate or OnDelete.
        revision: hash of the current revision; empty where it is not known.
        updated: the nodes whose first pod is of that revision.
        max_unavailable: the limit, a percentage resolved; 0 where the other one is in force.
        unavailable: the nodes that count against it.
        max_surge: the same for a strategy that surges.
        surging: the nodes that count against that.
        blockers: the nodes that count against the limit in force.
        complete: whether every wanted pod is current and available.
        outdated: the nodes with an older pod that a rolling update is to replace or remove.
        candidates: the nodes with an available older pod, to be replaced as room permits.
        can_replace_now: how many of these the controller replaces next.
        replaced_anyway: the nodes whose older pod is not available: replaced without regard to
            the limit.
        since: when the rollout last made a step: the current revision, or a pod of it, was
            created, or an older pod deleted; None where that can't be told.
        stuck: whether it has made none for ten minutes, and none is to come by itself.
    """

    strategy: str
    revision: str
    updated: int
    max_unavailable: int
    unavailable: int
    max_surge: int
    surging: int
    blockers: tuple[Blocker, ...]
    complete: bool
    outdated: int
    candidates: int
    can_replace_now: int
    replaced_anyway: tuple[str, ...]
    since: datetime | None
    stuck: bool


class Root(Value, frozen=True):
    """One cause, and all the nodes that it explains.

    Attributes:
        code: the deciding reason's code.
        facts: its evidence, of each node that has it itself; at least one.
        nodes: those nodes.
        held: the nodes that only wait for it, held by the rollout.
        others: for how many other causes these wait, too.
        states: how many of all these nodes are in each state.
    """

    code: str
    facts: tuple[Facts, ...]
    nodes: tuple[str, ...]
    held: tuple[str, ...]
    others: int
    states: Mapping[State, int]

    @property
    def explained(self) -> int:
        """How many nodes it explains."""
        return len(self.nodes) + len(self.held)


class Finding(Value, frozen=True):
    """Something that concerns a DaemonSet as a whole; a shared cause comes with its nodes.

    What concerns several DaemonSets has their cluster, where that is one of several.
    """

    code: str
    facts: Facts
    root: Root | None = None
    cluster: str = ""


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
        cluster: the cluster that it is in; empty where no other one was asked for.
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
    cluster: str = ""

    @property
    def status(self) -> DaemonSetStatus:
        """The status as the cluster reports it."""
        return self.daemon_set.status

    def is_unread(self, kind: str) -> bool:
        """Whether nothing is known of a kind, by its plural name."""
        return any(item.what == kind for item in self.not_checked)


def within(explanation: Explanation, cluster: str) -> Explanation:
    """The same with the name of its cluster, which is one of several."""
    unread = tuple(replace(item, cluster=cluster) for item in explanation.not_checked)
    return replace(explanation, cluster=cluster, not_checked=unread)


def by_cluster(explanations: Iterable[Explanation]) -> dict[str, list[Explanation]]:
    """The answers by the name of their cluster, in their order."""
    found: dict[str, list[Explanation]] = {}
    for explanation in explanations:
        found.setdefault(explanation.cluster, []).append(explanation)
    return found


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
    states = {state for state in explanation.states if is_gap(state, strategy)}
    return [verdict for verdict in explanation.nodes if verdict.state in states] if states else []


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
