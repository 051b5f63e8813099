"""What is told of a pod that waits for its volumes: the scheduler's words, our own, sentences."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from recorded import cluster as recorded

from kubectl_ds.core.facts import VolumeFacts
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.meta import Value
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.scheduling.pending import pending_reasons
from kubectl_ds.core.scheduling.target import Refused
from kubectl_ds.words.reasons import sentence
from tests.core.make_storage import (
    CHOSEN,
    CLAIMS,
    CLASSES,
    CSI,
    ELSEWHERE,
    FAST,
    GOING,
    LOCAL,
    NODE,
    NOW_OR_NEVER,
    ONE_POD,
    OWN,
    USE,
    VOLUMES,
    WAITS,
    ZONE,
    answers,
    claim,
    holding,
    seen,
    storage_class,
    topology,
    volume,
    waiting,
)

# Message and calculation, merged (H.4)

HEAD = "0/5 nodes are available:"
TAIL = "4 node(s) didn't satisfy plugin(s) [NodeAffinity]."


def reasons(message: str, *objects: Value, **more: Any) -> list[Reason]:
    asked = waiting(USE, message=message)
    return pending_reasons(asked, NODE, (), Fleet(seen(*objects, **more)))


GONE = f'{HEAD} persistentvolumeclaim "data" not found. not found'
FAR = f"{HEAD} 1 node(s) didn't match PersistentVolume's node affinity, {TAIL}"
FULL = f"{HEAD} 1 node(s) exceed max volume count, {TAIL}"
SMALL = f"{HEAD} 1 node(s) did not have enough free storage, {TAIL}"
WRONG_ZONE = f"{HEAD} 1 node(s) had no available volume zone, {TAIL}"
IN_USE = (
    f"{HEAD} 1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
    f"already in-use by another pod, {TAIL}"
)
UNBOUND = f"{HEAD} pod has unbound immediate PersistentVolumeClaims. not found"


@pytest.mark.parametrize(
    ("message", "objects", "code"),
    [
        pytest.param(GONE, [], "VolumeMissing", id="no claim"),
        pytest.param(
            f'{HEAD} persistentvolume "pv-1" not found. not found',
            [claim(volume="pv-1")],
            "VolumeMissing",
            id="no volume, as VolumeZone's PreFilter words it",
        ),
        pytest.param(UNBOUND, [claim()], "VolumeUnbound", id="unbound"),
        pytest.param(
            FAR,
            [claim(volume="pv-1"), volume(nodeAffinity=ELSEWHERE)],
            "VolumeNodeAffinity",
            id="affinity",
        ),
        pytest.param(
            WRONG_ZONE,
            [claim(volume="pv-1"), volume(meta={"labels": {ZONE: "eu-1a"}})],
            "VolumeZone",
            id="zone",
        ),
        pytest.param(IN_USE, [ONE_POD, volume(), holding()], "VolumeInUse", id="in use"),
    ],
)
def test_report_and_calculation_agree(message: str, objects: list[Value], code: str) -> None:
    (reason,) = reasons(message, *objects)
    assert (reason.code, reason.source) == (code, Source.REPORTED)
    assert isinstance(reason.facts, VolumeFacts)
    assert reason.facts.problem
    assert reason.facts.text in message
    assert not reason.facts.fits


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('waiting for ephemeral volume controller to create the persistentvolumeclaim "x"',
         "VolumeMissing"),
        ("PVC ns/x was not created for pod ns/agent-a (pod is not owner)", "VolumeMissing"),
    ],
    ids=["not created", "not the pod's"],
)  # fmt: skip
def test_words_on_ephemeral_volumes(text: str, code: str) -> None:
    (reason,) = reasons(f"{HEAD} {text}. not found", claim(volume="pv-1"), volume())
    assert reason.code == code


HEALTHY = [claim(volume="pv-1"), volume()]


@pytest.mark.parametrize(
    ("message", "objects", "more", "fits"),
    [
        pytest.param(GONE, HEALTHY, {}, True, id="the claim is there by now"),
        pytest.param(GONE, [], {"unread": CLAIMS}, False, id="claims were not read"),
        pytest.param(UNBOUND, HEALTHY, {}, True, id="bound by now"),
        pytest.param(UNBOUND, [claim(**FAST)], {"unread": CLASSES}, False, id="of which class?"),
        pytest.param(FAR, HEALTHY, {}, True, id="the volume suits by now"),
        pytest.param(
            FAR,
            [claim(volume="pv-1"), volume(cinder={}, nodeAffinity=ELSEWHERE)],
            {},
            False,
            id="a driver may stand in for the disk",
        ),
        pytest.param(IN_USE, [ONE_POD, volume()], {}, True, id="free by now"),
        pytest.param(
            IN_USE,
            [ONE_POD, volume()],
            {"occupants_of": frozenset("a")},
            False,
            id="who uses it is not known",
        ),
        pytest.param(WRONG_ZONE, HEALTHY, {}, True, id="the zone suits by now"),
        pytest.param(FULL, [claim(volume="pv-1"), volume(**CSI)], {}, False, id="limits unread"),
        pytest.param(FULL, HEALTHY, {}, True, id="nothing that a driver attaches"),
        pytest.param(SMALL, [claim(**FAST), WAITS], {}, False, id="capacity unread"),
        pytest.param(SMALL, HEALTHY, {}, True, id="its volume is there by now"),
    ],
)
def test_report_without_calculation(
    message: str, objects: list[Value], more: dict[str, Any], fits: bool
) -> None:
    (reason,) = reasons(message, *objects, **more)
    assert reason.source is Source.REPORTED
    assert isinstance(reason.facts, VolumeFacts)
    assert reason.facts.fits is fits
    assert sentence(reason.code, [reason.facts]).endswith("do not show it") is fits


def test_what_is_only_computed_comes_after_what_is_reported() -> None:
    first, second = reasons(f"{HEAD} 1 Insufficient cpu, {TAIL}")
    assert (first.code, first.source) == ("InsufficientCPU", Source.REPORTED)
    assert (second.code, second.source) == ("VolumeMissing", Source.COMPUTED)


def test_a_recorded_claim_that_does_not_exist() -> None:
    # Recorded without the kinds of storage, here told to have none of them; the scheduler silent.
    known = recorded("missing_pvc")
    silent = tuple(
        replace(item, status=replace(item.status, conditions=None)) for item in known.pods
    )
    kinds = (CLAIMS, VOLUMES, CLASSES)
    unread = tuple(item for item in known.unread if item.what not in kinds)
    around = replace(known, pods=silent, events=(), unread=unread)
    found = explain(around, around.daemon_sets[0])
    assert found.nodes
    for verdict in found.nodes:
        assert [x.code for x in verdict.reasons if x.source is Source.PREDICTED] == [
            "VolumeMissing"
        ]


# Sentences

SENTENCES = [
    pytest.param([USE], [], "PersistentVolumeClaim kube-system/data does not exist", id="missing"),
    pytest.param(
        [USE],
        [claim(volume="pv-1", meta=GOING), volume()],
        "PersistentVolumeClaim kube-system/data is being deleted",
        id="deleting",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1", phase="Lost")],
        "PersistentVolumeClaim kube-system/data has lost its volume pv-1",
        id="lost",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1")],
        "claim data is bound to volume pv-1, which does not exist",
        id="no volume",
    ),
    pytest.param(
        [OWN],
        [],
        "ephemeral volume v0 waits for PersistentVolumeClaim kube-system/agent-a-v0, which "
        "Kubernetes has not created yet",
        id="ephemeral",
    ),
    pytest.param(
        [OWN],
        [claim("agent-a-v0")],
        "PersistentVolumeClaim kube-system/agent-a-v0 has the name that ephemeral volume v0 needs, "
        "but was not created for the pod",
        id="foreign",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), NOW_OR_NEVER],
        "PersistentVolumeClaim kube-system/data is not bound to a volume yet (StorageClass fast)",
        id="unbound",
    ),
    pytest.param(
        [USE],
        [claim()],
        "PersistentVolumeClaim kube-system/data is not bound to a volume yet (it names no "
        "StorageClass)",
        id="unbound, no class",
    ),
    pytest.param(
        [USE],
        [claim(**FAST)],
        "PersistentVolumeClaim kube-system/data is not bound to a volume, and StorageClass fast "
        "does not exist",
        id="no such class",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1", meta={"annotations": {}})],
        "PersistentVolumeClaim kube-system/data names volume pv-1, and is not bound to it yet",
        id="pending",
    ),
    pytest.param(
        [USE],
        [claim(meta={"annotations": {CHOSEN: "b"}}, **FAST), WAITS],
        "the volume for claim data is being made for b, not for this node",
        id="selected node",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), LOCAL],
        "claim data finds no free volume here, and StorageClass fast makes none",
        id="no provisioner",
    ),
    pytest.param(
        [USE],
        [claim(**FAST), storage_class(allowedTopologies=topology({ZONE: ["eu-1a"]}))],
        "StorageClass fast makes volumes for claim data only where topology.kubernetes.io/zone In "
        '(eu-1a), node has "eu-1b"',
        id="topology",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1"), volume(nodeAffinity=ELSEWHERE)],
        "claim data is bound to volume pv-1, which wants topology.kubernetes.io/zone In (eu-1a), "
        'node has "eu-1b"',
        id="node affinity",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1"), volume(nodeAffinity={"required": {}})],
        "claim data is bound to volume pv-1, which wants nothing (no terms match no node)",
        id="no terms",
    ),
    pytest.param(
        [USE],
        [claim(volume="pv-1"), volume(meta={"labels": {ZONE: "eu-1a__eu-1c"}})],
        "claim data is bound to volume pv-1, which wants topology.kubernetes.io/zone In (eu-1a, "
        'eu-1c), node has "eu-1b"',
        id="zone",
    ),
    pytest.param(
        [USE],
        [ONE_POD, volume(), holding()],
        "claim data (ReadWriteOncePod) is in use by kube-system/user: a DaemonSet's pods can't "
        "share it",
        id="in use",
    ),
]


@pytest.mark.parametrize(("sources", "objects", "text"), SENTENCES)
def test_a_sentence_for_each_problem(sources: list[Any], objects: list[Value], text: str) -> None:
    (found,) = (x for x in answers(waiting(*sources), seen(*objects)) if isinstance(x, Refused))
    assert sentence(found.code, [found.facts]) == text
