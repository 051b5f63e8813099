"""The page of ``-o html``: one file that needs nothing else, not even a network.

What a reader without scripts needs is in the markup: the numbers and the table of DaemonSets. The
script adds sorting, the map of all nodes and their reasons, from data embedded as JSON.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import msgspec

from kubectl_ds.core.cover import Cover, share
from kubectl_ds.core.facts import NoNodeFacts
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import Unread
from kubectl_ds.core.reasons import State
from kubectl_ds.core.report import Report, blind
from kubectl_ds.core.roots import shared_nodes
from kubectl_ds.core.verdict import Explanation, by_cluster
from kubectl_ds.draw.page_data import Place, Sheet, Strip, content, is_plain, rows
from kubectl_ds.draw.theme import LETTERS
from kubectl_ds.draw.visible import visible
from kubectl_ds.words import coverage
from kubectl_ds.words.course import rollout_text
from kubectl_ds.words.overview import (
    behind,
    finding_line,
    headline,
    relevant,
    telling,
    title,
    unread_sentence,
)
from kubectl_ds.words.phrases import count, listing

_STYLE = "style.css"
_SCRIPTS = ("data.js", "table.js", "map.js", "nodes.js", "panel.js", "start.js")
# Data beyond so many characters is compressed: a mail has room for a few megabytes.
_PACK_ABOVE = 1_000_000
# What HTML or JavaScript would take for more than a character of a JSON string.
_UNSAFE = "<>&\u2028\u2029"

Context = dict[str, Any]


class Tile(Value, frozen=True):
    """One of the numbers at the top."""

    value: str
    label: str
    detail: str = ""


class Head(Value, frozen=True):
    """What stands above the table.

    Attributes:
        title: what the page is about.
        judged: the time at which that was judged; empty where nothing was.
        answer: the one sentence that a reader in a hurry takes along.
        caption: what the table shows.
        tiles: the numbers.
        notes: what to bear in mind; empty ones are left out.
        told: what was found of each DaemonSet as a whole.
    """

    title: str
    judged: str
    answer: str
    caption: str
    tiles: Sequence[Tile]
    notes: Sequence[str]
    told: Sequence[Context] = ()


def coverage_page(report: Report, needed: Sequence[Cover]) -> str:
    """The page on a fleet.

    Args:
        report: how far its DaemonSets reach.
        needed: the DaemonSets without which a node is blind.

    Returns:
        The whole HTML document.
    """
    known = {site.cluster: frozenset(node.name for node in site.nodes) for site in report.sites}
    strips = tuple(Strip(cover=cover, plain=known[cover.cluster]) for cover in report.covers)
    there = {(cluster, node) for cluster, nodes in known.items() for node in nodes}
    sheet = _sheet(strips, gone=_places(strips) - there)
    head = Head(
        title="DaemonSet coverage",
        judged=_moment(report.now),
        answer=visible(_answer(report.covers, report.lost)),
        caption="How far each DaemonSet reaches, the worst first",
        tiles=[
            *_tiles(report.covers),
            *_reach(report, needed),
            _size(report.covers, len(report.nodes)),
        ],
        notes=_shown(
            coverage.unverified(report.covers),
            unread_sentence((*report.not_checked, *report.lost)),
        ),
    )
    return _rendered(sheet, head)


def explanation_page(explanations: Sequence[Explanation], lost: Sequence[Unread] = ()) -> str:
    """The page on single DaemonSets: the same, and what was found of each as a whole.

    Args:
        explanations: the answers, in the order to show them.
        lost: of several clusters those of which nothing could be read.

    Returns:
        The whole HTML document.
    """
    strips = tuple(map(_strip, explanations))
    covers = [strip.cover for strip in strips]
    gone = {
        (item.cluster, verdict.node)
        for item in explanations
        for verdict in item.nodes
        if not verdict.health.exists
    }
    sizes: dict[str, int] = {}
    for cover in covers:
        sizes[cover.cluster] = max(sizes.get(cover.cluster, 0), cover.nodes)
    single = len(explanations) == 1
    answer = _single_answer(explanations[0]) if single else _answer(covers, lost)
    name = f"DaemonSet {title(explanations[0])}" if single else "DaemonSets explained"
    head = Head(
        title=visible(name),
        judged=_moment(max(x.now for x in explanations)) if explanations else "",
        answer=visible(answer),
        caption="How far each DaemonSet reaches",
        tiles=[*_tiles(covers), _size(covers, sum(sizes.values()))],
        notes=_shown(_narrowed(explanations), unread_sentence(lost)),
        told=[*_shared(explanations), *(_told(item, alone=single) for item in explanations)],
    )
    return _rendered(_sheet(strips, frozenset(gone)), head)


def _places(strips: Iterable[Strip]) -> frozenset[Place]:
    return frozenset(place for strip in strips for place in strip.places)


def _shown(*texts: str) -> list[str]:
    """Those that say something, made visible."""
    return [visible(text) for text in texts if text]


def _sheet(strips: tuple[Strip, ...], gone: frozenset[Place]) -> Sheet:
    """Where no Node was read, none of them can be told to be gone."""
    unread = any(strip.cover.is_unread("nodes") for strip in strips)
    return Sheet(nodes=_places(strips), gone=frozenset() if unread else gone, strips=strips)


def _strip(explanation: Explanation) -> Strip:
    """How far a DaemonSet reaches by its explanation, which may be cut down to some nodes."""
    states = explanation.states
    plain = frozenset(verdict.node for verdict in explanation.nodes if is_plain(verdict))
    cover = Cover(
        daemon_set=explanation.daemon_set,
        nodes=explanation.summary.nodes,
        desired=explanation.summary.desired,
        available=states.get(State.AVAILABLE, 0) + states.get(State.OUTDATED, 0),
        states=states,
        others={item.node: item for item in explanation.nodes if item.node not in plain},
        none_wanted=_none_wanted(explanation),
        not_checked=explanation.not_checked,
        cluster=explanation.cluster,
    )
    return Strip(cover=cover, plain=plain)


def _none_wanted(explanation: Explanation) -> NoNodeFacts | None:
    found = (finding.facts for finding in explanation.findings)
    return next((facts for facts in found if isinstance(facts, NoNodeFacts)), None)


def _moment(now: datetime) -> str:
    return f"{now.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"


# The numbers


def _answer(covers: Sequence[Cover], lost: Sequence[Unread] = ()) -> str:
    """The one sentence that a reader in a hurry takes along; a second one on lost clusters."""
    if not lost:
        return _gaps_answer(covers)
    names = listing(item.cluster for item in lost)
    return f"{_gaps_answer(covers)} Not read: {count(len(lost), 'cluster')}, {names}."


def _gaps_answer(covers: Sequence[Cover]) -> str:
    if not covers:
        return "There is no DaemonSet."
    if not all(cover.certain for cover in covers):
        return "Too little was read to tell every gap."
    worst = {coverage.title(cover): _gaps(cover) for cover in covers if _gaps(cover)}
    if not worst:
        return "No gap: every wanted pod is there."
    of = f"{len(worst):,} of {count(len(covers), 'DaemonSet')}"
    return f"{sum(worst.values()):,} {_gap_noun(sum(worst.values()))} in {of}: {listing(worst)}."


def _single_answer(explanation: Explanation) -> str:
    """The headline without the name, which is the page's title."""
    text = headline(explanation).removeprefix(f"DaemonSet {title(explanation)}: ")
    return f"{text[:1].upper()}{text[1:]}."


