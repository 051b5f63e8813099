"""Whether ResourceQuotas admit one more pod."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kubectl_ds.core.classes import LimitRange
from kubectl_ds.core.creation.predicted import quota_reasons
from kubectl_ds.core.creation.quota import QuotaCheck, UnknownScope, check_quota
from kubectl_ds.core.meta import decoder
from kubectl_ds.core.model import ResourceQuota
from kubectl_ds.core.quantity import parse
from kubectl_ds.core.reasons import Source
from kubectl_ds.core.resources import pod_resources
from tests.core.make import container, limit_range, pod_template, quota

Amounts = dict[str, str]
Expression = dict[str, Any]
Spec = dict[str, Any]


def check(given: ResourceQuota, *limit_ranges: LimitRange, **spec: Any) -> QuotaCheck | None:
    """Put one more pod of a template to a quota."""
    template = pod_template(**spec).spec
    return check_quota(given, template, pod_resources(template, limit_ranges))


def one(requests: Amounts | None = None, limits: Amounts | None = None) -> Spec:
    return {"containers": [container(requests, limits)]}


GI = 2**30

# pkg/quota/v1/evaluator/core/pods.go (podResources, PodUsageFunc, podComputeUsageHelper): what
# one pod counts for under each key; None where the key does not concern pods.
ALL = {"cpu": "100m", "memory": "1Gi", "ephemeral-storage": "2Gi", "hugepages-2Mi": "4Mi"}
ALL_LIMITS = {"cpu": "200m", "memory": "3Gi", "ephemeral-storage": "4Gi", "hugepages-2Mi": "4Mi"}
EXTENDED = {"nvidia.com/gpu": "2"}
USAGE = [
    pytest.param("pods", "1", id="pods"),
    pytest.param("count/pods", "1", id="count/pods"),
    pytest.param("cpu", "100m", id="cpu"),
    pytest.param("requests.cpu", "100m", id="requests.cpu"),
    pytest.param("limits.cpu", "200m", id="limits.cpu"),
    pytest.param("memory", "1Gi", id="memory"),
    pytest.param("requests.memory", "1Gi", id="requests.memory"),
    pytest.param("limits.memory", "3Gi", id="limits.memory"),
    pytest.param("ephemeral-storage", "2Gi", id="ephemeral-storage"),
    pytest.param("requests.ephemeral-storage", "2Gi", id="requests.ephemeral-storage"),
    pytest.param("limits.ephemeral-storage", "4Gi", id="limits.ephemeral-storage"),
    pytest.param("hugepages-2Mi", "4Mi", id="hugepages"),
    pytest.param("requests.hugepages-2Mi", "4Mi", id="requests.hugepages"),
    pytest.param("requests.nvidia.com/gpu", "2", id="extended"),
    pytest.param("nvidia.com/gpu", None, id="extended without requests."),
    pytest.param("limits.nvidia.com/gpu", None, id="extended limits"),
    pytest.param("requests.example.kubernetes.io/thing", None, id="native, by its domain"),
    pytest.param("requests.storage", None, id="storage of claims"),
    pytest.param("persistentvolumeclaims", None, id="claims"),
    pytest.param("services.nodeports", None, id="node ports"),
    pytest.param("count/configmaps", None, id="objects of another kind"),
    pytest.param("count/deployments.apps", None, id="objects of another group"),
]


@pytest.mark.parametrize(("key", "usage"), USAGE)
def test_what_a_pod_counts_for(key: str, usage: str | None) -> None:
    found = check(quota({key: "1m"}), **one({**ALL, **EXTENDED}, {**ALL_LIMITS, **EXTENDED}))
    if usage is None:
        assert found is None
    else:
        assert found is not None
        assert [(row.resource, row.requested) for row in found.exceeded] == [(key, usage)]


# isExtendedResourceNameForQuota, podComputeUsageHelper: since 1.36.
def test_device_classes_are_counted_like_extended_resources() -> None:
    name = "deviceclass.resource.kubernetes.io/gpu"
    found = check(quota({f"requests.{name}": "1"}), **one({name: "2"}, {name: "2"}))
    assert found is not None
    assert [row.resource for row in found.exceeded] == [f"requests.{name}"]


# CheckRequest: used + usage > hard, by status alone.
CPU = one({"cpu": "200m"})
EXCEEDED = [
    pytest.param(quota({"pods": "3"}, {"pods": "2"}), CPU, {}, id="one more fits exactly"),
    pytest.param(
        quota({"pods": "3"}, {"pods": "3"}), CPU, {"pods": ("1", "3", "3")}, id="one too many"
    ),
    pytest.param(
        quota({"requests.cpu": "500m"}, {"requests.cpu": "300m"}), CPU, {}, id="used up exactly"
    ),
    pytest.param(
        quota({"requests.cpu": "500m"}, {"requests.cpu": "301m"}),
        CPU,
        {"requests.cpu": ("200m", "301m", "500m")},
        id="by a thousandth",
    ),
    pytest.param(
        quota(
            {"requests.cpu": "500m", "pods": "9", "limits.cpu": "1"},
            {"requests.cpu": "400m", "pods": "8", "limits.cpu": "1"},
        ),
        one({"cpu": "200m"}, {"cpu": "200m"}),
        {"limits.cpu": ("200m", "1", "1"), "requests.cpu": ("200m", "400m", "500m")},
        id="only the exceeded keys, sorted",
    ),
    pytest.param(
        quota({"requests.cpu": "1", "pods": "9"}, {"requests.cpu": "2", "pods": "1"}),
        one({"cpu": "0"}),
        {},
        id="a key of which the pod uses zero, long over its limit",
    ),
    pytest.param(
        quota({"pods": "2"}, {"pods": "2"}, spec_hard={"pods": "9"}),
        CPU,
        {"pods": ("1", "2", "2")},
        id="raised in the spec, not in the status yet",
    ),
    pytest.param(
        quota({"pods": "9"}, {"pods": "2"}, spec_hard={"pods": "2"}),
        CPU,
        {},
        id="lowered in the spec, not in the status yet",
    ),
    pytest.param(
        quota({"requests.memory": "1Gi"}, {"requests.memory": "1000Mi"}),
        one({"memory": "64Mi"}),
        {"requests.memory": ("64Mi", "1000Mi", "1Gi")},
        id="memory in Kubernetes' own spelling",
    ),
    pytest.param(
        quota({"requests.nvidia.com/gpu": "0"}),
        one(EXTENDED, EXTENDED),
        {"requests.nvidia.com/gpu": ("2", "0", "0")},
        id="an extended resource that is forbidden",
    ),
    pytest.param(
        quota({"requests.nvidia.com/gpu": "0"}), CPU, {}, id="a pod that does not want it"
    ),
]


@pytest.mark.parametrize(("given", "spec", "exceeded"), EXCEEDED)
def test_what_one_more_pod_would_exceed(
    given: ResourceQuota, spec: Spec, exceeded: dict[str, tuple[str, str, str]]
) -> None:
    found = check(given, **spec)
    assert found is not None
    rows = [(row.resource, (row.requested, row.used, row.hard)) for row in found.exceeded]
    assert rows == list(exceeded.items())


def test_overhead_and_init_containers_count() -> None:
    spec = {**CPU, "initContainers": [container({"cpu": "1"})], "overhead": {"cpu": "1"}}
    found = check(quota({"requests.cpu": "100m"}), **spec)
    assert found is not None
    assert found.exceeded[0].requested == "2"


# semantics: floor((hard - used) / usage), the least of all keys that the pod uses.
FITS = [
    pytest.param(quota({"pods": "5"}, {"pods": "2"}), 3, id="pods"),
    pytest.param(
        quota({"requests.cpu": "1"}, {"requests.cpu": "300m"}), 3, id="what is left over is lost"
    ),
    pytest.param(
        quota({"pods": "50", "requests.cpu": "1"}, {"pods": "0", "requests.cpu": "0"}),
        5,
        id="the least",
    ),
    pytest.param(quota({"pods": "2"}, {"pods": "2"}), 0, id="none"),
    pytest.param(quota({"pods": "2"}, {"pods": "7"}), 0, id="less than none"),
    pytest.param(
        quota(
            {"pods": "5", "requests.nvidia.com/gpu": "1"},
            {"pods": "2", "requests.nvidia.com/gpu": "1"},
        ),
        3,
        id="what the pod does not use limits nothing",
    ),
    pytest.param(quota({"requests.nvidia.com/gpu": "1"}), None, id="nothing that it uses"),
]


@pytest.mark.parametrize(("given", "fit"), FITS)
def test_how_many_more_pods_fit(given: ResourceQuota, fit: int | None) -> None:
    found = check(given, **CPU)
    assert found is not None
    assert found.pods_that_fit == fit


# CheckRequest (hasUsageStats): a tracked key without usage in the status refuses every pod
# ("status unknown for quota"), so nothing may be said of room.
@pytest.mark.parametrize(
    "given",
    [
        pytest.param(quota({"pods": "5", "requests.cpu": "9"}, {"pods": "1"}), id="of one key"),
        pytest.param(quota({"pods": "5"}, {}), id="of all keys"),
    ],
)
def test_missing_usage_leaves_no_room(given: ResourceQuota) -> None:
    found = check(given, **CPU)
    assert found is not None
    assert not found.pods_that_fit
    assert found.exceeded == ()
    (reason,) = quota_reasons([found])
    assert (reason.code, reason.source) == ("CreateFailed", Source.PREDICTED)
    assert "status unknown for quota: " in reason.facts.message  # type: ignore[attr-defined]


# evaluator/core/pods.go (Constraints, validationSet).
NAMED = [container({"cpu": "1"}, {"cpu": "1"}, name="b"), container({"cpu": "1"}, name="a")]
MUST_SPECIFY = [
    *(
        pytest.param({key: "9"}, one(), ((key, ("agent",)),), id=f"lacks {key}")
        for key in (
            "cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory",
        )
    ),
    *(
        pytest.param({key: "9"}, one(), (), id=f"need not have {key}")
        for key in (
            "pods", "count/pods", "ephemeral-storage", "requests.ephemeral-storage",
            "limits.ephemeral-storage", "hugepages-2Mi", "requests.hugepages-2Mi",
            "requests.nvidia.com/gpu",
        )
    ),
    pytest.param({"requests.cpu": "9"}, one({"cpu": "0"}), (), id="zero is specified"),
    pytest.param(
        {"requests.cpu": "9"}, one(limits={"cpu": "1"}), (), id="a limit gives the request"
    ),
    pytest.param(
        {"limits.cpu": "9"},
        one({"cpu": "1"}),
        (("limits.cpu", ("agent",)),),
        id="a request gives no limit",
    ),
    pytest.param(
        {"limits.cpu": "9", "memory": "9", "pods": "9"},
        {"containers": NAMED},
        (("limits.cpu", ("a",)), ("memory", ("a", "b"))),
        id="several keys and containers, sorted",
    ),
    pytest.param(
        {"requests.cpu": "9"},
        {**CPU, "initContainers": [container(name="init"), container({"cpu": "1"}, name="i2")]},
        (("requests.cpu", ("init",)),),
        id="init containers must, too",
    ),
    pytest.param(
        {"requests.cpu": "9"},
        {**CPU, "initContainers": [{**container(name="side"), "restartPolicy": "Always"}]},
        (("requests.cpu", ("side",)),),
        id="sidecars must, too",
    ),
    pytest.param(
        {"requests.cpu": "9", "limits.memory": "9"},
        {**one(), "resources": {"requests": {"cpu": "1"}}},
        (),
        id="resources for the whole pod are enough for all",
    ),
    pytest.param(
        {"requests.cpu": "9"},
        {**one(), "resources": {}},
        (("requests.cpu", ("agent",)),),
        id="empty ones are none",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("hard", "spec", "unspecified"), MUST_SPECIFY)
def test_what_containers_must_specify(
    hard: Amounts, spec: Spec, unspecified: tuple[tuple[str, tuple[str, ...]], ...]
) -> None:
    found = check(quota(hard), **spec)
    assert found is not None
    assert found.unspecified == unspecified


def test_a_limit_range_may_specify_it() -> None:
    limited = quota({"requests.cpu": "1", "limits.cpu": "1"})
    found = check(limited, limit_range({"cpu": "500m"}, {"cpu": "2"}), **one())
    assert found is not None
    assert found.unspecified == ()
    assert [row.resource for row in found.exceeded] == ["requests.cpu"]


# evaluator/core/pods.go (podMatchesScopeFunc).
def term(**fields: Any) -> dict[str, Any]:
    return {"topologyKey": "kubernetes.io/hostname", **fields}


def required(kind: str, **fields: Any) -> Spec:
    rule = {"requiredDuringSchedulingIgnoredDuringExecution": [term(**fields)]}
    return {**CPU, "affinity": {kind: rule}}


def preferred(kind: str, **fields: Any) -> Spec:
    weighted = [{"weight": 1, "podAffinityTerm": term(**fields)}]
    rule = {"preferredDuringSchedulingIgnoredDuringExecution": weighted}
    return {**CPU, "affinity": {kind: rule}}


SCOPES = [
    pytest.param("Terminating", CPU, False, id="Terminating: no deadline"),
    pytest.param(
        "Terminating", {**CPU, "activeDeadlineSeconds": 0}, True, id="Terminating: a deadline"
    ),
    pytest.param("NotTerminating", CPU, True, id="NotTerminating: no deadline"),
    pytest.param(
        "NotTerminating",
        {**CPU, "activeDeadlineSeconds": 60},
        False,
        id="NotTerminating: a deadline",
    ),
    pytest.param("BestEffort", one(), True, id="BestEffort: nothing asked for"),
    pytest.param("BestEffort", CPU, False, id="BestEffort: cpu asked for"),
    pytest.param("NotBestEffort", CPU, True, id="NotBestEffort: cpu asked for"),
    pytest.param("NotBestEffort", one(), False, id="NotBestEffort: nothing asked for"),
    pytest.param("CrossNamespacePodAffinity", CPU, False, id="across namespaces: no affinity"),
    pytest.param(
        "CrossNamespacePodAffinity",
        required("podAffinity", labelSelector={}),
        False,
        id="across namespaces: affinity in its own",
    ),
    pytest.param(
        "CrossNamespacePodAffinity",
        required("podAffinity", namespaces=["other"]),
        True,
        id="across namespaces: required affinity to a list",
    ),
    pytest.param(
        "CrossNamespacePodAffinity",
        preferred("podAffinity", namespaces=["other"]),
        True,
        id="across namespaces: preferred affinity to a list",
    ),
    pytest.param(
        "CrossNamespacePodAffinity",
        required("podAntiAffinity", namespaceSelector={}),
        True,
        id="across namespaces: required anti-affinity to all",
    ),
    pytest.param(
        "CrossNamespacePodAffinity",
        preferred("podAntiAffinity", namespaceSelector={"matchLabels": {"a": "b"}}),
        True,
        id="across namespaces: preferred anti-affinity to some",
    ),
    pytest.param(
        "CrossNamespacePodAffinity",
        {
            **CPU,
            "affinity": {
                "podAffinity": {
                    "requiredDuringSchedulingIgnoredDuringExecution": [
                        term(),
                        term(namespaces=["other"]),
                    ]
                }
            },
        },
        True,
        id="across namespaces: one of two terms",
    ),
    pytest.param("VolumeAttributesClass", CPU, False, id="VolumeAttributesClass: for claims"),
    pytest.param("Unheard", CPU, False, id="a scope that Kubernetes does not know"),
    pytest.param(
        "PriorityClass", {**CPU, "priorityClassName": "gold"}, True, id="PriorityClass: has one"
    ),
]


@pytest.mark.parametrize("listed", [True, False], ids=["spec.scopes", "spec.scopeSelector"])
@pytest.mark.parametrize(("scope", "spec", "applies"), SCOPES)
def test_scopes(scope: str, spec: Spec, applies: bool, listed: bool) -> None:
    selecting = {"scopeName": scope, "operator": "Exists"}
    scoped = {"scopes": (scope,)} if listed else {"expressions": (selecting,)}
    assert (check(quota({"pods": "1"}, **scoped), **spec) is not None) is applies


def by_class(operator: str, *values: str) -> Expression:
    return {"scopeName": "PriorityClass", "operator": operator, "values": values}


PRIORITY_CLASSES = [
    pytest.param(by_class("Exists"), True, id="Exists"),
    pytest.param(by_class("DoesNotExist"), False, id="DoesNotExist"),
    pytest.param(by_class("In", "gold", "silver"), True, id="In"),
    pytest.param(by_class("In", "silver"), False, id="In others"),
    pytest.param(by_class("NotIn", "silver"), True, id="NotIn others"),
    pytest.param(by_class("NotIn", "gold", "silver"), False, id="NotIn"),
]


@pytest.mark.parametrize(("expression", "applies"), PRIORITY_CLASSES)
def test_a_quota_for_priority_classes(expression: Expression, applies: bool) -> None:
    scoped = quota({"pods": "1"}, expressions=(expression,))
    found = check(scoped, **CPU, priorityClassName="gold")
    assert (found is not None) is applies


# The Priority plugin gives a pod without a class the cluster's default one, if it has one, before
# the quota is asked: without the PriorityClasses neither answer is certain.
@pytest.mark.parametrize(
    "expression",
    [
        pytest.param(by_class("Exists"), id="Exists"),
        pytest.param(by_class("DoesNotExist"), id="DoesNotExist"),
        pytest.param(by_class("In", "gold"), id="In"),
        pytest.param(by_class("NotIn", "gold"), id="NotIn"),
    ],
)
def test_without_a_priority_class_it_depends_on_the_default(expression: Expression) -> None:
    with pytest.raises(UnknownScope, match="PriorityClass"):
        check(quota({"pods": "1"}, expressions=(expression,)), **CPU)


# generic/evaluator.go (Matches): all scopes must match.
TERMINATING = {"scopeName": "Terminating", "operator": "Exists"}
NOT_TERMINATING = {"scopeName": "NotTerminating", "operator": "Exists"}
NOT_BEST_EFFORT = {"scopeName": "NotBestEffort", "operator": "Exists"}
TOGETHER = [
    pytest.param((NOT_TERMINATING, NOT_BEST_EFFORT), True, id="both match"),
    pytest.param((NOT_TERMINATING, TERMINATING), False, id="one does not"),
    pytest.param((TERMINATING, by_class("Exists")), False, id="one does not, one is unknown"),
    pytest.param((by_class("Exists"), TERMINATING), False, id="one is unknown, one does not"),
]


@pytest.mark.parametrize(("expressions", "applies"), TOGETHER)
def test_all_scopes_must_match(expressions: tuple[Expression, ...], applies: bool) -> None:
    found = check(quota({"pods": "1"}, expressions=expressions), **CPU)
    assert (found is not None) is applies


def test_a_limit_range_decides_whether_a_pod_is_best_effort() -> None:
    scoped = quota({"pods": "1"}, scopes=("BestEffort",))
    assert check(scoped, **one()) is not None
    assert check(scoped, limit_range(request={"cpu": "1m"}), **one()) is None


def test_a_quota_that_was_never_counted_does_not_apply() -> None:
    document = {"metadata": {"name": "q"}, "spec": {"hard": {"pods": "0"}}}
    fresh = decoder(ResourceQuota).decode(msgspec.json.encode(document))
    assert check(fresh, **CPU) is None


def test_amounts_are_compared_as_values() -> None:
    binary = check(quota({"requests.memory": "1Gi"}), **one({"memory": str(GI)}))
    decimal = check(quota({"requests.memory": "1Gi"}), **one({"memory": f"{GI + 1}"}))
    assert binary is not None
    assert binary.exceeded == ()
    assert decimal is not None
    assert [parse(row.hard).value for row in decimal.exceeded] == [GI]
