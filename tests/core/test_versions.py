"""Rules that differ between Kubernetes 1.30 and 1.36: which counts, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.judge import explain
from kubectl_ds.core.model import Cluster, DaemonSet, Version
from kubectl_ds.core.needs import needs
from kubectl_ds.core.versions import VERSION
from tests.core.make import (
    HASH,
    OLD_HASH,
    cluster,
    daemon_set,
    event,
    namespace,
    node,
    pod,
    quota,
    revision,
    rolling_update,
    template,
)
from tests.core.rooms import waiting

ENFORCE = "pod-security.kubernetes.io/enforce"


def said(given: Cluster, daemon_set: DaemonSet) -> list[str]:
    """What is said of the server's version."""
    return [item.why for item in explain(given, daemon_set).not_checked if item.what == VERSION]


def codes(given: Cluster, daemon_set: DaemonSet, place: str = "a") -> list[str]:
    """The reasons on one node."""
    found = {item.node: item for item in explain(given, daemon_set).nodes}
    return [reason.code for reason in found[place].reasons]


def container(**fields: Any) -> dict[str, Any]:
    return {"containers": [{"name": "agent", "image": "example.com/agent:1", **fields}]}


def probing(host: str) -> dict[str, Any]:
    return container(livenessProbe={"httpGet": {"host": host, "port": 80}})


ENGINE = {"securityContext": {"seLinuxOptions": {"type": "container_engine_t"}}}
BUFFERS = {"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1"}]}}
DOT_HOST = {"hostNetwork": True}

# pod-security-admission ``policy/check_*.go``: the version from which each rule holds. A row is
# the template's spec, what the namespace enforces, the server's version, whether a pod is refused,
# and whether it is said that the version matters.
SECURITY = [
    pytest.param(DOT_HOST, "baseline", "latest", None, True, False, id="refused by every version"),
    pytest.param({}, "baseline", "latest", None, False, False, id="refused by none"),
    pytest.param(probing("x"), "baseline", "latest", None, True, True, id="a probe's host: not known"),
    pytest.param(probing("x"), "baseline", "latest", (1, 33), False, False, id="a probe's host: 1.33"),
    pytest.param(probing("x"), "baseline", "latest", (1, 34), True, False, id="a probe's host: 1.34"),
    pytest.param(probing("x"), "baseline", "latest", (1, 36), True, False, id="a probe's host: 1.36"),
    pytest.param(probing("x"), "baseline", "latest", (1, 37), True, True, id="a probe's host: newer"),
    pytest.param(probing("x"), "baseline", "v1.33", None, False, False, id="pinned before the rule"),
    pytest.param(probing("x"), "baseline", "v1.34", None, True, True, id="pinned, maybe not there yet"),
    pytest.param(probing("x"), "baseline", "v1.34", (1, 33), False, False, id="pinned, not there yet"),
    pytest.param(probing("x"), "baseline", "v1.34", (1, 37), True, False, id="pinned, server newer"),
    pytest.param(ENGINE, "baseline", "latest", (1, 30), True, False, id="container_engine_t: 1.30"),
    pytest.param(ENGINE, "baseline", "latest", (1, 31), False, False, id="container_engine_t: 1.31"),
    pytest.param(ENGINE, "baseline", "latest", None, False, True, id="container_engine_t: not known"),
    pytest.param(BUFFERS, "baseline", "latest", (1, 31), True, False, id="tcp_rmem: 1.31"),
    pytest.param(BUFFERS, "baseline", "latest", (1, 32), False, False, id="tcp_rmem: 1.32"),
    pytest.param(probing("x"), "privileged", "latest", None, False, False, id="nothing enforced"),
]  # fmt: skip


@pytest.mark.parametrize(("spec", "level", "policy", "version", "refused", "told"), SECURITY)
def test_pod_security(
    spec: dict[str, Any],
    level: str,
    policy: str,
    version: Version | None,
    refused: bool,
    told: bool,
) -> None:
    given = daemon_set(pod_template=template(**spec))
    labels = {ENFORCE: level, f"{ENFORCE}-version": policy}
    around: dict[str, Any] = {"namespaces": [namespace(labels=labels)], "version": version}
    lacking = cluster([given], [node()], **around)
    assert codes(lacking, given) == (["PodSecurityViolation"] if refused else ["Unknown"])
    assert bool(said(lacking, given)) is told
    assert needs(Fleet(lacking), [given]).version is told
    whole = cluster([given], [node()], [pod()], **around)
    assert said(whole, given) == []


def test_what_is_said_of_a_version() -> None:
    given = daemon_set(pod_template=template(**probing("x")))
    around = {"namespaces": [namespace(labels={ENFORCE: "baseline"})]}
    unknown = cluster([given], [node()], **around)
    rule = "Pod Security's latest rules are taken as of 1.36"
    assert said(unknown, given) == [f"not known; {rule}"]
    newer = cluster([given], [node()], **around, version=(1, 37))
    assert said(newer, given) == [f"1.37; {rule}"]


