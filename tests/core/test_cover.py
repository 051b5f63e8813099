"""How far a DaemonSet reaches: the same as what `explain` says of every node, in less space."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recorded import NAMES, cluster

from kubectl_ds.core.cover import Cover, holes, survey
from kubectl_ds.core.facts import NoFacts, TaintFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.lean import lean
from kubectl_ds.core.meta import Condition
from kubectl_ds.core.model import Cluster, DaemonSet, Node, Taint, Unread, UpdateStrategy
from kubectl_ds.core.pods import (
    ContainerState,
    ContainerStateTerminated,
    ContainerStatus,
    Pod,
    PodSpec,
)
from kubectl_ds.core.reasons import Reason, Source, State
from kubectl_ds.core.verdict import Explanation, Outcome, gaps, tells_gaps
from tests.core import make
from tests.core.make import (
    HASH,
    NOW,
    OLD_HASH,
    ON_DELETE,
    OTHER_UID,
    UID,
    ago,
    daemon_set,
    node,
    pod,
    revision,
    rolling_update,
    template,
)

DELIVERED = State.AVAILABLE, State.OUTDATED
PICKY = template(nodeSelector={"disk": "a"})

# Clusters of every kind: few values of each, so that they meet.

NODES = "n0", "n1", "n2", "n3", "n4", "n5"
TAINTS = (
    "dedicated=db:NoSchedule",
    "spot:NoExecute",
    "soft:PreferNoSchedule",
    "node.kubernetes.io/not-ready:NoSchedule",
    "node.kubernetes.io/unreachable:NoExecute",
    Taint(key="spot", effect="NoExecute", time_added=NOW),
)
NODE = st.fixed_dictionaries(
    {},
    optional={
        "labels": st.dictionaries(st.sampled_from(["disk", "zone"]), st.sampled_from("ab")),
        "taints": st.lists(st.sampled_from(TAINTS), max_size=2),
        "ready": st.sampled_from(["True", "False", "Unknown", None]),
        "created": st.just(ago(5)),
    },
)

TEMPLATES: tuple[dict[str, Any], ...] = (
    {},
    {"nodeSelector": {"disk": "a"}},
    {"nodeName": "n1"},
    {"tolerations": [{"operator": "Exists"}]},
    {"tolerations": [{"key": "dedicated", "operator": "Lt", "value": "5"}]},
    {"nodeSelector": {"zone": "a"}, "tolerations": [{"key": "spot", "operator": "Exists"}]},
    *(
        {
            "affinity": {
                "nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
                    "nodeSelectorTerms": [term]
                }}
            }
        }
        for term in (
            {"matchExpressions": [{"key": "zone", "operator": "NotIn", "values": ["a"]}]},
            {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n2"]}]},
        )
    ),
)  # fmt: skip
STRATEGIES = (
    rolling_update(),
    rolling_update("50%"),
    rolling_update(0, 1),
    rolling_update(0, "34%"),
    ON_DELETE,
)
DAEMON_SET = st.fixed_dictionaries(
    {},
    optional={
        "pod_template": st.sampled_from([template(**spec) for spec in TEMPLATES]),
        "strategy": st.sampled_from(STRATEGIES),
        "min_ready_seconds": st.just(60),
        "template_generation": st.just("3"),
    },
)
HALT: tuple[dict[str, Any], ...] = {}, {}, {}, {}, {"observed": 0}, {"deleted": NOW}

CONTAINED = Condition(type="ContainersReady", status="True")
SCHEDULED = Condition(type="PodScheduled", status="True")
RESTARTED = ContainerStatus(
    name="agent",
    ready=True,
    restart_count=2,
    last_state=ContainerState(terminated=ContainerStateTerminated(reason="OOMKilled")),
)
UP: dict[str, Any] = {"conditions": (CONTAINED, SCHEDULED)}
OLD = UP | {"hash": OLD_HASH}
SHAPES: tuple[dict[str, Any], ...] = (
    UP,
    OLD,
    UP | {"ready_for": 10},
    OLD | {"ready_for": 10},
    UP | {"ready_for": None},
    UP | {"hash": "", "generation": "3"},
    UP | {"conditions": (CONTAINED,), "container_statuses": (RESTARTED,)},
    UP | {"owner": None},
    UP | {"owner": OTHER_UID},
    UP | {"labels": {"app": "else"}},
    UP | {"namespace": "else"},
    UP | {"deleting": True},
    UP | {"deleted": ago(600)},
    UP | {"ready": False},
    UP | {"conditions": ()},
    {"ready": False, "hash": OLD_HASH},
    {"bound": False},
    {"bound": False, "hash": OLD_HASH},
    {"spec": PodSpec()},
    {"phase": "Failed", "reason": "Evicted"},
    {"phase": "Failed", "deleting": True},
    {"phase": "Succeeded", "owner": None},
)
PODS = st.one_of(
    st.just([UP]),
    st.just([OLD]),
    st.sampled_from(SHAPES).map(lambda shape: [shape]),
    st.lists(st.sampled_from(SHAPES), max_size=3),
)
REVISIONS = revision(1, OLD_HASH), revision(2, HASH), revision(1, HASH, owner=OTHER_UID)
REFUSED = make.event("FailedCreate", 'pods "a" is forbidden: no')
NAMESPACES = (
    make.namespace(),
    make.namespace(),
    make.namespace(annotations={"openshift.io/node-selector": "zone=b"}),
    make.namespace(phase="Terminating"),
)
CAUSES = st.fixed_dictionaries(
    {},
    optional={
        "events": st.sampled_from([(REFUSED,), (REFUSED, make.event("SuccessfulCreate"))]),
        "quotas": st.just((make.quota({"pods": "1"}, {"pods": "1"}),)),
        "limit_ranges": st.just((make.limit_range({"cpu": "1"}),)),
    },
)


@st.composite
def clusters(draw: st.DrawFn) -> Cluster:
    unread = draw(st.sampled_from(["", "", "", "", "nodes", "pods"]))
    names = () if unread == "nodes" else NODES[: draw(st.integers(1, len(NODES)))]
    targets = () if unread == "pods" else (*names, "gone")
    shapes = [shape | {"target": target} for target in targets for shape in draw(PODS)]
    uid = draw(st.sampled_from([UID, UID, ""]))
    return make.cluster(
        [
            daemon_set(uid=uid, **draw(DAEMON_SET), **draw(st.sampled_from(HALT))),
            daemon_set("other", uid=OTHER_UID, **draw(DAEMON_SET)),
        ],
        [node(name, **draw(st.one_of(st.just({}), NODE))) for name in names],
        [pod(f"p{rank}", **shape) for rank, shape in enumerate(shapes)],
        revisions=draw(st.sampled_from([REVISIONS, REVISIONS, REVISIONS, ()])),
        namespaces=[draw(st.sampled_from(NAMESPACES))],
        unread=(Unread(what=unread, why="no such object"),) if unread else (),
        **draw(CAUSES),
    )


def crowded(seen: Cluster) -> Cluster:
    """The same with the pods that are plainly up gathered, as for saved objects."""
    return lean(seen)


def told(outcome: Outcome) -> tuple[Any, ...]:
    return outcome.state, outcome.desired, outcome.keeps, outcome.reasons


def by_node(answer: Explanation) -> dict[str, tuple[Any, ...]]:
    return {verdict.node: told(verdict) for verdict in answer.nodes}


def assert_the_same(seen: Cluster, given: Cluster) -> None:
    """What `explain` says of one cluster, and `survey` of another in which the same is there."""
    fleet = Fleet(given)
    for item in seen.daemon_sets:
        answer, cover = explain(seen, item), survey(fleet, item)
        wanted = by_node(answer)
        assert {name: told(cover.on(name)) for name in wanted} == wanted
        assert set(cover.others) <= set(wanted)
        assert cover.states == answer.states
        assert cover.not_checked == answer.not_checked
        assert (cover.nodes, cover.desired) == (answer.summary.nodes, answer.summary.desired)
        delivered = [x for x in answer.nodes if x.desired and x.state in DELIVERED]
        assert cover.available == len(delivered)
        none = [x.facts for x in answer.findings if x.code == "NoNodeDesired"]
        assert [cover.none_wanted] == (none or [None])
        assert [name for name, _ in cover.gaps] == [verdict.node for verdict in gaps(answer)]
        assert cover.tells_gaps is tells_gaps(answer.not_checked, answer.nodes)
        assert cover.verified


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_cluster(name: str) -> None:
    assert_the_same(cluster(name), cluster(name))
    assert_the_same(cluster(name), crowded(cluster(name)))


@settings(max_examples=200)
@given(clusters())
def test_any_cluster(seen: Cluster) -> None:
    assert_the_same(seen, seen)


@settings(max_examples=300)
@given(clusters())
def test_any_cluster_with_its_pods_in_crowds(seen: Cluster) -> None:
    assert_the_same(seen, crowded(seen))


# A node with one pod that is plainly up: is it the DaemonSet's?
NAMELESS = daemon_set(uid="")
CLAIMED = [
    pytest.param(daemon_set(), UP, State.AVAILABLE, id="its own"),
    pytest.param(daemon_set(), OLD, State.OUTDATED, id="of an older revision"),
    pytest.param(daemon_set(), UP | {"owner": None}, State.AVAILABLE, id="to be adopted"),
    pytest.param(daemon_set(), UP | {"owner": OTHER_UID}, State.MISSING, id="of another owner"),
    pytest.param(daemon_set(), UP | {"labels": {"app": "x"}}, State.MISSING, id="not selected"),
    pytest.param(daemon_set(), UP | {"namespace": "x"}, State.MISSING, id="another namespace"),
    pytest.param(NAMELESS, UP, State.AVAILABLE, id="known by its owner's name"),
]


@pytest.mark.parametrize(("item", "shape", "state"), CLAIMED)
def test_whose_crowd_it_is(item: DaemonSet, shape: dict[str, Any], state: State) -> None:
    seen = make.cluster([item], [node()], [pod(**shape)], revisions=REVISIONS)
    for each in (seen, crowded(seen)):
        assert survey(Fleet(each), item).states == {state: 1}


def test_a_settled_node_uses_up_no_budget() -> None:
    """Nor does it where minReadySeconds makes its pod's own time count."""
    for seconds in (0, 60):
        item = daemon_set(min_ready_seconds=seconds)
        pods = [pod("new", "a", **UP), pod("old", "b", **OLD)]
        seen = make.cluster([item], [node("a"), node("b")], pods, revisions=REVISIONS)
        (first, *_) = survey(Fleet(crowded(seen)), item).on("b").reasons
        assert first.code == "NextInLine"


