"""The screen of ``explain --node``: one node, rule by rule, with what passed too."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable

from kubectl_ds.core.verdict import Explanation, NodeVerdict
from kubectl_ds.draw.text import wrapped
from kubectl_ds.draw.theme import Paint
from kubectl_ds.draw.visible import visible
from kubectl_ds.words.overview import relevant, title, unread_sentence
from kubectl_ds.words.reasons import sentence
from kubectl_ds.words.story import (
    check_sentence,
    decision,
    health_sentence,
    meaning,
    pod_sentence,
)

_INDENT = " " * 8


def stories(explanation: Explanation, width: int, paint: Paint) -> str:
    """The story of each node in the explanation, in lines of at most ``width`` columns."""
    texts = [_story(title(explanation), verdict, width, paint) for verdict in explanation.nodes]
    note = unread_sentence(relevant(explanation))
    if note:
        texts.append(wrapped(note, width))
    return "\n\n".join(texts)


def _story(name: str, verdict: NodeVerdict, width: int, paint: Paint) -> str:
    lines = [
        _title(name, verdict, width, paint),
        textwrap.fill(meaning(verdict.state), width, initial_indent="  ", subsequent_indent="  "),
        "",
        _line("Node", health_sentence(verdict.health), width).strip(),
        "",
        "Placement",
        *_placement(verdict, width),
        "",
        "Pods" if verdict.pods else "Pods  none",
        *(_line("", pod_sentence(pod), width) for pod in verdict.pods),
    ]
    return "\n".join([*lines, *_reasons(verdict, width)])


def _title(name: str, verdict: NodeVerdict, width: int, paint: Paint) -> str:
    """The title, coloured after it is filled: colour takes no room on a line."""
    state = verdict.state.value
    filled = wrapped(f"DaemonSet {name} on node {verdict.node}: {state}", width)
    return re.sub(rf"{state}\Z", paint(state, verdict.state), filled)


def _placement(verdict: NodeVerdict, width: int) -> Iterable[str]:
    for check in verdict.checks:
        yield _line("pass" if check.passed else "FAIL", check_sentence(check), width)
    if not verdict.checks:
        yield _line("", "the template asks nothing of a node, and the node has no taints", width)
    yield _line("=>", decision(verdict), width)


def _reasons(verdict: NodeVerdict, width: int) -> Iterable[str]:
    """The reasons that the placement above does not tell already."""
    told = [check.facts for check in verdict.checks if not check.passed]
    reasons = [reason for reason in verdict.reasons if reason.facts not in told]
    if not reasons:
        return
    yield ""
    yield "Why"
    for reason in reasons:
        text = f"{reason.code} ({reason.source.value}): {sentence(reason.code, [reason.facts])}"
        yield _line("", text, width)


def _line(mark: str, text: str, width: int) -> str:
    lead = f"  {mark}".ljust(len(_INDENT)) if mark else "  "
    rest = _INDENT if mark else "    "
    return textwrap.fill(
        visible(text),
        width,
        initial_indent=lead,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
