"""All that the verdicts on one DaemonSet share, worked out once."""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import datetime

import msgspec

from kubectl_ds.core.creation.missing import halted
from kubectl_ds.core.creation.predicted import predict
from kubectl_ds.core.creation.refusal import newest_refusal
from kubectl_ds.core.creation.refused import refused
from kubectl_ds.core.crowds import Settled, settled
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSet, Namespace, Node, Unread
from kubectl_ds.core.ownership import Owned
from kubectl_ds.core.placement import Placement, rules_of
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.reasons import Reason
from kubectl_ds.core.rollout.budget import allows_surge
from kubectl_ds.core.rollout.revision import Revision, current_revision, runs
from kubectl_ds.core.running.availability import is_available


class Case(Value, frozen=True):
    """One DaemonSet and what surrounds it.

    Attributes:
        daemon_set: the DaemonSet.
        now: the time to judge at.
        namespace: its namespace, if it was read.
        nodes: every node by name.
        placements: the controller's decision on each of them.
        wanted: the nodes on which a pod is wanted.
        owned: the DaemonSet's pods, but for those in ``up``.
        up: the nodes that are settled by a pod in a crowd.
        settled: nodes of which no more is to be said than that they are covered: a pod is wanted
            there, and exactly one is there, on a ready node, current and available.
        revision: the current revision.
        namespace_selector: whether the namespace has a node selector that counts (OpenShift).
        surge: whether a new pod may run beside the old one.
        halted: what keeps the controller from acting at all.
        refusals: what refuses the DaemonSet's pods.
        schedulers: names of schedulers of which there is a trace.
        unread: what could not be read or taken into account.
        fleet: the cluster around it.
    """

    daemon_set: DaemonSet
    now: datetime
    namespace: Namespace | None
    nodes: Mapping[str, Node]
    placements: Mapping[str, Placement]
    wanted: frozenset[str]
    owned: Owned
    up: Settled
    settled: frozenset[str]
    revision: Revision
    namespace_selector: bool
    surge: bool
    halted: tuple[Reason, ...]
    refusals: tuple[Reason, ...]
    schedulers: frozenset[str]
    unread: tuple[Unread, ...]
    fleet: Fleet

    def knows(self, kind: str) -> bool:
        """Whether a kind was read, by its plural name."""
        return all(item.what != kind for item in self.unread)

    @property
    def present(self) -> set[str]:
        """The names of all pods that are there, of any owner."""
        cluster = self.fleet.cluster
        up = (member.name for crowd in cluster.crowds for member in crowd.members)
        return {*(pod.name for pod in cluster.pods), *up}

    def updated(self, pod: Pod) -> bool:
        """Whether a pod is of the current revision."""
        return runs(self.revision, pod)

    def available(self, pod: Pod) -> bool:
        """Whether a pod is available."""
        return is_available(pod, self.daemon_set.spec.min_ready_seconds, self.now)


def build(fleet: Fleet, daemon_set: DaemonSet) -> Case:
    """Work out what all verdicts on the DaemonSet share.

    Args:
        fleet: the cluster.
        daemon_set: one of its DaemonSets.
    """
    cluster = fleet.cluster
    namespace = fleet.namespaces.get(daemon_set.namespace)
    rules = rules_of(daemon_set.template, namespace)
    placements = fleet.placements(rules)
    revision = current_revision(daemon_set, cluster.revisions)
    wanted = frozenset(name for name, placement in placements.items() if placement.should_run)
    up = _up(fleet, daemon_set, wanted, revision)
    owned = _owned(fleet, daemon_set, up)
    missing = len(wanted.difference(owned.by_node, up.members))
    prediction = predict(cluster, daemon_set, namespace, max(missing, 1))
    refusal = newest_refusal(daemon_set, cluster.events)
    case = Case(
        daemon_set=daemon_set,
        now=cluster.now,
        namespace=namespace,
        nodes=fleet.nodes,
        placements=placements,
        wanted=wanted,
        owned=owned,
        up=up,
        settled=frozenset(up.members),
        revision=revision,
        namespace_selector=rules.namespace_selector is not None,
        surge=allows_surge(daemon_set),
        halted=tuple(halted(daemon_set, namespace)),
        refusals=tuple(refused(refusal, prediction)),
        schedulers=fleet.schedulers,
        unread=(*cluster.unread_of(daemon_set.namespace), *prediction.unread),
        fleet=fleet,
    )
    return msgspec.structs.replace(case, settled=case.settled | _settled(case))


def _settled(case: Case) -> Set[str]:
    """The settled nodes among those that are left, of which every pod is looked at."""
    return {name for name in case.fleet.ready - case.settled if _is_settled(case, name)}


def _is_settled(case: Case, name: str) -> bool:
    pods = case.owned.by_node.get(name, ())
    alone = len(pods) == 1 and pods[0].live and name in case.wanted
    return alone and case.updated(pods[0]) and case.available(pods[0])


def _up(fleet: Fleet, daemon_set: DaemonSet, wanted: Set[str], revision: Revision) -> Settled:
    """Of the nodes that want a pod those that are settled by one in a crowd."""
    others = fleet.owned(daemon_set).by_node
    return settled(
        fleet.crowds(daemon_set),
        (wanted & fleet.ready) - others.keys(),
        lambda pod: runs(revision, pod),
        lambda pod: is_available(pod, daemon_set.spec.min_ready_seconds, fleet.cluster.now),
    )


def _owned(fleet: Fleet, daemon_set: DaemonSet, up: Settled) -> Owned:
    crowded = (
        crowd.pod(member)
        for crowd in fleet.crowds(daemon_set)
        for member in crowd.members
        if member.node not in up.members
    )
    return fleet.owned(daemon_set, crowded)
