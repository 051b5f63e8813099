"""What an answer could not take into account, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubectl_ds.core.case import Case
from kubectl_ds.core.model import Unread
from kubectl_ds.core.placement import is_openshift
from kubectl_ds.core.verdict import Outcome

_COMPARISONS = "Lt", "Gt"


def not_checked(case: Case, verdicts: Iterable[Outcome]) -> Iterator[Unread]:
    """Everything unread or not modelled that the answer on this DaemonSet might depend on."""
    yield from case.unread
    if any(reason.code == "Unknown" for verdict in verdicts for reason in verdict.reasons):
        yield Unread(
            what="LimitRanges, Pod Security, ServiceAccount, PriorityClass, RuntimeClass, webhooks",
            why="that they refuse pods is told by FailedCreate events alone, and "
            + ("none is there" if case.knows("events") else "events were not read"),
        )
    spec = case.daemon_set.template.spec
    if any(item.operator in _COMPARISONS for item in spec.tolerations or ()):
        yield Unread(
            what="toleration operators Lt and Gt",
            why="whether the cluster enables them can't be read; taken as disabled, the default",
        )
    if spec.runtime_class_name and not spec.overhead:
        yield Unread(
            what=f"RuntimeClass {spec.runtime_class_name}",
            why="RuntimeClasses are not read: its overhead, node selector and tolerations may "
            "change the pods",
        )
    if not case.revision.known:
        yield Unread(
            what="the current revision",
            why="no ControllerRevision and no template generation tell it; every pod counts as "
            "current",
        )
    if is_openshift(case.namespace) and not case.namespace_selector:
        yield Unread(
            what="the cluster's default node selector",
            why="OpenShift applies it to this namespace, and it is not among the objects read",
        )