# A pod was refused for a type that 1.31 allows: is the cause gone?
GONE = [((1, 30), False), ((1, 31), True), ((1, 36), True), (None, False), ((1, 37), False)]


@pytest.mark.parametrize(("version", "gone"), GONE)
def test_a_refusal_is_over_only_by_rules_that_are_known_to_count(
    version: Version | None, gone: bool
) -> None:
    given = daemon_set(pod_template=template(**ENGINE))
    text = 'pods "agent-x" is forbidden: violates PodSecurity "baseline:latest": seLinuxOptions (x)'
    known = cluster(
        [given],
        [node()],
        events=[event("FailedCreate", f"Error creating: {text}")],
        namespaces=[namespace(labels={ENFORCE: "baseline"})],
        version=version,
    )
    (verdict,) = explain(known, given).nodes
    assert [item.code for item in verdict.reasons] == ["PodSecurityViolation"]
    assert verdict.reasons[0].facts.gone is gone  # type: ignore[attr-defined]


DOWN = {"hash": OLD_HASH, "ready": False}
UP = {"hash": OLD_HASH}

# ``pkg/controller/daemon/update.go``, rollingUpdate: since 1.31 (PR 123233) an old pod that is not
# available counts. A row is the strategy, the pods on a, b, c…, the version, and whether it
# matters to what becomes of the old pods that are available.
COUNTED = [
    pytest.param(rolling_update(1), [UP, DOWN], None, True, id="not known"),
    pytest.param(rolling_update(1), [UP, DOWN], (1, 30), True, id="1.30: by its patch release"),
    pytest.param(rolling_update(1), [UP, DOWN], (1, 31), False, id="1.31"),
    pytest.param(rolling_update(1), [UP, DOWN], (1, 37), False, id="newer than all we know"),
    pytest.param(rolling_update(3), [UP, DOWN], None, False, id="there is room either way"),
    pytest.param(rolling_update(2), [UP, UP, DOWN], None, True, id="room for one more"),
    pytest.param(rolling_update(1), [DOWN, DOWN], None, False, id="no old pod is available"),
    pytest.param(rolling_update(1), [UP, UP], None, False, id="each old pod is available"),
    pytest.param(rolling_update(1), [UP, {"ready": False}], None, False, id="a new pod is down"),
    pytest.param(rolling_update(0, 1), [UP, DOWN], None, False, id="it surges"),
]


@pytest.mark.parametrize(("strategy", "pods", "version", "told"), COUNTED)
def test_old_pods_that_are_not_available(
    strategy: Any, pods: list[dict[str, Any]], version: Version | None, told: bool
) -> None:
    given = daemon_set(strategy=strategy)
    names = "abc"[: len(pods)]
    there = [pod(f"p{x}", x, **kind) for x, kind in zip(names, pods, strict=True)]
    revisions = [revision(1, OLD_HASH), revision(2, HASH)]
    known = cluster([given], map(node, names), there, revisions=revisions, version=version)
    assert bool(said(known, given)) is told
    assert needs(Fleet(known), [given]).version is told


GPU = "example.com/gpu"

# ``pkg/features/kube_features.go``, DRAExtendedResource: on since 1.36. A row is what the scheduler
# says, the version, whether the version is open, and whether a DeviceClass may still do.
DEVICES = [
    pytest.param("", None, True, True, id="not known"),
    pytest.param("", (1, 35), False, False, id="1.35"),
    pytest.param("", (1, 36), False, True, id="1.36"),
    pytest.param(f"Insufficient {GPU}", None, False, False, id="the scheduler has said it"),
]


@pytest.mark.parametrize(("says", "version", "told", "doubt"), DEVICES)
def test_a_resource_that_devices_may_stand_for(
    says: str, version: Version | None, told: bool, doubt: bool
) -> None:
    given = daemon_set()
    known = cluster([given], [node()], [waiting({GPU: "1"}, says=says)], version=version)
    assert "InsufficientResource" in codes(known, given)
    assert bool(said(known, given)) is told
    assert needs(Fleet(known), [given]).version is told
    assert ("DeviceClasses" in [x.what for x in explain(known, given).not_checked]) is doubt


def test_a_node_that_has_the_resource_needs_no_version() -> None:
    given, pods = daemon_set(), [waiting({GPU: "2"}, says="")]
    has = node(allocatable={"cpu": "4", "pods": "9", GPU: "1"})
    assert said(cluster([given], [has], pods), given) == []


def test_what_does_not_differ_needs_no_version() -> None:
    given = daemon_set()
    full = [quota({"pods": "1"}, {"pods": "1"})]
    assert not needs(Fleet(cluster([given], [node()], quotas=full)), [given]).version
