"""When pods that are plainly up may be kept in crowds: as long as no waiting pod may meet them.

To judge a pod that waits, the scheduler's filters read of the pods on its node what these take
up; some pods make them read pods on other nodes, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set

import msgspec

from kubectl_ds.core.crowds import Crowd, gathered
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.ownership import target_node
from kubectl_ds.core.pods import Pod, PodSpec
from kubectl_ds.core.rollout.budget import allows_surge


def lean(cluster: Cluster) -> Cluster:
    """The same with pods that are plainly up in crowds, less those that a waiting pod may meet."""
    waiting = _waiting(cluster.pods)
    if any(_looks_around(pod.spec) for pod in waiting):
        return cluster
    nodes = _targets(waiting)
    near = tuple(pod for pod in cluster.pods if pod.spec.node_name in nodes)
    crowds, others = gathered(pod for pod in cluster.pods if pod.spec.node_name not in nodes)
    return msgspec.structs.replace(cluster, crowds=crowds, pods=(*others, *near))


def may_meet(pods: Iterable[Pod], crowds: Sequence[Crowd]) -> bool:
    """Whether one of some pods waits and may meet one in a crowd, which then tells too little."""
    waiting = _waiting(pods)
    if any(_looks_around(pod.spec) for pod in waiting):
        return bool(crowds)
    nodes = _targets(waiting)
    return any(member.node in nodes for crowd in crowds for member in crowd.members)


def are_likely_to_meet(daemon_set: DaemonSet) -> bool:
    """Whether a pod of the DaemonSet that waits is likely to meet others of its pods."""
    return allows_surge(daemon_set) or _looks_around(daemon_set.template.spec)


def without(crowds: Iterable[Crowd], pods: Iterable[Pod]) -> tuple[Crowd, ...]:
    """The crowds less some pods, which are there for themselves."""
    left = {(pod.metadata.namespace, pod.name) for pod in pods}
    return tuple(
        msgspec.structs.replace(
            crowd,
            members=tuple(x for x in crowd.members if (crowd.namespace, x.name) not in left),
        )
        for crowd in crowds
    )


def _waiting(pods: Iterable[Pod]) -> list[Pod]:
    return [pod for pod in pods if pod.live and not pod.spec.node_name]


def _targets(waiting: Iterable[Pod]) -> Set[str | None]:
    return {target_node(pod.spec) for pod in waiting}


def _looks_around(spec: PodSpec) -> bool:
    """Whether a filter of the scheduler looks at pods on other nodes for the pod's sake."""
    affinity = spec.affinity
    related = affinity and (affinity.pod_affinity or affinity.pod_anti_affinity)
    claims_any = any(item.persistent_volume_claim or item.ephemeral for item in spec.volumes or ())
    return bool(spec.topology_spread_constraints or related or claims_any)
