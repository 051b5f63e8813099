"""How far a rolling update may go now: the controller's own budget.

Sources: ``pkg/controller/daemon/update.go`` (rollingUpdate, updatedDesiredNodeCounts),
``pkg/controller/daemon/util/daemonset_util.go`` (UnavailableCount, SurgeCount),
apimachinery ``pkg/util/intstr/intstr.go``.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Set

from kubectl_ds.core.labels import integer
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSet
from kubectl_ds.core.pods import Pod

ROLLING_UPDATE = "RollingUpdate"
ON_DELETE = "OnDelete"

Pods = Mapping[str, tuple[Pod, ...]]
Test = Callable[[Pod], bool]


class Budget(Value, frozen=True):
    """What a rolling update may do, in nodes.

    Attributes:
        max_unavailable: nodes that may be without an available pod.
        max_surge: nodes that may run a new pod beside the old one.
        unavailable: the nodes that count against the first.
        surging: the nodes that count against the second.
        candidates: the nodes with an available older pod, of which as many as there is room for
            are replaced next, in no order that can be told.
        anyway: the nodes with an older pod alone that is not available: whatever the budget, it
            is deleted, or with a surge gets a new one beside it.
        outdated: the nodes with an older pod that the rolling update is to replace or remove.
    """

    max_unavailable: int
    max_surge: int
    unavailable: tuple[str, ...] = ()
    surging: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()
    anyway: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()

    @property
    def limit(self) -> int:
        """The limit in force: maxSurge where the strategy surges, else maxUnavailable."""
        return self.max_surge or self.max_unavailable

    @property
    def used_by(self) -> tuple[str, ...]:
        """The nodes that count against the limit in force."""
        return self.surging if self.max_surge else self.unavailable

    @property
    def room(self) -> int:
        """How many more nodes the limit in force has room for."""
        return max(self.limit - len(self.used_by), 0)


def scaled(value: int | str | None, nodes: int) -> int | None:
    """A number of nodes from a number or a percentage, rounded up; None where it is neither."""
    if value is None or isinstance(value, int):
        return value
    percent = integer(value[:-1]) if value.endswith("%") else None
    return None if percent is None else -(-percent * nodes // 100)


def limits(daemon_set: DaemonSet, desired: int) -> tuple[int, int]:
    """(maxUnavailable, maxSurge) as numbers of nodes, for so many desired nodes."""
    strategy = daemon_set.spec.update_strategy
    if strategy.type != ROLLING_UPDATE:
        return 0, 0
    update = strategy.rolling_update
    unavailable = scaled(update.max_unavailable, desired) if update else 0
    surge = _surge(daemon_set, desired)
    if unavailable is None or surge is None:
        return 0, 0
    if desired > 0 and unavailable == 0 and surge == 0:
        return 1, 0
    return unavailable, surge


def allows_surge(daemon_set: DaemonSet) -> bool:
    """Whether the strategy lets a new pod run beside the old one on a node."""
    return (_surge(daemon_set, 1) or 0) > 0


def _surge(daemon_set: DaemonSet, desired: int) -> int | None:
    strategy = daemon_set.spec.update_strategy
    update = strategy.rolling_update
    if strategy.type != ROLLING_UPDATE or update is None or update.max_surge is None:
        return 0
    return scaled(update.max_surge, desired)


def budget(
    daemon_set: DaemonSet,
    desired: Iterable[str],
    pods: Pods,
    updated: Test,
    available: Test,
    settled: Set[str] = frozenset(),
) -> Budget:
    """Count as the controller counts, over desired nodes and all nodes that have a pod.

    Args:
        daemon_set: gives the strategy.
        desired: names of the nodes where a pod is wanted.
        pods: the DaemonSet's pods by node.
        updated: whether a pod is of the current revision.
        available: whether a pod is available.
        settled: desired nodes known to have one pod, which is current and available: these count
            against nothing.
    """
    if daemon_set.spec.update_strategy.type != ROLLING_UPDATE:
        return Budget(max_unavailable=0, max_surge=0)
    wanted = set(desired)
    max_unavailable, max_surge = limits(daemon_set, len(wanted))
    asked = sorted((wanted | pods.keys()) - settled)
    entries = {node: _split(pods.get(node, ()), updated) for node in asked}
    counts = _surges if max_surge else _is_unavailable
    used = tuple(node for node, entry in entries.items() if counts(entry, available))
    outdated = tuple(
        node for node, (_, old) in entries.items() if old and (node in wanted or not max_surge)
    )
    alone = [node for node in outdated if _is_old_alone(entries[node])]
    up = {node for node in alone if available(entries[node][1][0])}
    valid = bool(max_unavailable or max_surge or not wanted)
    return Budget(
        max_unavailable=max_unavailable,
        max_surge=max_surge,
        unavailable=() if max_surge else used,
        surging=used if max_surge else (),
        candidates=tuple(node for node in alone if node in up),
        anyway=tuple(node for node in alone if valid and node not in up),
        outdated=outdated,
    )


def surplus(desired: int, pods: Pods, updated: Test, available: Test) -> int:
    """How many more nodes have an available pod than want one; a surge removes as many strays."""
    entries = (_split(group, updated) for group in pods.values())
    counted = [(old or new)[0] for new, old in entries if len(new) <= 1 >= len(old) and old + new]
    return sum(available(pod) for pod in counted) - desired


def stalls(pods: Pods, existing: Container[str], updated: Test) -> tuple[str, ...]:
    """Nodes that fail a surging rollout as a whole: gone, and only an old pod is bound there.

    The controller looks such a node up, finds none and gives up until the pod is removed.
    """
    entries = {node: _split(group, updated) for node, group in pods.items()}
    return tuple(
        node
        for node, (new, old) in sorted(entries.items())
        if node not in existing and _is_old_alone((new, old))
    )


_Entry = tuple[list[Pod], list[Pod]]


def _split(pods: Iterable[Pod], updated: Test) -> _Entry:
    new: list[Pod] = []
    old: list[Pod] = []
    for pod in pods:
        if not pod.terminating:
            (new if updated(pod) else old).append(pod)
    return new, old


def _is_old_alone(entry: _Entry) -> bool:
    new, old = entry
    return len(old) == 1 and not new


def _is_unavailable(entry: _Entry, available: Test) -> bool:
    new, old = entry
    if len(new) + len(old) != 1:
        return True
    return not available((new or old)[0])


def _surges(entry: _Entry, available: Test) -> bool:
    new, old = entry
    if len(new) > 1 or len(old) > 1:
        return True
    return bool(old and new) and not available(new[0])
