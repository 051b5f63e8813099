"""Pods that are made and gone within seconds, so that nobody sees them.

A pod that the kubelet refuses, or that a NoExecute taint evicts, is deleted and made again. What is
left of it are events: those of the controller, which name its failed pods, and those about pods
that no longer exist. The latter are known as the DaemonSet's by their names: a Job or a bare
ReplicaSet of the same name and namespace would make the same.

Sources: ``pkg/controller/daemon/daemon_controller.go`` (podsShouldBeOnNode),
``apiserver/pkg/storage/names/generate.go`` (SimpleNameGenerator).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from kubectl_ds.core.facts import PodsVanishFacts, VanishCause
from kubectl_ds.core.model import DaemonSet, Event
from kubectl_ds.core.running.ended import REJECTIONS
from kubectl_ds.core.running.events import failed_pods, newest_first, seen

_WINDOW = timedelta(hours=1)
_AGAIN = 2
_LONGEST_BASE = 58
_SUFFIX = "[bcdfghjklmnpqrstvwxz2456789]{5}"
_GONE = re.compile(rf"{REJECTIONS.pattern}|Evicted|NodeShutdown|Preempting|Preempted")
_TAINT = "TaintManagerEviction"


class _Trace(NamedTuple):
    """What an event tells of a pod's end; the node is empty where it does not say."""

    pod: str
    node: str
    event: Event


class Ended(NamedTuple):
    """Pods that ended on one node and are gone: how many at least, and of what most of them."""

    pods: int
    cause: VanishCause


def vanished(
    daemon_set: DaemonSet,
    events: Iterable[Event],
    present: Collection[str],
    uncovered: Collection[str],
    now: datetime,
) -> PodsVanishFacts | None:
    """How many of the DaemonSet's pods came and went within the last hour, and why.

    Args:
        daemon_set: the DaemonSet.
        events: all that were read.
        present: names of its pods that exist.
        uncovered: nodes that now lack a pod; a pod of which the node is known counts only there.
        now: the end of the hour.

    Returns:
        None where it was no more than one pod: that says nothing of a loop.
    """
    gone = _gone(daemon_set, events, present, now)
    here = [trace for trace in gone if not trace.node or trace.node in uncovered]
    if len(here) < _AGAIN:
        return None
    return PodsVanishFacts(
        pods=len(here),
        nodes=tuple(sorted({trace.node for trace in here if trace.node})),
        causes=tuple(_causes(here)),
    )


def ended_on(
    daemon_set: DaemonSet, events: Iterable[Event], present: Collection[str], now: datetime
) -> Mapping[str, Ended]:
    """For each node what is known of pods that came and went there within the last hour."""
    found: dict[str, list[_Trace]] = {}
    for trace in _gone(daemon_set, events, present, now):
        if trace.node:
            found.setdefault(trace.node, []).append(trace)
    return {node: Ended(len(traces), _causes(traces)[0]) for node, traces in found.items()}


def _gone(
    daemon_set: DaemonSet, events: Iterable[Event], present: Collection[str], now: datetime
) -> Collection[_Trace]:
    recent = [event for event in events if timedelta(0) <= now - seen(event) <= _WINDOW]
    traces = (trace for trace in _traces(daemon_set, recent) if trace.pod not in present)
    return _by_pod(traces).values()


def _traces(daemon_set: DaemonSet, events: Iterable[Event]) -> Iterator[_Trace]:
    made = re.compile(re.escape(f"{daemon_set.name}-"[:_LONGEST_BASE]) + _SUFFIX)
    for event in newest_first(events):
        about = event.involved_object
        if about.namespace != daemon_set.namespace:
            continue
        if about.kind == "Pod" and made.fullmatch(about.name) and _ends(event):
            yield _Trace(about.name, event.source.host, event)
        elif about.kind == "DaemonSet" and about.uid == daemon_set.metadata.uid:
            yield from map(_Trace._make, failed_pods([event]))


def _ends(event: Event) -> bool:
    if event.reason == _TAINT:
        return event.message.startswith("Marking for deletion")
    return _GONE.fullmatch(event.reason) is not None


def _by_pod(traces: Iterable[_Trace]) -> Mapping[str, _Trace]:
    """One trace for each pod: what the kubelet says of it, and the node from any of them."""
    found: dict[str, _Trace] = {}
    for trace in traces:
        known = found.get(trace.pod)
        if known is None:
            found[trace.pod] = trace
        else:
            told = known if known.event.involved_object.kind == "Pod" else trace
            found[trace.pod] = told._replace(node=known.node or trace.node)
    return found


def _causes(traces: Iterable[_Trace]) -> list[VanishCause]:
    """The reasons, the most frequent first, each with the newest of its messages."""
    groups: dict[str, list[_Trace]] = {}
    for trace in traces:
        groups.setdefault(trace.event.reason, []).append(trace)
    causes = [
        VanishCause(reason=reason, pods=len(group), message=max(group, key=_when).event.message)
        for reason, group in groups.items()
    ]
    return sorted(causes, key=lambda cause: (-cause.pods, cause.reason))


def _when(trace: _Trace) -> tuple[datetime, str]:
    return seen(trace.event), trace.pod
