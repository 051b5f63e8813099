"""Lists that are read one after another, and what may change between them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kubectl_ds.core.crowds import Crowd
from kubectl_ds.core.model import DaemonSet, Unread
from kubectl_ds.kube.transport import Refusal
from kubectl_ds.read.answers import Read
from kubectl_ds.read.ask import Request
from kubectl_ds.read.kinds import BY_FIELD

TIMES = 2  # that everything is read, at most
FEW_NODES = 20

_NODES = BY_FIELD["nodes"]
_PODS = BY_FIELD["pods"]

Key = tuple[str, str]

_MOMENT = "whether all was read at one moment"
RESTLESS = Unread(what=_MOMENT, why=f"the DaemonSet changed each of the {TIMES} times")


def unsure(refusal: Refusal) -> Unread:
    """That a DaemonSet could not be read again, so that it may have changed meanwhile."""
    return Unread(what=_MOMENT, why=f"can't get the DaemonSet again: {refusal.words or refusal}")


def moved(before: DaemonSet, after: DaemonSet) -> bool:
    """Whether a DaemonSet wants something else now, or is another one; a new status is not that."""
    return _wanted(before) != _wanted(after)


def _wanted(daemon_set: DaemonSet) -> tuple[object, ...]:
    meta = daemon_set.metadata
    return meta.uid, meta.generation, meta.deletion_timestamp


def newcomers(reads: Sequence[Read], crowds: Iterable[Crowd]) -> list[Request]:
    """Asks for nodes that pods are bound to and that were not listed: they may be newer."""
    listed = {node.name for each in reads if each.kind is _NODES for node in each.objects}
    bound = {x.spec.node_name for each in reads if each.kind is _PODS for x in each.objects}
    bound |= {member.node for crowd in crowds for member in crowd.members}
    names = sorted(bound - listed - {""})
    if len(names) > FEW_NODES:
        return [Request(_NODES)]
    return [Request(_NODES, fields=f"metadata.name={name}") for name in names]
