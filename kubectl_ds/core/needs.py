"""What else must be read to judge DaemonSets, once their own pods and the nodes are known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubectl_ds.core.case import Case, build
from kubectl_ds.core.creation.quota import scopes
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.fold import natural
from kubectl_ds.core.lacking import lacks, unsettled, waiting
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.ownership import target_node
from kubectl_ds.core.pods import Pod, PodSpec
from kubectl_ds.core.reasons import Source
from kubectl_ds.core.versions import by_version

OTHERS = "other pods on the nodes that pods wait for"  # where not all of them were read

# The refusals that a kind decides, of which another that was reported rules out the question.
REFUSALS = {
    "serviceaccounts": ("ServiceAccountMissing",),
    "priorityclasses": ("PriorityClassMissing", "PriorityConflict"),
}


class Needs(Value, frozen=True):
    """What the objects read so far leave open.

    Attributes:
        classes: what admission looks up for pods that are lacking: (kind, namespace), the kind by
            its field in `Cluster`.
        waiting: the pods that are not bound to their node: what is there already?
        troubled: the pods that are bound and not available, or not gone: what do events say?
        version: whether a rule counts that differs between versions of the server.
    """

    classes: tuple[tuple[str, str], ...]
    waiting: tuple[Pod, ...]
    troubled: tuple[Pod, ...]
    version: bool = False

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that pods wait for, in natural order."""
        targets = {target_node(pod.spec) for pod in self.waiting}
        return tuple(sorted((name for name in targets if name), key=natural))

    @property
    def claiming(self) -> tuple[str, ...]:
        """The namespaces in which a pod waits that has volume claims."""
        return tuple(sorted({x.metadata.namespace for x in self.waiting if has_claims(x.spec)}))


def needs(fleet: Fleet, daemon_sets: Iterable[DaemonSet]) -> Needs:
    """Look where a pod is missing, waits, or is in trouble.

    Args:
        fleet: the cluster as far as it was read: nodes, and the DaemonSets' own pods.
        daemon_sets: the DaemonSets that are asked about.
    """
    cases = [build(fleet, item) for item in daemon_sets]
    return Needs(
        classes=tuple(dict.fromkeys(each for case in cases for each in _classes(case))),
        waiting=tuple(pod for case in cases for pod in waiting(case)),
        troubled=tuple(pod for case in cases for pod in _troubled(case)),
        version=any(any(by_version(case)) for case in cases),
    )


def _classes(case: Case) -> Iterator[tuple[str, str]]:
    spec, place = case.daemon_set.template.spec, case.daemon_set.namespace
    reported = next((x.code for x in case.refusals if x.source is Source.REPORTED), "")
    lacking = lacks(case)
    if lacking and reported in ("", *REFUSALS["serviceaccounts"]):
        yield "service_accounts", place
    by_priority = has_priority(spec) and reported in ("", *REFUSALS["priorityclasses"])
    if lacking and (is_scoped(case) or by_priority):
        yield "priority_classes", ""
    if spec.runtime_class_name and (lacking or any(waiting(case))):
        yield "runtime_classes", ""


def has_priority(spec: PodSpec) -> bool:
    """Whether a template says anything of its pods' priority, which admission then looks up."""
    given = spec.priority is not None or spec.preemption_policy is not None
    return given or bool(spec.priority_class_name)


def is_scoped(case: Case) -> bool:
    """Whether a quota may be for the pods' PriorityClass, and the template names none."""
    quotas = case.fleet.cluster.quotas
    here = (x for x in quotas if x.metadata.namespace == case.daemon_set.namespace)
    named = case.daemon_set.template.spec.priority_class_name
    return not named and any(
        scope.scope_name == "PriorityClass" for quota in here for scope in scopes(quota)
    )


def _troubled(case: Case) -> Iterator[Pod]:
    for pod in unsettled(case):
        if pod.spec.node_name and not (pod.live and pod.ready):
            yield pod


def has_claims(spec: PodSpec) -> bool:
    """Whether a pod has volumes that are claimed."""
    return any(item.persistent_volume_claim or item.ephemeral for item in spec.volumes or ())
