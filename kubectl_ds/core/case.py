"""All that the verdicts on one DaemonSet share, worked out once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from kubectl_ds.core.admission import newest_refusal
from kubectl_ds.core.availability import is_available
from kubectl_ds.core.meta import Value, condition
from kubectl_ds.core.missing import halted, refused
from kubectl_ds.core.model import Cluster, DaemonSet, Namespace, Node, Unread
from kubectl_ds.core.ownership import Owned, owned_pods
from kubectl_ds.core.placement import Placement, place, rules_of
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.quota import QuotaCheck, UnknownScope, check_quota
from kubectl_ds.core.reasons import Reason
from kubectl_ds.core.resources import pod_resources
from kubectl_ds.core.revision import Revision, current_revision, runs
from kubectl_ds.core.rollout import allows_surge


class Case(Value, frozen=True):
    """One DaemonSet and what surrounds it.

    Attributes:
        daemon_set: the DaemonSet.
        now: the time to judge at.
        nodes: every node by name.
        placements: the controller's decision on each of them.
        owned: the DaemonSet's pods.
        revision: the current revision.
        namespace_selector: whether the namespace has a node selector that counts (OpenShift).
        surge: whether a new pod may run beside the old one.
        halted: what keeps the controller from acting at all.
        refusals: what refuses the DaemonSet's pods.
        schedulers: names of schedulers of which there is a trace.
        unread: what could not be read or taken into account.
    """

    daemon_set: DaemonSet
    now: datetime
    namespace: Namespace | None
    nodes: Mapping[str, Node]
    placements: Mapping[str, Placement]
    owned: Owned
    revision: Revision
    namespace_selector: bool
    surge: bool
    halted: tuple[Reason, ...]
    refusals: tuple[Reason, ...]
    schedulers: frozenset[str]
    unread: tuple[Unread, ...]

    def knows(self, kind: str) -> bool:
        """Whether a kind was read, by its plural name."""
        return all(item.what != kind for item in self.unread)

    def updated(self, pod: Pod) -> bool:
        """Whether a pod is of the current revision."""
        return runs(self.revision, pod)

    def available(self, pod: Pod) -> bool:
        """Whether a pod is available."""
        return is_available(pod, self.daemon_set.spec.min_ready_seconds, self.now)


def build(cluster: Cluster, daemon_set: DaemonSet) -> Case:
    """Work out what all verdicts on the DaemonSet share."""
    namespace = _namespace(cluster, daemon_set)
    rules = rules_of(daemon_set.template, namespace)
    checks, unread = _quota_checks(cluster, daemon_set)
    refusal = newest_refusal(daemon_set, cluster.events)
    return Case(
        daemon_set=daemon_set,
        now=cluster.now,
        namespace=namespace,
        nodes={node.name: node for node in cluster.nodes},
        placements={node.name: place(rules, node) for node in cluster.nodes},
        owned=owned_pods(daemon_set, cluster.pods),
        revision=current_revision(daemon_set, cluster.revisions),
        namespace_selector=rules.namespace_selector is not None,
        surge=allows_surge(daemon_set),
        halted=tuple(halted(daemon_set, namespace)),
        refusals=tuple(refused(refusal, checks)),
        schedulers=frozenset(_schedulers(cluster)),
        unread=(*cluster.unread, *unread),
    )


def _namespace(cluster: Cluster, daemon_set: DaemonSet) -> Namespace | None:
    names = (item for item in cluster.namespaces if item.metadata.name == daemon_set.namespace)
    return next(names, None)


def _quota_checks(
    cluster: Cluster, daemon_set: DaemonSet
) -> tuple[list[QuotaCheck], tuple[Unread, ...]]:
    quotas = [item for item in cluster.quotas if item.metadata.namespace == daemon_set.namespace]
    if not quotas:
        return [], ()
    ranges = (x for x in cluster.limit_ranges if x.metadata.namespace == daemon_set.namespace)
    spec = daemon_set.template.spec
    resources = pod_resources(spec, ranges)
    checks, unread = [], []
    for quota in quotas:
        try:
            checks.append(check_quota(quota, spec, resources))
        except UnknownScope as error:
            unread.append(Unread(what=f"ResourceQuota {quota.metadata.name}", why=str(error)))
    return [check for check in checks if check], tuple(unread)


def _schedulers(cluster: Cluster) -> Iterable[str]:
    """Those that left a trace, and those for whose traces we may not look."""
    yield from (item.what.removeprefix("scheduler ") for item in cluster.unread)
    for event in cluster.events:
        yield from (event.reporting_component, event.source.component)
    for pod in cluster.pods:
        if condition(pod.status.conditions, "PodScheduled"):
            yield pod.spec.scheduler_name
