"""The rules that differ between versions of Kubernetes, and which answers depend on one.

Kubernetes 1.30 to 1.36 differ in more than these, but what else counts is seen in the objects: a
field of a feature that a server does not have, or has turned off, is dropped when the object is
stored (``pkg/api/pod/util.go``, DropDisabledPodFields). That holds of resources of the whole pod
(1.34), of those in a status (1.33), of claims of devices (1.34), of matchLabelKeys, and of the
operators Lt and Gt (1.35). The words of the scheduler are read in all their versions.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core.case import Case
from kubectl_ds.core.creation.pod_security import NEWEST, enforced, is_certain
from kubectl_ds.core.lacking import lacks, unsettled, waiting
from kubectl_ds.core.model import Unread, Version
from kubectl_ds.core.ownership import target_node
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.rollout.budget import budget

VERSION = "the server's version"

_COUNTED_SINCE = (1, 31)


def by_version(case: Case) -> Iterator[Unread]:
    """What differs between versions, decides here, and is not known for want of the version."""
    version = case.fleet.cluster.version
    if lacks(case) and not _knows_security(case):
        yield _unread(version, f"Pod Security's latest rules are taken as of 1.{NEWEST}")
    if version is None and any(_asks_for_devices(case, pod) for pod in waiting(case)):
        yield _unread(
            version,
            "that a device of a DeviceClass may stand for an extended resource is taken as of 1.36",
        )
    if (version is None or version < _COUNTED_SINCE) and _counts_old(case):
        yield _unread(
            version,
            "old pods that are not available are taken to count against maxUnavailable, as since "
            "1.31; of 1.30 only late patch releases count them",
        )


def _unread(version: Version | None, rule: str) -> Unread:
    its = "not known" if version is None else f"{version[0]}.{version[1]}"
    return Unread(what=VERSION, why=f"{its}; {rule}")


def _knows_security(case: Case) -> bool:
    policy = enforced(case.namespace) if case.namespace else None
    template, version = case.daemon_set.spec.template, case.fleet.cluster.version
    return policy is None or is_certain(template, *policy, version)


def _asks_for_devices(case: Case, pod: Pod) -> bool:
    from kubectl_ds.core.scheduling.fit import asks_for_devices

    node = case.nodes.get(target_node(pod.spec) or "")
    return node is not None and asks_for_devices(pod, node)


def _counts_old(case: Case) -> bool:
    """Whether it makes a difference that old pods which are not available use up the budget.

    Source: kubernetes PR 123233, in 1.31 from the start.
    """
    if case.surge or all(case.updated(pod) for pod in unsettled(case)):
        return False
    pods = {name: x for name, x in case.owned.by_node.items() if name not in case.settled}
    tests = case.updated, case.available
    found = budget(case.daemon_set, case.wanted, pods, *tests, case.settled)
    without = max(found.limit - len({*found.used_by} - {*found.anyway}), 0)
    return min(found.room, len(found.candidates)) != min(without, len(found.candidates))