def _tiles(covers: Sequence[Cover]) -> list[Tile]:
    if not all(cover.certain for cover in covers):
        return [Tile(value="?", label="coverage", detail="too little was read to tell")]
    desired = sum(cover.desired for cover in covers)
    available = sum(cover.available for cover in covers)
    return [
        Tile(
            value=coverage.percent(share(available, desired, 1)),
            label="coverage",
            detail=f"{available:,} of {desired:,} wanted pods available",
        ),
        _gap_tile(covers),
    ]


def _gap_tile(covers: Sequence[Cover]) -> Tile:
    numbers = list(map(_gaps, covers))
    return Tile(
        value=f"{sum(numbers):,}",
        label=_gap_noun(sum(numbers)),
        detail=_kinds(covers),
    )


def _gaps(cover: Cover) -> int:
    return sum(cover.gap_states.values())


def _gap_noun(number: int) -> str:
    return "gap" if number == 1 else "gaps"


def _kinds(covers: Iterable[Cover]) -> str:
    """How many gaps are of which state: ``2 Missing, 1 Failed``."""
    numbers = Counter[State]()
    for cover in covers:
        numbers.update(cover.gap_states)
    return ", ".join(f"{numbers[state]:,}\xa0{state.value}" for state in State if numbers[state])


def _reach(report: Report, needed: Sequence[Cover]) -> list[Tile]:
    if not report.certain:
        return []
    lacking = len(blind(report, needed))
    return [
        Tile(
            value=coverage.percent(report.reach),
            label="reach",
            detail=f"{report.available:,} pods on {report.places:,} places, nodes × DaemonSets",
        ),
        Tile(
            value=f"{lacking:,}",
            label="blind node" if lacking == 1 else "blind nodes",
            detail=f"lack some of {listing(map(coverage.name, needed))}",
        ),
    ]


