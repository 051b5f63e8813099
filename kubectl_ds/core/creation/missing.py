"""Why no pod exists where one is wanted.

Sources: ``pkg/controller/daemon/daemon_controller.go`` (syncDaemonSet, manage) for what stops
the controller; `admission` and `quota` for what refuses its pods.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from kubectl_ds.core.creation.quota import QuotaCheck
from kubectl_ds.core.creation.refusal import Refusal
from kubectl_ds.core.facts import (
    CreateFacts,
    DeletionFacts,
    Facts,
    JustAddedFacts,
    LaggingFacts,
    LimitFacts,
    QuotaFacts,
    QuotaUse,
    SecurityFacts,
    UnknownFacts,
)
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


def refused(refusal: Refusal | None, checks: Iterable[QuotaCheck]) -> list[Reason]:
    """What refuses the DaemonSet's pods: what was reported, and what quotas lead us to expect.

    Where both tell of the same quota, the report counts, with the computed numbers behind it.
    """
    checks = list(checks)
    reported = [_reported(refusal, checks)] if refusal else []
    told = {(refusal.code, refusal.subject)} if refusal else set()
    predicted = [
        reason
        for check in checks
        for reason in _predicted(check)
        if (reason.code, check.quota) not in told
    ]
    return reported + predicted


def _reported(refusal: Refusal, checks: Sequence[QuotaCheck]) -> Reason:
    if refusal.code == "QuotaExceeded":
        check = next((item for item in checks if item.quota == refusal.subject), None)
        return Reason(refusal.code, Source.REPORTED, _quota_facts(refusal, check))
    if refusal.code == "NamespaceTerminating":
        deletion = DeletionFacts(name=refusal.subject, deletion_timestamp=None, finalizers=())
        return Reason(refusal.code, Source.REPORTED, deletion)
    told = {
        "message": refusal.message,
        "last_seen": refusal.last_seen,
        "count": refusal.count,
    }
    return Reason(refusal.code, Source.REPORTED, _facts(refusal, told))


def _facts(refusal: Refusal, told: dict[str, Any]) -> Facts:
    if refusal.code == "LimitRangeViolation":
        return LimitFacts(limit_range="", **told)
    if refusal.code == "PodSecurityViolation":
        return SecurityFacts(level=refusal.subject, **told)
    return CreateFacts(subject=refusal.subject, **told)


def _quota_facts(refusal: Refusal, check: QuotaCheck | None) -> QuotaFacts:
    named = tuple(
        QuotaUse(resource=key, requested=requested, used=used, hard=hard)
        for key, requested, used, hard in refusal.resources
    )
    return QuotaFacts(
        quota=refusal.subject,
        resources=check.exceeded if check and check.exceeded else named,
        pods_that_fit=check.pods_that_fit if check else None,
        message=refusal.message,
        last_seen=refusal.last_seen,
        count=refusal.count,
    )


def _predicted(check: QuotaCheck) -> list[Reason]:
    reasons = []
    if check.unspecified:
        missing = "; ".join(f"{key} for: {','.join(names)}" for key, names in check.unspecified)
        message = f"must specify {missing}"
        facts = CreateFacts(subject=check.quota, message=message, last_seen=None, count=0)
        reasons.append(Reason("QuotaRequiresResources", Source.PREDICTED, facts))
    if check.uncounted:
        message = f"status unknown for quota: {check.quota}, resources: {','.join(check.uncounted)}"
        facts = CreateFacts(subject=check.quota, message=message, last_seen=None, count=0)
        reasons.append(Reason("CreateFailed", Source.PREDICTED, facts))
    if check.exceeded:
        quota_facts = QuotaFacts(
            quota=check.quota, resources=check.exceeded, pods_that_fit=check.pods_that_fit
        )
        reasons.append(Reason("QuotaExceeded", Source.PREDICTED, quota_facts))
    return reasons


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
