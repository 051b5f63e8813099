"""What a pod asks of its node, and what it takes up there, as the scheduler counts both."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.core.meta import decoder
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.quantity import parse
from kubectl_ds.core.scheduling.usage import requests, uses
from tests.core.make import amounts

Given = dict[str, Any]


def a_pod(spec: Given, status: Given | None = None) -> Pod:
    """A pod as the API has it."""
    document = {"metadata": {"name": "p"}, "spec": spec, "status": status or {}}
    made: Pod = decoder(Pod).decode(msgspec.json.encode(document))
    return made


def using(name: str = "c", always: bool = False, **requested: str) -> Given:
    """A container; ``always`` makes an init container a sidecar."""
    resources = {"requests": {_name(key): text for key, text in requested.items()}}
    return {"name": name, "resources": resources, **({"restartPolicy": "Always"} if always else {})}


def _name(key: str) -> str:
    names = {"ephemeral": "ephemeral-storage", "gpu": "example.com/gpu", "pages": "hugepages-2Mi"}
    return names.get(key, key)


# component-helpers/resource/helpers.go (AggregateContainerRequests, PodRequests).
SUMS = [
    pytest.param({"containers": [using()]}, {}, id="nothing"),
    pytest.param(
        {"containers": [using(cpu="100m", memory="1Gi"), using(cpu="200m")]},
        {"cpu": "300m", "memory": "1Gi"},
        id="containers add up",
    ),
    pytest.param(
        {
            "initContainers": [
                using(always=True, cpu="100m"),
                using(cpu="300m"),
                using(always=True, cpu="50m"),
            ],
            "containers": [using(cpu="200m")],
        },
        {"cpu": "400m"},
        id="J.20: an init container beside the sidecars before it",
    ),
    pytest.param(
        {
            "initContainers": [using(always=True, cpu="100m"), using(cpu="300m")],
            "containers": [using(cpu="200m")],
            "overhead": {"cpu": "50m", "memory": "1Mi"},
        },
        {"cpu": "450m", "memory": "1Mi"},
        id="J.20: plus overhead, also of what no container asks for",
    ),
    pytest.param(
        {"containers": [{**using(cpu="100m"), "restartPolicy": "Always"}]},
        {"cpu": "100m"},
        id="a container that always restarts is no sidecar",
    ),
    pytest.param(
        {
            "containers": [using(cpu="100m", memory="1Gi", gpu="1")],
            "resources": {"requests": {"cpu": "2", "example.com/gpu": "7"}},
        },
        {"cpu": "2", "memory": "1Gi", "example.com/gpu": "1"},
        id="the whole pod's requests replace the sum, where they may be set",
    ),
    pytest.param(
        {
            "containers": [using(cpu="100m")],
            "resources": {"requests": {"cpu": "2"}},
            "overhead": {"cpu": "1"},
        },
        {"cpu": "3"},
        id="overhead comes on top of those",
    ),
    pytest.param(
        {"containers": [using(storage="1Gi", foo="3", ephemeral="1Gi", pages="2Mi", gpu="2")]},
        {"ephemeral-storage": "1Gi", "hugepages-2Mi": "2Mi", "example.com/gpu": "2"},
        id="names that the scheduler does not count",
    ),
    pytest.param({"containers": [using(cpu="0")]}, {"cpu": "0"}, id="zero is there, too"),
    pytest.param(
        {"containers": [using(cpu="0.0004"), using(cpu="0.0004")]},
        {"cpu": "1m"},
        id="rounded up once, when added up: Resource.Add",
    ),
    pytest.param(
        {"containers": [using(memory="100m"), using(memory="1100m"), using(gpu="1500m")]},
        {"memory": "2", "example.com/gpu": "2"},
        id="whole units but for cpu",
    ),
]


@pytest.mark.parametrize(("spec", "expected"), SUMS)
def test_what_the_containers_of_a_pod_ask_together(spec: Given, expected: dict[str, str]) -> None:
    """Of a pod that is not resized, bound or not."""
    wanted = {**amounts(expected), "pods": parse("1")}
    assert requests(a_pod(spec)) == wanted
    assert uses(a_pod(spec)) == wanted


def state(name: str = "c", actual: str | None = None, allocated: str | None = None) -> Given:
    resources = None if actual is None else {"requests": {"cpu": actual}}
    granted = None if allocated is None else {"cpu": allocated}
    return {"name": name, "resources": resources, "allocatedResources": granted}


INFEASIBLE = {"type": "PodResizePending", "status": "True", "reason": "Infeasible"}
DEFERRED = {"type": "PodResizePending", "status": "True", "reason": "Deferred"}
ONE = {"containers": [using(cpu="1")]}
WITH_INIT = {"initContainers": [using("i", cpu="1")], "containers": [using(cpu="0")]}
WITH_SIDECAR = {"initContainers": [using("i", True, cpu="1")], "containers": [using(cpu="0")]}
LEVEL = {"containers": [using(cpu="1")], "resources": {"requests": {"cpu": "2"}}}

# helpers.go (determineEffectiveRequests): the most of spec, actual and allocated.
RESIZED = [
    pytest.param(
        ONE, {"containerStatuses": [state(actual="2")]}, "2", id="shrinks: still has more"
    ),
    pytest.param(ONE, {"containerStatuses": [state(actual="500m")]}, "1", id="grows: wants more"),
    pytest.param(
        ONE, {"containerStatuses": [state(actual="500m", allocated="3")]}, "3", id="granted more"
    ),
    pytest.param(
        ONE, {"containerStatuses": [state(allocated="3")]}, "1", id="status without resources"
    ),
    pytest.param(ONE, {"containerStatuses": [state("x", "9")]}, "1", id="another container"),
    pytest.param(
        ONE,
        {"containerStatuses": [state(actual="500m")], "conditions": [INFEASIBLE]},
        "500m",
        id="an infeasible wish does not count",
    ),
    pytest.param(
        ONE,
        {"containerStatuses": [state(actual="500m")], "conditions": [DEFERRED]},
        "1",
        id="a deferred one does",
    ),
    pytest.param(
        WITH_SIDECAR, {"initContainerStatuses": [state("i", "2")]}, "2", id="a sidecar is resized"
    ),
    pytest.param(
        WITH_INIT, {"initContainerStatuses": [state("i", "2")]}, "1", id="an init container is not"
    ),
    pytest.param(
        LEVEL, {"resources": {"requests": {"cpu": "3"}}}, "3", id="the pod as a whole, since 1.36"
    ),
    pytest.param(
        LEVEL,
        {"resources": {"requests": {"cpu": "1"}}, "allocatedResources": {"cpu": "4"}},
        "4",
        id="the pod as a whole: granted more",
    ),
    pytest.param(
        LEVEL,
        {"resources": {"requests": {"cpu": "1"}}, "conditions": [INFEASIBLE]},
        "1",
        id="the pod as a whole: infeasible",
    ),
    pytest.param(LEVEL, {"allocatedResources": {"cpu": "4"}}, "2", id="no resources in the status"),
]


@pytest.mark.parametrize(("spec", "status", "expected"), RESIZED)
def test_a_pod_that_is_resized_in_place(spec: Given, status: Given, expected: str) -> None:
    assert uses(a_pod(spec, status))["cpu"] == parse(expected)


@pytest.mark.parametrize(("spec", "status", "expected"), RESIZED)
def test_of_a_pod_that_is_not_bound_the_spec_alone_counts(
    spec: Given, status: Given, expected: str
) -> None:
    assert requests(a_pod(spec, status)) == requests(a_pod(spec))


MILLI = st.integers(0, 4000).map(lambda amount: f"{amount}m")
CONTAINER = st.builds(lambda cpu, always: using("i", always, cpu=cpu), MILLI, st.booleans())


@given(st.lists(MILLI, min_size=1, max_size=3), st.lists(CONTAINER, max_size=4), MILLI)
def test_overhead_adds_and_no_container_makes_a_pod_smaller(
    main: list[str], init: list[Given], overhead: str
) -> None:
    def asked(**more: Any) -> int:
        spec = {"containers": [using(cpu=amount) for amount in main], **more}
        return int(requests(a_pod(spec))["cpu"].value * 1000)

    alone, whole = asked(), asked(initContainers=init)
    extra = int(parse(overhead).value * 1000)
    assert whole >= alone == sum(int(amount[:-1]) for amount in main)
    assert asked(initContainers=init, overhead={"cpu": overhead}) == whole + extra
