"""Whether ResourceQuotas admit one more pod of a DaemonSet.

Sources: ``apiserver/pkg/admission/plugin/resourcequota/controller.go`` (CheckRequest),
``pkg/quota/v1/evaluator/core/pods.go``. A quota is judged by its ``status``, never its ``spec``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor

from kubectl_ds.core.facts import QuotaUse
from kubectl_ds.core.labels import expression_failures
from kubectl_ds.core.meta import Quantities, Value
from kubectl_ds.core.model import ResourceQuota, ScopedResourceSelectorRequirement
from kubectl_ds.core.pods import (
    Affinity,
    LabelSelector,
    LabelSelectorRequirement,
    PodAffinity,
    PodAffinityTerm,
    PodSpec,
)
from kubectl_ds.core.quantity import Quantity
from kubectl_ds.core.resources import PodResources

_MUST_SPECIFY = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
_NAMED = ("cpu", "memory", "ephemeral-storage")
_OBJECT_COUNTS = ("pods", "count/pods")
_ONE = Quantity(1)


class QuotaCheck(Value, frozen=True):
    """One quota put to the pods that are missing.

    Attributes:
        quota: the quota's name.
        exceeded: the keys that these pods would exceed.
        pods_that_fit: how many more pods it admits; None where it limits nothing that a pod uses,
            or where the quota's usage is not counted yet.
        unspecified: (key, containers) that the quota wants specified and the pod does not.
        uncounted: all keys, where one is without usage yet; the API server then refuses every pod.
        recalculated: whether ``spec.hard`` was changed and does not count yet.
    """

    quota: str
    exceeded: tuple[QuotaUse, ...]
    pods_that_fit: int | None
    unspecified: tuple[tuple[str, tuple[str, ...]], ...]
    uncounted: tuple[str, ...] = ()
    recalculated: bool = False


def check_quota(
    quota: ResourceQuota,
    spec: PodSpec,
    resources: PodResources,
    default_known: bool = False,
    missing: int = 1,
) -> QuotaCheck | None:
    """Put the pods that are missing to a quota; None where the quota does not concern them.

    Args:
        quota: the quota.
        spec: a pod's, with the cluster's default PriorityClass where it names none.
        resources: what it requests.
        default_known: whether it is known which PriorityClass is the default, if any.
        missing: how many pods are to be created.

    Raises:
        UnknownScope: whether it concerns the pod can't be told.
    """
    hard, used = quota.status.hard or {}, quota.status.used or {}
    tracked = {key for key in hard if _is_pod_resource(key)}
    if not tracked or not _concerns(quota, spec, resources, default_known):
        return None
    uncounted = () if tracked <= set(used) else tuple(sorted(tracked))
    amounts = {} if uncounted else usage(resources)
    uses = {key: amounts[key] for key in sorted(tracked & set(amounts)) if amounts[key]}
    rows = {key: _row(key, uses[key], used[key], hard[key]) for key in uses}
    return QuotaCheck(
        quota=quota.metadata.name,
        exceeded=tuple(
            row for key, row in rows.items() if _too_much(uses[key], missing, used[key], hard[key])
        ),
        pods_that_fit=_fits(uses, used, hard),
        unspecified=_unspecified(tracked, resources),
        uncounted=uncounted,
        recalculated=(quota.spec.hard or {}) != hard,
    )


class UnknownScope(Exception):
    """A quota's scope depends on something that was not read."""


def _too_much(requested: Quantity, pods: int, used: Quantity, hard: Quantity) -> bool:
    return used.value + requested.value * pods > hard.value


def _row(key: str, requested: Quantity, used: Quantity, hard: Quantity) -> QuotaUse:
    return QuotaUse(resource=key, requested=str(requested), used=str(used), hard=str(hard))


def _fits(uses: Quantities, used: Quantities, hard: Quantities) -> int | None:
    room = [floor((hard[key].value - used[key].value) / uses[key].value) for key in uses]
    return max(min(room), 0) if room else None


