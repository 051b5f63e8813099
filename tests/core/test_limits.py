"""Whether LimitRanges admit one more pod."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.core.classes import LimitRange
from kubectl_ds.core.creation.limits import joined, message, violations
from kubectl_ds.core.facts import LimitUse
from kubectl_ds.core.resources import pod_resources
from tests.core.make import container, limit_range, pod_template

Amounts = dict[str, str]
Spec = dict[str, Any]


def one(requests: Amounts | None = None, limits: Amounts | None = None) -> Spec:
    return {"containers": [container(requests, limits)]}


def broken(spec: Spec, *ranges: LimitRange) -> list[LimitUse]:
    """What a template's pods break of the LimitRanges, one after the other."""
    resources = pod_resources(pod_template(**spec).spec, ranges)
    return [use for item in ranges for use in violations(resources, item)]


def of_pod(**bounds: Amounts) -> LimitRange:
    """A LimitRange that fills in no defaults, for it is about pods."""
    return limit_range(kind="Pod", **bounds)


# limitranger/admission.go: minConstraint, maxConstraint, limitRequestRatioConstraint.
NO_REQUEST, NO_LIMIT = ("request", None), ("limit", None)
MIN, MAX, RATIO = {"cpu": "100m"}, {"cpu": "1"}, {"cpu": "2"}
RULES = [
    pytest.param({"min": MIN}, one({"cpu": "100m"}), None, "", id="min: the least is enough"),
    pytest.param(
        {"min": MIN}, one({"cpu": "99m"}), ("request", "99m"),
        "minimum cpu usage per Pod is 100m, but request is 99m",
        id="min: request too small",
    ),
    pytest.param(
        {"min": MIN}, one(), NO_REQUEST,
        "minimum cpu usage per Pod is 100m.  No request is specified",
        id="min: no request",
    ),
    pytest.param(
        {"min": MIN}, one({"cpu": "0"}), ("request", "0"),
        "minimum cpu usage per Pod is 100m, but request is 0",
        id="min: a request of zero is one",
    ),
    pytest.param({"min": MIN}, one({"cpu": "1"}), None, "", id="min: no limit is no breach"),
    pytest.param(
        {"min": MIN}, one({"cpu": "200m"}, {"cpu": "50m"}), ("limit", "50m"),
        "minimum cpu usage per Pod is 100m, but limit is 50m",
        id="min: limit too small",
    ),
    pytest.param(
        {"min": MIN}, one({"cpu": "60m"}, {"cpu": "50m"}), ("request", "60m"),
        "minimum cpu usage per Pod is 100m, but request is 60m",
        id="min: both too small, the request is told",
    ),
    pytest.param({"max": MAX}, one({"cpu": "1"}, {"cpu": "1"}), None, "", id="max: the most"),
    pytest.param(
        {"max": MAX}, one({"cpu": "1"}, {"cpu": "1001m"}), ("limit", "1001m"),
        "maximum cpu usage per Pod is 1, but limit is 1001m",
        id="max: limit too big",
    ),
    pytest.param(
        {"max": MAX}, one({"cpu": "10m"}), NO_LIMIT,
        "maximum cpu usage per Pod is 1.  No limit is specified",
        id="max: no limit",
    ),
    pytest.param(
        {"max": MAX}, one({"cpu": "2"}, {"cpu": "500m"}), ("request", "2"),
        "maximum cpu usage per Pod is 1, but request is 2",
        id="max: request too big",
    ),
    pytest.param(
        {"max": MAX}, one({"cpu": "2"}, {"cpu": "3"}), ("limit", "3"),
        "maximum cpu usage per Pod is 1, but limit is 3",
        id="max: both too big, the limit is told",
    ),
    pytest.param(
        {"max": {"memory": "256Mi"}}, one(limits={"memory": "512Mi"}), ("limit", "512Mi"),
        "maximum memory usage per Pod is 256Mi, but limit is 512Mi",
        id="max: memory in Kubernetes' own spelling",
    ),
    pytest.param(
        {"maxLimitRequestRatio": RATIO}, one({"cpu": "500m"}, {"cpu": "1"}), None, "",
        id="ratio: the highest",
    ),
    pytest.param(
        {"maxLimitRequestRatio": RATIO}, one({"cpu": "100m"}, {"cpu": "1"}),
        ("ratio", "10.000000"),
        "cpu max limit to request ratio per Pod is 2, but provided ratio is 10.000000",
        id="ratio: too high",
    ),
    pytest.param(
        {"maxLimitRequestRatio": RATIO}, one({"cpu": "300m"}, {"cpu": "1"}), ("ratio", "3.333333"),
        "cpu max limit to request ratio per Pod is 2, but provided ratio is 3.333333",
        id="ratio: six places",
    ),
    pytest.param(
        {"maxLimitRequestRatio": {"cpu": "2500m"}}, one({"cpu": "2"}, {"cpu": "5"}), None, "",
        id="ratio: a fraction",
    ),
    pytest.param(
        {"maxLimitRequestRatio": {"cpu": "8050m"}}, one({"cpu": "20m"}, {"cpu": "161m"}),
        ("ratio", "8.050000"),
        "cpu max limit to request ratio per Pod is 8050m, but provided ratio is 8.050000",
        id="ratio: equal, but not as the API server rounds it",
    ),
    pytest.param(
        {"maxLimitRequestRatio": RATIO}, one(), NO_REQUEST,
        "cpu max limit to request ratio per Pod is 2, but no request is specified or request is 0",
        id="ratio: neither",
    ),
    pytest.param(
        {"maxLimitRequestRatio": RATIO}, one({"cpu": "0"}, {"cpu": "1"}), ("request", "0"),
        "cpu max limit to request ratio per Pod is 2, but no request is specified or request is 0",
        id="ratio: request zero",
    ),
    pytest.param(
        {"maxLimitRequestRatio": RATIO}, one({"cpu": "1"}), NO_LIMIT,
        "cpu max limit to request ratio per Pod is 2, but no limit is specified or limit is 0",
        id="ratio: no limit",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("bounds", "spec", "found", "text"), RULES)
def test_one_rule(
    bounds: dict[str, Amounts], spec: Spec, found: tuple[str, str | None] | None, text: str
) -> None:
    uses = broken(spec, of_pod(**bounds))
    assert [(use.side, use.actual) for use in uses] == ([found] if found else [])
    if uses:
        (rule,) = bounds
        assert uses[0].rule == rule
        assert message(uses) == text


# requestLimitEnforcedValues: thousandths only where none of the three is above (2^63-1)/1000.
HUGE = "9223372036854776"
PRECISION = [
    pytest.param({"memory": "1001m"}, {"memory": "1002m"}, True, id="thousandths"),
    pytest.param({"memory": "1100m"}, {"memory": HUGE}, True, id="whole units"),
    pytest.param(
        {"memory": "9223372036854775001m"}, {"memory": HUGE}, False, id="equal when whole"
    ),
]


@pytest.mark.parametrize(("most", "limits", "breaks"), PRECISION)
def test_how_exact_amounts_are_compared(most: Amounts, limits: Amounts, breaks: bool) -> None:
    assert bool(broken(one(limits=limits), of_pod(max=most))) is breaks


# PodValidateLimitFunc: each container and init container by itself; podRequests, podLimits: the
# whole pod, with what is set for it of cpu and memory, without overhead.
SIDECAR = {**container({"cpu": "300m"}, {"cpu": "300m"}, name="side"), "restartPolicy": "Always"}
WHOLE = [
    pytest.param(
        limit_range(max={"cpu": "1"}),
        {
            "containers": [
                container({"cpu": "1"}, {"cpu": "2"}, name="a"),
                container({"cpu": "1"}, {"cpu": "1"}, name="b"),
            ],
            "initContainers": [container({"cpu": "1"}, {"cpu": "3"}, name="init")],
        },
        [("Container", "a", "2"), ("Container", "init", "3")],
        id="each container and init container",
    ),
    pytest.param(
        limit_range(max={"cpu": "1"}),
        {**one({"cpu": "1"}, {"cpu": "1"}), "resources": {"limits": {"cpu": "4"}}},
        [],
        id="what is set for the pod is no container's",
    ),
    pytest.param(
        of_pod(max={"cpu": "1"}),
        {"containers": [container(limits={"cpu": "600m"}, name=name) for name in "ab"]},
        [("Pod", "", "1200m")],
        id="containers together",
    ),
    pytest.param(
        of_pod(max={"cpu": "1"}),
        {
            "containers": [container(limits={"cpu": "500m"})],
            "initContainers": [SIDECAR, container(limits={"cpu": "900m"}, name="init")],
        },
        [("Pod", "", "1200m")],
        id="an init container beside a sidecar",
    ),
    pytest.param(
        of_pod(max={"cpu": "1"}),
        {**one(limits={"cpu": "500m"}), "resources": {"limits": {"cpu": "2"}}},
        [("Pod", "", "2")],
        id="what is set for the pod as a whole",
    ),
    pytest.param(
        of_pod(max={"hugepages-2Mi": "4Mi"}),
        {
            **one(limits={"hugepages-2Mi": "4Mi", "cpu": "1"}),
            "resources": {"limits": {"cpu": "1", "hugepages-2Mi": "8Mi"}},
        },
        [],
        id="of which huge pages don't count",
    ),
    pytest.param(
        of_pod(max={"cpu": "1"}),
        {**one(limits={"cpu": "1"}), "overhead": {"cpu": "1"}},
        [],
        id="overhead does not count",
    ),
    pytest.param(
        limit_range(kind="PersistentVolumeClaim", max={"storage": "1Gi"}),
        one(),
        [],
        id="volume claims are no pods",
    ),
]


@pytest.mark.parametrize(("limits", "spec", "found"), WHOLE)
def test_what_is_compared(
    limits: LimitRange, spec: Spec, found: list[tuple[str, str, str]]
) -> None:
    assert [(use.type, use.container, use.actual) for use in broken(spec, limits)] == found


# SetDefaults_LimitRangeItem: the maximum is the default limit, that the default request, and the
# minimum is the default request where there is nothing else.
DEFAULTS = [
    pytest.param(limit_range(max={"cpu": "1"}), {"cpu": "1"}, {"cpu": "1"}, id="max"),
    pytest.param(limit_range({"cpu": "2"}, max={"cpu": "3"}), {"cpu": "2"}, {"cpu": "2"}, id="own"),
    pytest.param(limit_range(min={"cpu": "50m"}), {"cpu": "50m"}, {}, id="min"),
    pytest.param(
        limit_range(min={"cpu": "50m"}, max={"cpu": "1"}), {"cpu": "1"}, {"cpu": "1"}, id="both"
    ),
    pytest.param(
        limit_range(request={"cpu": "70m"}, min={"cpu": "50m"}), {"cpu": "70m"}, {}, id="request"
    ),
    pytest.param(limit_range(kind="Pod", max={"cpu": "1"}), {}, {}, id="none for pods"),
]


@pytest.mark.parametrize(("limits", "requests", "limited"), DEFAULTS)
def test_a_limit_range_fills_in_its_own_defaults(
    limits: LimitRange, requests: Amounts, limited: Amounts
) -> None:
    (found,) = pod_resources(pod_template(**one()).spec, [limits]).containers
    assert {name: str(amount) for name, amount in found.requests.items()} == requests
    assert {name: str(amount) for name, amount in found.limits.items()} == limited


def test_defaults_may_themselves_break_the_rule() -> None:
    (use,) = broken(one(), limit_range({"cpu": "2"}, {"cpu": "2"}, max={"cpu": "1"}))
    assert (use.container, use.side, use.actual, use.bound) == ("agent", "limit", "2", "1")


# util/errors (aggregate.Error).
def test_several_breaches_stand_in_brackets_and_equal_ones_once() -> None:
    two = {"containers": [container({"cpu": "2"}, {"cpu": "2"}, name=name) for name in "ab"]}
    limits = limit_range(max={"cpu": "1"})
    assert message(broken(two, limits)) == "maximum cpu usage per Container is 1, but limit is 2"
    assert joined(["a", "b", "a"]) == "[a, b]"


MILLIS = st.integers(0, 3000).map(lambda amount: f"{amount}m")


@given(MILLIS, MILLIS, MILLIS, MILLIS)
def test_a_wider_range_refuses_no_more(low: str, high: str, request: str, limit: str) -> None:
    spec = one({"cpu": request}, {"cpu": limit})
    assert not broken(spec, limit_range(min={"cpu": "0"}, max={"cpu": "3"}))
    narrow = broken(spec, limit_range(min={"cpu": low}, max={"cpu": high}))
    refused = {use.rule for use in narrow}
    wider = broken(spec, limit_range(min={"cpu": low}, max={"cpu": "3"}))
    assert {use.rule for use in wider} <= refused
