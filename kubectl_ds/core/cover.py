"""How far one DaemonSet reaches: the judge's answer, kept as small as a fleet needs it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from fractions import Fraction

from msgspec.structs import replace

from kubectl_ds.core.case import Case, build
from kubectl_ds.core.facts import NodeHealthFacts, NoNodeFacts
from kubectl_ds.core.findings import no_node
from kubectl_ds.core.fleet import Fleet
from kubectl_ds.core.fold import SEVERITY
from kubectl_ds.core.judge import IN_COURSE, in_course, names
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import DaemonSet, Unread
from kubectl_ds.core.nodes import COVERED, outcome_on, verdict_on
from kubectl_ds.core.notation import subject
from kubectl_ds.core.reasons import State
from kubectl_ds.core.rollout.budget import allows_surge
from kubectl_ds.core.scheduling.counterfactual import with_fits_all
from kubectl_ds.core.unknowns import not_checked
from kubectl_ds.core.verdict import NodeVerdict, Outcome, is_gap, tells_gaps
from kubectl_ds.core.versions import VERSION

_DELIVERED = (State.AVAILABLE, State.OUTDATED)


def share(part: int, whole: int, of_nothing: int) -> Fraction:
    """A share of 0 to 1, and what it is where there is nothing to have a share of."""
    return Fraction(part, whole) if whole else Fraction(of_nothing)


class Cover(Value, frozen=True):
    """How far one DaemonSet reaches.

    Attributes:
        daemon_set: the DaemonSet.
        nodes: how many nodes there are.
        desired: on how many of them the controller wants a pod.
        available: on how many of those an available pod is there.
        states: how many nodes are in each state; nodes that are gone but have pods count too.
        others: the outcome on each node where it is another than `COVERED`.
        none_wanted: where no node is wanted, what excludes them.
        not_checked: what could not be read, or is not modelled.
        verified: whether its pods were looked at, and not its reported status alone.
        cluster: the cluster that it is in; empty where no other one was asked for.
    """

    daemon_set: DaemonSet
    nodes: int
    desired: int
    available: int
    states: Mapping[State, int]
    others: Mapping[str, Outcome]
    none_wanted: NoNodeFacts | None
    not_checked: tuple[Unread, ...]
    verified: bool = True
    cluster: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Cluster, namespace and name."""
        return (self.cluster, *self.daemon_set.key)

    @property
    def excluded(self) -> int:
        """On how many nodes no pod is wanted and none is there."""
        return self.states.get(State.EXCLUDED, 0)

    @property
    def coverage(self) -> Fraction:
        """The available share of the desired nodes; 1 where nothing is desired."""
        return share(self.available, self.desired, 1)

    @property
    def reach(self) -> Fraction:
        """The available share of all nodes; 0 where there is none."""
        return share(self.available, self.nodes, 0)

    @property
    def gaps(self) -> list[tuple[str, Outcome]]:
        """The nodes on which the DaemonSet fails to deliver, by name."""
        strategy = self.daemon_set.spec.update_strategy.type
        return [item for item in self.others.items() if is_gap(item[1].state, strategy)]

    @property
    def reported(self) -> int:
        """On how many nodes a pod is wanted by the reported status."""
        return self.daemon_set.status.desired_number_scheduled

    @property
    def gap_states(self) -> Mapping[State, int]:
        """How many gaps there are in each state that is one."""
        strategy = self.daemon_set.spec.update_strategy.type
        return {state: n for state, n in self.states.items() if is_gap(state, strategy)}

    @property
    def certain(self) -> bool:
        """Whether enough was read for the numbers to be known."""
        if self.is_unread("pods") and State.MISSING in self.states:
            return False
        return not self.is_unread("nodes")

    @property
    def tells_gaps(self) -> bool:
        """Whether it is known that there is a gap, or that there is none."""
        return tells_gaps(self.not_checked, self.others.values())

    @property
    def open_to_causes(self) -> bool:
        """Whether what refuses pods, and events about it, could still change what is said."""
        return self._surging or State.MISSING in self.states

    @property
    def open_to_events(self) -> bool:
        """Whether events about its pods could still change what is said of it."""
        return self._surging or State.UNREADY in self.states

    @property
    def open_to_version(self) -> bool:
        """Whether the server's version could still change what is said of it."""
        return self.is_unread(VERSION)

    @property
    def _surging(self) -> bool:
        """Whether new pods may be, or come to be, beside old ones."""
        return State.OUTDATED in self.states and allows_surge(self.daemon_set)

    def on(self, node: str) -> Outcome:
        """The outcome on a node."""
        return self.others.get(node, COVERED)

    def is_unread(self, kind: str) -> bool:
        """Whether nothing is known of a kind, by its plural name."""
        return any(item.what == kind for item in self.not_checked)


