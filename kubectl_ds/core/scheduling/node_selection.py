"""The filters TaintToleration and NodeAffinity, put to the pod as it was admitted.

Sources: ``pkg/scheduler/framework/plugins/{tainttoleration,nodeaffinity,nodeunschedulable}``.
"""

from __future__ import annotations

from collections.abc import Iterator

from kubectl_ds.core.placement import selector_checks, taint_checks
from kubectl_ds.core.pods import Pod
from kubectl_ds.core.scheduling.target import Refused, Target


def taint_toleration(pod: Pod, target: Target) -> Iterator[Refused]:
    """Each NoSchedule or NoExecute taint that the pod does not tolerate."""
    tolerations = pod.spec.tolerations or ()
    for check in taint_checks(target.node, tolerations, len(tolerations)):
        if not check.passed:
            yield Refused(check.code, check.facts)


def node_selector(pod: Pod, target: Target) -> Iterator[Refused]:
    """Each key of the pod's nodeSelector that the node does not have.

    Of the affinity nothing is left to compare: it names the node itself.
    """
    for check in selector_checks(pod.spec.node_selector, target.node):
        if not check.passed:
            yield Refused(check.code, check.facts)
