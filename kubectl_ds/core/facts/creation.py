"""Evidence on why no pod is created."""

from __future__ import annotations

from typing import Annotated

from kubectl_ds.core.facts.base import Facts, asked, own
from kubectl_ds.core.facts.running import VanishCause
from kubectl_ds.core.meta import Time, Value


class UnknownFacts(Facts, frozen=True):
    pods_read: Annotated[bool, asked("whether any pod was read; without, none can be missed")]
    ended: Annotated[
        int, own("how many pods came and went there in the last hour, at least", "pods")
    ] = 0
    cause: Annotated[VanishCause | None, own("what most of those ended of; null for none")] = None
    pressure: Annotated[tuple[str, ...], own("what the node runs short of, by its conditions")] = ()


class DeletionFacts(Facts, frozen=True):
    name: Annotated[str, asked("the object that is being deleted")]
    deletion_timestamp: Annotated[Time | None, asked("when it was to be gone")]
    finalizers: Annotated[tuple[str, ...], asked("what must finish before it is gone")]


class LaggingFacts(Facts, frozen=True):
    generation: Annotated[int, asked("metadata.generation: the spec that was asked for")]
    observed_generation: Annotated[int, asked("status.observedGeneration: the spec acted upon")]


class RefusedFacts(Facts, frozen=True):
    """What all refusals have in common."""

    message: Annotated[
        str, asked("what the API server answered, from the newest FailedCreate, or would answer")
    ] = ""
    last_seen: Annotated[Time | None, asked("when that event last happened; null for none")] = None
    count: Annotated[int, asked("how often, as far as the event counts")] = 0
    gone: Annotated[
        bool, asked("whether by what was read this would pass by now; a retry may take 17 min")
    ] = False


class CreateFacts(RefusedFacts, frozen=True, kw_only=True):
    subject: Annotated[
        str, asked("what refused, or is missing: the quota, webhook, policy, class, account; or ''")
    ]


class QuotaUse(Value, frozen=True):
    resource: Annotated[str, asked("the quota's key, such as requests.cpu")]
    requested: Annotated[str, asked("what one pod uses", "quantity")]
    used: Annotated[str, asked("status.used", "quantity")]
    hard: Annotated[str, asked("status.hard", "quantity")]


class QuotaFacts(RefusedFacts, frozen=True, kw_only=True):
    quota: Annotated[str, asked("the ResourceQuota's name")]
    resources: Annotated[
        tuple[QuotaUse, ...], asked("the keys that the pods which are missing would exceed")
    ]
    pods_that_fit: Annotated[
        int | None,
        asked("how many more pods the quota admits now; null where it can't be computed", "pods"),
    ]
    missing: Annotated[int, asked("how many pods are missing", "pods")] = 1
    recalculated: Annotated[
        bool, asked("whether spec.hard was changed and status.hard does not show it yet")
    ] = False


class LimitUse(Value, frozen=True):
    rule: Annotated[str, asked("min, max or maxLimitRequestRatio")]
    type: Annotated[str, asked("Container or Pod")]
    container: Annotated[str, asked("the container; empty where it is the whole pod")]
    resource: Annotated[str, asked("the resource")]
    bound: Annotated[str, asked("what the LimitRange allows", "quantity")]
    side: Annotated[str, asked("request, limit or ratio: what is compared with it")]
    actual: Annotated[str | None, asked("the pod's value; null where it has none", "quantity")]


class LimitFacts(RefusedFacts, frozen=True, kw_only=True):
    limit_range: Annotated[str, asked("the LimitRange's name; empty where only an event tells")]
    violations: Annotated[tuple[LimitUse, ...], asked("each rule that the pod breaks")] = ()


class SecurityCheck(Value, frozen=True):
    check: Annotated[str, asked("what is not allowed, as Kubernetes names it")]
    detail: Annotated[str, asked("which part of the pod it is")]


class SecurityFacts(RefusedFacts, frozen=True, kw_only=True):
    namespace: Annotated[str, asked("the namespace that enforces it")] = ""
    level: Annotated[str, asked("the namespace's level and version, such as baseline:latest")]
    violations: Annotated[tuple[SecurityCheck, ...], asked("each check that the pod fails")] = ()


class JustAddedFacts(Facts, frozen=True):
    created: Annotated[Time, own("the node's creationTimestamp")]
