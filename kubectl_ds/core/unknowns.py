"""What an answer could not take into account, and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubectl_ds.core.case import Case
from kubectl_ds.core.model import Unread
from kubectl_ds.core.placement import is_openshift
from kubectl_ds.core.reasons import WHOLE_DAEMON_SET, Source, State
from kubectl_ds.core.verdict import Outcome

_COMPARISONS = "Lt", "Gt"
_OF_CREATION = ("priorityclasses", "serviceaccounts")
_OF_VOLUMES = ("persistentvolumeclaims", "persistentvolumes", "storageclasses")


def not_checked(case: Case, verdicts: Iterable[Outcome]) -> Iterator[Unread]:
    """Everything unread or not modelled that the answer on this DaemonSet might depend on."""
    verdicts = list(verdicts)
    yield from (item for item in case.unread if _matters(item.what, case, verdicts))
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


def _matters(kind: str, case: Case, verdicts: Iterable[Outcome]) -> bool:
    """Whether the answer may depend on a kind, for those that only some DaemonSets depend on."""
    spec = case.daemon_set.template.spec
    states = {verdict.state for verdict in verdicts}
    if kind == "runtimeclasses":
        return bool(spec.runtime_class_name)
    if kind in _OF_CREATION:
        return any(_is_unexplained(verdict) for verdict in verdicts)
    if kind in _OF_VOLUMES:
        claims = any(x.persistent_volume_claim or x.ephemeral for x in spec.volumes or ())
        return State.PENDING in states and claims
    return True


def _is_unexplained(verdict: Outcome) -> bool:
    """Whether a pod is missing and nobody reported why."""
    first = next(iter(verdict.reasons), None)
    told = first is not None and (first.source is Source.REPORTED or first.code in WHOLE_DAEMON_SET)
    return verdict.state is State.MISSING and not told
