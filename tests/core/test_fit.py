"""Whether a node has room for one more pod, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.facts import Consumer, RoomFacts
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Node, Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.quantity import parse
from kubectl_ds.core.reasons import Source
from kubectl_ds.core.scheduling.fit import fit, room
from kubectl_ds.core.scheduling.target import Refused, Target
from kubectl_ds.words.reasons import sentence
from tests.core.make import cluster, daemon_set, node
from tests.core.rooms import target, there, waiting

GPU = "example.com/gpu"


def codes(pod: Pod, seen: Target) -> list[str]:
    return [item.code for item in fit(pod, seen) if isinstance(item, Refused)]


def unread(pod: Pod, seen: Target) -> list[str]:
    return [item.what for item in fit(pod, seen) if isinstance(item, Unread)]


def small(**allocatable: str) -> Node:
    return node(allocatable={"cpu": "1", "memory": "1Gi", "pods": "110", **allocatable})


# noderesources/fit.go (fitsRequest); the numbers of J.19 to J.21 are those of semantics.md.
FITS = [
    pytest.param({"cpu": "400m"}, small(), [{"cpu": "600m"}], [], id="what is left is enough"),
    pytest.param({"cpu": "401m"}, small(), [{"cpu": "600m"}], ["InsufficientCPU"], id="it is not"),
    pytest.param({"cpu": "0"}, small(), [{"cpu": "2"}], [], id="J.19: zero fits, if overcommitted"),
    pytest.param({}, small(), [{"cpu": "2"}], [], id="no request fits, if overcommitted"),
    pytest.param(
        {"memory": "1Gi"}, small(), [{"memory": "1"}], ["InsufficientMemory"], id="one byte short"
    ),
    pytest.param(
        {"memory": "1M", "cpu": "2"}, small(memory="0"), [],
        ["InsufficientMemory", "InsufficientCPU"], id="all that is short is told",
    ),
    pytest.param(
        {"ephemeral-storage": "1"}, small(), [], ["InsufficientEphemeralStorage"],
        id="what the node does not list it has none of",
    ),
    pytest.param({GPU: "1"}, small(**{GPU: "2"}), [{GPU: "1"}], [], id="an extended resource"),
    pytest.param(
        {GPU: "2"}, small(**{GPU: "2"}), [{GPU: "1"}], ["InsufficientResource"], id="too little of it"
    ),
    pytest.param(
        {"hugepages-2Mi": "4Mi"}, small(**{"hugepages-2Mi": "2Mi"}), [], ["InsufficientResource"],
        id="huge pages",
    ),
    pytest.param({}, small(pods="1"), [{}], ["TooManyPods"], id="no place for another pod"),
    pytest.param({}, small(pods="2"), [{}], [], id="the last place"),
    pytest.param({}, node(allocatable={"cpu": "1"}), [], ["TooManyPods"], id="J.19: pods missing"),
    pytest.param({}, node(allocatable=None), [], ["TooManyPods"], id="a node without a status"),
    pytest.param(
        {"cpu": "1"}, small(pods="1"), [{"cpu": "1m"}], ["InsufficientCPU", "TooManyPods"],
        id="pods and another resource",
    ),
    pytest.param({"cpu": "999m"}, small(), [{"cpu": "0.0001"}], [], id="rounded up to thousandths"),
    pytest.param(
        {"cpu": "999m"}, small(), [{"cpu": "0.0001"}, {"cpu": "0.0001"}], ["InsufficientCPU"],
        id="each pod by itself",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "on", "others", "expected"), FITS)
def test_what_is_short(
    asked: dict[str, str], on: Node, others: list[dict[str, str]], expected: list[str]
) -> None:
    pod = waiting(asked)
    seen = target(pod, [there(f"o{rank}", each) for rank, each in enumerate(others)], on)
    assert sorted(codes(pod, seen)) == sorted(expected)


# framework/types.go (NodeInfo): bound and not at its end; addGENominatedPods.
ALL = {"cpu": "1"}
COUNTED = [
    pytest.param(there("x", ALL), True, id="running"),
    pytest.param(there("x", ALL, deleting=True), True, id="J.19: terminating, not gone"),
    pytest.param(there("x", ALL, phase="Succeeded"), False, id="J.19: succeeded"),
    pytest.param(there("x", ALL, phase="Failed"), False, id="failed"),
    pytest.param(there("x", ALL, phase="Unknown"), True, id="of unknown phase"),
    pytest.param(there("x", ALL, "b"), False, id="on another node"),
    pytest.param(
        replace(waiting(ALL, nominated="a", priority=10), metadata=there("x").metadata),
        True,
        id="room is made for it, of equal priority",
    ),
    pytest.param(
        replace(waiting(ALL, nominated="a", priority=9), metadata=there("x").metadata),
        False,
        id="room is made for it, of lower priority",
    ),
    pytest.param(
        replace(waiting(ALL, nominated="b", priority=10), metadata=there("x").metadata),
        False,
        id="room is made for it elsewhere",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("other", "counts"), COUNTED)
def test_which_pods_take_up_room(other: Pod, counts: bool) -> None:
    pod = waiting({"cpu": "1m"}, priority=10)
    assert codes(pod, target(pod, [other], small())) == (["InsufficientCPU"] if counts else [])


def test_the_numbers_of_a_node_that_is_full() -> None:
    pod = waiting({"memory": "167772160"})
    requested = ["100Mi", "400Mi", "100Mi", "300Mi", "10Mi", "1"]
    others = [there(f"o{rank}", {"memory": text}) for rank, text in enumerate(requested)]
    (refused,) = fit(pod, target(pod, others, small(memory="1000Mi")))
    assert isinstance(refused, Refused)
    facts = refused.facts
    assert isinstance(facts, RoomFacts)
    assert facts == RoomFacts(
        pod="agent-a",
        resource="memory",
        requested="167772160",
        allocatable="1000Mi",
        used="954204161",
        free="94371839",
        pods=6,
        largest=(
            Consumer(pod="default/o1", request="400Mi", priority=0),
            Consumer(pod="default/o3", request="300Mi", priority=0),
            Consumer(pod="default/o0", request="100Mi", priority=0),
            Consumer(pod="default/o2", request="100Mi", priority=0),
            Consumer(pod="default/o4", request="10Mi", priority=0),
        ),
        preemption=facts.preemption,
    )
    assert facts.preemption is not None


def test_a_pod_that_comes_first_is_told_apart_from_those_that_are_there() -> None:
    pod = waiting({"cpu": "500m"})
    first = replace(waiting({"cpu": "700m"}, nominated="a"), metadata=there("first").metadata)
    facts = room(pod, target(pod, [first, there("o", {"cpu": "100m"})], small()), "cpu")
    assert (facts.pods, facts.nominated, facts.used, facts.free) == (1, 1, "800m", "200m")
    assert [item.pod for item in facts.largest] == ["default/first", "default/o"]


# limitranger/admission.go (mergeContainerResources, mergePodResourceRequirements).
NOTES = [
    pytest.param("", False, id="none"),
    pytest.param("LimitRanger plugin set: cpu request for container agent", True, id="the request"),
    pytest.param(
        "LimitRanger plugin set: memory limit for container agent; cpu, memory request for init "
        "container setup",
        True,
        id="among others",
    ),
    pytest.param("LimitRanger plugin set: cpu limit for container agent", False, id="a limit"),
    pytest.param(
        "LimitRanger plugin set: memory request for container cpu", False, id="another resource"
    ),
    pytest.param("by hand", False, id="other words"),
]


@pytest.mark.parametrize(("note", "defaulted"), NOTES)
def test_a_request_that_a_limit_range_gave_is_told_as_such(note: str, defaulted: bool) -> None:
    plain = waiting({"cpu": "2"})
    marks = {"kubernetes.io/limit-ranger": note} if note else None
    pod = replace(plain, metadata=replace(plain.metadata, annotations=marks))
    facts = room(pod, target(pod, [], small()), "cpu")
    assert facts.defaulted is defaulted
    text = "needs 2 CPU (a LimitRange's default, not in the template)"
    assert sentence("InsufficientCPU", [facts]).startswith(text) is defaulted


def test_too_many_pods_counts_pods() -> None:
    pod = waiting()
    facts = room(pod, target(pod, [there("x"), there("y")], small(pods="1")), "pods")
    assert (facts.requested, facts.allocatable, facts.used, facts.free) == ("1", "1", "2", "-1")
    assert facts.largest == ()


NUMBERS = [
    pytest.param(["1"], 1, "the node takes 1 pod, and 1 is there", id="one"),
    pytest.param(["2"], 2, "the node takes 2 pods, and 2 are there", id="two"),
    pytest.param(["1", "2"], 2, "the node takes 1 to 2 pods, and 2 are there", id="two nodes"),
    pytest.param(["0"], 2, "the node takes no pods", id="none"),
    pytest.param(["1000"], 1000, "the node takes 1000 pods, and 1000 are there", id="a thousand"),
]


@pytest.mark.parametrize(("limits", "present", "text"), NUMBERS)
def test_what_is_said_of_too_many_pods(limits: list[str], present: int, text: str) -> None:
    pod, others = waiting(), [there(f"o{rank}") for rank in range(present)]
    evidence = [room(pod, target(pod, others, small(pods=limit)), "pods") for limit in limits]
    assert sentence("TooManyPods", evidence).split("; ")[0] == text


# Where not all pods there were read.
ELSEWHERE = frozenset({"b"})
SIZES = [
    pytest.param({"cpu": "1"}, small(), [], id="it might fit"),
    pytest.param({"cpu": "1001m"}, small(), ["InsufficientCPU"], id="the node is too small"),
    pytest.param({}, small(pods="0"), ["TooManyPods"], id="the node takes no pods"),
]


@pytest.mark.parametrize(("asked", "on", "expected"), SIZES)
def test_without_the_pods_there_only_the_size_of_the_node_refuses(
    asked: dict[str, str], on: Node, expected: list[str]
) -> None:
    pod = waiting(asked)
    seen = target(pod, [there("x", {"cpu": "1"})], on, occupants_of=ELSEWHERE)
    assert codes(pod, seen) == expected
    assert unread(pod, seen) == ["room on the node"]
    facts = room(pod, seen, "cpu")
    assert (facts.allocatable, facts.used, facts.free, facts.pods) == ("1", None, None, None)
    assert facts.preemption is None
    assert not facts.fits


# noderesources/fit.go (shouldDelegateResourceToDRA): a resource that the node has none of may come
# from a DeviceClass, which is not read; the filter tells of all that is short at once.
DEVICES = [
    pytest.param(None, True, True, id="nobody has looked yet"),
    pytest.param("", True, True, id="no words"),
    pytest.param(f"Insufficient {GPU}", True, False, id="the scheduler says so"),
    pytest.param("Insufficient cpu", False, False, id="only something else is short"),
    pytest.param("cannot allocate all claims", False, False, id="a later filter refuses"),
    pytest.param("node(s) had untolerated taint(s)", True, True, id="an earlier filter refuses"),
]


@pytest.mark.parametrize(("says", "refused", "doubt"), DEVICES)
def test_a_resource_that_devices_may_provide(says: str | None, refused: bool, doubt: bool) -> None:
    pod = waiting({GPU: "1"}, says=says)
    seen = target(pod)
    assert codes(pod, seen) == (["InsufficientResource"] if refused else [])
    assert unread(pod, seen) == (["DeviceClasses"] if doubt else [])


def test_a_node_that_has_the_resource_leaves_no_doubt() -> None:
    pod = waiting({GPU: "2"})
    seen = target(pod, on=small(**{GPU: "1"}))
    assert (codes(pod, seen), unread(pod, seen)) == (["InsufficientResource"], [])


# Laws

AMOUNT = st.integers(0, 2000).map(lambda milli: f"{milli}m")
REQUESTS = st.fixed_dictionaries(
    {}, optional={"cpu": AMOUNT, "memory": AMOUNT, "example.com/gpu": st.sampled_from("012")}
)
OTHERS = st.lists(st.tuples(REQUESTS, st.integers(0, 2)), max_size=5)
NODES = st.builds(
    lambda cpu, gpu, pods: small(cpu=cpu, pods=str(pods), **{GPU: gpu}),
    AMOUNT,
    st.sampled_from("013"),
    st.integers(0, 6),
)


def bound(given_: Sequence[tuple[dict[str, str], int]]) -> list[Pod]:
    return [there(f"o{rank}", asked, priority=p) for rank, (asked, p) in enumerate(given_)]


@given(REQUESTS, OTHERS, NODES, st.data())
def test_removing_a_pod_never_makes_it_fit_less(
    asked: dict[str, str], others: list[tuple[dict[str, str], int]], on: Node, data: st.DataObject
) -> None:
    pod, full = waiting(asked), bound(others)
    fewer = [item for item in full if data.draw(st.booleans())]
    assert set(codes(pod, target(pod, fewer, on))) <= set(codes(pod, target(pod, full, on)))


@given(REQUESTS, OTHERS, NODES, st.sampled_from(["cpu", "memory", GPU, "pods"]))
def test_used_and_free_are_all_there_is(
    asked: dict[str, str], others: list[tuple[dict[str, str], int]], on: Node, resource: str
) -> None:
    pod = waiting(asked)
    seen = target(pod, bound(others), on)
    facts = room(pod, seen, resource)
    sides = [parse(text or "?").value for text in (facts.used, facts.free, facts.allocatable)]
    assert sides[0] + sides[1] == sides[2]
    refused = [item.facts for item in fit(pod, seen) if isinstance(item, Refused)]
    wanted = parse(facts.requested or "?").value
    assert (facts in refused) is (wanted > 0 and sides[1] < wanted)
    assert facts.fits is (Fraction(0) < wanted <= sides[1])


# semantics H.4: what the scheduler reports, and what the objects show by now.


def reasons(pod: Pod, others: list[Pod], on: Node | None = None) -> list[tuple[str, Source, str]]:
    item = daemon_set()
    seen = cluster([item], [on or small()], [pod, *others])
    (verdict,) = (x for x in explain(seen, item).nodes if x.node == "a")
    return [(x.code, x.source, sentence(x.code, [x.facts])) for x in verdict.reasons]


def test_where_both_agree_the_numbers_stand_behind_the_report() -> None:
    pod = waiting({"cpu": "500m"}, says="Insufficient cpu")
    ((code, source, text),) = reasons(pod, [there("x", {"cpu": "800m"})])
    assert (code, source) == ("InsufficientCPU", Source.REPORTED)
    assert text.startswith("needs 500m CPU, 200m free of 1 (80% requested)")


def test_a_report_that_no_longer_holds_shows_that_it_fits_now() -> None:
    pod = waiting({"memory": "256Mi"}, says="Insufficient memory")
    ((code, source, text),) = reasons(pod, [there("x", {"memory": "512Mi"})])
    assert (code, source) == ("InsufficientMemory", Source.REPORTED)
    assert text == (
        "needs 256Mi, 512Mi free of 1Gi (50% requested); by the pods that were read it fits now, "
        "so it should be scheduled within 5 minutes, unless there are pods that were not among "
        "those read"
    )


def test_what_only_the_objects_show_comes_second() -> None:
    pod = waiting({"cpu": "500m"}, says="Too many pods")
    found = reasons(pod, [there("x", {"cpu": "800m"})], small(pods="1"))
    assert [(code, source) for code, source, _ in found] == [
        ("TooManyPods", Source.REPORTED),
        ("InsufficientCPU", Source.COMPUTED),
    ]


def test_before_the_scheduler_looks_it_is_a_prediction() -> None:
    found = reasons(waiting({"cpu": "500m"}), [there("x", {"cpu": "800m"})])
    assert [(code, source) for code, source, _ in found] == [
        ("AwaitingScheduler", Source.COMPUTED),
        ("InsufficientCPU", Source.PREDICTED),
    ]


def test_the_scheduler_asks_for_something_that_the_pod_does_not_show() -> None:
    pod = waiting({}, says="Insufficient example.com/licence")
    ((code, _, text),) = reasons(pod, [])
    assert (code, text) == ("InsufficientResource", "scheduler: Insufficient example.com/licence")


def test_two_resources_of_one_code_are_two_reasons() -> None:
    says = "Insufficient example.com/b, 1 Insufficient example.com/a"
    found = reasons(waiting({"example.com/a": "1", "example.com/b": "1"}, says=says), [])
    assert sorted(text for *_, text in found) == [
        "needs 1 example.com/a, the node has none",
        "needs 1 example.com/b, the node has none",
    ]
