"""The pages of the manual: what registry, manual and sentences have on each code, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from kubectl_ds.core.meta import Value
from kubectl_ds.core.reasons import FINDINGS, REASONS, ROWS, Info, State
from kubectl_ds.core.verdict import Finding
from kubectl_ds.manual import (
    ended,
    findings,
    missing,
    outdated,
    pending,
    placement,
    refused,
    unready,
    volumes,
)
from kubectl_ds.manual.entry import Entry
from kubectl_ds.manual.evidence import EvidenceKey, evidence_keys
from kubectl_ds.words.overview import finding_sentence
from kubectl_ds.words.reasons import sentence

REASON_ENTRIES: Mapping[str, Entry] = {
    **placement.ENTRIES,
    **missing.ENTRIES,
    **refused.ENTRIES,
    **pending.ENTRIES,
    **volumes.ENTRIES,
    **unready.ENTRIES,
    **ended.ENTRIES,
    **outdated.ENTRIES,
}
# What is reason and finding in one, of the same meaning, has one entry.
SHARED = tuple(code for code in FINDINGS if FINDINGS[code] == REASONS.get(code))
FINDING_ENTRIES: Mapping[str, Entry] = findings.ENTRIES


class CodePage(Value, frozen=True):
    """All there is to say of a code.

    Attributes:
        code: the reason's or finding's code.
        states: the states that it explains; none for a finding alone.
        finding: whether it is told of the DaemonSet as a whole.
        meaning: what it means.
        how: how Kubernetes decides it.
        source: the component that decides, and the file of its source.
        look: commands and hints for what to look at next.
        example: what the tool says of it.
        evidence: the keys behind it, those inside others included.
    """

    code: str
    states: tuple[State, ...]
    finding: bool
    meaning: str
    how: str
    source: str
    look: tuple[str, ...]
    example: str
    evidence: tuple[EvidenceKey, ...]


class Chapter(Value, frozen=True):
    """The codes of one state.

    Attributes:
        state: the state; None for the findings.
        pages: those that are told here.
        elsewhere: codes of the state whose page is in an earlier chapter.
    """

    state: State | None
    pages: tuple[CodePage, ...]
    elsewhere: tuple[str, ...]


def codes() -> tuple[str, ...]:
    """Every code that has a page."""
    return tuple(dict.fromkeys((*REASONS, *FINDINGS)))


def pages(code: str) -> tuple[CodePage, ...]:
    """A code's page; two where it is a reason, and a finding of another meaning.

    Raises:
        KeyError: there is no such code.
    """
    found = [_reason_page(code)] if code in REASONS else []
    if code in FINDINGS and code not in SHARED:
        found.append(_finding_page(code))
    if not found:
        raise KeyError(code)
    return tuple(found)


@cache
def chapters() -> tuple[Chapter, ...]:
    """The whole manual: a chapter for each state, with the codes new in it, and one of findings."""
    return (*_state_chapters(), _findings_chapter())


def _state_chapters() -> Iterator[Chapter]:
    told: set[str] = set()
    for state, row in ROWS.items():
        if row:
            own = tuple(_reason_page(code) for code in row if code not in told)
            yield Chapter(
                state=state, pages=own, elsewhere=tuple(code for code in row if code in told)
            )
            told.update(row)


def _findings_chapter() -> Chapter:
    own = tuple(_finding_page(code) for code in FINDINGS if code not in SHARED)
    return Chapter(state=None, pages=own, elsewhere=SHARED)


def _reason_page(code: str) -> CodePage:
    entry = REASON_ENTRIES[code]
    states = tuple(state for state, row in ROWS.items() if code in row)
    example = sentence(code, [entry.example])
    return _page(code, REASONS[code], entry, states, example)


def _finding_page(code: str) -> CodePage:
    entry = FINDING_ENTRIES[code]
    root = findings.ROOTS.get(code)
    example = finding_sentence(Finding(code=code, facts=entry.example, root=root))
    return _page(code, FINDINGS[code], entry, (), example)


def _page(code: str, info: Info, entry: Entry, states: tuple[State, ...], example: str) -> CodePage:
    return CodePage(
        code=code,
        states=states,
        finding=not states or code in SHARED,
        meaning=info.meaning,
        how=entry.how,
        source=entry.source,
        look=entry.look,
        example=example,
        evidence=tuple(evidence_keys(info.facts)),
    )