ALIKE = {"a": "False", "b": "Unknown", "c": "True"}


def test_excluded_nodes_that_look_alike_keep_their_own_health() -> None:
    taints = ["node.kubernetes.io/not-ready:NoSchedule"]
    nodes = [node(name, taints=taints, ready=ready) for name, ready in ALIKE.items()]
    seen = make.cluster([daemon_set()], nodes)
    assert_the_same(seen, seen)


def assert_explained_alike(seen: Cluster) -> None:
    """`explain` of pods in crowds, but for what a crowd does not keep of them."""
    for item in seen.daemon_sets:
        answer, other = explain(seen, item), explain(crowded(seen), item)
        assert by_node(other) == by_node(answer)
        assert other.summary == answer.summary
        assert other.findings == answer.findings


@pytest.mark.parametrize("name", NAMES)
def test_crowds_of_a_recorded_cluster_are_explained_alike(name: str) -> None:
    assert_explained_alike(cluster(name))


@settings(max_examples=200)
@given(clusters())
def test_crowds_are_explained_alike(seen: Cluster) -> None:
    assert_explained_alike(seen)


# What events, quotas and limit ranges could still change: why a pod is missing, and why an old
# pod waits for the new one of a surge (outdated_reasons: another rollout creates none beside it).
SURGING = daemon_set(strategy=rolling_update(0, 1))
OPEN = [
    pytest.param(daemon_set(), [], True, id="missing"),
    pytest.param(daemon_set(strategy=ON_DELETE), [], True, id="missing, OnDelete"),
    pytest.param(SURGING, [pod(deleting=True)], True, id="missing: a surge does not wait"),
    pytest.param(SURGING, [pod(hash=OLD_HASH)], True, id="outdated, the new pod could be refused"),
    pytest.param(daemon_set(), [pod(hash=OLD_HASH)], False, id="outdated, no surge"),
    pytest.param(daemon_set(), [pod(deleting=True)], False, id="terminating"),
    pytest.param(daemon_set(), [pod()], False, id="available"),
    pytest.param(SURGING, [pod()], False, id="available, surge"),
    pytest.param(daemon_set(), [pod(ready=False)], False, id="not ready"),
    pytest.param(daemon_set(), [pod(bound=False)], False, id="pending"),
    pytest.param(daemon_set(), [pod(phase="Failed")], False, id="failed"),
    pytest.param(daemon_set(pod_template=PICKY), [], False, id="excluded"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "pods", "expected"), OPEN)