def _size(covers: Sequence[Cover], nodes: int) -> Tile:
    clusters = {cover.cluster for cover in covers if cover.cluster}
    where = f" in {count(len(clusters), 'cluster')}" if clusters else ""
    return Tile(
        value=f"{nodes:,}",
        label="node" if nodes == 1 else "nodes",
        detail=f"and {count(len(covers), 'DaemonSet')}{where}",
    )


# Explanations


def _narrowed(explanations: Sequence[Explanation]) -> str:
    """A note where the answers are cut down to some nodes, while the numbers are not."""
    shown: set[str] = set()
    narrowed = False
    for answers in by_cluster(explanations).values():
        own = {verdict.node for item in answers for verdict in item.nodes}
        narrowed |= len(own) < max(sum(item.states.values()) for item in answers)
        shown |= own
    if not narrowed:
        return ""
    return f"Shown here: {listing(sorted(shown))}; the numbers are of all nodes."


def _shared(explanations: Sequence[Explanation]) -> list[Context]:
    """What several of them have in common."""
    lines = _shown(*map(finding_line, shared_nodes(explanations)))
    return [{"headline": "", "findings": lines, "rollout": "", "notes": []}] if lines else []


def _told(explanation: Explanation, alone: bool) -> Context:
    """What was found of one as a whole; the headline of the only one is told already."""
    findings = map(finding_line, telling(explanation))
    return {
        "headline": "" if alone else visible(headline(explanation)),
        "findings": _shown(*findings),
        "rollout": visible(rollout_text(explanation)),
        "notes": _shown(behind(explanation), unread_sentence(relevant(explanation))),
    }


# The document


def _rendered(sheet: Sheet, head: Head) -> str:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    style, script = _packaged(_STYLE), "".join(map(_packaged, _SCRIPTS))
    data, encoding = _packed(_embeddable(content(sheet)))
    return environment.from_string(_packaged("template.html.j2")).render(
        head=head,
        rows=rows(sheet.strips),
        named=any(strip.cover.cluster for strip in sheet.strips),
        states=[{"name": state.value, "letter": LETTERS[state]} for state in State],
        style=style,
        script=script,
        data=data,
        encoding=encoding,
        policy=_policy(style, script),
    )


def _packaged(file: str) -> str:
    from importlib.resources import files

    return files("kubectl_ds.draw").joinpath("pages").joinpath(file).read_text(encoding="utf-8")


def _embeddable(data: Mapping[str, Any]) -> str:
    """JSON in which nothing can end the element around it."""
    text = msgspec.json.encode(data).decode()
    for character in _UNSAFE:
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _packed(text: str) -> tuple[str, str]:
    """The text and no encoding; much text as deflated base64, which browsers can unpack."""
    if len(text) <= _PACK_ABOVE:
        return text, ""
    from base64 import b64encode
    from zlib import compress

    return b64encode(compress(text.encode())).decode(), "deflate"


def _policy(style: str, script: str) -> str:
    """Nothing but the page's own style and script may act, and nothing may be fetched."""
    return (
        f"default-src 'none'; style-src {_source(style)}; script-src {_source(script)}; "
        "base-uri 'none'; form-action 'none'"
    )


def _source(text: str) -> str:
    from base64 import b64encode
    from hashlib import sha256

    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
