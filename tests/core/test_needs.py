"""What else must be read: no more than the verdicts can depend on."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.model import DaemonSet, Event
from kubectl_ds.core.needs import Needs, needs
from kubectl_ds.core.pods import Pod
from tests.core.make import (
    HASH,
    OLD_HASH,
    OTHER_UID,
    ago,
    cluster,
    daemon_set,
    event,
    node,
    pod,
    quota,
    revision,
    rolling_update,
    template,
)
from tests.core.make_waiting import spec, unseen

PLAIN = daemon_set()
URGENT = daemon_set(pod_template=template(priorityClassName="high"))
BOXED = daemon_set(pod_template=template(runtimeClassName="kata"))
SURGING = daemon_set(strategy=rolling_update(0, 1))
PICKY = daemon_set(pod_template=template(nodeSelector={"disk": "ssd"}))

ACCOUNTS = ("service_accounts", "kube-system")
PRIORITIES, RUNTIMES = ("priority_classes", ""), ("runtime_classes", "")
BY_CLASS = [{"scopeName": "PriorityClass", "operator": "Exists"}]


def asked(*given: DaemonSet, pods: list[Pod], nodes: str = "a", **more: Any) -> Needs:
    revisions = (revision(1, OLD_HASH), revision(2, HASH))
    whole = cluster(given, [node(name) for name in nodes], pods, revisions=revisions, **more)
    return needs(Fleet(whole), given)


def refused(answer: str) -> Event:
    return event("FailedCreate", f'Error creating: pods "agent-" is forbidden: {answer}')


NO_ACCOUNT = refused(
    'error looking up service account kube-system/agent: serviceaccount "agent" not found'
)
NO_CLASS = refused("no PriorityClass with name high was found")
FULL = refused("exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2")
OLD, NEW = pod("old", hash=OLD_HASH, created=ago(9000)), pod("new")

# What admission looks up, and in what order it refuses: the first refusal is all that is told.
CLASSES = [
    pytest.param(PLAIN, [], {}, [ACCOUNTS], id="a pod is missing"),
    pytest.param(PLAIN, [NEW], {}, [], id="none is missing"),
    pytest.param(PICKY, [], {}, [], id="none is wanted"),
    pytest.param(PLAIN, [OLD], {}, [], id="an old one is there"),
    pytest.param(SURGING, [OLD], {}, [ACCOUNTS], id="surge: a new one is missing beside it"),
    pytest.param(SURGING, [OLD, NEW], {}, [], id="surge: both are there"),
    pytest.param(
        SURGING, [OLD, pod("new", deleting=True)], {}, [ACCOUNTS], id="surge: the new one ends"
    ),
    pytest.param(URGENT, [], {}, [ACCOUNTS, PRIORITIES], id="it names a PriorityClass"),
    pytest.param(URGENT, [NEW], {}, [], id="and none is missing"),
    pytest.param(URGENT, [], {"events": [NO_ACCOUNT]}, [ACCOUNTS], id="refused for its account"),
    pytest.param(URGENT, [], {"events": [NO_CLASS]}, [PRIORITIES], id="refused for its class"),
    pytest.param(URGENT, [], {"events": [FULL]}, [], id="refused for neither"),
    pytest.param(
        PLAIN, [], {"events": [FULL], "quotas": [quota({"pods": "2"}, expressions=BY_CLASS)]},
        [PRIORITIES], id="a quota asks for the class, and a default may be it",
    ),
    pytest.param(
        URGENT, [], {"events": [FULL], "quotas": [quota({"pods": "2"}, expressions=BY_CLASS)]},
        [], id="a quota asks for the class, and it is named",
    ),
    pytest.param(
        PLAIN, [],
        {"events": [FULL], "quotas": [quota({"pods": "2"}, expressions=BY_CLASS, namespace="x")]},
        [], id="a quota of another namespace does",
    ),
    pytest.param(
        PLAIN, [NEW], {"quotas": [quota({"pods": "2"}, expressions=BY_CLASS)]}, [],
        id="a quota asks for the class of none that is missing",
    ),
    pytest.param(BOXED, [], {"events": [FULL]}, [RUNTIMES], id="it names a RuntimeClass"),
    pytest.param(BOXED, [unseen("a")], {}, [RUNTIMES], id="which may be why its pod waits"),
    pytest.param(BOXED, [NEW], {}, [], id="which is met"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "pods", "around", "expected"), CLASSES)
def test_what_admission_looks_up(
    given: DaemonSet,
    pods: list[Pod],
    around: dict[str, Any],
    expected: list[tuple[str, str]],
) -> None:
    assert list(asked(given, pods=pods, **around).classes) == expected


def test_each_is_asked_for_once() -> None:
    twin = daemon_set("twin", uid=OTHER_UID)
    assert asked(PLAIN, twin, pods=[]).classes == (ACCOUNTS,)


PODS = [
    pytest.param(pod(), "", id="available"),
    pytest.param(pod(ready=False), "troubled", id="not ready"),
    pytest.param(pod(deleting=True), "troubled", id="ready and being deleted"),
    pytest.param(pod(phase="Failed"), "troubled", id="failed"),
    pytest.param(pod(bound=False), "waiting", id="not bound"),
    pytest.param(pod(bound=False, deleting=True), "", id="not bound and being deleted"),
    pytest.param(pod(target="gone", ready=False), "troubled", id="on a node that is gone"),
    pytest.param(pod(owner=OTHER_UID, ready=False), "", id="not ours"),
]


@pytest.mark.parametrize(("given", "expected"), PODS)
def test_which_pods_are_looked_at_closer(given: Pod, expected: str) -> None:
    found = asked(PLAIN, pods=[given])
    assert found.waiting == ((given,) if expected == "waiting" else ())
    assert found.troubled == ((given,) if expected == "troubled" else ())


def test_the_nodes_that_pods_wait_for_and_the_claims_they_have() -> None:
    claim = [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]
    scratch = [{"name": "scratch", "ephemeral": {}}]
    waiting = [
        unseen("n10"),
        pod("agent-n2", bound=False, spec=spec("n2", volumes=claim)),
        pod("agent-n1", bound=False, spec=spec("n1", volumes=scratch)),
    ]
    found = asked(PLAIN, pods=waiting)
    assert (found.nodes, found.claiming) == (("n1", "n2", "n10"), ("kube-system",))
    for alone in waiting:
        claims = bool(alone.spec.volumes)
        assert bool(asked(PLAIN, pods=[alone]).claiming) is claims
