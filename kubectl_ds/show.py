"""Answers to the terminal, in the form that the flags ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from kubectl_ds.core.model import Unread
from kubectl_ds.core.roots import shared_nodes
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.verdict import Explanation, by_cluster, gaps
from kubectl_ds.draw.clusters import tabbed
from kubectl_ds.draw.visible import visible
from kubectl_ds.source import Flags
from kubectl_ds.terminal import columns, emit, paint
from kubectl_ds.words.clusters import none_found
from kubectl_ds.words.overview import (
    finding_line,
    is_certain,
    relevant,
    unread_sentence,
    without_gap,
)


def show(
    explanations: Sequence[Explanation],
    flags: Flags,
    scope: Scope,
    lost: Sequence[Unread] | None = None,
) -> None:
    """Write answers as the flags ask for; a sweep names those without a gap in one line.

    Args:
        explanations: the answers, in the order to show them.
        flags: the command's options, by their click names.
        scope: what was asked about.
        lost: of several clusters those of which nothing could be read; None where there is one.

    Raises:
        OutputError: the output can't be written.
    """
    output, sweep = flags["output"], not scope.names
    if not explanations and output not in ("json", "yaml"):
        emit(none_found(scope, lost is not None), err=True)
        return
    hide = sweep and not (flags["everything"] or flags["nodes"] or output == "html")
    hidden = [item for item in explanations if hide and _is_fine(item)]
    shown = [item for item in explanations if not (hide and _is_fine(item))]
    text = text_of(shown, flags, single=len(scope.names) == 1, lost=lost)
    if text:
        emit(text)
    if hidden:
        table = output in ("table", "wide")
        lines = [visible(without_gap(items)) for items in by_cluster(hidden).values()]
        emit(("\n" if text and table else "") + "\n".join(lines), err=not table)


def _is_fine(explanation: Explanation) -> bool:
    """Whether it is known that there is no gap."""
    return is_certain(explanation) and not gaps(explanation)


def text_of(
    explanations: Sequence[Explanation],
    flags: Flags,
    single: bool,
    lost: Sequence[Unread] | None = None,
) -> str:
    """Answers in the form that the flags ask for, without a line break at the end.

    Args:
        explanations: the answers, in the order to show them.
        flags: the command's options, by their click names.
        single: whether one DaemonSet was asked about, by its name.
        lost: see ``show``; several clusters make several answers.
    """
    output = flags["output"]
    if output in ("json", "yaml"):
        return _document(explanations, output, single, lost).rstrip("\n")
    if output == "markdown":
        from kubectl_ds.draw import markdown

        return markdown.explanations(explanations, lost or ()).rstrip("\n")
    if output == "html":
        from kubectl_ds.draw.page import explanation_page

        return explanation_page(explanations, lost or ()).rstrip("\n")
    if output == "name":
        names = ((x.cluster, f"daemonset.apps/{visible(x.daemon_set.name)}") for x in explanations)
        return "\n".join(tabbed(cluster, name) for cluster, name in names)
    alone = lost is None and (single or len(explanations) == 1)
    return "\n\n".join(_screens(explanations, flags, alone, single))


def content_of(
    explanations: Sequence[Explanation], single: bool, lost: Sequence[Unread] | None = None
) -> Any:
    """The document that tells answers; see ``text_of``."""
    from kubectl_ds.draw import document

    if single and lost is None:
        return document.explanation_document(explanations[0])
    return document.list_document(explanations, lost)


def _document(
    explanations: Sequence[Explanation],
    output: str,
    single: bool,
    lost: Sequence[Unread] | None,
) -> str:
    from kubectl_ds.draw import document

    content = content_of(explanations, single, lost)
    return document.as_json(content) if output == "json" else document.as_yaml(content)


def _screens(
    explanations: Sequence[Explanation], flags: Flags, alone: bool, single: bool
) -> Iterable[str]:
    """A screen for each answer; what none of several could check is told once, at the end."""
    from kubectl_ds.draw import table
    from kubectl_ds.draw.text import wrapped

    width = columns()
    if alone:
        yield _screen(explanations[0], flags, width)
        return
    colour, headers = paint(flags["color"]), not flags["no_headers"]
    if flags["output"] == "wide" and not headers:
        yield table.wide_rows(explanations, colour)
    elif flags["nodes"] and flags["output"] == "table" and not single:
        yield table.across(explanations, width, colour, headers)
    else:
        if headers:
            yield from _shared(explanations, width)
        for item in explanations:
            yield _screen(msgspec.structs.replace(item, not_checked=()), flags, width)
    unread = dict.fromkeys(each for item in explanations for each in relevant(item))
    note = unread_sentence(list(unread))
    if note and not flags["no_headers"]:
        yield wrapped(note, width)


def _shared(explanations: Sequence[Explanation], width: int) -> Iterable[str]:
    """What explains gaps of several DaemonSets at once, as one block."""
    from kubectl_ds.draw.text import wrapped

    lines = [wrapped(finding_line(item), width) for item in shared_nodes(explanations)]
    if lines:
        yield "\n".join(lines)


def _screen(explanation: Explanation, flags: Flags, width: int) -> str:
    from kubectl_ds.draw import story, table

    colour, headers = paint(flags["color"]), not flags["no_headers"]
    if flags["output"] == "wide":
        return table.wide(explanation, width, colour, headers)
    if flags["nodes"]:
        return story.stories(explanation, width, colour)
    return table.screen(explanation, width, colour, headers)