def test_what_causes_could_change(item: DaemonSet, pods: list[Pod], expected: bool) -> None:
    seen = make.cluster([item], [node()], pods, revisions=REVISIONS)
    refused = msgspec.structs.replace(seen, events=(REFUSED,))
    assert survey(Fleet(seen), item).open_to_causes is expected
    assert (survey(Fleet(refused), item) != survey(Fleet(seen), item)) is expected


def closed(seen: Cluster) -> int:
    """Of how many DaemonSets no more was to be said, where that was so."""
    silent = msgspec.structs.replace(seen, events=(), quotas=(), limit_ranges=())
    count = 0
    for item in seen.daemon_sets:
        answer, other = survey(Fleet(seen), item), survey(Fleet(silent), item)
        assert other.open_to_causes is answer.open_to_causes
        assert other.states == answer.states
        if not answer.open_to_causes:
            count += 1
            assert codes(other) == codes(answer)
    return count


def codes(cover: Cover) -> dict[str, list[str]]:
    """The codes that are told of each node; events add evidence to some of them."""
    return {node: [x.code for x in item.reasons] for node, item in cover.others.items()}


def test_causes_change_nothing_where_recorded_clusters_are_not_open_to_them() -> None:
    assert sum(closed(cluster(name)) for name in NAMES) >= 100


