"""Everything that would refuse one more pod of a DaemonSet, by what was read of the cluster.

The API server stops at the first refusal (``pkg/kubeapiserver/options/plugins.go``,
AllOrderedPlugins); all of them are listed here. What only the server knows is not modelled:
webhooks, admission policies, SecurityContextConstraints, its own configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kubectl_ds.core.classes import LimitRange
from kubectl_ds.core.creation.classes import Classes, admitted, classes_of, lacks
from kubectl_ds.core.creation.invalid import invalid
from kubectl_ds.core.creation.limits import joined, message, violations
from kubectl_ds.core.creation.pod_security import check, enforced, is_certain
from kubectl_ds.core.creation.pod_security import message as security_message
from kubectl_ds.core.creation.quota import QuotaCheck, UnknownScope, check_quota
from kubectl_ds.core.facts import (
    CreateFacts,
    LimitFacts,
    LimitUse,
    QuotaFacts,
    QuotaUse,
    SecurityFacts,
)
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import Cluster, DaemonSet, Namespace, ResourceQuota, Unread, Version
from kubectl_ds.core.notation import subject
from kubectl_ds.core.pods import PodSpec
from kubectl_ds.core.reasons import Reason, Source, State, in_order
from kubectl_ds.core.resources import PodResources, pod_resources

_FORBIDDEN = 'pods "…" is forbidden: '
_INVALID = 'Pod "…" is invalid: '
_ENFORCE = "pod-security.kubernetes.io/enforce"
_OF_QUOTAS = ("QuotaExceeded", "QuotaRequiresResources")


class Prediction(Value, frozen=True):
    """What would refuse one more pod.

    Attributes:
        reasons: each refusal, in the registry's order.
        judged: the codes of which it is known whether they hold.
        open: the quotas of which it is not known whether they concern the pod, or are exceeded.
        room: how many more pods each quota that concerns the pod admits; None where it limits
            nothing that the pod uses.
        unread: what could not be taken into account.
    """

    reasons: tuple[Reason, ...] = ()
    judged: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    room: Mapping[str, int | None] = {}
    unread: tuple[Unread, ...] = ()


def predict(
    cluster: Cluster, daemon_set: DaemonSet, namespace: Namespace | None, missing: int = 1
) -> Prediction:
    """Put the pods of a DaemonSet that are missing to all that may refuse them.

    Args:
        cluster: what was read; a kind that was not refuses nothing.
        daemon_set: one of its DaemonSets.
        namespace: the DaemonSet's, if it was read.
        missing: how many pods are missing; quotas may admit some of them.

    Raises:
        msgspec.ValidationError: the template has a wrong shape.
    """
    found = [
        _predicted(cluster, daemon_set, namespace, resources, missing)
        for resources in _fillings(_pod(cluster, daemon_set), _ranges(cluster, daemon_set))
    ]
    return found[0] if len(found) == 1 else _whatever_the_order(found, cluster, daemon_set)


def _pod(cluster: Cluster, daemon_set: DaemonSet) -> PodSpec:
    return admitted(daemon_set.template.spec, classes_of(cluster, daemon_set.namespace))


def _ranges(cluster: Cluster, daemon_set: DaemonSet) -> list[LimitRange]:
    return [x for x in cluster.limit_ranges if x.metadata.namespace == daemon_set.namespace]


def _fillings(pod: PodSpec, ranges: list[LimitRange]) -> list[PodResources]:
    """What the pod may request: any of several LimitRanges may be the first to fill in.

    The API server takes them as its lister has them, in no order (limitranger ``admission.go``,
    Admit).
    """
    orders = [ranges[start:] + ranges[:start] for start in range(len(ranges) or 1)]
    fillings = [pod_resources(pod, order) for order in orders]
    return [item for place, item in enumerate(fillings) if item not in fillings[:place]]


def _whatever_the_order(
    found: list[Prediction], cluster: Cluster, daemon_set: DaemonSet
) -> Prediction:
    """What holds whichever LimitRange fills in first, with the numbers of one order."""
    sure = set.intersection(*({*map(_key, item.reasons)} for item in found))
    doubtful = {key for item in found for key in map(_key, item.reasons)} - sure
    names = ", ".join(sorted(item.metadata.name for item in _ranges(cluster, daemon_set)))
    why = "their defaults differ, and the API server takes them in no fixed order"
    first, *others = found
    differ = any(item.reasons != first.reasons for item in others)
    note = [Unread(what=f"LimitRanges {names}", why=why)] if differ else []
    return Prediction(
        reasons=tuple(reason for reason in first.reasons if _key(reason) in sure),
        judged=first.judged - {code for code, _ in doubtful},
        open=frozenset(name for item in found for name in item.open),
        room=dict(set.intersection(*({*item.room.items()} for item in found))),
        unread=(*dict.fromkeys(entry for item in found for entry in item.unread), *note),
    )


def _key(reason: Reason) -> tuple[str, str]:
    facts = reason.facts
    return reason.code, facts.limit_range if isinstance(facts, LimitFacts) else subject(facts)


def _predicted(
    cluster: Cluster,
    daemon_set: DaemonSet,
    namespace: Namespace | None,
    resources: PodResources,
    missing: int,
) -> Prediction:
    place, spec = daemon_set.namespace, daemon_set.template.spec
    classes = classes_of(cluster, place)
    quotas = [item for item in cluster.quotas if item.metadata.namespace == place]
    pod, default_known = _pod(cluster, daemon_set), classes.priorities is not None
    checks, unread = _put_to(quotas, pod, resources, default_known, missing)
    reasons = [
        *quota_reasons(checks, missing),
        *(_limits(x.metadata.name, violations(resources, x)) for x in _ranges(cluster, daemon_set)),
        _security(daemon_set, namespace, cluster.version),
        *(_refused(item.code, item.subject, item.message) for item in lacks(spec, classes, place)),
        _invalid(pod, resources),
    ]
    return Prediction(
        reasons=in_order(State.MISSING, [reason for reason in reasons if reason is not None]),
        judged=frozenset(
            (
                *_judged(cluster, place, spec, classes),
                *_security_judged(cluster, daemon_set, namespace),
            )
        ),
        open=frozenset((*unread, *(item.quota for item in checks if item.uncounted))),
        room={check.quota: check.pods_that_fit for check in checks},
        unread=tuple(Unread(what=f"ResourceQuota {x}", why=why) for x, why in unread.items()),
    )


def _put_to(
    quotas: Iterable[ResourceQuota],
    pod: PodSpec,
    resources: PodResources,
    default_known: bool,
    missing: int,
) -> tuple[list[QuotaCheck], dict[str, str]]:
    """The quotas that concern a pod, and why that is not known of some."""
    checks, unknown = [], {}
    for quota in quotas:
        try:
            checks.append(check_quota(quota, pod, resources, default_known, missing))
        except UnknownScope as error:
            unknown[quota.metadata.name] = str(error)
    return [item for item in checks if item], unknown


def _judged(cluster: Cluster, place: str, spec: PodSpec, classes: Classes) -> Iterator[str]:
    runtime_known = spec.runtime_class_name is None or classes.runtimes is not None
    quotas = _is_whole(cluster, cluster.quotas, place)
    if cluster.knows("resourcequotas", place) and quotas and runtime_known:
        yield from _OF_QUOTAS
    if cluster.knows("limitranges", place) and _is_whole(cluster, cluster.limit_ranges, place):
        yield "LimitRangeViolation"
    if classes.accounts is not None:
        yield "ServiceAccountMissing"
    if classes.priorities is not None:
        yield from ("PriorityClassMissing", "PriorityConflict")
    if runtime_known:
        yield from ("RuntimeClassMissing", "RuntimeClassConflict")


def _security_judged(
    cluster: Cluster, daemon_set: DaemonSet, namespace: Namespace | None
) -> Iterator[str]:
    """Without the label the server's configuration decides, which can't be read."""
    if namespace is None or _ENFORCE not in (namespace.metadata.labels or {}):
        return
    policy = enforced(namespace)
    if not policy or is_certain(daemon_set.spec.template, *policy, cluster.version):
        yield "PodSecurityViolation"


def _is_whole(cluster: Cluster, objects: Sequence[ResourceQuota | LimitRange], place: str) -> bool:
    """Whether it is certain that all of a namespace were read.

    Where those that were saved are all of other namespaces, its own may just not have been saved.
    """
    live = cluster.occupants_of is not None
    return live or not objects or any(item.metadata.namespace == place for item in objects)


def quota_reasons(checks: Iterable[QuotaCheck], missing: int = 1) -> list[Reason]:
    """What quotas refuse of so many pods that are missing."""
    return [reason for check in checks for reason in _of_quota(check, missing)]


def _of_quota(check: QuotaCheck, missing: int) -> Iterator[Reason]:
    if check.unspecified:
        lacking = "; ".join(f"{key} for: {','.join(names)}" for key, names in check.unspecified)
        text = f"failed quota: {check.quota}: must specify {lacking}"
        yield _refused("QuotaRequiresResources", check.quota, text)
    if check.uncounted:
        text = f"status unknown for quota: {check.quota}, resources: {','.join(check.uncounted)}"
        yield _refused("CreateFailed", check.quota, text)
    if check.exceeded:
        facts = QuotaFacts(
            quota=check.quota,
            resources=check.exceeded,
            pods_that_fit=check.pods_that_fit,
            recalculated=check.recalculated,
            missing=missing,
            message=f"{_FORBIDDEN}exceeded quota: {check.quota}, {_amounts(check.exceeded)}",
        )
        yield Reason("QuotaExceeded", Source.PREDICTED, facts)


def _amounts(uses: Iterable[QuotaUse]) -> str:
    uses = list(uses)
    columns = {
        "requested": ",".join(f"{use.resource}={use.requested}" for use in uses),
        "used": ",".join(f"{use.resource}={use.used}" for use in uses),
        "limited": ",".join(f"{use.resource}={use.hard}" for use in uses),
    }
    return ", ".join(f"{word}: {amounts}" for word, amounts in columns.items())


def _limits(name: str, uses: tuple[LimitUse, ...]) -> Reason | None:
    if not uses:
        return None
    text = f"{_FORBIDDEN}{message(uses)}"
    facts = LimitFacts(limit_range=name, violations=uses, message=text)
    return Reason("LimitRangeViolation", Source.PREDICTED, facts)


def _security(
    daemon_set: DaemonSet, namespace: Namespace | None, version: Version | None
) -> Reason | None:
    policy = enforced(namespace) if namespace else None
    checks = check(daemon_set.spec.template, *policy, version) if policy else ()
    if not policy or not checks:
        return None
    facts = SecurityFacts(
        namespace=daemon_set.namespace,
        level=":".join(policy),
        violations=checks,
        message=_FORBIDDEN + security_message(*policy, checks),
    )
    return Reason("PodSecurityViolation", Source.PREDICTED, facts)


def _refused(code: str, subject: str, text: str) -> Reason:
    facts = CreateFacts(subject=subject, message=f"{_FORBIDDEN}{text}")
    return Reason(code, Source.PREDICTED, facts)


def _invalid(pod: PodSpec, resources: PodResources) -> Reason | None:
    texts = invalid(pod, resources)
    if not texts:
        return None
    facts = CreateFacts(subject="", message=f"{_INVALID}{joined(texts)}")
    return Reason("InvalidPodSpec", Source.PREDICTED, facts)