def usage(resources: PodResources) -> Quantities:
    """What one pod counts for, under each key by which a quota may track it."""
    amounts = dict.fromkeys(_OBJECT_COUNTS, _ONE)
    for name, amount in resources.requests.items():
        if name in _NAMED or name.startswith("hugepages-"):
            amounts[name] = amounts[f"requests.{name}"] = amount
        elif _is_extended(name):
            amounts[f"requests.{name}"] = amount
    limits = {
        f"limits.{name}": resources.limits[name] for name in _NAMED if name in resources.limits
    }
    return {**amounts, **limits}


def _is_extended(name: str) -> bool:
    if name.startswith("deviceclass.resource.kubernetes.io/"):
        return True
    return "/" in name and "kubernetes.io/" not in name and not name.startswith("requests.")


def _is_pod_resource(key: str) -> bool:
    plain = key.removeprefix("requests.")
    if key in _OBJECT_COUNTS or plain in _NAMED or key.removeprefix("limits.") in _NAMED:
        return True
    return plain.startswith("hugepages-") or (plain != key and _is_extended(plain))


def _unspecified(
    tracked: Iterable[str], resources: PodResources
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if resources.pod_level:
        return ()
    keys = [key for key in sorted(tracked) if key in _MUST_SPECIFY]
    missing = {key: _containers_without(key, resources) for key in keys}
    return tuple((key, names) for key, names in missing.items() if names)


def _containers_without(key: str, resources: PodResources) -> tuple[str, ...]:
    name = key.rpartition(".")[2]
    limits = key.startswith("limits.")
    return tuple(
        sorted(
            container.name
            for container in resources.containers
            if name not in (container.limits if limits else container.requests)
        )
    )


def scopes(quota: ResourceQuota) -> list[ScopedResourceSelectorRequirement]:
    """All scopes of a quota, of both spellings; a pod must match each of them."""
    plain = [
        ScopedResourceSelectorRequirement(scope_name=name, operator="Exists")
        for name in quota.spec.scopes or ()
    ]
    selector = quota.spec.scope_selector
    return plain + list((selector.match_expressions if selector else None) or ())


def _concerns(
    quota: ResourceQuota, spec: PodSpec, resources: PodResources, default_known: bool
) -> bool:
    """Whether all scopes match; those that may be unknown are asked last."""
    ordered = sorted(scopes(quota), key=lambda scope: scope.scope_name == "PriorityClass")
    return all(_scope_matches(scope, spec, resources, default_known) for scope in ordered)


def _scope_matches(
    scope: ScopedResourceSelectorRequirement,
    spec: PodSpec,
    resources: PodResources,
    default_known: bool,
) -> bool:
    terminating = spec.active_deadline_seconds is not None and spec.active_deadline_seconds >= 0
    simple: Mapping[str, bool] = {
        "Terminating": terminating,
        "NotTerminating": not terminating,
        "BestEffort": resources.best_effort,
        "NotBestEffort": not resources.best_effort,
        "CrossNamespacePodAffinity": _crosses_namespaces(spec.affinity),
    }
    if scope.scope_name == "PriorityClass":
        return _priority_class_matches(scope, spec.priority_class_name, default_known)
    return simple.get(scope.scope_name, False)


def _priority_class_matches(
    scope: ScopedResourceSelectorRequirement, name: str, default_known: bool
) -> bool:
    if not name and not default_known:
        raise UnknownScope(
            "it is for pods by PriorityClass, and the template names none: whether the cluster has "
            "a default one was not read"
        )
    requirement = LabelSelectorRequirement(
        key=scope.scope_name, operator=scope.operator, values=scope.values
    )
    selector = LabelSelector(match_expressions=(requirement,))
    return not expression_failures(selector, {scope.scope_name: name} if name else {})


def _crosses_namespaces(affinity: Affinity | None) -> bool:
    if affinity is None:
        return False
    return any(
        term.namespaces or term.namespace_selector is not None
        for rule in (affinity.pod_affinity, affinity.pod_anti_affinity)
        for term in _terms(rule)
    )


def _terms(rule: PodAffinity | None) -> Iterable[PodAffinityTerm]:
    if rule is None:
        return ()
    weighted = (item.pod_affinity_term for item in rule.preferred or ())
    return (*(rule.required or ()), *weighted)
