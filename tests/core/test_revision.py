"""Which revision is current, which pods run it, and when a pod is available.

Sources: ``pkg/controller/daemon/update.go`` (constructHistory, Match, getPatch),
``pkg/controller/daemon/util/daemonset_util.go`` (IsPodUpdated, GetTemplateGeneration),
``pkg/api/v1/pod/util.go`` (IsPodAvailable).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from kubectl_ds.core.meta import Condition, ObjectMeta
from kubectl_ds.core.model import ControllerRevision, DaemonSet
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.rollout.revision import Revision, current_revision, has_hash, runs
from kubectl_ds.core.running.availability import is_available, ready_since
from tests.core.make import (
    HASH_LABEL,
    NOW,
    OTHER_UID,
    ago,
    daemon_set,
    pod,
    revision,
    template,
)

OLD = template(hostPID=True)
LAGGING: dict[str, Any] = {"generation": 5, "observed": 4}
SEEN: dict[str, Any] = {"generation": 5, "observed": 5}


def with_data(item: ControllerRevision, data: object) -> ControllerRevision:
    return replace(item, data=msgspec.Raw(msgspec.json.encode(data)))


# constructHistory: the current revision is raised above all others, so once the spec was observed
# it is the one with the highest number. Before that, only the exact template tells.

CURRENT = [
    pytest.param(daemon_set(**SEEN), [], "", id="none"),
    pytest.param(daemon_set(**SEEN), [revision(1, "one")], "one", id="the only one"),
    pytest.param(
        daemon_set(**SEEN),
        [revision(1, "old", pod_template=OLD), revision(2, "new")],
        "new",
        id="the newest",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(2, "new"), revision(1, "old", pod_template=OLD)],
        "new",
        id="the newest, listed first",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(9, "nine", pod_template=OLD), revision(10, "ten")],
        "ten",
        id="numbers, not texts",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(3, "rolled-back-to"), revision(2, "undone", pod_template=OLD)],
        "rolled-back-to",
        id="rolled back: the older object bears the highest number",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(1, "same"), revision(2, "newest", pod_template=OLD)],
        "newest",
        id="observed: the number decides, whatever the template",
    ),
    pytest.param(
        daemon_set(**LAGGING),
        [revision(1, "same"), revision(2, "newest", pod_template=OLD)],
        "same",
        id="lagging: only the exact template",
    ),
    pytest.param(
        daemon_set(**LAGGING),
        [revision(1, "one", pod_template=OLD), revision(2, "two", pod_template=OLD)],
        "",
        id="lagging: none has the template yet",
    ),
    pytest.param(
        daemon_set(**LAGGING),
        [revision(4, "four"), revision(6, "six"), revision(5, "five")],
        "six",
        id="lagging: of several with the template the newest",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(1, "ours"), revision(2, "another's", owner=OTHER_UID)],
        "ours",
        id="another DaemonSet's",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(1, "ours"), revision(2, "nobody's", owner=None)],
        "ours",
        id="nobody's",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(1, None, name="agent-abc")],
        "agent-abc",
        id="without the label its name stands for it",
    ),
    pytest.param(
        daemon_set(**SEEN),
        [revision(1, "labelled", name="agent-named")],
        "labelled",
        id="the label counts, not the name",
    ),
]


@pytest.mark.parametrize(("owner", "revisions", "expected"), CURRENT)
def test_the_current_revision(
    owner: DaemonSet, revisions: list[ControllerRevision], expected: str
) -> None:
    assert current_revision(owner, revisions).hash == expected


def test_a_revision_without_any_label_goes_by_its_name() -> None:
    plain = revision(1, None, name="agent-abc")
    bare = replace(plain, metadata=replace(plain.metadata, labels=None))
    assert current_revision(daemon_set(), [bare]).hash == "agent-abc"


# Match compares bytes; read by another program the same template may be written in another way.
# getPatch adds "$patch"; before 1.34 a template had "creationTimestamp": null.

BASE = template(nodeSelector={"a": "b", "c": "d"})
STAMPED = {**BASE, "metadata": {**BASE["metadata"], "creationTimestamp": None}}
TURNED = {key: BASE[key] for key in reversed(BASE)}
NO_METADATA = {"spec": BASE["spec"]}

WRITTEN = [
    pytest.param(BASE, BASE, True, id="the same"),
    pytest.param(BASE, STAMPED, True, id="held with a null creationTimestamp"),
    pytest.param(STAMPED, BASE, True, id="asked for with a null creationTimestamp"),
    pytest.param(STAMPED, STAMPED, True, id="both with a null creationTimestamp"),
    pytest.param(BASE, TURNED, True, id="in another order"),
    pytest.param(NO_METADATA, NO_METADATA, True, id="without metadata"),
    pytest.param(BASE, template(nodeSelector={"a": "b"}), False, id="another selector"),
    pytest.param(
        BASE,
        {**BASE, "metadata": {"labels": {"app": "x"}}},
        False,
        id="other labels",
    ),
    pytest.param(
        {**BASE, "spec": {**BASE["spec"], "containers": [{"name": "a"}, {"name": "b"}]}},
        {**BASE, "spec": {**BASE["spec"], "containers": [{"name": "b"}, {"name": "a"}]}},
        False,
        id="containers in another order",
    ),
    pytest.param(
        BASE,
        {
            **BASE,
            "metadata": {**BASE["metadata"], "creationTimestamp": "2026-01-01T00:00:00Z"},
        },
        False,
        id="a creationTimestamp that is one",
    ),
    pytest.param(
        {**BASE, "spec": {**BASE["spec"], "hostPID": None}}, BASE, False, id="any other null"
    ),
]


@pytest.mark.parametrize(("wanted", "held", "expected"), WRITTEN)
def test_the_exact_template(wanted: dict[str, Any], held: dict[str, Any], expected: bool) -> None:
    owner = daemon_set(pod_template=wanted, **LAGGING)
    found = current_revision(owner, [revision(1, "h", pod_template=held)])
    assert found.hash == ("h" if expected else "")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(None, id="null"),
        pytest.param({}, id="empty"),
        pytest.param([], id="a list"),
        pytest.param({"spec": None}, id="no spec"),
        pytest.param({"spec": {}}, id="no template"),
        pytest.param({"spec": {"template": "x"}}, id="a word"),
        pytest.param({"spec": {"template": {"$patch": "replace"}}}, id="nothing but the patch"),
    ],
)
def test_data_that_holds_no_template_is_not_the_exact_one(data: object) -> None:
    found = current_revision(daemon_set(**LAGGING), [with_data(revision(1, "h"), data)])
    assert found.hash == ""


# GetTemplateGeneration: strconv.ParseInt; what can't be parsed counts as absent. The pod's label
# is compared with the number as it is printed.

GENERATIONS = {
    "3": "3",
    "007": "7",
    "+3": "3",
    "-1": "-1",
    "0": "0",
    "x": "",
    "3.0": "",
    " 3": "",
    str(2**63): "",
}


@pytest.mark.parametrize(("annotation", "expected"), GENERATIONS.items(), ids=GENERATIONS)
def test_the_template_generation(annotation: str, expected: str) -> None:
    owner = daemon_set(template_generation=annotation)
    assert current_revision(owner, []).generation == expected


def test_no_template_generation() -> None:
    assert current_revision(daemon_set(), []) == Revision(hash="", generation="", known=False)


# IsPodUpdated: the hash or the generation. A control-plane upgrade gives the same template a new
# hash, and then only the generation says that the pods run it.

BOTH = Revision(hash="new", generation="3")
ONLY_HASH = Revision(hash="new", generation="")
ONLY_GENERATION = Revision(hash="", generation="3")
NEITHER = Revision(hash="", generation="")

UPDATED = [
    pytest.param(BOTH, "new", "3", True, id="both"),
    pytest.param(BOTH, "new", "2", True, id="the hash alone"),
    pytest.param(BOTH, "new", "", True, id="the hash, and no generation"),
    pytest.param(BOTH, "old", "3", True, id="the generation alone"),
    pytest.param(BOTH, "", "3", True, id="the generation, and no hash"),
    pytest.param(BOTH, "old", "2", False, id="neither"),
    pytest.param(BOTH, "", "", False, id="no labels"),
    pytest.param(BOTH, "3", "new", False, id="the two mixed up"),
    pytest.param(BOTH, "old", "03", False, id="a generation written in another way"),
    pytest.param(ONLY_HASH, "new", "", True, id="only a hash is known"),
    pytest.param(ONLY_HASH, "old", "", False, id="only a hash is known, another"),
    pytest.param(ONLY_HASH, "", "", False, id="only a hash is known, none"),
    pytest.param(ONLY_GENERATION, "x", "3", True, id="only a generation is known"),
    pytest.param(ONLY_GENERATION, "x", "2", False, id="only a generation is known, another"),
    pytest.param(ONLY_GENERATION, "", "", False, id="only a generation is known, none"),
    pytest.param(NEITHER, "", "", False, id="nothing known, no labels"),
    pytest.param(NEITHER, "x", "1", False, id="nothing known"),
]


@pytest.mark.parametrize(("current", "hash_", "generation", "expected"), UPDATED)
def test_pods_of_the_current_revision(
    current: Revision, hash_: str, generation: str, expected: bool
) -> None:
    assert runs(current, pod(hash=hash_, generation=generation)) is expected


# What was read may tell nothing at all of revisions: then no pod can be called old. Where there is
# a history and none of it is the current template, or a generation, every other pod is old.

TOLD = [
    pytest.param(daemon_set(**SEEN), [], False, True, id="nothing read"),
    pytest.param(daemon_set(**LAGGING), [], False, True, id="lagging, nothing read"),
    pytest.param(
        daemon_set(**SEEN), [revision(1, "x", owner=OTHER_UID)], False, True, id="another's history"
    ),
    pytest.param(
        daemon_set(**LAGGING), [revision(1, "x", pod_template=OLD)], True, False, id="lagging"
    ),
    pytest.param(daemon_set(**SEEN), [revision(1, "new")], True, False, id="a history"),
    pytest.param(
        daemon_set(template_generation="3", **SEEN), [], True, False, id="only a generation"
    ),
    pytest.param(
        daemon_set(template_generation="x", **SEEN), [], False, True, id="a generation that is none"
    ),
]


@pytest.mark.parametrize(("owner", "revisions", "known", "updated"), TOLD)
def test_what_tells_old_pods_from_new(
    owner: DaemonSet, revisions: list[ControllerRevision], known: bool, updated: bool
) -> None:
    found = current_revision(owner, revisions)
    assert found.known is known
    assert runs(found, pod(hash="older", generation="2")) is updated
    assert has_hash(found, pod(hash="older", generation="2")) is updated


def test_an_empty_label_is_not_the_unknown_revision() -> None:
    marked = pod(labels={HASH_LABEL: "", "pod-template-generation": ""}, hash="", generation="")
    assert not runs(NEITHER, marked)
    assert not has_hash(NEITHER, marked)


# podsShouldBeOnNode looks at the hash alone

HASHES = [
    pytest.param(BOTH, pod(hash="new"), True, id="the hash"),
    pytest.param(BOTH, pod(hash="old", generation="3"), False, id="the generation is not enough"),
    pytest.param(ONLY_GENERATION, pod(hash=""), False, id="no hash known"),
    pytest.param(
        ONLY_GENERATION, pod(hash="", generation="3"), True, id="no hash known, the generation"
    ),
]


@pytest.mark.parametrize(("current", "item", "expected"), HASHES)
def test_pods_with_the_current_hash(current: Revision, item: Pod, expected: bool) -> None:
    assert has_hash(current, item) is expected


# IsPodAvailable: ready, and for at least minReadySeconds, to the second

AVAILABLE = [
    pytest.param(pod(), 0, True, id="ready"),
    pytest.param(pod(ready=False), 0, False, id="not ready"),
    pytest.param(pod(ready=False), 10, False, id="not ready for an hour"),
    pytest.param(pod(ready_for=9), 10, False, id="a second too early"),
    pytest.param(pod(ready_for=9.999999), 10, False, id="a microsecond too early"),
    pytest.param(pod(ready_for=10), 10, True, id="to the second"),
    pytest.param(pod(ready_for=11), 10, True, id="a second later"),
    pytest.param(pod(ready_for=0), 0, True, id="just now, and none asked"),
    pytest.param(pod(ready_for=-5), 0, True, id="in the future, and none asked"),
    pytest.param(pod(ready_for=-5), 1, False, id="in the future"),
    pytest.param(pod(ready_for=None), 0, True, id="no time, and none asked"),
    pytest.param(pod(ready_for=None), 1, False, id="no time"),
    pytest.param(pod(deleting=True), 10, True, id="deletion does not count"),
    pytest.param(pod(phase="Pending", ready=True), 0, True, id="the phase does not count"),
    pytest.param(pod(phase="Failed"), 0, False, id="failed"),
]


@pytest.mark.parametrize(("item", "seconds", "expected"), AVAILABLE)
def test_available_pods(item: Pod, seconds: int, expected: bool) -> None:
    assert is_available(item, seconds, NOW) is expected


STATUSES = [
    pytest.param((), False, id="no condition"),
    pytest.param((Condition(type="Ready", status="Unknown"),), False, id="unknown"),
    pytest.param((Condition(type="Ready", status="true"),), False, id="in lower case"),
    pytest.param((Condition(type="ContainersReady", status="True"),), False, id="containers only"),
    pytest.param((Condition(type="Ready", status="True"),), True, id="ready"),
]


@pytest.mark.parametrize(("conditions", "expected"), STATUSES)
def test_only_the_ready_condition_makes_a_pod_ready(
    conditions: tuple[Condition, ...], expected: bool
) -> None:
    plain = pod()
    item = replace(plain, status=replace(plain.status, conditions=conditions))
    assert is_available(item, 0, NOW) is expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(pod(ready_for=60), ago(60), id="ready"),
        pytest.param(pod(ready=False, ready_for=60), None, id="not ready since then"),
        pytest.param(pod(ready_for=None), None, id="no time"),
        pytest.param(Pod(metadata=ObjectMeta(name="p")), None, id="no condition"),
    ],
)
def test_since_when_a_pod_is_ready(item: Pod, expected: datetime | None) -> None:
    assert ready_since(item) == expected


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 300), st.integers(0, 300), st.booleans())
def test_a_pod_is_available_once_it_was_ready_for_long_enough(
    ready_for: int, asked: int, ready: bool
) -> None:
    found = is_available(pod(ready=ready, ready_for=ready_for), asked, NOW)
    assert found is (ready and ready_for >= asked)
