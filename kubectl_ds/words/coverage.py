"""Short texts on how far DaemonSets reach: shares, holes, and what falls short."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from kubectl_ds.core.cover import Cover, Hole, holes
from kubectl_ds.core.groups import SHORT_NAMES
from kubectl_ds.core.line import Line, Shortfall, shortfalls
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Group, Part, Report
from kubectl_ds.words.overview import why_none
from kubectl_ds.words.phrases import count, in_cluster, listing


def percent(share: Fraction) -> str:
    """A share of 0 to 1 in whole percent, never rounded up: only all of it is ``100%``.

    What is more than nothing and less than one percent is ``<1%``.
    """
    whole = share.numerator * 100 // share.denominator
    return "<1%" if share and not whole else f"{whole}%"


def name(cover: Cover) -> str:
    """``namespace/name``."""
    return f"{cover.daemon_set.namespace}/{cover.daemon_set.name}"


def title(cover: Cover) -> str:
    """``namespace/name``, and of several clusters the one that it is in."""
    return f"{name(cover)}{in_cluster(cover.cluster)}"


def hole(row: Hole) -> str:
    """``4 UntoleratedTaint dedicated=gpu:NoSchedule (Excluded)``."""
    words = [str(len(row.nodes)), row.code, row.subject, f"({row.state.value})"]
    return " ".join(filter(None, words))


def none_wanted(cover: Cover) -> str:
    """Why a DaemonSet wants no node at all; empty where it wants some."""
    return f"wants no node: {why_none(cover.none_wanted)}" if cover.none_wanted else ""


def fleet(report: Report) -> str:
    """The bottom line: how much of what is wanted is there, and how much of the fleet it is."""
    sizes = [clusters(report)] if report.named else []
    sizes += [count(len(report.nodes), "node")] if report.knows_nodes else []
    lead = f"Fleet: {', '.join([*sizes, count(len(report.covers), 'DaemonSet')])}: "
    if not report.certain:
        return f"{lead}how far they reach can't be told from what was read"
    if not report.desired:
        return f"{lead}no pod is wanted on any node"
    return (
        f"{lead}{report.available} of {report.desired} wanted pods available, "
        f"coverage {percent(report.coverage)}, reach {percent(report.reach)}"
    )


def clusters(report: Report) -> str:
    """In how many clusters there is any of the DaemonSets: ``2 clusters``, ``2 of 3 clusters``.

    The larger number has the clusters, too, of which nothing could be read.
    """
    some = len(report.apart)
    known = f"{some} of " if report.lost else ""
    return known + count(some + len(report.lost), "cluster")


def unverified(covers: Sequence[Cover]) -> str:
    """Which rows stand on the reported status alone; empty where there is none."""
    names = [title(cover) for cover in covers if not cover.verified]
    if not names:
        return ""
    return (
        f"Not verified (~): {count(len(names), 'DaemonSet')} as the controller last reported, "
        "whose pods were not read; one that is being deleted still counts as available there, "
        "and one on a deleted node does not show."
    )


def behind(covers: Iterable[Cover]) -> str:
    """Whose reported status does not know the nodes that are wanted by now; maybe empty."""
    texts = [
        f"{title(cover)} ({cover.reported} reported, {cover.desired} counted anew)"
        for cover in covers
        if cover.certain and cover.reported != cover.desired
    ]
    return f"The reported DESIRED is behind: {listing(texts)}." if texts else ""


def lacking(group: Group) -> list[str]:
    """What is lacking in a group of nodes: gaps first, then what is excluded from all of it.

    Of a single DaemonSet the reasons are told.
    """
    if not group.certain:
        return []
    if len(group.parts) == 1:
        return [hole(row) for row in holes(group.parts[0].cover, frozenset(group.nodes))]
    size = len(group.nodes)
    parts = sorted(group.parts, key=lambda part: part.available - part.desired)
    partial = [part for part in parts if part.gaps or part.available]
    none = [name(part.cover) for part in parts if part not in partial]
    texts = [_lacking(part, size) for part in partial if part.gaps or part.available < size]
    if none and len(none) == len(parts) > 1:
        return [f"none of the {len(none)} DaemonSets"]
    return texts + ([f"none of {listing(none)}"] if none else [])


def _lacking(part: Part, nodes: int) -> str:
    reached = f"on {part.available} of {nodes}" if part.available else "on none"
    parts = [f"{number} {state.value}" for state, number in part.gaps.items()]
    parts += [f"{part.excluded} {State.EXCLUDED.value}"] if part.excluded else []
    return f"{name(part.cover)} {reached}" + (f" ({', '.join(parts)})" if parts else "")


def blind_headline(nodes: int, asked: Sequence[Cover], named: bool, known: bool) -> str:
    """How many nodes are blind, and for what.

    Args:
        nodes: how many nodes lack some of the DaemonSets.
        asked: the DaemonSets.
        named: whether the user named them; else they are for more than half the fleet.
        known: whether enough was read to tell.
    """
    if not known:
        return "Which nodes are blind can't be told from what was read."
    if not asked:
        return "No DaemonSet is for more than half the fleet; name those that every node needs."
    for_most = "" if named else " for more than half the fleet"
    distinct = dict.fromkeys(map(name, asked))
    names = f"{count(len(distinct), 'DaemonSet')}{for_most}: {listing(distinct)}"
    if not nodes:
        return f"No node is blind: each has an available pod of {names}."
    return f"{count(nodes, 'node')} {'lacks' if nodes == 1 else 'lack'} some of {names}"


def no_such_label(given: str) -> str:
    """That ``--by`` makes no groups, and what to give instead."""
    if given in SHORT_NAMES:
        return f"no node has any of the labels that {given} stands for; give the label's own key"
    return f"no node has the label {given}; short names are {', '.join(SHORT_NAMES)}"


def label(group: Group) -> str:
    """A group's value as a table shows it."""
    return "<none>" if group.value is None else group.value or '""'


def shortfall(short: Shortfall) -> str:
    """``logging/fluentd: coverage 80% (12 of 15) is below 95%``."""
    cover = short.cover
    whole = cover.desired if short.what == "coverage" else cover.nodes
    share = cover.coverage if short.what == "coverage" else cover.reach
    least = f"{float(short.least * 100):g}%"
    return (
        f"{title(cover)}: {short.what} {percent(share)} ({cover.available} of {whole}) "
        f"is below {least}"
    )


def failures(
    covers: Iterable[Cover], line: Line, gaps: bool, named: bool
) -> dict[tuple[str, str, str], str]:
    """Which DaemonSets fail a check, by ``Cover.key``, and why in one sentence.

    Args:
        covers: how far they reach.
        line: the shares that none of them may fall below.
        gaps: whether a gap fails the check too.
        named: whether they were asked for by name, so that one that wants no node fails.
    """
    found: dict[tuple[str, str, str], str] = {}
    for cover in covers:
        texts = [shortfall(item) for item in shortfalls([cover], line)]
        if not cover.certain:
            texts = ["too little was read to tell how far it reaches"]
        elif gaps and cover.gaps:
            texts.append(f"{count(len(cover.gaps), 'gap')} on {count(cover.nodes, 'node')}")
        if cover.certain and gaps and named and not cover.desired:
            texts.append(none_wanted(cover))
        if texts:
            found[cover.key] = "; ".join(texts)
    return found
