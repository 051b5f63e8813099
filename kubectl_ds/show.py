"""Answers to the terminal, in the form that the flags ask for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kubectl_ds.core.roots import shared_nodes
from kubectl_ds.core.scope import Scope
from kubectl_ds.core.verdict import Explanation, gaps
from kubectl_ds.draw.visible import visible
from kubectl_ds.source import Flags
from kubectl_ds.terminal import columns, emit, paint
from kubectl_ds.words.overview import (
    finding_line,
    is_certain,
    relevant,
    unread_sentence,
    without_gap,
)


def show(explanations: Sequence[Explanation], flags: Flags, scope: Scope) -> None:
    """Write answers as the flags ask for; a sweep names those without a gap in one line.

    Args:
        explanations: the answers, in the order to show them.
        flags: the command's options, by their click names.
        scope: what was asked about.

    Raises:
        OutputError: the output can't be written.
    """
    output, sweep = flags["output"], not scope.names
    if not explanations and output not in ("json", "yaml"):
        where = f" in {scope.namespace} namespace" if scope.namespace else ""
        emit(f"No DaemonSets found{where}.", err=True)
        return
    hide = sweep and not (flags["everything"] or flags["nodes"] or output == "html")
    hidden = [item for item in explanations if hide and _is_fine(item)]
    shown = [item for item in explanations if not (hide and _is_fine(item))]
    text = _text(shown, flags, single=len(scope.names) == 1)
    if text:
        emit(text)
    if hidden:
        table = output in ("table", "wide")
        emit(("\n" if text and table else "") + visible(without_gap(hidden)), err=not table)


def _is_fine(explanation: Explanation) -> bool:
    """Whether it is known that there is no gap."""
    return is_certain(explanation) and not gaps(explanation)


def _text(explanations: Sequence[Explanation], flags: Flags, single: bool) -> str:
    output = flags["output"]
    if output in ("json", "yaml"):
        return _document(explanations, output, single).rstrip("\n")
    if output == "markdown":
        from kubectl_ds.draw import markdown

        return markdown.explanations(explanations).rstrip("\n")
    if output == "html":
        from kubectl_ds.draw.page import explanation_page

        return explanation_page(explanations).rstrip("\n")
    if output == "name":
        return "\n".join(f"daemonset.apps/{visible(x.daemon_set.name)}" for x in explanations)
    return "\n\n".join(_screens(explanations, flags, single))


def _document(explanations: Sequence[Explanation], output: str, single: bool) -> str:
    from kubectl_ds.draw import document

    content = (
        document.explanation_document(explanations[0])
        if single
        else document.list_document(explanations)
    )
    return document.as_json(content) if output == "json" else document.as_yaml(content)


def _screens(explanations: Sequence[Explanation], flags: Flags, single: bool) -> Iterable[str]:
    """A screen for each answer; what none of several could check is told once, at the end."""
    from kubectl_ds.draw import table
    from kubectl_ds.draw.text import wrapped

    width = columns()
    if single or len(explanations) == 1:
        yield _screen(explanations[0], flags, width)
        return
    colour, headers = paint(flags["color"]), not flags["no_headers"]
    if flags["output"] == "wide" and not headers:
        yield table.wide_rows(explanations, colour)
    elif flags["nodes"] and flags["output"] == "table":
        yield table.across(explanations, width, colour, headers)
    else:
        if headers:
            yield from _shared(explanations, width)
        for item in explanations:
            yield _screen(msgspec.structs.replace(item, not_checked=()), flags, width)
    unread = dict.fromkeys(each for item in explanations for each in relevant(item))
    if unread and not flags["no_headers"]:
        yield wrapped(unread_sentence(list(unread)), width)


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
