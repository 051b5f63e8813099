"""What one pod of a template requests, once the API server has filled in its defaults."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.classes import LimitRange
from kubectl_ds.core.quantity import Quantity, parse
from kubectl_ds.core.resources import PodResources, pod_resources
from tests.core.make import container, limit_range, pod_template

Amounts = dict[str, str]


def cpu(amount: str) -> dict[str, Any]:
    return container({"cpu": amount})


def sidecar(amount: str) -> dict[str, Any]:
    return {**cpu(amount), "restartPolicy": "Always"}


def spec(
    *containers: dict[str, Any], init: tuple[dict[str, Any], ...] = (), **more: Any
) -> dict[str, Any]:
    return {"containers": containers, "initContainers": init, **more}


def resources(given: dict[str, Any], *ranges: LimitRange) -> PodResources:
    return pod_resources(pod_template(**given).spec, ranges)


def amounts(given: Amounts) -> dict[str, Quantity]:
    return {name: parse(amount) for name, amount in given.items()}


# component-helpers/resource/helpers.go (AggregateContainerRequests, PodRequests),
# pkg/apis/core/v1/defaults.go (SetDefaults_ResourceList, SetDefaults_Pod).
REQUESTS = [
    pytest.param(spec(container()), {}, id="nothing"),
    pytest.param(spec(cpu("100m")), {"cpu": "100m"}, id="one container"),
    pytest.param(spec(cpu("100m"), cpu("1")), {"cpu": "1100m"}, id="containers add up"),
    pytest.param(
        spec(container({"cpu": "1"}), container({"memory": "1Gi"})),
        {"cpu": "1", "memory": "1Gi"},
        id="each of another resource",
    ),
    pytest.param(spec(cpu("0")), {"cpu": "0"}, id="zero is there, too"),
    pytest.param(
        spec(cpu("100m"), cpu("100m"), init=(cpu("150m"), cpu("150m"))),
        {"cpu": "200m"},
        id="init containers run one by one, before the others",
    ),
    pytest.param(
        spec(cpu("100m"), init=(cpu("300m"), cpu("150m"))),
        {"cpu": "300m"},
        id="the biggest init container needs more than all others",
    ),
    pytest.param(
        spec(container(), init=(container({"nvidia.com/gpu": "1"}),)),
        {"nvidia.com/gpu": "1"},
        id="only an init container asks for it",
    ),
    pytest.param(
        spec(cpu("100m"), init=(sidecar("50m"),)),
        {"cpu": "150m"},
        id="a sidecar runs beside the containers",
    ),
    pytest.param(
        spec(cpu("200m"), init=(sidecar("100m"), cpu("300m"), sidecar("50m"))),
        {"cpu": "400m"},
        id="an init container beside the sidecars before it",
    ),
    pytest.param(
        spec(cpu("100m"), init=(cpu("300m"), sidecar("100m"))),
        {"cpu": "300m"},
        id="not beside the sidecar after it",
    ),
    pytest.param(
        spec(cpu("500m"), init=(sidecar("100m"), cpu("300m"), sidecar("50m"))),
        {"cpu": "650m"},
        id="all running need more than any init container",
    ),
    pytest.param(
        spec(
            cpu("200m"),
            init=(sidecar("100m"), cpu("300m"), sidecar("50m")),
            overhead={"cpu": "250m", "memory": "120Mi"},
        ),
        {"cpu": "650m", "memory": "120Mi"},
        id="overhead comes on top",
    ),
    pytest.param(
        spec(container(limits={"cpu": "1", "memory": "64Mi"})),
        {"cpu": "1", "memory": "64Mi"},
        id="a limit alone is the request",
    ),
    pytest.param(
        spec(container({"cpu": "100m"}, {"cpu": "1", "memory": "64Mi"})),
        {"cpu": "100m", "memory": "64Mi"},
        id="for each resource by itself",
    ),
    pytest.param(
        spec(container(), init=(container(limits={"cpu": "1"}),)),
        {"cpu": "1"},
        id="of an init container, too",
    ),
    pytest.param(spec(cpu("100u")), {"cpu": "1m"}, id="rounded up to thousandths"),
    pytest.param(
        spec(cpu("1000100u"), cpu("1000100u")), {"cpu": "2002m"}, id="rounded before they add up"
    ),
    pytest.param(
        spec(container({"memory": "1.0001"})), {"memory": "1001m"}, id="memory rounds the same"
    ),
]

# PodRequests and defaultPodRequests for resources of the pod as a whole (since 1.34).
POD_LEVEL = [
    pytest.param(
        spec(cpu("100m"), resources={"requests": {"cpu": "1"}}),
        {"cpu": "1"},
        id="takes the containers' place",
    ),
    pytest.param(
        spec(
            container({"cpu": "100m", "memory": "1Gi", "ephemeral-storage": "2Gi"}),
            resources={"requests": {"cpu": "1"}},
        ),
        {"cpu": "1", "memory": "1Gi", "ephemeral-storage": "2Gi"},
        id="the containers count for all others",
    ),
    pytest.param(
        spec(cpu("100m"), resources={"limits": {"cpu": "1"}}),
        {"cpu": "100m"},
        id="a limit alone: what the containers ask for",
    ),
    pytest.param(
        spec(container(), resources={"limits": {"cpu": "1", "memory": "1Gi"}}),
        {"cpu": "1", "memory": "1Gi"},
        id="a limit alone, and no container asks",
    ),
    pytest.param(
        spec(container(), resources={"limits": {"cpu": "1", "hugepages-2Mi": "4Mi"}}),
        {"cpu": "1", "hugepages-2Mi": "4Mi"},
        id="a limit on huge pages is the request",
    ),
    pytest.param(
        spec(cpu("100m"), resources={"requests": {"cpu": "1"}}, overhead={"cpu": "250m"}),
        {"cpu": "1250m"},
        id="overhead comes on top",
    ),
    pytest.param(
        spec(cpu("100m"), overhead={"cpu": "100u"}), {"cpu": "101m"}, id="overhead rounded up"
    ),
    pytest.param(spec(cpu("100m"), resources={}), {"cpu": "100m"}, id="empty"),
]


@pytest.mark.parametrize(("given", "requests"), [*REQUESTS, *POD_LEVEL])
def test_requests(given: dict[str, Any], requests: Amounts) -> None:
    assert resources(given).requests == amounts(requests)


# component-helpers/resource/helpers.go (AggregateContainerLimits, PodLimits).
LIMITS = [
    pytest.param(spec(cpu("100m")), {}, id="a request is no limit"),
    pytest.param(
        spec(container(limits={"cpu": "1"}), container(limits={"cpu": "2"})),
        {"cpu": "3"},
        id="containers add up",
    ),
    pytest.param(
        spec(
            container(limits={"cpu": "200m"}),
            init=(
                {**container(limits={"cpu": "100m"}), "restartPolicy": "Always"},
                container(limits={"cpu": "300m"}),
            ),
        ),
        {"cpu": "400m"},
        id="with sidecars",
    ),
    pytest.param(
        spec(
            container(limits={"cpu": "1", "memory": "0"}),
            overhead={"cpu": "250m", "memory": "120Mi", "ephemeral-storage": "1Gi"},
        ),
        {"cpu": "1250m", "memory": "0"},
        id="overhead only on top of a limit that is not zero",
    ),
    pytest.param(
        spec(
            container(limits={"cpu": "100m", "memory": "1Gi"}), resources={"limits": {"cpu": "1"}}
        ),
        {"cpu": "1", "memory": "1Gi"},
        id="one for the whole pod",
    ),
]


@pytest.mark.parametrize(("given", "limits"), LIMITS)
def test_limits(given: dict[str, Any], limits: Amounts) -> None:
    assert resources(given).limits == amounts(limits)


# plugin/pkg/admission/limitranger/admission.go (mergeContainerResources): what is absent is
# filled in after SetDefaults_Pod, on containers and init containers.
DEFAULTS = [
    pytest.param(
        container(), {"cpu": "100m"}, {"cpu": "500m"}, id="both are filled in where both lack"
    ),
    pytest.param(
        container(limits={"cpu": "250m"}),
        {"cpu": "250m"},
        {"cpu": "250m"},
        id="a limit has long become the request",
    ),
    pytest.param(
        container({"cpu": "1"}), {"cpu": "1"}, {"cpu": "500m"}, id="a limit below the request"
    ),
    pytest.param(
        container({"memory": "1Gi"}),
        {"memory": "1Gi", "cpu": "100m"},
        {"cpu": "500m"},
        id="another resource stays",
    ),
    pytest.param(
        container({"cpu": "0"}, {"cpu": "0"}), {"cpu": "0"}, {"cpu": "0"}, id="zero is not absent"
    ),
]


@pytest.mark.parametrize("kind", ["containers", "initContainers"])
@pytest.mark.parametrize(("given", "requests", "limits"), DEFAULTS)
def test_a_limit_range_fills_in_what_a_container_lacks(
    given: dict[str, Any], requests: Amounts, limits: Amounts, kind: str
) -> None:
    ranges = [limit_range({"cpu": "500m"}, {"cpu": "100m"})]
    found = resources({"containers": [], kind: [given]}, *ranges).containers
    assert [item.requests for item in found] == [amounts(requests)]
    assert [item.limits for item in found] == [amounts(limits)]


@pytest.mark.parametrize("kind", ["Pod", "PersistentVolumeClaim"])
def test_only_items_for_containers_fill_in_defaults(kind: str) -> None:
    found = resources(spec(container()), limit_range({"cpu": "1"}, {"cpu": "1"}, kind=kind))
    assert (found.requests, found.limits) == ({}, {})


def test_several_limit_ranges_fill_in_one_after_the_other() -> None:
    ranges = [limit_range(request={"cpu": "100m"}), limit_range(request={"memory": "64Mi"})]
    found = resources(spec(container(), container()), *ranges)
    assert found.requests == amounts({"cpu": "200m", "memory": "128Mi"})


def test_pod_level_defaults_come_before_those_of_a_limit_range() -> None:
    """SetDefaults_Pod runs while the pod is decoded, LimitRanger in the mutating phase."""
    given = spec(container(), resources={"limits": {"cpu": "1"}})
    found = resources(given, limit_range({"cpu": "500m"}, {"cpu": "100m"}))
    assert found.requests == amounts({"cpu": "1"})


# pkg/apis/core/v1/helper/qos (ComputePodQOS), by resources after all defaults.
BEST_EFFORT = [
    pytest.param(spec(container()), True, id="nothing"),
    pytest.param(spec(cpu("0")), True, id="zero"),
    pytest.param(
        spec(container({"ephemeral-storage": "1Gi", "nvidia.com/gpu": "1"})),
        True,
        id="neither cpu nor memory",
    ),
    pytest.param(spec(cpu("1m")), False, id="a request"),
    pytest.param(spec(container(limits={"memory": "1"})), False, id="a limit"),
    pytest.param(spec(container(), init=(cpu("1m"),)), False, id="an init container's"),
    pytest.param(spec(container(), cpu("1m")), False, id="one container's"),
    pytest.param(
        spec(container(), overhead={"cpu": "250m"}), True, id="overhead is not the pod's own"
    ),
    pytest.param(
        spec(container(), resources={"requests": {"memory": "64Mi"}}), False, id="the whole pod's"
    ),
    pytest.param(
        spec(cpu("1"), resources={"requests": {"memory": "0"}}),
        True,
        id="only the whole pod's count",
    ),
    pytest.param(
        spec(cpu("100m"), resources={"limits": {"hugepages-2Mi": "4Mi"}}),
        False,
        id="the whole pod's, by default the containers'",
    ),
]


@pytest.mark.parametrize(("given", "best_effort"), BEST_EFFORT)
def test_best_effort(given: dict[str, Any], best_effort: bool) -> None:
    assert resources(given).best_effort is best_effort


def test_a_limit_range_takes_a_pod_out_of_best_effort() -> None:
    assert not resources(spec(container()), limit_range(request={"cpu": "1m"})).best_effort


# component-helpers/resource/helpers.go (IsPodLevelResourcesSet).
@pytest.mark.parametrize(
    ("given", "pod_level"),
    [
        pytest.param(spec(cpu("1")), False, id="none"),
        pytest.param(spec(cpu("1"), resources={}), False, id="empty"),
        pytest.param(spec(cpu("1"), resources={"requests": {}}), False, id="empty requests"),
        pytest.param(spec(cpu("1"), resources={"requests": {"cpu": "1"}}), True, id="requests"),
        pytest.param(spec(cpu("1"), resources={"limits": {"memory": "1Gi"}}), True, id="limits"),
    ],
)
def test_whether_there_are_resources_for_the_whole_pod(
    given: dict[str, Any], pod_level: bool
) -> None:
    assert resources(given).pod_level is pod_level
