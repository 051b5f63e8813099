"""Whether the scheduler's filters on volumes let a pending pod onto its node."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kubectl_ds.core.crowds import Crowd
from kubectl_ds.core.facts import VolumeFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import Cluster, Node, Unread
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.devices import dynamic_resources
from kubectl_ds.core.scheduling.filters import FILTERS
from kubectl_ds.core.scheduling.fit import fit
from kubectl_ds.core.scheduling.pending import unjudged
from kubectl_ds.core.scheduling.spread import topology_spread
from kubectl_ds.core.scheduling.target import Refused
from tests.core.make import NAMESPACE, NOW, node, owner_of, pod
from tests.core.make_storage import (
    BETA_REGION,
    BETA_ZONE,
    BOUND,
    CHOSEN,
    CLAIMS,
    CLASSES,
    CSI,
    ELSEWHERE,
    FAST,
    GOING,
    HELD,
    HERE,
    LOCAL,
    MINE,
    NODE,
    NOW_OR_NEVER,
    OF_VOLUMES,
    OLD_CLASS,
    ONE_POD,
    OWN,
    REGION,
    THEIRS,
    UNSET,
    USE,
    VOLUMES,
    WAITS,
    ZONE,
    affinity,
    answers,
    claim,
    holding,
    only,
    seen,
    storage_class,
    topology,
    volume,
    waiting,
)


def refusals(asked: Pod, around: Cluster, target: Node = NODE) -> list[tuple[str, str]]:
    """Of each refusal its code and what the evidence names as the problem."""
    found = [item for item in answers(asked, around, target) if isinstance(item, Refused)]
    return [(x.code, x.facts.problem) for x in found if isinstance(x.facts, VolumeFacts)]


def left_open(asked: Pod, around: Cluster, target: Node = NODE) -> list[str]:
    found = (item for item in answers(asked, around, target) if isinstance(item, Unread))
    return [item.what for item in dict.fromkeys(found)]


def test_the_filters_are_in_the_schedulers_order() -> None:
    order = [fit, *OF_VOLUMES, topology_spread, dynamic_resources]
    assert [each for each in FILTERS if each in order] == order


# F.4: a claim that does not exist; F.7: PreFilter, and what a bound claim must have.
# volume_binding.go podHasPVCs; binder.go GetPodVolumeClaims, checkBoundClaims.

REFUSED = [
    pytest.param([USE], [], ("VolumeMissing", "missing"), id="no such claim"),
    pytest.param(
        [USE],
        [claim(meta={"namespace": "other"})],
        ("VolumeMissing", "missing"),
        id="such a claim in another namespace alone",
    ),
    pytest.param(
        [USE], [claim(volume="pv-1", phase="Lost")], ("VolumeMissing", "lost"), id="phase Lost"
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1", meta=GOING), volume()],
        ("VolumeMissing", "deleting"),
        id="claim being deleted",
    ),
    pytest.param([OWN], [], ("VolumeMissing", "notCreated"), id="ephemeral: no claim yet"),
    pytest.param(
        [OWN],
        [claim("agent-a-v0", meta=THEIRS)],
        ("VolumeMissing", "foreign"),
        id="ephemeral: claim of another pod",
    ),
    pytest.param(
        [OWN],
        [claim("agent-a-v0")],
        ("VolumeMissing", "foreign"),
        id="ephemeral: claim of nobody",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1")],
        ("VolumeMissing", "volumeMissing"),
        id="bound to a volume that does not exist",
    ),
    pytest.param([USE], [claim()], ("VolumeUnbound", "unbound"), id="unbound, no class"),
    pytest.param(
        [USE],
        [claim(storageClassName=""), WAITS],
        ("VolumeUnbound", "unbound"),
        id="unbound, the empty class",
    ),
    pytest.param(
        [USE], [claim(**FAST)], ("VolumeUnbound", "classMissing"), id="unbound, no such class"
    ),
    pytest.param(
        [USE],
        [claim(**FAST), NOW_OR_NEVER],
        ("VolumeUnbound", "unbound"),
        id="unbound, Immediate",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), UNSET],
        ("VolumeUnbound", "unbound"),
        id="unbound, the mode that is the API's default",
    ),
    pytest.param(
        [USE],
        [claim(storageClassName="other", meta={"annotations": {OLD_CLASS: "fast"}}), NOW_OR_NEVER],
        ("VolumeUnbound", "unbound"),
        id="unbound, Immediate by the old annotation",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1", meta={"annotations": {}}, **FAST), volume(), WAITS],
        ("VolumeUnbound", "pending"),
        id="names a volume and is not bound yet, whatever its class",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1", meta={"annotations": {}}, **FAST), LOCAL],
        ("VolumeUnbound", "pending"),
        id="names a volume: no other is looked for",
    ),
    pytest.param(
        [USE],
        [claim(meta={"annotations": {CHOSEN: "b"}}, **FAST), WAITS],
        ("VolumeUnbound", "selectedNode"),
        id="its volume is being made for another node",
    ),
    pytest.param(
        [USE],
        [claim(meta={"annotations": {CHOSEN: "b"}}, **FAST), volume(), WAITS],
        ("VolumeUnbound", "selectedNode"),
        id="the same, though a volume would suit",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), LOCAL],
        ("VolumeUnbound", "noProvisioner"),
        id="no volume, and none is made",
    ),
    pytest.param(
        [USE],
        [claim(meta={"annotations": {CHOSEN: "a"}}, **FAST), volume(), LOCAL],
        ("VolumeUnbound", "noProvisioner"),
        id="a volume was ordered that nobody makes",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), storage_class(allowedTopologies=topology({ZONE: ["eu-1a"]}))],
        ("VolumeUnbound", "topology"),
        id="volumes are made in another zone",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), storage_class(allowedTopologies=topology({ZONE: ["eu-1b"], "rack": ["1"]}))],
        ("VolumeUnbound", "topology"),
        id="volumes are made in this zone, in another rack",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), storage_class(allowedTopologies=topology({}))],
        ("VolumeUnbound", "topology"),
        id="an empty topology term selects nothing",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "objects", "expected"), REFUSED)
def test_a_claim_that_keeps_the_pod_away(
    sources: list[Any], objects: list[Value], expected: tuple[str, str]
) -> None:
    assert refusals(waiting(*sources), seen(*objects)) == [expected]


ALLOWED = [
    pytest.param([], [], id="no volumes"),
    pytest.param([{"configMap": {"name": "x"}}], [], id="a volume without a claim"),
    pytest.param([USE], [claim(volume="pv-1"), volume()], id="bound"),
    pytest.param([OWN], [claim("agent-a-v0", "pv-1", meta={**MINE, "annotations": BOUND}), volume()], id="ephemeral, bound"),
    pytest.param([USE], [claim(volume="pv-1"), volume(), LOCAL], id="bound, and none is made"),
    pytest.param([USE], [claim(**FAST), WAITS], id="a volume will be made"),
    pytest.param(
        [USE],
        [claim(meta={"annotations": {CHOSEN: "a"}}, **FAST), WAITS],
        id="a volume is being made for this node",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), storage_class(allowedTopologies=topology({ZONE: ["eu-1a"]}, {ZONE: ["eu-1b", "eu-1c"]}))],
        id="one of the topologies is the node's",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), volume(), storage_class(allowedTopologies=topology({ZONE: ["eu-1a"]}))],
        id="a volume is there, though none is made here",
    ),
    pytest.param([USE], [claim(storageClassName="slow", meta={"annotations": {OLD_CLASS: "fast"}}), volume(), LOCAL], id="class by the old annotation"),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "objects"), ALLOWED)
def test_a_claim_that_does_not_keep_the_pod_away(sources: list[Any], objects: list[Value]) -> None:
    assert refusals(waiting(*sources), seen(*objects)) == []


def test_every_claim_is_told_of_once() -> None:
    other = {"persistentVolumeClaim": {"claimName": "logs"}}
    around = seen(claim("logs"))
    assert refusals(waiting(USE, USE, other), around) == [
        ("VolumeMissing", "missing"),
        ("VolumeUnbound", "unbound"),
    ]


# pv_helpers.go FindMatchingVolume: what a volume must be, to be bound to a claim that waits.

SUITS = [
    pytest.param({}, {}, True, id="same class, mode, size"),
    pytest.param({}, {"capacity": {"storage": "2Gi"}}, True, id="larger"),
    pytest.param({}, {"capacity": {"storage": "1023Mi"}}, False, id="smaller"),
    pytest.param({"size": None}, {"capacity": {}}, True, id="no size asked, none told"),
    pytest.param({}, {"storageClassName": "slow"}, False, id="other class"),
    pytest.param(
        {},
        {"storageClassName": "slow", "meta": {"annotations": {OLD_CLASS: "fast"}}},
        True,
        id="class by the old annotation",
    ),
    pytest.param({}, {"volumeMode": "Filesystem"}, True, id="the default mode, spelt out"),
    pytest.param({}, {"volumeMode": "Block"}, False, id="other mode"),
    pytest.param({"volumeMode": "Block"}, {}, False, id="other mode wanted"),
    pytest.param({}, {"volumeAttributesClassName": "gold"}, False, id="other attributes class"),
    pytest.param(
        {"volumeAttributesClassName": "gold"},
        {"volumeAttributesClassName": "gold"},
        True,
        id="same attributes class",
    ),
    pytest.param({}, {"meta": {"deletionTimestamp": NOW.isoformat()}}, False, id="being deleted"),
    pytest.param({}, {"phase": "Released"}, False, id="not Available"),
    pytest.param({}, {"accessModes": ["ReadOnlyMany"]}, False, id="other access mode"),
    pytest.param(
        {}, {"accessModes": ["ReadOnlyMany", "ReadWriteOnce"]}, True, id="more access modes"
    ),
    pytest.param(
        {"selector": {"matchLabels": {"disk": "ssd"}}}, {}, False, id="not what the claim selects"
    ),
    pytest.param(
        {"selector": {"matchLabels": {"disk": "ssd"}}},
        {"meta": {"labels": {"disk": "ssd"}}},
        True,
        id="what the claim selects",
    ),
    pytest.param({}, {"nodeAffinity": HERE}, True, id="for this node"),
    pytest.param({}, {"nodeAffinity": ELSEWHERE}, False, id="for other nodes"),
    pytest.param({}, {"claimRef": {**HELD, "name": "x"}}, False, id="reserved for another claim"),
    pytest.param({}, {"claimRef": HELD}, True, id="reserved for the claim"),
    pytest.param(
        {}, {"claimRef": {**HELD, "uid": "uid-data"}}, True, id="reserved for the claim by uid"
    ),
    pytest.param(
        {},
        {"claimRef": {**HELD, "uid": "old"}},
        False,
        id="reserved for an older claim of the name",
    ),
    pytest.param(
        {"selector": {"matchLabels": {"disk": "ssd"}}},
        {"claimRef": HELD, "phase": "Pending", "accessModes": ["ReadOnlyMany"]},
        True,
        id="reserved: phase, access and selector do not count",
    ),
    pytest.param(
        {}, {"claimRef": HELD, "capacity": {"storage": "1Mi"}}, False, id="reserved, but too small"
    ),
    pytest.param(
        {}, {"claimRef": HELD, "nodeAffinity": ELSEWHERE}, False, id="reserved, but for other nodes"
    ),
]


@pytest.mark.parametrize(("asked", "offered", "suits"), SUITS)
def test_a_volume_to_bind(asked: dict[str, Any], offered: dict[str, Any], suits: bool) -> None:
    around = seen(claim(**{**FAST, **asked}), volume(**offered), LOCAL)
    expected = [] if suits else [("VolumeUnbound", "noProvisioner")]
    assert refusals(waiting(USE), around) == expected


def test_a_reserved_volume_for_other_nodes_rules_out_all_others() -> None:
    around = seen(
        claim(**FAST), volume(), volume("pv-2", claimRef=HELD, nodeAffinity=ELSEWHERE), LOCAL
    )
    assert refusals(waiting(USE), around) == [("VolumeUnbound", "noProvisioner")]


LARGE = {"persistentVolumeClaim": {"claimName": "large"}}


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        pytest.param(["3Gi"], ["large"], id="one volume for two claims: the small one gets it"),
        pytest.param(["1Gi", "3Gi"], [], id="one for each"),
        pytest.param(["3Gi", "4Gi"], [], id="the small one takes the smallest"),
        pytest.param(["1Gi", "1Gi"], ["large"], id="none is large enough"),
    ],
)
def test_a_volume_is_bound_once(sizes: list[str], expected: list[str]) -> None:
    volumes = (volume(f"pv-{i}", capacity={"storage": x}) for i, x in enumerate(sizes))
    small = claim(**FAST)
    large = claim("large", size="3Gi", **FAST)
    found = answers(waiting(LARGE, USE), seen(small, large, *volumes, LOCAL))
    names = [item.facts.claim for item in found if isinstance(item, Refused)]  # type: ignore[attr-defined]
    assert names == [f"{NAMESPACE}/{name}" for name in expected]


# F.7: the bound volume's node affinity: D, on labels alone.

BY_NAME = affinity(
    [{"key": "metadata.name", "operator": "In", "values": ["a"]}], part="matchFields"
)
AFFINITY = [
    pytest.param(None, True, id="none"),
    pytest.param({}, True, id="no required part"),
    pytest.param(HERE, True, id="the node's zone"),
    pytest.param(ELSEWHERE, False, id="another zone"),
    pytest.param(only("rack", "1"), False, id="a label that the node lacks"),
    pytest.param({"required": {}}, False, id="no terms match nothing"),
    pytest.param(affinity([]), False, id="an empty term matches nothing"),
    pytest.param(BY_NAME, False, id="the node's name is not seen"),
    pytest.param(
        affinity(
            [{"key": ZONE, "operator": "In", "values": ["eu-1a"]}],
            [{"key": ZONE, "operator": "Exists"}],
        ),
        True,
        id="one of two terms",
    ),
    pytest.param(
        affinity([{"key": ZONE, "operator": "NotIn", "values": ["eu-1b"]}]), False, id="NotIn"
    ),
    pytest.param(
        affinity([{"key": ZONE, "operator": "In", "values": ["-"]}]), False, id="no label value"
    ),
]


@pytest.mark.parametrize(("wanted", "passes"), AFFINITY)
def test_the_node_affinity_of_a_bound_volume(wanted: Any, passes: bool) -> None:
    around = seen(claim(volume="pv-1"), volume(nodeAffinity=wanted))
    expected = [] if passes else [("VolumeNodeAffinity", "nodeAffinity")]
    assert refusals(waiting(USE), around) == expected


@pytest.mark.parametrize(
    "kind",
    ["awsElasticBlockStore", "azureDisk", "cinder", "gcePersistentDisk", "portworxVolume"],
)
def test_the_node_affinity_of_a_disk_that_a_driver_stands_in_for_is_left_open(kind: str) -> None:
    # binder.go tryTranslatePVToCSI: other labels are compared on nodes with the driver.
    around = seen(claim(volume="pv-1"), volume(nodeAffinity=ELSEWHERE, **{kind: {}}))
    assert refusals(waiting(USE), around) == []
    assert left_open(waiting(USE), around) == ["csinodes", "node affinity of in-tree volumes"]


# F.4 VolumeZone

BOTH = {ZONE: "eu-1b", REGION: "eu-1"}
ZONES = [
    pytest.param({}, {ZONE: "eu-1a"}, True, id="a node without zones"),
    pytest.param(BOTH, {}, True, id="a volume without zones"),
    pytest.param(BOTH, BOTH, True, id="same zone and region"),
    pytest.param(BOTH, {ZONE: "eu-1a"}, False, id="another zone"),
    pytest.param(BOTH, {ZONE: "eu-1b", REGION: "eu-2"}, False, id="another region"),
    pytest.param(BOTH, {BETA_ZONE: "eu-1b"}, True, id="old label of the volume"),
    pytest.param(BOTH, {BETA_ZONE: "eu-1a"}, False, id="old label of the volume, another zone"),
    pytest.param(BOTH, {BETA_REGION: "eu-2"}, False, id="old label of the volume, another region"),
    pytest.param({BETA_ZONE: "eu-1b"}, {BETA_ZONE: "eu-1b"}, True, id="old labels"),
    pytest.param(
        {BETA_ZONE: "eu-1a", ZONE: "eu-1b"},
        {BETA_ZONE: "eu-1b"},
        False,
        id="the node's old label comes before its new one",
    ),
    pytest.param(
        {BETA_ZONE: "eu-1b"}, {ZONE: "eu-1b"}, False, id="the node's old label is no new one"
    ),
    pytest.param({REGION: "eu-1"}, {ZONE: "eu-1b"}, False, id="a node with a region alone"),
    pytest.param(BOTH, {ZONE: "eu-1a__eu-1b"}, True, id="one of several zones"),
    pytest.param(BOTH, {ZONE: "eu-1a__eu-1c"}, False, id="none of several zones"),
    pytest.param(BOTH, {ZONE: "eu-1a__"}, True, id="a set with an empty name is ignored"),
    pytest.param(BOTH, {ZONE: ""}, True, id="an empty label is ignored"),
]


@pytest.mark.parametrize(("labels", "offered", "passes"), ZONES)
def test_the_zone_of_a_bound_volume(
    labels: dict[str, str], offered: dict[str, str], passes: bool
) -> None:
    around = seen(claim(volume="pv-1"), volume(meta={"labels": offered}))
    expected = [] if passes else [("VolumeZone", "zone")]
    assert refusals(waiting(USE), around, node("a", labels=labels)) == expected


def test_zone_labels_do_not_count_for_ephemeral_volumes() -> None:
    # volume_zone.go getPersistentVolumeClaimNameFromPod looks at persistentVolumeClaim alone.
    own = claim("agent-a-v0", "pv-1", meta={**MINE, "annotations": BOUND})
    around = seen(own, volume(meta={"labels": {ZONE: "eu-1a"}}))
    assert refusals(waiting(OWN), around) == []


@given(st.lists(st.sampled_from("abc"), min_size=1), st.sampled_from("abc"))
def test_a_volume_of_many_zones_is_in_each_of_them(zones: list[str], actual: str) -> None:
    around = seen(claim(volume="pv-1"), volume(meta={"labels": {ZONE: "__".join(zones)}}))
    found = refusals(waiting(USE), around, node("a", labels={ZONE: actual}))
    assert bool(found) == (actual not in zones)


# F.4 VolumeRestrictions: ReadWriteOncePod

USERS = [
    pytest.param([], True, id="nobody"),
    pytest.param([holding()], False, id="a pod on another node"),
    pytest.param([holding(on="a", owner="x")], False, id="another owner's pod on this node"),
    pytest.param([holding(deleting=True)], False, id="a pod that is being deleted"),
    pytest.param([holding(phase="Succeeded")], True, id="a pod that is done"),
    pytest.param([holding(phase="Failed")], True, id="a pod that failed"),
    pytest.param([holding(namespace="other")], True, id="a pod of another namespace"),
    pytest.param([holding(on="")], True, id="a pod that is not bound"),
    pytest.param([holding(on="gone")], True, id="a pod on a node that no longer exists"),
    pytest.param([pod("b", "b")], True, id="a pod without the claim"),
]


@pytest.mark.parametrize(("users", "passes"), USERS)
def test_a_claim_for_one_pod(users: list[Pod], passes: bool) -> None:
    asked = waiting(USE)
    expected = [] if passes else [("VolumeInUse", "inUse")]
    assert refusals(asked, seen(ONE_POD, volume(), asked, *users)) == expected


@pytest.mark.parametrize("mode", ["ReadWriteOnce", "ReadWriteMany", "ReadOnlyMany"])
def test_a_claim_for_many_pods(mode: str) -> None:
    around = seen(claim(volume="pv-1", accessModes=[mode]), volume(), holding())
    assert refusals(waiting(USE), around) == []


def test_an_ephemeral_claim_for_one_pod_is_its_own() -> None:
    # volume_restrictions.go readWriteOncePodPVCsForPod looks at persistentVolumeClaim alone.
    mode = {"accessModes": ["ReadWriteOncePod"]}
    own = claim("agent-a-v0", "pv-1", meta={**MINE, "annotations": BOUND}, **mode)
    around = seen(own, volume(), holding(claim_name="agent-a-v0"))
    assert refusals(waiting(OWN), around) == []


CROWD = Crowd(namespace=NAMESPACE, labels=None, owners=(owner_of(),), scheduler="", scheduled=True)


@pytest.mark.parametrize(
    "read",
    [
        pytest.param({"occupants_of": frozenset("a")}, id="pods of a few nodes"),
        pytest.param({"crowds": (CROWD,)}, id="pods of which little is kept"),
    ],
)
def test_who_uses_a_claim_is_left_open_where_not_all_pods_were_read(read: dict[str, Any]) -> None:
    name = f"pods that use PersistentVolumeClaim {NAMESPACE}/data"
    assert left_open(waiting(USE), seen(ONE_POD, volume(), **read)) == [name]
    found = seen(ONE_POD, volume(), holding(), **read)
    assert refusals(waiting(USE), found) == [("VolumeInUse", "inUse")]
    assert left_open(waiting(USE), found) == []


# What was not read is left open, and only where the answer depends on it.

OPEN = [
    pytest.param([], [], f"{CLAIMS} {VOLUMES} {CLASSES}", [], id="no claims: nothing depends on it"),
    pytest.param([USE], [], CLAIMS, [CLAIMS], id="claims"),
    pytest.param(
        [USE], [claim(volume="pv-1")], VOLUMES, [VOLUMES, "csinodes"], id="the bound volume"
    ),
    pytest.param([USE], [claim(volume="pv-1"), volume()], CLASSES, [], id="bound: no class needed"),
    pytest.param(
        [USE], [claim(**FAST)], CLASSES, [CLASSES, "csinodes"], id="unbound: of which class?"
    ),
    pytest.param([USE], [claim(), LOCAL], CLASSES, [], id="unbound, and names no class"),
    pytest.param(
        [USE], [claim(**FAST), LOCAL], VOLUMES, [VOLUMES], id="none is made: is there one?"
    ),
    pytest.param(
        [USE],
        [claim(**FAST), WAITS],
        VOLUMES,
        ["csinodes", "csistoragecapacities"],
        id="made here, whatever is there",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), WAITS],
        "",
        ["csinodes", "csistoragecapacities"],
        id="limit and room for a new volume",
    ),
    pytest.param(
        [USE], [claim(size=None, **FAST), WAITS], "", ["csinodes"], id="a new volume of no size"
    ),
    pytest.param([USE], [claim(volume="pv-1"), volume(**CSI)], "", ["csinodes"], id="limit"),
    pytest.param(
        [USE], [claim(volume="pv-1"), volume(nfs={})], "", [], id="a volume that no driver attaches"
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1", meta={"annotations": {}}, **FAST), volume()],
        CLASSES,
        [],
        id="names a volume and is not bound yet: no class needed",
    ),
    pytest.param(
        [USE],
        [claim(meta={"annotations": {CHOSEN: "a"}}, **FAST), LOCAL],
        VOLUMES,
        [],
        id="a volume was ordered that nobody makes, whatever is there",
    ),
    pytest.param(
        [USE], [claim(**FAST), volume(), LOCAL], "", [], id="a volume to bind, none is made"
    ),
    *(
        pytest.param([{kind: {}}], [], "", ["disks that pods name themselves", *more], id=kind)
        for kind, more in {
            "gcePersistentDisk": ["csinodes"],
            "awsElasticBlockStore": ["csinodes"],
            "iscsi": [],
            "rbd": [],
        }.items()
    ),
    pytest.param([{"azureDisk": {}}], [], "", ["csinodes"], id="azureDisk"),
]  # fmt: skip


@pytest.mark.parametrize(("sources", "objects", "unread", "expected"), OPEN)
def test_what_is_left_open(
    sources: list[Any], objects: list[Value], unread: str, expected: list[str]
) -> None:
    found = left_open(waiting(*sources), seen(*objects, unread=unread))
    assert sorted(found) == sorted(expected)


def test_what_several_filters_leave_open_is_told_once() -> None:
    found = unjudged(waiting(USE), NODE, Fleet(seen(unread=CLAIMS)))
    assert [item.what for item in found] == [CLAIMS]


def test_devices_are_left_open() -> None:
    asked = waiting(resourceClaims=[{"name": "gpu"}])
    (found,) = unjudged(asked, NODE, Fleet(seen()))
    assert found.what == "resourceclaims"


SOME: dict[str, list[Value | None]] = {
    CLAIMS: [
        None,
        claim(),
        claim(**FAST),
        claim(volume="pv-1"),
        claim(volume="pv-1", meta=GOING),
        claim(meta={"annotations": {CHOSEN: "a"}}, **FAST),
        claim(meta={"annotations": {CHOSEN: "b"}}, **FAST),
    ],
    VOLUMES: [
        None,
        volume(),
        volume(phase="Bound"),
        volume(nodeAffinity=ELSEWHERE),
        volume(meta={"labels": {ZONE: "eu-1a"}}),
    ],
    CLASSES: [
        None,
        WAITS,
        LOCAL,
        NOW_OR_NEVER,
        storage_class(allowedTopologies=topology({ZONE: ["eu-1a"]})),
    ],
}


@given(
    st.fixed_dictionaries({kind: st.sampled_from(some) for kind, some in SOME.items()}),
    st.sampled_from(list(SOME)),
)
def test_what_was_not_read_neither_refuses_nor_is_passed_over(
    objects: dict[str, Value | None], kind: str
) -> None:
    whole = seen(*(item for item in objects.values() if item))
    rest = (item for name, item in objects.items() if item and name != kind)
    partly = seen(*rest, unread=kind)
    known, told = refusals(waiting(USE), whole), refusals(waiting(USE), partly)
    assert set(told) <= set(known)
    assert told == known or kind in left_open(waiting(USE), partly)
