"""What the HTML page shows: a row for each DaemonSet, and every node's state for the script.

Outcomes and reasons are held once and named by number. A DaemonSet has the nodes that it plainly
covers for granted and lists the others. All text passes `visible` on its way in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import accumulate
from typing import Any

import msgspec

from kubectl_ds.core.cover import Cover, Hole, holes
from kubectl_ds.core.fold import SEVERITY, natural
from kubectl_ds.core.meta import Value
from kubectl_ds.core.reasons import MEANINGS, Reason, State
from kubectl_ds.core.verdict import Outcome, is_gap
from kubectl_ds.draw.clusters import shown
from kubectl_ds.draw.theme import GLYPHS, LETTERS
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.coverage import hole, name, none_wanted, percent, title
from kubectl_ds.words.reasons import sentence
from kubectl_ds.words.story import fate

# The rank of a cell of which nothing is known, such as a DaemonSet's on another one's lost node.
NOTHING = len(State)
_ROOM = 16  # letters of a cluster's name beside a strip


# A node of a page: the name of its cluster, empty where there is but one, and its own.
Place = tuple[str, str]


class Strip(Value, frozen=True):
    """One DaemonSet across the nodes of its cluster.

    Attributes:
        cover: how far it reaches.
        plain: the nodes on which its pod is plainly there, and maybe some of `cover.others`.
    """

    cover: Cover
    plain: frozenset[str]

    @property
    def places(self) -> Iterator[Place]:
        """Every node that it tells of; some more than once."""
        cluster = self.cover.cluster
        yield from ((cluster, node) for node in self.plain)
        yield from ((cluster, node) for node in self.cover.others)


class Sheet(Value, frozen=True):
    """All strips of a page.

    Attributes:
        nodes: every node that any of them tells of.
        gone: those of them that no longer exist.
        strips: one for each DaemonSet, in the order to show them.
    """

    nodes: frozenset[Place]
    gone: frozenset[Place]
    strips: tuple[Strip, ...]


def content(sheet: Sheet) -> dict[str, Any]:
    """Everything that the script needs, in what JSON can hold.

    The nodes of a cluster stand together. Where there are several, ``clusters`` has for each the
    place of its first node and of the one past its last, and each set the number of its own.
    """
    clusters = list(dict.fromkeys(strip.cover.cluster for strip in sheet.strips))
    groups = [_ordered(sheet, cluster) for cluster in clusters]
    places = [place for group in groups for place in group]
    starts = list(accumulate(map(len, groups), initial=0))
    pool = _Pool()
    sets = []
    for strip in sheet.strips:
        number = clusters.index(strip.cover.cluster)
        own = {} if clusters == [""] else {"cluster": number}
        sets.append({**own, **_set(strip, groups[number], starts[number], pool)})
    named = [
        {"name": visible(name), "from": first, "past": past}
        for name, first, past in zip(clusters, starts, starts[1:], strict=False)
        if name
    ]
    return {
        "states": [_state(state) for state in State],
        "nodes": [visible(node) for _, node in places],
        "gone": [number for number, place in enumerate(places) if place in sheet.gone],
        **({"clusters": named} if named else {}),
        "sets": sets,
        "outcomes": pool.outcomes,
        "reasons": pool.reasons,
    }


def _state(state: State) -> dict[str, str]:
    return {
        "name": state.value,
        "letter": LETTERS[state],
        "glyph": GLYPHS[state],
        "meaning": MEANINGS[state],
    }


def _ordered(sheet: Sheet, cluster: str) -> list[Place]:
    """The nodes of a cluster, the worst state first, and those that are alike side by side."""
    own = {node for name, node in sheet.nodes if name == cluster}
    names = sorted(own, key=natural)
    columns = [_ranks(x, names) for x in sheet.strips if x.cover.cluster == cluster]
    rows = sorted(zip(names, zip(*columns, strict=True), strict=True), key=_worst)
    return [(cluster, node) for node, _ in rows]


def _worst(row: tuple[str, tuple[int, ...]]) -> tuple[int, tuple[int, ...]]:
    return min(row[1]), row[1]


def _ranks(strip: Strip, names: Iterable[str]) -> bytes:
    others, covered = strip.cover.others, SEVERITY[State.AVAILABLE]
    known = {node: SEVERITY[outcome.state] for node, outcome in others.items()}
    return bytes(known.get(node, covered if node in strip.plain else NOTHING) for node in names)


def _set(strip: Strip, nodes: Sequence[Place], start: int, pool: _Pool) -> dict[str, Any]:
    """A DaemonSet: ``on`` has the numbers of nodes not plainly covered, ``is`` what is there.

    An outcome of -1 stands for a node of which nothing is known.

    Args:
        strip: the DaemonSet.
        nodes: the nodes of its cluster.
        start: the number of the first one.
        pool: where outcomes are held.
    """
    cover = strip.cover
    strategy = cover.daemon_set.spec.update_strategy.type
    numbered = enumerate((node for _, node in nodes), start)
    differing = [(number, node) for number, node in numbered if _differs(strip, node)]
    found = (cover.others.get(node) for _, node in differing)
    return {
        "name": visible(name(cover)),
        "verified": cover.verified,
        "gaps": [SEVERITY[state] for state in State if is_gap(state, strategy)],
        "on": [number for number, _ in differing],
        "is": [pool.outcome(outcome) if outcome else -1 for outcome in found],
    }


def _differs(strip: Strip, node: str) -> bool:
    outcome = strip.cover.others.get(node)
    return not is_plain(outcome) if outcome else node not in strip.plain


def is_plain(outcome: Outcome) -> bool:
    """Whether there is nothing to say but that the pod is there."""
    return outcome.state is State.AVAILABLE and not outcome.reasons


class _Pool:
    """Outcomes and reasons, each held once.

    Attributes:
        outcomes: for each the state's rank, the numbers of its reasons, and what else to say.
        reasons: for each what the page shows of it.
    """

    def __init__(self) -> None:
        self.outcomes: list[Any] = []
        self.reasons: list[dict[str, Any]] = []
        self._by_identity: dict[int, int] = {}
        self._by_content: dict[Any, int] = {}
        self._by_reason: dict[Reason, int] = {}

    def outcome(self, outcome: Outcome) -> int:
        """The number of an outcome; one that many nodes share is looked up without a comparison."""
        number = self._by_identity.get(id(outcome))
        if number is None:
            number = self._by_identity[id(outcome)] = self._outcome(outcome)
        return number

    def _outcome(self, outcome: Outcome) -> int:
        reasons = tuple(map(self._reason, outcome.reasons))
        more = tuple(fate(outcome.state, outcome.keeps, _codes(outcome)))
        content = (SEVERITY[outcome.state], reasons, more)
        number = self._by_content.setdefault(content, len(self.outcomes))
        if number == len(self.outcomes):
            self.outcomes.append(content)
        return number

    def _reason(self, reason: Reason) -> int:
        number = self._by_reason.setdefault(reason, len(self.reasons))
        if number == len(self.reasons):
            self.reasons.append(_reason(reason))
        return number


def _codes(outcome: Outcome) -> Collection[str]:
    return [reason.code for reason in outcome.reasons]


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": visible(reason.code),
        "source": reason.source.value,
        "message": visible(sentence(reason.code, [reason.facts])),
        "evidence": _visible(msgspec.to_builtins(reason.facts)),
    }


def _visible(value: Any) -> Any:
    """The same with all text made visible; keys are names of fields."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {key: _visible(item) for key, item in value.items()}
    return list(map(_visible, value)) if isinstance(value, list | tuple) else value


