"""What refuses a DaemonSet's pods: the report of it, and all that we predict, as one list.

A FailedCreate event tells of the DaemonSet as a whole and of the first refusal only. After it the
controller backs off for up to 1000 s, and nothing that an admin changes in quotas, limits, classes
or namespaces makes it try earlier (``daemon_controller.go``, DefaultTypedControllerRateLimiter).
"""

from __future__ import annotations

from typing import Any

import msgspec

from kubectl_ds.core.creation.predicted import Prediction
from kubectl_ds.core.creation.refusal import Refusal, security_checks
from kubectl_ds.core.facts import (
    CreateFacts,
    DeletionFacts,
    Facts,
    LimitFacts,
    QuotaFacts,
    QuotaUse,
    RefusedFacts,
    SecurityFacts,
)
from kubectl_ds.core.notation import subject
from kubectl_ds.core.reasons import Reason, Source


def refused(refusal: Refusal | None, prediction: Prediction) -> list[Reason]:
    """What refuses the pods: first what was reported, then what is predicted besides.

    Where both tell of the same, the report counts, with the computed values behind it. Where what
    was reported can be judged and would pass by now, its evidence says so (``gone``).
    """
    if refusal is None:
        return list(prediction.reasons)
    same = _same(refusal, prediction)
    others = [reason for reason in prediction.reasons if reason is not same]
    return [_reported(refusal, same, prediction), *others]


def _same(refusal: Refusal, prediction: Prediction) -> Reason | None:
    """The prediction of what was reported; among several the one in the same words."""
    alike = [reason for reason in prediction.reasons if _is_alike(refusal, reason)]
    worded = (reason for reason in alike if _message(reason.facts) == refusal.message)
    return next(worded, next(iter(alike), None))


def _is_alike(refusal: Refusal, reason: Reason) -> bool:
    if reason.code != refusal.code:
        return False
    named = refusal.subject, subject(reason.facts)
    if "" in named and refusal.code == "CreateFailed":  # whatever fits no other code
        return False
    return "" in named or named[0] == named[1]


def _message(facts: Facts) -> str:
    return facts.message if isinstance(facts, RefusedFacts) else ""


def _reported(refusal: Refusal, same: Reason | None, prediction: Prediction) -> Reason:
    if refusal.code == "NamespaceTerminating":
        deletion = DeletionFacts(name=refusal.subject, deletion_timestamp=None, finalizers=())
        return Reason(refusal.code, Source.REPORTED, deletion)
    told = {
        "message": refusal.message,
        "last_seen": refusal.last_seen,
        "count": refusal.count,
    }
    if same is not None:
        return Reason(refusal.code, Source.REPORTED, msgspec.structs.replace(same.facts, **told))
    gone = refusal.code in prediction.judged and refusal.subject not in prediction.open
    return Reason(refusal.code, Source.REPORTED, _facts(refusal, prediction, gone=gone, **told))


def _facts(refusal: Refusal, prediction: Prediction, **told: Any) -> Facts:
    if refusal.code == "QuotaExceeded":
        uses = tuple(
            QuotaUse(resource=key, requested=requested, used=used, hard=hard)
            for key, requested, used, hard in refusal.resources
        )
        fit = prediction.room.get(refusal.subject)
        return QuotaFacts(quota=refusal.subject, resources=uses, pods_that_fit=fit, **told)
    if refusal.code == "LimitRangeViolation":
        return LimitFacts(limit_range="", **told)
    if refusal.code == "PodSecurityViolation":
        checks = security_checks(refusal.message)
        place, level = refusal.namespace, refusal.subject
        return SecurityFacts(namespace=place, level=level, violations=checks, **told)
    return CreateFacts(subject=refusal.subject, **told)
