"""Why no pod exists where one is wanted.

Sources: ``pkg/controller/daemon/daemon_controller.go`` (syncDaemonSet, manage) for what stops
the controller. What refuses its pods is in `refused`.
"""

from __future__ import annotations

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


def absence(node: Node, now: datetime, unknown: UnknownFacts) -> Reason:
    """Why a node has no pod, where nothing is known to refuse it.

    Args:
        node: the node.
        now: to tell whether the node is new.
        unknown: what is known of pods that were there.
    """
    created = node.metadata.creation_timestamp
    new = created is not None and now - created < _JUST_NOW
    if created is not None and new and unknown.pods_read and not unknown.ended:
        return Reason("JustAdded", Source.COMPUTED, JustAddedFacts(created=created))
    return Reason("Unknown", Source.COMPUTED, unknown)