def rows(strips: Sequence[Strip]) -> list[dict[str, Any]]:
    """The rows of the table, for the template; ``strip`` is a name that has to be short."""
    known = shown({x.cover.cluster for x in strips if x.cover.cluster}, _ROOM)
    places = {"": "", **{cluster: f" in {text}" for cluster, text in known.items()}}
    return [{"strip": visible(name(x.cover)) + places[x.cover.cluster], **_row(x)} for x in strips]


def _row(strip: Strip) -> dict[str, Any]:
    cover = strip.cover
    return {
        "cluster": visible(cover.cluster),
        "name": visible(name(cover)),
        "title": visible(title(cover)),
        "nodes": cover.nodes,
        "desired": cover.desired,
        "known": cover.certain,
        "available": cover.available,
        "coverage": _share(cover, cover.coverage),
        "coverage_share": float(cover.coverage),
        "bar": _bar(cover.coverage) if cover.desired and cover.certain else None,
        "reach": percent(cover.reach) if cover.certain else "?",
        "reach_share": float(cover.reach),
        "gaps": sum(cover.gap_states.values()),
        "verified": cover.verified,
        "none_wanted": visible(none_wanted(cover)),
        "holes": list(map(_hole, holes(cover))),
        "states": ", ".join(f"{number} {state.value}" for state, number in cover.states.items()),
    }


def _share(cover: Cover, coverage: Fraction) -> str:
    if not cover.certain:
        return "?"
    return percent(coverage) if cover.desired else "–"


def _bar(share: Fraction) -> float:
    """How much of the bar is full, in percent; what is lacking stays wide enough to be seen."""
    return 100.0 if share == 1 else min(float(share) * 100, 95.0)


def _hole(found: Hole) -> dict[str, Any]:
    return {
        "kind": found.state.value.lower(),
        "letter": LETTERS[found.state],
        "text": visible(hole(found)),
        "gap": found.gap,
    }