@settings(max_examples=200)
@given(clusters())
def test_causes_change_nothing_where_a_cluster_is_not_open_to_them(seen: Cluster) -> None:
    closed(seen)


# Where nothing is desired.
NOWHERE = [
    pytest.param(daemon_set(pod_template=PICKY), [node("a"), node("b")], id="no node fits"),
    pytest.param(daemon_set(), [node("a", taints=["x:NoSchedule"])], id="tainted"),
    pytest.param(daemon_set(), [], id="no node"),
]


@pytest.mark.parametrize(("item", "nodes"), NOWHERE)
def test_a_daemon_set_that_wants_no_node(item: DaemonSet, nodes: list[Node]) -> None:
    cover = survey(Fleet(make.cluster([item], nodes)), item)
    assert (cover.desired, cover.available, cover.excluded) == (0, 0, len(nodes))
    assert (cover.coverage, cover.reach) == (1, 0)
    assert cover.none_wanted is not None
    assert cover.none_wanted.nodes == len(nodes)
    assert sum(item.nodes for item in cover.none_wanted.exclusions) == len(nodes)


def test_shares_are_exact() -> None:
    item = daemon_set(pod_template=PICKY)
    nodes = [node(name, labels={"disk": "a"}) for name in "abc"] + [node(name) for name in "defg"]
    cover = survey(Fleet(make.cluster([item], nodes, [pod("p", "a"), pod("q", "b")])), item)
    assert (cover.coverage, cover.reach) == (Fraction(2, 3), Fraction(2, 7))


# The numbers are known where the nodes are, and the pods of all that are wanted.
CERTAIN = [
    pytest.param([node()], [pod()], "", True, id="all was read"),
    pytest.param([node()], [], "", True, id="there is no pod"),
    pytest.param([node()], [], "pods", False, id="no pod was read"),
    pytest.param([node(taints=["x:NoSchedule"])], [], "pods", True, id="nor is any wanted"),
    pytest.param([], [pod()], "nodes", False, id="no node was read"),
    pytest.param([node()], [], "events", True, id="no event was read"),
]


@pytest.mark.parametrize(("nodes", "pods", "unread", "expected"), CERTAIN)
def test_whether_the_numbers_are_known(
    nodes: list[Node], pods: list[Pod], unread: str, expected: bool
) -> None:
    unknown = (Unread(what=unread, why="forbidden"),) if unread else ()
    cover = survey(Fleet(make.cluster([daemon_set()], nodes, pods, unread=unknown)), daemon_set())
    assert cover.certain is expected
    assert cover.is_unread(unread) is bool(unread)