def within(cover: Cover, cluster: str) -> Cover:
    """The same with the name of its cluster, which is one of several."""
    unread = tuple(replace(item, cluster=cluster) for item in cover.not_checked)
    return replace(cover, cluster=cluster, not_checked=unread)


def delivers(outcome: Outcome) -> bool:
    """Whether a wanted pod is there and available, of whatever revision."""
    return outcome.desired and outcome.state in _DELIVERED


def survey(fleet: Fleet, daemon_set: DaemonSet) -> Cover:
    """Judge every node, as ``judge.explain`` does, and keep what tells how far it reaches.

    Args:
        fleet: the cluster, prepared.
        daemon_set: one of its DaemonSets.
    """
    case = build(fleet, daemon_set)
    return cover_of(case, case.settled)


def cover_of(case: Case, settled: Set[str]) -> Cover:
    """The answer on a DaemonSet, with some nodes taken to be covered and all others judged."""
    unsettled = [name for name in names(case) if name not in settled]
    excluded = [name for name in unsettled if _is_plainly_excluded(case, name)]
    others = dict(_exclusions(case, excluded))
    verdicts = _judged(case, [name for name in unsettled if name not in others])
    for verdict in with_fits_all(verdicts, len(settled)):
        others[verdict.node] = Outcome(
            state=verdict.state,
            desired=verdict.desired,
            keeps=verdict.keeps,
            reasons=verdict.reasons,
        )
    return _cover(case, {name: others[name] for name in unsettled}, len(settled))


def _judged(case: Case, nodes: Iterable[str]) -> list[NodeVerdict]:
    verdicts = [verdict_on(case, name) for name in nodes]
    if not any(verdict.state in IN_COURSE for verdict in verdicts):
        return verdicts
    return in_course(case, verdicts)[0]


def _cover(case: Case, others: Mapping[str, Outcome], covered: int) -> Cover:
    outcomes = others.values()
    desired = covered + sum(outcome.desired for outcome in outcomes)
    states = Counter(outcome.state for outcome in outcomes)
    states[State.AVAILABLE] += covered
    return Cover(
        daemon_set=case.daemon_set,
        nodes=len(case.nodes),
        desired=desired,
        available=covered + sum(map(delivers, outcomes)),
        states={state: states[state] for state in State if states[state]},
        others=others,
        none_wanted=no_node(case) if case.knows("nodes") and not desired else None,
        not_checked=tuple(not_checked(case, others)),
    )


def _is_plainly_excluded(case: Case, name: str) -> bool:
    """Whether no pod is wanted on a node, and none is there."""
    return name not in case.wanted and name not in case.owned.by_node


def _exclusions(case: Case, nodes: Iterable[str]) -> Iterator[tuple[str, Outcome]]:
    """The outcome on excluded nodes; those of one placement share it, but for their health."""
    known: dict[int, Outcome] = {}
    for name in nodes:
        placement = id(case.placements[name])
        outcome = known.get(placement) or outcome_on(case, name)
        if not any(isinstance(reason.facts, NodeHealthFacts) for reason in outcome.reasons):
            known[placement] = outcome
        yield name, outcome


class Hole(Value, frozen=True):
    """Nodes without an available pod of the current revision, for the same deciding reason.

    Attributes:
        state: what is there.
        code: the deciding reason's code; empty where there is none.
        subject: what that reason is about, such as a taint; maybe empty.
        nodes: the nodes' names.
        gap: whether the DaemonSet fails to deliver there.
    """

    state: State
    code: str
    subject: str
    nodes: tuple[str, ...]
    gap: bool


def holes(cover: Cover, within: Container[str] | None = None) -> list[Hole]:
    """What is not covered, by reason: gaps first, then the worst state, then most nodes.

    Args:
        cover: how far the DaemonSet reaches.
        within: the nodes to look at; None for all of them.
    """
    strategy = cover.daemon_set.spec.update_strategy.type
    found: dict[tuple[State, str, str], list[str]] = {}
    for node, outcome in cover.others.items():
        inside = within is None or node in within
        inside = inside and (cover.certain or outcome.state is not State.MISSING)
        if inside and outcome.state is not State.AVAILABLE:
            first = next(iter(outcome.reasons), None)
            reason = (first.code, subject(first.facts)) if first else ("", "")
            found.setdefault((outcome.state, *reason), []).append(node)
    rows = [
        Hole(state=state, code=code, subject=about, nodes=tuple(nodes), gap=is_gap(state, strategy))
        for (state, code, about), nodes in found.items()
    ]
    return sorted(rows, key=lambda row: (not row.gap, SEVERITY[row.state], -len(row.nodes)))
