"""What the scheduler says of spread and affinity, merged with what is worked out (H.4, a to c)."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from kubectl_ds.core.facts import TermFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.pods import (
    Affinity,
    Pod,
    PodAffinity,
    PodAffinityTerm,
    TopologySpreadConstraint,
)
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.scheduling.pending import pending_reasons
from tests.core.make import LABELS, cluster, node, pod, pod_spec, selector

HEAD = "0/2 nodes are available: 1"
TAIL = "1 node(s) didn't satisfy plugin(s) [NodeAffinity]."
NEAR = "node(s) didn't match pod affinity rules"
APART = "node(s) didn't match pod anti-affinity rules"
EXISTING = "node(s) didn't satisfy existing pods anti-affinity rules"
SPREAD = "node(s) didn't match pod topology spread constraints"
UNLABELLED = f"{SPREAD} (missing required label)"
WEB = PodAffinityTerm(topology_key="host", label_selector=selector({"app": "web"}))
AGENT = replace(WEB, label_selector=selector(LABELS))
ZONED = TopologySpreadConstraint(
    topology_key="zone",
    when_unsatisfiable="DoNotSchedule",
    label_selector=selector(LABELS),
    min_domains=2,
)
HERE = node("a", labels={"host": "a", "zone": "z"})


def rules(near: tuple[PodAffinityTerm, ...], apart: tuple[PodAffinityTerm, ...]) -> Affinity:
    return Affinity(
        pod_affinity=PodAffinity(required=near), pod_anti_affinity=PodAffinity(required=apart)
    )


def pending(
    text: str,
    near: tuple[PodAffinityTerm, ...] = (),
    apart: tuple[PodAffinityTerm, ...] = (),
    spread: tuple[TopologySpreadConstraint, ...] = (),
) -> Pod:
    state = Condition(
        type="PodScheduled",
        status="False",
        reason="Unschedulable",
        message=f"{HEAD} {text}, {TAIL}",
    )
    given = pod_spec("a", bound=False)
    aim = given.affinity.node_affinity if given.affinity else None
    affinity = replace(rules(near, apart), node_affinity=aim)
    spec = replace(given, affinity=affinity, topology_spread_constraints=spread)
    return pod("new", spec=spec, conditions=(state,))


def web(*apart: PodAffinityTerm, labels: dict[str, str] | None = None) -> Pod:
    spec = replace(pod_spec("a"), affinity=rules((), apart))
    return pod("web", spec=spec, labels=labels or {"app": "web"}, owner="rs")


def _short(reason: Reason) -> tuple[str, Source, bool, str]:
    facts = reason.facts
    assert isinstance(facts, TermFacts)
    assert bool(facts.text) is (reason.source is Source.REPORTED)
    return reason.code, reason.source, facts.existing, facts.topology_key


REPORTED, COMPUTED = Source.REPORTED, Source.COMPUTED
MERGED = [
    pytest.param(
        pending(NEAR, near=(WEB,)),
        [],
        [("PodAffinity", REPORTED, False, "host")],
        id="affinity: both agree",
    ),
    pytest.param(
        pending(APART, apart=(WEB,)),
        [web()],
        [("PodAntiAffinity", REPORTED, False, "host")],
        id="anti-affinity: both agree",
    ),
    pytest.param(
        pending(EXISTING),
        [web(AGENT)],
        [("PodAntiAffinity", REPORTED, True, "host")],
        id="that of a pod there: both agree",
    ),
    pytest.param(
        pending(APART, apart=(WEB,)),
        [web(AGENT)],
        [("PodAntiAffinity", REPORTED, False, "host"), ("PodAntiAffinity", COMPUTED, True, "host")],
        id="the scheduler stops at the first of two",
    ),
    pytest.param(
        pending(EXISTING, apart=(WEB,)),
        [web()],
        [("PodAntiAffinity", REPORTED, True, ""), ("PodAntiAffinity", COMPUTED, False, "host")],
        id="another rule by now",
    ),
    pytest.param(
        pending(SPREAD, spread=(ZONED,)),
        [web(labels=LABELS)],
        [("TopologySpread", REPORTED, False, "zone")],
        id="spread: both agree",
    ),
    pytest.param(
        pending(UNLABELLED, spread=(replace(ZONED, topology_key="rack"),)),
        [],
        [("TopologySpread", REPORTED, False, "rack")],
        id="spread, no label: both agree",
    ),
    pytest.param(
        pending(UNLABELLED, spread=(ZONED,)),
        [web(labels=LABELS)],
        [("TopologySpread", REPORTED, False, ""), ("TopologySpread", COMPUTED, False, "zone")],
        id="spread, the label is there by now",
    ),
    pytest.param(
        pending("Too many pods", near=(WEB,), spread=(ZONED,)),
        [web(AGENT, labels=LABELS)],
        [
            ("TopologySpread", COMPUTED, False, "zone"),
            ("PodAffinity", COMPUTED, False, "host"),
            ("PodAntiAffinity", COMPUTED, True, "host"),
        ],
        id="the scheduler stops at an earlier filter",
    ),
]


@pytest.mark.parametrize(("waiting", "others", "expected"), MERGED)
def test_what_is_told_and_what_is_worked_out(
    waiting: Pod, others: list[Pod], expected: list[tuple[str, Source, bool, str]]
) -> None:
    fleet = Fleet(cluster(nodes=[HERE], pods=[waiting, *others]))
    found = pending_reasons(waiting, HERE, (), fleet)
    assert [_short(item) for item in found if isinstance(item.facts, TermFacts)] == expected


# (b): the words stand, with a note that the node would take the pod now; not where that can't be
# told, and not where another rule of that kind refuses it.
EVERYWHERE, NOWHERE = None, frozenset[str]()
LAPSED = [
    pytest.param(pending(NEAR, near=(WEB,)), [web()], EVERYWHERE, True, id="affinity"),
    pytest.param(pending(APART, apart=(WEB,)), [], EVERYWHERE, True, id="anti-affinity"),
    pytest.param(pending(EXISTING), [], EVERYWHERE, True, id="existing"),
    pytest.param(pending(SPREAD, spread=(ZONED,)), [], EVERYWHERE, True, id="spread"),
    pytest.param(pending(APART, apart=(WEB,)), [], NOWHERE, False, id="anti-affinity, not read"),
    pytest.param(pending(EXISTING), [], NOWHERE, False, id="existing, not read"),
    pytest.param(pending(NEAR, near=(WEB,)), [], NOWHERE, False, id="affinity, not read"),
    pytest.param(pending(SPREAD, spread=(ZONED,)), [], NOWHERE, False, id="spread, not read"),
    pytest.param(
        pending(UNLABELLED, spread=(ZONED,)),
        [web(labels=LABELS)],
        EVERYWHERE,
        False,
        id="another constraint",
    ),
]


FAR = pod("far", "z", namespace="else", owner=None, labels={})


@pytest.mark.parametrize(("waiting", "others", "read", "fits"), LAPSED)
def test_whether_the_node_would_take_the_pod_by_now(
    waiting: Pod, others: list[Pod], read: frozenset[str] | None, fits: bool
) -> None:
    fleet = Fleet(cluster(nodes=[HERE], pods=[waiting, *others, FAR], occupants_of=read))
    facts = pending_reasons(waiting, HERE, (), fleet)[0].facts
    assert isinstance(facts, TermFacts)
    assert (facts.fits, facts.topology_key) == (fits, "")


@pytest.mark.parametrize(
    ("given", "fits"),
    [
        pytest.param(pending(APART, apart=(WEB,)), False, id="pods elsewhere may keep it away"),
        pytest.param(pending(SPREAD, spread=(ZONED,)), True, id="its own namespace alone counts"),
    ],
)
def test_what_is_claimed_where_pods_of_one_namespace_were_saved(given: Pod, fits: bool) -> None:
    fleet = Fleet(cluster(nodes=[HERE], pods=[given]))
    facts: Any = pending_reasons(given, HERE, (), fleet)[0].facts
    assert facts.fits is fits
