"""Why no pod exists where one is wanted.

Sources: ``pkg/controller/daemon/daemon_controller.go`` (syncDaemonSet, manage) for what stops
the controller. What refuses its pods is in `refused`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from kubectl_ds.core.facts import DeletionFacts, JustAddedFacts, LaggingFacts, UnknownFacts
from kubectl_ds.core.meta import ObjectMeta
from kubectl_ds.core.model import DaemonSet, Namespace, Node
from kubectl_ds.core.reasons import Reason, Source

_JUST_NOW = timedelta(seconds=30)


def halted(daemon_set: DaemonSet, namespace: Namespace | None) -> list[Reason]:
    """What keeps the controller from acting on the whole DaemonSet."""
    reasons = []
    if daemon_set.metadata.deletion_timestamp is not None:
        facts = _deletion(daemon_set.metadata)
        reasons.append(Reason("DaemonSetDeleting", Source.COMPUTED, facts))
    elif daemon_set.status.observed_generation < daemon_set.metadata.generation:
        reasons.append(Reason("ControllerLagging", Source.COMPUTED, _lagging(daemon_set)))
    if namespace is not None and _terminating(namespace):
        facts = _deletion(namespace.metadata)
        reasons.append(Reason("NamespaceTerminating", Source.COMPUTED, facts))
    return reasons


def _terminating(namespace: Namespace) -> bool:
    return namespace.status.phase == "Terminating" or (
        namespace.metadata.deletion_timestamp is not None
    )


def _deletion(metadata: ObjectMeta) -> DeletionFacts:
    return DeletionFacts(
        name=metadata.name,
        deletion_timestamp=metadata.deletion_timestamp,
        finalizers=metadata.finalizers or (),
    )


def _lagging(daemon_set: DaemonSet) -> LaggingFacts:
    return LaggingFacts(
        generation=daemon_set.metadata.generation,
        observed_generation=daemon_set.status.observed_generation,
    )


def missing_reasons(
    shared: Sequence[Reason], node: Node, now: datetime, pods_read: bool
) -> list[Reason]:
    """Why a node has no pod.

    Args:
        shared: what holds for every such node of the DaemonSet.
        node: the node.
        now: to tell whether the node is new.
        pods_read: whether any pod was read; else nobody knows that there is none.
    """
    if shared:
        return list(shared)
    created = node.metadata.creation_timestamp
    if pods_read and created is not None and now - created < _JUST_NOW:
        return [Reason("JustAdded", Source.COMPUTED, JustAddedFacts(created=created))]
    return [Reason("Unknown", Source.COMPUTED, UnknownFacts(pods_read=pods_read))]
