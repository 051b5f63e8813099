"""What a DaemonSet still lacks, for who waits until it lacks nothing.

What ``kubectl rollout status`` passes over counts here: pods that are not wanted where they are,
nodes that are not ready, a DaemonSet that wants no node or is being deleted (kubectl
``polymorphichelpers/rollout_status.go``, DaemonSetStatusViewer).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from kubectl_ds.core.meta import Value
from kubectl_ds.core.reasons import State
from kubectl_ds.core.verdict import Explanation, gaps


class Awaited(Value, frozen=True):
    """What is there, and what is not; numbers are numbers of nodes.

    Attributes:
        desired: the nodes that want a pod.
        available: those of them that have an available one, of whatever revision.
        older: those of these whose pod is of an older revision.
        gaps: how many nodes are in each state that is a gap.
        generation: the generation of the spec, where its controller has not acted on it; else 0.
        observed: the one that it has acted on.
        nodes: those of the nodes that were asked for that are there; empty where all are meant.
        idle: whether none of the nodes is desired, and so none can be waited for.
        deleting: whether the DaemonSet is being deleted.
        absent: nodes that were asked for and are not there.
    """

    desired: int
    available: int
    older: int
    gaps: Mapping[State, int]
    generation: int
    observed: int
    nodes: tuple[str, ...]
    idle: bool
    deleting: bool
    absent: tuple[str, ...]

    @property
    def done(self) -> bool:
        """Whether there is nothing to wait for."""
        return not (self.gaps or self.generation or self.idle or self.deleting or self.absent)


def awaited(explanation: Explanation, nodes: Sequence[str] = ()) -> Awaited:
    """Look for what a DaemonSet lacks.

    Args:
        explanation: the answer on the DaemonSet, narrowed to these nodes.
        nodes: the nodes that were asked for; empty for all.
    """
    metadata, observed = explanation.daemon_set.metadata, explanation.status.observed_generation
    wanted = [verdict for verdict in explanation.nodes if verdict.desired]
    states = Counter(verdict.state for verdict in wanted)
    known = {verdict.node for verdict in explanation.nodes}
    there = tuple(name for name in nodes if name in known)
    return Awaited(
        desired=len(wanted),
        available=states[State.AVAILABLE] + states[State.OUTDATED],
        older=states[State.OUTDATED],
        gaps=Counter(verdict.state for verdict in gaps(explanation)),
        generation=metadata.generation if observed < metadata.generation else 0,
        observed=observed,
        nodes=there,
        idle=not wanted and bool(there or not nodes),
        deleting=metadata.deletion_timestamp is not None,
        absent=tuple(name for name in nodes if name not in known),
    )
