"""Taints that are tolerated for a time only: semantics A.1, A.2, C.3, J.5."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.core.facts import EvictionLoopFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.taints import admitted_tolerations, automatic_tolerations, eviction
from kubectl_ds.words.overview import finding_sentence
from tests.core.make import cluster, daemon_set, node, pod_template, taint, template, toleration

NOT_READY = "node.kubernetes.io/not-ready:NoExecute"


def tolerating(*given: tuple[str, int | None]) -> dict[str, Any]:
    """Fields of a template's spec: tolerations in the notation of ``make.toleration``."""
    items = [(toleration(text), seconds) for text, seconds in given]
    return {
        "tolerations": [
            {
                "key": item.key,
                "operator": item.operator,
                "value": item.value,
                "effect": item.effect,
                "tolerationSeconds": seconds,
            }
            for item, seconds in items
        ]
    }


# getMinTolerationTime, GetMatchingTolerations
MAINTENANCE = "m Exists -:NoExecute"
TIMES = [
    pytest.param([(MAINTENANCE, 60)], ["m:NoExecute"], 60, id="J.5: tolerationSeconds"),
    pytest.param([(MAINTENANCE, None)], ["m:NoExecute"], None, id="for ever"),
    pytest.param([(MAINTENANCE, 0)], ["m:NoExecute"], 0, id="not at all"),
    pytest.param([(MAINTENANCE, -5)], ["m:NoExecute"], 0, id="less than that"),
    pytest.param([(MAINTENANCE, 60)], [], None, id="no taint"),
    pytest.param(
        [(MAINTENANCE, 60), (MAINTENANCE, 10)], ["m:NoExecute"], 60, id="the first that fits"
    ),
    pytest.param(
        [("- Exists -:-", None), (MAINTENANCE, 60)],
        ["m:NoExecute"],
        None,
        id="the first is for ever",
    ),
    pytest.param(
        [(MAINTENANCE, 60), ("n Exists -:NoExecute", 20)],
        ["m:NoExecute", "n:NoExecute"],
        20,
        id="the shortest of several taints",
    ),
    pytest.param(
        [(MAINTENANCE, 60), ("n Exists -:NoExecute", None)],
        ["m:NoExecute", "n:NoExecute"],
        60,
        id="one of them for ever",
    ),
    pytest.param(
        [(MAINTENANCE, 60), ("m Exists -:NoSchedule", None)],
        ["m:NoSchedule"],
        None,
        id="another effect evicts nobody",
    ),
    pytest.param(
        [("node.kubernetes.io/not-ready Exists -:NoExecute", 300)],
        [NOT_READY],
        None,
        id="A.2: the controller's own replaces the same of the template",
    ),
    pytest.param(
        [("node.kubernetes.io/not-ready Exists -:-", 300)],
        [NOT_READY],
        300,
        id="one that differs stays, and comes first",
    ),
]


@pytest.mark.parametrize(("given", "taints", "expected"), TIMES)
def test_when_a_pod_is_evicted(
    given: Sequence[tuple[str, int | None]], taints: list[str], expected: int | None
) -> None:
    tolerations = admitted_tolerations(pod_template(**tolerating(*given)))
    found = eviction(tolerations, [taint(item) for item in taints])
    assert (found and found.seconds) == expected


def test_the_automatic_ones_come_in_the_place_of_the_same_or_last() -> None:
    """helpers.go, AddOrUpdateTolerationInPodSpec."""
    asked = pod_template(
        **tolerating(
            (MAINTENANCE, 1), ("node.kubernetes.io/unreachable Exists -:NoExecute", 9), ("x - v:-", None)
        )
    )  # fmt: skip
    automatic = automatic_tolerations(asked)
    unreachable = next(item for item in automatic if item.key.endswith("/unreachable"))
    assert admitted_tolerations(asked) == (
        toleration(MAINTENANCE, 1),
        unreachable,
        toleration("x - v:-"),
        *(item for item in automatic if item is not unreachable),
    )


KEYS = st.sampled_from(["m", "n", ""])
TOLERATIONS = st.lists(
    st.tuples(KEYS, st.none() | st.integers(-1, 99)).map(
        lambda pair: (f"{pair[0] or '-'} Exists -:NoExecute", pair[1])
    ),
    min_size=1,
    max_size=4,
)
TAINTS = st.lists(st.sampled_from(["m:NoExecute", "n:NoExecute", "o:NoExecute"]), unique=True)


@given(TOLERATIONS, TAINTS)
def test_one_more_taint_never_puts_off_the_eviction(
    given: list[tuple[str, int | None]], taints: list[str]
) -> None:
    tolerations = admitted_tolerations(pod_template(**tolerating(*given)))
    times = [eviction(tolerations, map(taint, taints[:n])) for n in range(len(taints) + 1)]
    seconds = [float("inf") if item is None else item.seconds for item in times]
    assert seconds == sorted(seconds, reverse=True)


def loops(spec: dict[str, Any], *nodes: Any) -> list[Any]:
    asked = daemon_set(pod_template=template(**spec))
    findings = explain(cluster([asked], nodes), asked).findings
    return [item for item in findings if item.code == "EvictionLoop"]


def test_the_nodes_are_told_by_taint_and_time() -> None:
    spec = tolerating((MAINTENANCE, 60), ("n Exists -:NoExecute", 20))
    found = loops(
        spec,
        node("a", taints=["m=x:NoExecute"]),
        node("b", taints=["m=x:NoExecute"]),
        node("c", taints=["m=x:NoExecute", "n:NoExecute"]),
        node("d", taints=["m=y:NoSchedule"]),
        node("e"),
    )
    assert [item.facts for item in found] == [
        EvictionLoopFacts(taint="m=x:NoExecute", seconds=60, nodes=("a", "b")),
        EvictionLoopFacts(taint="n:NoExecute", seconds=20, nodes=("c",)),
    ]
    assert finding_sentence(found[0]) == (
        "taint m=x:NoExecute on a and b is tolerated for 60s only: then the pod is evicted, "
        "created anew, and so on without end"
    )


def test_no_loop_where_no_pod_is_wanted() -> None:
    spec = tolerating((MAINTENANCE, 60))
    assert loops(spec, node(taints=["m:NoExecute", "other:NoSchedule"])) == []
    assert loops(spec, node(taints=["m:NoExecute", "other:NoExecute"])) == []


def test_no_loop_where_nothing_has_an_end() -> None:
    assert loops(tolerating((MAINTENANCE, None)), node(taints=["m:NoExecute"])) == []
