"""Inter-pod affinity and anti-affinity, put to a daemon pod.

The rules are those of ``pkg/scheduler/framework/plugins/interpodaffinity`` (semantics F.9).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.facts import TermFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import Namespace, Node, Unread
from kubectl_ds.core.pods import Affinity, LabelSelector, Pod, PodAffinity, PodAffinityTerm
from kubectl_ds.core.scheduling.affinity import (
    existing_anti_affinity,
    pod_affinity,
    pod_anti_affinity,
)
from kubectl_ds.core.scheduling.target import Refused, target_of
from tests.core.make import (
    LABELS,
    NAMESPACE,
    cluster,
    namespace,
    node,
    pod,
    pod_spec,
    requirement,
    selector,
)

ZONE, HOST = "zone", "host"
A1 = node("a1", labels={ZONE: "a", HOST: "a1"})
A2 = node("a2", labels={ZONE: "a", HOST: "a2"})
B1 = node("b1", labels={ZONE: "b", HOST: "b1"})
BARE = node("bare", labels={HOST: "bare"})
FLEET = A1, A2, B1, BARE
WEB, OWN = selector({"app": "web"}), selector(LABELS)
EVERY = LabelSelector()
FILTERS = pod_affinity, pod_anti_affinity, existing_anti_affinity


def term(key: str = ZONE, about: LabelSelector | None = WEB, **more: Any) -> PodAffinityTerm:
    return PodAffinityTerm(topology_key=key, label_selector=about, **more)


def spec(
    near: Sequence[PodAffinityTerm] = (),
    apart: Sequence[PodAffinityTerm] = (),
    target: str = "a1",
    bound: bool = False,
    **more: Any,
) -> Any:
    given = pod_spec(target, bound=bound)
    affinity = replace(
        given.affinity or Affinity(),
        pod_affinity=PodAffinity(required=tuple(near)),
        pod_anti_affinity=PodAffinity(required=tuple(apart)),
    )
    return replace(given, affinity=affinity, **more)


def pending(*near: PodAffinityTerm, apart: Sequence[PodAffinityTerm] = (), **more: Any) -> Pod:
    return pod("new", spec=spec(near, apart, **more), hash="")


def web(on: str = "a1", *apart: PodAffinityTerm, **more: Any) -> Pod:
    given = {"labels": {"app": "web"}, "namespace": NAMESPACE, "owner": "rs", "hash": "", **more}
    return pod(f"web-{on}", spec=spec(apart=apart, target=on, bound=True), **given)


HERE = namespace(labels={"team": "infra"})
SHOP = namespace("shop", labels={"team": "shop"})


def answers(
    waiting: Pod,
    pods: Iterable[Pod] = (),
    nodes: Iterable[Node] = FLEET,
    read: frozenset[str] | None = None,
    namespaces: Iterable[Namespace] = (HERE, SHOP),
    target: str = "a1",
) -> list[Refused | Unread]:
    fleet = Fleet(
        cluster(nodes=nodes, pods=[waiting, *pods], occupants_of=read, namespaces=namespaces)
    )
    at = target_of(waiting, fleet.nodes[target], fleet)
    return list(chain.from_iterable(each(waiting, at) for each in FILTERS))


def told(found: Iterable[Refused | Unread]) -> list[str]:
    """Each refusal in short: its rule, its topologyKey, and who is in the way."""
    return [_told(item) for item in found]


def _told(item: Refused | Unread) -> str:
    if isinstance(item, Unread):
        return "unread"
    facts = item.facts
    assert isinstance(facts, TermFacts)
    rule = "existing" if facts.existing else item.code.removeprefix("Pod")
    return " ".join(filter(None, (rule, facts.topology_key, facts.holder)))


NEAR = "Affinity zone"
# satisfyPodAffinity
AFFINITY = [
    pytest.param([term()], [web("a1")], "a1", [], id="on the node"),
    pytest.param([term()], [web("a2")], "a1", [], id="in the domain"),
    pytest.param([term()], [web("b1")], "a1", [NEAR], id="in another domain alone"),
    pytest.param([term()], [], "a1", [NEAR], id="nowhere, and it is no such pod itself"),
    pytest.param([term()], [web("a1", deleting=True)], "a1", [], id="a terminating pod counts"),
    pytest.param([term()], [web("a1", phase="Succeeded")], "a1", [NEAR], id="one at its end not"),
    pytest.param([term()], [web("gone")], "a1", [NEAR], id="nor one on a node that is gone"),
    pytest.param(
        [term()], [web("a1", namespace="shop")], "a1", [NEAR], id="nor one of another namespace"
    ),
    pytest.param([term()], [web("b1")], "bare", [NEAR], id="the node has no such label"),
    pytest.param([term(), term(HOST)], [web("a1")], "a1", [], id="both domains"),
    pytest.param(
        [term(), term(HOST)], [web("a2")], "a1", ["Affinity host"], id="one of two domains"
    ),
    pytest.param(
        [term(HOST), term()], [], "a1", ["Affinity host", NEAR], id="all terms that fail are told"
    ),
    pytest.param(
        [term(), term(about=selector({"tier": "front"}))],
        [web("a1"), web("a2", labels={"tier": "front"})],
        "a1",
        [NEAR, NEAR],
        id="one pod must match all terms",
    ),
    pytest.param(
        [term(), term(HOST)],
        [web("a2"), web("a1", labels={"app": "web", "x": "y"})],
        "a1",
        [],
        id="each domain may have its own pod",
    ),
    pytest.param([term(about=OWN)], [], "a1", [], id="the first of its kind"),
    pytest.param([term(about=OWN)], [], "bare", [NEAR], id="the first, but no such label"),
    pytest.param(
        [term(about=OWN)], [web("b1", labels=LABELS)], "a1", [NEAR], id="not the first of its kind"
    ),
    pytest.param(
        [term(about=OWN)],
        [web("b1", labels=LABELS, namespace="shop")],
        "a1",
        [],
        id="those of other namespaces are of another kind",
    ),
    pytest.param(
        [term(about=OWN)],
        [web("bare", labels=LABELS)],
        "a1",
        [],
        id="one on a node without any of the labels does not count",
    ),
    pytest.param(
        [term(about=OWN, namespaces=("shop",))], [], "a1", [NEAR], id="its own terms mean others"
    ),
    pytest.param(
        [term(about=OWN), term()], [], "a1", [NEAR, NEAR], id="it matches but one of its terms"
    ),
    pytest.param([term(about=None)], [web("a1")], "a1", [NEAR], id="no selector: no pod matches"),
    pytest.param([term(about=EVERY)], [web("a1")], "a1", [], id="an empty one: all match"),
]


@pytest.mark.parametrize(("terms", "pods", "target", "expected"), AFFINITY)
def test_required_affinity(
    terms: list[PodAffinityTerm], pods: list[Pod], target: str, expected: list[str]
) -> None:
    assert told(answers(pending(*terms, target=target), pods, target=target)) == expected


AWAY = f"AntiAffinity zone {NAMESPACE}/web-"
# satisfyPodAntiAffinity
ANTI_AFFINITY = [
    pytest.param([term()], [web("a1")], "a1", [f"{AWAY}a1"], id="on the node"),
    pytest.param([term()], [web("a2")], "a1", [f"{AWAY}a2"], id="in the domain"),
    pytest.param([term()], [web("b1")], "a1", [], id="in another domain"),
    pytest.param([term(HOST)], [web("a2")], "a1", [], id="on another node"),
    pytest.param([term()], [web("b1")], "bare", [], id="a node without the label is free"),
    pytest.param([term()], [web("a1"), web("a2")], "a1", [f"{AWAY}a1"], id="one of several pods"),
    pytest.param([term()], [web(deleting=True)], "a1", [f"{AWAY}a1"], id="a terminating pod"),
    pytest.param([term()], [web(phase="Failed")], "a1", [], id="a pod at its end"),
    pytest.param([term()], [web(namespace="shop")], "a1", [], id="a pod of another namespace"),
    pytest.param([term(about=None)], [web()], "a1", [], id="no selector"),
    pytest.param(
        [term(), term(about=selector({"tier": "front"}))],
        [web()],
        "a1",
        [f"{AWAY}a1"],
        id="any term is enough",
    ),
    pytest.param(
        [term(), term(HOST)],
        [web()],
        "a1",
        [f"{AWAY}a1", f"AntiAffinity host {NAMESPACE}/web-a1"],
        id="all terms that fail are told",
    ),
]


@pytest.mark.parametrize(("terms", "pods", "target", "expected"), ANTI_AFFINITY)
def test_required_anti_affinity(
    terms: list[PodAffinityTerm], pods: list[Pod], target: str, expected: list[str]
) -> None:
    assert told(answers(pending(apart=terms, target=target), pods, target=target)) == expected


KEPT = f"existing zone {NAMESPACE}/web-"
ABOUT = term(about=OWN)
# satisfyExistingPodsAntiAffinity
EXISTING = [
    pytest.param([web("a1", ABOUT)], "a1", [f"{KEPT}a1"], id="on the node"),
    pytest.param([web("a2", ABOUT)], "a1", [f"{KEPT}a2"], id="in the domain"),
    pytest.param([web("b1", ABOUT)], "a1", [], id="in another domain"),
    pytest.param([web("a2", term(HOST, OWN))], "a1", [], id="on another node"),
    pytest.param([web("bare", ABOUT)], "bare", [], id="on a node without the label"),
    pytest.param([web("a1", term())], "a1", [], id="the pod does not match"),
    pytest.param([web("a1", ABOUT, deleting=True)], "a1", [f"{KEPT}a1"], id="a terminating pod"),
    pytest.param([web("a1", ABOUT, phase="Failed")], "a1", [], id="a pod at its end"),
    pytest.param(
        [web("a1", ABOUT, namespace="shop")], "a1", [], id="its term means its own namespace"
    ),
    pytest.param(
        [web("a1", term(about=OWN, namespaces=(NAMESPACE,)), namespace="shop")],
        "a1",
        ["existing zone shop/web-a1"],
        id="it names the pod's namespace",
    ),
    pytest.param(
        [web("a1", ABOUT), web("a2", ABOUT)], "a1", [f"{KEPT}a1"], id="one of those with that rule"
    ),
    pytest.param(
        [web("a1", ABOUT), web("a2", term(about=EVERY))],
        "a1",
        [f"{KEPT}a1", f"{KEPT}a2"],
        id="each rule",
    ),
]


@pytest.mark.parametrize(("pods", "target", "expected"), EXISTING)
def test_anti_affinity_of_pods_that_are_there(
    pods: list[Pod], target: str, expected: list[str]
) -> None:
    assert told(answers(pending(target=target), pods, target=target)) == expected


# GetAffinityTerms, AffinityTerm.Matches: namespaces and namespaceSelector are ORed; with neither
# the term means the namespace of the pod that has it.
TEAM = selector({"team": "shop"})
ELSEWHERE = web(namespace="shop")
NAMESPACES: list[Any] = [
    pytest.param({}, False, id="neither"),
    pytest.param({"namespaces": ()}, False, id="an empty list"),
    pytest.param({"namespaces": ("shop",)}, True, id="named"),
    pytest.param({"namespaces": ("web",)}, False, id="another one named"),
    pytest.param({"namespace_selector": TEAM}, True, id="selected"),
    pytest.param({"namespace_selector": selector({"team": "web"})}, False, id="not selected"),
    pytest.param({"namespaces": ("web",), "namespace_selector": TEAM}, True, id="either"),
    pytest.param({"namespace_selector": EVERY}, True, id="all"),
    pytest.param(
        {"namespace_selector": LabelSelector(match_labels={}, match_expressions=())}, True, id="all, too"
    ),
    pytest.param(
        {"namespace_selector": selector({}, requirement("team", "DoesNotExist"))}, False, id="unlabelled"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("where", "about"), NAMESPACES)
def test_the_namespaces_of_a_term(where: Mapping[str, Any], about: bool) -> None:
    given = pending(apart=[term(**where)])
    assert bool(told(answers(given, [ELSEWHERE]))) is about


@pytest.mark.parametrize(("where", "about"), NAMESPACES)
def test_the_namespaces_of_a_term_of_a_pod_that_is_there(
    where: Mapping[str, Any], about: bool
) -> None:
    there = web("a1", term(about=OWN, **where))
    mirrored = replace(pending(), metadata=replace(pending().metadata, namespace="shop"))
    assert bool(told(answers(mirrored, [there]))) is about


# Written at creation: matchLabelKeys and mismatchLabelKeys are in the selector that is stored
# (pkg/registry/core/pod/strategy.go, applyMatchLabelKeysAndMismatchLabelKeys).
def test_label_keys_are_in_the_selector_already() -> None:
    stored = term(
        about=selector({"app": "web"}, requirement("rev", "NotIn", "2")),
        mismatch_label_keys=("rev",),
    )
    same = web("a1", labels={"app": "web", "rev": "2"})
    other = web("a1", labels={"app": "web", "rev": "1"})
    assert told(answers(pending(apart=[stored]), [same])) == []
    assert told(answers(pending(apart=[stored]), [other])) == [f"{AWAY}a1"]


HIDDEN = "unread"
TEAMS = {"namespace_selector": TEAM}


def rival(priority: int, *apart: PodAffinityTerm) -> Pod:
    given = spec(apart=apart, priority=priority)
    return pod("web-a1", spec=given, labels={"app": "web"}, hash="", nominated_node_name="a1")


def test_pods_for_which_room_is_made_keep_their_distance() -> None:
    """Those of no lower priority count as if they were there (addGENominatedPods)."""
    waiting = pending(apart=[term()], priority=5)
    assert told(answers(waiting, [rival(5)])) == [f"{AWAY}a1"]
    assert told(answers(waiting, [rival(4)])) == []
    assert told(answers(pending(priority=5), [rival(5, ABOUT)])) == [f"{KEPT}a1"]
    assert told(answers(pending(priority=5), [rival(4, ABOUT)])) == []


def test_a_node_without_the_label_is_free_of_those_too() -> None:
    waiting = pending(apart=[term()], target="bare")
    coming = replace(rival(0, ABOUT), status=replace(rival(0).status, nominated_node_name="bare"))
    assert told(answers(waiting, [coming], target="bare")) == []


def test_a_pod_to_come_from_a_namespace_that_was_not_read() -> None:
    waiting = pending(apart=[term(**TEAMS)])
    coming = replace(rival(0), metadata=replace(rival(0).metadata, namespace="shop"))
    assert told(answers(waiting, [coming], namespaces=[HERE])) == [HIDDEN]
    assert told(answers(waiting, [coming])) == ["AntiAffinity zone shop/web-a1"]


def test_nearness_does_not_count_on_a_pod_that_is_yet_to_come() -> None:
    """The filters must pass without those that are nominated, too."""
    assert told(answers(pending(term()), [rival(0)])) == [NEAR]


def test_both_sides_are_evidence() -> None:
    about = selector({"app": "web"}, requirement("tier", "In", "a", "b"))
    rule = term(about=about, namespaces=("shop",), namespace_selector=TEAM)
    there = web("a2", labels={"app": "web", "tier": "a"}, namespace="shop")
    (found,) = answers(pending(apart=[rule]), [there])
    assert found == Refused(
        "PodAntiAffinity",
        TermFacts(
            pod="new",
            topology_key=ZONE,
            domain="a",
            selector="app=web,tier in (a,b)",
            namespaces="shop and those with labels team=shop",
            holder="shop/web-a2",
        ),
    )


def test_a_label_that_is_missing_is_told_apart() -> None:
    (found,) = answers(pending(term(), target="bare"), [web()], target="bare")
    expected = TermFacts(
        pod="new", topology_key=ZONE, domain=None, unlabelled=True, selector="app=web"
    )
    assert found == Refused("PodAffinity", expected)


# What can't be told is said; what was found holds. Pods on other nodes that were not read may
# have an anti-affinity of their own, which is said once, last.
UNREAD = [
    pytest.param(pending(apart=[term()]), [web("a2")], {"a1"}, [f"{AWAY}a2", HIDDEN], id="found"),
    pytest.param(pending(apart=[term()]), [], {"a1"}, [HIDDEN, HIDDEN], id="not found"),
    pytest.param(pending(apart=[term()]), [], {"a1", "a2"}, [HIDDEN], id="the whole domain read"),
    pytest.param(pending(apart=[term(HOST)]), [], {"a1"}, [HIDDEN], id="the node is the domain"),
    pytest.param(pending(term()), [web("a2")], {"a1"}, [HIDDEN], id="affinity: found"),
    pytest.param(pending(term()), [], {"a1"}, [HIDDEN, HIDDEN], id="affinity: not found"),
    pytest.param(
        pending(term()), [], {"a1", "a2"}, [NEAR, HIDDEN], id="affinity: not in the whole domain"
    ),
    pytest.param(
        pending(term(about=OWN)), [], {"a1", "a2"}, [HIDDEN, HIDDEN], id="the first, or not"
    ),
    pytest.param(
        pending(term(about=OWN)),
        [web("b1", labels=LABELS)],
        {"a1", "a2"},
        [NEAR, HIDDEN],
        id="certainly not the first",
    ),
    pytest.param(pending(), [], {"a1"}, [HIDDEN], id="no rules of its own"),
    pytest.param(
        pending(), [web("a2", ABOUT)], {"a1"}, [f"{KEPT}a2", HIDDEN], id="kept away by one seen"
    ),
]


@pytest.mark.parametrize(("waiting", "pods", "read", "expected"), UNREAD)
def test_pods_that_were_not_read(
    waiting: Pod, pods: list[Pod], read: set[str], expected: list[str]
) -> None:
    assert told(answers(waiting, pods, read=frozenset(read))) == expected


def test_what_was_not_read_is_named() -> None:
    found = answers(pending(apart=[term()]), read=frozenset({"a1"}))
    assert [item for item in found if isinstance(item, Unread)] == [
        Unread(
            what="anti-affinity to pods app=web within zone",
            why="not all pods on the nodes of that domain were read",
        ),
        Unread(what="the anti-affinity of pods on other nodes", why="not all pods there were read"),
    ]


OF_NAMESPACES = [
    pytest.param(pending(apart=[term(**TEAMS)]), ELSEWHERE, [HIDDEN], id="anti-affinity"),
    pytest.param(pending(term(**TEAMS)), ELSEWHERE, [HIDDEN], id="affinity"),
    pytest.param(pending(term(**TEAMS)), web("b1", namespace="shop"), [NEAR], id="another domain"),
    pytest.param(
        pending(term(**TEAMS), term()),
        ELSEWHERE,
        [NEAR, NEAR],
        id="another term does not match anyway",
    ),
    pytest.param(
        pending(apart=[term(namespace_selector=EVERY)]),
        ELSEWHERE,
        ["AntiAffinity zone shop/web-a1"],
        id="all namespaces",
    ),
    pytest.param(
        pending(apart=[term(**TEAMS)]),
        web(namespace="shop", labels={"app": "db"}),
        [],
        id="no such pod anyway",
    ),
    pytest.param(
        pending(apart=[term(**TEAMS, namespaces=("shop",))]),
        ELSEWHERE,
        ["AntiAffinity zone shop/web-a1"],
        id="named besides",
    ),
]


@pytest.mark.parametrize(("waiting", "there", "expected"), OF_NAMESPACES)
def test_namespaces_that_were_not_read(waiting: Pod, there: Pod, expected: list[str]) -> None:
    assert told(answers(waiting, [there], namespaces=[HERE])) == expected


def test_the_namespace_of_the_pod_itself_was_not_read() -> None:
    """Whether it is the first of its kind, and whether others keep away from it."""
    own = selector({"team": "infra"})
    first = pending(term(about=OWN, namespace_selector=own))
    assert told(answers(first, namespaces=())) == [HIDDEN]
    assert told(answers(first, namespaces=[HERE])) == []
    kept = web("a1", term(about=OWN, namespace_selector=own))
    assert told(answers(pending(), [kept], namespaces=())) == [HIDDEN]
    assert told(answers(pending(), [kept], namespaces=[HERE])) == [f"{KEPT}a1"]


# Laws.
SMALL = st.sampled_from([WEB, OWN, EVERY, None])
TERMS = st.lists(st.builds(term, st.sampled_from([ZONE, HOST]), SMALL), max_size=2)
PLACES = st.sampled_from([item.name for item in FLEET])
PODS = st.lists(
    st.builds(
        lambda on, apart, labels: web(on, *apart, labels=labels),
        PLACES,
        TERMS,
        st.sampled_from([{"app": "web"}, LABELS, {"app": "db"}]),
    ),
    max_size=5,
)
WAITING = st.builds(lambda near, apart: pending(*near, apart=apart), TERMS, TERMS)


def rules(found: Iterable[Refused | Unread]) -> set[tuple[str, bool]]:
    """Which rules refuse: their code, and whether they are those of pods that are there."""
    facts = ((item.code, item.facts) for item in found if isinstance(item, Refused))
    return {(code, item.existing) for code, item in facts if isinstance(item, TermFacts)}


@given(WAITING, PODS)
def test_the_scheduler_comes_to_the_same(waiting: Pod, pods: list[Pod]) -> None:
    """By counts of (topologyKey, value) pairs, as PreFilter keeps them."""
    assert rules(answers(waiting, pods)) == reference(waiting, pods)


def reference(waiting: Pod, pods: list[Pod]) -> set[tuple[str, bool]]:
    assert waiting.spec.affinity
    near = required(waiting.spec.affinity.pod_affinity)
    apart = required(waiting.spec.affinity.pod_anti_affinity)
    placed = [(item, {x.name: x for x in FLEET}[item.spec.node_name]) for item in pods]
    affine = {
        (each.topology_key, place.labels[each.topology_key])
        for item, place in placed
        if near and all(fits(each, item) for each in near)
        for each in near
        if each.topology_key in place.labels
    }
    averse = {
        (each.topology_key, place.labels.get(each.topology_key))
        for item, place in placed
        for each in apart
        if fits(each, item)
    }
    kept = {
        (each.topology_key, place.labels.get(each.topology_key))
        for item, place in placed
        if item.spec.affinity
        for each in required(item.spec.affinity.pod_anti_affinity)
        if fits(each, waiting)
    }
    pairs = set(A1.labels.items())
    first = not affine and all(fits(each, waiting) for each in near)
    alone = any((each.topology_key, A1.labels[each.topology_key]) not in affine for each in near)
    found = {("PodAffinity", False)} if alone and not first else set()
    found |= {("PodAntiAffinity", False)} if averse & pairs else set()
    return found | ({("PodAntiAffinity", True)} if kept & pairs else set())


def required(rule: PodAffinity | None) -> tuple[PodAffinityTerm, ...]:
    return (rule.required if rule else None) or ()


def fits(each: PodAffinityTerm, item: Pod) -> bool:
    wanted = each.label_selector
    return wanted is not None and (wanted.match_labels or {}).items() <= item.labels.items()


@given(WAITING, PODS, st.frozensets(PLACES), st.sets(st.integers(0, 4)))
def test_reading_less_never_turns_the_answer_round(
    waiting: Pod, pods: list[Pod], read: frozenset[str], lost: set[int]
) -> None:
    whole = rules(answers(waiting, pods))
    kept = [x for place, x in enumerate(pods) if x.spec.node_name in read or place not in lost]
    found = answers(waiting, kept, read=read)
    assert rules(found) <= whole
    if not any(isinstance(item, Unread) for item in found):
        assert rules(found) == whole
