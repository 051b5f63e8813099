"""Whether a pod is valid with what the API server fills in for pods only."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.classes import LimitRange
from kubectl_ds.core.creation.invalid import invalid
from kubectl_ds.core.resources import pod_resources
from tests.core.make import container, limit_range, pod_template
from tests.core.test_limits import Spec, one

# validation.go (validateResourceRequirements, validatePodResourceConsistency).
LESS = "must be less than or equal to cpu limit of 500m"
INVALID = [
    pytest.param(one({"cpu": "1"}), limit_range(), [], id="valid"),
    pytest.param(
        one({"cpu": "1"}), limit_range({"cpu": "500m"}),
        [f'spec.containers[0].resources.requests: Invalid value: "1": {LESS}'],
        id="a request above the default limit",
    ),
    pytest.param(
        {**one(), "initContainers": [container(name="i"), container({"cpu": "2"}, name="j")]},
        limit_range({"cpu": "500m"}),
        [f'spec.initContainers[1].resources.requests: Invalid value: "2": {LESS}'],
        id="of an init container",
    ),
    pytest.param(
        one(), limit_range(request={"example.com/gpu": "1"}),
        [
            "spec.containers[0].resources.limits: Required value: "
            "Limit must be set for non overcommitable resources"
        ],
        id="an extended resource without a limit",
    ),
    pytest.param(
        one(), limit_range({"example.com/gpu": "2"}, {"example.com/gpu": "1"}),
        [
            'spec.containers[0].resources.requests: Invalid value: "1": '
            "must be equal to example.com/gpu limit of 2"
        ],
        id="an extended resource with another limit",
    ),
    pytest.param(
        {**one(), "resources": {"requests": {"cpu": "100m"}}}, limit_range(request={"cpu": "200m"}),
        [
            'spec.resources.requests[cpu]: Invalid value: "100m": '
            "must be greater than or equal to aggregate container requests of 200m"
        ],
        id="default requests above the whole pod's",
    ),
    pytest.param(
        {**one(), "resources": {"limits": {"cpu": "1"}}},
        limit_range({"cpu": "2"}, {"cpu": "100m"}),
        [
            'spec.resources.containers[0][cpu].limits: Invalid value: "2": '
            "must be less than or equal to pod limits of 1"
        ],
        id="a default limit above the whole pod's",
    ),
    pytest.param(
        {**one({"cpu": "1"}), "resources": {"limits": {"cpu": "500m"}}}, limit_range(),
        [f'spec.resources.requests: Invalid value: "1": {LESS}'],
        id="requests add up to more than the whole pod's limit, without any LimitRange",
    ),
    pytest.param(
        {
            "containers": [container({"cpu": "1"}, name=name) for name in "ab"],
            "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "1Gi"}},
        },
        limit_range(request={"memory": "1Gi"}),
        [
            'spec.resources.requests[cpu]: Invalid value: "100m": '
            "must be greater than or equal to aggregate container requests of 2",
            'spec.resources.requests[memory]: Invalid value: "1Gi": '
            "must be greater than or equal to aggregate container requests of 2Gi",
        ],
        id="the whole pod's request is its limit where no container requests any",
    ),
    pytest.param(
        {**one({"cpu": "1"}), "resources": {"limits": {"cpu": "1", "hugepages-2Mi": "2Mi"}}},
        limit_range({"hugepages-2Mi": "4Mi"}),
        [
            'spec.resources.requests[hugepages-2Mi]: Invalid value: "2Mi": '
            "must be greater than or equal to aggregate container requests of 4Mi",
            'spec.resources.limits[hugepages-2Mi]: Invalid value: "2Mi": '
            "must be greater than or equal to aggregate container limits of 4Mi",
            'spec.resources.containers[0][hugepages-2Mi].limits: Invalid value: "4Mi": '
            "must be less than or equal to pod limits of 2Mi",
        ],
        id="default huge pages above the whole pod's",
    ),
    pytest.param(
        {**one({"cpu": "1"}), "resources": {"requests": {"cpu": "1"}, "limits": {"cpu": "500m"}}},
        limit_range({"cpu": "500m"}),
        [
            f'spec.containers[0].resources.requests: Invalid value: "1": {LESS}',
            f'spec.resources.requests: Invalid value: "1": {LESS}',
        ],
        id="containers come before the whole pod",
    ),
    pytest.param(
        one(), limit_range({"hugepages-2Mi": "4Mi"}),
        ["spec.containers[0].resources: Forbidden: HugePages require cpu or memory"],
        id="nothing but huge pages",
    ),
    pytest.param(
        one({"cpu": "1"}), limit_range({"hugepages-2Mi": "3Mi"}),
        [
            f'spec.containers[0].resources.{side}[hugepages-2Mi]: Invalid value: "3Mi": '
            "3Mi is not positive integer multiple of hugepages-2Mi"
            for side in ("limits", "requests")
        ],
        id="half a huge page",
    ),
    pytest.param(
        one({"cpu": "1"}), limit_range({"hugepages-big": "1Gi", "hugepages-0": "0"}),
        [
            f'spec.containers[0].resources.{side}[hugepages-{size}]: Invalid value: "{amount}": '
            f"{amount} is not positive integer multiple of hugepages-{size}"
            for side in ("limits", "requests")
            for size, amount in (("0", "0"), ("big", "1Gi"))
        ],
        id="huge pages of no size",
    ),
    pytest.param(
        one({"cpu": "100m"}, {"cpu": "1500m"}), limit_range({"example.com/gpu": "500m"}),
        [
            f'spec.containers[0].resources.{side}[example.com/gpu]: Invalid value: "500m": '
            "must be an integer"
            for side in ("limits", "requests")
        ],
        id="half an extended resource; of cpu there may be a half",
    ),
    pytest.param(
        one(), limit_range({"cpu": "-1"}),
        [
            f'spec.containers[0].resources.{side}[cpu]: Invalid value: "-1": '
            "must be greater than or equal to 0"
            for side in ("limits", "requests")
        ],
        id="less than nothing",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "limits", "texts"), INVALID)
def test_defaults_may_make_the_pod_invalid(
    spec: Spec, limits: LimitRange, texts: list[str]
) -> None:
    pod = pod_template(**spec).spec
    assert invalid(pod, pod_resources(pod, [limits])) == texts


def ports(*of_each: str, **spec: Any) -> Spec:
    """A pod whose containers have these ports: ``80`` or ``80:8080`` with a port of the host's."""
    listed = [[listening(port) for port in one.split()] for one in of_each]
    return {"containers": [{"name": "agent", "ports": one} for one in listed], **spec}