def test_where_no_node_was_read_nothing_is_said_to_be_unwanted() -> None:
    seen = make.cluster([daemon_set()], unread=(Unread(what="nodes", why="forbidden"),))
    assert survey(Fleet(seen), daemon_set()).none_wanted is None


# Holes: what is not covered, by state and deciding reason.


def tainted(key: str) -> Reason:
    facts = TaintFacts(key=key, value="", effect="NoSchedule")
    return Reason("UntoleratedTaint", Source.COMPUTED, facts)


def reason(code: str) -> Reason:
    return Reason(code, Source.COMPUTED, NoFacts())


def outcome(state: State, *reasons: Reason) -> Outcome:
    return Outcome(state=state, desired=True, keeps=True, reasons=reasons)


def cover_of(*others: Outcome, strategy: UpdateStrategy | None = None) -> Cover:
    """A cover with these outcomes on nodes 0, 1, …"""
    return Cover(
        daemon_set=daemon_set(strategy=strategy),
        nodes=len(others),
        desired=len(others),
        available=0,
        states=Counter(item.state for item in others),
        others={str(rank): item for rank, item in enumerate(others)},
        none_wanted=None,
        not_checked=(),
    )


X = outcome(State.EXCLUDED, tainted("x"))
MISSING = outcome(State.MISSING, reason("Unknown"))
PENDING = outcome(State.PENDING, reason("TooManyPods"))
OUTDATED = outcome(State.OUTDATED, reason("OnDelete"))
HOLES = [
    pytest.param(cover_of(), [], id="none"),
    pytest.param(cover_of(outcome(State.AVAILABLE)), [], id="an available pod is none"),
    pytest.param(cover_of(X, X), [("Excluded", "UntoleratedTaint", "x:NoSchedule", "01")],
        id="the same reason"),
    pytest.param(
        cover_of(X, outcome(State.EXCLUDED, tainted("y"))),
        [
            ("Excluded", "UntoleratedTaint", "x:NoSchedule", "0"),
            ("Excluded", "UntoleratedTaint", "y:NoSchedule", "1"),
        ],
        id="another subject",
    ),
    pytest.param(
        cover_of(X, outcome(State.EXCLUDED, tainted("x"), tainted("y"))),
        [("Excluded", "UntoleratedTaint", "x:NoSchedule", "01")],
        id="only the deciding reason counts",
    ),
    pytest.param(
        cover_of(X, outcome(State.MISSCHEDULED, tainted("x"))),
        [
            ("Misscheduled", "UntoleratedTaint", "x:NoSchedule", "1"),
            ("Excluded", "UntoleratedTaint", "x:NoSchedule", "0"),
        ],
        id="another state, the worst first",
    ),
    pytest.param(
        cover_of(MISSING, PENDING, PENDING),
        [("Missing", "Unknown", "", "0"), ("Pending", "TooManyPods", "", "12")],
        id="the worst state before more nodes",
    ),
    pytest.param(
        cover_of(outcome(State.PENDING, reason("VolumeZone")), PENDING, PENDING),
        [("Pending", "TooManyPods", "", "12"), ("Pending", "VolumeZone", "", "0")],
        id="of one state most nodes first",
    ),
    pytest.param(cover_of(outcome(State.MISSING)), [("Missing", "", "", "0")], id="no reason"),
]  # fmt: skip


@pytest.mark.parametrize(("cover", "expected"), HOLES)
def test_holes(cover: Cover, expected: list[tuple[str, ...]]) -> None:
    rows = [(row.state.value, row.code, row.subject, "".join(row.nodes)) for row in holes(cover)]
    assert rows == expected


GAPS = [
    pytest.param(MISSING, None, True, id="missing"),
    pytest.param(OUTDATED, None, True, id="outdated"),
    pytest.param(OUTDATED, ON_DELETE, False, id="outdated, OnDelete"),
    pytest.param(X, None, False, id="excluded"),
]


@pytest.mark.parametrize(("given", "strategy", "gap"), GAPS)
def test_which_holes_are_gaps(given: Outcome, strategy: UpdateStrategy | None, gap: bool) -> None:
    cover = cover_of(given, strategy=strategy)
    assert [row.gap for row in holes(cover)] == [gap]
    assert bool(cover.gaps) is gap