def listening(text: str) -> dict[str, Any]:
    port, _, host_port = text.partition(":")
    number, _, protocol = port.partition("/")
    return {
        "containerPort": int(number),
        "hostPort": int(host_port or 0),
        "protocol": protocol or "TCP",
    }


# validation.go (checkHostPortConflicts), after defaults.go (defaultHostNetworkPorts).
TWICE = 'spec.{}[{}].ports[{}].hostPort: Duplicate value: "TCP//80"'
PORTS = [
    pytest.param(ports("80", "80"), [], id="each container has its own network"),
    pytest.param(ports("80", "81", hostNetwork=True), [], id="two ports"),
    pytest.param(ports("80", "80/UDP", hostNetwork=True), [], id="two protocols"),
    pytest.param(
        ports("80", "81 80", hostNetwork=True), [TWICE.format("containers", 1, 1)],
        id="two containers on the host's network",
    ),
    pytest.param(
        ports("80 80", hostNetwork=True), [TWICE.format("containers", 0, 1)], id="one container"
    ),
    pytest.param(
        ports("80:80", "80", hostNetwork=True), [TWICE.format("containers", 1, 0)],
        id="one says so, the other is on the host's network",
    ),
    pytest.param(
        ports("80", initContainers=ports("80", "80")["containers"], hostNetwork=True), [],
        id="init containers run one after the other",
    ),
    pytest.param(
        ports("81", initContainers=ports("82", "80 80")["containers"], hostNetwork=True),
        [TWICE.format("initContainers", 0, 1)],
        id="within an init container, which is called the first",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "texts"), PORTS)
def test_ports_of_the_host_are_taken_once(spec: Spec, texts: list[str]) -> None:
    pod = pod_template(**spec).spec
    assert invalid(pod, pod_resources(pod, [])) == texts
